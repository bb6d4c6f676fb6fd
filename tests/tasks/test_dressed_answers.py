"""Answers in clothes that nobody asked for: a table of kinds, over all 15 tasks, with what each is worth.

``dressed/answers.jsonl`` has one answer a line (item, whether it is right, what is peculiar about it, its text), and
``dressed/items.jsonl`` the small items that they answer. What a person would accept counts; what was cut off, hedged,
doubled or contradicts itself does not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proofgrid.tasks import TASK_IDS, Item, get_task

FOLDER = Path(__file__).parent / "dressed"


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


ITEMS = {
    row["name"]: Item(
        id=row["name"],
        task=row["task"],
        level=1,
        seed=0,
        shown=row["shown"],
        reference=row["reference"],
        difficulty={},
    )
    for row in _rows("items.jsonl")
}
ANSWERS = _rows("answers.jsonl")


@pytest.mark.parametrize("name", ITEMS)
def test_clothes_do_not_decide(name: str) -> None:
    """Each answer of the table is worth what a person would give it, whatever it is wrapped in."""
    item = ITEMS[name]
    wrong = []
    for row in ANSWERS:
        if row["item"] == name:
            score = get_task(item.task).score(item, row["text"])
            if (score.outcome == "correct") is not row["right"]:
                wrong.append(f"{row['note']}: {score.outcome} ({score.feedback})")
    assert wrong == []


def test_the_table_covers_every_task() -> None:
    """There are right and wrong answers to every task, 800 or more, and no two that are the same."""
    assert {ITEMS[row["item"]].task for row in ANSWERS if row["right"]} == set(TASK_IDS)
    assert {ITEMS[row["item"]].task for row in ANSWERS if not row["right"]} >= {t for t in TASK_IDS if t != "pl2_pw"}
    assert len({(row["item"], row["text"]) for row in ANSWERS}) == len(ANSWERS) >= 800
