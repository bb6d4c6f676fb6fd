"""A key for a problem that does not depend on how its atoms are called or its premises ordered.

Atoms are coloured by where they occur and the colouring is refined until it is stable (Weisfeiler-Leman on the
problem's syntax). Where few orders of the atoms remain that agree with the colours, the least text over all of them is
the key, and then equal keys mean equal problems. Where symmetry leaves too many, the colours themselves are the key:
still equal for equal problems, and a coincidence only costs a generator one more draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import permutations, product
from math import factorial, prod

from proofgrid.checker.formulas import BINARY, Formula, atoms, postorder

_MAX_ORDERS = 720


def canonical_key(premises: Sequence[Formula], goal: Formula) -> str:
    """32 hexadecimal digits, equal for problems that are equal up to renaming of atoms and order of premises."""
    names = atoms(*premises, goal)
    colours = dict.fromkeys(names, "")
    classes = 0
    while True:
        colours = _refine(premises, goal, colours)
        found = len(set(colours.values()))
        if found == classes:
            break
        classes = found
    groups: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda n: colours[n]):
        groups.setdefault(colours[name], []).append(name)
    if prod(factorial(len(g)) for g in groups.values()) > _MAX_ORDERS:
        return _hash("colours", *sorted(colours.values()), *_texts(premises, goal, colours))
    least = min(
        _texts(premises, goal, {name: f"#{i}" for i, name in enumerate(n for group in order for n in group)})
        for order in product(*(permutations(g) for g in groups.values()))
    )
    return _hash("orders", *least)


def _hash(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _texts(premises: Sequence[Formula], goal: Formula, names: Mapping[str, str]) -> list[str]:
    """The premises in order of their text, then the goal, with atoms renamed."""
    return [*sorted(_text(p, names) for p in premises), _text(goal, names)]


def _text(formula: Formula, names: Mapping[str, str]) -> str:
    text: dict[Formula, str] = {}
    for f in postorder(formula):
        if f.op == "~":
            text[f] = f"~{text[f.left]}"
        elif f.op in BINARY:
            text[f] = f"({text[f.left]}{f.op}{text[f.right]})"
        else:
            text[f] = names.get(f.name, f.name)
    return text[formula]


def _refine(premises: Sequence[Formula], goal: Formula, colours: Mapping[str, str]) -> dict[str, str]:
    """New colours: the old one with the multiset of places where the atom stands, seen through the old colours."""
    places: dict[str, list[str]] = {name: [] for name in colours}
    for root, role in (*((p, "premise") for p in premises), (goal, "goal")):
        whole = _text(root, colours)
        stack = [(root, f"{role}:{whole}:")]
        while stack:
            f, path = stack.pop()
            if f.op == "atom":
                places[f.name].append(_hash(path))
            elif f.op == "~":
                stack.append((f.left, path + "n"))
            elif f.op in BINARY:
                stack.append((f.left, path + "l"))
                stack.append((f.right, path + "r"))
    return {name: _hash(colours[name], *sorted(places[name])) for name in colours}
