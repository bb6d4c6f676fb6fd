"""The HTML and Markdown reports: from scored runs to a page that people look at.

The way in is :func:`write_report`; :func:`markdown_report` is the same in short for a pull request, and
:mod:`proofgrid.figures` holds the figures for a notebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofgrid.run.scored import ScoredRun
    from proofgrid.stability.measure import Stability

__all__ = ["markdown_report", "stability_of", "write_report"]


def write_report(runs: Sequence[ScoredRun], out: Path, stability: Sequence[Stability | None] = ()) -> list[Path]:
    """Write the self-contained page ``out`` and, where the answers do not fit in it, pages in ``out``'s stem + _files.

    ``stability`` has what :func:`stability_of` found in each run's folder. Returns the files written. Raises RunError
    where there is nothing to report.
    """
    from proofgrid.report.board import make_board
    from proofgrid.report.page import build_pages

    folder = out.with_name(f"{out.stem}_files")
    pages = build_pages(make_board(runs, stability), " and ".join(run.name for run in runs), folder.name, out.name)
    out.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_dir():
        for old in folder.glob("answers-*.html"):
            old.unlink()
    written = [out]
    for name, content in pages.beside.items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        written.append(folder / name)
    out.write_bytes(pages.report)
    return written


def stability_of(folder: Path) -> Stability | None:
    """What the stability phase of a run measured; None where it has not been asked."""
    from proofgrid.run import load_run
    from proofgrid.stability.measure import summarise
    from proofgrid.tasks.questions.stability import TASK_ID

    asked = load_run(folder, task=TASK_ID)
    return summarise(load_run(folder), asked) if asked.items and len(asked.attempts) else None


def markdown_report(runs: Sequence[ScoredRun]) -> str:
    """The leaderboard, what changed and where proofs fail, as Markdown for a pull request."""
    from proofgrid.report.board import make_board
    from proofgrid.report.markdown import render

    return render(make_board(runs))
