"""Classical entailment by SAT (python-sat, CaDiCaL), with the countermodel where there is none."""

from __future__ import annotations

from collections.abc import Iterable

from pysat.solvers import Solver

from checker.formulas import Formula, postorder


def countermodel(premises: Iterable[Formula], conclusion: Formula) -> dict[str, bool] | None:
    """An assignment of every atom that makes all premises true and the conclusion false; None where it follows."""
    given = tuple(premises)
    number: dict[Formula, int] = {}
    clauses: list[list[int]] = []
    for f in postorder(*given, conclusion):
        x = number[f] = len(number) + 1
        if f.op == "true":
            clauses.append([x])
        elif f.op == "false":
            clauses.append([-x])
        elif f.op == "~":
            a = number[f.left]
            clauses += [[-x, -a], [x, a]]
        elif f.op != "atom":
            a, b = number[f.left], number[f.right]
            if f.op == "&":
                clauses += [[-x, a], [-x, b], [x, -a, -b]]
            elif f.op == "|":
                clauses += [[x, -a], [x, -b], [-x, a, b]]
            elif f.op == "==>":
                clauses += [[x, a], [x, -b], [-x, -a, b]]
            else:
                clauses += [[-x, -a, b], [-x, a, -b], [x, a, b], [x, -a, -b]]
    clauses += [[number[p]] for p in given]
    clauses.append([-number[conclusion]])
    with Solver(name="cadical153", bootstrap_with=clauses) as solver:
        if not solver.solve():
            return None
        model = {abs(literal): literal > 0 for literal in solver.get_model()}
    return {f.name: model[number[f]] for f in number if f.op == "atom"}


def entails(premises: Iterable[Formula], conclusion: Formula) -> bool:
    """Whether every assignment that satisfies the premises satisfies the conclusion."""
    return countermodel(premises, conclusion) is None
