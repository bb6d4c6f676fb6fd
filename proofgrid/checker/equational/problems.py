"""Equational problems (docs/spec.md section 5): named equations, and the two terms that a chain is to connect.

A problem is ``E1: l = r # E2: l = r # s = t``, the parts also one a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.equational.rewriting import Equation
from proofgrid.checker.equational.terms import Term, scan_term
from proofgrid.checker.errors import ProblemSyntaxError, TermSyntaxError

EQUATION_NAME: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9_'-]*)\s*:")


@dataclass(frozen=True, slots=True)
class EquationalProblem:
    """Equations by name, in order, and the two terms that a chain is to connect."""

    equations: Mapping[str, Equation]
    start: Term
    goal: Term


def parse_equation(text: str) -> tuple[Term, Term]:
    """Read ``l = r`` (TermSyntaxError with the offset where it does not fit)."""
    left, end = scan_term(text, 0)
    match = re.compile(r"\s*=").match(text, end)
    if match is None:
        raise TermSyntaxError("'=' is missing here", end)
    right, after = scan_term(text, match.end())
    if text[after:].strip():
        raise TermSyntaxError("the equation ends here, but the text goes on", after)
    return left, right


def parse_equational_problem(text: str) -> EquationalProblem:
    """Read a problem: named equations, then the goal ``s = t``; parts end with ``#`` or the line.

    Raises ProblemSyntaxError with one sentence that names the part.
    """
    equations: dict[str, Equation] = {}
    goal: tuple[Term, Term] | None = None
    for part in re.split(r"[#\n]", text):
        if not part.strip():
            continue
        if goal is not None:
            raise ProblemSyntaxError(f"'{part.strip()}' stands after the goal: name each equation, as in 'E1: l = r'")
        match = EQUATION_NAME.match(part)
        name = match[1] if match is not None else "the goal"
        try:
            left, right = parse_equation(part[match.end() :] if match is not None else part)
        except TermSyntaxError as error:
            raise ProblemSyntaxError(f"{name}: {error} (in '{part.strip()}')") from None
        if match is None:
            goal = left, right
        elif name in equations:
            raise ProblemSyntaxError(f"two equations are called '{name}'")
        else:
            equations[name] = Equation(name, left, right)
    if goal is None:
        raise ProblemSyntaxError("the goal is missing: end the problem with 's = t', the two terms to connect")
    return EquationalProblem(equations, *goal)


def format_problem(problem: EquationalProblem) -> str:
    """The problem in one line."""
    parts = [f"{e.name}: {e}" for e in problem.equations.values()]
    return " # ".join([*parts, f"{problem.start} = {problem.goal}"])
