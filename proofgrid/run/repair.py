"""Repair rounds: a failed answer goes back to its model with what a person who graded it would say."""

from __future__ import annotations

from proofgrid.models.base import Message
from proofgrid.models.completion import Completion
from proofgrid.run.records import StoredItem, digest
from proofgrid.tasks import Score


def repairable(score: Score) -> bool:
    """Whether there is something to repair: an answer arrived, failed, and the failure can be told."""
    return score.outcome in ("incorrect", "unparsable") and bool(score.feedback)


def repaired_conversation(messages: tuple[Message, ...], completion: Completion, score: Score) -> tuple[Message, ...]:
    """The conversation that asks for the next round."""
    ask = (
        f"Your answer was checked and is not accepted:\n\n{score.feedback}\n\n"
        "Please correct it and give your complete answer again, in the same format."
    )
    return (*messages, Message("assistant", completion.text), Message("user", ask))


def conversation_hash(item: StoredItem, messages: tuple[Message, ...]) -> str:
    """The digest of the prompt or, in a repair round, of the whole conversation."""
    if len(messages) == 1:
        return item.prompt_hash
    return digest("\0".join(f"{message.role}\0{message.content}" for message in messages))
