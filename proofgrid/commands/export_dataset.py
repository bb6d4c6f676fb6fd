"""``proofgrid export-dataset``: items as Parquet files with a card, to train on or to share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("export-dataset", short_help="Write items as Parquet, by task and split.")(export_dataset)


def export_dataset(
    out: Annotated[Path, Opt(help="The folder to make.")],
    task: Annotated[list[str] | None, Opt(help="Task id, or all; may be repeated. All of a suite by default.")] = None,
    suite: Annotated[str | None, Opt(help="A frozen suite, as the split test.")] = None,
    seed: Annotated[int | None, Opt(help="New items: train has this seed, validation the next, test the next.")] = None,
    train: Annotated[int, Opt(min=0, help="With --seed: items of each task to train on.")] = 0,
    validation: Annotated[int, Opt(min=0, help="With --seed: items of each task to validate on.")] = 0,
    test: Annotated[int, Opt(min=0, help="With --seed: items of each task to test on.")] = 0,
    level: Annotated[
        int | None, Opt(min=1, help="With --seed: only this level; else levels are dealt in turn.")
    ] = None,
    apart_from: Annotated[
        list[str] | None, Opt(help="With --seed: a suite whose problems are left out (v1 by default).")
    ] = None,
    jobs: Annotated[int | None, Opt(min=1, help="Processes; one a core by default.")] = None,
) -> None:
    """Write items as Parquet, one file a task and split, with a card; no problem is in two splits, up to renaming.

    The same command goes on where it was stopped.
    """
    from proofgrid.errors import UserError
    from proofgrid.integrations.datasets import SPLITS, Plan, export_new, export_suite
    from proofgrid.run.plan import parse_tasks

    sizes = {"train": train, "validation": validation, "test": test}
    if (suite is None) == (seed is None):
        raise UserError(
            "give --suite v1 for a frozen suite, or --seed for new items (--seed 7 --train 9000 --test 500)"
        )
    if suite is not None:
        if any(sizes.values()) or level is not None:
            raise UserError(
                "a frozen suite is exported whole, as the split test: --train, --level and so on go with --seed"
            )
        count = export_suite(suite, parse_tasks(task) if task else None, out)
        sys.stderr.write(f"{count:,} items of suite {suite} written to {out}\n")
        return
    if not any(sizes.values()):
        raise UserError("say how many items: --train 9000 --validation 500 --test 500")
    if not task:
        raise UserError("name a task: --task pl1_pw (see `proofgrid tasks`), or --task all")
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    assert seed is not None
    plan = Plan(
        tasks=tuple(parse_tasks(task)),
        sizes={name: sizes[name] for name in SPLITS},
        seed=seed,
        level=level,
        apart_from=tuple(apart_from or ("v1",)),
    )
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        bars: dict[str, int] = {}

        def show(name: str, done: int) -> None:
            if name not in bars:
                bars[name] = bar.add_task(name, total=sizes[name.split()[1]])
            bar.update(bars[name], completed=done)  # type: ignore[arg-type]

        count = export_new(plan, out, jobs, show)
    sys.stderr.write(f"{count:,} items written to {out}, no two of one class\n")
