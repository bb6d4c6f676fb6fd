"""A verdict whose words are made when they are read says what one says whose words are made at once."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace

import pytest

from proofgrid.checker import check
from proofgrid.checker.verdict import Failure, Verdict

PROBLEM = "(A & B) # (A ==> C) # C"
WRONG = [
    "C BY claim on C",
    "C BY mp on premise-2, B",
    "{A BY dsyl on premise-1; C BY mp on premise-2, A}",
    "{x := left-and on premise-1; C BY claim on premise-3}",
    "{x := left-amd on premise-1; mp on premise-2, x}",
    "{x := left-and on premise-1; mp on premise-2, y}",
    "assume D {C BY claim on MASK1}",
    "suppose-absurd D {claim on premise-1}",
    "assume x {claim on premise-1}",
    "{(~ A) BY left-and on premise-1; mp on premise-2, x}",
    "left-and on",
    "{D BY both on premise-2, A, B}",
    "C BY mp on premise-2, A\r\n",
]


def timed(proof: str, **options: object) -> Verdict:
    """A verdict under a timeout that never comes: all of it is made at once."""
    return check(PROBLEM, proof, timeout=1e9, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("proof", WRONG)
@pytest.mark.parametrize("mode", ["strict", "instrumented"])
def test_words_made_later_are_the_words_made_at_once(proof: str, mode: str) -> None:
    """All of a verdict's fields are the same in either way, whichever is read first."""
    at_once = timed(proof, mode=mode)
    assert at_once.failure is not None
    assert at_once.failure.untold is None
    assert check(PROBLEM, proof, mode=mode).to_json() == at_once.to_json()  # type: ignore[arg-type]
    for field in fields(Failure):
        failure = check(PROBLEM, proof, mode=mode).failure  # type: ignore[arg-type]
        assert getattr(failure, field.name) == getattr(at_once.failure, field.name)


def test_what_and_where_are_there_without_the_words() -> None:
    """Reading the kind, class, step, line and column of a failure makes no words; reading the message makes all."""
    failure = check(PROBLEM, WRONG[0]).failure
    assert failure is not None
    assert (failure.kind, failure.class_, failure.step, failure.line, failure.column) == ("notInAB", "logic", 1, 1, 6)
    assert failure.untold is not None
    assert "does not hold" in failure.message
    assert failure.untold is None


def test_copies_pickles_and_comparisons_read_everything() -> None:
    """A verdict that nobody has read is equal to, copied, pickled and replaced like one that was."""
    read = timed(WRONG[2])
    assert check(PROBLEM, WRONG[2]) == read
    assert pickle.loads(pickle.dumps(check(PROBLEM, WRONG[2]))) == read
    assert copy.deepcopy(check(PROBLEM, WRONG[2])) == read
    assert replace(check(PROBLEM, WRONG[2]), steps=7) == replace(read, steps=7)
    assert repr(check(PROBLEM, WRONG[2])) == repr(read)


def test_a_field_that_is_none_is_an_attribute_error() -> None:
    """An unknown attribute raises AttributeError and makes no words."""
    failure = check(PROBLEM, WRONG[0]).failure
    assert failure is not None
    assert not hasattr(failure, "no_such_field")
    assert failure.untold is not None
