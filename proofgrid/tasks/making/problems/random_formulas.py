"""Random entailments over 2 to 6 atoms in which every premise is needed.

Premises are drawn one by one and kept consistent; then goals are drawn until one follows from all premises and from no
fewer (truth tables as integers). With no premises the problem is a tautology, made by folding premises into the goal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from proofgrid.checker.formulas import Formula, atom, atoms, conj, disj, iff, implies, neg, opposite, substitute
from proofgrid.tasks.making.provers.semantics import TruthTable

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GOALS_PER_DRAW = 60
_MOST_LETTERS = 10
_THICKENED = {1: 1.0, 2: 0.95, 3: 0.6}
"""How often letters are replaced by formulas, by level."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What to draw: inclusive ranges."""

    atoms: tuple[int, int]
    premises: tuple[int, int]
    leaves: tuple[int, int]
    """Atom occurrences in a premise or goal."""
    biconditionals: float
    """Share of ``<==>`` among the connectives."""
    fold: float
    """How often premises are folded into the goal, as antecedents."""


SHAPES = {
    1: Shape((2, 3), (1, 3), (1, 3), 0.02, 0.1),
    2: Shape((2, 4), (1, 4), (1, 4), 0.04, 0.15),
    3: Shape((3, 5), (2, 4), (2, 5), 0.06, 0.15),
    4: Shape((3, 6), (2, 5), (2, 6), 0.08, 0.15),
    5: Shape((4, 6), (3, 5), (3, 7), 0.10, 0.15),
    6: Shape((4, 6), (3, 5), (4, 9), 0.16, 0.2),
}


def random_formula(rng: Random, names: list[str], leaves: int, biconditionals: float) -> Formula:
    """A formula with ``leaves`` atom occurrences; the two sides of a connective are rarely the same."""
    if leaves == 1:
        f = atom(rng.choice(names))
        return neg(f) if rng.random() < 0.3 else f
    cut = rng.randint(1, leaves - 1)
    left = random_formula(rng, names, cut, biconditionals)
    right = random_formula(rng, names, leaves - cut, biconditionals)
    if left is right:
        right = neg(right)
    roll = rng.random()
    if roll < biconditionals:
        f = iff(left, right)
    elif roll < biconditionals + 0.3:
        f = implies(left, right)
    else:
        f = conj(left, right) if rng.random() < 0.5 else disj(left, right)
    return neg(f) if rng.random() < 0.12 else f


def random_entailment(rng: Random, level: int) -> tuple[tuple[Formula, ...], Formula] | None:
    """An entailment of the level's shape, at low levels of formulas in place of letters; None if the draw failed."""
    drawn = draw_entailment(rng, SHAPES[level])
    if drawn is None or rng.random() >= _THICKENED.get(level, 0.0):
        return drawn
    return thickened(rng, *drawn)


def thickened(rng: Random, premises: Sequence[Formula], goal: Formula) -> tuple[tuple[Formula, ...], Formula]:
    """The same entailment with random formulas over new letters in place of some atoms, six letters in all at most.

    What is short to prove stays so, while there are many more such problems than of letters alone.
    """
    names = list(atoms(*premises, goal))
    fresh = [letter for letter in LETTERS if letter not in names]
    new: dict[Formula, Formula] = {}
    for name in rng.sample(names, len(names)):
        leaves = rng.choice((1, 2, 2, 3, 3, 4))
        if len(names) + sum(len(atoms(f)) - 1 for f in new.values()) + leaves - 1 > _MOST_LETTERS:
            break
        own = [fresh.pop(0) for _ in range(leaves)]
        new[atom(name)] = _over(rng, own)
    return tuple(substitute(p, new, opposite) for p in premises), substitute(goal, new, opposite)


_PADDED = {1: 1.0, 2: 0.9}
"""How often something beside the point is said in a short problem, by level."""
_PADS = (2, 2, 3)
_PAD_LEAVES = (1, 2, 3, 3, 4)
_THICKENED_TOO = 0.3


def padded_entailment(rng: Random, level: int) -> tuple[tuple[Formula, ...], Formula] | None:
    """An entailment of the level's shape, at low levels with more said than is needed; None if the draw failed.

    Formulas in place of letters cost provers that take clauses more than the problem does, and a natural deduction
    nothing. What is padded is as easy for one as for the other.
    """
    drawn = draw_entailment(rng, SHAPES[level])
    if drawn is None:
        return None
    if rng.random() < _PADDED.get(level, 0.0):
        drawn = padded(rng, *drawn)
        if rng.random() < _THICKENED_TOO:
            drawn = thickened(rng, *drawn)
    return drawn


def padded(
    rng: Random, premises: Sequence[Formula], goal: Formula, most: int = _MOST_LETTERS
) -> tuple[tuple[Formula, ...], Formula]:
    """The same entailment with formulas over new letters beside premises (and) and beside the goal (or).

    ``most``: atoms in all.
    """
    parts = [*premises, goal]
    names = atoms(*parts)
    fresh = rng.sample([letter for letter in LETTERS if letter not in names], len(LETTERS) - len(names))
    for _ in range(rng.choice(_PADS)):
        leaves = rng.choice(_PAD_LEAVES)
        if len(atoms(*parts)) + leaves > most:
            break
        pad = _over(rng, [fresh.pop() for _ in range(leaves)])
        at = rng.randrange(len(parts))
        join = disj if at == len(premises) else conj
        parts[at] = join(parts[at], pad) if rng.random() < 0.5 else join(pad, parts[at])
    return tuple(parts[:-1]), parts[-1]


def _over(rng: Random, names: list[str]) -> Formula:
    """A formula in which each of the letters stands once."""
    f = atom(names[0]) if len(names) == 1 else None
    if f is None:
        cut = rng.randint(1, len(names) - 1)
        make = rng.choice((conj, disj, implies, conj, disj, iff))
        f = make(_over(rng, names[:cut]), _over(rng, names[cut:]))
    return neg(f) if rng.random() < 0.25 else f


def draw_entailment(rng: Random, shape: Shape) -> tuple[tuple[Formula, ...], Formula] | None:
    """(premises, goal): consistent premises, each needed, and a goal that is no tautology; None if the draw failed."""
    count = rng.randint(*shape.atoms)
    names = sorted(rng.sample(LETTERS[: count + 1], count))
    table = TruthTable(names)
    wanted = rng.randint(*shape.premises)
    premises: list[Formula] = []
    masks: list[int] = []
    together = table.full
    for _ in range(20 * wanted):
        if len(premises) == wanted:
            break
        f = random_formula(rng, names, rng.randint(*shape.leaves), shape.biconditionals)
        mask = table.mask(f)
        if mask & together not in (0, together) and f not in premises:
            premises.append(f)
            masks.append(mask)
            together &= mask
    else:
        return None
    without = []
    for i in range(len(masks)):
        rest = table.full
        for j, mask in enumerate(masks):
            if j != i:
                rest &= mask
        without.append(rest)
    for _ in range(_GOALS_PER_DRAW):
        goal = random_formula(rng, names, rng.randint(*shape.leaves), shape.biconditionals)
        false_at = table.full ^ table.mask(goal)
        if not together & false_at and all(rest & false_at for rest in without) and goal not in premises:
            break
    else:
        return None
    if rng.random() < shape.fold:
        keep = rng.randint(0, len(premises) - 1)
        folded = premises[keep:]
        del premises[keep:]
        if rng.random() < 0.5:
            antecedent = folded[-1]
            for f in reversed(folded[:-1]):
                antecedent = conj(f, antecedent)
            goal = implies(antecedent, goal)
        else:
            for f in reversed(folded):
                goal = implies(f, goal)
    return tuple(premises), goal
