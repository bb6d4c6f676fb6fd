"""The end of a run: a table a person reads at a glance, and the next command to type."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from proofgrid.checker.counting import count
from proofgrid.commands.terminal import say

if TYPE_CHECKING:
    import pandas as pd

    from proofgrid.run.state import Ending

_NUMBERS = re.compile(r"\d+|\b[0-9a-f]{8,}\b")
MOST_ERRORS = 8
"""Kinds of errors that the end of a run lists."""


def print_summary(folder: Path, outcome: Ending | None = None) -> None:
    """Print accuracy and outcome rates by model and task, then what to do next."""
    from rich.console import Console

    from proofgrid.commands.result_table import result_lines
    from proofgrid.run.load import load_outcomes
    from proofgrid.statistics import summarize

    attempts = load_outcomes(folder)
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=1000)
    if not len(attempts):
        console.print(f"{folder} holds no answers yet", markup=False, highlight=False)
        return
    rows = summarize(attempts)
    for line in result_lines(rows, str(folder), console.width):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print()
    for line in sentences(folder, attempts):
        console.print(line, markup=False, highlight=False)
    console.print()
    for line in [*between_seeds(folder, attempts), *notes(folder), *advice(rows, outcome)]:
        say(line)
    typer.echo(f"Next: proofgrid report {folder} --out report.html")


def sentences(folder: Path, attempts: pd.DataFrame) -> list[str]:
    """The three that the report opens with: who leads, how proofs fail, what it cost."""
    from proofgrid.comparing import compare_all
    from proofgrid.report.headline import opening
    from proofgrid.run.store import RunStore
    from proofgrid.scoring import scorer_fingerprint
    from proofgrid.statistics import MISSING, item_tally, mean_over_tasks

    first = attempts[attempts["round"] == 0]
    judged = first[~first["outcome"].isin(MISSING)]
    judged = judged.assign(hit=(judged["outcome"] == "correct").astype(float))
    names = list(dict.fromkeys(str(m) for m in attempts["model"]))
    tasks = list(dict.fromkeys(str(t) for t in attempts["task"]))
    cells = judged.groupby(["model", "item"], sort=False)["hit"].agg(["sum", "size"])
    right, asked = (cells[c].unstack().reindex(names).fillna(0.0) for c in ("sum", "size"))
    parts = {
        name: item_tally(rows["hit"].to_numpy(), rows["item"].to_numpy())
        for name, rows in judged.groupby(["model", "task"], sort=False)
    }
    means = [mean_over_tasks([parts[name, task] for task in tasks if (name, task) in parts]) for name in names]
    with RunStore.read(folder) as store:
        failures, seconds = list(store.failures(scorer_fingerprint())), store.seconds()
    return opening(names, means, compare_all(right, asked), len(tasks), attempts, failures, seconds)


def between_seeds(folder: Path, attempts: pd.DataFrame) -> list[str]:
    """For items of several seeds: how far the seeds' accuracies lie apart, beside what chance alone would do."""
    import pandas as pd

    from proofgrid.run.store import RunStore
    from proofgrid.seeds import seed_spread
    from proofgrid.tasks.outcomes import cell

    with RunStore.read(folder) as store:
        if not any(source.get("seeds", 1) > 1 for source in store.meta().get("sources", [])):
            return []
        seeds = {name: item.problem.seed for name, item in store.items().items()}
    first = attempts[attempts["round"] == 0]
    values = [cell(outcome, points) for outcome, points in zip(first["outcome"], first["points"], strict=True)]
    cells = pd.Series(values, index=first.index, dtype=float)
    judged = first.assign(cell=cells, seed=first["item"].map(seeds)).dropna(subset="cell")
    lines = []
    for (model, task), rows in judged.groupby(["model", "task"], sort=False):
        items = rows.groupby(["seed", "item"], sort=False)["cell"].mean()
        spread = seed_spread([of_seed.to_list() for _, of_seed in items.groupby(level="seed")])
        if spread is not None:
            lines.append(
                f"{model}, {task}: {100 * spread.mean:.1f}% over {spread.seeds} seeds; between seeds SD "
                f"{100 * spread.sd:.1f} points (of items alone: {100 * spread.by_chance:.1f})"
            )
    return lines


def notes(folder: Path) -> list[str]:
    """What the table does not say: the distinct errors, changes of the served model, finish words nobody knows."""
    from proofgrid.run.store import RunStore
    from proofgrid.scoring import known_finish, scorer_fingerprint

    lines: list[str] = []
    with RunStore.read(folder) as store:
        alike: dict[tuple[str, str], tuple[str, int]] = {}
        for model, error, times in store.errors():
            key = (model, _NUMBERS.sub("#", error))
            alike[key] = (alike[key][0] if key in alike else error, alike.get(key, ("", 0))[1] + times)
        ranked = sorted(((model, text, n) for (model, _), (text, n) in alike.items()), key=lambda row: -row[2])
        lines += [f"{n:,} x {model}: {text}" for model, text, n in ranked[:MOST_ERRORS]]
        if len(ranked) > MOST_ERRORS:
            lines.append(f"and {len(ranked) - MOST_ERRORS} more kinds of errors (proofgrid export tells all)")
        outcomes = list(store.outcomes(scorer_fingerprint()).values())
        if failed := outcomes.count("scorer_error"):
            lines.append(
                f"{count(failed, 'answer')} could not be scored, by a fault of ours (`proofgrid show` tells it)"
            )
        policy = store.policy()
        if ranked and "wrong" in (policy.errors, policy.context):
            what = "errors" if policy.errors == "wrong" else "prompts longer than the window"
            lines.append(f"In this run {what} count as wrong answers.")
        by_model = store.served()
        for config in store.models():
            served = [row for row in by_model.get(config.fingerprint, []) if row["model"] or row["version"]]
            if len(served) > 1:
                names = [f"{row['model']} {row['version'] or ''}".strip() + f" ({row['answers']:,})" for row in served]
                lines.append(f"{config.label}: the served model changed while the run went on: {', '.join(names)}")
        unknown = [(model, word, n) for model, word, n in store.finish_words() if not known_finish(word)]
        lines += [
            f"{model}: {count(n, 'answer')} ended with the unknown finish reason '{word}'" for model, word, n in unknown
        ]
    return lines


def advice(rows: object, outcome: Ending | None) -> list[str]:
    """How to ask again for what did not come or was cut."""
    import pandas as pd

    lines = []
    if isinstance(rows, pd.DataFrame):
        now = outcome is not None and any(state.errors for state in outcome.states.values())  # in a repair round, too
        if now or (rows["api_error"] > 0).any():
            lines.append("Some requests failed for good: add --retry-errors to the same command to ask again.")
        if (rows["truncated"] > 0).any():
            lines.append("Some answers were cut: add --retry-truncated --max-tokens N (larger) to ask for just those.")
    return lines
