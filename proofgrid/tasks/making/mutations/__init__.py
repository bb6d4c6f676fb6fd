"""Edits of correct proofs: those that put one error in, and those that only look as if they did.

Every edit works on the text, by the spans of the syntax tree, so layout, names and remarks stay as the author wrote
them. What an edit does to the proof is never assumed: :func:`corrupt` keeps an edit only where the checker finds the
same first error strictly and through its repairs, :func:`preserve` only where the proof is still strictly correct.
Most operators serve both, so that a proof's looks do not tell which kind of edit it has had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from proofgrid.checker import Failure, check, parse_proof
from proofgrid.checker.natural.syntax import Term
from proofgrid.checker.rules import RULES
from proofgrid.tasks.making.mutations.formulas import flip_negation, invalid_inference, vary
from proofgrid.tasks.making.mutations.operators import OPERATORS
from proofgrid.tasks.making.mutations.subject import Edited, Fact, Name, Scope, Subject, splice


@dataclass(frozen=True, slots=True)
class Corruption:
    """A proof with one first error that strict and instrumented checks agree on."""

    kind: str
    """The operator's name, a key of :data:`OPERATORS`."""
    edited: Edited
    failure: Failure
    lines: tuple[int, ...]
    """Lines of the failing step, from 1; empty for a wrong final conclusion."""


WEIGHTS: Mapping[str, float] = {
    "wrong_cases": 18,
    "wrong_neg_cond": 20,
    "converse": 3,
    "reasoned_step": 4,
    "leaked": 2,
    "merged_justifiers": 2,
    "omitted_block": 2,
    "omitted_step": 1.5,
    "wrong_rule": 2,
    "wrong_argument": 2,
    "negated_argument": 1,
    "wrong_annotation": 2,
    "negated_annotation": 1,
    "other_hypothesis": 1.5,
    "swapped_arguments": 1,
    "buried_step": 0.5,
    "swapped_steps": 0.5,
    "dropped_argument": 0.3,
    "extra_argument": 0.3,
    "expired_name": 0.3,
}
"""How often each corrupting operator is tried first: after the failures of published answers, of which ``cases`` and
``neg-cond`` of the wrong form are most."""
CORRUPTING = tuple(WEIGHTS)
HEAVY = 0.05
"""How often an error of logic in the macro language must be a step that weighs too much."""
PRESERVING = tuple(name for name in OPERATORS if name != "expired_name")
GROWING = ("reasoned_step", "repeated_step", "idle_step", "merged_justifiers")
"""The operators that put a step more into the proof."""
FALLACIES_WANTED = 0.88
"""How often an error of logic must be a fallacy: what the step announces does not follow from all that holds there.
"""
FORMS_FIRST = 0.5
"""How often other errors are ``cases`` or ``neg-cond`` of the wrong form where the proof has such steps: more often,
and the steps by those rules would tell where to look."""
_FORMS = ("wrong_cases", "wrong_neg_cond")
UNDEFINED_ALLOWED = 0.03
"""How often an edit may leave a name undefined."""
_TRIES = 4


def corrupt(
    subject: Subject,
    rng: Random,
    kinds: Sequence[str] = CORRUPTING,
    class_: str | None = None,
    *,
    seek_consistent: bool = False,
) -> Corruption | None:
    """A proof with one clear first error, by one of ``kinds``; None if no edit that was tried made one.

    With ``class_`` (syntax, type or logic) the error is of that class. ``seek_consistent``: look for fallacies only
    where there can be some, which pays where most of a proof is under hypotheses that contradict each other.
    """
    fallacy = class_ in (None, "logic") and rng.random() < FALLACIES_WANTED
    if fallacy and seek_consistent and not subject.keep_to_consistent():
        return None
    if subject.language == "macro" and class_ in (None, "logic") and rng.random() < HEAVY:
        kinds, fallacy = ("merged_justifiers",), False
    undefined = class_ == "syntax" or rng.random() < UNDEFINED_ALLOWED
    order = _order(kinds, rng)
    if not fallacy and rng.random() < FORMS_FIRST:
        order.sort(key=lambda kind: kind not in _FORMS)
    for kind in order:
        for _ in range(_TRIES):
            edited = OPERATORS[kind](subject, rng)
            if edited is None or edited.proof == subject.text:
                continue
            found = first_error(edited, subject.language, class_, fallacy=fallacy, undefined=undefined)
            if found is not None and found[1]:
                return Corruption(kind, edited, *found)
    return None


def _order(kinds: Sequence[str], rng: Random) -> list[str]:
    """The kinds in random order, those of more weight sooner."""
    left = list(kinds)
    order = []
    while left:
        mark = rng.random() * sum(WEIGHTS.get(kind, 1) for kind in left)
        for kind in left:
            mark -= WEIGHTS.get(kind, 1)
            if mark <= 0:
                break
        order.append(kind)
        left.remove(kind)
    return order


def preserve(subject: Subject, rng: Random, kinds: Sequence[str] = PRESERVING) -> tuple[str, Edited] | None:
    """The same problem with a proof that was edited and is still strictly correct; None where no try left it so."""
    order = _order(kinds, rng)
    for kind in order:
        for _ in range(_TRIES):
            edited = OPERATORS[kind](subject, rng)
            if edited is not None and edited.proof != subject.text:
                verdict = check((edited.premises, edited.goal), edited.proof, mode="strict", language=subject.language)
                if verdict.correct:
                    return kind, edited
    return None


def preserve_alike(subject: Subject, rng: Random, corrupting: str) -> tuple[str, Edited] | None:
    """As :func:`preserve`, by an operator that makes the proof longer only where the corrupting one does.

    Else longer proofs would be right more often: a step more is the easiest edit that leaves a proof correct, and an
    announcement more the next (which no corruption adds, and which shows in a proof that has none).
    """
    grows = corrupting in GROWING
    kinds = [kind for kind in PRESERVING if (kind in GROWING) == grows and kind != "changed_annotating"]
    return preserve(subject, rng, kinds)


def first_error(
    edited: Edited, language: Name, class_: str | None = None, *, fallacy: bool = False, undefined: bool = True
) -> tuple[Failure, tuple[int, ...]] | None:
    """The first error and the lines of its step, if both modes find the same one; else None.

    ``class_``: only an error of this class. ``fallacy``: only one that is diagnosed as a fallacy. ``undefined``:
    whether it may be an undefined name.
    """
    problem = (edited.premises, edited.goal)
    strict = check(problem, edited.proof, mode="strict", language=language).failure
    if strict is None or class_ not in (None, strict.class_) or strict.kind in ("checkerLimit", "unfilled"):
        return None
    if strict.kind == "tooManyJustifiers" or (strict.kind == "undefinedName" and not _bound_before(edited, strict)):
        return None  # nothing need be read to see it: a count, a name that no line above has
    if (fallacy and strict.diagnosis != "fallacy") or (not undefined and strict.kind == "undefinedName"):
        return None
    tolerant = check(problem, edited.proof, mode="instrumented", language=language).failure
    same = tolerant is not None and (tolerant.kind, tolerant.step, tolerant.line) == (
        strict.kind,
        strict.step,
        strict.line,
    )
    return (strict, lines_of_step(edited.proof, strict, language)) if same else None


def _bound_before(edited: Edited, failure: Failure) -> bool:
    """Whether all names that a failing line cites are bound somewhere above it, in scope or out of it."""
    lines = edited.proof.split("\n")
    above = set(re.findall(r"([\w'-]+)\s*:=", "\n".join(lines[: failure.line - 1])))
    above |= {f"premise-{k}" for k in range(1, len(edited.premises) + 1)} | {"true", "false"} | set(RULES)
    text = lines[failure.line - 1].split("#")[0] if failure.line else ""
    return set(re.findall(r"(?<![\w'-])[a-z][\w'-]*(?!\s*:=)", _CITING.sub(" ", text))) <= above


_CITING = re.compile(r"[\w'-]+\s*:=|\b(?:on|from|BY|by|assume|suppose-absurd)\b")


def lines_of_step(proof: str, failure: Failure, language: Name) -> tuple[int, ...]:
    """The lines, from 1, on which the failing step itself stands (not the subproofs in its arguments)."""
    if failure.line == 0:
        return ()
    if failure.step is None:
        return (failure.line,)
    parsed = parse_proof(proof, language)
    for node in parsed.applications():
        if node.step == failure.step:
            spans = [(node.start, node.rule_end), *((a.start, a.end) for a in node.arguments if isinstance(a, Term))]
            lines = {n for a, b in spans for n in range(parsed.position(a)[0], parsed.position(max(a, b - 1))[0] + 1)}
            return tuple(sorted({*lines, failure.line}))
    return (failure.line,)


__all__ = [
    "CORRUPTING",
    "GROWING",
    "OPERATORS",
    "PRESERVING",
    "Corruption",
    "Edited",
    "Fact",
    "Scope",
    "Subject",
    "corrupt",
    "first_error",
    "flip_negation",
    "invalid_inference",
    "lines_of_step",
    "preserve",
    "preserve_alike",
    "splice",
    "vary",
]
