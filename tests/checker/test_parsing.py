"""Reading formulas and problems."""

from __future__ import annotations

import pytest

from proofgrid.checker import FormulaSyntaxError, ProblemSyntaxError, check, parse_formula, parse_problem


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("(~A & B ==> C | D)", "(((~ A) & B) ==> (C | D))"),
        ("A & B & C", "(A & (B & C))"),
        ("A | B & C", "(A | (B & C))"),
        ("(A ==> B ==> C)", "(A ==> (B ==> C))"),
        ("(A <==> B <==> C)", "(A <==> (B <==> C))"),
        ("(A ==> B <==> C)", "((A ==> B) <==> C)"),
        ("~~A", "(~ (~ A))"),
        ("(~ A ==> B)", "((~ A) ==> B)"),
        ("((A))", "A"),
        (" ( ~\n A1_2 ) ", "(~ A1_2)"),
        ("(true | false)", "(true | false)"),
        ("E3_59", "E3_59"),
    ],
)
def test_precedence_and_association(text: str, full: str) -> None:
    """Tightest first are ~ & | ==> <==>, and every binary connective associates to the right."""
    assert str(parse_formula(text)) == full
    assert parse_formula(text) is parse_formula(full)


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("(A & )", 5, "missing before ')'"),
        ("(A B)", 3, "connective is missing before 'B'"),
        ("A)", 1, "closes nothing"),
        ("(A", 2, "')' is missing"),
        ("", 0, "ends too soon"),
        ("A &", 3, "ends too soon"),
        ("A ∧ B", 2, "connective is missing"),
        ("(A & $)", 5, "not a symbol"),
        ("D_from_h1", 0, "no atom"),
        ("(A & b)", 5, "no atom"),
        ("A_x", 0, "no atom"),
    ],
)
def test_errors_name_the_place(text: str, offset: int, words: str) -> None:
    """What is no formula is an error at the offset of the first symbol that does not fit."""
    with pytest.raises(FormulaSyntaxError, match=words.replace("'", ".").replace(")", r"\)")) as caught:
        parse_formula(text)
    assert caught.value.offset == offset


def test_a_problem_is_premises_and_a_goal() -> None:
    """The last formula is the goal; there may be no premises."""
    premises, goal = parse_problem("A # (A ==> B) # B")
    assert [str(p) for p in premises] == ["A", "(A ==> B)"]
    assert str(goal) == "B"
    assert parse_problem("(A | ~A)")[0] == ()


@pytest.mark.parametrize("text", ["A # # B", "", "A # B &", "A # b"])
def test_an_unreadable_problem_is_an_error_that_says_which_formula(text: str) -> None:
    """An unreadable problem raises one sentence."""
    with pytest.raises(ProblemSyntaxError, match=r"the problem cannot be read: (the goal|premise 2)"):
        parse_problem(text)


def test_problems_may_be_pairs_of_formulas_or_texts() -> None:
    """check takes the one-line notation, texts and formulas."""
    for problem in ("A # B # A", (["A", "B"], "A"), ((parse_formula("A"), "B"), parse_formula("A"))):
        assert check(problem, "claim on A").strict


@pytest.mark.parametrize("problem", [3, ("A", "B"), (["A"],), (["A", "("], "A"), ([3], "A")])
def test_other_problems_are_refused(problem: object) -> None:
    """What is no problem raises ProblemSyntaxError."""
    with pytest.raises(ProblemSyntaxError):
        check(problem, "claim on A")


@pytest.mark.parametrize("option", [{"mode": "lax"}, {"profile": "x"}, {"language": "coq"}])
def test_unknown_options_are_refused(option: dict[str, str]) -> None:
    """An unknown option is a ValueError that lists the known ones."""
    with pytest.raises(ValueError, match=r"x|lax|coq"):
        check("A", "claim on A", **option)  # type: ignore[arg-type]
