"""Problems: random formulas, structured families, and a key that renaming does not change."""

from __future__ import annotations

from random import Random

from proofgrid.checker.formulas import Formula
from proofgrid.tasks.making.problems.challenge import challenge_problem
from proofgrid.tasks.making.problems.clauses import canonical_key
from proofgrid.tasks.making.problems.drawing import draw_family, families_of
from proofgrid.tasks.making.problems.random_formulas import padded_entailment, random_entailment
from proofgrid.tasks.making.problems.triviality import decided_by_one_rule, said_already

__all__ = [
    "canonical_key",
    "challenge_problem",
    "decided_by_one_rule",
    "draw_family",
    "families_of",
    "family_problem",
    "padded_entailment",
    "random_entailment",
    "random_problem",
    "said_already",
]

ProblemPair = tuple[tuple[Formula, ...], Formula]


def random_problem(rng: Random, level: int) -> ProblemPair | None:
    """A random entailment over 2 to 6 atoms in which every premise is needed; None where the draw came to nothing."""
    return random_entailment(rng, level)


def family_problem(rng: Random, level: int, *, large: bool = False) -> ProblemPair | None:
    """A structured problem (``large``: with up to 60 premises); None where the draw came to nothing."""
    drawn = draw_family(rng, level, large=large)
    return None if drawn is None else drawn[:2]
