"""Checking a proof in NDL or the macro language: read, repair where that is asked for, evaluate, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.errors import FormulaSyntaxError, ProofSyntaxError
from proofgrid.checker.formulas import FALSE, Formula, show
from proofgrid.checker.limits import BASE_WORK, LimitReached, Work, check_steps, within_limits
from proofgrid.checker.natural.advice import reading_hint
from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.evaluate import Evaluator
from proofgrid.checker.natural.findings import FailedStep, Traced
from proofgrid.checker.natural.heads import respell
from proofgrid.checker.natural.kinds import ENTAILED
from proofgrid.checker.natural.lexer import UNFILLED, AnyToken, blank_comments, count_steps, scan, tokenize
from proofgrid.checker.natural.parser import parse_scanned, parse_tokens
from proofgrid.checker.natural.repair import STARTS_AT, is_no_proof, repair, slot_for_a_step
from proofgrid.checker.natural.report import FIELD_LIMIT, failure_of, fix_of
from proofgrid.checker.natural.scope import Open, read_formulas, read_steps_formulas
from proofgrid.checker.natural.syntax import ParsedProof, Term
from proofgrid.checker.places import Places
from proofgrid.checker.slips import MAX_FIXES, NON_ASCII
from proofgrid.checker.verdict import Failure, Fix, Mode, Profile, Verdict, empty_proof

Name = Literal["ndl", "macro"]
ADVISED = 50
"""How many failures get advice besides their diagnosis."""


class Seen:
    """What a check saw of a proof that could be read, for those who want more than the verdict."""

    __slots__ = ("evaluator", "proof", "trace")

    def __init__(self) -> None:
        self.proof: ParsedProof | None = None
        self.evaluator: Evaluator | None = None
        self.trace: list[Traced] = []


def read_tokens(tokens: list[AnyToken], plain: str, language: Name) -> tuple[ParsedProof, dict[str, Open]]:
    """Tree and formulas of a token list.

    Raises ProofSyntaxError with the offset, LimitReached where there are too many steps to evaluate.
    """
    check_steps(count_steps(tokens))
    proof = parse_tokens(tokens, plain, language)
    try:
        formulas = read_formulas(proof, [t for t in tokens if type(t) is Term and not t.is_name])
    except FormulaSyntaxError as error:
        raise ProofSyntaxError(str(error), error.offset) from None
    return proof, formulas


@dataclass(frozen=True, slots=True)
class Reading:
    """A proof that could be read."""

    proof: ParsedProof
    formulas: dict[str, Open]
    repairs: list[Repair]
    """What was repaired so that it could be read, in text order."""
    read_as: list[AnyToken] | None = None

    @property
    def tokens(self) -> list[AnyToken]:
        """The tokens as they were read, single ones."""
        return tokenize(self.proof.text, self.proof.language) if self.read_as is None else self.read_as


def read_proof(
    text: str, plain: str, language: Name, premises: Sequence[Formula], goal: Formula, *, tolerant: bool
) -> Reading:
    """A proof, exactly or through slips. ``plain`` is the text with its comments blanked out.

    Raises ProofSyntaxError and LimitReached as read_tokens does.
    """
    if (slot := slot_for_a_step(plain)) is not None:
        raise ProofSyntaxError(f"{slot[1]} is not filled in", slot.start(1))
    lost = is_no_proof(plain, language)
    if lost and (error := _fault_at_start(plain, language)) is not None:
        raise error
    if not lost and (reading := _read_at_once(plain, language)) is not None:
        return reading
    tokens = tokenize(plain, language)
    repairs = respell(tokens) if tolerant else []
    try:
        proof, formulas = read_tokens(tokens, plain, language)
    except ProofSyntaxError:
        if not tolerant or lost or not plain.strip():
            raise
        tokens, repairs = repair(text, language, premises, goal)
        proof, formulas = read_tokens(tokens, plain, language)
    return Reading(proof=proof, formulas=formulas, repairs=repairs, read_as=tokens)


def _fault_at_start(plain: str, language: Name) -> ProofSyntaxError | None:
    """The first syntax error, where the beginning of a long text holds it already; else None."""
    start = plain[:STARTS_AT]
    try:
        read_tokens(tokenize(start, language), start, language)
    except ProofSyntaxError as error:
        return error if error.offset < STARTS_AT - 200 else None
    return None


def _read_at_once(plain: str, language: Name) -> Reading | None:
    """A proof in which there is nothing to repair, plain steps read at once; None where that is not so.

    It reads what reading token by token reads, to the same tree.
    """
    tokens = scan(plain, language)
    check_steps(count_steps(tokens))
    formulas = read_steps_formulas(tokens)
    if formulas is None:
        return None
    proof = parse_scanned(tokens, plain, language)
    return None if proof is None else Reading(proof=proof, formulas=formulas, repairs=[])


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
            "fixes_left_out": max(0, len(fixes) - MAX_FIXES),
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
    for made in reading.repairs:
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
    fixes.extend(fix_of(slip, proof) for slip in evaluator.slips)
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
