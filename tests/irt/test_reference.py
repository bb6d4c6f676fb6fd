"""LSAT6 and LSAT7: estimates, errors, information and fit agree with R mirt and R ltm."""

from __future__ import annotations

import numpy as np
import pytest

from proofgrid import irt
from proofgrid.irt.fit_statistics import s_x2
from tests.irt.simulate import lsat

BOTH = pytest.mark.parametrize("name", ["LSAT6", "LSAT7"])


@BOTH
def test_estimates_without_priors(name: str) -> None:
    """Without priors a and b agree to 0.0005, the log likelihood to 0.00001, the standard errors to 0.001."""
    table, reference = lsat(name)
    fit = irt.fit_2pl(table, priors=None)
    assert fit.converged
    np.testing.assert_allclose(fit.discrimination, reference["a"], atol=5e-4)
    np.testing.assert_allclose(fit.difficulty, reference["b"], atol=5e-4)
    assert fit.log_likelihood == pytest.approx(reference["log_likelihood"], abs=1e-5)
    np.testing.assert_allclose(fit.discrimination_se, reference["se_a"], atol=1e-3)
    np.testing.assert_allclose(fit.difficulty_se, reference["se_b"], atol=1e-3)


@BOTH
def test_girth_behind_the_same_call(name: str) -> None:
    """girth's estimates come back in the same shape and agree with the reference to 0.002."""
    table, reference = lsat(name)
    fit = irt.fit_2pl(table, engine="girth")
    assert fit.engine == "girth twopl_mml"
    np.testing.assert_allclose(fit.discrimination, reference["a"], atol=2e-3)
    np.testing.assert_allclose(fit.difficulty, reference["b"], atol=2e-3)
    assert fit.log_likelihood == pytest.approx(reference["log_likelihood"], abs=1e-3)
    np.testing.assert_allclose(fit.discrimination_se, reference["se_a"], atol=2e-3)


@BOTH
def test_abilities(name: str) -> None:
    """EAP abilities agree, and their errors are a little larger than with the items taken as known."""
    table, reference = lsat(name)
    fit = irt.fit_2pl(table, priors=None)
    codes = table.astype(str).agg("".join, axis=1)
    for pattern, (mean, sd) in reference["eap"].items():
        who = codes.index[codes == pattern][0]
        assert fit.ability[who] == pytest.approx(mean, abs=2e-4)
        assert sd < fit.ability_se[who] < sd + 0.02


@BOTH
def test_one_parameter_model(name: str) -> None:
    """The 1PL's slope, difficulties and log likelihood agree; the likelihood-ratio test has 4 degrees of freedom."""
    table, reference = lsat(name)
    found = irt.compare_1pl(irt.fit_2pl(table, priors=None))
    assert found.exact
    assert found.common_discrimination == pytest.approx(reference["rasch_common_a"], abs=5e-4)
    np.testing.assert_allclose(found.difficulty_1pl, reference["rasch_b"], atol=5e-4)
    assert found.log_likelihood_1pl == pytest.approx(reference["rasch_log_likelihood"], abs=1e-4)
    assert found.degrees_of_freedom == 4
    assert found.likelihood_ratio == pytest.approx(
        2 * (reference["log_likelihood"] - reference["rasch_log_likelihood"]), abs=1e-3
    )


@BOTH
def test_classical_statistics(name: str) -> None:
    """Item-rest correlations and Cronbach's alpha agree to four digits."""
    table, reference = lsat(name)
    np.testing.assert_allclose(irt.classical_statistics(table)["item_rest"], reference["item_rest"], atol=1e-4)
    assert irt.cronbach_alpha(irt.fit_2pl(table).data) == pytest.approx(reference["alpha"], abs=1e-3)


def test_information_and_task_discrimination() -> None:
    """Test information, marginal reliability, D1, D2 and S-X2 of LSAT7 are the published ones."""
    table, reference = lsat("LSAT7")
    fit = irt.fit_2pl(table, priors=None)
    at = [float(x) for x in reference["test_information"]]
    found = irt.information(fit, theta=np.array(at))
    np.testing.assert_allclose(found.test, list(reference["test_information"].values()), atol=2e-4)
    np.testing.assert_allclose(found.sem, 1 / np.sqrt(list(reference["test_information"].values())), atol=2e-4)
    assert found.marginal_reliability == pytest.approx(reference["marginal_reliability"], abs=2e-4)
    indices = irt.item_discrimination(fit)
    np.testing.assert_allclose(indices["D1"], reference["D1_N01"], atol=1e-4)
    np.testing.assert_allclose(indices["D2"], reference["D2_pm1"], atol=1e-4)
    table_of_fit = s_x2(fit)
    assert table_of_fit is not None
    np.testing.assert_allclose(table_of_fit["s_x2"], reference["S_X2_df2"], atol=2e-3)
    assert (table_of_fit["s_x2_df"] == 2).all()
