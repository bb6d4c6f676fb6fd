"""How well responses that a fit has not seen are predicted: log loss and AUC, beside simpler accounts of the table.

One cell in ten is hidden at a time. What does not beat "this model's share" and "that share and this item's", does not
need item response theory; the comparison is printed so that nobody believes it gave more than it did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import rankdata

from proofgrid.irt.em import EmResult, fit_em
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import task_of
from proofgrid.irt.model import probability
from proofgrid.irt.priors import DEFAULT_PRIORS
from proofgrid.irt.refits import COARSE, MOST_PASSES, affordable, refit_grid
from proofgrid.irt.responses import Array, Responses, from_arrays
from proofgrid.irt.task_abilities import LEAST_ITEMS, LEAST_MODELS, estimate_by_task, one_slope, predicted

FOLDS = 10
_TOLERANCE = 5e-3
"""Of each fold's fit, which starts from nothing: from the whole table's it would know the hidden responses."""


@dataclass(frozen=True)
class Prediction:
    """``table``: one row an account (model's share, additive logit, 2PL, and with several tasks the 2PL with an ability
    for each), columns log_loss (mean a response) and auc; ``cells`` were hidden, a tenth of all at a time."""

    table: pd.DataFrame
    cells: int
    folds: int


def prediction(fit: Fit2PL, *, seed: int = 0) -> Prediction | None:
    """Cross-validated prediction of single responses; None for fewer than 50 of them or fewer than 3 models."""
    data = fit.data
    y, seen = data.y[data.pattern], data.seen[data.pattern]
    where = np.argwhere(seen > 0)
    if len(where) < 50 or data.n_models < 3 or fit.engine != "map":
        return None
    folds = max(1, affordable(fit, FOLDS, 0.1))
    fold = np.random.default_rng(seed).permutation(len(where)) % FOLDS
    guesses = np.full((4, *y.shape), np.nan)
    grid = refit_grid(fit)
    tasks = pd.factorize(task_of(fit))[0].astype(np.intp)
    priors = DEFAULT_PRIORS if fit.priors is None else fit.priors
    for k in range(folds):
        rows, columns = where[fold == k].T
        kept = seen.copy()
        kept[rows, columns] = 0
        right = np.where(kept > 0, y, 0.0)
        usable = kept.sum(axis=0) > 0
        guesses[0][rows, columns] = _share(right, kept)[rows]
        guesses[1][rows, columns] = _additive(right, kept)[rows, columns]
        part = from_arrays(data.models, data.items[usable], right[:, usable], kept[:, usable])
        part = replace(part, floor=None if data.floor is None else data.floor[usable])
        found = fit_em(
            part, priors, tasks[usable], grid=grid, tolerance=_TOLERANCE, max_passes=MOST_PASSES, ratio=COARSE
        )
        curves = probability(found.a, found.b, found.grid.theta, part.floor)
        whole = np.tile(_share(right, kept)[:, None], (1, y.shape[1]))
        whole[:, usable] = (found.post @ curves.T)[part.pattern]
        guesses[2][rows, columns] = whole[rows, columns]
        whole[:, usable] = _by_task(part, found, tasks[usable], whole[:, usable])
        guesses[3][rows, columns] = whole[rows, columns]
    names = ["model's share", "additive logit", "2PL", "2PL, an ability for each task"][: 4 if tasks.max() > 0 else 3]
    figures = [(_loss(g, y, seen), _auc(g, y, seen)) for g in guesses[: len(names)]]
    table = pd.DataFrame(figures, index=pd.Index(names, name="account"), columns=["log_loss", "auc"])
    return Prediction(table, int((fold < folds).sum()), folds)


def _by_task(data: Responses, found: EmResult, tasks: NDArray[np.intp], else_: Array) -> Array:
    """P(correct) from an ability for each task of LEAST_ITEMS items; elsewhere, and with one such task, ``else_``."""
    count = np.bincount(tasks)
    large = np.flatnonzero(count >= LEAST_ITEMS)
    if len(large) < 2 or data.n_models < LEAST_MODELS:
        return else_
    inside = np.isin(tasks, large)
    member = (tasks[inside][:, None] == large[None, :]).astype(np.float64)
    floor = None if data.floor is None else data.floor[inside]
    y, seen = data.y[data.pattern][:, inside], data.seen[data.pattern][:, inside]
    a, b = one_slope(found.a[inside], found.b[inside], member)
    out = else_.copy()
    out[:, inside] = predicted(estimate_by_task(y, seen, a, b, member, floor), a, b, member.argmax(axis=1), floor)
    return out


def _share(right: Array, seen: Array) -> Array:
    return np.asarray((right.sum(axis=1) + 0.5) / (seen.sum(axis=1) + 1.0), dtype=np.float64)


def _additive(right: Array, seen: Array) -> Array:
    """logit P = model + item, by penalised likelihood: what is left of IRT without discriminations and quadrature."""
    model = logit(_share(right, seen))
    item = np.zeros(right.shape[1])
    for _ in range(50):
        before = np.concatenate([model, item])
        p = expit(model[:, None] + item)
        item = item + ((right - seen * p).sum(axis=0) - item / 4) / ((seen * p * (1 - p)).sum(axis=0) + 0.25)
        p = expit(model[:, None] + item)
        step = ((right - seen * p).sum(axis=1) - model / 100) / ((seen * p * (1 - p)).sum(axis=1) + 0.01)
        model = model + np.clip(step, -1, 1)
        item = np.clip(item, -8, 8)
        if np.abs(np.concatenate([model, item]) - before).max() < 1e-6:
            break
    return np.asarray(expit(model[:, None] + item), dtype=np.float64)


def _loss(guess: Array, y: Array, seen: Array) -> float:
    known = (seen > 0) & np.isfinite(guess)
    p = np.clip(guess[known], 1e-6, 1 - 1e-6)
    k, n = y[known], seen[known]
    return float(-(k * np.log(p) + (n - k) * np.log(1 - p)).sum() / n.sum())


def _auc(guess: Array, y: Array, seen: Array) -> float:
    """Area under the ROC curve; a cell with k of n counts as k right and n - k wrong responses."""
    known: NDArray[np.bool_] = (seen > 0) & np.isfinite(guess)
    p, right, wrong = guess[known], y[known], (seen - y)[known]
    ones, zeros = float(right.sum()), float(wrong.sum())
    if ones == 0 or zeros == 0:
        return float("nan")
    place = (rankdata(p, method="dense") - 1).astype(int)
    below = np.bincount(place, weights=wrong)
    under = np.cumsum(below) - below / 2
    return float((right * under[place]).sum() / (ones * zeros))
