"""Propagation along the parts of a formula, a part a step: for constraints that rest on more literals than a step may.

From the literals up, every part whose value they settle is concluded from its own parts; from the whole down, a part
whose value follows from the whole and the part beside it. Parts of a problem's formulas weigh 1, so each step weighs
at most three.
"""

from __future__ import annotations

from collections.abc import Mapping

from proofgrid.checker.formulas import Formula, neg, postorder
from proofgrid.tasks.making.provers.lines import Step


def valued(f: Formula, value: bool) -> Formula:
    """The formula that says that ``f`` has the value, without a double negation."""
    while f.op == "~":
        f, value = f.left, not value
    return f if value else neg(f)


def propagate_parts(
    root: Formula, known: Mapping[str, bool], wanted: tuple[str, bool] | None
) -> tuple[list[Step], tuple[Formula, ...]] | None:
    """Steps after which the wanted literal holds, or two complements do if none is wanted (then they are answered).

    ``known``: the literals that hold (the wanted one not among them). None if propagation does not get there.
    """
    steps: list[Step] = []
    up: dict[Formula, bool] = {}
    for f in postorder(root):
        if f.op == "atom":
            if f.name in known:
                up[f] = known[f.name]
            continue
        if f.op in ("true", "false"):
            continue
        found = _upwards(f, up)
        if found is not None:
            value, sources = found
            up[f] = value
            conclusion = valued(f, value)
            cited = tuple(dict.fromkeys(valued(g, up[g]) for g in sources))
            if conclusion not in cited:
                steps.append(Step("from", cited, conclusion))
    if valued(root, True) is not root:  # doubly negated: what is cited below is the formula inside
        steps.append(Step("from", (root,), valued(root, True)))
    todo = [(root, True)]
    seen: dict[Formula, bool] = {}
    while todo:
        f, value = todo.pop()
        while f.op == "~":
            f, value = f.left, not value
        if f in seen:
            continue
        seen[f] = value
        here = valued(f, value)
        if wanted is None and up.get(f) is (not value):
            return steps, (here, valued(f, not value))
        if f.op == "atom":
            if wanted == (f.name, value):
                return steps, ()
            continue
        for part, forced, beside in _downwards(f, value, up):
            conclusion = valued(part, forced)
            cited = tuple(dict.fromkeys([here, *(valued(g, up[g]) for g in beside)]))
            if conclusion not in cited:
                steps.append(Step("from", cited, conclusion))
            todo.append((part, forced))
    return None


def _upwards(f: Formula, value: Mapping[Formula, bool]) -> tuple[bool, tuple[Formula, ...]] | None:
    """The value of ``f`` that its parts settle, and the parts that do."""
    if f.op == "~":
        return (not value[f.left], (f.left,)) if f.left in value else None
    left, right = value.get(f.left), value.get(f.right)
    if f.op == "<==>":
        return None if left is None or right is None else (left is right, (f.left, f.right))
    deciding = {"&": (False, False, False), "|": (True, True, True), "==>": (False, True, True)}[f.op]
    if left is deciding[0]:
        return deciding[2], (f.left,)
    if right is deciding[1]:
        return deciding[2], (f.right,)
    return None if left is None or right is None else (not deciding[2], (f.left, f.right))


def _downwards(f: Formula, value: bool, up: Mapping[Formula, bool]) -> list[tuple[Formula, bool, tuple[Formula, ...]]]:
    """Parts whose value follows from that of ``f``: (part, its value, the parts beside it that are needed)."""
    p, q = f.left, f.right
    if f.op == "<==>":
        return [(part, up[other] is value, (other,)) for part, other in ((p, q), (q, p)) if other in up]
    both = {"&": (True, (True, True)), "|": (False, (False, False)), "==>": (False, (True, False))}[f.op]
    if value is both[0]:
        return [(p, both[1][0], ()), (q, both[1][1], ())]
    sides = ((p, q, not both[1][0], both[1][1]), (q, p, not both[1][1], both[1][0]))
    return [(part, own, (other,)) for part, other, own, others in sides if up.get(other) is others]
