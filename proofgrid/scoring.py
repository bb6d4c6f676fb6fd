"""The score of one attempt: the outcome that its completion has of itself, or the task's judgement of its text.

Scores are derived: they follow from what the model said and from this code alone, so a run keeps them beside its
records under :func:`scorer_fingerprint`.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from proofgrid.models.completion import Completion
from proofgrid.tasks import Item, Outcome, Score
from proofgrid.tasks.questions import any_task

TRUNCATED = ("length", "max_tokens", "model_context_window_exceeded", "max_output_tokens", "model_length")
REFUSED = (
    "content_filter",
    "content_filtered",
    "refusal",
    "safety",
    "recitation",
    "prohibited_content",
    "blocklist",
    "spii",
    "sensitive",
    "moderation",
    "image_safety",
    "policy_violation",
)
ENDED = ("stop", "end_turn", "eos", "eos_token", "stop_sequence", "complete", "completed", "finished", "end")
OTHER = ("tool_calls", "function_call", "tool_use", "pause_turn")
"""Finish words, lower case, of OpenAI-compatible servers and Anthropic's interface."""


@dataclass(frozen=True, slots=True)
class ErrorPolicy:
    """What an api_error is in a run: ``missing`` (asked again on request, outside every figure) or ``wrong``.

    ``context`` is the same for prompts longer than the model's window alone; None: as ``errors`` says.
    """

    errors: Literal["missing", "wrong"] = "missing"
    context: Literal["missing", "wrong"] | None = None

    def counts_as_wrong(self, error: str) -> bool:
        """Whether an attempt that ended in ``error`` is a wrong answer."""
        if error.startswith("context_length:"):
            return (self.context or self.errors) == "wrong"
        return self.errors == "wrong"


MISSING = ErrorPolicy()


def completion_outcome(completion: Completion) -> Outcome | None:
    """The outcome of an answer that no task needs to see; None if a task must judge.

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


def known_finish(word: str) -> bool:
    """Whether a finish word is one whose meaning is known here."""
    return word.lower() in (*TRUNCATED, *REFUSED, *ENDED, *OTHER)


def early_score(completion: Completion, policy: ErrorPolicy = MISSING) -> Score | None:
    """The score of an answer that no task needs to see; None if a task must judge."""
    outcome = completion_outcome(completion)
    if outcome == "api_error" and policy.counts_as_wrong(completion.error or ""):
        return Score("incorrect", feedback=f"counted as wrong: {completion.error}")
    if outcome == "empty" and (completion.reasoning or "").strip():
        return Score(
            "empty",
            feedback="the answer is empty, though reasoning arrived: the model may have stopped in thought, or the "
            "server takes the whole answer for reasoning (look at its reasoning parser, or raise max_tokens)",
        )
    return None if outcome is None else Score(outcome)


def score_completion(item: Item, completion: Completion, policy: ErrorPolicy = MISSING) -> Score:
    """The score of one attempt. Total: any completion has one."""
    early = early_score(completion, policy)
    if early is not None:
        return early
    try:
        return any_task(item.task).score(item, completion.text)
    except Exception as error:  # a defect of ours makes this attempt missing, not wrong, and stops no run
        return scorer_error(f"{type(error).__name__}: {error}", traceback.format_exc())


def scorer_error(what: str, trace: str) -> Score:
    """The score of an answer that our own code failed to judge: missing, not wrong."""
    return Score("scorer_error", feedback=f"scoring failed, please report it: {what}", trace=trace or None)


@cache
def scorer_fingerprint() -> str:
    """Changes whenever the code that scores does: a digest of the sources of ``checker``, ``tasks`` and this module."""
    digest = sha256(Path(__file__).read_bytes())
    for package in ("proofgrid.checker", "proofgrid.tasks"):
        for name, source in sorted(_sources(files(package), "")):
            digest.update(name.encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _sources(folder: Traversable, inside: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        name = f"{inside}{entry.name}"
        if entry.is_dir():
            found += _sources(entry, f"{name}/")
        elif entry.name.endswith((".py", ".lark")):
            found.append((name, entry))
    return found
