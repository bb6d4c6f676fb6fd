"""Problems whose proof is planted: a chain of parities that is short to prove link by link and long to prove at once.

Constraints stand in a hidden order. Each says whether an odd number of its three atoms is true; some of them it shares
with those before it, the others with those after it. What the first k say together is the parity of the two or three
atoms that are still open: the k-th lemma, a step from the one before. So the proof grows with the number of
constraints. A prover that splits cases without those lemmas does its work anew in every case: its cost doubles every
few constraints (Tseitin's formulas; Urquhart, Journal of the ACM 34, 1987). The shuffled problem shows neither the
order nor a lemma, and nothing here looks for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, product
from random import Random

from proofgrid.checker.formulas import Formula, conj, disj, iff, implies, opposite
from proofgrid.tasks.errors import DrawFailedError
from proofgrid.tasks.making.problems.encoding import var
from proofgrid.tasks.making.problems.structures import parity
from proofgrid.tasks.making.provers.lines import Line, minimise

_OPEN = (2, 3)
"""Atoms that are still open after a constraint (inclusive)."""
_DEGREE = 3


@dataclass(frozen=True, slots=True)
class Chain:
    """A problem with the lemmas of its planted proof."""

    constraints: tuple[tuple[Formula, ...], ...]
    """The premises that state each, in the order of the proof; problems show them shuffled."""
    lemmas: tuple[tuple[Formula, ...], ...]
    """After each constraint but the first: conditionals that say together what is known of the open atoms."""
    goal: Formula

    @property
    def premises(self) -> tuple[Formula, ...]:
        """All of them."""
        return tuple(chain.from_iterable(self.constraints))

    def mapped(self, change: Callable[[Formula], Formula]) -> Chain:
        """The chain with each of its formulas changed."""
        return Chain(
            tuple(tuple(map(change, parts)) for parts in self.constraints),
            tuple(tuple(map(change, lemma)) for lemma in self.lemmas),
            change(self.goal),
        )

    def steps(self) -> Iterator[tuple[tuple[Formula, ...], Formula]]:
        """(what to use, what to conclude) for each lemma's conditionals in turn, and for the goal."""
        known = self.constraints[0]
        for constraint, lemma in zip(self.constraints[1:], self.lemmas, strict=True):
            for conditional in lemma:
                yield (*known, *constraint), conditional
            known = lemma
        yield known, self.goal


def draw_chain(
    rng: Random, links: int, edge: Callable[[Random, int], Formula] | None = None, *, whole: bool = True
) -> Chain:
    """A chain of ``links`` constraints and one that begins it. ``edge``: what stands for the k-th atom.

    ``whole``: whether a constraint, and the goal, is one formula; else it is conditionals, and the goal all of the
    last lemma's (a language that has conditionals and no biconditionals says that in a fifth of the letters).
    """
    value: dict[Formula, bool] = {}

    def fresh() -> Formula:
        k = len(value) + 1
        made = edge(rng, k) if edge else var("E", k)
        value[made] = rng.random() < 0.5
        return made

    def odd(parts: Sequence[Formula]) -> bool:
        return sum(value[f] for f in parts) % 2 == 1

    def constraint(parts: Sequence[Formula]) -> tuple[Formula, ...]:
        if whole:
            return (parity(rng, list(parts), odd=odd(parts)),)
        return tuple(_conditionals(rng.sample(parts, len(parts)), odd=odd(parts)))

    still_open = [fresh() for _ in range(_OPEN[0])]
    constraints, lemmas = [constraint(still_open)], []
    for _ in range(links):
        count = 2 if len(still_open) == _OPEN[1] else 1
        closed = rng.sample(still_open, count)
        opened = [fresh() for _ in range(_DEGREE - count)]
        still_open = [f for f in still_open if f not in closed] + opened
        constraints.append(constraint([*closed, *opened]))
        lemmas.append(tuple(_conditionals(still_open, odd=odd(still_open))))
    goal = constraint(still_open) if whole else lemmas[-1]
    return Chain(tuple(constraints), tuple(lemmas), reduce(conj, goal))


def lifted_edge(rng: Random, k: int) -> Formula:
    """An atom, or a formula of two."""
    one, two = var("E", k), var("F", k)
    return one if rng.random() < 0.6 else rng.choice((conj(one, two), disj(one, two), iff(one, two)))


def planted_lines(
    planted: Chain, prove: Callable[[Sequence[Formula], Formula], Iterable[Line] | None]
) -> tuple[Line, ...]:
    """The planted proof, each conditional proved by ``prove`` from the lemma before. Raises DrawFailedError."""
    lines: list[Line] = []
    for given, wanted in planted.steps():
        found = prove(given, wanted)
        if found is None:
            raise DrawFailedError("a link of the chain was not proved")
        lines += found
    return minimise(lines)


def unsolved(
    planted: Chain, rng: Random, find: Callable[[Sequence[Formula], Formula], bool]
) -> tuple[Formula, ...] | None:
    """The premises in random order; None if ``find`` proves the goal from them in that order or one of two others."""
    shown = tuple(rng.sample(planted.premises, len(planted.premises)))
    orders = (shown, sorted(shown, key=lambda f: len(str(f))), shown[::-1])
    return None if any(find(order, planted.goal) for order in orders) else shown


def _conditionals(parts: Sequence[Formula], *, odd: bool) -> Iterator[Formula]:
    """A parity: for all values of the first parts, the value of the last."""
    *first, last = parts
    for row in product((True, False), repeat=len(first)):
        conclusion = last if (sum(row) % 2 == 1) is not odd else opposite(last)
        for part, on in reversed(list(zip(first, row, strict=True))):
            conclusion = implies(part if on else opposite(part), conclusion)
        yield conclusion
