"""What two equations' terms show without a substitution: where they differ, and what looks rewritten by what."""

from __future__ import annotations

from collections.abc import Iterator

from proofgrid.checker.equational.terms import Position, Term

# ---- where two terms differ: found without an equation, which is no reasoning but tells where a step happened


def differences(before: Term, after: Term, place: Position = ()) -> Iterator[Position]:
    if before.name != after.name or len(before.args) != len(after.args):
        yield place
        return
    for k, (a, b) in enumerate(zip(before.args, after.args, strict=True), 1):
        yield from differences(a, b, (*place, k))


def shared_place(places: list[Position]) -> Position:
    """The place that holds all of these."""
    shared: list[int] = []
    for numbers in zip(*places, strict=False):
        if len(set(numbers)) > 1:
            break
        shared.append(numbers[0])
    return tuple(shared)


def changed_places(before: Term, after: Term) -> list[Position]:
    """A place for each argument of the whole term in which something changed."""
    groups: dict[Position, list[Position]] = {}
    for place in differences(before, after):
        groups.setdefault(place[:1], []).append(place)
    return [shared_place(group) for group in groups.values()]


def part_at(term: Term, place: Position) -> Term:
    for k in place:
        term = term.args[k - 1]
    return term


def around(place: Position) -> Iterator[Position]:
    """A place and those around it."""
    for size in range(len(place), -1, -1):
        yield place[:size]


def looks_alike(side: Term, term: Term, levels: int) -> bool:
    """Whether a side of an equation and a term have the same symbols, so many levels down; variables fit anything."""
    if side.name[0].isupper() or levels == 0:
        return True
    return side.name == term.name and all(
        looks_alike(a, b, levels - 1) for a, b in zip(side.args, term.args, strict=False)
    )


def fits(side: Term, term: Term) -> bool:
    """Whether a term has a side's symbols, all the way down; variables fit anything, equal or not."""
    if side.name[0].isupper():
        return True
    return side.name == term.name and all(map(fits, side.args, term.args))


def looks_rewritten(left: Term, right: Term, before: Term, after: Term) -> bool:
    """Whether a term looks rewritten by an equation: its symbols fit, and it differs just where the sides do."""
    if left == right:
        return before == after
    if left.name[0].isupper() or right.name[0].isupper() or left.name != right.name:
        return before != after and fits(left, before) and fits(right, after)
    if before.name != left.name or after.name != left.name:
        return False
    return all(map(looks_rewritten, left.args, right.args, before.args, after.args))


def clusters(before: Term, after: Term, count: int) -> list[Position]:
    """So many places that hold all differences, apart from one another where they can be."""
    groups = [list(differences(before, after))]
    while len(groups) < count:
        for group in sorted(groups, key=lambda g: len(shared_place(g))):
            shared = len(shared_place(group))
            first = [p for p in group if p[: shared + 1] == group[0][: shared + 1]]
            if len(first) < len(group):
                groups.remove(group)
                groups += [first, [p for p in group if p not in first]]
                break
        else:
            break
    return [shared_place(group) for group in groups]
