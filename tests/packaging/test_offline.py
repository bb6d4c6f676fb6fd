"""A test run that reaches for a network fails, and one that stays on this machine does not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FETCHING

ROOT = Path(__file__).resolve().parents[2]
HEAD = "import socket, subprocess, sys, threading\n"
STAYS = """
def test_loopback():
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(("localhost", server.getsockname()[1])).close()
"""
ASKS = """
def test_name():
    try:
        socket.create_connection(("elsewhere.invalid", 80), timeout=1)
    except OSError:
        pass
"""
CONNECTS = """
def test_child():
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode
"""


@pytest.mark.parametrize(("test", "passes"), [(STAYS, True), (ASKS, False), (CONNECTS, False)])
def test_only_what_stays_on_this_machine_passes(tmp_path: Path, test: str, passes: bool) -> None:
    """A name that is looked up and an address that a child connects to fail the run, though the test passes."""
    (tmp_path / "test_it.py").write_text(HEAD + test, encoding="utf-8")
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"), encoding="utf-8")
    (tmp_path / "offline").symlink_to(ROOT / "tests" / "offline")
    left_out = ("NETWORK_LOG", "REFUSE_NETWORK", "TEST_WHEEL", "TEST_VLLM")
    names = {"PYTEST_ADDOPTS", *(f"PROOFGRID_{name}" for name in left_out)}
    environment = {**{k: v for k, v in os.environ.items() if k not in names}, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "1 passed" in done.stdout
    assert (done.returncode == 0) is passes
    assert ("attempts to reach a network were refused" in done.stderr) is not passes


def test_this_very_run_is_refused_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests that you are running cannot reach further than this machine, unless they fetch packages."""
    if os.environ.get("PROOFGRID_REFUSE_NETWORK") == "0" or any(map(os.environ.get, FETCHING)):
        pytest.skip("this run may use the network")
    monkeypatch.setenv("PROOFGRID_NETWORK_LOG", str(tmp_path / "log"))  # this attempt is no fault
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(OSError, match="is refused"):
        sender.connect(("192.0.2.1", 9))
    assert "192.0.2.1" in (tmp_path / "log").read_text("utf-8")
