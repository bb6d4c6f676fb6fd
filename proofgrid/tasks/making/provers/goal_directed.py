"""A goal-directed prover for NDL whose proofs look like a person's.

Backwards, the goal's connective names the introduction to use; forwards, eliminations are exhausted (``state``). What
is left is a choice: a disjunction to take by cases, a conditional whose antecedent decides, or the goal's negation to
refute. Each candidate is tried for a moment (assume, saturate, look, retract), and the one that leaves the fewest
cases open is taken; so the search is a look-ahead tableau whose proofs read as natural deduction. Up to 14 atoms a
truth table keeps it from disjuncts that do not follow and tells it when the hypotheses contradict each other.

Every choice either settles a disjunction or conditional or turns the goal into ``false``, so with enough budget the
search ends, and it finds a proof of everything that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from proofgrid.checker.formulas import FALSE, Formula, atom, atoms, conj, disj, implies, neg, opposite
from proofgrid.tasks.making.provers.lines import Line, close, prune
from proofgrid.tasks.making.provers.semantics import TruthTable
from proofgrid.tasks.making.provers.state import OutOfBudget, State, complements_of

MAX_TABLE_ATOMS = 14
_MAX_CANDIDATES = 10
_MAX_DEPTH = 60
"""Subproofs inside subproofs."""
_MAX_NESTING = 150
"""Goals inside goals; with five frames of the interpreter each this stays well under its limit."""


class GoalDirected:
    """One search. ``rng`` only breaks ties and picks between equally good shapes."""

    def __init__(self, premises: Sequence[Formula], goal: Formula, budget: int, rng: Random | None = None) -> None:
        self.premises = tuple(premises)
        self.goal = goal
        self.rng = rng
        self.by_cases_first = rng is not None and rng.random() < 0.6
        """Whether this author would rather distinguish cases than argue by contradiction."""
        names = atoms(*premises, goal)
        self.table = TruthTable(names) if len(names) <= MAX_TABLE_ATOMS else None
        self.masks = [self.table.all(premises)] if self.table else [1]
        self.state = State(premises, budget)
        self.nesting = 0
        self.pending: dict[Formula, None] = {}
        """Lemmas being proved: none is started again inside its own proof."""

    def run(self) -> tuple[Line, ...] | None:
        """The lines of a proof, minimised; None where the budget does not reach."""
        try:
            self.solve(self.goal)
        except OutOfBudget:
            return None
        return prune(close(self.state.lines, self.goal))

    @property
    def spent(self) -> int:
        """Search steps taken so far."""
        return self.state.spent

    def salvage(self) -> tuple[Line, ...]:
        """After a search that failed: what it had concluded from the premises alone."""
        while self.state.depth:
            self.state.pop()
        return tuple(self.state.lines)

    # --- semantic guidance -------------------------------------------------------------------------------------

    def follows(self, formula: Formula) -> bool:
        """Whether the truth table says that ``formula`` follows here (without a table: not known, so False)."""
        return self.table is not None and not self.masks[-1] & ~self.table.mask(formula)

    def contradictory(self) -> bool:
        """Whether the truth table says that what holds here is inconsistent."""
        return self.table is not None and not self.masks[-1]

    def enter(self, hypothesis: Formula) -> None:
        """Open a subproof."""
        if self.state.depth >= _MAX_DEPTH:
            raise OutOfBudget
        self.state.push(hypothesis)
        if self.table:
            self.masks.append(self.masks[-1] & self.table.mask(hypothesis))
        else:
            self.masks.append(1)

    def leave(self) -> None:
        """Drop a trial subproof."""
        self.state.pop()
        self.masks.pop()

    def subproof(self, hypothesis: Formula, goal: Formula) -> Formula:
        """Prove ``goal`` under ``hypothesis`` and discharge it; answers the conditional."""
        conditional = implies(hypothesis, goal)
        if conditional not in self.state.holds:
            self.state.tick()
            self.enter(hypothesis)
            self.solve(goal)
            self.masks.pop()
            self.state.discharge(hypothesis, goal)
        return conditional

    # --- what can be had without a choice ----------------------------------------------------------------------

    def easy(self, f: Formula) -> bool:
        """Whether introductions alone prove ``f`` from what holds."""
        holds = self.state.holds
        if f in holds or FALSE in holds:
            return True
        if f.op == "&":
            return self.easy(f.left) and self.easy(f.right)
        if f.op == "|":
            return self.easy(f.left) or self.easy(f.right) or self.easy_conditional(f)
        if f.op == "==>":
            return self.easy(f.right) or self.refuted(f.left)
        if f.op == "<==>":
            return (self.easy(f.left) and self.easy(f.right)) or (self.refuted(f.left) and self.refuted(f.right))
        return f.op == "~" and self.refuted(f.left)

    def easy_conditional(self, f: Formula) -> bool:
        """Whether ``(~p | q)`` is at hand as ``(p ==> q)``."""
        return f.left.op == "~" and implies(f.left.left, f.right) in self.state.holds

    def refuted(self, f: Formula) -> bool:
        """Whether assuming ``f`` fails at once."""
        holds = self.state.holds
        if any(c in holds for c in complements_of(f)):
            return True
        if f.op == "&":
            return self.refuted(f.left) or self.refuted(f.right)
        if f.op == "|":
            return self.refuted(f.left) and self.refuted(f.right)
        if f.op == "==>":
            return self.easy(f.left) and self.refuted(f.right)
        if f.op == "<==>":
            return (self.easy(f.left) and self.refuted(f.right)) or (self.refuted(f.left) and self.easy(f.right))
        return f.op == "~" and self.easy(f.left)

    # --- introductions -----------------------------------------------------------------------------------------

    def solve(self, goal: Formula) -> None:
        """Extend the innermost block until ``goal`` holds there. The goal must follow."""
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            raise OutOfBudget
        self.introduce(goal)
        self.nesting -= 1

    def introduce(self, goal: Formula) -> None:
        """Take the introduction that the goal's connective names, or choose."""
        state = self.state
        state.saturate(goal)
        if goal in state.holds:
            return
        if state.absurd:
            state.emit("from-false", (goal,), goal)
            return
        state.tick()
        if goal is not FALSE and self.contradictory() and not self.easy(goal):
            self.solve(FALSE)
            state.emit("from-false", (goal,), goal)
        elif goal.op == "&":
            self.solve(goal.left)
            self.solve(goal.right)
            state.emit("both", (goal.left, goal.right), goal)
        elif goal.op == "==>":
            self.subproof(goal.left, goal.right)
        elif goal.op == "<==>":
            there, back = implies(goal.left, goal.right), implies(goal.right, goal.left)
            self.solve(there)
            self.solve(back)
            state.emit("equiv", (there, back), goal)
        elif goal.op == "~":
            self.negation(goal)
        elif goal.op == "|":
            self.disjunction(goal)
        else:
            self.choose(goal)

    def negation(self, goal: Formula) -> None:
        """Prove ``(~ p)``: by the definition of a negated conditional, or by refuting p."""
        p = goal.left
        if p.op == "==>" and self.flip(0.7):
            both = conj(p.left, neg(p.right))
            self.solve(both)
            self.state.emit("neg-cond", (both,), goal)
        elif p.op == "<==>" and self.easy(disj(conj(p.left, neg(p.right)), conj(neg(p.left), p.right))):
            either = disj(conj(p.left, neg(p.right)), conj(neg(p.left), p.right))
            self.solve(either)
            self.state.emit("neg-bicond", (either,), goal)
        else:
            self.state.emit("by-contradiction", (goal, self.subproof(p, FALSE)), goal)

    def disjunction(self, goal: Formula) -> None:
        """Prove a disjunction: one side where one follows, else as a conditional or by a choice."""
        p, q = goal.left, goal.right
        if q.op == "~" and q.left is p:
            self.state.emit("ex-middle", (p,), goal)
            return
        if self.easy_conditional(goal):
            self.state.emit("cond-def", (implies(p.left, q),), goal)
            return
        sides = [s for s in (p, q) if self.easy(s)] or [s for s in (p, q) if self.follows(s)]
        if sides:
            side = sides[0]
            self.solve(side)
            self.state.emit("left-either" if side is p else "right-either", (p, q), goal)
        elif p.op == "~" and self.flip(0.5):
            self.state.emit("cond-def", (self.subproof(p.left, q),), goal)
        else:
            self.choose(goal)

    # --- choices -----------------------------------------------------------------------------------------------

    def choose(self, goal: Formula) -> None:
        """Prove an atom, a disjunction or ``false`` where no introduction decides."""
        while self.free_lemma(goal):
            self.state.saturate(goal)
            if self.easy(goal):
                self.solve(goal)
                return
        best: tuple[tuple[float, ...], str, tuple[Formula, ...], tuple[bool, ...]] | None = None
        for kind, formulas, hypotheses in self.candidates(goal):
            target = FALSE if kind == "refute" else goal
            closed = []
            gain = 0
            for hypothesis in hypotheses:
                done, new = self.trial(hypothesis, target)
                closed.append(done)
                gain += new
            still_open = closed.count(False)
            noise = self.rng.random() if self.rng else 0.0
            size = sum(len(str(h)) for h in hypotheses)
            if self.by_cases_first:
                score: tuple[float, ...] = (still_open + (0.5 if kind == "refute" else 0.0), noise)
            else:
                score = (still_open, len(closed), -gain / len(closed) if still_open else 0.0, size, noise)
            if best is None or score < best[0]:
                best = (score, kind, formulas, tuple(closed))
                if still_open == 0 and not self.rng:
                    break
        if best is None:
            raise OutOfBudget  # not entailed, and without a table nobody had noticed
        _, kind, formulas, done_at = best
        if kind == "refute":
            self.refute(goal)
        elif kind == "cases":
            self.by_cases(formulas[0], goal, done_at)
        else:
            self.by_excluded_middle(formulas[0], goal, done_at)

    def free_lemma(self, goal: Formula) -> bool:
        """Make one elimination possible whose minor premise introductions alone prove."""
        for major in tuple(self.state.open):
            if self.state.resolved(major):
                continue
            p, q = major.left, major.right
            wanted = (p, opposite(q)) if major.op == "==>" else (opposite(p), opposite(q))
            for minor in wanted:
                if minor not in self.state.holds and minor not in self.pending and self.easy(minor):
                    self.pending[minor] = None
                    self.solve(minor)
                    del self.pending[minor]
                    return True
        return False

    def candidates(self, goal: Formula) -> list[tuple[str, tuple[Formula, ...], tuple[Formula, ...]]]:
        """(kind, formulas, hypotheses to try) for every choice that is worth a trial, best guesses first."""
        found: list[tuple[str, tuple[Formula, ...], tuple[Formula, ...]]] = []
        majors = [m for m in self.state.open if not self.state.resolved(m)]
        majors.sort(key=lambda m: len(str(m)))
        for major in majors[:_MAX_CANDIDATES]:
            if major.op == "|":
                found.append(("cases", (major,), (major.left, major.right)))
            else:
                found.append(("middle", (major.left,), (major.left, neg(major.left))))
        if goal is not FALSE:
            found.append(("refute", (), (neg(goal),)))
        tried = {f[1][0] for f in found if f[0] == "middle"}
        for name in atoms(goal, *majors[:_MAX_CANDIDATES])[:_MAX_CANDIDATES]:
            a = atom(name)
            if a not in tried and a not in self.state.holds and neg(a) not in self.state.holds:
                found.append(("middle", (a,), (a, neg(a))))
        return found

    def trial(self, hypothesis: Formula, goal: Formula) -> tuple[bool, int]:
        """Assume, saturate, look and retract: (whether the case closes, how many formulas it gave)."""
        self.state.tick()
        self.enter(hypothesis)
        before = len(self.state.holds)
        self.state.saturate(goal)
        closed = self.state.absurd or self.easy(goal)
        gain = len(self.state.holds) - before
        self.leave()
        return closed, gain

    def refute(self, goal: Formula) -> None:
        """Prove ``goal`` by contradiction."""
        conditional = self.subproof(neg(goal), FALSE)
        self.state.emit("by-contradiction", (goal, conditional), goal)

    def by_cases(self, d: Formula, goal: Formula, closed: Sequence[bool]) -> None:
        """Prove ``goal`` from the disjunction ``d``; a side that is impossible may be struck out instead."""
        p, q = d.left, d.right
        if goal is not FALSE:
            for side, other in ((p, q), (q, p)):
                lemma = opposite(side)
                if (
                    lemma not in self.pending
                    and self.follows(lemma)
                    and closed[0 if side is p else 1]
                    and self.flip(0.1 if self.by_cases_first else 0.5)
                ):
                    self.pending[lemma] = None
                    self.solve(lemma)
                    del self.pending[lemma]
                    self.state.emit("dsyl", (d, lemma), other)
                    self.solve(goal)
                    return
        one, two = self.subproof(p, goal), self.subproof(q, goal)
        self.state.emit("cases", (d, one, two), goal)

    def by_excluded_middle(self, p: Formula, goal: Formula, closed: Sequence[bool]) -> None:
        """Prove ``goal`` whether or not ``p``; where one way is impossible, the other is proved outright."""
        for hypothesis, lemma, done in ((p, neg(p), closed[0]), (neg(p), p, closed[1])):
            if self.by_cases_first and goal is not FALSE and self.flip(0.6):
                break
            if done and self.table and not self.masks[-1] & self.table.mask(hypothesis):
                conditional = self.subproof(hypothesis, FALSE)
                self.state.emit("by-contradiction", (lemma, conditional), lemma)
                self.solve(goal)
                return
        either = disj(p, neg(p))
        self.state.emit("ex-middle", (p,), either)
        one, two = self.subproof(p, goal), self.subproof(neg(p), goal)
        self.state.emit("cases", (either, one, two), goal)

    def flip(self, probability: float) -> bool:
        """A coin of the search's own; without a generator it falls on the likelier side."""
        return self.rng.random() < probability if self.rng else probability >= 0.5
