"""The statistics of the leaderboard: proportions with intervals, their mean over tasks, ranks with ties, McNemar.

All proportions are in [0, 1]; all intervals are two-sided 95 %. An item answered K times counts as one item whose value
is the mean of its K answers, so repeated sampling narrows an interval only as far as the answers differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, nan, sqrt

from scipy.stats import binomtest

Z = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


def whole(share: float) -> str:
    """A share as whole percent, halves up (as the page's script rounds, so that both show the same)."""
    return str(floor(100 * share + 0.5))


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with its interval; ``n`` is the number of items, NaN values where there are none."""

    value: float
    low: float
    high: float
    n: int

    @property
    def percent(self) -> str:
        """The share as whole percent, or a dash."""
        return "–" if self.n == 0 else whole(self.value)

    @property
    def interval(self) -> str:
        """The interval as whole percents, or nothing."""
        return "" if self.n == 0 else f"{whole(self.low)}–{whole(self.high)}"


NONE = Proportion(nan, nan, nan, 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a proportion is made of: ``n`` items, the sum of their means and the sum of the squares of their means."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.total + other.total, self.squares + other.squares)


def tally(means: Sequence[float]) -> Tally:
    """The tally of items whose mean scores are ``means``."""
    return Tally(len(means), float(sum(means)), float(sum(m * m for m in means)))


def wilson(count: Tally) -> Proportion:
    """Wilson's score interval (Wilson 1927) at the effective number of items.

    The effective number is p(1-p) over the variance of the mean: with one answer an item that is n itself; where items
    have several answers it grows with their agreement. Brown, Cai & DasGupta (2001) recommend the interval for small n.
    """
    if count.n == 0:
        return NONE
    p = min(1.0, max(0.0, count.total / count.n))
    spread = count.squares / count.n - p * p
    n = count.n * p * (1 - p) / spread if spread > 1e-12 and 0 < p < 1 else float(count.n)
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return Proportion(p, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)), count.n)


def mean_over_tasks(counts: Sequence[Tally]) -> Proportion:
    """The unweighted mean of the tasks' shares, with an interval from the items within tasks.

    The tasks are taken as they are (no claim about other tasks). Each task's variance is that of Agresti and Coull's
    adjusted share, which is not 0 for a model that solves everything (or nothing) of a small task.
    """
    counts = [c for c in counts if c.n]
    if not counts:
        return NONE
    shares = [c.total / c.n for c in counts]
    variance = 0.0
    for c, p in zip(counts, shares, strict=True):
        spread = c.squares / c.n - p * p
        n = c.n * p * (1 - p) / spread if spread > 1e-12 and 0 < p < 1 else float(c.n)
        adjusted = (p * n + Z * Z / 2) / (n + Z * Z)
        variance += adjusted * (1 - adjusted) / (n + Z * Z)
    mean = sum(shares) / len(shares)
    half = Z * sqrt(variance) / len(shares)
    return Proportion(mean, max(0.0, mean - half), min(1.0, mean + half), sum(c.n for c in counts))


@dataclass(frozen=True, slots=True)
class Rank:
    """A rank with its uncertainty: between ``best`` and ``worst``; ``tied`` where another one's interval overlaps."""

    best: int
    worst: int
    tied: bool

    def __str__(self) -> str:
        return f"={self.best}" if self.tied else str(self.best)

    @property
    def range(self) -> str:
        """``2–5``, or ``2`` where there is no doubt."""
        return str(self.best) if self.best == self.worst else f"{self.best}–{self.worst}"


def ranks(shares: Sequence[Proportion]) -> list[Rank]:
    """Ranks from intervals: one is better than another only where its interval lies wholly above the other's."""
    out = []
    for i, mine in enumerate(shares):
        others = [s for j, s in enumerate(shares) if j != i]
        better = sum(s.low > mine.high for s in others)
        worse = sum(s.high < mine.low for s in others)
        out.append(Rank(1 + better, len(shares) - worse, better + worse < len(others)))
    return out


@dataclass(frozen=True, slots=True)
class McNemar:
    """Paired comparison of two runs on the same answers: ``gained`` wrong in A and right in B, ``lost`` the reverse."""

    both: int
    gained: int
    lost: int
    neither: int
    p: float
    """Exact two-sided p-value (McNemar 1947; binomial over the discordant pairs)."""

    @property
    def n(self) -> int:
        """Pairs compared."""
        return self.both + self.gained + self.lost + self.neither

    @property
    def difference(self) -> float:
        """Share of B minus share of A."""
        return (self.gained - self.lost) / self.n if self.n else nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the difference (Agresti & Min 2005: half an observation added to each of the four cells)."""
        if not self.n:
            return nan, nan
        n, gained, lost = self.n + 2, self.gained + 0.5, self.lost + 0.5
        d = (gained - lost) / n
        half = Z * sqrt(max(0.0, (gained + lost) / n - d * d) / n)
        return max(-1.0, d - half), min(1.0, d + half)


def mcnemar(pairs: Sequence[tuple[bool, bool]]) -> McNemar:
    """McNemar's exact test over (right in A, right in B)."""
    both = sum(a and b for a, b in pairs)
    gained = sum(b and not a for a, b in pairs)
    lost = sum(a and not b for a, b in pairs)
    p = 1.0 if gained + lost == 0 else float(binomtest(min(gained, lost), gained + lost, 0.5).pvalue)
    return McNemar(both, gained, lost, len(pairs) - both - gained - lost, p)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for as many tests (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, running = [0.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = running
    return adjusted
