"""Items for a host's task, and what a host is told of them: a frozen suite's, or new ones made from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofgrid import Item, UserError, get_task, load_suite


def choose_items(
    task_id: str, suite: str = "v1", seed: int | None = None, n: int = 100, level: int | None = None
) -> Sequence[Item]:
    """The items of a frozen suite, or, with ``seed``, ``n`` new ones; of one ``level`` if it is given.

    Raises UnknownTaskError, SuiteError, GenerationError.
    """
    if seed is not None:
        return list(get_task(task_id).generate(n, seed, level))
    return [item for item in load_suite(suite, [task_id]) if level is None or item.level == level]


def row_of(item: Item) -> dict[str, str | int]:
    """An item as a row of a data set: what a model is shown, an answer that is right, and the item for scoring."""
    task = get_task(item.task)
    return {
        "id": item.id,
        "task": item.task,
        "level": item.level,
        "prompt": task.prompt(item.shown),
        "reference_answer": task.reference_answer(item),
        "item": item.to_json(),
    }


def items_of_columns(columns: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
    """The items that a data set's columns hold: ``item``, or the seven that an item is made of. Raises UserError."""
    if "item" in columns:
        return columns["item"]
    names = Item.__slots__
    if missing := [name for name in names if name not in columns]:
        raise UserError(
            "the data set has neither a column `item` nor all of those that `proofgrid export-dataset` writes: "
            f"it lacks {', '.join(missing)}"
        )
    return [dict(zip(names, row, strict=True)) for row in zip(*(columns[name] for name in names), strict=True)]
