"""``proofgrid prompt``: exactly what a model is shown."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Print what a model is shown.")(prompt)


def prompt(
    task: Annotated[str, Opt(help="Task id.")],
    seed: Annotated[int | None, Opt(help="Show the first item of this seed.")] = None,
    level: Annotated[int | None, Opt(min=1, help="With --seed: an item of this level.")] = None,
    suite: Annotated[str | None, Opt(help="Show an item of this suite.")] = None,
    item: Annotated[str | None, Opt(help="With --suite: the item's id; the first by default.")] = None,
) -> None:
    """Print what a model is shown."""
    from proofgrid.errors import UserError
    from proofgrid.tasks import get_task

    found = get_task(task)
    if suite is not None and seed is not None:
        raise UserError("give --seed or --suite, not both")
    if suite is None:
        problem = next(iter(found.generate(1, seed or 0, level)))
    else:
        from proofgrid.tasks.suites import load_suite

        problems = load_suite(suite, [task])
        named = [problem for problem in problems if item in (None, problem.id)]
        if not named:
            raise UserError(f"suite {suite} has no {task} item '{item}'; its ids run from {problems[0].id}")
        problem = named[0]
    sys.stdout.write(found.prompt(problem.shown).rstrip("\n") + "\n")
