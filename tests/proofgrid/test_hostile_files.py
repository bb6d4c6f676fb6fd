"""A stranger's files cost one sentence at most: nothing outside is touched, nothing is a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proofgrid.command_line import in_process
from tests.proofgrid.hostile_files import CASES, Case, prepared, snapshot


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_strangers_files_are_harmless(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that reads them ends with an exit status of ours, and files beside theirs stay as they are."""
    for command in case.commands:
        folder, outside = prepared(case, tmp_path)
        before = snapshot(outside)
        monkeypatch.chdir(folder)
        code, _, said = in_process(monkeypatch, capsys, *command)
        assert code in (0, 1, 2, 3)
        assert "Traceback" not in said
        assert snapshot(outside) == before
        monkeypatch.chdir(tmp_path)


def test_there_are_forty_files() -> None:
    """The cases are many, and no two bear one name."""
    assert len({case.name for case in CASES}) == len(CASES) >= 40
