"""How stable the estimates themselves are: split-half over models, and leaving one model out at a time.

(The stability of a *model's* judgement is another matter: see ``proofgrid.irt.esi``.)
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from proofgrid.irt.ability import estimate
from proofgrid.irt.discrimination import item_d1
from proofgrid.irt.em import EmResult
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import task_of
from proofgrid.irt.priors import DEFAULT_PRIORS
from proofgrid.irt.refits import affordable, again, refit_grid
from proofgrid.irt.responses import Array, Responses, from_arrays


@dataclass(frozen=True)
class EstimateStability:
    """Rank correlations (Spearman). ``split_half`` is the mean over random halves, ``leave_one_out`` one row a model.

    Quantities: theta (all models, scored with each half's items), b, D1 by item, D1 by task (NaN with fewer than 3).
    """

    split_half: pd.Series[float]
    leave_one_out: pd.DataFrame

    def summary(self) -> pd.DataFrame:
        """One row a quantity: split_half, leave_one_out_mean, leave_one_out_min."""
        return pd.DataFrame(
            {
                "split_half": self.split_half,
                "leave_one_out_mean": self.leave_one_out.mean(),
                "leave_one_out_min": self.leave_one_out.min(),
            }
        )


QUANTITIES = ("theta", "b", "D1_item", "D1_task")


def estimate_stability(
    fit: Fit2PL, groups: pd.Series[str] | None = None, *, splits: int = 10, seed: int = 0
) -> EstimateStability:
    """Refit without some of the models and compare ranks. Needs at least 4 models (else NaN).

    Large tables get fewer splits, and leave out fewer models, spread evenly over the table (see ``refits``).
    """
    tasks = pd.factorize(task_of(fit, groups))[0].astype(np.intp)
    n = fit.data.n_models
    rng = np.random.default_rng(seed)
    halves = []
    left_out = np.arange(n) if n >= 4 else np.arange(0)
    if (most := affordable(fit, 2 * splits + n, 0.2)) < 2 * splits + n:
        splits = min(splits, most // 4)  # two refits each
        left_out = np.unique(np.linspace(0, n - 1, max(0, most - 2 * splits)).astype(int)) if n >= 4 else left_out
    if n >= 4:
        for _ in range(splits):
            order = rng.permutation(n)
            pair = [refit(fit, np.sort(part)) for part in (order[: n // 2], order[n // 2 :])]
            first, second = (
                (_quantities(fit, p, tasks) for p in pair if p is not None) if None not in pair else ({}, {})
            )
            halves.append([_rank_correlation(first.get(q), second.get(q)) for q in QUANTITIES])
    whole = {
        "theta": fit.ability.to_numpy(),
        "b": fit.difficulty.to_numpy(),
        "D1_item": item_d1(fit.discrimination.to_numpy(), fit.difficulty.to_numpy()),
    }
    whole["D1_task"] = _task_d1(whole["D1_item"], tasks)
    rows = []
    for k in left_out:
        rest = np.delete(np.arange(n), k)
        found = refit(fit, rest)
        here = _quantities(fit, found, tasks) if found is not None else {}
        full = {**whole, "theta": whole["theta"][rest]}
        if "theta" in here:
            here["theta"] = here["theta"][rest]
        rows.append([_rank_correlation(here.get(q), full[q]) for q in QUANTITIES])
    index = fit.models[left_out]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # what no pair of halves could give is NaN
        mean = np.nanmean(np.array(halves), axis=0) if halves else np.full(len(QUANTITIES), np.nan)
    return EstimateStability(
        pd.Series(mean, index=list(QUANTITIES)), pd.DataFrame(rows, index=index, columns=list(QUANTITIES), dtype=float)
    )


def refit(fit: Fit2PL, models: NDArray[np.intp]) -> EmResult | None:
    """The fit again to some of the models, from its estimates; None if they leave an item without any response."""
    data = fit.data
    part = from_arrays(data.models[models], data.items, data.y[data.pattern[models]], data.seen[data.pattern[models]])
    part = replace(part, floor=data.floor)
    if len(part.weight) < 2 or (part.weight @ part.seen == 0).any():
        return None
    everything = np.ones(data.n_items, dtype=bool)
    return again(fit, part, everything, refit_grid(fit), DEFAULT_PRIORS if fit.priors is None else fit.priors)


def _quantities(fit: Fit2PL, found: EmResult, tasks: NDArray[np.intp]) -> dict[str, Array]:
    data: Responses = fit.data
    scored = estimate(data.y, data.seen, found.a, found.b, floor=data.floor)
    d1 = item_d1(found.a, found.b)
    return {"theta": scored.eap[data.pattern], "b": found.b, "D1_item": d1, "D1_task": _task_d1(d1, tasks)}


def _task_d1(d1: Array, tasks: NDArray[np.intp]) -> Array:
    """D1 of each task from its items' (the mean of E[I], transformed back)."""
    information = np.where(np.isfinite(d1), d1 / (1 - d1), 0.0)
    count = np.maximum(np.bincount(tasks, weights=np.isfinite(d1)), 1)
    mean = np.bincount(tasks, weights=information) / count
    return np.asarray(mean / (1 + mean), dtype=np.float64)


def _rank_correlation(x: Array | None, y: Array | None) -> float:
    if x is None or y is None:
        return float("nan")
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 3 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return float("nan")
    return float(spearmanr(x[both], y[both]).statistic)
