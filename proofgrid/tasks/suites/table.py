"""The table of the 15 tasks in tasks/README.md, printed from a suite and the record of the builtin model's scores."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from proofgrid.tasks.core import Item
from proofgrid.tasks.registry import get_task
from proofgrid.tasks.suites.builtin import builtin_scores
from proofgrid.tasks.suites.store import load_suite, suite_directory

SHORTCUTS = "shortcuts.json"
README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- printed by: python -m proofgrid.tasks.suites readme -->"
END = "<!-- end of what is printed -->"


def table(name: str | Path = "v1") -> str:
    """A Markdown table with a row a task: what it measures, size, levels, chance, score, reference length, builtin."""
    by_task: dict[str, list[Item]] = {}
    for problem in load_suite(name):
        by_task.setdefault(problem.task, []).append(problem)
    scores = builtin_scores(name)
    cheap = shortcuts(name)
    head = (
        "task",
        "what it measures",
        "items",
        "levels",
        "chance",
        "score of an answer",
        "reference",
        "how a shortcut scores",
        "builtin/prover",
    )
    rows = [head, ("---", "---", "--:", ":-:", "--:", "---", "---", "---", "--:")]
    for task_id, problems in by_task.items():
        task = get_task(task_id)
        record = scores.get(task_id)
        got = f"{record['points'] / record['items']:.1%}" if record else "not recorded"
        levels = [p.level for p in problems]
        rows.append(
            (
                f"`{task_id}`",
                task.measures,
                str(len(problems)),
                f"{min(levels)} to {max(levels)}",
                f"{task.chance:.0%}",
                _first_sentence(inspect.getdoc(type(task).judge) or ""),
                _length(problems),
                _cheapest(cheap.get(task_id)),
                got,
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def shortcuts(name: str | Path) -> dict[str, Any]:
    """What answers earn that do not reason, by task: what bench/trust_items.py recorded; {} where it was not run."""
    path = suite_directory(name) / SHORTCUTS
    return json.loads(path.read_text()) if path.is_file() else {}


def _cheapest(record: Mapping[str, Any] | None) -> str:
    if record is None:
        return "not recorded"
    kinds = [kind for kind in ("constant", "classifier", "template") if kind in record]
    return ", ".join(f"{kind} {record[kind]['points']:.0%}" for kind in kinds)


def unsolved(name: str | Path = "v1") -> str:
    """What the builtin model cannot, as a Markdown list: how many items of which tasks at which budget."""
    lines = []
    for task, record in builtin_scores(name).items():
        ids = record["unsolved"]
        if ids:
            shown = ", ".join(ids[:8]) + (f" and {len(ids) - 8} more" if len(ids) > 8 else "")
            lines.append(f"- `{task}`: {len(ids)} of {record['items']} at budget {record['budget']:,}: {shown}")
    return "\n".join(lines) or "Nothing: it solves every item."


def printed(name: str | Path = "v1") -> str:
    """What stands between the markers of tasks/README.md."""
    return f"{BEGIN}\n\n{table(name)}\n\nWhat builtin/prover does not solve:\n\n{unsolved(name)}\n\n{END}"


def write_readme(name: str | Path = "v1", readme: Path = README) -> None:
    """Print the table into the README, between its markers."""
    text = readme.read_text()
    start, end = text.index(BEGIN), text.index(END) + len(END)
    readme.write_text(text[:start] + printed(name) + text[end:])


def _first_sentence(text: str) -> str:
    sentence = " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
    return sentence.replace("``", "`").replace("|", "\\|")


def _length(items: list[Item]) -> str:
    unit = next((u for u in ("gap", "lines", "steps") if u in items[0].difficulty), "")
    values = sorted(int(p.difficulty[unit]) for p in items)
    named = "lines in the gap" if unit == "gap" else unit
    return f"{median(values):g} {named} ({values[0]} to {values[-1]})"
