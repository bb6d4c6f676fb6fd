"""A checked response matrix as arrays: models in rows, items in columns, each cell k right of n samples, or missing.

Everything that estimates starts from :class:`Responses`, so that a matrix is checked once, in one place, and an error
names the row or the column that is wrong. Rows that are equal are kept once, with their number as weight: a table of a
thousand persons by five items has at most 32 distinct rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from proofgrid.irt.errors import ResponseError

Array: TypeAlias = NDArray[np.floating[Any]]

_SHOWN = 3


@dataclass(frozen=True)
class Responses:
    """``y`` and ``seen`` are patterns x items: right answers and answers in each cell (both 0 where it is missing)."""

    models: pd.Index
    items: pd.Index
    y: Array
    seen: Array
    weight: Array
    """How many models gave each pattern."""
    pattern: NDArray[np.intp]
    """For each model, the row of its pattern."""
    complete: bool
    """Every cell holds one response."""
    floor: Array | None = None
    """The chance of solving each item by guessing; None: none."""

    @property
    def share(self) -> Array:
        """y / seen, 0 where missing."""
        return np.divide(self.y, self.seen, out=np.zeros_like(self.y), where=self.seen > 0)

    @property
    def present(self) -> Array:
        """1.0 where there is a response."""
        return np.asarray(self.seen > 0, dtype=np.float64)

    @property
    def n_models(self) -> int:
        """Number of models (rows of the table, not patterns)."""
        return len(self.models)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.items)

    @property
    def matrix(self) -> Array:
        """Models x items of shares right, with NaN where missing."""
        full = np.where(self.seen > 0, self.share, np.nan)
        return np.asarray(full[self.pattern], dtype=np.float64)

    def item_counts(self) -> tuple[Array, Array]:
        """For each item the number of 1s and the number of responses."""
        return self.weight @ self.y, self.weight @ self.seen

    def constant_items(self) -> NDArray[np.bool_]:
        """Items that every model solved, or that none did."""
        right, seen = self.item_counts()
        return np.asarray((right == 0) | (right == seen), dtype=np.bool_)

    def take_items(self, keep: NDArray[np.bool_]) -> Responses:
        """The same models on some of the items."""
        part = from_arrays(
            self.models, self.items[keep], self.y[:, keep][self.pattern], self.seen[:, keep][self.pattern]
        )
        return part if self.floor is None else replace(part, floor=self.floor[keep])


def from_arrays(models: pd.Index, items: pd.Index, y: Array, seen: Array) -> Responses:
    """Fold equal rows. ``y`` must be 0 wherever ``seen`` is 0."""
    single = bool((seen <= 1).all())
    coded = (y + 2 * (1 - seen)).astype(np.int8) if single else np.concatenate([y, seen], axis=1).astype(np.int32)
    _, first, inverse, counts = np.unique(coded, axis=0, return_index=True, return_inverse=True, return_counts=True)
    return Responses(
        models,
        items,
        np.ascontiguousarray(y[first]),
        np.ascontiguousarray(seen[first]),
        counts.astype(np.float64),
        inverse.reshape(-1),
        bool((seen == 1).all()),
    )


def connected(data: Responses) -> NDArray[np.intp]:
    """The component of each model in the graph of models and items that have a response in common."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.nonzero(data.seen)
    size = len(data.weight) + data.n_items
    graph = coo_matrix((np.ones(len(rows)), (rows, columns + len(data.weight))), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    return np.unique(label[: len(data.weight)][data.pattern], return_inverse=True)[1].reshape(-1).astype(np.intp)


def read_responses(
    table: pd.DataFrame, samples: pd.DataFrame | None = None, *, least_models: int = 2, varied: bool = True
) -> Responses:
    """Check a table of models x items and fold it.

    Cells are 0, 1 or missing; with ``samples``, a table of the same rows and columns that says how many answers each
    cell holds, they are the shares of these that are right.
    ``varied`` asks for at least one item on which the models differ. Raises ResponseError, whose sentence names the
    first rows or columns at fault: duplicate ids, values other than 0, 1 and missing, models or items without any
    response, fewer models than ``least_models``, a constant matrix.
    """
    if not isinstance(table, pd.DataFrame):
        raise ResponseError("the responses must be a pandas DataFrame with one row a model and one column an item")
    if table.shape[1] == 0 or table.shape[0] == 0:
        raise ResponseError(f"the response matrix is empty: {table.shape[0]} models and {table.shape[1]} items")
    for axis, what in ((table.index, "model"), (table.columns, "item")):
        if axis.has_duplicates:
            raise ResponseError(
                f"{what} {_names(axis[axis.duplicated()].unique())} occurs more than once; give each "
                f"{what} an id of its own"
            )
    if table.shape[0] < least_models:
        raise ResponseError(
            f"only one model ('{table.index[0]}') is in the matrix; item response theory compares models, so give at "
            f"least {least_models}"
        )
    values = _numbers(table)
    missing = np.isnan(values)
    counts = _counts(table, samples, missing)
    right = np.where(np.isfinite(values), values * counts, 0.0)
    wrong = ~missing & ~((values >= 0) & (values <= 1) & (np.abs(right - np.rint(right)) < 1e-6))
    if wrong.any():
        row, column = (int(k) for k in np.argwhere(wrong)[0])
        raise ResponseError(
            f"model '{table.index[row]}', item '{table.columns[column]}' holds {table.iat[row, column]!r}; a response "
            "is 0, 1 or missing, or with `samples` (in a file: k/n) the share of n answers that is right"
        )
    if missing.all():
        raise ResponseError("every response is missing; there is nothing to fit")
    if (empty := np.asarray(missing.all(axis=1))).any():
        raise ResponseError(f"model {_names(table.index[empty])} has no response at all; leave the row out")
    if (empty := np.asarray(missing.all(axis=0))).any():
        raise ResponseError(f"item {_names(table.columns[empty])} has no response at all; leave the column out")
    responses = from_arrays(table.index, table.columns, np.rint(right), np.where(missing, 0.0, counts))
    if varied and responses.constant_items().all():
        raise ResponseError(
            "no item tells the models apart: every column is constant (all 0 or all 1), so nothing can be estimated"
        )
    return responses


def _counts(table: pd.DataFrame, samples: pd.DataFrame | None, missing: NDArray[np.bool_]) -> Array:
    if samples is None:
        return np.ones(table.shape)
    counts = samples.reindex(index=table.index, columns=table.columns).to_numpy(dtype=np.float64, na_value=np.nan)
    if bad := np.argwhere(~missing & ~((counts >= 1) & (counts == np.rint(counts)))).tolist():
        row, column = bad[0]
        raise ResponseError(
            f"model '{table.index[row]}', item '{table.columns[column]}' has a response and {counts[row, column]:g} "
            "samples; give a whole number from 1 on"
        )
    return np.asarray(counts, dtype=np.float64)


def read_groups(groups: pd.Series[str] | Mapping[str, str] | None, items: pd.Index) -> pd.Series[str] | None:
    """The task of each item, in the items' order. Raises ResponseError for an item without one."""
    if groups is None:
        return None
    series = pd.Series(groups) if not isinstance(groups, pd.Series) else groups
    if series.index.has_duplicates:
        raise ResponseError(f"item {_names(series.index[series.index.duplicated()])} has more than one task")
    if len(lost := items.difference(series.index)):
        raise ResponseError(f"item {_names(lost)} has no task in `groups`; name one for each item")
    ordered = series.reindex(items)
    if ordered.isna().any():
        raise ResponseError(
            f"item {_names(items[ordered.isna().to_numpy()])} has no task in `groups`; name one for each item"
        )
    return ordered.astype(str)


def _numbers(table: pd.DataFrame) -> Array:
    try:
        return table.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        numeric = table.apply(pd.to_numeric, errors="coerce")
        row, column = (int(k) for k in np.argwhere((numeric.isna() & ~table.isna()).to_numpy())[0])
        raise ResponseError(
            f"model '{table.index[row]}', item '{table.columns[column]}' holds {table.iat[row, column]!r}; a response "
            "is 0, 1 or missing"
        ) from None


def _names(ids: pd.Index) -> str:
    shown = ", ".join(f"'{name}'" for name in ids[:_SHOWN])
    return shown + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
