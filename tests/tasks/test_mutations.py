"""Edits of proofs: corruptions are wrong in exactly the way they claim, harmless edits leave the proof right."""

from __future__ import annotations

from random import Random

import pytest

from proofgrid.checker import check, parse_formula
from proofgrid.checker.formulas import atoms, evaluate
from proofgrid.tasks.making.mutations import (
    CORRUPTING,
    GROWING,
    OPERATORS,
    PRESERVING,
    Subject,
    corrupt,
    first_error,
    flip_negation,
    invalid_inference,
    preserve,
    preserve_alike,
    splice,
    vary,
)
from proofgrid.tasks.making.proof_sources import human_proof, macro_proof

CLASSES = ("type", "logic", "syntax")
PREMISES = tuple(map(parse_formula, ("(A & B)", "(B ==> C)", "(C | D)")))
GOAL = parse_formula("(A & C)")
PROOF = """{
  # A remark; it stays.
  a := A BY left-and on premise-1;
  side := assume h := D {
    inside := (D | C) BY left-either on h, C
  };
  b := right-and on premise-1;
  c := C BY mp on premise-2, b;
  (A & C) BY both on a, c
}"""


@pytest.fixture(scope="module")
def subject() -> Subject:
    """A small proof with names, a subproof and a remark."""
    return Subject(PREMISES, GOAL, PROOF)


@pytest.fixture(scope="module")
def pool() -> list[Subject]:
    """Correct proofs in both languages."""
    found: list[Subject] = []
    for seed in range(400):
        source = human_proof(Random(seed), 1 + seed % 4)
        if source is not None:
            found.append(Subject(source.premises, source.goal, source.proof))
        if len(found) == 12:
            break
    for seed in range(100):
        source = macro_proof(Random(seed), 2)
        if source is not None:
            found.append(Subject(source.premises, source.goal, source.proof, "macro"))
        if len(found) == 16:
            break
    return found


def test_scope_at_a_step(subject: Subject) -> None:
    """At a step, premises and earlier conclusions hold, a closed subproof's do not, and later names are known."""
    scope = subject.scope(3)
    assert {f.name for f in scope.visible} == {"premise-1", "premise-2", "premise-3", "a", "side"}
    assert {f.name for f in scope.expired} == {"h", "inside"}
    assert scope.later == ("c",)


def test_every_operator_does_something(pool: list[Subject]) -> None:
    """Each corrupting operator corrupts some proof, and each harmless one preserves some proof."""
    subjects = [*pool, CASES]
    for kind in CORRUPTING:
        found = (
            corrupt(s, Random(f"{i} {k}"), (kind,), c)
            for k in range(3)
            for i, s in enumerate(subjects)
            for c in CLASSES
        )
        assert any(one is not None and one.kind == kind for one in found), kind
    for kind in ("cited_otherwise", "changed_annotating", "repeated_step", "idle_step", "swapped_arguments"):
        assert any(preserve(s, Random(i), (kind,)) for i, s in enumerate(pool)), kind


def test_corruptions_have_one_first_error(pool: list[Subject]) -> None:
    """A corrupted proof fails strictly and through the checker's repairs, at one step, which has the failing line."""
    kinds = set()
    for index, subject in enumerate(pool):
        for round_ in range(3):
            wrong = corrupt(subject, Random(f"{index} {round_}"))
            if wrong is None:  # a short proof may offer no fallacy
                continue
            problem = (wrong.edited.premises, wrong.edited.goal)
            for mode in ("strict", "instrumented"):
                failure = check(problem, wrong.edited.proof, mode=mode, language=subject.language).failure
                assert failure is not None
                assert (failure.kind, failure.step, failure.line) == (
                    wrong.failure.kind,
                    wrong.failure.step,
                    wrong.failure.line,
                )
            assert (wrong.failure.line in wrong.lines) or (wrong.failure.line == 0 and not wrong.lines)
            kinds.add(wrong.failure.kind)
    assert {"malformedRuleApp", "notInAB", "conclusionMismatch"} <= kinds


@pytest.mark.parametrize("class_", ["syntax", "type", "logic"])
def test_the_class_can_be_chosen(pool: list[Subject], class_: str) -> None:
    """Asked for a class of error, corruption gives one of that class or nothing."""
    found = [corrupt(subject, Random(7), class_=class_) for subject in pool]
    assert sum(c is not None for c in found) >= len(pool) // 4
    assert all(c.failure.class_ == class_ for c in found if c is not None)


def test_harmless_edits_leave_the_proof_strictly_correct(pool: list[Subject]) -> None:
    """A preserving edit changes the text, and the strict checker still accepts it."""
    for index, subject in enumerate(pool):
        for round_ in range(3):
            kept = preserve(subject, Random(f"{index} {round_}"))
            assert kept is not None
            kind, edited = kept
            assert kind in PRESERVING
            assert edited.proof != subject.text
            problem = (edited.premises, edited.goal)
            assert check(problem, edited.proof, mode="strict", language=subject.language).correct


def test_edits_keep_remarks_and_layout(subject: Subject) -> None:
    """Whatever is edited, the author's remark stays where it was."""
    for kind, operator in OPERATORS.items():
        for seed in range(5):
            edited = operator(subject, Random(seed))
            if edited is not None and kind not in ("omitted_step", "omitted_block"):
                assert "# A remark; it stays." in edited.proof, kind


def test_a_tolerated_slip_is_no_corruption(subject: Subject) -> None:
    """An edit that the instrumented checker reads through is not taken for an error."""
    swapped = subject.edited((PROOF.index("C BY mp"), PROOF.index("C BY mp"), ""))
    assert first_error(swapped, "ndl") is None
    commuted = PROOF.replace("(D | C) BY left-either on h, C", "(C | D) BY left-either on h, C")
    edited = subject.edited((0, len(PROOF), commuted))
    assert not check((PREMISES, GOAL), commuted, mode="strict").correct
    assert check((PREMISES, GOAL), commuted).correct
    assert first_error(edited, "ndl") is None


def test_leaving_out_and_burying_steps(subject: Subject) -> None:
    """What is left out is cited written out, and so does not hold; what is buried is cited by a name that is gone."""
    omitted = {w.failure.kind for s in range(20) if (w := corrupt(subject, Random(s), ("omitted_step",), "logic"))}
    buried = {w.failure.kind for s in range(60) if (w := corrupt(subject, Random(s), ("buried_step",), "syntax"))}
    assert omitted == {"notInAB"}
    assert buried == {"undefinedName"}


CASES = Subject(
    tuple(map(parse_formula, ("(A | B)", "(~ (A ==> C))", "(D ==> C)"))),
    parse_formula("(A & (~ C))"),
    """{
  a := assume A { (A & (~ C)) BY neg-cond on (~ (A ==> C)) };
  b := assume B { (A & (~ C)) BY neg-cond on premise-2 };
  (A & (~ C)) BY cases on premise-1, a, b
}""",
)


@pytest.mark.parametrize(
    ("kind", "rules"), [("wrong_cases", {"cases"}), ("wrong_neg_cond", {"neg-cond", "dm", "cond-def"})]
)
def test_the_published_failures_are_made(kind: str, rules: set[str]) -> None:
    """``cases`` and ``neg-cond`` are used in the wrong form, in more than one shape; others stand for ``neg-cond``."""
    found = [corrupt(CASES, Random(seed), (kind,)) for seed in range(40)]
    failures = [wrong.failure for wrong in found if wrong is not None]
    assert {f.rule for f in failures} <= rules
    assert len({f.message for f in failures if f.rule == kind.removeprefix("wrong_").replace("_", "-")}) >= 3


def test_the_name_of_neg_cond_comes_and_goes() -> None:
    """Steps come to be called ``neg-cond`` and cease to be, so that a proof with such a step does not look wrong."""
    text = CASES.text.replace("{", "{\n  dm on (~ (A & B));", 1)
    subject = Subject((*CASES.premises, parse_formula("(~ (A & B))")), CASES.goal, text)
    found = [corrupt(subject, Random(seed), ("wrong_neg_cond",)) for seed in range(120)]
    more = {w.edited.proof.count("neg-cond on") - text.count("neg-cond on") for w in found if w is not None}
    assert more == {-1, 0, 1}


def test_a_right_proof_is_longer_only_where_a_wrong_one_is(pool: list[Subject]) -> None:
    """The edit that goes with a corruption adds a step if that did, and none if it did not."""
    for index, subject in enumerate(pool):
        for corrupting in ("wrong_argument", "reasoned_step"):
            found = preserve_alike(subject, Random(index), corrupting)
            if found is not None:
                kind, edited = found
                assert (kind in GROWING) == (corrupting in GROWING)
                grown = len(Subject(edited.premises, edited.goal, edited.proof, subject.language).steps)
                assert (grown > len(subject.steps)) == (corrupting in GROWING)


def test_what_is_reasoned_may_be_right_or_wrong(pool: list[Subject]) -> None:
    """The same operator adds steps that follow and fallacies, so that a step more does not tell which proof it is."""
    kinds = ("reasoned_step",)
    assert sum(preserve(s, Random(i), kinds) is not None for i, s in enumerate(pool)) >= 3
    wrong = [corrupt(s, Random(i), kinds, "logic") for i, s in enumerate(pool)]
    assert any(w is not None and w.failure.diagnosis == "fallacy" for w in wrong)


def test_an_error_has_a_line(pool: list[Subject]) -> None:
    """No corruption is a sound proof of another formula: that would have no line to name."""
    for index, subject in enumerate(pool):
        wrong = corrupt(subject, Random(index))
        assert wrong is None or wrong.failure.line > 0


def test_varied_formulas_differ() -> None:
    """Varying a formula, or flipping a negation in it, never gives it back."""
    rng = Random(1)
    for text in ("A", "(~ A)", "(A & (B ==> (~ C)))", "((A <==> B) | C)", "false"):
        f = parse_formula(text)
        for _ in range(50):
            assert vary(f, ("A", "B", "C"), rng) is not f
            assert flip_negation(f, rng) is not f


def test_invalid_inferences_have_countermodels() -> None:
    """A disturbed inference comes with an assignment that makes its sources true and its target false."""
    sources = tuple(map(parse_formula, ("(A ==> B)", "A")))
    found = [invalid_inference(sources, parse_formula("B"), Random(seed)) for seed in range(10)]
    assert all(found)
    for item in found:
        assert item is not None
        premises, target, model = item
        full = {name: model.get(name, False) for name in atoms(*premises, target)}
        assert all(evaluate(p, full) for p in premises)
        assert not evaluate(target, full)


def test_splice() -> None:
    """Disjoint spans are replaced at once, whatever their order."""
    assert splice("abcdef", [(4, 5, "E"), (0, 2, ""), (6, 6, "!")]) == "cdEf!"


def test_corruption_is_reproducible(pool: list[Subject]) -> None:
    """Equal generators give equal edits."""
    for subject in pool[:4]:
        one, two = corrupt(subject, Random(3)), corrupt(subject, Random(3))
        assert (one is None) is (two is None)
        if one is None or two is None:
            continue
        assert (one.kind, one.edited) == (two.kind, two.edited)
