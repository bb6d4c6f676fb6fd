"""Worker processes for what would block the event loop: scoring, and the builtin prover's search.

Workers die with their parent, kill -9 included, and a worker that dies (out of memory, a crash in a solver) costs the
one attempt that killed it, which is scored ``checker_limit``, and nothing else.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Self

from proofgrid.scoring import Job, score_jobs
from proofgrid.tasks import Score

Pending = tuple["Future[list[tuple[str, Score]]]", str, Sequence[Job]]


def die_with_parent(parent: int) -> None:
    """Initializer of a worker: ignore Ctrl-C (the parent decides) and end when the parent has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    if sys.platform == "linux":
        # prctl(PR_SET_PDEATHSIG, SIGKILL) acts at once; the thread below covers a parent that is gone already.
        import ctypes

        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
    threading.Thread(target=watch, daemon=True).start()


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
            # spawn: a forked child would inherit the run's lock and the event loop's sockets.
            self._executor = ProcessPoolExecutor(
                self.processes, mp_context=get_context("spawn"), initializer=die_with_parent, initargs=(os.getpid(),)
            )
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
        """Score one attempt; ``checker_limit`` where it breaks its worker."""
        if not self.unusable:
            try:
                result: list[tuple[str, Score]] = self.submit(score_jobs, folder, [job]).result()
                return result[0]
            except BrokenExecutor:
                if self._works():
                    return job[0], Score("checker_limit", feedback="the scoring process ended on this answer")
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
    folder: str, jobs: Iterable[Job], processes: int = 2, chunk: int = 64, progress: object = None
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
