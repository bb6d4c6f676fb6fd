"""How well tasks tell models apart against a fixed population: abilities N(0, 1) on the scale of a bank.

D1 of a fit has the models of its own table for reference, so the same items get another D1 from other models. A bank's
scale stays, and so does a population that is N(0, 1) on it: these figures are comparable wherever the bank is used. The
definition is ours, like D1's. Intervals are those of the items' parameters (normal draws from the bank's covariances,
of log a and b, what the items' errors share among them); the population is fixed, so nothing is resampled.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from proofgrid.irt.bank import Bank
from proofgrid.irt.discrimination import LEAST_ITEMS, LEAST_MODELS, differences_of, expected_information
from proofgrid.irt.responses import Array


def reference_discrimination(
    bank: Bank, items: pd.Index | None = None, *, draws: int = 400, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """D1 of each task of a bank (of those of its items that ``items`` names, if any are named), and all differences.

    The first table: task, items, D1, D1_low, D1_high; the second as ``discrimination.differences_of`` has it. Tasks
    with fewer than LEAST_ITEMS items have no figure, nor has a bank that was fitted to fewer than LEAST_MODELS models.
    """
    chosen = np.ones(len(bank.items), dtype=bool) if items is None else bank.items.isin(items)
    tasks = np.array(bank.tasks, dtype=object)[chosen]
    names = list(dict.fromkeys(str(task) for task in tasks))
    codes = np.array([names.index(str(task)) for task in tasks], dtype=np.intp)
    a, b = bank.a[chosen], bank.b[chosen]
    floor = None if bank.floor is None else bank.floor[chosen]
    count = np.bincount(codes, minlength=len(names))
    enough = (count >= LEAST_ITEMS) & (len(bank.fitted_to) >= LEAST_MODELS)

    def by_task(a: Array, b: Array) -> Array:
        mean = np.bincount(codes, weights=expected_information(a, b, floor), minlength=len(names)) / np.maximum(
            count, 1
        )
        return np.where(enough, mean / (1 + mean), np.nan)

    rng = np.random.default_rng(seed)
    own = bank.covariance[chosen].copy()
    shared = np.zeros((len(a), 2, 0)) if bank.common is None else bank.common[chosen]
    root = np.linalg.cholesky(own + 1e-12 * np.eye(2))
    drawn = []
    for _ in range(draws):
        off = np.einsum("nij,nj->ni", root, rng.normal(size=(len(a), 2))) + shared @ rng.normal(size=shared.shape[2])
        drawn.append(by_task(a * np.exp(np.clip(off[:, 0] / a, -3, 3)), b + off[:, 1]))
    values, point = np.array(drawn).reshape(draws, len(names)), by_task(a, b)
    low, high = (np.quantile(values, q, axis=0) if draws else np.full(len(names), np.nan) for q in (0.025, 0.975))
    table = pd.DataFrame(
        {"items": count, "D1": point, "D1_low": low, "D1_high": high}, index=pd.Index(names, name="task")
    )
    return table, differences_of(names, point, values)
