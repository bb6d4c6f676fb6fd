"""Short Hilbert proofs by direct search: modus ponens over a finite stock of axiom instances.

The stock has every instance whose letters stand for subformulas of the problem; the cheapest derivation of every
formula is found from the premises outwards [Knuth 1977, as in shorten]. What needs an instance from outside the
stock is not found, which is what makes the search finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, product

from proofgrid.checker import Formula
from proofgrid.checker.formulas import postorder
from proofgrid.tasks.making.hilbert_prover.derivation import Derivation, Step, axiom1, axiom2, axiom3
from proofgrid.tasks.making.hilbert_prover.shorten import Ways, cheapest


def direct_search(premises: Sequence[Formula], goal: Formula, limit: int) -> Derivation | None:
    """A derivation that has the goal, or None. ``limit``: axiom instances in stock, smallest formulas first."""
    parts = sorted(postorder(*premises, goal), key=_size)
    ways: Ways = {}
    stock: dict[Formula, Step] = {p: Step(f"Premise{k}") for k, p in reversed(list(enumerate(premises, 1)))}
    for p, q in product(parts, parts):
        if len(stock) >= limit:
            break
        stock.setdefault(axiom1(p, q), Step("Axiom1", (p, q)))
        stock.setdefault(axiom3(p, q), Step("Axiom3", (p, q)))
    known = set(parts)
    conditionals = [f for f in parts if f.op == "==>"]
    instances = (axiom1(p, q) for p, q in product(parts, parts) if len(parts) <= 40)
    for f in chain(conditionals, instances):
        if len(stock) >= limit:
            break
        p, right = f.left, f.right
        for q, r in [(right.left, right.right)] if right.op == "==>" else []:
            stock.setdefault(axiom2(p, q, r), Step("Axiom2", (p, q, r)))
        for middle in parts:
            if right in known:
                stock.setdefault(axiom2(p, middle, right), Step("Axiom2", (p, middle, right)))
    for formula, step in stock.items():
        _enter(ways, formula)
        ways[formula].append(step)
    for formula in list(ways):
        if formula.op == "==>":
            ways[formula.right].append(Step("mp", (formula, formula.left)))
    table = cheapest(ways)
    return table if goal in table else None


def _enter(ways: Ways, formula: Formula) -> None:
    """Give each subformula an entry, in postorder; one that has one is not looked into, for its parts have theirs."""
    stack = [formula]
    while stack:
        f = stack[-1]
        if f in ways:
            stack.pop()
        elif f.op == "atom":
            ways[f] = []
        elif f.left not in ways:
            stack.append(f.left)
        elif f.op == "==>" and f.right not in ways:
            stack.append(f.right)
        else:
            ways[f] = []


def _size(formula: Formula) -> tuple[int, str]:
    text = str(formula)
    return len(text), text
