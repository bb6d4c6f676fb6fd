"""The provers: sound by the strict checker, complete for what follows, monotone in the budget, the same every time."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import check, entails, parse_formula, parse_problem
from proofgrid.checker.formulas import Formula, atoms, conj, disj, iff, implies, neg
from proofgrid.tasks.making.problems import challenge_problem, draw_family, random_problem
from proofgrid.tasks.making.problems.families import FAMILIES
from proofgrid.tasks.making.proof_sources import BARE
from proofgrid.tasks.making.provers import prove, prove_lines, prove_macro, search, search_macro
from proofgrid.tasks.making.provers.lines import Assume, Step, applications, minimise, prune
from proofgrid.tasks.making.provers.writer import draw_style, write

FULL = 20_000

_atoms = st.sampled_from("ABCD").map(parse_formula)
formulas = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        inner.map(neg),
        *(st.tuples(inner, inner).map(lambda pair, make=make: make(*pair)) for make in (conj, disj, implies, iff)),
    ),
    max_leaves=7,
)


def _random_problems(n: int) -> list[tuple[tuple[Formula, ...], Formula]]:
    drawn = (random_problem(Random(f"provers {i}"), 1 + i % 6) for i in range(6 * n))
    return [d for d in drawn if d is not None][:n]


@settings(derandomize=True, max_examples=250, deadline=None)
@given(st.lists(formulas, max_size=3), formulas)
def test_whatever_follows_is_proved_and_nothing_else_is(premises, goal):
    """Every prover proves a goal exactly when SAT says that it follows, and the strict checker accepts the proof."""
    ndl = prove(premises, goal, budget=FULL)
    author = prove(premises, goal, budget=FULL, rng=Random(len(premises)))
    macro = prove_macro(premises, goal, budget=FULL)
    analytic = prove(premises, goal, budget=FULL, style="analytic")
    if entails(premises, goal):
        for proof, language in ((ndl, "ndl"), (author, "ndl"), (analytic, "ndl"), (macro, "macro")):
            assert proof is not None
            verdict = check((premises, goal), proof, mode="strict", language=language)
            assert verdict.correct, (verdict.failure, proof)
    else:
        assert (ndl, author, macro, analytic) == (None, None, None, None)


@pytest.mark.parametrize(
    "problem",
    [
        "((A | C | B) & (C | (C ==> B))) # ((~ C) ==> (~ (~ C))) # (~ B) # C",
        "((~ A) ==> A) # (~ (A <==> (B ==> ~B))) # (A | ~A) # ((B <==> ~A) ==> (~A <==> B)) # (A | ~B | B)",
        "((~ (C | B)) | (~ C)) # (B ==> ((~C) & C))",
    ],
)
def test_lemmas_never_chase_each_other_in_circles(problem):
    """Problems whose lemmas need each other are settled by every author, in few steps."""
    premises, goal = parse_problem(problem)
    for rng in (None, *(Random(seed) for seed in range(8))):
        proof = prove(premises, goal, budget=300, rng=rng)
        assert (proof is not None) is entails(premises, goal)


@pytest.mark.parametrize("whole", [False, True])
def test_every_author_writes_what_the_strict_checker_accepts(whole):
    """Random hands (names, remarks, layout, suppose-absurd) never spoil a proof."""
    for i, (premises, goal) in enumerate(_random_problems(60)):
        rng = Random(f"hand {i}")
        lines = prove_lines(premises, goal, budget=FULL, rng=rng)
        assert lines is not None
        proof = write(lines, premises, draw_style(rng, whole_language=whole), rng)
        verdict = check((premises, goal), proof, mode="strict")
        assert verdict.correct, (verdict.failure, proof)


@pytest.mark.parametrize("family", FAMILIES)
def test_families_are_proved_in_both_languages(family):
    """A member of each family has an NDL proof and a macro proof, in plain and in random hands."""
    proved = 0
    for i in range(6):
        drawn = draw_family(Random(f"family {i}"), 1 + i % 4, family=family)
        if drawn is None:
            continue
        problem = drawn[:2]
        for rng in (None, Random(i)):
            proof, macro = prove(*problem, budget=FULL, rng=rng), prove_macro(*problem, budget=FULL, rng=rng)
            assert proof is not None
            assert check(problem, proof, mode="strict").correct
            if macro is not None:
                proved += 1
                verdict = check(problem, macro, mode="strict", language="macro")
                assert verdict.correct, verdict.failure
    assert proved


def test_success_is_monotone_in_the_budget_and_budgets_separate():
    """A proof found within a budget is found, the same, within every larger one; and small budgets fail."""
    problems = _random_problems(80)
    solved = []
    for budget in (5, 20, 80, 200, FULL):
        found = [search(*p, budget=budget) for p in problems]
        assert all(f.spent <= budget for f in found if f.proof is not None)
        solved.append([f.proof for f in found])
    for small, large in pairwise(solved):
        assert all(b == a for a, b in zip(small, large, strict=True) if a is not None)
        assert sum(p is not None for p in small) < sum(p is not None for p in large)
    assert None not in solved[-1]


@pytest.mark.parametrize("language", ["ndl", "macro"])
def test_a_failed_search_hands_over_what_it_had(language):
    """Within too small a budget the partial proof is correct as far as it goes, and proves something else."""
    drawn = (draw_family(Random(f"partial {i}"), 1 + i % 3) for i in range(60))
    partial = 0
    for problem in (d[:2] for d in drawn if d is not None):
        find = search if language == "ndl" else search_macro
        found = find(*problem, budget=6)
        if found.proof is None and found.partial:
            partial += 1
            verdict = check(problem, found.partial, mode="strict", language=language)
            assert verdict.failure is not None
            assert verdict.failure.kind == "wrongTopConclusion"
    assert partial > 5


def test_the_same_seed_writes_the_same_proof():
    """Proofs depend on the problem and the generator's seed alone."""
    for premises, goal in _random_problems(20):
        for style in ("human", "analytic"):
            one, two = (prove(premises, goal, budget=FULL, style=style, rng=Random(7)) for _ in range(2))
            assert one == two
        assert prove_macro(premises, goal, budget=FULL, rng=Random(7)) == prove_macro(
            premises, goal, budget=FULL, rng=Random(7)
        )


def test_different_authors_write_different_proofs():
    """Ten seeds give at least eight texts for one problem of some size."""
    premises, goal = parse_problem("(A | B) # (A ==> C) # (B ==> C & D) # ((C & (~ D)) ==> A) # (C & (A | D))")
    assert len({prove(premises, goal, budget=FULL, rng=Random(seed)) for seed in range(10)}) >= 8


def test_goal_directed_proofs_are_no_longer_than_people_write():
    """On 60 random problems the average is under 25 rule applications."""
    sizes = [search(*problem, budget=FULL).steps for problem in _random_problems(60)]
    assert sum(sizes) / len(sizes) < 25


def test_analytic_proofs_are_of_the_published_kind():
    """Challenge proofs run to hundreds of lines, lean on cases and cond-def, end branches in absurd or
    from-complements, use no modus ponens, and are strictly right, over four or five atoms and three premises."""
    rules: Counter[str] = Counter()
    lengths = []
    for i in range(60):
        drawn = challenge_problem(Random(f"challenge {i}"), (6, 13))
        if drawn is None:
            continue
        premises, goal = drawn
        assert len(premises) == 3
        assert 4 <= len(atoms(*premises, goal)) <= 5
        lines = prove_lines(premises, goal, budget=20_000, style="analytic", rng=Random(i))
        assert lines is not None
        proof = write(lines, premises, BARE, Random(2))
        lengths.append(proof.count("\n") + 1)
        assert "#" not in proof
        assert " BY " not in proof
        assert ":=" not in proof
        rules.update(step.rule for step in applications(lines))
        assert check((premises, goal), proof, mode="strict").correct
    assert sum(230 <= n <= 950 for n in lengths) >= len(lengths) / 4
    assert rules["mp"] + rules["mt"] + rules["dsyl"] == 0
    assert all(rules[name] >= 0.02 * rules.total() for name in ("cases", "cond-def", "absurd", "from-complements"))


def test_minimised_proofs_have_no_step_to_spare():
    """Dropping any single step of a plain proof makes the checker refuse it (unless nothing cites premises there)."""
    for premises, goal in _random_problems(25):
        lines = prove_lines(premises, goal, budget=FULL)
        assert lines is not None
        assert prune(lines) == lines
        for index in range(len(lines) - 1):
            shorter = lines[:index] + lines[index + 1 :]
            assert not check((premises, goal), write(shorter, premises), mode="strict").correct


def test_minimise_drops_what_nothing_cites():
    """Unused steps go, at the top and inside subproofs; used ones stay in order."""
    a, b = parse_formula("A"), parse_formula("B")
    both = conj(a, b)
    inner = (Step("left-and", (both,), a), Step("right-and", (both,), b))
    lines = (Step("ex-middle", (a,), disj(a, neg(a))), Assume(both, inner))
    assert minimise(lines) == (Assume(both, inner[1:]),)


def test_a_case_that_ignores_its_hypothesis_is_unwrapped():
    """Where one case proves the goal without its hypothesis, the case distinction disappears."""
    a, b, c = (parse_formula(x) for x in "ABC")
    take = Step("left-and", (conj(c, a),), c)
    lines = (Assume(a, (take,)), Assume(b, (take,)), Step("cases", (disj(a, b), implies(a, c), implies(b, c)), c))
    assert prune(lines) == (take,)


def test_macro_steps_have_at_most_five_justifiers_and_proofs_stay_short():
    """Macro proofs of large problems keep the limit, pass the aggregation rule and have few steps."""
    seen = 0
    for i in range(40):
        drawn = draw_family(Random(f"macro {i}"), 1 + i % 4, large=True)
        if drawn is None:
            continue
        premises, goal, _ = drawn
        lines_budget = search_macro(premises, goal, budget=500)
        if lines_budget.proof is None:
            continue
        seen += 1
        assert check((premises, goal), lines_budget.proof, mode="strict", language="macro").correct
        assert 9 <= len(premises) <= 60
        assert lines_budget.steps < 5 * len(premises)
    assert seen >= 8


def test_applications_count_what_the_checker_counts():
    """The number of rule applications of a plain proof is the checker's number of steps."""
    for premises, goal in _random_problems(20):
        lines = prove_lines(premises, goal, budget=FULL)
        assert lines is not None
        proof = write(lines, premises)
        assert check((premises, goal), proof).steps == len(list(applications(lines)))
