"""Free beside constrained: the same model with and without the grammar, compared item by item.

A free answer can fail to be written down right although its plan is right; under the grammar it cannot. So the three
columns (strictly read, read with its slips mended, constrained) part the plan from its execution.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd

from proofgrid.checker.counting import count
from proofgrid.comparing import Pairwise, compare_all
from proofgrid.report.blocks import Block, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.tables import Cell, Column, Table, model_cell, p_value, percent

TITLE = "Free and constrained"
LEAD = (
    "The same model, asked once freely and once with its answers generated under the grammar of the task, on the items "
    "that it answered both ways. Under the grammar an answer that is not cut off can always be read, so what is still "
    "wrong is the proof."
)


@dataclass(frozen=True, slots=True)
class Twins:
    """Contestants that are one model: ``free`` as it is, ``constrained`` under the grammar, in the way named."""

    free: int
    constrained: int
    way: str


def twins(board: Board) -> list[Twins]:
    """Every constrained contestant with its free one: of the same run where it is there, else of another."""
    free: dict[str, list[int]] = {}
    constrained: list[tuple[int, str, str]] = []
    for who, model in enumerate(board.models):
        kept = board.runs[board.of_run[who]].header.get("models")
        configs = [c for c in kept if isinstance(c, dict)] if isinstance(kept, list) else []
        config = next((c for c in reversed(configs) if c.get("label") == model), None)
        if config is None:
            continue
        same = json.dumps([config.get(n) for n in ("provider", "model", "params", "serve", "system")], sort_keys=True)
        if config.get("constrain"):
            constrained.append((who, same, str(config["constrain"])))
        else:
            free.setdefault(same, []).append(who)
    found = []
    for who, same, way in constrained:
        others = free.get(same, [])
        near = [other for other in others if board.of_run[other] == board.of_run[who]] or others
        found += [Twins(near[-1], who, way)] if near else []
    return found


def section(board: Board) -> Section | None:
    """The comparison; None where no model was asked both ways."""
    found = twins(board)
    rows = [row for pair in found for row in _rows(board, pair)]
    if not rows:
        return None
    columns = (
        Column("model", "text"),
        Column("task", "text"),
        Column("items", help="answered both ways"),
        Column("free, unreadable", help="share of free answers in which no answer of the task's form was found"),
        Column("cut off, free", help="share of free answers that reached the bound on tokens"),
        Column("free, strict", help="right as it stands, no fix at all"),
        Column("free", help="right, slips of notation mended"),
        Column("constrained", help="right under the grammar; nothing to mend"),
        Column("cut off, constrained", help="share of constrained answers that reached the bound on tokens"),
        Column("difference", help="constrained minus free, percentage points with a 95% interval"),
        Column("gained : lost", help="items right only under the grammar : right only freely"),
        Column("McNemar p", help="exact, two-sided, constrained against free"),
        Column("p against strict", help="exact, two-sided, constrained against free answers read strictly"),
    )
    ways = ", ".join(dict.fromkeys(pair.way for pair in found))
    blocks: tuple[Block, ...] = (
        Table("constrained", "One model, free and under the grammar", columns, tuple(rows)),
        Prose(f"{count(len(found), 'model')} asked both ways; the grammar was sent as {ways}. p values are those of "
              "single comparisons, not adjusted for their number."),
    )  # fmt: skip
    return Section("constrained", TITLE, blocks, LEAD)


def _rows(board: Board, pair: Twins) -> list[tuple[Cell, ...]]:
    """A row a task, and one over all where there are several."""
    first, counted = board.first, board.counted
    shared = set(counted.loc[counted["who"] == pair.free, "item"])
    shared &= set(counted.loc[counted["who"] == pair.constrained, "item"])
    first = first[first["item"].isin(shared)]
    tasks = [t.id for t in board.tasks if (first["task"] == t.id).any()]
    parts = [(t, first[first["task"] == t]) for t in tasks]
    if len(parts) > 1:
        parts.append(("all", first))
    return [_row(board, pair, task, part) for task, part in parts]


def _row(board: Board, pair: Twins, task: str, first: pd.DataFrame) -> tuple[Cell, ...]:
    free = first[first["who"] == pair.free]
    held = first[first["who"] == pair.constrained]
    counted = board.counted
    counted = counted[counted["item"].isin(set(first["item"]))]
    loose = _paired(counted, pair, "solved")
    strict = _paired(counted, pair, "strict")
    difference, low, high = (100 * float(getattr(loose, name)[1, 0]) for name in ("difference", "low", "high"))
    gained, lost = int(loose.first_only[1, 0]), int(loose.second_only[1, 0])
    means = board.item_means[board.item_means["item"].isin(set(first["item"]))]
    of_free, of_held = means[means["who"] == pair.free], means[means["who"] == pair.constrained]
    return (
        model_cell(board.brief[board.contestants[pair.free]], board.contestants[pair.free]),
        Cell(task),
        Cell(f"{int(loose.items[1, 0]):,}", float(loose.items[1, 0])),
        percent(float((free["outcome"] == "unparsable").mean())),
        percent(float((free["outcome"] == "truncated").mean())),
        percent(float(of_free["strict"].mean())),
        percent(float(of_free["solved"].mean())),
        percent(float(of_held["solved"].mean())),
        percent(float((held["outcome"] == "truncated").mean())),
        Cell(f"{difference:+.1f}", difference, small=f"{low:+.1f} to {high:+.1f}"),
        Cell(f"{gained} : {lost}", float(gained - lost)),
        p_value(float(loose.p[1, 0])),
        p_value(float(strict.p[1, 0])),
    )


def _paired(counted: pd.DataFrame, pair: Twins, column: str) -> Pairwise:
    """Both ways on their shared items: free is row 0 (by ``column``), constrained row 1 (by what it solved)."""
    rows = []
    for who, name in ((pair.free, column), (pair.constrained, "solved")):
        rows.append(counted[counted["who"] == who].groupby("item")[name].agg(["sum", "size"]))
    items = rows[0].index.intersection(rows[1].index)
    right, asked = (pd.DataFrame([row.loc[items, name].to_numpy(dtype=float) for row in rows], columns=items)
                    for name in ("sum", "size"))  # fmt: skip
    return compare_all(right, asked)
