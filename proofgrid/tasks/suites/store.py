"""Where a suite lies and how it is read: one gzip file of JSON lines a task, and ``manifest.json`` with their hashes.

The first line of each file is a header with the suite's canary string, so that whoever filters training data finds
it in the decompressed text; every other line is a problem.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from proofgrid.tasks.core import Item, load_items
from proofgrid.tasks.errors import ItemFormatError, SuiteError

HOME = Path(__file__).parent
MANIFEST = "manifest.json"


def suite_names() -> tuple[str, ...]:
    """The suites that ship."""
    return tuple(sorted(path.parent.name for path in HOME.glob(f"*/{MANIFEST}")))


def suite_directory(name: str | Path) -> Path:
    """The directory of a suite, by name or path. Raises SuiteError where there is none."""
    for directory in (HOME / name, Path(name)):
        if (directory / MANIFEST).is_file():
            return directory
    known = ", ".join(suite_names()) or "none"
    raise SuiteError(f"there is no suite '{name}'; give one that ships ({known}) or the directory of one of your own")


def suite_manifest(name: str | Path) -> dict[str, Any]:
    """The manifest of a suite: what each file holds and its hashes. Raises SuiteError."""
    path = suite_directory(name) / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except ValueError as error:
        raise SuiteError(f"{path} is no JSON; restore the suite from where you have it") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise SuiteError(f"{path} lists no files; restore the suite from where you have it")
    return manifest


def load_suite(name: str | Path, tasks: Sequence[str] | None = None) -> list[Item]:
    """The problems of a suite, of all tasks or of ``tasks``, in the manifest's order.

    Every byte is checked against the manifest. Raises SuiteError where a file is missing or altered, or where the
    suite has no items of a task asked for.
    """
    manifest = suite_manifest(name)
    directory = suite_directory(name)
    by_task = {entry["task"]: (file, entry) for file, entry in manifest["files"].items()}
    if missing := [task for task in tasks or () if task not in by_task]:
        raise SuiteError(f"the suite '{name}' has no items of {', '.join(missing)}; it has {', '.join(by_task)}")
    problems: list[Item] = []
    for task in by_task if tasks is None else tasks:
        file, entry = by_task[task]
        lines = read_lines(directory / file, entry)
        try:
            problems += load_items(lines[1:])
        except ItemFormatError as error:
            raise SuiteError(f"{directory / file}: {error}") from error
    return problems


def read_lines(path: Path, entry: dict[str, Any]) -> list[str]:
    """The lines of a suite's file, header first, once both of its hashes agree with the manifest's ``entry``."""
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise SuiteError(f"the suite lacks {path.name}; restore it or freeze the suite again") from error
    altered = SuiteError(f"{path} is not what was frozen (its sha256 differs); restore it or freeze the suite again")
    if sha256(packed).hexdigest() != entry["sha256"]:
        raise altered
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise altered from error
    if sha256(content).hexdigest() != entry["content_sha256"]:
        raise altered
    return content.decode().removesuffix("\n").split("\n")  # other line separators are characters of a text
