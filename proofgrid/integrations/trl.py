"""Rewards for TRL's trainers: ``GRPOTrainer(reward_funcs=proof_reward, ...)``. Tested with TRL 1.16.

The data set has the columns ``prompt`` and either ``item`` (an item's JSON) or those that ``proofgrid export-dataset``
writes; the trainer hands every column on. Prompts may be plain or conversational. Options are fixed with
``functools.partial``::

    partial(proof_reward, eos_token_ids={tokenizer.eos_token_id}, workers=4)
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

from proofgrid import rewards
from proofgrid.integrations.items import items_of_columns
from proofgrid.rewarding import Shaping

Completion: TypeAlias = str | Sequence[Mapping[str, Any]]
"""What TRL hands on: a text, or the messages that the model wrote."""


def proof_reward(
    prompts: Sequence[Any],
    completions: Sequence[Completion],
    *,
    completion_ids: Sequence[Sequence[int]] | None = None,
    eos_token_ids: Collection[int] | None = None,
    truncated: float | None = 0.0,
    shaping: Shaping = None,
    workers: int | None = None,
    **columns: Any,
) -> list[float | None]:
    """1.0 for an answer that is right, 0.0 for any other; None, which TRL leaves out, where scoring itself failed.

    With ``eos_token_ids`` an answer whose last token is none of them was cut off and earns ``truncated``, whatever it
    holds. None there leaves such answers out, and teaches a model to go on for ever where it would be wrong.
    ``shaping`` and ``workers`` are those of :func:`proofgrid.rewards`.
    """
    found = rewards(items_of_columns(columns), [text_of(c) for c in completions], workers=workers, shaping=shaping)
    if eos_token_ids is None or completion_ids is None:
        return found
    return [
        worth if len(ids) and ids[-1] in eos_token_ids else truncated
        for worth, ids in zip(found, completion_ids, strict=True)
    ]


async def proof_reward_async(
    prompts: Sequence[Any], completions: Sequence[Completion], **columns: Any
) -> list[float | None]:
    """:func:`proof_reward` in a thread, so that TRL's other asynchronous rewards run meanwhile."""
    return await asyncio.to_thread(proof_reward, prompts, completions, **columns)


def text_of(completion: Completion) -> str:
    """The text of a completion: what its last message says, where it is a conversation."""
    if isinstance(completion, str):
        return completion
    content = completion[-1].get("content") if completion else ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "" for part in content or () if part.get("type") == "text")
