"""``proofgrid show``: one item of a run: what was asked, what each model said, and the verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(show)


def show(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    item: Annotated[str, typer.Argument(help="An item's id.")],
    model: Annotated[str | None, typer.Option(help="Only this model's attempts.")] = None,
    prompt: Annotated[bool, typer.Option("--prompt", help="Also the prompt.")] = False,
    reasoning: Annotated[bool, typer.Option("--reasoning", help="Also the reasoning, where it was kept.")] = False,
) -> None:
    """Show one item: what each model answered and how it was judged."""
    from difflib import get_close_matches

    from proofgrid.errors import UserError
    from proofgrid.run.store import RunStore
    from proofgrid.scoring import known_finish, score_completion

    write = sys.stdout.write
    with RunStore.read(run) as store:
        items, policy = store.items(), store.policy()
        if item not in items:
            near = get_close_matches(item, list(items), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"ids look like {next(iter(items), 'nothing')}"
            raise UserError(f"{run} has no item '{item}'; {hint}")
        stored = items[item]
        write(f"{item} ({stored.problem.task}, level {stored.problem.level})\n")
        if prompt:
            write(f"\n--- prompt\n{stored.prompt.rstrip()}\n")
        found = [record for record in store.of_item(item) if model in (None, record.cell.model)]
        if not found:
            write("no attempts" + (f" of {model}" if model else "") + "\n")
        for record in found:
            cell, done = record.cell, record.completion
            score = score_completion(stored.problem, done, policy)
            word = done.finish_reason or ""
            unknown = word if word and not known_finish(word) else None
            round_ = f", repair round {cell.round}" if cell.round else ""
            write(f"\n--- {cell.model}, attempt {cell.attempt}{round_}: {score.outcome}, {score.points:g} points\n")
            if reasoning and done.reasoning:
                write(f"[reasoning]\n{done.reasoning.rstrip()}\n[answer]\n")
            if done.text:
                write(done.text.rstrip() + "\n")
            said_of = (
                ("error", done.error),
                ("refusal", done.refusal),
                ("finish reason", unknown),
                ("verdict", score.feedback),
                ("traceback", score.trace),
            )
            for label, said in said_of:
                if said:
                    write(f"[{label}] {said}\n")
