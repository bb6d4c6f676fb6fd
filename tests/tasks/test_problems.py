"""Problems: what random and structured ones promise, judged by truth tables written here, and the renaming key."""

from __future__ import annotations

from itertools import permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import countermodel, entails, parse_formula, parse_problem
from proofgrid.checker.formulas import FALSE, Formula, atoms, evaluate
from proofgrid.tasks.making.problems import canonical_key, draw_family, family_problem, random_problem
from proofgrid.tasks.making.problems.canonical import canonical_form
from proofgrid.tasks.making.problems.drawing import DRAWN, LARGE_LEAST, LEAST, PREMISES, rename
from proofgrid.tasks.making.problems.entailed import Entailments
from proofgrid.tasks.making.problems.families import FAMILIES
from proofgrid.tasks.making.problems.linking import linked
from proofgrid.tasks.making.problems.random_formulas import SHAPES, random_formula
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
        assert 1 <= len(names) <= 10
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
        assert len(keys) >= 3, name


def test_of_a_drawn_problem_every_premise_is_needed():
    """Drawn structures, small and large, follow from all their premises and from no fewer, of which there are enough;
    no two draws of a family are of one class."""
    keys: dict[str, list[str]] = {}
    seen = 0
    for i in range(112):
        level, large = 1 + i % 6, i % 3 == 0
        name = tuple(DRAWN)[i % len(DRAWN)]
        drawn = draw_family(Random(f"needed {i}"), level, large=large, family=name)
        if drawn is None:
            continue
        seen += 1
        premises, goal, family = drawn
        assert family == name
        assert (LARGE_LEAST if large else LEAST)[level] <= len(premises) <= PREMISES[1]
        assert entails(premises, goal)
        assert not any(entails([p for p in premises if p is not gone], goal) for gone in premises)
        if level >= 3:
            keys.setdefault(name, []).append(canonical_key(premises, goal))
    assert seen >= 40
    assert all(len(set(found)) == len(found) for found in keys.values())


def test_one_solver_for_many_questions_agrees_with_one_for_each():
    """Entailments among random formulas are those that truth tables find."""
    rng = Random(1)
    followed = 0
    for _ in range(60):
        formulas = [random_formula(rng, list("ABCDE"), rng.randint(1, 5), 0.2) for _ in range(8)]
        with Entailments(formulas) as asked:
            for _ in range(8):
                premises, goal = rng.sample(formulas, 3), rng.choice(formulas)
                found = asked.entails(premises, goal)
                assert found == entails(premises, goal)
                followed += found
    assert 100 < followed < 400


def test_a_link_to_a_lemma_keeps_every_premise_needed():
    """With one premise under a lemma, and what proves the lemma, the goal follows from all premises and no fewer."""
    premises = [parse_formula(f) for f in ("(P1 | P2)", "(P1 ==> P3)", "(P2 ==> P3)")]
    goal = parse_formula("P3")
    drawn = [linked(Random(seed), premises, "V", (4, 5), (3, 5)) for seed in range(16)]
    found = [made for made in drawn if made is not None]
    assert len(found) >= 8
    for made in found:
        assert len(made) >= 6
        assert entails(made, goal)
        assert not any(entails([p for p in made if p is not gone], goal) for gone in made)


def test_the_same_seed_draws_the_same_problem():
    """Draws depend on the generator of random numbers alone."""
    for level in LEVELS:
        for large in (False, True):
            assert draw_family(Random("x"), level, large=large) == draw_family(Random("x"), level, large=large)
        assert random_problem(Random("x"), level) == random_problem(Random("x"), level)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.permutations("ABCDEFGHIJKLM"), st.randoms(use_true_random=False))
def test_the_key_ignores_names_and_the_order_of_premises(seed, letters, shuffle):
    """Renaming atoms and shuffling premises leaves the key as it is, for random and for structured problems."""
    pair = random_problem(Random(seed), 1 + seed % 6)
    if pair is not None:
        premises, goal = pair
        new = dict(zip("ABCDEFGHIJKLM", letters, strict=True))
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
    ("one", "other", "same"),
    [
        ("(A | C) # B # (A & B)", "(A | C) # B # (B & A)", True),
        ("(~ (A & B)) # (A | C) # (B ==> C)", "(A ==> ~B) # (A | C) # (B ==> C)", True),
        ("(~ (A & B)) # (A | C) # (B ==> C)", "(~A | ~B) # (C | A) # (~ (B & ~C))", True),
        ("(A | B) # (~ A) # B", "(C ==> D) # C # D", True),
        ("(A & B) # (C | D)", "A # B # (C | D)", True),
        ("(A & B) # (A | C)", "A # B # (A | C)", True),
        ("(A ==> B) # A # B", "(A ==> B) # B # A", False),
        ("(A ==> B) # (B ==> C) # (A ==> C)", "(A ==> B) # (B ==> C) # (C ==> A)", False),
        ("(A <==> B) # (A | C)", "(A <==> B) # (A | A)", False),
        ("(A1_1 & A1_2) # A1_1", "(A1_1 & A1_2) # A1_2", True),
    ],
)
def test_the_key_is_of_the_class(one, other, same):
    """Wording, order, renaming and flipped signs make no other problem; another goal or premise does."""
    assert (canonical_key(*parse_problem(one)) == canonical_key(*parse_problem(other))) is same


_LITERALS = st.integers(0, 7)
_CLAUSES = st.lists(st.lists(_LITERALS, min_size=1, max_size=3, unique=True).map(tuple), min_size=1, max_size=6)


def _least_form(clauses):
    """The least of all the texts that renaming and flipping gives: by trying each."""
    used = sorted({x >> 1 for c in clauses for x in c})
    found = []
    for order in permutations(range(len(used))):
        for flips in product((0, 1), repeat=len(used)):
            new = {a: (k, f) for a, k, f in zip(used, order, flips, strict=True)}
            rows = [tuple(sorted(2 * new[x >> 1][0] + ((x & 1) ^ new[x >> 1][1]) for x in c)) for c in clauses]
            found.append(sorted(rows))
    return len(used), min(found)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(_CLAUSES, _CLAUSES)
def test_the_form_is_equal_exactly_for_isomorphic_sets(one, other):
    """The canonical form agrees with trying all renamings and flips, on sets of clauses over up to four atoms."""
    assert (canonical_form(one) == canonical_form(other)) is (_least_form(one) == _least_form(other))


@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_regular_graphs_are_told_apart(seed):
    """Counting neighbours cannot tell a six-cycle from two triangles; the form can, and not from itself renamed."""
    rng = Random(seed)
    six = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]
    two = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]
    new = rng.sample(range(6), 6)
    flips = [rng.randrange(2) for _ in range(6)]
    forms = []
    for edges in (six, two, [(new[a], new[b]) for a, b in six]):
        forms.append(canonical_form([(2 * a + flips[a], 2 * b + flips[b]) for a, b in edges]))
    assert forms[0] == forms[2] != forms[1]


def test_symmetry_does_not_stop_the_search():
    """Six pigeons and five holes, whose symmetries number 86,400, have a form, the same under any renaming."""
    rng = Random(1)
    place = {(p, h): 5 * p + h for p in range(6) for h in range(5)}
    clauses = [tuple(2 * place[p, h] for h in range(5)) for p in range(6)]
    clauses += [(2 * place[p, h] + 1, 2 * place[q, h] + 1) for h in range(5) for p in range(6) for q in range(p)]
    new = rng.sample(range(30), 30)
    renamed = [tuple(2 * new[x >> 1] + (x & 1) for x in c) for c in clauses]
    rng.shuffle(renamed)
    form = canonical_form(clauses)
    assert form is not None
    assert form == canonical_form(renamed)


def test_truth_tables_agree_with_evaluation():
    """Every bit of a mask is the value under that assignment."""
    formula = parse_formula("((A ==> B) <==> (~C | (A & B)))")
    table = TruthTable(("A", "B", "C"))
    mask = table.mask(formula)
    for index in range(8):
        row = {name: bool(index >> position & 1) for position, name in enumerate(table.atoms)}
        assert bool(mask >> index & 1) is evaluate(formula, row)
