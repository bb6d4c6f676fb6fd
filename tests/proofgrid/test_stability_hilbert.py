"""Questions from Hilbert proofs: which failures state an inference, their controls, and what the questions say."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofgrid.checker import check, countermodel, parse_formula
from proofgrid.stability.controls import controls, make_pool
from proofgrid.stability.hilbert_flaws import find_hilbert_flaw, valid_hilbert_steps
from proofgrid.tasks.core import Item
from proofgrid.tasks.questions.inference import Asked
from proofgrid.tasks.questions.stability import StabilityQuestion

PREMISES = tuple(parse_formula(t) for t in ("(A ==> B)", "A", "(B ==> C)"))
GOAL = parse_formula("C")
START = "0. (A ==> B), Premise1;\n1. A, Premise2;\n2. B, mp, 0, 1;\n3. (B ==> C), Premise3;\n"
AXIOM = "4. (C ==> (A ==> C)), Axiom1, p := C, q := A;\n"


def test_valid_lines_are_modus_ponens_and_axioms() -> None:
    """Premises are no inferences; every other valid line is, and the checker confirms each."""
    steps = valid_hilbert_steps(PREMISES, GOAL, START + AXIOM + "5. C, mp, 3, 2;\n")
    assert [s.asked.rule for s in steps] == ["mp", "Axiom1", "mp"]
    assert all(s.asked.valid() for s in steps)
    assert find_hilbert_flaw(PREMISES, GOAL, START + "4. C, mp, 3, 2;\n") is None


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("4. (~ C), mp, 3, 2;", "conclusionMismatch", "(~ C) BY mp on (B ==> C), B"),
        ("4. (~ C), mp, 2, 3;", "conclusionMismatch", "(~ C) BY mp on (B ==> C), B"),
        ("4. C, mp, 3, 1;", "malformedRuleApp", "C BY mp on (B ==> C), A"),
        (
            "4. (C ==> (A ==> A)), Axiom1, p := C, q := A;",
            "notAnInstance",
            "(C ==> (A ==> A)) is an instance of Axiom1",
        ),
    ],
)
def test_wrong_lines_ask_about_themselves(line: str, kind: str, text: str) -> None:
    """A wrong modus ponens asks whether it may be applied, a wrong axiom whether the formula is an instance."""
    flaw = find_hilbert_flaw(PREMISES, GOAL, START + line + "\n")
    assert flaw is not None
    assert (flaw.kind, flaw.line) == (kind, 5)
    assert flaw.asked is not None
    assert flaw.asked.text() == text
    assert not flaw.asked.valid()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4. (~ A), Premise2;", "no_inference"),
        ("4. C, mp, 3, 9;", "no_inference"),
        ("4. C, because;", "no_inference"),
        ("4. (((", "no_inference"),
        ("", "wrong_goal"),
    ],
)
def test_failures_without_an_inference_are_counted_apart(line: str, reason: str) -> None:
    """A wrong premise, a line that is not there, what cannot be read, and another goal are not asked about."""
    flaw = find_hilbert_flaw(PREMISES, GOAL, START + line + "\n")
    assert flaw is not None
    assert (flaw.asked, flaw.not_asked) == (None, reason)


@given(st.integers(0, 10_000))
def test_controls_are_of_the_systems_own_kind(seed: int) -> None:
    """An axiom is matched with an axiom: one instance, and one that is none, no tautology, and only in ~ and ==>."""
    proof = START + AXIOM + "5. (A ==> (C ==> B)), Axiom1, p := A, q := C;\n"
    flaw = find_hilbert_flaw(PREMISES, GOAL, proof)
    assert flaw is not None
    pool = make_pool({"x": flaw}, {})
    valid, invalid = controls("x", flaw, pool, set(), Random(seed))
    assert valid is not None
    assert valid[0] == Asked("axiom", "Axiom1", (), parse_formula("(C ==> (A ==> C))"))
    if invalid is not None:
        assert not invalid[0].valid()
        assert invalid[0].target is not None
        assert countermodel((), invalid[0].target) is not None
        assert not any(op in str(invalid[0].target) for op in ("&", "|", "<==>"))


@given(st.text(max_size=80))
def test_any_text_is_examined_without_an_error(text: str) -> None:
    """Total: any proof text gives a flaw or none, as the checker says, and steps."""
    flaw = find_hilbert_flaw(PREMISES, GOAL, START + text)
    assert (flaw is None) == check((PREMISES, GOAL), START + text, language="hilbert").correct
    assert len(valid_hilbert_steps(PREMISES, GOAL, START + text)) >= (0 if flaw is not None else 1)


@pytest.mark.parametrize("asks", ["valid", "invalid"])
def test_the_question_about_an_axiom_is_whole_and_scored_by_the_checker(asks: str) -> None:
    """The prompt holds scheme and formula, the question survives its round trip, and its own attempt is right."""
    asked = Asked("axiom", "Axiom2", (), parse_formula("(A ==> A)"))
    shown = {**asked.to_json(), "valid_first": True, "asks": asks}
    assert Asked.from_json(shown) == asked
    task = StabilityQuestion()
    prompt = task.prompt(shown)
    assert "((p ==> (q ==> r)) ==> ((p ==> q) ==> (p ==> r)))" in prompt
    assert "Formula: (A ==> A)" in prompt
    item = Item("s", "stability", 1, 0, shown, {"valid": False}, {})
    assert task.score(item, task.attempt(shown, 0)).outcome == "correct"
