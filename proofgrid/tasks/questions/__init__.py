"""Questions that are asked in the course of a measurement: tasks beyond the 15, with the same shape.

Reports leave their attempts out unless they ask for them.
"""

from __future__ import annotations

from functools import cache

from proofgrid.tasks.core import Task
from proofgrid.tasks.questions.stability import StabilityQuestion
from proofgrid.tasks.registry import TASK_IDS, get_task

QUESTIONS: dict[str, type[Task]] = {StabilityQuestion.id: StabilityQuestion}
"""Task id -> class."""


@cache
def any_task(task_id: str) -> Task:
    """The task called ``task_id``, one of the 15 or a question. Raises UnknownTaskError."""
    return QUESTIONS[task_id]() if task_id in QUESTIONS else get_task(task_id)


def is_extra(task_id: str) -> bool:
    """Whether reports leave the task's attempts out."""
    return task_id not in TASK_IDS
