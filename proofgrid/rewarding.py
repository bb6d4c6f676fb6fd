"""Rewards for training: 1.0 where an answer is right under profile ``surface``, 0.0 for anything else.

>>> from proofgrid import get_task, reward
>>> item = next(get_task("pl1_pw").generate(1, seed=7))
>>> reward(item, get_task("pl1_pw").reference_answer(item)), reward(item, "I do not know.")
(1.0, 0.0)
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from proofgrid.scoring_pool import ScoreJob, run_safely, shared_pool

if TYPE_CHECKING:
    from proofgrid.tasks import Item, Score

log = logging.getLogger("proofgrid.rewarding")
ItemLike: TypeAlias = "Item | str | Mapping[str, Any]"
"""An item, its JSON, the dictionary that its JSON is, or a row of an exported data set."""
PACKED = ("shown", "reference", "difficulty")
"""What an exported data set holds as JSON text, for nested columns would lose or add keys."""
Shaping: TypeAlias = "Literal['prefix'] | Callable[[Score], float] | None"
"""What an answer that is not right earns: nothing (None), or a share of it.

``"prefix"`` gives half of (failed step - 1) / steps. It can be gamed: a proof padded with steps that are right and
lead nowhere earns nearly half. A function of the Score gives whatever it says, cut to [0, 1).
"""
HIGHEST_SHAPED = 0.99
"""A shaped reward stays under what a right answer earns."""


def as_item(value: ItemLike) -> Item:
    """An Item from any of its forms. Raises ItemFormatError with a sentence that says what is wrong."""
    from proofgrid.tasks import Item, ItemFormatError

    if isinstance(value, Item):
        return value
    if isinstance(value, str):
        return Item.from_json(value)
    data: dict[str, Any] = {name: value[name] for name in Item.__slots__ if name in value}
    try:
        for name in ("level", "seed"):
            if name in data and not isinstance(data[name], str | float):
                data[name] = index(data[name])  # data frames have whole numbers of their own
        packed = {name: json.loads(data[name]) for name in PACKED if isinstance(data.get(name), str)}
        text = json.dumps(data | packed)
    except (TypeError, ValueError, RecursionError) as error:
        raise ItemFormatError(f"this is no item: {error}") from error
    return Item.from_json(text)


def reward(item: ItemLike, text: str, *, timeout: float | None = None, shaping: Shaping = None) -> float | None:
    """The reward of one answer in [0, 1]; 1.0 exactly where it is right.

    Never raises. An answer over the checker's limits earns 0.0 like any other that is not right. None (with a line
    in the log) means that there is no reward: our scorer failed, ``item`` is no item, or the answer took longer than
    ``timeout`` seconds (None: no such guard, and the answer is scored in this process and thread).
    """
    return rewards([item], [text], timeout=timeout, shaping=shaping)[0]


def rewards(
    items: Sequence[ItemLike],
    texts: Sequence[str],
    *,
    workers: int | None = None,
    timeout: float | None = None,
    shaping: Shaping = None,
) -> list[float | None]:
    """The reward of each answer, as :func:`reward` gives it, in order.

    ``workers`` processes share the work (None: this thread does it, unless ``timeout`` asks for processes that can be
    stopped). They start on first use, live as long as this process, and are safe to use from many threads and after a
    fork. Raises ValueError where there are not as many items as texts.
    """
    if len(items) != len(texts):
        raise ValueError(f"{len(items)} items and {len(texts)} texts: each text answers one item")
    jobs: list[ScoreJob | None] = [_job(item, text) for item, text in zip(items, texts, strict=True)]
    given = [job for job in jobs if job is not None]
    if workers is None and timeout is None:
        found = [run_safely(job) for job in given]
    else:
        found = shared_pool(workers).map(given, timeout)
    scores = iter(found)
    return [None if job is None else _worth(next(scores), shaping) for job in jobs]


def _job(item: ItemLike, text: object) -> ScoreJob | None:
    try:
        return ScoreJob(as_item(item), text if isinstance(text, str) else "")
    except Exception as error:
        log.error("no reward: this is no item: %s", error)
        return None


def _worth(score: Score | None, shaping: Shaping) -> float | None:
    if score is None:
        return None
    if score.outcome == "correct":
        return 1.0
    if shaping is None:
        return 0.0
    try:
        share = _prefix(score) if shaping == "prefix" else float(shaping(score))
    except Exception as error:
        log.error("no reward: the shaping failed", exc_info=error)
        return None
    return min(max(share, 0.0), HIGHEST_SHAPED) if share == share else 0.0


def _prefix(score: Score) -> float:
    """Half of the share of steps before the first that fails; 0 where the answer is no proof that could be read."""
    verdict = score.verdict or {}
    failure = verdict.get("failure") or {}
    steps, step = verdict.get("steps") or 0, failure.get("step")
    return 0.5 * (step - 1) / steps if steps and step else 0.0
