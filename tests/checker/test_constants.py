"""The limits, kinds and tables of the checker are those that are written down."""

from __future__ import annotations

import json

from tests.checker.pinned.constants import FILE, constants


def test_constants_are_those_that_are_written_down() -> None:
    """A change that is meant: ``python tests/checker/pinned/constants.py``, and look at the difference."""
    found = json.loads(json.dumps(constants()))
    assert found == json.loads(FILE.read_text(encoding="utf-8"))
    assert found["limits"]["MAX_STEPS"] == 500_000  # something is found at all
    assert sum(map(len, found.values())) >= 60
