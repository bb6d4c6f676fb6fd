"""What follows from a fit: task indices, stability, fit statistics, explanation, banks, adaptive tests."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from proofgrid import irt
from proofgrid.irt.bank import stretch
from proofgrid.irt.dimensions import dimensionality, misgivings, q3
from proofgrid.irt.discrimination import caution, expected_information, item_d1, item_d2
from tests.irt.simulate import simulate


def groups_of(table: pd.DataFrame, n: int) -> pd.Series:
    """Deal items to tasks round robin."""
    return pd.Series([f"task-{k % n}" for k in range(table.shape[1])], index=table.columns)


def test_task_summary_intervals() -> None:
    """Each index lies within its interval, more discriminating tasks rank higher, and one seed gives one interval."""
    rng = np.random.default_rng(1)
    truth = simulate(1, 24, 120)
    a = truth.a * np.array([0.5, 1.0, 2.0])[np.arange(120) % 3]
    y = rng.random((24, 120)) < expit(a * (truth.theta[:, None] - truth.b))
    table = pd.DataFrame(y.astype(float), columns=truth.responses.columns)
    fit = irt.fit_2pl(table, priors=irt.Priors(hierarchical=True), groups=groups_of(table, 3))
    found = irt.task_summary(fit, bootstrap=40)
    for index in ("D1", "D2", "DI", "item_rest"):
        assert (found[f"{index}_low"] < found[index]).all()
        assert (found[index] < found[f"{index}_high"]).all()
        assert list(found[index].sort_values().index) == ["task-0", "task-1", "task-2"]
    pd.testing.assert_frame_equal(found, irt.task_summary(fit, bootstrap=40), check_exact=True)
    assert irt.task_summary(fit, bootstrap=0)["D1_low"].isna().all()
    assert found["items"].tolist() == [40, 40, 40]


def test_indices_are_what_their_formulas_say() -> None:
    """D2 is the share of the information between -1 and +1; D1 is below 1 and grows with the slope."""
    a, b = np.array([0.3, 1.0, 3.0]), np.array([-1.0, 0.2, 0.5])
    theta = np.linspace(-60, 60, 240001)
    p = expit(a[:, None] * (theta - b[:, None]))
    information = (a * a)[:, None] * p * (1 - p)
    inside = np.abs(theta) <= 1
    step = theta[1] - theta[0]
    np.testing.assert_allclose(item_d2(a, b), (information[:, inside].sum(axis=1) * step) / a, atol=2e-3)
    density = np.exp(-0.5 * theta**2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(expected_information(a, b), (information * density).sum(axis=1) * step, atol=1e-6)
    assert (np.diff(item_d1(a, b * 0)) > 0).all()
    assert item_d1(np.array([1e3]), np.array([0.0]))[0] < 1


def test_single_items_are_not_to_be_ranked() -> None:
    """With few models the output says that single discriminations are barely identified; with many it does not."""
    said = caution(24)
    assert said is not None
    assert "do not rank single problems" in said
    assert caution(500) is None


def test_stability_of_estimates() -> None:
    """Abilities are stable, difficulties less, single discriminations hardly; leaving one model out disturbs little."""
    table = simulate(0, 24, 120).responses
    found = irt.estimate_stability(irt.fit_2pl(table, groups=groups_of(table, 4)), splits=4).summary()
    split = found["split_half"]
    assert split["theta"] > 0.9 > split["b"] > split["D1_item"]
    assert found.loc["theta", "leave_one_out_min"] > 0.97
    assert found.loc["b", "leave_one_out_mean"] > 0.95


def test_fit_statistics_find_what_does_not_fit() -> None:
    """Noise has a large outfit, copies of one item are locally dependent, and a scrambled model has a low lz."""
    truth = simulate(3, 60, 40)
    table = truth.responses.copy()
    rng = np.random.default_rng(5)
    table["item-0"] = rng.integers(0, 2, 60).astype(float)
    table["item-1"] = table["item-2"]
    easy = truth.b < np.median(truth.b)
    table.loc["model-9"] = np.where(easy, 0.0, 1.0)
    fit = irt.fit_2pl(table)
    items = irt.item_fit(fit)
    assert items.loc["item-0", "infit"] > items["infit"].quantile(0.9)
    assert abs(items["infit"].median() - 1) < 0.1
    pairs = q3(fit)
    assert {pairs.loc[0, "item_1"], pairs.loc[0, "item_2"]} == {"item-1", "item-2"}
    assert pairs.loc[0, "q3"] > pairs.attrs["limit"]
    people = irt.person_fit(fit)
    assert people["lz"].idxmin() == "model-9"
    assert people.loc["model-9", "lz"] < -3


def test_one_dimension_and_two() -> None:
    """Data with one dimension pass, data with two do not, with few models and many items and the other way round."""
    for models, items in ((24, 80), (400, 12)):
        one = simulate(1, models, items)
        assert dimensionality(irt.fit_2pl(one.responses)).unidimensional
        rng = np.random.default_rng(2)
        second = rng.normal(0, 1, models)
        which = np.arange(items) % 2 == 0
        theta = np.where(which, one.theta[:, None], second[:, None])
        y = rng.random((models, items)) < expit(2.0 * (theta - one.b))
        table = pd.DataFrame(y.astype(float))
        assert not dimensionality(irt.fit_2pl(table)).unidimensional


def test_plain_sentences() -> None:
    """Too few models, items that are too easy and unreliable abilities are said in words; good data get none."""
    few = misgivings(irt.fit_2pl(simulate(0, 5, 30).responses))
    assert any("5 models are too few" in s for s in few)
    easy = misgivings(irt.fit_2pl(simulate(0, 24, 30, b_mean=-5.0).responses))
    assert any("too easy" in s for s in easy)
    assert any("tell nothing apart" in s for s in easy)
    assert any("unreliable" in s for s in misgivings(irt.fit_2pl(simulate(0, 200, 3).responses)))
    assert misgivings(irt.fit_2pl(simulate(0, 300, 40).responses)) == []


def explained(noise: float) -> tuple[irt.Fit2PL, pd.DataFrame]:
    """Difficulties that two of three features make, with noise."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(200, 3))
    b = 0.9 * x[:, 0] - 0.5 * x[:, 1] + rng.normal(0, noise, 200)
    y = rng.random((40, 200)) < expit(rng.normal(0, 1, (40, 1)) - b)
    table = pd.DataFrame(y.astype(float), columns=[f"item-{k}" for k in range(200)])
    features = pd.DataFrame(x, index=table.columns, columns=["depth", "rules", "nothing"])
    return irt.fit_2pl(table), features


def test_difficulty_is_explained_and_predicted() -> None:
    """Features that make items hard are found, idle and repeated ones are not, and new items are predicted."""
    fit, features = explained(0.3)
    found = irt.explain_difficulty(fit, features.assign(constant=1.0, twice=2 * features["depth"]))
    z = found.coefficients["z"]
    assert z["depth"] > 5
    assert z["rules"] < -5
    assert abs(z["nothing"]) < 3
    assert found.dropped == ("constant", "twice")
    assert 0.5 < found.r2_out_of_sample < found.r2 < 1
    new = found.predict(pd.DataFrame({"depth": [0.0, 2.0], "rules": [0.0, 0.0], "nothing": [0.0, 0.0]}))
    assert new["difficulty"].iloc[1] - new["difficulty"].iloc[0] > 1
    assert (new["se"] > found.residual_sd).all()


def test_explanation_admits_when_it_cannot_predict() -> None:
    """With features that say nothing the out-of-sample R^2 is not above 0; missing values are named."""
    fit, features = explained(1.0)
    useless = features.sample(frac=1, random_state=0).set_index(features.index)
    assert irt.explain_difficulty(fit, useless).r2_out_of_sample < 0.05
    features.iloc[4, 1] = np.nan
    with pytest.raises(irt.IrtError, match="item 'item-4' has no value for feature 'rules'"):
        irt.explain_difficulty(fit, features)


def test_bank_keeps_the_scale(tmp_path: Path) -> None:
    """A saved bank reads back equal, writes the same bytes, and places the old models a little wider."""
    table = simulate(5, 30, 100).responses
    fit = irt.fit_2pl(table)
    bank = irt.make_bank(fit, {"pl1_pw": "abc"})
    bank.save(tmp_path / "bank.json")
    again = irt.load_bank(tmp_path / "bank.json")
    again.save(tmp_path / "again.json")
    assert (tmp_path / "bank.json").read_bytes() == (tmp_path / "again.json").read_bytes()
    assert again.hashes == {"pl1_pw": "abc"}
    scored = irt.score_against(again, table)
    wider = stretch(fit)
    assert 1.0 < wider < 1.3
    np.testing.assert_allclose(scored["ability"], wider * fit.ability, atol=0.1)
    assert "30 models" in str(again.caution)
    fewer = irt.score_against(again, table.iloc[:1, :20])
    assert fewer["ability_se"].iloc[0] > scored["ability_se"].iloc[0]
    with pytest.raises(irt.BankError, match="none of these items"):
        irt.score_against(again, table.add_prefix("other-"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "is no item bank"),
        ('{"model": "2pl", "format": 99, "items": []}', "format 99"),
        ('{"model": "2pl", "format": 1, "hashes": {}, "fitted_to": [], "items": []}', "damaged"),
        ('{"model": "2pl", "format": 1, "hashes": {}, "fitted_to": [], "items": [{"id": "x"}]}', "damaged"),
    ],
)
def test_damaged_banks_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """A file that is no bank gets one sentence."""
    (tmp_path / "bank.json").write_text(text)
    with pytest.raises(irt.BankError, match=said):
        irt.load_bank(tmp_path / "bank.json")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a": 10**400}, "damaged"),
        ({"a": float("nan")}, "beyond all reason"),
        ({"b": 1e300}, "beyond all reason"),
        ({"a": -1.0}, "beyond all reason"),
        ({"covariance": [-1.0, 0.0, 1.0]}, "covariance that is none"),
        ({"covariance": [0.1, 5.0, 0.1]}, "covariance that is none"),
        ({"covariance": [0.1]}, "damaged"),
        ({"common": [[1.0], [2.0, 3.0]]}, "damaged"),
        ({"floor": -0.5}, "no chance"),
        ({"floor": float("nan")}, "no chance"),
    ],
)
def test_a_bank_with_impossible_numbers_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    """Parameters, errors and floors that no fit gives cost one sentence, and never a warning or a silent NaN."""
    irt.make_bank(irt.fit_2pl(simulate(1, 12, 20).responses)).save(tmp_path / "bank.json")
    data = json.loads((tmp_path / "bank.json").read_text())
    data["items"][3].update(change)
    (tmp_path / "bank.json").write_text(json.dumps(data))
    with pytest.raises(irt.BankError, match=said):
        irt.load_bank(tmp_path / "bank.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
def test_odd_files_in_place_of_a_bank_are_refused_at_once(tmp_path: Path) -> None:
    """A pipe without a writer, an endless device, a folder, another encoding: one sentence each, and no waiting."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "wide.json").write_bytes("{}".encode("utf-16"))
    for odd in (tmp_path / "pipe", tmp_path, tmp_path / "wide.json", "/dev/zero", "nul\0name", tmp_path / "none"):
        with pytest.raises(irt.BankError, match=r"no item bank|cannot be read"):
            irt.load_bank(odd)


def test_adaptive_test_saves_items_and_keeps_its_promise() -> None:
    """Asking the most telling items reaches se = 0.3 with a fraction of the bank, and errors are of that size."""
    truth = simulate(11, 40, 400)
    bank = irt.make_bank(irt.fit_2pl(truth.responses))
    test = irt.AdaptiveTest(bank, 0.3)
    rng = np.random.default_rng(0)
    asked, errors = [], []
    for _ in range(25):
        theta = rng.normal()
        full = pd.Series((rng.random(400) < expit(truth.a * (theta - truth.b))).astype(float), truth.responses.columns)
        answers: dict[str, float | None] = {}
        while not (state := test.state(answers)).done:
            assert state.next_items
            assert not set(state.next_items) & set(answers)
            answers.update({item: float(full[item]) for item in state.next_items})
        assert state.se <= 0.3
        asked.append(state.asked)
        errors.append(state.ability - irt.score_against(bank, full.to_frame().T)["ability"].iloc[0])
    assert np.mean(asked) < 60
    assert np.sqrt(np.mean(np.square(errors))) < 0.4


def test_adaptive_test_ends_and_respects_what_is_out() -> None:
    """Pending items are not chosen again, unusable answers do not count, and an exhausted bank ends the test."""
    bank = irt.make_bank(irt.fit_2pl(simulate(1, 20, 30).responses))
    test = irt.AdaptiveTest(bank, 0.01, batch=5)
    first = test.state({}).next_items
    assert len(first) == 5
    assert test.state({}, pending=first).next_items == ()
    after = test.state(dict.fromkeys(first), pending=())
    assert after.asked == 0
    assert not set(after.next_items) & set(first)
    everything = dict.fromkeys(bank.items, 1.0)
    done = test.state(everything)
    assert done.done
    assert done.se > 0.01
