"""Chains whose steps cannot be told apart by their looks.

All equations of a problem have one skeleton on both sides: a term with slots, which all stand below two levels of
symbols. The slots hold variables and constants, and an equation changes one or two of them: each has another that
changes the same ones, so that it matters which slots have to hold equal terms, and which term comes where. Terms are
skeletons in skeletons, and their parts differ little. So what a step has changed fits several equations, and each of
them at several places around it, until substitutions are compared.

A wrong step is a right one by an equation that is not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from proofgrid.checker.equational.rewriting import Contraction, Equation, contract, rewrites_are_right, single_step
from proofgrid.checker.equational.terms import (
    SIGNATURE,
    Position,
    Term,
    apply,
    disjoint,
    match,
    positions,
    replace,
    substitute,
    subterm,
    variable,
    variables,
)
from proofgrid.tasks.kinds.equational.chains import Step, named_anew, size


@dataclass(frozen=True, slots=True)
class Shape:
    """What to draw (inclusive ranges)."""

    steps: tuple[int, int]
    equations: tuple[int, int]
    parallel: int
    """Rewrites in a step, at most."""
    changes: int
    """Sets of slots that equations change, at most."""
    layers: tuple[int, int]
    """Skeletons one in another."""
    size: tuple[int, int]
    """Symbols of the start; terms may grow to one and a half times the larger one."""


SHAPES: Mapping[int, Shape] = {
    1: Shape((4, 5), (3, 5), 1, 2, (2, 3), (18, 48)),
    2: Shape((5, 6), (4, 5), 1, 2, (2, 3), (20, 52)),
    3: Shape((6, 8), (5, 6), 2, 2, (2, 3), (24, 56)),
    4: Shape((8, 10), (6, 7), 2, 3, (3, 3), (30, 64)),
    5: Shape((9, 12), (7, 8), 3, 3, (3, 4), (36, 75)),
}

Contents = tuple[Term, ...]


class LookalikeMaker:
    """Draws equations over one skeleton, and a chain."""

    def __init__(self, rng: Random, shape: Shape) -> None:
        self.rng = rng
        self.shape = shape
        self.constants = [apply(c) for c in sorted(rng.sample("abcde", rng.randint(3, 5)))]
        self.skeleton = self._skeleton()
        self._contents: dict[Term, Contents | None] = {}
        self.slots: list[Position] = [p for p, t in positions(self.skeleton) if t.is_variable]
        self.changes = self._changes()
        self.wanted = max(rng.randint(*shape.equations), 2 * len(self.changes))
        self.equations: list[Equation] = []
        self.largest = 3 * shape.size[1] // 2
        self.terms = [self._start()]
        self.steps: list[Step] = []
        self._seen: tuple[Term | None, list[tuple[Position, Term]]] = (None, [])

    def _skeleton(self) -> Term:
        """Two levels of symbols, now and then a third, with three to five slots."""
        rng = self.rng
        while True:
            symbols = [rng.choice([s for s, n in SIGNATURE.items() if n == arity]) for arity in (1, 2, 2, 3)]
            root = rng.choice(symbols[1:])
            below = [rng.choice(symbols) for _ in range(SIGNATURE[root])]
            if 3 <= sum(SIGNATURE[s] for s in below) <= 5 and set(below) != {root}:
                break
        names = (variable(f"S{k}") for k in range(1, 6))
        inner = [apply(s, *(next(names) for _ in range(SIGNATURE[s]))) for s in below]
        term = apply(root, *inner)
        if rng.random() < 0.3:
            deeper = rng.choice(variables(term))
            term = substitute(term, {deeper: apply(symbols[0], variable(deeper))})
        return term

    def _changes(self) -> list[tuple[int, ...]]:
        """Sets of slots: the first has one, for a single slot is changed inside of another as well."""
        rng = self.rng
        slots = range(len(self.slots))
        sets: list[tuple[int, ...]] = [(rng.choice(slots),)]
        for _ in range(rng.randint(1, self.shape.changes) - 1):
            more = tuple(sorted(rng.sample(slots, 1 if rng.random() < 0.7 else 2)))
            if more not in sets:
                sets.append(more)
        return sets

    def _start(self) -> Term:
        """Skeletons in skeletons, whose parts are near copies of one another."""
        rng = self.rng
        while True:
            pool = list(self.constants)
            for _ in range(rng.randint(*self.shape.layers)):
                one = self.filled([rng.choice(pool if rng.random() < 0.8 else self.constants) for _ in self.slots])
                near = [self._near(one, pool) for _ in range(rng.choice((1, 2, 2)))]
                pool = [one, *near, *near, rng.choice(pool)]
            term = one
            if rng.random() < 0.4:
                symbol = rng.choice([s for s, n in SIGNATURE.items() if n == 2])
                term = apply(symbol, *rng.sample([one, *near], 2))
            if self.shape.size[0] <= size(term) <= self.shape.size[1]:
                return term

    def _near(self, term: Term, pool: Sequence[Term]) -> Term:
        """A skeleton that has something else in one of the slots that equations change."""
        contents = list(self.contents(term) or ())
        slot = self.changes[0][0] if self.rng.random() < 0.7 else self.rng.choice(self.rng.choice(self.changes))
        contents[slot] = self.rng.choice([t for t in pool if t is not contents[slot]])
        return self.filled(contents)

    def filled(self, contents: Sequence[Term]) -> Term:
        """The skeleton with these terms in its slots."""
        rest = iter(contents)

        def fill(term: Term) -> Term:
            return next(rest) if term.is_variable else apply(term.name, *map(fill, term.args))

        return fill(self.skeleton)

    def contents(self, term: Term) -> Contents | None:
        """What a term has in the slots; None where it has not the skeleton."""
        if term not in self._contents:
            found = match(self.skeleton, term) if term.name == self.skeleton.name else None
            held = None if found is None else tuple(found[f"S{k}"] for k in range(1, len(self.slots) + 1))
            self._contents[term] = held
        return self._contents[term]

    def changed(self, equation: Equation) -> tuple[int, ...]:
        """The slots that an equation changes."""
        return _changed(self.contents(equation.left), self.contents(equation.right))

    # --- equations

    def equation(self, contents: Contents, changed: Sequence[int]) -> Equation | None:
        """A new equation that rewrites a skeleton with these contents in these slots; None: no luck."""
        rng = self.rng
        known: dict[Term, list[Term]] = {}
        left: list[Term] = []
        count = 0
        for held in contents:
            if not held.args and rng.random() < 0.15:
                left.append(held)
            elif held in known and rng.random() < 0.8:
                left.append(rng.choice(known[held]))
            else:
                count += 1
                left.append(variable(f"V{count}"))
                known.setdefault(held, []).append(left[-1])
        if max(Counter(left).values()) == 1 and rng.random() < 0.8:
            return None
        value = dict(zip(left, contents, strict=True))
        right = list(left)
        for slot in changed:
            others = [t for t in dict.fromkeys(left) if value[t] is not contents[slot]]
            if not others:
                return None
            right[slot] = rng.choice(others)
        return self._new(self.filled(left), self.filled(right))

    def twin(self, equation: Equation, redex: Term) -> Equation | None:
        """One that changes the same slots as an equation in use: another term comes, or others have to be equal."""
        rng = self.rng
        changed = self.changed(equation)
        left, right = (list(self.contents(side) or ()) for side in (equation.left, equation.right))
        if rng.random() < 0.5:
            slot = rng.choice(changed)
            right[slot] = rng.choice([t for t in left if t is not right[slot]] or left)
            return self._new(self.filled(left), self.filled(right))
        for _ in range(6):
            contents = list(self.contents(redex) or ())
            one, other = rng.sample(range(len(contents)), 2)
            contents[one] = contents[other]
            found = self.equation(tuple(contents), changed)
            if found is not None:
                return found
        return None

    def _new(self, left: Term, right: Term) -> Equation | None:
        made = Equation(f"E{len(self.equations) + 1}", *named_anew(left, right))
        if not set(variables(made.right)) <= set(variables(made.left)) or self.changed(made) not in self.changes:
            return None
        return None if any((e.left, e.right) == (made.left, made.right) for e in self.equations) else made

    def complete(self) -> bool:
        """Have each rewrite look as if it were by one of two equations or more; False where that does not succeed."""
        used = [c for s in self.steps for c in s.contractions]
        for _ in range(60):
            least = min(used, key=lambda c: len(self.alike(c)))
            if len(self.alike(least)) > 1 and len(self.equations) >= self.wanted:
                return True
            if len(self.equations) >= self.shape.equations[1]:
                return False
            made = self.twin(least.equation, least.redex)
            if made is not None and (self.looks(made, least.redex, least.contractum) or self.rng.random() < 0.2):
                self.equations.append(made)
        return False

    # --- steps

    def run(self, kinds: Sequence[Callable[[], bool]]) -> bool:
        """Add a step of each of these kinds in turn; False where that does not succeed."""
        return all(any(add() for _ in range(10)) for add in kinds)

    def right(self) -> bool:
        """Add a right step; False where this draw came to nothing."""
        chosen = self._several()
        return bool(chosen) and self._extend(chosen, chosen)

    def slip(self) -> bool:
        """Add a step with something else in the place of one contractum, by an equation with the same left side."""
        cited = self._several()
        if not cited:
            return False
        at = self.rng.randrange(len(cited))
        c = cited[at]
        left, right = self.contents(c.equation.left) or (), list(self.contents(c.equation.right) or ())
        value = dict(zip(left, self.contents(c.redex) or (), strict=True))
        for slot in self.changed(c.equation):
            others = [t for t in dict.fromkeys(left) if value[t] not in (value[right[slot]], value[left[slot]])]
            if not others:
                return False
            right[slot] = self.rng.choice(others)
        return self._hidden(cited, at, self._new(c.equation.left, self.filled(right)))

    def unjustified(self) -> bool:
        """Add a step of which one rewrite is by an equation not shown, where one is cited that only looks like it."""
        done = self._several()
        if not done:
            return False
        at = self.rng.randrange(len(done))
        c = done[at]
        made = self.equation(self.contents(c.redex) or (), self.changed(c.equation))
        if made is None:
            return False
        looks = [e for e in self.equations if self.changed(e) == self.changed(made) and match(e.left, c.redex) is None]
        taken = {d.equation.name for k, d in enumerate(done) if k != at}
        looks = [e for e in looks if e.name not in taken]
        if not looks:
            return False
        cited = [
            *done[:at],
            Contraction(self.rng.choice(looks), c.position, c.redex, c.contractum, {}),
            *done[at + 1 :],
        ]
        return self._hidden(cited, at, made)

    def _hidden(self, cited: Sequence[Contraction], at: int, equation: Equation | None) -> bool:
        """Add a step that cites some contractions, where one of them is by an equation not shown."""
        c = cited[at]
        done = None if equation is None else contract(c.redex, equation)
        if equation is None or done is None:
            return False
        if _changed(self.contents(c.redex), self.contents(done[0])) != self.changed(c.equation):
            return False
        made = Contraction(equation, c.position, c.redex, done[0], done[1])
        return self._extend([*cited[:at], made, *cited[at + 1 :]], cited)

    def _extend(self, done: Sequence[Contraction], cited: Sequence[Contraction]) -> bool:
        after = self.terms[-1]
        for c in done:
            after = replace(after, c.position, c.contractum)
        if after in self.terms or size(after) > self.largest or self._undoes(after):
            return False
        self.terms.append(after)
        self.steps.append(Step(after, tuple(sorted(c.equation.name for c in cited)), tuple(done)))
        return True

    def _undoes(self, after: Term) -> bool:
        """Whether a term has again, at its place, what a step before has rewritten there."""
        here = dict(positions(after))
        return any(here.get(c.position) is c.redex for step in self.steps for c in step.contractions)

    def _several(self) -> list[Contraction]:
        """Right rewrites of the last term in disjoint places, by one equation each; new equations may come to be."""
        chosen: list[Contraction] = []
        for _ in range(self.rng.randint(1, self.shape.parallel)):
            found = [c for _ in range(8) if (c := self._contraction(chosen)) is not None]
            if found:
                inside = self.rng.random() < 0.6
                one = max(found, key=lambda c: self._decoys(c, inside))
                chosen.append(one)
                if one.equation not in self.equations:
                    self.equations.append(one.equation)
        return chosen

    def _decoys(self, c: Contraction, inside: bool) -> int:
        """How many places inside, or around, where a rewrite takes place look as if it did so there."""
        places = [p for p in self.places(self.terms[-1], c) if p != c.position]
        return sum((len(p) > len(c.position)) is inside for p in places)

    def _contraction(self, chosen: Sequence[Contraction]) -> Contraction | None:
        rng = self.rng
        used = {c.equation.name for c in chosen}
        places = [(p, t) for p, t in self._places() if all(disjoint(p, c.position) for c in chosen)]
        if not places:
            return None
        place, redex = rng.choice(places)
        changed = rng.choice(self.changes)
        fitting = [
            e for e in self.equations if e.name not in used and self.changed(e) == changed and match(e.left, redex)
        ]
        if fitting and (len(self.equations) >= self.wanted - len(self.changes) or rng.random() < 0.6):
            equation = rng.choice(fitting)
        else:
            made = (
                None if len(self.equations) >= self.wanted - 1 else self.equation(self.contents(redex) or (), changed)
            )
            if made is None:
                return None
            equation = made
        done = contract(redex, equation)
        if done is None or _changed(self.contents(redex), self.contents(done[0])) != changed:
            return None
        return Contraction(equation, place, redex, done[0], done[1])

    def _places(self) -> list[tuple[Position, Term]]:
        """Where the last term has the skeleton."""
        if self._seen[0] is not self.terms[-1]:
            found = [(p, t) for p, t in positions(self.terms[-1]) if self.contents(t) is not None]
            self._seen = (self.terms[-1], found)
        return self._seen[1]

    # --- looks

    def looks(self, equation: Equation, before: Term, after: Term) -> bool:
        """Whether an equation seems to lead from one term to another: the same slots differ, and constants fit."""
        held, holds = self.contents(before), self.contents(after)
        if held is None or holds is None or _changed(held, holds) != self.changed(equation):
            return False
        sides = zip((*held, *holds), (*self.contents(equation.left), *self.contents(equation.right)), strict=True)  # type: ignore[misc]
        return all(side.is_variable or side is term for term, side in sides)

    def alike(self, c: Contraction) -> list[str]:
        """The equations that a rewrite seems to be by."""
        return [e.name for e in self.equations if self.looks(e, c.redex, c.contractum)]

    def places(self, before: Term, c: Contraction) -> Iterator[Position]:
        """The places at which a rewrite seems to be by its equation: those around what it has changed."""
        after = replace(before, c.position, c.contractum)
        place: Position = ()
        while True:
            one, other = subterm(before, place), subterm(after, place)
            if self.looks(c.equation, one, other):
                yield place
            if one.name != other.name:
                return
            differing = [k for k, (a, b) in enumerate(zip(one.args, other.args, strict=True), 1) if a is not b]
            if len(differing) != 1:
                return
            place = (*place, differing[0])

    def miscite(self, step: int) -> bool:
        """Have a right step cite an equation that only looks like the one it is by; False where there is none."""
        s = self.steps[step]
        c = self.rng.choice(s.contractions)
        others = [name for name in self.alike(c) if name not in s.cited]
        if not others:
            return False
        cited = tuple(sorted(self.rng.choice(others) if name == c.equation.name else name for name in s.cited))
        self.steps[step] = Step(s.after, cited, s.contractions)
        return True

    def odds_of_equations(self) -> Fraction:
        """How often a guess among those that look alike names right equations for all steps."""
        odds = Fraction(1)
        for s in self.steps:
            for c in s.contractions:
                alike = [e for e in self.equations if self.looks(e, c.redex, c.contractum)]
                right = [e for e in alike if single_step(c.redex, c.contractum, e)]
                odds *= Fraction(len(right) or 1, len(alike) or 1)
        return odds

    def hides_places(self, odds: Fraction) -> bool:
        """Whether a guess among the places that look alike puts all rewrites rightly at most so often, and neither the
        innermost nor the outermost of them does."""
        chance, ends = Fraction(1), [True, True]
        for before, s in zip(self.terms, self.steps, strict=False):
            for c in s.contractions:
                after = replace(before, c.position, c.contractum)
                right = [rewrites_are_right(before, after, [(c.equation, p)]) for p in self.places(before, c)]
                chance *= Fraction(sum(right), len(right))
                ends = [ends[0] and right[0], ends[1] and right[-1]]
        return chance <= odds and not any(ends)

    def shuffled(self) -> tuple[list[Equation], list[Step]]:
        """Equations and steps under new names, so that the order does not tell which were used first, or at all."""
        order = list(self.equations)
        self.rng.shuffle(order)
        new = {e.name: f"E{k}" for k, e in enumerate(order, 1)}
        equations = [Equation(new[e.name], e.left, e.right) for e in order]
        return equations, [Step(s.after, tuple(sorted(new[n] for n in s.cited)), s.contractions) for s in self.steps]


def _changed(before: Contents | None, after: Contents | None) -> tuple[int, ...]:
    pairs = zip(before or (), after or (), strict=True)
    return tuple(k for k, (a, b) in enumerate(pairs) if a is not b)
