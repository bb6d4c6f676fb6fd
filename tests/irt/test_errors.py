"""Errors that hold: repeated samples, copies, families, guessing, odd tables; and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from proofgrid import irt
from proofgrid.irt.fit_statistics import person_fit
from proofgrid.irt.prediction import prediction
from proofgrid.irt.responses import connected
from proofgrid.irt.robust import equal_columns
from tests.irt.simulate import simulate


def test_samples_say_more_than_one_and_no_more_than_they_should() -> None:
    """Four samples a cell halve no error, but shrink it; ones and zeros with one sample are what they always were."""
    truth = simulate(3, 12, 80)
    rng = np.random.default_rng(0)
    chance = 1 / (1 + np.exp(-truth.a * (truth.theta[:, None] - truth.b)))
    four = pd.DataFrame(rng.binomial(4, chance) / 4, index=truth.responses.index, columns=truth.responses.columns)
    many = irt.fit_2pl(four, samples=four * 0 + 4)
    one = irt.fit_2pl(truth.responses)
    same = irt.fit_2pl(truth.responses, samples=truth.responses * 0 + 1)
    assert 0.4 < float(many.ability_se.mean() / one.ability_se.mean()) < 0.75
    pd.testing.assert_series_equal(one.ability, same.ability)
    with pytest.raises(irt.ResponseError, match="share of n answers"):
        irt.fit_2pl(four)


def test_copies_of_items_do_not_shrink_errors() -> None:
    """Every item three times over gives nearly the error of every item once, and the copies are named."""
    table = simulate(4, 24, 60).responses
    tripled = pd.concat([table.add_suffix(f"-{k}") for k in range(3)], axis=1)
    once, thrice = irt.fit_2pl(table), irt.fit_2pl(tripled)
    assert float(thrice.ability_se.mean() / once.ability_se.mean()) > 0.8
    assert float(thrice.ability_se_model.mean() / once.ability_se.mean()) < 0.7
    assert any("have a copy" in s for s in irt.analyse(tripled, bootstrap=0).cautions)


def test_columns_that_few_models_make_alike_are_no_copies() -> None:
    """Of 10 models and 120 unlike items several columns are equal; a copy is what chance does not explain."""
    table = simulate(3, 10, 120).responses
    assert (equal_columns(irt.fit_2pl(table).data) >= 0).any()
    assert not any("have a copy" in s for s in irt.analyse(table, bootstrap=0).cautions)
    middling = next(name for name in table if table[name].sum() == 5)
    copied = pd.concat([table, *(table[[middling]].add_suffix(f"-{k}") for k in range(15))], axis=1)
    assert any("have a copy" in s for s in irt.analyse(copied, bootstrap=0).cautions)


def test_disconnected_designs_are_named() -> None:
    """Models that share no item, not even by way of others, are not silently put on one scale."""
    table = simulate(5, 24, 40).responses
    table.iloc[:12, 20:] = np.nan
    table.iloc[12:, :20] = np.nan
    fit = irt.fit_2pl(table)
    assert list(connected(fit.data)) == [0] * 12 + [1] * 12
    assert any("without a common item" in s for s in irt.analyse(table, bootstrap=0).cautions)


def test_a_known_floor_takes_guessing_out_of_difficulty() -> None:
    """With the floor of the true model, difficulties are nearer to the truth than with none."""
    truth = simulate(6, 60, 150)
    rng = np.random.default_rng(1)
    guessed = (truth.responses + (rng.random(truth.responses.shape) < 0.25)).clip(upper=1.0)
    floor = pd.Series(0.25, index=guessed.columns)
    with_floor, without = irt.fit_2pl(guessed, guessing=floor), irt.fit_2pl(guessed)
    error = [float(np.sqrt(np.mean((f.difficulty - truth.b) ** 2))) for f in (with_floor, without)]
    assert error[0] < 0.7 * error[1]
    with pytest.raises(irt.IrtError, match="floor"):
        irt.fit_2pl(guessed, guessing=floor * 4)


def test_chances_of_being_better_know_their_order() -> None:
    """P(i beats j) and P(j beats i) add to 1, follow the abilities, and are a half on the diagonal."""
    fit = irt.fit_2pl(simulate(7, 10, 80).responses)
    better = fit.better_than()
    np.testing.assert_allclose(better + better.T, 1.0)
    best, worst = fit.ability.idxmax(), fit.ability.idxmin()
    assert better.loc[best, worst] > 0.99


def test_person_fit_is_standard_under_the_model() -> None:
    """About one model in twenty lies beyond 1.96 where the 2PL is true (the unstandardised index had 40% there)."""
    beyond = [abs(person_fit(irt.fit_2pl(simulate(seed, 12, 200).responses))["lz"]) > 1.96 for seed in range(8)]
    assert float(np.mean(beyond)) < 0.12


def test_families_widen_the_items_errors() -> None:
    """Four copies of six models leave the items' errors those of about six models, when families are named."""
    table = simulate(8, 6, 120).responses
    copies = pd.concat([table.rename(lambda m, k=k: f"{m}-{k}") for k in range(4)])
    families = pd.Series([name.rsplit("-", 1)[0] for name in copies.index], index=copies.index)
    alone, together = irt.fit_2pl(table), irt.fit_2pl(copies, families=families)
    naive = irt.fit_2pl(copies, families=pd.Series(copies.index, index=copies.index))
    assert together.difficulty_se.mean() > 1.5 * naive.difficulty_se.mean()
    assert together.difficulty_se.mean() > 0.6 * alone.difficulty_se.mean()


def test_held_out_responses_show_what_irt_adds() -> None:
    """On responses of a 2PL all accounts beat a coin, and items help beyond a model's share."""
    found = prediction(irt.fit_2pl(simulate(9, 30, 100).responses))
    assert found is not None
    loss = found.table["log_loss"]
    assert loss["2PL"] < loss["model's share"] < np.log(2)
    assert found.table["auc"]["2PL"] > 0.7


def _put(table: pd.DataFrame, rows: slice, columns: slice, value: float) -> pd.DataFrame:
    out = table.copy()
    out.iloc[rows, columns] = value
    return out


def odd_tables() -> dict[str, pd.DataFrame]:
    """Forty tables that break assumptions one by one."""
    rng = np.random.default_rng(11)
    base = simulate(10, 12, 30).responses
    out: dict[str, pd.DataFrame] = {"usual": base}
    for models in (2, 3, 4):
        for items in (1, 2, 3, 10):
            out[f"{models} x {items}"] = simulate(models * 10 + items, models, items).responses
    for share in (0.5, 0.8, 0.9, 0.95):
        holes = base.where(rng.random(base.shape) > share)
        out[f"missing {share}"] = holes.dropna(how="all").dropna(how="all", axis=1)
    for k in (1, 11):
        out[f"{k} perfect models"] = _put(base, slice(0, k), slice(None), 1.0)
        out[f"{k} models all wrong"] = _put(base, slice(0, k), slice(None), 0.0)
    for k in (1, 29):
        out[f"{k} items all right"] = _put(base, slice(None), slice(0, k), 1.0)
        out[f"{k} items all wrong"] = _put(base, slice(None), slice(0, k), 0.0)
    out["equal rows"] = pd.DataFrame(np.tile(base.iloc[[0]].to_numpy(), (12, 1)), base.index, base.columns)
    out["equal columns"] = pd.DataFrame(np.tile(base.iloc[:, [0]].to_numpy(), (1, 30)), base.index, base.columns)
    out["opposites"] = pd.DataFrame([base.iloc[0], 1 - base.iloc[0]], index=["a", "b"])
    out["guttman"] = pd.DataFrame((np.arange(12)[:, None] > np.arange(30) % 12).astype(float))
    out["inverted items"] = base.copy()
    out["inverted items"].iloc[:, ::2] = 1 - base.iloc[:, ::2]
    out["coins"] = pd.DataFrame(rng.integers(0, 2, (12, 30)).astype(float))
    out["all right"], out["all wrong"] = base * 0 + 1, base * 0
    blocks = base.copy()
    blocks.iloc[:6, 15:] = np.nan
    blocks.iloc[6:, :15] = np.nan
    out["two blocks"] = blocks
    out["own item each"] = pd.DataFrame(np.where(np.eye(12) > 0, 1.0, np.nan))
    out["wide"] = simulate(12, 3, 400).responses
    out["tall"] = simulate(13, 400, 3).responses
    one = base.copy()
    one.iloc[0, 1:] = np.nan
    out["a model of one item"] = one
    out["copies"] = pd.concat([base.add_suffix(f"-{k}") for k in range(4)], axis=1)
    return out


@pytest.mark.parametrize("name", odd_tables())
def test_odd_tables_give_numbers_or_one_sentence(name: str) -> None:
    """No odd table brings a traceback: there is a sentence, or every ability is a number with an error that is one."""
    table = odd_tables()[name]
    try:
        found = irt.analyse(table, bootstrap=5)
    except irt.IrtError:
        return
    assert np.isfinite(found.models[["ability", "ability_se"]].to_numpy()).all()
    assert (found.models["ability_se"] > 0).all()
    if len(table) < 10 or table.shape[1] < 10 or table.nunique().max() < 2:
        assert found.cautions
