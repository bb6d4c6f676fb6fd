"""From the answers to the second phase's questions to indices: per model, pooled and by task, and broken down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofgrid import irt
from proofgrid.stability.equational_flaws import claimed_text
from proofgrid.stability.plan import PROOF_TASKS, plan
from proofgrid.stability.reverse import Reverse, reverse
from proofgrid.tasks.questions.asked import read_asked
from proofgrid.tasks.questions.stability import TASK_ID

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from proofgrid.run.scored import ScoredRun

BREAKDOWNS = ("task", "kind", "rule", "diagnosis", "depth")
"""Columns by which an index is broken down; ``kind`` is the failure's, ``diagnosis`` slip or fallacy."""


@dataclass(frozen=True)
class ModelStability:
    """One model. ``accuracy`` is its share correct on the run's tasks of PROOF_TASKS (first tries)."""

    model: str
    index: irt.StabilityIndex
    accuracy: float
    flawed_proofs: int
    not_asked: Mapping[str, int]
    unanswered: int
    """Questions that got no readable answer: truncated, refused, unparsable, empty, api_error, or not asked yet."""
    breakdown: pd.DataFrame
    """Columns: by, value, asked, rejected, U, esi, corrected (with the group's own controls), low, high, reason."""
    reverse: Reverse


@dataclass(frozen=True)
class Case:
    """One inference that a model wrote and rejected."""

    model: str
    task: str
    item: str
    attempt: int
    kind: str
    line: int
    proof: str
    inference: str
    question: str
    rejection: str


@dataclass(frozen=True)
class Stability:
    """All of it."""

    models: tuple[ModelStability, ...]
    judgements: pd.DataFrame
    """One row a question: model, proof, kind (flawed, valid, invalid), rejected (share of its samples), and what
    the question was about: task, failure, rule, diagnosis, depth, item, attempt, line, question (its id)."""
    cases: tuple[Case, ...]

    def table(self) -> pd.DataFrame:
        """One row a model, as printed and reported."""
        import pandas as pd

        return pd.DataFrame([_row(model) for model in self.models]).set_index("model")


def measure(path: str | Path, *, bootstrap: int = 1000, seed: int = 0, cases: int = 10) -> Stability:
    """Everything about the stability questions that a run holds answers to. Raises RunError, UserError."""
    from proofgrid.errors import UserError
    from proofgrid.run.load import load_run

    asked = load_run(path, task=TASK_ID)
    if not asked.items:
        raise UserError(f"{path} holds no stability questions yet: ask them with `proofgrid stability {path}`")
    return summarise(load_run(path), asked, bootstrap=bootstrap, seed=seed, cases=cases)


def summarise(run: ScoredRun, asked: ScoredRun, *, bootstrap: int = 1000, seed: int = 0, cases: int = 10) -> Stability:
    """:func:`measure` of a run and its questions that are loaded already."""
    table = judgements(asked)
    counted = plan(run, 0.0)
    first = run.attempts[(run.attempts["round"] == 0) & run.attempts["task"].isin(list(PROOF_TASKS))]
    wanted = Counter(str(problem.reference["model"]) for problem in asked.items.values())
    models = []
    for model, rows in first.groupby("model", sort=False):
        label = str(model)
        own = table[table["model"] == label]
        index = irt.stability_index(own, bootstrap=bootstrap, seed=seed)
        models.append(
            ModelStability(
                label,
                index,
                float((rows["outcome"] == "correct").mean()),
                counted.flawed.get(label, 0),
                dict(counted.not_asked.get(label, Counter())),
                wanted[label] - len(own),
                broken_down(own, bootstrap=bootstrap, seed=seed),
                reverse(run, label),
            )
        )
    return Stability(tuple(models), table, tuple(find_cases(run, asked, table, cases)))


def judgements(asked: ScoredRun) -> pd.DataFrame:
    """One row a question that was answered readably at least once; its samples are averaged."""
    import pandas as pd

    rows = []
    readable = asked.attempts[asked.attempts["outcome"].isin(["correct", "incorrect"])]
    for item, attempts in readable.groupby("item", sort=False):
        reference = asked.items[str(item)].reference
        # A question belongs to the model that wrote the proof; the store asks no other.
        own = attempts[attempts["model"] == reference["model"]]
        if len(own) == 0:
            continue
        rows.append(
            {
                "model": reference["model"],
                "proof": reference["proof"],
                "kind": reference["class"],
                "rejected": float(sum(parts["rejected"] for parts in own["parts"]) / len(own)),
                "task": reference["task"],
                "failure": reference["kind"],
                "rule": reference["rule"] or "none",
                "diagnosis": reference["diagnosis"] or "none",
                "depth": int(reference["depth"]),
                "item": reference["item"],
                "attempt": int(reference["attempt"]),
                "line": int(reference["line"]),
                "question": str(item),
            }
        )
    columns = ["model", "proof", "kind", "rejected", "task", "failure", "rule", "diagnosis", "depth", "item", "attempt"]
    return pd.DataFrame(rows, columns=[*columns, "line", "question"])


def broken_down(own: pd.DataFrame, *, bootstrap: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Indices of the parts of one model's judgements; a control counts where its flawed inference does."""
    import pandas as pd

    rows = []
    for by in BREAKDOWNS:
        column = "failure" if by == "kind" else by
        for value, part in own.groupby(column, sort=True):
            index = irt.stability_index(part, bootstrap=bootstrap, seed=seed)
            low, high = index.corrected_interval or (None, None)
            rows.append(
                {
                    "by": by,
                    "value": str(value),
                    "asked": index.asked,
                    "rejected": index.rejected,
                    "U": index.U,
                    "esi": index.esi,
                    "corrected": index.corrected,
                    "low": low,
                    "high": high,
                    "reason": index.reason,
                }
            )
    columns = ["by", "value", "asked", "rejected", "U", "esi", "corrected", "low", "high", "reason"]
    return pd.DataFrame(rows, columns=columns)


def find_cases(run: ScoredRun, asked: ScoredRun, table: pd.DataFrame, most: int = 10) -> list[Case]:
    """Inferences that their author rejected, in full: as many different models and kinds of failure as there are."""
    rejected = table[(table["kind"] == "flawed") & (table["rejected"] > 0.5)]
    seen: Counter[tuple[str, ...]] = Counter()
    ranked: list[tuple[int, int, Any]] = []
    found: Any = rejected.itertuples()
    for row in found:
        keys: list[tuple[str, ...]] = [(row.model,), (row.failure,), (row.model, row.failure)]
        ranked.append((sum(seen[key] for key in keys), len(ranked), row))
        seen.update(keys)
    return [_case(run, asked, row) for _, _, row in sorted(ranked, key=lambda r: r[:2])[:most]]


def _case(run: ScoredRun, asked: ScoredRun, row: Any) -> Case:
    from proofgrid.tasks import get_task

    attempts = run.attempts
    where = (attempts["model"] == row.model) & (attempts["item"] == row.item)
    text = attempts[where & (attempts["attempt"] == row.attempt) & (attempts["round"] == 0)]["text"].iloc[0]
    shown = run.items[row.item].shown
    proof = get_task(row.task).read(shown, text).value
    if PROOF_TASKS[row.task] == "equational":
        proof = claimed_text(row.task, shown, proof)
    problem = asked.items[row.question]
    answers = asked.attempts[(asked.attempts["item"] == row.question) & (asked.attempts["model"] == row.model)]
    said = next((a.text for a in answers.itertuples() if a.parts and a.parts.get("rejected") == 1.0), "")
    from proofgrid.tasks.questions.stability import StabilityQuestion

    return Case(
        row.model, row.task, row.item, row.attempt, row.failure, row.line, str(proof),
        read_asked(problem.shown).text(), StabilityQuestion().prompt(problem.shown), said,
    )  # fmt: skip


def forest_plot(stability: Stability) -> Figure:
    """ESI* (filled; ESI, open, where there is none) with intervals against accuracy, one row a model."""
    import numpy as np
    from matplotlib.figure import Figure

    shown = [m for m in stability.models if m.index.esi is not None]
    order = sorted(shown, key=lambda m: m.accuracy)
    figure = Figure(figsize=(9, max(2.4, 0.26 * len(order) + 1.0)), layout="constrained")
    rows_axes, scatter = figure.subplots(1, 2, width_ratios=[1.6, 1])
    for k, model in enumerate(order):
        index = model.index
        corrected = index.corrected is not None
        value = index.corrected if corrected else index.esi
        interval = index.corrected_interval if corrected else index.esi_interval
        face = "black" if corrected else "white"
        if interval is not None:
            rows_axes.hlines(k, *interval, color="black", lw=1.0)
            scatter.vlines(model.accuracy, *interval, color="0.6", lw=0.8)
        rows_axes.plot([value], [k], "s", mfc=face, mec="black", ms=4.5)
        scatter.plot([model.accuracy], [value], "s", mfc=face, mec="black", ms=4.5)
    names = [f"{m.model.replace('$', '')[-36:]} ({m.accuracy:.0%})" for m in order]
    rows_axes.set_yticks(np.arange(len(order)), names, fontsize=7.5)
    rows_axes.set_ylim(-0.7, len(order) - 0.3)
    rows_axes.set_xlabel("ESI* with 95% interval (open: ESI, no correction possible); accuracy in brackets", fontsize=8)
    scatter.set_xlabel("accuracy on the tasks asked about", fontsize=8)
    scatter.set_ylabel("ESI*", fontsize=8)
    for axes in (rows_axes, scatter):
        axes.grid(color="0.92", lw=0.5)
        axes.set_axisbelow(True)
    rows_axes.set_xlim(-0.03, 1.03)
    scatter.set_xlim(-0.03, 1.03)
    scatter.set_ylim(-0.03, 1.03)
    return figure


def _row(model: ModelStability) -> dict[str, Any]:
    index = model.index
    low, high = index.esi_interval or (None, None)
    corrected_low, corrected_high = index.corrected_interval or (None, None)
    return {
        "model": model.model,
        "accuracy": model.accuracy,
        "flawed_proofs": model.flawed_proofs,
        "asked": index.asked,
        "rejected": index.rejected,
        "U": index.U,
        "ESI": index.esi,
        "ESI_low": low,
        "ESI_high": high,
        "c": index.c,
        "r": index.r,
        "ESI*": index.corrected,
        "ESI*_low": corrected_low,
        "ESI*_high": corrected_high,
        "reason": index.reason,
        "unanswered": model.unanswered,
        "not_asked": sum(model.not_asked.values()),
        "reverse_rejected": model.reverse.rejected,
        "reverse_used": model.reverse.used,
    }
