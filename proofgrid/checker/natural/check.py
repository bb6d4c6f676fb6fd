"""Checking a proof in NDL or the macro language: read, repair where that is asked for, evaluate, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.errors import ProofSyntaxError
from proofgrid.checker.formulas import FALSE, Formula, show
from proofgrid.checker.limits import BASE_WORK, LimitReached, Work, within_limits
from proofgrid.checker.natural.advice import reading_hint
from proofgrid.checker.natural.evaluate import Evaluator
from proofgrid.checker.natural.findings import FailedStep, Traced
from proofgrid.checker.natural.kinds import ENTAILED
from proofgrid.checker.natural.lexer import UNFILLED, blank_comments
from proofgrid.checker.natural.reading import Name, read_proof
from proofgrid.checker.natural.report import FIELD_LIMIT, failure_of, fix_of
from proofgrid.checker.natural.scope import Open
from proofgrid.checker.natural.syntax import ParsedProof
from proofgrid.checker.places import Places
from proofgrid.checker.slips import MAX_FIXES, NON_ASCII
from proofgrid.checker.verdict import Failure, Fix, Mode, Profile, Verdict, empty_proof

ADVISED = 50
"""How many failures get advice besides their diagnosis."""


class Seen:
    """What a check saw of a proof that could be read, for those who want more than the verdict."""

    __slots__ = ("evaluator", "proof", "trace")

    def __init__(self) -> None:
        self.proof: ParsedProof | None = None
        self.evaluator: Evaluator | None = None
        self.trace: list[Traced] = []


def check_proof(
    premises: Sequence[Formula],
    goal: Formula,
    text: str,
    *,
    language: Name,
    evaluator: type[Evaluator],
    mode: Mode = "instrumented",
    profile: Profile = "surface",
    all_failures: bool = False,
    timeout: float | None = None,
    seen: Seen | None = None,
) -> Verdict:
    """The verdict on a proof. Total: never raises on any ``text``. ``seen`` is filled in where it is given."""

    def check(plain: str, work: Work) -> Verdict:
        return _check(tuple(premises), goal, plain, mode, language, evaluator, profile, all_failures, work, seen)

    return within_limits(check, text, mode=mode, language=language, timeout=timeout)


def _check(
    premises: tuple[Formula, ...],
    goal: Formula,
    text: str,
    mode: Mode,
    language: Name,
    make: type[Evaluator],
    profile: Profile,
    all_failures: bool,
    work: Work,
    seen: Seen | None,
) -> Verdict:
    fixes: list[Fix] = []
    not_made = 0  # fixes beyond those that a verdict lists
    at_once = all_failures or work.timed  # else nobody spends of `work` after us, and no clock runs

    def verdict(conclusion: Formula | None, failures: Sequence[Failure], steps: int) -> Verdict:
        known: dict[str, Any] = {
            "correct": not failures,
            "strict": not failures and not fixes,
            "conclusion": None if conclusion is None else show(conclusion, FIELD_LIMIT),
            "fixes": tuple(fixes[:MAX_FIXES]),
            "failure": failures[0] if failures else None,
            "failures": tuple(failures) if all_failures else (),
            "failures_left_out": 0,
            "steps": steps,
            "fixes_left_out": max(0, len(fixes) - MAX_FIXES) + not_made,
            "mode": mode,
            "language": language,
            "rewrites": None,
        }
        if callable(paper_only):
            decide = paper_only
            return Verdict.later(lambda: {"paper_only": decide()}, **known)
        return Verdict(**known, paper_only=paper_only)

    paper_only: bool | Callable[[], bool] = False
    plain = blank_comments(text)
    tolerant = mode == "instrumented"
    if not plain.strip():
        return verdict(None, [empty_proof(Places(text).line_text(1))], 0)
    try:
        reading = read_proof(text, plain, language, premises, goal, tolerant=tolerant)
    except ProofSyntaxError as error:
        return verdict(None, [_unread(error, text, plain)], 0)
    proof, formulas = reading.proof, reading.formulas
    for made in reading.repairs[:MAX_FIXES]:
        fixes.append(Fix(made.kind, "syntax", None, proof.places.line(made.offset), made.message))
    paper = profile == "paper"
    trace = None if seen is None else seen.trace
    evaluator = make(
        proof, premises, goal, formulas, tolerant=tolerant, paper=paper, go_on=all_failures, trace=trace, work=work
    )
    if seen is not None:
        seen.proof, seen.evaluator = proof, evaluator
    conclusion = evaluator.run()
    if not tolerant or (evaluator.problems and paper):
        paper_only = False
    elif not evaluator.problems:
        paper_only = paper and conclusion is goal and any(slip.kind == ENTAILED for slip in evaluator.slips)
    elif evaluator.problems[0].kind == "conclusionMismatch":
        first = evaluator.problems[0]
        paper_only = partial(_paper_accepts, make, proof, premises, goal, formulas, first, work.aside(BASE_WORK))
        if at_once:
            paper_only = paper_only()
    fixes.extend(fix_of(slip, proof) for slip in evaluator.slips[: MAX_FIXES - len(fixes)])
    not_made = len(reading.repairs) + len(evaluator.slips) - len(fixes)
    failures = []
    for i, problem in enumerate(evaluator.problems):
        failures.append(failure_of(problem, proof, text, premises, advise=i < ADVISED, at_once=at_once, work=work))
    if conclusion is not None and conclusion is not goal:
        failures.append(
            Failure(
                "wrongTopConclusion", "logic", None, 0, 0,
                f"the proof concludes {show(conclusion, 300)}, not the goal {show(goal, 300)}",
                expected=show(goal, FIELD_LIMIT), actual=show(conclusion, FIELD_LIMIT),
            )
        )  # fmt: skip
    if mode == "instrumented" and (fixes or failures) and plain.isascii() and not text.isascii():
        at = next(i for i, character in enumerate(text) if not character.isascii())
        line = proof.places.line(at)  # in a comment: the published results count it too
        fixes.insert(0, Fix(NON_ASCII, "syntax", None, line, "ignored the non-ASCII characters in the comments"))
    return verdict(conclusion, failures, proof.steps)


def _paper_accepts(
    make: type[Evaluator],
    proof: ParsedProof,
    premises: tuple[Formula, ...],
    goal: Formula,
    formulas: dict[str, Open],
    first: FailedStep,
    aside: Work,
) -> bool:
    """Whether profile ``paper`` would have overlooked the first failure, and the proof would have been correct."""
    try:
        if countermodel((*premises, *first.hypotheses), FALSE, work=aside) is not None:
            return False
        evaluator = make(proof, premises, goal, formulas, tolerant=True, paper=True, work=aside)
        return evaluator.run() is goal and not evaluator.problems
    except LimitReached:  # the verdict stands without it
        return False


def _unread(error: ProofSyntaxError, text: str, plain: str) -> Failure:
    """The failure of a text that is no proof."""
    places = Places(text)
    found = UNFILLED.search(plain)
    at = min(error.offset if found is None else found.start(), len(text))
    line, column = places.position(at)
    kind = "Parsing" if found is None else "unfilled"
    message = str(error) if found is None else f"{found.group()} is not filled in"
    hint = reading_hint(plain, at, "BYAPPLY" in error.expected) if found is None else None
    return Failure(kind, "syntax", None, line, column, message, text=places.line_text(line), hint=hint)
