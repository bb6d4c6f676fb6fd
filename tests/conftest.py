"""What every test shares: tests that need system packages skip with a reason, and only where that is allowed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = os.environ.get("PROOFGRID_REQUIRE_SYSTEM") == "1"
"""Set by .ci/run, where the packages have been installed: a test that would skip for lack of them fails."""


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
    if marker == "wheel" and os.environ.get("PROOFGRID_TEST_WHEEL") != "1":
        return "installs packages into fresh environments: make test-wheel"
    if marker == "vllm" and not os.environ.get("PROOFGRID_TEST_VLLM"):
        return "needs a real vLLM: make test-vllm"
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a marked test whose system package is missing."""
    for marker in ("metamath", "kernels", "browser", "vllm", "wheel"):
        if item.get_closest_marker(marker) and (reason := lacking(marker)):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where system packages are required, a skip for lack of one is a failure."""
    report = yield
    if (
        REQUIRED
        and report.skipped
        and any(item.get_closest_marker(name) for name in ("metamath", "kernels", "browser"))
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped although PROOFGRID_REQUIRE_SYSTEM=1: {report.longrepr}"
    return report
