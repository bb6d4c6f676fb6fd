"""The mutants that no test can find are still mutants of the code as it is, and each has its reason."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = json.loads((Path(__file__).parent / "survivors.json").read_text(encoding="utf-8"))


def test_each_explained_survivor_is_in_step_with_the_code() -> None:
    """Its lines stand in its module, the mutant changes them, and a sentence says why that changes no verdict."""
    for row in ROWS:
        lines = "\n".join(line.strip() for line in (ROOT / row["module"]).read_text("utf-8").splitlines())
        before = "\n".join(line.strip() for line in row["before"].splitlines())
        assert before in lines, f"{row['module']} has changed: {row['before']}"
        assert before != "\n".join(line.strip() for line in row["after"].splitlines())
        assert len(row["reason"].split()) >= 5, row


def test_no_survivor_is_explained_twice() -> None:
    """One row a mutant."""
    keys = [(row["module"], row["before"].strip(), row["after"].strip()) for row in ROWS]
    assert len(set(keys)) == len(keys)
