"""Scoring while a run goes on: attempts are gathered into chunks, scored by worker processes, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import BrokenExecutor

from proofgrid.models.completion import Completion
from proofgrid.run.store import RunStore
from proofgrid.run.workers import Job, Workers, score_jobs
from proofgrid.scoring import early_score, scorer_fingerprint
from proofgrid.tasks import Score

CHUNK = 32
FEW = 16
"""So many answers are scored in a thread: starting worker processes costs more than they do."""
WAITING_AT_MOST = 2048
"""Unscored answers held in memory; beyond it, asking waits for scoring."""


class LiveScorer:
    """Scores attempts of one run in the background of its event loop."""

    def __init__(self, store: RunStore, workers: Workers, notify: Callable[[str], None]) -> None:
        self._store = store
        self._notify = notify
        self._policy = store.policy()
        self._workers = workers
        self._folder = str(store.path.absolute())
        self.fingerprint = scorer_fingerprint()
        self._waiting: list[tuple[Job, Callable[[Score], None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._chunks: set[asyncio.Task[None]] = set()
        self._held = 0
        self._reported = False
        self._seen = 0

    async def later(self, key: str, item: str, completion: Completion, then: Callable[[Score], None]) -> None:
        """Score on the side and call ``then``; waits only if too much is unscored."""
        early = early_score(completion, self._policy)
        if early is not None:
            self._keep([(key, early)])
            then(early)
            return
        self._waiting.append(((key, item, completion), then))
        self._held += 1
        if len(self._waiting) >= CHUNK:
            self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(0.05, self._flush)
        while self._held > WAITING_AT_MOST and self._chunks:
            await asyncio.wait(self._chunks, return_when=asyncio.FIRST_COMPLETED)

    async def score(self, key: str, item: str, completion: Completion) -> Score:
        """Score now."""
        done: asyncio.Future[Score] = asyncio.get_running_loop().create_future()
        await self.later(key, item, completion, done.set_result)
        return await done

    async def drain(self) -> None:
        """Wait until everything is scored."""
        self._flush()
        while self._chunks:
            await asyncio.wait(self._chunks)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            chunk, self._waiting = self._waiting[:CHUNK], self._waiting[CHUNK:]
            task = asyncio.create_task(self._chunk(chunk))
            self._chunks.add(task)
            task.add_done_callback(self._chunks.discard)

    async def _chunk(self, chunk: list[tuple[Job, Callable[[Score], None]]]) -> None:
        jobs = [job for job, _ in chunk]
        self._seen += len(jobs)
        try:
            if self._seen <= FEW or self._workers.unusable:
                scores = dict(await asyncio.to_thread(score_jobs, self._folder, jobs))
            else:
                scores = dict(await asyncio.wrap_future(self._workers.submit(score_jobs, self._folder, jobs)))
        except BrokenExecutor:
            scores = {}
            for job in jobs:
                scores.update([await asyncio.to_thread(self._workers.score_alone, self._folder, job)])
        self._held -= len(chunk)
        self._keep(list(scores.items()))
        for (key, item, _), then in chunk:
            self._report(item, scores[key])
            then(scores[key])

    def _report(self, item: str, score: Score) -> None:
        """One line on the screen for the first answer that our own code failed to judge."""
        if score.outcome == "scorer_error" and not self._reported:
            self._reported = True
            self._notify(
                f"{item}: {score.feedback}; its traceback is kept (`proofgrid show RUN {item}`), the answer counts as "
                "missing, and `proofgrid score` judges it again"
            )

    def _keep(self, scores: list[tuple[str, Score]]) -> None:
        self._store.add_scores(self.fingerprint, scores)
