"""Entailment asked many times about the same formulas: one SAT solver for all questions.

A question takes some of the formulas as premises, by an assumption for each, so that what the solver has learned from
one serves the next. Only whether something follows is used, never a model or a core of the solver's, so that the
answers are the same with every solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pysat.solvers import Solver

from proofgrid.checker.formulas import Formula, postorder


class Entailments:
    """Formulas by number, in the order they were given; a context manager, for it holds a solver."""

    def __init__(self, formulas: Iterable[Formula] = ()) -> None:
        self._solver = Solver(name="minisat22")
        self._number: dict[Formula, int] = {}
        for f in formulas:
            self._literal(f)

    def __enter__(self) -> Entailments:
        return self

    def __exit__(self, *_: object) -> None:
        self._solver.delete()

    def entails(self, premises: Sequence[Formula], conclusion: Formula) -> bool:
        """Whether every assignment that satisfies the premises satisfies the conclusion."""
        return not self._solver.solve(assumptions=[*(self._literal(p) for p in premises), -self._literal(conclusion)])

    def needed(self, premises: Sequence[Formula], goal: Formula) -> list[Formula]:
        """The premises without those that the goal follows without, tried one after the other."""
        kept = list(premises)
        for p in premises:
            rest = [f for f in kept if f is not p]
            if self.entails(rest, goal):
                kept = rest
        return kept

    def _literal(self, formula: Formula) -> int:
        """The variable that is equivalent to a formula, its clauses added where they are new (Tseitin 1968)."""
        number, add = self._number, self._solver.add_clause
        if formula in number:
            return number[formula]
        for f in postorder(formula):
            if f in number:
                continue
            if f.op == "~":
                number[f] = -number[f.left]
                continue
            x = number[f] = len(number) + 1
            if f.op == "true":
                add([x])
            elif f.op == "false":
                add([-x])
            elif f.op != "atom":
                a, b = number[f.left], number[f.right]
                if f.op == "<==>":
                    for clause in ([-x, -a, b], [-x, a, -b], [x, a, b], [x, -a, -b]):
                        add(clause)
                else:
                    if f.op == "&":
                        x, a, b = -x, -a, -b  # (~ f) is (~ a) or (~ b)
                    elif f.op == "==>":
                        a = -a
                    for clause in ([-x, a, b], [x, -a], [x, -b]):
                        add(clause)
        return number[formula]


def needed(premises: Sequence[Formula], goal: Formula) -> list[Formula]:
    """An irredundant core: :meth:`Entailments.needed` for a single goal."""
    with Entailments() as asked:
        return asked.needed(premises, goal)
