"""Fits to parts or draws of a table: started from its fit, on a coarser grid, and no more of them than time allows.

What resamples models refits hundreds of times, so a refit may err where the error is far below that of the resampling:
the grid's spacing is COARSE posterior standard deviations (the trapezoidal rule then errs by about 5e-4 of a density)
and ends where no posterior has mass, and passes end at TOLERANCE. How many refits a table can afford is counted in
work, not in seconds, so that the same table gives the same figures on any machine; the number is stated beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from proofgrid.irt.em import EmResult, fit_em
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import task_of
from proofgrid.irt.priors import DEFAULT_PRIORS, Priors
from proofgrid.irt.quadrature import Grid, make_grid, moments
from proofgrid.irt.responses import Array, Responses
from proofgrid.irt.robust import resampled_models

COARSE = 1.6
TOLERANCE = 2e-2
MOST_PASSES = 100
BUDGET = 6.0e9
"""Units of work that all refits of an analysis may cost together: one is about a nanosecond of one core."""
LEAST_DRAWS = 20
"""Fewer draws than this give no interval."""
_FEWEST_PASSES = 6
_NODE, _PATTERN = 26.0, 0.05
_ONE_REFIT: WeakKeyDictionary[Fit2PL, float] = WeakKeyDictionary()


def refit_grid(fit: Fit2PL) -> Grid:
    """The coarse grid of a table's refits."""
    mean, variance = moments(fit.post, fit.grid)
    sd = np.sqrt(variance)
    low, high = float((mean - 7 * sd).min()) - 0.3, float((mean + 7 * sd).max()) + 0.3
    points = int(np.ceil((high - low) / (COARSE * float(sd.min())))) + 1
    return make_grid(low, high, max(31, min(points, len(fit.grid.theta))))


def affordable(fit: Fit2PL, wanted: int, share: float) -> int:
    """As many of the ``wanted`` refits to the whole table as ``share`` of BUDGET pays for.

    What a refit costs hangs on its passes, and these on the responses (from 10 to MOST_PASSES): where that matters one
    is made to see.
    """
    nodes = len(refit_grid(fit).theta)
    if within(wanted, work(fit.data, nodes, MOST_PASSES), share) == wanted:
        return wanted
    most = within(wanted, work(fit.data, nodes, _FEWEST_PASSES), share)
    return min(most, within(wanted, _one_refit(fit), share)) if most else 0


def _one_refit(fit: Fit2PL) -> float:
    """The work of a refit to one draw of the models, the same whenever it is asked."""
    if fit not in _ONE_REFIT:
        rng, drawn = np.random.default_rng(0), None
        while drawn is None:
            drawn = refit_to_draw(fit, rng, refit_grid(fit))
        _ONE_REFIT[fit] = drawn.work
    return _ONE_REFIT[fit]


def work(data: Responses, nodes: int, passes: int) -> float:
    """Units of work of one refit: as many passes over the items of ``data`` at that many nodes."""
    return passes * data.n_items * nodes * (_NODE + _PATTERN * len(data.weight))


def within(wanted: int, one: float, share: float) -> int:
    """As many of the ``wanted`` repetitions, of ``one`` unit of work each, as ``share`` of BUDGET pays for."""
    return int(min(wanted, share * BUDGET // one))


def again(fit: Fit2PL, data: Responses, items: NDArray[np.bool_], grid: Grid, priors: Priors | None = None) -> EmResult:
    """The 2PL of ``data``, whose items are those of the fit where ``items`` holds, from the fit's own estimates."""
    chosen = priors if priors is not None else (DEFAULT_PRIORS if fit.engine != "map" else fit.priors)
    tasks = np.asarray(pd.factorize(task_of(fit)[items])[0], dtype=np.intp)
    a, b = fit.discrimination.to_numpy()[items], fit.difficulty.to_numpy()[items]
    start: tuple[Array, Array] = (np.log(np.where(np.isfinite(a), a, 1.0)), np.where(np.isfinite(b), b, 0.0))
    return fit_em(
        data,
        chosen,
        tasks,
        start=start,
        grid=grid,
        tolerance=TOLERANCE,
        max_passes=MOST_PASSES,
        ratio=COARSE,
    )


@dataclass(frozen=True)
class Draw:
    """A draw of the models: their responses to all items, and what was fitted to them."""

    sample: Responses
    a: Array
    b: Array
    """NaN where the drawn models tell nothing of an item."""
    work: float


def refit_to_draw(fit: Fit2PL, rng: np.random.Generator, grid: Grid) -> Draw | None:
    """Models (families where they are named) drawn with replacement and the fit again; None of one pattern only."""
    data = fit.data
    drawn = resampled_models(fit.units, rng)
    weight = np.bincount(data.pattern[drawn], minlength=len(data.weight)).astype(np.float64)
    present = weight > 0
    if present.sum() < 2:
        return None
    sample = replace(data, y=data.y[present], seen=data.seen[present], weight=weight[present])
    usable = fit.estimated & (sample.weight @ sample.seen > 0)
    if fit.priors is None and fit.engine == "map":
        usable &= ~sample.constant_items()
    a, b = np.full(data.n_items, np.nan), np.full(data.n_items, np.nan)
    spent = 0.0
    if usable.any():
        part = replace(
            sample,
            items=data.items[usable],
            y=sample.y[:, usable],
            seen=sample.seen[:, usable],
            floor=None if data.floor is None else data.floor[usable],
        )
        found = again(fit, part, usable, grid)
        spent = work(part, len(found.grid.theta), found.passes)
        a[usable], b[usable] = found.a, found.b
    return Draw(sample, a, b, spent)
