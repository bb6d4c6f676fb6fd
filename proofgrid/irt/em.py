"""Marginal maximum a posteriori estimation of the 2PL by EM (Bock & Aitkin 1981; Mislevy 1986), vectorised.

Abilities are N(0, 1) and integrated out. In each pass the ability distribution is given a free mean and variance and
the scale is then set back to 0 and 1 (parameter-expanded EM, Liu, Rubin & Wu 1998): without priors this changes
nothing but the speed, and with priors it keeps the scale from drifting where the items are not centred on the models.
Items are updated by one Newton or Fisher-scoring step on (log a, b); since the logit is linear in ability, the
observed counts enter through two moments alone and one pass costs a single exponential an item and node. Passes are
accelerated by SQUAREM (Varadhan & Roland 2008). No random numbers anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proofgrid.irt.model import not_guessed, probability
from proofgrid.irt.priors import Priors
from proofgrid.irt.quadrature import RATIO, Grid, adapted, make_grid, moments, posterior
from proofgrid.irt.responses import Array, Responses

LOG_A_BOUNDS = (float(np.log(0.02)), float(np.log(25.0)))
B_BOUND = 60.0
_WATCHED: Array = np.linspace(-2.0, 2.0, 5)
_LARGEST = 700.0
"""The largest logit whose exponential is a double."""


@dataclass(frozen=True)
class Hyper:
    """The prior of each item, with its means filled in; precisions are 0 where there is no prior."""

    log_a_mean: Array
    log_a_precision: Array
    b_mean: Array
    b_precision: Array

    def log_density(self, log_a: Array, b: Array) -> float:
        """Log prior density of all items, up to the constant."""
        return float(
            -0.5 * (self.log_a_precision * (log_a - self.log_a_mean) ** 2).sum()
            - 0.5 * (self.b_precision * (b - self.b_mean) ** 2).sum()
        )


@dataclass
class EmResult:
    """What EM found. ``post`` is patterns x nodes under the final parameters."""

    log_a: Array
    b: Array
    grid: Grid
    post: Array
    log_likelihood: float
    hyper: Hyper
    converged: bool
    passes: int

    @property
    def a(self) -> Array:
        """Discriminations."""
        return np.asarray(np.exp(self.log_a), dtype=np.float64)


def fit_em(
    data: Responses,
    priors: Priors | None,
    group: NDArray[np.intp] | None = None,
    *,
    common_slope: bool = False,
    start: tuple[Array, Array] | None = None,
    grid: Grid | None = None,
    tolerance: float = 1e-5,
    curve_tolerance: float = 0.0,
    max_passes: int = 3000,
    ratio: float = RATIO,
) -> EmResult:
    """Fit (log a, b) of all items; ``group`` numbers the items' tasks from 0 and matters to hierarchical priors only.

    ``common_slope`` estimates one discrimination for all items (the 1PL). Converged: a pass moves no log a and no b
    by more than ``tolerance``, or no item's chance of being solved by more than ``curve_tolerance`` at abilities from
    -2 to 2. ``ratio`` is the grid's spacing (see :func:`~proofgrid.irt.quadrature.adapted`).
    """
    engine = _Em(data, priors, group, common_slope, ratio)
    log_a, b = start if start is not None else engine.start()
    state = np.concatenate([log_a, b])
    engine.grid = grid if grid is not None else make_grid()
    if not common_slope:
        engine.settle(state)
    converged = False
    while engine.passes < max_passes and not converged:
        first = engine.step(state)
        engine.adapt()
        r = first - state
        if np.abs(r).max() < tolerance or (curve_tolerance and engine.moved(state, first) < curve_tolerance):
            state, converged = first, True
            break
        second = engine.step(first)
        v = (second - first) - r
        length = float(np.sqrt((r @ r) / max(float(v @ v), 1e-300)))
        if length <= 1.0:
            state = second
            continue
        length = min(length, engine.longest)
        jump = engine.clipped(state + 2 * length * r + length * length * v)
        before = engine.value
        landed = engine.step(jump)
        # `value` is the objective at the point a pass started from: at the jump it must not be far below.
        if np.isfinite(engine.value) and engine.value > before - 1.0 - 1e-4 * abs(before):
            state = landed
            engine.longest = min(engine.longest * (4.0 if length == engine.longest else 1.0), 1024.0)
        else:
            state = second
            engine.longest = max(engine.longest / 4.0, 1.0)
    engine.evaluate(state)
    for _ in range(12):
        if not engine.adapt():
            break
        engine.evaluate(state)
    hyper = engine.hyper(state)
    log_a, b = engine.split(state)
    return EmResult(
        log_a,
        b,
        engine.grid,
        engine.post,
        engine.log_likelihood,
        hyper,
        converged,
        engine.passes,
    )


@dataclass(frozen=True)
class _Floors:
    """The items that can be guessed, apart from the ``others``, whose likelihood is linear in the logit."""

    items: NDArray[np.intp]
    chance: Array
    y: Array
    """patterns x these items"""
    others: Array
    """patterns x all items: the right answers, 0 where an item is one of these."""
    never: Array
    """Of each pattern, what the likelihood of its answers to these items has at any ability."""

    @staticmethod
    def of(data: Responses) -> _Floors:
        """Of responses with a floor."""
        assert data.floor is not None
        items = np.flatnonzero(data.floor)
        others = data.y.copy()
        others[:, items] = 0.0
        chance = data.floor[items]
        return _Floors(items, chance, data.y[:, items], others, data.seen[:, items] @ np.log1p(-chance))

    def log_likelihood(self, z: Array, e: Array) -> Array:
        """patterns x nodes: y log(P right / P wrong) + n log(1 - chance); ``e`` is exp(-z), both of all items.

        The odds of a right answer with a chance c of guessing are (1 + e c) / (1 - c) times exp(z).
        """
        odds = e[self.items]
        odds *= (self.chance / (1.0 - self.chance))[:, None]
        odds += (1.0 / (1.0 - self.chance))[:, None]
        np.log(odds, out=odds)
        odds += z[self.items]
        return np.asarray(self.y @ odds + self.never[:, None], dtype=np.float64)

    def known(self, p: Array, weighted: Array) -> Array:
        """These items x nodes: expected right answers that were no guesses; ``weighted`` are the posteriors."""
        return (self.y.T @ weighted) * not_guessed(p[self.items], self.chance[:, None])


class _Em:
    def __init__(
        self, data: Responses, priors: Priors | None, group: NDArray[np.intp] | None, common: bool, ratio: float
    ) -> None:
        self.data, self.priors, self.common, self.ratio = data, priors, common, ratio
        self.group = group if group is not None and priors is not None and priors.hierarchical else None
        self.right, self.seen = data.item_counts()
        self.floors = _Floors.of(data) if data.floor is not None else None
        self.total = float(data.weight.sum())
        self.grid = make_grid()
        self.passes = 0
        self.longest = 4.0
        self.value = self.log_likelihood = -np.inf
        self.post: Array = np.empty((0, 0))
        self.variance: Array | None = None
        self.buffers: tuple[Array, Array, Array] = (np.empty((0, 0)),) * 3
        self.damping: Array = np.ones(data.n_items)
        self.last: tuple[Array, Array] | None = None

    def start(self) -> tuple[Array, Array]:
        """Difficulties from the (smoothed) share of correct answers, discriminations of one."""
        share = (self.right + 0.5) / (self.seen + 1.0)
        return np.zeros(self.data.n_items), np.asarray(-1.2 * np.log(share / (1 - share)), dtype=np.float64)

    def split(self, state: Array) -> tuple[Array, Array]:
        return state[: self.data.n_items], state[self.data.n_items :]

    def moved(self, before: Array, after: Array) -> float:
        """The largest change of an item's P(correct) at any of a few abilities, guessing aside."""
        old, new = (probability(np.exp(log_a), b, _WATCHED) for log_a, b in map(self.split, (before, after)))
        return float(np.abs(new - old).max())

    def clipped(self, state: Array) -> Array:
        log_a, b = self.split(state)
        return np.concatenate([np.clip(log_a, *LOG_A_BOUNDS), np.clip(b, -B_BOUND, B_BOUND)])

    def settle(self, state: Array) -> None:
        """Find a grid that suits the start before the first pass counts on it."""
        for _ in range(8):
            self.evaluate(state)
            if not self.adapt():
                break

    def adapt(self) -> bool:
        """Refine or widen the grid if the last posteriors ask for it."""
        grid = adapted(self.grid, self.post, self.ratio)
        changed = grid is not self.grid
        self.grid = grid
        return changed

    def workspace(self) -> tuple[Array, Array, Array]:
        """Three arrays of items x nodes: a pass costs little more than their allocation would."""
        shape = (self.data.n_items, len(self.grid.theta))
        if self.buffers[0].shape != shape:
            self.buffers = (np.empty(shape), np.empty(shape), np.empty(shape))
        return self.buffers

    def evaluate(self, state: Array) -> tuple[Array, Array]:
        """E-step: posteriors and log likelihood. Returns P, which the next call overwrites, and the slopes."""
        log_a, b = self.split(state)
        a, theta = np.exp(log_a), self.grid.theta
        z, e, lost = self.workspace()
        np.multiply(a[:, None], theta, out=z)
        z -= (a * b)[:, None]
        np.maximum(z, -_LARGEST, out=z)
        np.exp(np.negative(z, out=e), out=e)
        data, floors = self.data, self.floors
        y = data.y if floors is None else floors.others
        log_like = np.outer(y @ a, theta) - (y @ (a * b))[:, None]
        if floors is not None:
            log_like += floors.log_likelihood(z, e)
        np.add(z, np.log1p(e, out=lost), out=lost)  # log(1 + exp(z))
        np.add(e, 1.0, out=e)
        p = np.reciprocal(e, out=e)
        log_like -= lost.sum(axis=0)[None, :] if data.complete else data.seen @ lost
        self.post, marginal = posterior(log_like, self.grid)
        self.log_likelihood = float(self.data.weight @ marginal)
        return p, a

    def step(self, state: Array) -> Array:
        """One pass of EM; ``value`` becomes the objective at ``state``."""
        self.passes += 1
        log_a, b = self.split(state)
        p, a = self.evaluate(state)
        hyper = self.hyper(state)
        self.value = self.log_likelihood + hyper.log_density(log_a, b)
        data, theta = self.data, self.grid.theta
        weighted = self.post * data.weight[:, None]
        eap, variance = moments(self.post, self.grid)
        q = self.buffers[0]
        np.multiply(np.subtract(1.0, p, out=q), p, out=q)
        basis = np.stack([np.ones_like(theta), theta, theta * theta], axis=1)
        if data.complete:
            counts = weighted.sum(axis=0)
            fitted = p @ (counts[:, None] * basis[:, :2])
            curved = q @ (counts[:, None] * basis)
        else:
            counts_by_item = data.seen.T @ weighted
            fitted = (counts_by_item * p) @ basis[:, :2]
            curved = (counts_by_item * q) @ basis
        right, right_theta = self.right, (data.weight * eap) @ data.y
        if self.floors is not None:
            # What was known and not guessed takes the place of what was right: the 2PL of the augmented data.
            chosen, known = self.floors.items, self.floors.known(p, weighted) @ basis[:, :2]
            right = right.copy()
            right[chosen], right_theta[chosen] = known.T
        excess0 = right - fitted[:, 0]
        excess1 = right_theta - fitted[:, 1]
        w0, w1, w2 = curved.T
        gradient_a = a * (excess1 - b * excess0) - hyper.log_a_precision * (log_a - hyper.log_a_mean)
        gradient_b = -a * excess0 - hyper.b_precision * (b - hyper.b_mean)
        h_aa = a * a * (w2 - 2 * b * w1 + b * b * w0) + hyper.log_a_precision
        h_ab = -a * a * (w1 - b * w0)
        h_bb = a * a * w0 + hyper.b_precision
        # Near a maximum Newton's own curvature; where it is not safely concave, its expectation (Fisher scoring).
        n_aa, n_ab = h_aa - a * (excess1 - b * excess0), h_ab + a * excess0
        safe = (n_aa > 0.1 * h_aa) & (n_aa * h_bb - n_ab * n_ab > 0.1 * (h_aa * h_bb - h_ab * h_ab))
        h_aa, h_ab = np.where(safe, n_aa, h_aa), np.where(safe, n_ab, h_ab)
        if self.common:
            delta_a, delta_b = _arrow(gradient_a, gradient_b, h_aa, h_ab, h_bb)
        else:
            delta_a, delta_b = _pairs(gradient_a, gradient_b, h_aa, h_ab, h_bb)
        self.variance = np.stack([h_bb, h_aa]) / np.maximum(h_aa * h_bb - h_ab * h_ab, 1e-12)
        delta_a, delta_b = self.damped(np.clip(delta_a, -1.0, 1.0), np.clip(delta_b, -1.5, 1.5))
        log_a, b = log_a + delta_a, b + delta_b
        mean = float(data.weight @ eap) / self.total
        sd = float(np.sqrt(data.weight @ (variance + (eap - mean) ** 2) / self.total))
        return self.clipped(np.concatenate([log_a + np.log(sd), (b - mean) / sd]))

    def damped(self, delta_a: Array, delta_b: Array) -> tuple[Array, Array]:
        """Halve the steps of items that jump to and fro (a nearly flat item can be overshot for ever)."""
        if self.last is not None and not self.common:
            along = delta_a * self.last[0] + delta_b * self.last[1]
            self.damping = np.where(along < -0.01, 0.5 * self.damping, np.minimum(1.0, 1.1 * self.damping))
        self.last = (delta_a, delta_b)
        return self.damping * delta_a, self.damping * delta_b

    def hyper(self, state: Array) -> Hyper:
        """Prior of each item at these parameters: the estimated means are the items' own."""
        log_a, b = self.split(state)
        ones = np.ones(self.data.n_items)
        if self.priors is None:
            return Hyper(0 * ones, 0 * ones, 0 * ones, 0 * ones)
        pr = self.priors
        if self.group is None:
            one_a = float(log_a.mean()) if pr.log_a_mean is None else pr.log_a_mean
            one_b = float(b.mean()) if pr.b_mean is None else pr.b_mean
            # One slope for all items has one prior, not one for each item; at its estimated mean it has no pull.
            k_a = (1.0 / self.data.n_items if self.common else 1.0) / pr.log_a_sd**2
            return Hyper(one_a * ones, k_a * ones, one_b * ones, ones / pr.b_sd**2)
        spread = np.zeros((2, self.data.n_items)) if self.variance is None else self.variance
        m_a, s_a = self._by_group(log_a, pr.log_a_mean, pr.log_a_sd, spread[0])
        m_b, s_b = self._by_group(b, pr.b_mean, pr.b_sd, spread[1])
        return Hyper(m_a, 1.0 / s_a, m_b, 1.0 / s_b)

    def _by_group(self, x: Array, centre: float | None, sd: float, uncertain: Array) -> tuple[Array, Array]:
        """Mean and variance of each item's task: means shrunk to the centre, variances to ``sd`` squared."""
        assert self.group is not None
        assert self.priors is not None
        count = np.bincount(self.group)
        n = np.maximum(count, 1).astype(np.float64)  # a resampled matrix may lack a whole task
        means = np.bincount(self.group, weights=x) / n
        grand = float(means[count > 0].mean()) if centre is None else centre
        pull = sd**2 / (n * self.priors.between_sd**2)
        means = (means + pull * grand) / (1.0 + pull)
        deviations = (x - means[self.group]) ** 2 + np.minimum(uncertain, sd**2)
        k = self.priors.sd_weight
        variances = (k * sd**2 + np.bincount(self.group, weights=deviations)) / (k + n)
        return means[self.group], variances[self.group]


def _pairs(g1: Array, g2: Array, h11: Array, h12: Array, h22: Array) -> tuple[Array, Array]:
    """Solve one 2 x 2 system an item."""
    ridge = 1e-9
    h11, h22 = h11 + ridge, h22 + ridge
    determinant = np.maximum(h11 * h22 - h12 * h12, 1e-14)
    return (h22 * g1 - h12 * g2) / determinant, (h11 * g2 - h12 * g1) / determinant


def _arrow(g1: Array, g2: Array, h11: Array, h12: Array, h22: Array) -> tuple[Array, Array]:
    """Solve with one slope shared by all items and a difficulty for each."""
    h22 = h22 + 1e-9
    slope = float((g1 - h12 / h22 * g2).sum() / max(float((h11 - h12 * h12 / h22).sum()), 1e-9))
    return np.full_like(g1, slope), (g2 - h12 * slope) / h22


__all__ = ["EmResult", "Hyper", "fit_em"]
