"""``proofgrid score``: make every score of a run again from what models said, with no network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from proofgrid.checker.counting import count
from proofgrid.commands.engine import Engine


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Score every answer of a run, or of a file.")(score)


def score(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    item: Annotated[list[str] | None, typer.Option(help="Only the item of this id; may be repeated.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    engine: Annotated[Engine, typer.Option(help="This machine, or a Ray cluster (RAY_ADDRESS).")] = Engine.local,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where scoring stopped: only what this version has not scored.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No table.")] = False,
) -> None:
    """Score every answer of a run, or every answer to some items, again."""
    from proofgrid.commands.summary import print_summary
    from proofgrid.errors import UserError
    from proofgrid.run.load import update_scores

    if resume and item:
        raise UserError("--item scores the answers to some items again, --resume scores none again: leave one out")
    if engine is Engine.ray:
        from proofgrid.integrations.ray import score_run

        done = update_scores(run, again=not resume, items=item, scorer=score_run)
    else:
        done = update_scores(run, again=not resume, processes=processes, items=item)
    if not quiet:
        sys.stderr.write(f"{count(done, 'answer')} scored\n")
        print_summary(run)
