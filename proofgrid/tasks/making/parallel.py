"""The same problems as ``Task.generate``, drawn by several processes.

A problem depends on (task, seed, level, index, draw) alone, and on what came before it only through the rule that no
two are equal up to renaming. So workers find each index's first draw that comes to something, and the one process
that collects them, in order, throws a repeated one out and draws on: byte for byte what one process would make.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread

from proofgrid.tasks.core import Draft, Item, Task, item_rng
from proofgrid.tasks.errors import GenerationError
from proofgrid.tasks.registry import get_task

MAX_DRAWS = 1000
"""Draws an index may take, as in Task.generate."""


def generate_parallel(
    task_id: str, n: int, seed: int, level: int | None = None, jobs: int | None = None
) -> Iterator[Item]:
    """``get_task(task_id).generate(n, seed, level)`` on ``jobs`` processes (None: one a core).

    Raises what Task.generate raises. A task with a ``generate`` of its own runs in this process.
    """
    task = get_task(task_id)
    workers = min(jobs or os.cpu_count() or 1, n)
    if workers <= 1 or type(task).generate is not Task.generate or (level is not None and level not in task.levels):
        yield from task.generate(n, seed, level)
        return
    seen: set[str] = set()
    levels = [level if level is not None else task.levels[index % len(task.levels)] for index in range(n)]
    with worker_pool(workers) as pool:
        found = pool.map(first_draft, [task_id] * n, [seed] * n, levels, range(n))
        for index, (at, (draw, draft)) in enumerate(zip(levels, found, strict=True)):
            while draft is not None and draft.key in seen:
                draw, draft = first_draft(task_id, seed, at, index, draw + 1)
            if draft is None:
                pool.shutdown(cancel_futures=True)
                raise GenerationError(f"{task_id} level {at}: no new problem in 1,000 draws; ask for fewer")
            seen.add(draft.key)
            yield Item(
                f"{task_id}-s{seed}-{index:04d}", task_id, at, seed, draft.shown, draft.reference, draft.difficulty
            )


def worker_pool(workers: int | None = None) -> ProcessPoolExecutor:
    """A pool of processes (None: one a core) that do not outlive this one, even if it is killed."""
    # Spawned: a fork would copy the threads of whoever calls this.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_follow_parent)


def _follow_parent() -> None:
    """End this process when its parent ends: workers of a parent that was killed would wait for work for ever."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def first_draft(task_id: str, seed: int, level: int, index: int, start: int = 0) -> tuple[int, Draft | None]:
    """The first draw from ``start`` on that comes to a problem, with its number; (MAX_DRAWS, None) where none does."""
    task = get_task(task_id)
    for draw in range(start, MAX_DRAWS):
        draft = task.make(item_rng(task_id, seed, level, index, draw), level)
        if draft is not None:
            return draw, draft
    return MAX_DRAWS, None
