"""What every model adapter is: an asynchronous context that answers requests or says why it cannot.

An adapter makes exactly one try a call; retries, rate limits and budgets belong to the runner, so that they are the
same for all. Failures are data: :class:`~proofgrid.models.failures.RequestFailed`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    from proofgrid.models.completion import Completion
    from proofgrid.models.config import ModelConfig
    from proofgrid.tasks import Item


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


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """What a server is busy with now, and what it has done since its start."""

    running: int
    """Requests whose prompt is being read or whose answer is being written."""
    queued: int
    prompt_tokens: int
    completion_tokens: int


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
        """Raise ServerError if a server of ours has died; called after a failed request."""

    async def list_models(self) -> tuple[str, ...]:
        """The models that the server serves. Raises RequestFailed."""
        return (self.config.model,)

    async def describe(self) -> ServerInfo:
        """What the server says of itself; never raises."""
        return ServerInfo(self.config.base_url)

    async def load(self) -> ServerLoad | None:
        """What the server is busy with; None if it does not say. Never raises."""
        return None
