"""What every model adapter is: an asynchronous context that answers requests or says why it cannot.

An adapter makes exactly one try a call; retries, rate limits and budgets belong to the runner, so that they are the
same for all. Failures are data: :class:`RequestFailed` says of what kind, whether trying again can help, and when.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from proofgrid.errors import ProofGridError

if TYPE_CHECKING:
    from proofgrid.models.completion import Completion
    from proofgrid.models.spec import ModelConfig
    from proofgrid.tasks import Item

FailureKind = Literal[
    "rate_limited",  # 429
    "overloaded",  # 500 to 599, among them Anthropic's 529
    "timeout",
    "connection",  # refused, reset, cut mid-body
    "bad_response",  # not JSON, or JSON of another shape
    "bad_request",  # 400, 413, 422: this request, not the server
    "unauthorized",  # 401, 403
    "not_found",  # 404: no such model or path
]
FATAL: tuple[FailureKind, ...] = ("unauthorized", "not_found")
"""Failures that every further request of the model would meet as well."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question. ``problem`` is for builtin models, which read what is shown instead of the prompt."""

    messages: tuple[Message, ...]
    problem: Item | None = None
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server says of itself: the model names it serves, its version, all as reported (None: it does not say)."""

    base_url: str | None = None
    models: tuple[str, ...] | None = None
    version: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class RequestFailed(ProofGridError):
    """One try came to nothing. ``retry_after`` is in seconds, as the server asked; the message holds no secret."""

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        retry: bool,
        retry_after: float | None = None,
        throttle: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.throttle = kind == "rate_limited" if throttle is None else throttle
        """Whether the server asks for fewer requests."""
        self.kind = kind
        self.retry = retry
        self.retry_after = retry_after


class Model(ABC):
    """A model that can be asked. Use as ``async with model:``; a vLLM server lives as long as the context does."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @abstractmethod
    async def complete(self, request: Request) -> Completion:
        """One try at an answer. Raises RequestFailed."""

    def check_alive(self) -> None:  # noqa: B027 - most models have no server of their own
        """Raise ServerError where a server of ours has died; called after a failed request."""

    async def list_models(self) -> tuple[str, ...]:
        """The models that the server serves. Raises RequestFailed."""
        return (self.config.model,)

    async def describe(self) -> ServerInfo:
        """What the server says of itself; never raises."""
        return ServerInfo(self.config.base_url)
