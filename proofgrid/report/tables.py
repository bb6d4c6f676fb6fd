"""A table as data: rendered as HTML with sortable headers, as Markdown, and exported as CSV by the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from proofgrid.report.text import visible


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown, and the value that sorting and CSV use (None: the text)."""

    text: str
    value: float | str | None = None
    css: str = ""
    href: str | None = None
    """A link inside the page, ``#...``."""
    small: str = ""
    """A second, lighter line."""
    whole: str = ""
    """What the text is short for: read aloud, found by the filter, and shown where one points."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading. Numbers are right-aligned and sort downwards first."""

    label: str
    kind: Literal["text", "number"] = "number"
    help: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A captioned table; the first column holds the row headers."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    filter: bool = False
    """Whether the page offers a field that filters rows by their text."""
    css: str = ""


def without_empty(table: Table) -> Table:
    """The table without the columns of numbers in which no row has one."""
    kept = [
        at
        for at, column in enumerate(table.columns)
        if at == 0 or column.kind == "text" or not all(_says_nothing(row[at]) for row in table.rows)
    ]
    return replace(
        table,
        columns=tuple(table.columns[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in table.rows),
    )


def _says_nothing(cell: Cell) -> bool:
    return cell.value == "" or (cell.value is None and cell.text in ("", "–"))


def model_cell(short: str, whole: str, href: str | None = None) -> Cell:
    """A model's name, short on the page and whole in the CSV."""
    return Cell(short, whole, href=href, whole=whole if short != whole else "")


def number(value: float, digits: int = 2, unit: str = "") -> Cell:
    """A number with its full precision behind it; a dash where it is NaN."""
    if value != value:
        return Cell("–", "")
    return Cell(f"{value:,.{digits}f}{unit}", value)


def percent(value: float, digits: int = 0, small: str = "") -> Cell:
    """A share as percent; a dash where it is NaN."""
    return Cell("–", "") if value != value else Cell(f"{100 * value:.{digits}f}%", value, small=small)


def p_value(value: float) -> Cell:
    """A p-value as it is printed in papers."""
    if value != value:
        return Cell("–", "")
    return Cell("< .001" if value < 0.001 else f"{value:.3f}".lstrip("0"), value)


def markdown(table: Table, limit: int | None = None) -> str:
    """The table in GitHub's Markdown; cells are escaped, rows beyond ``limit`` counted."""
    lines = [
        "| " + " | ".join(escape(c.label) for c in table.columns) + " |",
        "|" + "|".join(" --- " if c.kind == "text" else " ---: " for c in table.columns) + "|",
    ]
    rows: Sequence[tuple[Cell, ...]] = table.rows if limit is None else table.rows[:limit]
    for row in rows:
        texts = (escape(cell.text) + (f" ({escape(cell.small)})" if cell.small else "") for cell in row)
        lines.append("| " + " | ".join(texts) + " |")
    if len(rows) < len(table.rows):
        lines.append(f"\n{len(table.rows) - len(rows)} more rows are in the HTML report.")
    return "\n".join(lines)


_MARKUP = re.compile(r"[\\`*{}\[\]#|!~<>&@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def escape(text: str) -> str:
    """Text that Markdown, and HTML inside it, takes as plain text in a table's cell (no markup, link or mention)."""
    flat = visible(" ".join(text.split()))
    return _MARKUP.sub(lambda m: f"&#{ord(m.group())};" if m.group() in "<>&@|" else f"\\{m.group()}", flat)
