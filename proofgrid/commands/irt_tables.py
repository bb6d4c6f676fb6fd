"""What ``proofgrid irt`` says on the terminal: the models' abilities and what each task tells, in brief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofgrid.commands.result_table import LEAST_NAME, block, fitting, size
from proofgrid.report.names import shortened
from proofgrid.report.text import visible

if TYPE_CHECKING:
    import pandas as pd

    from proofgrid.irt.fit import Fit2PL

MOST = 40
"""Models and tasks that are listed; the files have all."""


def ability_lines(fit: Fit2PL, width: int) -> list[str]:
    """A row a model, the ablest first: ability, standard error, interval, and what is odd about it."""
    ability = fit.ability.sort_values(ascending=False, kind="stable")
    shown = [str(name) for name in ability.index[:MOST]]
    error = fit.ability_se[ability.index]
    rows = [
        ("ability", [f"{ability[m]:.2f}" for m in shown]),
        ("SE", [f"{error[m]:.2f}" for m in shown]),
        ("95%", [f"{ability[m] - 1.96 * error[m]:.2f} to {ability[m] + 1.96 * error[m]:.2f}" for m in shown]),
    ]
    flags = [visible(str(fit.model_flags[m])) for m in shown]
    if any(flags):
        rows.append(("note", flags))
    return [*_named("model", shown, rows, width), *_more(len(ability), "models")]


def task_lines(tasks: pd.DataFrame, width: int) -> list[str]:
    """A row a task, the one that tells models apart best first: items, mean difficulty, D1 with its interval."""
    known = tasks.sort_values("D1", ascending=False, kind="stable")
    shown = [str(name) for name in known.index[:MOST]]
    table = known.loc[shown]
    rows = [
        ("items", [f"{n:,.0f}" for n in table["items"]]),
        ("mean difficulty", [f"{b:.2f}" for b in table["difficulty"]]),
        ("D1", [_or_dash(f"{v:.2f}", v) for v in table["D1"]]),
        (
            "95%",
            [
                _or_dash(f"{low:.2f} to {high:.2f}", low)
                for low, high in zip(table["D1_low"], table["D1_high"], strict=True)
            ],
        ),
    ]
    return [*_named("task", shown, rows, width), *_more(len(known), "tasks")]


def _named(head: str, names: list[str], rows: list[tuple[str, list[str]]], width: int) -> list[str]:
    kept = fitting(rows, width - min(LEAST_NAME, max(map(len, names), default=0)))
    room = width - sum(size(column) + 2 for column in kept)
    return block([visible(n) for n in shortened(names, max(LEAST_NAME, room))], kept, head)


def _more(count: int, what: str) -> list[str]:
    return [f"and {count - MOST:,} {what} more: the tables have all"] if count > MOST else []


def _or_dash(text: str, value: float) -> str:
    return "-" if value != value else text
