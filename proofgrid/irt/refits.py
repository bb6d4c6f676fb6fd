"""Fits to parts or draws of a table: started from its fit, on a coarser grid, and no more of them than time allows.

What resamples models refits hundreds of times, so a refit may err where the error is far below that of the resampling:
the grid's spacing is COARSE posterior standard deviations (the trapezoidal rule then errs by about 1e-4 of a density)
and ends where no posterior has mass. How many refits a table can afford is counted in work, not in seconds, so that the
same table gives the same figures on any machine; the number is stated beside them.
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

COARSE = 1.4
TOLERANCE = 5e-3
MOST_PASSES = 100
BUDGET = 14.0e9
"""Units of work that all refits of an analysis may cost together: one is about a nanosecond of one core."""
_PASSES = 14
_NODE, _PATTERN = 80.0, 0.1


def refit_grid(fit: Fit2PL) -> Grid:
    """The coarse grid of a table's refits."""
    mean, variance = moments(fit.post, fit.grid)
    sd = np.sqrt(variance)
    low, high = float((mean - 7 * sd).min()) - 0.3, float((mean + 7 * sd).max()) + 0.3
    points = int(np.ceil((high - low) / (COARSE * float(sd.min())))) + 1
    return make_grid(low, high, max(31, min(points, len(fit.grid.theta))))


def affordable(fit: Fit2PL, wanted: int, share: float) -> int:
    """As many of the ``wanted`` refits to the whole table as ``share`` of BUDGET pays for."""
    nodes = len(refit_grid(fit).theta)
    one = _PASSES * fit.data.n_items * nodes * (_NODE + _PATTERN * len(fit.data.weight))
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
