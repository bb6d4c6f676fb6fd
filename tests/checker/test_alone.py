"""Fillings of gaps and masks are read alone: they come back in the language exactly, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import ProofSyntaxError, check, parse_proof
from proofgrid.checker.natural.alone import ReadAlone, read_rule, read_steps, read_steps_by_tree, read_term
from proofgrid.checker.natural.syntax import Block
from tests.checker.test_slips import WORDS

Language = Literal["ndl", "macro"]


@pytest.mark.parametrize(
    "steps",
    [
        "B BY mp on premise-2, A",
        "x := claim on A;\ny := B BY mp on premise-2, x;",
        "- x := claim on A\n- B BY mp on (A → B), x // so",
        "assume h: C { claim on h }",
        "x := (A & B)",
        "{ claim on A }; # done\n",
        "1) claim on A\n2) B BY mp(premise-2, A)",
    ],
)
def test_steps_come_back_as_steps(steps: str) -> None:
    """They parse strictly between others, as as many steps as they parse alone."""
    found = read_steps(steps)
    root = parse_proof(f"{{ {found.text}; claim on A }}").root
    assert isinstance(root, Block)
    assert not {"//", "#", "->", "→"} & set(found.text.split())
    assert read_steps(found.text).kinds == ()


@pytest.mark.parametrize(
    "steps",
    ["", "  # only a remark", "}; {", "claim on A }; { claim on A", "claim on A }", "{ claim on A", "A",
     "claim on A /*", "*/ claim on A", "claim on END }",
     "claim on A; claim on END } {", "(claim on A", "claim on A; GAP-1", "```"],
)  # fmt: skip
def test_what_is_no_whole_steps_is_refused(steps: str) -> None:
    """Brackets and comments that would meet those of the text around it, and what is no step."""
    with pytest.raises(ProofSyntaxError):
        read_steps(steps)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*WORDS.split(), "\n"]), max_size=14).map(" ".join))
def test_a_filling_cannot_change_what_stands_around_it(filling: str) -> None:
    """What follows a gap is read as it stands there, whatever fills the gap."""
    try:
        found = read_steps(filling)
    except ProofSyntaxError:
        return
    root = parse_proof(f"{{ first := claim on A; {found.text}; last := claim on A }}").root
    assert isinstance(root, Block)
    assert [label.text for label in root.steps[0].labels] == ["first"]
    assert [label.text for label in root.steps[-1].labels] == ["last"]


ODD_STEPS = st.sampled_from(
    ["A BY mp on x, (A ==> B)", "claim on A", "x := claim on (A)", "y := (A & x) BY claim on GAP-1", "claim on A # so",
     "from := claim on A", "A BY zz on A", "(by & A) BY claim on A", "claim on (claim on A)", "A from A, (B & (~ C))",
     "x := A from A", "by BY mp on A", "mp on on", "claim on A, ", "claim on (A", "x := A", "assume A { claim on A }",
     "", "claim on END", "a := b := claim on A", "claim on (A := B)", "claim on (A , B)"]
)  # fmt: skip


@settings(derandomize=True, max_examples=600, deadline=None)
@given(st.lists(ODD_STEPS, max_size=4).map(";\n".join), st.sampled_from(["ndl", "macro"]))
def test_plain_steps_are_read_without_a_tree_as_with_one(steps: str, language: Language) -> None:
    """The same slips and the same text, or the same refusal."""

    def read(by: Callable[[str, Language], ReadAlone]) -> tuple[tuple[str, ...], str] | None:
        try:
            found = by(steps.strip().rstrip("; \n"), language)
        except ProofSyntaxError:
            return None
        return found.kinds, found.text

    assert read(read_steps) == read(read_steps_by_tree)


def test_terms_and_rules_alone() -> None:
    """One formula, name or rule; nothing that brings more."""
    assert read_term("(A → B)").text == "(A ==> B)"
    assert read_term("`premise-1`").text == "premise-1"
    assert read_term("~A | B").text == "(~ A | B)"
    assert read_rule("Modus Ponens").text == "mp"
    assert read_rule("`left_and`").text == "left-and"
    for text in ("A, B", "A; claim on A", "mp on A, B", "A BY claim on A", "{ A }", "", "A # b", "A: B", "x := A"):
        with pytest.raises(ProofSyntaxError):
            read_term(text)
    for text in ("mp on", "mp, A", "", "magic"):
        with pytest.raises(ProofSyntaxError):
            read_rule(text)


def test_a_gap_filled_with_what_was_read_is_checked_strictly() -> None:
    """The slips of a filling are its own: the proof around it stays exact."""
    filling = read_steps("- x := claim on `A`")
    assert filling.kinds
    verdict = check("A # (A ==> B) # B", f"{{ {filling.text}; mp on premise-2, x }}", mode="strict")
    assert verdict.correct
