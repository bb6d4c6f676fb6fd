"""Draws structured problems: verified by SAT, shuffled and renamed.

PL3's problems are of the same families, larger, and of at least so many premises that are all needed: no part of them
settles the goal, and there are no bystanders.
"""

from __future__ import annotations

from random import Random
from string import ascii_uppercase

from proofgrid.checker import countermodel, entails
from proofgrid.checker.formulas import FALSE, Formula, atom, atoms, substitute
from proofgrid.tasks.making.problems.families import FAMILIES
from proofgrid.tasks.making.problems.linking import linked
from proofgrid.tasks.making.problems.principles import PRINCIPLES
from proofgrid.tasks.making.problems.random_formulas import padded
from proofgrid.tasks.making.problems.structures import STRUCTURES, Family

Drawn = tuple[tuple[Formula, ...], Formula, str]
DRAWN: dict[str, Family] = {**STRUCTURES, **PRINCIPLES}
"""The families whose members are drawn, by name."""
SIZES = {1: (1, 3), 2: (1, 5), 3: (2, 8), 4: (4, 10), 5: (6, 12), 6: (8, 14)}
"""Sizes of the families by level in PL2 (inclusive)."""
LEAST = {1: 3, 2: 4, 3: 5, 4: 6, 5: 8, 6: 9}
"""Premises that are needed, at least, by level in PL2."""
LARGE_SIZES = {1: (5, 9), 2: (6, 10), 3: (7, 11), 4: (8, 12), 5: (9, 13), 6: (10, 14)}
"""The same in PL3."""
LARGE_LEAST = {1: 9, 2: 10, 3: 12, 4: 13, 5: 14, 6: 16}
PREMISES = (9, 60)
"""Number of premises in PL3 (inclusive)."""
LINKED_FROM = 3
"""The level from which PL2 links its problems with a lemma; below, it draws from families with few members, too, and
something is said beside the point."""
LEMMA = {False: ((4, 5), (3, 5)), True: ((4, 5), (3, 6))}
"""Atoms of a lemma, and atom occurrences in its formulas, in PL2 and in PL3."""


def families_of(level: int, *, large: bool = False) -> tuple[str, ...]:
    """The families that a level draws from."""
    return tuple(DRAWN) if large or level >= LINKED_FROM else (*DRAWN, *FAMILIES)


def draw_family(rng: Random, level: int, *, large: bool = False, family: str | None = None) -> Drawn | None:
    """(premises, goal, name of the family, which may be given); None if the draw came to nothing."""
    name = family or rng.choice(families_of(level, large=large))
    least = LARGE_LEAST[level] if large else LEAST[level]
    links = large or level >= LINKED_FROM
    if name in DRAWN:
        pair = DRAWN[name](rng, rng.randint(*(LARGE_SIZES if large else SIZES)[level]), least - links)
    else:
        pair = FAMILIES[name](rng, rng.randint(*TEMPLATE_SIZES[level]))
    if pair is None:
        return None
    premises, goal = pair
    if links:
        with_lemma = linked(rng, premises, "V", *LEMMA[large])
        if with_lemma is None:
            return None
        premises = with_lemma
    else:
        beside, goal = padded(rng, premises, goal, len(ascii_uppercase))
        premises = list(beside)
    if len(premises) > PREMISES[1] or (large and len(premises) < PREMISES[0]):
        return None
    letters = list(dict.fromkeys(n[0] for f in (*premises, goal) for n in atoms(f)))
    drawn = letters if rng.random() < 0.3 else rng.sample(ascii_uppercase, len(letters))
    new = dict(zip(letters, drawn, strict=True))
    premises = [rename(p, new) for p in dict.fromkeys(premises)]
    goal = rename(goal, new)
    if goal in premises or countermodel(premises, FALSE) is None or not entails(premises, goal):
        return None
    rng.shuffle(premises)
    return tuple(premises), goal, name


TEMPLATE_SIZES = {1: (1, 2), 2: (1, 3), 3: (2, 4), 4: (3, 6), 5: (3, 7), 6: (4, 8)}
"""Sizes of the families with few members, by level."""


def rename(formula: Formula, letters: dict[str, str]) -> Formula:
    """The formula with the letter of each atom replaced; indices stay."""
    return substitute(formula, {atom(name): atom(letters[name[0]] + name[1:]) for name in atoms(formula)})
