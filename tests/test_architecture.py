"""The layout of the project: the arrows between rooms, no circles, small modules, one curated surface."""

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
CIRCLES: tuple[frozenset[str], ...] = ()
CIRCLES_OF_ROOMS: tuple[frozenset[str], ...] = ()
TOO_LONG: frozenset[str] = frozenset()
"""What is still to be mended; these lists only shrink."""
LONGEST = 450
"""Lines of a module."""
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


def module_name(path: Path) -> str:
    """The full name of a module of ours."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def runtime_imports(path: Path, modules: set[str]) -> set[str]:
    """Modules of ours that a file imports when it runs, lazy imports included; what only types need is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", getattr(node.test, "attr", "")) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            # `from package import name` imports the submodule if there is one, and the package itself otherwise.
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= full & modules
            if full - modules:
                found.add(node.module)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "import_module":
            found |= {str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return (found & modules) - {module_name(path)}


def circles(graph: dict[str, set[str]]) -> list[frozenset[str]]:
    """The strongly connected components of more than one module (Tarjan 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in number:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], number[other])
        if low[name] == number[name]:
            at = stack.index(name)
            component = frozenset(stack[at:])
            del stack[at:]
            if len(component) > 1:
                found.append(component)

    for name in sorted(graph):
        if name not in number:
            visit(name)
    return found


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


def test_no_import_circles() -> None:
    """No module imports itself by way of others, imports inside functions included."""
    paths = sorted(PACKAGE.rglob("*.py"))
    modules = {module_name(path) for path in paths}
    found = circles({module_name(path): runtime_imports(path, modules) for path in paths})
    said = "\n".join(", ".join(sorted(circle)) for circle in found)
    assert all(any(circle <= known for known in CIRCLES) for circle in found), said


def test_no_circles_of_rooms() -> None:
    """The parts of the package (its folders and its single modules) import each other in one direction."""
    paths = sorted(PACKAGE.rglob("*.py"))
    modules = {module_name(path) for path in paths}
    graph: dict[str, set[str]] = {}
    for path in paths:
        room = ours(module_name(path)) or "proofgrid"
        imported = {ours(name) or "proofgrid" for name in runtime_imports(path, modules)}
        graph.setdefault(room, set()).update(imported - {room, "proofgrid"})
    found = circles(graph)
    said = "\n".join(f"{room} -> {', '.join(sorted(graph[room] & c))}" for c in found for room in sorted(c))
    assert all(any(circle <= known for known in CIRCLES_OF_ROOMS) for circle in found), said


def test_circles_are_found_wherever_an_import_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above sees a circle that is closed inside a function, and none that only types need."""
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    texts = {
        "a": "from b import x\n",
        "b": "def f():\n    import a\n",
        "c": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import d\n",
        "d": "import c\n",
    }
    paths = [tmp_path / f"{name}.py" for name in texts]
    for path in paths:
        path.write_text(texts[path.stem])
    assert circles({path.stem: runtime_imports(path, set(texts)) for path in paths}) == [frozenset("ab")]


def test_modules_are_short() -> None:
    """A module has at most 450 lines."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for part in ("proofgrid", "bench")
        for path in (ROOT / part).rglob("*.py")
    }
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST}
    assert long.keys() <= TOO_LONG, long


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
