"""Worker processes for what would block the event loop: scoring, and the builtin prover's search.

Workers die with their parent, kill -9 included, and a worker that dies (out of memory, a crash in a solver) costs the
one attempt that killed it, and nothing else.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from itertools import islice
from types import TracebackType
from typing import Any, Self

from proofgrid.models.completion import Completion
from proofgrid.run.store import RunStore
from proofgrid.scoring import ErrorPolicy, score_completion, scorer_error
from proofgrid.tasks import Item, Score
from proofgrid.tasks.making.parallel import worker_pool

Job = tuple[str, str, Completion]
"""What a worker scores: attempt key, item id, completion."""
Pending = tuple["Future[list[tuple[str, Score]]]", str, Sequence[Job]]


def score_jobs(folder: str, jobs: Sequence[Job]) -> list[tuple[str, Score]]:
    """Score in a worker process: items are read from the run's store there, and kept."""
    reader = _reader(folder)
    return [(key, score_completion(reader.item(item), completion, reader.policy)) for key, item, completion in jobs]


class _Reader:
    """The items of one run, the latest few hundred kept, and what an api_error is in it."""

    def __init__(self, folder: str) -> None:
        self._store = RunStore.read(folder)
        self._kept: dict[str, Item] = {}
        self.policy: ErrorPolicy = self._store.policy()

    def item(self, name: str) -> Item:
        if name not in self._kept:
            if len(self._kept) >= 512:
                self._kept.clear()
            self._kept[name] = self._store.item(name).problem
        return self._kept[name]


_local = threading.local()


def _reader(folder: str) -> _Reader:
    """A reader of the run's store, one a thread (SQLite's connections are bound to theirs)."""
    if getattr(_local, "folder", None) != folder:
        _local.reader, _local.folder = _Reader(folder), folder
    reader: _Reader = _local.reader
    return reader


class Workers:
    """A pool that starts on first use, and again after a worker broke it. Thread-safe enough for one event loop."""

    def __init__(self, processes: int | None = None) -> None:
        self.processes = processes or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None
        self.unusable = False
        """Whether no worker can start here (a script without a ``__main__`` guard, no memory): threads do the work."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def executor(self) -> ProcessPoolExecutor:
        """The pool, started."""
        if self._executor is None:
            self._executor = worker_pool(self.processes)
        return self._executor

    def close(self, wait: bool = True) -> None:
        """Stop; what has not started is dropped."""
        if self._executor is not None:
            self._executor.shutdown(wait=wait, cancel_futures=True)
            self._executor = None

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Run ``function`` in a worker."""
        try:
            return self.executor().submit(function, *arguments)
        except BrokenExecutor:
            self.close(wait=False)
            return self.executor().submit(function, *arguments)

    def submit_scores(self, folder: str, jobs: Sequence[Job]) -> Pending:
        """Start scoring a chunk of attempts."""
        return self.submit(score_jobs, folder, jobs), folder, jobs

    def scores_of(self, pending: Pending) -> list[tuple[str, Score]]:
        """Wait for a chunk. Where it broke its worker, its attempts are tried one by one."""
        future, folder, jobs = pending
        try:
            return future.result()
        except BrokenExecutor:
            return [self.score_alone(folder, job) for job in jobs]

    def score_alone(self, folder: str, job: Job) -> tuple[str, Score]:
        """Score one attempt, which has no score of the task's if it breaks its worker."""
        if not self.unusable:
            try:
                result: list[tuple[str, Score]] = self.submit(score_jobs, folder, [job]).result()
                return result[0]
            except BrokenExecutor:
                if self._works():
                    return job[0], scorer_error("the scoring process ended on this answer", "")
                self.unusable = True
        return score_jobs(folder, [job])[0]

    def _works(self) -> bool:
        """Whether a worker can start and do something harmless."""
        try:
            self.submit(os.getpid).result()
        except BrokenExecutor:
            return False
        return True


def score_all(
    folder: str, jobs: Iterable[Job], processes: int = 2, chunk: int = 64
) -> Iterator[list[tuple[str, Score]]]:
    """Scores of many attempts, chunk by chunk as they are done, over ``processes`` worker processes.

    At most two chunks a process are in flight, so memory does not grow with the run. Few attempts (one chunk) are
    scored here: a process costs more than they do.
    """
    source = iter(jobs)
    first = list(islice(source, chunk))
    if len(first) < chunk or processes < 2:
        while first:
            yield score_jobs(folder, first)
            first = list(islice(source, chunk))
        return
    with Workers(processes) as workers:
        pending = [workers.submit_scores(folder, first)]
        while pending:
            while len(pending) < 2 * processes and (more := list(islice(source, chunk))):
                pending.append(workers.submit_scores(folder, more))
            yield workers.scores_of(pending.pop(0))
