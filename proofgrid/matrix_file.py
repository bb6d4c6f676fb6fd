"""A response matrix from a CSV file: models in rows, items in columns, cells 0, 1, empty, or ``k/n``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from proofgrid.errors import UserError
from proofgrid.textfile import read_lines

if TYPE_CHECKING:
    from proofgrid.matrix import RunMatrix

EMPTY = ("", "na", "nan", "null", "none")
FORMAT = (
    "a matrix file is UTF-8 with commas: a header with the items' ids, then one row a model with 0, 1, empty, or k/n "
    "(k of n samples right)"
)


def read_matrix(path: Path) -> RunMatrix:
    """Read a matrix file.

    A first row called ``task`` whose cells are no responses names the items' tasks; a first column called ``family``
    beside the models' names, likewise, names their families. Raises UserError, one sentence that names the cell.
    """
    import pandas as pd

    from proofgrid.matrix import RunMatrix

    rows = _rows(path)
    header = rows[0][1:]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise UserError(f"{path}, row {number} ('{row[0]}') has {len(row)} cells and the header {len(rows[0])}")
    body = rows[1:]
    families = None
    if header[0].strip().lower() == "family" and not all(_cell(row[1]) is not None for row in body):
        families = {row[0]: row[1].strip() or row[0] for row in body if row[0].strip().lower() != "task"}
        header, body = header[1:], [[row[0], *row[2:]] for row in body]
    tasks = ["all"] * len(header)
    if body and body[0][0].strip().lower() == "task" and not all(_cell(cell) is not None for cell in body[0][1:]):
        tasks, body = [cell.strip() for cell in body[0][1:]], body[1:]
    if not body or not header:
        raise UserError(f"{path} holds no matrix: {FORMAT}")
    right, asked = [], []
    for row in body:
        cells = []
        for item, text in zip(header, row[1:], strict=True):
            cell = _cell(text)
            if cell is None:
                raise UserError(f"{path}: model '{row[0]}', item '{item}' holds '{text.strip()}'; {FORMAT}")
            cells.append(cell)
        right.append([k for k, _ in cells])
        asked.append([n for _, n in cells])
    names = [row[0] for row in body]
    return RunMatrix(
        pd.DataFrame(right, index=names, columns=header, dtype=float),
        pd.DataFrame(asked, index=names, columns=header, dtype=float),
        pd.Series(tasks, index=header, dtype=str),
        None if families is None else pd.Series([families[n] for n in names], index=names, dtype=str),
    )


def _cell(text: str) -> tuple[float, float] | None:
    """(right, asked) of a cell; None if it is no response."""
    text = text.strip()
    if text.lower() in EMPTY:
        return 0.0, 0.0
    if text in ("0", "0.0"):
        return 0.0, 1.0
    if text in ("1", "1.0"):
        return 1.0, 1.0
    k, slash, n = text.partition("/")
    if slash and k.strip().isdecimal() and n.strip().isdecimal() and int(k) <= int(n) <= 1_000_000:
        return float(k), float(n)
    return None


def _rows(path: Path) -> list[list[str]]:
    try:
        lines = csv.reader(f"{line}\n" for _, line in read_lines(path))
        rows = [row for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UserError(f"{path} cannot be read as CSV: {error}") from error
    if rows and len(rows[0]) == 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs")):
            if mark in rows[0][0]:
                raise UserError(f"{path} is separated by {name}; separate it by commas ({FORMAT})")
    if len(rows) < 2 or len(rows[0]) < 2:
        raise UserError(f"{path} holds no matrix: {FORMAT}")
    return rows
