"""The proof inside an answer: the text that a verdict's line numbers refer to, and its counterpart, the reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from proofgrid.tasks import Item, Task

FILLED = {"pl1_pm": "proofgrid.tasks.kinds.masking.masks", "pl1_gf": "proofgrid.tasks.kinds.gaps.gaps"}
"""Tasks whose answers fill a proof, and the module that does."""
_OTHER_VERSION = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a task may raise on an item of another version of itself; the page then shows what it can."""


def proof_of(task: Task | None, item: Item, text: str, verdict: Mapping[str, Any] | None) -> str | None:
    """The proof that was checked; where the task asks for none, the answer's JSON laid out; None: read it raw.

    In a task of masks or gaps that is the proof as shown with the answer's formulas, rules and steps in it.
    """
    if not text:
        return None
    value: Any = None
    if task is not None:
        try:
            value = task.read(item.shown, text).value
        except _OTHER_VERSION:
            value = None
    if isinstance(value, str):
        return value
    filling = FILLED.get(item.task.removesuffix("_c"))
    if filling and value and isinstance(value, Mapping) and isinstance(item.shown.get("proof"), str):
        fill = import_module(filling).fill
        return str(fill(item.shown["proof"], value))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(data, Mapping) and isinstance(data.get("proof"), str):
        return str(data["proof"])
    return json.dumps(data, ensure_ascii=False, indent=2) if isinstance(data, dict | list) else None


def claimed_error(task: Task | None, item: Item, text: str) -> int | None:
    """In a proof-checking task, the line of the shown proof that the answer calls the first error."""
    if task is None or not text or "errorDetails" not in item.reference:
        return None
    try:
        line = getattr(task.read(item.shown, text).value, "line", None)
    except _OTHER_VERSION:
        return None
    return line if isinstance(line, int) and line > 0 else None


def true_error(item: Item) -> dict[str, Any] | None:
    """In a proof-checking task, the first error of the shown proof: its line and a sentence on it."""
    details = item.reference.get("errorDetails")
    if not isinstance(details, Mapping) or not isinstance(details.get("offendingLineNumber"), int):
        return None
    kind = details.get("errorType")
    return {
        "line": details["offendingLineNumber"],
        "text": f"The first error{f' ({kind})' if kind else ''}: {details.get('errorDescription', '')}",
    }


def reference_of(task: Task | None, item: Item) -> str | None:
    """A text that scores 1.0, as a person reads it."""
    if task is not None:
        try:
            answer = task.reference_answer(item)
            return proof_of(task, item, answer, None) or answer
        except _OTHER_VERSION:
            pass
    value = item.reference.get("proof")
    return value if isinstance(value, str) else json.dumps(dict(item.reference), ensure_ascii=False, indent=2)


def prompt_of(task: Task | None, item: Item) -> str | None:
    """What the model was shown."""
    if task is None:
        return None
    try:
        return task.prompt(item.shown)
    except _OTHER_VERSION:
        return None
