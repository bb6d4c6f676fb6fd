"""``proofgrid show``: one item of a run: what was given, what each model answered, and the verdict."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Show one item and each model's proof of it.")(show)


def show(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    item: Annotated[str, typer.Argument(help="An item's id.")],
    model: Annotated[str | None, typer.Option(help="Only this model's attempts.")] = None,
    prompt: Annotated[bool, typer.Option("--prompt", help="Also the prompt.")] = False,
    reasoning: Annotated[bool, typer.Option("--reasoning", help="Also the reasoning, where it was kept.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="The answers as they came, in place of their proofs.")] = False,
) -> None:
    """Show one item: what was given, each model's proof with line numbers, and what the checker says of it."""
    from difflib import get_close_matches

    from proofgrid.checker.render import wants_colour
    from proofgrid.errors import UserError
    from proofgrid.report import showing
    from proofgrid.report.text import visible
    from proofgrid.run.store import RunStore
    from proofgrid.scoring import known_finish, score_completion

    colour, width = wants_colour(sys.stdout), line_width()
    write = sys.stdout.write
    with RunStore.read(run) as store:
        items, policy = store.items(), store.policy()
        if item not in items:
            near = get_close_matches(item, list(items), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"ids look like {next(iter(items), 'nothing')}"
            raise UserError(f"{run} has no item '{item}'; {hint}")
        stored = items[item]
        write("\n".join(showing.given(stored.problem)) + "\n")
        if prompt:
            write(f"\nThe prompt:\n{visible(stored.prompt.rstrip())}\n")
        found = [record for record in store.of_item(item) if model in (None, record.cell.model)]
        if not found:
            write("no attempts" + (f" of {model}" if model else "") + "\n")
        for record in found:
            cell, done = record.cell, record.completion
            score = score_completion(stored.problem, done, policy)
            which = f", attempt {cell.attempt}" + (f", repair round {cell.round}" if cell.round else "")
            write("\n")
            if reasoning and done.reasoning:
                write(f"The reasoning of {visible(cell.model)}{which}:\n{visible(done.reasoning.rstrip())}\n\n")
            shown = showing.attempt(
                stored.problem, f"{cell.model}{which}", visible(done.text), score, raw=raw, colour=colour, width=width
            )
            write("\n".join(shown) + "\n")
            word = done.finish_reason or ""
            said_of = (
                ("error", done.error),
                ("refusal", done.refusal),
                ("finish reason", word if word and not known_finish(word) else None),
                ("traceback", score.trace),
            )
            for label, said in said_of:
                if said:
                    write(f"  {label}: {visible(said)}\n")


def line_width() -> int | None:
    """The terminal's width, or what COLUMNS says; None where lines go to a file."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return max(40, shutil.get_terminal_size().columns)
    return None
