"""``proofgrid compare``: which models of a run differ, pair by pair, and how many items it takes to tell."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from proofgrid.checker.counting import count

if TYPE_CHECKING:
    from proofgrid.comparing import Pairwise
    from proofgrid.irt import Fit2PL
    from proofgrid.matrix import RunMatrix

Opt = typer.Option
MOST_PAIRS = 40
"""Pairs printed; all of them go into --out."""
SHOWN = (
    "model", "other", "items", "difference", "95%", "only one right", "p", "Holm p", "P(better)", "items to tell",
)  # fmt: skip
"""The columns of the table of pairs, in their order."""
NEEDED = ("difference", "95%", "Holm p", "items to tell", "only one right", "P(better)", "items", "p")
"""The same, beside the names, by how much they are missed: in a narrow terminal the last go first."""
LEAST_NAME = 16
"""Characters of a model's name, however narrow the terminal."""
GAP = 3
"""Blanks between columns."""
LEAST_IRT = 10
"""Models, and items, below which the 2PL is not asked who is better."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(short_help="Compare models on the items they share.")(compare)


def compare(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="[RUN...]", help="Run folders.")] = None,
    matrix: Annotated[Path | None, Opt(help="A CSV instead of runs, as `proofgrid irt` reads it.")] = None,
    task: Annotated[list[str] | None, Opt("--task", help="Only the items of these tasks.")] = None,
    out: Annotated[Path | None, Opt(help="Write all pairs to this CSV file.")] = None,
    plan: Annotated[
        bool, Opt("--plan", help="How many items or samples tell which difference; no run needed.")
    ] = False,
    models: Annotated[int, Opt(min=2, help="With --plan and no run: models to compare.")] = 2,
    no_irt: Annotated[bool, Opt("--no-irt", help="Leave out P(better) from the 2PL.")] = False,
) -> None:
    """Compare models on the items they share: differences, exact McNemar, Holm, ranks, and what it takes to tell."""
    from proofgrid.commands.threads import one_thread_for_matrices

    one_thread_for_matrices()
    from proofgrid.comparing import compare_all
    from proofgrid.errors import UserError

    if not runs and matrix is None:
        if not plan:
            raise UserError("give one or more run folders, or --matrix FILE.csv, or --plan to plan a run")
        _print_plan(None, models)
        return
    found = _read(runs, matrix, task or [])
    if len(found.right) < 2:
        raise UserError("only one model is there to compare; give a run of two models or more, or several runs")
    pairs = compare_all(found.right, found.asked)
    if plan:
        _print_plan(pairs, len(pairs.models))
        return
    fit, note = (None, "") if no_irt else _fit(found)
    print_pairs(pairs, fit, note)
    if out is not None:
        table = pairs.table()
        if fit is not None:
            better = fit.better_than()
            table["p_better_2pl"] = [
                float(better.loc[a, b]) for a, b in zip(table["model"], table["other"], strict=True)
            ]
        out.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(out, index=False, float_format="%.6g", lineterminator="\n")
        typer.echo(f"{out}: {len(table)} pairs")


def _read(runs: list[Path] | None, matrix: Path | None, tasks: list[str]) -> RunMatrix:
    from proofgrid.commands.responses import read_responses
    from proofgrid.errors import UserError
    from proofgrid.matrix import RunMatrix

    _, found = read_responses(runs, matrix)
    if tasks:
        keep = [i for i in found.right.columns if found.tasks is not None and found.tasks[i] in tasks]
        if not keep:
            raise UserError(f"no item belongs to {', '.join(tasks)}")
        found = RunMatrix(found.right[keep], found.asked[keep], found.tasks[keep], found.families)
    return found


def _fit(found: RunMatrix) -> tuple[Fit2PL | None, str]:
    from proofgrid import irt
    from proofgrid.matrix import irt_arguments

    arguments = irt_arguments(found)
    if min(arguments["responses"].shape) < LEAST_IRT:
        return None, f"no P(better) from the 2PL below {LEAST_IRT} models or items: they would set the scale themselves"
    try:
        return irt.fit_2pl(**arguments), ""
    except irt.IrtError as error:
        return None, f"no P(better) from the 2PL: {error}"


def print_pairs(pairs: Pairwise, fit: Fit2PL | None, note: str) -> None:
    """Ranks and pairs as tables that fit the terminal, then what they come to."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from proofgrid.commands.terminal import say
    from proofgrid.report.names import shortened
    from proofgrid.report.text import visible

    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=160)
    shown_pairs = pairs.table()
    total, several = len(shown_pairs), int(pairs.parts.max()) > 0
    if several:
        say(
            f"note: the models fall into {int(pairs.parts.max()) + 1} groups without a common item; each has ranks of "
            "its own, and nothing here compares one with another",
            indent="      ",
            err=True,
        )
    ranks = Table(title="Ranks (together they hold with 95%)", title_justify="left", box=box.SIMPLE_HEAD)
    names = [str(model) for model in pairs.models]
    brief = dict(zip(names, map(visible, names), strict=True))
    for name in (*(("group",) if several else ()), "rank", "model", "better than", "worse than"):
        ranks.add_column(name, justify="left" if name == "model" else "right", no_wrap=True)
    fitting = dict(zip(names, shortened(list(brief.values()), max(LEAST_NAME, console.width - 42)), strict=True))
    order = sorted(range(len(pairs.models)), key=lambda i: (pairs.parts[i], pairs.ranks[i].best, pairs.ranks[i].worst))
    for i in order:
        cells = (pairs.ranks[i].range, fitting[names[i]], pairs.better[i].sum(), pairs.better[:, i].sum())
        ranks.add_row(*(Text(str(cell)) for cell in ((pairs.parts[i] + 1, *cells) if several else cells)))
    console.print(ranks)
    better = None if fit is None else fit.better_than()
    rows = []
    for row in shown_pairs.sort_values("p", kind="stable").head(MOST_PAIRS).to_dict("records"):
        known = better is not None and row["model"] in better.index and row["other"] in better.index
        chance = f"{float(better.loc[row['model'], row['other']]):.3f}" if better is not None and known else "-"
        shared = row["items"] > 0
        rows.append(
            {
                "model": brief[str(row["model"])],
                "other": brief[str(row["other"])],
                "items": str(row["items"]),
                "difference": f"{100 * row['difference']:+.1f}" if shared else "-",
                "95%": f"{100 * row['low']:+.1f} to {100 * row['high']:+.1f}" if shared else "-",
                "only one right": f"{row['model_only']}:{row['other_only']}",
                "p": _p(row["p"]),
                "Holm p": _p(row["p_holm"]),
                "P(better)": chance,
                "items to tell": _many(row["items_needed"]),
            }
        )
    kept, room = _fitting(rows, console.width)
    narrow = dict(zip(brief.values(), shortened(list(brief.values()), room), strict=True))
    table = Table(title="Pairs, clearest first", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for head in kept:
        table.add_column(head, justify="left" if head in ("model", "other") else "right", no_wrap=True)
    for texts in rows:
        table.add_row(*(Text(narrow.get(texts[head], texts[head])) for head in kept))
    console.print(table)
    if len(kept) < len(NEEDED) + 2:
        say("In a wider terminal the table has more columns; --out FILE.csv has all.")
    told = int(pairs.better.sum())
    say(f"{told} of {total} pairs are told apart at 5% over all pairs (Holm).")
    if total > MOST_PAIRS:
        typer.echo(f"{total - MOST_PAIRS} more pairs: --out FILE.csv writes all.")
    if note:
        say(f"note: {note}", indent="      ", err=True)


def _fitting(rows: Sequence[Mapping[str, str]], width: int) -> tuple[list[str], int]:
    """The columns that fit beside two names in a terminal of that width, and the characters left for each name."""
    most = max((len(row[head]) for row in rows for head in ("model", "other")), default=LEAST_NAME)
    least = min(LEAST_NAME, most)
    sizes = {head: max([len(head), *(len(row[head]) for row in rows)]) + GAP for head in NEEDED}
    kept = list(NEEDED)
    while len(kept) > 1 and sum(sizes[head] for head in kept) + 2 * (least + GAP) > width:
        kept.pop()
    room = (width - sum(sizes[head] for head in kept)) // 2 - GAP
    return [head for head in SHOWN if head in kept or head in ("model", "other")], max(least, room)


def _print_plan(pairs: Pairwise | None, models: int) -> None:
    from proofgrid.comparing import ASSUMED_ACCURACY, ASSUMED_CORRELATION, plan_table

    known = pairs is not None and bool((pairs.within > 0).any())
    counts = (1, 2, 4, 8) if pairs is None or known else (1,)
    table = plan_table(samples=counts, models=models, found=pairs)
    typer.echo("Items that tell two models apart with 80% power at a two-sided 5%, by their difference in accuracy:")
    heads = [count(k, "sample") for k in counts] + [f"over all pairs of {models}"]
    typer.echo("difference  " + "  ".join(f"{h:>12}" for h in heads))
    for difference, row in table.iterrows():
        cells = [f"{row[str(k)]:>12,.0f}" for k in counts] + [f"{row['holm']:>{max(12, len(heads[-1]))},.0f}"]
        typer.echo(f"{100 * float(str(difference)):>4.0f} points " + "  ".join([" ", *cells])[1:])
    if pairs is None:
        typer.echo(
            f"Assumed: accuracy about {ASSUMED_ACCURACY:.0%}, the models' chances over items correlated "
            f"{ASSUMED_CORRELATION:g}; a pilot run says better (proofgrid compare RUN --plan)."
        )
    elif not known:
        typer.echo("From the variances of this run; it has one sample an item, so what more samples bring is unknown.")
    else:
        typer.echo("From the variances of this run, items and samples apart.")


def _p(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".lstrip("0")


def _many(value: float) -> str:
    return f"{value:,.0f}" if value < 1e9 else "-"
