"""Writing an analysis to a folder: CSV tables, one JSON, plots as SVG and PNG, a summary in Markdown."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
import pandas as pd

from proofgrid.irt import output_apart as apart
from proofgrid.irt.analysis import Analysis
from proofgrid.irt.discrimination import LEAST_ITEMS, LEAST_MODELS
from proofgrid.irt.plots import ability_forest, fit_plot, icc_plot, information_plot, wright_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKUP = re.compile(r"[\\`*{}\[\]#|!~<>&@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def write_analysis(analysis: Analysis, folder: str | Path, facts: Mapping[str, Any] | None = None) -> list[Path]:
    """Write all files and return them. ``facts`` (where the responses came from) go into the JSON and the summary.

    The same analysis writes the same bytes, plots included.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in _tables(analysis).items():
        path = out / f"{name}.csv"
        _harmless(table).to_csv(path, float_format="%.6g", lineterminator="\n")
        written.append(path)
    path = out / "irt.json"
    path.write_text(json.dumps(as_json(analysis, facts), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    written.append(path)
    for name, figure in figures(analysis).items():
        written += save_figure(figure, out / name)
    path = out / "summary.md"
    path.write_text(markdown(analysis, facts), encoding="utf-8")
    return [*written, path]


def figures(analysis: Analysis) -> dict[str, Figure]:
    """All plots by file name."""
    fit = analysis.fit
    return {
        "wright_map": wright_map(fit),
        "item_curves": icc_plot(fit),
        "information": information_plot(fit),
        "abilities": ability_forest(fit),
        "fit": fit_plot(analysis.items, analysis.models),
    }


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """SVG and PNG, without dates or random identifiers."""
    with matplotlib.rc_context({"svg.hashsalt": "irt"}):
        svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
        figure.savefig(svg, metadata={"Date": None, "Creator": None})
        figure.set_layout_engine("none")  # laid out once: the second file keeps the places
        figure.savefig(png, dpi=150, metadata={"Software": None})
    return [svg, png]


def as_json(analysis: Analysis, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Everything but the curves as plain JSON; what is not a number is null."""
    fit = analysis.fit
    comparison = asdict(analysis.comparison)
    del comparison["difficulty_1pl"]
    explanation = analysis.explanation
    data = {
        "source": dict(facts or {}),
        "engine": fit.engine,
        "priors": None if fit.priors is None else asdict(fit.priors),
        "n_models": fit.data.n_models,
        "n_items": fit.data.n_items,
        "missing_share": float(1 - (fit.data.weight @ fit.data.seen).sum() / (fit.data.n_models * fit.data.n_items)),
        "converged": fit.converged,
        "log_likelihood": fit.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
        "marginal_reliability": analysis.information.marginal_reliability,
        "empirical_reliability": fit.reliability,
        "cronbach_alpha": analysis.alpha,
        "comparison_1pl": comparison,
        "dimensionality": None if analysis.dimension is None else asdict(analysis.dimension),
        "cautions": list(analysis.cautions),
        "models": _records(analysis.models, "model"),
        "tasks": _records(analysis.tasks, "task"),
        "items": _records(analysis.items, "item"),
        "negative_items": _records(analysis.negative, "item"),
        "prediction": None if analysis.prediction is None else _records(analysis.prediction.table, "account"),
        "stability": None if analysis.stability is None else _records(analysis.stability.summary(), "quantity"),
        "bootstrap_draws": analysis.draws,
        "task_differences": analysis.task_differences.to_dict(orient="records"),
        **apart.as_json(analysis),
        "explanation": None
        if explanation is None
        else {
            "coefficients": _records(explanation.coefficients, "feature"),
            "residual_sd": explanation.residual_sd,
            "r2": explanation.r2,
            "r2_out_of_sample": explanation.r2_out_of_sample,
            "ceiling": explanation.ceiling,
            "dropped": list(explanation.dropped),
        },
    }
    cleaned: dict[str, Any] = _plain(data)
    return cleaned


def markdown(analysis: Analysis, facts: Mapping[str, Any] | None = None) -> str:
    """A summary for a person."""
    fit, cmp = analysis.fit, analysis.comparison
    lines = ["# Item response theory", ""]
    lines += [f"- {_cell(key)}: {_cell(value)}" for key, value in (facts or {}).items()]
    lines += [
        f"- {fit.data.n_models} models, {fit.data.n_items} items; engine {fit.engine}"
        + ("" if fit.converged else "; **not converged**"),
        f"- marginal reliability {analysis.information.marginal_reliability:.3f}; "
        f"log likelihood {fit.log_likelihood:.3f}, AIC {fit.aic:.1f}, BIC {fit.bic:.1f}",
        f"- one discrimination for all items (1PL, a = {cmp.common_discrimination:.2f}): log likelihood "
        f"{cmp.log_likelihood_1pl:.3f}, AIC {cmp.aic_1pl:.1f}, BIC {cmp.bic_1pl:.1f}; likelihood ratio "
        f"{cmp.likelihood_ratio:.1f} on {cmp.degrees_of_freedom} df"
        + (f", p = {cmp.p_value:.3g}" if cmp.exact else "; no test: not both likelihoods are at their maximum")
        + ("" if cmp.converged else "; **the 1PL did not converge**"),
    ]
    if analysis.dimension is not None:
        dim = analysis.dimension
        verdict = {
            True: "one dimension describes these data",
            False: "there is more than one dimension",
            None: "whether one dimension describes these data takes simulations that this table is too large for",
        }[dim.unidimensional]
        lines.append(
            f"- {verdict} ({dim.method}: first eigenvalue {dim.first:.2f}, second {dim.second:.2f}"
            + (f", by chance up to {dim.limit:.2f})" if dim.limit is not None else ")")
        )
    if analysis.prediction is not None:
        found = analysis.prediction
        said = "; ".join(f"{k} {v['log_loss']:.3f} (AUC {v['auc']:.3f})" for k, v in found.table.iterrows())
        lines.append(f"- log loss of responses not seen ({found.cells} of them, hidden a tenth at a time): {said}")
        lines.append(f"- {_worth(found.table['log_loss'])}")
    if analysis.cautions:
        lines += ["", "## Read with care", "", *(f"- {_cell(text)}" for text in analysis.cautions)]
    lines += [
        "",
        "## Models",
        "",
        "| model | ability | 95% interval | share correct | lz | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    order = analysis.models.sort_values("ability", ascending=False, kind="stable")
    several = "group" in order.columns
    for name, row in (order.sort_values("group", kind="stable") if several else order).iterrows():
        low, high = row["ability"] - 1.96 * row["ability_se"], row["ability"] + 1.96 * row["ability_se"]
        shown = f"{_cell(name)} (group {row['group']})" if several else _cell(name)
        lines.append(
            f"| {shown} | {row['ability']:.2f} | {low:.2f} to {high:.2f} | {row['share_correct']:.3f} | "
            f"{row['lz']:.2f} | {row['flags'].replace('_', ' ')} |"
        )
    lines += [
        "",
        "## Tasks",
        "",
        "D1: ability variance that one average item explains; D2: share of an item's information between -1 and +1 SD; "
        "DI: upper minus lower 27%. D1 and D2 are our own definitions. Their reference population is the models of "
        "this table, so they are not comparable with those of other models (`proofgrid irt --bank` has a fixed one). "
        + _resampling(analysis),
        "",
        "| task | items | difficulty | D1 | D2 | DI | item-rest | tells apart best at |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in analysis.tasks.iterrows():
        cells = [_with_interval(row, i) for i in ("D1", "D2", "DI", "item_rest")]
        lines.append(
            f"| {_cell(name)} | {row['items']:.0f} | {row['difficulty']:.2f} | {' | '.join(cells)} | "
            f"{row['peak_ability']:.1f} ({row['half_from']:.1f} to {row['half_to']:.1f}) |"
        )
    lines += apart.markdown(analysis, _cell)
    lines += _items(analysis) + _stability(analysis) + _explanation(analysis)
    return "\n".join(lines) + "\n"


def _with_interval(row: pd.Series[Any], index: str) -> str:
    if math.isnan(row[index]):
        return "–"
    shown = f"{row[index]:.3f}"
    return (
        shown
        if math.isnan(row[f"{index}_low"])
        else f"{shown} ({row[f'{index}_low']:.3f} to {row[f'{index}_high']:.3f})"
    )


def _resampling(analysis: Analysis) -> str:
    """How the intervals of tasks were made, and what has none."""
    few = f"Tasks of fewer than {LEAST_ITEMS} items, and tables of fewer than {LEAST_MODELS} models, have no figure."
    if not analysis.draws:
        return f"{few} No intervals: none were asked for, or the table is too large to fit it again and again."
    what = "families" if analysis.fit.units.has_families else "models"
    return f"{few} 95% intervals from {analysis.draws} draws of {what} with replacement."


def _worth(log_loss: pd.Series[float]) -> str:
    """What item response theory adds to prediction here, in words."""
    gain = float(log_loss["additive logit"] - log_loss["2PL"])
    if gain > 0.002:
        return f"the 2PL predicts better than adding up model and item (by {gain:.3f} a response)"
    if gain < -0.002:
        return f"the 2PL predicts worse than adding up model and item (by {-gain:.3f} a response)"
    return "the 2PL predicts as well as adding up model and item, not better: its slopes say little here"


def _items(analysis: Analysis) -> list[str]:
    flags = analysis.items["flags"]
    lines = ["", "## Items", ""]
    for flag in ("all_correct", "all_wrong", "at_bound", "not_estimated", "negative_item_rest"):
        n = int(flags.str.contains(flag).sum())
        if n:
            lines.append(f"- {n} {flag.replace('_', ' ')}")
    clear = analysis.negative.index[analysis.negative["clearly_negative"].to_numpy(dtype=bool)]
    if len(clear):
        lines.append(
            f"- solved less often by better models, beyond chance: {', '.join(_cell(i) for i in clear[:10])}"
            + (f" and {len(clear) - 10} more" if len(clear) > 10 else "")
        )
    misfit = analysis.items.query("(infit > 1.3 or outfit > 1.5) and n >= 10")
    lines.append(f"- infit above 1.3 or outfit above 1.5: {len(misfit)} of {len(analysis.items)}")
    limit = analysis.dependence.attrs["limit"]
    dependent = (
        analysis.dependence[analysis.dependence["excess"].abs() > limit] if limit == limit else analysis.dependence[:0]
    )
    lines.append(
        f"- pairs of items more dependent than ability and chance explain (Q3): {len(dependent)}"
        + (" or more" if len(dependent) == len(analysis.dependence) and len(dependent) else "")
    )
    lines.append("- every item's figures are in items.csv; they are listed in the table's order, not ranked")
    return lines


def _stability(analysis: Analysis) -> list[str]:
    if analysis.stability is None:
        return []
    names = {"theta": "abilities", "b": "difficulties", "D1_item": "D1 of single items", "D1_task": "D1 of tasks"}
    lines = ["", "## Stability of these estimates (rank correlations)", ""]
    lines += ["| | split halves of the models | leaving one model out: mean | least |", "| --- | --- | --- | --- |"]
    for quantity, row in analysis.stability.summary().iterrows():
        cells = ("" if math.isnan(x) else f"{x:.2f}" for x in row)
        lines.append(f"| {names[str(quantity)]} | {' | '.join(cells)} |")
    return lines


def _explanation(analysis: Analysis) -> list[str]:
    found = analysis.explanation
    lines = ["", "## What makes items difficult", ""]
    if found is None:
        return [*lines, f"Not computed: {analysis.explanation_note}."]
    lines += [
        f"Out-of-sample R² {found.r2_out_of_sample:.2f} (in sample {found.r2:.2f}; errors of the difficulties allow "
        f"{found.ceiling:.2f}); residual SD {found.residual_sd:.2f}.",
        "",
        "| feature | logits per SD | SE | z |",
        "| --- | --- | --- | --- |",
    ]
    for name, row in found.coefficients.iterrows():
        lines.append(f"| {_cell(name)} | {row['coefficient']:.2f} | {row['se']:.2f} | {row['z']:.1f} |")
    return lines


def _tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    tables = {
        "items": analysis.items.rename_axis("item"),
        "models": analysis.models.rename_axis("model"),
        "tasks": analysis.tasks.rename_axis("task"),
        "information": analysis.information.by_task.assign(
            test=analysis.information.test, sem=analysis.information.sem
        ),
        "local_dependence": analysis.dependence.rename_axis("rank"),
        "negative_items": analysis.negative.rename_axis("item"),
    }
    tables |= apart.tables(analysis)
    if analysis.stability is not None:
        tables["stability"] = analysis.stability.summary().rename_axis("quantity")
        tables["leave_one_out"] = analysis.stability.leave_one_out.rename_axis("model")
    if analysis.explanation is not None:
        tables["explanation"] = analysis.explanation.coefficients
    return tables


def _records(table: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    return [
        {name: str(index), **{str(k): v for k, v in row.items()}}
        for index, row in zip(table.index, table.to_dict(orient="records"), strict=True)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _cell(name: object) -> str:
    """Text that Markdown, and HTML inside it, takes as plain text in a table's cell or a list: names are strangers'."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in str(name)).split())
    return _MARKUP.sub(lambda m: f"&#{ord(m[0])};" if m[0] in "<>&@|" else f"\\{m[0]}", flat)


def _harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before names that a spreadsheet would take for formulas."""

    def safe(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value

    out = table.map(safe)
    if out.index.nlevels == 1:
        out.index = out.index.map(safe)
    out.index.names, out.columns = table.index.names, table.columns
    return out
