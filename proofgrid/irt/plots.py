"""Pictures of a fit, as matplotlib Figures that belong to nobody (no pyplot, no global state).

They are legible in black and white: what differs differs in shape, line or grey, never in colour alone. Labels are
moved apart where they would collide and tied to their points by thin lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.information import information, task_of
from proofgrid.irt.model import probability
from proofgrid.irt.responses import Array

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
EDGE = 5.0
"""Abilities and difficulties beyond it are drawn at the edge."""


def wright_map(
    fit: Fit2PL,
    groups: pd.Series[str] | None = None,
    labels: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
) -> Figure:
    """Abilities with standard errors on the left, difficulties by task on the right, on one scale.

    ``models`` are those that are drawn (all unless given); ``labels`` replaces their ids. Values beyond +-5 are drawn
    at the edge, as open triangles.
    """
    drawn = list(fit.models) if models is None else list(models)
    names = [str(m) for m in (labels if labels is not None else drawn)]
    ability, error = fit.ability[drawn].to_numpy(), fit.ability_se[drawn].to_numpy()
    tasks = task_of(fit, groups)
    order = list(dict.fromkeys(tasks))
    difficulty = fit.difficulty.to_numpy()
    low, high = _limits(np.concatenate([ability - error, ability + error, difficulty[np.isfinite(difficulty)]]))
    height = min(30.0, max(5.5, 0.21 * len(names) + 1.6))
    figure = Figure(figsize=(5.5 + 0.45 * min(len(order), 16), height), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[4.2, max(2.5, 0.75 * len(order))])
    placed = spread_apart(np.clip(ability, low, high), (high - low) * 0.19 / height, low, high)
    left.errorbar(np.zeros(len(names)), ability, yerr=error, fmt="o", color="black", ms=4, lw=0.9, capsize=2)
    for name, at, y in zip(names, ability, placed, strict=True):
        left.plot([-0.04, -0.2], [at, y], color="0.6", lw=0.5)
        left.text(-0.22, y, _short(name), ha="right", va="center", fontsize=8.25)
    left.set_xlim(-1.9, 0.25)
    left.set_xticks([])
    left.set_ylabel("ability / difficulty (logits)")
    left.set_title("models: ability ± 1 SE", fontsize=9)
    for k, task in enumerate(order):
        values = difficulty[(tasks == task).to_numpy() & np.isfinite(difficulty)]
        shown = np.clip(values, low, high)
        x = k + _beeswarm(shown, (high - low) / 60)
        inside = values == shown
        right.plot(x[inside], shown[inside], _MARKERS[k % len(_MARKERS)], ms=3.2, mfc="0.75", mec="black", mew=0.5)
        right.plot(x[~inside], shown[~inside], "^", ms=4, mfc="none", mec="black", mew=0.6)
        if len(values):
            right.plot([k - 0.42, k + 0.42], [np.median(shown)] * 2, color="black", lw=1.4)
    right.set_xticks(range(len(order)), [_short(t, 18) for t in order], rotation=60, ha="right", fontsize=8.25)
    right.set_xlim(-0.6, len(order) - 0.4)
    right.set_title("items: difficulty by task (bar: median)", fontsize=9)
    right.set_ylim(low - 0.15, high + 0.15)
    for axes in (left, right):
        axes.grid(axis="y", color="0.9", lw=0.5)
        axes.set_axisbelow(True)
    return figure


def icc_plot(fit: Fit2PL, items: Sequence[object] | None = None, bins: int = 6) -> Figure:
    """Item characteristic curves over what was observed; ``items`` defaults to up to 12 spread over the difficulties.

    Dots are shares correct in ``bins`` groups of models of equal size by ability.
    """
    chosen = list(items) if items is not None else _spread_items(fit, 12)
    rows = max(1, -(-len(chosen) // 4))
    figure = Figure(figsize=(10, 2.3 * rows), layout="constrained")
    grid = figure.subplots(rows, 4, sharex=True, sharey=True, squeeze=False).ravel()
    theta = np.linspace(-4, 4, 161)
    ability, matrix = fit.ability.to_numpy(), fit.data.matrix
    groups = np.array_split(np.argsort(ability, kind="stable"), min(bins, len(ability)))
    for axes, item in zip(grid, chosen, strict=False):
        k = fit.items.get_loc(item)
        a, b = fit.discrimination.iloc[k], fit.difficulty.iloc[k]
        axes.plot(theta, probability(np.array([a]), np.array([b]), theta)[0], color="black", lw=1.1)
        seen = [g[np.isfinite(matrix[g, k])] for g in groups]
        points = [(ability[g].mean(), matrix[g, k].mean()) for g in seen if len(g)]
        axes.plot(*zip(*points, strict=True), "o", ms=3.5, mfc="white", mec="black", mew=0.8)
        axes.set_title(f"{_short(str(item), 24)}  a={a:.2f} b={b:.2f}", fontsize=8.25)
        axes.set_ylim(-0.04, 1.04)
    for axes in grid[len(chosen) :]:
        axes.set_visible(False)
    figure.supxlabel("ability", fontsize=9)
    figure.supylabel("P(correct)", fontsize=9)
    return figure


def information_plot(fit: Fit2PL, groups: pd.Series[str] | None = None, whole: bool = True) -> Figure:
    """Information of each task, a panel each on one scale, the others faint behind it; before them the ``whole`` test.

    The panel of the whole test has a scale of its own, and the standard error of measurement, dashed.
    """
    found = information(fit, groups)
    tasks = list(found.by_task.columns)
    panels = len(tasks) + whole
    columns = min(5, panels)
    rows = -(-panels // columns)
    figure = Figure(figsize=(0.6 + 1.95 * columns, 0.5 + 1.65 * rows), layout="constrained")
    every = [figure.add_subplot(rows, columns, k + 1) for k in range(panels)]
    if whole:
        test = every.pop(0)
        test.plot(found.theta, found.test, color="black", lw=1.4)
        test.set_title(f"whole test ({found.marginal_reliability:.2f})", fontsize=9)
        error = test.twinx()
        error.plot(found.theta, np.minimum(found.sem, 3.0), color="0.4", ls="--", lw=1.2)
        error.set_ylim(bottom=0)
        test.set_ylim(bottom=0)
        test.grid(color="0.92", lw=0.5)
    top = 1.05 * max(float(found.by_task.to_numpy().max()), 1e-9)
    for k, (axes, task) in enumerate(zip(every, tasks, strict=True)):
        for other in tasks:
            if other != task:
                axes.plot(found.theta, found.by_task[other], color="0.85", lw=0.7)
        axes.plot(found.theta, found.by_task[task], color="black", lw=1.5)
        axes.set_title(_short(str(task), 24), fontsize=9)
        axes.set_ylim(0, top)
        axes.grid(color="0.92", lw=0.5)
        axes.tick_params(labelsize=8.25)
        if (k + whole) % columns and not (whole and k == 0):
            axes.tick_params(labelleft=False)
    figure.supxlabel("ability", fontsize=9)
    figure.supylabel("information", fontsize=9)
    return figure


def ability_forest(fit: Fit2PL, labels: Sequence[str] | None = None, z: float = 1.96) -> Figure:
    """Abilities in order with 95% intervals, one row a model."""
    names = [str(m) for m in (labels if labels is not None else fit.models)]
    values, errors = fit.ability.to_numpy(), fit.ability_se.to_numpy()
    return forest(names, values, values - z * errors, values + z * errors, "ability (95% interval)", zero=0.0)


def forest(
    names: Sequence[str], values: Array, low: Array, high: Array, axis_label: str, zero: float | None = None
) -> Figure:
    """A forest plot: points with intervals, one row a name, the largest value on top."""
    order = np.argsort(values, kind="stable")
    figure = Figure(figsize=(7, max(2.2, 0.24 * len(names) + 0.9)), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(names))
    axes.hlines(rows, low[order], high[order], color="black", lw=1.0)
    axes.plot(values[order], rows, "s", color="black", ms=4)
    axes.set_yticks(rows, [_short(names[k], 40) for k in order], fontsize=8.25)
    axes.set_ylim(-0.7, len(names) - 0.3)
    if zero is not None:
        axes.axvline(zero, color="0.6", lw=0.7, ls=":")
    axes.set_xlabel(axis_label)
    axes.grid(axis="x", color="0.92", lw=0.5)
    axes.set_axisbelow(True)
    return figure


def ability_change(
    fit: Fit2PL, pairs: Sequence[tuple[str | None, str]], labels: Sequence[str] | None = None, z: float = 1.96
) -> Figure:
    """Abilities of the same models twice, (before, after) a pair: a row a model, hollow before, filled after."""
    now = [after for _, after in pairs]
    names = [str(m) for m in (labels if labels is not None else now)]
    values, errors = fit.ability[now].to_numpy(), fit.ability_se[now].to_numpy()
    figure = forest(names, values, values - z * errors, values + z * errors, "ability (95% interval)", zero=0.0)
    axes = figure.axes[0]
    order = np.argsort(values, kind="stable")
    for row, k in enumerate(order):
        before, after = pairs[k]
        if before is not None:
            axes.plot([fit.ability[before], fit.ability[after]], [row + 0.22] * 2, color="0.6", lw=0.8)
            axes.plot(fit.ability[before], row + 0.22, "o", ms=4, mfc="white", mec="black", mew=0.8)
    return figure


def fit_plot(item_fit: pd.DataFrame, person_fit: pd.DataFrame) -> Figure:
    """Infit and outfit of the items against difficulty, and the models' lz, with the usual bounds.

    Takes what ``proofgrid.irt.fit_statistics.item_fit`` and ``person_fit`` return.
    """
    figure = Figure(figsize=(10, max(4.0, 0.2 * len(person_fit) + 1.2)), layout="constrained")
    items, models = figure.subplots(1, 2, width_ratios=[1.2, 1])
    top = 3.0
    for column, marker, fill in (("infit", "o", "0.7"), ("outfit", "^", "white")):
        items.plot(
            item_fit["difficulty"].clip(-EDGE, EDGE),
            item_fit[column].clip(0, top),
            marker,
            ms=3.5,
            mfc=fill,
            mec="black",
            mew=0.6,
            ls="none",
            label=column,
        )
    for bound in (0.7, 1.0, 1.3):
        items.axhline(bound, color="0.5", lw=0.7, ls="-" if bound == 1.0 else ":")
    items.set_ylim(0, top + 0.05)
    items.set_xlabel("difficulty")
    items.set_ylabel("mean square (drawn up to 3)")
    items.legend(fontsize=8.25, frameon=False)
    ordered = person_fit.sort_values("lz", kind="stable")
    rows = np.arange(len(ordered))
    models.hlines(rows, 0, ordered["lz"], color="0.6", lw=0.8)
    models.plot(ordered["lz"], rows, "o", color="black", ms=3.5)
    models.set_yticks(rows, [_short(str(name), 32) for name in ordered.index], fontsize=8.25)
    models.set_ylim(-0.8, len(ordered) - 0.2)
    for bound in (-1.96, 1.96):
        models.axvline(bound, color="0.5", lw=0.7, ls=":")
    models.set_xlabel("person fit lz (below -1.96: answers out of order)")
    return figure


def spread_apart(values: Array, gap: float, low: float, high: float) -> Array:
    """Positions in the values' order, at least ``gap`` apart where there is room, moved as little as possible.

    Least squares under the spacing constraints: shift by rank x gap and pool adjacent violators, shift back.
    """
    n = len(values)
    if n == 0:
        return values
    gap = min(gap, (high - low) / max(n - 1, 1))
    order = np.argsort(values, kind="stable")
    targets = values[order] - gap * np.arange(n)
    blocks: list[list[float]] = []
    for target in targets:
        blocks.append([float(target), 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, size = blocks.pop()
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * size) / (blocks[-1][1] + size), blocks[-1][1] + size]
    level = np.concatenate([np.full(int(size), mean) for mean, size in blocks])
    level = np.clip(level, low, high - gap * (n - 1))
    out = np.empty(n)
    out[order] = level + gap * np.arange(n)
    return out


def _beeswarm(values: Array, bin_width: float) -> Array:
    """Sideways offsets in [-0.4, 0.4] so that near-equal values stand beside each other."""
    out = np.zeros(len(values))
    bins = np.round(values / bin_width).astype(int)
    for b in np.unique(bins):
        where = np.flatnonzero(bins == b)
        step = min(0.12, 0.8 / max(len(where), 1))
        out[where] = (np.arange(len(where)) - (len(where) - 1) / 2) * step
    return out


def _limits(values: Array) -> tuple[float, float]:
    return max(-EDGE, float(np.floor(values.min() * 2) / 2)), min(EDGE, float(np.ceil(values.max() * 2) / 2))


def _spread_items(fit: Fit2PL, n: int) -> list[object]:
    estimated = fit.difficulty[fit.estimated].sort_values(kind="stable")
    if len(estimated) <= n:
        return list(estimated.index)
    return [estimated.index[int(k)] for k in np.linspace(0, len(estimated) - 1, n)]


def _short(text: str, most: int = 34) -> str:
    """A label that fits; the tail of a model's name says more than its head. ``$`` would start mathematics."""
    text = text.replace("$", r"\$")
    return text if len(text) <= most else "…" + text[-(most - 1) :]
