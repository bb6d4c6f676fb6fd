"""What a flawed proof says: its first failure as a question, and the valid steps before it.

The checker evaluates the proof as it does for a score (reading through surface slips), so what is asked about is what
was scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from proofgrid.checker import RULES, CheckerError, Formula
from proofgrid.checker.limits import LimitReached
from proofgrid.checker.ndl.check import read_tokens
from proofgrid.checker.ndl.evaluate import Evaluator
from proofgrid.checker.ndl.findings import Problem, Traced
from proofgrid.checker.ndl.lexer import blank_comments, tokenize
from proofgrid.checker.ndl.repair import repair
from proofgrid.checker.ndl.syntax import From, ParsedProof, RuleApplication, SupposeAbsurd
from proofgrid.checker.places import plain_text
from proofgrid.checker.rules import results
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

    asked: Asked
    conclusion: Formula
    required: tuple[Formula, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first failure of a proof. ``asked`` is None where it states no inference that can be asked about."""

    kind: str
    rule: str | None
    line: int
    depth: int
    asked: Asked | None
    not_asked: NotAsked | None
    steps: tuple[Step, ...]
    """Valid steps before it."""
    holds: tuple[Formula, ...]
    """What held at the failing step, for questions of what follows from all that holds."""


def find_flaw(premises: Sequence[Formula], goal: Formula, proof: str, language: Language) -> Flaw | None:
    """The first failure of ``proof``; None where the checker accepts it. Total: never raises on any text."""
    plain = blank_comments(plain_text(proof))
    try:
        parsed, trace, evaluator, conclusion = _evaluate(premises, goal, plain, language)
    except CheckerError:
        return Flaw("Parsing", None, 0, 0, None, "no_inference", (), ())
    except (LimitReached, MemoryError, RecursionError):
        return Flaw("checkerLimit", None, 0, 0, None, "limit", (), ())
    steps = tuple(step for item in trace if (step := _step(item)) is not None)
    if not evaluator.problems:
        if conclusion is goal:
            return None
        return Flaw("wrongTopConclusion", None, 0, 0, None, "wrong_goal", steps, ())
    problem = evaluator.problems[0]
    line, _ = parsed.position(problem.offset)
    asked, reason = _question(problem)
    node = problem.node
    rule = node.rule if isinstance(node, RuleApplication | From) else None
    if isinstance(node, SupposeAbsurd):
        rule = "suppose-absurd"
    return Flaw(problem.kind, rule, line, len(problem.hypotheses), asked, reason, steps, _held(problem))


def _evaluate(
    premises: Sequence[Formula], goal: Formula, plain: str, language: Language
) -> tuple[ParsedProof, list[Traced], Evaluator, Formula | None]:
    try:
        parsed, formulas = read_tokens(tokenize(plain, language), plain, language)
    except CheckerError:
        tokens, _ = repair(plain, language)
        parsed, formulas = read_tokens(tokens, plain, language)
    trace: list[Traced] = []
    evaluator = Evaluator(parsed, premises, goal, formulas, tolerant=True, trace=trace)
    return parsed, trace, evaluator, evaluator.run()


def _step(item: Traced) -> Step | None:
    node = item.node
    if isinstance(node, From):
        asked = Asked("follows", "from", item.evaluated, item.conclusion)
        return Step(asked, item.conclusion, item.required, len(item.hypotheses))
    rule = RULES.get(node.rule)
    if rule is None or all(conclusion is not item.conclusion for _, conclusion in results(rule, item.evaluated)):
        return None
    asked = Asked("rule", rule.name, item.evaluated, item.conclusion)
    return Step(asked, item.conclusion, item.required, len(item.hypotheses))


def _held(problem: Problem) -> tuple[Formula, ...]:
    """What held, earliest first, each once."""
    return tuple(dict.fromkeys(reversed(problem.holds)))


def _question(problem: Problem) -> tuple[Asked | None, NotAsked | None]:
    kind, node = problem.kind, problem.node
    if kind == "aggregation":
        return None, "aggregation"
    if kind == "notInAB" and problem.missing is not None:
        rule = node.rule if isinstance(node, RuleApplication | From) else ""
        asked = Asked("follows", rule, _held(problem), problem.missing, all_that_holds=True)
    elif kind == "notFalse" and problem.target is not None:
        asked = Asked("follows", "suppose-absurd", problem.sources or (), problem.target)
    elif (
        kind in ("malformedRuleApp", "conclusionMismatch") and isinstance(node, RuleApplication) and node.rule in RULES
    ):
        asked = Asked("rule", node.rule, problem.evaluated, problem.target)
    elif kind in ("doesNotFollow", "tooManyJustifiers") and problem.target is not None:
        asked = Asked("follows", "from", problem.evaluated, problem.target)
    else:
        return None, "no_inference"
    if len(asked.sources) > MOST_SOURCES or asked.length > MOST_SYMBOLS:
        return None, "too_long"
    if asked.valid():
        return None, "follows_after_all"
    return asked, None


def valid_steps(premises: Sequence[Formula], goal: Formula, proof: str, language: Language) -> tuple[Step, ...]:
    """The steps of a proof, up to its first failure if it has one, that the rule table confirms. Total."""
    try:
        _, trace, _, _ = _evaluate(premises, goal, blank_comments(plain_text(proof)), language)
    except (CheckerError, LimitReached, MemoryError, RecursionError):
        return ()
    return tuple(step for item in trace if (step := _step(item)) is not None)


def steps_by_line(premises: Sequence[Formula], goal: Formula, proof: str, language: Language) -> dict[int, Step]:
    """The valid steps before the first failure by the line of their rule's name (the last one of a line). Total."""
    try:
        parsed, trace, _, _ = _evaluate(premises, goal, blank_comments(plain_text(proof)), language)
    except (CheckerError, LimitReached, MemoryError, RecursionError):
        return {}
    found = ((parsed.position(item.node.rule_start)[0], _step(item)) for item in trace)
    return {line: step for line, step in found if step is not None}
