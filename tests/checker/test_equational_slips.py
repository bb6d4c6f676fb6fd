"""What the instrumented reader of chains reads through (docs/spec.md sections 3, 5), slip by slip, and what not."""

from __future__ import annotations

import random
import re
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import Verdict, check
from proofgrid.checker.equational import (
    EquationalProblem,
    as_read,
    check_chain,
    parallel_rewrites,
    parse_equation,
    parse_equational_problem,
    variables,
)
from tests.checker.judges import brute_sets, random_equations, random_term

PROBLEM = "E1: f1(X) = g(X,a) # E2: a = b # E3: g(X,Y) = g(Y,X) # f1(c) = g(b,c)"
CHAIN = "s = f1(c)\n  = g(c,a) by E1\n  = g(b,c) by E2, E3\n"
RIGHT = "s = f1(c)\n  = g(c,a) by E1\n  = g(c,b) by E2\n  = g(b,c) by E3\n"


def verdict_on(chain: str, **options: object) -> Verdict:
    """The verdict on a chain from f1(c) to g(b,c)."""
    return check(PROBLEM, chain, language="equational", **options)  # type: ignore[arg-type]


def written(old: str, new: str) -> str:
    """The right chain with one piece written differently (it must be there)."""
    assert old in RIGHT
    return RIGHT.replace(old, new)


SLIPS: dict[str, tuple[str, str]] = {
    "a Unicode arrow": (written("  = g(c,a)", "  → g(c,a)"), "connective"),
    "a double arrow": (written("  = g(c,a)", "  ⟹ g(c,a)"), "connective"),
    "LaTeX": (written("  = g(c,a)", r"  \to g(c,a)"), "connective"),
    "an HTML entity": (written("  = g(c,a)", "  &rarr; g(c,a)"), "connective"),
    "an ASCII arrow": (written("  = g(c,a)", "  -> g(c,a)"), "relation"),
    "an implication": (written("  = g(c,a)", "  ==> g(c,a)"), "relation"),
    "a double sign": (written("  = g(c,a)", "  == g(c,a)"), "relation"),
    "a subscript": (written("f1(c)", "f₁(c)"), "subscript"),
    "a LaTeX subscript": (written("f1(c)", "f_{1}(c)"), "subscript"),
    "an underscore": (written("f1(c)", "f_1(c)"), "subscript"),
    "a subscript of a name": (written("by E1", "by E₁"), "subscript"),
    "wide characters": (written("g(c,a)", "g（c，a）"), "non-ascii"),
    "an emoji": (written("by E1", "by E1 ✅"), "non-ascii"),
    "backticks": (written("g(c,a)", "`g(c,a)`"), "emphasis"),
    "dollars": (written("g(c,a)", "$g(c,a)$"), "emphasis"),
    "emphasis": (written("by E1", "by **E1**"), "emphasis"),
    "a comment //": (written("by E1", "by E1 // first"), "comment"),
    "a comment %": (written("by E1", "by E1 % first"), "comment"),
    "a comment /* */": (written("by E1", "/* first\nof all */ by E1"), "comment"),
    "a comment --": (written("by E1", "by E1 -- first"), "comment"),
    "code fences": (f"```\n{RIGHT}```", "code-fence"),
    "bullets": (re.sub(r"(?m)^", "- ", RIGHT.rstrip()), "numbering"),
    "stars": (re.sub(r"(?m)^", "* ", RIGHT.rstrip()), "emphasis"),
    "numbers": (re.sub(r"(?m)^  =", "1. =", RIGHT), "numbering"),
    "numbers in brackets": (re.sub(r"(?m)^  =", "[1] =", RIGHT), "numbering"),
    "numbers in bold": (re.sub(r"(?m)^  =", "**1)** =", RIGHT), "emphasis"),
    "steps": (re.sub(r"(?m)^  =", "Step 1: ", RIGHT), "numbering"),
    "a table": (
        "| step | term | by |\n|---|---|---|\n| 0 | f1(c) | given |\n| 1 | g(c,a) | E1 |\n| 2 | g(c,b) | E2 |\n"
        "| 3 | g(b,c) | E3 |\n",
        "table",
    ),
    "a missing parenthesis": (written("f1(c)", "f1(c"), "missing-parentheses"),
    "missing parentheses before by": (written("g(c,a) by", "g(c,a by"), "missing-parentheses"),
    "an extra parenthesis": (written("g(c,a)", "g(c,a))"), "missing-parentheses"),
    "a final full stop": (written("by E1", "by E1."), "citation"),
    "a final comma": (written("s = f1(c)", "s = f1(c),"), "stray-punctuation"),
    "a direction": (written("by E1", "by E1 (left to right)"), "citation"),
    "a direction in letters": (written("by E1", "by E1 (LR)"), "citation"),
    "a direction as an arrow": (written("by E1", "by E1 L→R"), "citation"),
    "a position": (written("by E1", "by E1 at position []"), "citation"),
    "a Dewey position": (written("by E2", "by E2 at [2]"), "citation"),
    "a dotted position": (written("by E2", "by E2 at position 2"), "citation"),
    "the root": (written("by E3", "by E3 at the root"), "citation"),
    "the equation's text": (written("by E2", "by E2: a = b"), "citation"),
    "the equation's text in parentheses": (written("by E1", "by E1 (f1(X) = g(X,a))"), "citation"),
    "the word equation": (written("by E1", "by equation E1"), "citation"),
    "a number for a name": (written("by E1", "by equation 1"), "citation"),
    "Eq1": (written("by E1", "by Eq1"), "citation"),
    "e_1": (written("by E1", "by e_1"), "citation"),
    "QED": (RIGHT + "QED", "prose"),
    "a closing sentence": (RIGHT + "\nThis is the term that was wanted.", "prose"),
    "the problem's equations": (f"E1: f1(X) = g(X,a)\nassert E2: a = b\n{RIGHT}", "assert-repeated"),
    "all on one line": ("f1(c) = g(c,a) by E1 = g(c,b) by E2 = g(b,c) by E3", "start"),
    "two steps on one line": (written("by E1\n", "by E1 "), "missing-line-break"),
    "start:": (written("s = f1", "Start: f1"), "start"),
}


@pytest.mark.parametrize("slip", list(SLIPS))
def test_every_slip_is_read_through_and_named(slip: str) -> None:
    """It is a fix of its kind, strict mode refuses it, and the chain as read is strictly correct."""
    chain, kind = SLIPS[slip]
    verdict = verdict_on(chain)
    assert verdict.correct, verdict.failure
    assert not verdict.strict
    assert kind in {fix.kind for fix in verdict.fixes}
    assert not verdict_on(chain, mode="strict").correct
    assert verdict_on(as_read(PROBLEM, chain), mode="strict").correct


@pytest.mark.parametrize(
    ("chain", "kind", "line"),
    [
        (f"E2: a = c\n{RIGHT}", "Parsing", 1),
        (f"E9: a = b\n{RIGHT}", "Parsing", 1),
        (written("by E2", "by E2: a = c"), "Parsing", 3),
        (written("by E2", "by E9: a = b"), "Parsing", 3),
        (written("by E2", "by E2 (reversed)"), "malformedRuleApp", 3),
        (written("by E2", "by E2 from right to left"), "malformedRuleApp", 3),
        (written("by E2", "by E2 LR, E1 RL"), "Parsing", 3),
        (written("by E2", "by E2'"), "malformedRuleApp", 3),
        (written("by E2", "by E2^-1"), "malformedRuleApp", 3),
        (written("by E2", "by E7"), "undefinedName", 3),
        (RIGHT + "so g(b,c) = f1(c)", "Parsing", 5),
        (written("g(c,a)", "g(c,λ)"), "Parsing", 2),
        (written("g(c,a)", "g(c"), "Parsing", 2),
        (written("f1(c)", "f1(c, d"), "Parsing", 1),
        ("QED", "wrongTopConclusion", 0),
        (CHAIN, "wrongEquations", 3),
    ],
)
def test_what_is_no_slip_fails_where_it_stands(chain: str, kind: str, line: int) -> None:
    """Equations of one's own, a direction that steps do not have, unknown names: not read through."""
    failure = verdict_on(chain).failure
    assert failure is not None
    assert (failure.kind, failure.line) == (kind, line)


def test_a_stated_direction_is_the_one_that_is_checked() -> None:
    """Where steps may go either way, a line that says which is right only in that way."""
    backwards = "s = g(b,c)\n = g(a,c) by E2"
    problem = PROBLEM.rsplit("#", 1)[0] + "# g(b,c) = g(a,c)"
    for said, right in (("", True), (" (reversed)", True), (" R->L", True), ("'", True), (" left to right", False)):
        verdict = check(problem, backwards + said, language="equational", relation="symmetric", most=2)
        assert verdict.correct == right, said
    assert not check(problem, backwards, language="equational").correct


def test_the_relation_is_an_option_of_equational_chains_alone() -> None:
    """Elsewhere it is the caller's mistake."""
    with pytest.raises(ValueError, match="for equational chains"):
        check("A # A", "claim on A", relation="symmetric")
    with pytest.raises(ValueError, match="relation is"):
        check(PROBLEM, RIGHT, language="equational", relation="any")  # type: ignore[arg-type]


def test_no_fix_is_listed_that_did_not_help() -> None:
    """What was read after the first failure is no fix."""
    verdict = verdict_on("`s` = f1(c)\n = g(c,c) by `E1`\n = `g(c,b)` by E2 // and so on\n = g(")
    assert verdict.failure is not None
    assert verdict.failure.line == 2
    assert {fix.line for fix in verdict.fixes} == {1, 2}


_DAMAGE = [
    ("= ", "→ "), ("= ", "-> "), ("=", ""), (")", ""), ("(", "(("), (",", ""), ("by", "using"), ("by ", "["),
    ("E", "e"), ("E", "E_"), ("\n", "\n- "), ("\n", " "), ("\n", " // x\n"), ("1", "₁"), ("g(", "g_1("), ("a", "b"),
    ("a", "`a`"), ("E1", "E2"), ("E2", "E2 (reversed)"), (" by", ", by"), ("s =", ""), ("f(", "f1("), ("E1", "E1, E1"),
]  # fmt: skip


@given(st.integers(0, 10**6), st.integers(0, 4))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_what_is_accepted_after_damage_is_right_as_read(seed: int, times: int) -> None:
    """Over damaged chains: accepted means that the chain as read is strictly correct, and right by brute force."""
    rng = random.Random(seed)
    equations = random_equations(rng, 3)
    terms, lines = [random_term(rng, 3)], []
    for _ in range(3):
        reached = [(t, c) for t, c in islice(parallel_rewrites(terms[-1], equations, 2), 40) if not variables(t)]
        reached = [(t, c) for t, c in reached if len(str(t)) < 40]
        if not reached:
            break
        t, contractions = rng.choice(reached)
        terms.append(t)
        lines.append(f"  = {t} by {', '.join(c.equation.name for c in contractions)}")
    text = "\n".join([f"s = {terms[0]}", *lines])
    for _ in range(times):
        old, new = rng.choice(_DAMAGE)
        places = [match.start() for match in re.finditer(re.escape(old), text)]
        if places:
            at = rng.choice(places)
            text = text[:at] + new + text[at + len(old) :]
    problem = EquationalProblem({e.name: e for e in equations}, terms[0], terms[-1])
    verdict = check_chain(problem, text)
    assert verdict.strict == check_chain(problem, text, mode="strict").correct
    assert verdict.strict == (verdict.correct and not verdict.fixes)
    if not verdict.correct:
        return
    read = as_read(problem, text)
    assert check_chain(problem, read, mode="strict").strict
    before = parse_equation(f"{read.splitlines()[0][4:]} = a")[0]
    assert before is problem.start
    for line in read.splitlines()[1:]:
        match = re.fullmatch(r"  = (\S+) by (.+)", line)
        assert match is not None
        after = parse_equation(f"{match[1]} = a")[0]
        assert frozenset(match[2].split(", ")) in brute_sets(before, after, equations)
        before = after
    assert before is problem.goal


def test_problems_are_read_as_before() -> None:
    """The problem's own text has no slips: what cannot be read is the caller's to mend."""
    assert [e.name for e in parse_equational_problem(PROBLEM).equations.values()] == ["E1", "E2", "E3"]
