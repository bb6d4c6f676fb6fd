"""Every slip of syntax that is read through, in NDL and in the macro language, and the text as it was read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import CheckerError, as_read, check
from proofgrid.checker.natural.characters import Normalised, is_own
from proofgrid.checker.places import Places
from proofgrid.checker.slips import SLIP, Edit, Fixes, clean, fix_of_edit, next_slip
from proofgrid.checker.verdict import Language

P = "A # (A ==> B)"
SLIPS: list[tuple[Language, str, str, list[str]]] = [
    # symbols
    ("ndl", "B BY mp on (A \\to B), A", "B", ["connective"]),
    ("ndl", "B BY mp on $(A \\Rightarrow B)$, A", "B", ["emphasis", "connective"]),
    ("ndl", "B BY mp on (A &rarr; B), A", "B", ["connective"]),
    ("ndl", "(A | B) BY left-either on A, B; # &", "(A | B)", ["stray-punctuation"]),
    ("ndl", "(A \\lor B) BY left-either on A, B", "(A | B)", ["connective"]),
    ("ndl", "(A /\\ B) BY both on A, (mp on premise-2, A)", "(A & B)", ["connective"]),
    ("ndl", "B BY mp on (A implies B), A", "B", ["connective"]),
    ("ndl", "(not A or B) BY cond-def on premise-2", "((~ A) | B)", ["connective", "connective"]),
    ("ndl", "(A OR B) BY left-either on A, B", "(A | B)", ["connective"]),
    ("macro", "(A and B) from A, (A ==> B)", "(A & B)", ["connective"]),
    ("macro", "(A ∧ B) from A, (A → B)", "(A & B)", ["connective", "connective"]),
    ("macro", "(A \\land B) from A, (A \\to B)", "(A & B)", ["connective", "connective"]),
    ("ndl", "claim on A₁", "A1", ["subscript"]),
    ("macro", "A1 from A₁", "A1", ["subscript"]),
    ("ndl", "B BY mp on `premise-2`, `A`", "B", ["emphasis"]),
    ("ndl", "**B** BY mp on premise-2, A", "B", ["emphasis"]),
    ("ndl", "B BY mp on 'premise-2', A", "B", ["name-spelling"]),
    ("macro", "B from `A`, `(A ==> B)`", "B", ["emphasis"]),
    # comments and prose
    ("ndl", "B BY mp on premise-2, A // done", "B", ["comment"]),
    ("ndl", "% modus ponens\nB BY mp on premise-2, A", "B", ["comment"]),
    ("ndl", "/* modus\nponens */ B BY mp on premise-2, A", "B", ["comment"]),
    ("ndl", "{ claim on A; -- what we have\n B BY mp on premise-2, A }", "B", ["comment"]),
    ("macro", "B from A, (A ==> B) // done", "B", ["comment"]),
    ("macro", "{ -- easy\n B from A, (A ==> B) }", "B", ["comment"]),
    ("ndl", "```ndl\nB BY mp on premise-2, A\n```", "B", ["code-fence"]),
    ("ndl", "{ B BY mp on premise-2, A }\n\nQED", "B", ["prose"]),
    ("ndl", "{ B BY mp on premise-2, A }\nThis completes the proof.", "B", ["prose"]),
    ("ndl", "B BY mp on premise-2, A\nQ.E.D.", "B", ["prose"]),
    ("ndl", "B BY mp on premise-2, A. QED", "B", ["prose"]),
    ("ndl", "The proof:\n{ B BY mp on premise-2, A }", "B", ["prose"]),
    ("macro", "{ B from A, (A ==> B) }\nand that is it!", "B", ["prose"]),
    ("ndl", "assert premise-1 := A\nassert premise-2 := (A -> B)\nB BY mp on premise-2, A", "B",
     ["assert-repeated", "assert-repeated", "connective"]),
    ("macro", "assert premise-1 := A;\nGoal: B\nB from premise-1, (A ==> B)", "B", ["assert-repeated"] * 2),
    # marks of lists
    ("ndl", "{\n- claim on A;\n- B BY mp on premise-2, A\n}", "B", ["numbering"]),
    ("ndl", "{\n1) x := claim on A;\n2) B BY mp on premise-2, 1\n}", "B", ["numbering", "numbering"]),
    ("ndl", "{\n(1) claim on A;\n(2) B BY mp on premise-2, (1)\n}", "B", ["numbering", "numbering"]),
    ("ndl", "{\nStep 1: claim on A;\nStep 2: B BY mp on premise-2, A\n}", "B", ["numbering", "numbering"]),
    ("ndl", "* B BY mp on premise-2, A", "B", ["emphasis"]),
    ("macro", "{\n- (A & B) from A, (A ==> B);\n- B from (A & B)\n}", "B", ["numbering"]),
    # names, rules, keywords
    ("ndl", "B BY mp on premise2, Premise-1", "B", ["name-spelling", "name-spelling"]),
    ("ndl", "B BY mp on premise_2, PREMISE1", "B", ["name-spelling", "name-spelling"]),
    ("ndl", "B BY mp on Premise 2, Premise 1", "B", ["name-spelling", "name-spelling"]),
    ("ndl", "(A & A) BY both on premise1, (premise1 BY claim on premise1)", "(A & A)", ["name-spelling"] * 3),
    ("macro", "B from premise_1, Premise 2", "B", ["name-spelling", "name-spelling"]),
    ("ndl", "B BY MP on premise-2, A", "B", ["rule-spelling"]),
    ("ndl", "B BY Modus_Ponens on premise-2, A", "B", ["rule-spelling"]),
    ("ndl", "B BY modus ponens on premise-2, A", "B", ["rule-spelling"]),
    ("ndl", "(A | B) BY left_either on A, B", "(A | B)", ["rule-spelling"]),
    ("ndl", "(A | B) BY Left Either on A, B", "(A | B)", ["rule-spelling"]),
    ("ndl", "suppose absurd (~ A) { false BY absurd on A, (~ A) }", "(~ (~ A))", ["keyword-spelling"]),
    ("ndl", "suppose_absurd (~ A) { false BY absurd on A, (~ A) }", "(~ (~ A))", ["keyword-spelling"]),
    ("macro", "suppose absurd (~ A) { false from A, (~ A) }", "(~ (~ A))", ["keyword-spelling"]),
    # the form of a step
    ("ndl", "B BY mp(premise-2, A)", "B", ["call-syntax"]),
    ("ndl", "mp((A ==> B), A)", "B", ["call-syntax"]),
    ("ndl", "{ x := claim(A); mp(premise-2, x) }", "B", ["call-syntax", "call-syntax"]),
    ("ndl", "B BY MP (premise-2, A)", "B", ["call-syntax", "rule-spelling"]),
    ("ndl", "{ x := CLAIM (A); B BY MP(premise-2, x) }", "B",
     ["missing-on", "rule-spelling", "call-syntax", "rule-spelling"]),
    ("ndl", "B BY: mp on: premise-2, A", "B", ["keyword-spelling", "keyword-spelling"]),
    ("macro", "B BY from premise-2, A", "B", ["keyword-spelling"]),
    ("macro", "B from: premise-2, A", "B", ["keyword-spelling"]),
    ("macro", "B from on premise-2, A", "B", ["keyword-spelling"]),
    ("ndl", "B BY mp on (premise-2, A)", "B", ["call-syntax"]),
    ("ndl", "B BY mp on [premise-2, A]", "B", ["call-syntax"]),
    ("macro", "B from [premise-2, A]", "B", ["call-syntax"]),
    ("macro", "B from (premise-2, A)", "B", ["call-syntax"]),
    ("ndl", "B BY mp on premise-2 and A", "B", ["argument-list"]),
    ("macro", "B from premise-2 and A", "B", ["argument-list"]),
    ("macro", "(B & A) from premise-2, A, and A", "(B & A)", ["argument-list"]),
    ("ndl", "B BY mp on {premise-2, A}", "B", ["call-syntax"]),
    ("macro", "{ x := B from { premise-2, A }; (B & A) from {x, A} }", "(B & A)", ["call-syntax", "call-syntax"]),
    ("ndl", "B BY mp with premise-2, A", "B", ["keyword-spelling"]),
    ("ndl", "{ x := claim using A; mp from premise-2, x }", "B", ["keyword-spelling", "keyword-spelling"]),
    ("ndl", "B BY 'mp' on premise-2, A", "B", ["rule-spelling"]),
    ("ndl", "{ x : = claim on A; B BY mp on premise-2, x }", "B", ["keyword-spelling"]),
    ("macro", "{ x : = B from premise-2, A; (B & A) from x, A }", "(B & A)", ["keyword-spelling"]),
    ("ndl", "assume h: (A & C) { C BY right-and on h }", "((A & C) ==> C)", ["hypothesis-name"]),
    ("ndl", "assume h = C { claim on h }", "(C ==> C)", ["hypothesis-name"]),
    ("macro", "assume h: C { C from h }", "(C ==> C)", ["hypothesis-name"]),
    ("macro", "{ x = (A & B) from A, (A ==> B); B from x }", "B", ["conclusion-name-replaced"]),
    ("ndl", "{ B BY mp on premise-2, A }}", "B", ["missing-braces"]),
    ("macro", "{ B from premise-2, A }}", "B", ["missing-braces"]),
    ("ndl", "{ C1 BY mp on premise-2, A; (C1 & A) BY both on C1, A }", "(B & A)",
     ["conclusion-as-name"]),
]  # fmt: skip


def problem_of(goal: str) -> str:
    """The examples' problem."""
    return f"A1 # {goal}" if goal == "A1" else f"{P} # {goal}"


@pytest.mark.parametrize(("language", "proof", "goal", "kinds"), SLIPS)
def test_slips_are_read_through_and_named(language: Language, proof: str, goal: str, kinds: list[str]) -> None:
    """Each with its kind, on a line of the text, in a sentence; and strict mode does not read through it."""
    verdict = check(problem_of(goal), proof, language=language)
    assert verdict.correct, verdict.failure
    assert [fix.kind for fix in verdict.fixes] == kinds
    assert all(fix.class_ == "syntax" and fix.message for fix in verdict.fixes)
    assert all(1 <= fix.line <= proof.count("\n") + 1 for fix in verdict.fixes)
    assert not check(problem_of(goal), proof, language=language, mode="strict").correct


@pytest.mark.parametrize(("language", "proof", "goal", "kinds"), SLIPS)
def test_the_text_as_read_is_strictly_correct(language: Language, proof: str, goal: str, kinds: list[str]) -> None:
    """All fixes of syntax applied: nothing is left that is not the language exactly."""
    assert kinds
    written = as_read(problem_of(goal), proof, language)
    verdict = check(problem_of(goal), written, language=language, mode="strict")
    assert verdict.correct, (written, verdict.failure)


@pytest.mark.parametrize(
    ("language", "proof"),
    [
        ("ndl", "assert premise-1 := B\nclaim on premise-1"),
        ("ndl", "assert premise-2 := A\nclaim on premise-2"),
        ("ndl", "assert goal := B\nclaim on B"),
        ("ndl", "{ claim on A; assert premise-1 := A; B BY mp on premise-2, premise-1 }"),
        ("macro", "assert h := B; B from h"),
        ("ndl", "{ claim on A } and B BY mp on premise-2, A"),
        ("ndl", "{ claim on A }\nSo B holds by mp."),
        ("ndl", "{ B BY mp on premise-2, A }}}"),
        ("ndl", "{ claim on A } /* B BY mp on premise-2, A }"),
        ("ndl", "B BY mp on premise3, A"),
        ("ndl", "{ { premise1 := C }; B BY mp on premise-2, premise1 }"),
        ("macro", "B BY mp on premise-2, A"),
        ("macro", ""),
    ],
)
def test_what_is_no_slip_is_not_read_through(language: Language, proof: str) -> None:
    """Asserting anything but the problem, text that says more, a name that means something else."""
    verdict = check(f"{P} # B", proof, language=language)
    assert not verdict.correct
    if verdict.failure is not None and verdict.failure.kind == "Parsing":
        assert verdict.fixes == ()


def test_a_spelling_is_the_problems_premise_only_where_the_name_is_free() -> None:
    """A name that the proof binds itself means what it was bound to; a premise's own name may be bound anew."""
    verdict = check(f"{P} # (B ==> B)", "assume premise1 := B { claim on premise1 }")
    assert verdict.strict
    proof = "{ premise-1 := B; claim on premise1 }"
    assert check(f"{P} # A", proof).correct
    assert check(f"{P} # A", as_read(f"{P} # A", proof, "ndl"), mode="strict").correct


def test_a_premise_is_no_name_for_a_conclusion() -> None:
    """Its name and the spellings of it are bound from the start: announcing it is announcing its formula."""
    for name in ("premise-2", "premise2", "Premise_2"):
        failure = check(f"{P} # B", f"{{ {name} BY mp on premise-2, A; B BY claim on B }}").failure
        assert failure is not None
        assert failure.kind == "conclusionMismatch"


def test_a_text_that_cannot_be_read_shows_no_fix() -> None:
    """Fixes that did not help are none."""
    proof = "assume h: A { B BY mp on (A → B), h } then\nassume { {"
    verdict = check(f"{P} # B", proof)
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.fixes) == ("Parsing", ())


def test_an_empty_proof_is_told_of_its_own_language() -> None:
    """The macro language has no 'on'."""
    for text in ("", "  \n", "# nothing"):
        failure = check(f"{P} # B", text, language="macro").failure
        assert failure is not None
        assert failure.kind == "Parsing"
        assert "'on'" not in failure.message
        assert "a rule" not in failure.message


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way_and_a_byte_order_mark_is_no_fix(end: str) -> None:
    """The same verdict and the same lines."""
    proof = end.join(["\ufeff{ claim on A;", "x := B BY mp on premise-2, A;", "claim on B }"])
    verdict = check(f"{P} # B", proof)
    assert verdict.strict
    failure = check(f"{P} # B", proof.replace("x := B", "x := A")).failure
    assert failure is not None
    assert (failure.line, failure.kind) == (2, "conclusionMismatch")


@pytest.mark.parametrize(
    ("proof", "kind"),
    [("assume x { claim on A }", "invalidAssumption"), ("assume (x & A) { claim on A }", "undefinedName")],
)
def test_an_unbound_hypothesis_is_an_invalid_assumption(proof: str, kind: str) -> None:
    """Where a bare name is assumed; class syntax, in both modes."""
    for mode in ("strict", "instrumented"):
        failure = check("A # B", proof, mode=mode).failure  # type: ignore[arg-type]
        assert failure is not None
        assert (failure.kind, failure.class_) == (kind, "syntax")


WORDS = (
    "{ } ( ) ; , . : := = - * ` ' \" # // -- /* */ A B (A->B) premise-1 premise1 BY by on from and or not mp MP "
    "Premise modus ponens both claim assume h x QED done 1) (1) assert goal [ ] → ∧ ¬ ₁ \\land"
)
PIECES = st.sampled_from([*WORDS.split(), "\n"])


MARKS = st.sampled_from(
    [
        *'/#%*`"$_-\\&; \n\tAx1({₁→é\x01\x0b\x0c',
        "/*",
        "*/",
        "--",
        "---",
        "```",
        "ndl",
        "_{1}",
        "\\to",
        "&rarr;",
        "&#x3b1;",
    ]
)
FORMULA_WORDS = (
    "A C1 A1_2 h1 premise-1 premise Premise and or not v V implies iff x-- --y - -- ( ) ~ & | && || ==> <==> => -> "
    "step line Step 1. 1) 2 by on _ _x x_ __ x' 'x' QED done . : true the is"
)


@settings(derandomize=True, max_examples=800, deadline=None)
@given(st.lists(MARKS, max_size=16).map("".join))
def test_slips_are_found_by_their_first_characters(text: str) -> None:
    """From any place on, the next slip is the one that its pattern finds."""
    for position in range(len(text) + 1):
        found, expected = next_slip(text, position), SLIP.search(text, position)
        if isinstance(found, int):
            assert expected is not None
            assert (expected.lastgroup, expected.start()) == ("foreign", found)
            position = found + 1
            continue
        assert (found and (found.span(), found.lastgroup)) == (expected and (expected.span(), expected.lastgroup))


@settings(derandomize=True, max_examples=800, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(FORMULA_WORDS.split()), st.sampled_from(["", " ", " "])).map("".join), max_size=7
    ).map("".join)
)
def test_a_line_of_its_own_language_needs_no_repair(text: str) -> None:
    """What is_own says of a text is what the repair of characters finds."""
    made = Normalised(text)
    assert not is_own(text) or (made.text, made.repairs) == (text, [])


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map(" ".join), st.sampled_from(["ndl", "macro"]))
def test_the_text_as_read_has_the_verdict_of_the_text(soup: str, language: Language) -> None:
    """Whatever was written: what is correct after fixes of syntax alone is strictly correct as it was read."""
    for text in (soup, f"{{ B BY mp on premise-2, A; {soup} }}", f"{soup}\nB BY mp on premise-2, A"):
        verdict = check(f"{P} # B", text, language=language)
        try:
            written = as_read(f"{P} # B", text, language)
        except CheckerError:
            assert not verdict.correct
            continue
        strict = check(f"{P} # B", written, language=language, mode="strict")
        again = check(f"{P} # B", written, language=language)
        assert again.correct == verdict.correct
        if all(fix.class_ == "syntax" for fix in verdict.fixes):
            assert strict.correct == verdict.correct, written


MARKED = st.lists(st.sampled_from(["→", "✅", "→→", "x", "\n", "// y\n", "# own\n", "$"]), max_size=900)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(MARKED, st.integers(1, 4))
def test_edits_taken_together_are_the_fixes_of_each(pieces: list[str], times: int) -> None:
    """The same fixes are listed and the same number is counted, however many there are on a line."""
    text = "".join(pieces) * times
    places, cleaned = Places(text), clean(text, {"implies": "==>"}, own_comment="#")
    together, each = Fixes(), Fixes()
    together.add_edits(cleaned, 0, len(text), places, 3)
    for at, (kind, was, meant) in cleaned.changes(0, len(text)):
        each.add(fix_of_edit(Edit(kind, at, was, meant), places, 3))
    assert (together.listed, together.count) == (each.listed, each.count)
