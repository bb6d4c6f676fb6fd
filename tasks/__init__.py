"""The 15 tasks: generators, provers, prompts, frozen suites, scoring of an answer. Needs only ``checker``."""

from tasks.core import Draft, Outcome, Problem, Reading, Score, Task, load_problems
from tasks.errors import GenerationError, ProblemFormatError, SuiteError, TaskError, UnknownTaskError
from tasks.registry import TASK_IDS, get_task

__all__ = [
    "TASK_IDS",
    "Draft",
    "GenerationError",
    "Outcome",
    "Problem",
    "ProblemFormatError",
    "Reading",
    "Score",
    "SuiteError",
    "Task",
    "TaskError",
    "UnknownTaskError",
    "get_task",
    "load_problems",
]
