"""How many different problems the random families hold, and what two seeds share: from the repeats among draws.

    python bench/trust_classes.py [--quick] [--part P] [--draws N] [--cores N] [--level L]

A class is a problem up to renaming and flips (bench/trust_items.py). Where s classes are met by some draws, f1 of them
once and f2 twice, the number of classes is estimated as at least s + f1 (f1 - 1) / (2 (f2 + 1)) (Chao, Scandinavian
Journal of Statistics 11, 1984, in the form corrected for bias). Classes are not equally likely: two draws are of one
class as often as among 1 / p classes that were, where p is the share of the pairs of draws that are of one class. Draws
are counted before a level's band of steps chooses among them.

Of PL2 from level 3 on and of PL3 always, a problem is a core of its family with one premise marked, and a lemma over
atoms of its own, drawn independently, under which that premise holds. Each core goes with each lemma, so the number of
classes is the product of the two, each counted alone. Exit code 1 where a family is not estimated to hold 10^6 classes,
in both ways: by Chao's bound, and by repeated pairs, which counts classes as if all were as likely as the likely ones
(with p at its upper bound at 95%; with --quick, of few draws, as it was met).
What two seeds of 10,000 items share follows from p; problems made of random formulas have that figure only.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from scipy.stats import chi2

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bounds import Bounds
from proofgrid.checker.formulas import Formula, implies
from proofgrid.tasks.core import item_rng
from proofgrid.tasks.errors import DrawFailedError
from proofgrid.tasks.making.problems import (
    canonical_key,
    draw_family,
    families_of,
    padded_entailment,
    random_entailment,
)
from proofgrid.tasks.making.problems.drawing import (
    DRAWN,
    LARGE_LEAST,
    LARGE_SIZES,
    LEAST,
    LEMMA,
    LINKED_FROM,
    SIZES,
)
from proofgrid.tasks.making.problems.encoding import var
from proofgrid.tasks.making.problems.linking import fresh_lemma

Problem = tuple[tuple[Formula, ...], Formula]
Draw = Callable[[Random], Problem | None]
ENOUGH = 1_000_000
ITEMS = 10_000
"""Items a task of two seeds, of which the shared ones are estimated."""
_TRIES = 100
"""Draws for one that comes to something."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Draws, by class."""

    counts: Counter[str]

    @property
    def n(self) -> int:
        """How many came to something."""
        return self.counts.total()

    @property
    def pairs(self) -> int:
        """Pairs of one class."""
        return sum(c * (c - 1) // 2 for c in self.counts.values())

    @property
    def classes(self) -> float:
        """The number of classes, estimated from below."""
        met = Counter(self.counts.values())
        return len(self.counts) + met[1] * (met[1] - 1) / (2 * (met[2] + 1))

    @property
    def alike(self) -> float:
        """The probability that two draws are of one class."""
        return 2 * self.pairs / (self.n * (self.n - 1))

    @property
    def alike_at_most(self) -> float:
        """Its upper bound at 95%, as if pairs were independent (Poisson)."""
        return min(1.0, float(chi2.ppf(0.95, 2 * self.pairs + 2)) / (self.n * (self.n - 1)))


def drawn(what: str, draw: Draw, n: int) -> Drawn:
    """``n`` draws that came to something, or as many as did in _TRIES times as many."""
    found: Counter[str] = Counter()
    for k in range(_TRIES * n):
        if found.total() == n:
            break
        try:
            problem = draw(item_rng("trust_classes", what, k))
            if problem is not None:
                found[canonical_key(*problem)] += 1
        except DrawFailedError:
            continue
    return Drawn(found)


def lemma(large: bool) -> Draw:
    """What links a problem of PL2 (``large``: of PL3)."""

    def draw(rng: Random) -> Problem | None:
        found = fresh_lemma(rng, "V", 1, *LEMMA[large])
        return None if found is None else (tuple(found[0]), found[1])

    return draw


def core(name: str, level: int, large: bool) -> Draw:
    """A problem of a family, the premise marked that is to hold under a lemma."""

    def draw(rng: Random) -> Problem | None:
        sizes, least = (LARGE_SIZES, LARGE_LEAST) if large else (SIZES, LEAST)
        found = DRAWN[name](rng, rng.randint(*sizes[level]), least[level] - 1)
        if found is None:
            return None
        premises, goal = found
        at = rng.randrange(len(premises))
        return (*premises[:at], implies(var("Z", 1), premises[at]), *premises[at + 1 :]), goal

    return draw


def families(bounds: Bounds, level: int, draws: int, cores: int) -> None:
    """The classes of each family of PL2 and PL3."""
    for large in (False, True):
        lemmas = drawn(f"lemma {large}", lemma(large), draws)
        task = "pl3_pw" if large else "pl2_pw"
        print(f"  {task}, {lemmas.n} lemmas drawn: {lemmas.classes:,.0f} classes, {lemmas.pairs} pairs of one class")
        for name in DRAWN:
            found = drawn(f"{name} {level} {large}", core(name, level, large), cores)
            print(f"      {found.n} cores drawn: {found.classes:,.0f} classes, {found.pairs} pairs of one class")
            what = f"{task}, level {level}, {name}: classes"
            bounds.figure(what, found.classes * lemmas.classes, ENOUGH, at_most=False)
            alike = [one.alike if bounds.sample and one.pairs else one.alike_at_most for one in (found, lemmas)]
            bounds.figure(f"{what} by repeated pairs", 1 / (alike[0] * alike[1]), ENOUGH, at_most=False)


def _at(draw: Callable[[Random, int], Problem | None], level: int, rng: Random) -> Problem | None:
    return draw(rng, level)


def birthdays(draws: int) -> None:
    """What share of a seed's 10,000 items another seed's have, too, level by level."""

    def family(rng: Random, level: int) -> Problem | None:
        drawn = draw_family(rng, level, family=rng.choice(families_of(level)))
        return None if drawn is None else drawn[:2]

    kinds: dict[str, tuple[tuple[int, ...], Callable[[Random, int], Problem | None]]] = {
        "pl1_pw": ((1, 2, 3, 4, 5, 6), padded_entailment),
        "pl2_pw": ((1, 2, 3, 4, 5, 6), family),
        "pl1_pc, pl1_pm and pl1_gf": ((1, 2, 3, 4, 5, 6), random_entailment),
    }
    print(f"two seeds of {ITEMS:,} items: the share of one's that the other has, too")
    for task, (levels, drawn_at) in kinds.items():
        shares, most = [], []
        for level in levels:
            if task == "pl2_pw" and level >= LINKED_FROM:
                continue  # linked: families() shows that hardly any two agree
            found = drawn(f"birthday {task} {level}", partial(_at, drawn_at, level), draws)
            expected = ITEMS / len(levels)
            shares.append(min(1.0, expected * found.alike))
            most.append(min(1.0, expected * found.alike_at_most))
            print(
                f"      level {level}: {found.pairs} pairs among {found.n} draws, {found.classes:,.0f} classes or more"
            )
        print(f"  {task}: share {sum(shares) / len(levels):.4f}, at most {sum(most) / len(levels):.4f} at 95%")


def main() -> int:
    """Count all families."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer cores, no birthdays")
    parser.add_argument("--draws", type=int, default=5_000)
    parser.add_argument("--cores", type=int, default=300)
    parser.add_argument("--level", type=int, default=3, choices=range(3, 7))
    parser.add_argument("--part", choices=("families", "birthdays"), default=None, help="only this one")
    options = parser.parse_args()
    draws, cores = (1_000, 100) if options.quick else (options.draws, options.cores)
    bounds = Bounds(sample=options.quick)
    if options.part != "birthdays":
        families(bounds, options.level, draws, cores)
    if options.part != "families" and not options.quick:
        birthdays(draws // 8)
    return 1 if bounds.missed else 0


if __name__ == "__main__":
    sys.exit(main())
