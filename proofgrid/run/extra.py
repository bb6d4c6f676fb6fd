"""Task ids that a run may hold beyond the 15 tasks: questions that are asked in the course of a measurement.

Such a task has the same shape (``prompt(shown)``, ``score(problem, text)``, ``prompt_version``); reports leave its
attempts out unless they ask for them. The module is imported when one of its items is met.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from proofgrid.tasks import TASK_IDS, get_task

if TYPE_CHECKING:
    from proofgrid.tasks import Task

EXTRA_TASKS: dict[str, str] = {
    "stability": "proofgrid.stability.task:StabilityQuestion",
}
"""Task id -> ``module:class``."""


@cache
def any_task(task_id: str) -> Task:
    """The task called ``task_id``, one of the 15 or an extra one. Raises UnknownTaskError."""
    if task_id in EXTRA_TASKS:
        module, _, name = EXTRA_TASKS[task_id].partition(":")
        extra: Task = getattr(import_module(module), name)()
        return extra
    return get_task(task_id)


def is_extra(task_id: str) -> bool:
    """Whether reports leave the task's attempts out."""
    return task_id not in TASK_IDS
