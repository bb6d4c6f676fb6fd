"""Files that a stranger could hand over: run folders, items, completions, models.yaml, banks and matrices.

Each case builds its files in a folder of its own, beside files of ours that nothing may touch, and names the commands
that read them. Used by a test (in one process) and by bench/soak_files.py (as a user would run them).
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.proofgrid.small_items import builtin_models, fill, problems

Commands = list[list[str]]
READERS: Commands = [
    ["report", "run", "--out", "report.html"],
    ["score", "run", "--quiet"],
    ["export", "run", "--format", "csv", "--out", "out.csv"],
    ["irt", "run", "--out", "irt", "--bootstrap", "0"],
]
"""What people do first with a run that they were sent."""


@dataclass(frozen=True, slots=True)
class Case:
    """``make`` writes into the folder that it is given; ``outside`` is a folder of ours that is not to be touched."""

    name: str
    make: Callable[[Path, Path], None]
    commands: Commands


def snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    """What a folder holds: a digest and the permissions of every file."""
    return {
        path.relative_to(folder).as_posix(): (sha256(path.read_bytes()).hexdigest(), path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def make_run(folder: Path) -> Path:
    """A small run with two models' answers, as a starting point."""
    from proofgrid.models.completion import Completion
    from proofgrid.run.records import Cell, Record, attempt_key
    from proofgrid.run.store import RunStore

    with RunStore.open(folder / "run") as store:
        ids = fill(store, 3)
        for config in builtin_models("builtin/prover", "builtin/prover?budget=3"):
            store.add_model(config)
            for number, name in enumerate(ids):
                key = attempt_key(name, store.items()[name].prompt_hash, config.fingerprint, 0)
                answer = Completion('{"proof": "claim on A"}' if number else "no", finish_reason="stop")
                store.add(Record(key, Cell(config.label, name), answer), config.fingerprint)
    return folder / "run"


def altered(sql: str, *values: object) -> Callable[[Path, Path], None]:
    """A run whose database was changed by hand."""

    def make(folder: Path, _outside: Path) -> None:
        database = sqlite3.connect(make_run(folder) / "run.sqlite")
        database.execute(sql, values)
        database.commit()
        database.close()

    return make


def replaced(name: str, how: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
    """A run in which one file was replaced by something else."""

    def make(folder: Path, outside: Path) -> None:
        path = make_run(folder) / name
        path.unlink(missing_ok=True)
        how(path, outside)

    return make


def link(path: Path, outside: Path) -> None:
    """A link to a file of ours."""
    path.symlink_to(outside / "precious.txt")


def dangling(path: Path, outside: Path) -> None:
    """A link to a file of ours that does not exist yet."""
    path.symlink_to(outside / "new.txt")


def text(content: bytes) -> Callable[[Path, Path], None]:
    """A file of these bytes."""
    return lambda path, _outside: void(path.write_bytes(content))


def void(_value: object) -> None:
    """Forget a value."""


def pipe(path: Path, _outside: Path) -> None:
    """A named pipe that nobody writes to."""
    os.mkfifo(path)


def folder_there(path: Path, _outside: Path) -> None:
    """A folder in a file's place."""
    path.mkdir()


RUNS: list[Case] = [
    Case(name, make, READERS)
    for name, make in (
        ("run.sqlite is text", replaced("run.sqlite", text(b"no database" * 1000))),
        ("run.sqlite is empty", replaced("run.sqlite", text(b""))),
        ("run.sqlite is a folder", replaced("run.sqlite", folder_there)),
        ("run.sqlite links to ours", replaced("run.sqlite", link)),
        ("run.sqlite is a pipe", replaced("run.sqlite", pipe)),
        ("run.sqlite-wal links to ours", replaced("run.sqlite-wal", link)),
        ("run.lock links to ours", replaced("run.lock", link)),
        ("run.lock links to what is not there", replaced("run.lock", dangling)),
        ("run.lock is a pipe", replaced("run.lock", pipe)),
        ("run.lock is a folder", replaced("run.lock", folder_there)),
        ("run.pid links to ours", replaced("run.pid", link)),
        ("scores.sqlite links to ours", replaced("scores.sqlite", link)),
        ("scores.sqlite is text", replaced("scores.sqlite", text(b"x" * 5000))),
        ("scores.sqlite is a pipe", replaced("scores.sqlite", pipe)),
        ("a model's configuration is no JSON", altered("UPDATE models SET config = '{'")),
        ("a model's configuration is a list", altered("UPDATE models SET config = '[1]'")),
        ("meta is no JSON", altered("INSERT INTO meta VALUES ('sources', '[')")),
        ("meta is a number", altered("INSERT INTO meta VALUES ('sources', '7')")),
        ("meta is nested too deeply", altered("INSERT INTO meta VALUES ('sources', ?)", "[" * 100_000)),
        ("an invocation is no object", altered("INSERT INTO invocations VALUES (9, 'x', NULL, '3')")),
        ("an item is no JSON", altered("UPDATE items SET problem = 'x'")),
        (
            "an item shows a list",
            altered('UPDATE items SET problem = replace(problem, \'"shown":\', \'"shown":[],"x":\')'),
        ),
        ("an item of an unknown task", altered("UPDATE items SET task = '../../x'")),
        ("an answer to an unknown item", altered("UPDATE attempts SET item = item || 'x'")),
        ("answers are bytes", altered("UPDATE attempts SET text = x'ff00fe'")),
        ("answers are numbers", altered("UPDATE attempts SET text = 7, finish_reason = 8")),
        ("costs are texts", altered("UPDATE attempts SET cost = 'much', completion_tokens = 'many'")),
        ("a newer version", altered("PRAGMA user_version = 999")),
        ("names are markup", altered("UPDATE attempts SET model = '</script><script>alert(1)</script>|' || model")),
        ("names are paths and formulas", altered("UPDATE attempts SET model = '=../../outside/' || model")),
    )
]


def lines(*rows: object, raw: bytes = b"") -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows) + raw


def one_file(name: str, content: bytes) -> Callable[[Path, Path], None]:
    """A folder with one file."""
    return lambda folder, _outside: void((folder / name).write_bytes(content))


def _item(**changes: object) -> dict[str, object]:
    return {**json.loads(problems(1)[0].to_json()), **changes}


ASK = ["run", "--model", "builtin/prover?budget=3", "--run", "new", "--quiet"]
ITEMS = [
    Case(f"items: {name}", one_file("items.jsonl", content), [[*ASK, "--items", "items.jsonl"]])
    for name, content in (
        ("nested too deeply", b"[" * 200_000),
        ("shown is a list", lines(_item(shown=[1]))),
        ("shown lacks what is asked", lines(_item(shown={}))),
        ("the id is a path", lines(_item(id="../../outside/precious.txt"))),
        ("a number without end", lines(raw=b'{"id": ' + b"9" * 100_000 + b"}\n")),
        ("half a surrogate pair", lines(_item(id="\ud800"))),
        ("bytes", os.urandom(50_000)),
    )
]


def completions(content: bytes) -> Callable[[Path, Path], None]:
    """A good file of items and a stranger's completions."""

    def make(folder: Path, _outside: Path) -> None:
        (folder / "items.jsonl").write_text("".join(p.to_json() + "\n" for p in problems(2)), "utf-8")
        (folder / "answers.jsonl").write_bytes(content)

    return make


IMPORT = ["import", "new", "--items", "items.jsonl", "--completions", "answers.jsonl"]
NAME = problems(1)[0].id
COMPLETIONS = [
    Case(f"completions: {name}", completions(content), [IMPORT])
    for name, content in (
        ("nested too deeply", b"[" * 200_000),
        ("text is a number", lines({"item": NAME, "model": "m", "text": 7})),
        ("half a surrogate pair", lines({"item": NAME, "model": "\udc00", "text": "\ud800"})),
        ("an attempt without end", lines({"item": NAME, "model": "m", "text": "", "attempt": 10**30})),
        ("five megabytes of brackets", lines({"item": NAME, "model": "m", "text": "{[(" * 1_700_000})),
    )
]

BOMB = b"".join(
    b"- {spec: x, extra_body: &c%d [%s]}\n" % (i, b", ".join([b"*c%d" % (i - 1)] * 9)) for i in range(1, 30)
)
MODELS_YAML = [
    Case(f"models.yaml: {name}", one_file("models.yaml", content), [[*ASK[:1], *ASK[3:], "--models", "models.yaml"]])
    for name, content in (
        ("aliases of aliases", b"- &c0 {spec: x, extra_body: {k: [x, x, x, x, x, x, x, x]}}\n" + BOMB),
        ("an alias of itself", b"- spec: openai/x\n  extra_body: &a {x: [*a]}\n"),
        ("a constructor", b"- !!python/object/apply:os.system ['touch ../outside/precious.txt']\n"),
        ("brackets", b"[" * 50_000),
        ("a number in base 60", b"- spec: openai/x\n  temperature: " + b"1:" * 60_000 + b"1\n"),
    )
]  # fmt: skip

MATRIX = ["irt", "--matrix", "matrix.csv", "--out", "out", "--bootstrap", "0"]
TABLE = b"model,i1,i2,i3,i4\na,1,0,1,0\nb,0,1,1,0\nc,1,1,0,1\nd,0,0,1,1\n"
TABLES = [
    Case(f"matrix: {name}", one_file("matrix.csv", content), [MATRIX])
    for name, content in (
        ("names are formulas and markup", TABLE.replace(b"\na,", b"\n=cmd|' /C x'!A1|<b>,")),
        ("names are paths", TABLE.replace(b"i1", b"../../outside/precious.txt").replace(b"\na", b"\n../../x")),
        ("ragged", TABLE + b"e,1\n"),
        ("numbers without end", TABLE.replace(b"a,1", b"a,1e999").replace(b"b,0", b"b,nan")),
        ("a quote without end", TABLE + b'"' + b"x" * 300_000),
        ("NULs", TABLE.replace(b"a,", b"a\0,")),
    )
]


def banked(content: bytes) -> Callable[[Path, Path], None]:
    """A good matrix and a stranger's bank."""

    def make(folder: Path, _outside: Path) -> None:
        (folder / "matrix.csv").write_bytes(TABLE)
        (folder / "bank.json").write_bytes(content)

    return make


BANKS = [
    Case(f"bank: {name}", banked(content), [[*MATRIX, "--bank", "bank.json"]])
    for name, content in (
        ("nested too deeply", b"[" * 200_000),
        ("a list", b"[1]"),
        ("numbers without end", json.dumps({"model": "2pl", "format": 1, "items": [{"id": "i1", "task": "t", "a": 1e308,
         "b": float("nan"), "covariance": [[0, 0], [0, 0]]}], "hashes": {}, "fitted_to": []}).encode()),
        ("bytes", bytes(range(256)) * 100),
    )
]  # fmt: skip

CASES: list[Case] = [*RUNS, *ITEMS, *COMPLETIONS, *MODELS_YAML, *TABLES, *BANKS]


def prepared(case: Case, root: Path) -> tuple[Path, Path]:
    """The folder with the case's files and the folder of ours beside it, both fresh."""
    folder, outside = root / "given", root / "outside"
    for one in (folder, outside):
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir(parents=True)
    (outside / "precious.txt").write_text("ours\n" * 100)
    case.make(folder, outside)
    return folder, outside


def names() -> Iterator[str]:
    """The cases' names, for parameters of tests."""
    return (case.name for case in CASES)
