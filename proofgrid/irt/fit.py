"""``fit_2pl``: one call from a response matrix to a fitted 2PL, whichever engine estimates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from proofgrid.irt.ability import estimate, posterior_mode
from proofgrid.irt.classical import item_rest
from proofgrid.irt.em import EmResult, fit_em
from proofgrid.irt.errors import IrtError
from proofgrid.irt.girth_engine import fit_girth
from proofgrid.irt.hyper import Hyper
from proofgrid.irt.priors import DEFAULT_PRIORS, Priors
from proofgrid.irt.quadrature import Grid
from proofgrid.irt.responses import Array, Responses, connected, read_groups, read_responses
from proofgrid.irt.robust import Units, cluster_codes, family_codes, robust_errors
from proofgrid.irt.uncertainty import uncertainty

Engine = Literal["map", "girth"]


@dataclass(frozen=True, eq=False)
class Fit2PL:
    """A fitted 2PL. Series are indexed by the items (or models) of the table that was fitted, in its order.

    The ability scale is N(0, 1) over the models' population without priors, and mean 0 and variance 1 over the models
    at hand with them. Standard errors of abilities carry the items' uncertainty. A fit equals itself only.
    """

    discrimination: pd.Series[float]
    difficulty: pd.Series[float]
    discrimination_se: pd.Series[float]
    difficulty_se: pd.Series[float]
    ability: pd.Series[float]
    """Posterior means (EAP)."""
    ability_se: pd.Series[float]
    """The larger of the two errors that follow, the items' uncertainty included."""
    ability_se_model: pd.Series[float]
    """As the 2PL has it."""
    ability_se_resampled: pd.Series[float]
    """As the spread of the items' (or clusters') contributions has it."""
    ability_covariance: Array
    """models x models: ability_se squared, and what the models' errors share."""
    units: Units
    ability_map: pd.Series[float]
    ability_map_se: pd.Series[float]
    log_likelihood: float
    """Marginal log likelihood, without the prior's density."""
    converged: bool
    passes: int
    engine: str
    priors: Priors | None
    item_flags: pd.Series[str]
    """Comma-separated: all_correct, all_wrong, negative_item_rest, at_bound, not_estimated; empty where all is well."""
    model_flags: pd.Series[str]
    """all_correct, all_wrong or empty."""
    n_parameters: int
    item_covariance: Array
    """items x 2 x 2, of (a, b); NaN where an item could not be estimated."""
    item_common: Array
    """items x 2 x few: factors of what the items' errors share; part of ``item_covariance``."""
    data: Responses
    groups: pd.Series[str] | None
    grid: Grid
    post: Array
    """patterns x nodes of the grid."""

    @property
    def models(self) -> pd.Index:
        """The models' ids."""
        return self.data.models

    @property
    def items(self) -> pd.Index:
        """The items' ids."""
        return self.data.items

    @property
    def estimated(self) -> NDArray[np.bool_]:
        """Items that have estimates."""
        return np.isfinite(self.discrimination.to_numpy())

    @property
    def aic(self) -> float:
        """-2 log L + 2 k."""
        return -2 * self.log_likelihood + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """-2 log L + k log n, n the number of models."""
        return -2 * self.log_likelihood + self.n_parameters * float(np.log(self.data.n_models))

    @property
    def reliability(self) -> float:
        """Empirical reliability of the abilities: 1 - mean squared error over total variance, in [0, 1]."""
        error = float((self.ability_se**2).mean())
        total = float(self.ability.var(ddof=0)) + error
        return 1 - error / total

    def _repr_html_(self) -> str:
        """What a notebook shows: abilities with standard errors, best first, and whether to believe them."""
        shown = {"ability": self.ability, "standard error": self.ability_se, "flags": self.model_flags}
        table = pd.DataFrame(shown).sort_values("ability", ascending=False)
        told = "converged" if self.converged else "did NOT converge"
        estimated = f"{int(self.estimated.sum())} of {len(self.items)} items estimated"
        return (
            f"<p>2PL ({self.engine}, {self.passes} passes, {told}): {len(table)} models, {estimated}, "
            f"log likelihood {self.log_likelihood:.1f}</p>" + table.to_html(float_format="{:.2f}".format, max_rows=60)
        )

    def better_than(self) -> pd.DataFrame:
        """P(row's ability exceeds column's): abilities jointly normal, with their errors' correlations; 0.5 inside.

        NaN between groups of models that no item connects: their abilities are not on one scale.
        """
        variance = np.diag(self.ability_covariance)
        spread = variance[:, None] + variance[None, :] - 2 * self.ability_covariance
        theta = self.ability.to_numpy()
        z = (theta[:, None] - theta[None, :]) / np.sqrt(np.maximum(spread, 1e-12))
        part = connected(self.data)
        z[part[:, None] != part[None, :]] = np.nan
        return pd.DataFrame(ndtr(z), index=self.models, columns=self.models)

    def item_table(self) -> pd.DataFrame:
        """One row an item: estimates, errors, flags and its task."""
        table = pd.DataFrame(
            {
                "discrimination": self.discrimination,
                "discrimination_se": self.discrimination_se,
                "difficulty": self.difficulty,
                "difficulty_se": self.difficulty_se,
                "flags": self.item_flags,
            }
        )
        if self.groups is not None:
            table.insert(0, "task", self.groups)
        return table

    def model_table(self) -> pd.DataFrame:
        """One row a model: EAP and MAP abilities with errors, share correct, flags.

        With ``group``, from 1 on, where items do not connect all models: abilities compare inside a group only.
        """
        right, seen = self.data.y.sum(axis=1), self.data.seen.sum(axis=1)
        part = connected(self.data)
        table = pd.DataFrame(
            {
                "ability": self.ability,
                "ability_se": self.ability_se,
                "ability_map": self.ability_map,
                "ability_map_se": self.ability_map_se,
                "share_correct": (right / seen)[self.data.pattern],
                "responses": seen[self.data.pattern].astype(int),
                "flags": self.model_flags,
            }
        )
        if part.max() > 0:
            table.insert(0, "group", part + 1)
        return table


@dataclass(frozen=True)
class Comparison:
    """1PL (one discrimination for all items) against 2PL on the same data and priors."""

    common_discrimination: float
    log_likelihood_1pl: float
    log_likelihood_2pl: float
    likelihood_ratio: float
    degrees_of_freedom: int
    p_value: float
    """NaN under priors: neither likelihood is then at its maximum, and the ratio has no known distribution."""
    aic_1pl: float
    aic_2pl: float
    bic_1pl: float
    bic_2pl: float
    difficulty_1pl: pd.Series[float]
    exact: bool
    """Without priors: the ratio is then that of a likelihood-ratio test."""
    converged: bool


def fit_2pl(
    responses: pd.DataFrame,
    engine: Engine = "map",
    priors: Priors | None = DEFAULT_PRIORS,
    groups: pd.Series[str] | Mapping[str, str] | None = None,
    *,
    samples: pd.DataFrame | None = None,
    families: pd.Series[str] | Mapping[str, str] | None = None,
    clusters: pd.Series[str] | Mapping[str, str] | None = None,
    guessing: pd.Series[float] | Mapping[str, float] | None = None,
) -> Fit2PL:
    """Fit a 2PL to a table of models x items holding 0, 1 and missing.

    With ``samples`` (the number of answers in each cell) the table holds shares of right answers. ``families`` names
    each model's family and ``clusters`` each item's cluster (a template, a theme): models of one family, and items of
    one cluster, are not taken as independent where errors are estimated; identical columns are one cluster anyway.
    ``guessing`` fixes each item's chance of being solved by guessing, at most 0.95 (a 3PL whose floor is known).
    ``priors=None`` is plain marginal maximum likelihood, which needs many models: items that every model solved or
    none did then have no estimate (NaN, flagged). ``groups`` names each item's task and matters to hierarchical
    priors and to whatever summarises by task afterwards. ``engine="girth"`` is the reference engine behind the same
    call; its own priors apply. Deterministic. Raises ResponseError (which row or column is wrong), EngineError.
    """
    if engine not in ("map", "girth"):
        raise IrtError(f'there is no engine \'{engine}\'; the engines are "map" and "girth"')
    data = read_responses(responses, samples)
    tasks = read_groups(groups, data.items)
    if guessing is not None:
        if engine == "girth":
            raise IrtError('girth knows no guessing floor; use engine="map"')
        data = with_floor(data, guessing)
    if priors is not None and priors.hierarchical and tasks is None:
        raise IrtError("hierarchical priors need `groups`: the task of each item")
    units = Units(family_codes(families, data), cluster_codes(clusters, data))
    return _fit(data, engine, priors, tasks, units)


def with_floor(data: Responses, guessing: pd.Series[float] | Mapping[str, float]) -> Responses:
    """The responses with a guessing floor an item (0 for an item that is not named). Raises IrtError."""
    named = dict(guessing)
    floor = np.array([float(named.get(item, 0.0)) for item in data.items])
    if bad := [i for i, c in zip(data.items, floor, strict=True) if not 0 <= c <= 0.95]:
        raise IrtError(f"item '{bad[0]}' has a guessing floor of {named[bad[0]]}; give a chance from 0 to 0.95")
    return replace(data, floor=floor) if (floor > 0).any() else data


def compare_1pl(fit: Fit2PL) -> Comparison:
    """Fit the 1PL to the same data under the same priors and compare (likelihood ratio, AIC, BIC)."""
    keep = fit.estimated
    data = fit.data if keep.all() else fit.data.take_items(keep)
    log_a, b = np.log(fit.discrimination.to_numpy()[keep]), fit.difficulty.to_numpy()[keep]
    one = fit_em(
        data,
        fit.priors if fit.engine == "map" else None,
        _codes(fit.groups, keep),
        common_slope=True,
        start=(np.full_like(log_a, log_a.mean()), b),
        grid=fit.grid,
        tolerance=1e-4,
    )
    from scipy.stats import chi2

    ratio = max(0.0, 2 * (fit.log_likelihood - one.log_likelihood))
    df = data.n_items - 1
    exact = fit.priors is None and fit.engine == "map" and one.converged
    k1, log_n = data.n_items + 1, float(np.log(data.n_models))
    return Comparison(
        float(one.a[0]),
        one.log_likelihood,
        fit.log_likelihood,
        ratio,
        df,
        (float(chi2.sf(ratio, df)) if df else 1.0) if exact else float("nan"),
        -2 * one.log_likelihood + 2 * k1,
        fit.aic,
        -2 * one.log_likelihood + k1 * log_n,
        fit.bic,
        _series(one.b, data.items),
        exact,
        one.converged,
    )


def _fit(data: Responses, engine: str, priors: Priors | None, tasks: pd.Series[str] | None, units: Units) -> Fit2PL:
    constant = data.constant_items()
    keep = ~constant if (priors is None or engine == "girth") else np.ones(data.n_items, dtype=bool)
    kept = data if keep.all() else data.take_items(keep)
    if engine == "girth":
        reference = fit_girth(kept)
        result = _at(kept, reference.a, reference.b, reference.at_bound)
        priors, engine = None, f"girth {reference.method}"
    else:
        result = fit_em(kept, priors, _codes(tasks, keep))
    spread = uncertainty(kept, result, fixed_scale=priors is not None)
    eap = result.post @ result.grid.theta
    mode, mode_se = posterior_mode(kept.y, kept.seen, result.a, result.b, eap, floor=kept.floor)
    robust = robust_errors(kept, result, spread, units.take_items(keep))
    eap_sd = np.sqrt(spread.posterior_variance + spread.item_part)[kept.pattern]
    larger = np.sqrt(np.maximum(robust.ratio, 1.0))
    map_sd = np.sqrt(mode_se**2 + spread.item_part)[kept.pattern]
    item_scale = max(1.0, robust.family_ratio)
    common = np.zeros((data.n_items, 2, spread.common.shape[2]))
    common[keep] = spread.common * np.sqrt(item_scale)
    full = np.full((data.n_items, 2, 2), np.nan)
    full[keep] = spread.item_covariance * item_scale
    at_bound = np.zeros(data.n_items, dtype=bool)
    at_bound[keep] = result.at_bound
    return Fit2PL(
        discrimination=_series(_spread(result.a, keep), data.items),
        difficulty=_series(_spread(result.b, keep), data.items),
        discrimination_se=_series(np.sqrt(np.maximum(full[:, 0, 0], 0.0)), data.items),
        difficulty_se=_series(np.sqrt(np.maximum(full[:, 1, 1], 0.0)), data.items),
        ability=_series(eap[kept.pattern], data.models),
        ability_se=_series(np.sqrt(np.diag(robust.covariance)), data.models),
        ability_se_model=_series(eap_sd, data.models),
        ability_se_resampled=_series(eap_sd * np.sqrt(robust.ratio), data.models),
        ability_covariance=robust.covariance,
        units=units,
        ability_map=_series(mode[kept.pattern], data.models),
        ability_map_se=_series(map_sd * larger, data.models),
        log_likelihood=result.log_likelihood,
        converged=result.converged and not at_bound.any(),
        passes=result.passes,
        engine=engine,
        priors=priors,
        item_flags=_item_flags(data, at_bound, keep),
        model_flags=_model_flags(data),
        n_parameters=2 * kept.n_items,
        item_covariance=full,
        item_common=common,
        data=data,
        groups=tasks,
        grid=result.grid,
        post=result.post if kept is data else result.post[_first_pattern(data, kept)],
    )


def _first_pattern(data: Responses, kept: Responses) -> NDArray[np.intp]:
    """For each pattern of ``data`` its pattern in ``kept`` (dropping items can make patterns equal)."""
    out = np.zeros(len(data.weight), dtype=np.intp)
    out[data.pattern] = kept.pattern
    return out


def _at(data: Responses, a: Array, b: Array, at_bound: NDArray[np.bool_]) -> EmResult:
    """Someone else's estimates in the shape of our own result."""
    found = estimate(data.y, data.seen, a, b)
    nothing = np.zeros_like(a)
    return EmResult(
        np.log(a),
        b,
        found.grid,
        found.post,
        float(data.weight @ found.log_marginal),
        Hyper(nothing, nothing, nothing, nothing),
        True,
        0,
        at_bound,
    )


def _codes(tasks: pd.Series[str] | None, keep: NDArray[np.bool_]) -> NDArray[np.intp] | None:
    if tasks is None:
        return None
    return np.asarray(pd.factorize(tasks[keep])[0], dtype=np.intp)


def _spread(values: Array, keep: NDArray[np.bool_]) -> Array:
    out = np.full(len(keep), np.nan)
    out[keep] = values
    return out


def _series(values: Array, index: pd.Index) -> pd.Series[float]:
    return pd.Series(values, index=index, dtype=np.float64)


def _item_flags(data: Responses, at_bound: NDArray[np.bool_], keep: NDArray[np.bool_]) -> pd.Series[str]:
    right, seen = data.item_counts()
    rest = item_rest(data.share, data.present, data.weight)
    conditions = (
        ("all_correct", right == seen),
        ("all_wrong", right == 0),
        ("negative_item_rest", np.nan_to_num(rest) < 0),
        ("at_bound", at_bound),
        ("not_estimated", ~keep),
    )
    return _joined(conditions, data.items)


def _model_flags(data: Responses) -> pd.Series[str]:
    right, seen = data.y.sum(axis=1), data.seen.sum(axis=1)
    conditions = (("all_correct", (right == seen)[data.pattern]), ("all_wrong", (right == 0)[data.pattern]))
    return _joined(conditions, data.models)


def _joined(conditions: tuple[tuple[str, NDArray[np.bool_]], ...], index: pd.Index) -> pd.Series[str]:
    return pd.Series(
        [",".join(name for name, holds in conditions if holds[k]) for k in range(len(index))], index=index, dtype=object
    )


__all__ = ["Comparison", "Fit2PL", "compare_1pl", "fit_2pl"]
