"""Ways in which two formulas may be nearly the same: up to double negations, up to order, up to their parts."""

from __future__ import annotations

from collections.abc import Callable

from proofgrid.checker.formulas import Formula, opposite, postorder, substitute


def without_double_negations(formula: Formula) -> Formula:
    """The formula with every ``(~ (~ p))`` in it replaced by p."""
    return substitute(formula, {}, opposite)


def same_up_to_order(p: Formula, q: Formula) -> bool:
    """Whether p and q are equal up to the order of the two sides of any ``&`` and ``|`` in them."""
    classes: dict[tuple[object, ...], int] = {}
    number: dict[Formula, int] = {}
    for f in postorder(p, q):
        if f.op == "~":
            key: tuple[object, ...] = ("~", number[f.left])
        elif f.op in ("atom", "true", "false"):
            key = (f.op, f.name)
        else:
            a, b = number[f.left], number[f.right]
            key = (f.op, b, a) if f.op in ("&", "|") and b < a else (f.op, a, b)
        number[f] = classes.setdefault(key, len(classes))
    return number[p] == number[q]


def one_by_parts(p: Formula, q: Formula, related: Callable[[Formula, Formula], bool]) -> bool:
    """Whether q is p with some subformulas replaced by ones that are ``related`` to them."""
    seen: set[tuple[Formula, Formula]] = set()
    stack = [(p, q)]
    while stack:
        pair = stack.pop()
        a, b = pair
        if a is b or pair in seen:
            continue
        seen.add(pair)
        if related(a, b):
            continue
        if a.op != b.op or a.op == "atom":
            return False
        stack.append((a.left, b.left))
        if a.op != "~":
            stack.append((a.right, b.right))
    return True
