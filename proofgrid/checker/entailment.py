"""Classical entailment, with the countermodel where there is none.

Up to 12 atoms every assignment is tried at once: a formula's truth table is one integer with a bit for each
assignment, and connectives are bitwise operations. Beyond that python-sat decides (CaDiCaL, Tseitin's encoding).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from proofgrid.checker.formulas import Formula, postorder
from proofgrid.checker.limits import Work

_SIZES: Final = (6, 9, 12)
"""Numbers of atoms for which truth tables are tried, smallest first: a wider table costs more for each connective."""
_CONFLICTS: Final = 1_000
"""Conflicts between two counts of the work done."""


def _column(atom: int, size: int) -> int:
    """The truth table of atom number ``atom`` among ``size``: bit n is bit ``atom`` of n."""
    half = 1 << atom
    table, width = ((1 << half) - 1) << half, 2 * half
    while width < 1 << size:
        table |= table << width
        width *= 2
    return table


_COLUMNS: Final = {size: tuple(_column(n, size) for n in range(size)) for size in _SIZES}


def countermodel(
    premises: Iterable[Formula], conclusion: Formula, *, work: Work | None = None
) -> dict[str, bool] | None:
    """An assignment of every atom that makes all premises true and the conclusion false; None where it follows.

    The same input gives the same assignment everywhere. Raises LimitReached where ``work`` runs out.
    """
    given = tuple(premises)
    if conclusion in given:
        return None
    for size in _SIZES:
        found = _by_tables(given, conclusion, size, work)
        if found is not _TOO_MANY:
            return None if found is None else dict(found)
    return _by_sat(given, conclusion, work)


def entails(premises: Iterable[Formula], conclusion: Formula, *, work: Work | None = None) -> bool:
    """Whether every assignment that satisfies the premises satisfies the conclusion."""
    return countermodel(premises, conclusion, work=work) is None


_TOO_MANY: Final[Mapping[str, bool]] = {}


def _by_tables(
    given: Sequence[Formula], conclusion: Formula, size: int, work: Work | None
) -> Mapping[str, bool] | None:
    """A countermodel among at most ``size`` atoms; None where there is none; _TOO_MANY where there are more atoms."""
    columns = _COLUMNS[size]
    full = (1 << (1 << size)) - 1
    table: dict[Formula, int] = {}
    used = 0
    against = full
    for root in (conclusion, *given):
        before = len(table)
        stack: list[Formula | None] = [root]
        push, pop = stack.append, stack.pop
        while stack:
            f = pop()
            if f is None:  # the next one's parts have their tables
                f = pop()
                assert f is not None
                op = f.op
                if op == "~":
                    table[f] = full ^ table[f.left]
                elif op == "==>":
                    table[f] = (full ^ table[f.left]) | table[f.right]
                elif op == "&":
                    table[f] = table[f.left] & table[f.right]
                elif op == "|":
                    table[f] = table[f.left] | table[f.right]
                else:
                    table[f] = full ^ table[f.left] ^ table[f.right]
            elif f not in table:
                op = f.op
                if op == "atom":
                    if used == size:
                        return _TOO_MANY
                    table[f] = columns[used]
                    used += 1
                elif op == "~":
                    push(f)
                    push(None)
                    push(f.left)
                elif op == "true":
                    table[f] = full
                elif op == "false":
                    table[f] = 0
                else:
                    push(f)
                    push(None)
                    push(f.right)
                    push(f.left)
        if work is not None:
            work.spend((len(table) - before) // 2)
        against &= full ^ table[root] if root is conclusion else table[root]
        if not against:
            return None
    lowest = (against & -against).bit_length() - 1
    names = [f.name for f in table if f.op == "atom"]
    return {name: bool(lowest >> n & 1) for n, name in enumerate(names)}


def _by_sat(given: Sequence[Formula], conclusion: Formula, work: Work | None) -> dict[str, bool] | None:
    number: dict[Formula, int] = {}
    clauses: list[list[int]] = []
    for f in postorder(*given, conclusion):
        x = number[f] = len(number) + 1
        op = f.op
        if op == "atom":
            continue
        if op == "true":
            clauses.append([x])
        elif op == "false":
            clauses.append([-x])
        elif op == "~":
            a = number[f.left]
            clauses += ([-x, -a], [x, a])
        else:
            a, b = number[f.left], number[f.right]
            if op == "&":
                clauses += ([-x, a], [-x, b], [x, -a, -b])
            elif op == "|":
                clauses += ([x, -a], [x, -b], [-x, a, b])
            elif op == "==>":
                clauses += ([x, a], [x, -b], [-x, -a, b])
            else:
                clauses += ([-x, -a, b], [-x, a, -b], [x, a, b], [x, -a, -b])
    clauses += [[number[p]] for p in given]
    clauses.append([-number[conclusion]])
    model = satisfy(clauses, work)
    if model is None:
        return None
    true = {literal for literal in model if literal > 0}
    return {name: number_of in true for name, number_of in ((f.name, n) for f, n in number.items() if f.op == "atom")}


def satisfy(clauses: Sequence[Sequence[int]], work: Work | None = None) -> list[int] | None:
    """A model of the clauses, as literals; None where there is none. LimitReached where ``work`` runs out.

    Conflicts and propagations are counted, so that a search is given up at the same point on every machine.
    """
    from pysat.solvers import Solver  # a fifth of a second, and most checks need no solver

    if work is not None:
        work.spend(len(clauses))
    with Solver(name="cadical153", bootstrap_with=clauses) as solver:
        if work is None:
            sat = solver.solve()
        else:
            sat = None
            before = 0
            while sat is None:
                solver.conf_budget(_CONFLICTS)
                sat = solver.solve_limited()
                done = solver.accum_stats()
                effort = 2 * done["conflicts"] + done["propagations"] // 5
                work.spend(effort - before)
                before = effort
        model: list[int] | None = solver.get_model() if sat else None
    return model
