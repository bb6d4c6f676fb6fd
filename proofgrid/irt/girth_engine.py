"""girth 0.8 as the reference engine, guarded against what it does silently.

girth multiplies probabilities, so with enough items every likelihood is 0 and abilities are NaN; it reports a
discrimination at its bound (0.2 or 5) as an estimate; and it gives an item that everyone solved a difficulty of +6.
Here such items are masked, too many items are refused, and estimates at a bound are flagged.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from proofgrid.irt.errors import EngineError
from proofgrid.irt.responses import Array, Responses

MOST_ITEMS = 1000
"""2^-1000 is still a double and 2^-1075 is not: beyond this girth's likelihoods may vanish."""
LARGE_SAMPLE = 200
"""From this many models the plain marginal likelihood is used instead of girth's priors."""
_BOUNDS_A = (0.2, 5.0)
_BOUND_B = 6.0


@dataclass(frozen=True)
class GirthResult:
    """Estimates of the items that were kept; ``at_bound`` marks those that are girth's bounds and not estimates."""

    a: Array
    b: Array
    at_bound: NDArray[np.bool_]
    method: str


def fit_girth(data: Responses, method: str | None = None) -> GirthResult:
    """Fit items that vary. ``method`` is twopl_mml_eap or twopl_mml (None: by the number of models).

    Raises EngineError, naming the other engine, for more items than girth's arithmetic can hold.
    """
    import girth

    if data.n_items > MOST_ITEMS:
        raise EngineError(
            f"girth multiplies probabilities and loses {data.n_items} items to underflow (at most {MOST_ITEMS}); "
            'use engine="map"'
        )
    method = method or ("twopl_mml" if data.n_models >= LARGE_SAMPLE else "twopl_mml_eap")
    if data.seen.max() > 1:
        raise EngineError('girth knows no repeated samples; use engine="map"')
    full = np.where(data.seen > 0, data.y, girth.INVALID_RESPONSE)[data.pattern].T.astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = getattr(girth, method)(full)
    a = np.asarray(result["Discrimination"], dtype=np.float64)
    b = np.asarray(result["Difficulty"], dtype=np.float64)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise EngineError(f'girth\'s {method} gave estimates that are not numbers; use engine="map"')
    at_bound = (a < _BOUNDS_A[0] + 1e-2) | (a > _BOUNDS_A[1] - 1e-2) | (np.abs(b) > _BOUND_B - 1e-2)
    return GirthResult(a, b, at_bound, method)
