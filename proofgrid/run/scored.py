"""A run with its scores, as reports and statistics read it: the one shape that everything downstream takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import pandas as pd

from proofgrid.tasks import Item

ATTEMPT_COLUMNS = (
    "model",  # the spec, e.g. vllm/Qwen/Qwen3-8B
    "task",
    "item",  # Item.id
    "level",
    "attempt",  # 0-based sample index
    "round",  # 0: first try; k: after the k-th repair message
    "outcome",  # tasks.Outcome
    "points",  # Score.points
    "strict",  # bool
    "parts",  # dict
    "verdict",  # dict or None: Verdict.to_json()
    "repairs",  # tuple of str
    "feedback",  # str or None
    "answer",  # Score.answer: what the task read
    "text",
    "reasoning",  # str or None
    "error",  # str or None
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "cost",  # USD or NaN
    "seconds",
    "joules",  # measured, or NaN
)
"""Columns of :attr:`ScoredRun.attempts`, in this order."""


@dataclass(frozen=True)
class ScoredRun:
    """``attempts`` has one row an attempt and the columns of ATTEMPT_COLUMNS; nothing in it is stored twice.

    Where ``stored`` is given, texts (``text``, ``reasoning``, ``feedback``, ``answer``) are left where they are and
    verdicts hold what tables count; :meth:`rows_of` reads the whole of one item's attempts.
    """

    name: str
    header: Mapping[str, Any]
    items: Mapping[str, Item]
    attempts: pd.DataFrame
    stored: Callable[[str], list[dict[str, Any]]] | None = None

    def rows_of(self, item: str) -> list[dict[str, Any]]:
        """Every attempt at an item with all of ATTEMPT_COLUMNS."""
        if self.stored is not None:
            return self.stored(item)
        found = self._by_item.get(item)
        return [] if found is None else cast("list[dict[str, Any]]", found.to_dict("records"))

    @cached_property
    def _by_item(self) -> dict[str, pd.DataFrame]:
        return {str(item): rows for item, rows in self.attempts.groupby("item", sort=False)}
