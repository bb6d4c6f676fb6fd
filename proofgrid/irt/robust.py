"""Errors of abilities that do not take the 2PL's word for it: items, or clusters of items, are the independent units.

An ability is, to first order, a sum of one contribution an item: the posterior variance times a (y - n P). Under the
2PL the contributions are as variable as the model's information says. Where items repeat each other, share a theme, or
measure something else besides, their sums over clusters vary more, and the squares of these sums say by how much (the
cluster-robust "sandwich" of Liang & Zeger 1986, an infinitesimal jackknife over clusters). The ratio to what the model
expects of residuals in the sample (leverages of the items' own estimates taken out) widens the errors; it is pooled
over models as far as chance alone would make the models' ratios differ. No refit is needed.

Models of one family are no independent witnesses of an item's parameters either: the variance of the items' scores
summed over families, against that of models one by one, widens what the items' uncertainty adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from proofgrid.irt.em import EmResult
from proofgrid.irt.errors import ResponseError
from proofgrid.irt.model import not_guessed
from proofgrid.irt.responses import Array, Responses
from proofgrid.irt.uncertainty import Uncertainty

Codes = NDArray[np.intp]
LEAST_MINORITY = 3
"""Equal columns are taken for copies from this many models on either side: rarer patterns coincide by chance."""

LEAST_CLUSTERS = 20
"""With fewer independent items nothing can be said of how they vary; the 2PL's errors stand alone."""


@dataclass(frozen=True)
class Units:
    """What is independent: the family of each model and the cluster of each item, numbered from 0."""

    family: Codes
    cluster: Codes

    def take_items(self, keep: NDArray[np.bool_]) -> Units:
        """The same for some of the items."""
        return Units(self.family, np.unique(self.cluster[keep], return_inverse=True)[1].reshape(-1))

    @property
    def has_families(self) -> bool:
        """Some models share a family."""
        return int(self.family.max()) + 1 < len(self.family)


@dataclass(frozen=True)
class Robust:
    """``ratio`` is a model's robust variance over that of the 2PL; ``covariance`` (models x models) uses the larger."""

    ratio: Array
    family_ratio: float
    covariance: Array


def resampled_models(units: Units, rng: np.random.Generator) -> Codes:
    """Models drawn with replacement, whole families at a time: a draw of the bootstrap, as long as its families are."""
    families = int(units.family.max()) + 1
    drawn = rng.integers(0, families, families)
    if not units.has_families:
        return np.argsort(units.family)[drawn]
    members = [np.flatnonzero(units.family == k) for k in range(families)]
    return np.concatenate([members[k] for k in drawn])


def family_codes(families: pd.Series[str] | Mapping[str, str] | None, data: Responses) -> Codes:
    """The family of each model; models without one, or with none given, are their own. Equal rows are one family."""
    named = {} if families is None else dict(families)
    labels = [f"f {named[m]}" if named.get(m) else f"m {k}" for k, m in enumerate(data.models)]
    if unknown := [m for m in named if m not in set(data.models)]:
        raise ResponseError(f"`families` names '{unknown[0]}', which is no model of the matrix")
    codes = pd.factorize(np.array(labels, dtype=object))[0]
    if families is None and data.n_items >= 20:
        right = data.y.sum(axis=1)
        telling = (right >= LEAST_MINORITY) & (data.seen.sum(axis=1) - right >= LEAST_MINORITY)
        codes = np.where(telling[data.pattern], len(codes) + data.pattern, codes)
    return np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.intp)


def cluster_codes(clusters: pd.Series[str] | Mapping[str, str] | None, data: Responses) -> Codes:
    """The cluster of each item: as named, else its own; equal columns belong together (see LEAST_MINORITY)."""
    named = {} if clusters is None else dict(clusters)
    own = pd.factorize(np.array([f"c {named[i]}" if i in named else f"i {k}" for k, i in enumerate(data.items)]))[0]
    same = equal_columns(data)
    # The two partitions joined: clusters that hold copies of one column become one.
    for copies in np.unique(same[same >= 0]):
        joined = np.unique(own[same == copies])
        own = np.where(np.isin(own, joined), joined[0], own)
    return np.unique(own, return_inverse=True)[1].reshape(-1).astype(np.intp)


def equal_columns(data: Responses) -> Codes:
    """For each item the number of its group of equal columns, or -1."""
    table = np.concatenate([data.y, data.seen])
    _, inverse, count = np.unique(table, axis=1, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(-1)
    right, seen = data.item_counts()
    telling = np.minimum(right, seen - right) >= LEAST_MINORITY
    return np.where((count[inverse] > 1) & telling, inverse, -1).astype(np.intp)


def robust_errors(data: Responses, fit: EmResult, spread: Uncertainty, units: Units) -> Robust:
    """Ratios and covariances of the abilities' errors (see the module)."""
    theta = (fit.post @ fit.grid.theta)[data.pattern]
    width = spread.posterior_variance[data.pattern]
    y, seen = data.y[data.pattern], data.seen[data.pattern]
    a, b = fit.a, fit.b
    p = expit(a * (theta[:, None] - b))
    residual, information = a * (y - seen * p), seen * p * (1 - p)
    if data.floor is not None:
        share = not_guessed(p, data.floor)
        residual, information = a * (y * share - seen * p), information * (1 - data.floor) * share
    weight = a * a * information
    expected = weight * (1 - _leverage(theta, information, fit))
    sums = np.zeros((len(theta), int(units.cluster.max()) + 1))
    np.add.at(sums.T, units.cluster, residual.T)
    found = (sums * sums).sum(axis=1) * sums.shape[1] / max(sums.shape[1] - 1, 1)
    # A posterior mean follows its own responses: of a residual's variance w it takes w squared times its own.
    mean = (expected * (1 - weight * width[:, None])).sum(axis=1)
    ratio = _pooled(found / np.maximum(mean, 1e-12), mean, int(units.cluster.max()) + 1)
    family_ratio = _family_ratio(residual, units.family) if units.has_families else 1.0
    shared = spread.shared[np.ix_(data.pattern, data.pattern)] * max(1.0, family_ratio)
    covariance = np.diag(width) + shared
    scale = np.sqrt(np.maximum(ratio, 1.0))
    return Robust(ratio, family_ratio, covariance * scale[:, None] * scale[None, :])


def _leverage(theta: Array, weight: Array, fit: EmResult) -> Array:
    """models x items: how far a model's response pulls the item's own curve (hat values, prior included)."""
    a, b = fit.a, fit.b
    by_log_a = a * (theta[:, None] - b)
    by_b = np.broadcast_to(-a, weight.shape)
    h11 = (weight * by_log_a**2).sum(axis=0) + fit.hyper.log_a_precision
    h12 = (weight * by_log_a * by_b).sum(axis=0)
    h22 = (weight * by_b * by_b).sum(axis=0) + fit.hyper.b_precision
    determinant = np.maximum(h11 * h22 - h12 * h12, 1e-12)
    hat = (h22 * by_log_a**2 - 2 * h12 * by_log_a * by_b + h11 * by_b**2) / determinant
    return np.asarray(np.clip(weight * hat, 0.0, 0.95), dtype=np.float64)


def _pooled(raw: Array, weight: Array, clusters: int) -> Array:
    """The models' ratios, drawn to their weighted mean as far as their spread is that of chance."""
    usable = weight > 1e-9
    if not usable.any() or clusters < LEAST_CLUSTERS:
        return np.ones_like(raw)
    mean = float(np.average(raw[usable], weights=weight[usable]))
    if mean <= 0:
        return np.ones_like(raw)
    log_ratio = np.log(np.maximum(raw[usable], 1e-3) / mean)
    noise = 2.0 / max(clusters - 1, 1)
    between = max(0.0, float(log_ratio.var()) - noise)
    keep = between / (between + noise)
    out = np.full_like(raw, mean)
    out[usable] = mean * np.exp(keep * log_ratio)
    return out


def _family_ratio(residual: Array, family: Codes) -> float:
    """Variance of the items' scores summed over families over that of models one by one, pooled over items."""
    sums = np.zeros((int(family.max()) + 1, residual.shape[1]))
    np.add.at(sums, family, residual)
    alone = float((residual * residual).sum())
    groups = len(sums)
    return float((sums * sums).sum()) / alone * groups / max(groups - 1, 1) if alone > 0 else 1.0
