"""An ability for each task, and how these correlate: a multidimensional 2PL in which an item measures its task alone.

Abilities of a model over tasks are multivariate normal. Items keep the levels of the one-dimensional fit and the mean
slope of their task (what it has too little or too much is taken up by the variance of its abilities, which is free), so
that with twenty models means, variances and correlations are estimated, and no second set of item parameters.
Estimation is by EM whose expectations are posterior modes and their curvatures (Laplace's approximation).

The covariance matrix of many tasks is more than few models can tell: it is drawn to one correlation for all pairs,
itself estimated, as PRIOR_MODELS more models would do. Intervals of correlations resample models (families, where they
are named), so the fewer models, the wider.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import task_of
from proofgrid.irt.model import not_guessed
from proofgrid.irt.refits import LEAST_DRAWS, within
from proofgrid.irt.responses import Array
from proofgrid.irt.robust import resampled_models

LEAST_ITEMS = 10
LEAST_MODELS = 10
PRIOR_MODELS = 10.0
_PASSES = 200
_DRAW_PASSES = 60
_MEAN_PASSES = 18
"""What a draw takes as a rule."""


@dataclass(frozen=True)
class TaskAbilities:
    """Tables by model, task and pair of tasks, on the scale of the one-dimensional fit."""

    abilities: pd.DataFrame
    """models x tasks: posterior modes given the model's answers to all tasks."""
    errors: pd.DataFrame
    """models x tasks: their standard errors (items taken as known)."""
    correlations: pd.DataFrame
    """One row a pair: task_1, task_2, correlation (of abilities, free of errors of measurement), low, high (95%)."""
    spread: pd.Series[float]
    """Standard deviation of the abilities by task."""
    common: float
    """The correlation that all pairs are drawn to."""
    left_out: tuple[str, ...]
    """Tasks with fewer than LEAST_ITEMS items."""
    draws: int
    """How often models were drawn for the intervals of correlations."""


@dataclass(frozen=True)
class _Normal:
    mean: Array
    covariance: Array
    theta: Array
    """models x tasks"""
    variance: Array
    """models x tasks x tasks"""
    common: float


def task_abilities(
    fit: Fit2PL, groups: pd.Series[str] | None = None, *, bootstrap: int = 200, seed: int = 0
) -> TaskAbilities | None:
    """None with fewer than LEAST_MODELS models, or two tasks of LEAST_ITEMS items; ``bootstrap=0``: no intervals.

    Many models, and many tasks, get fewer draws; the same seed gives the same intervals.
    """
    tasks = task_of(fit, groups)
    names = [t for t in dict.fromkeys(tasks) if int(((tasks == t).to_numpy() & fit.estimated).sum()) >= LEAST_ITEMS]
    if fit.data.n_models < LEAST_MODELS or len(names) < 2:
        return None
    keep = tasks.isin(names).to_numpy() & fit.estimated
    member = np.stack([(tasks == t).to_numpy()[keep] for t in names], axis=1).astype(np.float64)
    data = fit.data
    flat, level = one_slope(fit.discrimination.to_numpy()[keep], fit.difficulty.to_numpy()[keep], member)
    found = estimate_by_task(
        data.y[data.pattern][:, keep],
        data.seen[data.pattern][:, keep],
        flat,
        level,
        member,
        None if data.floor is None else data.floor[keep],
    )
    times = correlation_draws(fit.data.n_models, len(names), bootstrap)
    draws = _draws(found, fit, times, seed)
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    point = _correlation(found.normal.covariance)
    rows = []
    for i, j in pairs:
        low, high = _interval(point[i, j], draws[:, i, j]) if len(draws) else (np.nan, np.nan)
        rows.append({"task_1": names[i], "task_2": names[j], "correlation": point[i, j], "low": low, "high": high})
    variance = np.diagonal(found.normal.variance, axis1=1, axis2=2)
    return TaskAbilities(
        pd.DataFrame(found.normal.theta, index=fit.models, columns=names),
        pd.DataFrame(np.sqrt(variance), index=fit.models, columns=names),
        pd.DataFrame(rows),
        pd.Series(np.sqrt(np.diag(found.normal.covariance)), index=names),
        found.normal.common,
        tuple(t for t in dict.fromkeys(tasks) if t not in names),
        times,
    )


def correlation_draws(models: int, tasks: int, wanted: int) -> int:
    """How many of the draws wanted so many models and tasks get; none where they would be too few to use."""
    pass_ = models * 30.0 * tasks**2 + 6e4  # inverting a matrix a model, and what a pass costs at any size
    times = within(wanted, _MEAN_PASSES * pass_, 0.4)
    return times if times >= min(LEAST_DRAWS, wanted) else 0


@dataclass(frozen=True)
class ByTask:
    """What EM found, and each model's likelihood as a normal around its mode: ``centre`` and ``precision`` by task."""

    normal: _Normal
    centre: Array
    precision: Array


def one_slope(a: Array, b: Array, member: Array) -> tuple[Array, Array]:
    """The items with their task's (geometric) mean slope, and the difficulty that keeps each one's level at ability 0.

    The slopes of a fit to few models follow these models' overall abilities, chance included: used here they would make
    the tasks look more alike than they are (in simulation, correlations .07 too high at 24 models and .25 at 12).
    """
    mean = np.exp(member @ ((member.T @ np.log(a)) / member.sum(axis=0)))
    return mean, a * b / mean


def estimate_by_task(y: Array, seen: Array, a: Array, b: Array, member: Array, floor: Array | None = None) -> ByTask:
    """``y`` and ``seen`` are models x items; ``member`` (items x tasks) holds 1 where an item belongs to a task."""
    codes = member.argmax(axis=1)
    n, k = len(y), member.shape[1]
    theta, mean, covariance = np.zeros((n, k)), np.zeros(k), 0.3 * np.eye(k) + 0.7
    normal = _Normal(mean, covariance, theta, np.zeros((n, k, k)), 0.7)
    for _ in range(_PASSES):
        before = normal
        slope, precision = _likelihood(y, seen, a, b, normal.theta, codes, member, floor)
        normal = _step(normal, slope, precision, np.ones(n))
        if max(np.abs(normal.theta - before.theta).max(), np.abs(normal.covariance - before.covariance).max()) < 1e-4:
            break
    slope, precision = _likelihood(y, seen, a, b, normal.theta, codes, member, floor)
    return ByTask(normal, normal.theta + slope / np.maximum(precision, 1e-6), precision)


def _likelihood(
    y: Array,
    seen: Array,
    a: Array,
    b: Array,
    theta: Array,
    codes: NDArray[np.intp],
    member: Array,
    floor: Array | None,
) -> tuple[Array, Array]:
    """Slope and expected information of each model's log likelihood in each task's ability."""
    p = expit(a * (theta[:, codes] - b))
    known, weight = y, seen * p * (1 - p)
    if floor is not None:
        share = not_guessed(p, floor)
        known, weight = y * share, weight * (1 - floor) * share
    return (a * (known - seen * p)) @ member, (a * a * weight) @ member


def _step(now: _Normal, slope: Array, precision: Array, weight: Array) -> _Normal:
    """One step of Newton for the modes, then one of EM for mean and covariance."""
    inverse = np.linalg.inv(now.covariance)
    variance = np.linalg.inv(inverse + precision[:, :, None] * np.eye(len(now.mean)))
    ascent = slope - (now.theta - now.mean) @ inverse
    theta = now.theta + np.clip(np.einsum("mij,mj->mi", variance, ascent), -2.0, 2.0)
    total = float(weight.sum())
    mean = weight @ theta / total
    off = theta - mean
    moments = ((off * weight[:, None]).T @ off + np.tensordot(weight, variance, axes=1)) / total
    sd = np.sqrt(np.diag(moments))
    k = len(sd)
    common = float((_correlation(moments).sum() - k) / (k * (k - 1)))
    target = (common + (1 - common) * np.eye(k)) * np.outer(sd, sd)
    covariance = (total * moments + PRIOR_MODELS * target) / (total + PRIOR_MODELS)
    return _Normal(mean, covariance, theta, variance, common)


def _draws(found: ByTask, fit: Fit2PL, times: int, seed: int) -> Array:
    """draws x tasks x tasks: correlations of models drawn with replacement, likelihoods taken as normal."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(times):
        weight = np.bincount(resampled_models(fit.units, rng), minlength=fit.data.n_models).astype(np.float64)
        drawn = weight > 0
        centre, precision, weight = found.centre[drawn], found.precision[drawn], weight[drawn]
        normal = _Normal(found.normal.mean, found.normal.covariance, found.normal.theta[drawn], np.empty(0), 0.0)
        for _ in range(_DRAW_PASSES):
            before = normal.covariance
            normal = _step(normal, precision * (centre - normal.theta), precision, weight)
            if np.abs(normal.covariance - before).max() < 1e-3:
                break
        out.append(_correlation(normal.covariance))
    return np.array(out).reshape(len(out), *found.normal.covariance.shape)


def _correlation(covariance: Array) -> Array:
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd), dtype=np.float64)


def _interval(point: float, draws: Array) -> tuple[float, float]:
    """95%: normal on Fisher's z around the estimate, as wide as the draws' spread."""
    z = np.arctanh(np.clip(draws, -0.9999, 0.9999))
    half = 1.96 * float(z.std(ddof=1))
    centre = float(np.arctanh(np.clip(point, -0.9999, 0.9999)))
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))


def predicted(found: ByTask, a: Array, b: Array, codes: NDArray[np.intp], floor: Array | None = None) -> Array:
    """models x items: P(correct), averaged over each ability's posterior (logistic-normal approximation)."""
    variance = np.diagonal(found.normal.variance, axis1=1, axis2=2)[:, codes]
    z = a * (found.normal.theta[:, codes] - b) / np.sqrt(1 + np.pi * a * a * variance / 8)
    p = np.asarray(expit(z), dtype=np.float64)
    return p if floor is None else floor + (1 - floor) * p
