"""Fits to parts or draws of a table: started from its fit, on a coarser grid, and no more of them than time allows.

What resamples models refits hundreds of times, so a refit may err where the error is far below that of the resampling:
the grid's spacing is COARSE posterior standard deviations (the trapezoidal rule then errs by about 5e-4 of a density)
and ends where no posterior has mass. Passes end at TOLERANCE: against refits carried to the end, D1 of a task
was off by at most .002 at 24 x 1,500 and .025 at 24 x 150, where draws spread by .046 and .077. How many refits a table
can afford is counted in work, not in seconds, so that the same table gives the same figures on any machine; the number
is stated beside them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from proofgrid.irt.em import EmResult, fit_em
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import task_of
from proofgrid.irt.priors import DEFAULT_PRIORS, Priors
from proofgrid.irt.quadrature import Grid, make_grid, moments
from proofgrid.irt.responses import Array, Responses

COARSE = 1.6
TOLERANCE = 2e-2
MOST_PASSES = 100
BUDGET = 6.0e9
"""Units of work that all refits of an analysis may cost together: one is about a nanosecond of one core."""
LEAST_DRAWS = 20
"""Fewer draws than this give no interval."""
_PASSES = 19
_NODE, _PATTERN = 26.0, 0.05


def refit_grid(fit: Fit2PL) -> Grid:
    """The coarse grid of a table's refits."""
    mean, variance = moments(fit.post, fit.grid)
    sd = np.sqrt(variance)
    low, high = float((mean - 7 * sd).min()) - 0.3, float((mean + 7 * sd).max()) + 0.3
    points = int(np.ceil((high - low) / (COARSE * float(sd.min())))) + 1
    return make_grid(low, high, max(31, min(points, len(fit.grid.theta))))


def affordable(fit: Fit2PL, wanted: int, share: float) -> int:
    """As many of the ``wanted`` refits to the whole table as ``share`` of BUDGET pays for."""
    return within(wanted, work(fit.data, len(refit_grid(fit).theta), _PASSES), share)


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
