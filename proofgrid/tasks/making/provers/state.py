"""What holds at a point of a search, and everything that follows from it without a choice.

The state is one trail with blocks on it: opening a subproof pushes, leaving it pops back. Eliminations are exhausted
by watching: a conditional waits for its antecedent and for a complement of its consequent, a disjunction for a
complement of either side. Every inference and every trial costs one step of the budget.
"""

from __future__ import annotations

from collections.abc import Iterable

from proofgrid.checker.formulas import FALSE, Formula, conj, disj, implies, neg
from proofgrid.tasks.making.provers.lines import Assume, Line, Step, close


class OutOfBudget(Exception):
    """The search has used up its steps (internal: provers answer None)."""


def complements_of(p: Formula) -> tuple[Formula, ...]:
    """The one or two formulas that are complements of ``p``."""
    return (p.left, neg(p)) if p.op == "~" else (neg(p),)


class State:
    """The trail of a search.

    Without ``units``, disjunctions and conditionals wait for their case distinction (no mp, mt, dsyl), and a
    contradiction is kept in ``clash`` instead of being written.
    """

    def __init__(self, premises: Iterable[Formula], budget: int, units: bool = True) -> None:
        self.budget = budget
        self.units = units
        self.clash: tuple[Formula, Formula] | None = None
        """Without ``units``: two complements that hold in the innermost block."""
        self.spent = 0
        self.holds: dict[Formula, int] = {}
        self.open: list[Formula] = []
        """Disjunctions and conditionals that hold, in the order of their arrival."""
        self._order: list[Formula] = []
        self._blocks: list[tuple[list[Line], int, int, int]] = [([], 0, 0, 0)]
        self._next = 0
        self._watch: dict[Formula, list[Formula]] = {}
        self._watched: set[Formula] = set()
        for premise in premises:
            self.add(premise)

    @property
    def lines(self) -> list[Line]:
        """The lines of the innermost open block."""
        return self._blocks[-1][0]

    @property
    def depth(self) -> int:
        """Number of open subproofs."""
        return len(self._blocks) - 1

    @property
    def absurd(self) -> bool:
        """Whether ``false`` holds."""
        return FALSE in self.holds

    def tick(self, steps: int = 1) -> None:
        """Spend ``steps``; raises OutOfBudget where there are not so many left."""
        self.spent += steps
        if self.spent > self.budget:
            raise OutOfBudget

    def add(self, formula: Formula) -> None:
        """Let ``formula`` hold from here to the end of the block."""
        if formula not in self.holds:
            self.holds[formula] = self.depth
            self._order.append(formula)
            if formula.op in ("==>", "|"):
                self.open.append(formula)

    def emit(self, rule: str, args: tuple[Formula, ...], formula: Formula) -> None:
        """Write one step and let its conclusion hold; nothing happens where that holds already."""
        if formula not in self.holds:
            self.tick()
            self.lines.append(Step(rule, args, formula))
            self.add(formula)

    def push(self, hypothesis: Formula) -> None:
        """Open a subproof."""
        self._blocks.append(([], len(self._order), self._next, len(self.open)))
        self.add(hypothesis)

    def pop(self) -> list[Line]:
        """Leave the innermost subproof and forget what held in it; answers its lines."""
        lines, size, self._next, opened = self._blocks.pop()
        self.clash = None
        for formula in self._order[size:]:
            del self.holds[formula]
        del self._order[size:]
        del self.open[opened:]
        return lines

    def discharge(self, hypothesis: Formula, goal: Formula) -> Formula:
        """Leave a subproof that reached ``goal`` and write it as one ``assume`` line; answers the conditional."""
        line = Assume(hypothesis, close(self.pop(), goal))
        if line.formula not in self.holds:
            self.lines.append(line)
            self.add(line.formula)
        return line.formula

    def saturate(self, goal: Formula | None = None) -> None:
        """Apply every elimination until nothing is new, or ``false`` or ``goal`` holds."""
        while self._next < len(self._order) and not self.absurd and (goal is None or goal not in self.holds):
            formula = self._order[self._next]
            self._next += 1
            for other in complements_of(formula):
                if other in self.holds:
                    self.clash = (other, formula) if formula.op == "~" else (formula, other)
                    if self.units:
                        self.emit("absurd", self.clash, FALSE)
                    return
            self._eliminate(formula)
            for major in tuple(self._watch.get(formula, ())):
                if major in self.holds:
                    self._combine(major)

    def resolved(self, major: Formula) -> bool:
        """Whether a disjunction or conditional has nothing more to give: one of its ways out holds."""
        if major.right in self.holds:
            return True
        if major.op == "|":
            return major.left in self.holds
        return any(c in self.holds for c in complements_of(major.left))

    def _eliminate(self, f: Formula) -> None:
        if f.op == "&":
            self.emit("left-and", (f,), f.left)
            self.emit("right-and", (f,), f.right)
        elif f.op == "<==>":
            self.emit("left-iff", (f,), implies(f.left, f.right))
            self.emit("right-iff", (f,), implies(f.right, f.left))
        elif f.op in ("==>", "|") and self.units:
            if f not in self._watched:
                self._watched.add(f)
                keys = (f.left,) if f.op == "==>" else complements_of(f.left)
                for key in (*keys, *complements_of(f.right)):
                    self._watch.setdefault(key, []).append(f)
            self._combine(f)
        elif f.op == "~":
            self._negation(f)

    def _negation(self, f: Formula) -> None:
        p = f.left
        if p.op == "~":
            self.emit("dn", (f,), p.left)
        elif p.op == "&":
            self.emit("dm", (f,), disj(neg(p.left), neg(p.right)))
        elif p.op == "|":
            self.emit("dm", (f,), conj(neg(p.left), neg(p.right)))
        elif p.op == "==>":
            self.emit("neg-cond", (f,), conj(p.left, neg(p.right)))
        elif p.op == "<==>":
            self.emit("neg-bicond", (f,), disj(conj(p.left, neg(p.right)), conj(neg(p.left), p.right)))

    def _combine(self, major: Formula) -> None:
        p, q = major.left, major.right
        if major.op == "==>":
            if p in self.holds:
                self.emit("mp", (major, p), q)
            for c in complements_of(q):
                if c in self.holds and not any(d in self.holds for d in complements_of(p)):
                    self.emit("mt", (major, c), neg(p))
        elif p not in self.holds and q not in self.holds:
            for side, other in ((p, q), (q, p)):
                for c in complements_of(side):
                    if c in self.holds and other not in self.holds:
                        self.emit("dsyl", (major, c), other)
