"""fit_2pl at the sizes of a leaderboard: recovery, coverage, traps, bad input, determinism."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from proofgrid import irt
from proofgrid.irt import em, likelihood
from proofgrid.irt.em import fit_em
from proofgrid.irt.fit_statistics import signed_slope
from proofgrid.irt.likelihood import Sums
from proofgrid.irt.quadrature import RATIO, Grid, adapted, cheapest, make_grid, moments, own_nodes, posterior
from proofgrid.irt.responses import read_responses
from proofgrid.irt.skewness import beyond_mode
from tests.irt.simulate import Floats, Truth, simulate


def aligned(truth: Truth, fit: irt.Fit2PL) -> tuple[Floats, Floats, Floats, Floats]:
    """theta, its error, a and b after mean-sigma linking to the true abilities."""
    theta = fit.ability.to_numpy()
    scale = truth.theta.std() / theta.std()
    shift = truth.theta.mean() - scale * theta.mean()
    return (
        shift + scale * theta,
        scale * fit.ability_se.to_numpy(),
        fit.discrimination.to_numpy() / scale,
        shift + scale * fit.difficulty.to_numpy(),
    )


@pytest.mark.parametrize(("b_mean", "b_sd", "rmse_b"), [(0.0, 1.0, 0.58), (1.5, 1.5, 0.9), (-1.5, 1.0, 0.8)])
def test_recovery_and_coverage(b_mean: float, b_sd: float, rmse_b: float) -> None:
    """At 24 models x 150 items errors are within the bars and 95% intervals of theta cover 88 to 97 in 100."""
    errors, covered = [], []
    for seed in range(12):
        truth = simulate(seed, 24, 150, b_mean, b_sd)
        fit = irt.fit_2pl(truth.responses)
        assert fit.converged
        theta, se, a, b = aligned(truth, fit)
        errors.append([np.mean((a - truth.a) ** 2), np.mean((b - truth.b) ** 2), np.mean((theta - truth.theta) ** 2)])
        covered.append(np.mean(np.abs(theta - truth.theta) < 1.96 * se))
    rmse = np.sqrt(np.mean(errors, axis=0))
    assert rmse[0] <= 0.44
    assert rmse[1] <= rmse_b
    assert rmse[2] <= 0.26
    assert 0.88 <= np.mean(covered) <= 0.97


def test_many_items_do_not_collapse_onto_the_grid() -> None:
    """With 1,000 items posteriors are narrower than a coarse grid, and the intervals still cover."""
    covered = []
    for seed in range(3):
        truth = simulate(seed, 40, 1000)
        fit = irt.fit_2pl(truth.responses)
        theta, se, _, _ = aligned(truth, fit)
        assert np.sqrt(np.mean((theta - truth.theta) ** 2)) <= 0.09
        covered.append(np.mean(np.abs(theta - truth.theta) < 1.96 * se))
    assert 0.88 <= np.mean(covered) <= 0.99


def test_constant_items_and_models() -> None:
    """All-correct and all-wrong items and models keep finite estimates with the right sign, and are flagged."""
    table = simulate(2, 20, 40).responses
    table["item-3"], table["item-4"] = 1.0, 0.0
    table.loc["model-5"], table.loc["model-6"] = 1.0, 0.0
    table.loc["model-5", "item-4"], table.loc["model-6", "item-3"] = 0.0, 1.0
    fit = irt.fit_2pl(table.drop(columns=["item-3", "item-4"]))
    assert fit.model_flags["model-5"] == "all_correct"
    assert fit.model_flags["model-6"] == "all_wrong"
    assert fit.ability["model-5"] == fit.ability.max()
    assert fit.ability["model-6"] == fit.ability.min()
    fit = irt.fit_2pl(table)
    assert "all_correct" in fit.item_flags["item-3"]
    assert "all_wrong" in fit.item_flags["item-4"]
    assert fit.difficulty["item-3"] < -1 < 1 < fit.difficulty["item-4"]
    assert (
        np.isfinite(fit.item_table()[["discrimination", "discrimination_se", "difficulty", "difficulty_se"]])
        .all()
        .all()
    )
    plain = irt.fit_2pl(simulate(2, 300, 6).responses.assign(x=1.0), priors=None)
    assert np.isnan(plain.difficulty["x"])
    assert "not_estimated" in plain.item_flags["x"]


def test_negative_discrimination_is_found() -> None:
    """An item that only the weaker half solves is flagged, and its signed slope is clearly negative."""
    truth = simulate(4, 24, 60)
    table = truth.responses.copy()
    table["item-7"] = (truth.theta < np.median(truth.theta)).astype(float)
    fit = irt.fit_2pl(table)
    assert "negative_item_rest" in fit.item_flags["item-7"]
    assert signed_slope(fit, "item-7").clearly_negative
    assert irt.negative_items(fit).loc["item-7", "clearly_negative"]
    assert fit.discrimination["item-7"] > 0
    assert not signed_slope(fit, fit.discrimination.idxmax()).clearly_negative


def test_missing_is_left_out_and_not_wrong() -> None:
    """Answers that go missing at random leave abilities where they were; as wrong answers they would lower them."""
    truth = simulate(6, 30, 200)
    rng = np.random.default_rng(0)
    gone = rng.random(truth.responses.shape) < 0.4
    gone[10:] = False
    full, holes = irt.fit_2pl(truth.responses), irt.fit_2pl(truth.responses.mask(gone))
    wrong = irt.fit_2pl(truth.responses.mask(gone, 0.0))
    some = truth.responses.index[:10]
    assert abs((holes.ability[some] - full.ability[some]).mean()) < 0.08
    assert (wrong.ability[some] - full.ability[some]).mean() < -0.4
    assert (holes.ability_se[some] > full.ability_se[some]).all()


def test_hierarchical_priors_follow_the_tasks() -> None:
    """Tasks that differ in discrimination are told apart better with a prior for each task."""
    closer = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        task = np.repeat([0, 1, 2], 50)
        truth = simulate(seed, 24, 150)
        a = truth.a * np.array([0.5, 1.0, 2.0])[task]
        y = rng.random((24, 150)) < 1 / (1 + np.exp(-a * (truth.theta[:, None] - truth.b)))
        table = pd.DataFrame(y.astype(float), index=truth.responses.index, columns=truth.responses.columns)
        groups = pd.Series([f"task-{k}" for k in task], index=table.columns)
        level = pd.Series(a * truth.theta.std()).groupby(task).mean().to_numpy()

        def off(
            priors: irt.Priors, table: pd.DataFrame = table, groups: pd.Series = groups, level: Floats = level
        ) -> float:
            fit = irt.fit_2pl(table, priors=priors, groups=groups)
            assert fit.converged
            return float(np.abs(np.log(fit.discrimination.groupby(groups).mean().to_numpy() / level)).mean())

        closer.append(off(irt.Priors()) - off(irt.Priors(hierarchical=True)))
    assert np.mean(closer) > 0.05
    with pytest.raises(irt.IrtError, match="groups"):
        irt.fit_2pl(table, priors=irt.Priors(hierarchical=True))


def tasks_of(seed: int, items: int, means: tuple[float, ...]) -> tuple[pd.DataFrame, NDArray[np.intp], Floats, Floats]:
    """24 models of mean 0 and variance 1 on tasks of that many items: responses, task, difficulty, ability."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=24)
    theta = (theta - theta.mean()) / theta.std()
    task = np.repeat(np.arange(len(means)), items)
    a, b = rng.lognormal(0, 0.4, len(task)), np.array(means)[task] + rng.normal(0, 0.8, len(task))
    right = rng.random((24, len(task))) < 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    return pd.DataFrame(right.astype(float)), task, b, theta


def two_groups_of_models(seed: int) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """50 models at -1 and 50 at 1 on three tasks of ten items: responses, task."""
    rng = np.random.default_rng(seed)
    theta = np.where(np.arange(100) % 2, 4.0, -4.0) + 0.3 * rng.normal(size=(2, 100))[1]
    theta = (theta - theta.mean()) / theta.std()
    task = np.repeat(np.arange(3), 10)
    a, b = rng.lognormal(0, 0.4, 30), task - 1.0 + rng.normal(0, 0.8, 30)
    right = rng.random((100, 30)) < 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    return pd.DataFrame(right.astype(float)), task


def test_many_items_of_an_easy_task_do_not_carry_it_away() -> None:
    """The more items a task has, the better its difficulties, and no more passes: also where nearly all is solved."""
    passes = []
    for items in (20, 400):
        table, task, b, theta = tasks_of(1, items, (-5.0, -2.5, -1.5, -0.5, 0.0, 1.0))
        data = read_responses(table)
        fit = fit_em(data, irt.Priors(hierarchical=True), task)
        assert fit.converged
        passes.append(fit.passes)
        assert fit.b.min() > -7
        for k in range(1, 6):
            assert abs((fit.b - b)[task == k].mean()) < 0.45
        told = task > 0
        assert 0.75 < np.polyfit(b[told], fit.b[told], 1)[0] < 1.1
        eap = (fit.post @ fit.grid.theta)[data.pattern]
        assert np.sqrt(((eap - theta) ** 2).mean()) < (0.25 if items == 20 else 0.1)
    assert passes[1] < 2.5 * passes[0]


@pytest.mark.parametrize("priors", [irt.Priors(), irt.Priors(hierarchical=True)])
def test_the_estimates_are_the_same_whatever_way_led_there(priors: irt.Priors) -> None:
    """From other starts and by other jumps; and abilities have mean 0 and variance 1 over the models."""
    table, task, b, _ = tasks_of(2, 60, (-4.0, -2.0, 0.0))
    data = read_responses(table)
    one = fit_em(data, priors, task, tolerance=1e-7)
    rng = np.random.default_rng(0)
    for start in (
        (np.full(len(b), 1.0), np.zeros(len(b))),
        (rng.normal(0, 0.3, len(b)), b),
        (np.zeros(len(b)), 2 * b - 3),
    ):
        other = fit_em(data, priors, task, start=start, tolerance=1e-7)
        assert np.abs(other.b - one.b).max() < 1e-3
        assert np.abs(other.log_a - one.log_a).max() < 1e-3
    mean, variance = moments(one.post, one.grid)
    assert abs(data.weight @ mean) / 24 < 1e-3
    assert abs(data.weight @ (variance + mean**2) / 24 - 1) < 0.03


def test_a_task_that_tells_nothing_apart_has_flat_slopes() -> None:
    """A task that can be guessed and whose answers have nothing to do with ability: its slopes do not run off."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        told = simulate(seed, 10, 60).responses
        flat = pd.DataFrame(rng.binomial(1, 0.8, (10, 30)).astype(float), index=told.index).add_prefix("flat-")
        table = told.join(flat)
        groups = pd.Series(["told"] * 60 + ["flat"] * 30, index=table.columns)
        guessing = dict.fromkeys(flat.columns, 0.5)
        fit = irt.fit_2pl(table, groups=groups, priors=irt.Priors(hierarchical=True), guessing=guessing)
        assert fit.converged
        d1 = irt.task_summary(fit, bootstrap=0)["D1"]
        assert d1["flat"] < 0.5 * d1["told"]
        assert fit.discrimination[flat.columns].max() < 3


def test_the_mean_of_an_items_posterior_is_found_from_its_mode() -> None:
    """Against sums over a fine grid of (log a, b), with and without a floor: most of the way from mode to mean."""
    theta = np.linspace(-1.8, 1.8, 24)
    for right, chance in ((6, 0.0), (18, 0.0), (22, 0.0), (20, 0.25)):
        y = (np.arange(24) >= 24 - right).astype(float)
        y[[3, -3]] = 1 - y[[3, -3]]
        log_a, b = np.meshgrid(np.linspace(-2.5, 2.5, 501), np.linspace(-8, 8, 801), indexing="ij")

        def posterior(log_a: Floats, b: Floats, y: Floats = y, chance: float = chance) -> Floats:
            z = np.clip(np.exp(log_a)[..., None] * (theta - b[..., None]), -30, 30)
            p = chance + (1 - chance) / (1 + np.exp(-z))
            value = (y * np.log(p) + (1 - y) * np.log1p(-p)).sum(axis=-1)
            return np.asarray(value - 0.5 * (log_a / 0.5) ** 2 - 0.5 * (b / 2.0) ** 2)

        density = posterior(log_a, b)
        k = np.unravel_index(density.argmax(), density.shape)
        weight = np.exp(density - density.max())
        weight /= weight.sum()
        mode = np.array([log_a[k], b[k]])
        mean = np.array([(weight * log_a).sum(), (weight * b).sum()])
        logit = np.exp(mode[0]) * (theta - mode[1])
        q = 1 / (1 + np.exp(logit))
        known = (1 - chance) * (1 - q) / (chance + (1 - chance) * (1 - q)) if chance else np.ones(24)
        slope = np.where(y == 1, known * q, q - 1)
        second = np.where(y == 1, known * q * ((1 - known) * q - (1 - q)), -q * (1 - q))
        h = 1e-3
        third = np.where(y == 1, _third(logit, chance, h), -q * (1 - q) * (2 * q - 1))
        powers = np.stack([theta**n for n in range(4)])
        hessian = _hessian(posterior, mode, h)
        inverse = np.linalg.inv(-hessian)[[0, 0, 1], [0, 1, 1]][:, None]
        found = beyond_mode(
            np.exp(mode[:1]), mode[1:], (powers[:2] @ slope)[:, None], (powers[:3] @ second)[:, None],
            (powers @ third)[:, None], inverse,
        )[:, 0]  # fmt: skip
        sd = np.sqrt(inverse[[0, 2], 0])
        assert (np.abs(mode + found - mean) < 0.5 * np.abs(mode - mean) + 0.06 * sd).all()


def _third(logit: Floats, chance: float, h: float) -> Floats:
    """Third derivative of log P(right) by the logit, by differences."""

    def log_p(z: Floats) -> Floats:
        return np.asarray(np.log(chance + (1 - chance) / (1 + np.exp(-z))))

    ups = log_p(logit + 2 * h) - 2 * log_p(logit + h) + 2 * log_p(logit - h) - log_p(logit - 2 * h)
    return np.asarray(ups / (2 * h**3))


def _hessian(of: Callable[[Floats, Floats], Floats], at: Floats, h: float) -> Floats:
    """By differences, 2 x 2."""
    out = np.empty((2, 2))
    step = np.eye(2) * h
    for i in range(2):
        for j in range(2):
            corners = [s * t * float(of(*np.asarray(at + s * step[i] + t * step[j]))) for s in (1, -1) for t in (1, -1)]
            out[i, j] = sum(corners) / (4 * h * h)
    return out


def test_a_perfect_order_of_a_few_models_has_finite_slopes() -> None:
    """Items that order models without a fault leave their slopes to the priors, far from any bound."""
    for models, items in ((3, 12), (4, 12), (5, 8)):
        cut = np.linspace(0, models, items + 2)[1:-1]
        table = pd.DataFrame((np.arange(models)[:, None] >= cut).astype(float))
        groups = pd.Series(np.where(np.arange(items) % 2, "odd", "even"), index=table.columns)
        for priors in (irt.Priors(), irt.Priors(hierarchical=True)):
            fit = irt.fit_2pl(table, priors=priors, groups=groups)
            assert fit.converged
            assert fit.discrimination.max() < 15
            assert fit.difficulty.abs().max() < 5
            assert (np.diff(fit.ability) >= -1e-6).all()


def test_a_nearly_flat_item_is_not_overshot_for_ever() -> None:
    """Draws with repeated models (as a bootstrap makes) converge, under both kinds of priors."""
    data = read_responses(simulate(0, 24, 100).responses)
    codes = np.arange(100) % 5
    rng = np.random.default_rng(0)
    for priors in (irt.Priors(), irt.Priors(hierarchical=True)):
        for _ in range(4):
            weight = np.bincount(rng.integers(0, 24, 24), minlength=24).astype(float)
            assert fit_em(replace(data, weight=weight), priors, codes, max_passes=300).converged


def test_items_whose_steps_were_halved_to_nothing_have_not_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands still because it was held is not at its best."""

    class Held(em._Em):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.damping[:] = 1e-9

    data = read_responses(simulate(0, 24, 100).responses)
    assert fit_em(data, irt.Priors(), max_passes=40).converged
    monkeypatch.setattr(em, "_Em", Held)
    assert not fit_em(data, irt.Priors(), max_passes=40).converged


def test_variances_of_tasks_are_not_overshot_for_ever() -> None:
    """Two groups of models far apart: a task's variance jumped to and fro while the items' own steps were damped."""
    table, task = two_groups_of_models(1)
    assert fit_em(read_responses(table), irt.Priors(hierarchical=True, sd_weight=1), task, max_passes=300).converged


@pytest.mark.parametrize("seed", [1, 7])
def test_means_of_a_task_that_three_models_solve_do_not_go_round(seed: int) -> None:
    """Where slopes and difficulties of a task make up for each other, its means still come to rest."""
    rng = np.random.default_rng(seed)
    theta, task = rng.normal(size=3), np.repeat(np.arange(10), 30)
    means = rng.normal(size=10)
    means[0] = -12.0
    a, b = rng.lognormal(0, 0.3, 300), rng.normal(means[task])
    right = rng.random((3, 300)) < 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    fit = fit_em(read_responses(pd.DataFrame(right.astype(float))), irt.Priors(hierarchical=True), task)
    assert fit.converged
    assert fit.passes < 300


def test_nodes_of_each_models_own_say_what_shared_ones_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 2,500 items 12 models need fewer nodes of their own, and what comes out has shared ones."""
    truth = simulate(4, 12, 2500)
    data = read_responses(truth.responses)
    seen = []

    def watched(*args: Any) -> Grid:
        seen.append(cheapest(*args))
        return seen[-1]

    monkeypatch.setattr(em, "cheapest", watched)
    own = fit_em(data, irt.Priors(), tolerance=1e-7)
    assert any(grid.own for grid in seen)
    assert not own.grid.own
    monkeypatch.setattr(em, "cheapest", adapted)
    shared = fit_em(data, irt.Priors(), tolerance=1e-7)
    assert np.abs(own.log_a - shared.log_a).max() < 1e-6
    assert np.abs(own.b - shared.b).max() < 1e-6
    for one, other in zip(moments(own.post, own.grid), moments(shared.post, shared.grid), strict=True):
        assert np.abs(one - other).max() < 1e-7
    assert own.log_likelihood == pytest.approx(shared.log_likelihood, abs=1e-4)


def test_nodes_of_each_models_own_are_left_where_posteriors_are_elsewhere() -> None:
    """A little off they are made anew; far off nodes for all look where the posteriors are."""
    wide = make_grid()
    for move, own in ((0.01, True), (0.3, True), (4.0, False)):
        grid = own_nodes(np.array([-1.0, 1.0]), np.array([0.05, 0.1]), wide)
        mean = np.array([-1.0, 1.0]) + move * np.array([0.05, 0.1])
        likelihood_and_prior = -0.5 * ((grid.theta - mean[:, None]) / [[0.05], [0.1]]) ** 2
        post, _ = posterior(likelihood_and_prior + 0.5 * grid.theta**2, grid)
        found = cheapest(grid, post)
        assert (found is grid) == (move < 0.05)
        assert found.own == own


@pytest.mark.parametrize("chances", [False, True])
@pytest.mark.parametrize("holes", [False, True])
def test_items_in_blocks_are_items_at_once(chances: bool, holes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Likelihoods and sums are the same however many items go into a block; derivatives are those of the likelihood."""
    rng = np.random.default_rng(3)
    table = simulate(5, 9, 23).responses
    if holes:
        table = table.mask(rng.random(table.shape) < 0.2)
    floor = np.where(np.arange(23) % 3, 0.0, 0.25)
    data = replace(read_responses(table), floor=floor if chances else None)
    a, b = rng.lognormal(0, 0.4, 23), rng.normal(size=23)
    theta = np.linspace(-3, 3, 11)

    def found(size: int) -> tuple[Floats, Sums]:
        monkeypatch.setattr(likelihood, "_BLOCK", size)
        parts = likelihood.blocks(data, len(theta))
        assert sorted(np.concatenate([part.items for part in parts])) == list(range(23))
        like = np.sum([part.log_likelihood(a, b, theta) for part in parts], axis=0)
        post, _ = posterior(like, make_grid(-3, 3, 11))
        order = np.argsort(np.concatenate([part.items for part in parts]))
        sums = zip(*(part.sums(a, b, np.vander(theta, 4, increasing=True), post) for part in parts), strict=True)
        return like, Sums(*(np.concatenate(of, axis=1)[:, order] for of in sums))

    whole, pieces = found(10**6), found(33)
    assert np.abs(whole[0] - pieces[0]).max() < 1e-10
    for one, other in zip(whole[1], pieces[1], strict=True):
        assert np.abs(one - other).max() < 1e-10
    p = 1 / (1 + np.exp(-a[:, None] * (theta - b[:, None])))
    p = p + (floor[:, None] * (1 - p) if chances else 0.0)
    log = data.y @ np.log(p) + (data.seen - data.y) @ np.log1p(-p)
    assert np.abs(whole[0] - log).max() < 1e-10

    def expected(a: Floats, b: Floats) -> float:
        """Log likelihood over the posteriors that the sums are over."""
        post, _ = posterior(whole[0], make_grid(-3, 3, 11))
        return float(sum((post * part.log_likelihood(a, b, theta)).sum() for part in likelihood.blocks(data, 11)))

    first, h = whole[1].first, 1e-5
    for item in range(23):
        at = np.arange(23) == item
        by_b = (expected(a, b + h * at) - expected(a, b - h * at)) / (2 * h)
        by_a = (expected(a + h * at, b) - expected(a - h * at, b)) / (2 * h)
        assert by_b == pytest.approx(-a[item] * first[0, item], abs=1e-5)
        assert by_a == pytest.approx(first[1, item] - b[item] * first[0, item], abs=1e-5)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 1000), st.integers(3, 12), st.integers(2, 12))
def test_order_does_not_matter(seed: int, models: int, items: int) -> None:
    """Shuffling rows and columns shuffles the estimates and changes nothing else."""
    table = simulate(seed, models, items).responses
    if ((table.sum() == 0) | (table.sum() == models)).all():
        return
    rng = np.random.default_rng(seed)
    shuffled = table.iloc[rng.permutation(models), rng.permutation(items)]
    one, two = irt.fit_2pl(table), irt.fit_2pl(shuffled)
    np.testing.assert_allclose(one.ability, two.ability[one.models], atol=2e-3)
    np.testing.assert_allclose(one.difficulty, two.difficulty[one.items], atol=2e-3)


def test_the_same_call_gives_the_same_numbers() -> None:
    """No random numbers: two fits are equal to the last bit."""
    table = simulate(9, 15, 40).responses
    one, two = irt.fit_2pl(table), irt.fit_2pl(table)
    pd.testing.assert_frame_equal(one.item_table(), two.item_table(), check_exact=True)
    pd.testing.assert_frame_equal(one.model_table(), two.model_table(), check_exact=True)


GOOD = pd.DataFrame([[1, 0, 1], [0, 1, 1], [1, 1, 0]], index=["m1", "m2", "m3"], columns=["i1", "i2", "i3"])


def changed(row: str, column: str, value: object) -> pd.DataFrame:
    """GOOD with one cell replaced."""
    table = GOOD.astype(object)
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (changed("m2", "i3", 2), "model 'm2', item 'i3' holds 2"),
        (changed("m2", "i3", 0.5), "model 'm2', item 'i3' holds 0.5"),
        (changed("m1", "i2", "yes"), "model 'm1', item 'i2' holds 'yes'"),
        (changed("m1", "i2", float("inf")), "model 'm1', item 'i2' holds inf"),
        (GOOD * 0, "no item tells the models apart"),
        (GOOD.iloc[:1], "only one model ('m1')"),
        (GOOD.rename(index={"m2": "m1"}), "model 'm1' occurs more than once"),
        (GOOD.rename(columns={"i3": "i1"}), "item 'i1' occurs more than once"),
        (GOOD * np.nan, "every response is missing"),
        (GOOD.assign(i2=np.nan), "item 'i2' has no response"),
        (GOOD.T.assign(m3=np.nan).T, "model 'm3' has no response"),
        (GOOD.iloc[:0], "is empty: 0 models and 3 items"),
    ],
)
def test_bad_input_gets_one_sentence(table: pd.DataFrame, said: str) -> None:
    """An unusable matrix is refused with a sentence that names the row or the column."""
    with pytest.raises(irt.ResponseError) as caught:
        irt.fit_2pl(table)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_refusals() -> None:
    """Unknown engines, items without a task and sizes that girth would lose are refused by name."""
    with pytest.raises(irt.IrtError, match="no engine 'mirt'"):
        irt.fit_2pl(GOOD, engine="mirt")  # type: ignore[arg-type]
    with pytest.raises(irt.ResponseError, match="item 'i3' has no task"):
        irt.fit_2pl(GOOD, groups={"i1": "x", "i2": "y"})
    with pytest.raises(irt.EngineError, match='use engine="map"'):
        irt.fit_2pl(simulate(0, 3, 2500).responses, engine="girth")
    with pytest.raises(irt.IrtError, match="b_sd"):
        irt.Priors(b_sd=0)


def test_a_grid_that_is_far_too_fine_is_made_anew_and_says_the_same() -> None:
    """Posteriors of sd 0.1 on 2,401 nodes: the new grid is spaced as they ask, and holds them to eight digits."""
    fine = make_grid(points=2401)
    middle = np.array([[-1.0], [0.5]])
    post, marginal = posterior(-0.5 * ((fine.theta - middle) / 0.1) ** 2, fine)
    coarse = adapted(fine, post)
    again, anew = posterior(-0.5 * ((coarse.theta - middle) / 0.1) ** 2, coarse)
    assert 0.05 < coarse.step <= RATIO * 0.1
    assert adapted(coarse, again) is coarse
    for one, other in zip((marginal, *moments(post, fine)), (anew, *moments(again, coarse)), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-7)
