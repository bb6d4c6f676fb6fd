"""The two-parameter logistic model: P(theta) = 1 / (1 + exp(-a (theta - b))) (Birnbaum 1968), without a scale factor
of 1.7.

Everything is computed on logits, never on products of probabilities: a model's likelihood over a few thousand items
is far below the smallest double.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from proofgrid.irt.responses import Array


def logits(a: Array, b: Array, theta: Array) -> Array:
    """a (theta - b), shape (items, abilities)."""
    return np.asarray(np.outer(a, theta) - (a * b)[:, None], dtype=np.float64)


def probability(a: Array, b: Array, theta: Array, floor: Array | None = None) -> Array:
    """P(correct), shape (items, abilities); with ``floor`` (a chance an item) it is floor + (1 - floor) P."""
    p = np.asarray(expit(logits(a, b, theta)), dtype=np.float64)
    return p if floor is None else floor[:, None] + (1.0 - floor[:, None]) * p


def not_guessed(p: Array, floor: Array) -> Array:
    """P(the item was known | it was answered right), from the 2PL's P; floor broadcasts against ``p``."""
    return np.asarray(p / np.maximum(floor + (1.0 - floor) * p, 1e-300), dtype=np.float64)


def softplus(z: Array) -> Array:
    """log(1 + exp(z)) without overflow."""
    return np.asarray(np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z))), dtype=np.float64)


def log_likelihood(y: Array, seen: Array, a: Array, b: Array, theta: Array, floor: Array | None = None) -> Array:
    """log P(pattern | theta), shape (patterns, abilities); missing responses contribute nothing."""
    z = logits(a, b, theta)
    if floor is not None:
        lost = softplus(z)
        right = np.log(np.maximum(floor[:, None] + (1.0 - floor[:, None]) * expit(z), 1e-300))
        return np.asarray(y @ right + (seen - y) @ (np.log1p(-floor)[:, None] - lost), dtype=np.float64)
    return np.asarray(y @ z - seen @ softplus(z), dtype=np.float64)


def item_information(a: Array, b: Array, theta: Array, floor: Array | None = None) -> Array:
    """Fisher information a^2 P (1 - P) of each item, shape (items, abilities); units: 1 / ability^2.

    With a floor c it is a^2 (1 - c) P^2 (1 - P) / (c + (1 - c) P).
    """
    p = probability(a, b, theta)
    if floor is not None:
        c = floor[:, None]
        return np.asarray((a * a)[:, None] * (1 - c) * p * (1 - p) * not_guessed(p, c), dtype=np.float64)
    return np.asarray((a * a)[:, None] * p * (1.0 - p), dtype=np.float64)
