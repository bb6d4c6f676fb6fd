"""Which part of a failing line is to blame: places in its text with a word on each, for whoever draws the line.

Found from what a Failure says and nothing else, so that the terminal and the report's viewer point at the same places:
the argument that does not hold, the one that a rule does not take with what it would take there, the arguments that are
too many, the conclusion that the rule or the justifiers do not give, the term that an equation does not give. Where no
such part can be found in the line, the rule itself is marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula, show
from proofgrid.checker.macro.weights import JUSTIFIERS
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
_BY = re.compile(r"\s+by\b|\s*[#;\n]", re.IGNORECASE)
_GAP = re.compile(r"\?+(?:[ \t]+\?+)*")
_CITED = re.compile(r"\s+by\s+([^#;\n]*[^#;\s])", re.IGNORECASE)


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
    found = _MORE[failure.kind](failure, places) if failure.kind in _MORE else ()
    return found or (Mark(failure.column, _rule_length(failure), ""),)


_Places = list[tuple[int, int] | None]


def _not_given(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """The conclusion that is not what the rule gives: before BY, or a line's own in a Hilbert proof."""
    stated = _stated(failure, "by") or _formula_at(failure)
    if failure.actual is None or stated is None:
        return ()
    return (Mark(*stated, f"{failure.rule or 'the rule'} gives {_cut(failure.actual)}"),)


def _not_following(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """The conclusion that the justifiers do not give, and beside it what each of them says."""
    stated = _stated(failure, "from")
    if stated is None:
        return ()
    return (Mark(*stated, "does not follow"), *_said(failure, places))


def _too_heavy(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """All justifiers of a step that weighs too much, as one."""
    here = [place for place in places if place is not None]
    if len(here) < len(places) or not here:
        return ()
    return (_span(here, "too much for one step"),)


def _too_many(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """The arguments beyond those that the rule takes."""
    rule = RULES.get(failure.rule or "")
    most = JUSTIFIERS if failure.kind == "tooManyJustifiers" else rule.arity if rule is not None else len(places)
    over = [place for place in places[most:] if place is not None]
    if not over or len(over) < len(places) - most:
        return ()
    return (_span(over, "one too many" if len(over) == 1 else f"{len(over)} too many"),)


def _not_false(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """The block that concludes something else than false."""
    said = "" if failure.actual is None else f"its body concludes {_cut(failure.actual)}"
    return (Mark(failure.column, _rule_length(failure), said),)


def _no_instance(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """The formula of a Hilbert proof's line that is no instance of the axiom it names."""
    stated = _formula_at(failure)
    return () if stated is None else (Mark(*stated, f"no instance of {failure.rule}"),)


def _gap(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """The whole of a gap that was left."""
    gap = _GAP.match(failure.text, failure.column - 1)
    return () if gap is None else (Mark(failure.column, len(gap.group()), ""),)


def _no_rewriting(failure: Failure, places: _Places) -> tuple[Mark, ...]:
    """What is wrong in a rewriting step: the equations cited where others would do it, else the term, or its part."""
    whole = _term_at(failure, ())
    if whole is not None and failure.possible and (cited := _CITED.match(failure.text, sum(whole) - 1)):
        would = " or ".join(", ".join(names) for names in failure.possible[:3])
        return (Mark(cited.start(1) + 1, len(cited[1]), f"by {_cut(would)} it is right"),)
    if failure.actual is not None and failure.expected is not None:
        part = _term_at(failure, failure.position or ())
        if part is not None and _bare(failure.text[part[0] - 1 : sum(part) - 1]) == _bare(failure.actual):
            return (Mark(*part, f"{failure.equation} gives {_cut(failure.expected)}"),)
    return () if whole is None else (Mark(*whole, ""),)


_MORE = {
    "conclusionMismatch": _not_given,
    "doesNotFollow": _not_following,
    "aggregation": _too_heavy,
    "tooManyJustifiers": _too_many,
    "malformedRuleApp": _too_many,
    "notFalse": _not_false,
    "notAnInstance": _no_instance,
    "unfilled": _gap,
    "wrongContractum": _no_rewriting,
    "wrongEquations": _no_rewriting,
}


def _span(places: Sequence[tuple[int, int]], label: str) -> Mark:
    """From the first of some places to the end of the last."""
    start, end = places[0][0], sum(places[-1])
    return Mark(start, end - start, label)


def _said(failure: Failure, places: _Places) -> list[Mark]:
    """What each argument that is a name stands for."""
    denoted = zip(failure.arguments, failure.evaluated, places, strict=False)
    return [Mark(*place, _denotes(written, value)) for written, value, place in denoted if place is not None]


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


def _stated(failure: Failure, word: str) -> tuple[int, int] | None:
    """The conclusion before BY or ``from``, on this line."""
    before = failure.text[: failure.column - 1].rstrip()
    if word == "by":
        if before[-2:].lower() != word:
            return None
        before = before[:-2].rstrip()
    elif not failure.text[failure.column - 1 :].lower().startswith(word):
        return None
    opened = max(before.rfind(sign) for sign in ("{", ";", ":="))
    start = opened + (2 if opened >= 0 and before[opened] == ":" else 1)
    start += len(before[start:]) - len(before[start:].lstrip())
    stated = before[start:]
    whole = stated.count("(") == stated.count(")")  # else it began on an earlier line
    return (start + 1, len(stated)) if stated and whole else None


def _formula_at(failure: Failure) -> tuple[int, int] | None:
    """The formula that begins at the failure's column and ends at the comma before the justification."""
    start = failure.column - 1
    if failure.rule is not None and failure.text.startswith(failure.rule, start):
        return None  # the column is that of the rule
    end = failure.text.find(",", start)
    length = len(failure.text[start : end if end >= 0 else len(failure.text)].rstrip())
    return (failure.column, length) if length else None


def _term_at(failure: Failure, position: Sequence[int]) -> tuple[int, int] | None:
    """Column and length of the subterm at a position of the term that begins at the failure's column, as written."""
    text, at = failure.text, failure.column - 1
    for number in position:
        at = text.find("(", at) + 1
        for _ in range(number - 1):
            at = _end_of_term(text, at) + 1
        if at <= 0 or at > len(text):
            return None
    at += len(text[at:]) - len(text[at:].lstrip())
    length = len(text[at : _end_of_term(text, at)].rstrip())
    return (at + 1, length) if length else None


def _end_of_term(text: str, at: int) -> int:
    """Where the term that begins there ends: at a comma or bracket that is not its own, or before ``by``."""
    depth = 0
    for place in range(at, len(text)):
        sign = text[place]
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return place + 1
        if depth < 0 or (depth == 0 and (sign == "," or _BY.match(text, place))):
            return place
    return len(text)


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
