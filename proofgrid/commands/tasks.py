"""``proofgrid tasks``: the 15 tasks, with what each measures."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("tasks", short_help="List the tasks and what each measures.")(list_tasks)


def list_tasks(json_: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List the tasks and what each measures."""
    from proofgrid.tasks import TASK_IDS, get_task

    found = [get_task(task_id) for task_id in TASK_IDS]
    if json_:
        for task in found:
            row = {
                "id": task.id,
                "title": task.title,
                "measures": task.measures,
                "language": task.language,
                "levels": list(task.levels),
                "chance": task.chance,
            }
            sys.stdout.write(json.dumps(row) + "\n")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("task", "title", "levels", "measures"):
        table.add_column(head, no_wrap=head in ("task", "levels"))
    for task in found:
        table.add_row(task.id, task.title, f"{task.levels[0]}-{task.levels[-1]}", task.measures)
    (console if console.is_terminal else Console(width=160)).print(table, markup=False)
