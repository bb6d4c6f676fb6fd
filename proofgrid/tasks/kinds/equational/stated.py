"""What an answer to eq_pc states of a chain, in one form: the rewrites of every step, or the first bad step.

An answer that says one thing twice, differently, raises ContradictionError here, so that judging cannot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.scanning import objects_in
from proofgrid.tasks.answers.texts import condensed
from proofgrid.tasks.answers.values import ContradictionError, as_int, has_member, member, unwrapped
from proofgrid.tasks.kinds.equational.values import as_names, as_position, as_term

STEP = ("step", "stepNumber", "badStep", "wrongStep", "firstBadStep", "offendingStep", "errorStep", "stepNo")
_REWRITES = ("rewrites", "rewrite", "applications", "contractions", "redexes", "rewritings", "reductions")
_EQUATION = ("equation", "eq", "equationName", "rule", "by")
_POSITION = ("position", "pos", "path", "at", "location")
_GIVEN = ("given", "givenEquations", "equationsGiven", "cited", "citedEquations", "stated", "statedEquations")
_CORRECT = ("correct", "correctEquations", "equationsCorrect", "right", "rightEquations")
_ACTUAL = ("actual", "actualContractum", "found", "shown", "got", "actualTerm")
_EXPECTED = ("expected", "expectedContractum", "correctContractum", "expectedTerm")
_SHOULD_BE = ("shouldBe", "should_be")
_APPLIED = re.compile(
    r"\s*[`*]*(?P<equation>E\d+)\b(?:[^\[\d@]{0,40}?(?:\bat\b|@|\bposition\b|\bin\b)[^\[\dεr]{0,20}|[ (,:]+)"
    r"(?P<position>\[[\d,. ]*\]|\d+(?:\.\d+)*|ε|root)(?P<rest>[^\n]*)",
    re.IGNORECASE,
)


def facts_of(text: str) -> Mapping[str, Any] | None:
    """What a text says of a bad step: as JSON, or in words ("Step 2: wrong contractum; equation E2, position [1]").

    None where it names no step. Raises ContradictionError if it says one thing twice, differently.
    """
    objects, ended = objects_in(text[:20_000])
    if objects or ended:
        return objects[0][2] if len(objects) == 1 and has_member(objects[0][2], *STEP) else None
    found: dict[str, str] = {}
    for piece in _PIECES.split(condensed(text)):
        match = _FACT.fullmatch(piece.strip().rstrip(".;, \t`*"))
        if match is not None:
            name = folded(match["label"].split()[0])
            value = _STEP_AND_MORE.sub(r"\1", match["value"].strip("`*\"' ")) if name == "step" else match["value"]
            value = value.strip("`*\"' ")
            if found.setdefault(name, value) != value:
                raise ContradictionError(f'"{name}" is said twice, with different values')
    return found if "step" in found else None


_LABEL = (
    r"(?:step(?=\W{1,4}\d)|equation(?=\W{1,4}E)|position|actual(?:[ ](?:contractum|term))?"
    r"|expected(?:[ ](?:contractum|term))?|given(?:[ ]equations?)?"
    r"|correct(?=[ ]equations?\b|\s*[:=])(?:[ ]equations?)?|error)"
)
_PIECES = re.compile(
    rf"\n+|[.,;:(]*\s+(?:at\s+|but\s+|and\s+|the\s+|in\s+|with\s+|of\s+){{0,3}}(?={_LABEL}\b)", re.IGNORECASE
)
_FACT = re.compile(rf"\W{{0,4}}(?P<label>{_LABEL})[*`_]*(?:[\s:=*`_]|\bis\b)*+(?P<value>[^\n]+)", re.IGNORECASE)
_STEP_AND_MORE = re.compile(r"(\d{1,5})\s*[:,(](?![^\n]*\b(?:or|steps?)\b)[^\n]*", re.IGNORECASE)


def stated_rewrites(explanation: Any) -> list[dict[str, Any]]:
    """``[{"step", "rewrites": [{"equation", "position", "redex", "contractum"}]}]``; what cannot be read is left out.

    ``equation`` is a name, ``position`` a tuple, each None where nothing of the kind was said; ``redex`` and
    ``contractum`` are there only if they were stated. Raises ContradictionError if a step is stated twice, differently.
    """
    if isinstance(explanation, Mapping) and not has_member(explanation, *STEP):
        inner = member(explanation, "steps", "explanation", *_REWRITES)
        explanation = inner if inner is not None else explanation
    if isinstance(explanation, Mapping):
        numbered = [as_int(key) for key in explanation]
        if explanation and None not in numbered:
            pairs = zip(numbered, explanation.values(), strict=True)
            explanation = [{"step": number, "rewrites": value} for number, value in pairs]
        else:
            explanation = [explanation]
    found: dict[int, list[dict[str, Any]]] = {}
    flat: set[int] = set()
    for index, item in enumerate(explanation if isinstance(explanation, list) else (), 1):
        number = as_int(member(item, *STEP))
        number = index if number is None else number
        if isinstance(item, list):
            rewrites = _rewrites(item)
        elif has_member(item, *_REWRITES):
            rewrites = _rewrites(member(item, *_REWRITES))
        elif has_member(item, *_EQUATION):
            # One rewrite an entry: entries of one step belong together.
            rewrites = [*(found.get(number, ()) if number in flat else ()), *_rewrites([item])]
            flat.add(number)
            found[number] = rewrites
            continue
        else:
            continue
        if found.setdefault(number, rewrites) != rewrites:
            raise ContradictionError(f"step {number} is explained twice, in different ways")
    return [{"step": number, "rewrites": rewrites} for number, rewrites in found.items()]


def _rewrites(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, Mapping) and not has_member(value, *_EQUATION):
        value = [{"equation": name, **_placed(where)} for name, where in value.items()]
    if isinstance(value, (Mapping, str)):
        value = [value]
    return [_rewrite(item) for item in value] if isinstance(value, list) else []


def _placed(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {"position": value}


def _rewrite(item: Any) -> dict[str, Any]:
    if isinstance(item, str) and (match := _APPLIED.fullmatch(item[:5000])) is not None:
        item = {"equation": match["equation"], "position": match["position"]}
    names = as_names(member(item, *_EQUATION), both_ways=False)
    position = member(item, *_POSITION)
    found: dict[str, Any] = {
        "equation": names[0] if names is not None and len(names) == 1 else None,
        "position": None if position is None else as_position(position),
    }
    for name in ("redex", "contractum"):
        stated = member(item, name)
        if stated is not None:
            found[name] = str(term) if (term := as_term(stated)) is not None else ""
    return found


def stated_fault(explanation: Any) -> dict[str, Any]:
    """``{"step", "equation", "position", "actual", "expected", "given", "correct"}``: what is said of the bad step.

    ``actual`` and ``expected`` are terms as text, ``given`` and ``correct`` tuples of names; None where nothing was
    said, or nothing that can be read. Raises ContradictionError if one thing is said twice, differently.
    """
    if isinstance(explanation, list):
        explanation = unwrapped(explanation)
    if isinstance(explanation, Mapping) and not has_member(explanation, *STEP):
        explanation = unwrapped(explanation)
    said = explanation if isinstance(explanation, Mapping) else {}
    names = as_names(member(said, *_EQUATION), both_ways=False)
    position = member(said, *_POSITION)
    expected, actual, given = member(said, *_EXPECTED), member(said, *_ACTUAL), member(said, *_GIVEN)
    correct, should_be = member(said, *_CORRECT), member(said, *_SHOULD_BE)
    if expected is None and as_term_text(should_be) is not None and position is not None:
        expected = should_be
    elif correct is None:
        correct = should_be
    if actual is None and as_term_text(given) is not None and expected is not None:
        actual = given
    if isinstance(correct, list) and len(correct) == 1 and isinstance(correct[0], list):
        correct = correct[0]
    return {
        "step": as_int(member(said, *STEP)),
        "equation": names[0] if names is not None and len(names) == 1 else None,
        "position": None if position is None else as_position(position),
        "actual": as_term_text(actual),
        "expected": as_term_text(expected),
        "said_expected": expected is not None,
        "given": None if given is None else as_names(given, both_ways=False),
        "correct": as_names(correct, both_ways=False) if has_member(said, *_CORRECT, *_SHOULD_BE) else None,
    }


def as_term_text(value: Any) -> str | None:
    """A term as its plain text; None if it is none."""
    term = as_term(value)
    return None if term is None else str(term)
