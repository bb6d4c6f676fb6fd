"""Rewriting with equations (docs/spec.md, section 5): single steps ``s -->_e t``, parallel steps ``s ==>_E t`` and
``s <==>_E t``.

``s ==>_E t`` with E = {e1..ek}, k > 0: k redexes of s in pairwise disjoint positions, one for each equation, all
contracted at once. The question "which E?" is answered exactly, by one bottom-up pass over the pairs of subterms at the
same position of s and t: for each pair, the sets of equations (bit masks) that turn the one into the other.

- Equal subterms: the empty set; and whatever equations rewrite a subterm of it to itself (commutativity of equal
  arguments), for every cited equation has to be used exactly once.
- A redex: the left side matches the one, the right side, under the same substitution, the other.
- Same symbol: the disjoint unions of one set an argument.

A variable of a right side that the left side lacks may be anything that makes the terms match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from proofgrid.checker.equational.matching import Use, matched_step, turning
from proofgrid.checker.equational.terms import Position, Term, disjoint, match, postorder, replace, substitute, subterm
from proofgrid.checker.limits import Work

FEW: Final = 6
"""Equations whose sets are all looked at; a step by more is a matching problem first."""


@dataclass(frozen=True, slots=True)
class Equation:
    """``name: left = right``, used from left to right."""

    name: str
    left: Term
    right: Term

    def reversed(self) -> Equation:
        """The same equation, used from right to left."""
        return Equation(self.name, self.right, self.left)

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


@dataclass(frozen=True, slots=True)
class Contraction:
    """One redex of a step, and what it became."""

    equation: Equation
    position: Position
    redex: Term
    contractum: Term
    substitution: Mapping[str, Term]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A set of equations that justifies a step, in the problem's order, and the direction it is used in."""

    equations: tuple[str, ...]
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class ContractumFault:
    """A step that would be right, were it not for what stands where ``equation`` was applied."""

    equation: Equation
    position: Position
    redex: Term
    expected: Term
    actual: Term


def contract(term: Term, equation: Equation) -> tuple[Term, dict[str, Term]] | None:
    """``term`` rewritten at its root, with the substitution; None where the left side does not match.

    A variable that only the right side has stands for itself in the result.
    """
    found = match(equation.left, term)
    return None if found is None else (substitute(equation.right, found), found)


def single_rewrites(term: Term, equation: Equation) -> Iterator[Contraction]:
    """Every way to rewrite one subterm of ``term`` by ``equation``, outermost first, left to right."""
    for path, here in _walk(term):
        done = contract(here, equation)
        if done is not None:
            yield Contraction(equation, _dewey(path), here, done[0], done[1])


def single_step(s: Term, t: Term, equation: Equation) -> tuple[Contraction, ...]:
    """Every position at which ``s -->_equation t``; empty where there is none."""
    found: list[Contraction] = []
    for contraction in single_rewrites(s, equation):
        p = contraction.position
        try:
            there = subterm(t, p)
        except IndexError:
            continue
        full = match(equation.right, there, contraction.substitution)
        if full is not None and replace(s, p, there) is t:
            found.append(Contraction(equation, p, contraction.redex, there, full))
    return tuple(found)


def explanations(
    s: Term,
    t: Term,
    equations: Sequence[Equation],
    *,
    symmetric: bool = False,
    most: int | None = None,
    work: Work | None = None,
) -> tuple[Explanation, ...]:
    """Every minimal E with ``s ==>_E t`` (``s <==>_E t`` where symmetric); empty where there is none.

    Minimal: no proper part of E would do in the same direction. ``most`` bounds the number of equations. The order:
    fewest equations first, then the problem's, left to right before right to left.
    """
    found: list[tuple[int, bool, tuple[int, ...]]] = []
    for backwards in (False, True) if symmetric else (False,):
        pair = _Pairs(t, s, equations, work) if backwards else _Pairs(s, t, equations, work)
        for mask in pair.minimal():
            members = tuple(n for n in range(len(equations)) if mask >> n & 1)
            if most is None or len(members) <= most:
                found.append((len(members), backwards, members))
    found.sort(key=lambda item: (item[0], item[2], item[1]))
    return tuple(Explanation(tuple(equations[n].name for n in members), backwards) for _, backwards, members in found)


def parallel_step(
    s: Term, t: Term, used: Sequence[Equation], *, work: Work | None = None
) -> tuple[Contraction, ...] | None:
    """The contractions of ``s ==>_used t``, one for each equation, left to right; None where it is no such step.

    Where several choices of positions give the same step, the outermost and leftmost are taken.
    """
    if not used:
        return None
    if len(used) == 1 and s is not t:
        return _step_by_one(s, t, used[0], work or Work())
    if len(used) > FEW:
        found = matched_step(s, t, [(e.left, e.right) for e in used], work or Work())
        if isinstance(found, tuple):
            return tuple(_contraction(used[use.equation], use) for use in found)
        if found is False:
            return None
    pairs = _Pairs(s, t, used, work)
    everything = (1 << len(used)) - 1
    kind = pairs.kind_of(everything)
    return None if kind is None else pairs.trace(everything, kind)


def _step_by_one(s: Term, t: Term, equation: Equation, work: Work) -> tuple[Contraction, ...] | None:
    """The same by one equation, for two terms that differ: all that differs lies within the one place of its use."""
    left, right = equation.left, equation.right
    path: _Path = None
    while True:
        work.spend()
        found = turning(left, right, s, t)
        if found is not None:
            return (Contraction(equation, _dewey(path), s, t, found),)
        if s.name != t.name or len(s.args) != len(t.args):
            return None
        differ = [n for n, (x, y) in enumerate(zip(s.args, t.args, strict=True)) if x is not y]
        if len(differ) != 1:
            return None
        path = (path, differ[0] + 1)
        s, t = s.args[differ[0]], t.args[differ[0]]


def _contraction(equation: Equation, use: Use) -> Contraction:
    bound = turning(equation.left, equation.right, use.redex, use.contractum)
    assert bound is not None
    return Contraction(equation, use.position, use.redex, use.contractum, bound)


def symmetric_step(
    s: Term, t: Term, used: Sequence[Equation], *, work: Work | None = None
) -> tuple[bool, tuple[Contraction, ...]] | None:
    """``s <==>_used t``: whether it is ``t ==>_used s``, and the contractions; None where it is neither."""
    forwards = parallel_step(s, t, used, work=work)
    if forwards is not None:
        return False, forwards
    backwards = parallel_step(t, s, used, work=work)
    return None if backwards is None else (True, backwards)


def contractum_fault(s: Term, t: Term, used: Sequence[Equation], *, work: Work | None = None) -> ContractumFault | None:
    """The innermost place where ``s ==>_used t`` fails by one wrong contractum only; None where there is none.

    A place where s and t differ comes before one where they agree (a redex left as it was).
    """
    best: ContractumFault | None = None
    for fault in contractum_faults(s, t, used, work=work):
        if best is None or _specific(fault) > _specific(best):
            best = fault
    return best


def _specific(fault: ContractumFault) -> tuple[bool, int]:
    return fault.actual is not fault.redex, len(fault.position)


def contractum_faults(
    s: Term, t: Term, used: Sequence[Equation], *, work: Work | None = None
) -> Iterator[ContractumFault]:
    """Every account of why ``s ==>_used t`` fails that blames one wrong contractum, outermost first, left to right.

    All other equations of ``used`` are rightly applied, in positions disjoint from the one blamed.
    """
    if not used:
        return
    pairs = _Pairs(s, t, used, work)
    everything = (1 << len(used)) - 1
    stack: list[tuple[_Path, Term, Term, frozenset[int]]] = [(None, s, t, _NOTHING)]
    while stack:
        path, u, v, outside = stack.pop()
        pairs.work.spend(1 + len(used))
        for n, equation in enumerate(used):
            if everything & ~(1 << n) in outside:
                done = contract(u, equation)
                if done is not None and match(equation.right, v, done[1]) is None:
                    yield ContractumFault(equation, _dewey(path), u, done[0], v)
        if u.name != v.name or not u.args:
            continue
        families = [pairs.family(x, y, _EVERY) for x, y in zip(u.args, v.args, strict=True)]
        for n in range(len(families), 0, -1):
            around = outside
            for family in (*families[: n - 1], *families[n:]):
                around = _disjoint_unions(around, family, pairs.work)
            if around:
                stack.append(((path, n), u.args[n - 1], v.args[n - 1], around))


def rewrites_are_right(s: Term, t: Term, claimed: Iterable[tuple[Equation, Position]]) -> bool:
    """Whether contracting s at the claimed positions, pairwise disjoint, gives t (an account of a step, re-checked)."""
    claims = list(claimed)
    if not claims or any(not disjoint(p, q) for n, (_, p) in enumerate(claims) for _, q in claims[:n]):
        return False
    result = s
    for equation, position in claims:
        try:
            redex, there = subterm(s, position), subterm(t, position)
        except IndexError:
            return False
        found = match(equation.left, redex)
        if found is None or match(equation.right, there, found) is None:
            return False
        result = replace(result, position, there)
    return result is t


def parallel_rewrites(
    term: Term, equations: Sequence[Equation], most: int = 2, *, work: Work | None = None
) -> Iterator[tuple[Term, tuple[Contraction, ...]]]:
    """Every t with ``term ==>_E t`` for an E of 1 to ``most`` of ``equations``, with the contractions; t may recur.

    A variable that only a right side has stands for itself in t.
    """
    singles = [list(single_rewrites(term, equation)) for equation in equations]

    def extend(
        start: int, chosen: tuple[Contraction, ...], so_far: Term
    ) -> Iterator[tuple[Term, tuple[Contraction, ...]]]:
        for n in range(start, len(singles)):
            for c in singles[n]:
                if work is not None:
                    work.spend(1 + len(c.position))
                if all(disjoint(c.position, other.position) for other in chosen):
                    result = replace(so_far, c.position, c.contractum)
                    yield result, (*chosen, c)
                    if len(chosen) + 1 < most:
                        yield from extend(n + 1, (*chosen, c), result)

    yield from extend(0, (), term)


_Path = tuple[Any, int] | None
"""A position as linked pairs from the inside out; a Dewey tuple for each would cost the square of the depth."""


def _walk(term: Term) -> Iterator[tuple[_Path, Term]]:
    """Every subterm occurrence with its path, outermost first, left to right."""
    stack: list[tuple[_Path, Term]] = [(None, term)]
    while stack:
        path, here = stack.pop()
        yield path, here
        stack.extend(((path, n), here.args[n - 1]) for n in range(len(here.args), 0, -1))


def _dewey(path: _Path) -> Position:
    out: list[int] = []
    while path is not None:
        path, n = path
        out.append(n)
    return tuple(reversed(out))


_NOTHING: Final = frozenset({0})
_MINIMAL: Final = 0
"""Only the minimal masks of a pair."""
_CHANGES: Final = 1
"""All masks, but nothing rewritten to itself inside equal subterms: enough for most steps."""
_EVERY: Final = 2
"""All masks."""


def _disjoint_unions(left: frozenset[int], right: frozenset[int], work: Work) -> frozenset[int]:
    if right is _NOTHING:
        return left
    work.spend(1 + len(left) * len(right) // 16)
    if len(left) * len(right) < 10_000:
        return frozenset(a | b for a in left for b in right if not a & b)
    unions: set[int] = set()
    for a in left:
        unions.update(a | b for b in right if not a & b)
    return frozenset(unions)


def _only_minimal(masks: frozenset[int]) -> frozenset[int]:
    if len(masks) < 2:
        return masks
    kept: list[int] = []
    for mask in sorted(masks, key=lambda m: (m.bit_count(), m)):
        if all(mask & other != other for other in kept):
            kept.append(mask)
    return frozenset(kept)


def _may_be_neutral(equation: Equation) -> bool:
    """Whether some instance of it could rewrite a term to itself (a necessary condition: outer symbols agree)."""
    left, right = equation.left, equation.right
    return left.is_variable or right.is_variable or left.name == right.name


class _Pairs:
    """For two subterms at one position of s and t: the sets of equations (masks) that turn the one into the other."""

    def __init__(self, s: Term, t: Term, equations: Sequence[Equation], work: Work | None) -> None:
        self.s, self.t, self.equations = s, t, equations
        self.work = work or Work()
        self.neutral = any(_may_be_neutral(equation) for equation in equations)
        self.tables: tuple[dict[tuple[Term, Term], frozenset[int]], ...] = ({}, {}, {})
        self.roots: dict[tuple[Term, Term], tuple[int, ...]] = {}

    def minimal(self) -> frozenset[int]:
        """The minimal nonempty masks of the whole pair."""
        if self.s is not self.t:
            return self.family(self.s, self.t, _MINIMAL)
        if not self.neutral:
            return frozenset()
        return frozenset(1 << n for here in postorder(self.s) for n in self._at_root(here, here))

    def kind_of(self, mask: int) -> int | None:
        """The cheapest kind of family in which the whole pair has exactly ``mask``; None where it has it in none."""
        changes = self.family(self.s, self.t, _CHANGES)
        if mask in changes:
            return _CHANGES
        if not changes or not self.neutral:  # no set at all makes the differences
            return None
        return _EVERY if mask in self.family(self.s, self.t, _EVERY) else None

    def family(self, s: Term, t: Term, kind: int) -> frozenset[int]:
        """The masks of (s, t)."""
        table = self.tables[kind]
        inside_equals = kind == _EVERY and self.neutral
        stack = [(s, t, False)]
        while stack:
            u, v, ready = stack.pop()
            pair = (u, v)
            if pair in table:
                continue
            if u is v and not inside_equals:
                table[pair] = _NOTHING
                continue
            same_symbol = u.name == v.name and bool(u.args)
            if same_symbol and not ready:
                stack.append((u, v, True))
                stack += [(x, y, False) for x, y in zip(u.args, v.args, strict=True) if (x, y) not in table]
                continue
            self.work.spend(3)
            masks = frozenset([1 << n for n in self._at_root(u, v)])
            if same_symbol:
                below = _NOTHING
                for argument in zip(u.args, v.args, strict=True):
                    below = _disjoint_unions(below, table[argument], self.work)
                    if not below:
                        break
                masks = masks | below if masks else below
            elif u is v:
                masks |= _NOTHING
            if kind == _MINIMAL:
                masks = _only_minimal(masks)
            table[pair] = _NOTHING if masks == _NOTHING else masks
        return table[s, t]

    def _at_root(self, u: Term, v: Term) -> tuple[int, ...]:
        """The equations that turn the one into the other as wholes, by their indices."""
        known = self.roots.get((u, v))
        if known is None:
            known = self.roots[u, v] = tuple(self._matching(u, v))
        return known

    def _matching(self, u: Term, v: Term) -> Iterator[int]:
        self.work.spend()
        for n, equation in enumerate(self.equations):
            if turning(equation.left, equation.right, u, v) is not None:
                yield n

    def trace(self, goal: int, kind: int) -> tuple[Contraction, ...]:
        """The contractions of one way to have exactly ``goal``, outermost before innermost, left to right."""
        found: list[Contraction] = []
        stack: list[tuple[_Path, Term, Term, int]] = [(None, self.s, self.t, goal)]
        while stack:
            path, u, v, mask = stack.pop()
            if not mask & (mask - 1):
                equation = self.equations[mask.bit_length() - 1]
                substitution = turning(equation.left, equation.right, u, v)
                if substitution is not None:
                    found.append(Contraction(equation, _dewey(path), u, v, substitution))
                    continue
            families = [self.family(x, y, kind) for x, y in zip(u.args, v.args, strict=True)]
            parts = _split(mask, families)
            stack += [
                ((path, n), u.args[n - 1], v.args[n - 1], parts[n - 1])
                for n in range(len(parts), 0, -1)
                if parts[n - 1]
            ]
        return tuple(found)


def _split(mask: int, families: Sequence[frozenset[int]]) -> tuple[int, ...]:
    """A disjoint division of ``mask`` over ``families``, the largest and first equations to the left."""
    for parts in product(*(sorted((m for m in family if m & mask == m), reverse=True) for family in families)):
        union = total = 0
        for part in parts:
            union, total = union | part, total + part
        if union == mask == total:
            return parts
    raise AssertionError("no division")  # pragma: no cover - the caller has found one in the families
