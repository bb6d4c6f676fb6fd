"""Marginal maximum a posteriori estimation of the 2PL by EM (Bock & Aitkin 1981; Mislevy 1986), vectorised.

Abilities are N(0, 1) and integrated out. Without priors a pass also gives their distribution a free mean and variance
and sets the scale back to 0 and 1 (parameter-expanded EM, Liu, Rubin & Wu 1998), which changes nothing but the speed.

With priors it changes more, for items that a prior pulls together pull the abilities together in the next pass, and
thousands of items would in the end leave none apart. So the scale is kept by its own: the parameters of an item are
those that fit it best, prior included, given the abilities set to mean 0 and variance 1 over the models, and the
abilities are those that follow from these parameters, put on the scale where they have that mean and variance. Both
hold at once where the passes end, whatever way led there: nothing is left that a pass moves one way and the next
pass back, which a task that few models fail would answer by running off (to b = -60 with 400 items a task).

Estimated means of the priors are those of the items' posterior means, not of their modes
(:mod:`proofgrid.irt.skewness`).

Items are updated by one Newton or Fisher-scoring step on (log a, b); since the logit is linear in ability, the
observed counts enter through two moments alone. Passes are accelerated by SQUAREM (Varadhan & Roland 2008), whose
jumps are taken back where the next pass wants to move much further. No random numbers anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proofgrid.irt.hyper import Hierarchy, Hyper, common_prior, inverses, times
from proofgrid.irt.likelihood import Block, Sums, blocks
from proofgrid.irt.priors import Priors
from proofgrid.irt.quadrature import RATIO, Grid, adapted, cheapest, make_grid, moments, posterior
from proofgrid.irt.responses import Array, Responses
from proofgrid.irt.skewness import beyond_mode, stiffness

LOG_A_BOUNDS = (float(np.log(0.02)), float(np.log(25.0)))
B_BOUND = 60.0
LOG_VARIANCE_BOUNDS = (-15.0, 15.0)
_SLACK = 1e-6
_SCALE_WORTH = 0.5
"""What the prior of the scale's log sd, N(0, 1), is worth in models."""
_HALTED = 10.0
"""How much further than the tolerance an item may want to move whose steps are halved."""
_FARTHEST = 2.0
"""A jump is kept if the next pass moves at most this many times as far as the one before it."""


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
    at_bound: NDArray[np.bool_]
    """Of each item, whether its discrimination was stopped at one of LOG_A_BOUNDS."""

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
    max_passes: int = 3000,
    ratio: float = RATIO,
) -> EmResult:
    """Fit (log a, b) of all items; ``group`` numbers the items' tasks from 0 and matters to hierarchical priors only.

    ``common_slope`` estimates one discrimination for all items (the 1PL). Converged: a pass moves no log a and no b
    by more than ``tolerance``, nor by ten times that if no step were halved. ``ratio`` is the grid's spacing (see
    :func:`~proofgrid.irt.quadrature.adapted`).
    """
    engine = _Em(data, priors, group, common_slope, ratio)
    state = engine.first_state(*(start if start is not None else engine.start()))
    engine.grid = grid if grid is not None else make_grid()
    if not common_slope:
        engine.settle(state)
    converged = False
    suited = cheapest
    while engine.passes < max_passes and not converged:
        first = engine.step(state)
        engine.grid = suited(engine.grid, engine.post, ratio)
        r = first - state
        if np.abs(r).max() < tolerance and engine.halted < _HALTED * tolerance:
            state, converged = first, not engine.grid.own
            # Nodes of their own are for the way: a few very steep items leave posteriors that are not normal.
            engine.share_nodes()
            suited = adapted
            continue
        second = engine.step(first)
        v = (second - first) - r
        length = float(np.sqrt((r @ r) / max(float(v @ v), 1e-300)))
        length = min(length, engine.longest)
        jump = engine.clipped(state + 2 * length * r + length * length * v)
        landed = engine.step(jump)
        left = landed - jump
        if left @ left < _FARTHEST**2 * (r @ r):
            state = landed
            engine.longest = min(engine.longest * (4.0 if length == engine.longest else 1.0), 1024.0)
        else:  # so is a jump to where something is not a number
            state = second
            engine.longest = max(engine.longest / 4.0, 1.0)
    engine.evaluate(state)
    engine.share_nodes()
    for _ in range(12):
        engine.evaluate(state)
        if not engine.adapt():
            break
    log_a, b = engine.scaled(state)
    return EmResult(
        log_a,
        b,
        engine.grid,
        engine.post,
        engine.log_likelihood,
        engine.hyper(state).on_scale(*engine.scale(state)),
        converged,
        engine.passes,
        engine.at_bound(state),
    )


class _Em:
    def __init__(
        self, data: Responses, priors: Priors | None, group: NDArray[np.intp] | None, common: bool, ratio: float
    ) -> None:
        self.data, self.priors, self.common, self.ratio = data, priors, common, ratio
        self.hierarchy: Hierarchy | None = None
        if group is not None and priors is not None and priors.hierarchical:
            self.hierarchy = Hierarchy(priors, group)
        self.right, self.seen = data.item_counts()
        self.total = float(data.weight.sum())
        self.grid = make_grid()
        self.passes = 0
        self.longest = 4.0
        self.log_likelihood = -np.inf
        self.post: Array = np.empty((0, 0))
        self.in_blocks: tuple[int, list[Block]] = (0, [])
        self.damping: Array = np.ones(data.n_items)
        self.last: tuple[Array, Array] | None = None
        self.halted = 0.0
        """The longest step of an item in the last pass had none been halved."""
        self.beyond: Array = np.zeros((2, data.n_items))
        """Posterior means of (log a, b) less modes."""

    def start(self) -> tuple[Array, Array]:
        """Difficulties from the (smoothed) share of correct answers, discriminations of one."""
        share = (self.right + 0.5) / (self.seen + 1.0)
        return np.zeros(self.data.n_items), np.asarray(-1.2 * np.log(share / (1 - share)), dtype=np.float64)

    def first_state(self, log_a: Array, b: Array) -> Array:
        """What a pass maps to what: log a and b of all items, the scale's log sd and mean, the priors' variances."""
        tail = np.empty(0) if self.hierarchy is None else self.hierarchy.start()
        return np.concatenate([log_a, b, [0.0, 0.0], tail])

    def split(self, state: Array) -> tuple[Array, Array]:
        n = self.data.n_items
        return state[:n], state[n : 2 * n]

    def scale(self, state: Array) -> tuple[float, float]:
        """Standard deviation and mean of the abilities in the units of the items' parameters."""
        n = 2 * self.data.n_items
        return float(np.exp(state[n])), float(state[n + 1])

    def variances(self, state: Array) -> Array:
        """What the hierarchy keeps in a state."""
        return state[2 * self.data.n_items + 2 :]

    def scaled(self, state: Array) -> tuple[Array, Array]:
        """log a and b where the abilities have mean 0 and variance 1."""
        (log_a, b), (sd, mean) = self.split(state), self.scale(state)
        return self.within(log_a + np.log(sd), (b - mean) / sd)

    def within(self, log_a: Array, b: Array) -> tuple[Array, Array]:
        """Stopped at their bounds."""
        return np.clip(log_a, *LOG_A_BOUNDS), np.clip(b, -B_BOUND, B_BOUND)

    def clipped(self, state: Array) -> Array:
        n = 2 * self.data.n_items
        scale = np.clip(state[n], *LOG_A_BOUNDS), np.clip(state[n + 1], -B_BOUND, B_BOUND)
        variances = np.clip(self.variances(state), *LOG_VARIANCE_BOUNDS)
        return np.concatenate([*self.within(*self.split(state)), scale, variances])

    def at_bound(self, state: Array) -> NDArray[np.bool_]:
        low, high = LOG_A_BOUNDS
        least, most = np.sort(np.stack([self.split(state)[0], self.scaled(state)[0]]), axis=0)
        return np.asarray((least < low + _SLACK) | (most > high - _SLACK), dtype=np.bool_)

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

    def share_nodes(self) -> None:
        """The same nodes for all patterns, as whoever gets the posteriors expects."""
        self.grid = self.grid.shared or self.grid

    def blocks(self) -> list[Block]:
        """The items, in blocks that suit the grid."""
        nodes = len(self.grid.theta)
        if self.in_blocks[0] != nodes:
            self.in_blocks = (nodes, blocks(self.data, nodes))
        return self.in_blocks[1]

    def evaluate(self, state: Array) -> None:
        """E-step: posteriors and log likelihood."""
        log_a, b = self.scaled(state)
        a = np.exp(log_a)
        log_like = sum(block.log_likelihood(a, b, self.grid.theta) for block in self.blocks())
        self.post, marginal = posterior(np.asarray(log_like), self.grid)
        self.log_likelihood = float(self.data.weight @ marginal)

    def step(self, state: Array) -> Array:
        """One pass of EM."""
        self.passes += 1
        data = self.data
        self.evaluate(state)
        eap, variance = moments(self.post, self.grid)
        mean = float(data.weight @ eap) / self.total
        sd = float(np.sqrt(data.weight @ (variance + (eap - mean) ** 2) / self.total))
        old_sd, old_mean = self.scale(state)
        if self.priors is not None:
            # A few models that do alike have no scale of their own: without a prior it would shrink without end.
            sd = (old_sd * sd) ** (self.total / (self.total + _SCALE_WORTH)) / old_sd
        log_a, b = self.split(state)
        if self.priors is None:
            log_a, b = log_a + np.log(sd), (b - mean) / sd  # the same curves on the same abilities
        a = np.exp(log_a)
        sums = self.sums(a, b, (self.grid.theta - mean) / sd, self.post * data.weight[:, None])
        prior = self.hyper(state)  # its precisions; its means are those of the last pass until `beyond` is known
        expected = _information(a, b, None, sums.second, prior)
        # Near a maximum Newton's own curvature; where it is not safely concave, its expectation (Fisher scoring).
        h = _safe(_information(a, b, sums.first, sums.second, prior), expected)
        inverse = inverses(*h)
        if self.priors is not None:
            observed = inverses(*_safe(_information(a, b, sums.first, sums.observed, prior), expected))
            self.beyond = beyond_mode(a, b, sums.first, sums.observed, sums.third, observed)
            prior = self.hyper(state)
        excess0, excess1 = sums.first
        gradient_a = a * (excess1 - b * excess0) - prior.log_a_precision * (log_a - prior.log_a_mean)
        gradient_b = -a * excess0 - prior.b_precision * (b - prior.b_mean)
        if self.common:
            delta = np.stack(_arrow(gradient_a, gradient_b, *h))
        else:
            delta = times(inverse, np.stack([gradient_a, gradient_b]))
        variances = self.variances(state)
        if self.hierarchy is not None:
            if not self.common:
                delta = self.hierarchy.together(delta, inverse, variances, stiffness(a, b, sums.observed, observed))
            follow, variances = self.hierarchy.update(np.stack([log_a, b]), inverse, variances, self.damping)
            delta = delta + follow
        delta_a, delta_b = self.damped(np.clip(delta[0], -1.0, 1.0), np.clip(delta[1], -1.5, 1.5))
        scale = (0.0, 0.0) if self.priors is None else (np.log(old_sd * sd), old_mean + mean * old_sd)
        return self.clipped(np.concatenate([log_a + delta_a, b + delta_b, scale, variances]))

    def sums(self, a: Array, b: Array, theta: Array, weighted: Array) -> Sums:
        """Of all items, from their blocks."""
        found = Sums(*(np.empty((powers, self.data.n_items)) for powers in (2, 3, 3, 4)))
        powers = np.vander(theta, 4, increasing=True)
        for block in self.blocks():
            part = block.sums(a, b, powers, weighted)
            for whole, of_block in zip(found, part, strict=True):
                whole[:, block.items] = of_block
        return found

    def damped(self, delta_a: Array, delta_b: Array) -> tuple[Array, Array]:
        """Halve the steps of items that jump to and fro (a nearly flat item can be overshot for ever)."""
        if self.last is not None and not self.common:
            along = delta_a * self.last[0] + delta_b * self.last[1]
            self.damping = np.where(along < -0.01, 0.5 * self.damping, np.minimum(1.0, 1.1 * self.damping))
        self.last = (delta_a, delta_b)
        self.halted = max(float(np.abs(delta_a).max()), float(np.abs(delta_b).max()))
        return self.damping * delta_a, self.damping * delta_b

    def hyper(self, state: Array) -> Hyper:
        """Prior of each item at these parameters."""
        expected = np.stack(self.split(state)) + self.beyond
        if self.hierarchy is None:
            return common_prior(self.priors, expected, one_slope=self.common)
        return self.hierarchy.prior(expected, self.variances(state))


def _information(a: Array, b: Array, first: Array | None, second: Array, prior: Hyper) -> Array:
    """Negative Hessian of each item's log posterior by (log a, b): its elements 11, 12, 22 (3 x items).

    Without ``first`` its expectation, in which right answers are as many as expected.
    """
    s0, s1, s2 = second
    aa = -a * a * (s2 - 2 * b * s1 + b * b * s0) + prior.log_a_precision
    ab = a * a * (s1 - b * s0)
    bb = -a * a * s0 + prior.b_precision
    if first is not None:
        aa, ab = aa - a * (first[1] - b * first[0]), ab + a * first[0]
    return np.stack([aa, ab, bb])


def _safe(h: Array, expected: Array) -> Array:
    """``h`` where it is safely positive definite, else what is expected."""

    def determinant(of: Array) -> Array:
        return np.asarray(of[0] * of[2] - of[1] * of[1], dtype=np.float64)

    well = (h[0] > 0.1 * expected[0]) & (h[2] > 0.1 * expected[2]) & (determinant(h) > 0.1 * determinant(expected))
    return np.where(well, h, expected)


def _arrow(g1: Array, g2: Array, h11: Array, h12: Array, h22: Array) -> tuple[Array, Array]:
    """Solve with one slope shared by all items and a difficulty for each."""
    h22 = h22 + 1e-9
    slope = float((g1 - h12 / h22 * g2).sum() / max(float((h11 - h12 * h12 / h22).sum()), 1e-9))
    return np.full_like(g1, slope), (g2 - h12 * slope) / h22


__all__ = ["EmResult", "Hyper", "fit_em"]
