"""Levels above those of suites: planted proofs that check, and that no prover here finds within its budget."""

from __future__ import annotations

from random import Random

import pytest

from proofgrid.checker import entails
from proofgrid.tasks.making.planted import draw_chain, lifted_edge
from proofgrid.tasks.registry import get_task

LADDER = ("pl1_pw", "pl2_pw", "pl3_pw", "pl4_pw", "eq_gf")
CHEAP_AT_THE_TOP = ("pl1_pw", "pl2_pw", "pl3_pw")


@pytest.mark.parametrize(("edge", "whole"), [(None, True), (lifted_edge, True), (None, False)])
def test_each_lemma_follows_from_the_one_before_and_one_constraint(edge, whole):
    """What a chain says of its own proof is so, and the goal needs every premise."""
    for seed in range(5):
        chain = draw_chain(Random(seed), 6, edge, whole=whole)
        steps = list(chain.steps())
        assert steps[-1][1] is chain.goal
        assert all(entails(given, wanted) for given, wanted in steps)
        assert all(len(given) <= (5 if whole else 8) for given, _ in steps)
        assert entails(chain.premises, chain.goal)
        for gone in chain.premises:
            assert not entails([p for p in chain.premises if p is not gone], chain.goal)


@pytest.mark.parametrize(
    ("name", "level"), [*((name, 7) for name in LADDER), *((name, 8) for name in CHEAP_AT_THE_TOP)]
)
def test_an_item_above_the_suites_levels_has_a_proof_that_the_builtin_model_does_not_find(name, level):
    """The reference is strictly right; the builtin model's answer at its full budget is not."""
    task = get_task(name)
    (item,) = task.generate(1, 3, level)
    assert item.level == level
    score = task.score(item, task.reference_answer(item))
    assert score.strict
    assert score.points == 1.0
    assert task.score(item, task.attempt(item.shown, task.full_budget)).points == 0.0


def test_suites_hold_no_level_above_theirs():
    """Dealt round robin, items are of the default levels only."""
    for name in LADDER:
        task = get_task(name)
        assert not set(task.levels) & set(task.upper_levels)
        assert {task.level_of(None, index) for index in range(24)} == set(task.levels)
