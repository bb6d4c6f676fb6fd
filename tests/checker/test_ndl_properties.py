"""Laws of the checker on texts and proofs that hypothesis makes up."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import check, parse_formula, parse_proof
from proofgrid.checker.errors import FormulaSyntaxError, ProofSyntaxError
from proofgrid.checker.natural.hopeless import slot_for_a_step
from proofgrid.checker.natural.reading import read_tokens
from proofgrid.checker.natural.repair import repair
from proofgrid.checker.render import render

PROBLEM = "A # (A ==> B) # (B | ~C) # (C & D) # (~ (A & C)) # B"
SYMBOLS = (
    "A B C D false true x h1 premise-1 premise-2 premise-3 ( ) { } ; , := BY by on ON assume suppose-absurd ~ & |"
    " ==> <==> -> ¬ ∧ . ! && claim mp both dn dm cases absurd left-and right-either from-false ex-middle"
    " GAP-1 MASK2 # \n"
)
WORDS = st.sampled_from(SYMBOLS.split(" "))
SOUP = st.lists(WORDS, max_size=40).map(" ".join)
STEPS = st.sampled_from(
    [
        "B BY mp on premise-2, A",
        "x := mp on (A ==> B), A",
        "C BY left-and on premise-4",
        "D BY left-and on premise-4",
        "(A & B) BY both on A, B",
        "x := (B & A) BY both on A, B",
        "e := ex-middle on (A & C)",
        "assume C { x := claim on A; B BY mp on premise-2, x }",
        "y := assume h := D { claim on h }",
        "(~ C) BY dsyl on premise-3, B",
        "((~ A) | (~ C)) BY dm on premise-5",
        "claim on x",
        "x := A",
        "{ B BY mp on premise-2, A; z := B BY claim on B }",
        "B BY claim on z",
    ]
)
PROOFS = st.lists(STEPS, min_size=1, max_size=8).map(lambda steps: "{\n" + ";\n".join(steps) + "\n}")


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.one_of(SOUP, st.text(max_size=60)), st.booleans())
def test_any_text_has_a_verdict_that_can_be_shown(text: str, go_on: bool) -> None:
    """check is total and deterministic, and its verdict renders and serialises."""
    verdict = check(PROBLEM, text, all_failures=go_on)
    assert verdict == check(PROBLEM, text, all_failures=go_on)
    assert verdict.correct == (verdict.failure is None)
    assert render(verdict)
    assert verdict.to_json()["correct"] is verdict.correct
    if verdict.failure is not None and verdict.failure.line:
        assert verdict.failure.line <= text.count("\n") + 1
        assert 1 <= verdict.failure.column <= len(text.split("\n")[verdict.failure.line - 1]) + 1


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.one_of(SOUP, PROOFS))
def test_instrumented_reading_never_takes_away(text: str) -> None:
    """What is strictly correct is correct without fixes; what instrumented mode calls strict, strict mode accepts."""
    strict, read = check(PROBLEM, text, mode="strict"), check(PROBLEM, text)
    assert strict.correct == read.strict
    if strict.correct:
        assert read.fixes == ()
        assert read.conclusion == strict.conclusion
    paper = check(PROBLEM, text, profile="paper")
    assert paper.correct == (read.correct or read.paper_only)
    assert paper.paper_only == read.paper_only


@settings(derandomize=True, max_examples=200, deadline=None)
@given(PROOFS)
def test_well_formed_proofs_are_not_repaired(text: str) -> None:
    """Instrumented reading makes no syntax fix in a text that parses and whose conclusions are formulas."""
    try:
        parse_proof(text)
    except ProofSyntaxError:
        return
    assert all(fix.class_ == "structural" for fix in check(PROBLEM, text).fixes)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(PROOFS)
def test_one_failure_is_the_first_of_all(text: str) -> None:
    """With all_failures the first failure is the same."""
    one, every = check(PROBLEM, text), check(PROBLEM, text, all_failures=True)
    assert one.correct == every.correct
    if one.failure is not None:
        assert every.failures[0] == one.failure


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.one_of(SOUP, st.text(max_size=40)))
def test_parsers_raise_only_their_own_errors(text: str) -> None:
    """parse_formula and parse_proof either read a text or raise a located error."""
    for read in (parse_formula, parse_proof):
        offset = 0
        try:
            read(text)
        except (FormulaSyntaxError, ProofSyntaxError) as error:
            offset = error.offset
        assert 0 <= offset <= len(text)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(PROOFS, st.integers(0, 10_000))
def test_layout_does_not_matter(text: str, seed: int) -> None:
    """Comments, blank lines and spaces between tokens change no verdict but for its positions."""
    spread = text.replace("\n", f"  # {seed} ( {{ ;\n\n ").replace(",", " ,  ")
    one, other = check(PROBLEM, text), check(PROBLEM, spread)
    assert one.correct == other.correct
    assert [f.kind for f in one.fixes] == [f.kind for f in other.fixes]
    assert (one.failure and (one.failure.kind, one.failure.step)) == (
        other.failure and (other.failure.kind, other.failure.step)
    )


SLOTS = st.sampled_from(
    ["GAP-1;", "; GAP-1 }", "{ MASK2", "claim on A;", "{", "}", "x :=", "assume A", "assert GAP-1;", "1", "not", "done",
     "B", "suppose", "absurd", "premise-1 :=", "GAP-1", ";", "BY", "mp on A,", "(", ")", "\n"]
)  # fmt: skip


@settings(derandomize=True, max_examples=800, deadline=None)
@given(st.lists(SLOTS, max_size=14).map(" ".join), st.sampled_from(["ndl", "macro"]))
def test_no_repair_fills_a_slot_that_stands_for_a_step(text: str, language: Literal["ndl", "macro"]) -> None:
    """Where reading stops early for such a slot, the repairs would have led to no proof either."""
    slot = slot_for_a_step(text)
    if slot is None:
        return
    tokens, _ = repair(text, language, [parse_formula("A")], parse_formula("B"))
    with pytest.raises(ProofSyntaxError):
        read_tokens(tokens, text, language)
    failure = check("A # B", text, language=language).failure
    assert failure is not None
    assert failure.kind == "unfilled"


@pytest.mark.parametrize(
    ("text", "slot"),
    [("{ GAP-1; claim on A }", "GAP-1"), ("{ claim on A;\nMASK3 }", "MASK3"), ("{ claim on GAP-1 }", None),
     ("{ claim on A }; GAP-1;", None), ("{ # GAP-2\n GAP-1; claim on A }", None), ("{ GAP-1; 'A' }", "GAP-1"),
     ('{ GAP-1; "A" }', None)],
)  # fmt: skip
def test_which_slots_stand_for_a_step(text: str, slot: str | None) -> None:
    """Between braces, alone, in a text that holds no sign of another language."""
    found = slot_for_a_step(text)
    assert (None if found is None else found[1]) == slot
