"""Quadrature over ability whose spacing follows the posteriors.

A fixed coarse grid is the classical trap: a thousand items give posteriors narrower than its spacing, and the
estimates and their standard errors collapse onto the nodes. For a smooth density the trapezoidal rule with spacing h
errs by about exp(-2 pi^2 (sd / h)^2), which is 1e-7 at h = 1.1 sd; so the grid is refined until h <= 0.9 times the
smallest posterior standard deviation, and widened until no posterior has mass at its ends.

Such nodes grow with the square root of the items. Where that comes to more than a few nodes for every pattern, each
has its own: Gauss-Hermite nodes where its posterior lies (Naylor & Smith 1982), as many however many the items, which
err the less the more items make posteriors normal (by 1 / items^3 with seven nodes, Liu & Pierce 1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from proofgrid.irt.responses import Array

MAX_POINTS = 3001
RATIO = 0.9
POINTS = 61
"""Of a grid before anything is known of the posteriors."""
TOO_FINE = 2.5
"""A grid of spacings smaller than what is allowed by this factor is made anew."""
_EDGE = 1e-7
OWN = 7
"""Nodes of a pattern that has its own."""
_X, _W = np.polynomial.hermite_e.hermegauss(OWN)
_FEW = 2 * POINTS
"""As many nodes are no matter, and posteriors that need more come from so many items that they are nearly normal."""
_SUITS = 0.05
"""Own nodes are kept while means, in standard deviations, and log standard deviations are off by no more than this."""
_FAR = 1.0
"""Where they are off by more than this, own nodes no longer tell where a posterior lies."""


@dataclass(frozen=True)
class Grid:
    """Abilities with the log of the weight that the N(mean, sd^2) density gives them.

    Equally spaced ones, the same for all patterns, or each pattern's own one after another: weights are then patterns
    x nodes, and those of other patterns' nodes are nothing.
    """

    theta: Array
    log_weight: Array
    mean: float = 0.0
    sd: float = 1.0
    shared: Grid | None = None
    """Where patterns have their own nodes, the last grid for all of them."""

    @property
    def own(self) -> bool:
        """Whether every pattern has its own nodes."""
        return self.shared is not None

    @property
    def step(self) -> float:
        """Distance between neighbouring nodes, where they are equally spaced."""
        return float(self.theta[1] - self.theta[0])


def make_grid(low: float = -6.0, high: float = 6.0, points: int = POINTS, mean: float = 0.0, sd: float = 1.0) -> Grid:
    """Nodes from ``low`` to ``high`` weighted by a normal density."""
    theta = np.linspace(low, high, points)
    # The density's own constant, not the sum over the nodes: a grid may leave out where no posterior has mass.
    return Grid(theta, _log_density(theta, mean, sd) + np.log(theta[1] - theta[0]), mean, sd)


def own_nodes(centre: Array, width: Array, grid: Grid) -> Grid:
    """Nodes for each pattern where its posterior has this mean and sd, weighted by the density of ``grid``."""
    theta = centre[:, None] + width[:, None] * _X
    log_weight = np.full((len(centre), *theta.shape), -np.inf)
    each = np.arange(len(centre))
    log_weight[each, each] = _log_density(theta, grid.mean, grid.sd) + np.log(width[:, None] * _W) + 0.5 * _X**2
    return Grid(theta.ravel(), log_weight.reshape(len(centre), -1), grid.mean, grid.sd, grid.shared or grid)


def _log_density(theta: Array, mean: float, sd: float) -> Array:
    return np.asarray(-0.5 * ((theta - mean) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi)), dtype=np.float64)


def posterior(log_like: Array, grid: Grid) -> tuple[Array, Array]:
    """Normalised posterior weights (patterns x nodes) and log marginal likelihood of each pattern."""
    joint = log_like + grid.log_weight
    top = joint.max(axis=1, keepdims=True)
    np.subtract(joint, top, out=joint)
    np.exp(joint, out=joint)
    total = joint.sum(axis=1, keepdims=True)
    joint /= total
    return joint, np.asarray((top + np.log(total))[:, 0], dtype=np.float64)


def moments(post: Array, grid: Grid) -> tuple[Array, Array]:
    """Posterior means and variances of each pattern."""
    mean = post @ grid.theta
    return mean, np.maximum(post @ grid.theta**2 - mean**2, 1e-12)


def cheapest(grid: Grid, post: Array, ratio: float = RATIO) -> Grid:
    """As :func:`adapted`, but with nodes of each pattern's own where these are fewer."""
    mean, variance = moments(post, grid)
    sd = np.sqrt(variance)
    if grid.shared is None:
        shared = adapted(grid, post, ratio)
        dear = shared is grid and len(grid.theta) > max(len(post) * OWN, _FEW)
        return own_nodes(mean, sd, grid) if dear else shared
    nodes = grid.theta.reshape(-1, OWN)
    centre, width = nodes.mean(axis=1), (nodes[:, -1] - nodes[:, 0]) / (_X[-1] - _X[0])
    off = max(np.abs((mean - centre) / width).max(), np.abs(np.log(sd / width)).max())
    if off > _FAR:
        return grid.shared
    return grid if off <= _SUITS else own_nodes(mean, sd, grid)


def adapted(grid: Grid, post: Array, ratio: float = RATIO) -> Grid:
    """The grid itself where it suits these posteriors, else a finer or wider one of equally spaced nodes.

    ``ratio`` is the spacing allowed, in standard deviations of the narrowest posterior.
    """
    mean, variance = moments(post, grid)
    sd = np.sqrt(variance)
    low, high = float(grid.theta[0]), float(grid.theta[-1])
    if post[:, 0].max() > _EDGE or post[:, -1].max() > _EDGE:
        low = min(low, float((mean - 8 * sd).min()), low - 2.0 if post[:, 0].max() > _EDGE else low)
        high = max(high, float((mean + 8 * sd).max()), high + 2.0 if post[:, -1].max() > _EDGE else high)
    # A posterior that has collapsed onto one node has no width to go by: halve the spacing and look again.
    wanted = ratio * max(float(sd.min()), 0.4 * grid.step)
    if wanted > TOO_FINE * grid.step and len(grid.theta) > POINTS:
        # An early pass with posteriors far too narrow must not make all later ones dear.
        points = max(POINTS, int(np.ceil((high - low) / (wanted / 1.1))) + 1)
        if points < len(grid.theta):
            return make_grid(low, high, points, grid.mean, grid.sd)
    if wanted >= grid.step and low == grid.theta[0] and high == grid.theta[-1]:
        return grid
    if wanted < grid.step:  # a finer grid need not span what no posterior reaches
        low, high = max(low, float((mean - 9 * sd).min()) - 0.5), min(high, float((mean + 9 * sd).max()) + 0.5)
    points = min(MAX_POINTS, int(np.ceil((high - low) / min(wanted / 1.1, grid.step))) + 1)
    if points <= len(grid.theta) and low == grid.theta[0] and high == grid.theta[-1]:
        return grid
    return make_grid(low, high, points, grid.mean, grid.sd)
