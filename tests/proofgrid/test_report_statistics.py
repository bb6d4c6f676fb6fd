"""The report's statistics against textbook values and against scipy."""

from __future__ import annotations

from math import isnan, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from proofgrid.report.statistics import (
    NONE,
    Proportion,
    Tally,
    holm,
    mcnemar,
    mean_over_tasks,
    ranks,
    tally,
    whole,
    wilson,
)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_wilson_is_scipys_where_items_have_one_answer(counts: tuple[int, int]) -> None:
    """With one answer an item the interval is Wilson's, as scipy computes it."""
    n, k = counts
    ours = wilson(tally([1.0] * k + [0.0] * (n - k)))
    theirs = binomtest(k, n).proportion_ci(method="wilson")
    assert ours.value == pytest.approx(k / n)
    assert ours.low == pytest.approx(theirs.low, abs=1e-9)
    assert ours.high == pytest.approx(theirs.high, abs=1e-9)


def test_repeated_answers_count_as_one_item() -> None:
    """Items that were answered often narrow the interval when their answers differ, not when they agree."""
    once = wilson(tally([1.0] * 10 + [0.0] * 10))
    agreeing = wilson(tally([1.0] * 10 + [0.0] * 10))
    differing = wilson(tally([0.6] * 10 + [0.4] * 10))
    assert agreeing == once
    assert differing.high - differing.low < (once.high - once.low) / 2


def test_no_items_give_no_proportion() -> None:
    """A task that a model did not answer has no share, and prints as a dash."""
    assert wilson(Tally()) is NONE
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


def test_mean_over_one_task_has_about_wilsons_width() -> None:
    """Over one task the interval is as wide as Agresti and Coull's, which is close to Wilson's."""
    count = tally([1.0] * 30 + [0.0] * 20)
    mean, share = mean_over_tasks([count]), wilson(count)
    assert mean.high - mean.low == pytest.approx(share.high - share.low, rel=0.05)


def test_overlapping_intervals_are_ties() -> None:
    """Ranks say between which places a model may stand, and who is tied."""
    shares = [Proportion(0.9, 0.85, 0.95, 9), Proportion(0.8, 0.7, 0.88, 9), Proportion(0.2, 0.1, 0.3, 9)]
    found = ranks(shares)
    assert [str(r) for r in found] == ["=1", "=1", "3"]
    assert [r.range for r in found] == ["1–2", "1–2", "3"]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3)), min_size=1, max_size=12))
def test_every_place_is_somebodys(spans: list[tuple[float, float]]) -> None:
    """Best is never behind worst, and somebody may be first and somebody last."""
    found = ranks([Proportion(m, max(0, m - w), min(1, m + w), 5) for m, w in spans])
    assert all(1 <= r.best <= r.worst <= len(spans) for r in found)
    assert min(r.best for r in found) == 1
    assert max(r.worst for r in found) == len(spans)


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
