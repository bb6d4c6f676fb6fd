"""The mutants that no test can find are still mutants of the code as it is, and each has its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = json.loads((Path(__file__).parent / "survivors.json").read_text(encoding="utf-8"))
HERE = {
    "module": "proofgrid/checker/errors.py",
    "before": "from __future__ import annotations",
    "after": "pass",
    "reason": "annotations are not looked at there",
}
"""A row as it should be."""


def bare(text: str) -> str:
    """Its lines without what stands before and after them."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


def faults(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """What is wrong with explained survivors: stale, no change, no reason, or there twice."""
    found = []
    for at, row in enumerate(rows):
        before, after = bare(row["before"]), bare(row["after"])
        if before not in bare((ROOT / row["module"]).read_text("utf-8")):
            found.append(f"{row['module']} has changed: {row['before']}")
        if before == after:
            found.append(f"{row['module']}: no mutant: {row['before']}")
        if len(row["reason"].split()) < 5:
            found.append(f"{row['module']}: no sentence says why: {row['before']}")
        if any((row["module"], before, after) == (r["module"], bare(r["before"]), bare(r["after"])) for r in rows[:at]):
            found.append(f"{row['module']}: explained twice: {row['before']}")
    return found


def test_each_explained_survivor_is_in_step_with_the_code() -> None:
    """Its lines stand in its module, the mutant changes them, and a sentence says why that changes no verdict."""
    assert faults(ROWS) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{**HERE, "before": "from __past__ import everything"}], "has changed"),
        ([{**HERE, "after": f"  {HERE['before']}"}], "no mutant"),
        ([{**HERE, "reason": "equivalent"}], "no sentence"),
        ([HERE, {**HERE, "before": f"  {HERE['before']}\n"}], "twice"),
    ],
)
def test_a_row_that_explains_nothing_is_found(rows: list[dict[str, str]], said: str) -> None:
    """Code that has changed since, a mutant that is none, a word in place of a reason, a row that is there twice."""
    assert faults([HERE]) == []
    (fault,) = faults(rows)
    assert said in fault
