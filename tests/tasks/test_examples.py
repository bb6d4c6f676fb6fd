"""The worked examples of the prompts are right by their own tasks, and stand in the prompts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofgrid.checker import check
from proofgrid.tasks import Item, get_task
from proofgrid.tasks.examples import CHECKING, GAPS, MACRO_CHECKING, MASKING, Example
from proofgrid.tasks.suites import load_suite

CHECKED = (
    ("pl1_pc", CHECKING, {"kind": "notInAB", "class": "logic", "lines": [5]}),
    ("pl3_pc", MACRO_CHECKING, {"kind": "doesNotFollow", "class": "logic", "lines": [3]}),
)


def _item(task: str, example: Example, reference: dict[str, object]) -> Item:
    shown = {"premises": list(example.premises), "goal": example.goal, "proof": example.proof}
    return replace(load_suite("v1", [task])[0], shown=shown, reference=reference)


@pytest.mark.parametrize(("task", "example", "error"), CHECKED)
def test_the_error_of_a_proof_checking_example(task: str, example: Example, error: dict[str, object]) -> None:
    """The checker finds the example's error, in both modes, where and of the type that the answer says."""
    for mode in ("strict", "instrumented"):
        verdict = check((example.premises, example.goal), example.proof, mode=mode, language=get_task(task).checked_as)
        failure = verdict.failure
        assert failure is not None
        assert (failure.kind, failure.class_, [failure.line]) == (error["kind"], error["class"], error["lines"])
    details = {"counterexample": {"B": True}} if task == "pl3_pc" else {}
    item = _item(task, example, {"correct": False, "errorDetails": details, "error": error})
    score = get_task(task).score(item, example.answer)
    assert score.points == 1.0
    assert set(score.parts.values()) == {1.0}


@pytest.mark.parametrize(
    ("task", "example", "reference"),
    [
        ("pl1_pm", MASKING, {"solvable": True, "masks": {}}),
        ("pl1_gf", GAPS, {"gaps": {}}),
    ],
)
def test_the_filling_of_an_example_is_accepted(task: str, example: Example, reference: dict[str, object]) -> None:
    """The example's answer makes its proof strictly correct."""
    score = get_task(task).score(_item(task, example, reference), example.answer)
    assert (score.points, score.strict, score.repairs) == (1.0, True, ())


@pytest.mark.parametrize(
    ("task", "example"),
    [("pl1_pc", CHECKING), ("pl1_pc_c", CHECKING), ("pl3_pc", MACRO_CHECKING), ("pl1_pm", MASKING), ("pl1_gf", GAPS)],
)
def test_prompts_show_their_example(task: str, example: Example) -> None:
    """The example's problem, remark and answer stand in the prompt before the problem that is asked."""
    item = load_suite("v1", [task])[0]
    prompt = get_task(task).prompt(item.shown)
    at = [prompt.index(part) for part in (example.problem, example.remark, example.answer)]
    assert at == sorted(at)
    assert at[-1] < prompt.rindex(f"Goal: {item.shown['goal']}")
    assert "\n\n\n" not in prompt


def test_one_gap_is_asked_for_in_the_singular() -> None:
    """A proof with one gap is not asked for all of its gaps."""
    for item in load_suite("v1", ["pl1_gf"])[:20]:
        prompt = get_task("pl1_gf").prompt(item.shown)
        assert ("There is one gap" in prompt) == (len(item.reference["gaps"]) == 1)
        assert "all 1 gaps" not in prompt
