"""Terms and rewriting against a brute-force oracle that tries every position and every value of every variable."""

from __future__ import annotations

import pickle
import random
import re
from itertools import combinations, islice
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker.equational import (
    Equation,
    apply,
    contractum_fault,
    contractum_faults,
    explanations,
    match,
    parallel_rewrites,
    parallel_step,
    parse_term,
    positions,
    rewrites_are_right,
    single_rewrites,
    single_step,
    substitute,
    subterm,
    symmetric_step,
    variable,
    variables,
)
from proofgrid.checker.equational.matching import differ_too_much, matched_step
from proofgrid.checker.equational.terms import Term, disjoint, replace
from proofgrid.checker.errors import TermSyntaxError
from proofgrid.checker.limits import LimitReached, Work
from tests.checker.judges import brute_sets, brute_steps, places, random_equations, random_term, written_with


def equation(name: str, text: str) -> Equation:
    """An equation from ``l = r``."""
    left, right = text.split("=")
    return Equation(name, parse_term(left), parse_term(right))


# ---- terms


@given(st.integers(0, 10**9))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_terms_read_back_as_themselves(seed: int) -> None:
    """Printing and reading are inverse, blanks do not matter, equal terms are one object, pickling keeps them."""
    rng = random.Random(seed)
    term = random_term(rng, 4, "XY")
    text = str(term)
    assert parse_term(text) is term
    assert parse_term(" " + text.replace("(", " ( ").replace(",", " ,\t") + " ") is term
    assert pickle.loads(pickle.dumps(term)) is term
    assert repr(term) == f"<Term {text}>"
    assert set(variables(term)) == {t.name for _, t in positions(term) if t.is_variable}
    assert list(positions(term)) == list(places(term))


@pytest.mark.parametrize(
    ("text", "offset", "says"),
    [
        ("", 0, "the text ends where a term should stand"),
        ("f(a", 3, "the text ends where"),
        ("g(a)", 0, "'g' takes 2 arguments, not 1"),
        ("g(a,b,c)", 5, "this is one more"),
        ("f", 0, "'f' takes 1 argument; here it has none"),
        ("a(b)", 1, "the constant 'a' takes no arguments"),
        ("X(b)", 1, "the variable 'X' takes no arguments"),
        ("f(q)", 2, "'q' is not a symbol of the signature"),
        ("q(a)", 0, "'q' is not a symbol of the signature"),
        ("f(a) b", 5, "the term ends here"),
        ("f(a))", 4, "the term ends here"),
        ("g(a,)", 4, "a term is missing before ')'"),
        ("g(a;b)", 3, "',' or ')' in the arguments of 'g' is missing before ';'"),
        ("g(a b)", 4, "',' or ')' in the arguments of 'g' is missing before 'b'"),
        ("?", 0, "a term is missing before '?'"),
        ("  ", 2, "the text ends where a term should stand"),
        ("f(a) )", 5, "the term ends here"),
        ("f(a,q)", 3, "'f' takes 1 argument; this is one more"),
        ("a(q)", 1, "the constant 'a' takes no arguments"),
        (" g(f(a), g (f(b) ) )", 9, "'g' takes 2 arguments, not 1"),
        ("g(h(a,f(b)),a)", 2, "'h' takes 3 arguments, not 2"),
        ("g(a,f(b", 7, "',' or ')' in the arguments of 'f'"),
        ("g(f(a) (b),a)", 7, "',' or ')' in the arguments of 'g' is missing before '('"),
    ],
)
def test_a_wrong_term_is_located(text: str, offset: int, says: str) -> None:
    """The offset of the first character that does not fit, and what should stand there."""
    with pytest.raises(TermSyntaxError, match=re.escape(says)) as caught:
        parse_term(text)
    assert caught.value.offset == offset


def test_terms_are_immutable_and_checked() -> None:
    """No attribute can be set; arities and names are the signature's."""
    with pytest.raises(AttributeError):
        apply("a").name = "b"
    for wrong in (lambda: apply("f"), lambda: apply("x"), lambda: apply("g", apply("a")), lambda: variable("x")):
        with pytest.raises(ValueError, match="'"):
            wrong()
    with pytest.raises(ValueError, match="'f' takes 1 argument, not 0"):
        apply("f")
    with pytest.raises(ValueError, match="'g' takes 2 arguments, not 1"):
        apply("g", apply("a"))
    assert apply("f", variable("X")) is parse_term("f(X)")


def test_positions_that_are_not_there() -> None:
    """subterm and replace raise IndexError, also for 0 and for negative numbers."""
    term = parse_term("g(a,f(b))")
    assert str(subterm(term, (2, 1))) == "b"
    assert str(replace(term, (2, 1), parse_term("X"))) == "g(a,f(X))"
    assert not replace(term, (2,), parse_term("X")).ground
    for bad in ((3,), (0,), (-1,), (1, 1)):
        with pytest.raises(IndexError):
            subterm(term, bad)
        with pytest.raises(IndexError):
            replace(term, bad, term)
    assert disjoint((1,), (2, 1))
    assert not disjoint((1,), (1, 2))
    assert not disjoint((), (1,))


@given(st.integers(0, 10**9))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_matching_inverts_substitution(seed: int) -> None:
    """A pattern matches its instances, with the values of its own variables, and nothing that is no instance."""
    rng = random.Random(seed)
    pattern = random_term(rng, 3, "XY")
    values = {name: random_term(rng, 2) for name in "XY"}
    instance = substitute(pattern, values)
    found = match(pattern, instance)
    assert found == {name: values[name] for name in variables(pattern)}
    assert match(pattern, instance, {"X": values["X"]}) is not None
    other = random_term(rng, 3)
    found = match(pattern, other)
    assert found is None or substitute(pattern, found) is other


def test_deep_terms_do_not_recurse() -> None:
    """40,000 levels: read, print, match, rewrite, explain."""
    deep = parse_term("f(" * 40_000 + "a" + ")" * 40_000)
    other = parse_term("f(" * 40_000 + "b" + ")" * 40_000)
    e = equation("E1", "a = b")
    assert str(deep).startswith("f(f(")
    assert len(variables(substitute(parse_term("f(X)"), {"X": deep}))) == 0
    assert [x.equations for x in explanations(deep, other, [e])] == [("E1",)]
    steps = parallel_step(deep, other, [e])
    assert steps is not None
    assert len(steps[0].position) == 40_000


def test_threads_share_one_table() -> None:
    """Eight threads that read the same terms at once get the same objects."""
    texts = [f"h(f({x}),g({y},V{n}),{x})" for n in range(40) for x in "abc" for y in "de"]
    kept: list[list[Term]] = []

    def read() -> None:
        kept.append([parse_term(text) for text in texts])

    threads = [Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(a is b for row in kept for a, b in zip(kept[0], row, strict=True))


# ---- rewriting


def cases(count: int, first: int = 0) -> list[tuple[Term, Term, list[Equation]]]:
    """Random small terms with equations, the second most often a parallel rewrite of the first."""
    out = []
    for seed in range(first, first + count):
        rng = random.Random(seed)
        equations = random_equations(rng, 3)
        s = random_term(rng, 3)
        t = random_term(rng, 3)
        if rng.random() < 0.75:
            reached = list(islice(parallel_rewrites(s, equations, 3), 100))
            t = rng.choice(reached)[0] if reached else s
            t = substitute(t, {name: random_term(rng, 1) for name in variables(t)})
        out.append((s, t, equations))
    return out


def test_parallel_steps_and_their_sets_agree_with_brute_force() -> None:
    """For every set of equations: the same answer; the contractions are a real choice; all minimal sets are found."""
    agreed = found = refused = 0
    for s, t, equations in cases(160):
        good = brute_sets(s, t, equations)
        for size in (1, 2, 3):
            for used in combinations(equations, size):
                steps = parallel_step(s, t, used)
                assert (steps is not None) == (frozenset(e.name for e in used) in good)
                agreed += 1
                too_much = differ_too_much(s, t, [(e.left, e.right) for e in used], Work())
                refused += too_much
                if steps is None:
                    continue
                found += 1
                assert not too_much
                assert sorted(c.equation.name for c in steps) == [e.name for e in used]
                assert rewrites_are_right(s, t, [(c.equation, c.position) for c in steps])
                by_name = {c.equation.name: (c.position, str(c.contractum)) for c in steps}
                assert tuple(by_name[e.name] for e in used) in set(brute_steps(s, t, used))
                for c in steps:
                    assert substitute(c.equation.left, c.substitution) is c.redex
                    assert substitute(c.equation.right, c.substitution) is c.contractum
        minimal = {g for g in good if not any(h < g for h in good)}
        assert {frozenset(x.equations) for x in explanations(s, t, equations)} == minimal
    assert agreed == 160 * 7
    assert found > 60
    assert refused > 60


def test_the_symmetric_closure_agrees_with_brute_force() -> None:
    """<==>_E is ==>_E one way or the other, all in one direction."""
    for s, t, equations in cases(80, first=1000):
        forwards, backwards = brute_sets(s, t, equations), brute_sets(t, s, equations)
        for used in combinations(equations, 2):
            names = frozenset(e.name for e in used)
            both = symmetric_step(s, t, used)
            assert (both is not None) == (names in forwards or names in backwards)
            if both is not None:
                assert both[0] == (names not in forwards)
        found = explanations(s, t, equations, symmetric=True, most=2)
        assert all(len(x.equations) <= 2 for x in found)
        assert {frozenset(x.equations) for x in found if x.backwards} == {
            g for g in backwards if len(g) <= 2 and not any(h < g for h in backwards)
        }


def test_single_rewrites_are_every_position_of_brute_force() -> None:
    """single_rewrites lists each redex once; single_step the positions that lead to t."""
    for s, t, equations in cases(120, first=2000):
        for e in equations:
            there = {choice[0][0] for choice in brute_steps(s, t, [e])}
            assert {c.position for c in single_step(s, t, e)} == there
            for c in single_rewrites(s, e):
                assert match(e.left, subterm(s, c.position)) is not None
                if not set(variables(e.right)) - set(variables(e.left)):
                    result = replace(s, c.position, c.contractum)
                    assert str(result) == written_with(s, {c.position: str(c.contractum)})
                    assert c.position in {d.position for d in single_step(s, result, e)}


def test_every_contractum_fault_is_one_and_none_is_missed() -> None:
    """Putting the right contractum where the fault is makes the step right; brute force finds the same places."""
    faults = 0
    rng = random.Random(3)
    material = cases(60, first=3000)
    for first, second, equations in cases(400, first=4000):
        s = apply("g", first, second)
        two = [(t, c) for t, c in islice(parallel_rewrites(s, equations, 2), 60) if len(c) == 2 and not variables(t)]
        if two:
            t, contractions = rng.choice(two)
            material.append((s, replace(t, contractions[0].position, random_term(rng, 1)), equations))
    for s, t, equations in material:
        for used in combinations(equations, 2):
            if parallel_step(s, t, used) is not None:
                continue
            found = list(contractum_faults(s, t, used))
            for fault in found:
                faults += 1
                assert fault.expected is not fault.actual
                free = dict.fromkeys(variables(fault.expected), fault.actual)
                patched = replace(t, fault.position, substitute(fault.expected, free))
                assert parallel_step(s, patched, used) is not None
            best = contractum_fault(s, t, used)
            assert (best is None) == (not found)
            assert best is None or best in found
            ground = [e for e in used if not set(variables(e.right)) - set(variables(e.left))]
            if len(ground) == 2:
                expected = set()
                for at, here in places(s):
                    for e, other in ((used[0], used[1]), (used[1], used[0])):
                        bound = match(e.left, here)
                        if bound is None:
                            continue
                        try:
                            actual = subterm(t, at)
                        except IndexError:
                            continue
                        patched = replace(t, at, substitute(e.right, bound))
                        if actual is not substitute(e.right, bound) and any(
                            choice[0][0] == at for choice in brute_steps(s, patched, [e, other])
                        ):
                            expected.add((e.name, at))
                assert {(f.equation.name, f.position) for f in found} == expected
    assert faults > 40


def test_each_equation_is_used_exactly_once() -> None:
    """One equation at two places is no step; the same equation under two names is."""
    s, t = parse_term("g(a,a)"), parse_term("g(b,b)")
    one, two = equation("E1", "a = b"), equation("E2", "a = b")
    assert parallel_step(s, t, [one]) is None
    assert parallel_step(s, t, [one, two]) is not None
    assert parallel_step(s, t, []) is None
    assert [x.equations for x in explanations(s, t, [one, two])] == [("E1", "E2")]
    assert contractum_fault(s, t, []) is None


def test_redexes_inside_one_another_do_not_count() -> None:
    """f(f(a)) cannot be rewritten at the root and below at once."""
    e1, e2 = equation("E1", "f(X) = X"), equation("E2", "a = b")
    assert parallel_step(parse_term("f(a)"), parse_term("b"), [e1, e2]) is None
    assert parallel_step(parse_term("g(f(a),a)"), parse_term("g(a,b)"), [e1, e2]) is not None


def test_an_equation_that_changes_nothing_has_to_be_used_somewhere() -> None:
    """Commutativity of g(a,a) is a step from the term to itself, and may accompany another redex."""
    swap, e = equation("E1", "g(X,Y) = g(Y,X)"), equation("E2", "b = c")
    same = parse_term("g(a,a)")
    assert [x.equations for x in explanations(same, same, [swap, e])] == [("E1",)]
    assert explanations(parse_term("b"), parse_term("b"), [e]) == ()
    steps = parallel_step(parse_term("h(b,g(a,a),a)"), parse_term("h(c,g(a,a),a)"), [swap, e])
    assert steps is not None
    assert {c.equation.name: c.position for c in steps} == {"E1": (2,), "E2": (1,)}
    assert [x.equations for x in explanations(parse_term("h(b,g(a,a),a)"), parse_term("h(c,g(a,a),a)"), [swap, e])] == [
        ("E2",)
    ]


def test_a_variable_only_the_right_side_has_may_be_anything() -> None:
    """From f(X) = g(X,Y), f(a) goes to g(a, whatever)."""
    e = equation("E1", "f(X) = g(X,Y)")
    steps = parallel_step(parse_term("f(a)"), parse_term("g(a,f(b))"), [e])
    assert steps is not None
    assert {name: str(value) for name, value in steps[0].substitution.items()} == {"X": "a", "Y": "f(b)"}
    assert parallel_step(parse_term("f(a)"), parse_term("g(b,f(b))"), [e]) is None


def test_claimed_rewrites_are_checked() -> None:
    """Overlapping, missing or wrong positions are no account of a step."""
    e1, e2 = equation("E1", "a = b"), equation("E2", "f(X) = X")
    s, t = parse_term("g(a,f(c))"), parse_term("g(b,c)")
    assert rewrites_are_right(s, t, [(e1, (1,)), (e2, (2,))])
    assert not rewrites_are_right(s, t, [(e1, (1,))])
    assert not rewrites_are_right(s, t, [(e1, (2,)), (e2, (1,))])
    assert not rewrites_are_right(s, t, [(e1, (1,)), (e1, (1,)), (e2, (2,))])
    assert not rewrites_are_right(s, t, [(e1, (1, 1))])
    assert not rewrites_are_right(s, t, [(e1, (7,))])
    assert not rewrites_are_right(s, s, [])


def test_a_search_over_very_many_sets_is_given_up_in_time() -> None:
    """Thirty interchangeable equations at thirty places: LimitReached, not an endless loop."""
    equations = [equation(f"E{n}", "a = b") for n in range(30)]
    s, t = "a", "b"
    for _ in range(5):
        s, t = f"g({s},{s})", f"g({t},{t})"
    work = Work(units=100)
    with pytest.raises(LimitReached):
        explanations(parse_term(s), parse_term(t), equations, work=work)
    work = Work(units=100)
    with pytest.raises(LimitReached):
        list(parallel_rewrites(parse_term(s), equations, 4, work=work))


@pytest.mark.parametrize("k", [12, 14, 300])
def test_a_step_by_interchangeable_equations_is_a_matching(k: int) -> None:
    """k equations fit each of k places: found by work in proportion to k squared."""
    equations = [equation(f"E{n}", f"f(X{n}) = a") for n in range(k)]
    s, t = "f(b)", "a"
    for n in range(k - 1):
        s, t = f"g(f({'abcde'[n % 5]}),{s})", f"g(a,{t})"
    work = Work(units=20 * k * k)
    found = parallel_step(parse_term(s), parse_term(t), equations, work=work)
    assert found is not None
    assert {c.equation.name for c in found} == {e.name for e in equations}
    assert rewrites_are_right(parse_term(s), parse_term(t), [(c.equation, c.position) for c in found])
    one_more = [*equations, equation("E", "f(Y) = a")]
    assert parallel_step(parse_term(s), parse_term(t), one_more, work=Work(units=20 * k * k)) is None


@pytest.mark.parametrize("seed", range(150))
def test_the_matching_agrees_with_brute_force(seed: int) -> None:
    """Where it settles a step, matched_step says what trying every set of places says, and its uses re-check."""
    rng = random.Random(seed)
    equations = random_equations(rng, 3)
    s = random_term(rng, 3)
    reached = [t for t, _ in islice(parallel_rewrites(s, equations, 3), 60)]
    t = rng.choice(reached) if reached and seed % 3 else random_term(rng, 3)
    good = brute_sets(s, t, equations)
    for size in (1, 2, 3):
        for used in combinations(equations, size):
            found = matched_step(s, t, [(e.left, e.right) for e in used], Work())
            if isinstance(found, tuple):
                assert frozenset(e.name for e in used) in good
                assert rewrites_are_right(s, t, [(used[use.equation], use.position) for use in found])
            elif found is False:
                assert frozenset(e.name for e in used) not in good


@pytest.mark.parametrize(
    ("s", "t", "sides", "positions"),
    [
        ("h(b,a,c)", "h(b,a,d)", [("c", "d"), ("a", "a")], {0: (3,), 1: (2,)}),
        ("h(f(a),f(a),a)", "h(f(b),f(b),b)", [("a", "b"), ("f(a)", "f(b)"), ("f(a)", "f(b)")], {0: (3,)}),
        ("g(a,b)", "g(a,b)", [("X", "X"), ("a", "a")], {0: (2,), 1: (1,)}),
    ],
    ids=["what changes nothing comes late", "the outermost places alone", "one makes room for another"],
)
def test_the_matching_settles_what_it_can(
    s: str, t: str, sides: list[tuple[str, str]], positions: dict[int, tuple[int, ...]]
) -> None:
    """It goes on behind a part where no equation fits, tries the outermost places, and moves equations for others."""
    pairs = [(parse_term(left), parse_term(right)) for left, right in sides]
    found = matched_step(parse_term(s), parse_term(t), pairs, Work())
    assert isinstance(found, tuple)
    places = {use.equation: use.position for use in found}
    assert len(places) == len(found) == len(sides)
    assert positions.items() <= places.items()
