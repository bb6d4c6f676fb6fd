"""The table of outcomes, and what is the same for every task before an answer is judged."""

from __future__ import annotations

import json

import pytest

from proofgrid.tasks import OUTCOMES, TASK_IDS, get_task
from proofgrid.tasks.outcomes import cell
from proofgrid.tasks.suites import load_suite


def test_only_failures_of_the_machinery_are_missing() -> None:
    """An outcome leaves a matrix only if nothing that the model wrote can bring it about."""
    for outcome in OUTCOMES.values():
        assert (outcome.matrix == "missing") == (outcome.origin == "host"), outcome.name
        assert outcome.meaning.endswith(".")
        assert len(outcome.mark) == 1


def test_cells() -> None:
    """Points enter as they are; truncated answers and those over the limits as the option says; host failures never."""
    assert cell("correct", 1.0) == 1.0
    assert cell("incorrect", 0.25) == 0.25
    assert cell("checker_limit", 0.0) == 0.0
    assert cell("truncated", 0.0, truncated=None) is None
    assert cell("checker_limit", 0.0, truncated=None) is None
    assert cell("api_error", 0.0) is None
    assert cell("scorer_error", 0.0) is None


@pytest.mark.parametrize("task_id", TASK_IDS)
def test_before_judging_all_tasks_agree(task_id: str) -> None:
    """Blank answers, with or without reasoning before, are empty; prose and endless reasoning are unparsable."""
    task = get_task(task_id)
    item = next(iter(load_suite("v1", [task_id])))
    for text in ("", " \n\t", "<think>hm</think>", "<think>hm</think>\n \n", "\ufeff\n"):
        score = task.score(item, text)
        assert (score.outcome, score.points, score.answer) == ("empty", 0.0, None), text
        assert score.feedback
    for text in ("I do not know.", "<think>hm, let me see"):
        score = task.score(item, text)
        assert (score.outcome, score.points, score.answer) == ("unparsable", 0.0, None), text
        assert score.feedback


@pytest.mark.parametrize("task_id", TASK_IDS)
def test_a_score_carries_the_answer(task_id: str) -> None:
    """The answer in a score is what ``read`` finds, it can be written as JSON, and judging it again gives the same."""
    task = get_task(task_id)
    item = next(iter(load_suite("v1", [task_id])))
    text = task.reference_answer(item)
    score = task.score(item, text)
    assert score.answer == task.read(item.shown, text).value
    assert score.answer is not None
    json.dumps(score.to_json())
    again = task.judge(item, score.answer)
    assert (again.outcome, again.points, again.parts) == (score.outcome, score.points, score.parts)
