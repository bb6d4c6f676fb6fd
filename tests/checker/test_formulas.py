"""Formulas are interned, immutable, compared by identity, and of any depth."""

from __future__ import annotations

import copy
import gc
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import formulas
from proofgrid.checker.formulas import (
    FALSE,
    TRUE,
    Formula,
    atom,
    atoms,
    complements,
    conj,
    disj,
    evaluate,
    iff,
    implies,
    neg,
    opposite,
    postorder,
    show,
    substitute,
)
from proofgrid.checker.parsing import parse_formula

A, B = atom("A"), atom("B")

FORMULAS = st.recursive(
    st.sampled_from([A, B, atom("C1_2"), TRUE, FALSE]),
    lambda inner: st.one_of(
        st.builds(neg, inner),
        st.builds(lambda make, p, q: make(p, q), st.sampled_from([conj, disj, implies, iff]), inner, inner),
    ),
    max_leaves=20,
)


def test_equal_formulas_are_one_object() -> None:
    """Two ways to make the same formula give the same object."""
    assert implies(conj(A, B), neg(A)) is implies(conj(atom("A"), atom("B")), neg(atom("A")))
    assert conj(A, B) is not conj(B, A)


def test_formulas_are_immutable() -> None:
    """No attribute of a formula can be set."""
    with pytest.raises(AttributeError, match="immutable"):
        A.name = "B"


@settings(derandomize=True, max_examples=200)
@given(FORMULAS)
def test_text_copies_and_pickles_come_back_as_the_same_object(formula: Formula) -> None:
    """Printing and reading, pickling and copying are the identity."""
    assert parse_formula(str(formula)) is formula
    assert pickle.loads(pickle.dumps(formula)) is formula
    assert copy.deepcopy(formula) is formula


@settings(derandomize=True, max_examples=100)
@given(FORMULAS, st.integers(2, 60))
def test_show_is_a_prefix_of_the_text(formula: Formula, limit: int) -> None:
    """A short text is shown whole, a long one cut to the limit with an ellipsis."""
    text = str(formula)
    assert show(formula, limit) == (text if len(text) <= limit else text[: limit - 1] + "…")


def test_depth_costs_no_recursion_and_is_given_back() -> None:
    """A formula 100,000 levels deep is made, printed, pickled and freed; a sweep leaves nothing of it in the table."""
    gc.collect()
    formulas.sweep()
    before = len(formulas._table)
    deep = A
    for _ in range(100_000):
        deep = implies(B, neg(deep))
    assert len(str(deep)) > 1_000_000
    assert pickle.loads(pickle.dumps(deep)) is deep
    del deep
    gc.collect()
    formulas.sweep()
    assert len(formulas._table) <= before + 10


def test_formulas_that_nobody_holds_do_not_pile_up() -> None:
    """Of formulas made one after another and dropped, the table keeps a bounded number, and all that are held."""
    gc.collect()
    formulas.sweep()
    before = len(formulas._table)
    held = [conj(atom(f"H{i}"), A) for i in range(1000)]
    for i in range(100_000):
        neg(atom(f"X{i}"))
    assert len(formulas._table) <= 2 * before + 50_000
    assert all(conj(atom(f"H{i}"), A) is formula for i, formula in enumerate(held))


def test_a_sweep_in_one_thread_takes_nothing_from_another() -> None:
    """While one thread sweeps over and over, formulas that others make and hold stay the one object for their text."""
    stop = Event()

    def sweep_on() -> None:
        while not stop.is_set():
            formulas.sweep()

    def make(n: int) -> bool:
        return all(
            neg(conj(atom(f"S{i % 50}"), atom(f"T{n}"))) is neg(conj(atom(f"S{i % 50}"), atom(f"T{n}")))
            for i in range(3000)
        )

    sweeper = Thread(target=sweep_on)
    sweeper.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(make, [1, 1, 2, 2]))
    finally:
        stop.set()
        sweeper.join()


def test_shared_formulas_print_exponentially_but_show_and_pickle_in_bounds() -> None:
    """A formula of 2^1000 characters has a short text and a pickle in proportion to its distinct parts."""
    shared = A
    for _ in range(1000):
        shared = conj(shared, shared)
    assert len(show(shared, 500)) == 500
    assert len(repr(shared)) < 300
    assert len(pickle.dumps(shared)) < 100_000


def test_threads_agree_on_one_object() -> None:
    """Eight threads that make the same new formulas at once get the same objects."""

    def make(_: int) -> list[Formula]:
        return [neg(implies(atom(f"A{i}"), conj(atom(f"B{i}"), A))) for i in range(2000)]

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(make, range(8))
    for other in others:
        assert all(p is q for p, q in zip(first, other, strict=True))


def test_complements_are_one_negation_apart() -> None:
    """p and (~ p) are complements either way round; p and (~ (~ p)) are not."""
    assert complements(A, neg(A))
    assert complements(neg(A), A)
    assert not complements(A, neg(neg(A)))
    assert not complements(A, A)


def test_walks_visit_every_part_once() -> None:
    """Postorder yields children first, each distinct part once; atoms come in order of occurrence."""
    formula = implies(conj(B, A), conj(B, A))
    assert list(postorder(formula)) == [B, A, conj(B, A), formula]
    assert atoms(formula, TRUE) == ("B", "A")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(A & (~ B))", True),
        ("(A & B)", False),
        ("(B | A)", True),
        ("(A ==> B)", False),
        ("(B ==> A)", True),
        ("(A <==> B)", False),
        ("(true & (~ false))", True),
    ],
)
def test_evaluation(text: str, value: bool) -> None:
    """Truth values follow the classical tables."""
    assert evaluate(parse_formula(text), {"A": True, "B": False}) is value


@settings(derandomize=True, max_examples=100)
@given(FORMULAS, FORMULAS, st.booleans(), st.booleans())
def test_a_replaced_atom_means_what_replaces_it(formula: Formula, new: Formula, a: bool, b: bool) -> None:
    """Truth under substitution is truth where the atom has its replacement's value; ``opposite`` leaves no ``~ ~``."""
    row = {"A": a, "B": b, "C1_2": a}
    expected = evaluate(formula, {**row, "A": evaluate(new, row)})
    assert evaluate(substitute(formula, {A: new}), row) == expected
    bare = substitute(formula, {A: substitute(new, {}, opposite)}, opposite)
    assert evaluate(bare, row) == expected
    assert not any(f.op == "~" and f.left.op == "~" for f in postorder(bare))


def test_substitution_swaps() -> None:
    """Values are not looked into again, and whole subformulas may be replaced."""
    assert substitute(implies(A, B), {A: B, B: A}) is implies(B, A)
    assert substitute(neg(conj(A, B)), {conj(A, B): A}) is neg(A)
