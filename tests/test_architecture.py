"""The layout of the project, held to what the design says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import proofgrid

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "proofgrid"
MAY_IMPORT: dict[str, set[str]] = {
    "checker": set(),
    "irt": set(),
    "tasks": {"checker"},
}
"""What the three rooms may import of ours; what evaluates (models, run, ...) may import all three."""
NETWORK = {"aiohttp", "anthropic", "httpx", "openai", "requests", "socket", "urllib"}


def imported_names(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "proofgrid":
            yield from ((node.lineno, f"proofgrid.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno, str(node.args[0].value)


def run_python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python code with ``folder`` first on the path."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {code}"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )


def ours(name: str) -> str | None:
    """The part of the package that a full import name belongs to, for a name of ours."""
    top, _, rest = name.partition(".")
    return rest.partition(".")[0] if top == "proofgrid" and rest else None


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_follow_the_arrows(room: str) -> None:
    """A room imports only the rooms that its arrows point to, wherever in a file the import stands."""
    allowed = MAY_IMPORT[room] | {room}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for line, name in imported_names(path)
        if name == "proofgrid" or (ours(name) is not None and ours(name) not in allowed)
    ]
    assert not wrong, "\n".join(wrong)


def test_links_to_the_rooms_are_never_imported() -> None:
    """``checker``, ``tasks`` and ``irt`` at the top are links for the eye: nothing imports them by those names."""
    files = [path for part in ("proofgrid", "tests", "bench") for path in (ROOT / part).rglob("*.py")]
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in files
        for line, name in imported_names(path)
        if name.partition(".")[0] in MAY_IMPORT
    ]
    assert not wrong, "\n".join(wrong)
    assert all((ROOT / room).resolve() == PACKAGE / room for room in MAY_IMPORT)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_only_proofgrid_knows_a_network(room: str) -> None:
    """The checker, the tasks and the statistics import nothing that opens a connection."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for line, name in imported_names(path)
        if name.partition(".")[0] in NETWORK
    ]
    assert not wrong, "\n".join(wrong)


def test_vllm_is_never_imported() -> None:
    """vLLM is a server behind HTTP: no module of ours imports it."""
    files = PACKAGE.rglob("*.py")
    assert not [path for path in files for _, name in imported_names(path) if name.partition(".")[0] == "vllm"]


def test_public_surface_is_what_it_says() -> None:
    """Every name in ``proofgrid.__all__`` resolves to what its home exports, and ``dir`` shows those and no others."""
    assert dir(proofgrid) == sorted(proofgrid.__all__) == sorted(proofgrid._HOME)
    for name, home in proofgrid._HOME.items():
        assert name in getattr(import_module(home), "__all__", [name]), f"{home} does not export {name}"
        assert getattr(proofgrid, name) is getattr(import_module(home), name)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = proofgrid.nonsense


def test_importing_proofgrid_is_light(tmp_path: Path) -> None:
    """Trainers who import the checker do not pay for pandas, matplotlib or an SDK."""
    code = "import proofgrid; proofgrid.check; print([m for m in ('pandas','matplotlib','openai') if m in sys.modules])"
    result = run_python(code, tmp_path)
    assert result.stdout.strip() == "[]", result.stderr


def test_every_module_opens_with_a_docstring() -> None:
    """A module says what it is for in its first line."""
    silent = [
        str(path.relative_to(ROOT))
        for path in sorted(PACKAGE.rglob("*.py"))
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent
