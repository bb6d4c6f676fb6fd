"""The equational checker: chains as written, right and wrong, and what is said about a wrong step."""

from __future__ import annotations

import random
import re
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import ProblemSyntaxError, check
from proofgrid.checker.equational import (
    EquationalProblem,
    check_chain,
    format_problem,
    parallel_rewrites,
    parse_chain,
    parse_equational_problem,
    parse_term,
    rewrites_are_right,
    variables,
)
from proofgrid.checker.limits import MAX_BYTES
from tests.checker.judges import brute_sets, random_equations, random_term

PROBLEM = "E1: g(X,Y) = g(Y,X) # E2: f(f(X)) = X # E3: a = b # E4: h(c,V1,c) = h(V1,a,b) # g(f(f(a)),c) = g(c,b)"
CHAIN = """\
s = g(f(f(a)),c)       # the start
  = g(a,c) by E2
  = g(c,a) by E1
  g(c,b) by E3
"""


def test_a_right_chain_is_correct_and_comes_with_all_rewrites() -> None:
    """Position, redex, contractum and substitution of every contraction, a tuple a step."""
    verdict = check_chain(PROBLEM, CHAIN, mode="strict")
    assert verdict.correct
    assert verdict.strict
    assert (verdict.steps, verdict.conclusion) == (3, "g(f(f(a)),c) = g(c,b)")
    assert verdict.rewrites is not None
    first, second, third = (step[0] for step in verdict.rewrites)
    assert (first.equation, first.position, first.redex, first.contractum) == ("E2", (1,), "f(f(a))", "a")
    assert second.substitution == {"X": "a", "Y": "c"}
    assert (third.position, third.redex, third.contractum) == ((2,), "a", "b")
    data = verdict.to_json()
    assert data["rewrites"][0][0]["position"] == [1]


def test_several_disjoint_redexes_in_one_step() -> None:
    """h(f(f(a)),a,c) goes to h(a,b,c) by E2, E3 at once, in the positions' order."""
    problem = PROBLEM.rsplit("#", 1)[0] + "# h(a,f(f(a)),c) = h(b,a,c)"
    verdict = check(problem, "s = h(a,f(f(a)),c)\n= h(b,a,c) by E2, E3", language="equational")
    assert verdict.correct
    assert verdict.rewrites is not None
    assert [(r.equation, r.position) for r in verdict.rewrites[0]] == [("E3", (1,)), ("E2", (2,))]


def test_deep_rewrites_are_listed_only_as_far_as_there_is_room() -> None:
    """Positions count, too: each step has two rewrites of 100 + 4 * 201 + 2 characters, and 100,000 are kept."""
    deep = ["f(" * 200 + f"g({arguments})" + ")" * 200 for arguments in ("a,c", "b,d")]
    steps = "".join(f" = {deep[n % 2]} by E{n % 2}, D{n % 2}\n" for n in range(1, 71))
    problem = f"E1: a = b # E0: b = a # D1: c = d # D0: d = c # {deep[0]} = {deep[0]}"
    verdict = check(problem, f"s = {deep[0]}\n{steps}", language="equational")
    assert verdict.correct
    assert verdict.rewrites is not None
    assert len(verdict.rewrites) == 56


@pytest.mark.parametrize(
    ("step", "kind", "says", "fields"),
    [
        (
            "= g(b,c) by E2",
            "wrongContractum",
            "E2 rewrites f(f(a)) at position [1] to a, not to b",
            {"position": (1,), "equation": "E2", "expected": "a", "actual": "b", "possible": ()},
        ),
        ("= g(a,c) by E1", "wrongEquations", "it is by E2", {"possible": (("E2",),), "cited": ("E1",)}),
        ("= g(a,c) by E2, E3", "wrongEquations", "it is by E2", {"possible": (("E2",),)}),
        (
            "= g(a,b) by E4",
            "wrongEquations",
            "nor by any other set of the equations",
            {"possible": (), "hint": "E4's left side h(c,V1,c) matches no part of g(f(f(a)),c)"},
        ),
        ("= g(a,c)", "malformedRuleApp", "the step names no equation", {"possible": (("E2",),)}),
        ("= g(a,c) by E7", "undefinedName", "no equation is called 'E7' (there are: E1, E2, E3, E4)", {}),
        ("= g(a,x) by E2", "Parsing", "'x' is not a symbol of the signature", {}),
        ("= g(a,c) E2", "Parsing", "'by' and the equations used should stand here", {}),
        ("= g(a,c) by E2 !", "Parsing", "this is not the name of an equation", {}),
        ("= g(a) by E2", "Parsing", "'g' takes 2 arguments, not 1", {}),
        ("?? ??", "unfilled", "a gap is left in the chain", {}),
        ("= ?? by ??", "unfilled", "a gap is left in the chain", {}),
        ("= g(a,c) by ??", "unfilled", "a gap is left in the chain", {}),
        ("??", "unfilled", "a gap is left in the chain", {}),
    ],
)
def test_a_wrong_step_is_located_and_explained(step: str, kind: str, says: str, fields: dict[str, object]) -> None:
    """The two published forms of a wrong step, and everything that is not even a step."""
    verdict = check_chain(PROBLEM, f"s = g(f(f(a)),c)\n{step}\n")
    failure = verdict.failure
    assert failure is not None
    assert not verdict.correct
    assert verdict.rewrites is None
    assert (failure.kind, failure.line, failure.text) == (kind, 2, step)
    assert says in failure.message
    assert 1 <= failure.column <= len(step)
    for name, value in fields.items():
        assert getattr(failure, name) == value
    if kind.startswith("wrong"):
        assert failure.step == 1
        assert failure.inference is not None
        assert failure.inference.from_[0] == "g(f(f(a)),c)"


def test_a_chain_between_other_terms_is_the_wrong_conclusion() -> None:
    """It must start and end where the problem says."""
    failure = check_chain(PROBLEM, "s = g(f(f(a)),c)\n= g(a,c) by E2").failure
    assert failure is not None
    assert (failure.kind, failure.step, failure.line) == ("wrongTopConclusion", None, 0)
    assert (failure.expected, failure.actual) == ("g(f(f(a)),c) = g(c,b)", "g(f(f(a)),c) = g(a,c)")
    failure = check_chain(PROBLEM, "s = g(a,c)\n= g(c,a) by E1\n = g(c,b) by E3").failure
    assert failure is not None
    assert failure.message == "the chain starts at g(a,c), not at g(f(f(a)),c)"


def test_equations_go_left_to_right_unless_the_relation_is_symmetric() -> None:
    """EQ-PC's steps have one direction; EQ-GF's may all go backwards, with at most two equations."""
    problem = "E1: f(X) = X # E2: a = b # E3: c = d # h(b,d,e) = h(f(a),c,e)"
    backwards = "s = h(b,d,e)\n = h(a,c,e) by E2, E3\n = h(f(a),c,e) by E1"
    assert not check_chain(problem, backwards).correct
    assert check_chain(problem, backwards, relation="symmetric", most=2).correct
    failure = check_chain(problem, backwards, relation="symmetric", most=1).failure
    assert failure is not None
    assert (failure.kind, failure.possible) == ("malformedRuleApp", ())
    assert failure.message == "the step uses 2 equations; 1 are allowed"
    mixed = "s = h(b,d,e)\n = h(a,d,e) by E2\n = h(f(a),c,e) by E1, E3"
    failure = check_chain(problem, mixed.replace("d,e) by", "c,e) by"), relation="symmetric").failure
    assert failure is not None
    assert failure.possible == (("E2", "E3"),)
    wrong = "s = h(b,d,e)\n = h(c,c,e) by E2, E3"
    failure = check_chain(problem, wrong, relation="symmetric").failure
    assert failure is not None
    assert failure.kind in ("wrongContractum", "wrongEquations")
    wrong = "s = h(b,d,e)\n = h(f(a),d,e) by E1"
    failure = check_chain(problem, wrong, relation="symmetric").failure
    assert failure is not None
    assert "read from right to left, E1 rewrites f(a) at position [1] to a, not to b" in failure.message


def test_diagnosis_slip_fallacy_and_unknown() -> None:
    """A step by other equations is a slip; one that a two-element model refutes a fallacy; else nothing is claimed."""
    failure = check_chain(PROBLEM, "s = g(f(f(a)),c)\n= g(a,c) by E1").failure
    assert failure is not None
    assert failure.diagnosis == "slip"
    failure = check_chain(PROBLEM, "s = g(f(f(a)),c)\n= g(d,c) by E2").failure
    assert failure is not None
    assert failure.diagnosis == "fallacy"
    failure = check_chain(PROBLEM, "s = g(f(f(a)),c)\n= g(c,b) by E2").failure
    assert failure is not None
    assert failure.diagnosis is None


@pytest.mark.parametrize(
    ("chain", "kind"),
    [
        (CHAIN.replace("s = ", "", 1), "start"),
        (CHAIN.replace("s = g(f(f(a)),c)       # the start\n", "", 1), "start"),
        (CHAIN.replace("by E2", "by [E2]"), "citation"),
        (CHAIN.replace("by E2", "using E2"), "citation"),
        (CHAIN.replace("by E2", "[by E2]"), "citation"),
        (CHAIN.replace("by E2", "(E2)"), "citation"),
        (CHAIN.replace("by E2", "by e2"), "citation"),
        (CHAIN.replace("by E2", "by E2,"), "citation"),
        (CHAIN.replace("by E2", "by E2."), "citation"),
        (CHAIN.replace("by E2", "by E2, E2"), "citation"),
        (CHAIN.replace(" by E2", "\n by E2"), "citation"),
        (CHAIN.replace("= g(a", "-> g(a"), "relation"),
        (CHAIN.replace("s =", "s ->"), "relation"),
        (CHAIN.replace("= g(a", "→ g(a"), "connective"),
        (CHAIN.replace("  = g(a", "1. = g(a"), "numbering"),
        (CHAIN.replace("  = g(a", "Step 1: = g(a"), "numbering"),
        (f"```\n{CHAIN}```", "code-fence"),
    ],
)
def test_surface_slips_are_fixes(chain: str, kind: str) -> None:
    """Each is read through and recorded; strict mode refuses it and says why."""
    verdict = check_chain(PROBLEM, chain)
    assert verdict.correct, verdict.failure
    assert not verdict.strict
    assert kind in {fix.kind for fix in verdict.fixes}
    strict = check_chain(PROBLEM, chain, mode="strict")
    assert not strict.correct
    assert strict.failure is not None
    assert strict.failure.message.startswith("not in strict form")


def test_lists_of_equations_are_read_in_many_ways() -> None:
    """'and', '&', '+', a missing comma: all mean the set; two commas are one."""
    problem = "E1: a = b # E2: c = d # g(a,c) = g(b,d)"
    for cited in ("E1 and E2", "E1 & E2", "E1 E2", "E1,, E2", "{E2; E1}", "E1 + E2"):
        verdict = check_chain(problem, f"s = g(a,c)\n= g(b,d) by {cited}")
        assert verdict.correct, cited
        assert not verdict.strict
    assert check_chain(problem, "s = g(a,c)\n= g(b,d) by E2, E1", mode="strict").correct
    assert check_chain(problem, "s = g(a,c) = g(b,d) by E2, E1", mode="strict").correct
    assert check_chain(problem, "s = g(a,c)\r\n= g(b,d)  BY  E2 , E1\r\n").strict


@pytest.mark.parametrize(
    ("chain", "line", "says"),
    [
        ("", 1, "the proof is empty"),
        ("# nothing\n\n", 1, "the proof is empty"),
        ("s = ", 1, "the text ends where a term should stand"),
        ("s = g(f(f(a)),c) by E1", 1, "the start of the chain ends here"),
        ("s = g(f(f(a)),c)\n by E1", 2, "no step is before them"),
        ("s = g(f(f(a)),c)\n = g(a,c) by E2\n by E2", 3, "'by' is not a symbol of the signature"),
    ],
)
def test_what_is_no_chain_is_located(chain: str, line: int, says: str) -> None:
    """Parsing failures bear the line."""
    failure = check_chain(PROBLEM, chain).failure
    assert failure is not None
    assert (failure.kind, failure.line) == ("Parsing", line)
    assert says in failure.message


def test_the_first_bad_step_comes_before_a_later_unreadable_line() -> None:
    """As in the other languages; with all_failures both are listed."""
    chain = "s = g(f(f(a)),c)\n= g(b,c) by E2\n= g(b,(c) by E3"
    failure = check_chain(PROBLEM, chain).failure
    assert failure is not None
    assert (failure.kind, failure.line) == ("wrongContractum", 2)
    assert [f.line for f in check_chain(PROBLEM, chain, all_failures=True).failures] == [2, 3]


def test_all_failures_goes_on_from_the_term_given() -> None:
    """Two bad steps with a good one between; a gap makes the step after it unanswerable, not wrong."""
    chain = "s = g(f(f(a)),c)\n= g(b,c) by E2\n= g(c,b) by E1\n= g(c,d) by E3\n?? ??\n= g(c,e) by E1\n= g(e,c) by E1"
    failures = check_chain(PROBLEM, chain, all_failures=True).failures
    assert [(f.kind, f.line) for f in failures] == [
        ("wrongContractum", 2),
        ("wrongEquations", 4),
        ("unfilled", 5),
    ]


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        ("", "the goal is missing"),
        ("E1: a = b", "the goal is missing"),
        ("E1: a = b # E1: b = c # a = c", "two equations are called 'E1'"),
        ("E1: a b # a = c", "E1: '=' is missing here"),
        ("E1: a = b c # a = c", "E1: the equation ends here"),
        ("a = b # E1: a = c", "stands after the goal"),
        ("E1: a = b # a = q", "the goal: 'q' is not a symbol"),
    ],
)
def test_a_problem_that_cannot_be_read_is_the_callers(problem: str, says: str) -> None:
    """ProblemSyntaxError with one sentence, in check as in check_chain."""
    for call in (lambda: check_chain(problem, CHAIN), lambda: check(problem, CHAIN, language="equational")):
        with pytest.raises(ProblemSyntaxError, match=re.escape(says)):
            call()
    with pytest.raises(ProblemSyntaxError, match="an equational problem is one text"):
        check_chain(3, CHAIN)  # type: ignore[arg-type]


def test_a_problem_prints_as_it_reads() -> None:
    """One line or one part a line, and back."""
    problem = parse_equational_problem(PROBLEM.replace(" # ", "\n"))
    assert format_problem(problem) == PROBLEM
    assert check_chain(problem, CHAIN).correct
    assert [str(e) for e in problem.equations.values()][2] == "a = b"


def test_lines_of_a_chain_as_data() -> None:
    """parse_chain gives kinds, terms, names, places and step numbers; gaps have no number."""
    chain = parse_chain("s = a\n?? ??\n  = b by E1, E2\n= c\n= ?? by E3\n")
    assert [(x.kind, x.step, x.line) for x in chain.lines] == [
        ("start", None, 1),
        ("gap", None, 2),
        ("step", 1, 3),
        ("step", 2, 4),
        ("gap", None, 5),
    ]
    assert chain.lines[2].cited == ("E1", "E2")
    assert (chain.lines[2].column, chain.lines[2].cited_column) == (5, 10)
    assert chain.lines[3].cited is None
    assert chain.lines[4].cited == ("E3",)
    assert chain.failure is None


def test_the_limits() -> None:
    """Over 20 MB, or over 500,000 steps before the first that is wrong: checkerLimit."""
    for text in ("s = a\n" + "#" * MAX_BYTES, "s = a\n" + "= a by E1\n" * 500_001):
        failure = check_chain("E1: X = X # a = b", text).failure
        assert failure is not None
        assert failure.kind == "checkerLimit"


@pytest.mark.parametrize("seed", range(60))
def test_random_chains_and_chains_with_one_term_changed(seed: int) -> None:
    """A chain of parallel rewrites is accepted, its rewrites re-check; a change is judged as by brute force."""
    rng = random.Random(seed)
    equations = random_equations(rng, 3)
    terms, cited = [random_term(rng, 3)], []
    for _ in range(4):
        reached = [(t, c) for t, c in islice(parallel_rewrites(terms[-1], equations, 2), 40) if not variables(t)]
        reached = [(t, c) for t, c in reached if len(str(t)) < 40]
        if not reached:
            break
        t, contractions = rng.choice(reached)
        terms.append(t)
        cited.append([c.equation for c in contractions])
    lines = [f"s = {terms[0]}"]
    lines += [f"= {t} by {', '.join(e.name for e in used)}" for t, used in zip(terms[1:], cited, strict=True)]
    by_name = {e.name: e for e in equations}
    verdict = check_chain(EquationalProblem(by_name, terms[0], terms[-1]), "\n".join(lines), mode="strict")
    assert verdict.correct, verdict.failure
    assert verdict.rewrites is not None
    for s, t, step in zip(terms, terms[1:], verdict.rewrites, strict=False):
        assert rewrites_are_right(s, t, [(by_name[r.equation], r.position) for r in step])
    if len(terms) < 2:
        return
    n = rng.randrange(1, len(terms))
    changed = [*terms[:n], random_term(rng, 3), *terms[n + 1 :]]
    lines[n] = f"= {changed[n]} by {', '.join(e.name for e in cited[n - 1])}"
    verdict = check_chain(EquationalProblem(by_name, changed[0], changed[-1]), "\n".join(lines))
    bad = [
        k
        for k, used in enumerate(cited, 1)
        if frozenset(e.name for e in used) not in brute_sets(changed[k - 1], changed[k], equations)
    ]
    assert verdict.correct == (not bad)
    if bad:
        failure = verdict.failure
        assert failure is not None
        assert failure.step == bad[0]
        sets = brute_sets(changed[bad[0] - 1], changed[bad[0]], equations)
        assert {frozenset(p) for p in failure.possible or ()} == {g for g in sets if not any(h < g for h in sets)}
        assert failure.kind == "wrongContractum" or failure.equation is None


@given(st.text(alphabet="sabfgXYE123=()?, by#\n→>-[]`.", max_size=70))
@settings(derandomize=True, max_examples=400, deadline=None)
def test_any_text_gets_a_verdict(text: str) -> None:
    """Near-chains and noise: a verdict with a located failure, never an exception."""
    for mode in ("strict", "instrumented"):
        verdict = check_chain("E1: g(X,Y) = g(Y,X) # E2: a = b # g(a,b) = b", "s = g(a,b)\n" + text, mode=mode)  # type: ignore[arg-type]
        assert verdict.correct == (verdict.failure is None)
        assert verdict.failure is None or verdict.failure.message
        check_chain("E1: g(X,Y) = g(Y,X) # g(a,b) = b", text, all_failures=True)


@pytest.mark.parametrize(
    "line",
    [
        " " * 300_000 + "= g(a,c) by E2",
        "= g(a,c)" + " " * 300_000 + "by E9",
        "= g(a,c)" + " " * 300_000 + "[ by E9",
        "=" + " " * 300_000 + "??" + " " * 300_000 + "x",
        "= g(a,c) by E2" + ", E2" * 100_000,
        "= g(a,c) by E2" + "[" * 300_000,
        "= " + "f(" * 100_000,
        "= g(a,c) by E2 " + "#" * 300_000,
        "\n" * 300_000,
    ],
)
def test_long_runs_cost_no_more_than_their_length(line: str) -> None:
    """Blanks, commas and brackets by the hundred thousand: a verdict well inside the limits."""
    failure = check_chain(PROBLEM, f"s = g(f(f(a)),c)\n{line}\n").failure
    assert failure is not None
    assert failure.kind != "checkerLimit"


def test_a_long_term_is_cut_in_messages_and_whole_in_fields() -> None:
    """Messages stay readable; expected and actual do not lose anything."""
    long = "a"
    for _ in range(60):
        long = f"f({long})"
    failure = check_chain(f"E1: g(X,Y) = X # g({long},b) = b", f"s = g({long},b)\n= f({long}) by E1").failure
    assert failure is not None
    assert failure.expected == long
    assert "..." in failure.message
    assert parse_term(failure.expected or "") is parse_term(long)


def test_a_fix_bears_the_step_of_its_own_line() -> None:
    """Also where the slip is read before the step is known, and where 'by' stands on the next line."""
    problem = "E1: f(X) = X # f(f(a)) = a"
    for step, chain in (
        (2, "s = f(f(a))\n= f(a) by E1\n-> a by E1"),
        (2, "s = f(f(a))\n= f(a) by E1\n= a by [E1]"),
        (2, "s = f(f(a))\n= f(a) by E1\n= a\nby E1"),
        (1, "s = f(f(a))\n= f(a) by e1\n= a by E1"),
        (None, "1. s = f(f(a))\n= f(a) by E1\n= a by E1"),
    ):
        verdict = check_chain(problem, chain)
        assert verdict.correct
        assert {fix.step for fix in verdict.fixes} == {step}, chain


def test_a_slip_in_strict_mode_shows_its_line() -> None:
    """The failure bears the line as written and the column where it begins."""
    failure = check_chain("E1: f(X) = X # f(a) = a", "s = f(a)\r\n  -> a by E1\r\n", mode="strict").failure
    assert failure is not None
    assert (failure.kind, failure.step, failure.line, failure.column) == ("Parsing", 1, 2, 3)
    assert failure.text == "  -> a by E1"


def test_a_step_with_unknown_equations_left_open_is_a_gap_without_a_fix() -> None:
    """'by ??' is as published: nothing to read through."""
    verdict = check_chain("E1: f(X) = X # f(a) = a", "s = f(a)\n= a by ??")
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.fixes) == ("unfilled", ())


def test_an_unknown_equation_says_which_would_do() -> None:
    """The failure has all that a wrong step's has: what was cited, and every set that would do."""
    failure = check_chain("E1: f(X) = X # f(a) = a", "s = f(a)\n= a by E1, E9").failure
    assert failure is not None
    assert (failure.kind, failure.class_, failure.column) == ("undefinedName", "syntax", 8)
    assert (failure.arguments, failure.cited, failure.possible) == (("E1", "E9"), ("E1", "E9"), (("E1",),))
    assert failure.inference is not None
    assert failure.inference.to == "a"


def test_very_many_ways_to_use_the_equations_are_counted_rightly() -> None:
    """Twelve equations over twelve redexes: 4,096 sets of equations, one of which is the step's."""
    names = [f"E{n}" for n in range(1, 13)]
    equations = " # ".join(f"{name}: f(X) = X" for name in names)

    def row(leaf: str) -> str:
        return f"h({', '.join(f'r({leaf},{leaf},{leaf},{leaf})' for _ in range(3))})"

    for cited, correct in ((names, True), (names[1:], False)):
        chain = f"s = {row('f(a)')}\n= {row('a')} by {', '.join(cited)}"
        assert check_chain(f"{equations} # {row('f(a)')} = {row('a')}", chain).correct is correct


def test_a_step_the_wrong_way_says_so() -> None:
    """Where the steps go from left to right only, and the equations cited would do it from right to left."""
    problem = "E1: g(X,Y) = X # E2: f(X) = X # a = g(a,b)"
    for line in ("= f(a) by E2", "= g(a,b) by E1"):
        failure = check_chain(problem, f"s = a\n{line}").failure
        assert failure is not None
        assert failure.hint is not None
        assert "from right to left" in failure.hint


def test_a_step_both_ways_at_once_is_wrong_and_no_equation_is_blamed_for_it() -> None:
    """All left to right, or all right to left; each equation here has a redex on one of the sides."""
    problem = "E1: g(X,Y) = X # E2: f(X) = X # h(a,f(b),c) = h(g(a,e),b,c)"
    chain = "s = h(a,f(b),c)\n= h(g(a,e),b,c) by E1, E2"
    failure = check_chain(problem, chain, relation="symmetric", most=2).failure
    assert failure is not None
    assert (failure.kind, failure.possible, failure.hint) == ("wrongEquations", (), None)


def test_an_unknown_equation_named_on_the_next_line_is_placed_on_its_step() -> None:
    """Where the equations stand on a line of their own, the failure's column still lies within the step's line."""
    verdict = check_chain("E1: a = b # a = b", "s = a\n= b\nby E6")
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.failure.line, verdict.failure.column) == ("undefinedName", 2, 3)
