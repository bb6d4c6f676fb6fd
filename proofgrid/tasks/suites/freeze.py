"""Freezing a suite, and making it again to see that the same bytes come out.

What is compared is the content (the JSON lines); the gzip bytes around it may differ from one zlib to another, so
the manifest has both hashes: ``sha256`` of the file as it ships, ``content_sha256`` of what it holds.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from proofgrid.tasks.core import Item
from proofgrid.tasks.errors import SuiteError
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.making.problems import canonical_key
from proofgrid.tasks.making.proof_sources import pair
from proofgrid.tasks.registry import TASK_IDS, get_task
from proofgrid.tasks.suites.store import MANIFEST, load_suite, suite_directory, suite_manifest

GENERATOR_VERSION = "8"
"""Raised when a generator changes what a seed gives; a suite says which version made it."""

SUITE_SIZES: Mapping[str, int] = {
    task: 300 if task == "pl1_pc" else 50 if task.endswith("_c") else 100 for task in TASK_IDS
}
"""Items a task, comparable with the published sizes (docs/spec.md, section 6)."""

LICENCE = "CC BY 4.0: use and share the items, naming the suite; please do not train on them"


def canary(name: str, seed: int) -> str:
    """The string that marks every file of a suite: text that holds it should not be trained on."""
    guid = uuid5(NAMESPACE_URL, f"proofgrid/suite/{name}/{seed}")
    return f"ProofGrid benchmark data, not for training corpora. canary GUID {guid}"


def content(name: str, task: str, seed: int, items: list[Item]) -> bytes:
    """The text of one file of a suite: a header line, then one problem a line."""
    header = {"canary": canary(name, seed), "licence": LICENCE, "suite": name, "task": task}
    lines = [json.dumps(header, sort_keys=True, separators=(",", ":")), *(p.to_json() for p in items)]
    return ("\n".join(lines) + "\n").encode()


def freeze_suite(
    name: str,
    seed: int,
    out: str | Path,
    sizes: Mapping[str, int] | None = None,
    jobs: int | None = None,
    progress: Callable[[str], None] | None = None,
    only: Collection[str] | None = None,
    rest: str | Path | None = None,
) -> Path:
    """Generate every task's items and write them with their manifest to the directory ``out``.

    No two problems of the suite are of one class: a task is dealt none that a task before it has.

    ``sizes``: items a task (default SUITE_SIZES). ``jobs``: processes (None: one a core). ``progress`` is told, in a
    few words, each task that is done. With ``only``, the files of all other tasks are taken from the suite ``rest``,
    which must have the same name and seed (to freeze again after some generators changed). The directory appears
    whole or not at all; SuiteError where something is there.
    """
    target = Path(out)
    if target.exists():
        raise SuiteError(f"{target} is there already; name a new directory or remove it first")
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        staging.chmod(0o755)
        files: dict[str, Any] = {}
        kept = {} if only is None or rest is None else _kept(rest, name, seed, only)
        taken: set[str] = set()
        for task, n in (sizes or SUITE_SIZES).items():
            if f"{task}.jsonl.gz" in kept:
                taken |= class_keys(load_suite(rest or "", [task]))
                files[f"{task}.jsonl.gz"] = kept[f"{task}.jsonl.gz"]
                shutil.copyfile(suite_directory(rest or "") / f"{task}.jsonl.gz", staging / f"{task}.jsonl.gz")
                continue
            problems = list(generate_parallel(task, n, seed, jobs=jobs, taken=taken))
            taken |= class_keys(problems)
            data = content(name, task, seed, problems)
            packed = gzip.compress(data, compresslevel=9, mtime=0)
            (staging / f"{task}.jsonl.gz").write_bytes(packed)
            files[f"{task}.jsonl.gz"] = {
                "task": task,
                "items": n,
                "levels": {str(at): count for at, count in sorted(Counter(p.level for p in problems).items())},
                "seed": seed,
                "prompt_version": get_task(task).prompt_version,
                "sha256": sha256(packed).hexdigest(),
                "content_sha256": sha256(data).hexdigest(),
                "bytes": len(packed),
                "content_bytes": len(data),
            }
            if progress:
                progress(f"{task}: {n} items")
        manifest = {
            "suite": name,
            "seed": seed,
            "generator_version": GENERATOR_VERSION,
            "canary": canary(name, seed),
            "licence": LICENCE,
            "items": sum(entry["items"] for entry in files.values()),
            "files": files,
        }
        (staging / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
        staging.replace(target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return target


def class_keys(items: Iterable[Item]) -> set[str]:
    """The keys of the items' problems, of which a suite has one a class, whatever the task; chains have none."""
    return {canonical_key(*pair(item.shown)) for item in items if "goal" in item.shown}


def _kept(rest: str | Path, name: str, seed: int, only: Collection[str]) -> dict[str, Any]:
    manifest = suite_manifest(rest)
    if (manifest["suite"], manifest["seed"]) != (name, seed):
        raise SuiteError(
            f"{rest} is the suite '{manifest['suite']}' with seed {manifest['seed']}; name that or freeze all"
        )
    return {file: entry for file, entry in manifest["files"].items() if entry["task"] not in only}


def verify_suite(
    name: str | Path,
    jobs: int | None = None,
    progress: Callable[[str], None] | None = None,
    tasks: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Make a suite, or its ``tasks``, again and compare.

    One sentence for each file whose content differs; () where all are the same.
    """
    manifest = suite_manifest(name)
    if manifest["generator_version"] != GENERATOR_VERSION:
        raise SuiteError(
            f"the suite '{name}' was made by generator version {manifest['generator_version']}, this is version "
            f"{GENERATOR_VERSION}; verify it with the release that made it"
        )
    differences = []
    taken: set[str] = set()
    for file, entry in manifest["files"].items():
        task, seed = entry["task"], entry["seed"]
        if tasks is not None and task not in tasks:
            taken |= class_keys(load_suite(name, [task]))
            continue
        problems = list(generate_parallel(task, entry["items"], seed, jobs=jobs, taken=taken))
        taken |= class_keys(problems)
        made = sha256(content(manifest["suite"], task, seed, problems)).hexdigest()
        same = made == entry["content_sha256"]
        if not same:
            differences.append(f"{file}: the content made now has sha256 {made}, not {entry['content_sha256']}")
        if progress:
            progress(f"{task}: {'the same bytes' if same else 'DIFFERENT'}")
    return tuple(differences)
