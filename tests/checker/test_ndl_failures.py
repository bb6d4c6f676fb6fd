"""The first failure with every field, its diagnosis, and all failures on request."""

from __future__ import annotations

import json

import pytest

from proofgrid.checker import Failure, Verdict, check, parse_formula
from proofgrid.checker.formulas import evaluate


def fails(problem: str, proof: str, **options: object) -> Failure:
    """The failure of a proof that must have one."""
    failure = check(problem, proof, **options).failure  # type: ignore[arg-type]
    assert failure is not None
    return failure


def test_every_field_of_a_missing_formula() -> None:
    """notInAB names step, place, rule, arguments as written and evaluated, the missing formula and the inference."""
    failure = fails(
        "(A | B) # (A ==> C) # C", "{\n  x := (A ==> C);\n  C BY cases on premise-1, x, (B ==> C) # here\n}"
    )
    assert (failure.kind, failure.class_) == ("notInAB", "logic")
    assert (failure.step, failure.line, failure.column) == (1, 3, 8)
    assert failure.text == "  C BY cases on premise-1, x, (B ==> C) # here"
    assert failure.rule == "cases"
    assert failure.arguments == ("premise-1", "x", "(B ==> C)")
    assert failure.evaluated == ("(A | B)", "(A ==> C)", "(B ==> C)")
    assert failure.missing == "(B ==> C)"
    assert failure.nearest == "(A ==> C)"
    assert failure.hint == "(B ==> C) does not follow from what holds here: no step can conclude it"
    assert failure.inference is not None
    assert (failure.inference.from_, failure.inference.to) == (("(A | B)", "(A ==> C)"), "C")
    assert failure.diagnosis == "fallacy"
    assert failure.countermodel == {"A": False, "B": True, "C": False}


def test_a_wrong_conclusion_has_expected_and_actual() -> None:
    """conclusionMismatch says what BY promised and what the rule gives, and which rule would have given it."""
    failure = fails("(A & B) # (A & (A & B))", "(A | B) BY left-and on premise-1")
    assert (failure.kind, failure.expected, failure.actual) == ("conclusionMismatch", "(A | B)", "A")
    assert failure.diagnosis == "slip"
    assert failure.countermodel is None
    failure = fails("(A ==> B) # (~ B) # A", "A BY mt on premise-1, premise-2")
    assert failure.diagnosis == "fallacy"
    assert failure.countermodel == {"A": False, "B": False}
    assert fails("A # B # A", "(A & B) BY left-either on A, B").hint == "'both on A, B' gives it"


def test_a_malformed_application_is_a_type_error_and_may_be_a_slip() -> None:
    """The form is examined before what holds; the advertised conclusion decides the diagnosis."""
    failure = fails("(A & B) # (~ (A ==> (~ B)))", "(~ (A ==> (~ B))) BY neg-cond on premise-1")
    assert (failure.kind, failure.class_, failure.diagnosis) == ("malformedRuleApp", "type", "slip")
    assert failure.inference is not None
    assert failure.inference.to == "(~ (A ==> (~ B)))"
    bare = fails("(A & B) # (~ (A ==> (~ B)))", "neg-cond on premise-1")
    assert bare.inference is None
    assert bare.diagnosis is None


def test_names_are_examined_before_forms_and_forms_before_what_holds() -> None:
    """One step with all faults fails for its name; without it, for its form; without that, for what is missing."""
    assert fails("A # B", "B BY mp on nowhere, C, D").kind == "undefinedName"
    assert fails("A # B", "B BY mp on C, D").kind == "malformedRuleApp"
    assert fails("A # B", "D BY mp on (C ==> B), C").kind == "notInAB"


def test_undefined_names_and_rules() -> None:
    """An unbound name and an unknown rule are syntax failures at their place."""
    failure = fails("A # B", "{ claim on A;\n claim on (A & no-such) }")
    assert (failure.kind, failure.class_, failure.step, failure.line, failure.column) == (
        "undefinedName", "syntax", 2, 2, 16,
    )  # fmt: skip
    assert "no-such" in failure.message
    assert fails("A # B", "magic on A").message == "there is no rule 'magic'"
    assert fails("A # B", "magic on A").hint is None
    assert fails("A # B", "lft-and on A").hint == "did you mean 'left-and'?"
    assert fails("A # B", "{ my-step := claim on A; claim on my_step }").hint == "did you mean 'my-step'?"
    assert fails("A # B", "claim on premis-1").hint == "did you mean 'premise-1'?"


def test_suppose_absurd_must_end_in_false() -> None:
    """notFalse shows what the body concludes."""
    failure = fails("A # (~ B)", "suppose-absurd B { claim on A }")
    assert (failure.kind, failure.step, failure.actual, failure.expected) == ("notFalse", None, "A", "false")
    assert failure.diagnosis == "fallacy"


def test_a_sound_proof_of_something_else() -> None:
    """wrongTopConclusion has no step, line 0, an empty line, and both conclusions; the conclusion is reported."""
    verdict = check("A # B", "claim on A")
    failure = verdict.failure
    assert failure is not None
    assert (failure.kind, failure.class_, failure.step, failure.line, failure.text) == (
        "wrongTopConclusion", "logic", None, 0, "",
    )  # fmt: skip
    assert (failure.expected, failure.actual, verdict.conclusion) == ("B", "A", "A")


def test_parsing_failures_have_no_step() -> None:
    """An unreadable proof fails with Parsing at the place where reading stopped."""
    failure = fails("A # A", "{\n claim on A;\n claim on (A & & B)\n}")
    assert (failure.kind, failure.class_, failure.step, failure.line, failure.column) == (
        "Parsing",
        "syntax",
        None,
        3,
        16,
    )


def test_all_failures_go_on_as_if_the_advertised_conclusion_held() -> None:
    """Each failed step's conclusion is taken to hold; what rests on it is not blamed again."""
    proof = """{
      B BY mp on (A ==> B), A;
      C BY mp on premise-2, B;
      x := neg-cond on C;
      y := both on x, C;
      D BY claim on E;
      (C & D) BY both on C, D
    }"""
    verdict = check("A # (B ==> C) # (C & D)", proof, all_failures=True)
    assert [(f.kind, f.step) for f in verdict.failures] == [
        ("notInAB", 1),
        ("malformedRuleApp", 3),
        ("notInAB", 5),
    ]
    assert verdict.failures[0] == verdict.failure
    assert check("A # (B ==> C) # (C & D)", proof).failures == ()


@pytest.mark.parametrize(
    "proof",
    [
        "assume nope { claim on nope }",
        "{ x := nope; claim on x }",
        "suppose-absurd h := A { claim on zip }",
        "mp on (claim on zip), A",
        "assume A { x := magic on A; both on x, A }",
        "cases on zip, (assume A { claim on zap }), A",
    ],
)
def test_all_failures_survive_unknown_conclusions(proof: str) -> None:
    """Steps whose conclusion cannot be known do not stop the search for failures."""
    verdict = check("A # (B ==> C)", proof, all_failures=True)
    assert not verdict.correct
    assert verdict.failures


def test_a_conditional_from_a_failed_body_is_taken_to_hold_outside() -> None:
    """What was taken on trust inside a body, its conditional rests on; the next failure is diagnosed with it."""
    proof = "{ x := assume A { B BY claim on B }; (A ==> C) BY claim on x }"
    verdict = check("D # (A ==> C)", proof, all_failures=True)
    assert [f.kind for f in verdict.failures] == ["notInAB", "conclusionMismatch"]
    assert verdict.failures[1].countermodel is not None
    assert verdict.failures[1].countermodel["A"] is True
    assert verdict.failures[1].countermodel["B"] is True


@pytest.mark.parametrize(
    "proof",
    [
        "{ x := magic on A; y := (x & A); claim on y; claim on (x | B) }",
        "{ x := magic on A; assume h := x { claim on h } }",
        "{ x := magic on A; z BY claim on x; claim on z }",
        "suppose-absurd (nope | A) { claim on A }",
        "{ C BY magic on A; C BY claim on C; C BY claim on nope; (D BY magic on A) }",
        "{ (nope & A) BY magic on nope }",
    ],
)
def test_all_failures_do_not_blame_what_rests_on_an_unknown_conclusion(proof: str) -> None:
    """A step that uses a conclusion that cannot be known is passed over; the first failure stays first."""
    verdict = check("A # C", proof, all_failures=True)
    assert verdict.failure == check("A # C", proof).failure
    assert all(f.kind != "wrongTopConclusion" or f.actual for f in verdict.failures)


def test_the_nearest_formula_may_differ_in_order_or_double_negation() -> None:
    """Among what holds, one that is equal up to order or double negations is the nearest."""
    assert fails("(B & A) # (A & B) # C", "claim on (A & (~ (~ B)))").nearest == "(A & B)"
    assert fails("(B | A) # D # C", "claim on (A | B)").nearest == "(B | A)"
    assert fails("D # C", "claim on (A ==> B)").nearest is None


def test_countermodels_refute() -> None:
    """A fallacy's countermodel makes what holds true and the conclusion false."""
    failure = fails("(A | B) # (A ==> C) # C", "C BY mp on premise-2, A")
    assert failure.countermodel is not None
    for text, value in (("(A | B)", True), ("(A ==> C)", True), ("C", False)):
        assert evaluate(parse_formula(text), failure.countermodel) is value


def test_json_bears_the_contract_names() -> None:
    """The verdict as JSON has the documented fields, with `class` and `from` spelt as such."""
    verdict: Verdict = check("A # (A ==> B) # C", "C BY mp on A -> B, A")
    data = json.loads(json.dumps(verdict.to_json()))
    assert {"correct", "strict", "conclusion", "fixes", "failure", "failures", "steps"} <= set(data)
    assert set(data["fixes"][0]) == {"kind", "class", "step", "line", "message"}
    assert {
        "kind", "class", "step", "line", "column", "rule", "arguments", "evaluated", "missing", "expected", "actual",
        "message", "inference", "diagnosis", "countermodel",
    } <= set(data["failure"])  # fmt: skip
    assert set(data["failure"]["inference"]) == {"from", "to"}


@pytest.mark.parametrize(
    ("premises", "missing", "hint"),
    [
        ("(B & C) # A", "B", "'left-and on (B & C)' gives it"),
        ("(A ==> B) # A", "B", "'mp on (A ==> B), A' gives it"),
        ("A # B", "(A & B)", "'both on A, B' gives it"),
        ("A # C", "(A | B)", "'left-either on A, B' gives it"),
        ("B # C", "(A | B)", "'right-either on A, B' gives it"),
        ("B # C", "(A | (~ A))", "'ex-middle on A' gives it"),
        ("A # (~ A)", "false", "'absurd on A, (~ A)' gives it"),
        ("C # D", "A", "A does not follow from what holds here: no step can conclude it"),
        ("(A & B) # (C ==> B)", "(C ==> A)", "it follows from what holds here: prove it with 'assume C { ... }'"),
        ("(B ==> A)", "(A ==> B)", "only its converse holds, and (A ==> B) does not follow from what holds here"),
        ("(B | A)", "(A | B)", "cite it in the order in which it holds: (B | A)"),
        (
            "(A ==> B) # (B ==> C) # A",
            "C",
            "C follows from what holds here, but no step has concluded it: prove it first",
        ),
    ],
)
def test_hints_name_a_step_that_gives_the_missing_formula(premises: str, missing: str, hint: str | None) -> None:
    """Where one step would have concluded the missing formula, the hint is that step."""
    assert fails(f"{premises} # {missing}", f"claim on {missing}").hint == hint


def test_a_converse_or_a_negation_is_nearer_than_what_reads_alike() -> None:
    """Among what holds, a converse, a contrapositive and a formula that differs by a negation come before likeness."""
    assert fails("(B ==> C) # (D ==> C) # A", "claim on (C ==> D)").nearest == "(D ==> C)"
    assert fails("((~ D) ==> (~ C)) # (C ==> E) # A", "claim on (C ==> D)").nearest == "((~ D) ==> (~ C))"
    assert fails("(C & (~ D)) # (C & E) # A", "claim on (C & D)").nearest == "(C & (~ D))"
    assert fails("(~ A) # (A & B) # C", "claim on A").nearest == "(~ A)"


def test_hints_propose_only_what_holds() -> None:
    """A rule that would have given the conclusion is proposed only where all that it needs holds."""
    both = "(A & B) BY left-either on A, B"
    assert fails("A # B # A", both).hint == "'both on A, B' gives it"
    assert fails("A # (A & B)", both).hint == "write (A | B) before BY"


def test_a_malformed_application_is_shown_the_order_that_fits() -> None:
    """Where the same arguments in another order, or another rule, would do, the hint says so."""
    swapped = fails("(A ==> B) # A # B", "B BY mp on A, premise-1")
    assert swapped.hint == "it is used as 'mp on (p ==> q), p'; 'mp on (A ==> B), A' gives it"
    assert fails("(A ==> B) # A # B", "mp on A, premise-1").hint == (
        "it is used as 'mp on (p ==> q), p'; 'mp on (A ==> B), A' gives B"
    )
    assert fails("(A ==> B) # A # B", "mp on premise-1").message == "mp takes 2 arguments, and 1 is given"


@pytest.mark.parametrize(
    ("proof", "hint"),
    [
        ("imp-elim on premise-1, A", "did you mean 'mp'?"),
        ("ex-falso on A", "did you mean 'from-false'?"),
        ("claim on premise-3", "the problem's premises are premise-1 to premise-2"),
        ("claim on premis_2", "did you mean 'premise-2'?"),
        ("{ claim on A; A }", "a formula alone is no step: to conclude what holds already, write 'claim on' before it"),
        ("{ (claim on A); claim on A }",
         "only an argument is a proof in parentheses: put a step in braces, or leave them out"),
    ],
)  # fmt: skip
def test_hints_for_what_other_notations_write(proof: str, hint: str) -> None:
    """What a writer from another system would write is told apart and answered with what NDL has."""
    assert fails("(A ==> B) # A # B", proof).hint == hint


@pytest.mark.parametrize(
    "proof", ["{ A ¬ B BY claim on A }", "{ claim on A } QED by you", "{ 1) A B BY claim on A; }{"]
)
def test_a_reading_failure_shows_only_what_the_text_has(proof: str) -> None:
    """A failure to read never complains of a symbol that a repair put there."""
    failure = fails("A # A", proof)
    assert failure.kind == "Parsing"
    quoted = failure.message.split("'")[1] if failure.message.startswith("'") else ""
    assert failure.text[failure.column - 1 :].startswith(quoted)


def test_a_name_out_of_scope_says_whether_its_formula_holds() -> None:
    """Unannotated, the name of what still holds is an error that points to the formula; another says what follows."""
    holds = fails("A # (C ==> A) # A", "{ r := assume B { a := claim on A }; claim on a }")
    assert holds.message == "the name 'a' is out of scope here"
    assert holds.hint == "what it named still holds: cite A itself"
    gone = fails("A # (B ==> A)", "{ r := assume B { b := claim on B }; B BY claim on b }")
    assert gone.message == "the name 'b' is out of scope here, and B, which it named, does not hold"
    assert gone.hint == "B does not follow from what holds here: no step can conclude it"
    again = fails("(A & C) # A", "{ r := assume B { a := left-and on premise-1 }; A BY claim on a }")
    assert again.hint == "'left-and on (A & C)' gives it"


def test_a_wrong_conclusion_that_is_one_step_away_is_shown_the_step() -> None:
    """Where the stated conclusion is a part of the real one, the hint goes on to it."""
    failure = fails("(~ (A ==> B)) # A", "A BY neg-cond on premise-1")
    assert failure.hint == "write (A & (~ B)) before BY; after that 'left-and on (A & (~ B))' gives it"


def test_a_body_that_is_not_absurd_is_told_of_assume() -> None:
    """notFalse says how such a body ends and which rule would take it as it is."""
    hint = fails("A # (~ B)", "suppose-absurd B { claim on A }").hint
    assert hint == "end the body with 'absurd on p, (~ p)', or discharge the hypothesis with 'assume' instead"
