"""The leaderboard: models x tasks with intervals, ranks with ties, what answers came to and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from proofgrid.checker.counting import count
from proofgrid.report import comparison, drawing, headline
from proofgrid.report.blocks import Block, Plot, Prose, Section
from proofgrid.report.board import Board, TaskInfo
from proofgrid.report.energy_table import energy_table
from proofgrid.report.failures import flaws
from proofgrid.report.links import answer_link
from proofgrid.report.tables import Cell, Column, Table, model_cell, number, percent
from proofgrid.report.text import spell
from proofgrid.statistics import MISSING, RATES, Proportion, Rank, best_first, mean_over_tasks, proportion


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One model on one task."""

    task: TaskInfo
    solved: Proportion
    strict: Proportion
    right: float
    """Items solved of ``solved.n``; with several answers an item, the sum of their shares."""
    href: str
    """The first wrong answer, or the first, of this model to this task."""
    before: Proportion | None = None
    """Of two runs: what the same model had in the first."""

    @property
    def count(self) -> str:
        """``5/6``."""
        return f"{self.right:.3g}/{self.solved.n}" if self.solved.n else ""

    @property
    def label(self) -> str:
        """What a screen reader says of the cell."""
        if not self.solved.n:
            return f"{self.task.short}: no answer that counts"
        was = f" (before {self.before.percent}%)" if self.before is not None else ""
        said = f"{self.task.short} {self.solved.percent}%{was}, strict {self.strict.percent}%, "
        return said + f"{self.right:.3g} of {self.solved.n}, 95% interval {self.solved.interval}"

    @property
    def css(self) -> str:
        """The cell's shade, one of eleven."""
        return "none" if self.solved.n == 0 else f"h{round(10 * self.solved.value)}"

    @property
    def by_chance(self) -> bool:
        """Whether the interval includes what guessing would give."""
        return self.task.chance > 0 and self.solved.n > 0 and self.solved.low <= self.task.chance


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One contestant."""

    who: int
    name: str
    solved: Proportion
    strict: Proportion
    rank: Rank
    cells: tuple[HeatCell, ...]
    before: Proportion | None = None
    change: str = ""
    """Of two runs: the difference on the items of both, and whether the paired test calls it significant."""


def heat_rows(board: Board, level: int | None = None) -> list[HeatRow]:
    """The leaderboard, best first (mean over tasks of the instrumented accuracy; ties by name), at one level or all.

    Ranks come from paired tests on the items that models share, not from whether intervals overlap.
    """
    placed = dict(zip(board.ranked, board.pairwise(level).ranks, strict=True))
    links = first_links(board, level)
    earlier = {after: before for before, after in board.partners.items()}
    changes = comparison.verdicts(board)
    rows = []
    for who in board.ranked:
        counts = [[board.tally(who, t.id, level, s) for t in board.tasks] for s in (False, True)]
        was = [board.tally(earlier[who], t.id, level) for t in board.tasks] if who in earlier else None
        cells = tuple(
            HeatCell(
                t, proportion(a), proportion(b), a.total, links.get((who, t.id), ""), proportion(c) if was else None
            )
            for t, a, b, c in zip(board.tasks, *counts, was or counts[0], strict=True)
        )
        solved, strict = map(mean_over_tasks, counts)
        rows.append(
            HeatRow(
                who, board.ranked_name(who), solved, strict, placed[who], cells,
                mean_over_tasks(was) if was else None, changes.get(who, ""),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda r: best_first(r.solved, r.name))


def first_links(board: Board, level: int | None = None) -> dict[tuple[int, str], str]:
    """For each contestant and task a link to the first wrong answer, or to the first."""
    frame = board.first if level is None else board.first[board.first["level"] == level]
    order = frame.assign(wrong=(frame["solved"] == 0) & ~frame["outcome"].isin(MISSING))
    order = order.sort_values(["wrong", "item", "attempt"], ascending=[False, True, True], kind="stable")
    rows = order.drop_duplicates(["who", "task"])
    return {
        (int(who), str(task)): answer_link(board.contestants[int(who)], str(item), int(attempt))
        for who, task, item, attempt in zip(rows["who"], rows["task"], rows["item"], rows["attempt"], strict=True)
    }


def level_views(board: Board) -> list[list[list[Any]]]:
    """What the page shows when a level is chosen, ready to print: a view of all levels, then of each level.

    A view has a row a contestant: [rank, its range, its best place, the mean's cell, then a cell a task]; a cell is
    [value, percent, strict percent, interval, style, before, count, label, link].
    """
    if len(board.levels) < 2:
        return []
    out = []
    for level in (None, *board.levels):
        alone = len(board.ranked) == 1
        found = {row.who: _printed(row, alone) for row in heat_rows(board, level)}
        out.append([found.get(who, []) for who in range(len(board.contestants))])
    return out


GROUPS = {"pw": "Writing", "pc": "Checking", "pm": "Masking", "gf": "Gaps"}
"""Heads over the tasks' columns, by the second part of a task's id; all of eq_ are one."""


def groups(board: Board) -> list[tuple[str, int]]:
    """(head, number of columns) over neighbouring tasks of one kind."""
    out: list[tuple[str, int]] = []
    for task in board.tasks:
        first, second = [*task.id.split("_"), "", ""][:2]
        name = "Equational" if first == "eq" else GROUPS.get(second, "")
        if out and out[-1][0] == name:
            out[-1] = (name, out[-1][1] + 1)
        else:
            out.append((name, 1))
    return out


def sizes(board: Board) -> dict[str, int]:
    """The number of items of each task that anybody answered."""
    return {str(task): int(n) for task, n in board.first.groupby("task")["item"].nunique().items()}


def _printed(row: HeatRow, alone: bool) -> list[Any]:
    span = row.rank.range if row.rank.best != row.rank.worst else ""
    mean = [*_cell(row.solved, row.strict, "mean"), row.before.percent if row.before is not None else ""]
    cells = [
        [
            *_cell(c.solved, c.strict, c.css + (" chance" if c.by_chance else "")),
            *(c.before.percent if c.before is not None else "", c.count, c.label, c.href),
        ]
        for c in row.cells
    ]
    return [
        str(row.rank) if row.solved.n and not alone else "–",
        span if row.solved.n else "",
        row.rank.best,
        mean,
        *cells,
    ]


def _cell(solved: Proportion, strict: Proportion, css: str) -> list[Any]:
    if not solved.n:
        return ["", "–", "", "", css]
    return [float(f"{solved.value:.6g}"), solved.percent, strict.percent, solved.interval, css]


def outcome_table(board: Board) -> Table:
    """What became of the answers: rates of every outcome that is no verdict, tokens, cost and time per solved item."""
    rows = []
    papers = paper_only(board)
    paper = any(papers)
    metered = pd.to_numeric(board.first["joules"], errors="coerce").notna().any()
    for who in board.order:
        mine = board.first[board.first["who"] == who]
        counted = board.counted[board.counted["who"] == who]
        solved = float(mine["solved"].sum())
        rates = [float((mine["outcome"] == o).mean()) for o in RATES]
        tokens = _total(mine["completion_tokens"])
        cost, seconds = _total(mine["cost"]), _total(mine["seconds"])
        rows.append(
            (
                model_cell(board.brief[board.contestants[who]], board.contestants[who]),
                Cell(f"{len(mine):,}", float(len(mine))),
                percent(float(counted["strict"].mean()) if len(counted) else nan),
                *((Cell(f"{papers[who]:,}", float(papers[who])),) if paper else ()),
                *(percent(r, 1) for r in rates),
                number(tokens / len(mine), 0),
                _money(cost),
                _money(cost / solved if solved else nan),
                *((_joules_per_solved(mine),) if metered else ()),
                number(seconds / solved if solved else nan, 1),
                number(1000 * solved / tokens if tokens > 0 else nan, 2),
            )
        )
    columns = (
        Column("model", "text"),
        Column("answers"),
        Column("strictly right", help="share of answers right in the strict language, no fix at all"),
        *(
            (Column("right only for paper", help="answers that upstream's profile accepts and no score counts"),)
            if paper
            else ()
        ),
        *(Column(o.replace("_", " "), help=f"share of answers with the outcome {o}") for o in RATES),
        Column("tokens per answer", help="completion tokens, reasoning included"),
        Column("cost"),
        Column("cost per solved item"),
        *((Column("joules per solved item", help="of the answers that were measured"),) if metered else ()),
        Column("s per solved item", help="seconds of waiting, summed over all answers, for each one that is right"),
        Column("solved per 1,000 tokens", help="items solved for each thousand completion tokens"),
    )
    first = board.first
    absent = [o.replace("_", " ") for o in RATES if not (first["outcome"] == o).any()]
    priced, tokens_known = _total(first["cost"]), _total(first["completion_tokens"]) > 0
    silent = set(absent)
    silent |= set() if priced > 0 else {"cost", "cost per solved item"}
    silent |= set() if tokens_known else {"tokens per answer", "solved per 1,000 tokens"}
    silent |= set() if _total(first["seconds"]) > 0 else {"s per solved item"}
    keep = [at for at, column in enumerate(columns) if column.label not in silent]
    note = "" if not absent else f"No answer has the outcome {headline.listed(absent, 'or', len(absent))}. "
    note += "" if priced > 0 else "No price is known. " if priced != priced else "All answers were free. "
    note += (
        "Api errors and answers over the checker's limits are missing values, not wrong answers; everything else that "
        "is not right counts as wrong."
    )
    return Table(
        "outcomes",
        "What answers came to" + (", and what they cost" if priced > 0 else ""),
        tuple(columns[at] for at in keep),
        tuple(tuple(row[at] for at in keep) for row in rows),
        note,
        filter=True,
    )


def _joules_per_solved(mine: pd.DataFrame) -> Cell:
    joules = pd.to_numeric(mine["joules"], errors="coerce")
    solved = float(mine.loc[joules.notna(), "solved"].sum())
    return number(float(joules.sum()) / solved if solved else nan, 1)


def _money(value: float) -> Cell:
    return Cell("–", "") if value != value else Cell(headline.dollars(value), value)


def paper_only(board: Board) -> list[int]:
    """For each contestant, first answers that the profile ``paper`` accepts and ours does not."""
    out = [0] * len(board.contestants)
    for who, verdict in zip(board.first["who"], board.first["verdict"], strict=True):
        if isinstance(verdict, Mapping) and verdict.get("paper_only"):
            out[int(who)] += 1
    return out


def _total(values: pd.Series[float]) -> float:
    numbers = pd.to_numeric(values, errors="coerce")
    return float(numbers.sum()) if numbers.notna().any() else nan


def repair_table(board: Board) -> Table | None:
    """Share right after so many messages of feedback, where a run allowed repairs."""
    last = int(board.attempts["round"].max())
    if last == 0:
        return None
    rows = []
    for who in board.order:
        mine = board.attempts[board.attempts["who"] == who]
        keys = mine.groupby(["item", "attempt"], sort=True)
        cells = [model_cell(board.brief[board.contestants[who]], board.contestants[who])]
        for limit in range(last + 1):
            reached = mine[(mine["round"] <= limit) & (mine["solved"] > 0)].groupby(["item", "attempt"]).ngroups
            cells.append(percent(reached / max(1, keys.ngroups), 1))
        rows.append(tuple(cells))
    columns = (Column("model", "text"), Column("first answer"), *(Column(f"after {k}") for k in range(1, last + 1)))
    return Table("repairs", "Right after so many messages of feedback", columns, tuple(rows))


def plots(board: Board, rows: list[HeatRow]) -> list[Plot]:
    """Forest plot, heat map for print, accuracy against cost (or tokens, where no prices are known)."""
    if len(rows) < 2:
        return []  # the first sentence says all that such figures would
    names = [r.name for r in rows]
    out = [
        Plot(
            "leaderboard",
            "Accuracy with 95% intervals",
            _forest_text(board, rows),
            lambda: drawing.leaderboard(names, [r.solved for r in rows], [r.strict for r in rows]),
            wide=True,
        )
    ]
    per_item, label = _expense(board, rows)
    if np.isfinite(per_item).sum() > 1:
        out.append(
            Plot(
                "cost",
                f"Accuracy against {label}",
                "Joined by the dashed line, from cheap to dear, are the models that no other one beats in both: "
                + ", ".join(_front(board, rows, per_item))
                + ".",
                lambda: drawing.cost_accuracy(names, list(per_item), [r.solved for r in rows], f"{label} (log scale)"),
                wide=True,
            )
        )
    values = np.array([[c.solved.value if c.solved.n else nan for c in r.cells] for r in rows])
    if len(board.tasks) < 2:
        return out
    out.append(
        Plot(
            "heatmap",
            "The heat map as a figure",
            "The same numbers as in the leaderboard's table, instrumented accuracy in percent, for print.",
            lambda: drawing.heatmap(names, [t.short for t in board.tasks], values),
            wide=True,
            folded=True,
        )
    )
    return out


def _expense(board: Board, rows: list[HeatRow]) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], str]:
    first = board.first
    for column, label in (("cost", "dollars per answer"), ("completion_tokens", "completion tokens per answer")):
        means = pd.to_numeric(first[column], errors="coerce").groupby(first["who"]).mean()
        values = np.array([float(means.get(r.who, nan)) for r in rows])
        if (values > 0).sum() > 1:
            return values, label
    return np.full(len(rows), nan), ""


def _front(board: Board, rows: list[HeatRow], per_item: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    out, best = [], -1.0
    for i in sorted(range(len(rows)), key=lambda i: (per_item[i], -rows[i].solved.value)):
        if per_item[i] >= 0 and rows[i].solved.value > best:
            best = rows[i].solved.value
            out.append(f"{board.brief[rows[i].name]} ({100 * best:.0f}%)")
    return out


def _forest_text(board: Board, rows: list[HeatRow]) -> str:
    top, last = rows[0], rows[-1]
    if top.solved.value == last.solved.value:
        return f"Every model has {top.solved.percent}%."
    text = f"{board.brief[top.name]} has {top.solved.percent}% ({top.solved.interval}%)"
    tied = [board.brief[r.name] for r in rows[1:] if r.rank.best == top.rank.best]
    if tied:
        text += f", not told apart from {headline.listed(tied)} by paired tests"
    return f"{text}; last is {board.brief[last.name]} with {last.solved.percent}% ({last.solved.interval}%)."


def sentences(board: Board) -> list[str]:
    """The first screen's three: who leads, how proofs fail, what it cost."""
    means = [mean_over_tasks([board.tally(who, t.id) for t in board.tasks]) for who in board.ranked]
    names = [board.brief[board.ranked_name(w)] for w in board.ranked]
    failures = ((flaw.kind, flaw.diagnosis, 1) for flaw in flaws(board))
    answered = board.attempts[board.attempts["error"].isna()]
    seconds = float(pd.to_numeric(answered["seconds"], errors="coerce").fillna(0).sum())
    return [
        *([comparison.sentence(board)] if board.partners else []),
        *headline.opening(names, means, board.pairwise(), len(board.tasks), board.attempts, failures, seconds),
    ]


def section(board: Board, rows: list[HeatRow]) -> Section:
    """The blocks below the heat map, which the page draws itself."""
    blocks: list[Block] = [*plots(board, rows), outcome_table(board)]
    measured = energy_table(board)
    if measured is not None:
        blocks.append(measured)
    repairs = repair_table(board)
    if repairs is not None:
        blocks.append(repairs)
    samples = int(board.attempts["attempt"].max()) + 1
    if samples > 1:
        blocks.append(
            Prose(f"Items were answered up to {samples} times; an item's value is the mean over its answers.")
        )
    runs = f" in {spell(len(board.runs))} runs" if len(board.runs) > 1 else ""
    lead = (
        f"{count(len(set(board.models)), 'model')}{runs}, {count(len(board.tasks), 'task')}, "
        f"{count(len(board.items), 'item')}, "
        f"{count(len(board.attempts), 'answer')}; every one judged by a proof checker, not by another model."
    )
    return Section("leaderboard", "Leaderboard", tuple(blocks), lead)
