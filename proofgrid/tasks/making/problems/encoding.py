"""Ways to put things in propositional logic: at least one, not both, if - then, and their many wordings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from proofgrid.checker.formulas import Formula, atom, conj, disj, iff, implies, neg


def var(letter: str, *indices: int) -> Formula:
    """The atom ``letter`` with indices: A, A3, A1_2."""
    return atom(letter + "_".join(map(str, indices)))


def join(make: Callable[[Formula, Formula], Formula], parts: Sequence[Formula]) -> Formula:
    """``parts`` joined by a connective, to the right."""
    result = parts[-1]
    for part in reversed(parts[:-1]):
        result = make(part, result)
    return result


def some(parts: Sequence[Formula]) -> Formula:
    """At least one of ``parts``."""
    return join(disj, parts)


def every(parts: Sequence[Formula]) -> Formula:
    """All of ``parts``."""
    return join(conj, parts)


def not_both(rng: Random, p: Formula, q: Formula) -> Formula:
    """Not both, in one of the ways one may put it."""
    return rng.choice((neg(conj(p, q)), implies(p, neg(q)), implies(q, neg(p)), disj(neg(p), neg(q))))


def if_then(rng: Random, p: Formula, q: Formula) -> Formula:
    """If p then q, in one of the ways one may put it."""
    return rng.choice((implies(p, q), implies(p, q), disj(neg(p), q), implies(neg(q), neg(p)), neg(conj(p, neg(q)))))


def exclusive(rng: Random, p: Formula, q: Formula) -> Formula:
    """Exactly one of the two."""
    return rng.choice((iff(p, neg(q)), iff(neg(p), q), neg(iff(p, q)), conj(disj(p, q), neg(conj(p, q)))))
