"""The response matrix of a scored run: models x items of 1, 0 and missing (docs/spec.md, section 7), as IRT reads
it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from proofgrid.run.scored import ScoredRun

VALUES = {
    "correct": 1.0,
    "incorrect": 0.0,
    "unparsable": 0.0,
    "empty": 0.0,
    "refused": 0.0,
    "truncated": 0.0,
    "api_error": np.nan,
    "checker_limit": np.nan,
}
"""How each outcome enters a matrix; ``truncated`` is an option."""


def response_matrix(
    scored_run: ScoredRun, truncated: Literal["wrong", "missing"] = "wrong", attempt: int = 0
) -> tuple[pd.DataFrame, pd.Series[str]]:
    """First-try responses (round 0) of one sample of every item.

    Returns the matrix (models x items: 1.0, 0.0 or NaN; an item a model was not asked is NaN) and the task of every
    item, both in the run's order of items. Raises ValueError on another ``truncated``.
    """
    import pandas as pd

    if truncated not in ("wrong", "missing"):
        raise ValueError(f"truncated must be 'wrong' or 'missing', not {truncated!r}")
    values = {**VALUES, "truncated": 0.0 if truncated == "wrong" else np.nan}
    table = scored_run.attempts
    table = table[(table["attempt"] == attempt) & (table["round"] == 0)]
    models = list(dict.fromkeys(table["model"]))
    items = [name for name in scored_run.items if name in set(table["item"])]
    matrix = pd.DataFrame(np.nan, index=pd.Index(models, name="model"), columns=pd.Index(items, name="item"))
    rows, columns = (
        matrix.index.get_indexer(pd.Index(table["model"])),
        matrix.columns.get_indexer(pd.Index(table["item"])),
    )
    grid = matrix.to_numpy(copy=True)
    grid[rows, columns] = table["outcome"].map(values).to_numpy(dtype=float)
    matrix = pd.DataFrame(grid, index=matrix.index, columns=matrix.columns)
    tasks = pd.Series({name: scored_run.items[name].task for name in items}, name="task", dtype=str)
    return matrix, tasks
