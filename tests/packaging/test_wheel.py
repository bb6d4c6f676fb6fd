"""The built wheel, installed alone into a fresh environment beside a stranger's ``tasks``, on every Python here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.packaging.pythons import MINORS, installed

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 60_000_000
"""Bytes of the base install besides Python and pip."""
PYTHONS = installed()
STRANGERS = ("tasks", "checker", "irt")
"""Top-level names of other people's that ours must neither overwrite nor be confused by."""
NEEDS_EVAL = {
    "run": ["run", "--model", "builtin/prover", "--task", "pl1_pw", "--limit", "1"],
    "irt": ["irt", "--matrix", "matrix.csv", "--out", "out"],
    "report": ["report", "somewhere", "--out", "report.html"],
    "score": ["score", "somewhere"],
    "merge": ["merge", "one", "two", "--out", "three"],
    "view": ["view", "somewhere", "--no-open"],
}
pytestmark = pytest.mark.wheel


class Installed(NamedTuple):
    """A fresh environment with the base install in it."""

    python: Path
    packages: Path
    folder: Path


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that must not inherit this checkout."""
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=280)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built with the tools that are installed."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module", params=[f"3.{minor}" for minor in MINORS])
def base(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment where a stranger's packages of our rooms' names have been installed before."""
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not installed")
    folder = tmp_path_factory.mktemp("environment")
    run(PYTHONS[request.param], "-m", "venv", folder / "venv", cwd=folder).check_returncode()
    python = folder / "venv" / "bin" / "python"
    where = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    packages = Path(where.stdout.strip())
    for name in STRANGERS:
        (packages / name).mkdir()
        (packages / name / "__init__.py").write_text(f"OWNER = 'installed {name}'\n")
    done = run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return Installed(python, packages, folder)


@pytest.mark.skipif(os.environ.get("PROOFGRID_REQUIRE_SYSTEM") != "1", reason="only where everything is installed")
def test_two_pythons_are_here() -> None:
    """Where everything is installed, the tests below have two Pythons to run on."""
    assert len(PYTHONS) >= 2


def test_a_script_beside_tasks_py_can_check_proofs(base: Installed, tmp_path: Path) -> None:
    """``import proofgrid`` works beside a script's own ``tasks.py`` and ``checker/``, which stay what they are."""
    (tmp_path / "tasks.py").write_text("OWNER = 'script'\n")
    (tmp_path / "checker").mkdir()
    (tmp_path / "checker" / "__init__.py").write_text("OWNER = 'script'\n")
    (tmp_path / "train.py").write_text(
        "import json, sys, tasks, checker, irt, proofgrid\n"
        "verdict = proofgrid.check('(A & B) # A', 'left-and on (A & B)')\n"
        "item = proofgrid.load_suite('v1', ['pl1_pw'])[0]\n"
        "score = proofgrid.get_task('pl1_pw').score(item, '{\"proof\": \"claim on A\"}')\n"
        "print(json.dumps([verdict.correct, score.outcome, tasks.OWNER, checker.OWNER, irt.OWNER,\n"
        "  'numpy' in sys.modules]))\n"
    )
    done = run(base.python, "train.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True, "incorrect", "script", "script", "installed irt", False]


def test_strangers_packages_are_left_alone(base: Installed) -> None:
    """Installing the wheel overwrites no other distribution's ``tasks``, ``checker`` or ``irt``."""
    for name in STRANGERS:
        assert (base.packages / name / "__init__.py").read_text() == f"OWNER = 'installed {name}'\n"


def test_the_command_checks_proofs(base: Installed, tmp_path: Path) -> None:
    """``proofgrid check`` works from the base install, and so do the commands that need no models."""
    (tmp_path / "tasks.py").write_text("raise SystemExit('a stranger')\n")
    (tmp_path / "proof.ndl").write_text("left-and on (A & B)")
    proofgrid = base.python.parent / "proofgrid"
    for last, code in (("A", 0), ("B", 1)):
        done = run(proofgrid, "check", "proof.ndl", "--problem", f"(A & B) # {last}", cwd=tmp_path)
        assert done.returncode == code, done.stderr
    for command, said in (
        (["tasks"], "pl1_pw"),
        (["--version"], "proofgrid "),
        (["prompt", "--task", "pl1_pw", "--seed", "1"], "premise"),
    ):
        done = run(proofgrid, *command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


@pytest.mark.parametrize("command", NEEDS_EVAL.values(), ids=NEEDS_EVAL)
def test_what_needs_an_extra_says_which(base: Installed, command: list[str], tmp_path: Path) -> None:
    """A command that lacks its extra ends with one sentence that says what to install, and leaves nothing behind."""
    done = run(base.python.parent / "proofgrid", *command, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'proofgrid[eval]'" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_name_that_needs_an_extra_says_which(base: Installed, tmp_path: Path) -> None:
    """In a program the same sentence is an ImportError."""
    lines = ("import proofgrid", "try: proofgrid.fit_2pl", "except ImportError as error: print(error)")
    code = "\n".join(lines)
    done = run(base.python, "-c", code, cwd=tmp_path)
    assert "pip install 'proofgrid[eval]'" in done.stdout, done.stderr


def test_the_base_install_is_small(base: Installed) -> None:
    """Everything besides Python, pip and what pip brings is at most 60 MB."""
    pips = ("pip", "setuptools", "_distutils_hack", "distutils-precedence", "pkg_resources", "wheel", *STRANGERS)
    size = sum(
        path.stat().st_size
        for top in base.packages.iterdir()
        if not top.name.startswith(pips)
        for path in ([top] if top.is_file() else top.rglob("*"))
        if path.is_file()
    )
    assert size <= LARGEST
