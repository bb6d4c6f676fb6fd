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

from proofgrid.irt.em import fit_em
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import task_of
from proofgrid.irt.model import probability
from proofgrid.irt.priors import DEFAULT_PRIORS
from proofgrid.irt.responses import Array, from_arrays

FOLDS = 10
MOST_CELLS = 200_000
"""Larger tables use fewer folds, at least 2, so that the refits stay within seconds."""


@dataclass(frozen=True)
class Prediction:
    """``table``: one row an account (model's share, additive logit, 2PL), columns log_loss and auc; mean a response."""

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
    folds = max(2, min(FOLDS, MOST_CELLS // len(where)))
    fold = np.random.default_rng(seed).permutation(len(where)) % folds
    guesses = np.full((3, *y.shape), np.nan)
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
        found = fit_em(part, priors, tasks[usable], tolerance=1e-3, max_passes=300)
        p = np.full((part.n_items, len(part.weight)), 0.5)
        curves = probability(found.a, found.b, found.grid.theta, part.floor)
        p = found.post @ curves.T
        whole = np.tile(_share(right, kept)[:, None], (1, y.shape[1]))
        whole[:, usable] = p[part.pattern]
        guesses[2][rows, columns] = whole[rows, columns]
    names = ["model's share", "additive logit", "2PL"]
    rows = [(_loss(g, y, seen), _auc(g, y, seen)) for g in guesses]
    return Prediction(pd.DataFrame(rows, index=pd.Index(names, name="account"), columns=["log_loss", "auc"]),
                      len(where), folds)  # fmt: skip


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
