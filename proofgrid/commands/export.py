"""``proofgrid export``: a run as JSON lines, CSV or Parquet."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from proofgrid.checker.counting import count


class Format(StrEnum):
    """File formats."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Write a run's attempts and scores to one file.")(export)


def export(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format_: Annotated[Format, typer.Option("--format", help="File format.")] = Format.jsonl,
) -> None:
    """Write a run's attempts, with their scores, to one file."""
    from proofgrid.run.export import export_run

    done = export_run(run, format_.value, out)
    sys.stderr.write(f"{count(done, 'attempt')} written to {out}\n")
