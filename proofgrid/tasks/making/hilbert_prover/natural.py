"""Natural deduction over ``~`` and ``==>`` by goal-directed search, guided by truth tables.

A subgoal is only ever taken up where the facts at that point entail it, so the search never fails; what it decides is
which of many proofs to write. Choices are drawn from a random generator, so that a caller can ask for many proofs and
keep the best. Complete: without a choice left it argues by contradiction, splitting conditionals, and every split
adds a subformula or the negation of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from proofgrid.checker import Formula
from proofgrid.checker.formulas import neg, opposite, postorder
from proofgrid.tasks.making.hilbert_prover import derived as d
from proofgrid.tasks.making.hilbert_prover.lemmas import find_lemma
from proofgrid.tasks.making.hilbert_prover.terms import Term, apply, discharge, hypothesis, premise, theorem


class OutOfBudgetError(Exception):
    """The search took as many subgoals as it was given, or went too deep."""


MAX_NESTING = 120
"""Subgoals inside subgoals; beyond that a search gives up. A limit of its own, and far below Python's, so that what is
found does not depend on how deep in other calls the search starts."""


class TruthTable:
    """Which rows of the table over the atoms of some formulas make a formula true, as a bit mask."""

    def __init__(self, *roots: Formula) -> None:
        self.letters = [f for f in postorder(*roots) if f.op == "atom"]
        rows = 1 << len(self.letters)
        self.all = (1 << rows) - 1
        self._mask: dict[Formula, int] = {}
        for k, letter in enumerate(self.letters):
            block = (1 << (1 << k)) - 1
            period = 1 << (k + 1)
            self._mask[letter] = sum(block << start for start in range(0, rows, period))

    def __call__(self, formula: Formula) -> int:
        """The rows that make ``formula`` true."""
        found = self._mask.get(formula)
        if found is None:
            for f in postorder(formula):
                if f not in self._mask:
                    if f.op == "~":
                        value = self.all & ~self._mask[f.left]
                    else:
                        value = self.all & ~self._mask[f.left] | self._mask[f.right]
                    self._mask[f] = value
            found = self._mask[formula]
        return found


class _Scope:
    """What holds at a point: each fact with its proof, and the rows of the truth table that make all of them true."""

    def __init__(self, table: TruthTable, facts: dict[Formula, Term], rows: int) -> None:
        self.table = table
        self.facts = facts
        self.rows = rows

    def inner(self, assumed: Formula) -> _Scope:
        """A scope with one more hypothesis."""
        scope = _Scope(self.table, dict(self.facts), self.rows)
        scope.add(hypothesis(assumed))
        return scope

    def add(self, term: Term) -> None:
        if term.proves not in self.facts:
            self.facts[term.proves] = term
            self.rows &= self.table(term.proves)

    def entails(self, formula: Formula) -> bool:
        return not self.rows & ~self.table(formula)

    def true(self, f: Formula) -> bool:
        """Whether the facts make ``f`` true by evaluation alone."""
        return f in self.facts or (
            self.false(f.left) if f.op == "~" else f.op == "==>" and (self.false(f.left) or self.true(f.right))
        )

    def false(self, f: Formula) -> bool:
        """Whether the facts make ``f`` false by evaluation alone."""
        if neg(f) in self.facts:
            return True
        if f.op == "~":
            return self.true(f.left)
        return f.op == "==>" and self.true(f.left) and self.false(f.right)

    def contradiction(self) -> tuple[Term, Term] | None:
        """Proofs of some x and (~ x), the smallest x there is."""
        for f, term in self.facts.items():
            if f.op == "~" and f.left in self.facts:
                return self.facts[f.left], term
        return None


class NaturalDeduction:
    """One search. ``budget`` bounds the subgoals; ``rng`` decides between what would all do.

    ``table``: the truth table of the problem, if there is one already.
    """

    def __init__(
        self,
        premises: Sequence[Formula],
        goal: Formula,
        rng: Random,
        budget: int,
        table: TruthTable | None = None,
    ) -> None:
        self.goal = goal
        self.left = budget
        self._nesting = 0
        self._rng = rng
        self._use_tollens = rng.random() < 0.5
        self._lemmas = rng.choice((0.0, 0.0, 0.3, 0.7, 1.0))
        self._boldness = rng.choice((0.0, 0.2, 0.5, 0.8))
        table = table or TruthTable(*premises, goal)
        self._top = _Scope(table, {}, table.all)
        for number, formula in enumerate(premises, 1):
            self._top.add(premise(number, formula))
        self._literals = table.letters + [neg(f) for f in table.letters]

    def run(self) -> Term:
        """A proof of the goal, which the premises must entail. Raises OutOfBudgetError."""
        self._saturate(self._top)
        if self._rng.random() < self._boldness:
            backbone = [f for f in self._literals if self._top.entails(f)]
            self._rng.shuffle(backbone)
            for f in backbone[: self._rng.randrange(1 + len(backbone))]:
                self._prove(self._top, f, (self.goal,))
        return self._prove(self._top, self.goal, ())

    def _enter(self) -> None:
        self._tick()
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise OutOfBudgetError

    def _tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OutOfBudgetError

    def _prove(self, scope: _Scope, goal: Formula, above: tuple[Formula, ...]) -> Term:
        """A proof of ``goal``, added to the scope; ``above`` are the goals that wait for this one in this scope."""
        self._enter()
        found = scope.facts.get(goal)
        if found is None:
            clash = scope.contradiction()
            if clash is not None:
                found = d.anything(goal, *clash, lemma=self._lemma())
            else:
                found = self._decompose(scope, goal, above)
            scope.add(found)
            self._saturate(scope)
        self._nesting -= 1
        return found

    def _decompose(self, scope: _Scope, goal: Formula, above: tuple[Formula, ...]) -> Term:
        rng = self._rng
        if goal.op == "==>":
            p, q = goal.left, goal.right
            known = find_lemma(goal)
            if known is not None:
                return theorem(known[0].name, *known[1])
            if q in scope.facts or (scope.entails(q) and q not in above and rng.random() < 0.7):
                return d.weaken(p, self._prove(scope, q, (*above, goal)))
            if neg(p) in scope.facts or (scope.entails(neg(p)) and neg(p) not in above and rng.random() < 0.4):
                return d.from_denied(q, self._prove(scope, neg(p), (*above, goal)), self._lemma())
            inner = scope.inner(p)
            self._saturate(inner)
            return discharge(p, self._prove(inner, q, ()))
        if goal.op == "~" and goal.left.op == "~":
            return d.add_double_negation(self._prove(scope, goal.left.left, (*above, goal)), self._lemma())
        if goal.op == "~" and goal.left.op == "==>":
            p, q = goal.left.left, goal.left.right
            if rng.random() > 0.1:
                first = self._prove(scope, p, (*above, goal))
                other = q.left if q.op == "~" and rng.random() < 0.9 else neg(q)
                return d.deny_conditional(first, q, self._prove(scope, other, (*above, goal)), self._lemma())
        forward = self._forward(scope, goal, above)
        return forward if forward is not None else self._by_contradiction(scope, goal)

    def _forward(self, scope: _Scope, goal: Formula, above: tuple[Formula, ...]) -> Term | None:
        """Prove the antecedents of conditionals that hold while that is possible, until the goal is there."""
        while True:
            options = [
                f
                for f in scope.facts
                if f.op == "==>"
                and f.right not in scope.facts
                and f.left not in above
                and scope.entails(f.left)
                and f.left is not goal
            ]
            if not options:
                return None
            aimed = [f for f in options if f.right is goal]
            if not aimed and self._rng.random() < 0.3:
                return None
            f = self._rng.choice(aimed or options)
            scope.add(apply(scope.facts[f], self._prove(scope, f.left, (*above, goal))))
            self._saturate(scope)
            if goal in scope.facts:
                return scope.facts[goal]

    def _by_contradiction(self, scope: _Scope, goal: Formula) -> Term:
        x, not_x = self._refute(scope.inner(neg(goal)))
        return d.by_cases_of_denial(goal, x, not_x)

    def _refute(self, scope: _Scope) -> tuple[Term, Term]:
        """Proofs of a formula and its negation in a scope whose facts are inconsistent."""
        self._enter()
        while True:
            self._tick()
            self._saturate(scope)
            clash = scope.contradiction()
            if clash is not None:
                self._nesting -= 1
                return clash
            open_ = [f for f in scope.facts if f.op == "==>" and f.right not in scope.facts and not scope.false(f.left)]
            closing = [f for f in open_ if scope.false(f.right)]
            simple = [f for f in closing or open_ if f.left.op == "atom" or f.left.op == "~"]
            pool = simple if simple and self._rng.random() < 0.7 else closing or open_
            f = self._rng.choice(pool if self._rng.random() < 0.8 else open_)
            if f.left.op in ("atom", "~") and self._rng.random() < 0.3:
                scope.add(self._by_contradiction_literal(scope, f.left))
            scope.add(apply(scope.facts[f], self._prove(scope, f.left, ())))

    def _by_contradiction_literal(self, scope: _Scope, goal: Formula) -> Term:
        found = scope.facts.get(goal)
        return found if found is not None else self._by_contradiction(scope, goal)

    def _saturate(self, scope: _Scope) -> None:
        """Everything that takes no choice: parts of denied conditionals, double negations, modus ponens, tollens."""
        facts = scope.facts
        changed = True
        while changed:
            before = len(facts)
            for f, term in list(facts.items()):
                if f.op == "~" and f.left.op == "~":
                    if f.left.left not in facts:
                        scope.add(d.drop_double_negation(term))
                elif f.op == "~" and f.left.op == "==>":
                    p, q = f.left.left, f.left.right
                    if p not in facts:
                        scope.add(d.antecedent(term, self._lemma()))
                    if opposite(q) not in facts:
                        scope.add(d.denied_consequent(term, self._lemma()))
                elif f.op == "==>":
                    p, q = f.left, f.right
                    if p in facts and q not in facts:
                        scope.add(apply(term, facts[p]))
                    elif self._use_tollens and opposite(p) not in facts:
                        other = facts.get(q.left) if q.op == "~" else None
                        other = other if other is not None else facts.get(neg(q))
                        if other is not None:
                            scope.add(d.tollens(term, other, self._lemma()))
            changed = len(facts) > before

    def _lemma(self) -> bool:
        """Whether the next derived rule is a lemma's or written out."""
        return self._rng.random() < self._lemmas


def entailed(premises: Sequence[Formula], goal: Formula) -> bool:
    """Whether every row of the truth table that makes the premises true makes the goal true."""
    table = TruthTable(*premises, goal)
    rows = table.all
    for p in premises:
        rows &= table(p)
    return not rows & ~table(goal)
