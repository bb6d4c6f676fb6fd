"""The comparative framework: facts of reasoning benchmarks, read off their sources, one row a benchmark.

The rows are ``data/benchmarks.csv``; what a column may hold and what "not checked" means stands in docs/benchmarks.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, str]
ATTRIBUTES: Final = (
    "year",
    "representation",
    "verification",
    "depth",
    "solver_delegation",
    "contamination",
    "grading",
    "size",
    "licence",
    "grading_cost",
)
"""The compared attributes; each but year, size, licence and cost has a ``..._note`` beside it."""
GRADING: Final = ("every step located", "step labels", "whole proof", "final answer")
"""How fine a grade is, the finest first."""
VERIFICATION: Final = (
    "kernel/proof checker on every step",
    "solver-checked final answer",
    "unit tests",
    "final answer exact match",
    "label match",
    "LLM judge",
    "human rubric",
)
"""What stands behind a grade, the strongest guarantee first."""
DOCUMENTED: Final = ("year", "representation", "verification", "grading", "contamination", "size", "licence")
"""The columns of the table in docs/benchmarks.md."""

TABLE_START: Final = "<!-- written by: python -m proofgrid.benchmarks -->"
TABLE_END: Final = "<!-- end -->"


def load() -> list[Row]:
    """All rows, in the file's order."""
    text = files("proofgrid.data").joinpath("benchmarks.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def columns() -> tuple[str, ...]:
    """The names of the file's columns."""
    return tuple(load()[0])


def select(rows: Iterable[Row], wanted: Sequence[tuple[str, str]]) -> list[Row]:
    """The rows whose column holds the text, for every (column, text); capitals do not matter."""
    return [row for row in rows if all(text.casefold() in row[column].casefold() for column, text in wanted)]


def in_order(rows: Iterable[Row], column: str) -> list[Row]:
    """The rows sorted by a column; grading and verification from the finest and strongest down."""
    scale = {"grading": GRADING, "verification": VERIFICATION}.get(column)
    if scale is None:
        return sorted(rows, key=lambda row: row[column].casefold())
    place = {value: i for i, value in enumerate(scale)}
    return sorted(rows, key=lambda row: place.get(row[column], len(place)))


def markdown_table(rows: Iterable[Row]) -> str:
    """The documented columns as a Markdown table."""
    head = ("benchmark", *DOCUMENTED)
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        cells = [row[name].replace("|", "\\|") for name in head]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def chart(rows: Sequence[Row]) -> Figure:
    """How many benchmarks grade how finely, by what stands behind the grade (a count in each cell)."""
    from matplotlib.figure import Figure as MatplotlibFigure

    counts = [[sum(r["grading"] == g and r["verification"] == v for r in rows) for v in VERIFICATION] for g in GRADING]
    figure = MatplotlibFigure(figsize=(8.4, 3.4), layout="constrained")
    axes = figure.subplots()
    largest = max(max(row) for row in counts)
    axes.imshow(
        [[n**0.5 for n in row] for row in counts], cmap="Blues", aspect="auto", vmin=0, vmax=(largest * 1.6) ** 0.5
    )
    for y, row in enumerate(counts):
        for x, n in enumerate(row):
            colour = "white" if n > largest / 2 else "#10243a" if n else "#9aa7b4"
            axes.text(x, y, str(n) if n else "·", ha="center", va="center", color=colour)
    words = [v.replace("kernel/proof checker", "proof checker") for v in VERIFICATION]
    axes.set_xticks(range(len(words)), [_broken(word) for word in words], fontsize=8)
    axes.set_yticks(range(len(GRADING)), GRADING, fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    checked = sum(map(sum, counts))
    axes.set_title(
        f"What {checked} reasoning benchmarks grade, and what stands behind the grade", fontsize=10, loc="left"
    )
    return figure


def _broken(words: str) -> str:
    """A label on at most three short lines."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) > 13:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def write_page(docs: Path) -> None:
    """Bring the table and the chart of ``docs/benchmarks.md`` up to date."""
    rows = load()
    page = docs / "benchmarks.md"
    before, start, rest = page.read_text(encoding="utf-8").partition(TABLE_START)
    _, end, after = rest.partition(TABLE_END)
    page.write_text(f"{before}{start}\n\n{markdown_table(rows)}\n{end}{after}", encoding="utf-8")
    chart(rows).savefig(docs / "images" / "benchmarks.svg", metadata={"Date": None})


if __name__ == "__main__":
    write_page(Path(__file__).resolve().parent.parent / "docs")
