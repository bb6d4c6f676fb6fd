"""From what a model said to a score: the outcomes that never reach a task first, then the task's own judgement.

Everything here is derived from records and can be made anew at any time, with no network. A score is bound to the
code that made it by :func:`scorer_fingerprint`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from proofgrid.run.extra import any_task
from proofgrid.tasks import Item, Outcome, Score

if TYPE_CHECKING:
    from proofgrid.models.completion import Completion

TRUNCATED = ("length", "max_tokens", "model_context_window_exceeded")
REFUSED = ("content_filter", "refusal", "safety", "recitation", "prohibited_content", "blocklist", "spii")
"""Finish reasons, lower case, of OpenAI-compatible servers and Anthropic's interface."""


def completion_outcome(completion: Completion) -> Outcome | None:
    """The outcome of an answer that no task needs to see; None where a task must judge.

    An answer cut at the length limit is ``truncated`` whatever it holds: it says nothing of what the model can do.
    """
    if completion.error is not None:
        return "api_error"
    reason = (completion.finish_reason or "").lower()
    if completion.refusal or reason in REFUSED:
        return "refused"
    if reason in TRUNCATED:
        return "truncated"
    if not completion.text.strip():
        return "empty"
    return None


def score_completion(item: Item, completion: Completion) -> Score:
    """The score of one attempt. Total: any completion has one."""
    outcome = completion_outcome(completion)
    if outcome is not None:
        return Score(outcome)
    try:
        return any_task(item.task).score(item, completion.text)
    except Exception as error:  # a defect of ours makes this attempt missing, not wrong, and stops no run
        return Score("checker_limit", feedback=f"scoring failed, please report it: {type(error).__name__}: {error}")


@cache
def scorer_fingerprint() -> str:
    """Changes whenever the code that scores does: a digest of the sources of ``checker``, ``tasks`` and this module."""
    import proofgrid.stability
    from proofgrid import checker, tasks

    digest = sha256(Path(__file__).read_bytes())
    for package in (checker, tasks, proofgrid.stability):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*")):
            if path.suffix in (".py", ".lark") and path.is_file():
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


Job = tuple[str, str, "Completion"]
"""What a worker scores: attempt key, item id, completion."""


def score_jobs(folder: str, jobs: Sequence[Job]) -> list[tuple[str, Score]]:
    """Score in a worker process: items are read from the run's store there, and kept."""
    return [(key, score_completion(_problem(folder, item), completion)) for key, item, completion in jobs]


def _problem(folder: str, item: str) -> Item:
    store, kept = _reader(folder)
    if item not in kept:
        if len(kept) >= 512:
            kept.clear()
        kept[item] = store.item(item).problem
    return kept[item]


_local = threading.local()


def _reader(folder: str) -> tuple[_Store, dict[str, Item]]:
    """A reader of the run's store, one a thread (SQLite's connections are bound to theirs)."""
    from proofgrid.run.store import RunStore

    if getattr(_local, "folder", None) != folder:
        _local.reader, _local.folder = (RunStore.read(folder), {}), folder
    reader: tuple[_Store, dict[str, Item]] = _local.reader
    return reader


if TYPE_CHECKING:
    from proofgrid.run.store import RunStore as _Store


def score_to_json(score: Score) -> str:
    """One line of JSON."""
    return json.dumps(score.to_json(), ensure_ascii=False, sort_keys=True)
