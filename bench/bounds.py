"""Figures beside their bounds: printed one a line, and judged plainly or, of a sample, by an exact interval.

A bound is of all items that a generator makes. A sample of two dozen misses it now and then by chance alone, so there a
figure misses its bound only where the whole interval that the sample leaves open does: the bound stays what it is.

Sources: Clopper, Pearson, Biometrika 26 (1934) for shares; Bonett, Wright, Psychometrika 65 (2000) for rank
correlations; Student's t for means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean, stdev

from scipy.stats import beta, norm, t

DOUBT = 0.001
"""How often a figure that keeps its bound exactly may miss it in a sample."""


class Bounds:
    """Collects what was missed. ``sample``: whether to judge by intervals."""

    def __init__(self, *, sample: bool) -> None:
        self.sample = sample
        self.missed: list[str] = []
        self.printed = 0

    def figure(self, what: str, value: float, bound: float, *, at_most: bool, nearest: float | None = None) -> None:
        """One figure; ``nearest`` is the end of its interval that is nearest to the bound, or beyond it."""
        judged = nearest if self.sample and nearest is not None else value
        kept = judged <= bound if at_most else judged >= bound
        note = "PASSED" if kept else "MISSED"
        if self.sample and nearest is not None:
            note += f" (interval to {nearest:.3f})"
        print(f"  {what:<70} {value:>9.3f}  {'<=' if at_most else '>='} {bound:<8.4g} {note}", flush=True)
        self.printed += 1
        if not kept:
            self.missed.append(f"{what}: {value:.3f}, bound {bound:.4g}")

    def share(self, what: str, hits: float, n: int, bound: float, *, at_most: bool, tried: int = 1) -> None:
        """A share of ``n``. ``tried``: of how many such shares this one is the best (Bonferroni)."""
        doubt = DOUBT / tried
        if at_most:
            nearest = float(beta.ppf(doubt, hits, n - hits + 1)) if hits else 0.0
        else:
            nearest = float(beta.ppf(1 - doubt, hits + 1, n - hits)) if hits < n else 1.0
        self.figure(what, hits / n, bound, at_most=at_most, nearest=nearest)

    def rank(self, what: str, value: float, n: int, bound: float) -> None:
        """Spearman's correlation of ``n`` pairs that must be at least ``bound``."""
        spread = math.sqrt((1 + value * value / 2) / max(1, n - 3))
        most = math.tanh(math.atanh(min(value, 0.999)) + float(norm.isf(DOUBT)) * spread)
        self.figure(what, value, bound, at_most=False, nearest=most)

    def mean(self, what: str, values: Sequence[float], bound: float) -> None:
        """The mean of values, which must be at most ``bound``."""
        n = len(values)
        spread = stdev(values) / math.sqrt(n) if n > 1 else math.inf
        least = mean(values) - float(t.isf(DOUBT, max(1, n - 1))) * spread
        self.figure(what, mean(values), bound, at_most=True, nearest=least)
