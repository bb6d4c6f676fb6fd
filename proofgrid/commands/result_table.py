"""The table at the end of a run: a row a model, its tasks as columns, at any width without losing a name or a number.

Model, correct and interval always stand; in a narrow terminal the least needed of the others goes first. Tasks that do
not fit beside each other go into further blocks below. Answers without a verdict are one column, with the kinds in a
sentence below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from proofgrid.report.names import shortened
from proofgrid.report.text import visible
from proofgrid.statistics import RATES

if TYPE_CHECKING:
    import pandas as pd

LEAST_NAME = 18
"""Columns that a model's name keeps, however narrow the terminal."""
GAP = "  "
Column = tuple[str, list[str]]
"""A heading and the cells below it."""


def result_lines(rows: pd.DataFrame, title: str, width: int) -> list[str]:
    """What :func:`proofgrid.statistics.summarize` found, as lines of at most ``width`` characters (or about 50)."""
    models = list(dict.fromkeys(str(m) for m in rows["model"]))
    records = cast("list[dict[str, Any]]", rows.to_dict("records"))
    by = {(str(row["model"]), str(row["task"])): row for row in records}
    tasks = [task for task in dict.fromkeys(str(t) for t in rows["task"]) if task != "all"]
    whole = [_whole(by, model, tasks) for model in models]
    columns = fitting(_columns(whole), width - min(LEAST_NAME, max(map(len, models))))
    tables = [columns]
    if len(tasks) > 1:
        tables += _blocks([_task_column(task, [by.get((m, task)) for m in models]) for task in tasks], width)
    room = width - max(sum(size(c) + len(GAP) for c in table) for table in tables)
    names = [visible(name) for name in shortened(models, max(LEAST_NAME, room))]
    out = [f"{visible(title)}: {_short(tasks[0])}" if len(tasks) == 1 else visible(title), ""]
    out += block(names, columns)
    if len(tasks) > 1:
        out += ["", "correct, % by task"]
        for table in tables[1:]:
            out += ["", *block(names, table)]
    return [*out, "", *without_verdict(whole)]


def _whole(by: dict[tuple[str, str], dict[str, Any]], model: str, tasks: Sequence[str]) -> dict[str, Any]:
    own = [task for task in tasks if (model, task) in by]
    return by.get((model, "all")) or by[model, own[0]]


def _columns(whole: Sequence[dict[str, Any]]) -> list[Column]:
    out = [
        ("correct", [percent(row["accuracy"]) for row in whole]),
        ("95%", [interval(row) for row in whole]),
        ("strict", [percent(row["strict"]) for row in whole]),
        ("cost", [cost(str(row["cost"])) for row in whole]),
        ("answers", [f"{row['answers']:,}" for row in whole]),
    ]
    if any(row["repaired"] == row["repaired"] for row in whole):
        out.insert(3, ("repaired", [percent(row["repaired"]) for row in whole]))
    if any(row["pass_at_k"] == row["pass_at_k"] for row in whole):
        cells = [f"{percent(row['pass_at_k'])} k={row['k']}" if row["k"] > 1 else "-" for row in whole]
        out.insert(3, ("pass@k", cells))
    if any(row[name] > 0 for row in whole for name in RATES):
        out.insert(4, ("no verdict", [percent(sum(row[name] for name in RATES)) for row in whole]))
    return out


def _task_column(task: str, rows: Sequence[dict[str, Any] | None]) -> Column:
    items = max((int(row["items"]) for row in rows if row is not None), default=0)
    return f"{_short(task)}\nn={items}", [
        "-" if row is None or row["accuracy"] != row["accuracy"] else f"{100 * row['accuracy']:.0f}" for row in rows
    ]


def _short(task: str) -> str:
    return visible(task.upper().replace("_", "-"))


def size(column: Column) -> int:
    """Characters that a column takes."""
    return max(len(part) for part in (*column[0].split("\n"), *column[1]))


def fitting(columns: list[Column], room: int) -> list[Column]:
    """The columns, without the last ones if they do not fit: model, correct and interval are never left out."""
    while len(columns) > 2 and sum(size(c) + len(GAP) for c in columns) > room:
        columns = columns[:-1]
    return columns


def _blocks(columns: list[Column], width: int) -> Iterator[list[Column]]:
    room = width - LEAST_NAME - 8
    block: list[Column] = []
    for column in columns:
        if block and sum(size(c) + len(GAP) for c in (*block, column)) > room:
            yield block
            block = []
        block.append(column)
    yield block


def block(names: Sequence[str], columns: Sequence[Column], named: str = "model") -> list[str]:
    """A table's lines: names at the left under ``named``, the columns right-aligned beside them."""
    side = max(len(named), *map(len, names))
    height = max(head.count("\n") + 1 for head, _ in columns)
    heads = [([""] * height + head.split("\n"))[-height:] for head, _ in columns]
    sizes = [size(column) for column in columns]
    out = []
    for at in range(height):
        left = (named if at == height - 1 else "").ljust(side)
        out.append(GAP.join([left, *(h[at].rjust(n) for h, n in zip(heads, sizes, strict=True))]).rstrip())
    out.append("─" * (side + sum(n + len(GAP) for n in sizes)))
    for row, name in enumerate(names):
        out.append(GAP.join([name.ljust(side), *(c[1][row].rjust(n) for c, n in zip(columns, sizes, strict=True))]))
    return out


def without_verdict(whole: Sequence[dict[str, Any]]) -> list[str]:
    """Which outcomes answers without a verdict had; all that are zero folded into one sentence."""
    totals = {name: sum(row[name] * row["answers"] for row in whole if row[name] == row[name]) for name in RATES}
    some = [f"{round(n):,} {name.replace('_', ' ')}" for name, n in totals.items() if n > 0]
    if not some:
        return ["Every answer has a verdict: none cut off, refused, empty, unreadable or lost."]
    return [f"Without a verdict: {', '.join(some)}."]


def percent(share: float) -> str:
    """``83.3%``; a dash where there is nothing."""
    return "-" if share != share else f"{100 * share:.1f}%"


def interval(row: dict[str, Any]) -> str:
    """``44-97``; a dash where there is nothing."""
    return f"{100 * row['low']:.0f}-{100 * row['high']:.0f}" if row["low"] == row["low"] else "-"


def cost(text: str) -> str:
    """What an answer's cost is called: ``free`` where every price is known to be nothing."""
    return "free" if text == "$0.00" else text
