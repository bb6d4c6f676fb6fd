"""The language itself: composites, scope, names, definitions, comments, numbering of steps."""

from __future__ import annotations

import pytest

from proofgrid.checker import CheckerError, ProofSyntaxError, Verdict, check, parse_proof, trace_steps
from proofgrid.checker.natural.syntax import Assume, Block, Definition, RuleApplication, SupposeAbsurd, Term

PREMISES = "A # (A ==> B) # (B ==> C)"


def strict(goal: str, proof: str, premises: str = PREMISES) -> Verdict:
    """The strict verdict."""
    return check(f"{premises} # {goal}", proof, mode="strict")


@pytest.mark.parametrize(
    ("goal", "proof"),
    [
        ("B", "mp on premise-2, premise-1"),
        ("B", "B BY mp on (A ==> B), A"),
        ("B", "b := B BY mp on premise-2, A"),
        ("B", "x := y := mp on premise-2, A"),
        ("B", "{ mp on premise-2, A; }"),
        ("B", "{ { b := B BY mp on premise-2, A }; claim on B }"),
        ("C", "{ x := { mp on premise-2, A }; mp on premise-3, x }"),
        ("(C ==> A)", "assume C { claim on A }"),
        ("(C ==> C)", "assume h := C { claim on h }"),
        ("(~ (~ A))", "suppose-absurd n := (~ A) { absurd on A, n }"),
        (
            "(~ (~ A))",
            "SUPPOSE-ABSURD (~ A) { FALSE := false BY ABSURD on A, (~ A) }".replace("ABSURD on", "absurd ON"),
        ),
        ("C", "mp on premise-3, (mp on premise-2, A)"),
        ("C", "mp on premise-3, (B BY mp on premise-2, A)"),
        ("C", "mp on premise-3, { mp on premise-2, A }"),
        ("C", "mp on premise-3, (b := mp on premise-2, A)"),
        ("A", "cases on (ex-middle on C), (assume C { claim on A }), (assume (~ C) { claim on A })"),
        ("A", "cases on (ex-middle on C), assume C { claim on A }, assume (~ C) { claim on A }"),
        ("A", "# a comment; with { braces\nclaim on A # another"),
        ("A", "claim on (A # in a formula\n)"),
        ("B", "b BY mp on premise-2, A".replace("b BY", "B by")),
        ("B", "{ _ := claim on A; _ := mp on premise-2, A }"),
        ("(A & A)", "{ not' := claim on A; a-1_x := claim on not'; both on not', a-1_x }"),
        ("A", "\r\nclaim on A\r\n"),
        ("(~ (~ A))", "Suppose-Absurd (~ A) { aBsUrD := False_ := false bY absurd oN A, (~ A) }"),
        ("A", "claim on ((A))"),
        ("((A | B) | C)", "{ left-either on A, B; left-either on (A | B), C }"),
    ],
)
def test_strictly_correct(goal: str, proof: str) -> None:
    """Each construction of the language is accepted, with no fix."""
    verdict = strict(goal, proof)
    assert verdict.strict, verdict.failure
    assert verdict.fixes == ()


@pytest.mark.parametrize(
    ("goal", "proof", "kind"),
    [
        ("B", "{ { mp on premise-2, A }; x := claim on C }", "notInAB"),
        ("C", "{ { mp on premise-2, A; claim on A }; mp on premise-3, B }", "notInAB"),
        ("C", "{ assume C { claim on C }; claim on C }", "notInAB"),
        ("B", "{ mp on premise-3, (mp on premise-2, A); claim on B }", "notInAB"),
        ("B", "{ x := { y := mp on premise-2, A }; claim on y }", "undefinedName"),
        ("B", "{ _ := mp on premise-2, A; claim on _ }", "undefinedName"),
        ("B", "claim on cond1", "undefinedName"),
        ("B", "claim on (B & cond1)", "undefinedName"),
        ("B", "modus on premise-2, A", "undefinedName"),
        ("B", "claim on premise-4", "undefinedName"),
        ("(~ C)", "suppose-absurd C { claim on A }", "notFalse"),
        ("B", "{ mp on premise-2, A; x := A }", "Parsing"),
        ("B", "{}", "Parsing"),
        ("B", "mp on premise-2 A", "Parsing"),
        ("B", "mp on (A ==> ), A", "Parsing"),
        ("B", "~B BY mp on premise-2, A", "Parsing"),
        ("B", "on := mp on premise-2, A", "Parsing"),
        ("B", "(mp on premise-2, A)", "Parsing"),
        ("B", "mp on premise-2, mp on premise-2, A", "Parsing"),
        ("B", "mp on premise-2, A;", "Parsing"),
        ("B", "{ mp on premise-2, A;; }", "Parsing"),
        ("B", "", "Parsing"),
        ("B", "{ GAP-1; claim on B }", "unfilled"),
        ("B", "MASK2 on premise-2, A", "unfilled"),
        ("B", "mp on (A ==> MASK3), A", "unfilled"),
        ("C", "mp on premise-2, A", "wrongTopConclusion"),
        ("A", "B from A", "Parsing"),
    ],
)
def test_strictly_wrong(goal: str, proof: str, kind: str) -> None:
    """Each violation of scope, names or syntax has its kind of failure."""
    failure = strict(goal, proof).failure
    assert failure is not None
    assert failure.kind == kind


def test_a_bound_name_shadows_an_atom() -> None:
    """`A := ...` makes the letter A mean what was concluded, also inside formulas."""
    assert strict("(B & C)", "{ A := mp on premise-2, A; C := mp on premise-3, A; both on A, C }").strict
    assert strict("(B | C)", "{ A := mp on premise-2, A; (A | C) BY left-either on A, C }").strict


def test_an_inner_name_shadows_an_outer_one_until_its_brace() -> None:
    """After the block the outer meaning is back."""
    proof = "{ x := claim on A; { x := mp on premise-2, A; claim on x }; claim on x }"
    assert strict("A", proof).strict
    assert not strict("B", proof).strict


def test_a_name_stands_inside_a_formula() -> None:
    """(B & cond1) is the conjunction of B and what cond1 names."""
    proof = "{ cond1 := assume C { claim on A }; b := mp on premise-2, A; (B & cond1) BY both on b, cond1 }"
    assert strict("(B & (C ==> A))", proof).strict


@pytest.mark.parametrize(
    ("formula", "meaning"),
    [
        ("(~ x)", "(~ (A | D))"),
        ("(x <==> (true | ~x))", "((A | D) <==> (true | (~ (A | D))))"),
        ("(false ==> x & x)", "(false ==> ((A | D) & (A | D)))"),
        ("(D ==> (x | C))", "(D ==> ((A | D) | C))"),
    ],
)
def test_names_are_replaced_anywhere_in_a_formula(formula: str, meaning: str) -> None:
    """Under every connective, beside constants and more than once."""
    proof = f"{{ x := (A | D); ex-middle on {formula} }}"
    assert strict(f"({meaning} | (~ {meaning}))", proof).strict


def test_a_definition_names_a_formula_and_claims_nothing() -> None:
    """A defined formula may be cited, but does not hold."""
    assert strict("(A | D)", "{ d := (A | D); d BY left-either on A, D }").strict
    failure = strict("D", "{ d := D; claim on d }").failure
    assert failure is not None
    assert (failure.kind, failure.missing) == ("notInAB", "D")


def test_rebinding_and_using_a_name_in_its_own_step() -> None:
    """`B := B BY ...` reads the annotation before it binds the name."""
    assert strict("B", "{ B := B BY mp on premise-2, A; B := B BY claim on B }").strict


def test_a_hypothesis_holds_in_its_body_only() -> None:
    """The hypothesis and what was concluded from it are gone after the brace; the conditional stays."""
    assert strict("(D ==> D)", "{ x := assume D { claim on D }; claim on (D ==> D) }").strict
    failure = strict("D", "{ x := assume D { claim on D }; claim on D }").failure
    assert failure is not None
    assert failure.missing == "D"


def test_a_premise_is_not_lost_when_it_is_concluded_again_inside() -> None:
    """What held outside a block holds after it, whatever was concluded inside."""
    assert strict("A", "{ { claim on A; claim on A }; assume A { claim on A }; claim on A }").strict


def test_steps_are_numbered_in_text_order_outer_before_inner() -> None:
    """An application is counted before the applications in its arguments."""
    failure = strict("C", "{ claim on A; mp on premise-3, (mp on premise-2, D) }").failure
    assert failure is not None
    assert (failure.step, failure.rule) == (3, "mp")
    assert failure.column == 33


def test_parse_proof_gives_spans_into_the_text() -> None:
    """Every label, rule, argument and conclusion can be cut out of the text where its span says."""
    text = "{ # start\n d := (A | B);\n x := h := (A | B) BY left-either on A, (B);\n assume k := C { claim on d }\n}"
    proof = parse_proof(text)
    block = proof.root
    assert isinstance(block, Block)
    assert text[block.start : block.end] == text
    definition, step, assume = block.steps
    assert isinstance(definition, Definition)
    assert isinstance(step, RuleApplication)
    assert isinstance(assume, Assume)
    assert [label.text for label in step.labels] == ["x", "h"]
    assert text[step.start : step.end] == "x := h := (A | B) BY left-either on A, (B)"
    assert text[step.rule_start : step.rule_end] == step.rule == "left-either"
    assert step.conclusion is not None
    assert text[step.conclusion.start : step.conclusion.end] == "(A | B)"
    assert [a.text for a in step.arguments if isinstance(a, Term)] == ["A", "(B)"]
    assert [a.is_name for a in step.arguments if isinstance(a, Term)] == [True, False]
    assert assume.hypothesis_label is not None
    assert text[assume.hypothesis.start : assume.hypothesis.end] == "C"
    assert proof.position(step.rule_start) == (3, 23)
    assert [a.step for a in proof.applications()] == [1, 2]
    assert len(list(proof.walk())) == 6


def test_parse_proof_reads_suppose_absurd_and_macro_steps() -> None:
    """The other composites and the macro language have nodes of their own."""
    assert isinstance(parse_proof("suppose-absurd h := A { claim on A }").root, SupposeAbsurd)
    node = parse_proof("x := (A | B) from A, premise-2", "macro").root
    assert node.labels[0].text == "x"
    assert "From" in repr(node)


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("{ claim on A", 12, "ends too soon"),
        ("{ claim on A }}", 14, "'}' does not fit"),
        ("", 0, "no proof"),
        ("{ x := A }", 2, "may not end with a definition"),
        ("claim A", 6, "'A' does not fit here: expected 'BY'"),
        ("B BY right-and; C", 5, "a rule with 'on' and arguments must follow 'BY'"),
        ("{ BY mp on A }", 5, "no conclusion stands before 'BY mp'"),
    ],
)
def test_unreadable_proofs_are_located(text: str, offset: int, words: str) -> None:
    """parse_proof raises ProofSyntaxError with the offset of what does not fit."""
    with pytest.raises(ProofSyntaxError, match=words) as caught:
        parse_proof(text)
    assert caught.value.offset == offset


def test_nodes_have_short_texts_for_people_who_debug() -> None:
    """The representation of a node says what it is, in bounded length, however deep it is."""
    text = "{ d := A; x := assume h := A { suppose-absurd B { absurd on A, (~ A) } }; left-either on (claim on A), d }"
    proof = parse_proof(text)
    shown = [repr(node) for node in proof.walk()] + [repr(proof)]
    assert shown[0] == "Block(3 steps)"
    assert all(len(s) < 100 for s in shown)
    macro = next(parse_proof("B from A", "macro").applications())
    assert (macro.rule, macro.rule_end - macro.rule_start) == ("from", 4)


def test_traces_say_what_each_step_did() -> None:
    """trace_steps gives position, arguments as written and evaluated, what had to hold, conclusion and depth."""
    proof = "{ x := assume D { mp on premise-2, A };\n right-either on C, (claim on x) }"
    first, second, third = trace_steps(f"{PREMISES} # (C | (D ==> B))", proof)
    assert (first.step, first.rule, first.line, first.column, first.depth) == (1, "mp", 1, 19, 1)
    assert first.arguments == ("premise-2", "A")
    assert [str(f) for f in first.evaluated] == ["(A ==> B)", "A"]
    assert [str(f) for f in first.hypotheses] == ["D"]
    assert (second.line, second.arguments) == (2, ("C", "claim on x"))
    assert [str(f) for f in second.required] == ["(D ==> B)"]
    assert str(third.conclusion) == "(D ==> B)"
    assert proof[third.start : third.end] == "claim on x"


def test_traces_need_a_correct_proof() -> None:
    """A wrong step, a wrong goal, an unreadable text and other languages are refused."""
    for proof in ("mp on premise-2, D", "mp on premise-2, A", "mp on"):
        with pytest.raises(CheckerError):
            trace_steps(f"{PREMISES} # C", proof)
    with pytest.raises(ValueError, match="'ndl' and 'macro'"):
        trace_steps("A # A", "claim on A", language="hilbert")


def test_traces_of_repaired_proofs_on_request() -> None:
    """With mode instrumented a proof that needs fixes has a trace too."""
    problem = f"{PREMISES} # B"
    with pytest.raises(ProofSyntaxError):
        trace_steps(problem, "B BY mp on A -> B, A")
    (step,) = trace_steps(problem, "B BY mp on A -> B, A", mode="instrumented")
    assert str(step.conclusion) == "B"
    assert step.arguments == ("A -> B", "A")
