"""Runs of the same models on items of other seeds are one report: pooled, with what changes from seed to seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency

from proofgrid.report import leaderboard, seeds
from proofgrid.report.board import Board, make_board
from proofgrid.report.page import build_page
from proofgrid.report.simulate import simulate_run
from proofgrid.run.scored import ScoredRun
from proofgrid.statistics import mean_over_tasks, proportion, tally

TASKS = ("pl1_pw", "pl1_pc")


def run_of(seed: int, shift: float = 0.0) -> ScoredRun:
    """Four models on other items: names of the models are those of every seed."""
    run = simulate_run(4, 6, seed, TASKS, name=f"seed-{seed}", shift=shift)
    names = sorted(run.attempts["model"].unique())
    return replace(run, attempts=run.attempts.assign(model=run.attempts["model"].map(lambda m: f"m{names.index(m)}")))


@pytest.fixture(scope="module")
def board() -> Board:
    """Three seeds."""
    return make_board([run_of(1), run_of(2), run_of(3)])


def test_the_seeds_are_one_board(board: Board) -> None:
    """A model has one row over all items; nothing is ranked against itself, and nothing is before and after."""
    rows = leaderboard.heat_rows(board)
    assert sorted(row.name for row in rows) == ["m0", "m1", "m2", "m3"]
    assert all(row.solved.n == 3 * 6 * len(TASKS) for row in rows)
    assert board.partners == {}
    assert [len(seed.items) for seed in board.seeds] == [12, 12, 12]
    page = build_page(board, "seeds", "files", lambda *_: None).decode()
    assert 'id="seeds"' in page
    assert "seed-1, seed-2 and seed-3" in page


def test_means_and_intervals_are_those_of_the_seeds(board: Board) -> None:
    """Each seed's mean is that of its run alone, and the interval Student's over the three."""
    alone = make_board([run_of(2)])
    for who, name in enumerate(board.contestants):
        found = seeds.between(board, who)
        other = alone.contestants.index(name)
        assert found.by_seed[1].value == mean_over_tasks([alone.tally(other, t) for t in TASKS]).value
        values = np.array([p.value for p in found.by_seed])
        assert found.mean == pytest.approx(values.mean())
        half = 4.302652729696 * values.std(ddof=1) / np.sqrt(3)  # Student's t, two degrees of freedom, 97.5%
        assert found.high == pytest.approx(min(1.0, values.mean() + half))
        assert found.low == pytest.approx(max(0.0, values.mean() - half))


def test_the_interval_over_seeds_holds_and_the_test_keeps_its_level() -> None:
    """Of means over five seeds that differ 95% of intervals hold the truth; of seeds that do not, 5% are called."""
    rng = np.random.default_rng(7)
    held = called = 0
    for _ in range(600):
        shares = np.clip(rng.normal(0.6, 0.08, 5), 0, 1)
        drawn = [proportion(tally((rng.random(120) < share).astype(float).tolist())) for share in shares]
        found = seeds.from_seed_to_seed(drawn)
        held += found.low <= 0.6 <= found.high
        same = [proportion(tally((rng.random(120) < 0.6).astype(float).tolist())) for _ in range(5)]
        called += seeds.from_seed_to_seed(same).p < 0.05
    assert 0.92 <= held / 600 <= 0.975
    assert 0.02 <= called / 600 <= 0.08


def test_the_test_agrees_with_a_table_of_counts() -> None:
    """On seeds of one task Cochran's Q is about the chi-square of the table seeds x right and wrong."""
    right = [60, 75, 48]
    drawn = [proportion(tally([1.0] * r + [0.0] * (120 - r))) for r in right]
    table = chi2_contingency([[r, 120 - r] for r in right], correction=False)
    assert chi2.isf(seeds.from_seed_to_seed(drawn).p, 2) == pytest.approx(table.statistic, rel=0.1)


def test_runs_that_share_items_or_no_model_stay_apart() -> None:
    """The same items twice are a comparison, other models on other items two runs on one board."""
    assert make_board([run_of(1), run_of(1, 1.0)]).seeds == ()
    other = run_of(2)
    strangers = replace(other, attempts=other.attempts.assign(model=other.attempts["model"] + "-x"))
    found = make_board([run_of(1), strangers])
    assert found.seeds == ()
    assert len(leaderboard.heat_rows(found)) == 8


def test_one_seed_says_nothing_of_seeds() -> None:
    """A model with the answers of one seed has a mean and no interval."""
    (only,) = seeds.as_one([run_of(1)])[0]
    assert only.name == "seed-1"
    found = seeds.from_seed_to_seed([proportion(tally([1.0, 0.0]))])
    assert found.mean == 0.5
    assert np.isnan([found.low, found.high, found.spread, found.p]).all()
