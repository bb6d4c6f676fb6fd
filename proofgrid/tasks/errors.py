"""The exceptions of the tasks.

TaskError
├── UnknownTaskError     no task has this id
├── GenerationError      a generator cannot do what was asked
├── DrawFailedError      one draw of a generator came to nothing; the next may not
├── ItemFormatError      a line that should be a problem is not
└── SuiteError           a frozen suite is missing, damaged or altered
"""

from __future__ import annotations


class TaskError(Exception):
    """Root of the package's exceptions; each message is a sentence that says what to do."""


class UnknownTaskError(TaskError, KeyError):
    """No task has this id."""

    def __str__(self) -> str:
        return str(self.args[0])


class GenerationError(TaskError, ValueError):
    """A generator cannot do what was asked."""


class DrawFailedError(TaskError):
    """One draw of a generator came to nothing; the next may not."""


class ItemFormatError(TaskError, ValueError):
    """A line that should be a problem is not."""


class SuiteError(TaskError):
    """A frozen suite is missing, damaged or altered."""
