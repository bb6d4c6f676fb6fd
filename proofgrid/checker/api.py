"""The library's front door: ``check``, ``parse_proof`` and ``trace_steps``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from proofgrid.checker.errors import ProblemSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.macro.check import MacroEvaluator, check_macro
from proofgrid.checker.natural.evaluate import Evaluator
from proofgrid.checker.natural.examine import Examination, StepTrace, as_read_proof, examine_proof, trace_proof
from proofgrid.checker.natural.parser import parse_proof
from proofgrid.checker.ndl.check import NdlEvaluator, check_ndl
from proofgrid.checker.parsing import parse_formula, parse_problem
from proofgrid.checker.verdict import Language, Mode, Profile, Verdict

Problem: TypeAlias = str | tuple[Sequence[Formula | str], Formula | str]
"""``"premise # ... # goal"``, or (premises, goal) as formulas or texts."""
_EVALUATORS: dict[str, type[Evaluator]] = {"ndl": NdlEvaluator, "macro": MacroEvaluator}
LANGUAGES = ("ndl", "macro", "hilbert", "equational")
__all__ = [
    "LANGUAGES",
    "Examination",
    "Problem",
    "StepTrace",
    "as_read",
    "check",
    "examine",
    "parse_proof",
    "read_problem",
    "trace_steps",
]


def read_problem(problem: Problem) -> tuple[tuple[Formula, ...], Formula]:
    """Premises and goal of a problem in either notation. Raises ProblemSyntaxError."""
    if isinstance(problem, str):
        return parse_problem(problem)
    try:
        premises, goal = problem
    except (TypeError, ValueError):
        raise ProblemSyntaxError('a problem is "premise # ... # goal" or (premises, goal)') from None
    if isinstance(premises, str):
        raise ProblemSyntaxError("the premises are a sequence of formulas, not one text")
    return tuple(map(_formula, premises)), _formula(goal)


def _formula(value: Formula | str) -> Formula:
    if isinstance(value, Formula):
        return value
    if not isinstance(value, str):
        raise ProblemSyntaxError(f"a premise or goal is a formula or a text, not {type(value).__name__}")
    try:
        return parse_formula(value)
    except ValueError as error:
        raise ProblemSyntaxError(f"the problem cannot be read: '{value[:60]}': {error}") from error


def check(
    problem: Problem | Any,
    proof: str,
    *,
    mode: Mode = "instrumented",
    language: Language = "ndl",
    profile: Profile = "surface",
    all_failures: bool = False,
    relation: Literal["parallel", "symmetric"] = "parallel",
    most: int | None = None,
    timeout: float | None = None,
) -> Verdict:
    """Check ``proof`` against ``problem`` and say what is wrong with it, if anything.

    ``problem`` is ``"p # q # goal"`` or (premises, goal); for equational proofs what
    :func:`proofgrid.checker.equational.check_chain` takes. ``mode`` is strict (the language exactly) or instrumented
    (reads through the slips of docs/spec.md section 3 and lists them as fixes). Profile ``paper`` also overlooks, in
    instrumented NDL, any wrong conclusion where what holds is inconsistent, as the published verdicts do; a verdict's
    ``paper_only`` says where that alone would decide. With ``all_failures`` the check goes on after a failure.

    ``relation`` and ``most`` are for equational chains (docs/spec.md section 5): steps go from left to right, or in
    either direction (``symmetric``), with at most so many equations each. EQ-GF is ``symmetric`` with 2.

    ``timeout`` (seconds) is the caller's own guard, off by default: where it passes, there is no verdict (checkerLimit,
    whose message says so). Without it the same text has the same verdict on every machine.

    Raises ProblemSyntaxError where the *problem* cannot be read, ValueError on an unknown option. Whatever the text
    of the proof is, it gets a verdict.
    """
    if mode not in ("strict", "instrumented"):
        raise ValueError(f"mode is 'strict' or 'instrumented', not {mode!r}")
    if profile not in ("surface", "paper"):
        raise ValueError(f"profile is 'surface' or 'paper', not {profile!r}")
    if relation not in ("parallel", "symmetric"):
        raise ValueError(f"relation is 'parallel' or 'symmetric', not {relation!r}")
    if language == "equational":
        from proofgrid.checker.equational import check_chain

        equations: Any = problem
        return check_chain(
            equations, proof, mode=mode, all_failures=all_failures, relation=relation, most=most, timeout=timeout
        )
    if relation != "parallel" or most is not None:
        raise ValueError("relation and most are for equational chains")
    if language == "hilbert":
        from proofgrid.checker.hilbert import check_hilbert

        premises, goal = read_problem(problem)
        return check_hilbert(premises, goal, proof, mode=mode, all_failures=all_failures, timeout=timeout)
    if language != "ndl" and language != "macro":
        raise ValueError(f"language is one of {', '.join(LANGUAGES)}, not {language!r}")
    premises, goal = read_problem(problem)
    return (check_ndl if language == "ndl" else check_macro)(
        premises, goal, proof, mode=mode, profile=profile, all_failures=all_failures, timeout=timeout
    )


def as_read(problem: Problem | Any, proof: str, language: Language) -> str:
    """``proof`` as instrumented mode reads it: in strict form, every fix applied, up to its first failure.

    Of a proof that is correct in instrumented mode the text is correct in strict mode; in NDL and the macro language
    but for structural fixes, which stay as they are written. Raises ProblemSyntaxError where the problem cannot be
    read, ProofSyntaxError where the proof cannot (NDL and macro), LimitReached where the check goes over its limits.
    """
    if language == "hilbert":
        from proofgrid.checker.hilbert import as_read as hilbert_as_read

        return hilbert_as_read(*read_problem(problem), proof)
    if language == "equational":
        from proofgrid.checker.equational import as_read as equational_as_read

        equations: Any = problem
        return equational_as_read(equations, proof)
    if language == "ndl" or language == "macro":
        premises, goal = read_problem(problem)
        return as_read_proof(premises, goal, proof, language=language, evaluator=_EVALUATORS[language])
    raise ValueError(f"'{language}' proofs are not written out as read")


def examine(
    problem: Problem,
    proof: str,
    *,
    mode: Mode = "instrumented",
    language: Language = "ndl",
    profile: Profile = "surface",
    timeout: float | None = None,
) -> Examination:
    """The verdict on an NDL or macro proof with what the checker saw on the way: the steps and the failed one.

    Raises ProblemSyntaxError where the problem cannot be read; whatever the proof is, it gets a verdict.
    """
    if language != "ndl" and language != "macro":
        raise ValueError("only 'ndl' and 'macro' proofs are examined")
    premises, goal = read_problem(problem)
    return examine_proof(
        premises,
        goal,
        proof,
        language=language,
        evaluator=_EVALUATORS[language],
        mode=mode,
        profile=profile,
        timeout=timeout,
    )


def trace_steps(
    problem: Problem, proof: str, language: Language = "ndl", mode: Mode = "strict"
) -> tuple[StepTrace, ...]:
    """Every application of a correct NDL or macro proof, in step order: position, arguments as written and
    evaluated, what had to hold, conclusion, depth and open hypotheses.

    Raises CheckerError (or its kind ProofSyntaxError) where the proof is not strictly correct; with mode
    "instrumented", where it is not correct after fixes.
    """
    if language != "ndl" and language != "macro":
        raise ValueError("only 'ndl' and 'macro' proofs have traces")
    premises, goal = read_problem(problem)
    return trace_proof(premises, goal, proof, language=language, evaluator=_EVALUATORS[language], mode=mode)
