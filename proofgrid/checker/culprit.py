"""Which part of a failing line is to blame: places in its text with a word on each, for whoever draws the line.

Found from what a Failure says and nothing else, so that the terminal and the report's viewer point at the same places:
the argument that does not hold, the one that a rule does not take with what it would take there, the conclusion that
the rule does not give. Where no argument can be found in the line, the rule itself is marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula, show
from proofgrid.checker.parsing import parse_formula
from proofgrid.checker.rules import RULES, Form, Rule, instantiate, match

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proofgrid.checker.verdict import Failure

LABEL = 120
"""Characters of a formula in a label."""
_WRITTEN = 2000
"""Characters of an argument that is looked for in the line."""


_WORD = re.compile(r"[\w'-]{1,80}")


@dataclass(frozen=True, slots=True)
class Mark:
    """``length`` characters from ``column`` (from 1) of the failing line; the first of a failure is the culprit."""

    column: int
    length: int
    label: str


def marks(failure: Failure) -> tuple[Mark, ...]:
    """What to underline in ``failure.text``, the culprit first; nothing where the failure has no line."""
    if not failure.line or failure.column < 1 or failure.column > len(failure.text) + 1:
        return ()
    places = _arguments(failure)
    if failure.kind == "notInAB" and failure.missing is not None:
        wanted = _bare(failure.missing)
        for value, place in zip(failure.evaluated, places, strict=False):
            if _bare(value) == wanted and place is not None:
                return (Mark(*place, "does not hold here"),)
    rule = RULES.get(failure.rule or "")
    if failure.kind == "malformedRuleApp" and rule is not None and failure.evaluated:
        found = _misfit(rule, failure.arguments, failure.evaluated, places)
        if found:
            return found
    if failure.kind == "conclusionMismatch" and failure.actual is not None:
        stated = _stated(failure)
        if stated is not None:
            return (Mark(*stated, f"{failure.rule or 'the rule'} gives {_cut(failure.actual)}"),)
    return (Mark(failure.column, _rule_length(failure), ""),)


def _bare(text: str) -> str:
    return "".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= LABEL else text[: LABEL - 1] + "…"


def _rule_length(failure: Failure) -> int:
    """Characters of the rule, or of the word, at the failure's column."""
    rule, at = failure.rule, failure.column - 1
    if rule and failure.text.startswith(rule, at):
        return len(rule)
    word = _WORD.match(failure.text, at)
    return len(word.group()) if word is not None else 1


def _arguments(failure: Failure) -> list[tuple[int, int] | None]:
    """Column and length of each argument as written, one after the other; None for one that is not on this line."""
    at = failure.column - 1 + _rule_length(failure)
    out: list[tuple[int, int] | None] = []
    for written in failure.arguments:
        found = failure.text.find(written, at) if 0 < len(written) <= _WRITTEN else -1
        if found < 0:
            out.append(None)
            continue
        out.append((found + 1, len(written)))
        at = found + len(written)
    return out


def _stated(failure: Failure) -> tuple[int, int] | None:
    """The conclusion before BY, on this line."""
    before = failure.text[: failure.column - 1].rstrip()
    if before[-2:].lower() != "by":
        return None
    before = before[:-2].rstrip()
    opened = max(before.rfind(sign) for sign in ("{", ";", ":="))
    start = opened + (2 if opened >= 0 and before[opened] == ":" else 1)
    start += len(before[start:]) - len(before[start:].lstrip())
    return (start + 1, len(before) - start) if start < len(before) else None


def _misfit(
    rule: Rule, written: Sequence[str], values: Sequence[str], places: Sequence[tuple[int, int] | None]
) -> tuple[Mark, ...]:
    """The first argument that the rule does not take, by the form of it that gets furthest."""
    try:
        arguments = [parse_formula(value) for value in values]
    except FormulaSyntaxError:
        return ()
    if not len(arguments) == len(written) == rule.arity:
        return ()
    best, known = max((_fitting(form, arguments) for form in rule.forms), key=lambda found: found[0])
    form = next(f for f in rule.forms if _fitting(f, arguments)[0] == best)
    place = places[best] if best < len(places) else None
    if best >= len(arguments) or place is None:
        return ()
    needs = _needed(form.arguments[best], known)
    said = _denotes(written[best], values[best])
    culprit = Mark(*place, f"needs {needs}" + (f"; {said}" if said else ""))
    earlier = [Mark(*at, _denotes(written[i], values[i])) for i, at in enumerate(places[:best]) if at is not None]
    return (culprit, *earlier)


def _denotes(written: str, value: str) -> str:
    """What a name stands for; nothing where the formula itself was written."""
    return "" if _bare(written) == _bare(value) else f"this is {_cut(value)}"


def _fitting(form: Form, arguments: Sequence[Formula]) -> tuple[int, dict[Formula, Formula]]:
    """How many arguments fit from the left, and what they put for the metavariables."""
    known: dict[Formula, Formula] = {}
    for at, (pattern, formula) in enumerate(zip(form.arguments, arguments, strict=True)):
        trial = dict(known)
        if not match(pattern, formula, trial):
            return at, known
        known = trial
    return len(arguments), known


def _needed(pattern: Formula, known: Mapping[Formula, Formula]) -> str:
    """The pattern with what is known put in, as written by a person: ``p ==> q`` where nothing is."""
    try:
        return _cut(show(instantiate(pattern, known), LABEL))
    except KeyError:
        return _pattern(pattern, known)


def _pattern(pattern: Formula, known: Mapping[Formula, Formula]) -> str:
    if pattern.op == "atom":
        value = known.get(pattern)
        return pattern.name if value is None else show(value, LABEL)
    if pattern.op in ("true", "false"):
        return pattern.op
    if pattern.op == "~":
        return f"(~ {_pattern(pattern.left, known)})"
    return f"({_pattern(pattern.left, known)} {pattern.op} {_pattern(pattern.right, known)})"
