"""Standard errors of items and abilities from the observed information of the marginal likelihood.

The information of the marginal likelihood is the complete-data information minus the variance of the complete-data
score over each posterior (Louis 1982). That variance is expanded in polynomials orthonormal under the posterior: the
score is smooth in ability, so a few terms hold it, and with more items than the models can span the inverse comes from
the Woodbury identity, without a matrix of items x items.

An ability's standard error has two parts: the posterior's width as if the items were known, and what the items'
uncertainty does to the posterior mean (delta method). With few models and many items the second is the larger one.

What scale is meant? With a population in mind (no priors) abilities are N(0, 1) there, and the errors say how far the
scale itself is uncertain. With priors the scale is fixed by the models at hand (their mean is 0 and their variance
1), so the errors are those that remain on that scale: shifts and stretches of everything together are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from proofgrid.irt.em import EmResult
from proofgrid.irt.model import not_guessed, probability
from proofgrid.irt.quadrature import moments
from proofgrid.irt.responses import Array, Responses

Solve: TypeAlias = Callable[[Array], Array]

_TERMS = 6
_DENSE = 300
_FACTORS = 6


@dataclass(frozen=True)
class Uncertainty:
    """Item covariances (items x 2 x 2, of (a, b)) and the variances of the posterior mean of each pattern."""

    item_covariance: Array
    posterior_variance: Array
    common: Array
    """items x 2 x few: factors of the errors of (a, b) that items share (part of ``item_covariance``)."""
    shared: Array
    """patterns x patterns: what the items' uncertainty adds to the covariance of the patterns' abilities."""

    @property
    def item_part(self) -> Array:
        """What it adds to the variance of each pattern's ability."""
        return np.asarray(np.maximum(np.diag(self.shared), 0.0), dtype=np.float64)


def uncertainty(data: Responses, fit: EmResult, *, fixed_scale: bool) -> Uncertainty:
    """Observed-information covariances. ``fixed_scale`` leaves out common shifts and stretches (see the module)."""
    a, b, theta, n = fit.a, fit.b, fit.grid.theta, data.n_items
    p = probability(a, b, theta)
    weighted = fit.post * data.weight[:, None]
    blocks = _complete_information(data, fit, p, weighted)
    inverse_blocks = _invert_blocks(blocks)

    terms, second = _scores(data, fit, p)
    scaled = [np.sqrt(data.weight)[:, None] * u for u in terms]
    if 2 * n <= _DENSE or len(terms) * len(data.weight) > 2 * n:
        solve, diagonal = _dense(blocks, scaled)
    else:
        solve, diagonal = _low_rank(inverse_blocks, np.concatenate(scaled))

    _, variance = moments(fit.post, fit.grid)
    sd = np.sqrt(variance)
    slopes = sd[:, None] * terms[0]
    reach = solve(slopes.T)
    shared = slopes @ reach
    moved: Array = np.zeros((2 * n, 2))
    inner: Array = np.zeros((2, 2))
    if fixed_scale:
        constraint = np.stack([data.weight @ slopes, data.weight @ second], axis=1)
        moved = solve(constraint)
        inner = np.linalg.pinv(constraint.T @ moved)
        shared = shared - (slopes @ moved) @ inner @ (moved.T @ slopes.T)
        pair = np.stack([moved[:n], moved[n:]], axis=1)
        diagonal = diagonal - np.einsum("nik,kl,njl->nij", pair, inner, pair)
    common = _common(n, lambda x: solve(x) - moved @ (inner @ (moved.T @ x)) - _by_blocks(inverse_blocks, x))
    jacobian = np.zeros((n, 2, 2))
    jacobian[:, 0, 0] = a
    jacobian[:, 1, 1] = 1.0
    return Uncertainty(jacobian @ diagonal @ jacobian, variance, jacobian @ common, shared)


def _common(n: int, beyond: Solve) -> Array:
    """items x 2 x _FACTORS: leading positive directions of what the covariance holds beyond the items' own blocks.

    By subspace iteration from a fixed start, so that no matrix of items x items is needed.
    """
    basis = np.random.default_rng(0).normal(size=(2 * n, min(2 * n, _FACTORS + 4)))
    for _ in range(4):
        basis = np.linalg.qr(beyond(basis))[0]
    inner = basis.T @ beyond(basis)
    values, vectors = np.linalg.eigh((inner + inner.T) / 2)
    factors = (basis @ vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0.0)))[:, :_FACTORS]
    return np.stack([factors[:n], factors[n:]], axis=1)


def _by_blocks(blocks: Array, x: Array) -> Array:
    """Blocks of 2 x 2 (one an item) times columns of log a's, then b's."""
    top, bottom = x[: len(blocks)], x[len(blocks) :]
    return np.concatenate(
        [
            blocks[:, 0, 0, None] * top + blocks[:, 0, 1, None] * bottom,
            blocks[:, 1, 0, None] * top + blocks[:, 1, 1, None] * bottom,
        ]
    )


def _complete_information(data: Responses, fit: EmResult, p: Array, weighted: Array) -> Array:
    """Per item the 2 x 2 expected complete-data information in (log a, b), prior included.

    The observed complete-data information differs from the expected one by a term in (y - P) that sums to zero at a
    maximum without priors; it is kept, for with priors it does not.
    """
    a, b, theta = fit.a, fit.b, fit.grid.theta
    q = p * (1.0 - p)
    counts = data.seen.T @ weighted
    basis = np.stack([np.ones_like(theta), theta, theta * theta], axis=1)
    w0, w1, w2 = ((counts * q) @ basis).T
    eap = fit.post @ theta
    fitted = (counts * p) @ basis[:, :2]
    right, right_theta = data.weight @ data.y, (data.weight * eap) @ data.y
    if data.floor is not None:
        share = not_guessed(p, data.floor[:, None])
        known = data.y.T @ weighted
        right, right_theta = ((known * share) @ basis[:, :2]).T
        # Whether a right answer was known is missing too, and takes its part of the information away.
        w0, w1, w2 = ((counts * q - known * share * (1 - share)) @ basis).T
    excess0 = right - fitted[:, 0]
    excess1 = right_theta - fitted[:, 1]
    h = np.empty((len(a), 2, 2))
    h[:, 0, 0] = a * a * (w2 - 2 * b * w1 + b * b * w0) - a * (excess1 - b * excess0) + fit.hyper.log_a_precision
    h[:, 0, 1] = h[:, 1, 0] = -a * a * (w1 - b * w0) + a * excess0
    h[:, 1, 1] = a * a * w0 + fit.hyper.b_precision
    return h


def _invert_blocks(blocks: Array) -> Array:
    out: Array = np.linalg.inv(blocks + 1e-9 * np.eye(2))
    return out


def _scores(data: Responses, fit: EmResult, p: Array) -> tuple[list[Array], Array]:
    """Components of the complete-data score (log a's of all items, then b's) along orthonormal polynomials.

    Returns one patterns x 2 items array a polynomial of degree 1, 2, ..., and the covariance of ability squared with
    the score (the slope of each pattern's second moment).
    """
    a, b, theta = fit.a, fit.b, fit.grid.theta
    post = fit.post
    share = None if data.floor is None else not_guessed(p, data.floor[:, None])
    mean, variance = moments(post, fit.grid)
    t = (theta[None, :] - mean[:, None]) / np.sqrt(variance)[:, None]
    older: Array = np.zeros_like(t)
    newer: Array = np.ones_like(t)
    norm = np.ones(len(post))
    terms: list[Array] = []
    second: Array | None = None
    for degree in range(1, _TERMS + 1):
        centre = (post * t * newer * newer).sum(axis=1)
        raw = (t - centre[:, None]) * newer - norm[:, None] * older
        norm = np.asarray(np.sqrt(np.maximum((post * raw * raw).sum(axis=1), 1e-30)), dtype=np.float64)
        older, newer = newer, np.asarray(raw / norm[:, None], dtype=np.float64)
        weighted = post * newer
        e_theta = weighted @ theta
        e_p = weighted @ p.T
        e_theta_p = (weighted * theta) @ p.T
        by_log_a = a * (data.y * e_theta[:, None] - data.seen * (e_theta_p - b * e_p))
        by_b = a * data.seen * e_p
        if share is not None:
            e_share = weighted @ share.T
            known = data.y * ((weighted * theta) @ share.T - b * e_share)
            by_log_a = a * (known - data.seen * (e_theta_p - b * e_p))
            by_b = a * (data.seen * e_p - data.y * e_share)
        terms.append(np.concatenate([by_log_a, by_b], axis=1))
        if degree <= 2:
            part = (weighted @ (theta * theta))[:, None] * terms[-1]
            second = part if second is None else second + part
    assert second is not None
    return terms, second


def _dense(blocks: Array, scaled: list[Array]) -> tuple[Solve, Array]:
    """Invert the whole information matrix."""
    n = len(blocks)
    h = np.zeros((2 * n, 2 * n))
    k = np.arange(n)
    h[k, k], h[k, n + k], h[n + k, k], h[n + k, n + k] = (
        blocks[:, 0, 0],
        blocks[:, 0, 1],
        blocks[:, 1, 0],
        blocks[:, 1, 1],
    )
    h += 1e-9 * np.eye(2 * n)
    for u in scaled:
        h -= u.T @ u
    inverse = _safe_inverse(h)
    diagonal = np.empty((n, 2, 2))
    diagonal[:, 0, 0], diagonal[:, 1, 1] = inverse[k, k], inverse[n + k, n + k]
    diagonal[:, 0, 1] = diagonal[:, 1, 0] = inverse[k, n + k]
    return lambda x: np.asarray(inverse @ x, dtype=np.float64), diagonal


def _low_rank(inverse_blocks: Array, u: Array) -> tuple[Solve, Array]:
    """(D - U'U)^-1 = D^-1 + D^-1 U' (I - U D^-1 U')^-1 U D^-1 with D in 2 x 2 blocks and few rows in U."""
    n = len(inverse_blocks)

    def by_blocks(x: Array) -> Array:
        return _by_blocks(inverse_blocks, x)

    spread = by_blocks(u.T)
    core = _safe_inverse(np.eye(len(u)) - u @ spread)
    pair = np.stack([spread[:n], spread[n:]], axis=1)
    diagonal = inverse_blocks + np.einsum("nik,nkj->nij", pair @ core, pair.transpose(0, 2, 1))
    return lambda x: by_blocks(x) + spread @ (core @ (spread.T @ x)), diagonal


def _safe_inverse(h: Array) -> Array:
    """Inverse of a symmetric matrix that should be positive definite; directions that are not get no information."""
    try:
        return np.asarray(cho_solve(cho_factor(h, lower=True), np.eye(len(h))), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(h)
        floor = 1e-6 * float(np.abs(values).max())
        return np.asarray((vectors / np.maximum(values, floor)) @ vectors.T, dtype=np.float64)
