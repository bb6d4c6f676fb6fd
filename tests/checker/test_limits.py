"""Limits and places: work is counted, never timed; lines and columns are the same in all four languages."""

from __future__ import annotations

import gc
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofgrid.checker import Verdict, check, examine, limits
from proofgrid.checker.limits import LimitReached, TimeoutReached, Work, within_limits
from proofgrid.checker.places import Places, plain_text

PROOFS: dict[str, tuple[str, str]] = {
    "ndl": ("A # B # (A & B)", "both on A, B"),
    "macro": ("A # B # (A & B)", "(A & B) from A, B"),
    "hilbert": ("A # (A ==> B) # B", "0. A, Premise1;\n1. (A ==> B), Premise2;\n2. B, mp, 1, 0;"),
    "equational": ("E1: a = b # f(a) = f(b)", "s = f(a)\n = f(b) by E1"),
}
LANGUAGES = pytest.mark.parametrize("language", list(PROOFS))


def checked(language: str, text: str, **options: Any) -> Verdict:
    """The verdict on ``text`` for the language's example problem."""
    return check(PROOFS[language][0], text, language=language, **options)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 500), max_size=60), st.integers(0, 20_000))
def test_an_allowance_is_what_it_says(spent: list[int], units: int) -> None:
    """Spending stops exactly where the units are used up, with or without a timeout far away."""
    for timeout in (None, 1e9):
        work = Work(units=units, timeout=timeout)
        total = 0
        for part in spent:
            total += part
            if total > units:
                with pytest.raises(LimitReached):
                    work.spend(part)
                break
            work.spend(part)


def test_an_allowance_grows_with_the_text() -> None:
    """A million units and five a character."""
    work = Work(length=1000)
    work.spend(1_005_000)
    with pytest.raises(LimitReached):
        work.spend()


def test_a_timeout_that_has_passed_is_the_callers_own() -> None:
    """Past the caller's timeout the next spending says so; what is set aside is under the same timeout."""
    work = Work(length=10, timeout=-1.0)
    with pytest.raises(TimeoutReached, match="timeout of -1 seconds"):
        work.spend()
    with pytest.raises(TimeoutReached):
        work.aside(1_000).spend()
    Work(length=10).aside(10).spend(10)


SIXTY = {
    "ndl": f"{{ {'claim on A; ' * 60}claim on A }}",
    "macro": f"{{ {'A from A; ' * 60}A from A }}",
    "hilbert": "".join(f"{n}. A, Premise1;\n" for n in range(60)),
    "equational": "s = a\n" + " = a by E1\n" * 60,
}
"""Right proofs of so many steps: of A from A, and of a = a by E1."""


@LANGUAGES
def test_one_allowance_and_one_timeout_last_for_all_of_a_check(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty steps cost over twenty units and under five a character; a timeout that passes meanwhile ends it."""
    problem = "E1: a = a # a = a" if language == "equational" else "A # A"
    monkeypatch.setattr(limits, "BASE_WORK", 20)
    assert check(problem, SIXTY[language], language=language).correct  # type: ignore[arg-type]
    monkeypatch.setattr(limits, "_CHUNK", 20)
    clock = count()
    monkeypatch.setattr(limits, "monotonic", lambda: float(next(clock)))  # a second passes with every look
    failure = check(problem, SIXTY[language], language=language, timeout=1.5).failure  # type: ignore[arg-type]
    assert failure is not None
    assert "the caller's timeout" in failure.message
    monkeypatch.setattr(limits, "WORK_PER_CHARACTER", 0)
    assert not check(problem, SIXTY[language], language=language).correct  # type: ignore[arg-type]


@LANGUAGES
def test_a_callers_timeout_gives_no_verdict(language: str) -> None:
    """With a timeout that has passed the outcome is checkerLimit and its message blames the timeout."""
    verdict = checked(language, PROOFS[language][1], timeout=-1.0)
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.language) == ("checkerLimit", language)
    assert "the caller's timeout" in verdict.failure.message
    assert checked(language, PROOFS[language][1], timeout=1e6).strict
    if language in ("ndl", "macro"):
        seen = examine(*PROOFS[language], language=language, timeout=-1.0).verdict  # type: ignore[arg-type]
        assert seen.failure == verdict.failure


@pytest.mark.parametrize(
    ("error", "reason"),
    [(MemoryError(), "memory"), (RecursionError(), "nested"), (LimitReached("too much"), "too much")],
)
def test_one_place_makes_a_verdict_of_every_limit(error: Exception, reason: str) -> None:
    """A check that ran out of anything becomes one checkerLimit failure, in the mode and language asked for."""

    def failing(text: str, work: Work) -> Verdict:
        raise error

    verdict = within_limits(failing, "text", mode="strict", language="hilbert")
    assert (verdict.correct, verdict.mode, verdict.language) == (False, "strict", "hilbert")
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.failure.class_, verdict.failure.line) == ("checkerLimit", "limit", 0)
    assert reason in verdict.failure.message


@LANGUAGES
def test_over_20_megabytes_there_is_no_verdict(language: str) -> None:
    """In every language alike."""
    failure = checked(language, " " * 20_000_001).failure
    assert failure is not None
    assert failure.kind == "checkerLimit"


@LANGUAGES
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_the_ends_of_lines_make_no_difference(language: str, end: str) -> None:
    """A text with other line ends, correct or not, has the verdict of the same text with newlines."""
    problem, text = PROOFS[language]
    for proof in (text, "\n# a comment\n" * (language != "hilbert") + text.replace("B", "C").replace("f(b)", "f(c)")):
        for mode in ("strict", "instrumented"):
            expected = check(problem, proof, language=language, mode=mode)  # type: ignore[arg-type]
            assert check(problem, proof.replace("\n", end), language=language, mode=mode) == expected  # type: ignore[arg-type]


@LANGUAGES
def test_a_byte_order_mark_is_no_part_of_the_text(language: str) -> None:
    """It is no fix, it moves no column, and the proof stays strictly correct."""
    for text in (PROOFS[language][1], "?" + PROOFS[language][1]):
        plain, marked = checked(language, text), checked(language, "\ufeff" + text)
        assert replace(marked) == plain
    assert checked(language, "\ufeff" + PROOFS[language][1]).strict


@given(st.text(alphabet="ab\n\r\ufeff\u2028\x0b ", max_size=40))
def test_positions_agree_with_the_lines(text: str) -> None:
    """The place of an offset is where a person finds the character who counts lines and columns."""
    plain = plain_text(text)
    assert "\r" not in plain
    lines = plain.split("\n")
    places = Places(plain)
    assert [places.line_text(n + 1) for n in range(len(lines))] == lines
    for offset in range(len(plain) + 1):
        before = plain[:offset]
        place = places.at(offset)
        assert place.line == before.count("\n") + 1
        assert place.column == offset - (before.rfind("\n") + 1) + 1
        assert place.text == lines[place.line - 1]


def test_a_long_line_is_cut() -> None:
    """What a verdict shows of a line is bounded."""
    assert len(Places("x" * 100_000).at(5).text) == 20_000


@pytest.mark.parametrize("options", [{}, {"timeout": 0}])
def test_the_garbage_collector_is_as_it_was(options: dict[str, float]) -> None:
    """A long check does without collections, and leaves the collector as its caller had it, also where it fails."""
    long = "{" + "x:=claim on A;" * 5_000 + "}"
    check("A # A", long, **options)  # type: ignore[arg-type]
    assert gc.isenabled()
    gc.disable()
    try:
        check("A # A", long, **options)  # type: ignore[arg-type]
        assert not gc.isenabled()
    finally:
        gc.enable()
