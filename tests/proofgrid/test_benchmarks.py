"""The comparative framework: its file, the command that prints it, and the page that shows it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from proofgrid import benchmarks
from proofgrid.cli import command_line
from proofgrid.errors import UserError

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_row_has_a_source_and_known_values() -> None:
    """74 rows; grading and verification come from their scales or say that nobody looked."""
    rows = benchmarks.load()
    assert len(rows) == len({row["benchmark"] for row in rows}) == 74
    assert all(row["sources"] for row in rows)
    assert {row["grading"] for row in rows} == {*benchmarks.GRADING, "not checked"}
    assert {row["verification"] for row in rows} == {*benchmarks.VERIFICATION, "not checked"}


def test_rows_are_chosen_and_sorted() -> None:
    """Conditions add up, whatever their capitals; grading sorts from the finest down."""
    located = benchmarks.select(benchmarks.load(), [("grading", "EVERY step"), ("benchmark", "prontoqa")])
    assert [row["benchmark"] for row in located] == ["PrOntoQA", "PrOntoQA-OOD"]
    grades = [row["grading"] for row in benchmarks.in_order(benchmarks.load(), "grading")]
    assert grades == sorted(grades, key=[*benchmarks.GRADING, "not checked"].index)


def test_the_command_prints_text_and_csv() -> None:
    """Text has the columns asked for; CSV reads back as the file's rows."""
    text = CliRunner().invoke(
        command_line(), ["benchmarks", "--where", "grading=every step", "--show", "benchmark,licence"]
    )
    assert "PrOntoQA-OOD" in text.stdout
    assert "4 of 74 benchmarks" in text.stdout
    table = CliRunner().invoke(command_line(), ["benchmarks", "--format", "csv"]).stdout
    assert list(csv.DictReader(table.splitlines())) == benchmarks.load()


@pytest.mark.parametrize("arguments", [["--sort", "colour"], ["--where", "colour=red"], ["--where", "grading"]])
def test_a_wrong_column_is_one_sentence(arguments: list[str]) -> None:
    """What is not there is named, with what there is."""
    result = CliRunner().invoke(command_line(), ["benchmarks", *arguments])
    assert isinstance(result.exception, UserError)
    assert "column" in str(result.exception).casefold()


def test_the_page_shows_the_table_of_the_file() -> None:
    """docs/benchmarks.md holds what python -m proofgrid.benchmarks writes into it."""
    page = (DOCS / "benchmarks.md").read_text(encoding="utf-8")
    assert benchmarks.markdown_table(benchmarks.load()) in page
    assert "images/benchmarks.svg" in page
    assert (DOCS / "images" / "benchmarks.svg").is_file()
