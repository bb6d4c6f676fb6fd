"""What the builtin model makes of a suite at its full budget: recorded beside the manifest, printed in tasks/README.md.

The record is no part of the suite: provers get better while the items stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from proofgrid.tasks.core import Item
from proofgrid.tasks.making.parallel import worker_pool
from proofgrid.tasks.registry import get_task
from proofgrid.tasks.suites.store import load_suite, suite_directory

RECORD = "builtin.json"


def builtin_scores(name: str | Path) -> dict[str, Any]:
    """By task: ``budget``, ``items``, ``points`` (their sum) and ``unsolved`` (ids); {} where nothing is recorded."""
    path = suite_directory(name) / RECORD
    return json.loads(path.read_text()) if path.is_file() else {}


def score_builtin(
    name: str | Path,
    tasks: tuple[str, ...] | None = None,
    jobs: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Put every item of a suite, or of some of its tasks, to the builtin model and record its points."""
    record = builtin_scores(name)
    by_task: dict[str, list[Item]] = {}
    for problem in load_suite(name, tasks):
        by_task.setdefault(problem.task, []).append(problem)
    with worker_pool(jobs) as pool:
        for task, problems in by_task.items():
            points = list(pool.map(attempt_points, problems))
            record[task] = {
                "budget": get_task(task).full_budget,
                "items": len(problems),
                "points": sum(points),
                "unsolved": [p.id for p, got in zip(problems, points, strict=True) if got < 1.0],
            }
            if progress:
                progress(f"{task}: builtin/prover {sum(points):g} of {len(problems)}")
    path = suite_directory(name) / RECORD
    path.write_text(json.dumps(record, indent=1) + "\n")
    return path


def attempt_points(item: Item) -> float:
    """The points of the builtin model's answer to one item at the full budget."""
    task = get_task(item.task)
    return task.score(item, task.attempt(item.shown, task.full_budget)).points
