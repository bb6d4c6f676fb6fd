"""``proofgrid export-proof``: a proof for Coq, Metamath or a paper."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from proofgrid.textfile import read_text


class Target(StrEnum):
    """The systems that a proof can be written for."""

    coq = "coq"
    metamath = "metamath"
    latex = "latex"
    fitch = "fitch"


class Language(StrEnum):
    """The languages of proofs."""

    ndl = "ndl"
    macro = "macro"
    hilbert = "hilbert"
    equational = "equational"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "export-proof", no_args_is_help=True, short_help="Write an accepted proof for Coq, Metamath or a paper."
    )(export_proof)


def export_proof(
    to: Annotated[
        Target,
        typer.Option(
            help="coq: NDL, macro, equational; metamath: Hilbert; latex: a table; fitch: NDL, macro, as text."
        ),
    ],
    problem: Annotated[str, typer.Option("--problem", help='"premise # ... # goal", or "E1: l = r # ... # s = t".')],
    file: Annotated[
        Path | None, typer.Argument(help="The proof; - or nothing: standard input.", allow_dash=True)
    ] = None,
    language: Annotated[Language, typer.Option(help="The proof's language.")] = Language.ndl,
    name: Annotated[str, typer.Option(help="What the theorem is called there (an identifier).")] = "proof",
    out: Annotated[Path | None, typer.Option(help="Write here instead of to standard output.")] = None,
) -> None:
    """Write an accepted proof for another system, whose own kernel can then judge it (try: coqc FILE.v)."""
    from proofgrid.checker import CheckerError
    from proofgrid.checker.export import export_proof as export
    from proofgrid.errors import UserError

    if not name.isidentifier() or not name.isascii():
        raise UserError(f"--name takes an identifier (letters, digits, _), not '{name}'")
    text = read_text(file or "-")
    try:
        exported = export(problem, text, to=to.value, language=language.value, name=name)
    except CheckerError:
        raise
    except ValueError as error:
        raise UserError(str(error)) from error
    if out is None:
        sys.stdout.write(exported)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(exported, encoding="utf-8")
