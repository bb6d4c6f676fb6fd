"""How well the 2PL describes the responses: items (infit, outfit, S-X2, a signed refit) and models (lz).

Mean squares are 1 where the data are as noisy as the model says. Squared residuals are averaged over each model's
posterior, so that uncertain abilities are not mistaken for misfit of the items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import chi2

from proofgrid.irt.ability import posterior_mode
from proofgrid.irt.classical import item_rest
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.model import probability
from proofgrid.irt.quadrature import make_grid
from proofgrid.irt.responses import Array

LEAST_EXPECTED = 1.0
"""Score groups of S-X2 are merged until each expects this many correct and wrong answers (Orlando & Thissen 2000)."""
LEAST_COMPLETE = 100
"""S-X2 is computed from this many complete rows on."""


def item_fit(fit: Fit2PL) -> pd.DataFrame:
    """One row an item: difficulty, infit, outfit, s_x2, s_x2_df, s_x2_p (NaN where counts do not allow it)."""
    infit, outfit = mean_squares(fit)
    table = pd.DataFrame({"difficulty": fit.difficulty, "infit": infit, "outfit": outfit}, index=fit.items)
    found = s_x2(fit)
    for column in ("s_x2", "s_x2_df", "s_x2_p"):
        table[column] = found[column] if found is not None else np.nan
    return table


def mean_squares(fit: Fit2PL) -> tuple[Array, Array]:
    """Infit (weighted by information) and outfit (unweighted) mean squares of the items.

    E over the posterior of (y - P)^2 against E of P (1 - P), both summed (infit), or of their ratio (outfit).
    """
    keep = fit.estimated
    a, b = fit.discrimination.to_numpy()[keep], fit.difficulty.to_numpy()[keep]
    data = fit.data
    right, seen, weight = data.y[:, keep], data.seen[:, keep], data.weight[:, None]
    p = np.clip(probability(a, b, fit.grid.theta, _floor(fit, keep)), 1e-9, 1 - 1e-9)
    e_p, e_p2, e_odds = fit.post @ p.T, fit.post @ (p * p).T, fit.post @ (p / (1 - p)).T
    e_inverse = fit.post @ ((1 - p) / p).T
    squared = right - 2 * right * e_p + seen * e_p2
    expected = seen * (e_p - e_p2)
    standardised = right * e_inverse + (seen - right) * e_odds
    n = (weight * seen).sum(axis=0)
    infit, outfit = np.full(len(keep), np.nan), np.full(len(keep), np.nan)
    infit[keep] = (weight * squared).sum(axis=0) / (weight * expected).sum(axis=0)
    outfit[keep] = (weight * standardised).sum(axis=0) / n
    return infit, outfit


def _floor(fit: Fit2PL, keep: NDArray[np.bool_]) -> Array | None:
    return None if fit.data.floor is None else fit.data.floor[keep]


def score_distribution(p: Array) -> Array:
    """P(sum score | theta) by the recursion of Lord & Wingersky (1984); p is items x nodes, result scores x nodes."""
    out = np.zeros((len(p) + 1, p.shape[1]))
    out[0] = 1.0
    for k, row in enumerate(p):
        out[1 : k + 2] = out[1 : k + 2] * (1 - row) + out[: k + 1] * row
        out[0] *= 1 - row
    return out


def s_x2(fit: Fit2PL) -> pd.DataFrame | None:
    """S-X2 (Orlando & Thissen 2000) of each item from the complete rows; None with too few of them.

    Observed and expected shares correct in each group of equal sum score, neighbouring groups merged where they
    expect fewer than one correct or one wrong answer; degrees of freedom are the groups minus 2.
    """
    keep = fit.estimated
    data = fit.data
    full = (data.seen[:, keep] == 1).all(axis=1)
    weight, y = data.weight[full], data.y[full][:, keep]
    total = float(weight.sum())
    if total < LEAST_COMPLETE or keep.sum() < 3:
        return None
    n = y.shape[1]
    scores = y.sum(axis=1).astype(int)
    size = np.bincount(scores, weights=weight, minlength=n + 1)
    right = np.stack([np.bincount(scores, weights=weight * y[:, k], minlength=n + 1) for k in range(n)])
    a, b = fit.discrimination.to_numpy()[keep], fit.difficulty.to_numpy()[keep]
    grid = make_grid(-6, 6, 121)
    node = np.exp(grid.log_weight)
    p = probability(a, b, grid.theta, _floor(fit, keep))
    share = share_by_score(p, node)
    rows = np.full((len(keep), 3), np.nan)
    for k, column in enumerate(np.flatnonzero(keep)):
        rows[column] = _pearson(size[1:n].astype(float), right[k, 1:n].astype(float), share[k, 1:n])
    return pd.DataFrame(rows, index=fit.items, columns=["s_x2", "s_x2_df", "s_x2_p"])


def share_by_score(p: Array, node: Array) -> Array:
    """items x scores: P(item solved | sum score of all items), abilities weighted by ``node``; p is items x nodes.

    The distribution of the sum without an item is that of all, the item taken out by undoing its step of the recursion:
    upwards from score 0 where it is rather failed, downwards from the top where it is rather solved, so that what
    rounding errs by never grows.
    """
    n = len(p)
    whole = score_distribution(p)
    joint = np.zeros((n, n + 1))  # P(item solved, score)
    hard = p <= 0.5
    up, down = np.where(hard, p, 0.0), np.where(hard, 0.5, 1 - p)
    rest = np.zeros_like(p)
    for score in range(n):  # rest becomes P(score without the item)
        rest = np.where(hard, whole[score] - up * rest, 0.0) / (1 - up)
        joint[:, score + 1] += (rest * up) @ node
    rest = np.zeros_like(p)
    for score in range(n, 0, -1):  # here P(score - 1 without the item)
        rest = np.where(hard, 0.0, whole[score] - down * rest) / (1 - down)
        joint[:, score] += np.where(hard, 0.0, rest * p) @ node
    return np.asarray(np.clip(joint / np.maximum(whole @ node, 1e-300), 0.0, 1.0), dtype=np.float64)


def _pearson(size: Array, right: Array, share: Array) -> tuple[float, float, float]:
    groups: list[list[float]] = []
    for n, r, e in zip(size, right, share, strict=True):
        groups.append([float(n), float(r), float(n * e)])
    merged: list[list[float]] = []
    for group in groups:
        if merged and _thin(merged[-1]):
            merged[-1] = [x + y for x, y in zip(merged[-1], group, strict=True)]
        else:
            merged.append(group)
    while len(merged) > 1 and _thin(merged[-1]):
        last = merged.pop()
        merged[-1] = [x + y for x, y in zip(merged[-1], last, strict=True)]
    df = len(merged) - 2
    if df < 1:
        return float("nan"), float("nan"), float("nan")
    value = sum((r - e) ** 2 / e + (r - e) ** 2 / (n - e) for n, r, e in merged)
    return float(value), float(df), float(chi2.sf(value, df))


def _thin(group: list[float]) -> bool:
    return min(group[2], group[0] - group[2]) < LEAST_EXPECTED


def person_fit(fit: Fit2PL, *, draws: int = 200, seed: int = 0) -> pd.DataFrame:
    """One row a model: ability, lz and misfit_p.

    lz is the log likelihood at the estimated ability (Drasgow, Levine & Williams 1985), standardised by what the fit
    itself gives: responses of models with these abilities are drawn ``draws`` times and their abilities estimated
    again, since with estimated abilities the textbook's mean and variance are off (Snijders 2001). Items were fitted
    to these very models and are shrunk by their priors, so that all models fit better than draws do (by 1.3 with 12
    models, 0.6 with 24): by how much they do on average is taken out. Below about -2 a model solves hard items and
    misses easy ones more than the 2PL allows; ``misfit_p`` is the share of draws that fit no better. NaN without any
    spread.
    """
    keep = fit.estimated
    a, b = fit.discrimination.to_numpy()[keep], fit.difficulty.to_numpy()[keep]
    floor = _floor(fit, keep)
    data = fit.data
    y, seen = data.y[data.pattern][:, keep], data.seen[data.pattern][:, keep]
    draws = max(20, min(draws, int(2e8 / max(y.size, 1) / 20)))
    rng = np.random.default_rng(seed)
    start = fit.ability_map.to_numpy()
    observed = _likelihood_at(y, seen, a, b, start, floor)
    truth = fit.ability.to_numpy()
    p = probability(a, b, truth, floor).T
    simulated = np.empty((draws, len(truth)))
    whole = seen.astype(np.int64)
    for k in range(draws):
        again = rng.binomial(whole, p).astype(np.float64)
        at, _ = posterior_mode(again, seen, a, b, truth, floor=floor)
        simulated[k] = _likelihood_at(again, seen, a, b, at, floor)
    mean, sd = simulated.mean(axis=0), simulated.std(axis=0, ddof=1)
    lz = np.full(len(truth), np.nan)
    np.divide(observed - mean, sd, out=lz, where=sd > 1e-9)
    better = max(0.0, float(np.nanmean(lz))) if np.isfinite(lz).any() else 0.0
    lz, observed = lz - better, observed - better * sd
    p_value = (1 + (simulated <= observed).sum(axis=0)) / (draws + 1)
    return pd.DataFrame({"ability": fit.ability, "lz": lz, "misfit_p": p_value}, index=fit.models)


def _likelihood_at(y: Array, seen: Array, a: Array, b: Array, theta: Array, floor: Array | None) -> Array:
    p = np.clip(probability(a, b, theta, floor).T, 1e-12, 1 - 1e-12)
    return np.asarray((y * np.log(p) + (seen - y) * np.log(1 - p)).sum(axis=1), dtype=np.float64)


@dataclass(frozen=True)
class SignedSlope:
    """A slope that was allowed to be negative, with its error."""

    slope: float
    error: float

    @property
    def clearly_negative(self) -> bool:
        """The whole 95% interval is below 0."""
        return self.slope + 1.96 * self.error < 0


def negative_items(fit: Fit2PL) -> pd.DataFrame:
    """Items whose item-rest correlation is negative, each refitted with a slope of either sign.

    The prior of a keeps discriminations positive, so an item that the better models fail looks merely flat. The
    refit takes each model's posterior without that item, and a N(0, 2^2) prior on slope and intercept. Columns:
    item_rest, signed_slope, signed_slope_se, clearly_negative.
    """
    data = fit.data
    rest = item_rest(data.share, data.present, data.weight)
    found = np.flatnonzero(np.nan_to_num(rest) < 0)
    rows = [(rest[k], *_signed(fit, int(k))) for k in found]
    table = pd.DataFrame(rows, columns=["item_rest", "signed_slope", "signed_slope_se"], index=fit.items[found])
    table["clearly_negative"] = table["signed_slope"] + 1.96 * table["signed_slope_se"] < 0
    return table


def signed_slope(fit: Fit2PL, item: object) -> SignedSlope:
    """The slope of one item, negative values allowed (see :func:`negative_items`)."""
    place = fit.items.get_loc(item)
    if not isinstance(place, int):
        raise KeyError(item)
    return SignedSlope(*_signed(fit, place))


def _signed(fit: Fit2PL, k: int, sd: float = 2.0) -> tuple[float, float]:
    data, theta = fit.data, fit.grid.theta
    post = fit.post
    if fit.estimated[k]:
        p = probability(fit.discrimination.to_numpy()[[k]], fit.difficulty.to_numpy()[[k]], theta)[0]
        p = np.clip(p, 1e-12, 1 - 1e-12)
        wrong = data.seen[:, [k]] - data.y[:, [k]]
        post = post / np.maximum(p ** data.y[:, [k]] * (1 - p) ** wrong, 1e-300)
        post = post / post.sum(axis=1, keepdims=True)
    weighted = post * (data.weight * data.seen[:, k])[:, None]
    counts, right = weighted.sum(axis=0), data.y[:, k] @ weighted
    design = np.stack([theta, np.ones_like(theta)], axis=1)
    beta = np.zeros(2)
    hessian = np.eye(2)
    for _ in range(60):
        p = expit(design @ beta)
        gradient = design.T @ (right - counts * p) - beta / sd**2
        hessian = (design * (counts * p * (1 - p))[:, None]).T @ design + np.eye(2) / sd**2
        step = np.clip(np.linalg.solve(hessian, gradient), -1.0, 1.0)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return float(beta[0]), float(np.sqrt(np.linalg.inv(hessian)[0, 0]))
