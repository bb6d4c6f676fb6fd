"""The report's figures as matplotlib Figures, for a notebook or a paper.

    run = proofgrid.load_run("runs/first")
    figures.of_run(run)["leaderboard"].savefig("leaderboard.pdf")

:func:`of_run` gives those that the report shows; each is also a function of plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from proofgrid.report.board import make_board
from proofgrid.report.drawing import (
    by_level,
    cost_accuracy,
    failure_map,
    heatmap,
    leaderboard,
    paired_change,
    stability_forest,
    test_information,
    where_in_proof,
)
from proofgrid.report.sections import all_figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from proofgrid.run.scored import ScoredRun

__all__ = [
    "by_level",
    "cost_accuracy",
    "failure_map",
    "heatmap",
    "leaderboard",
    "of_run",
    "paired_change",
    "stability_forest",
    "test_information",
    "where_in_proof",
]


def of_run(run: ScoredRun, *more: ScoredRun) -> Mapping[str, Figure]:
    """Every figure of the report's own about runs, by name (``leaderboard``, ``heatmap``, ``pl1_pw.by_level``, ...)."""
    return all_figures(make_board((run, *more)))
