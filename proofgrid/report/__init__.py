"""The HTML and Markdown reports: from scored runs to a page that people look at.

The way in is :func:`write_report`; :func:`markdown_report` is the same in short for a pull request, and
:mod:`proofgrid.figures` holds the figures for a notebook.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from proofgrid.run.scored import ScoredRun
    from proofgrid.stability.measure import Stability

__all__ = ["markdown_report", "stability_of", "write_report"]


def write_report(
    runs: Sequence[ScoredRun],
    out: Path,
    stability: Sequence[Stability | None] = (),
    page_bytes: int = 9_500_000,
    file_bytes: int = 1_000_000,
) -> list[Path]:
    """Write the page ``out`` and, where the answers do not fit in it, files in a folder beside it (stem + _files).

    ``page_bytes`` and ``file_bytes`` say what the page, and about what a file beside it, may weigh. ``stability`` has
    what :func:`stability_of` found in each run's folder. Returns the files written; a page and its folder that were
    there before are replaced when the new ones are whole. Raises RunError where there is nothing to report.
    """
    from proofgrid.report.board import make_board
    from proofgrid.report.page import build_page

    board = make_board(runs, stability)
    folder = out.with_name(f"{out.stem}_files")
    out.parent.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.stem}-") as new:

        def keep(name: str, content: bytes) -> None:
            (Path(new) / name).write_bytes(content)
            names.append(name)

        title = " and ".join(run.name for run in runs)
        page = build_page(board, title, quote(folder.name), keep, page_bytes=page_bytes, file_bytes=file_bytes)
        if folder.is_dir():
            for old in (*folder.glob("answers-*.html"), *folder.glob("answers-*.js")):
                old.unlink()
        for name in names:
            folder.mkdir(exist_ok=True)
            (Path(new) / name).replace(folder / name)
        if out.exists() and not out.is_file():  # a device or a pipe
            out.write_bytes(page)
        else:  # a link is replaced, not written through
            (Path(new) / "page").write_bytes(page)
            (Path(new) / "page").replace(out)
    return [out, *(folder / name for name in names)]


def stability_of(folder: Path) -> Stability | None:
    """What the stability phase of a run measured; None where it has not been asked."""
    from proofgrid.run import load_run
    from proofgrid.run.store import RunStore
    from proofgrid.tasks.questions.stability import TASK_ID

    with RunStore.read(folder) as store:
        if TASK_ID not in store.item_tasks().values():  # most runs: nothing has to be read, nothing imported
            return None
    from proofgrid.stability.measure import summarise

    asked = load_run(folder, task=TASK_ID)
    if not asked.items or not len(asked.attempts):
        return None
    try:
        return summarise(load_run(folder), asked)
    except Exception:  # one chapter that cannot be made does not take the page with it
        logging.getLogger(__name__).warning("the stability of %s could not be measured", folder, exc_info=True)
        return None


def markdown_report(runs: Sequence[ScoredRun]) -> str:
    """The leaderboard, what changed and where proofs fail, as Markdown for a pull request."""
    from proofgrid.report.board import make_board
    from proofgrid.report.markdown import render

    return render(make_board(runs))
