"""Scoring is total: whatever an answer is, it has a score, and nothing but a right answer scores."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.tasks.core import Item, Task
from proofgrid.tasks.registry import get_task

NAMES = ("pl1_pc", "pl3_pc", "pl1_pm", "pl1_gf")


def _first(name: str) -> tuple[Task, Item]:
    task = get_task(name)
    for problem in task.generate(12, 21, 2):
        if problem.reference.get("correct") is not True and problem.reference.get("solvable") is not False:
            return task, problem
    raise AssertionError("no such item in twelve")


ITEMS = {name: _first(name) for name in NAMES}

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
_values = st.recursive(
    _scalars | st.sampled_from(["mp", "(A & B)", "premise-1", "claim on A", "logic", "line 3", "}{", "A, B", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["MASK1", "mask-2", "GAP-1", "gap", "steps", "errorType", "offendingLine", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_answers = st.dictionaries(
    st.sampled_from(["correct", "errorDetails", "masks", "GAP-1", "gaps", "counterexample", "offendingLineNumber"]),
    _values,
    max_size=4,
)


@pytest.mark.parametrize("name", NAMES)
@settings(derandomize=True, max_examples=60, deadline=None)
@given(answer=_answers | st.text(max_size=80).map(lambda t: t))
def test_any_answer_has_a_score(name: str, answer: Any) -> None:
    """Answers of any shape are scored 0 or 1, with parts in bounds; 1 only where the outcome is correct."""
    task, problem = ITEMS[name]
    text = answer if isinstance(answer, str) else json.dumps(answer)
    score = task.score(problem, text)
    assert score.points in (0.0, 1.0)
    assert (score.points == 1.0) == (score.outcome == "correct")
    assert all(0.0 <= part <= 1.0 for part in score.parts.values())
    assert json.dumps(score.to_json())


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_off_reference_never_scores_by_accident(name: str) -> None:
    """Prefixes of the reference answer score only where they say all that is needed."""
    task, problem = ITEMS[name]
    text = task.reference_answer(problem)
    whole = len(text.rstrip("}")) if "_pc" in name else len(text) // 2
    lengths = {*range(0, whole, max(1, len(text) // 40)), *range(min(60, whole))}
    assert all(task.score(problem, text[:n]).outcome in ("empty", "unparsable", "incorrect") for n in lengths)
    right = '{"correct": true'
    assert {task.score(problem, right[:n]).outcome for n in range(1, len(right))} <= {"unparsable"}
    assert task.score(problem, text).points == 1.0
