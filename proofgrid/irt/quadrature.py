"""Quadrature over ability whose spacing follows the posteriors.

A fixed coarse grid is the classical trap: a thousand items give posteriors narrower than its spacing, and the
estimates and their standard errors collapse onto the nodes. For a smooth density the trapezoidal rule with spacing h
errs by about exp(-2 pi^2 (sd / h)^2), which is 1e-7 at h = 1.1 sd; so the grid is refined until h <= 0.9 times the
smallest posterior standard deviation, and widened until no posterior has mass at its ends.
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


@dataclass(frozen=True)
class Grid:
    """Equally spaced abilities with the log of the normalised N(mean, sd^2) weights."""

    theta: Array
    log_weight: Array
    mean: float = 0.0
    sd: float = 1.0

    @property
    def step(self) -> float:
        """Distance between neighbouring nodes."""
        return float(self.theta[1] - self.theta[0])


def make_grid(low: float = -6.0, high: float = 6.0, points: int = POINTS, mean: float = 0.0, sd: float = 1.0) -> Grid:
    """Nodes from ``low`` to ``high`` weighted by a normal density."""
    theta = np.linspace(low, high, points)
    # The density's own constant, not the sum over the nodes: a grid may leave out where no posterior has mass.
    log_weight = -0.5 * ((theta - mean) / sd) ** 2 + np.log((theta[1] - theta[0]) / (sd * np.sqrt(2 * np.pi)))
    return Grid(theta, log_weight, mean, sd)


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


def adapted(grid: Grid, post: Array, ratio: float = RATIO) -> Grid:
    """The grid itself where it suits these posteriors, else a finer or wider one.

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
