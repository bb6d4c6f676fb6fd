"""Anthropic's own interface through its own SDK: thinking and batches, which the compatible endpoint loses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import anthropic

from proofgrid.models.base import Request, ServerInfo
from proofgrid.models.completion import Completion
from proofgrid.models.failures import RequestFailed, Usage
from proofgrid.models.http import HttpModel
from proofgrid.models.http_types import Timeout, aiohttp_client
from proofgrid.models.reading import (
    anthropic_usage,
    finish_word,
    mapping,
    name_of,
    read_json,
    refuse_broken_off,
    until_over,
    whole_characters,
)

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}
"""Stop reasons in the words that OpenAI-compatible servers use; others (refusal, pause_turn) stay as they are."""


class AnthropicNative(HttpModel):
    """One Anthropic model."""

    path = "/v1/messages"

    def _open(self, key: str) -> Any:
        seconds = self.config.timeout
        timeout = Timeout(seconds, connect=min(10.0, seconds))
        http_client = self.guard(aiohttp_client(anthropic, timeout))
        return anthropic.AsyncAnthropic(
            api_key=key, base_url=self.base_url, max_retries=0, timeout=timeout, http_client=http_client
        )

    def key_headers(self, key: str) -> dict[str, str]:
        """Anthropic's own header; servers that imitate it also take a bearer token."""
        return {"x-api-key": key, "authorization": f"Bearer {key}"}

    def body(self, request: Request) -> dict[str, Any]:
        """The parameters of a message, now or in a batch."""
        body: dict[str, Any] = {
            "model": self.config.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            **self.sampled(request),
        }
        if self.config.system is not None:
            body["system"] = self.config.system
        if "stop" in body:
            body["stop_sequences"] = body.pop("stop")
        return body

    async def collect(self, events: AsyncIterator[tuple[str, str]], request_id: str | None) -> Completion:
        """A completion from a stream of events. Raises RequestFailed."""
        message: dict[str, Any] = {}  # extended in place: until_over looks at it
        blocks: dict[Any, dict[str, Any]] = {}
        usage: dict[str, Any] = {}
        ended = False
        async for _, data in until_over(events, lambda: message.get("stop_reason") is not None):
            event = read_json(data)
            if not isinstance(event, Mapping):
                raise RequestFailed("bad_response", "an event of the stream is no JSON object", billed=True)
            kind = event.get("type")
            if kind == "error" or event.get("error"):
                if message.get("stop_reason") is not None:
                    break  # the answer is whole; what failed came after it
                raise self.inner_error(event.get("error") or event, _usage_if_told(usage), begun=True)
            if kind == "message_start":
                message.update(mapping(event.get("message")))
                usage |= mapping(message.get("usage"))
            elif kind == "content_block_start":
                blocks[str(event.get("index"))] = dict(mapping(event.get("content_block")))
            elif kind == "content_block_delta":
                _extend(blocks.setdefault(str(event.get("index")), {}), mapping(event.get("delta")))
            elif kind == "message_delta":
                message.update(mapping(event.get("delta")))
                usage |= {name: value for name, value in mapping(event.get("usage")).items() if value is not None}
            elif kind == "message_stop":
                ended = True
                break
        if not ended and message.get("stop_reason") is None:
            raise RequestFailed(
                "connection", "the stream ended before the answer did", billed=True, usage=_usage_if_told(usage)
            )
        return self.read({**message, "content": list(blocks.values()), "usage": usage}, request_id)

    def read(self, data: Any, request_id: str | None = None) -> Completion:
        """A completion from the JSON of a message. Raises RequestFailed if it has no such shape."""
        if not isinstance(data, Mapping):
            raise RequestFailed("bad_response", "the server's JSON is no message", billed=True)
        usage = anthropic_usage(data.get("usage"))
        if data.get("error") or data.get("type") == "error":
            raise self.inner_error(data.get("error") or data, _usage_if_told(mapping(data.get("usage"))))
        blocks = data.get("content")
        if isinstance(blocks, str):
            blocks = [{"type": "text", "text": blocks}]
        if not isinstance(blocks, list) or not all(isinstance(block, Mapping) for block in blocks):
            raise RequestFailed("bad_response", "the server's JSON is no message", billed=True)
        reason = finish_word(data.get("stop_reason"))
        refuse_broken_off(reason, usage)
        text = "".join(_string(block.get("text")) for block in blocks if block.get("type") == "text")
        thoughts = [_string(block.get("thinking")) for block in blocks if block.get("type") == "thinking"]
        return self.completion(
            usage,
            text=whole_characters(text),
            reasoning=whole_characters("\n".join(filter(None, thoughts))) or None,
            finish_reason=None if reason is None else FINISH.get(reason, reason),
            refusal="the model declined" if reason == "refusal" else None,
            served_model=name_of(data.get("model")),
            request_id=name_of(request_id) or name_of(data.get("id")),
        )

    async def list_models(self) -> tuple[str, ...]:
        """Names from ``/v1/models``. Raises RequestFailed."""
        rows = mapping(await self.fetch("GET", "/v1/models?limit=1000")).get("data")
        names = [name_of(mapping(row).get("id")) for row in rows] if isinstance(rows, list) else []
        return tuple(self.redact.exact(name) for name in names if name)

    async def describe(self) -> ServerInfo:
        """The model as the server describes it; never raises, waits 10 s at most."""
        try:
            async with asyncio.timeout(10):
                found = mapping(await self.fetch("GET", f"/v1/models/{self.config.model}"))
        except (RequestFailed, TimeoutError):  # a server owes us no description
            return ServerInfo(self.base_url)
        said = {"display_name": name_of(found.get("display_name")), "created": name_of(found.get("created_at"))}
        extra = {name: self.redact.exact(value) for name, value in said.items() if value is not None}
        name = name_of(found.get("id"))
        return ServerInfo(self.base_url, (self.redact.exact(name),) if name else None, None, extra)


def _extend(block: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for name in ("text", "thinking"):
        if isinstance(delta.get(name), str):
            block[name] = _string(block.get(name)) + delta[name]
            block.setdefault("type", name)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _usage_if_told(said: Mapping[str, Any]) -> Usage | None:
    usage = anthropic_usage(said)
    return usage if usage.prompt is not None or usage.completion is not None else None
