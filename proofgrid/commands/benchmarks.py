"""``proofgrid benchmarks``: how ProofGrid compares with other reasoning benchmarks."""

from __future__ import annotations

import csv
import sys
from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How the rows are printed."""

    text = "text"
    csv = "csv"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("benchmarks", short_help="Compare ProofGrid with other reasoning benchmarks.")(list_benchmarks)


def list_benchmarks(
    where: Annotated[
        list[str] | None, typer.Option(help="COLUMN=TEXT: only rows whose column holds the text; may be repeated.")
    ] = None,
    sort: Annotated[str | None, typer.Option(help="Sort by this column.")] = None,
    show: Annotated[str | None, typer.Option(help="Columns to show, with commas between them (text only).")] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="csv has every column, notes and sources too.")
    ] = Format.text,
) -> None:
    """Compare reasoning benchmarks: what they represent, verify and grade, with a source for every row."""
    from proofgrid import benchmarks
    from proofgrid.errors import UserError

    known = benchmarks.columns()

    def column(name: str) -> str:
        if name not in known:
            raise UserError(f"there is no column '{name}'; the columns are {', '.join(known)}")
        return name

    wanted = []
    for condition in where or []:
        name, equals, text = condition.partition("=")
        if not equals:
            raise UserError(f"--where takes COLUMN=TEXT, not '{condition}'")
        wanted.append((column(name.strip()), text.strip()))
    rows = benchmarks.select(benchmarks.load(), wanted)
    if sort is not None:
        rows = benchmarks.in_order(rows, column(sort))
    if format_ is Format.csv:
        writer = csv.DictWriter(sys.stdout, known, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    heads = (
        [column(name.strip()) for name in show.split(",")] if show else ["benchmark", "year", "verification", "grading"]
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head.replace("_", " "))
    for row in rows:
        table.add_row(*(row[head] for head in heads))
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table, markup=False)
    sys.stdout.write(
        f"{len(rows)} of {len(benchmarks.load())} benchmarks; --format csv has the notes and the sources\n"
    )
