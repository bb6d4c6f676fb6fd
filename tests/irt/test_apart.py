"""Tasks and families apart: abilities by task, differential items, fixed populations, bounded refits, odd tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import binom

from proofgrid import irt
from proofgrid.irt import refits
from proofgrid.irt.dif import exact_p
from proofgrid.irt.dimensions import q3, residuals
from proofgrid.irt.discrimination import LEAST_ITEMS, expected_information, task_discrimination
from proofgrid.irt.refits import BUDGET, Draw, affordable, refit_grid, refit_to_draw, work
from proofgrid.irt.robust import resampled_models
from proofgrid.irt.task_abilities import correlation_draws
from tests.irt.simulate import simulate


def two_tasks(seed: int, rho: float, models: int = 40, each: int = 40) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Two tasks whose abilities correlate ``rho``."""
    rng = np.random.default_rng(seed)
    theta = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], models)
    b = rng.normal(0, 1, 2 * each)
    task = np.repeat([0, 1], each)
    y = rng.random((models, 2 * each)) < expit(1.2 * (theta[:, task] - b))
    table = pd.DataFrame(y.astype(float), index=[f"m{k}" for k in range(models)], columns=[f"i{k}" for k in range(80)])
    return table, pd.Series([f"t{k}" for k in task], index=table.columns)


def test_abilities_by_task_find_the_correlation_of_tasks() -> None:
    """Tasks that measure one thing correlate near 1, tasks that measure two do not; the interval holds the truth."""
    one, groups = two_tasks(1, 0.98)
    two, _ = two_tasks(1, 0.2)
    alike = irt.task_abilities(irt.fit_2pl(one, groups=groups), bootstrap=60)
    apart = irt.task_abilities(irt.fit_2pl(two, groups=groups), bootstrap=60)
    assert alike is not None
    assert apart is not None
    (near,), (far,) = alike.correlations.to_dict("records"), apart.correlations.to_dict("records")
    assert near["correlation"] > 0.85
    assert far["low"] < 0.2 < far["high"]
    assert far["correlation"] < 0.6
    assert (apart.errors > alike.errors).to_numpy().mean() > 0.9


def test_abilities_by_task_are_not_given_from_too_little() -> None:
    """Below ten models, or with one task of ten items, there is nothing."""
    table, groups = two_tasks(2, 0.5)
    assert irt.task_abilities(irt.fit_2pl(table.iloc[:9], groups=groups)) is None
    few = table.iloc[:, :45]
    assert irt.task_abilities(irt.fit_2pl(few, groups=groups[few.columns])) is None


def test_exact_p_values_of_families_are_binomial_where_chances_are_equal() -> None:
    """With one chance for all members the p value is that of the binomial test, doubled tails."""
    p = np.full((6, 7), 0.3)
    right = np.arange(7.0)
    wanted = np.minimum(1, 2 * np.minimum(binom.cdf(right, 6, 0.3), binom.sf(right - 1, 6, 0.3)))
    np.testing.assert_allclose(exact_p(right, p, np.ones((6, 7))), wanted)


def test_items_that_one_family_knows_are_found_and_others_are_not() -> None:
    """Items and a task that one family finds easier than its abilities say are named; without any, next to none is."""
    truth = simulate(5, 30, 100)
    families = pd.Series(["a"] * 10 + ["b"] * 20, index=truth.responses.index)
    groups = pd.Series(np.repeat(["t0", "t1", "t2", "t3", "t4"], 20), index=truth.responses.columns)
    fair = irt.family_differences(irt.fit_2pl(truth.responses, groups=groups), families)
    assert fair is not None
    assert len(fair.clear_items) <= 1
    table = truth.responses.copy()
    rng = np.random.default_rng(0)
    table.iloc[:10, :20] = np.maximum(table.iloc[:10, :20], rng.random((10, 20)) < 0.7)
    found = irt.family_differences(irt.fit_2pl(table, groups=groups), families)
    assert found is not None
    assert found.clear_tasks["task"].iloc[0] == "t0"
    assert set(found.clear_items["task"]) <= {"t0"}
    assert irt.family_differences(irt.fit_2pl(table), pd.Series("one", index=table.index)) is None


def test_tasks_of_few_items_and_tables_of_few_models_have_no_discrimination() -> None:
    """Below ten items a task has no index and no difference; below ten models none has."""
    table = simulate(3, 20, 60).responses
    groups = pd.Series(["few"] * (LEAST_ITEMS - 1) + ["many"] * 51, index=table.columns)
    found = task_discrimination(irt.fit_2pl(table, groups=groups), bootstrap=25)
    low, point, high = (found.table[name] for name in ("D1_low", "D1", "D1_high"))
    assert np.isnan(point["few"])
    assert low["many"] < point["many"] < high["many"]
    assert len(found.differences) == 0
    assert irt.task_summary(irt.fit_2pl(table.iloc[:9], groups=groups), bootstrap=0)["D1"].isna().all()


def test_a_banks_reference_population_does_not_move_with_the_models_scored() -> None:
    """D1 on a bank is of the bank alone: its interval holds the fit's own, and fewer than ten items have none."""
    truth = simulate(6, 30, 60)
    groups = pd.Series(["x"] * 30 + ["y"] * 25 + ["z"] * 5, index=truth.responses.columns)
    fit = irt.fit_2pl(truth.responses, groups=groups)
    bank = irt.make_bank(fit)
    table, differences = irt.reference_discrimination(bank)
    own = irt.task_summary(fit, bootstrap=0)["D1"]
    low, point, high = (table[name] for name in ("D1_low", "D1", "D1_high"))
    assert low["x"] < point["x"] < high["x"]
    assert point["x"] < own["x"]  # the bank's scale is stretched, so its slopes are less
    assert np.isnan(point["z"])
    assert list(zip(differences["task_1"], differences["task_2"], strict=True)) == [("x", "y")]


def test_families_are_resampled_whole() -> None:
    """A draw takes all members of a family or none; without families it takes models one by one."""
    table = simulate(1, 12, 30).responses
    families = pd.Series([f"f{k // 4}" for k in range(12)], index=table.index)
    rng = np.random.default_rng(0)
    with_families = irt.fit_2pl(table, families=families)
    counts = np.bincount(resampled_models(with_families.units, rng), minlength=12).reshape(3, 4)
    assert (counts == counts[:, :1]).all()
    assert counts.sum() == 12
    alone = irt.fit_2pl(table)
    assert len(resampled_models(alone.units, rng)) == 12


def test_large_tables_get_fewer_refits_and_small_ones_all() -> None:
    """The number of refits is bounded by work, the same on every machine."""
    small = irt.fit_2pl(simulate(1, 24, 60).responses)
    large = irt.fit_2pl(simulate(1, 24, 1500).responses)
    assert affordable(small, 200, 0.6) == 200
    assert 20 <= affordable(large, 200, 0.6) < 200
    assert len(refit_grid(large).theta) < len(large.grid.theta) / 1.5
    assert correlation_draws(24, 15, 200) == 200
    assert 20 <= correlation_draws(240, 15, 200) < 200
    assert correlation_draws(5000, 30, 200) == 0  # too few to use: no interval


def slow_table() -> irt.Fit2PL:
    """Two tasks that tell models apart, and one that all solve and that can be guessed: flat for its difficulties."""
    table = simulate(1, 24, 100).responses
    flat = [f"flat-{k}" for k in range(50)]
    table = table.join(pd.DataFrame(1.0, index=table.index, columns=flat))
    groups = pd.Series(["a", "b"] * 50 + ["flat"] * 50, index=table.columns)
    priors = irt.Priors(hierarchical=True)
    return irt.fit_2pl(table, groups=groups, priors=priors, guessing=dict.fromkeys(flat, 0.5))


def drawn_d1(fit: irt.Fit2PL, draw: Draw) -> np.ndarray:
    """D1 of each task of a draw."""
    assert fit.groups is not None
    mean = pd.Series(expected_information(draw.a, draw.b, fit.data.floor)).groupby(fit.groups.to_numpy()).mean()
    return (mean / (1 + mean)).to_numpy()


def test_a_task_that_all_models_solve_does_not_keep_refits_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refits end in a few passes, and D1 is what it is at the end of all passes."""
    fit = slow_table()
    grid = refit_grid(fit)

    def draws() -> list[Draw]:
        made = (refit_to_draw(fit, np.random.default_rng(seed), grid) for seed in range(3))
        return [draw for draw in made if draw is not None]

    ours = draws()
    assert len(ours) == 3
    for draw in ours:
        assert draw.work <= work(fit.data, len(fit.grid.theta), 25)
    monkeypatch.setattr(refits, "TOLERANCE", 1e-5)
    monkeypatch.setattr(refits, "MOST_PASSES", 3000)
    for draw, end in zip(ours, draws(), strict=True):
        assert np.abs(drawn_d1(fit, draw) - drawn_d1(fit, end)).max() < 0.01


def test_what_is_affordable_is_counted_from_what_a_refit_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refits that take twice the passes are half as many, and together they cost their share."""
    share, wanted, counts = 0.02, 10_000, []
    table = simulate(1, 24, 150).responses
    for tolerance in (refits.TOLERANCE, 1e-5):
        monkeypatch.setattr(refits, "TOLERANCE", tolerance)
        fit = irt.fit_2pl(table)
        counts.append(affordable(fit, wanted, share))
        assert counts[-1] == affordable(fit, wanted, share)
        rng = np.random.default_rng(5)
        works = [draw.work for _ in range(8) if (draw := refit_to_draw(fit, rng, refit_grid(fit))) is not None]
        assert 0.5 < counts[-1] * np.mean(works) / (share * BUDGET) < 2.0
    assert counts[1] < counts[0] / 1.5


def test_dependent_pairs_of_a_wide_table_are_those_of_the_whole_matrix_of_correlations() -> None:
    """Q3 goes through its correlations block by block and finds the most extreme of them."""
    fit = irt.fit_2pl(simulate(3, 24, 600).responses)
    correlation = np.corrcoef(residuals(fit).T)
    upper = np.triu_indices(600, 1)
    values = correlation[upper]
    order = np.argsort(-np.abs(np.round(values - values.mean(), 9)), kind="stable")[:50]
    found = q3(fit)
    np.testing.assert_allclose(found["excess"], found["q3"] - values.mean(), atol=1e-9)
    np.testing.assert_allclose(found["excess"].abs(), np.abs(values[order] - values.mean()), atol=1e-9)
    place = {name: k for k, name in enumerate(fit.items)}
    assert len(set(zip(found["item_1"], found["item_2"], strict=True))) == 50
    for row in found.itertuples():
        assert place[row.item_1] < place[row.item_2]
        assert row.q3 == pytest.approx(correlation[place[row.item_1], place[row.item_2]])


def odd_tables() -> dict[str, pd.DataFrame]:
    """Forty tables that no fit can like."""
    rng = np.random.default_rng(0)

    def table(values: object) -> pd.DataFrame:
        v = np.asarray(values, dtype=float)
        return pd.DataFrame(v, index=[f"m{k}" for k in range(v.shape[0])], columns=[f"i{k}" for k in range(v.shape[1])])

    def coins(m: int, n: int) -> np.ndarray:
        return (rng.random((m, n)) < 0.5).astype(float)

    def holes(m: int, n: int, share: float) -> np.ndarray:
        return np.where(rng.random((m, n)) < share, np.nan, coins(m, n))

    found = {f"{m} x {n}": table(coins(m, n)) for m in (2, 3, 5, 12) for n in (1, 2, 3, 11, 40)}
    block = np.full((24, 40), np.nan)
    block[:12, :20], block[12:, 20:] = coins(12, 20), coins(12, 20)
    guttman = (np.arange(20)[:, None] >= np.arange(19)).astype(float)
    one_right = np.zeros((12, 30))
    one_right[0, 0] = 1
    found |= {
        "all right": table(np.ones((12, 30))),
        "all wrong": table(np.zeros((12, 30))),
        "one right answer": table(one_right),
        "one wrong answer": table(1 - one_right),
        "Guttman": table(guttman),
        "Guttman upside down": table(np.concatenate([guttman, 1 - guttman], axis=1)),
        "equal rows": table(np.repeat(coins(1, 30), 12, axis=0)),
        "equal columns": table(np.repeat(coins(12, 1), 30, axis=1)),
        "two kinds of rows": table(np.repeat(np.eye(2), [6, 6], axis=0).repeat(15, axis=1)),
        "complements": table(
            np.concatenate([coins(12, 15)] * 2, axis=1) * np.repeat([1, 0], 15) + np.repeat([0, 1], 15)
        ),
        "one model knows all": table(np.vstack([np.ones(30), np.zeros((11, 30))])),
        "two parts": table(block),
        "diagonal": table(np.where(np.eye(15) > 0, 1.0, np.nan)),
        "half missing": table(holes(12, 30, 0.5)),
        "nearly all missing": table(holes(12, 30, 0.9)),
        "one item each": table(np.where(np.eye(12, 24) > 0, coins(12, 24), np.nan)),
        "one column full": table(np.where(np.arange(20) == 0, coins(12, 20), np.nan)),
        "one row full": table(np.where(np.arange(12)[:, None] == 0, coins(12, 20), np.nan)),
        "long and thin": table(coins(300, 2)),
        "short and wide": table(coins(2, 400)),
    }
    return found


@pytest.mark.parametrize("name", list(odd_tables()))
def test_a_degenerate_table_gives_finite_figures_or_one_sentence(name: str) -> None:
    """Never a traceback of numpy's, never a NaN ability, never a silent fit: what cannot be trusted is said."""
    table = odd_tables()[name]
    groups = pd.Series(["a", "b"] * (table.shape[1] // 2) + ["a"] * (table.shape[1] % 2), index=table.columns)
    families = pd.Series([f"f{k % 3}" for k in range(len(table))], index=table.index)
    try:
        found = irt.analyse(
            table, groups, priors=irt.Priors(hierarchical=groups.nunique() > 1), families=families, bootstrap=2
        )
    except irt.IrtError:
        return
    assert np.isfinite(found.models[["ability", "ability_se"]].to_numpy()).all()
    assert np.isfinite(found.items[["discrimination", "difficulty", "difficulty_se"]].to_numpy()).all()
    assert (found.models["ability_se"] > 0).all()
    assert 0 <= found.fit.reliability <= 1
    assert found.cautions
