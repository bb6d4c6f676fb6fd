"""``load_run``: a run folder as a :class:`ScoredRun`, the one shape that reports and statistics read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofgrid.errors import RunError
from proofgrid.run.files import in_use
from proofgrid.run.records import Record
from proofgrid.run.scored import ATTEMPT_COLUMNS, ScoredRun
from proofgrid.run.store import RunStore
from proofgrid.run.workers import Job, score_all
from proofgrid.scoring import scorer_fingerprint
from proofgrid.tasks import Item, Score
from proofgrid.tasks.questions import is_extra

if TYPE_CHECKING:
    import pandas as pd


def load_run(path: str | Path, *, task: str | None = None) -> ScoredRun:
    """Read a run and its scores; attempts that are not scored yet are scored now.

    Without ``task``, the attempts of the 15 tasks; with it, those of that task only, which may be an extra one (see
    :mod:`proofgrid.tasks.questions`). Attempts come by model, item, attempt and round, in the order that models and
    items were added. Raises RunError.
    """
    import pandas as pd

    with open_scored(path) as store:
        items = _problems(store, task)
        order = {config.label: at for at, config in enumerate(store.models())}
        place = {name: at for at, name in enumerate(items)}
        rows = [
            _row(record, items[record.cell.item], score)
            for record, score in store.scored_records(scorer_fingerprint(), task)
            if record.cell.item in items
        ]
        rows.sort(key=lambda row: (order.get(row[0], len(order)), row[0], place[row[2]], row[4], row[5]))
        frame = pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS))
        _typed(frame)
        return ScoredRun(Path(path).name, store.header(), items, frame)


@contextmanager
def open_run(path: str | Path) -> Iterator[ScoredRun]:
    """A run as :func:`load_run` has it, without texts: they are read from the store item by item (``rows_of``).

    For what looks at all records of a large run once: memory grows by about a kilobyte a record. Raises RunError.
    """
    import pandas as pd

    scorer = scorer_fingerprint()
    with open_scored(path) as store:
        items = _problems(store)
        order = {config.label: at for at, config in enumerate(store.models())}
        place = {name: at for at, name in enumerate(items)}
        rows: list[tuple[Any, ...]] = []
        keys: dict[str, list[str]] = {}
        for key, record, score in store.outlines(scorer):
            if record.cell.item in items:
                rows.append((key, *_row(record, items[record.cell.item], score)))
        rows.sort(key=lambda row: (order.get(row[1], len(order)), row[1], place[row[3]], row[5], row[6]))
        for row in rows:
            keys.setdefault(row[3], []).append(row[0])
        frame = pd.DataFrame([row[1:] for row in rows], columns=list(ATTEMPT_COLUMNS))
        del rows
        _typed(frame)

        def stored(item: str) -> list[dict[str, Any]]:
            return [
                dict(zip(ATTEMPT_COLUMNS, _row(record, items[item], score), strict=True))
                for record, score in store.scored_keys(scorer, keys.get(item, []))
            ]

        yield ScoredRun(Path(path).name, store.header(), items, frame, stored)


def _typed(frame: pd.DataFrame) -> None:
    import pandas as pd

    for column in ("prompt_tokens", "completion_tokens", "reasoning_tokens", "cost", "seconds", "joules"):
        frame[column] = pd.to_numeric(frame[column])
    frame["strict"] = frame["strict"].astype(bool)


LIGHT_COLUMNS = (
    *("model", "task", "item", "attempt", "round", "outcome", "points", "strict", "parts", "error"),
    *("completion_tokens", "cost", "joules"),
)
"""Columns of :func:`load_outcomes`."""


def load_outcomes(path: str | Path) -> pd.DataFrame:
    """The scored attempts of the 15 tasks without texts and verdicts: a fraction of the memory of :func:`load_run`."""
    with open_scored(path) as store:
        return _outcomes(store)


def load_results(path: str | Path) -> ScoredRun:
    """A run whose attempts are those of :func:`load_outcomes`: all that a response matrix is made of. Raises RunError.

    Its ``rows_of`` has no more columns than that.
    """
    with open_scored(path) as store:
        items = _problems(store)
        return ScoredRun(Path(path).name, store.header(), items, _outcomes(store))


def _problems(store: RunStore, task: str | None = None) -> dict[str, Item]:
    """The items of one task, or of the 15, by their ids."""
    return {p.id: p for p in store.problems() if (p.task == task if task else not is_extra(p.task))}


def _outcomes(store: RunStore) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    attempts, scores = store.light(scorer_fingerprint())
    tasks = store.item_tasks()
    order = {config.label: at for at, config in enumerate(store.models())}
    names = ("key", "model", "item", "attempt", "round", "error", "completion_tokens", "cost", "joules")
    left = pd.DataFrame(attempts, columns=list(names))
    right = pd.DataFrame(scores, columns=["key", "outcome", "points", "strict", "parts"])
    del attempts, scores
    frame = left.merge(right, on="key", sort=False)
    del left, right
    frame["task"] = frame["item"].map(tasks)
    extra = {task for task in frame["task"].unique() if is_extra(task)}
    frame = frame[~frame["task"].isin(extra)] if extra else frame
    known: dict[str, Any] = {text: json.loads(text) for text in frame["parts"].unique()}
    frame = frame.assign(parts=frame["parts"].map(known), strict=frame["strict"].astype(bool))
    for column in ("completion_tokens", "cost", "joules"):
        frame[column] = pd.to_numeric(frame[column])
    places = {task: at for at, task in enumerate(dict.fromkeys(tasks.values()))}
    last = len(order)
    pairs = zip(frame["model"], frame["task"], strict=True)
    rank = np.array([order.get(model, last) * len(places) + places[task] for model, task in pairs], dtype=np.int64)
    return frame.iloc[rank.argsort(kind="stable")].reset_index(drop=True)[list(LIGHT_COLUMNS)]


def update_scores(
    path: str | Path,
    again: bool = False,
    processes: int = 2,
    items: Sequence[str] | None = None,
    scorer: Callable[[str, Iterator[Job]], Iterator[list[tuple[str, Score]]]] | None = None,
) -> int:
    """Score what this code has not scored; returns how many attempts it scored.

    With ``again`` everything, or all attempts at ``items``. Raises RunError if the run has no such item. ``scorer``
    does the work of :func:`score_all` elsewhere: it takes the run's folder and its jobs.

    Scores are cached in the run where nobody else writes it; where somebody does (a run in progress), they are
    scored by that process, and the rest waits for it.
    """
    fingerprint = scorer_fingerprint()
    with RunStore.read(path) as store:
        if not again and not store.unscored(fingerprint):
            return 0
        known = store.item_tasks()
    if missing := [item for item in items or () if item not in known]:
        raise RunError(f"{path} has no item '{missing[0]}'")
    try:
        store = RunStore.open(path)
    except RunError:
        if again:
            raise
        return 0
    with store:
        if again:
            store.forget_scores(items)
        keys = store.unscored(fingerprint)
        records = (record for key in keys if (record := store.record(key)) is not None)
        jobs = ((record.key, record.cell.item, record.completion) for record in records)
        do = scorer or partial(score_all, processes=processes)
        for chunk in do(str(Path(path).absolute()), jobs):
            store.add_scores(fingerprint, chunk)
        return len(keys)


def open_scored(path: str | Path) -> RunStore:
    """The run, open for reading, with every attempt scored. Use as a context. Raises RunError.

    If its folder cannot be written (a disk for reading only, a stranger's folder with links in it), what is not scored
    yet is scored in memory; while another process writes the run, that process scores it.
    """
    scorer = scorer_fingerprint()
    update_scores(path)
    store = RunStore.read(path)
    try:
        keys = store.unscored(scorer)
        if keys and not in_use(store.path):
            records = [record for key in keys if (record := store.record(key)) is not None]
            store.keep_scores_in_memory()
            for chunk in score_all(
                str(Path(path).absolute()), [(one.key, one.cell.item, one.completion) for one in records]
            ):
                store.add_scores(scorer, chunk)
    except BaseException:
        store.close()
        raise
    return store


def _row(record: Record, item: Item, score: Score) -> tuple[Any, ...]:
    done, cell = record.completion, record.cell
    return (
        cell.model,
        item.task,
        item.id,
        item.level,
        cell.attempt,
        cell.round,
        score.outcome,
        score.points,
        score.strict,
        score.parts,
        score.verdict,
        score.repairs,
        score.feedback,
        score.answer,
        done.text,
        done.reasoning,
        done.error,
        done.finish_reason,
        done.prompt_tokens,
        done.completion_tokens,
        done.reasoning_tokens,
        done.cost,
        done.seconds,
        done.joules,
    )
