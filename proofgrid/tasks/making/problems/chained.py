"""Short Hilbert problems: premises that lead to the goal link by link, some of them moved into the goal.

Random entailments with short axiomatic proofs are few, and soon all known. Here the goal is reached by modus ponens
along a random tree of conditionals between random formulas; a premise that becomes the antecedent of the goal makes the
axioms needed. No axiomatic proof gets longer where a formula stands in place of a letter, so the formulas are of some
depth: of letters and their negations there are a few dozen such trees in all.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from proofgrid.checker import countermodel, entails
from proofgrid.checker.formulas import FALSE, Formula, implies

Draw = Callable[[int], Formula]
"""A random formula of a depth."""


def chained_problem(rng: Random, draw: Draw, links: int, moved: int) -> tuple[tuple[Formula, ...], Formula] | None:
    """(premises, goal): ``links`` conditionals lead to the goal, ``moved`` premises have become its antecedents.

    The premises are consistent and each is needed. None if the draw came to nothing.
    """
    goal = draw(rng.choice((1, 1, 2)))
    open_: list[Formula] = [goal]
    premises: list[Formula] = []
    for _ in range(links):
        target = open_.pop(rng.randrange(len(open_)))
        antecedents = [draw(rng.choice((1, 2, 2))) for _ in range(1 if rng.random() < 0.7 else 2)]
        link = target
        for f in reversed(antecedents):
            link = implies(f, link)
        premises.append(link)
        open_ += antecedents
    premises = list(dict.fromkeys([*premises, *open_]))
    rng.shuffle(premises)
    for _ in range(moved):
        goal = implies(premises.pop(), goal)
    if len(premises) < 2 or goal in premises or countermodel(premises, FALSE) is None or not entails(premises, goal):
        return None
    if any(entails([p for p in premises if p is not gone], goal) for gone in premises):
        return None
    return tuple(premises), goal
