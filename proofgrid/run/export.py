"""A run as a file for others: JSON lines, CSV or Parquet, one row an attempt, read and written piece by piece."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from proofgrid.errors import UserError
from proofgrid.run.load import open_scored

Format = Literal["jsonl", "csv", "parquet"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
NESTED = ("parts", "verdict", "repairs")
"""Columns that are JSON texts in CSV and Parquet."""
TYPES = {
    **dict.fromkeys(("level", "attempt", "round", "prompt_tokens", "completion_tokens", "reasoning_tokens"), "int64"),
    **dict.fromkeys(("points", "cost", "seconds", "joules"), "float64"),
    "strict": "bool",
}
"""Parquet types of columns that are not text."""


def export_rows(path: str | Path) -> Iterator[dict[str, Any]]:
    """One dictionary an attempt: where it stands, how it was scored, what was said. Scores what is not scored yet."""
    from proofgrid.scoring import scorer_fingerprint

    with open_scored(path) as store:
        items = {problem.id: (problem.task, problem.level) for problem in store.problems()}
        for record, score in store.scored_records(scorer_fingerprint()):
            done, cell = record.completion, record.cell
            task, level = items[cell.item]
            yield {
                "model": cell.model,
                "task": task,
                "item": cell.item,
                "level": level,
                "attempt": cell.attempt,
                "round": cell.round,
                "outcome": score.outcome,
                "points": score.points,
                "strict": score.strict,
                "parts": dict(score.parts),
                "verdict": score.verdict,
                "repairs": list(score.repairs),
                "feedback": score.feedback,
                "text": done.text,
                "reasoning": done.reasoning,
                "refusal": done.refusal,
                "error": done.error,
                "finish_reason": done.finish_reason,
                "prompt_tokens": done.prompt_tokens,
                "completion_tokens": done.completion_tokens,
                "reasoning_tokens": done.reasoning_tokens,
                "cost": done.cost,
                "seconds": done.seconds,
                "joules": done.joules,
                "served_model": done.served_model,
                "key": record.key,
            }


COLUMNS = (
    *("model", "task", "item", "level", "attempt", "round", "outcome", "points", "strict", "parts", "verdict"),
    *("repairs", "feedback", "text", "reasoning", "refusal", "error", "finish_reason", "prompt_tokens"),
    *("completion_tokens", "reasoning_tokens", "cost", "seconds", "joules", "served_model", "key"),
)


def export_run(path: str | Path, format_: Format, out: Path) -> int:
    """Write a run to ``out``; returns the number of attempts. The file appears whole or not at all."""
    if out.exists() and not out.is_file():
        if out.is_dir():
            raise UserError(f"{out} is a folder; --out names the file to write")
        return _WRITERS[format_](export_rows(path), out)  # a pipe or a device, which must not be replaced
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    try:
        count = _WRITERS[format_](export_rows(path), part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return count


def _jsonl(rows: Iterator[dict[str, Any]], out: Path) -> int:
    count = 0
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last value is the result
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return count


def _csv(rows: Iterator[dict[str, Any]], out: Path) -> int:
    count = 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last value is the result
            writer.writerow({name: _harmless(value) for name, value in _flat(row).items()})
    return count


def _harmless(value: Any) -> Any:
    """A cell that a spreadsheet would take for a formula (=, +, -, @ first) with an apostrophe before it: what a model
    wrote is shown and never run. Numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def _parquet(rows: Iterator[dict[str, Any]], out: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"int64": pa.int64(), "float64": pa.float64(), "bool": pa.bool_()}
    schema = pa.schema([(name, types[TYPES[name]] if name in TYPES else pa.string()) for name in COLUMNS])
    count = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        while chunk := list(islice(rows, 2000)):
            writer.write_table(pa.Table.from_pylist([_flat(row) for row in chunk], schema=schema))
            count += len(chunk)
    return count


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value, ensure_ascii=False) if name in NESTED and value is not None else value
        for name, value in row.items()
    }


_WRITERS = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet}
