"""Statistics of a run's attempts: accuracies with intervals that respect repeats, pass@k, majorities, outcome rates."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Z95 = 1.959963984540054
RATES = ("truncated", "refused", "empty", "unparsable", "api_error", "checker_limit")
"""Outcomes that every table shows apart."""
MISSING = ("api_error", "checker_limit")
"""Outcomes that say nothing of the model: outside every accuracy."""


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Unbiased estimate of the chance that one of ``k`` samples is correct, from ``correct`` of ``n``.

    1 - C(n - c, k) / C(n, k) (Chen et al. 2021, "Evaluating Large Language Models Trained on Code", eq. 1).
    Raises ValueError unless 0 <= correct <= n and 1 <= k <= n.
    """
    if not (0 <= correct <= n and 1 <= k <= n):
        raise ValueError(f"pass@k needs 0 <= correct <= n and 1 <= k <= n, not n={n}, correct={correct}, k={k}")
    return 1.0 - comb(n - correct, k) / comb(n, k)


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval for a proportion of ``n`` (possibly effective) trials; (0, 1) where n is 0."""
    if n <= 0:
        return 0.0, 1.0
    centre = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return (0.0 if share <= 0 else max(0.0, low)), (1.0 if share >= 1 else min(1.0, high))


def clustered(values: Sequence[float] | np.ndarray, clusters: Sequence[Any] | np.ndarray) -> tuple[float, float, float]:
    """Mean of values in [0, 1] with a 95% interval, where values of one cluster (item) are not independent.

    The variance of the mean is the cluster-robust one, G / (G - 1) * sum_g (sum_i (x_gi - mean))^2 / N^2 (Liang &
    Zeger 1986; Miller 2024, "Adding Error Bars to Evals", eq. 4); it enters Wilson's interval as an effective number
    of trials, so that intervals near 0 and 1 stay inside [0, 1] and have a width. With one value a cluster this is
    Wilson's interval up to the factor G / (G - 1). Returns (nan, nan, nan) for no values.
    """
    data = np.asarray(values, dtype=float)
    if not len(data):
        return float("nan"), float("nan"), float("nan")
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    groups = int(index.max()) + 1
    mean = float(data.mean())
    sums = np.bincount(index, weights=data - mean, minlength=groups)
    spread = mean * (1 - mean)
    variance = groups / (groups - 1) * float(sums @ sums) / len(data) ** 2 if groups > 1 else 0.0
    # No spread, or none between clusters by chance: as many trials as clusters is what can be claimed at most.
    effective = min(spread / variance, float(len(data))) if variance > 0 and spread > 0 else float(groups)
    low, high = wilson(mean, effective)
    return mean, low, high


def majority(hits: pd.DataFrame) -> float | None:
    """Share of items that a majority vote over samples gets right; a tie counts half. ``hits``: item, hit (0 or 1)."""
    if not len(hits):
        return None
    shares = hits.groupby("item", sort=False)["hit"].mean()
    return float(((shares > 0.5) + 0.5 * (shares == 0.5)).mean())


def summarize(attempts: pd.DataFrame) -> pd.DataFrame:
    """One row a model and task, and one ``all`` a model with several tasks (the mean over its attempts).

    Columns: model, task, items, answers (first-round attempts), accuracy, low, high (95%, clustered by item), strict,
    repaired (accuracy after repair rounds; NaN without any), k and pass_at_k (NaN where every item has one sample),
    majority (of the yes/no verdict, where the task has one and samples are several; else NaN), one rate for each of
    RATES, tokens, cost (USD as text, "unknown" where no answer has a price).
    Accuracies leave out api_error and checker_limit; truncated answers count as wrong, and their rate stands beside.
    """
    import pandas as pd

    rows = []
    for model, of_model in attempts.groupby("model", sort=False):
        tasks = list(dict.fromkeys(of_model["task"]))
        for task in tasks:
            rows.append({"model": model, "task": task, **_row(of_model[of_model["task"] == task])})
        if len(tasks) > 1:
            rows.append({"model": model, "task": "all", **_row(of_model)})
    return pd.DataFrame(rows)


def _row(table: pd.DataFrame) -> dict[str, Any]:
    from proofgrid.run.display import cost_text

    first = table[table["round"] == 0]
    judged = first[~first["outcome"].isin(MISSING)]
    hit = (judged["outcome"] == "correct").to_numpy(dtype=float)
    accuracy, low, high = clustered(hit, judged["item"].to_numpy())
    row: dict[str, Any] = {
        "items": int(first["item"].nunique()),
        "answers": len(first),
        "accuracy": accuracy,
        "low": low,
        "high": high,
        "strict": float(judged["strict"].mean()) if len(judged) else float("nan"),
        "repaired": _repaired(table),
    }
    counts = judged.assign(hit=hit).groupby("item", sort=False)["hit"].agg(["size", "sum"])
    row["k"] = int(counts["size"].min()) if len(counts) else 0
    row["pass_at_k"] = row["majority"] = float("nan")
    if row["k"] > 1:
        pairs = zip(counts["size"], counts["sum"], strict=True)
        row["pass_at_k"] = float(np.mean([pass_at_k(int(n), int(c), row["k"]) for n, c in pairs]))
        votes = [parts.get("verdict") for parts in judged["parts"]]
        if votes and all(vote is not None for vote, o in zip(votes, judged["outcome"], strict=True) if o in _ANSWERED):
            hits = judged.assign(hit=[float(vote or 0.0) >= 1.0 for vote in votes])
            if any(vote is not None for vote in votes):
                row["majority"] = majority(hits)
    for name in RATES:
        row[name] = float((first["outcome"] == name).mean()) if len(first) else float("nan")
    row["tokens"] = int(table["completion_tokens"].fillna(0).sum())
    answered = table[table["error"].isna()]
    row["cost"] = cost_text(float(answered["cost"].sum()), int(answered["cost"].isna().sum()), len(answered))
    return row


_ANSWERED = ("correct", "incorrect")


def _repaired(table: pd.DataFrame) -> float:
    """Accuracy where any round counts; NaN where there was no repair round."""
    if not (table["round"] > 0).any():
        return float("nan")
    best = (
        table.assign(hit=(table["outcome"] == "correct").astype(float), judged=~table["outcome"].isin(MISSING))
        .groupby(["item", "attempt"], sort=False)[["hit", "judged"]]
        .max()
    )
    best = best[best["judged"].astype(bool)]
    return float(best["hit"].mean()) if len(best) else float("nan")
