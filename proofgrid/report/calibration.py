"""How well stated confidence told right answers from wrong ones: Brier scores and reliability curves (eq_gf asks)."""

from __future__ import annotations

from math import nan
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from proofgrid.report import drawing
from proofgrid.report.blocks import Block, Plot
from proofgrid.report.board import Board
from proofgrid.report.tables import Column, Table, model_cell, number, percent
from proofgrid.tasks.making.calibration import Calibration, calibration


def stated(frame: pd.DataFrame) -> list[tuple[float, bool]]:
    """(confidence, correct) of every answer that stated a confidence, as tasks.calibration takes them."""
    return [
        (float(parts["confidence"]), outcome == "correct")
        for parts, outcome in zip(frame["parts"], frame["outcome"], strict=True)
        if isinstance(parts, dict) and parts.get("confidence") is not None
    ]


def calibration_blocks(board: Board, task: str) -> list[Block]:
    """A table of the models' calibration and their reliability curves; nothing where no answer stated a confidence."""
    frame = board.counted[board.counted["task"] == task]
    found: dict[str, Calibration] = {}
    for who in (w for w in board.order if w in board.ranked):  # of two runs of the same models, the second
        one = calibration(stated(frame[frame["who"] == who]))
        if one is not None:
            found[board.ranked_name(who)] = one
    pooled = calibration(stated(frame))
    if pooled is None:
        return []
    rows = tuple(
        (
            model_cell(board.brief[model], model),
            number(c.count, 0),
            percent(c.accuracy),
            percent(sum(b.confidence * b.count for b in c.curve) / c.count),
            number(c.brier, 3),
            number(c.reliability, 3),
            number(c.resolution, 3),
            number(1 - c.brier / base if (base := c.accuracy * (1 - c.accuracy)) else nan),
        )
        for model, c in sorted(found.items(), key=lambda item: item[1].brier)
    )
    columns = (
        Column("model", "text"),
        Column("answers", help="answers that stated a confidence"),
        Column("accuracy"),
        Column("confidence", help="mean, the five grades taken as 10, 30, 50, 70 and 90%"),
        Column("Brier", help="mean squared difference of confidence and outcome: 0 is best, 0.25 is a coin's"),
        Column("reliability", help="Murphy's: how far the grades' accuracy is from what they say; 0 is best"),
        Column("resolution", help="Murphy's: how far the grades tell answers apart; higher is better"),
        Column("skill", help="1 - Brier / that of always stating one's accuracy; 0 or less: the grades tell nothing"),
    )
    said = "; ".join(f"confidence {b.confidence:.0%}: {b.accuracy:.0%} of {b.count} right" for b in pooled.curve)
    return [
        Plot(
            f"{task}-reliability",
            "Is stated confidence right?",
            f"All models together: {said}.",
            lambda: reliability_figure(found, pooled),
        ),
        Table(f"{task}-calibration", "Calibration of stated confidence", columns, rows),
    ]


def reliability_figure(found: dict[str, Calibration], pooled: Calibration) -> Figure:
    """Accuracy against stated confidence: a thin line a model, all together bold, perfect calibration dashed."""
    style: Any = drawing.STYLE
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(4.3, 2.7), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 100], [0, 100], color=drawing.RED, lw=1, ls=":", label="perfect calibration")
        for one in found.values():
            axes.plot(*_points(one), color=drawing.FAINT, lw=0.8)
        axes.plot(*_points(pooled), color=drawing.INK, lw=2.2, marker="o", ms=3.5, label="all models together")
        axes.set_xlim(0, 100)
        axes.set_ylim(-2, 102)
        axes.set_xlabel("stated confidence (%)")
        axes.set_ylabel("right (%)")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handlelength=1.6, fontsize=8.5)
        return figure


def _points(one: Calibration) -> tuple[list[float], list[float]]:
    return [100 * b.confidence for b in one.curve], [100 * b.accuracy for b in one.curve]
