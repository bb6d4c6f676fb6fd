"""How hard a problem is for provers that are unlike each other: what a level of pl1_pw rests on beside its steps.

A level that one prover's work decides is monotone for that prover and says little of others. So the work of three is
put together: a tableau that splits every formula, a search in large steps that looks ahead by truth tables, and
saturation by resolution, which sees clauses only. A SAT solver's conflicts stay out of it, and so can judge it.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from math import log2

from proofgrid.checker.formulas import Formula, atoms
from proofgrid.tasks.making.problems.clauses import clausal_form
from proofgrid.tasks.making.provers import search_macro
from proofgrid.tasks.making.provers.analytic import Analytic

TABLEAU_BUDGET = 20_000
MACRO_BUDGET = 8_000
MOST_RESOLVENTS = 3_000
_WEIGHTS = (1, 2, 1)
"""Of tableau, macro search and resolution: the macro search spans fewer doublings than the others."""


def hardness(premises: Sequence[Formula], goal: Formula, most: float = float("inf")) -> float:
    """The weighted mean of the three provers' work, each as the binary logarithm of 1 + its steps.

    Where it is sure to be more than ``most``, no further prover is asked, and the answer is some number above that.
    """
    total = 0.0
    for weight, work in zip(_WEIGHTS, (tableau_steps, macro_steps, resolvents), strict=True):
        total += weight * log2(1 + work(premises, goal)) / sum(_WEIGHTS)
        if total > most:
            break
    return total


def tableau_steps(premises: Sequence[Formula], goal: Formula) -> int:
    """Steps of a tableau in the order given."""
    tableau = Analytic(premises, goal, TABLEAU_BUDGET)
    tableau.run()
    return tableau.spent


def macro_steps(premises: Sequence[Formula], goal: Formula) -> int:
    """Steps of the search that the macro language's proofs come from."""
    return search_macro(premises, goal, budget=MACRO_BUDGET).spent


def resolvents(premises: Sequence[Formula], goal: Formula) -> int:
    """Clauses made by saturation until the empty one, or MOST_RESOLVENTS: the shortest clause is taken first.

    A clause that another is part of is dropped, before it is taken and afterwards (forward and backward subsumption;
    Robinson 1965): without that, the work says how crude the prover is and not how hard the problem.
    """
    bit = {name: 1 << k for k, name in enumerate(atoms(*premises, goal))}
    shift = len(bit)
    plain = (1 << shift) - 1
    seen: set[int] = set()
    waiting: list[tuple[int, int]] = []

    def add(positive: int, negative: int) -> None:
        clause = positive | negative << shift
        if not positive & negative and clause not in seen:
            seen.add(clause)
            heappush(waiting, (clause.bit_count(), clause))

    for f in premises:
        for clause in clausal_form(f, bit):
            add(*clause)
    for clause in clausal_form(goal, bit, positive=False):
        add(*clause)
    taken: list[int] = []
    made = 0
    while waiting and made < MOST_RESOLVENTS:
        _, one = heappop(waiting)
        if any(other & one == other for other in taken):
            continue
        taken = [other for other in taken if other & one != one]
        for other in taken:
            a, b, c, d = one & plain, one >> shift, other & plain, other >> shift
            clash = a & d | b & c
            if clash.bit_count() == 1:
                made += 1
                if (a | b | c | d) == clash:
                    return made
                add((a | c) & ~clash, (b | d) & ~clash)
        taken.append(one)
    return made
