"""Problems: what random and structured ones promise, judged by truth tables written here, and the renaming key."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import countermodel, parse_formula, parse_problem
from proofgrid.checker.formulas import FALSE, Formula, atoms, evaluate
from proofgrid.tasks.making.problems import canonical_key, draw_family, family_problem, random_problem
from proofgrid.tasks.making.problems.drawing import PREMISES, rename
from proofgrid.tasks.making.problems.families import FAMILIES
from proofgrid.tasks.making.problems.random_formulas import SHAPES
from proofgrid.tasks.making.provers.semantics import TruthTable

LEVELS = (1, 2, 3, 4, 5, 6)


def _models(formulas: tuple[Formula, ...], names: tuple[str, ...]) -> list[dict[str, bool]]:
    """Every assignment that makes all formulas true, by evaluating each of them (the slow, obvious way)."""
    rows = (dict(zip(names, row, strict=True)) for row in product((True, False), repeat=len(names)))
    return [row for row in rows if all(evaluate(f, row) for f in formulas)]


def _draws(level: int, n: int) -> list[tuple[tuple[Formula, ...], Formula]]:
    drawn = (random_problem(Random(f"problems {level} {i}"), level) for i in range(12 * n))
    return [d for d in drawn if d is not None][:n]


@pytest.mark.parametrize("level", sorted(SHAPES))
def test_random_problems_follow_and_need_every_premise(level):
    """A truth table apart says: consistent premises, the goal follows from all of them and from no fewer."""
    problems = _draws(level, 25)
    assert len(problems) >= 15
    for premises, goal in problems:
        names = atoms(*premises, goal)
        assert 1 <= len(names) <= 6
        assert len(premises) <= 6
        models = _models(premises, names)
        assert models
        assert all(evaluate(goal, row) for row in models)
        assert goal not in premises
        assert len(set(premises)) == len(premises)
        for i in range(len(premises)):
            fewer = premises[:i] + premises[i + 1 :]
            assert not all(evaluate(goal, row) for row in _models(fewer, names)), (premises, goal)


def test_random_problems_range_over_the_sizes_asked_for():
    """Among 150 problems there are tautologies, every number of premises to 5 and every number of atoms from 2 to 6."""
    problems = [p for level in LEVELS for p in _draws(level, 50)]
    assert {len(premises) for premises, _ in problems} >= {0, 1, 2, 3, 4, 5}
    assert {len(atoms(*premises, goal)) for premises, goal in problems} >= {2, 3, 4, 5, 6}


@pytest.mark.parametrize("family", FAMILIES)
def test_families_are_consistent_and_entail_their_goal(family):
    """For each family and size: consistent premises, a goal that follows, by SAT and where small by truth table."""
    seen = 0
    for size in (1, 2, 3, 4, 5, 6, 8):
        for i in range(4):
            pair = FAMILIES[family](Random(f"{i}"), size)
            if pair is None:
                continue
            premises, goal = pair
            seen += 1
            assert countermodel(premises, FALSE) is not None
            assert countermodel(premises, goal) is None
            names = atoms(*premises, goal)
            if len(names) <= 8:
                assert all(evaluate(goal, row) for row in _models(tuple(premises), names))
    assert seen >= 8


def test_there_are_at_least_eight_families_and_they_vary():
    """Each family makes several problems that no renaming makes equal."""
    assert len(FAMILIES) >= 8
    for name, family in FAMILIES.items():
        pairs = (family(Random(f"vary {i}"), 1 + i % 6) for i in range(30))
        keys = {canonical_key(*pair) for pair in pairs if pair is not None}
        assert len(keys) >= 4, name


def test_large_problems_have_20_to_60_premises_and_indexed_atoms():
    """PL3's problems keep to the published size, and most have atoms like A1_2."""
    indexed = seen = 0
    for i in range(40):
        pair = family_problem(Random(f"large {i}"), 1 + i % 6, large=True)
        if pair is None:
            continue
        seen += 1
        assert PREMISES[0] <= len(pair[0]) <= PREMISES[1]
        indexed += any("_" in name for name in atoms(*pair[0]))
    assert seen >= 30
    assert indexed >= seen / 2


def test_the_same_seed_draws_the_same_problem():
    """Draws depend on the generator of random numbers alone."""
    for level in LEVELS:
        for large in (False, True):
            assert draw_family(Random("x"), level, large=large) == draw_family(Random("x"), level, large=large)
        assert random_problem(Random("x"), level) == random_problem(Random("x"), level)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.permutations("ABCDEFG"), st.randoms(use_true_random=False))
def test_the_key_ignores_names_and_the_order_of_premises(seed, letters, shuffle):
    """Renaming atoms and shuffling premises leaves the key as it is, for random and for structured problems."""
    pair = random_problem(Random(seed), 1 + seed % 6)
    if pair is not None:
        premises, goal = pair
        new = dict(zip("ABCDEFG", letters, strict=True))
        renamed = [rename(p, new) for p in premises]
        shuffle.shuffle(renamed)
        assert canonical_key(premises, goal) == canonical_key(renamed, rename(goal, new))
    pair = family_problem(Random(seed), 1 + seed % 4)
    if pair is not None:
        premises, goal = pair
        used = sorted({name[0] for name in atoms(*premises, goal)})
        new = dict(zip(used, reversed(used), strict=True))
        renamed = [rename(p, new) for p in premises]
        shuffle.shuffle(renamed)
        assert canonical_key(premises, goal) == canonical_key(renamed, rename(goal, new))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A # B # (A & B)", "A # B # (B & A)"),
        ("(A | B) # (~ A) # B", "(A | B) # (~ A) # A"),
        ("(A ==> B) # A # B", "(A ==> B) # B # A"),
        ("(A ==> B) # (B ==> C) # (A ==> C)", "(A ==> B) # (B ==> C) # (C ==> A)"),
        ("(A <==> B) # (A | C)", "(A <==> B) # (A | A)"),
        ("(A1_1 & A1_2) # A1_1", "(A1_1 & A1_2) # A1_2"),
    ],
)
def test_the_key_tells_different_problems_apart(one, other):
    """Problems that no renaming makes equal have different keys, unless they are as alike as these first two are."""
    same = one.startswith("A #")
    assert (canonical_key(*parse_problem(one)) == canonical_key(*parse_problem(other))) is same


def test_truth_tables_agree_with_evaluation():
    """Every bit of a mask is the value under that assignment."""
    formula = parse_formula("((A ==> B) <==> (~C | (A & B)))")
    table = TruthTable(("A", "B", "C"))
    mask = table.mask(formula)
    for index in range(8):
        row = {name: bool(index >> position & 1) for position, name in enumerate(table.atoms)}
        assert bool(mask >> index & 1) is evaluate(formula, row)
