"""Links a problem with a lemma over atoms of its own, so that there are many more problems and each part is needed.

The principles that families are made of have few small instances: there are two graphs of six vertices in which each
has three neighbours. A premise q is replaced by ``lemma ==> q``, and premises from which the lemma follows are added:
random, over fresh atoms, each needed. If every premise of the problem was needed, every premise of the new one is:
without one of the lemma's there is a model in which the lemma is false, and the new conditional says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from proofgrid.checker.formulas import Formula, atom, atoms, conj, disj, implies, neg, opposite, substitute
from proofgrid.tasks.making.problems.random_formulas import Shape, draw_entailment

_DRAWS = 12


def fresh_lemma(
    rng: Random, letter: str, start: int, names: tuple[int, int], leaves: tuple[int, int]
) -> tuple[list[Formula], Formula] | None:
    """(premises, lemma) over ``letter`` with indices from ``start``: consistent, each needed; None if no draw was.

    ``names`` and ``leaves``: how many atoms in all, and atom occurrences in a formula (inclusive).
    """
    shape = Shape(atoms=names, premises=(3, 4), leaves=leaves, biconditionals=0.08, fold=0.0)
    for _ in range(_DRAWS):
        drawn = draw_entailment(rng, shape)
        if drawn is not None:
            premises, lemma = drawn
            if len(atoms(*premises, lemma)) < names[0]:
                continue
            new = {atom(name): atom(f"{letter}{k}") for k, name in enumerate(atoms(*premises, lemma), start)}
            return [substitute(p, new, opposite) for p in premises], substitute(lemma, new, opposite)
    return None


def linked(
    rng: Random, premises: Sequence[Formula], letter: str, names: tuple[int, int], leaves: tuple[int, int]
) -> list[Formula] | None:
    """The premises with one that holds only under a lemma, and what proves the lemma; None if no lemma was drawn."""
    drawn = fresh_lemma(rng, letter, 1, names, leaves)
    if drawn is None:
        return None
    grounds, lemma = drawn
    at = rng.randrange(len(premises))
    held = premises[at]
    other = neg(lemma)
    conditional = rng.choice(
        (implies(lemma, held), implies(lemma, held), disj(held, other), neg(conj(lemma, neg(held))), disj(other, held))
    )
    return [*premises[:at], conditional, *premises[at + 1 :], *grounds]
