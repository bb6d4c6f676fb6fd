"""How much a model's accuracy depends on which items a seed happened to make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance


@dataclass(frozen=True, slots=True)
class SeedSpread:
    """The accuracies of several seeds' items, as shares."""

    seeds: int
    mean: float
    """The mean of the seeds' accuracies."""
    sd: float
    """The standard deviation between them."""
    by_chance: float
    """The standard deviation to expect if seeds differ only in having drawn other items from one population."""


def seed_spread(shares: Sequence[Sequence[float]]) -> SeedSpread | None:
    """The spread between seeds; ``shares`` holds, for each seed, the share correct of each of its items.

    ``by_chance`` is the root of the mean over seeds of s_k² / n_k, the variance of a mean of n_k items (one-way random
    effects, Searle, Casella & McCulloch 1992, chapter 3). None with fewer than two seeds of two items each.
    """
    usable = [[float(share) for share in of_seed] for of_seed in shares if len(of_seed) >= 2]
    if len(usable) < 2:
        return None
    return spread_of([fmean(of_seed) for of_seed in usable], [variance(of_seed) / len(of_seed) for of_seed in usable])


def spread_of(means: Sequence[float], variances: Sequence[float]) -> SeedSpread:
    """The spread of two or more seeds' means, whose own variances (of items drawn) are known."""
    return SeedSpread(len(means), fmean(means), sqrt(variance(means)), sqrt(fmean(variances)))
