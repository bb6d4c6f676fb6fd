"""Runs of the same models on items of several seeds (v1, v1-b, v1-c), read as one: more items, and what a seed changes.

Each run asks other items of the same kinds, so their means are draws of the same figure. Over k seeds the interval of
a model's mean is Student's, with k - 1 degrees of freedom; it holds whatever differs from seed to seed. Whether the
seeds differ more than their items would by chance is Cochran's Q (1954), against a chi-square of k - 1 degrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from proofgrid.checker.counting import count
from proofgrid.report.blocks import Prose, Section
from proofgrid.report.headline import listed
from proofgrid.report.tables import Cell, Column, Table, model_cell, number, p_value
from proofgrid.report.text import spell
from proofgrid.run.scored import ScoredRun
from proofgrid.seeds import spread_of
from proofgrid.statistics import Z95, Proportion, holm, mean_over_tasks, tally
from proofgrid.tasks.questions import is_extra

if TYPE_CHECKING:
    from proofgrid.report.board import Board

TITLE = "From seed to seed"


@dataclass(frozen=True, slots=True)
class Seed:
    """The items of one of the runs."""

    name: str
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class BetweenSeeds:
    """A model's means (shares) by seed; NaN where there are fewer than two."""

    by_seed: tuple[Proportion, ...]
    mean: float
    low: float
    high: float
    """The 95% interval of the mean over seeds."""
    spread: float
    """The standard deviation of the seeds' means."""
    by_chance: float
    """That which sampling of items alone would give."""
    p: float
    """Of seeds that do not differ but by their items."""


def as_one(runs: Sequence[ScoredRun]) -> tuple[list[ScoredRun], tuple[Seed, ...]]:
    """The runs as one, and the seeds, where no two of them share an item and some model stands in all of them.

    Else the runs as they are, and no seeds.
    """
    own = [frozenset(i for i, item in run.items.items() if not is_extra(item.task)) for run in runs]
    models = [set(run.attempts["model"].unique()) for run in runs]
    several = len(runs) > 1 and all(own) and len(frozenset.union(*own)) == sum(map(len, own))
    if not several or not set.intersection(*models):
        return list(runs), ()
    owner = {item: run for run in runs for item in run.items}
    merged = ScoredRun(
        listed([run.name for run in runs]),
        _header([run.header for run in runs]),
        {item: problem for run in runs for item, problem in run.items.items()},
        pd.concat([run.attempts for run in runs], ignore_index=True),
        lambda item: owner[item].rows_of(item) if item in owner else [],
    )
    return [merged], tuple(Seed(run.name, items) for run, items in zip(runs, own, strict=True))


def _header(headers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the strip of provenance reads, of all: sources, models, invocations in order; first and last date."""
    out: dict[str, Any] = dict(headers[0])
    for name in ("sources", "models", "invocations"):
        found = [one for header in headers for one in header.get(name) or () if isinstance(one, Mapping)]
        out |= {name: list({repr(one): one for one in found}.values())} if found else {}
    suites = list(dict.fromkeys(str(h["suite"]) for h in headers if h.get("suite") is not None))
    out |= {"suite": ", ".join(suites)} if suites else {}
    starts, ends = ([h[key] for h in headers if isinstance(h.get(key), str)] for key in ("started", "ended"))
    out |= {"started": min(starts)} if starts else {}
    return out | ({"ended": max(ends)} if ends else {})


def between(board: Board, who: int) -> BetweenSeeds:
    """What a contestant's mean over tasks comes to from seed to seed; seeds that it did not answer are left out."""
    means = board.item_means[board.item_means["who"] == who]
    found = []
    for seed in board.seeds:
        mine = means[means["item"].isin(seed.items)]
        found.append(mean_over_tasks([tally(group["solved"].to_list()) for _, group in mine.groupby("task")]))
    return from_seed_to_seed(found)


def from_seed_to_seed(found: Sequence[Proportion]) -> BetweenSeeds:
    """Mean, interval, spread and test of a figure measured on items of several seeds."""
    from scipy.stats import chi2
    from scipy.stats import t as student

    there = [p for p in found if p.n]
    values = np.array([p.value for p in there])
    k = len(values)
    nan = float("nan")
    if k < 2:
        return BetweenSeeds(tuple(found), float(values[0]) if k else nan, nan, nan, nan, nan, nan)
    variances = np.array([((p.high - p.low) / (2 * Z95)) ** 2 for p in there])
    told = spread_of(values.tolist(), variances.tolist())
    half = float(student.ppf(0.975, k - 1)) * told.sd / sqrt(k)
    weights = 1 / variances
    centre = float((weights * values).sum() / weights.sum())
    q = float((weights * (values - centre) ** 2).sum())
    low, high = max(0.0, told.mean - half), min(1.0, told.mean + half)
    return BetweenSeeds(tuple(found), told.mean, low, high, told.sd, told.by_chance, float(chi2.sf(q, k - 1)))


def section(board: Board) -> Section | None:
    """The chapter; None where the runs were not read as one."""
    if not board.seeds:
        return None
    found = [(who, between(board, who)) for who in range(len(board.contestants))]
    found.sort(key=lambda f: (-f[1].mean if f[1].mean == f[1].mean else 1.0, board.contestants[f[0]]))
    tested = [b.p for _, b in found if b.p == b.p]
    adjusted = iter(holm(tested))
    rows = []
    clear = []
    for who, b in found:
        q = next(adjusted) if b.p == b.p else float("nan")
        if q < 0.05:
            clear.append(board.brief[board.contestants[who]])
        rows.append(
            (
                model_cell(board.brief[board.contestants[who]], board.contestants[who]),
                number(100 * b.mean, 1),
                Cell(f"{100 * b.low:.1f} to {100 * b.high:.1f}", b.high - b.low) if b.low == b.low else Cell("–", ""),
                *(Cell(p.percent, p.value, small=p.interval, css="keep") if p.n else Cell("–", "") for p in b.by_seed),
                number(100 * b.spread, 1),
                number(100 * b.by_chance, 1),
                p_value(b.p),
                p_value(q),
            )
        )
    columns = (
        Column("model", "text"),
        Column("mean of seeds", help="unweighted mean of the seeds' means over tasks, in percent"),
        Column("95% between seeds", help="Student's interval over seeds; it sorts by its width"),
        *(Column(seed.name, help=count(len(seed.items), "item")) for seed in board.seeds),
        Column("spread", help="standard deviation of the seeds' means, in points"),
        Column("by chance", help="the standard deviation that drawing items alone would give, in points"),
        Column("Cochran's Q p", help="of seeds that differ by their items only"),
        Column("Holm p", help="adjusted for as many models"),
    )
    seeds = len(board.seeds)
    few = f" With {spell(seeds)} seeds the intervals are wide: Student's t takes {_times(seeds)} standard errors."
    note = f"The leaderboard pools all items.{few if seeds < 6 else ''}"
    table = Table("seeds", "Means over tasks, by seed", columns, tuple(rows), note, filter=len(rows) > 8)
    return Section(
        "seeds", TITLE, (Prose(_said(board, [b for _, b in found], clear)), table), kicker=board.runs[0].name
    )


def _times(seeds: int) -> str:
    from scipy.stats import t as student

    return f"{float(student.ppf(0.975, seeds - 1)):.1f}"


def _said(board: Board, found: Sequence[BetweenSeeds], clear: Sequence[str]) -> str:
    both = [b for b in found if b.spread == b.spread]
    names = listed([seed.name for seed in board.seeds])
    said = f"The same models on other items of the same kinds: {names}, {count(len(board.items), 'item')} in all."
    if not both:
        return f"{said} No model has answers of two seeds."
    spread = 100 * sqrt(sum(b.spread**2 for b in both) / len(both))
    chance = 100 * sqrt(sum(b.by_chance**2 for b in both) / len(both))
    said += f" A model's mean moves by {spread:.1f} points from seed to seed (standard deviation); "
    said += f"drawing items alone gives {chance:.1f}."
    if clear:
        return f"{said} Seeds differ more than that for {listed(clear)}."
    return f"{said} For no model do seeds differ more than chance would have it."
