"""Finding certificates: finite models in which two terms differ, and exhausted sets of reachable terms (docs/spec.md,
section 5).

Both show that no chain at all, however long, leads from the one term to the other. What is found here is checked apart
from it, by :func:`proofgrid.checker.equational.certificates.verify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from proofgrid.checker.entailment import satisfy
from proofgrid.checker.equational.certificates import FiniteModel, ReachableSet, Relation
from proofgrid.checker.equational.rewriting import Equation, single_rewrites
from proofgrid.checker.equational.terms import SIGNATURE, Term, postorder, replace, variables
from proofgrid.checker.limits import Work


def find_model(
    equations: Sequence[Equation],
    s: Term,
    t: Term,
    *,
    sizes: Sequence[int] = (2, 3),
    clauses: int = 200_000,
    work: Work | None = None,
) -> FiniteModel | None:
    """A model of the equations over 2 or 3 elements in which s and t differ; None where none was found.

    Variables of s and t are taken as further constants: a chain never instantiates them. A domain whose search would
    take more than about ``clauses`` clauses is not tried.
    """
    if s is t:
        return None
    for size in sizes:
        search = _ModelSearch(size, equations, s, t)
        if search.cost() > clauses:
            break
        model = search.run(work)
        if model is not None:
            return model
    return None


class _ModelSearch:
    """One domain size as a SAT problem: a variable for each entry of each symbol's table having each value."""

    def __init__(self, size: int, equations: Sequence[Equation], s: Term, t: Term) -> None:
        self.size, self.equations, self.s, self.t = size, equations, s, t
        self.entries: dict[tuple[str, tuple[int, ...]], int] = {}
        self.clauses: list[list[int]] = []
        self.last = 0

    def cost(self) -> int:
        """An estimate of the number of clauses."""
        total = 0
        for e in self.equations:
            assignments = self.size ** len(variables(e.left, e.right))
            total += assignments * sum(self.size ** (len(t.args) + 1) for t in postorder(e.left, e.right))
        for t in postorder(self.s, self.t):
            total += self.size ** (len(t.args) + 1)
        return total

    def fresh(self) -> int:
        """The first of ``size`` new variables, exactly one of which is true."""
        first = self.last + 1
        self.last += self.size
        self.clauses.append([first + n for n in range(self.size)])
        self.clauses += [[-first - n, -first - m] for n in range(self.size) for m in range(n)]
        return first

    def entry(self, symbol: str, args: tuple[int, ...]) -> int:
        found = self.entries.get((symbol, args))
        if found is None:
            found = self.entries[symbol, args] = self.fresh()
        return found

    def evaluate(self, root: Term, assignment: dict[str, int], cache: dict[tuple[Term, tuple[int, ...]], int]) -> int:
        """The first variable of the value of ``root``; an element n stands as -1 - n where it is known."""
        done: dict[Term, int] = {}
        for term in postorder(root):
            if term.is_variable:
                n = assignment.get(term.name)
                done[term] = -1 - n if n is not None else self.entry(term.name, ())
                continue
            if not term.args:
                done[term] = self.entry(term.name, ())
                continue
            key = (term, tuple(assignment[name] for name in variables(term) if name in assignment))
            if key not in cache:
                cache[key] = self.application(term.name, [done[a] for a in term.args])
            done[term] = cache[key]
        return done[root]

    def application(self, symbol: str, args: list[int]) -> int:
        if all(a < 0 for a in args):
            return self.entry(symbol, tuple(-1 - a for a in args))
        result = self.fresh()
        choices = [(-1 - a,) if a < 0 else range(self.size) for a in args]
        for point in product(*choices):
            guard = [-(a + n) for a, n in zip(args, point, strict=True) if a > 0]
            cell = self.entry(symbol, point)
            self.clauses += [[*guard, -(cell + n), result + n] for n in range(self.size)]
        return result

    def equal(self, a: int, b: int) -> None:
        if a < 0 and b < 0:
            if a != b:
                self.clauses.append([])
        elif a < 0:
            self.clauses.append([b - 1 - a])
        elif b < 0:
            self.clauses.append([a - 1 - b])
        else:
            self.clauses += [clause for n in range(self.size) for clause in ([-(a + n), b + n], [a + n, -(b + n)])]

    def run(self, work: Work | None) -> FiniteModel | None:
        cache: dict[tuple[Term, tuple[int, ...]], int] = {}
        for equation in self.equations:
            names = variables(equation.left, equation.right)
            for point in product(range(self.size), repeat=len(names)):
                assignment = dict(zip(names, point, strict=True))
                self.equal(
                    self.evaluate(equation.left, assignment, cache), self.evaluate(equation.right, assignment, cache)
                )
                if [] in self.clauses[-1:]:
                    return None
        left, right = self.evaluate(self.s, {}, {}), self.evaluate(self.t, {}, {})
        self.clauses += [[-(left + n), -(right + n)] for n in range(self.size)]
        solution = satisfy(self.clauses, work)
        if solution is None:
            return None
        true = self.least([first for _, first in sorted(self.entries.items())], solution)
        tables: dict[str, dict[tuple[int, ...], int]] = {}
        for (symbol, args), first in self.entries.items():
            tables.setdefault(symbol, {})[args] = next(n for n in range(self.size) if first + n in true)
        for symbol, table in tables.items():
            for args in product(range(self.size), repeat=SIGNATURE.get(symbol, 0)):
                table.setdefault(args, 0)
        return FiniteModel(self.size, {symbol: dict(sorted(table.items())) for symbol, table in sorted(tables.items())})

    def least(self, entries: list[int], solution: list[int]) -> set[int]:
        """The true variables of the least model, the table entries compared in order: the same for every SAT solver."""
        true = {literal for literal in solution if literal > 0}
        fixed: list[int] = []
        from pysat.solvers import Solver  # slow to import, and seldom needed

        with Solver(name="cadical153", bootstrap_with=self.clauses) as solver:
            for first in entries:
                value = next(n for n in range(self.size) if first + n in true)
                for smaller in range(value):
                    if solver.solve(assumptions=[*fixed, first + smaller]):
                        true = {literal for literal in solver.get_model() if literal > 0}
                        value = smaller
                        break
                fixed.append(first + value)
        return true


def find_reachable(
    equations: Sequence[Equation],
    s: Term,
    t: Term,
    *,
    relation: Relation = "symmetric",
    limit: int = 1_000,
    largest: int = 100,
    work: Work | None = None,
) -> ReachableSet | None:
    """All terms reachable from s, where they are at most ``limit`` of at most ``largest`` symbols and t is not one.

    None where t is reachable, where there are more, or where an equation brings in a variable (any term could stand
    there, so the set is never finite).
    """
    directed = list(equations)
    if relation == "symmetric":
        directed += [e.reversed() for e in equations]
    if any(not set(variables(e.right)) <= set(variables(e.left)) for e in directed):
        return None
    reached: dict[Term, None] = {s: None}
    todo = [s]
    while todo:
        term = todo.pop()
        if term is t:
            return None
        for equation in directed:
            for c in single_rewrites(term, equation):
                if work is not None:
                    work.spend(1 + len(c.position))
                new = replace(term, c.position, c.contractum)
                if new not in reached:
                    if len(reached) == limit or len(str(new)) > 4 * largest:
                        return None
                    reached[new] = None
                    todo.append(new)
    return ReachableSet(relation, tuple(reached))


def find_certificate(
    equations: Sequence[Equation],
    s: Term,
    t: Term,
    *,
    relation: Relation = "symmetric",
    work: Work | None = None,
) -> FiniteModel | ReachableSet | None:
    """A certificate that no chain of ``relation`` steps leads from s to t; None: unknown, which is no answer.

    Models of 2 and 3 elements are tried first, then the exhausted set.
    """
    found = find_model(equations, s, t, work=work)
    return found if found is not None else find_reachable(equations, s, t, relation=relation, work=work)
