"""Filling a gap by search from both of its sides, breadth first, within a number of terms looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proofgrid.checker.equational.rewriting import Equation, parallel_rewrites
from proofgrid.checker.equational.terms import Term, variables
from proofgrid.tasks.kinds.equational.chains import size

Filling = tuple[tuple[Term, tuple[str, ...]], ...]
"""The missing lines: a term and the equations that lead to it from the one before."""


@dataclass(frozen=True, slots=True)
class GapSearch:
    """What a search found: the filling, or None; whether all that can be reached was seen; terms looked at."""

    filling: Filling | None
    exhausted: bool
    expanded: int


def neighbours(term: Term, equations: Sequence[Equation], most: int = 2) -> Iterator[tuple[Term, tuple[str, ...]]]:
    """Every ground term one step away, in either direction, with the equations used."""
    for directed in (equations, [e.reversed() for e in equations]):
        for after, contractions in parallel_rewrites(term, directed, most):
            if after.ground and after is not term:
                yield after, tuple(sorted(c.equation.name for c in contractions))


def fill_gap(
    before: Term, after: Term, last: Sequence[Equation], equations: Sequence[Equation], budget: int, largest: int = 0
) -> GapSearch:
    """The shortest filling found that leads from ``before`` to a term from which ``last`` gives ``after``.

    ``budget``: terms whose neighbours are looked at. Terms of more than ``largest`` symbols (0: four times the larger
    side) are left out, which forfeits ``exhausted`` where one is met.
    """
    limit = largest or 4 * max(size(before), size(after))
    names = {e.name for e in last}
    cut = any(set(variables(e.left)) != set(variables(e.right)) for e in equations)
    ends: dict[Term, tuple[str, ...]] = {}
    for term, used in neighbours(after, last, len(last)):
        if set(used) == names:
            ends.setdefault(term, used)
    forward: dict[Term, tuple[Term, tuple[str, ...]] | None] = {before: None}
    backward: dict[Term, tuple[Term, tuple[str, ...]] | None] = dict.fromkeys(ends)
    fronts = [[before], list(backward)]
    expanded = 0
    if before in backward:  # a line must stand in the gap all the same: step aside, and back where need be
        aside = list(neighbours(before, equations))
        for term, used in aside:
            if term in backward:
                return GapSearch(((term, used),), False, 1)
        return GapSearch((aside[0], (before, aside[0][1])) if aside else None, not aside, 1)
    while fronts[0] and fronts[1]:
        side = 0 if len(fronts[0]) <= len(fronts[1]) else 1
        seen, other = (forward, backward) if side == 0 else (backward, forward)
        reached: list[Term] = []
        for term in fronts[side]:
            expanded += 1
            if expanded > budget:
                return GapSearch(None, False, budget)
            for near, used in neighbours(term, equations):
                if near in seen:
                    continue
                if size(near) > limit:
                    cut = True
                    continue
                seen[near] = (term, used)
                reached.append(near)
                if near in other:
                    return GapSearch(_path(near, forward, backward), False, expanded)
        fronts[side] = reached
    return GapSearch(None, not cut, expanded)


def _path(
    meeting: Term,
    forward: dict[Term, tuple[Term, tuple[str, ...]] | None],
    backward: dict[Term, tuple[Term, tuple[str, ...]] | None],
) -> Filling:
    lines: list[tuple[Term, tuple[str, ...]]] = []
    here, link = meeting, forward[meeting]
    while link is not None:
        lines.append((here, link[1]))
        here = link[0]
        link = forward[here]
    lines.reverse()
    link = backward[meeting]
    while link is not None:
        lines.append(link)
        link = backward[link[0]]
    return tuple(lines)
