"""The canonical form of sets of clauses under renaming of atoms and flips of their sign.

Individualisation and refinement (McKay, Practical graph isomorphism, Congressus Numerantium 30, 1981), on literals
instead of vertices: literals are coloured by where they occur until the colouring is stable; where several still share
a colour, each in turn is given a colour of its own, and the least set of clauses that comes of it is the form. Leaves
of the search that look the same give automorphisms, which spare whole branches: problems with much symmetry, such as
pigeonholes, take few leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Literals = tuple[int, ...]
"""A clause: 2k for an atom k, 2k + 1 for its negation."""
Form = tuple[tuple[int, ...], ...]
MOST_REFINEMENTS = 4_000
"""Refinements after which a search is given up."""


def canonical_form(*sets: Sequence[Literals]) -> Form | None:
    """The same for two lists of sets of clauses exactly if renaming and flipping atoms makes one of the other.

    None if the search was given up, which depends on the class alone.
    """
    clauses = [clause for one in sets for clause in one]
    kinds = [kind for kind, one in enumerate(sets) for _ in one]
    used = sorted({literal >> 1 for clause in clauses for literal in clause})
    new = {atom: k for k, atom in enumerate(used)}
    renamed = [tuple(2 * new[x >> 1] | x & 1 for x in clause) for clause in clauses]
    search = _Search(renamed, kinds, 2 * len(used))
    try:
        search.run()
    except _GivenUp:
        return None
    return search.best_form


class _GivenUp(Exception):
    pass


@dataclass
class _Search:
    clauses: list[Literals]
    kinds: list[int]
    """The set that each clause is in."""
    size: int
    """Number of literals."""
    refinements: int = 0
    best_form: Form | None = None
    best_trace: list[int] = field(default_factory=list)
    """What the nodes on the way to the best leaf look like, from the root."""
    best_path: tuple[int, ...] = ()
    best_order: list[int] = field(default_factory=list)
    """The colour of each literal at the best leaf."""
    automorphisms: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.occurs: list[list[int]] = [[] for _ in range(self.size)]
        for index, clause in enumerate(self.clauses):
            for literal in clause:
                self.occurs[literal].append(index)

    def run(self) -> None:
        """Search the whole tree."""
        colours, looks = self.refine([0] * self.size)
        self.node(colours, (), [looks])

    def refine(self, colours: list[int]) -> tuple[list[int], int]:
        """The coarsest stable colouring that refines ``colours``, and a number that says how it came about.

        Colours are ranks of what literals look like, so that renaming does not change them.
        """
        self.refinements += 1
        if self.refinements > MOST_REFINEMENTS:
            raise _GivenUp
        clauses, kinds, occurs = self.clauses, self.kinds, self.occurs
        classes = len(set(colours))
        looks = 0
        while True:
            faces = [(k, tuple(sorted([colours[x] for x in c]))) for k, c in zip(kinds, clauses, strict=True)]
            face_rank = {face: rank for rank, face in enumerate(sorted(set(faces)))}
            ranks = [face_rank[face] for face in faces]
            signs = [
                (colours[x], colours[x ^ 1], tuple(sorted([ranks[c] for c in occurs[x]]))) for x in range(self.size)
            ]
            rank = {sign: k for k, sign in enumerate(sorted(set(signs)))}
            colours = [rank[sign] for sign in signs]
            looks = hash((looks, tuple(sorted(face_rank)), tuple(sorted(rank)), tuple(sorted(colours))))
            if len(rank) == classes:
                return colours, looks
            classes = len(rank)

    def node(self, colours: list[int], path: tuple[int, ...], trace: list[int]) -> int:
        """Search below a node; answers the depth to which the search may go back."""
        depth = len(path)
        if self.best_form is not None:
            best = self.best_trace[: len(trace)]
            if trace > best:
                return depth
        members: dict[int, list[int]] = {}
        for literal, colour in enumerate(colours):
            members.setdefault(colour, []).append(literal)
        cells = [(len(cell), colour) for colour, cell in members.items() if len(cell) > 1]
        if not cells:
            return self.leaf(colours, path, trace)
        cell = members[min(cells)[1]]
        tried: list[int] = []
        for literal in cell:
            if tried and self.reached(tried, literal, path):
                continue
            tried.append(literal)
            single = [2 * c for c in colours]
            single[literal] -= 1
            finer, looks = self.refine(single)
            back = self.node(finer, (*path, literal), [*trace, looks])
            if back < depth:
                return back
        return depth

    def leaf(self, colours: list[int], path: tuple[int, ...], trace: list[int]) -> int:
        """Compare a leaf with the best one; where they look the same, go back to where their paths part."""
        pairs = tuple(colours[x ^ 1] for x in sorted(range(self.size), key=colours.__getitem__))
        rows = [(kind, *sorted(colours[x] for x in c)) for kind, c in zip(self.kinds, self.clauses, strict=True)]
        form = (pairs, *sorted(rows))
        depth = len(path)
        if self.best_form is None or (trace, form) < (self.best_trace, self.best_form):
            self.best_form, self.best_trace, self.best_path, self.best_order = form, trace, path, colours
        elif (trace, form) == (self.best_trace, self.best_form):
            place = {colour: literal for literal, colour in enumerate(self.best_order)}
            self.automorphisms.append([place[colour] for colour in colours])
            for shared, (a, b) in enumerate(zip(path, self.best_path, strict=False)):
                if a != b:
                    return shared
        return depth

    def reached(self, tried: list[int], literal: int, path: tuple[int, ...]) -> bool:
        """Whether known automorphisms that fix ``path`` lead from a literal that was tried to this one."""
        usable = [g for g in self.automorphisms if all(g[x] == x for x in path)]
        inverses = []
        for g in usable:
            inverse = [0] * self.size
            for x, y in enumerate(g):
                inverse[y] = x
            inverses.append(inverse)
        seen = {literal}
        todo = [literal]
        while todo:
            x = todo.pop()
            for g in (*usable, *inverses):
                if g[x] not in seen:
                    seen.add(g[x])
                    todo.append(g[x])
        return not seen.isdisjoint(tried)
