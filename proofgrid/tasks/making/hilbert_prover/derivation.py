"""A Hilbert proof as a table: each formula with the one step that gives it, everything it needs before it.

Keyed by formula, so nothing is ever derived twice; :func:`lines` takes only what the goal needs, in an order that
can be written down, and :func:`render` writes it in the published format (docs/spec.md, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from proofgrid.checker import Formula
from proofgrid.checker.formulas import implies, neg
from proofgrid.checker.hilbert import AXIOMS, match_axiom


class Step(NamedTuple):
    """How a formula is got: ``rule`` is PremiseN, Axiom1, Axiom2, Axiom3 or mp; ``args`` are p, q (, r) of an axiom,
    or the conditional and its antecedent for mp."""

    rule: str
    args: tuple[Formula, ...] = ()


class Derivation(dict[Formula, Step]):
    """Formula to Step, each formula after those its step needs. The methods return the formula they add."""

    def mp(self, conditional: Formula, antecedent: Formula) -> Formula:
        """Modus ponens; both are in the table, and ``conditional.left is antecedent``."""
        self.setdefault(conditional.right, Step("mp", (conditional, antecedent)))
        return conditional.right

    def axiom1(self, p: Formula, q: Formula) -> Formula:
        """(p ==> (q ==> p))."""
        return self._add(axiom1(p, q), Step("Axiom1", (p, q)))

    def axiom2(self, p: Formula, q: Formula, r: Formula) -> Formula:
        """((p ==> (q ==> r)) ==> ((p ==> q) ==> (p ==> r)))."""
        return self._add(axiom2(p, q, r), Step("Axiom2", (p, q, r)))

    def axiom3(self, p: Formula, q: Formula) -> Formula:
        """(((~ p) ==> (~ q)) ==> (((~ p) ==> q) ==> p))."""
        return self._add(axiom3(p, q), Step("Axiom3", (p, q)))

    def premise(self, number: int, formula: Formula) -> Formula:
        """Premise ``number``, counted from 1."""
        return self._add(formula, Step(f"Premise{number}"))

    def _add(self, formula: Formula, step: Step) -> Formula:
        self.setdefault(formula, step)
        return formula


def axiom1(p: Formula, q: Formula) -> Formula:
    """The instance of the first axiom."""
    return implies(p, implies(q, p))


def axiom2(p: Formula, q: Formula, r: Formula) -> Formula:
    """The instance of the second axiom."""
    return implies(implies(p, implies(q, r)), implies(implies(p, q), implies(p, r)))


def axiom3(p: Formula, q: Formula) -> Formula:
    """The instance of the third axiom."""
    denied = neg(p)
    return implies(implies(denied, neg(q)), implies(implies(denied, q), p))


def axiom_step(formula: Formula) -> Step | None:
    """The step that gives ``formula`` as an instance of an axiom, or None."""
    for n in AXIOMS:
        values = match_axiom(n, formula)
        if values is not None:
            return Step(f"Axiom{n}", tuple(values.values()))
    return None


def lines(table: Mapping[Formula, Step], goal: Formula) -> list[tuple[Formula, Step]]:
    """What the goal needs of the table, each formula once, after those its step cites."""
    done: dict[Formula, Step] = {}
    stack = [goal]
    while stack:
        formula = stack[-1]
        if formula in done:
            stack.pop()
            continue
        step = table[formula]
        waiting = [f for f in step.args if f not in done] if step.rule == "mp" else []
        if waiting:
            stack += reversed(waiting)
        else:
            done[formula] = step
            stack.pop()
    return list(done.items())


def length(table: Mapping[Formula, Step], goal: Formula) -> int:
    """How many :func:`lines` there are."""
    seen = {goal}
    stack = [goal]
    while stack:
        step = table[stack.pop()]
        if step.rule == "mp":
            for f in step.args:
                if f not in seen:
                    seen.add(f)
                    stack.append(f)
    return len(seen)


def render(proof: Sequence[tuple[Formula, Step]]) -> str:
    """The proof as text, a line a step, numbered from 0."""
    number = {formula: k for k, (formula, _) in enumerate(proof)}
    text = []
    for k, (formula, (rule, args)) in enumerate(proof):
        if rule == "mp":
            why = f"mp, {number[args[0]]}, {number[args[1]]}"
        else:
            why = ", ".join((rule, *(f"{name} := {arg}" for name, arg in zip("pqr", args, strict=False))))
        text.append(f"{k}. {formula}, {why};")
    return "\n".join(text)
