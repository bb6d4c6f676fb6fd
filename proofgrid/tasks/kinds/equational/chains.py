"""Random equations with chains that they justify.

A chain grows a step at a time: places to rewrite are chosen in the current term, an equation that is there already is
used where its side matches, and a new one is made, while more are wanted, by putting variables for parts of the subterm
at the place. Distractors are made the same way from terms of the chain and then never used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from proofgrid.checker.equational.problems import EquationalProblem
from proofgrid.checker.equational.rewriting import (
    Contraction,
    Equation,
    contract,
    explanations,
    single_rewrites,
)
from proofgrid.checker.equational.terms import (
    SIGNATURE,
    Position,
    Term,
    apply,
    disjoint,
    positions,
    postorder,
    replace,
    substitute,
    variable,
    variables,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What to draw (inclusive ranges)."""

    steps: tuple[int, int]
    equations: tuple[int, int]
    distractors: tuple[int, int]
    parallel: int
    """Rewrites in a step, at most."""
    size: tuple[int, int]
    """Symbols of the start; terms may grow to twice the larger one."""


SHAPES = {
    1: Shape((3, 4), (3, 4), (0, 1), 1, (5, 10)),
    2: Shape((4, 6), (4, 5), (1, 1), 2, (8, 14)),
    3: Shape((5, 8), (5, 6), (1, 2), 2, (10, 20)),
    4: Shape((7, 10), (6, 7), (1, 2), 3, (16, 28)),
    5: Shape((9, 12), (7, 8), (2, 3), 3, (22, 40)),
    7: Shape((11, 13), (8, 9), (2, 3), 2, (24, 40)),
    8: Shape((16, 18), (9, 10), (2, 3), 2, (30, 50)),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain as it was made; in a right one ``contractions`` lead from the term before to ``after``."""

    after: Term
    cited: tuple[str, ...]
    contractions: tuple[Contraction, ...]


_BINARY = [s for s, arity in SIGNATURE.items() if arity == 2]


def size(term: Term) -> int:
    """Symbols and variables of a term, counted with repetition."""
    count: dict[Term, int] = {}
    for t in postorder(term):
        count[t] = 1 + sum(count[a] for a in t.args)
    return count[term]


class ChainMaker:
    """Draws equations and a chain.

    Steps may go from right to left, each equation always the same way, and every equation holds in a model of three
    elements (``weight``): a term's value is the sum of its symbols' weights modulo 3, and both sides of
    an equation have the same variables as often. One equation says ``f(f(f(V1))) = V1``, for a symbol of weight 1.
    So a term in which one f was put in or left out has another value, which no chain reaches; and no model of two
    elements tells, for there f is the identity.
    """

    def __init__(self, rng: Random, shape: Shape) -> None:
        self.rng = rng
        self.shape = shape
        self.constants = sorted(rng.sample("abcde", rng.randint(3, 5)))
        functions = [s for s, arity in SIGNATURE.items() if arity]
        weights = [(6, 6, 3, 1)[SIGNATURE[s] - 1] for s in functions]
        self.functions = list(dict.fromkeys(rng.choices(functions, weights, k=rng.randint(5, 8))))
        self.wanted = rng.randint(*shape.equations)
        self.idle = min(rng.randint(*shape.distractors), self.wanted - 2)
        self.equations: list[Equation] = []
        self.backwards: dict[str, bool] = {}
        """Which way each equation is used."""
        self.weight = {s: rng.randrange(3) for s in SIGNATURE}
        self.turn = rng.choice([s for s, arity in SIGNATURE.items() if arity == 1])
        """The f of weight 1."""
        self.weight[self.turn] = 1
        self.functions = list(dict.fromkeys([*self.functions, self.turn, *rng.sample(_BINARY, 1)]))
        v = variable("V1")
        self.add(Equation("E1", self.wrapped(v, 3), v), False)
        self.largest = 2 * shape.size[1]
        self.terms = [self.start()]
        self.steps: list[Step] = []

    def start(self) -> Term:
        """A ground term of the wanted size."""
        return self.term(self.rng.randint(*self.shape.size), [apply(c) for c in self.constants])

    def term(self, wanted: int, leaves: Sequence[Term]) -> Term:
        """A random term of about ``wanted`` symbols over the functions drawn and ``leaves``."""
        rng = self.rng
        if wanted <= 1:
            return rng.choice(leaves)
        symbol = rng.choice([f for f in self.functions if SIGNATURE[f] < wanted] or self.functions[:1])
        arity = SIGNATURE[symbol]
        share = [1] * arity
        for _ in range(max(0, wanted - 1 - arity)):
            share[rng.randrange(arity)] += 1
        return apply(symbol, *(self.term(n, leaves) for n in share))

    def add(self, equation: Equation, backwards: bool) -> None:
        """Take an equation in, to be used in one direction."""
        self.equations.append(equation)
        self.backwards[equation.name] = backwards

    def wrapped(self, term: Term, times: int) -> Term:
        """``times`` more of the f of weight 1 around a term."""
        for _ in range(times):
            term = apply(self.turn, term)
        return term

    def value(self, term: Term) -> int:
        """The sum of the weights of a term's symbols, modulo 3."""
        return sum(self.weight.get(t.name, 0) for _, t in positions(term)) % 3

    def equation(self, redex: Term, backwards: bool = False) -> Equation | None:
        """A new equation one side of which (the right one where ``backwards``) matches ``redex``; None: no luck."""
        rng = self.rng
        pattern = self.generalise(redex)
        names = variables(pattern)
        if pattern.is_variable or size(pattern) > 9 or (len(names) == size(pattern) - 1 and rng.random() < 0.75):
            return None
        if not names and rng.random() < 0.95:
            return None
        other = self.balanced(pattern)
        if other is None or other is pattern or size(other) > 10 or (other.is_variable and rng.random() < 0.8):
            return None
        left, right = (other, pattern) if backwards else (pattern, other)
        if left.is_variable or any(self.same(e, left, right) for e in self.equations):
            return None
        return Equation(f"E{len(self.equations) + 1}", left, right)

    def balanced(self, pattern: Term) -> Term | None:
        """A side with the variables of a pattern, each as often, and the same value; None: no luck."""
        rng = self.rng
        parts = [t for _, t in positions(pattern) if t.is_variable]
        parts += [apply(rng.choice(self.constants)) for _ in range(rng.choice((0, 1, 1)) or not parts)]
        rng.shuffle(parts)
        while len(parts) > 1:
            fitting = [f for f in self.functions if 2 <= SIGNATURE[f] <= len(parts)]
            symbol = rng.choice(fitting)
            arity = SIGNATURE[symbol]
            parts = [apply(symbol, *parts[:arity]), *parts[arity:]]
            rng.shuffle(parts)
        made = parts[0]
        if rng.random() < 0.3:
            made = apply(rng.choice([f for f in self.functions if SIGNATURE[f] == 1]), made)
        place, inner = rng.choice(list(positions(made)))
        return replace(made, place, self.wrapped(inner, (self.value(pattern) - self.value(made)) % 3))

    def variant(self, equation: Equation) -> Equation | None:
        """An equation over the same symbols as another, with one side a little different; None: no luck."""
        rng = self.rng
        right = equation.right
        place, part = rng.choice(list(positions(right)))
        if len(part.args) > 1:
            args = list(part.args)
            rng.shuffle(args)
            right = replace(right, place, apply(part.name, *args))
        else:
            leaves = [t for _, t in positions(equation.left) if not t.args]
            right = replace(right, place, rng.choice(leaves))
        counts = Counter(t.name for _, t in positions(equation.left) if t.is_variable)
        if counts != Counter(t.name for _, t in positions(right) if t.is_variable):
            return None
        right = self.wrapped(right, (self.value(equation.left) - self.value(right)) % 3)
        if right is equation.left or any(self.same(e, equation.left, right) for e in self.equations):
            return None
        return Equation(f"E{len(self.equations) + 1}", equation.left, right)

    def same(self, equation: Equation, left: Term, right: Term) -> bool:
        """Whether an equation would be there already, up to the names of its variables."""
        return named_anew(equation.left, equation.right) == named_anew(left, right)

    def generalise(self, term: Term) -> Term:
        """``term`` with variables for some of its parts, the same one for equal parts."""
        rng = self.rng
        names: dict[Term, Term] = {}

        def walk(t: Term, deep: int) -> Term:
            if deep and (rng.random() < (0.3, 0.45, 0.7)[min(deep, 3) - 1] or size(t) > 6):
                return names.setdefault(t, variable(f"V{len(names) + 1}"))
            return apply(t.name, *(walk(a, deep + 1) for a in t.args))

        return walk(term, 0)

    def step(self) -> bool:
        """Add a right step; False where this draw came to nothing."""
        made = self.rewrite(self.terms[-1])
        if made is None:
            return False
        after, chosen = made
        self.extend(after, tuple(sorted(c.equation.name for c in chosen)), tuple(chosen))
        return True

    def extend(self, after: Term, cited: tuple[str, ...], contractions: tuple[Contraction, ...]) -> None:
        """Add a step, right or wrong."""
        self.terms.append(after)
        self.steps.append(Step(after, cited, contractions))

    def rewrite(self, term: Term) -> tuple[Term, list[Contraction]] | None:
        """A term that one parallel step leads to, with the contractions; new equations may come to be."""
        rng = self.rng
        backwards = rng.random() < 0.35
        chosen: list[Contraction] = []
        for _ in range(rng.randint(1, min(self.shape.parallel, 2))):
            more = self.contraction(term, chosen, backwards)
            if more is not None:
                chosen.append(more)
        after = term
        for c in chosen:
            after = replace(after, c.position, c.contractum)
        if not chosen or after in self.terms or not 2 <= size(after) <= self.largest or self.undoes(after):
            return None
        return after, chosen

    def undoes(self, after: Term) -> bool:
        """Whether a term has again, at its place, what a step before has rewritten there."""
        for step in self.steps:
            for c in step.contractions:
                if dict(positions(after)).get(c.position) is c.redex:
                    return True
        return False

    def contraction(self, term: Term, chosen: list[Contraction], backwards: bool) -> Contraction | None:
        """One more rewrite of ``term``, by another equation and apart from those chosen."""
        rng = self.rng
        used = {c.equation.name for c in chosen}
        options = [
            c
            for e in self.equations
            if e.name not in used and self.backwards[e.name] is backwards
            for c in single_rewrites(term, e.reversed() if backwards else e)
            if c.contractum is not c.redex and c.contractum.ground and _apart(c.position, chosen)
        ]
        need = self.wanted - self.idle - len(self.equations)
        if options and (need <= 0 or rng.random() < 0.4):
            named = rng.choice(sorted({c.equation.name for c in options}))
            return rng.choice([c for c in options if c.equation.name == named])
        if need <= 0:
            return None
        places = [(p, t) for p, t in positions(term) if t.args and _apart(p, chosen)]
        for _ in range(8):
            if not places:
                return None
            position, redex = rng.choice(places)
            equation = self.equation(redex, backwards)
            if equation is not None:
                used_as = equation.reversed() if backwards else equation
                done = contract(redex, used_as)
                if done is not None and done[0] is not redex and done[0].ground:
                    self.add(equation, backwards)
                    return Contraction(used_as, position, redex, done[0], done[1])
        return None

    def run(self, steps: int) -> bool:
        """Add so many right steps; False where that does not succeed."""
        failures = 0
        target = len(self.steps) + steps
        while len(self.steps) < target:
            if not self.step():
                failures += 1
                if failures > 20:
                    return False
        return True

    def add_distractors(self) -> bool:
        """Fill the equations up with some that match a term of the chain; False where that does not succeed."""
        for _ in range(200):
            if len(self.equations) >= self.wanted:
                return True
            if self.rng.random() < 0.7:
                twin = self.variant(self.rng.choice(self.equations))
                if twin is not None:
                    self.add(twin, False)
                continue
            term = self.rng.choice(self.terms)
            inner = [t for _, t in positions(term) if t.args]
            if inner:
                equation = self.equation(self.rng.choice(inner))
                if equation is not None:
                    self.add(equation, False)
        return False

    def shuffled(self) -> tuple[list[Equation], list[Step]]:
        """Equations and steps under new names, so that the order does not tell which were used first, or at all."""
        order = list(self.equations)
        self.rng.shuffle(order)
        new = {e.name: f"E{k}" for k, e in enumerate(order, 1)}
        equations = [Equation(new[e.name], e.left, e.right) for e in order]
        steps = [
            Step(s.after, tuple(sorted(new[n] for n in s.cited)), s.contractions) for s in self.steps
        ]  # contractions keep the old equations; only cited names are shown
        return equations, steps


def _apart(position: Position, chosen: Sequence[Contraction]) -> bool:
    return all(disjoint(position, c.position) for c in chosen)


def named_anew(left: Term, right: Term) -> tuple[Term, Term]:
    """Both sides with their variables called V1, V2, ... in the order in which they come."""
    names = {n: variable(f"V{k}") for k, n in enumerate(variables(left, right), 1)}
    return substitute(left, names), substitute(right, names)


def problem_of(equations: Sequence[Equation], start: Term, goal: Term) -> EquationalProblem:
    """The checker's problem."""
    return EquationalProblem({e.name: e for e in equations}, start, goal)


def chain_text(start: Term, steps: Sequence[tuple[Term, Sequence[str] | None]]) -> str:
    """The chain, a line a step; without equations where there are none to show."""
    lines = [f"s = {start}"]
    lines += [f"  = {after}" + (f" by {', '.join(cited)}" if cited is not None else "") for after, cited in steps]
    return "\n".join(lines)


def key_of(equations: Sequence[Equation], terms: Sequence[Term]) -> str:
    """Equal for items that are equal up to the names of symbols and variables and the order of the equations' names."""
    symbols: dict[str, str] = {}

    def show(term: Term) -> str:
        out = []
        for t in _preorder(term):
            if t.is_variable:
                out.append(t.name)
            else:
                arity = len(t.args)
                out.append(
                    symbols.setdefault(t.name, f"s{arity}.{sum(x.startswith(f's{arity}.') for x in symbols.values())}")
                )
        return " ".join(out)

    chain = [show(t) for t in terms]
    sides = []
    for e in equations:
        names = {n: variable(f"V{k}") for k, n in enumerate(variables(e.left, e.right), 1)}
        sides.append((substitute(e.left, names), substitute(e.right, names)))
    return "|".join([*chain, *sorted(f"{show(left)} = {show(right)}" for left, right in sides)])


def _preorder(term: Term) -> list[Term]:
    out, stack = [], [term]
    while stack:
        t = stack.pop()
        out.append(t)
        stack += reversed(t.args)
    return out


def justified(before: Term, after: Term, equations: Sequence[Equation]) -> list[tuple[str, ...]]:
    """Every minimal set of equations for a step from left to right."""
    return [e.equations for e in explanations(before, after, equations)]
