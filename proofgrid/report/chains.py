"""What a reader sees of an answer to an equational task: the chain with the answer in it, and its first fault.

The tasks score these answers by facts about a chain that the item shows. Here the same facts become what the checker
makes of a wrong step, a Failure with a line and a column, so that terminal and viewer point at it as at any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofgrid.checker.verdict import Failure
from proofgrid.tasks import Item
from proofgrid.tasks.kinds.equational.gap_filling import GAP_LINE, filled
from proofgrid.tasks.kinds.equational.reconstruction import right_steps

_MOST = 3
"""Sets of equations that a sentence names."""


def chain_of(item: Item, answer: Any) -> str | None:
    """The chain that was judged: the item's, with what the answer says of it written in; None for other tasks."""
    if not isinstance(answer, Mapping) or not isinstance(item.shown.get("chain"), str):
        return None
    if item.task == "eq_gf":
        return filled(item.shown, answer["missing"])
    if item.task == "eq_er":
        first, *steps = item.shown["chain"].split("\n")
        named = _named(answer)
        return "\n".join([first, *(f"{step}{_by(named.get(k))}" for k, step in enumerate(steps, 1))])
    return None


def fault_of(item: Item, answer: Any) -> Failure | None:
    """The first thing wrong in :func:`chain_of`, where it is the task and not the checker that says so."""
    text = chain_of(item, answer)
    if text is None:
        return None
    if item.task == "eq_gf":
        if answer["missing"] or not item.reference["missing"]:
            return None  # the checker has judged the chain, or there is nothing to fill the gap with
        return _at(text, _line_of_gap(text), "unfilled", "the answer says that nothing fills this gap; something does")
    named = _named(answer)
    right = right_steps(item, named)
    if all(right):
        return None
    step = right.index(False) + 1
    possible = [tuple(names) for names in item.reference["justifications"][step - 1]]
    return _at(text, step + 1, "wrongEquations", _wrong(named.get(step), possible), step, named.get(step), possible)


def true_fault(item: Item) -> Failure | None:
    """The first wrong step of a chain that is to be checked, as the item knows it; None where it has none."""
    truth, text = item.reference.get("explanation"), item.shown.get("chain")
    if item.task != "eq_pc" or item.reference.get("correct") or not isinstance(truth, Mapping):
        return None
    step = int(truth["step"])
    if "equation" in truth:
        equation, place = truth["equation"], truth["position"]
        where = f"at position {place}" if place else "at the root"
        message = f"{equation} gives {truth['expected']} {where}, not {truth['actual']}"
        rest = {"position": tuple(place), "equation": equation, "expected": truth["expected"]}
        return _at(str(text), step + 1, "wrongContractum", message, step, actual=truth["actual"], **rest)
    possible = [tuple(truth["correct"])] if truth["correct"] else []
    given = tuple(truth["given"])
    return _at(str(text), step + 1, "wrongEquations", _wrong(given, possible), step, given, possible)


def claimed_step(item: Item, answer: Any) -> int | None:
    """The step of a chain to be checked that the answer calls the first wrong one."""
    said = answer.get("explanation") if isinstance(answer, Mapping) and not answer.get("correct") else None
    step = said.get("step") if item.task == "eq_pc" and isinstance(said, Mapping) else None
    return step if isinstance(step, int) and step > 0 else None


def _named(answer: Mapping[Any, Any]) -> dict[int, tuple[str, ...]]:
    """Steps' equations by number; the store keeps the numbers as text."""
    return {int(step): tuple(names) for step, names in answer.items()}


def _by(names: Sequence[str] | None) -> str:
    return "" if names is None else f" by {', '.join(names)}" if names else "  # by no equations"


def _wrong(names: Sequence[str] | None, possible: Sequence[Sequence[str]]) -> str:
    would = " or ".join(f"by {', '.join(found)}" for found in possible[:_MOST])
    if names is None:
        return "the answer names no equations for this step"
    if not names:
        return f"the answer says that no equations give this step; it is {would}"
    said = f"the step is not by {', '.join(names)}"
    return f"{said}; it is {would}" if possible else f"{said}, nor by any other set of the equations"


def gap_left_open(chain: str) -> int | None:
    """The line of the gap in a chain that :func:`chain_of` gave; None if nothing is missing from it."""
    return _line_of_gap(chain) if GAP_LINE in chain.split("\n") else None


def _line_of_gap(text: str) -> int:
    return text.split("\n").index(GAP_LINE) + 1


def _at(
    text: str,
    number: int,
    kind: str,
    message: str,
    step: int | None = None,
    cited: Sequence[str] | None = None,
    possible: Sequence[Sequence[str]] | None = None,
    **rest: Any,
) -> Failure:
    line = text.split("\n")[number - 1]
    start = len(line) - len(line.lstrip(" ="))
    return Failure(
        kind=kind,
        class_="syntax" if kind == "unfilled" else "logic",
        step=step,
        line=number,
        column=start + 1,
        message=message,
        text=line,
        cited=None if cited is None else tuple(cited),
        possible=None if possible is None else tuple(map(tuple, possible)),
        **rest,
    )
