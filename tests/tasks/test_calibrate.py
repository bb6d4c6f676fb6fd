"""New levels from models' answers: what is read, what is said of the levels there are, and which are given."""

from __future__ import annotations

import json

import pytest

from proofgrid.tasks.core import Item
from proofgrid.tasks.errors import SuiteError
from proofgrid.tasks.suites.__main__ import main
from proofgrid.tasks.suites.calibrate import read_answers, relevel
from proofgrid.tasks.suites.store import load_suite


def _item(number: int, level: int) -> Item:
    return Item(f"pl1_pw-s1-{number:04d}", "pl1_pw", level, 1, {}, {}, {})


def _answers(missed: dict[int, float], models: int = 5) -> dict[str, dict[str, float]]:
    return {f"pl1_pw-s1-{n:04d}": {f"m{k}": 1.0 - share for k in range(models)} for n, share in missed.items()}


def test_items_that_models_miss_more_get_higher_levels_and_levels_keep_their_sizes():
    """An easy item of a high level and a hard one of a low level change places."""
    items = [_item(1, 1), _item(2, 1), _item(3, 2), _item(4, 2)]
    (found,) = relevel(items, _answers({1: 0.0, 2: 1.0, 3: 0.0, 4: 1.0}, models=40))
    assert found.levels == {items[0].id: 1, items[2].id: 1, items[1].id: 2, items[3].id: 2}
    assert found.missed == {1: 0.5, 2: 0.5}
    assert found.agreement == 0.5


def test_few_answers_leave_items_near_their_levels():
    """With three models a difference within a level does not outweigh what its level is missed by."""
    items = [_item(1, 1), _item(2, 1), _item(3, 2), _item(4, 2)]
    (found,) = relevel(items, _answers({1: 0.0, 2: 0.4, 3: 0.3, 4: 1.0}, models=3))
    assert found.levels == {items[0].id: 1, items[1].id: 1, items[2].id: 2, items[3].id: 2}
    assert found.agreement == 0.75


def test_two_models_give_no_levels():
    """What two models miss is said, and items keep their levels."""
    (found,) = relevel([_item(1, 1), _item(2, 2)], _answers({1: 0.0, 2: 1.0}, models=2))
    assert found.levels == {}
    assert found.agreement == 1.0


def test_attempts_are_averaged_and_repaired_answers_left_out():
    """A model counts once an item; its answers after feedback do not count."""
    rows = [("a", 1.0, 0), ("a", 0.0, 0), ("a", 1.0, 1), ("b", 1.0, 0)]
    lines = [json.dumps({"item": "x", "model": m, "points": p, "round": r}) for m, p, r in rows]
    assert read_answers(["", *lines]) == {"x": {"a": 0.5, "b": 1.0}}


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"item": "x"}', '{"item": "x", "model": "m", "points": 7}'])
def test_what_is_no_exported_answer_is_said_to_be_none(line):
    """A line of another kind names itself in one sentence."""
    with pytest.raises(SuiteError, match="line 1"):
        read_answers([line])


def test_the_command_writes_new_levels(tmp_path, capsys):
    """From a file of answers to v1 comes a file of levels, and a sentence a task; a file of other items is refused."""
    items = load_suite("v1", ["eq_er"])
    rows = [
        json.dumps({"item": item.id, "model": f"m{k}", "points": float((k + n) % 2), "task": item.task})
        for n, item in enumerate(items)
        for k in range(3)
    ]
    answers = tmp_path / "answers.jsonl"
    answers.write_text("\n".join(rows))
    assert main(["calibrate", str(answers), "--out", str(tmp_path / "levels.json")]) == 0
    assert "eq_er: 3 models" in capsys.readouterr().err
    levels = json.loads((tmp_path / "levels.json").read_text())
    assert sorted(levels.values()) == sorted(item.level for item in items)
    answers.write_text(json.dumps({"item": "other", "model": "m", "points": 1}))
    assert main(["calibrate", str(answers)]) == 2
    assert "no answers to items of this suite" in capsys.readouterr().err
