"""Explanatory IRT: difficulty regressed on what is known of an item before any model has seen it.

The linear logistic test model with an error term (Janssen, Schepers & Peres 2004) in two steps: b_j = x_j beta + e_j
with e_j ~ N(0, tau^2 + se_j^2), where se_j is the standard error of the estimated difficulty. beta and tau are
estimated by restricted maximum likelihood, as in a random-effects meta-regression. Out-of-sample R^2 comes from
10-fold cross-validation, so it can be negative: then the features predict worse than the mean does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from proofgrid.irt.errors import IrtError
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.responses import Array

_RIDGE = 1e-6


@dataclass(frozen=True)
class Explanation:
    """``coefficients`` (with intercept) are in logits for one standard deviation of a feature: columns
    coefficient, se, z. ``residual_sd`` is tau. The R^2 are of estimated difficulties, in and out of sample;
    ``ceiling`` is what a perfect prediction would reach, given the errors of the difficulties."""

    coefficients: pd.DataFrame
    residual_sd: float
    r2: float
    r2_out_of_sample: float
    ceiling: float
    items: int
    centre: pd.Series[float]
    scale: pd.Series[float]
    covariance: Array
    dropped: tuple[str, ...]
    """Features that were constant or said what others say."""

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """Predicted difficulty and its standard error (tau included) of new items. Raises IrtError, naming columns."""
        design = _design(features, self.centre, self.scale)
        beta = self.coefficients["coefficient"].to_numpy()
        variance = np.einsum("ij,jk,ik->i", design, self.covariance, design) + self.residual_sd**2
        return pd.DataFrame({"difficulty": design @ beta, "se": np.sqrt(variance)}, index=features.index)


def explain_difficulty(fit: Fit2PL, features: pd.DataFrame, *, folds: int = 10, seed: int = 0) -> Explanation:
    """Regress the fitted difficulties on ``features`` (items x numbers, one row for each item at least).

    Raises IrtError for a missing item or value, or for fewer items than twice the features.
    """
    usable = fit.estimated
    items = fit.items[usable]
    if len(lost := items.difference(features.index)):
        raise IrtError(f"item '{lost[0]}' has no features; give one row for each item")
    table = features.reindex(items).astype(float)
    if table.isna().any().any():
        row, column = (int(k) for k in np.argwhere(table.isna().to_numpy())[0])
        raise IrtError(f"item '{items[row]}' has no value for feature '{table.columns[column]}'")
    kept = _independent(table)
    if len(items) < 2 * len(kept) + 4:
        raise IrtError(f"{len(items)} items are too few to explain by {len(kept)} features; give fewer features")
    dropped = tuple(str(c) for c in table.columns if c not in kept)
    centre, scale = table[kept].mean(), table[kept].std(ddof=0)
    design = _design(table, centre, scale)
    b, se = fit.difficulty.to_numpy()[usable], fit.difficulty_se.to_numpy()[usable]
    beta, covariance, tau = _reml(design, b, se)
    error = np.sqrt(np.diag(covariance))
    names = ["intercept", *kept]
    coefficients = pd.DataFrame(
        {"coefficient": beta, "se": error, "z": beta / error}, index=pd.Index(names, name="feature")
    )
    predicted = _cross_validated(design, b, se, folds, seed)
    total = float(((b - b.mean()) ** 2).sum())
    return Explanation(
        coefficients,
        tau,
        1 - float(((b - design @ beta) ** 2).sum()) / total,
        1 - float(((b - predicted) ** 2).sum()) / total,
        max(0.0, 1 - float((se**2).sum()) / total),
        len(items),
        centre,
        scale,
        covariance,
        dropped,
    )


def _design(features: pd.DataFrame, centre: pd.Series[float], scale: pd.Series[float]) -> Array:
    if lost := [str(c) for c in centre.index if c not in features.columns]:
        raise IrtError(f"the features lack {', '.join(lost)}")
    standard = (features[list(centre.index)].astype(float) - centre) / scale
    return np.column_stack([np.ones(len(standard)), standard.to_numpy()])


def _independent(table: pd.DataFrame) -> list[str]:
    """Columns in order that vary and are no linear combination of earlier ones."""
    kept: list[str] = []
    basis = np.ones((len(table), 1)) / np.sqrt(len(table))
    for column in table.columns:
        x = table[column].to_numpy(dtype=np.float64)
        norm = float(np.linalg.norm(x - x.mean()))
        if norm < 1e-9 * max(1.0, float(np.abs(x).max())) * np.sqrt(len(x)):
            continue
        rest = x - basis @ (basis.T @ x)
        rest = rest - basis @ (basis.T @ rest)
        if np.linalg.norm(rest) > 1e-6 * norm:
            kept.append(column)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept


def _reml(design: Array, b: Array, se: Array) -> tuple[Array, Array, float]:
    def solve(log_tau: float) -> tuple[Array, Array, float]:
        weight = 1.0 / (np.exp(2 * log_tau) + se**2)
        precision = (design * weight[:, None]).T @ design + _RIDGE * np.eye(design.shape[1])
        beta = np.linalg.solve(precision, design.T @ (weight * b))
        left = b - design @ beta
        loss = 0.5 * float((weight * left * left).sum() - np.log(weight).sum() + np.linalg.slogdet(precision)[1])
        return beta, precision, loss

    best = minimize_scalar(lambda t: solve(t)[2], bounds=(-6.0, 3.0), method="bounded")
    log_tau = float(best.x)
    beta, precision, _ = solve(log_tau)
    return beta, np.asarray(np.linalg.inv(precision)), float(np.exp(log_tau))


def _cross_validated(design: Array, b: Array, se: Array, folds: int, seed: int) -> Array:
    order = np.random.default_rng(seed).permutation(len(b))
    predicted = np.empty_like(b)
    for part in np.array_split(order, min(folds, len(b))):
        rest = np.setdiff1d(order, part)
        beta, _, _ = _reml(design[rest], b[rest], se[rest])
        predicted[part] = design[part] @ beta
    return predicted
