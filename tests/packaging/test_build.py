"""What is built: the same bytes each time, everything packed once, every import answered by a dependency."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import proofgrid
from proofgrid.extras import EXTRAS

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BASE = {"jinja2": "jinja2", "lark": "lark", "python-sat": "pysat", "rich": "rich", "typer": "typer"}
"""Distributions of the base install, with the module that each brings."""
MODULES = {"pyyaml": "yaml"}
"""Distributions of extras whose module has another name."""
BROUGHT = {"httpx2"}
"""Modules that a dependency of ours brings and we import for its types (newer openai)."""


def build(out: Path, epoch: int | None = None) -> dict[str, Path]:
    """Build the wheel and the sdist into ``out`` with the build tools that are installed; by kind of file."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)} if epoch is not None else None
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return {"wheel": next(out.glob("*.whl")), "sdist": next(out.glob("*.tar.gz"))}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One wheel and one sdist for the tests of this module."""
    return build(tmp_path_factory.mktemp("dist"), 1_700_000_000)


def distribution(requirement: str) -> str:
    """The distribution that a requirement names, without extras, bounds and markers."""
    found = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert found is not None
    return found.group().lower()


def test_built_twice_is_the_same_bytes(built: dict[str, Path], tmp_path: Path) -> None:
    """With the same SOURCE_DATE_EPOCH the wheel and the sdist are the same, byte for byte."""
    again = build(tmp_path, 1_700_000_000)
    for kind, path in built.items():
        assert again[kind].name == path.name
        assert again[kind].read_bytes() == path.read_bytes(), kind


def test_wheel_holds_one_package_and_nothing_twice(built: dict[str, Path]) -> None:
    """The wheel installs ``proofgrid`` and no other top-level name, with its data files and typing marker."""
    names = zipfile.ZipFile(built["wheel"]).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"proofgrid", f"proofgrid-{proofgrid.__version__}.dist-info"}
    assert len(names) == len(set(names))
    wanted = ["proofgrid/py.typed", "proofgrid/checker/natural/proof.lark", "proofgrid/models/providers.yaml"]
    wanted += ["proofgrid/irt/__init__.py", "proofgrid/tasks/prompts/eq_pc.jinja", "proofgrid/report/static/core.js"]
    wanted += ["proofgrid/integrations/lm_eval_tasks/_proofgrid.yaml", "proofgrid/integrations/dataset_card.jinja"]
    wanted += [f"proofgrid/tasks/suites/v1/{path.name}" for path in (ROOT / "proofgrid/tasks/suites/v1").iterdir()]
    assert sorted(set(wanted) - set(names)) == []
    assert not [name for name in names if "__pycache__" in name or name.endswith(".sqlite")]


def test_sdist_packs_the_rooms_once(built: dict[str, Path]) -> None:
    """The links at the top (checker, tasks, irt) are not packed beside what they point to."""
    with tarfile.open(built["sdist"]) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
        assert not [member.name for member in archive if member.issym() or member.islnk()]
    assert {"proofgrid", "tests", "docs", "pyproject.toml", "LICENSE"} <= tops
    assert not tops & {"checker", "tasks", "irt", "runs"}


def test_extras_name_the_modules_that_pyproject_installs() -> None:
    """Each optional module belongs to the extra that lists its distribution, so that the sentence is true."""
    extras = {name: texts for name, texts in PROJECT["optional-dependencies"].items() if name != "dev"}
    brings = {
        extra: {MODULES.get(name, name.replace("-", "_")) for name in map(distribution, texts) if name != "proofgrid"}
        for extra, texts in extras.items()
    }
    assert {module for modules in brings.values() for module in modules} == EXTRAS.keys() - BROUGHT
    assert not [module for module, extra in EXTRAS.items() if module not in BROUGHT | brings[extra]]
    assert {distribution(text) for text in PROJECT["dependencies"]} == set(BASE)


def test_every_import_is_answered() -> None:
    """The package imports the standard library, itself, the base install, and modules whose extra is known."""
    known = {"proofgrid", *BASE.values(), "anyio", "markupsafe", "pygments", *EXTRAS, *sys.stdlib_module_names}
    unknown = set()
    for path in sorted((ROOT / "proofgrid").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            unknown |= {f"{path}: {name}" for name in names if name.partition(".")[0] not in known}
    assert not unknown


def test_citation_agrees_with_the_package() -> None:
    """CITATION.cff has the version, licence and authors that pyproject and the package state."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == proofgrid.__version__
    assert citation["license"] == PROJECT["license"]
    assert citation["authors"] == PROJECT["authors"]
