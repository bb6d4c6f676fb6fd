"""The chapter on item response theory: abilities, Wright map, curves, information, fit, and what each task tells."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import pandas as pd
from matplotlib.figure import Figure

import irt
from irt.discrimination import caution
from irt.information import information
from proofgrid.matrix import response_matrix
from proofgrid.report.blocks import Block, Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.tables import Cell, Column, Table, number, percent
from proofgrid.report.text import count

TITLE = "Item response theory"
LEAD = (
    "A two-parameter logistic model puts models and items on one scale: an item's difficulty is the ability at which half of "
    "all models solve it, its discrimination how sharply it tells those below from those above."
)


def board_matrix(board: Board) -> tuple[pd.DataFrame, pd.Series[str]]:
    """First answers of every contestant as 1, 0 and missing, and the task of every item."""
    tables, tasks = [], []
    for place, run in enumerate(board.runs):
        table, task = response_matrix(run)
        name = {board.models[w]: board.contestants[w] for w, of in enumerate(board.of_run) if of == place}
        tables.append(table.rename(index=name))
        tasks.append(task)
    labels = pd.concat(tasks)
    labels = labels[~labels.index.duplicated()]
    whole = pd.concat(tables)
    return whole.reindex(columns=labels.index), labels


def section(board: Board) -> tuple[Section, pd.Series[float] | None]:
    """The chapter, and the items' difficulties for the tasks' pages (None where no model could be fitted)."""
    table, tasks = board_matrix(board)
    table = table.dropna(axis=0, how="all").dropna(axis=1, how="all")
    tasks = tasks[table.columns]
    try:
        fit = irt.fit_2pl(table, groups=tasks)
    except irt.IrtError as error:
        text = f"No model of abilities and difficulties was fitted: {error}."
        return Section("irt", TITLE, (Prose(text, warning=True),), LEAD), None
    blocks: list[Block] = [Prose(sentence, warning=True) for sentence in _cautions(fit, table)]
    blocks += _plots(board, fit, tasks)
    blocks += [_task_table(board, fit, tasks), _ability_table(fit), _item_table(board, fit, table, tasks)]
    return Section("irt", TITLE, tuple(blocks), LEAD), fit.difficulty


def _cautions(fit: irt.Fit2PL, table: pd.DataFrame) -> list[str]:
    said = []
    found = caution(len(table))
    if found:
        said.append(found[0].upper() + found[1:].rstrip(".") + ".")
    if not fit.converged:
        said.append("The estimation had not converged when it stopped; read these figures as rough.")
    return said


def _plots(board: Board, fit: irt.Fit2PL, tasks: pd.Series[str]) -> list[Plot]:
    return []


def _task_table(board: Board, fit: irt.Fit2PL, tasks: pd.Series[str]) -> Table:
    summary = irt.task_summary(fit, tasks) if hasattr(irt, "task_summary") else pd.DataFrame()
    short = {t.id: t.short for t in board.tasks}
    rows = []
    for task, row in summary.iterrows():
        rows.append((Cell(short.get(str(task), str(task)), href=f"#task-{task}"), *(number(float(v)) for v in row)))
    columns = (Column("task", "text"), *(Column(str(c)) for c in summary.columns))
    return Table("irt-tasks", "What each task tells", columns, tuple(rows))


def _ability_table(fit: irt.Fit2PL) -> Table:
    rows = []
    for name in fit.ability.sort_values(ascending=False, kind="stable").index:
        ability, se = float(fit.ability[name]), float(fit.ability_se[name])
        rows.append(
            (
                Cell(str(name)),
                number(ability),
                number(se),
                Cell(f"{ability - 1.96 * se:.2f} to {ability + 1.96 * se:.2f}", ability - 1.96 * se),
                Cell(str(fit.model_flags[name])),
            )
        )
    columns = (
        Column("model", "text"),
        Column("ability", help="posterior mean, in standard deviations of the models' abilities"),
        Column("SE", help="standard error, the items' uncertainty included"),
        Column("95% interval"),
        Column("note", "text"),
    )
    return Table("irt-abilities", "Abilities", columns, tuple(rows), filter=True)


def _item_table(board: Board, fit: irt.Fit2PL, table: pd.DataFrame, tasks: pd.Series[str]) -> Table:
    solved = table.mean()
    short = {t.id: t.short for t in board.tasks}
    rows = []
    for item in fit.difficulty.sort_values(kind="stable").index:
        rows.append(
            (
                Cell(str(item)),
                Cell(short.get(tasks[item], tasks[item])),
                Cell(str(board.items[item].level), float(board.items[item].level)),
                percent(float(solved.get(item, nan))),
                number(float(fit.difficulty[item])),
                number(float(fit.difficulty_se[item])),
                number(float(fit.discrimination[item])),
                number(float(fit.discrimination_se[item])),
                Cell(str(fit.item_flags[item])),
            )
        )
    columns = (
        Column("item", "text"),
        Column("task", "text"),
        Column("level"),
        Column("solved"),
        Column("difficulty b"),
        Column("SE of b"),
        Column("discrimination a", help="do not rank single items by it: with so few models it is barely identified"),
        Column("SE of a"),
        Column("note", "text"),
    )
    note = (
        f"{count(len(rows), 'item')}, easiest first. With few models a single item's discrimination is barely identified; "
        "the tasks' aggregates above are what to compare."
    )
    return Table("irt-items", "Items", columns, tuple(rows), note, filter=True)


Drawing = Callable[[], Figure]
__all__ = ["board_matrix", "information", "section"]
