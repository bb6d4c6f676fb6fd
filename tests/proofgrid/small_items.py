"""Small problems of pl1_pw that cost nothing to make, with answers that are right, wrong and unreadable."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from proofgrid.models.completion import Completion
from proofgrid.models.config import ModelConfig
from proofgrid.models.entries import configurations
from proofgrid.run.records import Cell, Record, attempt_key
from proofgrid.run.store import RunStore
from proofgrid.tasks import Item, get_task
from tests.proofgrid.stub_server import Answer


def problem(i: int, level: int = 1) -> Item:
    """Item ``i``: from (Ai & Bi), Ai."""
    shown = {"premises": [f"(A{i} & B{i})"], "goal": f"A{i}"}
    return Item(f"pl1_pw-t-{i:05d}", "pl1_pw", level, 0, shown, {"proof": f"left-and on (A{i} & B{i})"}, {"steps": 1.0})


def problems(n: int) -> list[Item]:
    """The first ``n`` items."""
    return [problem(i) for i in range(n)]


def answer_text(i: int, right: bool = True) -> str:
    """An answer to item ``i``: its proof, or one that concludes Bi."""
    return json.dumps({"description": "", "proof": f"{'left' if right else 'right'}-and on (A{i} & B{i})"})


def index_of(body: dict[str, Any]) -> int:
    """Which item a request is about."""
    return int(re.findall(r"\(A(\d+) & B\1\)", str(body["messages"][0]["content"]))[-1])


def right(body: dict[str, Any]) -> Answer:
    """A server that proves everything."""
    return Answer(answer_text(index_of(body)))


def write_items(path: Path, n: int) -> Path:
    """A file for --items."""
    path.write_text("".join(p.to_json() + "\n" for p in problems(n)), "utf-8")
    return path


def fill(store: RunStore, n: int) -> list[str]:
    """Put ``n`` items into a store; returns their ids."""
    task = get_task("pl1_pw")
    store.add_items((p, task.prompt(p.shown)) for p in problems(n))
    return [p.id for p in problems(n)]


def server_model(url: str, spec: str = "server/stub-model", **fields: Any) -> ModelConfig:
    """A configuration for the stub server."""
    from proofgrid.models.spec import ModelEntry, resolve

    return resolve(ModelEntry(spec=spec, base_url=url, **fields))


def builtin_models(*specs: str) -> list[ModelConfig]:
    """Configurations of builtin models."""
    return configurations(list(specs))


def write_run(folder: Path, answers: int, items: int = 4) -> Path:
    """A run of one builtin model that has answered the first ``answers`` of ``items`` items, every other one right."""
    (model,) = builtin_models("builtin/prover")
    with RunStore.open(folder) as store:
        store.add_model(model)
        add(store, fill(store, items), range(answers), model.label)
    return folder


def add(store: RunStore, ids: list[str], which: range, model: str) -> None:
    """Put answers into a store."""
    for i in which:
        said = Completion(answer_text(i, right=i % 2 == 0), finish_reason="stop", completion_tokens=20, seconds=0.5)
        store.add(Record(attempt_key(ids[i], "p", "f", 0), Cell(model, ids[i], 0), said), "f")
