"""An analytic prover: tableaux written out in full, long and without insight.

Every formula is taken apart; a conditional becomes a disjunction by ``cond-def``, and a disjunction is taken by
``cases``, both branches in full, in no clever order, until each ends in a contradiction. There is no look-ahead, no
truth table and no modus ponens, so the proofs are complete but long: the raw material of the challenge tasks.

What the branches conclude is either ``false``, by ``absurd``, under the negation of the goal; or the goal itself, by
``from-complements``, in the second case of the excluded middle. Minimisation then removes the steps that no branch
uses.

With ``goal_last`` the premises are taken apart first, and only branches that they leave open come to the negation of
the goal. In those, what holds is consistent until then, so that a step which does not follow can be told from one that
was only put badly: under the negation of the goal, everything follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from proofgrid.checker.formulas import FALSE, Formula, disj, implies, neg
from proofgrid.tasks.making.provers.lines import Line, claim, close, minimise
from proofgrid.tasks.making.provers.state import OutOfBudget, State

_MAX_DEPTH = 60


class Analytic:
    """One search. ``rng`` decides in which order branchings are taken and what the branches conclude."""

    def __init__(
        self,
        premises: Sequence[Formula],
        goal: Formula,
        budget: int,
        rng: Random | None = None,
        *,
        goal_last: bool = False,
    ) -> None:
        self.goal = goal
        self.rng = rng
        self.direct = rng.random() < 0.5 if rng else False
        """Whether branches conclude the goal itself."""
        self._denied = not goal_last
        """Whether the negation of the goal has been assumed on the branch."""
        self.state = State(premises, budget, units=False)

    @property
    def spent(self) -> int:
        """Search steps taken so far."""
        return self.state.spent

    def run(self) -> tuple[Line, ...] | None:
        """The lines of a proof, minimised; None if the budget does not reach."""
        try:
            if not self._denied:
                self.refute(self.goal)
            else:
                self.prove(self.goal)
        except OutOfBudget:
            return None
        return minimise(close(self.state.lines, self.goal))

    def prove(self, goal: Formula) -> None:
        """Conclude ``goal`` in the innermost block: conjunct by conjunct, from the negation of each."""
        state = self.state
        if goal in state.holds:
            return
        if goal is FALSE:
            self.refute(FALSE)
        elif goal.op == "&":
            self.prove(goal.left)
            self.prove(goal.right)
            state.emit("both", (goal.left, goal.right), goal)
        elif self.direct:
            either = disj(goal, neg(goal))
            state.emit("ex-middle", (goal,), either)
            state.push(goal)
            state.lines.append(claim(goal))
            one = self.discharge(goal, goal)
            state.push(neg(goal))
            self.refute(goal)
            two = self.discharge(neg(goal), goal)
            state.emit("cases", (either, one, two), goal)
        else:
            state.push(neg(goal))
            self.refute(FALSE)
            conditional = self.discharge(neg(goal), FALSE)
            state.emit("by-contradiction", (goal, conditional), goal)

    def salvage(self) -> tuple[Line, ...]:
        """After a search that failed: what it had concluded from the premises alone."""
        while self.state.depth:
            self.state.pop()
        return tuple(self.state.lines)

    def refute(self, target: Formula) -> None:
        """Conclude ``target`` in the innermost block, whose hypotheses contradict each other (or entail it)."""
        state = self.state
        state.saturate()
        if state.clash:
            self.end(target, *state.clash)
            return
        if state.depth >= _MAX_DEPTH:
            raise OutOfBudget
        waiting = [m for m in state.open if not state.resolved(m)]
        if not waiting:
            if not self._denied:
                self._denied = True
                self.prove(target)
                self._denied = False
                return
            raise OutOfBudget  # an open branch: the goal does not follow
        major = self.rng.choice(waiting) if self.rng else waiting[0]
        if major.op == "==>":
            d = disj(neg(major.left), major.right)
            state.emit("cond-def", (major,), d)
        else:
            d = major
        for side in (d.left, d.right):
            if implies(side, target) not in state.holds:
                state.push(side)
                self.refute(target)
                self.discharge(side, target)
        state.emit("cases", (d, implies(d.left, target), implies(d.right, target)), target)

    def discharge(self, hypothesis: Formula, target: Formula) -> Formula:
        """Leave a branch; the conditional that it shows is for ``cases`` only, and not taken apart itself."""
        known = implies(hypothesis, target) in self.state.holds
        conditional = self.state.discharge(hypothesis, target)
        if not known:
            self.state.open.pop()
        return conditional

    def end(self, target: Formula, one: Formula, other: Formula) -> None:
        """Conclude ``target`` from two complements."""
        if target is FALSE:
            self.state.emit("absurd", (one, other), FALSE)
        elif self.rng is not None and self.rng.random() < 0.25:
            self.state.emit("absurd", (one, other), FALSE)
            self.state.emit("from-false", (target,), target)
        else:
            self.state.emit("from-complements", (target, one, other), target)
