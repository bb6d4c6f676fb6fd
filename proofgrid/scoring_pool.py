"""Worker processes that score answers and check proofs for whoever calls: a trainer, a service, a notebook.

A worker is ``python -m proofgrid.scoring_pool`` behind two pipes, not a ``multiprocessing`` child: it imports nobody's
``__main__``, so that it starts from a script without a guard, from a notebook, in a forked or spawned child and in any
thread, and it ends when its pipe does. Nothing here uses signals. A worker that dies costs nothing: its answer is
scored again by another, and only an answer that kills three workers has no score.
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import LifoQueue
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from proofgrid.tasks import Item, Score

log = logging.getLogger("proofgrid.scoring_pool")
_LENGTH = struct.Struct(">Q")
CHUNK = 16
"""Jobs that a worker takes at once, so that none waits long for the last of a batch."""
TRIES = 3
"""How many workers a job may kill."""
STARTS = 10
"""How often in a row a worker may end before it is ready."""


class Job(Protocol):
    """What a worker does: a small picklable object of a class that it can import."""

    def run(self) -> Any:
        """Do it. What it raises is reported on stderr, and the result is None."""


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """One answer to score."""

    item: Item
    text: str

    def run(self) -> Score:
        """The answer's score."""
        from proofgrid.tasks import get_task

        return get_task(self.item.task).score(self.item, self.text)


class _NotSentError(Exception):
    """What was to be sent cannot be written down, as where it is nested too deep; nothing was sent."""


def _send(stream: IO[bytes], value: Any) -> None:
    try:
        data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # whatever an object's own ways of being pickled raise
        raise _NotSentError(repr(error)) from error
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    data = stream.read(_LENGTH.unpack(head)[0])
    return pickle.loads(data)  # nosec B301


class _Worker:
    """One process; used by one thread at a time."""

    def __init__(self) -> None:
        self.ready = self.late = False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "proofgrid.scoring_pool"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )

    def results(self, jobs: Sequence[Job], timeout: float | None) -> Iterator[Any]:
        """Results in order, as they are made (None: the job failed). EOFError where the process ended first.

        Each job has ``timeout`` seconds, then the process is killed.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if not self.ready:
            self.ready = bool(_receive(self.process.stdout))
        _send(self.process.stdin, jobs)
        for _ in jobs:
            timer = threading.Timer(timeout, self._stop_late) if timeout is not None else None
            if timer is not None:
                timer.daemon = True
                timer.start()
            try:
                yield _receive(self.process.stdout)
            finally:
                if timer is not None:
                    timer.cancel()

    def _stop_late(self) -> None:
        self.late = True
        self.process.kill()

    def end(self) -> None:
        """Stop the process."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was not yet written has no reader
                    stream.close()
        self.process.wait()


class ScoringPool:
    """At most ``workers`` processes (None: one a core), started when first needed. Thread-safe."""

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"a pool has at least one worker, not {workers}")
        self.workers = workers or os.cpu_count() or 1
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
        for _ in range(self.workers):
            self._idle.put(None)  # a place for a worker that is not yet started
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="proofgrid-scoring")

    def map(self, jobs: Iterable[Job], timeout: float | None = None) -> list[Any]:
        """The result of each job, in order; None where it took longer than ``timeout`` seconds or failed."""
        all_jobs = list(jobs)
        size = max(1, min(CHUNK, -(-len(all_jobs) // self.workers)))
        chunks = [all_jobs[i : i + size] for i in range(0, len(all_jobs), size)]
        return [one for done in self._threads.map(lambda chunk: self._chunk(chunk, timeout), chunks) for one in done]

    def pids(self) -> list[int]:
        """The process ids of the workers that are ready."""
        with self._lock:
            return [worker.process.pid for worker in self._all if worker.ready]

    def close(self) -> None:
        """Stop all workers; the pool cannot be used again."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for worker in self._all:
                worker.end()
            self._all.clear()

    def _start(self) -> _Worker:
        worker = _Worker()
        with self._lock:
            self._all.add(worker)
        return worker

    def _end(self, worker: _Worker | None) -> None:
        if worker is not None:
            with self._lock:
                self._all.discard(worker)
            worker.end()

    def _chunk(self, jobs: Sequence[Job], timeout: float | None) -> list[Any]:
        done: list[Any] = []
        alone: Sequence[Job] = ()
        tries = starts = 0
        while len(done) < len(jobs):
            worker = self._idle.get()
            before = len(done)
            try:
                if worker is None:
                    worker = self._start()
                for result in worker.results(jobs[before:], timeout):
                    done.append(result)
            except _NotSentError as error:
                if len(jobs) == before + 1:
                    log.error("%s has no result, it cannot be sent to a worker: %s", type(jobs[-1]).__name__, error)
                    return [*done, None]
                alone, jobs = jobs[before:], ()
            except (EOFError, OSError, pickle.UnpicklingError) as error:
                ready, late = worker is not None and worker.ready, worker is not None and worker.late
                self._end(worker)
                worker = None
                if not ready:
                    starts += 1
                    if starts == STARTS:
                        log.error("no scoring worker starts here, this process scores instead: %r", error)
                        rest = jobs[before:]
                        return done + [run_safely(job) if timeout is None else None for job in rest]
                    continue
                tries = tries + 1 if len(done) == before else 1
                if late or tries == TRIES:
                    done.append(None)
                    tries = 0
            finally:
                self._idle.put(worker)
        for job in alone:  # one of them cannot be sent, and none of the others is to suffer for it
            done += self._chunk([job], timeout)
        return done


_pools: dict[int, ScoringPool] = {}
_pools_lock = threading.Lock()


def shared_pool(workers: int | None = None) -> ScoringPool:
    """This process's pool of that many workers; a forked child makes its own."""
    number = workers or os.cpu_count() or 1
    with _pools_lock:
        if number not in _pools:
            _pools[number] = ScoringPool(number)
        return _pools[number]


def _forget() -> None:
    """In a forked child: the parent's workers are the parent's."""
    global _pools, _pools_lock
    _pools, _pools_lock = {}, threading.Lock()


def close_pools() -> None:
    """Stop the shared pools' workers; the next use starts new ones."""
    with _pools_lock:
        for pool in _pools.values():
            pool.close()
        _pools.clear()


atexit.register(close_pools)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def run_safely(job: Job) -> Any:
    """What ``job`` gives; None, with its traceback in the log, where it raises."""
    try:
        return job.run()
    except Exception as error:
        log.error("%s failed, please report it", type(job).__name__, exc_info=error)
        return None


def _serve() -> None:
    """A worker's loop: lists of jobs in, a score each out, until the pipe ends."""
    logging.basicConfig(stream=sys.stderr)
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(2, 1)  # whatever prints does not end up between two scores
    from proofgrid.tasks import Item, get_task

    example = Item("example", "pl1_pw", 1, 0, {"premises": ["A"], "goal": "A"}, {}, {})
    get_task("pl1_pw").score(example, "claim on A")  # loads the checker before an answer's time counts
    _send(target, "ready")
    while True:
        try:
            jobs = _receive(source)
            for job in jobs:
                result = run_safely(job)
                try:
                    _send(target, result)
                except _NotSentError as error:
                    log.error("%s has no result, it cannot be sent back: %s", type(job).__name__, error)
                    _send(target, None)
        except (EOFError, KeyboardInterrupt, BrokenPipeError):
            return


if __name__ == "__main__":
    from proofgrid import scoring_pool

    scoring_pool._serve()  # under its own name, for pickle
