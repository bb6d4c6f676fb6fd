"""What a run shows: bars on a terminal, plain lines elsewhere, nothing with --quiet."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proofgrid.run.display import cost_text, plain_line, seconds_text
from proofgrid.run.state import ModelState
from tests.proofgrid.command_line import in_process
from tests.proofgrid.small_items import right, write_items
from tests.proofgrid.stub_server import Stub


def test_a_line_holds_counts_rate_cost_eta_and_errors() -> None:
    """Done of total, share correct, tokens a second, cost, time left and errors stand in one line."""
    state = ModelState("m", total=100, done=40, scored=20, correct=15, errors=2, completion_tokens=4000, arrived=40)
    state.started, state.cost = time.monotonic() - 20, 1.5
    line = plain_line(state)
    assert line.startswith("m: 40/100, 75% correct, ")
    assert "tok/s" in line
    assert "$1.50" in line
    assert "ETA 0:30" in line or "ETA 0:29" in line
    assert "2 errors" in line


@pytest.mark.parametrize(
    ("cost", "unknown", "answers", "text"),
    [
        (0.0, 0, 5, "$0.00"),
        (0.0, 5, 5, "unknown"),
        (1.25, 2, 5, "> $1.25"),
        (0.0012, 0, 5, "$0.0012"),
        (0.00002, 0, 5, "< $0.0001"),
    ],
)
def test_unknown_cost_is_never_shown_as_zero(cost: float, unknown: int, answers: int, text: str) -> None:
    """No known cost is "unknown"; some unknown ones make the sum a lower bound."""
    assert cost_text(cost, unknown, answers) == text


def test_times_read_like_a_clock() -> None:
    """Minutes and seconds, with hours where there are any."""
    assert [seconds_text(s) for s in (5, 65, 3725)] == ["0:05", "1:05", "1:02:05"]


def test_a_terminal_gets_bars(tmp_path: Path) -> None:
    """On a terminal each model has a bar that reaches its total."""
    items = write_items(tmp_path / "items.jsonl", 5)
    with Stub(right) as stub:
        command = [sys.executable, "-m", "proofgrid.cli", "run", "--model", "server/m", "--base-url", stub.url]
        command += ["--task", "pl1_pw", "--items", str(items), "--run", str(tmp_path / "run")]
        ours, theirs = pty.openpty()
        env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160", "LINES": "40"}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=env)
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        os.close(ours)
        assert process.wait(60) == 0
    assert b"server/m" in shown
    assert b"5/5" in shown
    assert "━".encode() in shown


def test_quiet_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --quiet a run that goes well prints nothing at all."""
    items = write_items(tmp_path / "items.jsonl", 2)
    monkeypatch.chdir(tmp_path)
    with Stub(right) as stub:
        arguments = ("run", "--model", "server/m", "--base-url", stub.url, "--task", "pl1_pw", "--items", str(items))
        assert in_process(monkeypatch, capsys, *arguments, "--quiet") == (0, "", "")
