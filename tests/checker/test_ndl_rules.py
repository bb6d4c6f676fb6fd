"""Every rule of the table: what it concludes, what must hold, what it refuses."""

from __future__ import annotations

from itertools import product

import pytest

from proofgrid.checker import RULES, check, parse_formula
from proofgrid.checker.formulas import FALSE, Formula, atoms, build, evaluate
from proofgrid.checker.rules import instantiate, match, results

CONCLUDES = [
    ("claim on A", "A", "A"),
    ("left-and on (A & B)", "(A & B)", "A"),
    ("right-and on (A & B)", "(A & B)", "B"),
    ("both on A, B", "A # B", "(A & B)"),
    ("mp on (A ==> B), A", "(A ==> B) # A", "B"),
    ("left-either on A, B", "A", "(A | B)"),
    ("right-either on A, B", "B", "(A | B)"),
    ("cases on (A | B), (A ==> C), (B ==> C)", "(A | B) # (A ==> C) # (B ==> C)", "C"),
    ("absurd on A, (~ A)", "A # (~ A)", "false"),
    ("absurd on (~ A), A", "A # (~ A)", "false"),
    ("dn on (~ (~ A))", "(~ (~ A))", "A"),
    ("left-iff on (A <==> B)", "(A <==> B)", "(A ==> B)"),
    ("right-iff on (A <==> B)", "(A <==> B)", "(B ==> A)"),
    ("equiv on (A ==> B), (B ==> A)", "(A ==> B) # (B ==> A)", "(A <==> B)"),
    ("ex-middle on (A & B)", "C", "((A & B) | (~ (A & B)))"),
    ("dm on (~ (A & B))", "(~ (A & B))", "((~ A) | (~ B))"),
    ("dm on (~ (A | B))", "(~ (A | B))", "((~ A) & (~ B))"),
    ("dm on (~ (A & (~ B)))", "(~ (A & (~ B)))", "((~ A) | (~ (~ B)))"),
    ("dsyl on (A | B), (~ A)", "(A | B) # (~ A)", "B"),
    ("dsyl on (A | B), (~ B)", "(A | B) # (~ B)", "A"),
    ("dsyl on ((~ A) | B), A", "((~ A) | B) # A", "B"),
    ("dsyl on (A | (~ B)), B", "(A | (~ B)) # B", "A"),
    ("neg-cond on (~ (A ==> B))", "(~ (A ==> B))", "(A & (~ B))"),
    ("neg-cond on (A & (~ B))", "(A & (~ B))", "(~ (A ==> B))"),
    ("neg-bicond on (~ (A <==> B))", "(~ (A <==> B))", "((A & (~ B)) | ((~ A) & B))"),
    ("neg-bicond on ((A & (~ B)) | ((~ A) & B))", "((A & (~ B)) | ((~ A) & B))", "(~ (A <==> B))"),
    ("from-false on A", "false", "A"),
    ("mt on (A ==> B), (~ B)", "(A ==> B) # (~ B)", "(~ A)"),
    ("mt on (A ==> (~ B)), B", "(A ==> (~ B)) # B", "(~ A)"),
    ("mt on ((~ A) ==> B), (~ B)", "((~ A) ==> B) # (~ B)", "(~ (~ A))"),
    ("cond-def on (A ==> B)", "(A ==> B)", "((~ A) | B)"),
    ("cond-def on ((~ A) | B)", "((~ A) | B)", "(A ==> B)"),
    ("bicond-def' on (A <==> B)", "(A <==> B)", "((A & B) | ((~ A) & (~ B)))"),
    ("bicond-def' on ((A & B) | ((~ A) & (~ B)))", "((A & B) | ((~ A) & (~ B)))", "(A <==> B)"),
    ("from-complements on C, A, (~ A)", "A # (~ A)", "C"),
    ("from-complements on C, (~ A), A", "A # (~ A)", "C"),
    ("by-contradiction on A, ((~ A) ==> false)", "((~ A) ==> false)", "A"),
    ("by-contradiction on (~ A), (A ==> false)", "(A ==> false)", "(~ A)"),
]


@pytest.mark.parametrize(("step", "premises", "conclusion"), CONCLUDES, ids=[c[0] for c in CONCLUDES])
def test_a_rule_concludes_what_the_table_says(step: str, premises: str, conclusion: str) -> None:
    """Each form of each rule concludes its formula, bare and annotated."""
    problem = f"{premises} # {conclusion}"
    assert check(problem, step, mode="strict").strict
    assert check(problem, f"{conclusion} BY {step}", mode="strict").strict


def test_every_rule_is_tested() -> None:
    """The examples above use every rule of the table."""
    assert {step.split()[0] for step, _, _ in CONCLUDES} == set(RULES)


@pytest.mark.parametrize("name", list(RULES))
def test_what_must_hold_must_hold(name: str) -> None:
    """Without its premises each form fails with notInAB and the first missing formula, or needs none."""
    rule = RULES[name]
    bindings = {parse_pattern(v): parse_formula(v.upper()) for v in "pqr"}
    for form in rule.forms:
        arguments = [instantiate(pattern, bindings) for pattern in form.arguments]
        needed = [arguments[i] for i in form.holds] + list(form.requires)
        conclusion = instantiate(form.concludes, bindings)
        text = f"{name} on {', '.join(map(str, arguments))}"
        verdict = check(([], conclusion), text)
        if not needed:
            assert verdict.strict
            continue
        assert verdict.failure is not None
        assert (verdict.failure.kind, verdict.failure.missing) == ("notInAB", str(needed[0]))
        for i in range(len(needed)):
            given = needed[:i] + needed[i + 1 :]
            if needed[i] not in given:
                failure = check((given, conclusion), text).failure
                assert failure is not None
                assert failure.missing == str(needed[i])


@pytest.mark.parametrize("name", list(RULES))
def test_a_wrong_number_of_arguments_is_malformed(name: str) -> None:
    """One argument too many is a type error that says how the rule is used."""
    text = f"{name} on {', '.join(['A'] * (RULES[name].arity + 1))}"
    failure = check("A # A", text).failure
    assert failure is not None
    assert (failure.kind, failure.class_) == ("malformedRuleApp", "type")
    assert f"{name} on" in (failure.hint or "")


def parse_pattern(name: str) -> Formula:
    """A metavariable of the table."""
    from proofgrid.checker.parsing import parse_pattern as read

    return read(name)


@pytest.mark.parametrize("name", list(RULES))
def test_every_form_is_sound(name: str) -> None:
    """By truth tables, what must hold entails what is concluded."""
    for form in RULES[name].forms:
        needed = [form.arguments[i] for i in form.holds] + list(form.requires)
        letters = atoms(*needed, form.concludes)
        for values in product((False, True), repeat=len(letters)):
            row = dict(zip(letters, values, strict=True))
            assert not all(evaluate(f, row) for f in needed) or evaluate(form.concludes, row)


def test_the_table_speaks_english() -> None:
    """Each rule has one sentence that shows how it is written."""
    for rule in RULES.values():
        assert f"`{rule.name} on" in rule.english
        assert rule.english.endswith(".")


def test_matching_binds_metavariables_consistently() -> None:
    """A metavariable that occurs twice must stand for the same formula."""
    pattern = parse_formula("(A ==> A)")
    assert match(pattern, parse_formula("((B & C) ==> (B & C))"), {})
    assert not match(pattern, parse_formula("(B ==> C)"), {})
    assert [str(c) for _, c in results(RULES["dsyl"], [parse_formula("(A | A)"), parse_formula("(~ A)")])] == ["A", "A"]


@pytest.mark.parametrize("name", list(RULES))
def test_what_a_form_gives_is_what_matching_and_instantiating_give(name: str) -> None:
    """For all instances of what stands at a place in any form of the rule, fitting one another or not."""
    meant = [build("atom", "A"), build("atom", "B"), FALSE, build("~", build("atom", "A"))]
    forms = RULES[name].forms
    places = [
        {
            instantiate(form.arguments[i], dict(zip(map(parse_pattern, "pqr"), values, strict=True)))
            for form in forms
            for values in product(meant, repeat=3)
        }
        for i in range(RULES[name].arity)
    ]
    fits = dict.fromkeys(map(id, forms), 0)
    for arguments in product(*(sorted(place | set(meant), key=str) for place in places)):
        for form in forms:
            bindings: dict[Formula, Formula] = {}
            fit = all(match(p, f, bindings) for p, f in zip(form.arguments, arguments, strict=True))
            assert form.gives(*arguments) is (instantiate(form.concludes, bindings) if fit else None)
            fits[id(form)] += fit
    assert all(fits.values())


def test_where_two_forms_fit_the_annotation_decides() -> None:
    """(~ A) is the complement of both sides of (A | (~ (~ A))): either other side may be concluded."""
    premises = "(A | (~ (~ A))) # (~ A)"
    for goal in ("A", "(~ (~ A))"):
        assert check(f"{premises} # {goal}", f"{goal} BY dsyl on premise-1, premise-2", mode="strict").strict
