"""New levels for the items of a suite, from the answers of models.

What is read is what ``proofgrid export RUN --out answers.jsonl`` writes: a JSON object a line with the model, the task,
the item and its points. An item's difficulty is the share of the points that models missed, each model once, drawn
towards the mean of its level (as if _PRIOR more models had missed that share), because a few answers say little.
Items keep their places: a level gets as many as it had, the easiest the lowest level.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from proofgrid.tasks.core import Item
from proofgrid.tasks.errors import SuiteError

_PRIOR = 4.0
LEAST_MODELS = 3
"""Models below which a task's items are left as they are."""


@dataclass(frozen=True, slots=True)
class Relevelled:
    """What answers say of one task's levels."""

    task: str
    models: int
    missed: Mapping[int, float]
    """The mean share of points missed, by the level that items have."""
    levels: Mapping[str, int]
    """Item id to new level; empty where too few models answered."""
    agreement: float
    """Share of pairs of items of different levels in which the item of the higher level was missed more (ties half)."""


def read_answers(lines: Iterable[str]) -> dict[str, dict[str, float]]:
    """item -> model -> mean points of its first rounds. Raises SuiteError for a line that is no exported answer."""
    points: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            item, model, got = str(row["item"]), str(row["model"]), float(row["points"])
            if row.get("round"):
                continue  # a repaired answer had help
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SuiteError(
                f"line {number} is no exported answer (it needs item, model and points); write the file by: "
                "proofgrid export RUN --out answers.jsonl"
            ) from error
        if not 0.0 <= got <= 1.0:
            raise SuiteError(f"line {number}: points lie between 0 and 1, not {got}")
        points[item][model].append(got)
    return {item: {model: sum(p) / len(p) for model, p in by.items()} for item, by in points.items()}


def relevel(items: Sequence[Item], answers: Mapping[str, Mapping[str, float]]) -> list[Relevelled]:
    """What the answers say, a task at a time; tasks without answers are left out."""
    by_task: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if answers.get(item.id):
            by_task[item.task].append(item)
    return [_relevel(task, group, answers) for task, group in by_task.items()]


def _relevel(task: str, items: Sequence[Item], answers: Mapping[str, Mapping[str, float]]) -> Relevelled:
    missed = {item.id: 1.0 - sum(answers[item.id].values()) / len(answers[item.id]) for item in items}
    at: dict[int, list[float]] = defaultdict(list)
    for item in items:
        at[item.level].append(missed[item.id])
    mean = {level: sum(shares) / len(shares) for level, shares in sorted(at.items())}
    models = {model for item in items for model in answers[item.id]}
    levels: dict[str, int] = {}
    if len(models) >= LEAST_MODELS:
        drawn = {
            item.id: (len(answers[item.id]) * missed[item.id] + _PRIOR * mean[item.level])
            / (len(answers[item.id]) + _PRIOR)
            for item in items
        }
        order = sorted(items, key=lambda item: (drawn[item.id], item.level, item.id))
        places = [level for level, n in sorted(Counter(item.level for item in items).items()) for _ in range(n)]
        levels = {item.id: level for item, level in zip(order, places, strict=True)}
    pairs = [
        1.0 if missed[a.id] < missed[b.id] else 0.5 if missed[a.id] == missed[b.id] else 0.0
        for a in items
        for b in items
        if a.level < b.level
    ]
    return Relevelled(task, len(models), mean, levels, sum(pairs) / len(pairs) if pairs else 0.5)


def calibrate(items: Sequence[Item], export: str | Path) -> list[Relevelled]:
    """The same from a file of exported answers. Raises SuiteError where it cannot be read or is of other items."""
    try:
        with Path(export).open(encoding="utf-8") as lines:
            answers = read_answers(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{export} cannot be read; name a file that proofgrid export wrote as JSON lines") from error
    found = relevel(items, answers)
    if not found:
        raise SuiteError(f"{export} has no answers to items of this suite; name the suite that the run asked (--suite)")
    return found
