"""Totality: whatever the text, of whatever size, there is a verdict; the work grows in proportion to the text.

Work is counted in function calls (sys.setprofile), not seconds, so these tests do not depend on the machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from proofgrid.checker import check, parse_problem
from proofgrid.checker.limits import LimitReached

N = 20_000

HUGE: dict[str, Callable[[int], str]] = {
    "nested parentheses": lambda n: "claim on " + "(" * n + "A" + ")" * n,
    "parentheses that never close": lambda n: "claim on " + "(A & " * n,
    "parentheses that open nothing": lambda n: "claim on " + ")" * n,
    "negations": lambda n: "claim on " + "~" * n + "A",
    "negations in parentheses": lambda n: "claim on " + "(~ " * n + "A" + ")" * n,
    "steps": lambda n: "{" + ";\n".join(f"x{i} := A BY claim on A" for i in range(n // 8)) + "}",
    "steps without semicolons": lambda n: "{" + "\n".join(f"x{i} := A BY claim on A" for i in range(n // 8)) + "}",
    "steps without braces": lambda n: ";\n".join(f"x{i} := A BY claim on A" for i in range(n // 8)),
    "nested assumes": lambda n: "assume A {" * (n // 8) + "claim on A" + "}" * (n // 8),
    "assumes left open": lambda n: "assume A {" * (n // 8),
    "braces": lambda n: "{" * n + "claim on A" + "}" * n,
    "closing braces": lambda n: "}" * n,
    "proofs as arguments": lambda n: "claim on (" * (n // 8) + "claim on A" + ")" * (n // 8),
    "a proof deep in parentheses": lambda n: "claim on " + "(" * n + "claim on A" + ")" * n,
    "a proof deep in open parentheses": lambda n: "claim on " + "(" * n + "claim on A",
    "arguments": lambda n: "mp on " + "A, " * (n // 2) + "A",
    "stray commas": lambda n: "mp on " + "A, " * (n // 2),
    "labels": lambda n: "x := " * (n // 4) + "claim on A",
    "defined labels": lambda n: "{ " + "x := " * (n // 4) + "A; claim on A }",
    "identifiers": lambda n: "A " * (n // 2),
    "semicolons": lambda n: ";" * n,
    "dashes": lambda n: "-" * n,
    "equals signs": lambda n: "=" * n,
    "arrow tails": lambda n: "<-" * (n // 2),
    "assignments": lambda n: ":= " * (n // 2),
    "keywords": lambda n: "BY on " * (n // 4),
    "surrogates": lambda n: "\ud800" * n,
    "null characters": lambda n: "claim on A" + "\0" * n,
    "Unicode connectives": lambda n: "∧" * n,
    "quotes": lambda n: "'" * n,
    "comments": lambda n: "# x\n" * (n // 4) + "claim on A",
    "one long name": lambda n: "claim on " + "a" * n,
    "blank lines": lambda n: "\n" * n + "claim on A",
    "a growing shared formula": lambda n: "{ x := claim on A; " + "; ".join(["x := both on x, x"] * (n // 16)) + " }",
    "a growing defined formula": lambda n: "{ x := A; " + "; ".join(["x := (x & x)"] * (n // 16)) + "; claim on x }",
    "a long conjunction": lambda n: "claim on (" + " & ".join(f"A{i}" for i in range(n // 8)) + ")",
    "wrong steps": lambda n: "{" + ";".join(["C BY claim on A"] * (n // 16)) + "}",
    "tolerated steps": lambda n: "{" + ";".join(["(B & A) BY both on A, B"] * (n // 16)) + "}",
    "failing steps": lambda n: "{" + ";".join(f"C BY claim on D{i}" for i in range(n // 16)) + "}",
}  # fmt: skip


def work(text: str, **options: Any) -> int:
    """Function calls that a check makes."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        verdict = check("A # B # A", text, **options)
    finally:
        sys.setprofile(None)
    assert verdict.correct or verdict.failure is not None
    assert verdict.failure is None or verdict.failure.class_ != "limit"
    return calls


@pytest.mark.parametrize("name", list(HUGE))
def test_work_grows_linearly(name: str) -> None:
    """Four times the text costs at most about four times the calls (5.5 with the constant parts of small checks)."""
    make = HUGE[name]
    check("A # A", "claim on A")  # the grammar is built once
    small, large = work(make(N // 4)), work(make(N))
    assert large <= 5.5 * small + 20_000


@pytest.mark.parametrize("name", ["wrong steps", "failing steps", "nested assumes", "tolerated steps"])
def test_work_grows_linearly_with_all_failures(name: str) -> None:
    """Going on after failures costs no more than in proportion."""
    make = HUGE[name]
    work(make(N // 16), all_failures=True)  # what is made once is made
    assert work(make(N), all_failures=True) <= 6 * work(make(N // 4), all_failures=True) + 20_000


def test_the_stated_sizes() -> None:
    """10 MB in one comment, 100,000 parentheses, 5,000 nested assumes with names: verdicts, not recursion errors."""
    assert check("A # A", "# " + "x" * 10_000_000 + "\nclaim on A").strict
    assert check("A # A", HUGE["nested parentheses"](100_000)).strict
    depth = 5_000
    deep = "x := assume h := A { y := claim on h; " * depth + "claim on A" + "}" * depth
    assert check("A # B", deep).conclusion is not None
    assert parse_problem("(" * 100_000 + "A" + ")" * 100_000)[1] is parse_problem("A")[1]


def test_verdicts_stay_small() -> None:
    """A failure over a formula of 2^2000 characters has short fields and messages."""
    proof = "{ x := A; " + "; ".join(["x := (x & x)"] * 2000) + "; (D | x) BY left-either on x, D }"
    failure = check("A # B", proof).failure
    assert failure is not None
    assert failure.missing is not None
    assert 1_000 <= len(failure.missing) <= 20_000
    assert len(json.dumps(check("A # B", proof).to_json())) <= 200_000
    assert failure.missing.endswith("…")
    assert len(failure.message) < 400


def test_over_the_limits_there_is_no_verdict() -> None:
    """Over 20 MB the outcome is checkerLimit: neither correct nor a failure of the proof."""
    verdict = check("A # A", "#" + "x" * 20_000_000)
    assert not verdict.correct
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.failure.class_) == ("checkerLimit", "limit")


def test_too_many_steps_are_over_the_limits() -> None:
    """More than 500,000 steps: checkerLimit."""
    text = "{" + "x:=claim on A;" * 500_001 + "}"
    failure = check("A # A", text).failure
    assert failure is not None
    assert failure.kind == "checkerLimit"


def test_failures_listed_are_bounded() -> None:
    """After 1,000 failures evaluation stops."""
    verdict = check("A # B", "{" + ";".join(["C BY claim on D"] * 3000) + "}", all_failures=True)
    assert len(verdict.failures) <= 1001


def test_limit_errors_are_the_packages_own() -> None:
    """LimitReached never escapes check."""
    assert issubclass(LimitReached, Exception)


@pytest.mark.parametrize("piece", ["(", "f(", "~", "→", "✅", ";", "mp, 0, 0; ", "A ", "|---\n"])
def test_what_is_no_proof_costs_only_its_beginning(piece: str) -> None:
    """A long text in which hardly a step is meant is not repaired: four times as much takes hardly more calls."""
    check("A # A", "claim on A")
    small, large = (work(piece * (size // len(piece))) for size in (60_000, 240_000))
    assert large <= 1.5 * small + 5_000


def test_a_long_careless_proof_is_still_repaired() -> None:
    """Length alone refuses nothing: a long proof is read through its slips, a long formula as it stands."""
    steps = "\n".join(f"x{k} := A BY claim(A)" for k in range(4_000))
    verdict = check("A # A", "{" + steps + "\nclaim on A")
    assert verdict.correct
    assert verdict.fixes
    assert check("A # A", "claim on " + "(~ " * 25_000 + "A" + ")" * 25_000).failure.kind == "notInAB"  # type: ignore[union-attr]
