"""Blocks of the Markdown pages that a reader would type: found, run, and compared with the output that the page shows.

- A fence with lines that begin with ``$`` is a session: each command is run by bash, and what follows it on the page
  must be what it prints. ``...`` stands for anything, alone on a line for any lines. A command must succeed; only one
  whose output says no, and is shown, may end with 1. A file that is shown with ``cat`` and is not there is one that the
  reader writes.
- A fence without ``$`` that begins with one of our commands is a list of commands; each must succeed. ``make`` is
  asked what it would do (``-n``), in the project; ``pip install`` finds everything there already, or fails.
- A command that serves until it is stopped (SERVES) runs until the page is done. Where a page says 127.0.0.1:8000, a
  free port is used.
- A ``python`` fence is run; where an expression ends in a comment, its value (or what it prints) must be that comment.
  One that begins with ``>>>`` is a session of the interpreter.
- A ``python`` fence with a ``title`` is that file of the project, and a ``diff`` fence a change to it: both are made in
  a copy of the project, in which the page then goes on.
- ``<!-- not run: reason -->`` before a fence leaves it out; ``<!-- setup: command -->`` runs a command that the page
  does not show. Blocks of one page share a folder and, in Python, their names.
"""

from __future__ import annotations

import ast
import doctest
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tokenize
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "$ "
COMMAND = re.compile(r"(?:proofgrid|inspect|make|pip|python|curl|git|cd|\.venv/bin/\w+|[A-Z_]+=\S+ proofgrid)\b")
FENCE = re.compile(r"(`{3,})(\w*)(?: title=\"([^\"]+)\")?")
REMARK = re.compile(r"<!-- (not run|setup): (.+?) -->", re.DOTALL)
SHELLS = ("", "sh", "bash", "shell", "console")
SERVES = re.compile(r"proofgrid (?:serve|view)\b|-m tests\.proofgrid\.stub_server\b")
ADDRESS = re.compile(r"(?<=127\.0\.0\.1:)8000\b|(?<=--port )8000\b")
SECONDS = 600
"""For one command, on a busy machine; they take seconds."""
Kind = Literal["session", "commands", "python", "setup", "file", "diff"]
COPIED = ("proofgrid", "pyproject.toml", "tests/conftest.py", "tests/offline", "tests/shared_data.py")
"""Of the project, what a page that changes it works on."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Something that a page has its reader type. ``reason`` is why it is not run here, if it is not."""

    page: str
    line: int
    kind: Kind
    text: str
    reason: str | None = None
    title: str = ""
    """The file that the block is."""


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    name = page.relative_to(ROOT).as_posix() if page.is_relative_to(ROOT) else page.name
    whole = page.read_text("utf-8")
    remarks = {whole.count("\n", 0, found.end()) + 1: found for found in REMARK.finditer(whole)}
    lines = whole.split("\n")
    reason: str | None = None
    at = 0
    while at < len(lines):
        if (remark := remarks.get(at + 1)) is not None:
            if remark[1] == "setup":
                yield Block(page=name, line=at + 1, kind="setup", text=remark[2])
            else:
                reason = " ".join(remark[2].split())
        elif (fence := FENCE.match(lines[at])) is not None:
            start = at + 1
            at = next(i for i in range(start, len(lines)) if lines[i].strip() == fence[1])
            body = lines[start:at]
            if (kind := "file" if fence[3] else _kind(fence[2], body)) is not None:
                text = "\n".join(body)
                yield Block(page=name, line=start + 1, kind=kind, text=text, reason=reason, title=fence[3] or "")
            reason = None
        elif lines[at].startswith("    ") and not lines[at - 1].strip() and COMMAND.match(lines[at].strip()):
            start = at
            while at + 1 < len(lines) and (lines[at + 1].startswith("    ") or not lines[at + 1].strip()):
                at += 1
            body = [line.strip() for line in lines[start : at + 1]]
            yield Block(page=name, line=start + 1, kind="commands", text="\n".join(body), reason=reason)
            reason = None
        elif lines[at].strip() and not lines[at].startswith("<!--"):
            reason = None
        at += 1


def _kind(language: str, body: list[str]) -> Kind | None:
    if language == "python":
        return "python"
    if language == "diff":
        return "diff"
    if language in SHELLS and any(line.startswith(PROMPT) for line in body):
        return "session"
    first = next((line for line in body if line.strip() and not line.startswith("#")), "")
    return "commands" if language in SHELLS and COMMAND.match(first) else None


def matches(shown: str, printed: str) -> bool:
    """Whether a page's output allows what was printed; ``...`` stands for anything."""
    parts = []
    for line in shown.rstrip().split("\n"):
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(re.escape(line.rstrip()).replace(re.escape("..."), ".*") + r"[ \t]*\n")
    return re.fullmatch("".join(parts), printed.rstrip() + "\n") is not None


class Reader:
    """Does what a page says, in a folder of its own. Each method returns what went wrong, as sentences."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "page"}
        self.servers: list[subprocess.Popen[str]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")},
            "PATH": path,
            "PROJECT": str(ROOT),
            "COLUMNS": "120",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "MPLBACKEND": "agg",
            "PYTHONPATH": str(ROOT),
            "PIP_NO_INDEX": "1",
            "BROWSER": "true",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.terminate()
            server.communicate(timeout=SECONDS)

    def follow(self, block: Block) -> list[str]:
        """Do what one block says."""
        if block.kind in ("file", "diff"):
            return self._change(block)
        if block.kind == "python":
            return [f"{block.page}:{block.line}: {said}" for said in self._python(block.text)]
        shown = _session(block.text) if block.kind == "session" else [(line, None) for line in _commands(block.text)]
        wrong = []
        for command, output in shown:
            if output is not None and (file := re.fullmatch(r"cat ([\w.-]+)", command)):
                self._write(file[1], output)
            code, printed = self._shell(command)
            says_no = code == 1 and output is not None and output.strip() != "..."
            if output is not None and not matches(output, printed):
                wrong.append(f"{block.page}:{block.line}: $ {command}\nshows\n{output}\nand prints\n{printed}")
            elif code and not says_no:
                wrong.append(f"{block.page}:{block.line}: $ {command}\nends with {code}:\n{printed}")
        return wrong

    def _change(self, block: Block) -> list[str]:
        """Make or change a file of the project, in a copy of it."""
        copy = self.folder if self.folder.name == "project" else self.folder / "project"
        if copy != self.folder:
            for name in COPIED:
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copyfile(ROOT / name, copy / name)
            self.folder = copy
            self.environment["PYTHONPATH"] = str(copy)
        if block.kind == "file":
            (copy / block.title).parent.mkdir(parents=True, exist_ok=True)
            (copy / block.title).write_text(block.text + "\n", "utf-8")
            return []
        done = subprocess.run(
            ["git", "apply", "-"], cwd=copy, input=block.text + "\n", text=True, capture_output=True, check=False,
            env={**self.environment, "GIT_CEILING_DIRECTORIES": str(copy.parent)},
        )  # fmt: skip
        return [f"{block.page}:{block.line}: {done.stderr}"] if done.returncode else []

    def _write(self, name: str, content: str) -> None:
        """A file that a page shows, and that is not there, is one that its reader writes."""
        path = self.folder / name
        if not path.exists():
            path.write_text(content.rstrip() + "\n", "utf-8")

    def _shell(self, command: str) -> tuple[int, str]:
        where = self.folder
        if command.startswith("make"):
            command, where = "make -n" + command.removeprefix("make"), ROOT
        command = ADDRESS.sub(self.port, command)
        if SERVES.search(command):
            return self._serve(command)
        done = subprocess.run(
            ["bash", "-c", command], cwd=where, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        lacking = command.startswith("pip") and "does not provide the extra" in done.stdout
        return done.returncode or int(lacking), done.stdout.replace(f"127.0.0.1:{self.port}", "127.0.0.1:8000")

    def _serve(self, command: str) -> tuple[int, str]:
        """Start a server, and go on when it can be reached; its first line says where."""
        if re.search(r"proofgrid serve\b(?!.*--port)", command):
            command += f" --port {self.port}"
        server = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.servers.append(server)
        assert server.stdout is not None
        said = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        while found is not None and server.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(found[1]))) == 0:
                    return 0, said.replace(f"127.0.0.1:{self.port}", "127.0.0.1:8000")
            time.sleep(0.1)
        return 1, said + server.communicate(timeout=SECONDS)[0]

    def _python(self, text: str) -> list[str]:
        before = Path.cwd()
        os.chdir(self.folder)
        text = ADDRESS.sub(self.port, text)
        try:
            return (
                _run_doctest(text, self.names)
                if text.lstrip().startswith(">>>")
                else list(_run_python(text, self.names))
            )
        finally:
            os.chdir(before)


def _session(text: str) -> list[tuple[str, str | None]]:
    """(command, output or None) of a session; a command goes on after a backslash, and in a here-document."""
    found: list[tuple[str, list[str]]] = []
    inside = ""
    for line in text.split("\n"):
        if inside or (found and not found[-1][1] and found[-1][0].endswith("\\")):
            found[-1] = (found[-1][0] + "\n" + line, [])
            inside = "" if line.strip() == inside else inside
        elif line.startswith(PROMPT):
            found.append((line.removeprefix(PROMPT), []))
            document = re.search(r"<<\s*'?(\w+)'?", line)
            inside = document[1] if document else ""
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(lines) if "".join(lines).strip() else None) for command, lines in found]


def _commands(text: str) -> list[str]:
    joined = text.replace("\\\n", " ")
    return [line for line in joined.split("\n") if line.strip() and not line.lstrip().startswith("#")]


def _run_doctest(text: str, names: dict[str, Any]) -> list[str]:
    """Run a session of the interpreter; says what it prints otherwise than shown."""
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest(text + "\n", names, "page", None, 0)
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    return ["".join(said)] if said else []


def _run_python(text: str, names: dict[str, Any]) -> Iterator[str]:
    """Run statements one by one; says which values are not what the comment behind them says."""
    comments = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    for statement in ast.parse(text).body:
        shown = comments.get(statement.end_lineno or 0)
        if not isinstance(statement, ast.Expr) or shown is None:
            exec(compile(ast.Module([statement], []), "page", "exec"), names)
            continue
        printed = io.StringIO()
        with redirect_stdout(printed):
            value = eval(compile(ast.Expression(statement.value), "page", "eval"), names)
        said = printed.getvalue().strip() or repr(value)
        if not matches(shown, said):
            yield f"{ast.unparse(statement)} is said to be {shown}, and is {said}"
