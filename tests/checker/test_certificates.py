"""Certificates of unreachability: found, verified, re-checked by an evaluation of its own, refused where they lie."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from proofgrid.checker.equational import (
    Equation,
    FiniteModel,
    ReachableSet,
    certificate_from_json,
    find_certificate,
    find_model,
    find_reachable,
    parallel_rewrites,
    parse_term,
    substitute,
    variables,
    verify,
)
from proofgrid.checker.limits import LimitReached, Work
from tests.checker.judges import brute_steps, model_separates, random_equations, random_term


def equations(*texts: str) -> list[Equation]:
    """Equations E1, E2, ... from ``l = r``."""
    out = []
    for n, text in enumerate(texts, 1):
        left, right = text.split("=")
        out.append(Equation(f"E{n}", parse_term(left), parse_term(right)))
    return out


def test_every_certificate_found_is_verified_and_re_checked() -> None:
    """On random problems: verify accepts it, an evaluation over the whole domain too, and JSON keeps it."""
    kinds = {"FiniteModel": 0, "ReachableSet": 0, "NoneType": 0}
    for seed in range(150):
        rng = random.Random(seed)
        given = random_equations(rng, 3)
        s, t = random_term(rng, 3), random_term(rng, 3)
        found = find_certificate(given, s, t, relation="parallel" if seed % 2 else "symmetric")
        kinds[type(found).__name__] += 1
        if found is None:
            continue
        relation = "parallel" if seed % 2 else "symmetric"
        assert verify(found, given, s, t, relation=relation)
        again = certificate_from_json(json.loads(json.dumps(found.to_json())))
        assert again == found
        assert not verify(found, given, s, s, relation=relation)
        if isinstance(found, FiniteModel):
            assert model_separates(found.size, found.tables, given, s, t)
        else:
            for term in found.terms[:20]:
                if len(str(term)) < 30:
                    assert all(next(brute_steps(term, t, [e]), None) is None for e in given)
    assert kinds["FiniteModel"] > 20
    assert kinds["ReachableSet"] > 0


def test_nothing_reachable_gets_a_certificate() -> None:
    """Terms that a few rewrites connect are never separated."""
    for seed in range(150):
        rng = random.Random(seed)
        given = random_equations(rng, 3)
        s = t = random_term(rng, 3)
        for _ in range(rng.randint(1, 3)):
            reached = [u for u, _ in parallel_rewrites(t, given, 2)][:40]
            if not reached:
                break
            t = rng.choice(reached)
            t = substitute(t, {name: random_term(rng, 1) for name in variables(t)})
        assert find_certificate(given, s, t) is None
        assert find_certificate(given, s, t, relation="parallel") is None


def test_a_model_of_three_elements_where_two_do_not_do() -> None:
    """f(f(f(X))) = X makes f the identity on two elements, so f(a) = a there; a rotation of three tells them apart."""
    given = equations("f(f(f(X))) = X")
    s, t = parse_term("f(a)"), parse_term("a")
    assert find_model(given, s, t, sizes=(2,)) is None
    found = find_model(given, s, t)
    assert found is not None
    assert found.size == 3
    assert model_separates(3, found.tables, given, s, t)


def test_unknown_is_an_answer() -> None:
    """Where the set is infinite and no small model separates, there is no certificate and no guess."""
    given = equations("g(X,Y) = a", "f(X) = g(X,X)")
    assert find_certificate(given, parse_term("f(b)"), parse_term("g(c,d)")) is None
    assert find_model(given, parse_term("b"), parse_term("b")) is None
    assert find_model(equations("X = Y"), parse_term("a"), parse_term("b")) is None
    assert find_model(equations("X = a", "Y = b"), parse_term("c"), parse_term("d")) is None
    big = equations("r(g(X,Y),g(X1,Y1),g(X2,Y2),g(X3,Y3)) = X")
    assert find_model(big, parse_term("a"), parse_term("b"), clauses=1000) is None


def test_a_model_whose_search_would_be_too_large_is_not_looked_for() -> None:
    """f(X) = a over two elements: 2 values of X, each 2 + 4 + 2 clauses for X, f(X) and a; 2 each for b and c."""
    given, s, t = equations("f(X) = a"), parse_term("b"), parse_term("c")
    assert find_model(given, s, t, clauses=2 * (2 + 4 + 2) + 2 + 2) is not None
    assert find_model(given, s, t, clauses=2 * (2 + 4 + 2) + 2 + 1) is None


def test_reachable_sets_respect_their_limits() -> None:
    """Too many terms, too large a term, an equation that brings in a variable, a target that is reached: None."""
    swap = equations("g(X,Y) = g(Y,X)")
    s, t = parse_term("g(g(a,b),g(c,d))"), parse_term("g(a,a)")
    found = find_reachable(swap, s, t)
    assert found is not None
    assert len(found.terms) == 8
    assert find_reachable(swap, s, t, limit=7) is None
    assert find_reachable(swap, s, parse_term("g(g(d,c),g(a,b))")) is None
    assert find_reachable(equations("a = f(a)"), parse_term("a"), t, largest=50) is None
    assert find_reachable(equations("f(a) = g(a,X)"), parse_term("f(a)"), t) is None
    forwards = equations("f(X) = a")
    assert find_reachable(forwards, parse_term("f(b)"), parse_term("b"), relation="symmetric") is None
    found = find_reachable(forwards, parse_term("f(b)"), parse_term("b"), relation="parallel")
    assert found is not None
    assert [str(term) for term in found.terms] == ["f(b)", "a"]
    work = Work(units=1)
    with pytest.raises(LimitReached):
        find_reachable(swap, parse_term("g(a,b)"), t, work=work)


def test_a_certificate_that_lies_is_refused() -> None:
    """Wrong values, missing entries, a size of nothing, a set that is not closed or is of the wrong relation."""
    given = equations("f(X) = a")
    s, t = parse_term("f(b)"), parse_term("c")
    model = find_model(given, s, t)
    assert model is not None
    assert verify(model, given, s, t)
    tables = {symbol: dict(table) for symbol, table in model.tables.items()}
    for symbol, table in tables.items():
        for key in table:
            for wrong in (1 - table[key], 2, -1):
                changed = {**tables, symbol: {**table, key: wrong}}
                lie = replace(model, tables=changed)
                ok = verify(lie, given, s, t)
                assert ok == model_separates(2, changed, given, s, t)
        fewer = {**tables, symbol: dict(list(table.items())[1:])}
        assert not verify(replace(model, tables=fewer), given, s, t)
    assert not verify(replace(model, tables={}), given, s, t)
    assert not verify(FiniteModel(0, {}), given, s, t)
    closed = ReachableSet("parallel", (s, parse_term("a")))
    assert verify(closed, given, s, t, relation="parallel")
    assert not verify(closed, given, s, t, relation="symmetric")
    assert not verify(closed, given, s, parse_term("a"), relation="parallel")
    assert not verify(closed, given, parse_term("b"), t, relation="parallel")
    assert not verify(ReachableSet("parallel", (s,)), given, s, t, relation="parallel")
    assert not verify(ReachableSet("symmetric", (s,)), given, s, t)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "model"},
        {"kind": "model", "size": 2, "tables": {"f": [0]}},
        {"kind": "model", "size": 2, "tables": [1]},
        {"kind": "model", "size": "x", "tables": {}},
        {"kind": "reachable", "relation": "other", "terms": []},
        {"kind": "reachable", "relation": "symmetric", "terms": ["f("]},
        {"kind": "else"},
        {"kind": "model", "size": 1_000_000_000, "tables": {"r": [0]}},
        {"kind": "model", "size": 2, "tables": {"f": 7}},
    ],
)
def test_what_is_no_certificate_is_a_value_error(data: dict[str, object]) -> None:
    """Data of the wrong form never becomes a certificate."""
    with pytest.raises(ValueError) as caught:
        certificate_from_json(data)
    assert str(caught.value)


def test_a_table_of_the_wrong_length_is_named() -> None:
    """The symbol, how many values it needs and how many it has."""
    with pytest.raises(ValueError, match=r"no certificate: 'f' needs 2\^1 values, and has 1"):
        certificate_from_json({"kind": "model", "size": 2, "tables": {"f": [0]}})


def test_a_symmetric_set_is_closed_both_ways() -> None:
    """What one step backwards adds is missing, and a step backwards that brings in a variable could add anything."""
    a, c = parse_term("a"), parse_term("c")
    alone = ReachableSet("symmetric", (a,))
    assert verify(alone, equations("d = e"), a, c)
    assert verify(alone, equations("d = e"), a, c, relation="parallel")
    assert not verify(alone, equations("b = a"), a, c)
    assert not verify(alone, equations("f(X) = a"), a, c)
    assert verify(ReachableSet("parallel", (a,)), equations("b = a"), a, c, relation="parallel")
