"""The command line in a test: in a process of its own, or (faster) in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proofgrid.cli import main


def proofgrid(*arguments: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``proofgrid`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "proofgrid.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "160", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def in_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Run ``proofgrid`` in this process: exit status, standard output, standard error."""
    monkeypatch.setattr("sys.argv", ["proofgrid", *arguments])
    capsys.readouterr()
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1 if stop.code else 0
    captured = capsys.readouterr()
    return code, captured.out, captured.err
