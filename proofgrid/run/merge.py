"""Answers from elsewhere: completions made by other programs (import), and runs of the same items (merge)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from proofgrid.errors import RunError, UserError
from proofgrid.models.completion import Completion
from proofgrid.models.config import ModelConfig
from proofgrid.run.files import run_files
from proofgrid.run.records import Cell, Record, StoredItem, attempt_key
from proofgrid.run.store import RunStore
from proofgrid.textfile import read_lines

MOST = 10**12
"""Numbers of a completions file stay below this: what no run can hold is a slip."""


class ImportedLine(BaseModel):
    """One line of a completions file; names as other tools write them are accepted for ``item``."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    item: str = Field(alias="item_id")
    model: str = Field(min_length=1)
    text: str = ""
    """Needed, unless ``error`` says why there is none."""
    error: str | None = Field(default=None, min_length=1)
    """Why there is no answer; such a line becomes an api_error, which a later import may replace."""
    attempt: int | None = Field(default=None, ge=0, lt=MOST)
    finish_reason: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    prompt_tokens: int | None = Field(default=None, ge=0, lt=MOST)
    completion_tokens: int | None = Field(default=None, ge=0, lt=MOST)
    reasoning_tokens: int | None = Field(default=None, ge=0, lt=MOST)
    cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    seconds: float | None = Field(default=None, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _answer_or_error(self) -> Self:
        if self.error is None and "text" not in self.model_fields_set:
            raise ValueError("text: field required")
        return self


def import_completions(store: RunStore, path: Path) -> tuple[int, int]:
    """Bring the answers of a JSON lines file into a run: (new, already there).

    Lines without ``attempt`` are numbered in the file's order for each model and item. Importing a file twice adds
    nothing. Raises UserError, which names the line, and then nothing is imported.
    """
    items = store.items()
    used: dict[tuple[str, str], int] = {}
    configs: dict[str, ModelConfig] = {}
    new: list[tuple[Record, str, str | None]] = []
    seen: dict[Cell, int] = {}
    there = 0
    for number, line in _lines(path):
        where = f"{path}, line {number}"
        item = items.get(line.item)
        if item is None:
            raise UserError(f"{where}: the run has no item '{line.item}'; nothing was imported")
        attempt = line.attempt
        if attempt is None:
            attempt = used.get((line.model, line.item), 0)
            used[line.model, line.item] = attempt + 1
        cell = Cell(line.model, line.item, attempt)
        if cell in seen:
            raise UserError(f"{where}: the same model, item and attempt as line {seen[cell]}; nothing was imported")
        seen[cell] = number
        config = configs.setdefault(line.model, imported_config(store, line.model))
        names = ("text", "error", "finish_reason", "reasoning", "refusal", "prompt_tokens", "completion_tokens")
        completion = Completion(
            **{name: getattr(line, name) for name in (*names, "reasoning_tokens", "cost", "seconds")}
        )
        old = store.cell(cell)
        if old is not None and old.completion.error is None:
            if old.completion.text != line.text:
                raise UserError(
                    f"{where}: the run holds another answer of {line.model} to {line.item} (attempt {attempt}); "
                    "give the model another name or the line another attempt; nothing was imported"
                )
            there += 1
            continue
        new.append((_record(item, cell, config, completion), config.fingerprint, f"import:{path.name}"))
    for config in configs.values():
        store.add_model(config)
    store.add_many(new)
    return len(new), there


def imported_config(store: RunStore, label: str) -> ModelConfig:
    """The configuration under which answers of ``label`` are kept: the run's own, or a new one that cannot be asked."""
    known = [config for config in store.models() if config.label == label]
    if known:
        return known[-1]
    return ModelConfig(spec=label, label=label, api="import", provider="import", model=label, base_url=None, params={})


def merge_runs(sources: Sequence[Path], out: Path, renumber: bool = False) -> int:
    """Join runs of the same items, or parts of one run, into a new run; returns the number of attempts.

    An answer that two runs share is kept once, an api_error gives way to an answer. Where runs hold different answers
    for one model, item and attempt, ``renumber`` keeps both as samples; without it RunError says so.
    """
    if out.exists() or out.is_symlink():
        raise RunError(f"{out} exists already; --out names a folder that merge makes")
    for source in sources:
        RunStore.read(source).close()
    check_related(sources)
    with RunStore.open(out) as target:
        try:
            count = sum(_merge_one(target, source, renumber) for source in sources)
            target.set_meta("merged", [str(source) for source in sources])
        except BaseException:
            target.close()
            for path in run_files(out):
                path.unlink(missing_ok=True)
            with suppress(OSError):  # somebody else put a file there meanwhile
                out.rmdir()
            raise
    return count


def check_related(sources: Sequence[Path]) -> None:
    """Raise RunError where a run shares neither an item nor a model with the others: their table would be all holes.

    Parts of one job share the model, as it was asked; models that were asked apart share the items.
    """
    rest: dict[Path, set[tuple[str, ...]]] = {}
    for source in sources:
        with RunStore.read(source) as store:
            rest[source] = {(name,) for name in store.items()} | {(c.label, c.fingerprint) for c in store.models()}
    reached = rest.pop(sources[0])
    while related := [source for source, has in rest.items() if reached & has]:
        for source in related:
            reached |= rest.pop(source)
    if rest:
        raise RunError(
            f"{next(iter(rest))} and {sources[0]} have no item and no model in common; merge joins models that were "
            "asked the same items, or parts of what one model was asked"
        )


def _merge_one(target: RunStore, source: Path, renumber: bool) -> int:
    with RunStore.read(source) as store:
        target.add_items((item.problem, item.prompt) for item in store.items().values())
        meta, theirs = target.meta(), store.meta()
        known = meta.get("sources", [])
        target.set_meta("sources", [*known, *(entry for entry in theirs.get("sources", []) if entry not in known)])
        versions = {**theirs.get("prompt_versions", {}), **meta.get("prompt_versions", {})}
        target.set_meta("prompt_versions", versions)
        if theirs.get("energy"):
            windows = meta.get("energy", [])
            target.set_meta("energy", [*windows, *(window for window in theirs["energy"] if window not in windows)])
        for config in store.models():
            target.add_model(config)
        for invocation in store.header()["invocations"]:
            data = {name: value for name, value in invocation.items() if name not in ("started", "ended")}
            target.copy_invocation(invocation["started"], invocation["ended"], {**data, "run": source.name})
        shift: dict[tuple[str, str, int], int] = {}
        rows = list(_mergeable(target, store, source, renumber, shift))
    target.add_many(rows)
    return len(rows)


def _mergeable(
    target: RunStore, store: RunStore, source: Path, renumber: bool, shift: dict[tuple[str, str, int], int]
) -> Iterator[tuple[Record, str, str | None]]:
    top: dict[tuple[str, str], int] = {}
    for model in dict.fromkeys(config.label for config in target.models()):
        for item, attempt, _, _, _ in target.states(model):
            top[model, item] = max(top.get((model, item), -1), attempt)
    for record, fingerprint, origin in store.full_records():
        cell = record.cell
        moved = shift.get((cell.model, cell.item, cell.attempt))
        old = target.cell(cell) if moved is None else None
        if old is not None:
            if old.completion.error is not None and old.key != record.key:
                target.retire(old.key)
            elif record.completion.error is not None or old.completion.text == record.completion.text:
                continue
            elif old.completion.error is None:
                if not renumber:
                    raise RunError(
                        f"{source} and a run before it hold different answers of {cell.model} to {cell.item} "
                        f"(attempt {cell.attempt}); --renumber keeps both as samples"
                    )
                top[cell.model, cell.item] = top.get((cell.model, cell.item), -1) + 1
                moved = shift[cell.model, cell.item, cell.attempt] = top[cell.model, cell.item]
        key = record.key
        if moved is not None:
            cell = replace(cell, attempt=moved)
            key = attempt_key(cell.item, record.key, fingerprint, cell.attempt, cell.round)
        yield Record(key, cell, record.completion, record.tries), fingerprint, origin or f"merge:{source.name}"


def _record(item: StoredItem, cell: Cell, config: ModelConfig, completion: Completion) -> Record:
    key = attempt_key(cell.item, item.prompt_hash, config.fingerprint, cell.attempt, cell.round)
    return Record(key, cell, completion)


def _lines(path: Path) -> Iterator[tuple[int, ImportedLine]]:
    for number, line in read_lines(path):
        try:
            data: Any = json.loads(line)
            if not isinstance(data, dict):
                raise UserError(f"{path}, line {number}: this is no JSON object; nothing was imported")
            yield number, ImportedLine.model_validate(data)
        except json.JSONDecodeError as error:
            raise UserError(f"{path}, line {number}: this is no JSON ({error.msg}); nothing was imported") from error
        except RecursionError as error:
            raise UserError(f"{path}, line {number}: this JSON is nested too deeply; nothing was imported") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            said = ": ".join(
                filter(None, (".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ").lower()))
            )
            raise UserError(
                f"{path}, line {number}: {said} (item, model, and text or error are needed); nothing was imported"
            ) from error
