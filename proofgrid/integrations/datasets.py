"""Items as a data set that others' tools read: one Parquet file a task and split, and a card.

``datasets.load_dataset(DIR, "pl1_pw")``, pandas, polars and duckdb read the folder as it is. Splits have seeds of their
own, and no two items of the whole set are of one class (:func:`proofgrid.tasks.making.classes.class_key`): none is
another with its letters renamed, in whatever task. The classes stand in a column, so that anybody can count them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files as files_of
from itertools import islice
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from proofgrid import TASK_IDS, Item, UserError, __version__, get_task, load_suite
from proofgrid.rewarding import PACKED
from proofgrid.tasks.making.classes import class_key
from proofgrid.tasks.making.parallel import generate_distinct
from proofgrid.tasks.suites import suite_manifest
from proofgrid.tasks.suites.freeze import GENERATOR_VERSION, LICENCE, canary

SPLITS = ("test", "validation", "train")
"""In the order that they are made: what is tested on does not change with how much is trained on."""
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("id", "task")]
    + [(name, pa.int64()) for name in ("level", "seed")]
    + [(name, pa.string()) for name in (*PACKED, "prompt", "reference_answer", "class")]
)
ROWS = 500
"""Rows of a group, and items in memory at once."""
PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is exported. ``sizes``: items of each task by split."""

    tasks: tuple[str, ...]
    sizes: Mapping[str, int]
    seed: int
    level: int | None = None
    apart_from: tuple[str, ...] = ("v1",)
    """Suites whose items are in no split, nor any of their classes."""
    generator: str = GENERATOR_VERSION

    def seed_of(self, split: str) -> int:
        """Train has the seed asked for, validation the next, test the one after."""
        return self.seed + SPLITS[::-1].index(split)


def export_suite(suite: str, tasks: Sequence[str] | None, out: Path) -> int:
    """A frozen suite as the split ``test``; the number of items. Raises UserError where ``out`` is there."""
    staging = _staging(out, {"suite": suite, "tasks": tasks})
    manifest = suite_manifest(suite)
    by_task: dict[str, list[Item]] = {}
    for item in load_suite(suite, tasks):
        by_task.setdefault(item.task, []).append(item)
    for task, items in by_task.items():
        rows = ((item, class_key(item.shown)) for item in items)
        _write(staging / "data" / task / "test.parquet", rows, {"canary": manifest["canary"]})
    return _finish(staging, out, f"ProofGrid {manifest['suite']}", manifest["canary"], None)


def export_new(plan: Plan, out: Path, jobs: int | None, progress: Callable[[str, int], None]) -> int:
    """Make a data set after ``plan``; the number of items.

    Files are made in a folder beside ``out`` and it gets its name when all are there: the same call again goes on
    after the last whole file. ``progress`` is told the file and the items that it has. Raises UserError where ``out``
    is there, GenerationError where a level has fewer classes than are asked for.
    """
    staging = _staging(out, asdict(plan))
    mark = canary("dataset", plan.seed)
    taken = {class_key(item.shown) for suite in plan.apart_from for item in load_suite(suite)}
    for split in SPLITS:
        for task in plan.tasks if plan.sizes.get(split) else ():
            path = staging / "data" / task / f"{split}.parquet"
            if not path.is_file():
                made = generate_distinct(task, plan.sizes[split], plan.seed_of(split), plan.level, jobs, taken)
                metadata = {} if split == "train" else {"canary": mark}
                _write(path, _told(made, f"{task} {split}", progress), metadata)
            taken.update(pq.read_table(path, columns=["class"])["class"].to_pylist())
    return _finish(staging, out, f"ProofGrid, seed {plan.seed}", mark, plan)


def row_of(item: Item, class_: str) -> dict[str, Any]:
    """An item as a row: the seven fields of its JSON, objects as JSON text, and what a trainer wants beside them."""
    task = get_task(item.task)
    plain = {"id": item.id, "task": item.task, "level": item.level, "seed": item.seed}
    packed = {name: _packed(getattr(item, name)) for name in PACKED}
    shown = {"prompt": task.prompt(item.shown), "reference_answer": task.reference_answer(item), "class": class_}
    return plain | packed | shown


def _packed(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _told(
    made: Iterable[tuple[Item, str]], name: str, progress: Callable[[str, int], None]
) -> Iterator[tuple[Item, str]]:
    for count, one in enumerate(made, 1):
        yield one
        progress(name, count)


def _staging(out: Path, plan: Mapping[str, Any]) -> Path:
    """The folder to make ``out`` in, with what an earlier call of the same plan has made already."""
    if out.exists():
        raise UserError(f"{out} is there already; name a new folder or remove it first")
    staging = out.with_name(f".{out.name}.part")
    said = _packed(plan)
    if staging.exists() and (staging / PLAN).read_text("utf-8") != said:
        raise UserError(f"{staging} holds the beginning of another export; finish that one or remove the folder")
    staging.mkdir(parents=True, exist_ok=True)
    (staging / PLAN).write_text(said, "utf-8")
    return staging


def _write(path: Path, rows: Iterable[tuple[Item, str]], metadata: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    source = iter(rows)
    with pq.ParquetWriter(part, SCHEMA.with_metadata(metadata), compression="zstd") as writer:
        while batch := list(islice(source, ROWS)):
            writer.write_table(pa.Table.from_pylist([row_of(*one) for one in batch], SCHEMA))
    part.replace(path)


@dataclass(frozen=True, slots=True)
class _File:
    task: str
    split: str
    path: str
    levels: Mapping[int, int]
    seeds: tuple[int, ...]
    classes: tuple[str, ...]


def _finish(staging: Path, out: Path, title: str, mark: str, plan: Plan | None) -> int:
    """Write the card and give the folder its name; of new items, only if every class stands in one place."""
    files = []
    for path in sorted(staging.glob("data/*/*.parquet"), key=_order):
        table = pq.read_table(path, columns=["level", "seed", "class"])
        files.append(
            _File(
                task=path.parent.name,
                split=path.stem,
                path=path.relative_to(staging).as_posix(),
                levels=dict(sorted(Counter(table["level"].to_pylist()).items())),
                seeds=tuple(sorted(set(table["seed"].to_pylist()))),
                classes=tuple(table["class"].to_pylist()),
            )
        )
    classes = Counter(name for file in files for name in file.classes)
    if plan is not None and (twice := [name for name, count in classes.items() if count > 1]):
        raise UserError(f"{staging}: class {twice[0]} stands in it more than once, please report it")
    (staging / "README.md").write_text(_card(title, mark, files, plan, len(classes)), "utf-8")
    (staging / PLAN).unlink()
    staging.rename(out)
    return sum(len(file.classes) for file in files)


def _order(path: Path) -> tuple[int, int]:
    """Tasks as everywhere, and of each what is trained on first."""
    return TASK_IDS.index(path.parent.name), -SPLITS.index(path.stem)


def _card(title: str, mark: str, files: Sequence[_File], plan: Plan | None, classes: int) -> str:
    """README.md: what the hub and ``datasets`` read (YAML), and what a person wants to know."""
    tasks = list(dict.fromkeys(file.task for file in files))
    configs = [
        {
            "config_name": task,
            "data_files": [{"split": file.split, "path": file.path} for file in files if file.task == task],
        }
        for task in tasks
    ]
    head = {
        "pretty_name": title,
        "license": "cc-by-4.0",
        "language": ["en"],
        "tags": ["proofs", "reasoning", "proofgrid"],
        "configs": configs,
    }
    template = files_of(__package__).joinpath("dataset_card.jinja").read_text("utf-8")
    rows = [
        f"| `{file.task}` | {file.split} | {len(file.classes):,} | {', '.join(map(str, file.seeds))} | "
        f"{', '.join(f'{level}: {count}' for level, count in file.levels.items())} | "
        f"{get_task(file.task).prompt_version} |"
        for file in files
    ]
    return jinja2.Template(template, undefined=jinja2.StrictUndefined, keep_trailing_newline=True).render(
        head=yaml.safe_dump(head, sort_keys=False, allow_unicode=True).strip(),
        title=title,
        canary=mark,
        licence=LICENCE,
        rows="\n".join(rows),
        plan=plan,
        items=sum(len(file.classes) for file in files),
        classes=classes,
        version=__version__,
        task=tasks[0],
        split=files[0].split,
    )
