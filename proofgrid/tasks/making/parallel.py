"""The same problems as ``Task.generate``, drawn by several processes.

A problem depends on (task, seed, level, index, draw) alone, and on what came before it only through the rule that no
two are of one class. So workers find each index's first draw that comes to something, and the one process
that collects them, in order, throws a repeated one out and draws on: byte for byte what one process would make.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context, parent_process
from threading import Thread

from proofgrid.tasks.core import Draft, Item, Task
from proofgrid.tasks.errors import DrawFailedError
from proofgrid.tasks.making.classes import class_key
from proofgrid.tasks.registry import get_task


def generate_parallel(
    task_id: str,
    n: int,
    seed: int,
    level: int | None = None,
    jobs: int | None = None,
    taken: Collection[str] = frozenset(),
    drafts: Iterable[tuple[int, Draft | None]] | None = None,
) -> Iterator[Item]:
    """``get_task(task_id).generate(n, seed, level, taken)`` on ``jobs`` processes (None: one a core).

    ``drafts``: the first draft of each index below ``n``, if somebody else makes them. Raises what Task.generate
    raises. A task with a ``generate`` of its own runs in this process.
    """
    task = get_task(task_id)
    workers = min(jobs or os.cpu_count() or 1, n)
    if type(task).generate is not Task.generate or (drafts is None and workers <= 1):
        yield from task.generate(n, seed, level, taken)
        return
    task.check_level(level)
    if drafts is not None:
        yield from _in_order(task, drafts, seed, level, taken)
        return
    with worker_pool(workers) as pool:
        try:
            found = pool.map(first_draft, [task_id] * n, [seed] * n, [level] * n, range(n))
            yield from _in_order(task, found, seed, level, taken)
        except BaseException:  # Ctrl-C, a caller that has enough, no new problem: drop what has not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_order(
    task: Task, drafts: Iterable[tuple[int, Draft | None]], seed: int, level: int | None, taken: Collection[str]
) -> Iterator[Item]:
    seen = set(taken)
    for index, (draw, draft) in enumerate(drafts):
        while draft is not None and draft.key in seen:
            draw, draft = task.first_draft(seed, level, index, draw + 1)
        seen.add(task.new_key(draft, level, index))
        assert draft is not None
        yield task.item(draft, seed, level, index)


def first_draft(task_id: str, seed: int, level: int | None, index: int) -> tuple[int, Draft | None]:
    """``Task.first_draft`` by the task's id, for a process that shares nothing with this one."""
    return get_task(task_id).first_draft(seed, level, index)


def generate_distinct(
    task_id: str, n: int, seed: int, level: int | None, jobs: int | None, taken: Collection[str]
) -> Iterator[tuple[Item, str]]:
    """``n`` items with their :func:`class_key`, no two of one class and none of a class in ``taken``.

    Unlike those of :func:`generate_parallel` they stay apart from items of other tasks, too, whatever those make of a
    problem. The same for any number of ``jobs``. Raises GenerationError.
    """
    task = get_task(task_id)
    task.check_level(level)
    seen = set(taken)
    workers = min(jobs or os.cpu_count() or 1, n)
    with worker_pool(workers) if workers > 1 else nullcontext() as pool:
        try:
            asked = ([task_id] * n, [seed] * n, [level] * n, range(n))
            found = pool.map(_first_with_class, *asked) if pool is not None else map(_first_with_class, *asked)
            for index, (draw, draft, key) in enumerate(found):
                while draft is not None and key in seen:
                    draw, draft, key = _first_with_class(task_id, seed, level, index, draw + 1)
                task.new_key(draft, level, index)
                assert draft is not None
                seen.add(key)
                yield task.item(draft, seed, level, index), key
        except BaseException:  # as above
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)
            raise


def _first_with_class(
    task_id: str, seed: int, level: int | None, index: int, start: int = 0
) -> tuple[int, Draft | None, str]:
    draw, draft = get_task(task_id).first_draft(seed, level, index, start)
    while draft is not None:
        try:
            return draw, draft, class_key(draft.shown)
        except DrawFailedError:
            draw, draft = get_task(task_id).first_draft(seed, level, index, draw + 1)
    return draw, None, ""


def worker_pool(workers: int | None = None) -> ProcessPoolExecutor:
    """A pool of processes (None: one a core) that do not outlive this one, even if it is killed."""
    # Spawned: a fork would copy the threads of whoever calls this.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_follow_parent)


def _follow_parent() -> None:
    """End this process when its parent ends: workers of a parent that was killed would wait for work for ever.

    Ctrl-C is the parent's to answer: it decides what is finished and what is dropped.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()
