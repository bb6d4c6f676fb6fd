"""How well a task tells models apart: four indices on comparable scales, with bootstrap intervals over models.

With I the Fisher information of an item and abilities N(0, sigma^2), sigma = 1 on the fitted scale:

- D1 = sigma^2 J / (1 + sigma^2 J), J the mean over the task's items of E[I(theta)]: the share of ability variance
  that one average item of the task would explain, in [0, 1).
- D2 = the mean over the items of P(+1 sd) - P(-1 sd), the share of an item's total information (which for the 2PL
  integrates to a) that lies between -1 and +1 sd.
- DI, the classical upper-lower index, and the item-rest correlation, each a mean over the task's items.

Single items are not to be ranked by these with few models: in simulation the estimated discrimination of one item
correlates .33 with the truth at 10 models, .53 at 24 and .69 at 40, while a task's mean reaches .62, .85 and .93.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, ndtr
from scipy.stats import false_discovery_control

from proofgrid.irt.classical import discrimination_index, item_rest
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import normal_nodes, task_of
from proofgrid.irt.model import item_information, probability
from proofgrid.irt.refits import BUDGET, LEAST_DRAWS, affordable, refit_grid, refit_to_draw
from proofgrid.irt.responses import Array, Responses

Z95 = 1.959963984540054
INDICES = ("D1", "D2", "DI", "item_rest")
SHARE = 0.6
"""Of the budget for refits, what the draws of models may cost."""
LEAST_ITEMS = 10
LEAST_MODELS = 10
"""A task with fewer items, and any task with fewer models, gets no index: chance would be most of it."""
FEW_MODELS = 100
CAUTION = (
    "With {n} models the discrimination of a single problem is barely identified: do not rank single problems by it. "
    "The figures by task average over problems and can be compared."
)


def caution(n_models: int) -> str | None:
    """The sentence to print beside any table of single items; None with enough models."""
    return CAUTION.format(n=n_models) if n_models < FEW_MODELS else None


def expected_information(a: Array, b: Array, floor: Array | None = None) -> Array:
    """E[I(theta)] of each item over abilities N(0, 1)."""
    theta, weight = normal_nodes()
    return np.asarray(item_information(a, b, theta, floor) @ weight, dtype=np.float64)


def item_d1(a: Array, b: Array, floor: Array | None = None) -> Array:
    """D1 of each item by itself."""
    mean = expected_information(a, b, floor)
    return mean / (1.0 + mean)


def item_d2(a: Array, b: Array, floor: Array | None = None) -> Array:
    """P(+1) - P(-1) of each item."""
    p = probability(a, b, np.array([-1.0, 1.0]), floor)
    return np.asarray(p[:, 1] - p[:, 0], dtype=np.float64)


def item_discrimination(fit: Fit2PL) -> pd.DataFrame:
    """D1, D2, DI and item-rest of each item (see :func:`caution`)."""
    a, b = fit.discrimination.to_numpy(), fit.difficulty.to_numpy()
    data = fit.data
    return pd.DataFrame(
        {
            "D1": item_d1(a, b, data.floor),
            "D2": item_d2(a, b, data.floor),
            "DI": discrimination_index(data.share, data.present, data.weight),
            "item_rest": item_rest(data.share, data.present, data.weight),
        },
        index=fit.items,
    )


@dataclass(frozen=True)
class TaskDiscrimination:
    """``table`` as :func:`task_summary` has it, ``differences`` by pair of tasks, and how often models were drawn."""

    table: pd.DataFrame
    differences: pd.DataFrame
    draws: int


def task_summary(
    fit: Fit2PL, groups: pd.Series[str] | None = None, *, bootstrap: int = 200, seed: int = 0
) -> pd.DataFrame:
    """One row a task: items, mean difficulty, share correct, and each index with ``_low`` and ``_high`` (95%).

    Tasks with fewer than LEAST_ITEMS items have no index, and with fewer than LEAST_MODELS models no task has.

    Fit with ``Priors(hierarchical=True)`` where tasks are to be compared: one prior for all items pulls every task's
    discriminations to the common mean, and with 24 models that is most of what sets tasks apart (in simulation D1 is
    off by .08 at the ends with it and by .03 without, where the intervals cover the truth as they should).

    The intervals come from refitting the model to ``bootstrap`` draws of the models (of whole families, where they are
    named) with replacement, or to fewer where the table is large; the same seed gives the same intervals.
    ``bootstrap=0`` leaves them NaN.
    """
    return task_discrimination(fit, groups, bootstrap=bootstrap, seed=seed).table


def task_discrimination(
    fit: Fit2PL, groups: pd.Series[str] | None = None, *, bootstrap: int = 200, seed: int = 0
) -> TaskDiscrimination:
    """:func:`task_summary` with the differences between tasks in D1 (see :func:`differences_of`)."""
    tasks = task_of(fit, groups)
    names = list(dict.fromkeys(tasks))
    codes = np.array([names.index(task) for task in tasks], dtype=np.intp)
    a, b = fit.discrimination.to_numpy(), fit.difficulty.to_numpy()
    data = fit.data
    point = _indices(data, a, b, codes, len(names))
    times = bootstrap_draws(fit, bootstrap)
    draws = _bootstrap(fit, codes, len(names), times, seed)
    times = len(draws)
    few = np.bincount(codes) < LEAST_ITEMS if data.n_models >= LEAST_MODELS else np.ones(len(names), dtype=bool)
    point[:, few], draws[:, :, few] = np.nan, np.nan
    right, seen = data.item_counts()
    table = pd.DataFrame(
        {
            "items": np.bincount(codes),
            "difficulty": [
                float(np.nanmean(b[codes == k])) if fit.estimated[codes == k].any() else np.nan
                for k in range(len(names))
            ],
            "share_correct": [float((right / seen)[codes == k].mean()) for k in range(len(names))],
        },
        index=pd.Index(names, name="task"),
    )
    for k, index in enumerate(INDICES):
        table[index] = point[k]
        low, high = _interval(draws[:, k], point[k], index)
        table[f"{index}_low"], table[f"{index}_high"] = low, high
    return TaskDiscrimination(table, differences_of(names, point[0], draws[:, 0]), times)


def differences_of(names: list[str], point: Array, draws: Array) -> pd.DataFrame:
    """All pairs of tasks: task_1, task_2, difference (of D1, the first less the second), low, high (95%), p, q.

    ``draws`` is draws x tasks. Intervals are normal, as wide as the draws' differences spread, and shifted by their
    bias; q are the p values adjusted over all pairs (Benjamini & Hochberg 1995).
    """
    rows = []
    for i, j in combinations(range(len(names)), 2):
        off, found = float(point[i] - point[j]), draws[:, i] - draws[:, j]
        if np.isfinite(off) and len(found) >= LEAST_DRAWS:
            sd, centre = max(float(found.std(ddof=1)), 1e-12), 2 * off - float(found.mean())
            low, high = centre - Z95 * sd, centre + Z95 * sd
            rows.append((names[i], names[j], off, low, high, float(2 * ndtr(-abs(centre) / sd))))
    table = pd.DataFrame(rows, columns=["task_1", "task_2", "difference", "low", "high", "p"])
    return table.assign(q=false_discovery_control(table["p"].to_numpy(dtype=float)) if len(table) else [])


def _interval(draws: Array, point: Array, index: str) -> tuple[Array, Array]:
    """Intervals on the logit or Fisher's z scale: normal, as wide as the draws spread, and shifted by their bias.

    A bootstrap draw holds some models twice, which makes items look more discriminating than they are: percentiles
    would carry that bias into the interval, so the draws' mean is reflected at the estimate.
    """
    if len(draws) == 0:
        nothing = np.full_like(point, np.nan)
        return nothing, nothing
    to, back = (_logit, expit) if index in ("D1", "D2") else (_fisher, np.tanh)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an index without a value in any draw has no interval: NaN
        moved, sd = np.nanmean(to(draws), axis=0), np.nanstd(to(draws), axis=0, ddof=1)
    centre = 2 * to(point) - moved
    return np.asarray(back(centre - Z95 * sd)), np.asarray(back(centre + Z95 * sd))


def _logit(x: Array) -> Array:
    x = np.clip(x, 1e-9, 1 - 1e-9)
    return np.log(x / (1 - x))


def _fisher(x: Array) -> Array:
    return np.arctanh(np.clip(x, -1 + 1e-9, 1 - 1e-9))


def _indices(data: Responses, a: Array, b: Array, codes: NDArray[np.intp], n: int) -> Array:
    """indices x tasks."""
    mean = _by_task(expected_information(a, b, data.floor), codes, n)
    return np.stack(
        [
            mean / (1 + mean),
            _by_task(item_d2(a, b, data.floor), codes, n),
            _by_task(discrimination_index(data.share, data.present, data.weight), codes, n),
            _by_task(item_rest(data.share, data.present, data.weight), codes, n),
        ]
    )


def _by_task(values: Array, codes: NDArray[np.intp], n: int) -> Array:
    """Means by task over the items that have a value."""
    has = np.isfinite(values)
    total = np.bincount(codes, weights=np.where(has, values, 0.0), minlength=n)
    count = np.bincount(codes, weights=has.astype(np.float64), minlength=n)
    out: Array = np.full(n, np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def bootstrap_draws(fit: Fit2PL, bootstrap: int) -> int:
    """How many of the draws asked for a table of this size gets at most; none where they would be too few to use."""
    times = affordable(fit, bootstrap, SHARE)
    return times if times >= min(LEAST_DRAWS, bootstrap) else 0


def _bootstrap(fit: Fit2PL, codes: NDArray[np.intp], n_tasks: int, times: int, seed: int) -> Array:
    """draws x indices x tasks: models (families where they are named) drawn with replacement, and the fit again.

    ``times`` of them, or, where they cost more than the one that was made to see, as many as the budget pays for.
    """
    rng, grid = np.random.default_rng(seed), refit_grid(fit)
    out: list[Array] = []
    spent = 0.0
    while len(out) < times and (len(out) < LEAST_DRAWS or spent < SHARE * BUDGET):
        drawn = refit_to_draw(fit, rng, grid)
        if drawn is not None:
            spent += drawn.work
            out.append(_indices(drawn.sample, drawn.a, drawn.b, codes, n_tasks))
    return np.array(out).reshape(len(out), len(INDICES), n_tasks)
