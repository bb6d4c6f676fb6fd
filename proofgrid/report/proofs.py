"""The proof inside an answer: the text that a verdict's line numbers refer to, and its counterpart, the reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tasks import Problem, Task

_OTHER_VERSION = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a task may raise on an item of another version of itself; the page then shows what it can."""


def proof_of(task: Task | None, problem: Problem, text: str, verdict: Mapping[str, Any] | None) -> str | None:
    """The proof that was checked, or the answer's reading as JSON where the task asks for none; None: unreadable."""
    if not text:
        return None
    if task is None:
        try:
            return _as_text(json.loads(text))
        except ValueError:
            return None
    try:
        return _as_text(task.read(problem.shown, text).value)
    except _OTHER_VERSION:
        return None


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("proof"), str):
        return str(value["proof"])
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def reference_of(task: Task | None, problem: Problem) -> str | None:
    """A text that scores 1.0, as a person reads it."""
    if task is not None:
        try:
            answer = task.reference_answer(problem)
            return proof_of(task, problem, answer, None) or answer
        except _OTHER_VERSION:
            pass
    value = problem.reference.get("proof")
    return value if isinstance(value, str) else json.dumps(dict(problem.reference), ensure_ascii=False, indent=2)


def prompt_of(task: Task | None, problem: Problem) -> str | None:
    """What the model was shown."""
    if task is None:
        return None
    try:
        return task.prompt(problem.shown)
    except _OTHER_VERSION:
        return None
