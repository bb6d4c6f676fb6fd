"""The 15 tasks: generators, provers, prompts, frozen suites, scoring of an answer. Needs only ``checker``."""

from proofgrid.tasks.core import EMPTY, Draft, Item, Reading, Score, Task, load_items
from proofgrid.tasks.errors import GenerationError, ItemFormatError, SuiteError, TaskError, UnknownTaskError
from proofgrid.tasks.outcomes import OUTCOMES, Outcome
from proofgrid.tasks.registry import TASK_IDS, get_task

__all__ = [
    "EMPTY",
    "OUTCOMES",
    "TASK_IDS",
    "Draft",
    "GenerationError",
    "Item",
    "ItemFormatError",
    "Outcome",
    "Reading",
    "Score",
    "SuiteError",
    "Task",
    "TaskError",
    "UnknownTaskError",
    "get_task",
    "load_items",
]
