"""What the instrumented Hilbert reader reads through (docs/spec.md sections 3, 4), slip by slip, and what not."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import Verdict, check, parse_formula
from proofgrid.checker.hilbert import as_read, check_hilbert, format_proof, instance
from proofgrid.checker.slips import MAX_FIXES
from tests.checker.judges import judged_hilbert, random_hilbert_proof, spoiled, table_entails

PREMISES = ("(A1 ==> (~ B))", "A1")
GOAL = "(~ B)"
PROOF = "0. (A1 ==> (~ B)), Premise1;\n1. A1, Premise2;\n2. (~ B), mp, 0, 1;\n"
AXIOM = "0. (A ==> (B ==> A)), Axiom1, p := A, q := B;"


def verdict_on(proof: str, mode: str = "instrumented") -> Verdict:
    """The verdict on a proof of (~ B) from (A1 ==> (~ B)) and A1."""
    return check((PREMISES, GOAL), proof, language="hilbert", mode=mode)  # type: ignore[arg-type]


def written(old: str, new: str) -> str:
    """The right proof with one piece written differently (it must be there)."""
    assert old in PROOF
    return PROOF.replace(old, new)


SLIPS: dict[str, tuple[str, str]] = {
    "a Unicode arrow": (written("==>", "→"), "connective"),
    "another Unicode arrow": (written("==>", "⊃"), "connective"),
    "a Unicode negation": (written("(~ B)", "¬B"), "connective"),
    "an ASCII arrow": (written("==>", "->"), "connective"),
    "a long ASCII arrow": (written("==>", "-->"), "connective"),
    "a thin ASCII arrow": (written("==>", "=>"), "connective"),
    "an exclamation mark": (written("(~ B)", "!B"), "connective"),
    "a minus": (written("(~ B)", "-B"), "connective"),
    "LaTeX": (written("==>", r"\rightarrow").replace("~", r"\lnot"), "connective"),
    "LaTeX in dollars": (written("(A1 ==> (~ B))", r"$A_{1} \to \neg B$"), "connective"),
    "an HTML entity": (written("==>", "&rarr;").replace("~", "&not;"), "connective"),
    "an HTML greater-than": (written("==>", "==&gt;"), "non-ascii"),
    "the word implies": (written("==>", "implies"), "connective"),
    "the word not": (written("(~ B)", "not B"), "connective"),
    "a subscript": (written("A1", "A₁"), "subscript"),
    "a LaTeX subscript": (written("A1", "A_{1}"), "subscript"),
    "wide letters": (written("A1, P", "Ａ１， P"), "non-ascii"),
    "a no-break space": (written("A1, P", "A1,\u00a0P"), "non-ascii"),
    "an emoji": (written("A1, P", "A1, ✅ P"), "non-ascii"),
    "backticks": (written("A1, P", "`A1`, P"), "emphasis"),
    "emphasis": (written("A1, P", "**A1**, P"), "emphasis"),
    "underscores": (written("A1, P", "_A1_, P"), "emphasis"),
    "quotes": (written("A1, P", '"A1", P'), "emphasis"),
    "curly quotes": (written("A1, P", "“A1”, P"), "non-ascii"),
    "a comment #": (written("A1, Premise2;", "A1, Premise2; # given"), "comment"),
    "a comment //": (written("A1, Premise2;", "A1, Premise2; // given"), "comment"),
    "a comment %": (written("A1, Premise2;", "A1, Premise2; % given"), "comment"),
    "a comment /* */": (written("A1, Premise2;", "A1, /* the second\none */ Premise2;"), "comment"),
    "a comment --": (written("A1, Premise2;", "A1, Premise2; -- given"), "comment"),
    "a comment -- on its line": (written("1. A1", "--given\n1. A1"), "comment"),
    "a horizontal rule": (written("1. A1", "-----\n1. A1"), "comment"),
    "code fences": (f"```text\n{PROOF}```", "code-fence"),
    "bullets -": (re.sub(r"(?m)^", "- ", PROOF.rstrip()), "numbering"),
    "bullets *": (re.sub(r"(?m)^", "* ", PROOF.rstrip()), "emphasis"),
    "numbers in bold": (re.sub(r"(?m)^(\d)\.", r"**\1.**", PROOF), "emphasis"),
    "numbers with )": (re.sub(r"(?m)^(\d)\.", r"\1)", PROOF), "numbering"),
    "numbers in parentheses": (re.sub(r"(?m)^(\d)\.", r"(\1)", PROOF), "numbering"),
    "numbers in brackets": (re.sub(r"(?m)^(\d)\.", r"[\1]", PROOF), "numbering"),
    "numbers with a colon": (re.sub(r"(?m)^(\d)\.", r"\1:", PROOF), "numbering"),
    "numbers alone": (re.sub(r"(?m)^(\d)\.", r"\1", PROOF), "numbering"),
    "letters before numbers": (re.sub(r"(?m)^(\d)\.", r"L\1.", PROOF), "numbering"),
    "mp of lines with letters": (written("mp, 0, 1", "mp, L0, L1"), "justification"),
    "mp of lines in parentheses": (written("mp, 0, 1", "MP (0),(1)"), "justification"),
    "mp behind its lines": (written("mp, 0, 1", "from 0 and 1 by modus ponens"), "justification"),
    "mp behind its lines in brackets": (written(", mp, 0, 1", " [0, 1, MP]"), "justification"),
    "a premise's number in parentheses": (written("Premise2", "premise (2)"), "justification"),
    "steps": (re.sub(r"(?m)^(\d)\.", r"Step \1:", PROOF), "numbering"),
    "no numbers": (re.sub(r"(?m)^\d\. ", "", PROOF), "numbering"),
    "no numbers and no semicolons": (re.sub(r"(?m)^\d\. |;", "", PROOF), "numbering"),
    "numbers from 1": (
        "1. (A1 ==> (~ B)), Premise1;\n2. A1, Premise2;\n3. (~ B), mp, 1, 2;\n",
        "numbering",
    ),
    "a table": (
        "| k | formula | reason |\n|---|:--|---|\n| 0 | (A1 ==> (~ B)) | Premise1 |\n| 1 | A1 | Premise2 |\n"
        "| 2 | (~ B) | mp, 0, 1 |\n",
        "table",
    ),
    "reasons in brackets": (re.sub(r", ((?:P|mp).*);", r" [\1]", PROOF), "justification"),
    "reasons in parentheses": (re.sub(r", ((?:P|mp).*);", r" (\1)", PROOF), "justification"),
    "reasons after by": (re.sub(r", ((?:P|mp).*);", r" by \1", PROOF), "justification"),
    "reasons after a dash": (re.sub(r", ((?:P|mp).*);", r" — \1", PROOF), "justification"),
    "reasons after a tab": (re.sub(r", ((?:P|mp).*);", r"\t\1", PROOF), "missing-comma"),
    "premise-2": (written("Premise2", "premise-2"), "justification"),
    "premise_2": (written("Premise2", "premise_2"), "justification"),
    "PREMISE 2": (written("Premise2", "PREMISE 2"), "justification"),
    "MP": (written("mp, 0, 1", "MP 0, 1"), "justification"),
    "M.P.": (written("mp, 0, 1", "M.P. 0, 1"), "justification"),
    "mp( , )": (written("mp, 0, 1", "mp(0, 1)"), "justification"),
    "modus ponens": (written("mp, 0, 1", "Modus Ponens on lines 0 and 1"), "justification"),
    "a final full stop": (written("Premise2;", "Premise2.;"), "stray-punctuation"),
    "a full stop for the semicolon": (PROOF.replace(";", "."), "stray-punctuation"),
    "a final comma": (written("Premise2;", "Premise2,"), "stray-punctuation"),
    "QED": (PROOF + "QED", "prose"),
    "a closing sentence": (PROOF + "\nThis is the goal, which is what we wanted.", "prose"),
    "a heading": ("Proof:\n" + PROOF, "prose"),
    "the problem's assert lines": (f"assert premise-2 := A1\nassert premise1 := A1 -> ~B;\n{PROOF}", "assert-repeated"),
    "the problem's own lines": (f"Premise1: (A1 ==> (~ B))\nPremise2: A1\nGoal: (~ B)\n\n{PROOF}", "assert-repeated"),
}


@pytest.mark.parametrize("slip", list(SLIPS))
def test_every_slip_is_read_through_and_named(slip: str) -> None:
    """It is a fix of its kind, strict mode refuses it, and the text as read is strictly correct."""
    proof, kind = SLIPS[slip]
    verdict = verdict_on(proof)
    assert verdict.correct, verdict.failure
    assert not verdict.strict
    assert kind in {fix.kind for fix in verdict.fixes}
    assert not verdict_on(proof, "strict").correct
    assert verdict_on(as_read([parse_formula(p) for p in PREMISES], parse_formula(GOAL), proof), "strict").correct


@pytest.mark.parametrize(
    "justification",
    [
        "A1, p := A, q := B",
        "Ax1, p := A, q := B",
        "ax. 1: p := A, q := B",
        "Axiom 1, p := A, q := B",
        "axiom-1 with p = A and q = B",
        "AXIOM_1 (p := A, q := B)",
        "Axiom scheme 1, p: A, q: B",
        "Axiom₁, p ≔ A, q ≔ B",
        "Axiom1, p → A, q → B",
        "[A1]",
        "by A1",
        "Axiom1.",
    ],
)
def test_spellings_of_an_axiom(justification: str) -> None:
    """``A1`` in a justification is the axiom, whatever the atom of that name; assignments are read in many ways."""
    formula = "(A ==> (B ==> A))"
    separator = "" if justification[0] == "[" else ","
    verdict = check(formula, f"0. {formula}{separator} {justification}", language="hilbert")
    assert verdict.correct, verdict.failure
    assert not verdict.strict


@pytest.mark.parametrize(
    ("proof", "kind", "line"),
    [
        (PROOF + "By Premise1 this is the goal.", "Parsing", 4),
        (PROOF + "3. A1", "Parsing", 4),
        (PROOF + "and so on {", "Parsing", 4),
        (PROOF + "so x := A1", "Parsing", 4),
        (f"assert premise-1 := A1\n{PROOF}", "Parsing", 1),
        (f"assert (~ B)\n{PROOF}", "Parsing", 1),
        (f"Goal: A1\n{PROOF}", "Parsing", 1),
        (written("A1, P", "Aλ, P"), "Parsing", 2),
        (written("A1, P", "A¹, P"), "Parsing", 2),
        (written("==>", "⊕"), "Parsing", 1),
        (written("Premise2", "/* Premise2"), "malformedRuleApp", 2),
        (written("A1, P", "A₂, P"), "notInAB", 2),
        (written("Premise2", "Premise2 and mp, 0, 1"), "malformedRuleApp", 2),
        (written("Premise2", "Premise12345678901"), "malformedRuleApp", 2),
        ("QED", "Parsing", 1),
        (written("mp, 0, 1", "mp, 0, 2"), "undefinedName", 3),
        (written("(~ B), mp", "(~ B) A1 mp"), "Parsing", 3),
    ],
)
def test_what_is_no_slip_fails_where_it_stands(proof: str, kind: str, line: int) -> None:
    """Prose that says something, asserts of anything else, unknown letters and signs: not read through."""
    failure = verdict_on(proof).failure
    assert failure is not None
    assert (failure.kind, failure.line) == (kind, line)


def test_a_number_means_one_line() -> None:
    """Where two lines with different formulas bear a number, it cannot be cited; with the same formula it can."""
    twice = "0. (A1 ==> (~ B)), Premise1;\n0. A1, Premise2;\n1. (~ B), mp, 0, 0;"
    failure = verdict_on(twice).failure
    assert failure is not None
    assert (failure.kind, failure.line) == ("undefinedName", 3)
    assert "two lines before this one are numbered 0" in failure.message
    assert verdict_on("0. A1, Premise2; 0. A1, Premise2; 1. (A1 ==> (~ B)), Premise1; 2. (~ B), mp, 1, 0;").correct


def test_numbers_keep_their_meaning_through_the_whole_text() -> None:
    """Lines numbered from 1 are cited as numbered: a reference that would fit numbering from 0 fails."""
    proof = "1. (A1 ==> (~ B)), Premise1;\n2. A1, Premise2;\n3. (~ B), mp, 0, 1;"
    failure = verdict_on(proof).failure
    assert failure is not None
    assert (failure.kind, failure.message) == ("undefinedName", "no line 0 stands before this one")


def test_fixes_are_bounded_and_counted() -> None:
    """A text with very many slips lists 200 fixes and says how many more there are."""
    verdict = verdict_on("# a comment\n// another\n" * 500 + PROOF)
    assert verdict.correct
    assert len(verdict.fixes) == MAX_FIXES
    assert verdict.fixes_left_out == 1_000 - MAX_FIXES


def test_no_fix_is_listed_that_did_not_help() -> None:
    """Of a text that cannot be read, only what helped to read the lines before is a fix."""
    verdict = verdict_on("0. `(A1 → ¬B)`, Premise1;\n1. `A1` & → ¬B, Premise2 // because\n2. `x`")
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.failure.line) == ("Parsing", 2)
    assert {fix.line for fix in verdict.fixes} == {1}


_DAMAGE = [
    ("==>", "→"), ("==>", "->"), ("~", "¬"), ("(~ ", "("), (")", ""), ("(", ""), (";", ""), (";", ".;"), (",", ""),
    (", ", ","), ("\n", " "), ("Premise", "premise-"), ("mp, ", "MP "), ("Axiom", "A"), (". ", ") "), ("A", "`A`"),
    ("\n", "\n- "), (";", "; // x"), (":=", "="), ("0", "1"), ("1", "2"), ("B", "A"), ("p :=", "q :="), ("A", "A₁"),
]  # fmt: skip


@given(st.integers(0, 10**6), st.integers(1, 4))
@settings(derandomize=True, max_examples=400, deadline=None)
def test_what_is_accepted_after_damage_is_right_as_read(seed: int, times: int) -> None:
    """Over damaged proofs: accepted means that the text as read is strictly correct, by a second evaluator too."""
    rng = random.Random(seed)
    premises, lines = random_hilbert_proof(rng, 8)
    goal = lines[-1].formula
    if seed % 3 == 0:
        lines = spoiled(rng, lines)
    text = format_proof(lines)
    for _ in range(times):
        old, new = rng.choice(_DAMAGE)
        places = [match.start() for match in re.finditer(re.escape(old), text)]
        if places:
            at = rng.choice(places)
            text = text[:at] + new + text[at + len(old) :]
    verdict = check_hilbert(premises, goal, text)
    strict = check_hilbert(premises, goal, text, mode="strict")
    assert verdict.strict == strict.correct
    assert verdict.strict == (verdict.correct and not verdict.fixes)
    read = as_read(premises, goal, text)
    if verdict.correct:
        assert table_entails(premises, goal)
        assert check_hilbert(premises, goal, read, mode="strict").strict
        assert judged_hilbert([str(p) for p in premises], str(goal), read)
    if verdict.strict:
        assert judged_hilbert([str(p) for p in premises], str(goal), re.sub(r";\s*", ";\n", text.strip()).strip())


def test_the_axioms_are_stated_once_and_right() -> None:
    """Instances of the table are what the language says (docs/spec.md section 4)."""
    values = {name: parse_formula(name.upper()) for name in "pqr"}
    assert str(instance(1, values)) == "(P ==> (Q ==> P))"
    assert str(instance(2, values)) == "((P ==> (Q ==> R)) ==> ((P ==> Q) ==> (P ==> R)))"
    assert str(instance(3, values)) == "(((~ P) ==> (~ Q)) ==> (((~ P) ==> Q) ==> P))"
