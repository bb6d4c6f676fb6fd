"""Checking a proof in NDL or the macro language: read, repair where that is asked for, evaluate, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.errors import CheckerError, FormulaSyntaxError, ProofSyntaxError
from proofgrid.checker.formulas import FALSE, Formula, show
from proofgrid.checker.limits import BASE_WORK, LimitReached, Work, check_steps, within_limits
from proofgrid.checker.ndl.advice import reading_hint
from proofgrid.checker.ndl.characters import NON_ASCII
from proofgrid.checker.ndl.evaluate import Evaluator
from proofgrid.checker.ndl.findings import Problem, Traced
from proofgrid.checker.ndl.lexer import UNFILLED, AnyToken, blank_comments, count_steps, tokenize
from proofgrid.checker.ndl.parser import parse_tokens
from proofgrid.checker.ndl.repair import repair
from proofgrid.checker.ndl.report import FIELD_LIMIT, failure_of, fix_of
from proofgrid.checker.ndl.scope import Open, read_formulas
from proofgrid.checker.ndl.syntax import From, ParsedProof, RuleApplication, Term
from proofgrid.checker.ndl.tolerance import ENTAILED
from proofgrid.checker.places import Places, plain_text
from proofgrid.checker.verdict import Failure, Fix, Mode, Profile, Verdict

Name = Literal["ndl", "macro"]
ADVISED = 50
"""How many failures get advice besides their diagnosis."""
MAX_FIXES = 1000
"""How many fixes a verdict lists (of each class); a text with more of them is not read any less."""


@dataclass(frozen=True, slots=True)
class StepTrace:
    """One application of a strictly correct proof, as the checker saw it."""

    step: int
    line: int
    column: int
    start: int
    end: int
    rule: str
    arguments: tuple[str, ...]
    """As written."""
    evaluated: tuple[Formula, ...]
    required: tuple[Formula, ...]
    """What had to hold for the step."""
    conclusion: Formula
    depth: int
    """How many hypotheses are open at the step."""
    hypotheses: tuple[Formula, ...]
    """The open hypotheses, outermost first."""
    node: RuleApplication | From


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


def check_ndl(
    premises: Sequence[Formula],
    goal: Formula,
    text: str,
    *,
    mode: Mode = "instrumented",
    language: Name = "ndl",
    profile: Profile = "surface",
    all_failures: bool = False,
    timeout: float | None = None,
) -> Verdict:
    """The verdict on a proof. Total: never raises on any ``text``."""

    def check(plain: str, work: Work) -> Verdict:
        return _check(tuple(premises), goal, plain, mode, language, profile, all_failures, work)

    return within_limits(check, text, mode=mode, language=language, timeout=timeout)


def _check(
    premises: tuple[Formula, ...],
    goal: Formula,
    text: str,
    mode: Mode,
    language: Name,
    profile: Profile,
    all_failures: bool,
    work: Work,
) -> Verdict:
    fixes: list[Fix] = []

    def verdict(conclusion: Formula | None, failures: Sequence[Failure], steps: int) -> Verdict:
        return Verdict(
            correct=not failures,
            strict=not failures and not fixes,
            conclusion=None if conclusion is None else show(conclusion, FIELD_LIMIT),
            fixes=tuple(fixes),
            failure=failures[0] if failures else None,
            failures=tuple(failures) if all_failures else (),
            steps=steps,
            mode=mode,
            language=language,
            paper_only=paper_only,
        )

    paper_only = False
    plain = blank_comments(text)
    try:
        proof, formulas = read_tokens(tokenize(plain, language), plain, language)
    except ProofSyntaxError as error:
        if mode == "strict":
            return verdict(None, [_unread(error, text, plain)], 0)
        tokens, repairs = repair(plain, language)
        places = Places(plain)
        for made in repairs[:MAX_FIXES]:
            fixes.append(Fix(made.kind, "syntax", None, places.line(made.offset), made.message))
        try:
            proof, formulas = read_tokens(tokens, plain, language)
        except ProofSyntaxError as remaining:
            return verdict(None, [_unread(remaining, text, plain)], 0)
    tolerant = mode == "instrumented"
    paper = profile == "paper"
    evaluator = Evaluator(
        proof, premises, goal, formulas, tolerant=tolerant, paper=paper, go_on=all_failures, work=work
    )
    conclusion = evaluator.run()
    if not tolerant or (evaluator.problems and paper):
        paper_only = False
    elif not evaluator.problems:
        paper_only = paper and conclusion is goal and any(slip.kind == ENTAILED for slip in evaluator.slips)
    else:
        paper_only = _paper_accepts(proof, premises, goal, formulas, evaluator.problems[0], work)
    fixes.extend(fix_of(slip, proof) for slip in evaluator.slips[:MAX_FIXES])
    failures = []
    for i, problem in enumerate(evaluator.problems):
        failures.append(failure_of(problem, proof, text, premises, advise=i < ADVISED, work=work))
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
    proof: ParsedProof,
    premises: tuple[Formula, ...],
    goal: Formula,
    formulas: dict[str, Open],
    first: Problem,
    work: Work,
) -> bool:
    """Whether profile ``paper`` would have overlooked the first failure, and the proof would have been correct."""
    if first.kind != "conclusionMismatch":
        return False
    aside = work.aside(BASE_WORK)
    try:
        if countermodel((*premises, *first.hypotheses), FALSE, work=aside) is not None:
            return False
        evaluator = Evaluator(proof, premises, goal, formulas, tolerant=True, paper=True, work=aside)
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


def trace_ndl(
    premises: Sequence[Formula], goal: Formula, text: str, language: Name = "ndl", mode: Mode = "strict"
) -> tuple[StepTrace, ...]:
    """Every application of a proof that is correct in ``mode``, in step order. CheckerError where it is not."""
    how = "strictly correct" if mode == "strict" else "correct"
    tolerant = mode == "instrumented"
    text = plain_text(text)
    plain = blank_comments(text)
    try:
        proof, formulas = read_tokens(tokenize(plain, language), plain, language)
    except ProofSyntaxError:
        if not tolerant:
            raise
        tokens, _ = repair(plain, language)
        proof, formulas = read_tokens(tokens, plain, language)
    trace: list[Traced] = []
    evaluator = Evaluator(proof, premises, goal, formulas, tolerant=tolerant, trace=trace)
    conclusion = evaluator.run()
    if evaluator.problems:
        failure = failure_of(evaluator.problems[0], proof, text, premises)
        raise CheckerError(f"the proof is not {how}: line {failure.line}: {failure.message}")
    if conclusion is not goal:
        raise CheckerError(f"the proof is not {how}: it concludes something else than the goal")
    steps = []
    for item in sorted(trace, key=lambda t: t.node.step):
        node = item.node
        line, column = proof.position(node.rule_start)
        steps.append(
            StepTrace(
                node.step, line, column, node.start, node.end, node.rule,
                tuple(proof.text[a.start : a.end] for a in node.arguments),
                item.evaluated, item.required, item.conclusion, len(item.hypotheses), item.hypotheses, node,
            )
        )  # fmt: skip
    return tuple(steps)
