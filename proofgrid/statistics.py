"""Proportions, intervals, paired tests, ranks: the one place where the project computes any of them.

All proportions are in [0, 1] and all intervals are two-sided 95 %. What is resampled in thought is always the *item*:
an item answered K times is one item whose value is the mean of its K answers, so repeats narrow an interval only as far
as the answers differ (Miller 2024, "Adding Error Bars to Evals"). The terminal, the report and its script show the same
number because all of them take it from here (docs/spec.md, section 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, floor, nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from proofgrid.tasks.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Z95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""
RATES = tuple(name for name in OUTCOMES if name not in ("correct", "incorrect"))
"""Outcomes that every table shows apart."""
MISSING = tuple(name for name, row in OUTCOMES.items() if not row.says_something_of_the_model)
"""Outcomes that say nothing of the model: outside every accuracy."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with its interval; ``n`` is the number of items. The others are NaN if there are none."""

    value: float
    low: float
    high: float
    n: int

    @property
    def percent(self) -> str:
        """The share as whole percent, or a dash."""
        return "–" if self.n == 0 else whole(self.value)

    @property
    def interval(self) -> str:
        """The interval as whole percents, or nothing."""
        return "" if self.n == 0 else f"{whole(self.low)}–{whole(self.high)}"


NONE = Proportion(nan, nan, nan, 0)


def best_first(mean: Proportion, name: str) -> tuple[float, str]:
    """The key that sorts a board: by the mean as it is printed, ties by name, those without answers last."""
    return (-float(f"{mean.value:.6g}") if mean.n else 1.0, name)


def whole(share: float) -> str:
    """A share as whole percent, halves up."""
    return str(floor(100 * share + 0.5))


@dataclass(frozen=True, slots=True)
class Tally:
    """What a proportion is made of: ``n`` items, the sum of their means and the sum of the squares of their means."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def effective(self) -> float:
        """The number of single answers that would tell as much: p (1 - p) over the variance of the mean."""
        if not self.n:
            return 0.0
        p = self.total / self.n
        spread = self.squares / self.n - p * p
        return self.n * p * (1 - p) / spread if spread > 1e-12 and 0 < p < 1 else float(self.n)


def tally(means: Sequence[float] | NDArray[np.float64]) -> Tally:
    """The tally of items whose mean scores are ``means``."""
    return Tally(len(means), float(sum(means)), float(sum(m * m for m in means)))


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval (1927) for a share of ``n`` (possibly effective) trials; (0, 1) if n is 0."""
    if n <= 0:
        return 0.0, 1.0
    centre = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return (0.0 if share <= 0 else max(0.0, low)), (1.0 if share >= 1 else min(1.0, high))


def proportion(count: Tally) -> Proportion:
    """A share with Wilson's interval at the effective number of items: with one answer an item that is ``n`` itself.

    Brown, Cai & DasGupta (2001) recommend the interval for small n.
    """
    if count.n == 0:
        return NONE
    p = min(1.0, max(0.0, count.total / count.n))
    return Proportion(p, *wilson(p, count.effective), count.n)


def mean_over_tasks(counts: Sequence[Tally]) -> Proportion:
    """The unweighted mean of the tasks' shares; over one task it is :func:`proportion` to the last digit.

    The tasks are taken as they are (no claim about other tasks), so its variance is that of items within tasks. It
    enters Wilson's interval as an effective number of trials; each task's variance is taken at Agresti and Coull's
    adjusted share, which is not 0 for a model that solves all or nothing of a small task.
    """
    counts = [c for c in counts if c.n]
    if not counts:
        return NONE
    shares = [min(1.0, max(0.0, c.total / c.n)) for c in counts]
    sizes = [c.effective for c in counts]
    adjusted = [(p * n + Z95 * Z95 / 2) / (n + Z95 * Z95) for p, n in zip(shares, sizes, strict=True)]
    variance = sum(q * (1 - q) / n for q, n in zip(adjusted, sizes, strict=True)) / len(counts) ** 2
    middle, mean = sum(adjusted) / len(counts), sum(shares) / len(counts)
    return Proportion(mean, *wilson(mean, middle * (1 - middle) / variance), sum(c.n for c in counts))


def item_tally(values: Sequence[float] | NDArray[np.float64], items: Sequence[Any] | NDArray[Any]) -> Tally:
    """The tally of answers ``values`` (in [0, 1]) to ``items``; answers to one item count as one."""
    if not len(values):
        return Tally()
    _, index = np.unique(np.asarray(items), return_inverse=True)
    index = index.reshape(-1)
    means = np.bincount(index, weights=np.asarray(values, dtype=float)) / np.bincount(index)
    return Tally(len(means), float(means.sum()), float(means @ means))


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Unbiased estimate of the chance that one of ``k`` samples is correct, from ``correct`` of ``n``.

    1 - C(n - c, k) / C(n, k) (Chen et al. 2021, "Evaluating Large Language Models Trained on Code", eq. 1).
    Raises ValueError unless 0 <= correct <= n and 1 <= k <= n.
    """
    if not (0 <= correct <= n and 1 <= k <= n):
        raise ValueError(f"pass@k needs 0 <= correct <= n and 1 <= k <= n, not n={n}, correct={correct}, k={k}")
    return 1.0 - comb(n - correct, k) / comb(n, k)


@dataclass(frozen=True, slots=True)
class McNemar:
    """Paired comparison on the same items: ``gained`` wrong in A and right in B, ``lost`` the reverse."""

    both: int
    gained: int
    lost: int
    neither: int

    @property
    def n(self) -> int:
        """Pairs compared."""
        return self.both + self.gained + self.lost + self.neither

    @property
    def p(self) -> float:
        """Exact two-sided p-value (McNemar 1947; binomial over the discordant pairs)."""
        return float(mcnemar_p(np.array([self.gained]), np.array([self.lost]))[0])

    @property
    def difference(self) -> float:
        """Share of B minus share of A."""
        return (self.gained - self.lost) / self.n if self.n else nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the difference (see :func:`difference_interval`)."""
        if not self.n:
            return nan, nan
        low, high = difference_interval(self.n, self.gained - self.lost, self.gained + self.lost)
        return float(low), float(high)


def mcnemar(pairs: Sequence[tuple[bool, bool]]) -> McNemar:
    """The four counts of (right in A, right in B)."""
    both = sum(a and b for a, b in pairs)
    gained = sum(b and not a for a, b in pairs)
    lost = sum(a and not b for a, b in pairs)
    return McNemar(both, gained, lost, len(pairs) - both - gained - lost)


def mcnemar_p(gained: NDArray[Any], lost: NDArray[Any]) -> NDArray[np.float64]:
    """Exact two-sided p-values of discordant counts, elementwise."""
    from scipy.stats import binom

    return np.asarray(np.minimum(1.0, 2 * binom.cdf(np.minimum(gained, lost), gained + lost, 0.5)), dtype=np.float64)


def difference_interval(n: Any, total: Any, squares: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % interval of a mean paired difference from ``n`` items, the sum of their differences and of the squares.

    Agresti & Min (2005) add half an observation to each of the four cells of a paired table; put in sums, that is two
    items and 1 to the squares, which also serves where an item's difference is one of shares of several samples.
    """
    n, total, squares = (np.asarray(x, dtype=np.float64) for x in (n, total, squares))
    mean = total / (n + 2)
    half = Z95 * np.sqrt(np.maximum(0.0, (squares + 1) / (n + 2) - mean * mean) / (n + 2))
    return np.maximum(-1.0, mean - half), np.minimum(1.0, mean + half)


def sign_flip_p(differences: NDArray[np.int64]) -> float:
    """Exact two-sided p-value of paired integer differences under exchange of the two sides, item by item.

    With differences of -1, 0, 1 it is McNemar's exact test. The sum's distribution is the convolution, over the
    distinct magnitudes m, of m (2 B - c) with B ~ binomial(c, 1/2) and c the number of differences of that magnitude.
    """
    from scipy.signal import fftconvolve
    from scipy.stats import binom

    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    if not len(sizes):
        return 1.0
    common = int(np.gcd.reduce(sizes))
    law = np.ones(1)
    for size, count in zip(sizes // common, counts, strict=True):
        part = np.zeros(2 * size * count + 1)
        part[:: 2 * size] = binom.pmf(np.arange(count + 1), count, 0.5)
        law = fftconvolve(law, part)
    middle = len(law) // 2
    far = abs(int(differences.sum())) // common
    if far == 0:
        return 1.0
    return float(min(1.0, max(0.0, 2 * law[middle + far :].sum())))


def holm(p_values: Sequence[float] | NDArray[np.float64]) -> list[float]:
    """P-values adjusted for as many tests (Holm 1979), in the order given."""
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    raised = np.minimum(1.0, (len(p) - np.arange(len(p))) * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(raised) if len(p) else raised
    return [float(x) for x in adjusted]


@dataclass(frozen=True, slots=True)
class Rank:
    """A rank with its uncertainty: between ``best`` and ``worst``; ``tied`` if some other one is not told apart."""

    best: int
    worst: int
    tied: bool

    def __str__(self) -> str:
        return f"={self.best}" if self.tied else str(self.best)

    @property
    def range(self) -> str:
        """``2–5``, or ``2`` if there is no doubt."""
        return str(self.best) if self.best == self.worst else f"{self.best}–{self.worst}"


def ranks(better: NDArray[np.bool_], parts: NDArray[np.intp] | None = None) -> list[Rank]:
    """Ranks from who is significantly better than whom (``better[i, j]``: i than j), inside each of ``parts``.

    ``parts`` numbers groups that nothing connects: each has ranks of its own, from 1 on.

    With tests that hold their error rate over all pairs (Holm), the intervals hold all ranks at once with the same
    probability (Mohamad, Goeman & van Zwet 2019): a rank lies between 1 + the number of those that are better and the
    number of all minus those that are worse.
    """
    size = np.full(len(better), len(better)) if parts is None else np.bincount(parts)[parts]
    above, below = better.sum(axis=0), better.sum(axis=1)
    return [Rank(int(1 + a), int(n - b), bool(a + b < n - 1)) for a, b, n in zip(above, below, size, strict=True)]


def majority(hits: pd.DataFrame) -> float | None:
    """Share of items that a majority vote over samples gets right; a tie counts half. ``hits``: item, hit (0 or 1)."""
    if not len(hits):
        return None
    shares = hits.groupby("item", sort=False)["hit"].mean()
    return float(((shares > 0.5) + 0.5 * (shares == 0.5)).mean())


def summarize(attempts: pd.DataFrame) -> pd.DataFrame:
    """One row a model and task, and one ``all`` a model with several tasks (accuracies: the mean over its tasks).

    Columns: model, task, items, answers (first-round attempts), accuracy, low, high (95%, clustered by item), strict,
    repaired (accuracy after repair rounds; NaN without any), k and pass_at_k (NaN if every item has one sample),
    majority (of the yes/no verdict, where the task has one and samples are several; else NaN), one rate for each of
    RATES, tokens, cost (USD as text, "unknown" if no answer has a price).
    Accuracies leave out what says nothing of the model (MISSING); answers that were cut, or that exceed the checker's
    limits, count as wrong, and their rates stand beside.
    """
    import pandas as pd

    rows = []
    for model, of_model in attempts.groupby("model", sort=False):
        tasks = [(task, of_model[of_model["task"] == task]) for task in dict.fromkeys(of_model["task"])]
        rows += [{"model": model, "task": task, **_row({str(task): table})} for task, table in tasks]
        if len(tasks) > 1:
            rows.append({"model": model, "task": "all", **_row({str(task): table for task, table in tasks})})
    return pd.DataFrame(rows)


def _row(by_task: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    import pandas as pd

    from proofgrid.run.display import cost_text

    table = pd.concat(list(by_task.values())) if len(by_task) > 1 else next(iter(by_task.values()))
    first = table[table["round"] == 0]
    judged = first[~first["outcome"].isin(MISSING)]
    judged = judged.assign(hit=(judged["outcome"] == "correct").astype(float))
    parts = [judged[judged["task"] == task] for task in by_task]
    share = mean_over_tasks([item_tally(p["hit"].to_numpy(), p["item"].to_numpy()) for p in parts])
    strict = mean_over_tasks([item_tally(p["strict"].to_numpy(dtype=float), p["item"].to_numpy()) for p in parts])
    row: dict[str, Any] = {
        "items": int(first["item"].nunique()),
        "answers": len(first),
        "accuracy": share.value,
        "low": share.low,
        "high": share.high,
        "strict": strict.value,
        "repaired": _repaired(table),
    }
    counts = judged.groupby("item", sort=False)["hit"].agg(["size", "sum"])
    row["k"] = int(counts["size"].min()) if len(counts) else 0
    row["pass_at_k"] = row["majority"] = nan
    if row["k"] > 1:
        pairs = zip(counts["size"], counts["sum"], strict=True)
        row["pass_at_k"] = float(np.mean([pass_at_k(int(n), int(c), row["k"]) for n, c in pairs]))
        votes = [p.get("verdict") for p in judged["parts"]]
        if votes and all(vote is not None for vote, o in zip(votes, judged["outcome"], strict=True) if o in _ANSWERED):
            hits = judged.assign(hit=[float(vote or 0.0) >= 1.0 for vote in votes])
            if any(vote is not None for vote in votes):
                row["majority"] = majority(hits)
    for name in RATES:
        row[name] = float((first["outcome"] == name).mean()) if len(first) else nan
    row["tokens"] = int(table["completion_tokens"].fillna(0).sum())
    answered = table[table["error"].isna()]
    row["cost"] = cost_text(float(answered["cost"].sum()), int(answered["cost"].isna().sum()), len(answered))
    return row


_ANSWERED = ("correct", "incorrect")


def _repaired(table: pd.DataFrame) -> float:
    """Accuracy if any round counts; NaN if there was no repair round."""
    if not (table["round"] > 0).any():
        return nan
    best = (
        table.assign(hit=(table["outcome"] == "correct").astype(float), judged=~table["outcome"].isin(MISSING))
        .groupby(["item", "attempt"], sort=False)[["hit", "judged"]]
        .max()
    )
    best = best[best["judged"].astype(bool)]
    return float(best["hit"].mean()) if len(best) else nan
