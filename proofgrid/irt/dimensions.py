"""Is there one dimension, and are items locally independent? Q3, eigenvalues, and a sentence where the data say no."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammainc, gammaln

from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.model import probability
from proofgrid.irt.priors import DEFAULT_PRIORS
from proofgrid.irt.refits import affordable, again, refit_grid
from proofgrid.irt.responses import Array, connected, from_arrays
from proofgrid.irt.robust import Codes, equal_columns

TETRACHORIC_MODELS = 100
TETRACHORIC_ITEMS = 60
_SIMULATIONS = 20
_BLOCK = 256
"""Items whose correlations with all later ones are in memory at once."""


@dataclass(frozen=True)
class Dimensionality:
    """First two eigenvalues and their ratio; ``limit`` is how large chance makes the eigenvalue that is judged."""

    method: str
    first: float
    second: float
    ratio: float
    limit: float | None
    unidimensional: bool | None
    """None: too large a table for the simulations that would tell."""


def residuals(fit: Fit2PL) -> Array:
    """Models x items: response minus its expectation at the model's ability, NaN where missing or not estimated."""
    a, b = fit.discrimination.to_numpy(), fit.difficulty.to_numpy()
    p = probability(a, b, fit.ability.to_numpy(), fit.data.floor).T
    return np.asarray(fit.data.matrix - p, dtype=np.float64)


def q3(fit: Fit2PL, most: int = 50) -> pd.DataFrame:
    """Pairs of items with the largest correlation of residuals (Yen 1984), largest first.

    Columns: item_1, item_2, q3, excess (over the mean of all pairs, which is a little below 0). With n models a
    correlation has a standard error of about 1 / sqrt(n), and there are items^2 / 2 pairs, so large values are
    expected by chance: ``limit`` in the frame's attrs is the value that the largest of as many independent pairs
    would stay under in 95% of cases.
    """
    keep = fit.estimated
    scaled = _standardised(residuals(fit)[:, keep])
    seen = fit.data.present[fit.data.pattern][:, keep]
    n, total = scaled.shape[1], 0.0
    kept = _Extremes(np.empty(0), np.empty(0, dtype=np.intp))
    for first in range(0, n, _BLOCK):
        chosen = slice(first, first + _BLOCK)
        counts = np.maximum(seen[:, chosen].T @ seen[:, first:], 1.0)
        block = (scaled[:, chosen].T @ scaled[:, first:]) / counts
        done = np.tril_indices(len(block))
        block[done] = 0.0
        total += float(block.sum())
        block[done] = np.nan
        kept = kept.with_block(block, first, n, most)
    pairs = n * (n - 1) // 2
    mean = total / pairs if pairs else 0.0
    order = np.argsort(-np.abs(kept.values - mean), kind="stable")[:most]
    values, places = kept.values[order], kept.places[order]
    names = fit.items[keep]
    table = pd.DataFrame(
        {
            "item_1": names[places // n],
            "item_2": names[places % n],
            "q3": values,
            "excess": values - mean,
        }
    )
    table.attrs["mean"] = mean
    table.attrs["limit"] = _largest_by_chance(fit.data.n_models, pairs)
    return table


@dataclass(frozen=True)
class _Extremes:
    """The highest and the lowest correlations so far and their places (row times items plus column), by place."""

    values: Array
    places: NDArray[np.intp]

    def with_block(self, block: Array, first: int, n: int, most: int) -> _Extremes:
        """Those of these and of a block of rows and columns from ``first`` on, NaN where there is no pair."""
        full = len(self.values) >= 2 * most
        low, high = np.partition(self.values, (most - 1, -most))[[most - 1, -most]] if full else (np.inf, -np.inf)
        rows, columns = np.nonzero((block < low) | (block > high))
        values = np.concatenate([self.values, block[rows, columns]])
        places = np.concatenate([self.places, (rows + first) * n + columns + first])
        if len(values) > 2 * most:
            order = np.argsort(values, kind="stable")
            top = np.argsort(-values, kind="stable")[:most]
            chosen = np.union1d(order[:most], top)
            values, places = values[chosen], places[chosen]
        return _Extremes(values, places)


def dimensionality(fit: Fit2PL, seed: int = 0) -> Dimensionality:
    """One dimension or more.

    With many models and few items: the first two eigenvalues of the tetrachoric correlations (one dimension where
    their ratio is at least 3, or where the second is no larger than chance gives, (1 + sqrt(items / models))^2).
    Otherwise, where such a matrix would be mostly noise: the largest eigenvalue of the residual correlations against
    the mean plus three standard deviations of data simulated from the fit itself.
    """
    keep = fit.estimated
    if fit.data.n_models >= TETRACHORIC_MODELS and 3 <= keep.sum() <= TETRACHORIC_ITEMS:
        values = np.linalg.eigvalsh(tetrachoric(fit.data.matrix[:, keep]))[::-1]
        ratio = float(values[0] / max(values[1], 1e-9))
        chance = float((1 + np.sqrt(keep.sum() / fit.data.n_models)) ** 2)
        return Dimensionality(
            "tetrachoric", float(values[0]), float(values[1]), ratio, chance, ratio >= 3.0 or bool(values[1] <= chance)
        )
    first, second = _residual_eigenvalues(residuals(fit)[:, keep])
    rng = np.random.default_rng(seed)
    a, b = fit.discrimination.to_numpy()[keep], fit.difficulty.to_numpy()[keep]
    floor = None if fit.data.floor is None else fit.data.floor[keep]
    p = probability(a, b, fit.ability.to_numpy(), floor).T
    seen = fit.data.seen[fit.data.pattern][:, keep]
    priors = DEFAULT_PRIORS if fit.priors is None else replace(fit.priors, hierarchical=False)
    simulated, grid = [], refit_grid(fit)
    times = affordable(fit, _SIMULATIONS, 0.1)
    if times < 5:
        return Dimensionality("residual correlation", first, second, first / max(second, 1e-9), None, None)
    for _ in range(times):
        y = rng.binomial(seen.astype(np.int64), p).astype(np.float64)
        drawn = replace(from_arrays(fit.models, fit.items[keep], y, seen), floor=floor)
        refit = again(fit, drawn, keep, grid, priors)
        ability = (refit.post @ refit.grid.theta)[drawn.pattern]
        left = drawn.matrix - probability(refit.a, refit.b, ability, floor).T
        simulated.append(_residual_eigenvalues(left)[0])
    limit = float(np.mean(simulated) + 3 * np.std(simulated, ddof=1))
    return Dimensionality("residual correlation", first, second, first / max(second, 1e-9), limit, first <= limit)


def tetrachoric(matrix: Array) -> Array:
    """Tetrachoric correlations (models x items in, items x items out), by maximum likelihood on each 2 x 2 table."""
    from scipy.optimize import minimize_scalar
    from scipy.stats import multivariate_normal, norm

    n = matrix.shape[1]
    out = np.eye(n)
    for i in range(n):
        for j in range(i):
            pair = matrix[:, [i, j]]
            pair = pair[np.isfinite(pair).all(axis=1)]
            # Half a model in each cell keeps an empty one from sending the correlation to 1.
            cells = np.array([[((pair[:, 0] == x) & (pair[:, 1] == y)).sum() for y in (0, 1)] for x in (0, 1)]) + 0.5
            cells = cells / cells.sum()
            h, k = norm.ppf(cells[0].sum()), norm.ppf(cells[:, 0].sum())

            def loss(r: float, h: float = h, k: float = k, cells: Array = cells) -> float:
                both = float(multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]]))
                fitted = np.array(
                    [[both, norm.cdf(h) - both], [norm.cdf(k) - both, 1 - norm.cdf(h) - norm.cdf(k) + both]]
                )
                return -float((cells * np.log(np.maximum(fitted, 1e-12))).sum())

            out[i, j] = out[j, i] = minimize_scalar(
                loss, bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-3}
            ).x
    return out


def misgivings(fit: Fit2PL) -> list[str]:
    """Plain sentences on what these data cannot support; empty where nothing speaks against the 2PL."""
    data = fit.data
    right, seen = data.item_counts()
    share = right / seen
    said = []
    if data.n_models < 10:
        said.append(
            f"{data.n_models} models are too few for a 2PL: abilities and average difficulties are usable as a "
            "description, discriminations are mostly the prior."
        )
    said += _structure(fit)
    if data.n_items < 10:
        said.append(f"{data.n_items} items are few: abilities carry large errors.")
    constant = data.constant_items()
    if constant.mean() > 0.2:
        all_right, all_wrong = int((right == seen).sum()), int((right == 0).sum())
        said.append(
            f"{all_right + all_wrong} of {data.n_items} items tell nothing apart ({all_right} solved by every model, "
            f"{all_wrong} by none); their estimates are the prior's."
        )
    if float(share.mean()) > 0.9:
        said.append(f"The items are too easy for these models ({share.mean():.0%} correct on average).")
    if float(share.mean()) < 0.1:
        said.append(f"The items are too hard for these models ({share.mean():.0%} correct on average).")
    extreme = int((fit.model_flags != "").sum())
    if extreme:
        said.append(
            f"{extreme} model{'s' * (extreme > 1)} solved all or none of the items: "
            f"the{'ir' if extreme > 1 else ''} ability is bounded by the prior, and only its direction is known."
        )
    negative = int(fit.item_flags.str.contains("negative_item_rest").sum())
    if negative > 0.1 * data.n_items:
        said.append(
            f"{negative} of {data.n_items} items are solved less often by the better models; look at their keys."
        )
    if not fit.converged:
        said.append("The estimation did not converge to interior values; some estimates sit at a bound.")
    if fit.reliability < 0.5:
        said.append(f"The abilities are unreliable (reliability {fit.reliability:.2f}); do not rank models by them.")
    return said


def _structure(fit: Fit2PL) -> list[str]:
    """What the table's own shape forbids: parts without anything in common, copies of rows and of columns."""
    data, said = fit.data, []
    parts = connected(data)
    if parts.max() > 0:
        groups = [", ".join(str(m) for m in fit.models[parts == k][:3]) for k in range(int(parts.max()) + 1)]
        said.append(
            f"The models fall into {len(groups)} groups without a common item ({'; '.join(groups[:4])}, ...): "
            "abilities are comparable inside a group only, and so are ranks."
        )
    same = _beyond_chance(fit, equal_columns(data))
    copies = int((same >= 0).sum())
    if copies:
        names = ", ".join(str(i) for i in fit.items[same == same[same >= 0][0]][:3])
        said.append(
            f"{copies} items have a copy that every model answered alike ({names}, ...), more than chance explains; "
            "copies count as one item in the errors of abilities."
        )
    share, present = data.share[data.pattern], data.present[data.pattern]
    both = present @ present.T
    alike = (share @ share.T + (present - share) @ (present - share).T) / np.maximum(both, 1)
    close = np.argwhere(np.triu((alike > 0.97) & (both >= 20), 1))
    right = data.y.sum(axis=1) / np.maximum(data.seen.sum(axis=1), 1)
    close = np.array([pair for pair in close if 0.1 < right[data.pattern[pair[0]]] < 0.9]).reshape(-1, 2)
    if len(close):
        first, second = (str(fit.models[k]) for k in close[0])
        which = f"{first} and {second}" + (", ..." if len(close) > 1 else "")
        said.append(
            f"{len(close)} pair{'s' * (len(close) > 1)} of models answer{'s' * (len(close) == 1)} at least "
            f"97% of the items alike ({which}): name one family for such models, or the items' errors are too small."
        )
    if fit.ability_se_resampled.mean() > 1.15 * fit.ability_se_model.mean():
        said.append(
            f"Items vary {fit.ability_se_resampled.mean() / fit.ability_se_model.mean():.2f} times as much as the 2PL "
            "allows; the errors of abilities are widened by as much."
        )
    return said


def _beyond_chance(fit: Fit2PL, same: Codes) -> Codes:
    """Of groups of equal columns (-1: in none) those larger than the fitted model lets chance make them.

    Few models have few patterns, and able ones solve what weak ones solve: with 10 models dozens of 120 items are alike
    by chance. Given one item's column, the number of others with the same one is nearly Poisson distributed under the
    fit; a group is kept if so many others have a probability below 5%, over all items together (Bonferroni).
    """
    a, b = fit.discrimination.to_numpy(), fit.difficulty.to_numpy()
    p = np.clip(probability(a, b, fit.ability.to_numpy(), fit.data.floor), 1e-12, 1 - 1e-12)  # items x models
    right, seen = fit.data.y[fit.data.pattern].T, fit.data.seen[fit.data.pattern].T
    kept = same.copy()
    for group in np.unique(same[same >= 0]):
        inside = same == group
        pattern, asked = right[inside][0], seen[inside][0]
        chances = pattern @ np.log(p).T + (asked - pattern) @ np.log1p(-p).T
        ways = (gammaln(asked + 1) - gammaln(pattern + 1) - gammaln(asked - pattern + 1)).sum()
        alike = np.exp(chances + ways) * (seen == asked).all(axis=1)
        expected = alike.sum() - alike[inside].mean()
        if gammainc(inside.sum() - 1, expected) > 0.05 / len(same):
            kept[inside] = -1
    return kept


def _standardised(values: Array) -> Array:
    """Columns with mean 0 and variance 1 over what is there, 0 where missing."""
    seen = np.isfinite(values)
    n = np.maximum(seen.sum(axis=0), 1)
    filled = np.where(seen, values, 0.0)
    centred = np.where(seen, filled - filled.sum(axis=0) / n, 0.0)
    sd = np.sqrt((centred * centred).sum(axis=0) / n)
    return np.asarray(np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 1e-9), dtype=np.float64)


def _residual_eigenvalues(values: Array) -> tuple[float, float]:
    """Two largest eigenvalues of the items' residual correlations, from the smaller of the two Gram matrices."""
    scaled = _standardised(values)
    n = max(len(scaled), 1)
    gram = scaled @ scaled.T / n if scaled.shape[0] < scaled.shape[1] else scaled.T @ scaled / n
    found = np.linalg.eigvalsh(gram)[::-1]
    return float(found[0]), float(found[1]) if len(found) > 1 else 0.0


def _largest_by_chance(n_models: int, pairs: int) -> float:
    from scipy.stats import norm

    if n_models < 5 or pairs < 1:
        return float("nan")
    level = 0.95 ** (1.0 / pairs)
    return float(np.tanh(norm.ppf((1 + level) / 2) / np.sqrt(max(n_models - 3, 1))))
