"""Anthropic's own interface through its own SDK: thinking and batches, which the compatible endpoint loses."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import anthropic

from proofgrid.models.base import Model, Request, RequestFailed, ServerInfo
from proofgrid.models.completion import Completion
from proofgrid.models.http_types import Timeout, aiohttp_client
from proofgrid.models.openai_compatible import count, to_failure
from proofgrid.models.secrets import Redactor
from proofgrid.models.spec import ModelConfig

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}
"""Stop reasons in the words that OpenAI-compatible servers use; others (refusal, pause_turn) stay as they are."""


class AnthropicNative(Model):
    """One Anthropic model."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.base_url = config.base_url
        self._redact = Redactor(config.key_env)
        self._client: anthropic.AsyncAnthropic | None = None

    async def __aenter__(self) -> Self:
        seconds = self.config.timeout
        timeout = Timeout(seconds, connect=min(10.0, seconds))
        self._client = anthropic.AsyncAnthropic(
            api_key=self.config.api_key() or "none",
            base_url=self.base_url,
            max_retries=0,
            timeout=timeout,
            http_client=aiohttp_client(anthropic, timeout),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    @property
    def client(self) -> anthropic.AsyncAnthropic:
        """The SDK's client, while the context is open."""
        if self._client is None:
            raise RuntimeError("the model is used outside its context")
        return self._client

    def body(self, request: Request) -> dict[str, Any]:
        """The parameters of ``messages.create``, now or in a batch."""
        body: dict[str, Any] = {
            "model": self.config.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            **self.config.params,
        }
        if self.config.system is not None:
            body["system"] = self.config.system
        if "stop" in body:
            body["stop_sequences"] = body.pop("stop")
        return body

    async def complete(self, request: Request) -> Completion:
        """One try, streamed: a long answer keeps its connection. Raises RequestFailed."""
        start = time.monotonic()
        body = self.body(request)
        known = {name: body.pop(name) for name in ("model", "messages", "max_tokens") if name in body}
        try:
            async with asyncio.timeout(self.config.timeout):
                if self.config.stream:
                    async with self.client.messages.stream(**known, extra_body=body) as stream:
                        message = await stream.get_final_message()
                else:
                    message = await self.client.messages.create(**known, extra_body=body, timeout=self.config.timeout)
        except Exception as error:
            raise to_failure(error, self._redact, self.config.timeout) from None
        return replace(self.read(message.model_dump(warnings=False)), seconds=time.monotonic() - start)

    def read(self, message: Any) -> Completion:
        """A completion from the JSON of a message. Raises RequestFailed where it has no such shape."""
        try:
            blocks = message["content"]
            usage = message.get("usage") or {}
            text = "".join(block["text"] for block in blocks if block["type"] == "text")
            thinking = "\n".join(block.get("thinking") or "" for block in blocks if block["type"] == "thinking")
            reason = message.get("stop_reason")
            details = usage.get("output_tokens_details") or {}
        except (TypeError, KeyError, AttributeError):
            raise RequestFailed("bad_response", "the server's JSON is no message", retry=True) from None
        cached = count(usage.get("cache_read_input_tokens")) or 0
        written = count(usage.get("cache_creation_input_tokens")) or 0
        fresh, completion = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
        prompt = fresh + cached + written if fresh is not None else None
        return Completion(
            text=self._redact.exact(text),
            reasoning=self._redact.exact(thinking) or None,
            finish_reason=self._redact.within(FINISH.get(reason, reason)),
            refusal="the model declined" if reason == "refusal" else None,
            prompt_tokens=prompt,
            completion_tokens=completion,
            reasoning_tokens=count(details.get("thinking_tokens") or details.get("reasoning_tokens")),
            cost=self.config.cost(prompt, completion, cached),
            served_model=self._redact.within(message.get("model")),
            request_id=self._redact.within(message.get("id")),
        )

    async def list_models(self) -> tuple[str, ...]:
        """Names from ``/models``. Raises RequestFailed."""
        try:
            return tuple([self._redact.exact(str(model.id)) async for model in self.client.models.list(limit=1000)])
        except Exception as error:
            raise to_failure(error, self._redact, self.config.timeout) from None

    async def describe(self) -> ServerInfo:
        """The model as the server describes it; never raises, waits 10 s at most."""
        try:
            async with asyncio.timeout(10):
                found = await self.client.models.retrieve(self.config.model)
        except Exception:  # a server owes us no description
            return ServerInfo(self.base_url)
        extra = self._redact.within({"display_name": found.display_name, "created": str(found.created_at)})
        return ServerInfo(self.base_url, (self._redact.exact(str(found.id)),), None, extra)
