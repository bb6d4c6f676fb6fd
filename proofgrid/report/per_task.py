"""A page a task: accuracy by level, reliability, where its proofs fail, and its items one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import pandas as pd

from proofgrid.glossary import plain_name
from proofgrid.report import drawing
from proofgrid.report.blocks import Block, Plot, Prose, Section
from proofgrid.report.board import Board, TaskInfo
from proofgrid.report.calibration import calibration_blocks
from proofgrid.report.failures import failure_plots, failure_table, flaws
from proofgrid.report.links import answer_link
from proofgrid.report.tables import Cell, Column, Table, model_cell, number, percent
from proofgrid.statistics import proportion


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far a task's score would be the same on other items of its kind, over the models of the run."""

    alpha: float
    """Cronbach's alpha over items (KR-20 where each item has one answer)."""
    split_half: float
    """Correlation of odd and even items' scores, stepped up by Spearman and Brown."""
    sem: float
    """Standard error of measurement of a model's accuracy, a share."""


def reliability(board: Board, task: str) -> Reliability:
    """From models x items without missing cells (items that some model lacks are left out); NaN below 3 models."""
    means = board.item_means
    wide = means[means["task"] == task].pivot(index="who", columns="item", values="solved").dropna(axis=1)
    k = wide.shape[1]
    if len(wide) < 3 or k < 2:
        return Reliability(nan, nan, nan)
    total = wide.mean(axis=1)
    spread = float(total.var(ddof=1))
    if spread == 0:
        return Reliability(nan, nan, nan)
    alpha = k / (k - 1) * (1 - float(wide.var(ddof=1).sum()) / (k * k * spread))
    odd, even = wide.iloc[:, ::2].mean(axis=1), wide.iloc[:, 1::2].mean(axis=1)
    half = float(odd.corr(even)) if odd.std() > 0 and even.std() > 0 else nan
    return Reliability(alpha, 2 * half / (1 + half) if half > -1 else nan, sqrt(spread * max(0.0, 1 - alpha)))


def level_table(board: Board, task: TaskInfo, levels: list[int]) -> Table:
    """Models x levels, with the task's total, strict share, mean credit and partial scores.

    Of two runs of the same models the rows are those of the second, with what each had in the first beside it.
    """
    earlier = {after: before for before, after in board.partners.items()}
    frame = board.counted[board.counted["task"] == task.id]
    every = dict.fromkeys(part for p in frame["parts"] if isinstance(p, dict) for part in p)
    parts = [part for part in every if part not in SAID_ALREADY][:4]
    rows = []
    for who in (w for w in board.order if w in board.ranked):
        mine = frame[frame["who"] == who]
        name = board.ranked_name(who)
        solved, strict = (proportion(board.tally(who, task.id, strict=s)) for s in (False, True))
        lacking = float((~mine["outcome"].isin(["correct", "incorrect"])).mean()) if len(mine) else nan
        rows.append(
            (
                model_cell(board.brief[name], name),
                Cell(
                    solved.percent + ("%" if solved.n else ""), solved.value if solved.n else "", small=solved.interval
                ),
                percent(strict.value if strict.n else nan),
                percent(float(mine["points"].mean()) if len(mine) else nan),
                *(_part(mine, part) for part in parts),
                *(percent(_share(board, who, task.id, level)) for level in levels),
                percent(lacking),
                *((_before(board, earlier.get(who), task.id),) if earlier else ()),
            )
        )
    rows.sort(key=lambda r: (-r[1].value if isinstance(r[1].value, float) else 1.0, str(r[0].value)))
    columns = (
        Column("model", "text"),
        Column("accuracy", help="instrumented, with its 95% interval (Wilson)"),
        Column("strict"),
        Column("credit", help="mean points, partial credit included"),
        *(Column(plain_name(p).replace("_", " "), help=f"mean of the partial score '{p}'") for p in parts),
        *(Column(f"level {level}") for level in levels),
        Column("no verdict", help="unparsable, empty, truncated or refused"),
        *((Column(f"accuracy in {board.runs[0].name}"),) if earlier else ()),
    )
    keep = [at for at, column in enumerate(columns) if column.label not in REPEATING or _differs(rows, at)]
    return Table(
        f"{task.id}-levels",
        "Accuracy by level" if len(levels) > 1 else "Accuracy",
        tuple(columns[at] for at in keep),
        tuple(tuple(row[at] for at in keep) for row in rows),
        filter=True,
    )


def _before(board: Board, who: int | None, task: str) -> Cell:
    found = proportion(board.tally(who, task)) if who is not None else None
    return (
        Cell("–", "") if found is None or not found.n else Cell(f"{found.percent}%", found.value, small=found.interval)
    )


SAID_ALREADY = ("instrumented", "strict")
"""Partial scores that are columns of every task's table: they are the accuracy and its strict share."""
REPEATING = ("strict", "credit", "no verdict")
"""Columns left out where they say what the accuracy says, or nothing."""


def _differs(rows: Sequence[tuple[Cell, ...]], at: int) -> bool:
    """Whether a column says anything that the accuracy (column 1) does not, or that is not zero."""
    return any(row[at].value not in (row[1].value, 0.0, "") for row in rows)


def _part(frame: pd.DataFrame, part: str) -> Cell:
    values = [float(p.get(part, 0.0)) if isinstance(p, dict) else 0.0 for p in frame["parts"]]
    return percent(sum(values) / len(values) if values else nan)


def _share(board: Board, who: int, task: str, level: int) -> float:
    found = board.tally(who, task, level)
    return found.total / found.n if found.n else nan


MOST_ITEMS = 300
"""Rows of a task's table of items; of more, those on which the models differ most are shown."""


def item_table(board: Board, task: TaskInfo, difficulty: pd.Series[float] | None) -> Table:
    """Every item: level, share of models that solve it, item-rest correlation, 2PL difficulty, and a wrong answer."""
    means = board.item_means[board.item_means["task"] == task.id]
    wide = means.pivot(index="who", columns="item", values="solved")
    total = wide.sum(axis=1)
    several, correlated = len(wide) > 1, len(wide) > 2
    levels = means.groupby("item")["level"].first()
    rows = []
    shown = sorted(wide.columns)
    if len(shown) > MOST_ITEMS:
        even = (wide[shown].mean() - 0.5).abs().sort_values(kind="stable")
        shown = sorted(even.index[:MOST_ITEMS])
    for item in shown:
        values = wide[item].dropna()
        rest = total.loc[values.index] - values
        item_rest = float(values.corr(rest)) if len(values) > 2 and values.std() > 0 and rest.std() > 0 else nan
        wrong = [int(w) for w in values.index if values[w] < 1]
        first = board.contestants[wrong[0] if wrong else int(values.index[0])]
        cells = [
            Cell(item, href=answer_link(first, item)),
            Cell(str(levels[item]), float(levels[item])),
            percent(float(values.mean())),
            *((Cell(f"{len(wrong)} of {len(values)}", float(len(wrong))),) if several else ()),
            *((number(item_rest),) if correlated else ()),
        ]
        if difficulty is not None:
            cells.append(number(float(difficulty.get(item, nan))))
        rows.append(tuple(cells))
    columns = [
        Column("item", "text", "opens the first wrong answer to it"),
        Column("level"),
        Column("solved", help="share of models that solve it"),
    ]
    if several:
        columns.append(Column("models that fail"))
    if correlated:
        said = "correlation with the rest of the task; uncertain for one item with so few models"
        columns.append(Column("item-rest r", help=said))
    if difficulty is not None:
        columns.append(Column("difficulty b", help="2PL difficulty in standard deviations of ability"))
    note = ""
    if len(shown) < wide.shape[1]:
        note = f"The {len(shown):,} of {wide.shape[1]:,} items on which the models differ most."
    return Table(f"{task.id}-items", "Items", tuple(columns), tuple(rows), note, filter=True)


def section(board: Board, task: TaskInfo, difficulty: pd.Series[float] | None) -> Section:
    """A task's page."""
    levels = sorted({int(v) for v in board.first.loc[board.first["task"] == task.id, "level"].unique()})
    items = [sum(p.task == task.id and p.level == lv for p in board.items.values()) for lv in levels]
    levels = levels if sum(items) >= 2 * len(items) else []  # of one item a level the items' table says more
    values = np.array([[_share(board, who, task.id, lv) for lv in levels] for who in board.ranked])
    names = [board.ranked_name(who) for who in board.ranked]
    found = flaws(board, task.id)
    steady = reliability(board, task.id)
    blocks: list[Block] = []
    if steady.alpha == steady.alpha and steady.split_half == steady.split_half:
        blocks.append(
            Prose(
                f"Reliability over these models: Cronbach's alpha {steady.alpha:.2f}, split-half "
                f"{steady.split_half:.2f}; a model's accuracy on other items of this kind would differ by about "
                f"{100 * steady.sem:.1f} points (standard error of measurement)."
            )
        )
    else:
        blocks.append(Prose("Too few models or items, or no differences, to say how reliable this task's scores are."))
    if task.chance:
        blocks.append(Prose(f"An answer that does not look at the item scores {100 * task.chance:.0f}% on average."))
    if len(levels) > 1:
        blocks.append(
            Plot(
                f"{task.id}-by-level",
                "Accuracy by level",
                _level_text(levels, values),
                lambda: drawing.by_level(names, levels, values, task.chance),
            )
        )
    if found:
        blocks += failure_plots(found, task.id)
    blocks.append(level_table(board, task, levels))
    if found:
        blocks.append(failure_table(board, found, f"{task.id}-failures"))
    blocks += calibration_blocks(board, task.id)
    blocks.append(item_table(board, task, difficulty))
    return Section(f"task-{task.id}", task.title, tuple(blocks), task.measures, task.short)


def _level_text(levels: list[int], values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> str:
    means = [float(np.nanmean(column)) if np.isfinite(column).any() else nan for column in values.T]
    each = ", ".join(f"level {lv} {100 * m:.0f}%" for lv, m in zip(levels, means, strict=True) if m == m)
    return f"Mean of the {len(values):,} models: {each}." if len(values) > 1 else f"L{each[1:]}."
