"""Making Hilbert proofs shorter: every way to get each formula that some known proof mentions, and the best of them.

The universe is every formula of the proofs given, with the instances of the axioms that could connect them. Costs of
trees come first [Knuth, A generalization of Dijkstra's algorithm, 1977]; what counts, though, is the number of
distinct lines, where a shared derivation is paid once, so from there a local search switches one line's step at a
time and keeps what makes the proof no longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from random import Random

from proofgrid.checker import Formula
from proofgrid.checker.formulas import implies, neg
from proofgrid.tasks.making.hilbert_prover.derivation import Derivation, Step, axiom1, axiom2, axiom3, axiom_step, lines

Ways = dict[Formula, list[Step]]


def shorten(
    tables: Sequence[Mapping[Formula, Step]], goal: Formula, rng: Random, effort: int = 20_000
) -> list[tuple[Formula, Step]]:
    """A proof of ``goal`` of as few lines as are found, from all that ``tables`` know. At least one proves the goal.

    ``effort``: lines looked at by the local search, all in all.
    """
    written = [lines(table, goal) if goal in table else list(table.items()) for table in tables]
    best = min((steps for steps, table in zip(written, tables, strict=True) if goal in table), key=len)
    universe: dict[Formula, None] = {}
    premises: dict[Formula, Step] = {}
    for steps in written:
        for formula, step in steps:
            universe.setdefault(formula)
            if step.rule.startswith("Premise"):
                premises.setdefault(formula, step)
    _connect(universe, [formula for formula, _ in best])
    ways = _ways(universe, premises)
    table = cheapest(ways)
    direct = lines(table, goal)
    if len(direct) < len(best):
        best = direct
    return _local_search(ways, table, best, goal, rng, effort)


def _connect(universe: dict[Formula, None], used: Sequence[Formula]) -> None:
    """Add the instances of the axioms that give a used line from formulas that are there."""
    for formula in used:
        if formula.op != "==>":
            continue
        h, x = formula.left, formula.right
        if x in universe:
            universe.setdefault(axiom1(x, h))
    for formula in used:
        if formula.op == "==>" and formula.right.op == "==>":
            h, y, x = formula.left, formula.right.left, formula.right.right
            if implies(h, y) in universe and implies(h, x) in universe:
                universe.setdefault(axiom2(h, y, x))
                universe.setdefault(implies(implies(h, y), implies(h, x)))
        if formula.op == "==>" and formula.left.op == "~" and formula.right.op == "~":
            p, q = formula.left.left, formula.right.left
            if p in universe and implies(neg(p), q) in universe:
                universe.setdefault(axiom3(p, q))
                universe.setdefault(implies(implies(neg(p), q), p))


def _ways(universe: Mapping[Formula, None], premises: Mapping[Formula, Step]) -> Ways:
    """Every step that gives a formula of the universe from formulas of the universe."""
    ways: Ways = {formula: [] for formula in universe}
    for formula in universe:
        if formula in premises:
            ways[formula].append(premises[formula])
        axiom = axiom_step(formula)
        if axiom is not None:
            ways[formula].append(axiom)
        if formula.op == "==>" and formula.left in ways and formula.right in ways:
            ways[formula.right].append(Step("mp", (formula, formula.left)))
    return ways


def cheapest(ways: Ways) -> Derivation:
    """For every formula that can be derived, the step of the smallest tree, in the order in which they were reached."""
    table = Derivation()
    cost: dict[Formula, int] = {}
    heap: list[tuple[int, int, Formula, Step]] = []
    uses: dict[Formula, list[tuple[Formula, Step]]] = {}
    count = 0
    for formula, steps in ways.items():
        for step in steps:
            if step.rule == "mp":
                for f in step.args:
                    uses.setdefault(f, []).append((formula, step))
            else:
                count += 1
                heappush(heap, (1, count, formula, step))
    while heap:
        total, _, formula, step = heappop(heap)
        if formula in table:
            continue
        table[formula] = step
        cost[formula] = total
        for target, way in uses.get(formula, ()):
            if target not in table and way.args[0] in cost and way.args[1] in cost:
                count += 1
                heappush(heap, (1 + cost[way.args[0]] + cost[way.args[1]], count, target, way))
    return table


def _size(table: Mapping[Formula, Step], goal: Formula, limit: int) -> int:
    """Lines that ``goal`` needs; more than ``limit`` where there is a circle or they are too many."""
    state: dict[Formula, bool] = {}
    stack = [goal]
    while stack:
        formula = stack[-1]
        if formula in state:
            stack.pop()
            state[formula] = True
            continue
        state[formula] = False
        if len(state) > limit:
            return limit + 1
        step = table[formula]
        if step.rule == "mp":
            for f in step.args:
                done = state.get(f)
                if done is None:
                    stack.append(f)
                elif not done:  # entered and not left: a circle
                    return limit + 1
    return len(state)


def _local_search(
    ways: Ways, table: Derivation, best: list[tuple[Formula, Step]], goal: Formula, rng: Random, effort: int
) -> list[tuple[Formula, Step]]:
    """Switch one line's step at a time while the proof gets shorter; steps that keep its length are kept too."""
    choice: dict[Formula, Step] = {**table, **dict(best)}
    if _size(choice, goal, len(best)) > len(best):  # the two orders do not fit together
        choice = dict(table)
    size = len(lines(choice, goal))
    improved = True
    while improved and effort > 0:
        improved = False
        used = [f for f, _ in lines(choice, goal)]
        options = [(f, way) for f in used for way in ways.get(f, ()) if all(a in choice for a in way.args)]
        rng.shuffle(options)
        for formula, way in options:
            old = choice[formula]
            if way == old or effort <= 0:
                continue
            effort -= size
            choice[formula] = way
            new = _size(choice, goal, size)
            if new > size:
                choice[formula] = old
            else:
                improved |= new < size
                size = new
    found = lines(choice, goal)
    return found if len(found) < len(best) else best
