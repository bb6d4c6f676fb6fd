"""Differential item functioning: do models of one family solve an item more or less often than their ability says?

For a family and an item, the number of the family's right answers given its members' abilities is a sum of independent
trials of known chances (the fitted curves'), so its p value is exact (Poisson-binomial, two-sided by doubling).
Abilities and curves were fitted with these answers among the rest, which makes it a little conservative. For a family
and a task, the mean residual over the task's items is tested with the items as independent units (Student's t). All p
values of one table are adjusted together (Benjamini & Hochberg 1995): q is the share of false ones among those at or
below it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, t

from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import task_of
from proofgrid.irt.model import probability
from proofgrid.irt.responses import Array

LEAST_MODELS = 10
LEAST_FAMILY = 3
LEAST_ITEMS = 10
LEVEL = 0.05


@dataclass(frozen=True)
class FamilyDifferences:
    """``items``: family, item, task, right, expected, answers, p, q, by q; ``tasks``: family, task, items, difference
    (share right less what the abilities say), low, high (95%), p, q."""

    items: pd.DataFrame
    tasks: pd.DataFrame
    families: tuple[str, ...]
    """Those of at least LEAST_FAMILY models."""

    @property
    def clear_items(self) -> pd.DataFrame:
        """The items whose q is below LEVEL."""
        return self.items[self.items["q"] < LEVEL]

    @property
    def clear_tasks(self) -> pd.DataFrame:
        """The tasks whose q is below LEVEL."""
        return self.tasks[self.tasks["q"] < LEVEL]


def family_differences(
    fit: Fit2PL, families: pd.Series[str], groups: pd.Series[str] | None = None
) -> FamilyDifferences | None:
    """``families`` names each model's family. None with fewer than LEAST_MODELS models, or without two families of
    which one has LEAST_FAMILY models."""
    named = families.reindex(fit.models)
    sizes = named.value_counts()
    chosen = [str(f) for f in sizes.index[sizes >= LEAST_FAMILY]]
    if fit.data.n_models < LEAST_MODELS or not chosen or sizes.size < 2:
        return None
    keep = fit.estimated
    data = fit.data
    y, seen = data.y[data.pattern][:, keep], data.seen[data.pattern][:, keep]
    floor = None if data.floor is None else data.floor[keep]
    a, b = fit.discrimination.to_numpy()[keep], fit.difficulty.to_numpy()[keep]
    p = probability(a, b, fit.ability.to_numpy(), floor).T
    tasks, items = task_of(fit, groups)[keep], fit.items[keep]
    by_item, by_task = [], []
    for family in sorted(chosen):
        inside = (named == family).to_numpy()
        right, asked = y[inside].sum(axis=0), seen[inside].sum(axis=0)
        expected = (seen[inside] * p[inside]).sum(axis=0)
        found = exact_p(right, p[inside], seen[inside])
        some = asked > 0
        by_item.append(
            pd.DataFrame(
                {
                    "family": family,
                    "item": items[some],
                    "task": tasks.to_numpy()[some],
                    "right": right[some],
                    "expected": expected[some],
                    "answers": asked[some],
                    "p": found[some],
                }
            )
        )
        left = pd.Series((right - expected)[some] / asked[some])
        for task, values in left.groupby(tasks.to_numpy()[some], sort=False):
            if len(values) >= LEAST_ITEMS:
                by_task.append({"family": family, "task": str(task), **_mean(values.to_numpy())})
    return FamilyDifferences(
        _adjusted(pd.concat(by_item, ignore_index=True)),
        _adjusted(pd.DataFrame(by_task, columns=["family", "task", "items", "difference", "low", "high", "p"])),
        tuple(sorted(chosen)),
    )


def exact_p(right: Array, p: Array, seen: Array) -> Array:
    """Two-sided p of ``right`` answers an item, of ``seen`` trials with chances ``p`` (both models x items)."""
    most = int(seen.sum(axis=0).max()) if seen.size else 0
    law = np.zeros((most + 1, p.shape[1]))
    law[0] = 1.0
    for chance, trials in zip(p, seen.astype(int), strict=True):
        for k in range(int(trials.max()) if trials.size else 0):
            q = np.where(trials > k, chance, 0.0)
            law[1:] = law[1:] * (1 - q) + law[:-1] * q
            law[0] *= 1 - q
    at = np.arange(most + 1)[:, None]
    below = np.where(at <= right, law, 0.0).sum(axis=0)
    above = np.where(at >= right, law, 0.0).sum(axis=0)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(below, above)), dtype=np.float64)


def _mean(values: Array) -> dict[str, float]:
    n, mean = len(values), float(values.mean())
    error = max(float(values.std(ddof=1)) / np.sqrt(n), 1e-9)
    half = float(t.ppf(0.975, n - 1)) * error
    return {
        "items": n,
        "difference": mean,
        "low": mean - half,
        "high": mean + half,
        "p": float(2 * t.sf(abs(mean) / error, n - 1)),
    }


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    q = false_discovery_control(table["p"].to_numpy(dtype=float)) if len(table) else np.empty(0)
    return table.assign(q=q).sort_values(["q", "p"], kind="stable", ignore_index=True)
