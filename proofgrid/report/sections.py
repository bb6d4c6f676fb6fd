"""The sections of a report in their order, and the figures in them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from proofgrid.report import (
    comparison,
    constrained_section,
    failures,
    irt_section,
    leaderboard,
    pairs_section,
    per_task,
    seeds,
    stability_section,
)
from proofgrid.report.blocks import Block, Folded, Plot, Prose, Section
from proofgrid.report.board import Board
from proofgrid.report.leaderboard import HeatRow

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Contents:
    """Everything between the masthead and the viewer."""

    sentences: tuple[str, ...]
    """The first screen's."""
    rows: tuple[HeatRow, ...]
    leaderboard: Section
    seeds: Section | None
    pairs: Section | None
    constrained: Section | None
    comparison: Section | None
    failures: Section | None
    tasks: tuple[Section, ...]
    irt: Section
    stability: Section | None

    @property
    def sections(self) -> tuple[Section, ...]:
        """In the order of the page; the tasks are pages of one chapter."""
        single = (
            self.leaderboard, self.seeds, self.pairs, self.constrained, self.comparison, self.failures, *self.tasks,
            self.irt, self.stability,
        )  # fmt: skip
        return tuple(s for s in single if s is not None)


def contents(board: Board, with_irt: bool = True) -> Contents:
    """Compute every section. ``with_irt=False`` leaves the 2PL fit out (the live view of a run that is going).

    A section that cannot be made becomes a note that says why; the others, and the page, are made all the same.
    """
    rows: list[HeatRow] = []
    difficulty: pd.Series[float] | None = None

    def leader() -> Section:
        rows.extend(leaderboard.heat_rows(board))
        return leaderboard.section(board, rows)

    def abilities() -> Section:
        nonlocal difficulty
        if not with_irt:
            note = Prose(
                "This page keeps up with a run that may be going, so it leaves the 2PL model out; "
                "`proofgrid report` fits it."
            )
            return Section("irt", irt_section.TITLE, (note,))
        found, difficulty = irt_section.section(board)
        return found

    said: list[str] = []
    made("sentences", "", lambda: said.extend(leaderboard.sentences(board)))
    first = made("leaderboard", "Leaderboard", leader)
    irt = made("irt", irt_section.TITLE, abilities)
    tasks = [made(f"task-{t.id}", t.title, partial(per_task.section, board, t, difficulty)) for t in board.tasks]
    assert first is not None
    assert irt is not None
    return Contents(
        sentences=tuple(said),
        rows=tuple(rows),
        leaderboard=first,
        seeds=made("seeds", seeds.TITLE, lambda: seeds.section(board)),
        pairs=made("pairs", pairs_section.TITLE, lambda: pairs_section.section(board)),
        constrained=made("constrained", constrained_section.TITLE, lambda: constrained_section.section(board)),
        comparison=made("comparison", "What changed", lambda: comparison.section(board))
        if len(board.runs) == 2
        else None,
        failures=made("failures", "Where proofs fail", lambda: _failures(board)),
        tasks=tuple(t for t in tasks if t is not None),
        irt=irt,
        stability=made("stability", "Epistemic stability", lambda: stability_section.section(board)),
    )


def made(id: str, title: str, make: Callable[[], Section | None]) -> Section | None:
    """The section, or in its place a note on why it could not be made: one section never takes the page with it."""
    try:
        return make()
    except Exception as error:  # a report is what one reads when something is odd: it has to be written
        log.warning("the section '%s' could not be made", title, exc_info=True)
        said = f"This section could not be made ({type(error).__name__}: {error}). The others are not affected."
        return Section(id, title, (Prose(said, warning=True),))


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
    blocks = [block for section in contents(board).sections for block in section.blocks]
    blocks += [inner for block in blocks if isinstance(block, Folded) for inner in block.blocks]
    return {block.id: block.draw() for block in blocks if isinstance(block, Plot)}
