"""Abilities of models against items whose parameters are known: EAP and MAP under a normal prior, with errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from proofgrid.irt.model import log_likelihood, not_guessed, probability
from proofgrid.irt.quadrature import Grid, adapted, make_grid, moments, posterior
from proofgrid.irt.responses import Array


@dataclass(frozen=True)
class Abilities:
    """Per pattern: posterior mean and sd, posterior mode and its error, and what was integrated over."""

    eap: Array
    eap_sd: Array
    map: Array
    map_se: Array
    log_marginal: Array
    grid: Grid
    post: Array


def estimate(
    y: Array, seen: Array, a: Array, b: Array, mean: float = 0.0, sd: float = 1.0, floor: Array | None = None
) -> Abilities:
    """Abilities of patterns (rows of ``y``); items where ``seen`` is 0 are left out of a row's likelihood.

    Negative discriminations are taken as they are. With no response at all the prior comes back.
    """
    grid = make_grid(mean - 6 * sd, mean + 6 * sd, mean=mean, sd=sd)
    for _ in range(12):
        post, marginal = posterior(log_likelihood(y, seen, a, b, grid.theta, floor), grid)
        finer = adapted(grid, post)
        if finer is grid:
            break
        grid = finer
    eap, variance = moments(post, grid)
    mode, mode_se = posterior_mode(y, seen, a, b, grid.theta[post.argmax(axis=1)], mean, sd, floor)
    return Abilities(eap, np.sqrt(variance), mode, mode_se, marginal, grid, post)


def posterior_mode(
    y: Array,
    seen: Array,
    a: Array,
    b: Array,
    start: Array,
    mean: float = 0.0,
    sd: float = 1.0,
    floor: Array | None = None,
) -> tuple[Array, Array]:
    """Posterior mode of each pattern and its error, the inverse root of information plus the prior's precision.

    Newton on the log posterior, which is concave without a floor; with one, scoring by the expected information.
    """
    theta = np.asarray(start, dtype=np.float64).copy()
    weighted, right = seen * a, y @ a
    precision = np.ones_like(theta)
    for _ in range(60):
        p = expit(a * (theta[:, None] - b))
        known = right
        information = weighted * a * p * (1.0 - p)
        if floor is not None:
            share = not_guessed(p, floor)
            known, information = (y * share) @ a, information * (1.0 - floor) * share
        slope = known - (weighted * p).sum(axis=1) - (theta - mean) / sd**2
        precision = information.sum(axis=1) + sd**-2
        step = np.clip(slope / precision, -1.0, 1.0)
        theta += step
        if np.abs(step).max() < 1e-9:
            break
    return theta, 1.0 / np.sqrt(precision)


def item_part(
    post: Array,
    grid: Grid,
    y: Array,
    seen: Array,
    a: Array,
    b: Array,
    covariance: Array,
    common: Array | None = None,
    floor: Array | None = None,
) -> Array:
    """What uncertain items add to the variance of each pattern's posterior mean (delta method).

    ``covariance`` is items x 2 x 2, of (a, b), of errors that are the items' own; ``common`` (items x 2 x r) are
    factors of errors that they share, unit variance each. The slope of a posterior mean in an item's parameter is the
    posterior covariance of ability with that item's score.
    """
    theta = grid.theta
    mean, _ = moments(post, grid)
    centred = post * (theta[None, :] - mean[:, None])
    p = probability(a, b, theta)
    c0 = centred @ p.T
    c1 = (centred * theta) @ p.T
    second = (centred @ theta)[:, None]
    by_a = y * second - seen * (c1 - b * c0)
    by_b = seen * a * c0
    if floor is not None:
        share = not_guessed(p, floor[:, None])
        k0 = centred @ share.T
        by_a = y * ((centred * theta) @ share.T - b * k0) - seen * (c1 - b * c0)
        by_b = a * (seen * c0 - y * k0)
    shared = 0.0
    if common is not None:
        shared = ((by_a @ common[:, 0, :] + by_b @ common[:, 1, :]) ** 2).sum(axis=1)
    return np.asarray(
        shared
        + (by_a * by_a) @ covariance[:, 0, 0]
        + 2 * (by_a * by_b) @ covariance[:, 0, 1]
        + (by_b * by_b) @ covariance[:, 1, 1],
        dtype=np.float64,
    )
