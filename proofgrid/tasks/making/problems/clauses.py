"""Problems as sets of clauses, and the key of their class.

A problem is two sets of clauses: what its premises say, and what the negation of its goal says. Two problems are of one
class, and so the same problem to whoever can reason, if renaming atoms and flipping the sign of some (p for not p
throughout) turns both sets of the one into those of the other. How things are worded, in what order, and in how many
premises, makes no difference.

The clausal form is the usual one: negations down to the atoms, disjunctions distributed, tautologies and subsumed
clauses dropped. The class is found by :mod:`proofgrid.tasks.making.problems.canonical`, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from proofgrid.checker.formulas import Formula, atoms, postorder
from proofgrid.tasks.errors import DrawFailedError
from proofgrid.tasks.making.problems.canonical import canonical_form

Clause = tuple[int, int]
"""The atoms that stand in a clause plainly, and those that stand in it negated, as bits."""
MOST_CLAUSES = 3_000
"""Clauses on the way beyond which a formula has no clausal form worth having."""


def canonical_key(premises: Sequence[Formula], goal: Formula) -> str:
    """32 hexadecimal digits, equal exactly for problems of one class (up to a collision of a 128-bit hash).

    Raises DrawFailedError.
    """
    bit = {name: 1 << k for k, name in enumerate(atoms(*premises, goal))}
    given = _reduced([clause for p in premises for clause in clausal_form(p, bit)])
    denied = clausal_form(goal, bit, positive=False)
    form = canonical_form([_literals(c) for c in given], [_literals(c) for c in denied])
    if form is None:
        raise DrawFailedError("the search for the class of this problem was given up")
    return blake2b(repr(form).encode(), digest_size=16).hexdigest()


def clausal_form(formula: Formula, bit: dict[str, int], positive: bool = True) -> list[Clause]:
    """The clauses of a formula, or of its negation; ``bit`` has a bit for each atom. Raises DrawFailedError."""
    made: dict[Formula, tuple[list[Clause], list[Clause]]] = {}
    for f in postorder(formula):
        if f.op == "atom":
            b = bit[f.name]
            made[f] = [(b, 0)], [(0, b)]
        elif f.op in ("true", "false"):
            none: tuple[list[Clause], list[Clause]] = [], [(0, 0)]
            made[f] = none if f.op == "true" else none[::-1]
        elif f.op == "~":
            made[f] = made[f.left][::-1]
        else:
            (p, not_p), (q, not_q) = made[f.left], made[f.right]
            if f.op == "&":
                made[f] = _both(p, q), _either(not_p, not_q)
            elif f.op == "|":
                made[f] = _either(p, q), _both(not_p, not_q)
            elif f.op == "==>":
                made[f] = _either(not_p, q), _both(p, not_q)
            else:
                made[f] = (
                    _both(_either(not_p, q), _either(p, not_q)),
                    _both(_either(p, q), _either(not_p, not_q)),
                )
    return made[formula][0 if positive else 1]


def _both(one: list[Clause], two: list[Clause]) -> list[Clause]:
    return _reduced([*one, *two])


def _either(one: list[Clause], two: list[Clause]) -> list[Clause]:
    if len(one) * len(two) > MOST_CLAUSES:
        raise DrawFailedError("the clausal form of a formula is too large")
    return _reduced([(a | c, b | d) for a, b in one for c, d in two])


def _reduced(clauses: list[Clause]) -> list[Clause]:
    """Without tautologies and subsumed clauses, shortest first."""
    proper = {(a, b) for a, b in clauses if not a & b}
    kept: list[Clause] = []
    for a, b in sorted(proper, key=lambda c: (c[0].bit_count() + c[1].bit_count(), c)):
        if not any(a & c == c and b & d == d for c, d in kept):
            kept.append((a, b))
    return kept


def _literals(clause: Clause) -> tuple[int, ...]:
    """2k for the atom of bit k, 2k + 1 for its negation."""
    found = []
    for side, bits in enumerate(clause):
        while bits:
            low = bits & -bits
            found.append(2 * (low.bit_length() - 1) + side)
            bits ^= low
    return tuple(found)
