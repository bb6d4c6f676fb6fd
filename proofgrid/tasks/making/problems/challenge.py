"""The problems of the challenge tasks: three premises over four or five atoms, as published, with larger formulas."""

from __future__ import annotations

from random import Random

from proofgrid.checker.formulas import Formula, atoms
from proofgrid.tasks.making.problems.random_formulas import Shape, draw_entailment


def challenge_problem(rng: Random, leaves: tuple[int, int]) -> tuple[tuple[Formula, ...], Formula] | None:
    """A random entailment whose three premises are all needed; None if the draw came to nothing.

    ``leaves``: atom occurrences in a premise or goal (inclusive).
    """
    shape = Shape(atoms=(4, 5), premises=(3, 3), leaves=leaves, biconditionals=0.1, fold=0.0)
    drawn = draw_entailment(rng, shape)
    return None if drawn is None or len(atoms(*drawn[0], drawn[1])) < 4 else drawn
