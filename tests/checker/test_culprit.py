"""Where the caret stands: under the argument that is to blame, with what the rule would take there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofgrid.checker import check
from proofgrid.checker.culprit import marks

MP = "(A ==> B) # A # B"


def pointed(problem: str, proof: str, **options: str) -> list[tuple[str, str]]:
    """The marked parts of the failing line with their labels, the culprit first."""
    failure = check(problem, proof, **options).failure  # type: ignore[arg-type]
    assert failure is not None
    return [(failure.text[m.column - 1 : m.column - 1 + m.length], m.label) for m in marks(failure)]


@pytest.mark.parametrize(
    ("problem", "proof", "found"),
    [
        (MP, "B BY mp on (A ==> B), C", [("C", "needs A"), ("(A ==> B)", "")]),
        (MP, "B BY mp on premise-2, premise-1", [("premise-2", "needs (p ==> q); this is A")]),
        (
            "(A | B) # (A ==> C) # C",
            "C BY cases on premise-1, premise-2, (D ==> C)",
            [("(D ==> C)", "needs (B ==> C)"), ("premise-1", "this is (A | B)"), ("premise-2", "this is (A ==> C)")],
        ),
        ("(A & B) # B", "B BY left-and on premise-1", []),
        ("A # B", "B BY both on A, C", [("C", "does not hold here")]),
        ("A # B", "{ A BY claim on A; B BY claim on A }", [("B", "claim gives A")]),
        ("(A ==> B) # (~ B) # B", "mt on premise-1, A", [("A", "needs (~ B)"), ("premise-1", "this is (A ==> B)")]),
        ("A # B", "B BY claim on nowhere", [("nowhere", "")]),
        ("A # B # (A & B)", "(A & B) BY both on A, B, premise-1", [("premise-1", "one too many")]),
        ("A # B # (A & B)", "(A & B) BY both on A, B, A, B", [("A, B", "2 too many")]),
        ("A # (~ A)", "suppose-absurd A { A BY claim on A }", [("suppose-absurd", "its body concludes A")]),
    ],
)
def test_the_culprit_is_underlined(problem: str, proof: str, found: list[tuple[str, str]]) -> None:
    """Of each kind of failure the part to blame comes first, with what is needed, then what goes with it."""
    if found:
        assert pointed(problem, proof, profile="surface") == found
    else:
        assert check(problem, proof).correct


@pytest.mark.parametrize(
    ("problem", "proof", "language", "found"),
    [
        (
            "(A | B) # C # A",
            "x := A from premise-1, C",
            "macro",
            [("A", "does not follow"), ("premise-1", "this is (A | B)"), ("C", "")],
        ),
        ("A # B", "(A &\n B) from A", "macro", [("from", "")]),
        ("A # A", "A from A, A, A, A, A, A", "macro", [("A", "one too many")]),
        (
            "A # B # C # D # E # F # (A & G)",
            "{ x := (A & B & C & D & E) from A, B, C, D, E; A from x, F }",
            "macro",
            [("x, F", "too much for one step")],
        ),
        (
            "A # (A ==> B) # B",
            "0. A, Premise1;\n1. (A ==> B), Premise2;\n2. (B ==> C), mp, 1, 0;",
            "hilbert",
            [("(B ==> C)", "mp gives B")],
        ),
        ("A # A", "0. (A ==> (B ==> C)), Axiom1;", "hilbert", [("(A ==> (B ==> C))", "no instance of Axiom1")]),
        (
            "E1: f(X) = g(X,a) # h(a, b, f(b)) = h(a, b, g(b,a))",
            "s = h(a, b, f(b))\n= h(a, b , g( b, f(f(a)) )) by E1",
            "equational",
            [("g( b, f(f(a)) )", "E1 gives g(b,a)")],
        ),
        ("E1: f(X) = a # E2: f(b) = b # f(b) = b", "s = f(b)\n= b by E1", "equational", [("E1", "by E2 it is right")]),
        ("E1: f(X) = a # f(b) = b", "s = f(b)\n= b by E1", "equational", [("b", "E1 gives a")]),
    ],
)
def test_the_culprit_is_underlined_in_every_language(
    problem: str, proof: str, language: str, found: list[tuple[str, str]]
) -> None:
    """The conclusion, the surplus arguments or the term that is wrong is marked, not the word before them."""
    assert pointed(problem, proof, language=language) == found


def test_where_no_argument_is_on_the_line_the_rule_is_marked() -> None:
    """An argument on another line cannot be underlined; the rule is, without a word."""
    assert pointed(MP, "B BY mp on (A ==> B),\n  C") == [("mp", "")]


def test_a_failure_of_the_whole_has_no_mark() -> None:
    """A sound proof of something else has no line to mark."""
    failure = check("(A & B) # B", "A BY left-and on premise-1").failure
    assert failure is not None
    assert marks(failure) == ()


WORDS = st.lists(
    st.sampled_from(
        [
            "A",
            "B",
            "(A ==> B)",
            "(~ A)",
            "mp",
            "on",
            "BY",
            ",",
            ";",
            "{",
            "}",
            "both",
            "premise-1",
            "claim",
            "\t",
            "\n",
            "é",
        ]
    ),
    max_size=25,
)


@given(WORDS)
def test_marks_lie_within_the_line(words: list[str]) -> None:
    """Whatever the text, every mark of every failure is inside its line, and the first one has a place."""
    for failure in check("(A ==> B) # A # B", " ".join(words), all_failures=True).failures:
        found = marks(failure)
        assert bool(found) == bool(failure.line)
        for mark in found:
            assert 1 <= mark.column <= len(failure.text) + 1
            assert mark.length >= 1
            assert mark.column + mark.length <= len(failure.text) + 2
