"""The end of a run: a table a person reads at a glance, and the next command to type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofgrid.run.state import Ending


def print_summary(folder: Path, outcome: Ending | None = None) -> None:
    """Print accuracy and outcome rates by model and task, then what to do next."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from proofgrid.run.load import load_outcomes
    from proofgrid.statistics import summarize

    attempts = load_outcomes(folder)
    console = Console()
    if not console.is_terminal:
        console = Console(width=1000)
    if not len(attempts):
        console.print(f"{folder} holds no answers yet", markup=False, highlight=False)
        return
    rows = summarize(attempts)
    repaired = rows["repaired"].notna().any()
    sampled = rows["pass_at_k"].notna().any()
    table = Table(title=str(folder), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("model", overflow="fold", min_width=12)
    table.add_column("task", no_wrap=True)
    heads = ["answers", "correct", "95%", "strict"]
    heads += ["repaired"] if repaired else []
    heads += ["pass@k"] if sampled else []
    for head in [*heads, "trunc.", "refused", "empty", "unpars.", "api err.", "cost"]:
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        cells = [row["model"], row["task"], str(row["answers"]), _percent(row["accuracy"])]
        cells += [f"{100 * row['low']:.0f}-{100 * row['high']:.0f}" if row["low"] == row["low"] else "-"]
        cells += [_percent(row["strict"])]
        cells += [_percent(row["repaired"])] if repaired else []
        cells += [f"{_percent(row['pass_at_k'])} k={row['k']}" if row["k"] > 1 else "-"] if sampled else []
        cells += [_percent(row[name]) for name in ("truncated", "refused", "empty", "unparsable", "api_error")]
        table.add_row(*(Text(cell) for cell in [*cells, row["cost"]]))
    console.print(table)
    for line in next_commands(folder, rows, outcome):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _percent(share: float) -> str:
    return "-" if share != share else f"{100 * share:.1f}%"


def next_commands(folder: Path, rows: object, outcome: Ending | None) -> list[str]:
    """What a user will want to type next."""
    import pandas as pd

    lines = []
    if isinstance(rows, pd.DataFrame):
        now = outcome is not None and any(state.errors for state in outcome.states.values())  # in a repair round, too
        if now or (rows["api_error"] > 0).any():
            lines.append("Some requests failed for good: add --retry-errors to the same command to ask again.")
        if (rows["truncated"] > 0).any():
            lines.append("Some answers were cut: add --retry-truncated --max-tokens N (larger) to ask for just those.")
    lines.append(f"Next: proofgrid report {folder} --out report.html")
    return lines
