"""What EM needs of the 2PL's likelihood at nodes of ability, in blocks of items.

Nothing is held of items x nodes but of one block, whose curves stay in a processor's cache. The items of a block can
all be guessed or none can; those that can are the 2PL of the augmented data in which guesses are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from proofgrid.irt.model import not_guessed
from proofgrid.irt.responses import Array, Responses

_BLOCK = 16_000
"""Items x nodes of a block: arrays below 128 KiB, from where on malloc may map fresh pages for each."""
_LARGEST = 700.0
"""The largest logit whose exponential is a double."""


class Sums(NamedTuple):
    """Sums over models and abilities of the derivatives of the log likelihood by the logit, times powers of ability.

    Rows are the powers from 0 on, columns the items. Derivatives are of the 2PL whose guesses are told apart, but for
    ``observed``, the second ones of what was seen, and ``third``, which go with it.
    """

    first: Array
    second: Array
    observed: Array
    third: Array


@dataclass(frozen=True)
class Block:
    """Some of a table's items."""

    items: NDArray[np.intp]
    y: Array
    """patterns x these items"""
    seen: Array | None
    """The same; None where every cell holds one response."""
    chance: Array | None
    """Of guessing, items x 1; None where these items cannot be guessed."""

    def log_likelihood(self, a: Array, b: Array, theta: Array) -> Array:
        """patterns x nodes; ``a`` and ``b`` are of all items."""
        a, b = a[self.items], b[self.items]
        z, e = _logits(a, b, theta)
        if self.chance is None:
            right = np.outer(self.y @ a, theta) - (self.y @ (a * b))[:, None]
        else:
            # The odds of a right answer with a chance c of guessing are (1 + e c) / (1 - c) times exp(z).
            right = self.y @ (np.log((1.0 + e * self.chance) / (1.0 - self.chance)) + z)
        lost = np.log(np.add(e, 1.0, out=e), out=e)
        lost += z  # log(1 + exp(z))
        if self.chance is not None:
            lost -= np.log1p(-self.chance)
        return np.asarray(right - (lost.sum(axis=0) if self.seen is None else self.seen @ lost), dtype=np.float64)

    def sums(self, a: Array, b: Array, powers: Array, weighted: Array) -> Sums:
        """Of these items; ``powers``, nodes x 4, are those of ability, ``weighted``, patterns x nodes, posteriors times
        weights.
        """
        _, e = _logits(a[self.items], b[self.items], powers[:, 1])
        p = np.reciprocal(np.add(e, 1.0, out=e), out=e)
        counts = weighted.sum(axis=0) if self.seen is None else self.seen.T @ weighted

        def over_nodes(values: Array, count: int) -> Array:
            of = powers[:, :count]
            return np.asarray((values @ (counts[:, None] * of) if self.seen is None else (counts * values) @ of).T)

        pq = 1.0 - p
        pq *= p
        skew = 1.0 - (p + p)
        skew *= pq
        second, third = -over_nodes(pq, 3), -over_nodes(skew, 4)
        if self.chance is None:
            right = (weighted @ powers[:, :2]).T @ self.y
            return Sums(right - over_nodes(p, 2), second, second, third)
        right_answers = self.y.T @ weighted
        not_by_guess = not_guessed(p, self.chance)
        # What was known and not guessed takes the place of what was right.
        right = (right_answers * not_by_guess @ powers[:, :2]).T
        slope, bend = _with_guesses(p, (1.0 - self.chance) * not_by_guess)
        more_second, more_third = right_answers * (slope + pq), right_answers * (bend + skew)
        return Sums(
            right - over_nodes(p, 2),
            second,
            second + (more_second @ powers[:, :3]).T,
            third + (more_third @ powers).T,
        )


def blocks(data: Responses, nodes: int) -> list[Block]:
    """All items, as many at a time as suit that many nodes."""
    size = max(1, _BLOCK // nodes)
    return [
        Block(
            items,
            np.ascontiguousarray(data.y[:, items]),
            None if data.complete else np.ascontiguousarray(data.seen[:, items]),
            data.floor[items, None] if data.floor is not None and data.floor[items[0]] else None,
        )
        for alike in _alike(data)
        for items in (alike[k : k + size] for k in range(0, len(alike), size))
    ]


def _alike(data: Responses) -> Iterator[NDArray[np.intp]]:
    """Items that cannot be guessed, and those that can."""
    if data.floor is None:
        yield np.arange(data.n_items)
    else:
        yield np.flatnonzero(data.floor == 0)
        yield np.flatnonzero(data.floor)


def _logits(a: Array, b: Array, theta: Array) -> tuple[Array, Array]:
    """Logits and exp(-logit), items x nodes."""
    z = np.outer(a, theta)
    z -= (a * b)[:, None]
    np.maximum(z, -_LARGEST, out=z)
    e = np.negative(z)
    return z, np.exp(e, out=e)


def _with_guesses(p: Array, known: Array) -> tuple[Array, Array]:
    """Second and third derivatives of log P(right) by the logit where some right answers are guesses.

    ``p`` is the 2PL's, ``known`` the share of right answers that are no guesses, times 1 - chance.
    """
    q = 1.0 - p
    lost = 1.0 - known
    slope = known * q
    bend = lost * q - p
    second = slope * bend
    return second, second * bend - slope * q * (lost * (slope + p) + p)


__all__ = ["Block", "Sums", "blocks"]
