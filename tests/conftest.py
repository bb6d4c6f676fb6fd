"""What every test shares: tests that need what is not here skip with a reason, and only where that is allowed."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.shared_data import SHARED

# A busy machine is no failure: nothing here is judged by the clock.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent
REQUIRING = {
    **dict.fromkeys(("metamath", "kernels", "browser"), "PROOFGRID_REQUIRE_SYSTEM"),
    "shared": "PROOFGRID_REQUIRE_SHARED",
}
"""Marker -> the variable under which a test that would skip for lack of what it needs fails; .ci/run sets them to 1."""


def lacking(marker: str) -> str | None:
    """What is missing for tests that bear ``marker``, as the reason to skip them; None where nothing is."""
    if marker == "metamath" and not shutil.which("metamath"):
        return "metamath is not installed: make system"
    if marker == "kernels" and not shutil.which("coqc"):
        return "coq is not installed: make system"
    if marker == "browser":
        if not shutil.which("chromium"):
            return "chromium is not installed: make system"
        if not (ROOT / "tests" / "e2e" / "node_modules").is_dir():
            return "playwright-core is not installed: make browser"
    if marker == "shared" and not SHARED.is_dir():
        return "the data beside the project (../shared) is not here"
    if marker == "wheel" and os.environ.get("PROOFGRID_TEST_WHEEL") != "1":
        return "installs packages into fresh environments: make test-wheel"
    if marker == "vllm" and not os.environ.get("PROOFGRID_TEST_VLLM"):
        return "needs a real vLLM: make test-vllm"
    return None


REFUSED = pytest.StashKey[Path]()
"""Where attempts to reach a network are written down."""
FETCHING = ("PROOFGRID_TEST_WHEEL", "PROOFGRID_TEST_VLLM")
"""Variables under which tests install packages or start programs of others, which may use a network."""


def pytest_configure(config: pytest.Config) -> None:
    """Nothing but this machine can be reached, from here and from what tests start; see PROOFGRID_REFUSE_NETWORK=0."""
    if os.environ.get("PROOFGRID_REFUSE_NETWORK") == "0" or any(map(os.environ.get, FETCHING)):
        return
    offline = str(Path(__file__).parent / "offline")
    if offline not in sys.path:
        if "PROOFGRID_NETWORK_LOG" not in os.environ:  # xdist's workers inherit it
            os.environ["PROOFGRID_NETWORK_LOG"] = tempfile.mkstemp(prefix="network-")[1]
            config.stash[REFUSED] = Path(os.environ["PROOFGRID_NETWORK_LOG"])
        sys.path.insert(0, offline)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (offline, os.environ.get("PYTHONPATH"))))
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test run that tried to reach a network has failed."""
    log = session.config.stash.get(REFUSED, None)
    if log is None:
        return
    attempts = log.read_text(encoding="utf-8")
    log.unlink()
    if attempts:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        sys.stderr.write(f"\nThese attempts to reach a network were refused:\n{attempts}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a marked test that lacks what it needs."""
    for marker in ("metamath", "kernels", "browser", "shared", "vllm", "wheel"):
        if item.get_closest_marker(marker) and (reason := lacking(marker)):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where what a test needs is required, a skip for lack of it is a failure."""
    report = yield
    required = [v for marker, v in REQUIRING.items() if os.environ.get(v) == "1" and item.get_closest_marker(marker)]
    if report.skipped and required:
        report.outcome = "failed"
        report.longrepr = f"skipped although {required[0]}=1: {report.longrepr}"
    return report
