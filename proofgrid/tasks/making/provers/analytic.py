"""An analytic prover: signed tableaux written out in full, long and without insight.

The goal's negation is assumed (conjunct by conjunct), every formula is taken apart, and where one branches both
branches are written, in no clever order, until each ends in a contradiction. There is no look-ahead and no truth table,
so the proofs are complete but long: the raw material of the challenge tasks. Minimisation then removes the steps that
no branch uses and the branchings that close without their hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from proofgrid.checker.formulas import FALSE, Formula, disj, implies, neg
from proofgrid.tasks.making.provers.lines import Line, close, prune
from proofgrid.tasks.making.provers.state import OutOfBudget, State

_MAX_DEPTH = 60


class Analytic:
    """One search. ``rng`` decides in which order branchings are taken; without it the first comes first."""

    def __init__(self, premises: Sequence[Formula], goal: Formula, budget: int, rng: Random | None = None) -> None:
        self.goal = goal
        self.rng = rng
        self.state = State(premises, budget)

    @property
    def spent(self) -> int:
        """Search steps taken so far."""
        return self.state.spent

    def run(self) -> tuple[Line, ...] | None:
        """The lines of a proof, minimised; None where the budget does not reach."""
        try:
            self.prove(self.goal)
        except OutOfBudget:
            return None
        return prune(close(self.state.lines, self.goal))

    def prove(self, goal: Formula) -> None:
        """Conclude ``goal`` in the innermost block: conjunct by conjunct, by refuting the negation of each."""
        state = self.state
        if goal in state.holds:
            return
        if goal is FALSE:
            self.refute()
        elif goal.op == "&":
            self.prove(goal.left)
            self.prove(goal.right)
            state.emit("both", (goal.left, goal.right), goal)
        else:
            state.push(neg(goal))
            self.refute()
            conditional = state.discharge(neg(goal), FALSE)
            state.emit("by-contradiction", (goal, conditional), goal)

    def salvage(self) -> tuple[Line, ...]:
        """After a search that failed: what it had concluded from the premises alone."""
        while self.state.depth:
            self.state.pop()
        return tuple(self.state.lines)

    def refute(self) -> None:
        """Conclude ``false`` in the innermost block."""
        state = self.state
        state.saturate()
        if state.absurd:
            return
        if state.depth >= _MAX_DEPTH:
            raise OutOfBudget
        waiting = [m for m in state.open if not state.resolved(m)]
        if not waiting:
            raise OutOfBudget  # an open branch: the goal does not follow
        major = self.rng.choice(waiting) if self.rng else waiting[0]
        if major.op == "==>":
            d = disj(neg(major.left), major.right)
            state.emit("cond-def", (major,), d)
        else:
            d = major
        for side in (d.left, d.right):
            if implies(side, FALSE) not in state.holds:
                state.push(side)
                self.refute()
                state.discharge(side, FALSE)
        state.emit("cases", (d, implies(d.left, FALSE), implies(d.right, FALSE)), FALSE)
