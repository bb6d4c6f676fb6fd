"""``proofgrid import``: answers that were made elsewhere become attempts of a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proofgrid.checker.counting import count

if TYPE_CHECKING:
    from proofgrid.run.plan import Source

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("import", short_help="Bring answers made elsewhere into a run.")(import_)


def import_(
    run: Annotated[Path, typer.Argument(help="A run's folder; made where an item source is named.")],
    completions: Annotated[Path, Opt(help="JSON lines with item, model, text (and attempt, finish_reason, ...).")],
    suite: Annotated[str | None, Opt(help="For a new run: its frozen suite.")] = None,
    items: Annotated[Path | None, Opt(help="For a new run: a file that `proofgrid generate` wrote.")] = None,
    task: Annotated[list[str] | None, Opt(help="With --suite or --items: only these tasks.")] = None,
) -> None:
    """Bring answers made elsewhere into a run; they score and report like any others."""
    from proofgrid.errors import UserError
    from proofgrid.run.files import DATABASE
    from proofgrid.run.plan import Source, parse_tasks

    if suite is not None and items is not None:
        raise UserError("give --suite or --items, not both")
    if suite is None and items is None and not (run / DATABASE).exists():
        raise UserError(f"{run} is no run yet: name its items with --suite v1 or --items FILE")
    if not completions.is_file():
        raise UserError(f"{completions} is no file")
    source = None
    if suite is not None:
        source = Source("suite", suite, parse_tasks(task or []))
    elif items is not None:
        source = Source("file", str(items), parse_tasks(task or []))
    bring_in(run, completions, source, [str(completions)])


def bring_in(run: Path, completions: Path, source: Source | None, said: Sequence[str]) -> None:
    """Put the answers of a completions file into a run, score them and print how the run stands.

    ``source`` names the items of a new run; ``said`` is what the run's header calls the answers' origin.
    """
    from proofgrid.commands.summary import print_summary
    from proofgrid.run.load import update_scores
    from proofgrid.run.merge import import_completions
    from proofgrid.run.plan import gather, invocation_facts
    from proofgrid.run.store import RunStore

    with RunStore.open(run) as store:
        if source is not None:
            gather(store, source)
        invocation = store.begin(invocation_facts({"import": ", ".join(said)}))
        try:
            new, there = import_completions(store, completions)
        finally:
            store.end(invocation)
    sys.stderr.write(f"{count(new, 'answer')} imported" + (f", {there:,} were there already" if there else "") + "\n")
    update_scores(run)
    print_summary(run)
