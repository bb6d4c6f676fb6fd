"""Joules by the real zeus; runs in the environment of `make test-hosts`. Without a meter its windows are empty."""

from __future__ import annotations

import pytest

pytest.importorskip("zeus", reason="needs zeus: make test-hosts")

from zeus import __version__ as version
from zeus.monitor import ZeusMonitor

from proofgrid.run.doctor import installation
from proofgrid.run.energy import Meter, find_meter


def test_windows_of_the_real_monitor_are_read() -> None:
    """Windows open and end through zeus itself; each kind of device that is there has used energy, and no other."""
    monitor = ZeusMonitor()
    meter = Meter(monitor, "zeus")
    meter.begin("outer")
    meter.begin("inner")
    assert sum(range(20_000_000))
    inner, outer = meter.end("inner"), meter.end("outer")
    assert 0 < inner.seconds <= outer.seconds
    there = {kind for kind, indices in (("gpu", monitor.gpu_indices), ("cpu", monitor.cpu_indices)) if indices}
    assert set(outer.parts) - {"dram"} == there
    assert (outer.joules > 0) == bool(there)


def test_the_doctor_says_what_zeus_finds_here() -> None:
    """A meter is named with zeus's version and its devices; without devices a sentence says what is missing."""
    meter, said = find_meter()
    (row,) = (finding for finding in installation() if finding.what == "energy")
    assert said in row.said
    assert said.startswith(f"zeus {version}: " if meter else "zeus finds neither a graphics card")
