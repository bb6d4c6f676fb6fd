"""Any server that speaks ``/chat/completions``: through the openai SDK, over aiohttp, one try a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from proofgrid.models.base import Request, ServerInfo, ServerLoad
from proofgrid.models.completion import Completion
from proofgrid.models.constrain import constraint, kept, tool_input
from proofgrid.models.failures import RequestFailed, Usage
from proofgrid.models.http import HttpModel, whole
from proofgrid.models.metrics import load_of
from proofgrid.models.reading import (
    finish_word,
    mapping,
    name_of,
    openai_usage,
    read_json,
    refuse_broken_off,
    text_of,
    thought_of,
    told_error,
    until_over,
    whole_characters,
)


class OpenAICompatible(HttpModel):
    """One model of one OpenAI-compatible server."""

    path = "/chat/completions"
    streaming: Mapping[str, Any] = {"stream_options": {"include_usage": True}}

    def _open(self, key: str) -> Any:
        import openai

        from proofgrid.models.http_types import Timeout, aiohttp_client

        seconds = self.config.timeout
        timeout = Timeout(seconds, connect=min(10.0, seconds))
        http_client = self.guard(aiohttp_client(openai, timeout))
        return openai.AsyncOpenAI(
            api_key=key, base_url=self.base_url, max_retries=0, timeout=timeout, http_client=http_client
        )

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON of a request: what is sent now, or stands on a line of a batch."""
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        if self.config.system is not None:
            messages.insert(0, {"role": "system", "content": self.config.system})
        body = {"model": self.config.model, "messages": messages, **self.sampled(request)}
        if self.config.constrain is not None and request.problem is not None:
            body |= constraint(self.config.constrain, request.problem)
        return body

    async def complete(self, request: Request) -> Completion:
        """One try. Raises RequestFailed, also where a constrained answer was not constrained."""
        completion = await super().complete(request)
        if self.config.constrain is None or request.problem is None:
            return completion
        return kept(completion, self.config.constrain, request.problem)

    async def collect(self, events: AsyncIterator[tuple[str, str]], request_id: str | None) -> Completion:
        """A completion from a stream of chunks. One that ends in ``[DONE]`` keeps its answer; one that ends without it
        and without a finish reason was cut. Raises RequestFailed."""
        content: list[str] = []
        thought: list[str] = []
        refusal: list[str] = []
        end: dict[str, Any] = {}
        done = False
        async for name, data in until_over(events, lambda: end.get("finish_reason") is not None):
            if data.strip() == "[DONE]":
                done = True
                break
            event = read_json(data)
            if not isinstance(event, Mapping):
                raise RequestFailed("bad_response", "an event of the stream is no JSON object", billed=True)
            if event.get("error") or name == "error":
                if end.get("finish_reason") is not None:
                    break  # the answer is whole; what failed came after it
                raise self.inner_error(event.get("error") or event, _usage_if_told(end), begun=True)
            known = ("usage", "model", "id", "system_fingerprint")
            end.update({name: event[name] for name in known if event.get(name)})
            choices = event.get("choices")
            for choice in choices if isinstance(choices, list) else ():
                delta = mapping(mapping(choice).get("delta"))
                content.append(text_of(delta.get("content")))
                thought.append(thought_of(delta))
                refusal.append(delta["refusal"] if isinstance(delta.get("refusal"), str) else "")
                end["finish_reason"] = mapping(choice).get("finish_reason") or end.get("finish_reason")
        if end.get("finish_reason") is None and not done:
            raise RequestFailed(
                "connection", "the stream ended before the answer did", billed=True, usage=_usage_if_told(end)
            )
        message = {
            "content": "".join(content),
            "reasoning_content": "".join(thought),
            "refusal": "".join(refusal) or None,
        }
        said = {**end, "choices": [{"message": message, "finish_reason": end.get("finish_reason")}]}
        return self.read(said, request_id)

    def read(self, data: Any, request_id: str | None = None) -> Completion:
        """A completion from the JSON of a response. Raises RequestFailed if it has no such shape."""
        if not isinstance(data, Mapping):
            raise RequestFailed("bad_response", "the server's JSON is no chat completion", billed=True)
        usage = openai_usage(data.get("usage"))
        choices = data.get("choices")
        if not choices and (error := told_error(data)) is not None:
            raise self.inner_error(error, _usage_if_told(data))  # some gateways answer 200 with an error inside
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
            raise RequestFailed("bad_response", "the server's JSON is no chat completion", billed=True)
        choice: Mapping[str, Any] = choices[0]
        if choice.get("error"):  # OpenRouter: the provider behind it failed midway
            raise self.inner_error(choice["error"], usage, begun=True)
        message = choice.get("message")
        if not isinstance(message, Mapping):
            raise RequestFailed("bad_response", "the server's JSON is no chat completion", billed=True)
        finish = finish_word(choice.get("finish_reason"))
        refuse_broken_off(finish, usage)
        refusal = message.get("refusal")
        return self.completion(
            usage,
            text=whole_characters(tool_input(message) or text_of(message.get("content"))),
            reasoning=whole_characters(thought_of(message)) or None,
            finish_reason=finish,
            refusal=whole_characters(refusal) if isinstance(refusal, str) and refusal else None,
            served_model=name_of(data.get("model")),
            request_id=name_of(request_id) or name_of(data.get("id")),
            served_version=name_of(data.get("system_fingerprint")),
        )

    async def list_models(self) -> tuple[str, ...]:
        """Names from ``/models``. Raises RequestFailed."""
        listed = await self.fetch("GET", "/models")
        rows = listed if isinstance(listed, list) else mapping(listed).get("data")
        names = [name_of(mapping(row).get("id")) for row in rows] if isinstance(rows, list) else []
        return tuple(self.redact.exact(name) for name in names if name)

    async def describe(self) -> ServerInfo:
        """Served names from ``/models``, the version from vLLM's ``/version``; never raises, waits 10 s at most."""
        models: tuple[str, ...] | None = None
        version: str | None = None
        extra: dict[str, Any] = {}
        try:
            async with asyncio.timeout(10):
                listed = mapping(await self.fetch("GET", "/models")).get("data")
            rows = [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []
            ours = [row for row in rows if row.get("id") == self.config.model]
            models = tuple(self.redact.exact(name_of(row.get("id")) or "?") for row in (ours or rows[:5]))
            for row in ours:
                said = {name: name_of(row.get(name)) for name in ("owned_by", "root", "max_model_len", "created")}
                extra |= {name: self.redact.exact(value) for name, value in said.items() if value is not None}
        except (RequestFailed, TimeoutError):  # a server owes us no description
            models = None
        if self.config.local or self.config.provider == "server":
            try:
                async with asyncio.timeout(5):
                    said_version = name_of(mapping(await self.fetch("GET", f"{self._root}/version")).get("version"))
                    version = self.redact.exact(said_version) if said_version else None
            except (RequestFailed, TimeoutError):
                version = None
        return ServerInfo(self.base_url, models, version, extra)

    async def load(self) -> ServerLoad | None:
        """Of vLLM, what its metrics say; never raises, waits 5 s at most."""
        if self.config.api != "vllm":
            return None
        try:
            async with asyncio.timeout(5):
                response = await self.send("GET", f"{self._root}/metrics")
                try:
                    return load_of((await whole(response)).decode("utf-8", "replace"))
                finally:
                    await response.aclose()
        except Exception:  # a server owes us no metrics
            return None

    @property
    def _root(self) -> str:
        return str(self.base_url).removesuffix("/v1")


def _usage_if_told(data: Mapping[str, Any]) -> Usage | None:
    usage = openai_usage(data.get("usage"))
    return usage if usage.prompt is not None or usage.completion is not None else None
