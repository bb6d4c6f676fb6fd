"""What an analysis says of tasks and families apart, for :mod:`proofgrid.irt.output`: tables, JSON, Markdown."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from proofgrid.irt.analysis import Analysis
from proofgrid.irt.dif import LEVEL

MOST_SHOWN = 20

Plain = Callable[[object], str]
"""Makes a stranger's name plain text in Markdown."""


def _rows(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return table.to_dict(orient="records")


def tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """CSV tables by file name."""
    found = {}
    if len(analysis.task_differences):
        found["task_differences"] = analysis.task_differences.rename_axis("pair")
    if analysis.by_task is not None:
        errors = analysis.by_task.errors.add_suffix("_se")
        found["task_abilities"] = analysis.by_task.abilities.join(errors).rename_axis("model")
        found["task_correlations"] = analysis.by_task.correlations.rename_axis("pair")
    if analysis.families is not None:
        found["family_items"] = analysis.families.items.rename_axis("rank")
        found["family_tasks"] = analysis.families.tasks.rename_axis("rank")
    return found


def as_json(analysis: Analysis) -> dict[str, Any]:
    """For irt.json."""
    by_task, families = analysis.by_task, analysis.families
    return {
        "task_abilities": None
        if by_task is None
        else {
            "abilities": {str(m): dict(row) for m, row in by_task.abilities.iterrows()},
            "errors": {str(m): dict(row) for m, row in by_task.errors.iterrows()},
            "spread": dict(by_task.spread),
            "common_correlation": by_task.common,
            "correlations": by_task.correlations.to_dict(orient="records"),
            "left_out": list(by_task.left_out),
            "draws": by_task.draws,
        },
        "families": None
        if families is None
        else {
            "families": list(families.families),
            "items": families.clear_items.to_dict(orient="records"),
            "tasks": families.tasks.to_dict(orient="records"),
        },
    }


def markdown(analysis: Analysis, plain: Plain) -> list[str]:
    """The sections between the tasks and the items."""
    return _differences(analysis, plain) + _abilities(analysis, plain) + _families(analysis, plain)


def _differences(analysis: Analysis, plain: Plain) -> list[str]:
    table = analysis.task_differences
    if not len(table):
        return []
    clear = table[table["q"] < LEVEL].sort_values("q", kind="stable")
    lines = [
        "",
        f"{len(clear)} of {len(table)} pairs of tasks differ in D1 (q < .05 over all pairs; task_differences.csv).",
    ]
    lines += [
        f"- {plain(row['task_1'])} less {plain(row['task_2'])}: {row['difference']:+.3f} "
        f"({row['low']:+.3f} to {row['high']:+.3f})"
        for row in _rows(clear.head(MOST_SHOWN))
    ]
    return lines


def _abilities(analysis: Analysis, plain: Plain) -> list[str]:
    found = analysis.by_task
    if found is None:
        return []
    names = list(map(str, found.abilities.columns))
    n = len(found.abilities)
    lines = [
        "",
        "## Abilities by task",
        "",
        f"Each task has an ability of its own; over models these correlate {found.common:.2f} on average (errors of "
        f"measurement taken out). From {n} models single correlations are rough: they are drawn to that average, and "
        "their intervals are what they are. Abilities are on the scale of the overall ability, errors after ±.",
    ]
    if found.left_out:
        lines.append(f"Too few items: {', '.join(plain(t) for t in found.left_out)}.")
    heads = " | ".join(plain(t) for t in names)
    lines += ["", f"| model | {heads} |", "| --- |" + " --- |" * len(names)]
    order = analysis.models["ability"].sort_values(ascending=False, kind="stable").index
    values, errors = found.abilities.loc[order].to_numpy(), found.errors.loc[order].to_numpy()
    for model, own, spread in zip(order, values, errors, strict=True):
        cells = (f"{x:.2f} ± {se:.2f}" for x, se in zip(own, spread, strict=True))
        lines.append(f"| {plain(model)} | {' | '.join(cells)} |")
    pairs = found.correlations.sort_values("correlation", kind="stable")
    shown = pairs if len(pairs) <= MOST_SHOWN else pairs.head(MOST_SHOWN)
    drawn = f" (95% from {found.draws} draws of models)" if found.draws else ""
    lines += [
        "",
        f"Correlations{drawn}"
        + ("" if len(shown) == len(pairs) else f", the {MOST_SHOWN} lowest of {len(pairs)}")
        + ":",
        "",
    ]
    for row in _rows(shown):
        interval = "" if math.isnan(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"
        lines.append(f"- {plain(row['task_1'])} and {plain(row['task_2'])}: {row['correlation']:.2f}{interval}")
    return lines


def _families(analysis: Analysis, plain: Plain) -> list[str]:
    found = analysis.families
    if found is None:
        return []
    items, tasks = found.clear_items, found.clear_tasks
    lines = [
        "",
        "## Families: what is easier or harder for one than its abilities say",
        "",
        f"Of {len(found.items)} pairs of family and item {len(items)} are clear (exact test given abilities, q < .05 "
        f"over all pairs), of {len(found.tasks)} pairs of family and task {len(tasks)} (family_items.csv, "
        "family_tasks.csv).",
        "",
    ]
    lines += [
        f"- {plain(row['family'])} on {plain(row['task'])}: {100 * row['difference']:+.1f} points "
        f"({100 * row['low']:+.1f} to {100 * row['high']:+.1f}) over what its abilities say, "
        f"{row['items']} items, q = {row['q']:.3f}"
        for row in _rows(tasks.head(MOST_SHOWN))
    ]
    lines += [
        f"- {plain(row['family'])} on {plain(row['item'])}: {row['right']:.0f} of {row['answers']:.0f} right, "
        f"{row['expected']:.1f} expected, q = {row['q']:.3f}"
        for row in _rows(items.head(MOST_SHOWN))
    ]
    return lines
