"""``proofgrid view``: look at a run while it goes; served on this machine alone."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from proofgrid.report.server import Current


def served(run: Path, interval: float) -> Current:
    """What a server shows of a run, built anew when it has changed."""
    from proofgrid.report import stability_of
    from proofgrid.report.board import make_board
    from proofgrid.report.page import Live, build_page
    from proofgrid.report.server import FOLDER, Current, run_version
    from proofgrid.run.load import open_run

    def build(version: str) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        with open_run(run) as loaded:
            board = make_board([loaded], [stability_of(run)])
            current.items = dict(board.items)
            live = Live(interval, version, current.key)
            page = build_page(board, loaded.name, FOLDER, files.__setitem__, live=live)
        return {"/": page, **{f"/{FOLDER}/{name}": content for name, content in files.items()}}

    current = Current(build, lambda: run_version(run))
    return current


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Serve the report of a run that may still be going.")(view)


def view(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")],
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    interval: Annotated[float, typer.Option(help="Seconds between looks at the run.", min=0.5)] = 3.0,
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Serve the report of a run that may still be going; edit a proof and see its verdict at once."""
    import webbrowser

    from proofgrid.report.server import ViewServer
    from proofgrid.run.load import open_scored

    with open_scored(run):  # a folder that is no run is said now, not on the page
        pass

    with ViewServer(served(run, interval), port, interval) as server:
        typer.echo(f"{server.url} shows {run}; Ctrl-C ends it")
        if open_browser:
            webbrowser.open(server.url)
        try:
            Event().wait()
        except KeyboardInterrupt:
            typer.echo("")
