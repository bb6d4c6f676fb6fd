"""The proof inside an answer: the text that a verdict's line numbers refer to, and its counterpart, the reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from proofgrid.checker.culprit import marks
from proofgrid.checker.verdict import Failure
from proofgrid.report.chains import chain_of, claimed_step, fault_of, true_fault
from proofgrid.report.verdicts import failure_from
from proofgrid.tasks import Item, Task

FILLED = {"pl1_pm": "proofgrid.tasks.kinds.masking.masks", "pl1_gf": "proofgrid.tasks.kinds.gaps.gaps"}
"""Tasks whose answers fill a proof, and the module that does."""
_OTHER_VERSION = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a task may raise on an item of another version of itself; the page then shows what it can."""


def proof_of(item: Item, answer: Any, text: str) -> str | None:
    """The proof that was checked, from the answer as it was read when it was scored; None: read it raw.

    In a task of masks or gaps that is the proof, or chain, as shown with the answer's formulas, rules and steps in it;
    where one asks for no proof, the answer's JSON laid out.
    """
    if isinstance(answer, str):
        return answer
    chain = chain_in(item, answer)
    if chain is not None:
        return chain
    filling = FILLED.get(item.task.removesuffix("_c"))
    if filling and answer and isinstance(answer, Mapping) and isinstance(item.shown.get("proof"), str):
        fill = import_module(filling).fill
        return str(fill(item.shown["proof"], answer))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(data, Mapping) and isinstance(data.get("proof"), str):
        return str(data["proof"])
    return json.dumps(data, ensure_ascii=False, indent=2) if isinstance(data, dict | list) else None


def chain_in(item: Item, answer: Any) -> str | None:
    """The chain of an equational task with the answer in it; None where it has none, or is of another version."""
    try:
        return chain_of(item, answer)
    except _OTHER_VERSION:
        return None


def fault_in(item: Item, answer: Any) -> Failure | None:
    """What is wrong in :func:`chain_in` where no verdict says it."""
    try:
        return fault_of(item, answer)
    except (*_OTHER_VERSION, StopIteration):
        return None


def claimed_line(item: Item, answer: Any) -> int | None:
    """In a proof-checking task, the line of the shown proof that the answer calls the first error."""
    step = claimed_step(item, answer)
    if step is not None:
        return step + 1
    if "errorDetails" not in item.reference or answer is None:
        return None
    lines = answer.get("lines") if isinstance(answer, Mapping) else getattr(answer, "lines", None)
    first = lines[0] if isinstance(lines, list | tuple) and lines else None
    return first if isinstance(first, int) and first > 0 else None


def marks_of(verdict: Mapping[str, Any] | None) -> list[tuple[int, int, str]]:
    """What the viewer underlines in the failing line: (column, length, label), the culprit first."""
    return [] if verdict is None else _places(failure_from(verdict.get("failure")))


def _places(failure: Failure | None) -> list[tuple[int, int, str]]:
    return [] if failure is None else [(mark.column, mark.length, mark.label) for mark in marks(failure)]


def noted(failure: Failure) -> dict[str, Any]:
    """A failure as the viewer draws it under its line: the line, a sentence, and what to underline."""
    return {"line": failure.line, "text": failure.message, "marks": _places(failure)}


def true_error(item: Item) -> dict[str, Any] | None:
    """In a proof-checking task, the first error of the shown proof: its line, a sentence, and what to underline."""
    try:
        wrong = true_fault(item)
    except _OTHER_VERSION:
        wrong = None
    if wrong is not None:
        return {**noted(wrong), "text": f"The first error: {wrong.message}"}
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
            return proof_of(item, task.read(item.shown, answer).value, answer) or answer
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
