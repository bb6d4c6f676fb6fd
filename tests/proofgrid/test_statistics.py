"""Proportions, paired tests and ranks against textbook values and against scipy."""

from __future__ import annotations

from itertools import product
from math import isnan, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from proofgrid.comparing import compare_all, components, needed, plan_table
from proofgrid.statistics import (
    NONE,
    Tally,
    holm,
    item_tally,
    mcnemar,
    mean_over_tasks,
    proportion,
    ranks,
    sign_flip_p,
    tally,
    whole,
    wilson,
)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_wilson_is_scipys_where_items_have_one_answer(counts: tuple[int, int]) -> None:
    """With one answer an item the interval is Wilson's, as scipy computes it."""
    n, k = counts
    ours = proportion(tally([1.0] * k + [0.0] * (n - k)))
    theirs = binomtest(k, n).proportion_ci(method="wilson")
    assert ours.value == pytest.approx(k / n)
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


def test_repeated_answers_count_as_one_item() -> None:
    """Items that were answered often narrow the interval when their answers differ, not when they agree."""
    once = proportion(tally([1.0] * 10 + [0.0] * 10))
    agreeing = proportion(tally([1.0] * 10 + [0.0] * 10))
    differing = proportion(tally([0.6] * 10 + [0.4] * 10))
    assert agreeing == once
    assert differing.high - differing.low < (once.high - once.low) / 2


def test_no_items_give_no_proportion() -> None:
    """A task that a model did not answer has no share, and prints as a dash."""
    assert proportion(Tally()) is NONE
    assert (NONE.percent, NONE.interval) == ("–", "")
    assert isnan(mean_over_tasks([Tally()]).value)


def test_mean_over_tasks_weighs_tasks_alike_and_is_never_certain() -> None:
    """The mean is over tasks, not items; a perfect score of few items keeps an interval."""
    mean = mean_over_tasks([tally([1.0] * 10), tally([0.0] * 90), Tally()])
    assert mean.value == 0.5
    assert mean.n == 100
    assert 0 < mean.high - mean.low < 1
    perfect = mean_over_tasks([tally([1.0] * 5)])
    assert perfect.low < 1 == perfect.high


def test_mean_over_one_task_is_that_task() -> None:
    """One number, one interval: the mean over a single task is the task's share with the task's interval."""
    for means in ([1.0] * 30 + [0.0] * 20, [1.0] * 4, [0.5, 0.25, 1.0, 0.0]):
        mean, share = mean_over_tasks([tally(means)]), proportion(tally(means))
        assert (mean.value, mean.low, mean.high) == pytest.approx((share.value, share.low, share.high))


def test_ranks_come_from_who_beats_whom() -> None:
    """A rank lies between one more than those that are better and all but those that are worse."""
    better = np.zeros((3, 3), dtype=bool)
    better[0, 2] = better[1, 2] = True
    found = ranks(better)
    assert [str(r) for r in found] == ["=1", "=1", "3"]
    assert [r.range for r in found] == ["1–2", "1–2", "3"]


def test_repeats_of_one_item_are_no_new_information() -> None:
    """Copying every answer ten times leaves the interval where it was; independent items narrow it."""
    rng = np.random.default_rng(0)
    hits = rng.integers(0, 2, 100).astype(float)
    one = proportion(item_tally(hits, np.arange(100)))
    assert proportion(item_tally(np.repeat(hits, 10), np.repeat(np.arange(100), 10))) == one
    more = proportion(item_tally(np.tile(hits, 10), np.arange(1000)))
    assert more.high - more.low < 0.4 * (one.high - one.low)


def test_clustered_intervals_cover_the_truth() -> None:
    """With 40 items of differing difficulty and 5 samples each, 95% intervals hold the mean 92 to 98 times in 100."""
    rng = np.random.default_rng(1)
    held = naive = 0
    for _ in range(600):
        chances = rng.beta(0.7, 0.7, 40)
        hits = (rng.random((40, 5)) < chances[:, None]).astype(float)
        found = proportion(item_tally(hits.ravel(), np.repeat(np.arange(40), 5)))
        held += found.low <= 0.5 <= found.high
        low, high = wilson(float(hits.mean()), hits.size)
        naive += low <= 0.5 <= high
    assert 0.92 <= held / 600 <= 0.98
    assert naive / 600 < 0.85, "ignoring the clusters would claim too much: the test can tell"


def test_the_exchange_test_is_mcnemars_with_one_sample() -> None:
    """With differences of -1, 0 and 1 the exact exchange test is McNemar's; with other sizes it counts all signs."""
    for gained, lost in ((12, 2), (5, 5), (0, 3), (40, 22)):
        d = np.array([1] * gained + [-1] * lost + [0] * 9)
        assert sign_flip_p(d) == pytest.approx(mcnemar([(False, True)] * gained + [(True, False)] * lost).p)
    d = np.array([3, 1, -2, 4])
    sums = [abs(sum(s * x for s, x in zip(signs, d, strict=True))) for signs in product((1, -1), repeat=4)]
    assert sign_flip_p(d) == pytest.approx(np.mean([s >= 6 for s in sums]))


def test_twelve_against_two_of_a_hundred_is_no_tie() -> None:
    """Two models whose own intervals overlap are told apart by the items on which they differ."""
    first, second = np.ones(100), np.ones(100)
    first[:30], second[:30] = 0, 0
    first[30:32], second[32:44] = 0, 0
    right = pd.DataFrame([first, second], index=["a", "b"])
    found = compare_all(right, right * 0 + 1)
    assert found.p[0, 1] == pytest.approx(0.0129, abs=5e-5)
    assert found.low[0, 1] > 0
    assert [r.range for r in found.ranks] == ["1", "2"]
    assert (found.first_only[0, 1], found.second_only[0, 1]) == (12, 2)


def test_samples_split_the_variance_of_a_difference() -> None:
    """What samples add is told from what items add, and the numbers needed follow from the two."""
    rng = np.random.default_rng(3)
    chance = np.clip(rng.normal(0.6, 0.2, (2, 4000)), 0.02, 0.98)
    right = pd.DataFrame(rng.binomial(4, chance).astype(float))
    found = compare_all(right, right * 0 + 4)
    noise = float((chance * (1 - chance)).sum(axis=0).mean())
    assert found.within[0, 1] == pytest.approx(noise, rel=0.05)
    assert found.between[0, 1] == pytest.approx(float((chance[0] - chance[1]).var()), rel=0.1)
    parts = components(right, right * 0 + 4)
    assert parts.sample == pytest.approx(sqrt(noise / 2), rel=0.05)
    assert needed(0.1, 0.25) == 197
    plan = plan_table(found=found, models=2)
    assert (plan["8"] < plan["1"]).all()


def test_models_without_a_common_item_are_not_compared() -> None:
    """Nothing is claimed of two models that answered different items: each is ranked among those it compares with."""
    right = pd.DataFrame([[1.0, 1, 0, 0], [0, 0, 0, 1]])
    asked = pd.DataFrame([[1.0, 1, 0, 0], [0, 0, 1, 1]])
    found = compare_all(right, asked)
    assert isnan(found.difference[0, 1])
    assert found.adjusted[0, 1] == 1
    assert [r.range for r in found.ranks] == ["1", "1"]
    assert list(found.parts) == [0, 1]
    assert not found.better.any()


def test_mcnemar_counts_only_what_changed() -> None:
    """The exact p-value is that of the binomial over the discordant pairs."""
    pairs = [(True, True)] * 50 + [(False, True)] * 12 + [(True, False)] * 3 + [(False, False)] * 7
    test = mcnemar(pairs)
    assert (test.both, test.gained, test.lost, test.neither, test.n) == (50, 12, 3, 7, 72)
    assert test.p == pytest.approx(0.03515625)
    assert test.difference == pytest.approx(9 / 72)
    low, high = test.interval
    d = 9 / 74
    half = 1.959963984540054 * sqrt((16 / 74 - d * d) / 74)
    assert (low, high) == (pytest.approx(d - half), pytest.approx(d + half))
    assert mcnemar([(True, True)] * 4).p == 1.0
    assert isnan(mcnemar([]).difference)


def test_holm_is_stepwise_and_keeps_the_order() -> None:
    """Holm's adjustment of a textbook example."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_whole_rounds_halves_up() -> None:
    """Python's own rounding would print 12 for 12.5 and 14 for 13.5."""
    assert [whole(x) for x in (0.125, 0.135, 0.0, 1.0)] == ["13", "14", "0", "100"]


def test_models_that_no_item_connects_are_ranked_apart() -> None:
    """Two groups without a common item have ranks of their own; Holm counts only the pairs inside."""
    rng = np.random.default_rng(0)
    right = np.full((6, 80), 0.0)
    right[:3, :40] = rng.random((3, 40)) < np.array([0.95, 0.5, 0.05])[:, None]
    right[3:, 40:] = rng.random((3, 40)) < np.array([0.05, 0.95, 0.5])[:, None]
    asked = np.zeros((6, 80))
    asked[:3, :40] = asked[3:, 40:] = 1
    names = [f"m{k}" for k in range(6)]
    pairs = compare_all(pd.DataFrame(right, index=names), pd.DataFrame(asked, index=names))
    assert list(pairs.parts) == [0, 0, 0, 1, 1, 1]
    assert [r.range for r in pairs.ranks] == ["1", "2", "3", "3", "1", "2"]
    assert len(pairs.table()) == 6
    alone = compare_all(pd.DataFrame(right[:3], index=names[:3]), pd.DataFrame(asked[:3], index=names[:3]))
    assert (pairs.adjusted[:3, :3] >= alone.adjusted).all()
    assert (pairs.adjusted[:3, :3] <= 2.01 * alone.adjusted + 1e-12).all()
