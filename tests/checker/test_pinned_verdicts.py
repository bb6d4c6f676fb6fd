"""Verdicts do not change by accident: damaged proofs in the four languages, each with all that the checker says of it.

``pinned/verdicts.jsonl`` has a text a line with its verdict in both modes, the text as it was read and a digest of the
rest; parts of proofs that are read alone, and steps between two terms, have lines of their own. Where a change
is meant, ``python tests/checker/pinned/choose.py --keep`` states them anew, and the difference is what users will see.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.checker.pinned.choose import FILE
from tests.checker.pinned.told import stated

LANGUAGES = ("ndl", "macro", "hilbert", "equational", "rewriting", "steps", "term", "rule", "formula")
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_verdict_it_had(language: str) -> None:
    """Failures, fixes, messages, hints, countermodels and the text as read are those that are written down."""
    rows: list[dict[str, Any]] = [row for row in ROWS if row["language"] == language]
    assert len(rows) >= (80 if language in LANGUAGES[:4] else 1)
    for row in rows:
        told = stated(language, row["problem"], row["proof"], row["options"])
        assert json.loads(json.dumps(told)) == row["told"], row["proof"]
