"""What reading an answer costs is in proportion to its text, whatever that is made of; counted in calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from proofgrid.tasks import TASK_IDS, get_task
from proofgrid.tasks.answers.reading import read_json_answer

ROWS = [
    json.loads(line) for line in (Path(__file__).parent / "dressed" / "items.jsonl").read_text("utf-8").splitlines()
]
SHOWN = {row["task"]: row["shown"] for row in reversed(ROWS)}
PIECES = [
    '{"a":[', '{"a": "', '{"proof":', '{"proof": "', "[1,", "[", "{", '"', "\\", 'submit(a="', "GAP-1:\n", "MASK1: A\n",
    "```\n", "```json\n{\n", "<GAP-1>", "-<think>", "| a | b |\n", "|", "a:\n  ", "= a by E1\n", "0. A, P\n", "$$ ",
    "\t", "**", "`", "\\item ", "&quot;", '{"a":[&quot;', "«/*", '{"a": 1, /*', "step 1: ", "line 7, type: logic\n",
    "> ", "# ", "\"'", '}\n{"proof": "', '"(', '"MASK1": "A", "',
]  # fmt: skip
"""What a text is made of, over and over."""
PER_CHARACTER = 15.0


def calls(do: Callable[[], Any]) -> int:
    """The calls of functions, those in C included, that ``do`` makes."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("task_id", [t for t in TASK_IDS if not t.endswith("_c") and t != "pl2_pw"])
def test_reading_is_linear_in_repeated_texts(task_id: str) -> None:
    """Four times as much of the same takes at most about four times as many calls, and only a few a character."""
    task, shown = get_task(task_id), SHOWN[task_id]
    over = []
    for piece, start in product(PIECES, ("", '{"proof": "A", "x": ')):
        texts = (start + piece * (size // len(piece)) for size in (2_500, 10_000))
        few, many = (calls(partial(task.read, shown, text)) for text in texts)
        if many > 4.5 * few + 20_000 or many > PER_CHARACTER * 10_000 + 20_000:
            over.append(f"{start}{piece!r}: {few}, {many}")
    assert over == []


@pytest.mark.parametrize("key", ["proof:", "- proof:"])
def test_an_outline_nested_without_end_has_a_reading(key: str) -> None:
    """An outline ever deeper is no answer, and no failure of scoring either."""
    text = "proof:\n" + "\n".join(" " * (4 * k) + key for k in range(1, 430))
    assert get_task("pl1_pw").read(SHOWN["pl1_pw"], text).value is None


def test_what_fails_deep_inside_is_not_begun_anew_at_each_bracket() -> None:
    """An answer behind hundreds of objects that are none, and a thousand brackets, is found."""
    text = "[" * 20_000 + ('{"a":' * 5 + "x ") * 60 + '\n\n{"proof": "claim on A"}'
    reading = read_json_answer(text, ("proof",))
    assert reading.value == {"proof": "claim on A"}


def test_json_in_a_string_is_read_once_for_all_names() -> None:
    """A string that is JSON without an end is not read anew for every set of names that is asked for."""
    text = '{"proof": "' + '{"proof": "#' * 500 + '"}'
    task, shown = get_task("pl1_pc"), SHOWN["pl1_pc"]
    assert calls(partial(task.read, shown, text)) < 8 * len(text)
