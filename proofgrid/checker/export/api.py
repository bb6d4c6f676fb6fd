"""``export_proof``: one accepted proof as a Coq script, a Metamath database, a LaTeX table or Fitch-style text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from proofgrid.checker.api import Problem, check, parse_proof, read_problem, trace_steps
from proofgrid.checker.equational import EquationalProblem, parse_chain, parse_equational_problem
from proofgrid.checker.equational.terms import Term
from proofgrid.checker.errors import CheckerError, ProblemSyntaxError
from proofgrid.checker.export.coq import PREAMBLE, coq_theorem
from proofgrid.checker.export.coq_chain import chain_section
from proofgrid.checker.export.fitch import FitchLine, fitch_lines, fitch_text
from proofgrid.checker.export.latex import chain_latex, fitch_latex
from proofgrid.checker.hilbert.metamath import export_metamath
from proofgrid.checker.verdict import Language, Rewrite

Target = Literal["coq", "metamath", "latex", "fitch"]
TARGETS: Final[dict[str, tuple[str, ...]]] = {
    "coq": ("ndl", "macro", "equational"),
    "latex": ("ndl", "macro", "equational"),
    "fitch": ("ndl", "macro"),
    "metamath": ("hilbert",),
}
"""What can be exported to what."""


def export_proof(
    problem: Problem | EquationalProblem, proof: str, *, to: Target, language: Language = "ndl", name: str = "proof"
) -> str:
    """The text of ``proof`` for another system; ``name`` (an identifier) is what the theorem is called there.

    Raises ProblemSyntaxError where the problem cannot be read, CheckerError where the proof is not strictly correct
    (Hilbert proofs: not correct after their tolerated slips are repaired) and ValueError where ``to`` does not take
    the language.
    """
    if language not in TARGETS.get(to, ()):
        able = ", ".join(target for target, languages in TARGETS.items() if language in languages)
        raise ValueError(f"{language} proofs can be exported to {able or 'nothing'}, not to {to}")
    if language == "equational":
        if not isinstance(problem, str | EquationalProblem):
            raise ProblemSyntaxError("an equational problem is one text: 'E1: l = r # ... # s = t'")
        given, terms, steps = chain_of(problem, proof)
        return chain_section(name, given, terms, steps) if to == "coq" else chain_latex(terms, steps)
    if isinstance(problem, EquationalProblem):
        raise ProblemSyntaxError('a problem is "premise # ... # goal" or (premises, goal)')
    if language == "hilbert":
        premises, goal = read_problem(problem)
        try:
            return export_metamath(premises, goal, proof, name)
        except ValueError as error:
            raise CheckerError(str(error)) from error
    premises, goal = read_problem(problem)
    lines = lines_of(problem, proof, language)
    if to == "coq":
        return f"{PREAMBLE}\n{coq_theorem(name, goal, lines)}"
    return fitch_latex(lines) if to == "latex" else fitch_text(lines)


def lines_of(problem: Problem, proof: str, language: Language = "ndl") -> tuple[FitchLine, ...]:
    """The Fitch lines of a strictly correct NDL or macro proof (CheckerError otherwise)."""
    premises, _ = read_problem(problem)
    trace = trace_steps(problem, proof, language)
    parsed = parse_proof(proof, "macro" if language == "macro" else "ndl")
    return fitch_lines(premises=premises, proof=parsed, trace=trace)


def chain_of(
    problem: str | EquationalProblem, proof: str
) -> tuple[EquationalProblem, list[Term], Sequence[Sequence[Rewrite]]]:
    """Problem, terms and rewrites of a correct equational chain (CheckerError otherwise)."""
    verdict = check(problem, proof, language="equational")
    if verdict.failure is not None or verdict.rewrites is None:
        said = f": line {verdict.failure.line}: {verdict.failure.message}" if verdict.failure else ""
        raise CheckerError(f"only a correct proof can be exported{said}")
    given = parse_equational_problem(problem) if isinstance(problem, str) else problem
    read = [line.term for line in parse_chain(proof, given.equations).lines if line.term is not None]
    terms = read if len(read) == len(verdict.rewrites) + 1 else [given.start, *read]
    return given, terms, verdict.rewrites
