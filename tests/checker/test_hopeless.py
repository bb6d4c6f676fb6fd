"""A fault that the beginning of a long text shows is the fault of the whole text, and little of the rest is read."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from proofgrid.checker import check
from proofgrid.checker.errors import ProofSyntaxError
from proofgrid.checker.formulas import TRUE
from proofgrid.checker.natural.hopeless import STARTS_AT, is_no_proof, lasting_fault, strict_fault
from proofgrid.checker.natural.lexer import blank_comments, tokenize
from proofgrid.checker.natural.parser import parse_tokens
from proofgrid.checker.natural.reading import Name
from proofgrid.checker.natural.repair import repair

WHOLE = (
    "x{n} := (A & A) BY both on A, A;\n",
    "assume h{n} := A {{ claim on A; y := A BY claim on h{n} }};\n",
    "cases on d, (assume A {{ claim on A }}), (assume B {{ claim on B }});\n",
    "y{n} := ((A & B) ==> (A | (~ B)));\n",
    "A BY claim(A);\n",
    "A -> B BY mp on c, d // why\n;",
    "(A ∧ ¬B) BY both on A, (~ B)\n",
    "# a remark; with ) marks {{\n",
)
WHOLE_MACRO = (
    "x{n} := (A & A) from A, A;\n",
    "assume h{n} := A {{ A from h{n}; y := A from h{n} }};\n",
    "C from d, (assume A {{ A from A }}), (assume B {{ B from B }});\n",
    "A from (A);\n",
    "(A ∧ ¬B) from A, (~ B) // why\n;",
)
FAULTS = (
    "( ",
    ") ",
    "{ ",
    "} ",
    "claim on claim on A; ",
    "[ ",
    "; ; ",
    "by by ",
    "/* ",
    "*/ ",
    "x := y := ",
    "@ ",
    "A B ",
    "GAP-1; ",
)


def _fault(text: str, language: Name, *, repaired: bool) -> tuple[str, int] | None:
    """What is wrong with the whole text, and where."""
    plain = blank_comments(text)
    tokens = repair(text, language, (), TRUE)[0] if repaired else tokenize(plain, language)
    try:
        parse_tokens(tokens, plain, language)
    except ProofSyntaxError as error:
        return str(error), error.offset
    return None


def _long(rng: random.Random, whole: Sequence[str] = WHOLE) -> str:
    """A proof of about 25 kB with some faults anywhere in it."""
    steps = [rng.choice(whole).format(n=n) for n in range(rng.randrange(700, 900))]
    for _ in range(rng.choice([0, 1, 1, 2, 5])):
        steps.insert(rng.randrange(len(steps)) if rng.random() < 0.5 else rng.randrange(150), rng.choice(FAULTS))
    return rng.choice(["", "{", "claim on ("]) + "".join(steps) + rng.choice(["", "claim on A }", ")"])


@pytest.mark.parametrize("seed", range(16))
def test_a_fault_of_the_beginning_is_the_fault_of_the_whole(seed: int) -> None:
    """Where the beginning of a long text decides, reading all of it finds the same fault at the same place."""
    macro = _long(random.Random(f"hopeless {seed}"), WHOLE_MACRO)
    either = _long(random.Random(f"hopeless {seed}"))
    rows: list[tuple[str, Name]] = [(either, "ndl"), (either, "macro"), (macro, "macro")]
    for text, language in rows:
        plain = blank_comments(text)
        if (found := strict_fault(plain, language)) is not None:
            assert (str(found), found.offset) == _fault(text, language, repaired=False)
        if (found := lasting_fault(text, plain, language, (), TRUE)) is not None:
            assert (str(found), found.offset) == _fault(text, language, repaired=True)


def test_a_fault_of_the_beginning_is_found_there() -> None:
    """The texts of these tests are such that a beginning does decide about some."""
    texts = [_long(random.Random(f"hopeless {seed}")) for seed in range(16)]
    found = [lasting_fault(text, blank_comments(text), "ndl", (), TRUE) is not None for text in texts]
    assert 3 <= sum(found) <= 13
    assert any(strict_fault(blank_comments(text), "ndl") is not None for text in texts)


def test_a_comment_before_a_fault_and_a_sign_behind_it_do_not_hide_it() -> None:
    """Only a comment that is closed further on may hold what looks like a fault of the beginning."""
    steps = "claim on A;\n" * 2_000
    for signs, found in (("/* so */", True), ("/*", True), ("/* so */ /*", True), ("/* so", False)):
        closing = "" if found else "*/"
        text = f"{{ claim on A; /* so */ claim on ; {signs} {steps} {closing} claim on A }}"
        fault = lasting_fault(text, blank_comments(text), "ndl", (), TRUE)
        assert fault is not None or not found
    text = f"{{ claim on A; /* {'claim on ; ' * 1_000} */ {steps} claim on A }}"
    assert lasting_fault(text, blank_comments(text), "ndl", (), TRUE) is None


def test_parentheses_that_stay_open_are_no_long_formula() -> None:
    """Only what is closed behind the beginning may be one long formula; what is closed within it says nothing."""
    opened = "( ( A ) " * 5_000
    assert is_no_proof(opened[: STARTS_AT - 1] + " ( " * STARTS_AT, "ndl")
    assert not is_no_proof(opened, "ndl")


def test_over_the_limit_of_nesting_there_is_no_verdict() -> None:
    """Blocks 100,000 deep are read, and one more is over the limit."""
    for depth, limit in ((100_000, False), (100_001, True)):
        failure = check("A # A", "{" * depth + "claim on A" + "}" * depth).failure
        assert (failure is not None and failure.kind == "checkerLimit") is limit


def test_what_is_opened_behind_a_fault_and_closed_further_on_does_not_hide_it() -> None:
    """Only a parenthesis opened before a fault may, closed behind the beginning, make one formula of all between."""
    steps = "claim on A;\n" * 2_000
    for closing, found in (("A ", True), ("A) ", True), ("A)) ", False)):
        text = f"{{ claim on A; (claim on ; {'claim on A; ' * 380} ( {'A ' * 400}{closing}; {steps} claim on A }}"
        assert (strict_fault(text, "ndl") is not None) == found
