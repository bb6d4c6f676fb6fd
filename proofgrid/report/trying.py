"""``proofgrid view``: an answer that a reader has edited, scored as a model's would be and shown as one.

The text goes to the task that scores models' answers, in a worker process with a time limit: whatever is typed costs
the server nothing but that, and is never run, stored or counted.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proofgrid.report.packing import packed_answer
from proofgrid.run.scored import ATTEMPT_COLUMNS
from proofgrid.scoring_pool import ScoringPool
from proofgrid.tasks import Item
from proofgrid.tasks.questions import any_task

SECONDS = 20.0
"""What scoring one edited answer may take."""
WAITING = 4
"""Edited answers at work or waiting for the one worker; a browser types faster than a long proof is checked."""


@dataclass(frozen=True, slots=True)
class TryJob:
    """One edited answer to an item."""

    item: Item
    text: str

    def run(self) -> dict[str, Any]:
        """What the viewer shows of an answer, as the page packs those of models."""
        score = any_task(self.item.task).score(self.item, self.text)
        row: dict[str, Any] = {
            **dict.fromkeys(ATTEMPT_COLUMNS),
            **{name: getattr(score, name) for name in ("outcome", "points", "strict", "parts", "verdict", "repairs")},
            "feedback": score.feedback,
            "answer": score.answer,
            "text": self.text,
            "attempt": 0,
            "round": 0,
        }
        return packed_answer(self.item, row)


class Busy(Exception):
    """As many edited answers are being scored as may be."""


class Trial:
    """Scores edited answers, one worker process for all; close it."""

    def __init__(self) -> None:
        self._pool = ScoringPool(1)
        self._places = threading.BoundedSemaphore(WAITING)

    def score(self, item: Item, text: str) -> Mapping[str, Any] | None:
        """What the viewer shows of ``text`` as an answer; None where scoring took too long. Raises Busy."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            (found,) = self._pool.map([TryJob(item, text)], SECONDS)
            return found if isinstance(found, Mapping) else None
        finally:
            self._places.release()

    def close(self) -> None:
        """Stop the worker."""
        self._pool.close()
