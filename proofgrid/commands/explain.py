"""``proofgrid explain``: what a kind of failure, a fix or a term means, with an example that the checker judges."""

from __future__ import annotations

import sys
from shutil import get_terminal_size
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Explain a failure, a fix or a term of the report.")(explain)


def explain(
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="A code such as notInAB, or a term; none lists all.")
    ] = None,
) -> None:
    """Explain a kind of failure, a fix or a term of the report, with an example."""
    from proofgrid.checker.render import wants_colour
    from proofgrid.errors import UserError
    from proofgrid.glossary import find, near

    if kind is None:
        sys.stdout.write(listing())
        return
    entry = find(kind)
    if entry is None:
        guesses = near(kind)
        hint = f"did you mean {' or '.join(guesses)}?" if guesses else "`proofgrid explain` lists all"
        raise UserError(f"there is nothing called '{kind}'; {hint}")
    width = min(120, get_terminal_size().columns)
    sys.stdout.write(explanation(entry.code, wants_colour(sys.stdout), width))


HEADS = {"failure": "Why a proof fails", "fix": "Slips that are read through", "term": "Terms"}


def listing() -> str:
    """All codes with their plain names, by group."""
    from proofgrid.glossary import ENTRIES

    out = []
    for group, head in HEADS.items():
        mine = [entry for entry in ENTRIES.values() if entry.group == group]
        out += [head, *(f"  {entry.code:<24}  {entry.name}" for entry in mine), ""]
    return "\n".join([*out, "proofgrid explain CODE tells more of one.", ""])


def explanation(code: str, colour: bool = False, width: int = 80) -> str:
    """One entry as text: what it means, a proof that fails so with its verdict, and the proof mended."""
    from textwrap import fill, indent

    from proofgrid.checker import check
    from proofgrid.checker.render import render
    from proofgrid.glossary import ENTRIES

    entry = ENTRIES[code]
    out = [f"{entry.code}: {entry.name}", "", fill(entry.said, width)]
    if entry.remedy:
        out += ["", fill(f"What to do: {entry.remedy}", width)]
    example = entry.example
    if example is not None:
        verdict = check(example.problem, example.proof, language=example.language)
        out += ["", f"For example, to prove {example.problem.rpartition(' # ')[2]} from", ""]
        out += [f"    {premise}" for premise in example.problem.split(" # ")[:-1]]
        out += ["", indent(render(verdict, name="proof", colour=colour, width=width - 4), "    ")]
        if example.mended:
            out += ["", "Mended:", "", indent(example.mended, "    ")]
    return "\n".join(out) + "\n"
