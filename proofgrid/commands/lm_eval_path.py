"""``proofgrid lm-eval-path``: where the tasks for lm-evaluation-harness lie."""

from __future__ import annotations

from pathlib import Path

import typer

import proofgrid.integrations


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("lm-eval-path", short_help="Print the folder of lm-evaluation-harness's tasks.")(lm_eval_path)


def lm_eval_path() -> None:
    """Print the folder of the tasks for lm-evaluation-harness: lm_eval --include_path "$(proofgrid lm-eval-path)"."""
    typer.echo(Path(proofgrid.integrations.__file__).parent / "lm_eval_tasks")
