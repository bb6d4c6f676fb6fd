"""The sections of a report in their order, and the figures in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from proofgrid.report import comparison, failures, irt_section, leaderboard, per_task, stability_section
from proofgrid.report.blocks import Block, Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.leaderboard import HeatRow


@dataclass(frozen=True)
class Contents:
    """Everything between the masthead and the viewer."""

    rows: tuple[HeatRow, ...]
    leaderboard: Section
    comparison: Section | None
    failures: Section | None
    tasks: tuple[Section, ...]
    irt: Section
    stability: Section | None

    @property
    def sections(self) -> tuple[Section, ...]:
        """In the order of the page; the tasks are pages of one chapter."""
        single = (self.leaderboard, self.comparison, self.failures, *self.tasks, self.irt, self.stability)
        return tuple(s for s in single if s is not None)


def contents(board: Board, with_irt: bool = True) -> Contents:
    """Compute every section. ``with_irt=False`` leaves the 2PL fit out (the live view of a run that is going)."""
    rows = leaderboard.heat_rows(board)
    difficulty: pd.Series[float] | None = None
    if with_irt:
        irt, difficulty = irt_section.section(board)
    else:
        irt = Section(
            "irt", "Item response theory", (Prose("The 2PL model is fitted when the run is complete.", warning=True),)
        )
    return Contents(
        tuple(rows),
        leaderboard.section(board, rows),
        comparison.section(board) if len(board.runs) == 2 else None,
        _failures(board),
        tuple(per_task.section(board, task, difficulty) for task in board.tasks),
        irt,
        stability_section.section(board),
    )


def _failures(board: Board) -> Section | None:
    found = failures.flaws(board)
    if not found:
        return None
    blocks: tuple[Block, ...] = (
        *failures.failure_plots(found, "all-failures"),
        failures.model_table(board, found),
        failures.failure_table(board, found, "all-failures-table"),
    )
    lead = (
        "The first step of each rejected proof that no reading of the rules saves. A slip is a step whose "
        "conclusion does "
        "follow, drawn by the wrong rule or in the wrong form; a fallacy is a step whose conclusion does not "
        "follow, with a "
        "countermodel to show it."
    )
    return Section("failures", "Where proofs fail", blocks, lead)


def all_figures(board: Board) -> Mapping[str, Figure]:
    """Every plot of the report by its id, drawn."""
    return {
        block.id: block.draw()
        for section in contents(board).sections
        for block in section.blocks
        if isinstance(block, Plot)
    }
