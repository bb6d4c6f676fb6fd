"""A run with its scores, as reports and statistics read it: the one shape that everything downstream takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
    "text",
    "reasoning",  # str or None
    "error",  # str or None
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "cost",  # USD or NaN
    "seconds",
)
"""Columns of :attr:`ScoredRun.attempts`, in this order."""


@dataclass(frozen=True)
class ScoredRun:
    """``attempts`` has one row an attempt and the columns of ATTEMPT_COLUMNS; nothing in it is stored twice."""

    name: str
    header: Mapping[str, Any]
    items: Mapping[str, Item]
    attempts: pd.DataFrame
