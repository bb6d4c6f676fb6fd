"""What a flawed proof says: its first failure as a question, and the valid steps before it.

The checker evaluates the proof as it does for a score (reading through surface slips), so what is asked about is what
was scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from proofgrid.checker import RULES, Formula, StepTrace, examine
from proofgrid.checker.natural.examine import FailedInference
from proofgrid.checker.rules import results
from proofgrid.tasks.questions.asked import AnyAsked
from proofgrid.tasks.questions.inference import Asked

Language = Literal["ndl", "macro"]
MOST_SOURCES = 150
"""A question that lists more formulas than this is not asked."""
MOST_SYMBOLS = 10_000
"""Nor one of more symbols: names make short proofs of enormous formulas."""

NotAsked = Literal[
    "no_inference",  # syntax, undefined names: nothing is stated
    "wrong_goal",  # sound, but of another formula
    "follows_after_all",  # the question's right answer would be yes: believing it is no instability
    "aggregation",  # a valid inference that the language forbids
    "too_long",
    "limit",
]


@dataclass(frozen=True, slots=True)
class Step:
    """A step before the failure that the rule table confirms."""

    asked: AnyAsked
    conclusion: Formula | None
    """What it adds to what holds; None in equational logic, where nothing is kept."""
    required: tuple[Formula, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first failure of a proof. ``asked`` is None where it states no inference that can be asked about."""

    kind: str
    rule: str | None
    line: int
    depth: int
    asked: AnyAsked | None
    not_asked: NotAsked | None
    steps: tuple[Step, ...]
    """Valid steps before it."""
    holds: tuple[Formula, ...]
    """What held at the failing step, for questions of what follows from all that holds."""


def find_flaw(premises: Sequence[Formula], goal: Formula, proof: str, language: Language) -> Flaw | None:
    """The first failure of ``proof``; None where the checker accepts it. Total: never raises on any text."""
    found = examine((premises, goal), proof, language=language)
    failure = found.verdict.failure
    if failure is None:
        return None
    if failure.kind == "checkerLimit":
        return Flaw("checkerLimit", None, 0, 0, None, "limit", (), ())
    steps = tuple(step for item in found.steps if (step := _step(item)) is not None)
    if failure.kind == "wrongTopConclusion":
        return Flaw("wrongTopConclusion", None, 0, 0, None, "wrong_goal", steps, ())
    failed = found.failed
    if failed is None:
        return Flaw("Parsing", None, 0, 0, None, "no_inference", (), ())
    asked, reason = _question(failed)
    return Flaw(failed.kind, failed.rule, failed.line, len(failed.hypotheses), asked, reason, steps, failed.held)


def _step(item: StepTrace) -> Step | None:
    if item.rule == "from":
        asked = Asked("follows", "from", item.evaluated, item.conclusion)
        return Step(asked, item.conclusion, item.required, item.depth)
    rule = RULES.get(item.rule)
    if rule is None or all(conclusion is not item.conclusion for _, conclusion in results(rule, item.evaluated)):
        return None
    asked = Asked("rule", rule.name, item.evaluated, item.conclusion)
    return Step(asked, item.conclusion, item.required, item.depth)


def _question(failed: FailedInference) -> tuple[Asked | None, NotAsked | None]:
    kind, rule = failed.kind, failed.rule or ""
    if kind == "aggregation":
        return None, "aggregation"
    if kind == "notInAB" and failed.missing is not None:
        asked = Asked("follows", rule, failed.held, failed.missing, all_that_holds=True)
    elif kind == "notFalse" and failed.target is not None:
        asked = Asked("follows", "suppose-absurd", failed.sources, failed.target)
    elif kind in ("malformedRuleApp", "conclusionMismatch") and rule in RULES:
        asked = Asked("rule", rule, failed.evaluated, failed.target)
    elif kind in ("doesNotFollow", "tooManyJustifiers") and failed.target is not None:
        asked = Asked("follows", "from", failed.evaluated, failed.target)
    else:
        return None, "no_inference"
    return worth_asking(asked)


def worth_asking(asked: Asked) -> tuple[Asked | None, NotAsked | None]:
    """The question, or why it is none: it is too long for one, or what is asked follows after all."""
    if len(asked.sources) > MOST_SOURCES or asked.length > MOST_SYMBOLS:
        return None, "too_long"
    return (None, "follows_after_all") if asked.valid() else (asked, None)


def valid_steps(premises: Sequence[Formula], goal: Formula, proof: str, language: Language) -> tuple[Step, ...]:
    """The steps of a proof, up to its first failure if it has one, that the rule table confirms. Total."""
    steps = examine((premises, goal), proof, language=language).steps
    return tuple(step for item in steps if (step := _step(item)) is not None)


def steps_by_line(premises: Sequence[Formula], goal: Formula, proof: str, language: Language) -> dict[int, Step]:
    """The valid steps before the first failure by the line of their rule's name (the last one of a line). Total."""
    found = ((item.line, _step(item)) for item in examine((premises, goal), proof, language=language).steps)
    return {line: step for line, step in found if step is not None}
