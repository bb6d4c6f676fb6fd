"""Judgements from answers, and the reverse: steps called wrong in one task and taken in another."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from proofgrid.run.scored import ATTEMPT_COLUMNS, ScoredRun
from proofgrid.stability.measure import judgements
from proofgrid.stability.reverse import reverse
from proofgrid.tasks import Item, get_task
from proofgrid.tasks.questions.inference import Asked
from proofgrid.tasks.questions.stability import StabilityQuestion, answer


def scored(items: list[Item], answers: list[tuple[str, str, int, str]]) -> ScoredRun:
    """A run from (model, item, attempt, text), scored by the items' own tasks."""
    by_id = {problem.id: problem for problem in items}
    rows: list[dict[str, Any]] = []
    for model, item, attempt, text in answers:
        problem = by_id[item]
        task = StabilityQuestion() if problem.task == "stability" else get_task(problem.task)
        score = task.score(problem, text)
        row = dict.fromkeys(ATTEMPT_COLUMNS) | {"model": model, "task": problem.task, "item": item, "attempt": attempt}
        rows.append(row | {"round": 0, "text": text, "outcome": score.outcome, "parts": dict(score.parts)})
    return ScoredRun("fake", {}, by_id, pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS)))


def question(name: str, class_: str) -> Item:
    """A question about one of the model's proofs."""
    shown = {"kind": "rule", "rule": "claim", "sources": ["A"], "target": "A", "all_that_holds": False}
    about = {"model": "m", "proof": "p", "item": "i", "attempt": 0, "task": "pl1_pw", "kind": "notInAB", "line": 3}
    reference = {**about, "class": class_, "valid": class_ == "valid", "rule": None, "diagnosis": None, "depth": 2}
    return Item(name, "stability", 1, 0, {**shown, "asks": "valid", "valid_first": True}, reference, {})


def test_samples_are_averaged_and_unreadable_answers_left_out() -> None:
    """Two readable samples that disagree are half a rejection; a question without any is no judgement."""
    items = [question("one", "flawed"), question("two", "valid"), question("three", "invalid")]
    run = scored(
        items,
        [
            ("m", "one", 0, answer(False, "")),
            ("m", "one", 1, answer(True, "")),
            ("m", "one", 2, "I cannot say"),
            ("m", "two", 0, answer(True, "")),
            ("m", "three", 0, ""),
            ("somebody else", "two", 0, answer(False, "")),
        ],
    )
    table = judgements(run).set_index("question")
    assert table["rejected"].to_dict() == {"one": 0.5, "two": 0.0}
    assert table.loc["one", "rule"] == "none"
    assert table.loc["one", "depth"] == 2


WRITTEN = "assume D { (A & B) BY mp on (D ==> (A & B)), D }"
CHECKED = "{\n  C BY left-and on (C & E);\n  (E & A2) BY mp on (C ==> (E & A2)), C\n}"


@pytest.mark.parametrize(("line", "expected"), [(3, (1, 1)), (2, (1, 0)), (4, (0, 0))])
def test_valid_steps_called_wrong_are_found_in_own_proofs(line: int, expected: tuple[int, int]) -> None:
    """A false alarm on a step whose inference the model's own proof takes, under other names, is counted."""
    writing = Item(
        "w", "pl1_pw", 1, 0, {"premises": ["(D ==> (A & B))"], "goal": "(D ==> (A & B))"}, {"proof": WRITTEN}, {}
    )
    shown = {"premises": ["(C & E)", "(C ==> (E & A2))"], "goal": "(E & A2)", "proof": CHECKED}
    checking = Item("c", "pl1_pc", 1, 0, shown, {"correct": True, "errorDetails": {}}, {})
    alarm = {"correct": False, "errorDetails": {"offendingLineNumber": line, "errorType": "logic"}}
    run = scored(
        [writing, checking],
        [("m", "w", 0, json.dumps({"description": "", "proof": WRITTEN})), ("m", "c", 0, json.dumps(alarm))],
    )
    found = reverse(run, "m")
    assert (found.rejected, found.used) == expected
    if found.used:
        assert found.examples == ("(E & A2) BY mp on (C ==> (E & A2)), C",)
    assert reverse(run, "nobody").rejected == 0


def test_an_inference_reads_as_one_line() -> None:
    """The text of a case is the step as it would be written."""
    asked = Asked.from_json(
        {"kind": "follows", "rule": "", "sources": ["A"], "target": "(A | B)", "all_that_holds": False}
    )
    assert asked.text() == "(A | B) follows from A"
    assert asked.valid()
