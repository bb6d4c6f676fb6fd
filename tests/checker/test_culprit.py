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
    ],
)
def test_the_culprit_is_underlined(problem: str, proof: str, found: list[tuple[str, str]]) -> None:
    """Of each kind of failure the part to blame comes first, with what is needed, then what goes with it."""
    if found:
        assert pointed(problem, proof, profile="surface") == found
    else:
        assert check(problem, proof).correct


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
