"""Which models differ? All pairs on the items they share: differences, exact tests, ranks, and what it takes to tell.

Two models that answered the same items are compared item by item, never by whether their intervals overlap: most of an
interval's width is the items' difficulty, which both had to face. A cell may hold several samples; an item's difference
is then one of shares, and the items remain the independent units (docs/spec.md, section 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf, nan, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from proofgrid.statistics import Z95, Rank, difference_interval, holm, mcnemar_p, ranks, sign_flip_p

Z80 = 0.8416212335729143
"""The 80 % point of the standard normal distribution: the power that sample sizes are computed for."""
LEVEL = 0.05
MOST_EXACT = 300
"""With several samples a cell, pairs of more models than this are tested by the normal approximation."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Pairwise:
    """Models x models; of each pair, the first minus the second. NaN where two models share no item."""

    models: pd.Index
    items: Numbers
    """Items that both answered."""
    difference: Numbers
    low: Numbers
    high: Numbers
    first_only: Numbers
    """Items on which the first has the larger share (with one sample: right where the second is wrong)."""
    second_only: Numbers
    p: Numbers
    """Exact two-sided p-values (McNemar; with several samples its generalisation)."""
    adjusted: Numbers
    """Holm's, over all pairs."""
    within: Numbers
    """Variance of an item's difference that comes from sampling answers, for one sample of each; 0 if unknown."""
    between: Numbers
    """Variance of an item's difference that comes from the items."""
    samples: Numbers
    """Mean number of samples a cell."""
    parts: NDArray[np.intp]
    """The group of each model, from 0 on: models of different groups share no item, not even by way of others."""

    @cached_property
    def better(self) -> NDArray[np.bool_]:
        """Whether the first is better than the second at a familywise error of 5 %."""
        return np.asarray((self.adjusted < LEVEL) & (self.difference > 0), dtype=np.bool_)

    @cached_property
    def ranks(self) -> list[Rank]:
        """The models' ranks inside their group, which hold all together with 95 %."""
        return ranks(self.better, self.parts)

    def items_needed(self, i: int, j: int, samples: float | None = None) -> float:
        """Items that would tell i and j apart with 80 % power at a two-sided 5 %, at the difference seen.

        From the variances seen; ``samples`` a cell (None: as many as there were). Infinite without a difference.
        """
        k = self.samples[i, j] if samples is None else samples
        return needed(float(self.difference[i, j]), float(self.between[i, j] + self.within[i, j] / k))

    def samples_needed(self, i: int, j: int) -> float:
        """Samples a cell that would do so with the items at hand; infinite if no number of samples would."""
        d, n = abs(float(self.difference[i, j])), float(self.items[i, j])
        if not d > 0 or self.within[i, j] <= 0:
            return inf
        allowed = n * d * d / (Z95 + Z80) ** 2 - float(self.between[i, j])
        return float(ceil(self.within[i, j] / allowed)) if allowed > 0 else inf

    def table(self) -> pd.DataFrame:
        """One row a pair of one group, the better one first; sorted by model order."""
        rows = []
        n = len(self.models)
        for i in range(n):
            for j in range(i + 1, n):
                if self.parts[i] != self.parts[j]:
                    continue
                a, b = (i, j) if not self.difference[i, j] < 0 else (j, i)
                rows.append(
                    {
                        "model": self.models[a],
                        "other": self.models[b],
                        "items": int(self.items[a, b]),
                        "difference": self.difference[a, b],
                        "low": self.low[a, b],
                        "high": self.high[a, b],
                        "model_only": int(self.first_only[a, b]),
                        "other_only": int(self.second_only[a, b]),
                        "p": self.p[a, b],
                        "p_holm": self.adjusted[a, b],
                        "items_needed": self.items_needed(a, b),
                        "samples_needed": self.samples_needed(a, b),
                    }
                )
        return pd.DataFrame(rows)


def needed(difference: float, variance: float) -> float:
    """Items for 80 % power at a two-sided 5 % where an item's difference has this mean and variance (z test)."""
    if not abs(difference) > 0 or variance != variance:
        return inf
    return float(max(2, ceil((Z95 + Z80) ** 2 * max(variance, 1e-9) / difference**2)))


def compare_all(right: pd.DataFrame, asked: pd.DataFrame) -> Pairwise:
    """All pairs of a table of models x items: ``right`` of ``asked`` samples were correct (0 asked: missing)."""
    k, n = right.to_numpy(dtype=np.float64), asked.to_numpy(dtype=np.float64)
    seen = n > 0
    share = np.divide(k, n, out=np.zeros_like(k), where=seen)
    noise = np.divide(share * (1 - share), n - 1, out=np.zeros_like(k), where=n > 1)  # unbiased variance of a mean
    models = len(k)
    several = bool((n > 1).any())
    shape = (models, models)
    items, total, squares, first, second = (np.zeros(shape) for _ in range(5))
    within, samples = np.zeros(shape), np.ones(shape)
    p = np.ones(shape)
    for i in range(models):
        both = seen[i] & seen
        d = np.where(both, share[i] - share, 0.0)
        d[np.abs(d) < 1e-12] = 0.0
        items[i], total[i], squares[i] = both.sum(axis=1), d.sum(axis=1), (d * d).sum(axis=1)
        first[i], second[i] = (d > 0).sum(axis=1), (d < 0).sum(axis=1)
        if several:
            count = np.maximum(items[i], 1)
            samples[i] = np.where(both, (n[i] + n) / 2, 0.0).sum(axis=1) / count
            within[i] = np.where(both, noise[i] + noise, 0.0).sum(axis=1) / count
    mean = np.divide(total, items, out=np.full(shape, nan), where=items > 0)
    variance = squares / np.maximum(items, 1) - np.nan_to_num(mean) ** 2
    p = _p_values(k, n, share, seen, total, squares, first, second, several)
    low, high = difference_interval(items, total, squares)
    empty = items == 0
    low[empty], high[empty], p[empty] = nan, nan, 1.0
    tested = np.nonzero(np.triu(~empty, 1))
    adjusted = np.ones(shape)
    adjusted[tested] = holm(p[tested])
    adjusted.T[tested] = adjusted[tested]
    return Pairwise(
        models=right.index,
        items=items,
        difference=mean,
        low=low,
        high=high,
        first_only=first,
        second_only=second,
        p=p,
        adjusted=adjusted,
        within=within * np.maximum(samples, 1),
        between=np.maximum(variance - within, 0.0),
        samples=samples,
        parts=_parts(items),
    )


def _parts(shared: Numbers) -> NDArray[np.intp]:
    """Groups of models that common items connect (``shared``: how many each pair has), in the order of the models."""
    from scipy.sparse.csgraph import connected_components

    label = connected_components(shared > 0, directed=False)[1]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse.reshape(-1)], dtype=np.intp)


def _p_values(
    k: Numbers,
    n: Numbers,
    share: Numbers,
    seen: NDArray[np.bool_],
    total: Numbers,
    squares: Numbers,
    first: Numbers,
    second: Numbers,
    several: bool,
) -> Numbers:
    if not several:
        return mcnemar_p(first, second)
    from scipy.stats import norm

    z = np.divide(np.abs(total), np.sqrt(squares), out=np.zeros_like(total), where=squares > 0)
    p = np.asarray(2 * norm.sf(z), dtype=np.float64)
    counts = np.unique(n[n > 0]).astype(int)
    scale = int(np.lcm.reduce(counts)) if len(counts) else 1
    if len(k) > MOST_EXACT or scale > 60:
        return p
    whole = np.rint(share * scale).astype(np.int64)
    for i in range(len(k)):
        for j in range(i + 1, len(k)):
            p[i, j] = p[j, i] = sign_flip_p((whole[i] - whole[j])[seen[i] & seen[j]])
    return p


@dataclass(frozen=True)
class Components:
    """Standard deviations on the scale of shares (0 to 1), from repeated samples; NaN if every cell has one sample."""

    model: float
    item: float
    model_by_item: float
    sample: float
    """Of one answer around its cell's chance."""
    score: float
    """Of a model's whole score between runs with one sample of each item, if samples are independent."""


def components(right: pd.DataFrame, asked: pd.DataFrame) -> Components:
    """Variance components of models x items x samples by the method of moments (random effects, two-way crossed).

    ``sample`` is the spread of one answer around its cell's chance. Cells may differ in samples; models or items that
    lack cells are weighed by what they have.
    """
    k, n = right.to_numpy(dtype=np.float64), asked.to_numpy(dtype=np.float64)
    seen = n > 0
    share = np.divide(k, n, out=np.full_like(k, nan), where=seen)
    many = n > 1
    if many.sum() == 0 or len(k) < 2 or k.shape[1] < 2:
        return Components(nan, nan, nan, nan, nan)
    noise = float((share * (1 - share) * n / np.maximum(n - 1, 1))[many].mean())
    each = float(np.mean(1.0 / n[seen]))
    grand = float(np.nanmean(share))
    with np.errstate(invalid="ignore"):
        rows, columns = _means(share, 1), _means(share, 0)
    left = share - rows[:, None] - columns[None, :] + grand
    m, j = share.shape
    residual = float(np.nanmean(left**2)) * m * j / max((m - 1) * (j - 1), 1)
    interaction = max(0.0, residual - noise * each)
    by_model = max(0.0, float(np.nanvar(rows, ddof=1)) - residual / max(seen.sum(axis=1).mean(), 1))
    by_item = max(0.0, float(np.nanvar(columns, ddof=1)) - residual / max(seen.sum(axis=0).mean(), 1))
    per_run = sqrt(noise / max(seen.sum(axis=1).mean(), 1))
    return Components(sqrt(by_model), sqrt(by_item), sqrt(interaction), sqrt(noise), per_run)


def _means(values: Numbers, axis: int) -> Numbers:
    seen = np.isfinite(values)
    count = seen.sum(axis=axis)
    total = np.where(seen, values, 0.0).sum(axis=axis)
    out: Numbers = np.full(count.shape, nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def run_to_run(attempts: pd.DataFrame) -> float:
    """Standard deviation of a model's share correct between its samples (first tries), pooled over models.

    ``attempts``: model, item, attempt, hit (0 or 1). Only samples that answered the same items are compared. NaN
    without two of them.
    """
    squares, freedom = 0.0, 0
    for _, of_model in attempts.groupby("model", sort=False):
        wide = of_model.pivot_table(index="item", columns="attempt", values="hit", aggfunc="first").dropna()
        if wide.shape[1] > 1 and len(wide):
            scores = wide.mean(axis=0).to_numpy()
            squares += float(((scores - scores.mean()) ** 2).sum())
            freedom += len(scores) - 1
    return sqrt(squares / freedom) if freedom else nan


ASSUMED_ACCURACY = 0.6
ASSUMED_CORRELATION = 0.5
"""Between two models' chances over items: items that are hard for one are hard for the other."""
ASSUMED_SPREAD = 0.3
"""Standard deviation of a model's chance of solving an item over items of one suite."""


def plan_table(
    differences: tuple[float, ...] = (0.02, 0.05, 0.1, 0.15, 0.2),
    samples: tuple[int, ...] = (1, 2, 4, 8),
    models: int = 2,
    found: Pairwise | None = None,
) -> pd.DataFrame:
    """Items for 80 % power by difference and samples a cell: columns ``1``, ``2``, ... and ``holm`` (one sample).

    From the variances that ``found`` has seen, else from the assumptions stated in this module. ``holm`` is at the
    strictest level that Holm's procedure asks over all pairs of ``models``.
    """
    if found is not None and len(found.models) > 1:
        upper = np.triu_indices(len(found.models), 1)
        within, between = float(np.mean(found.within[upper])), float(np.mean(found.between[upper]))
    else:
        between = 2 * ASSUMED_SPREAD**2 * (1 - ASSUMED_CORRELATION)
        within = 2 * (ASSUMED_ACCURACY * (1 - ASSUMED_ACCURACY) - ASSUMED_SPREAD**2)
    from scipy.stats import norm

    pairs = max(1, models * (models - 1) // 2)
    strict = float(norm.isf(LEVEL / pairs / 2))
    rows = {}
    for d in differences:
        row = {str(k): needed(d, between + within / k) for k in samples}
        row["holm"] = float(ceil((strict + Z80) ** 2 * (between + within) / d**2))
        rows[d] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("difference")
