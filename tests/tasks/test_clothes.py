"""A right answer in other clothes is still right, and one that says two things is none; made from references."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from proofgrid.tasks import TASK_IDS, get_task
from proofgrid.tasks.suites import load_suite

JSON_TASKS = tuple(task for task in TASK_IDS if not task.startswith("pl1_gf"))
CLOTHES: dict[str, Callable[[dict[str, Any]], str]] = {
    "words around": lambda a: f"Here it is:\n\n{json.dumps(a)}\n\nI hope this helps.",
    "a code block": lambda a: f"## Answer\n\n```json\n{json.dumps(a, indent=2)}\n```",
    "reasoning before": lambda a: f"<think>perhaps {{}}</think>{json.dumps(a)}",
    "snake case": lambda a: json.dumps({_snake(k): v for k, v in a.items()}),
    "title case": lambda a: json.dumps({_snake(k).replace("_", " ").title(): v for k, v in a.items()}),
    "inside another object": lambda a: json.dumps({"answer": a}),
    "a list of one": lambda a: json.dumps([a]),
    "a Python literal": lambda a: repr(a),
    "a trailing comma": lambda a: json.dumps(a)[:-1] + ",}",
    "HTML entities": lambda a: json.dumps(a).replace("&", "&amp;").replace('"', "&quot;"),
    "a draft before": lambda a: '{"note": 1}\n' + json.dumps(a),
    "the answer twice": lambda a: json.dumps(a) + "\n" + json.dumps(a),
}


def _snake(key: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in key)


@pytest.mark.parametrize("clothes", CLOTHES)
@pytest.mark.parametrize("task_id", JSON_TASKS)
def test_a_reference_in_other_clothes_is_right(task_id: str, clothes: str) -> None:
    """What a person would accept scores as the reference does, whatever it is wrapped in."""
    task = get_task(task_id)
    for item in load_suite("v1", [task_id])[:2]:
        if task_id == "pl3_pw" and clothes:
            assert task.read(item.shown, CLOTHES[clothes](json.loads(task.reference_answer(item)))).value
            continue
        assert task.score(item, CLOTHES[clothes](json.loads(task.reference_answer(item)))).points == 1.0


@pytest.mark.parametrize("task_id", JSON_TASKS)
def test_what_is_cut_off_or_said_twice_is_no_answer(task_id: str) -> None:
    """A text that ends inside its object, or gives its main member two values, is unparsable."""
    task = get_task(task_id)
    item = load_suite("v1", [task_id])[0]
    text = task.reference_answer(item)
    for cut in (len(text) // 3, len(text) // 2):
        assert task.score(item, text[:cut]).points == 0.0
    key = {"c": "correct", "w": "proof", "m": "masks"}.get(task_id.split("_")[1][-1])
    if task_id.startswith("pl") and key is not None:
        twice = text.rstrip()[:-1] + f', "{key}": "something else"}}'
        assert task.score(item, twice).outcome == "unparsable"
