"""The same verdicts, prompts, items and estimates under other hash seeds and on the other Pythons of this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.pythons import installed

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("fingerprint.py")
HERE = f"3.{sys.version_info.minor}"
OTHERS = {version: python for version, python in installed().items() if version != HERE}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FITTING = ("numpy", "pandas", "scipy")
NEEDED = (*PROJECT["dependencies"], *(d for d in PROJECT["optional-dependencies"]["eval"] if d.startswith(FITTING)))
"""Distributions that the fingerprint needs: the base install, and what a fit imports."""


def fingerprint(python: Path | str, hash_seed: str) -> dict[str, Any]:
    """What the script prints under this interpreter, which finds this checkout and nothing else of ours."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [str(python), str(SCRIPT), "--estimates"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    """The fingerprint of this Python."""
    return fingerprint(sys.executable, "0")


def test_nothing_depends_on_hashes(here: dict[str, Any]) -> None:
    """Another PYTHONHASHSEED gives the same bytes, estimates included."""
    assert fingerprint(sys.executable, "41") == here


def test_a_report_is_the_same(tmp_path: Path) -> None:
    """The page of the example run, written twice under other hash seeds."""
    shutil.copytree(ROOT / "runs" / "example", tmp_path / "example")  # reading a run keeps its scores beside it
    pages = []
    for seed in ("0", "41"):
        out = tmp_path / seed / "report.html"
        out.parent.mkdir()
        command = [sys.executable, "-m", "proofgrid.cli", "report", "example", "--out", str(out)]
        subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            timeout=600,
        )
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.wheel
@pytest.mark.parametrize("version", OTHERS or [pytest.param("none", marks=pytest.mark.skip("one Python is here"))])
def test_other_pythons_agree(version: str, here: dict[str, Any], tmp_path: Path) -> None:
    """Verdicts, prompts and items byte for byte; estimates to 1e-9."""
    subprocess.run([OTHERS[version], "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *NEEDED], check=True, capture_output=True)
    there = fingerprint(python, "0")
    ours, theirs = here.pop("estimates"), there.pop("estimates")
    assert there == here
    here["estimates"] = ours
    for name, values in ours.items():
        assert theirs[name] == pytest.approx(values, abs=1e-9)
