"""What came back from a model for one request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer, or the error there was instead of one. Tokens are None if the server did not say.

    The run's database has a column for each field, in this order.
    """

    text: str = ""
    reasoning: str | None = None
    finish_reason: str | None = None
    """The server's word: ``stop``, ``length``, ``content_filter``, ...; ``None`` with an error."""
    refusal: str | None = None
    error: str | None = None
    """Why there is no answer, after all retries: a named api_error. Never holds a key."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = None
    """USD; None if unknown."""
    seconds: float | None = None
    served_model: str | None = None
    request_id: str | None = None
    served_version: str | None = None
    """The server's fingerprint of the system that answered (``system_fingerprint``)."""
    joules: float | None = None
    """Its share of what a meter measured while the model answered (proofgrid.run.energy); None: not measured."""
