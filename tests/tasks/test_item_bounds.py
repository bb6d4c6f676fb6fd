"""Figures of items beside their bounds: plainly judged of many items, by the interval that a sample leaves open."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from math import comb

import pytest

from bench.bounds import DOUBT, Bounds
from bench.item_parts import Groups, challenge, equational, errors, labels, lengths
from bench.shortcuts import lines_by_word
from bench.trust_items import main
from proofgrid.tasks.core import Item
from proofgrid.tasks.suites import load_suite


def missed(sample: bool, hits: int, n: int, bound: float, at_most: bool, tried: int = 1) -> bool:
    """Whether a share misses its bound."""
    bounds = Bounds(sample=sample)
    bounds.share("a share", hits, n, bound, at_most=at_most, tried=tried)
    return bool(bounds.missed)


def tail(hits: int, n: int, p: float) -> float:
    """How likely so many hits, or more, are where the bound is just kept."""
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits, n + 1))


def test_many_items_are_judged_by_the_figure_itself():
    """One more than the bound allows is one too many, however few items there are."""
    assert not missed(False, 25, 500, 0.05, True)
    assert missed(False, 26, 500, 0.05, True)
    assert not missed(False, 12, 24, 0.5, False)
    assert missed(False, 11, 24, 0.5, False)


@pytest.mark.parametrize(("n", "bound"), [(6, 0.05), (24, 0.05), (24, 0.55), (120, 0.05)])
@pytest.mark.parametrize("tried", [1, 100])
def test_a_sample_misses_a_bound_exactly_where_chance_would_hardly_ever(n, bound, tried):
    """The binomial tail decides, for shares that are to be small and, the other way round, for those to be large."""
    for hits in range(n + 1):
        rare = tail(hits, n, bound) < DOUBT / tried
        assert missed(True, hits, n, bound, True, tried) == rare
        assert missed(True, n - hits, n, 1 - bound, False, tried) == rare


def test_a_sample_still_misses_what_is_far_from_its_bound():
    """Ranks the wrong way round and means far above are missed by two dozen items; near ones are not."""
    bounds = Bounds(sample=True)
    bounds.rank("ranks that agree a little", 0.1, 24, 0.4)
    bounds.mean("means a little above", [50.0, 74.0] * 12, 60)
    assert not bounds.missed
    bounds.rank("ranks the wrong way round", -0.5, 24, 0.4)
    bounds.mean("means far above", [100.0, 120.0] * 12, 60)
    assert len(bounds.missed) == 2


def test_a_rule_is_found_by_its_whole_name():
    """``neg-cond`` is not ``cond``, and ``bicond-def'`` not ``bicond-def``."""
    found = lines_by_word("a := neg-cond on b;\nbicond-def' on a;\nneg-cond on a, a")
    assert found["neg-cond"] == [1, 3]
    assert "cond" not in found
    assert "bicond-def" not in found


def test_measuring_nothing_is_an_error(monkeypatch):
    """No bound was kept where none was looked at."""
    monkeypatch.setattr(sys, "argv", ["trust_items.py", "--no-suite", "--fresh", "0", "--ladder", "0"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2


@pytest.mark.parametrize("part", [challenge, equational, errors, labels, lengths])
def test_a_part_says_nothing_of_tasks_without_items(part):
    """A figure of no items would always keep its bound."""
    bounds = Bounds(sample=False)
    part(bounds, {})
    assert bounds.printed == 0


def _judged(part: Callable[[Bounds, Groups], None], task: str, change: Callable[[Item], Item]) -> list[str]:
    """What v1's items of a task miss when each is changed, and as they are nothing."""
    items = load_suite("v1", [task])
    bounds = Bounds(sample=False)
    part(bounds, {task: items})
    assert not bounds.missed
    part(bounds, {task: [change(item) for item in items]})
    return bounds.missed


def _with_proof(item: Item, old: str, new: str) -> Item:
    shown = {**item.shown, "proof": item.shown["proof"].replace(old, new)}
    return replace(item, shown=shown)


def test_parts_miss_what_is_wrong_with_items():
    """Labels that are not those dealt, names in a proof without names, a proof that is too short, a term again."""
    assert len(_judged(labels, "pl1_pc", lambda i: replace(i, reference={"correct": True}))) == 2
    assert _judged(challenge, "pl1_pm_c", lambda i: _with_proof(i, " BY ", " := "))
    assert _judged(lengths, "pl1_pw", lambda i: replace(i, difficulty={**i.difficulty, "steps": 2}))
    assert _judged(errors, "pl1_gf", lambda i: _with_proof(i, "GAP-1;", "# so\nGAP-1;"))
    assert _judged(equational, "eq_er", lambda i: replace(i, shown={**i.shown, "chain": _again(i.shown["chain"])}))


def _again(chain: str) -> str:
    """The chain with its second line repeated at the end, without what that line cites."""
    lines = chain.split("\n")
    return "\n".join([*lines, lines[1]])
