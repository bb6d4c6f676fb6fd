"""Classical item statistics: share correct, item-rest correlation, the upper-lower discrimination index, alpha.

Missing responses are left out: a model's total is its share of the items it answered.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from proofgrid.irt.responses import Array, Responses, read_responses

TAIL = 0.27
"""Kelley's (1939) share of models in the upper and in the lower group."""


def item_rest(y: Array, seen: Array, weight: Array) -> Array:
    """Correlation of each item with the share of the other items that are right; NaN where an item is constant.

    ``y`` and ``seen`` are patterns x items, ``weight`` the number of models of each pattern.
    """
    total, answered = y.sum(axis=1, keepdims=True), seen.sum(axis=1, keepdims=True)
    others = answered - seen
    rest = np.divide(total - y, others, out=np.zeros_like(y), where=others > 0)
    w = weight[:, None] * seen * (others > 0)
    n = np.maximum(w.sum(axis=0), 1e-300)
    mean_y, mean_r = (w * y).sum(axis=0) / n, (w * rest).sum(axis=0) / n
    covariance = (w * y * rest).sum(axis=0) / n - mean_y * mean_r
    scale = np.sqrt(
        np.maximum((w * y * y).sum(axis=0) / n - mean_y**2, 0)
        * np.maximum((w * rest * rest).sum(axis=0) / n - mean_r**2, 0)
    )
    return _divide(covariance, scale, scale > 1e-12)


def discrimination_index(y: Array, seen: Array, weight: Array, tail: float = TAIL) -> Array:
    """Share right in the upper group of models minus that in the lower one, by item, in [-1, 1].

    The groups are the ``tail`` of the models by share correct; models that tie at a boundary enter in part, so the
    index does not hang on the order of the rows.
    """
    share = y.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    size = max(1.0, tail * float(weight.sum()))
    upper, lower = _tail_weights(-share, weight, size), _tail_weights(share, weight, size)
    return _share(y, seen, upper) - _share(y, seen, lower)


def point_biserial(y: Array, seen: Array, weight: Array) -> Array:
    """Correlation of each item with the whole share correct, the item included; NaN where an item is constant."""
    total = (y.sum(axis=1) / np.maximum(seen.sum(axis=1), 1))[:, None]
    w = weight[:, None] * seen
    n = w.sum(axis=0)
    mean_y, mean_t = (w * y).sum(axis=0) / n, (w * total).sum(axis=0) / n
    covariance = (w * y * total).sum(axis=0) / n - mean_y * mean_t
    scale = np.sqrt(np.maximum(mean_y - mean_y**2, 0) * np.maximum((w * total * total).sum(axis=0) / n - mean_t**2, 0))
    return _divide(covariance, scale, scale > 1e-12)


def cronbach_alpha(data: Responses) -> float:
    """Cronbach's alpha over the models that answered every item; NaN with fewer than two of them."""
    full = data.seen.all(axis=1)
    w, y = data.weight[full], data.share[full]
    n, k = float(w.sum()), data.n_items
    if n < 2 or k < 2:
        return float("nan")
    variance = (w @ (y * y) / n - (w @ y / n) ** 2).sum()
    total = y.sum(axis=1)
    spread = float(w @ (total * total) / n - (w @ total / n) ** 2)
    return float(k / (k - 1) * (1 - variance / spread)) if spread > 0 else float("nan")


def classical_statistics(responses: pd.DataFrame | Responses) -> pd.DataFrame:
    """One row an item: n (responses), share correct, item_rest, point_biserial, di."""
    data = responses
    if not isinstance(data, Responses):
        data = read_responses(data, least_models=1, varied=False)
    right, seen = data.item_counts()
    return pd.DataFrame(
        {
            "n": seen.astype(int),
            "share_correct": right / seen,
            "item_rest": item_rest(data.share, data.present, data.weight),
            "point_biserial": point_biserial(data.share, data.present, data.weight),
            "di": discrimination_index(data.share, data.present, data.weight),
        },
        index=data.items,
    )


def _tail_weights(key: Array, weight: Array, size: float) -> Array:
    """Weights of the models with the smallest keys, ``size`` of them in all; ties share what is left."""
    out = np.zeros_like(weight)
    left = size
    for value in np.unique(key):
        tied = key == value
        have = float(weight[tied].sum())
        out[tied] = weight[tied] * min(1.0, left / have) if have > 0 else 0.0
        left -= min(left, have)
        if left <= 0:
            break
    return out


def _share(y: Array, seen: Array, weight: Array) -> Array:
    n = weight @ seen
    return _divide(weight @ y, n, n > 0)


def _divide(top: Array, bottom: Array, where: NDArray[np.bool_]) -> Array:
    """top / bottom, NaN elsewhere."""
    out: Array = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=where)
    return out
