"""``proofgrid check``: one proof, or a file of them, against the checker."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(check)


def check() -> None:
    """Check a proof."""
