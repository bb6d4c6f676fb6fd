"""Entailment against truth tables: small cases by bit tables, larger by SAT, countermodels always checked."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import countermodel, entails, parse_formula
from proofgrid.checker.entailment import satisfy
from proofgrid.checker.formulas import FALSE, TRUE, Formula, atom, conj, disj, implies, neg
from proofgrid.checker.limits import LimitReached, Work
from tests.checker.judges import random_formula, refutes, table_entails


@pytest.mark.parametrize("names", ["AB", "ABCDE", "ABCDEFGHI"])
def test_small_cases_agree_with_truth_tables(names: str) -> None:
    """Up to a dozen atoms: the same answer as the whole table, and a countermodel of exactly the step's atoms."""
    rng = random.Random(len(names))
    for _ in range(120 if len(names) < 9 else 12):
        premises = [random_formula(rng, 3, names) for _ in range(rng.randint(0, 3))]
        goal = random_formula(rng, 3, names)
        model = countermodel(premises, goal)
        assert (model is None) == table_entails(premises, goal)
        assert model is None or refutes(model, premises, goal)


def test_large_cases_are_decided_by_sat() -> None:
    """With 20 to 30 atoms countermodels still check, and what is entailed by construction is found entailed."""
    rng = random.Random(5)
    names = [f"A{n}" for n in range(30)]
    followed = 0
    for _ in range(60):
        premises = [random_formula(rng, 6, names) for _ in range(3)]
        goal = random_formula(rng, 6, names)
        model = countermodel(premises, goal)
        assert model is None or refutes(model, premises, goal)
        assert entails(premises, disj(goal, conj(premises[0], premises[2])))
        assert entails([*premises, neg(goal), implies(premises[0], goal)], FALSE)
        followed += model is None
    assert followed < 60


def pigeons(holes: int) -> list[Formula]:
    """One pigeon more than there are holes, each in a hole, no two in one: inconsistent."""
    out: list[Formula] = []
    for i in range(holes + 1):
        somewhere: Formula = atom(f"P{i}_0")
        for j in range(1, holes):
            somewhere = disj(atom(f"P{i}_{j}"), somewhere)
        out.append(somewhere)
    for j in range(holes):
        out += [neg(conj(atom(f"P{i}_{j}"), atom(f"P{k}_{j}"))) for i in range(holes + 1) for k in range(i)]
    return out


def test_pigeons_and_one_premise_less() -> None:
    """Five pigeons do not fit into four holes; without any one premise they do."""
    premises = pigeons(4)
    assert entails(premises, FALSE)
    for n in (0, 7, len(premises) - 1):
        fewer = premises[:n] + premises[n + 1 :]
        model = countermodel(fewer, FALSE)
        assert model is not None
        assert refutes(model, fewer, FALSE)


def test_a_search_that_takes_too_long_is_given_up() -> None:
    """An allowance that has run out ends the SAT search with LimitReached, never with an answer."""
    work = Work(units=100)
    with pytest.raises(LimitReached):
        entails(pigeons(9), FALSE, work=work)
    assert entails(pigeons(4), FALSE, work=Work())
    assert satisfy([[1], [-1, 2]], Work()) == [1, 2]


def test_corners() -> None:
    """No premises, constants, a goal among the premises, thirteen atoms."""
    a, b = atom("A"), atom("B")
    assert countermodel((), TRUE) is None
    assert countermodel((), FALSE) == {}
    assert countermodel((FALSE,), a) is None
    assert countermodel((a, b), b) is None
    assert countermodel((b,), a) == {"A": False, "B": True}
    assert countermodel(iter([b]), conj(a, b)) == {"A": False, "B": True}
    many = [atom(f"A{n}") for n in range(13)]
    assert countermodel(many, FALSE) == {f"A{n}": True for n in range(13)}
    assert countermodel([*many, TRUE, neg(FALSE)], conj(many[0], many[12])) is None
    assert set(countermodel(many[1:], many[0]) or ()) == {f"A{n}" for n in range(13)}
    assert not entails(many[1:], FALSE)


def test_deep_formulas() -> None:
    """50,000 levels and no recursion, by tables and by SAT."""
    deep: Formula = atom("A")
    for n in range(50_000):
        deep = neg(deep) if n % 2 else implies(atom(f"B{n % 3}"), deep)
    assert countermodel((deep,), atom("C")) is not None
    wide: Formula = atom("A0")
    for n in range(20_000):
        wide = conj(atom(f"A{n % 40}"), wide)
    assert entails((wide,), atom("A7"))


@given(st.integers(0, 10**9))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_laws_of_consequence(seed: int) -> None:
    """Reflexive, monotone, closed under cut; the deduction theorem; contraposition of premise and goal."""
    rng = random.Random(seed)
    p, q, r = (random_formula(rng, 3, "ABCD") for _ in range(3))
    assert entails((p, q), p)
    if entails((p,), q):
        assert entails((p, r), q)
        assert entails((), implies(p, q))
        assert entails((neg(q),), neg(p))
        if entails((q,), r):
            assert entails((p,), r)
    assert entails((p, q), r) == entails((p,), implies(q, r)) == entails((conj(p, q), neg(r)), FALSE)


def test_precedence_is_in_the_parser_not_here() -> None:
    """Entailment of an example of docs/spec.md, section 1.2: (~A & B ==> C | D) with A false and B true."""
    rule = parse_formula("(~A & B ==> C | D)")
    assert entails((rule, parse_formula("(~ A)"), atom("B"), parse_formula("(~ C)")), atom("D"))


def test_tables_of_every_width_agree_with_one_another() -> None:
    """The column patterns: atom k is true in exactly the assignments whose bit k is set."""
    from proofgrid.checker.entailment import _COLUMNS

    for size, columns in _COLUMNS.items():
        for k, column in enumerate(columns):
            for point in (0, 1, 2, 5, (1 << size) - 1, 1 << k if k < size else 0):
                assert column >> point & 1 == point >> k & 1
        assert len({*columns}) == size
