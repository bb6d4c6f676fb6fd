"""``proofgrid merge``: runs of the same items, and parts of one run, become one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from proofgrid.checker.counting import count


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Join runs of the same items, or parts of one.")(merge)


def merge(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    out: Annotated[Path, typer.Option(help="The new run's folder.")],
    renumber: Annotated[
        bool, typer.Option("--renumber", help="Keep different answers to the same attempt as further samples.")
    ] = False,
) -> None:
    """Join runs of the same items, or parts of one model's, into a new run; what they share is kept once."""
    from proofgrid.commands.summary import print_summary
    from proofgrid.errors import UserError
    from proofgrid.run.merge import merge_runs

    if len(runs) < 2:
        raise UserError("merge needs two runs or more")
    done = merge_runs(runs, out, renumber)
    sys.stderr.write(f"{count(done, 'attempt')} in {out}\n")
    print_summary(out)
