"""Draws members of the families: verified by SAT, shuffled, renamed, and for PL3 combined into larger problems.

A large problem has 20 to 60 premises: one instance whose goal is asked, and others over other atoms. Where it can be
done in few atoms, what an instance proves is made the condition of a premise of the next one, so that the parts have
to be solved in order; else they only stand in the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from string import ascii_uppercase

from proofgrid.checker import countermodel, entails
from proofgrid.checker.formulas import BINARY, FALSE, Formula, atom, atoms, build, implies, neg, postorder
from proofgrid.tasks.making.problems.families import FAMILIES

Drawn = tuple[tuple[Formula, ...], Formula, str]
SIZES = {1: (1, 2), 2: (1, 3), 3: (2, 4), 4: (3, 6), 5: (3, 7), 6: (4, 8)}
"""Sizes of the families by level in PL2 (inclusive)."""
LARGE_SIZES = {1: (1, 4), 2: (2, 6), 3: (3, 7), 4: (4, 8), 5: (5, 9), 6: (6, 10)}
"""The same in PL3."""
PREMISES = (20, 60)
"""Number of premises in PL3 (inclusive)."""
_LINK_ATOMS = 9


def draw_family(rng: Random, level: int, *, large: bool = False, family: str | None = None) -> Drawn | None:
    """(premises, goal, name of the family, which may be given); None where the draw came to nothing."""
    drawn = _draw_large(rng, level, family) if large else _draw_one(rng, *SIZES[level], family=family)
    if drawn is None:
        return None
    premises, goal, name = drawn
    if goal in premises or countermodel(premises, FALSE) is None or not entails(premises, goal):
        return None
    rng.shuffle(premises)
    return tuple(premises), goal, name


def _draw_one(
    rng: Random, least: int, most: int, taken: Sequence[str] = (), family: str | None = None
) -> tuple[list[Formula], Formula, str] | None:
    name = family or rng.choice(list(FAMILIES))
    pair = FAMILIES[name](rng, rng.randint(least, most))
    if pair is None:
        return None
    premises, goal = pair
    letters = list(dict.fromkeys(n[0] for f in (*premises, goal) for n in atoms(f)))
    free = [c for c in ascii_uppercase if c not in taken]
    if len(letters) > len(free):
        return None
    if not taken and rng.random() < 0.5:
        new = dict(zip(letters, letters, strict=True))
    else:
        new = dict(zip(letters, rng.sample(free, len(letters)), strict=True))
    return [rename(p, new) for p in dict.fromkeys(premises)], rename(goal, new), name


def _draw_large(rng: Random, level: int, family: str | None) -> tuple[list[Formula], Formula, str] | None:
    least, most = PREMISES
    drawn = _draw_one(rng, *LARGE_SIZES[level], family=family)
    if drawn is None:
        return None
    premises, goal, name = drawn
    names = [name]
    for _ in range(12):
        if len(premises) >= least:
            break
        taken = [n[0] for f in premises for n in atoms(f)]
        more = _draw_one(rng, 1, max(2, LARGE_SIZES[level][1] - 1), taken)
        if more is None or len(premises) + len(more[0]) > most:
            continue
        others, fact, other_name = more
        names.append(other_name)
        at = rng.randrange(len(premises))
        if len(atoms(fact, premises[at])) <= _LINK_ATOMS and rng.random() < 0.6:
            premises[at] = implies(fact, premises[at])
        premises += others
    if not least <= len(premises) <= most:
        return None
    return premises, goal, "+".join(names)


def rename(formula: Formula, letters: dict[str, str]) -> Formula:
    """The formula with the letter of each atom replaced; indices stay."""
    new: dict[Formula, Formula] = {}
    for f in postorder(formula):
        if f.op == "atom":
            new[f] = atom(letters[f.name[0]] + f.name[1:])
        elif f.op == "~":
            new[f] = neg(new[f.left])
        elif f.op in BINARY:
            new[f] = build(f.op, new[f.left], new[f.right])
        else:
            new[f] = f
    return new[formula]
