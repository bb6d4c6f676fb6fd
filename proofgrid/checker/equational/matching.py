"""Parallel steps by many equations, as a matching between equations and the places where they are used.

Which of k interchangeable equations is used at which of k places has k! answers, and sets of them 2^k; but where the
places are given it is a bipartite matching, which augmenting paths find in k times the number of fitting pairs. The
places are given by where the two terms differ, unless some place could be rewritten as a whole or in its parts. Then
the innermost and the outermost places are tried, and if neither will do the question is left open.

Every equation has to be used, so those that are left over must rewrite something to itself, within equal subterms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from proofgrid.checker.equational.terms import Position, Term, match
from proofgrid.checker.limits import Work

_Path = tuple[Any, int] | None
"""A position as linked pairs from the inside out."""
_MOST_SLOTS: Final = 10_000
"""Places that are looked at for equations that change nothing."""


@dataclass(frozen=True, slots=True)
class Use:
    """One equation (its index) used at one place, where it turns ``redex`` into ``contractum``."""

    equation: int
    position: Position
    redex: Term
    contractum: Term


@dataclass(frozen=True, slots=True)
class _Place:
    """A place, and the equations that fit there."""

    path: _Path
    redex: Term
    contractum: Term
    fitting: tuple[int, ...]


def matched_step(s: Term, t: Term, sides: Sequence[tuple[Term, Term]], work: Work) -> tuple[Use, ...] | bool | None:
    """How ``s ==>_E t`` uses every one of the equations ``sides`` (left, right), left to right.

    False where it is no such step, None where that is not settled here.
    """
    search = _Search(sides, work)
    if s is not t and not search.possible(s, t):
        return False
    for innermost in (True, False):
        places, equal, ambiguous = search.places(s, t, innermost)
        found = search.assign(places, equal)
        if isinstance(found, tuple):
            return found
        if not ambiguous:  # these are the only places
            return False if found is False or not search.may_be_neutral else None
    return None


def turning(left: Term, right: Term, u: Term, v: Term) -> dict[str, Term] | None:
    """The substitution under which ``left = right`` rewrites ``u`` to ``v`` at the root; None where there is none."""
    if not ((left.name == u.name or left.is_variable) and (right.name == v.name or right.is_variable)):
        return None
    bound = match(left, u)
    return None if bound is None else match(right, v, bound)


def differ_too_much(s: Term, t: Term, sides: Sequence[tuple[Term, Term]], work: Work) -> bool:
    """Whether s and t differ where no equation fits, or in more disjoint places than there are equations.

    Then ``s ==>_E t`` does not hold. It is seen from the root down, where all else goes to the leaves.
    """
    stack = [(s, t)] if s is not t else []
    places = 0
    while stack:
        if places + len(stack) > len(sides):
            return True
        work.spend()
        u, v = stack.pop()
        if any([turning(left, right, u, v) is not None for left, right in sides]):  # noqa: C419 (a generator costs more)
            places += 1
        elif u.name != v.name or not u.args:
            return True
        else:
            stack += _parts(u, v)
    return False


class _Search:
    def __init__(self, sides: Sequence[tuple[Term, Term]], work: Work) -> None:
        self.sides, self.work = sides, work
        self.by_head: dict[tuple[str, str], list[int]] = {}
        for n, (left, right) in enumerate(sides):
            key = ("" if left.is_variable else left.name, "" if right.is_variable else right.name)
            self.by_head.setdefault(key, []).append(n)
        self.may_be_neutral = any("" in key or key[0] == key[1] for key in self.by_head)
        self.known: dict[tuple[Term, Term], tuple[int, ...]] = {}
        self.can: dict[tuple[Term, Term], bool] = {}
        self.inside: dict[Term, bool] = {}

    def fitting(self, u: Term, v: Term) -> tuple[int, ...]:
        """The equations that rewrite ``u`` to ``v`` at the root."""
        found = self.known.get((u, v))
        if found is None:
            out: list[int] = []
            for key in dict.fromkeys(((u.name, v.name), (u.name, ""), ("", v.name), ("", ""))):
                for n in self.by_head.get(key, ()):
                    self.work.spend()
                    if turning(*self.sides[n], u, v) is not None:
                        out.append(n)
            found = self.known[u, v] = tuple(sorted(out))
        return found

    def possible(self, s: Term, t: Term) -> bool:
        """Whether every difference of the two terms lies within a place where some equation fits."""
        stack = [(s, t, False)]
        while stack:
            u, v, ready = stack.pop()
            if (u, v) in self.can:
                continue
            self.work.spend()
            parts = _parts(u, v)
            if parts and not ready:
                stack.append((u, v, True))
                stack += [(x, y, False) for x, y in parts]
                continue
            below = bool(parts) and all(self.can[part] for part in parts)
            self.can[u, v] = below or bool(self.fitting(u, v))
        return self.can[s, t]

    def places(self, s: Term, t: Term, innermost: bool) -> tuple[list[_Place], list[tuple[_Path, Term]], bool]:
        """Places that cover every difference, the equal subterms beside them, and whether other places would do."""
        places: list[_Place] = []
        equal: list[tuple[_Path, Term]] = []
        ambiguous = False
        stack: list[tuple[_Path, Term, Term]] = [(None, s, t)]
        while stack:
            path, u, v = stack.pop()
            self.work.spend()
            if u is v:
                equal.append((path, u))
                continue
            parts = _parts(u, v)
            below = bool(parts) and all(self.can[part] for part in parts)
            here = self.fitting(u, v)
            ambiguous = ambiguous or (below and bool(here))
            if below and (innermost or not here):
                stack.extend(((path, n), u.args[n - 1], v.args[n - 1]) for n in range(len(u.args), 0, -1))
            else:
                places.append(_Place(path, u, v, here))
        return places, equal, ambiguous

    def slots(self, equal: Sequence[tuple[_Path, Term]]) -> list[_Place]:
        """The innermost places within equal subterms where some equation changes nothing: no two are nested."""
        found: list[_Place] = []
        stack = list(reversed(equal))
        while stack and len(found) < _MOST_SLOTS:
            path, u = stack.pop()
            self.work.spend()
            if not self.neutral_inside(u):
                continue
            deeper = [n for n in range(len(u.args), 0, -1) if self.neutral_inside(u.args[n - 1])]
            if deeper:
                stack.extend(((path, n), u.args[n - 1]) for n in deeper)
            else:
                found.append(_Place(path, u, u, self.fitting(u, u)))
        return found

    def neutral_inside(self, root: Term) -> bool:
        """Whether some equation rewrites a subterm of ``root`` to itself."""
        stack = [(root, False)]
        while stack:
            u, ready = stack.pop()
            if u in self.inside:
                continue
            if u.args and not ready:
                stack.append((u, True))
                stack += [(part, False) for part in u.args]
                continue
            self.inside[u] = any(self.inside[part] for part in u.args) or bool(self.fitting(u, u))
        return self.inside[root]

    def assign(self, places: list[_Place], equal: Sequence[tuple[_Path, Term]]) -> tuple[Use, ...] | bool | None:
        """Each equation at a place of its own, every one of ``places`` taken.

        False where ``places`` cannot all be taken, None where no use was found for an equation that is left over.
        """
        count = len(self.sides)
        if len(places) > count:
            return False
        place_of: dict[int, int] = {}
        equation_at: dict[int, int] = {}
        for n in range(len(places)):
            if not self._augment_place(n, places, place_of, equation_at):
                return False
        if len(places) < count:
            places = [*places, *self.slots(equal)] if self.may_be_neutral else places
            fits: dict[int, list[int]] = {}
            for n, place in enumerate(places):
                for e in place.fitting:
                    fits.setdefault(e, []).append(n)
            for e in range(count):
                if e not in place_of and not self._augment_equation(e, fits, place_of, equation_at):
                    return None
        uses = [Use(e, _dewey(places[n].path), places[n].redex, places[n].contractum) for n, e in equation_at.items()]
        return tuple(sorted(uses, key=lambda use: use.position))

    def _augment_place(
        self, start: int, places: Sequence[_Place], place_of: dict[int, int], equation_at: dict[int, int]
    ) -> bool:
        """Give a place an equation, moving others along an alternating path."""
        came: dict[int, int] = {}
        todo = [start]
        for n in todo:
            for e in places[n].fitting:
                self.work.spend()
                if e in came:
                    continue
                came[e] = n
                if e not in place_of:
                    while True:  # back along the path
                        n = came[e]
                        previous = equation_at.get(n)
                        place_of[e], equation_at[n] = n, e
                        if n == start:
                            return True
                        assert previous is not None
                        e = previous
                todo.append(place_of[e])
        return False

    def _augment_equation(
        self, start: int, fits: dict[int, list[int]], place_of: dict[int, int], equation_at: dict[int, int]
    ) -> bool:
        """Give an equation a place, moving others along an alternating path; no place that is taken becomes free."""
        came: dict[int, int] = {}
        todo = [start]
        for e in todo:
            for n in fits.get(e, ()):
                self.work.spend()
                if n in came:
                    continue
                came[n] = e
                if n not in equation_at:
                    while True:
                        e = came[n]
                        previous = place_of.get(e)
                        place_of[e], equation_at[n] = n, e
                        if e == start:
                            return True
                        assert previous is not None
                        n = previous
                todo.append(equation_at[n])
        return False


def _parts(u: Term, v: Term) -> list[tuple[Term, Term]]:
    """The pairs of arguments in which two terms of one symbol differ; none where the symbols differ."""
    if u.name != v.name or not u.args:
        return []
    return [(x, y) for x, y in zip(u.args, v.args, strict=True) if x is not y]


def _dewey(path: _Path) -> Position:
    out: list[int] = []
    while path is not None:
        path, n = path
        out.append(n)
    return tuple(reversed(out))
