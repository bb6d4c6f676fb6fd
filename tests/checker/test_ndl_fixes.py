"""Instrumented reading: each documented slip is read through and recorded, and nothing else is."""

from __future__ import annotations

import pytest

from proofgrid.checker import check
from proofgrid.checker.natural.kinds import STRUCTURAL_KINDS, SYNTAX_KINDS
from tests.checker.test_slips import SLIPS

P = "A # (A ==> B) # (B & C)"

SYNTAX = [
    ("B BY mp on A ==> B, A", "B", ["missing-parentheses"]),
    ("~A | B BY cond-def on premise-2", "((~ A) | B)", ["missing-parentheses"]),
    ("x := ~A | B BY cond-def on (A ==> B", "((~ A) | B)", ["missing-parentheses", "missing-parentheses"]),
    ("B BY mp on (A ==> B)), A", "B", ["missing-parentheses"]),
    ("assume ~A { claim on A }", "((~ A) ==> A)", ["missing-parentheses"]),
    ("assume h := ~A { claim on A }", "((~ A) ==> A)", ["missing-parentheses"]),
    ("(A | B) & (B | A) BY both on (left-either on A, B), (right-either on B, A)", "((A | B) & (B | A))",
     ["missing-parentheses"]),
    ("{ b1 BY mp on premise-2, A; claim on b1 }", "B", ["conclusion-as-name"]),
    ("{ mp BY mp on premise-2, A; claim on mp }", "B", ["conclusion-as-name"]),
    ("{ x := claim on A; x BY mp on premise-2, A; claim on x }", "B", ["conclusion-as-name"]),
    ("{ (b1) BY mp on premise-2, A; claim on (b1) }", "B", ["conclusion-as-name"]),
    ("{ (b1 BY mp on premise-2, A; claim on b1 }", "B", ["conclusion-name-replaced", "conclusion-as-name"]),
    ('{ n := "b1" BY mp on premise-2, A; claim on b1 }', "B", ["emphasis", "conclusion-as-name"]),
    ("{ b@1 BY mp on premise-2, A }", "B", ["conclusion-name-replaced"]),
    ('{ "B" BY mp on premise-2, A }', "B", ["emphasis"]),
    ("{ (B BY mp on premise-2, A }", "B", ["missing-parentheses"]),
    ("{ not B := mp on premise-2, A }", "B", ["conclusion-name-replaced"]),
    ("{ (B) := mp on premise-2, A }", "B", ["conclusion-name-replaced"]),
    ("{ 1. claim on A; 2. B BY mp on premise-2, A }", "B", ["conclusion-name-replaced"] * 2),
    ("{ s1: mp on premise-2, A; B BY claim on s1 }", "B", ["conclusion-name-replaced"]),
    ("{ 1. x := mp on premise-2, A }", "B", ["conclusion-name-replaced"]),
    ("{ assert premise-1 := A; mp on premise-2, premise-1 }", "B", ["assert-repeated"]),
    ("{ (B) := B BY mp on premise-2, A }", "B", ["conclusion-name-replaced"]),
    ("{ claim on A\n mp on premise-2, A }", "B", ["missing-semicolon"]),
    ("{ x := assume C { claim on A }\n mp on premise-2, A }", "B", ["missing-semicolon"]),
    ("{ claim on A\n B BY mp on premise-2, A }", "B", ["missing-semicolon"]),
    ("{ claim on A\n x := B BY mp on premise-2, A }", "B", ["missing-semicolon"]),
    ("{ claim on A;; mp on premise-2, A;;; }", "B", ["double-semicolon", "double-semicolon", "double-semicolon"]),
    ("{ mp on premise-2, \u200bA }", "B", ["non-ascii"]),
    ("{ mp on premise‑2,\u00a0A }", "B", ["non-ascii"]),
    ("{ mp on premise-2, \ud800\x00A }", "B", ["non-ascii"]),
    ("claim on A; mp on premise-2, A", "B", ["missing-braces"]),
    ("{ claim on A; mp on premise-2, A", "B", ["missing-braces"]),
    ("assume D claim on A", "(D ==> A)", ["missing-braces"]),
    ("{ mp premise-2, A }", "B", ["missing-on"]),
    ("B BY mp premise-2, A", "B", ["missing-on"]),
    ("B BY mp on (A → B), A", "B", ["connective"]),
    ("B BY mp on (A -> B), A", "B", ["connective"]),
    ("B BY mp on (A => B), A", "B", ["connective"]),
    ("(A && B) BY both on A, (mp on premise-2, A)", "(A & B)", ["connective"]),
    ("(A || B) BY left-either on A, B", "(A | B)", ["connective"]),
    ("(!A | B) BY cond-def on premise-2", "((~ A) | B)", ["connective"]),
    ("(-A | B) BY cond-def on premise-2", "((~ A) | B)", ["connective"]),
    ("(¬A ∨ B) BY cond-def on premise-2", "((~ A) | B)", ["connective", "connective"]),
    ("mp on premise-2, A.", "B", ["stray-punctuation"]),
    ("{ claim on A,; mp on premise-2, A }", "B", ["stray-punctuation"]),
    ("mp on premise-2, A;", "B", ["stray-punctuation"]),
]  # fmt: skip


@pytest.mark.parametrize(("proof", "goal", "kinds"), SYNTAX, ids=range(len(SYNTAX)))
def test_syntax_fixes(proof: str, goal: str, kinds: list[str]) -> None:
    """Each surface slip is repaired, with exactly these fixes; strictly the proof fails."""
    verdict = check(f"{P} # {goal}", proof)
    assert verdict.correct, verdict.failure
    assert not verdict.strict
    assert [f.kind for f in verdict.fixes if f.kind != ""] == kinds
    assert {f.class_ for f in verdict.fixes} == {"syntax"}
    strict = check(f"{P} # {goal}", proof, mode="strict")
    assert not strict.correct
    assert strict.fixes == ()


STRUCTURAL = [
    ("B BY right-and on premise-1", "(B & C)", "B", ["incorrect-application"]),
    ("C BY left-and on premise-1", "(B & C)", "C", ["incorrect-application"]),
    ("B BY left-and on premise-1, C", "(B & C)", "B", ["incorrect-application"]),
    ("(A | B) BY right-either on A, B", "A", "(A | B)", ["incorrect-application"]),
    ("(A | B) BY left-either on A, B", "B", "(A | B)", ["incorrect-application"]),
    ("(B | A) BY right-either on A, B", "A", "(B | A)", ["incorrect-application", "commutativity"]),
    ("(~ (A & B)) BY dm on premise-1", "((~ A) | (~ B))", "(~ (A & B))", ["incorrect-application"]),
    ("(~ (A | B)) BY dm on premise-1", "((~ A) & (~ B))", "(~ (A | B))", ["incorrect-application"]),
    ("(C | ((~ A) & (~ B))) BY dm on premise-1", "(C | (~ (A | B)))", "(C | ((~ A) & (~ B)))",
     ["incorrect-application"]),
    ("(~ ((~ A) | (~ B))) BY dm on premise-1", "(A & B)", "(~ ((~ A) | (~ B)))", ["incorrect-application"]),
    ("(~ (~ A)) BY dn on premise-1", "A", "(~ (~ A))", ["incorrect-application"]),
    ("(A | B) BY dn on premise-1", "((~ (~ A)) | B)", "(A | B)", ["incorrect-application"]),
    ("(B <==> A) BY equiv on premise-1, premise-2", "(A ==> B) # (B ==> A)", "(B <==> A)", ["incorrect-application"]),
    ("B BY from-false on false", "false", "B", ["mangled-from-false"]),
    ("((A) & (~ B)) BY dm on premise-1", "(~ ((~ A) | B))", "(A & (~ B))", ["double-negation"]),
    ("A BY mt on premise-1, premise-2", "((~ A) ==> B) # (~ B)", "A", ["double-negation"]),
    ("(B & C) BY neg-cond on premise-1", "(~ (B ==> (~ C)))", "(B & C)", ["double-negation"]),
    ("(A | B) BY cond-def on premise-1", "((~ A) ==> B)", "(A | B)", ["double-negation"]),
    ("(C & B) BY claim on premise-1", "(B & C)", "(C & B)", ["commutativity"]),
    ("(A ==> (C | B)) BY claim on premise-1", "(A ==> (B | C))", "(A ==> (C | B))", ["commutativity"]),
    ("(B | A) BY cond-def on premise-1", "((~ A) ==> B)", "(B | A)", ["double-negation", "commutativity"]),
    ("C BY left-and on premise-1", "((A & (~ A)) & B)", "C", ["entailed"]),
    ("{ { x := A BY left-and on premise-1 }; (A | B) BY left-either on A, B }", "(A & B)", "(A | B)", None),
    ("{ x := assume D { y := A BY left-and on premise-1 }; z := left-and on premise-1; A BY claim on y }", "(A & B)",
     "A", ["out-of-scope-name"]),
]  # fmt: skip


@pytest.mark.parametrize(("proof", "premises", "goal", "kinds"), STRUCTURAL, ids=range(len(STRUCTURAL)))
def test_structural_fixes(proof: str, premises: str, goal: str, kinds: list[str] | None) -> None:
    """Each documented misapplication is overlooked where the step is annotated, with these fixes at the step."""
    verdict = check(f"{premises} # {goal}", proof, profile="paper")
    if kinds is None:
        assert verdict.strict
        return
    assert check(f"{premises} # {goal}", proof).correct is ("entailed" not in kinds)
    assert verdict.correct, verdict.failure
    assert [f.kind for f in verdict.fixes] == kinds
    assert {f.class_ for f in verdict.fixes} == {"structural"}
    assert all(f.step is not None and f.line == 1 for f in verdict.fixes)


NOT_TOLERATED = [
    ("B mp on premise-2, A", "A # (A ==> B)", "B", "Parsing"),
    ("{ B BY mp on premise-2, A }}}", "A # (A ==> B)", "B", "Parsing"),
    ("{ mp on premise-2, A; B }", "A # (A ==> B)", "B", "Parsing"),
    ("(~ A) BY dn on (~ A)", "(~ A)", "(~ A)", "malformedRuleApp"),
    ("(A | B) BY dm on (A | B)", "(A | B)", "(A | B)", "malformedRuleApp"),
    ("B BY mp(premise-2, A), A", "A # (A ==> B)", "B", "malformedRuleApp"),
    ("B BY right-and;", "A # (A ==> B)", "B", "Parsing"),
    ("right-and on premise-1", "(B & C)", "B", "wrongTopConclusion"),  # not annotated
    ("C BY cases on premise-1, premise-3, premise-2", "(A | B) # (A ==> C) # (B ==> C)", "C", "malformedRuleApp"),
    ("C BY cases on premise-1, premise-2, premise-3, A", "(A | B) # (A ==> C) # (B ==> C)", "C", "malformedRuleApp"),
    ("(~ (A ==> (~ B))) BY neg-cond on premise-1", "(A & B)", "(~ (A ==> (~ B)))", "malformedRuleApp"),
    ("A BY by-contradiction on A, (~ A)", "(~ A)", "A", "malformedRuleApp"),
    ("B BY mp on premise-2, premise-1", "A # (A ==> B)", "B", None),
    ("B BY mp on A, premise-2", "A # (A ==> B)", "B", "malformedRuleApp"),
    ("(A | B) BY left-either on A, B", "(A & B)", "(A | B)", "notInAB"),  # entailed, but does not hold
    ("C BY from-false on false", "(A & (~ A))", "C", "notInAB"),
    ("(A & C) BY left-and on premise-1", "((A & B) & C)", "(A & C)", "conclusionMismatch"),
    ("B BY claim on premise-1", "(~ (~ B))", "B", "conclusionMismatch"),  # up to double negation: not for claim
    ("(B ==> A) BY claim on premise-1", "(A ==> B)", "(B ==> A)", "conclusionMismatch"),
    ("(A | (B | C)) BY claim on premise-1", "((A | B) | C)", "(A | (B | C))", "conclusionMismatch"),
    ("{ x := assume D { y := claim on D }; D BY claim on y }", "A", "D", "undefinedName"),
    ("{ x := assume D { y := claim on A }; claim on y }", "A", "A", "undefinedName"),
]


@pytest.mark.parametrize(("proof", "premises", "goal", "kind"), NOT_TOLERATED, ids=range(len(NOT_TOLERATED)))
def test_what_is_not_tolerated(proof: str, premises: str, goal: str, kind: str | None) -> None:
    """Swapped cases, four-argument cases, wrong forms, missing formulas and unannotated slips stay errors."""
    verdict = check(f"{premises} # {goal}", proof)
    assert (verdict.failure.kind if verdict.failure else None) == kind


REFUTATIONS = [
    ("(A & B) # C", "{ h := assume (~ C) { false BY claim on premise-1 }; C BY by-contradiction on C, h }"),
    ("(A & B) # C", "{ h := suppose-absurd (~ C) { false BY claim on premise-1 }; C BY dn on h }"),
    ("D # ((A & ~A) ==> B)", "assume h := (A & ~A) { a := left-and on h; n := right-and on h; B BY claim on a }"),
    (
        "D # ((A & ~A) ==> B)",
        "assume h := (A & ~A) { a := left-and on h; n := right-and on h; absurd on a, n; B BY claim on a }",
    ),
]


@pytest.mark.parametrize(("problem", "proof"), REFUTATIONS[2:])
def test_profile_paper_alone_overlooks_wrong_conclusions_where_what_holds_is_inconsistent(
    problem: str, proof: str
) -> None:
    """In surface a failure, whose verdict says that paper would accept; in paper a fix, and the verdict says so too."""
    verdict = check(problem, proof)
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.failure.diagnosis) == ("conclusionMismatch", "slip")
    assert (verdict.correct, verdict.paper_only) == (False, True)
    verdict = check(problem, proof, profile="paper")
    assert (verdict.correct, verdict.paper_only) == (True, True)
    assert [f.kind for f in verdict.fixes] == ["entailed"]
    strict = check(problem, proof, profile="paper", mode="strict")
    assert (strict.correct, strict.paper_only) == (False, False)


@pytest.mark.parametrize(("problem", "proof"), REFUTATIONS[:2])
def test_an_empty_refutation_proves_nothing(problem: str, proof: str) -> None:
    """Where the goal does not follow, what is assumed to refute it is consistent, in either profile."""
    assert not check(problem, proof).correct
    assert not check(problem, proof, profile="paper").correct
    followed = problem.replace("# C", "# (B & A)"), proof.replace(" C", " (B & A)")
    assert not check(*followed).correct
    assert check(*followed).paper_only


def test_an_entailed_conclusion_is_wrong_where_what_holds_is_consistent() -> None:
    """In both profiles."""
    problem, proof = "(A & B) # (B & A)", "{ (A & (A & B)) BY claim on premise-1; (B & A) BY claim on premise-1 }"
    for profile in ("surface", "paper"):
        verdict = check(problem, proof, profile=profile)
        assert (verdict.correct, verdict.paper_only) == (False, False)


def test_non_ascii_characters_in_comments_count_only_beside_other_faults() -> None:
    """As published: foreign characters in comments are a fix of proofs that are not strictly correct, else nothing."""
    assert check("A # A", "claim on A # ∧").strict
    assert [f.kind for f in check("A # A", "claim on A. # ∧").fixes] == ["non-ascii", "stray-punctuation"]


def test_fixes_carry_lines_and_sentences() -> None:
    """A fix says where it is, in lines of the text as given, and what was done."""
    verdict = check("A # (A ==> B) # B", "{\n # one\n claim on A\n B BY mp on (A → B), A }")
    assert [(f.line, f.kind) for f in verdict.fixes] == [(3, "missing-semicolon"), (4, "connective")]
    assert "'→' as '==>'" in verdict.fixes[1].message


def test_positions_are_those_of_the_text_as_given() -> None:
    """Repairs that change the length of the text do not shift the column of a later failure."""
    failure = check("A # B", "{ x := (A → A) BY ex-middle on A }").failure
    assert failure is not None
    assert (failure.line, failure.column) == (1, 19)
    assert failure.text[18:].startswith("ex-middle")


def test_a_name_in_a_repaired_formula_is_located_in_the_text_as_given() -> None:
    """The column of an undefined name is its place in the text, also where the formula around it was repaired."""
    failure = check("A # B", "B BY claim on !(A & nope)").failure
    assert failure is not None
    assert (failure.kind, failure.column) == ("undefinedName", 21)
    failure = check("A # B", "B BY claim on !4").failure
    assert failure is not None
    assert failure.column == 16


def test_out_of_scope_names_inside_formulas() -> None:
    """A name in a formula is replaced by what it named, where that still holds; one that does not hold fails."""
    proof = "{ x := assume D { y := claim on A }; (A | B) BY left-either on A, B; (A | B) BY claim on (y | B) }"
    verdict = check("A # (A | B)", proof)
    assert [(f.kind, f.step) for f in verdict.fixes] == [("out-of-scope-name", 3)]
    failure = check("A # (A | B)", proof.replace("claim on A }", "claim on D }")).failure
    assert failure is not None
    assert (failure.kind, failure.step) == ("undefinedName", 3)


def test_the_kinds_are_documented_constants() -> None:
    """Every kind that the examples above produce is in the lists of kinds."""
    used = {kind for _, _, kinds in SYNTAX for kind in kinds} | {k for *_, kinds in STRUCTURAL for k in kinds or ()}
    used |= {kind for _, _, _, kinds in SLIPS for kind in kinds}
    assert used == set(SYNTAX_KINDS) | set(STRUCTURAL_KINDS)


@pytest.mark.parametrize(
    ("proof", "kind"),
    [
        ('{ "C" BY mp on premise-2, A }', "conclusionMismatch"),
        ("{ (C BY mp on premise-2, A }", "conclusionMismatch"),
        ("{ (true) BY mp on premise-2, A }", "conclusionMismatch"),
        ("{ not B BY mp on premise-2, A }", "conclusionMismatch"),
        ("{ the result BY mp on premise-2, A }", "Parsing"),
        ("{ (B BY mp on premise-2, A); claim on A }", "Parsing"),
    ],
)
def test_a_conclusion_is_repaired_as_a_name_only_where_it_is_one_word(proof: str, kind: str) -> None:
    """Symbols stuck to a conclusion are dropped and the rest is held to what it says; several words are no name."""
    failure = check(f"{P} # B", proof).failure
    assert failure is not None
    assert failure.kind == kind


@pytest.mark.parametrize(
    "proof",
    [
        "{ MASK1 BY claim on A; claim on A }",
        "{ (MASK1) BY claim on A; claim on A }",
        '{ "MASK1" BY claim on A; claim on A }',
        "{ GAP-1 x := claim on A; claim on A }",
        "{ GAP-1: claim on A }",
        "{ GAP-1. A BY claim on A }",
        "{ (A & MASK1) := claim on A }",
    ],
)
def test_no_repair_swallows_an_open_slot(proof: str) -> None:
    """A GAP or MASK is unfilled wherever it stands, never read as a name or a label."""
    for mode in ("strict", "instrumented"):
        failure = check("A # A", proof, mode=mode).failure  # type: ignore[arg-type]
        assert failure is not None
        assert (failure.kind, failure.class_) == ("unfilled", "syntax")


@pytest.mark.parametrize(
    ("problem", "proof", "message"),
    [
        ("(A & B) # B", "B BY left-and on premise-1", "'left-and' taken as 'right-and', which gives B"),
        ("A # (B | A)", "(B | A) BY left-either on B, A", "'left-either' taken as 'right-either', which gives (B | A)"),
        ("A # (~ (~ A))", "(~ (~ A)) BY dn on A",
         "dn taken to introduce a double negation, or to change a part of the formula, which gives (~ (~ A))"),
        ("((~ A) | (~ B)) # (~ (A & B))", "(~ (A & B)) BY dm on premise-1",
         "dm taken backwards, or on a part of the formula, which gives (~ (A & B))"),
        ("(A ==> B) # (B ==> A) # (B <==> A)", "(B <==> A) BY equiv on premise-1, premise-2",
         "the two conditionals of equiv taken in the other order, which gives (B <==> A)"),
    ],
)  # fmt: skip
def test_an_incorrect_application_says_what_it_was_taken_for(problem: str, proof: str, message: str) -> None:
    """The fix names the application that was meant."""
    (fix,) = check(problem, proof).fixes
    assert (fix.kind, fix.message) == ("incorrect-application", message)
