"""How the report's figures are drawn, from plain numbers.

Each function takes plain numbers, draws without pyplot (no global state, no display) and returns a Figure whose ink is
dark on a transparent ground; the report's pages turn it over for dark screens. Colours are Okabe and Ito's, told apart
also by shape, dash or position, so that nothing depends on hue.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import ceil, floor, log10
from textwrap import fill
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from proofgrid.report.headline import dollars
from proofgrid.report.names import middle, shortened
from proofgrid.report.text import one_line

if TYPE_CHECKING:
    from proofgrid.statistics import Proportion

INK, MUTED, FAINT = "#1f2328", "#5c6370", "#c9cdd3"
BLUE, ORANGE, RED = "#0b62a3", "#d98200", "#b5431a"
SEQUENTIAL = LinearSegmentedColormap.from_list("proofgrid", ["#f3f6f9", "#bcd3e6", "#6fa3ca", "#2a6da6", "#0d3c69"])
"""Lightness falls steadily, so that the map reads in print and without colour vision."""

DIVERGING = LinearSegmentedColormap.from_list("proofgrid-diverging", ["#f0c48a", "#fbf7f0", "#f6f8fa", "#9fc3e0"])
"""Orange below, blue above, light throughout: the numbers are read on it."""

STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "proofgrid",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}
"""Matplotlib's settings for every figure of the report."""


def styled() -> AbstractContextManager[None]:
    """What every figure of the report is drawn in: ``with styled(): ...`` for figures of one's own."""
    context: AbstractContextManager[None] = matplotlib.rc_context(STYLE)  # type: ignore[arg-type]
    return context


NARROW = 3.7
"""Inches of a figure on a narrow screen; a page shows 96 pixels an inch, so that 9 points are 12 pixels."""
LABEL = 22
"""Characters of a name beside a figure on a narrow screen."""
SMALLEST, LARGEST = 8.25, 9.0
"""Points of all text in figures: 11 to 12 pixels."""
LETTER = 0.065
"""Inches that a character takes, about, at the larger size."""


def narrowed(figure: Figure) -> bool:
    """Lay a figure out again for a narrow screen, text as large as before; False where it has to be scrolled.

    Maps with a number in each cell and panels side by side need their width.
    """
    axes = figure.get_axes()
    columns = [spec.get_gridspec().ncols for a in axes if (spec := a.get_subplotspec()) is not None]
    if figure.get_figwidth() <= NARROW + 0.1 or any(a.images for a in axes) or max(columns, default=1) > 1:
        return False
    figure.set_figwidth(NARROW)
    for one in axes:
        labels = getattr(one, "whole_names", None) or [label.get_text() for label in one.get_yticklabels()]
        if any(len(label) > LABEL for label in labels):
            one.set_yticks(one.get_yticks(), shortened(labels, LABEL))
        for text in one.texts:
            text.set_text(middle(text.get_text(), LABEL))
        one.set_xlabel(fill(one.get_xlabel(), 32))
        legend = one.get_legend()
        if legend is not None:
            legend.set_ncols(1)
    return True


@dataclass(frozen=True, slots=True)
class Spread:
    """An estimate with its interval, as the forest plots take it."""

    value: float
    low: float
    high: float


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def short(label: str, limit: int = 34) -> str:
    """A label that fits beside an axis: its start and its end; hidden characters visible, mathematics markup plain."""
    return middle(one_line(label, 400), limit).replace("$", r"\$")


def shorts(labels: Sequence[str], limit: int = 34) -> list[str]:
    """Labels that fit beside an axis and tell their models apart."""
    return [label.replace("$", r"\$") for label in shortened([one_line(label, 400) for label in labels], limit)]


def _name_rows(axes: Any, names: Sequence[str], limit: int = 34) -> None:
    """Names at the rows 0, 1, ... of a figure, which keeps the whole ones for being laid out again."""
    axes.set_yticks(range(len(names)), shorts(names, limit))
    axes.whole_names = [one_line(name, 400).replace("$", r"\$") for name in names]
    axes.tick_params(axis="y", length=0)


def leaderboard(names: Sequence[str], solved: Sequence[Proportion], strict: Sequence[Proportion]) -> Figure:
    """Forest plot of accuracy: dot and bar for instrumented, hollow diamond for strict; best model on top."""
    with styled():
        figure, axes = _figure(6.6, 0.9 + 0.235 * len(names))
        order = sorted(range(len(names)), key=lambda i: (solved[i].value, -i))
        for y, i in enumerate(order):
            a, b = solved[i], strict[i]
            axes.plot([100 * b.low, 100 * b.high], [y - 0.2] * 2, color=ORANGE, lw=1)
            axes.plot([100 * a.low, 100 * a.high], [y + 0.1] * 2, color=BLUE, lw=1.6)
            axes.plot(100 * b.value, y - 0.2, "D", ms=3.6, mfc="white", mec=ORANGE, label="strict" if y == 0 else None)
            axes.plot(100 * a.value, y + 0.1, "o", ms=4.6, color=BLUE, label="instrumented" if y == 0 else None)
        _name_rows(axes, [names[i] for i in order])
        axes.set_ylim(-0.7, len(names) - 0.4)
        axes.set_xlabel("accuracy, mean over tasks (%), with 95% intervals")
        _percent_axis(axes, "x")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handletextpad=0.3)
        return figure


def heatmap(
    rows: Sequence[str], columns: Sequence[str], values: np.ndarray[Any, Any], label: str = "accuracy (%)"
) -> Figure:
    """``values`` (rows x columns, shares, NaN where nothing was measured) as a map with its numbers printed in it."""
    with styled():
        figure, axes = _figure(2.6 + 0.42 * len(columns), 1.2 + 0.235 * len(rows))
        axes.imshow(np.ma.masked_invalid(values), cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
        for (y, x), value in np.ndenumerate(values):
            ink = "white" if value > 0.55 else INK
            text = "–" if np.isnan(value) else f"{100 * value:.0f}"
            axes.text(x, y, text, ha="center", va="center", fontsize=8.25, color=ink)
        axes.set_xticks(range(len(columns)), columns, rotation=60, ha="left", rotation_mode="anchor", fontsize=8.5)
        axes.xaxis.tick_top()
        _name_rows(axes, rows)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(label)
        return figure


def difference_matrix(names: Sequence[str], differences: np.ndarray[Any, Any], clear: np.ndarray[Any, Any]) -> Figure:
    """Paired differences (rows minus columns, shares), bold where they are told apart; NaN: no common item."""
    with styled():
        labels = shorts(names)
        longest = LETTER * max(map(len, labels), default=0)  # beside the map, and slanting above it to the right
        figure, axes = _figure(
            max(2.8, 1.6 * longest + 0.3) + 0.36 * len(names), max(1.4, 0.9 * longest + 0.4) + 0.25 * len(names)
        )
        reach = max(0.05, float(np.nanmax(np.abs(differences)))) if np.isfinite(differences).any() else 1.0
        axes.imshow(np.ma.masked_invalid(differences), cmap=DIVERGING, vmin=-reach, vmax=reach, aspect="auto")
        for (y, x), value in np.ndenumerate(differences):
            if y != x:
                text = "–" if np.isnan(value) else f"{100 * value:+.0f}" if round(100 * value) else "0"
                weight, ink = ("bold", INK) if clear[y, x] else ("normal", MUTED)
                axes.text(x, y, text, ha="center", va="center", fontsize=8.25, color=ink, fontweight=weight)
        axes.set_xticks(range(len(names)), labels, rotation=60, ha="left", rotation_mode="anchor", fontsize=8.25)
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(names)), labels)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return figure


def by_level(names: Sequence[str], levels: Sequence[int], values: np.ndarray[Any, Any], chance: float) -> Figure:
    """Accuracy by level: one thin line a model, the mean bold, best and worst named, chance dashed."""
    with styled():
        figure, axes = _figure(3.75, 2.7)
        x = np.arange(len(levels))
        means = np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in values])
        finite = [i for i in range(len(names)) if np.isfinite(means[i])]
        marked = {}
        if len(finite) > 1:
            marked = {max(finite, key=lambda i: means[i]): BLUE, min(finite, key=lambda i: means[i]): ORANGE}
        for i in finite:
            axes.plot(
                x, 100 * values[i], color=marked.get(i, FAINT), lw=1.3 if i in marked else 0.8, zorder=1 + (i in marked)
            )
        said = dict(zip(marked, shorts([names[i] for i in marked], 30), strict=True))
        with np.errstate(invalid="ignore"):
            columns = np.ma.masked_invalid(values).mean(axis=0).filled(np.nan)
        axes.plot(
            x,
            100 * columns,
            color=INK,
            lw=2.2,
            marker="o",
            ms=3.5,
            zorder=4,
            label="mean of models" if len(values) > 1 else None,
        )
        for (i, color), word in zip(marked.items(), ("best", "weakest"), strict=False):
            dash = "-" if word == "best" else (0, (4, 1.5))
            axes.plot(x, 100 * values[i], color=color, lw=1.5, ls=dash, zorder=3, label=f"{word}: {said[i]}")
        if chance > 0:
            axes.axhline(100 * chance, color=RED, lw=1, ls=":", zorder=2, label=f"chance {100 * chance:.0f}%")
        axes.set_xticks(x, [str(level) for level in levels])
        axes.set_xlim(-0.25, len(levels) - 0.75)
        axes.set_xlabel("level")
        axes.set_ylabel("accuracy (%)")
        _percent_axis(axes, "y")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1, handlelength=1.6, fontsize=8.5)
        return figure


def failure_map(kinds: Sequence[str], rules: Sequence[str], counts: np.ndarray[Any, Any]) -> Figure:
    """First failures by kind (rows) and rule (columns); the numbers are printed, the shade follows the square root."""
    with styled():
        figure, axes = _figure(6.6, 0.55 + 0.065 * max(len(short(r, 18)) for r in rules) + 0.27 * len(kinds))
        shade = np.sqrt(counts / max(1, counts.max()))
        axes.imshow(shade, cmap=SEQUENTIAL, vmin=0, vmax=1.0, aspect="auto")
        for (y, x), value in np.ndenumerate(counts):
            if value:
                ink = "white" if shade[y, x] > 0.55 else INK
                axes.text(x, y, f"{value:.0f}", ha="center", va="center", fontsize=8.25, color=ink)
        labels = [short(r, 18) for r in rules]
        axes.set_xticks(range(len(rules)), labels, rotation=55, ha="left", rotation_mode="anchor", fontsize=8.5)
        axes.xaxis.tick_top()
        axes.set_yticks(range(len(kinds)), [short(k, 40) for k in kinds])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return figure


def where_in_proof(slips: Sequence[float], fallacies: Sequence[float], other: Sequence[float]) -> Figure:
    """Share of the proof that was sound before the first failure, in tenths, slips and fallacies stacked."""
    with styled():
        figure, axes = _figure(3.75, 2.7)
        edges = np.linspace(0, 1, 11)
        bottom = np.zeros(10)
        for values, name, color, hatch in (
            (fallacies, "fallacies", ORANGE, "////"),
            (slips, "slips", BLUE, ""),
            (other, "neither (syntax, form, goal)", FAINT, ".."),
        ):
            height = np.histogram(np.clip(np.asarray(values, dtype=float), 0, 1), edges)[0]
            if height.any():
                axes.bar(
                    100 * edges[:-1] + 5, height, 9.2, bottom=bottom, color=color, hatch=hatch, edgecolor="white",
                    lw=0, label=name,
                )  # fmt: skip
                bottom += height
        axes.set_xlabel("share of the proof before its first failure (%)")
        axes.set_ylabel("proofs")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.set_xlim(0, 100)
        if bottom.any():
            axes.legend(
                loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=1, handlelength=1.4, fontsize=8.5
            )
        return figure


def cost_accuracy(names: Sequence[str], x: Sequence[float], accuracy: Sequence[Proportion], label: str) -> Figure:
    """Accuracy against what an item costs (log scale); models that no other one beats in both are joined and named.

    Models that cost nothing stand in a column of their own at the left, marked ``free``.
    """
    with styled():
        figure, axes = _figure(6.6, 4.6)
        priced = [v for v, a in zip(x, accuracy, strict=True) if v == v and v > 0 and a.n]
        low, high = (min(priced), max(priced)) if priced else (1.0, 10.0)
        spread = max(2.0, high / low)
        nothing = low / max(2.5, spread**0.3)
        points = [
            (v if v > 0 else nothing, a, n)
            for v, a, n in zip(x, accuracy, names, strict=True)
            if v == v and v >= 0 and a.n
        ]  # fmt: skip
        front: list[tuple[float, Any, str]] = []
        for v, a, n in sorted(points, key=lambda p: (p[0], -p[1].value)):
            if not front or a.value > front[-1][1].value:
                front.append((v, a, n))
        axes.plot([p[0] for p in front], [100 * p[1].value for p in front], color=BLUE, lw=1, ls=(0, (4, 2)), zorder=1)
        best = {p[2] for p in front}
        for v, a, n in points:
            on = n in best
            axes.plot([v, v], [100 * a.low, 100 * a.high], color=BLUE if on else FAINT, lw=1)
            axes.plot(
                v, 100 * a.value, "o", ms=5.5 if on else 4.5, color=BLUE if on else "white", mec=BLUE if on else MUTED
            )
        said = dict(zip(names, shorts(names, 26), strict=True))
        top = 101.0
        for v, a, n in reversed(front):  # above and to the left of the front nothing stands: labels go there, top down
            top = min(top - 6, 100 * a.value + 5)
            axes.annotate(
                said[n], (v, 100 * a.value), xytext=(v / spread**0.06, top), fontsize=8.5, ha="right", va="center",
                arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.5, "shrinkA": 1, "shrinkB": 3},
            )  # fmt: skip
        axes.set_xscale("log")
        free = any(v == nothing for v, _, _ in points)
        left = nothing if free else low
        axes.set_xlim(
            left / spread**0.55 if front and front[0][0] < left * spread**0.4 else left / spread**0.1,
            high * spread**0.08,
        )
        ticks = [10.0**k for k in range(floor(log10(low)), ceil(log10(high)) + 1) if low / 2 <= 10.0**k <= high * 2]
        money = "dollar" in label
        texts = [dollars(t) if money else f"{t:,.0f}" for t in ticks]
        axes.set_xticks([*([nothing] if free else []), *ticks], [*(["free"] if free else []), *texts])
        axes.minorticks_off()
        axes.set_xlabel(label)
        axes.set_ylabel("accuracy, mean over tasks (%)")
        _percent_axis(axes, "y")
        return figure


def paired_change(
    names: Sequence[str], before: Sequence[Proportion], after: Sequence[Proportion], a: str, b: str
) -> Figure:
    """Dumbbells: accuracy in the first run (hollow) and in the second (filled), by name."""
    with styled():
        figure, axes = _figure(6.0, 1.0 + 0.25 * len(names))
        order = list(range(len(names)))[::-1]
        for y, i in enumerate(order):
            x, z = 100 * before[i].value, 100 * after[i].value
            axes.plot([x, z], [y, y], color=BLUE if z >= x else ORANGE, lw=1.8, zorder=1)
            axes.plot(x, y, "o", ms=5, mfc="white", mec=MUTED, label=short(a) if y == 0 else None)
            axes.plot(z, y, "o", ms=5, color=BLUE if z >= x else ORANGE, label=short(b) if y == 0 else None)
        _name_rows(axes, [names[i] for i in order])
        axes.set_xlabel("accuracy (%)")
        _percent_axis(axes, "x")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        return figure


def test_information(
    theta: np.ndarray[Any, Any], test: np.ndarray[Any, Any], sem: np.ndarray[Any, Any], abilities: np.ndarray[Any, Any]
) -> Figure:
    """Test information over ability, its standard error of measurement, and under both the models, a tick each."""
    with styled():
        figure = Figure(figsize=(6.6, 4.2), layout="constrained")
        axes, rug = figure.subplots(2, 1, sharex=True, height_ratios=(8, 1))
        axes.plot(theta, test, color=BLUE, lw=2, label="information")
        axes.set_ylabel("test information")
        axes.set_ylim(bottom=0)
        other = axes.twinx()
        finite = np.isfinite(sem)
        other.plot(theta[finite], sem[finite], color=ORANGE, lw=1.4, ls=(0, (4, 2)), label="standard error")
        other.set_ylabel("standard error of measurement")
        other.set_ylim(0, min(3.0, float(np.nanmax(sem[finite])) * 1.05))
        other.spines["right"].set_visible(True)
        lines = [*axes.get_lines(), *other.get_lines()]
        axes.legend(
            lines, [str(line.get_label()) for line in lines], loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2
        )
        rug.vlines(abilities, 0, 1, color=INK, lw=1.1)
        rug.set_yticks([])
        rug.spines["left"].set_visible(False)
        rug.set_ylabel("models", rotation=0, ha="right", va="center")
        rug.set_xlabel("ability")
        rug.set_xlim(float(theta[0]), float(theta[-1]))
        return figure


def stability_forest(
    names: Sequence[str],
    index: Sequence[Spread],
    plain: Sequence[float],
    accuracy: Sequence[float],
    before: Sequence[Spread] | None = None,
) -> Figure:
    """Two panels: the corrected index with its interval (plain one as a tick) by model, and against accuracy.

    ``before`` is the corrected index of the same models in an earlier run, drawn hollow beside it.
    """
    with styled():
        figure = Figure(figsize=(7.4, 1.3 + 0.25 * max(6, len(names))), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        order = sorted(range(len(names)), key=lambda i: (np.isfinite(index[i].value), index[i].value))
        for y, i in enumerate(order):
            s = index[i]
            if np.isfinite(s.value):
                left.plot([s.low, s.high], [y, y], color=BLUE, lw=1.5)
                left.plot(s.value, y, "o", ms=5, color=BLUE, label=None)
                right.plot([100 * accuracy[i]] * 2, [s.low, s.high], color=FAINT, lw=1)
                right.plot(100 * accuracy[i], s.value, "o", ms=5, color=BLUE)
            if np.isfinite(plain[i]):
                left.plot(plain[i], y, "|", ms=9, mew=1.6, color=ORANGE)
            if before is not None and np.isfinite(before[i].value):
                left.plot([before[i].low, before[i].high], [y + 0.3] * 2, color=MUTED, lw=1)
                left.plot(before[i].value, y + 0.3, "o", ms=4.5, mfc="white", color=MUTED)
        if before is not None:
            left.plot([], [], "o-", color=MUTED, mfc="white", ms=4.5, lw=1, label="before")
        left.plot([], [], "o-", color=BLUE, ms=5, lw=1.5, label="ESI* (corrected)")
        left.plot([], [], "|", color=ORANGE, ms=9, mew=1.6, label="ESI (plain)")
        left.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
        _name_rows(left, [names[i] for i in order], 34)
        left.set_xlim(-0.03, 1.03)
        left.set_xlabel("stability (1: believes what it writes)")
        right.set_ylim(-0.03, 1.03)
        right.set_ylabel("ESI*")
        right.set_xlabel("accuracy (%)")
        _percent_axis(right, "x")
        return figure


def _percent_axis(axes: Any, which: str) -> None:
    low_high = (-3, 103)
    (axes.set_xlim if which == "x" else axes.set_ylim)(*low_high)
    (axes.set_xticks if which == "x" else axes.set_yticks)([0, 25, 50, 75, 100])
    axes.grid(axis=which, color=FAINT, lw=0.5, alpha=0.7)
    axes.set_axisbelow(True)
