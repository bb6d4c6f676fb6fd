"""Formulas and inferences that are almost like given ones."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from proofgrid.checker import countermodel
from proofgrid.checker.formulas import BINARY, Formula, atom, atoms, build, neg, opposite, postorder, substitute


def vary(f: Formula, letters: Sequence[str], rng: Random) -> Formula:
    """A formula that differs from ``f`` in one place, as a slip of attention would: a connective, a negation, the
    order of the two sides, or an atom."""
    while True:
        place = rng.choice(list(postorder(f)))
        varied = substitute(f, {place: _varied(place, letters, rng)})
        if varied is not f:  # the sides of (A & A) change places to no effect
            return varied


def _varied(g: Formula, letters: Sequence[str], rng: Random) -> Formula:
    roll = rng.random()
    if g.op in BINARY:
        if roll < 0.4:
            return build(rng.choice([op for op in BINARY if op != g.op]), g.left, g.right)
        if roll < 0.65:
            return build(g.op, g.right, g.left)
        side = opposite(g.left)
        return build(g.op, side, g.right) if roll < 0.85 else neg(g)
    if g.op == "~":
        return g.left
    if roll < 0.5 and len(letters) > 1 and g.op == "atom":
        return atom(rng.choice([name for name in letters if name != g.name]))
    return neg(g)


def flip_negation(f: Formula, rng: Random) -> Formula:
    """``f`` with one negation more or fewer, in front or one level down."""
    if f.op in BINARY and rng.random() < 0.6:
        left = rng.random() < 0.5
        side = f.left if left else f.right
        turned = opposite(side)
        return build(f.op, turned, f.right) if left else build(f.op, f.left, turned)
    return opposite(f)


def invalid_inference(
    sources: Sequence[Formula], target: Formula, rng: Random, tries: int = 40
) -> tuple[tuple[Formula, ...], Formula, dict[str, bool]] | None:
    """An inference that looks like the given one and does not follow, with a countermodel; None where none was met."""
    letters = atoms(*sources, target)
    for _ in range(tries):
        premises, conclusion = list(sources), target
        if premises and rng.random() < 0.4:
            at = rng.randrange(len(premises))
            premises[at] = vary(premises[at], letters, rng)
        else:
            conclusion = vary(target, letters, rng)
        model = countermodel(premises, conclusion)
        if model is not None:
            return tuple(premises), conclusion, model
    return None
