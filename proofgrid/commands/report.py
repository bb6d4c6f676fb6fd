"""``proofgrid report``: one self-contained page about one or more runs, or the same in short as Markdown."""

from __future__ import annotations

from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """What is written."""

    html = "html"
    md = "md"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Write the report of a run.")(report)


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders; two are compared item by item.")],
    out: Annotated[
        Path | None, typer.Option(help="The file to write (HTML: report.html; Markdown: standard output).")
    ] = None,
    format: Annotated[Format, typer.Option(help="html: the page; md: Markdown for a pull request.")] = Format.html,
) -> None:
    """Write the report of a run: leaderboard, where proofs fail, item response theory, every proof."""
    from proofgrid.commands.threads import one_thread_for_matrices

    one_thread_for_matrices()
    from proofgrid.errors import UserError
    from proofgrid.report import markdown_report, stability_of, write_report
    from proofgrid.run.load import open_run

    if out is not None and out.is_dir():
        raise UserError(f"{out} is a folder; --out names the file to write, such as {out / 'report.html'}")
    if out is not None and format is Format.html and out.suffix.lower() in (".md", ".markdown"):
        format = Format.md
    with ExitStack() as stack:
        loaded = [stack.enter_context(open_run(run)) for run in runs]
        if format is Format.md:
            text = markdown_report(loaded)
            if out is None:
                typer.echo(text, nl=False)
                return
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(text, encoding="utf-8")
            typer.echo(f"{out}")
            return
        written = write_report(loaded, out or Path("report.html"), [stability_of(run) for run in runs])
    beside = f"; its proofs are in {written[1].parent}, which goes with it" if len(written) > 1 else ""
    typer.echo(f"{written[0]} ({written[0].stat().st_size / 1e6:.1f} MB){beside}")
