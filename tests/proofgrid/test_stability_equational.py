"""Questions from rewriting steps: which steps an answer claims, which are wrong, their controls, and what is asked."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofgrid.checker.equational import parallel_step, symmetric_step
from proofgrid.stability.controls import controls, make_pool
from proofgrid.stability.equational_flaws import claimed_text, find_equational_flaw, valid_equational_steps
from proofgrid.tasks import get_task
from proofgrid.tasks.core import Item
from proofgrid.tasks.questions.asked import read_asked
from proofgrid.tasks.questions.rewriting import AskedRewrite
from proofgrid.tasks.questions.stability import StabilityQuestion
from proofgrid.tasks.suites import load_suite

EQUATIONS = ["E1: f(V1) = g(V1,a)", "E2: g(V1,V2) = g(V2,V1)", "E3: b = c"]
GAP = {"equations": EQUATIONS, "chain": "s = f(b)\n  ?? ??\n  = g(a,c) by E2"}
CHAIN = {"equations": EQUATIONS, "chain": "s = h(f(b),b,a)\n  = h(g(b,a),c,a)\n  = h(g(a,b),c,a)"}


def filling(*lines: tuple[str, tuple[str, ...]]) -> dict[str, object]:
    """An answer to eq_gf as it is read."""
    return {"missing": lines, "confidence": None}


def test_every_step_over_a_gap_is_claimed_the_one_out_of_it_too() -> None:
    """f(b), g(b,a), g(c,a), then g(a,c) by E2: three steps, all right; each may be read either way."""
    steps = valid_equational_steps("eq_gf", GAP, filling(("g(b,a)", ("E1",)), ("g(c,a)", ("E3",))))
    assert [s.asked.rule for s in steps] == ["rewriting by 1"] * 3
    assert all(s.asked.valid() and s.asked.both_ways for s in steps if isinstance(s.asked, AskedRewrite))
    assert find_equational_flaw("eq_gf", GAP, filling(("g(b,a)", ("E1",)), ("g(c,a)", ("E3",)))) is None
    wrong = find_equational_flaw("eq_gf", GAP, filling(("g(b,a)", ("E1",))))
    assert wrong is not None
    assert (wrong.line, len(wrong.steps)) == (2, 1)
    assert wrong.asked is not None
    assert wrong.asked.text() == "g(a,c) comes from g(b,a) by E2: g(V1,V2) = g(V2,V1), either way"


def test_named_equations_are_claims_and_none_is_none() -> None:
    """Steps of eq_er go one way; a step said to have no justification claims nothing."""
    right = {1: ("E1", "E3"), 2: ("E2",)}
    assert find_equational_flaw("eq_er", CHAIN, right) is None
    wrong = find_equational_flaw("eq_er", CHAIN, {1: ("E1",), 2: ("E2",)})
    assert wrong is not None
    assert (wrong.line, wrong.rule) == (1, "rewriting by 1")
    assert wrong.asked is not None
    assert not wrong.asked.valid()
    nothing = find_equational_flaw("eq_er", CHAIN, {1: (), 2: ()})
    assert nothing is not None
    assert (nothing.asked, nothing.not_asked) == (None, "no_inference")
    assert claimed_text("eq_er", CHAIN, right).count("\n") == 1


@pytest.mark.parametrize("names", [("E9",), ("E1", "E2", "E3"), ()])
def test_equations_that_cannot_be_are_no_inference(names: tuple[str, ...]) -> None:
    """An unknown equation, or more than a step of a gap may have, cannot be asked about."""
    flaw = find_equational_flaw("eq_gf", GAP, filling(("g(b,a)", names)))
    assert flaw is not None
    assert (flaw.asked, flaw.not_asked) == (None, "no_inference")


@given(st.integers(0, 10_000))
def test_controls_are_steps_of_the_same_kind(seed: int) -> None:
    """The valid one is a step that the model took; the invalid one is wrong for the checker, and not the model's."""
    flaw = find_equational_flaw("eq_er", CHAIN, {1: ("E1", "E3"), 2: ("E1",)})
    assert flaw is not None
    valid, invalid = controls("x", flaw, make_pool({"x": flaw}, {}), set(), Random(seed))
    assert valid is not None
    assert isinstance(valid[0], AskedRewrite)
    assert parallel_step(valid[0].source, valid[0].target, valid[0].equations) is not None
    assert invalid is not None
    assert isinstance(invalid[0], AskedRewrite)
    assert invalid[0].equations == valid[0].equations
    assert parallel_step(invalid[0].source, invalid[0].target, invalid[0].equations) is None
    assert invalid[0] != flaw.asked


@pytest.mark.parametrize("asks", ["valid", "invalid"])
@pytest.mark.parametrize("both_ways", [True, False])
def test_the_question_is_whole_and_scored_by_the_checker(asks: str, both_ways: bool) -> None:
    """The prompt holds terms and equations and not where they come from; the question survives its round trip."""
    flaw = find_equational_flaw("eq_er", CHAIN, {1: ("E1",)})
    assert flaw is not None
    assert isinstance(flaw.asked, AskedRewrite)
    asked = AskedRewrite(flaw.asked.equations, flaw.asked.source, flaw.asked.target, both_ways)
    shown = {**asked.to_json(), "valid_first": True, "asks": asks}
    assert read_asked(shown) == asked
    task = StabilityQuestion()
    prompt = task.prompt(shown)
    assert "E1: f(V1) = g(V1,a)" in prompt
    assert "First term: h(f(b),b,a)\nSecond term: h(g(b,a),c,a)" in prompt
    assert ("other way round" in prompt) == both_ways
    item = Item("s", "stability", 1, 0, shown, {"valid": False}, {})
    assert task.score(item, task.attempt(shown, 0)).outcome == "correct"


@pytest.mark.parametrize("task_id", ["eq_gf", "eq_er"])
def test_references_of_the_suite_claim_right_steps_only(task_id: str) -> None:
    """Every reference is read as steps, and each of them is one for the checker."""
    task = get_task(task_id)
    for item in load_suite("v1", [task_id])[:25]:
        answer = task.read(item.shown, task.reference_answer(item)).value
        steps = valid_equational_steps(task_id, item.shown, answer)
        way = symmetric_step if task_id == "eq_gf" else parallel_step
        assert all(
            isinstance(s.asked, AskedRewrite) and way(s.asked.source, s.asked.target, s.asked.equations) is not None
            for s in steps
        )
        flaw = find_equational_flaw(task_id, item.shown, answer)
        assert flaw is None or (flaw.kind, steps) == ("nothingClaimed", ())
