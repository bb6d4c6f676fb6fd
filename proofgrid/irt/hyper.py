"""Priors of items whose means and variances are estimated, for all items together or for each task.

Where the items of a task tell little (every model solves them), their parameters follow the mean and the variance of
their prior, and these follow them: a pass that holds one still while it moves the other creeps for hundreds of passes,
the longer the more items there are. So items and means take one Newton step together, and a variance takes its items
along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proofgrid.irt.priors import Priors
from proofgrid.irt.responses import Array

LOG_A_MEAN_SD = 1.0
"""Of the mean of log a around 0, where it is estimated: items that order a few models perfectly know no limit."""
_TIED = 0.9
"""The most that a task's mean slope and mean difficulty count as tied: where they make up for each other (all models
solve all its items) the whole of it leaves nearly nothing to hold a step."""
_LARGEST_MEAN_STEP = np.array([[0.5], [0.75]])
"""Of a task's means of log a and b in a pass: far from where they belong, too much is made of that tie."""
_MOST_AT_ONCE = 1.5
"""A variance grows or shrinks by no more than this factor in a pass."""
_OFF = 0.05
_GROWTH_OFF, _GROWTH_RIGHT = 0.5, 0.95
"""What items make of a variance grows with it: how much of that is counted where it is off by that share of it or more,
and where it is right."""


@dataclass(frozen=True)
class Hyper:
    """The prior of each item, with its means filled in; precisions are 0 where there is no prior."""

    log_a_mean: Array
    log_a_precision: Array
    b_mean: Array
    b_precision: Array

    def on_scale(self, sd: float, mean: float) -> Hyper:
        """The same priors of (log a + log sd, (b - mean) / sd)."""
        return Hyper(
            self.log_a_mean + np.log(sd), self.log_a_precision, (self.b_mean - mean) / sd, self.b_precision * sd**2
        )


def common_prior(priors: Priors | None, expected: Array, *, one_slope: bool) -> Hyper:
    """One prior for all items, of these posterior means (2 x items); an estimated mean is the items' own."""
    log_a, b = expected
    ones = np.ones_like(b)
    if priors is None:
        return Hyper(0 * ones, 0 * ones, 0 * ones, 0 * ones)
    worth = priors.log_a_sd**2 / LOG_A_MEAN_SD**2
    mean_a = float(log_a.sum()) / (len(b) + worth) if priors.log_a_mean is None else priors.log_a_mean
    mean_b = float(b.mean()) if priors.b_mean is None else priors.b_mean
    # One slope for all items has one prior, not one for each item; at its estimated mean it has no pull.
    k_a = (1.0 / len(b) if one_slope else 1.0) / priors.log_a_sd**2
    return Hyper(mean_a * ones, k_a * ones, mean_b * ones, ones / priors.b_sd**2)


class Hierarchy:
    """Priors of each task. Means are shrunk to the grand mean with ``between_sd``, variances to the square of the
    prior's sd, which is worth ``sd_weight`` items.

    What is known of items, their posterior modes or means, is 2 x items (log a, b). Logarithms of variances, 2 x
    tasks, stand in one row: part of what EM moves.
    """

    def __init__(self, priors: Priors, group: NDArray[np.intp]) -> None:
        self.group = group
        self.count = np.bincount(group)
        self.n = np.maximum(self.count, 1).astype(np.float64)  # a resampled matrix may lack a whole task
        self.centres = (priors.log_a_mean, priors.b_mean)
        self.guess = np.array([[priors.log_a_sd**2], [priors.b_sd**2]])
        self.worth = priors.sd_weight
        self.between = priors.between_sd**-2

    def start(self) -> Array:
        """Logarithms of the variances before anything is known."""
        return np.asarray(np.log(np.repeat(self.guess, len(self.n), axis=1)).ravel(), dtype=np.float64)

    def prior(self, expected: Array, variances: Array) -> Hyper:
        """Of each item, the means at their best for these posterior means and variances."""
        variance = self._by_task(variances)
        mean = self._means(expected, variance)[:, self.group]
        precision = 1.0 / variance[:, self.group]
        return Hyper(mean[0], precision[0], mean[1], precision[1])

    def together(self, step: Array, inverse: Array, variances: Array, stiffness: Array) -> Array:
        """Steps of items (2 x items) where the means move too, from the steps where they stand still.

        ``inverse`` is of each item's negative Hessian H, prior included, as :func:`times` has it. With P the prior's
        precisions, the steps d of items and m of means solve H d - P m = gradient for each item and
        (1 / between_sd^2 + n P) m - P sum d = 0 for each task, whose mean is at its best before the step. How an
        item's posterior mean follows its mode adds to what it tells of its task's mean, P - P H^-1 P: by ``stiffness``
        (see :func:`~proofgrid.irt.skewness.stiffness`).
        """
        p = 1.0 / self._by_task(variances)
        each = p[:, self.group]
        # Nothing that an item tells can be negative but by where Newton's curvature is far off.
        told = np.maximum(each * (1.0 - each * inverse[[0, 2]]), 0.0)
        own = self._sums(stiffness * told) + self.between
        across = -p[0] * p[1] * self._sums(stiffness * inverse[1:2])[0]
        most = _TIED * np.sqrt(own[0] * own[1])
        mean_step = times(inverses(own[0], np.clip(across, -most, most), own[1]), p * self._sums(step))
        mean_step = np.clip(mean_step, -_LARGEST_MEAN_STEP, _LARGEST_MEAN_STEP)
        return step + times(inverse, (p * mean_step)[:, self.group])

    def update(self, modes: Array, inverse: Array, variances: Array, followed: Array) -> tuple[Array, Array]:
        """How the items follow their variances (2 x items), and these.

        EM's own update is (k sd^2 + sum of squares and variances) / (k + n), the variances those of the parameters.
        Both grow with the prior's variance itself, hence the creeping: the step is Newton's on the difference, with
        half of that growth counted at first (all of it overshoots) and nearly all at the end. ``followed`` is the
        share of its step that each item makes: what it does not follow is no growth, and counted as such it would
        throw the variance to and fro. Squares are those of the modes (2 x items) around their own mean: how far means
        lie beyond them grows with the square of the variance, which would drive itself.
        """
        variance = self._by_task(variances)
        uncertain = inverse[[0, 2]]
        off = modes - self._means(modes, variance)[:, self.group]
        old = variance[:, self.group]
        left = np.minimum(uncertain, self.guess)
        share = uncertain / old
        growth = share**2 * (uncertain < self.guess) + followed * 2 * off**2 / old * share
        total, grown = (self._sums(of) / (self.worth + self.n) for of in (off**2 + left, growth))
        found = self.worth * self.guess / (self.worth + self.n) + total
        gap = found / variance - 1.0
        counted = np.interp(np.abs(gap), [0.0, _OFF], [_GROWTH_RIGHT, _GROWTH_OFF])
        ratio = 1.0 + gap / (1.0 - counted * np.minimum(grown, 1.0))
        ratio = np.clip(ratio, 1.0 / _MOST_AT_ONCE, _MOST_AT_ONCE)
        return off * share * (ratio - 1.0)[:, self.group], variances + np.log(ratio).ravel()

    def _by_task(self, variances: Array) -> Array:
        return np.asarray(np.exp(variances).reshape(2, -1), dtype=np.float64)

    def _means(self, of: Array, variance: Array) -> Array:
        means = self._sums(of) / self.n
        pull = variance / self.n * self.between
        there = self.count > 0
        worth = (1.0 / (self.between * LOG_A_MEAN_SD**2), 0.0)
        grand = [
            float(own[there].sum()) / (int(there.sum()) + tasks) if centre is None else centre
            for own, centre, tasks in zip(means, self.centres, worth, strict=True)
        ]
        return np.asarray((means + pull * np.array(grand)[:, None]) / (1.0 + pull), dtype=np.float64)

    def _sums(self, rows: Array) -> Array:
        """Of each row of items, its sum over each task: rows x tasks."""
        return np.stack([np.bincount(self.group, weights=row, minlength=len(self.n)) for row in rows])


def inverses(h11: Array, h12: Array, h22: Array) -> Array:
    """Inverses of n symmetric 2 x 2 matrices: their elements 11, 12 and 22 (3 x n)."""
    ridge = 1e-9
    h11, h22 = h11 + ridge, h22 + ridge
    return np.stack([h22, -h12, h11]) / np.maximum(h11 * h22 - h12 * h12, 1e-14)


def times(matrices: Array, vectors: Array) -> Array:
    """Symmetric 2 x 2 matrices, as their elements 11, 12 and 22 (3 x n), times vectors (2 x n)."""
    return np.stack(
        [matrices[0] * vectors[0] + matrices[1] * vectors[1], matrices[1] * vectors[0] + matrices[2] * vectors[1]]
    )
