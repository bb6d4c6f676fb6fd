"""More than a verdict: every step as the checker saw it, the failed one, and the text as it was read.

For callers that ask about single steps (stability, masks, gaps, exports), so that none evaluates a proof again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proofgrid.checker.errors import CheckerError, ProofSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.natural.check import Seen, check_proof
from proofgrid.checker.natural.evaluate import Evaluator
from proofgrid.checker.natural.findings import UNKNOWN, Traced
from proofgrid.checker.natural.lexer import AnyToken, blank_comments, tokenize
from proofgrid.checker.natural.parser import parse_tokens
from proofgrid.checker.natural.reading import Name, read_proof
from proofgrid.checker.natural.scope import read_formulas
from proofgrid.checker.natural.syntax import From, ParsedProof, RuleApplication, SupposeAbsurd, Term
from proofgrid.checker.places import plain_text
from proofgrid.checker.verdict import Mode, Profile, Verdict


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


@dataclass(frozen=True, slots=True)
class FailedInference:
    """The first step that failed, as the checker saw it."""

    kind: str
    line: int
    rule: str | None
    """``suppose-absurd`` for a block that does not end with false; None where no rule is concerned."""
    evaluated: tuple[Formula, ...]
    """What its arguments denote."""
    missing: Formula | None
    """The first formula that had to hold and does not."""
    sources: tuple[Formula, ...]
    """What it used that does hold."""
    target: Formula | None
    """What it would conclude."""
    hypotheses: tuple[Formula, ...]
    """The open hypotheses, outermost first."""
    held: tuple[Formula, ...]
    """What held at the step, earliest first, each once (the latest 2,000 and the premises)."""


@dataclass(frozen=True, slots=True)
class Examination:
    """A verdict with what the checker saw on the way to it."""

    verdict: Verdict
    steps: tuple[StepTrace, ...]
    """Every step that was accepted, in the order of their numbers; up to the first failure if there is one."""
    failed: FailedInference | None
    """The first failed step; None if there is none, or the text cannot be read."""


def examine_proof(
    premises: Sequence[Formula],
    goal: Formula,
    text: str,
    *,
    language: Name,
    evaluator: type[Evaluator],
    mode: Mode = "instrumented",
    profile: Profile = "surface",
    timeout: float | None = None,
) -> Examination:
    """Check a proof, and keep what was seen. Total: never raises on any ``text``."""
    seen = Seen()
    verdict = check_proof(
        premises,
        goal,
        text,
        language=language,
        evaluator=evaluator,
        mode=mode,
        profile=profile,
        timeout=timeout,
        seen=seen,
    )
    if seen.proof is None or seen.evaluator is None:
        return Examination(verdict=verdict, steps=(), failed=None)
    return Examination(
        verdict=verdict, steps=_steps(seen.proof, seen.trace), failed=_failed(seen.proof, seen.evaluator)
    )


def _failed(proof: ParsedProof, evaluator: Evaluator) -> FailedInference | None:
    if not evaluator.problems:
        return None
    step = evaluator.problems[0]
    node = step.node
    rule = node.rule if isinstance(node, RuleApplication | From) else None
    return FailedInference(
        kind=step.kind,
        line=proof.position(step.offset)[0],
        rule="suppose-absurd" if isinstance(node, SupposeAbsurd) else rule,
        evaluated=step.evaluated,
        missing=step.missing,
        sources=step.sources or (),
        target=None if step.target is UNKNOWN else step.target,
        hypotheses=step.hypotheses,
        held=tuple(dict.fromkeys(reversed(step.holds))),
    )


def _steps(proof: ParsedProof, trace: Sequence[Traced]) -> tuple[StepTrace, ...]:
    steps = []
    for item in sorted(trace, key=lambda t: t.node.step):
        node = item.node
        line, column = proof.position(node.rule_start)
        steps.append(
            StepTrace(
                step=node.step,
                line=line,
                column=column,
                start=node.start,
                end=node.end,
                rule=node.rule,
                arguments=tuple(proof.text[a.start : a.end] for a in node.arguments),
                evaluated=item.evaluated,
                required=item.required,
                conclusion=item.conclusion,
                depth=len(item.hypotheses),
                hypotheses=item.hypotheses,
                node=node,
            )
        )
    return tuple(steps)


def trace_proof(
    premises: Sequence[Formula], goal: Formula, text: str, *, language: Name, evaluator: type[Evaluator], mode: Mode
) -> tuple[StepTrace, ...]:
    """Every application of a proof that is correct in ``mode``, in step order. CheckerError where it is not."""
    found = examine_proof(premises, goal, text, language=language, evaluator=evaluator, mode=mode)
    failure = found.verdict.failure
    if failure is None:
        return found.steps
    how = "strictly correct" if mode == "strict" else "correct"
    message = f"the proof is not {how}: line {failure.line}: {failure.message}"
    if failure.class_ == "syntax" and failure.step is None and failure.kind != "invalidAssumption":
        raise ProofSyntaxError(message, _offset(plain_text(text), failure.line, failure.column))
    raise CheckerError(message)


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(row) + 1 for row in lines[: line - 1]) + column - 1


def as_read_proof(
    premises: Sequence[Formula], goal: Formula, text: str, *, language: Name, evaluator: type[Evaluator]
) -> str:
    """A proof as instrumented mode reads it: every fix of syntax applied, in the language exactly.

    Strict mode agrees with the verdict on the original, but for the structural fixes: those are no matter of reading.
    Raises ProofSyntaxError if the text cannot be read, LimitReached if there are too many steps.
    """
    premises = tuple(premises)
    text = plain_text(text)
    plain = blank_comments(text)
    tokens = read_proof(text, plain, language, premises, goal, tolerant=True).tokens
    exact = written(tokens)
    again = tokenize(exact, language)
    proof = parse_tokens(again, exact, language)
    formulas = read_formulas(proof, [token for token in again if type(token) is Term])
    evaluation = evaluator(proof, premises, goal, formulas, tolerant=True)
    evaluation.run()
    edits = sorted({edit for slip in evaluation.slips for edit in slip.edits})
    out: list[str] = []
    last = 0
    for start, end, put in edits:
        if start >= last:
            out += (exact[last:start], put)
            last = end
    return "".join([*out, exact[last:]])


_WORDS = {"BY": "BY", "FROM": "from", "ASSUME": "assume", "SUPPOSE": "suppose-absurd", "SEMI": ";\n"}
_ENDINGS = {"APPLY": " on", "LABEL": " :="}


def written(tokens: Sequence[AnyToken]) -> str:
    """Tokens as text that is read as the same tokens."""
    out: list[str] = []
    for token in tokens:
        kind = token.type
        if kind in _WORDS:
            out.append(_WORDS[kind])
        else:
            out.append(token.text + _ENDINGS[kind] if kind in _ENDINGS else token.text)
    return " ".join(out)
