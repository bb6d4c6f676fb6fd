"""Fisher information of items, tasks and the whole test, and what precision follows.

Information has units of 1 / ability^2; the standard error of measurement at an ability is 1 / sqrt(information).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.model import item_information
from proofgrid.irt.responses import Array

ABILITIES: Array = np.linspace(-4.0, 4.0, 161)


@dataclass(frozen=True)
class Information:
    """``by_item`` and ``by_task`` are abilities x items and abilities x tasks; ``sem`` is infinite without items."""

    theta: Array
    by_item: pd.DataFrame
    by_task: pd.DataFrame
    test: pd.Series[float]
    sem: pd.Series[float]
    marginal_reliability: float


def information(fit: Fit2PL, groups: pd.Series[str] | None = None, theta: Array = ABILITIES) -> Information:
    """Item, task and test information over ``theta``. Items without estimates are left out."""
    keep = fit.estimated
    a, b = fit.discrimination.to_numpy()[keep], fit.difficulty.to_numpy()[keep]
    floor = None if fit.data.floor is None else fit.data.floor[keep]
    index = pd.Index(theta, name="ability")
    by_item = pd.DataFrame(item_information(a, b, theta, floor).T, index=index, columns=fit.items[keep])
    tasks = task_of(fit, groups)[keep]
    by_task = by_item.T.groupby(tasks, sort=False).sum().T
    test = by_item.sum(axis=1)
    with np.errstate(divide="ignore"):
        sem = 1.0 / np.sqrt(test)
    return Information(theta, by_item, by_task, test, sem, marginal_reliability(a, b, floor))


def marginal_reliability(a: Array, b: Array, floor: Array | None = None) -> float:
    """1 minus the mean of 1 / (I(theta) + 1) over abilities N(0, 1) (Green et al. 1984, the prior's information
    counted, so that it is defined for the shortest test).
    """
    theta, weight = normal_nodes()
    total = item_information(a, b, theta, floor).sum(axis=0)
    return float(1.0 - weight @ (1.0 / (total + 1.0)))


def where_tasks_tell(fit: Fit2PL, groups: pd.Series[str] | None = None) -> pd.DataFrame:
    """For each task: the ability where it informs most, and the span where it keeps half of that information."""
    found = information(fit, groups, np.linspace(-6.0, 6.0, 481))
    rows = {}
    for task in found.by_task.columns:
        curve = found.by_task[task].to_numpy()
        wide = found.theta[curve >= curve.max() / 2]
        rows[task] = {
            "peak_ability": float(found.theta[curve.argmax()]),
            "peak_information": float(curve.max()),
            "half_from": float(wide[0]),
            "half_to": float(wide[-1]),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def normal_nodes() -> tuple[Array, Array]:
    """Nodes and weights that integrate over N(0, 1) to machine precision for the 2PL's smooth curves."""
    theta = np.linspace(-8.0, 8.0, 321)
    weight = np.exp(-0.5 * theta * theta)
    return theta, np.asarray(weight / weight.sum(), dtype=np.float64)


def task_of(fit: Fit2PL, groups: pd.Series[str] | None = None) -> pd.Series[str]:
    """The task of each item: ``groups``, else the fit's own, else one task called ``all``."""
    if groups is not None:
        return groups.reindex(fit.items).astype(str)
    return fit.groups if fit.groups is not None else pd.Series("all", index=fit.items)
