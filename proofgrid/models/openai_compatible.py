"""Any server that speaks ``/chat/completions``: through the openai SDK, over aiohttp, one try a call.

The response is read from its JSON by hand rather than from the SDK's typed objects: servers differ in what they add
(``reasoning_content``, ``reasoning``) and leave out (``usage``), and a body that is not JSON must become a named
failure instead of an attribute error later.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from proofgrid.models.base import FailureKind, Model, Request, RequestFailed, ServerInfo
from proofgrid.models.completion import Completion
from proofgrid.models.secrets import Redactor

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from proofgrid.models.spec import ModelConfig

MOST_TOKENS = 10**12
"""A usage above this is no count (and would not fit into the store)."""


class OpenAICompatible(Model):
    """One model of one OpenAI-compatible server."""

    def __init__(self, config: ModelConfig, base_url: str | None = None) -> None:
        super().__init__(config)
        self.base_url = base_url or config.base_url
        self._redact = Redactor(config.key_env)
        self._client: AsyncOpenAI | None = None

    async def __aenter__(self) -> Self:
        import openai

        from proofgrid.models.http_types import Timeout, aiohttp_client

        seconds = self.config.timeout
        timeout = Timeout(seconds, connect=min(10.0, seconds))
        self._client = openai.AsyncOpenAI(
            api_key=self.config.api_key() or "none",
            base_url=self.base_url,
            max_retries=0,
            timeout=timeout,
            http_client=aiohttp_client(openai, timeout),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    @property
    def client(self) -> AsyncOpenAI:
        """The SDK's client, while the context is open."""
        if self._client is None:
            raise RuntimeError("the model is used outside its context")
        return self._client

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON of a request: what is sent now, or stands on a line of a batch."""
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        if self.config.system is not None:
            messages.insert(0, {"role": "system", "content": self.config.system})
        return {"model": self.config.model, "messages": messages, **self.config.params}

    async def complete(self, request: Request) -> Completion:
        """One try. Raises RequestFailed."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self.config.timeout):
                if self.config.stream:
                    completion = await self._streamed(self.body(request))
                else:
                    completion = await self._whole(self.body(request))
        except RequestFailed:
            raise
        except Exception as error:
            raise to_failure(error, self._redact, self.config.timeout) from None
        return replace(completion, seconds=time.monotonic() - start)

    async def _whole(self, body: Mapping[str, Any]) -> Completion:
        from proofgrid.models.http_types import Response

        response = await self.client.post("/chat/completions", cast_to=Response, body=body)
        try:
            data = json.loads(response.content)
        except ValueError:
            kind = response.headers.get("content-type", "no content type")
            raise RequestFailed(
                "bad_response", f"the server's answer is not JSON ({kind}, {len(response.content)} bytes)", retry=True
            ) from None
        return self.read(data, response.headers.get("x-request-id"))

    async def _streamed(self, body: Mapping[str, Any]) -> Completion:
        from openai import AsyncStream

        from proofgrid.models.http_types import Response

        raw: Any = await self.client.post(
            "/chat/completions",
            cast_to=Response,
            body={**body, "stream": True, "stream_options": {"include_usage": True}},
            stream=True,
            stream_cls=AsyncStream[Any],
        )
        response: Response = raw  # what cast_to asked for; the SDK types any stream as its own class
        parts: dict[str, list[str]] = {"content": [], "reasoning_content": [], "refusal": []}
        end: dict[str, Any] = {}
        try:
            async for event in _events(response.aiter_lines()):
                if event.get("error"):
                    raise self._inner_error(event["error"])
                end.update({name: event[name] for name in ("usage", "model", "id") if event.get(name)})
                for choice in event.get("choices") or ():
                    delta = choice.get("delta") or {}
                    parts["content"].append(_text_of(delta.get("content")))
                    thought = delta.get("reasoning_content") or delta.get("reasoning")
                    parts["reasoning_content"].append(_text_of(thought) if isinstance(thought, str | list) else "")
                    parts["refusal"].append(delta.get("refusal") or "")
                    end["finish_reason"] = choice.get("finish_reason") or end.get("finish_reason")
        except (TypeError, AttributeError):
            raise RequestFailed("bad_response", "the stream is no chat completion", retry=True) from None
        finally:
            await response.aclose()
        if end.get("finish_reason") is None:
            raise RequestFailed("connection", "the stream ended before the answer did", retry=True)
        message = {name: "".join(found) for name, found in parts.items()}
        whole = {**end, "choices": [{"message": message, "finish_reason": end["finish_reason"]}]}
        return self.read(whole, response.headers.get("x-request-id"))

    def read(self, data: Any, request_id: str | None) -> Completion:
        """A completion from the JSON of a response. Raises RequestFailed where it has no such shape."""
        if isinstance(data, Mapping) and data.get("error") and not data.get("choices"):
            # Some gateways answer 200 with an error inside.
            raise self._inner_error(data["error"])
        try:
            choice = data["choices"][0]
            message = choice["message"]
            text, refusal = message.get("content"), message.get("refusal")
            reasoning = message.get("reasoning_content") or message.get("reasoning")
            reasoning = reasoning if isinstance(reasoning, str | list) else None  # an odd one costs nobody the answer
            finish = choice.get("finish_reason")
        except (TypeError, KeyError, IndexError, AttributeError, ValueError):
            raise RequestFailed("bad_response", "the server's JSON is no chat completion", retry=True) from None
        usage = _mapping(data.get("usage"))  # odd counts are unknown ones: they cost nobody the answer
        prompt, completion = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
        cached = count(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens")) or 0
        details = _mapping(usage.get("completion_tokens_details"))
        return Completion(
            text=self._redact.exact(whole_characters(_text_of(text))),
            reasoning=self._redact.exact(whole_characters(_text_of(reasoning))) if reasoning else None,
            finish_reason=self._redact.exact(str(finish)) if finish is not None else None,
            refusal=self._redact.exact(str(refusal)) if refusal else None,
            prompt_tokens=prompt,
            completion_tokens=completion,
            reasoning_tokens=count(details.get("reasoning_tokens")),
            cost=self.config.cost(prompt, completion, cached),
            served_model=self._redact.exact(str(data["model"])) if data.get("model") else None,
            request_id=self._redact.exact(request_id or str(data.get("id") or "")) or None,
        )

    def _inner_error(self, error: Any) -> RequestFailed:
        message = error.get("message") if isinstance(error, Mapping) else None
        code = error.get("code") if isinstance(error, Mapping) else None
        said = self._redact.prose(str(message or error))
        if code in (429, "429", "rate_limit_exceeded"):
            return RequestFailed("rate_limited", said, retry=True)
        return RequestFailed("overloaded", f"the server answered with an error inside: {said}", retry=True)

    async def list_models(self) -> tuple[str, ...]:
        """Names from ``/models``. Raises RequestFailed."""
        try:
            page = await self.client.models.list()
            return tuple(self._redact.exact(str(row.id)) for row in page.data or ())
        except Exception as error:
            raise to_failure(error, self._redact, self.config.timeout) from None

    async def describe(self) -> ServerInfo:
        """Served names from ``/models``, the version from vLLM's ``/version``; never raises, waits 10 s at most."""
        from proofgrid.models.http_types import Response

        models: tuple[str, ...] | None = None
        version: str | None = None
        extra: dict[str, Any] = {}
        try:
            async with asyncio.timeout(10):
                listed = json.loads((await self.client.get("/models", cast_to=Response)).content)
                rows = [row for row in listed.get("data", ()) if isinstance(row, Mapping)]
                ours = [row for row in rows if row.get("id") == self.config.model]
                models = tuple(self._redact.exact(str(row.get("id"))) for row in (ours or rows[:5]))
                for row in ours:
                    extra |= {
                        name: self._redact.within(row[name])
                        for name in ("owned_by", "root", "max_model_len", "created")
                        if name in row
                    }
        except Exception:  # a server owes us no description
            models = None
        if self.config.local or self.config.provider == "server":
            try:
                async with asyncio.timeout(5):
                    root = str(self.base_url).removesuffix("/v1")
                    said = json.loads((await self.client.get(f"{root}/version", cast_to=Response)).content)
                    version = self._redact.exact(str(said["version"]))
            except Exception:
                version = None
        return ServerInfo(self.base_url, models, version, extra)


def count(value: Any) -> int | None:
    """A number of tokens as a server reports it; None where it is no count (negative, not a number, absurd)."""
    return int(value) if isinstance(value, int | float) and 0 <= value < MOST_TOKENS else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text_of(content: Any) -> str:
    """Content is a string, nothing, or (Mistral's reasoning models, some gateways) a list of parts."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    raise RequestFailed("bad_response", "the message's content is neither text nor a list of parts", retry=True)


def whole_characters(text: str) -> str:
    """``text`` with surrogate pairs joined (a stream may cut between them) and lone surrogates as ``?``, so that it
    can be stored, and sent back in a repair round."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return text.encode("utf-8", "replace").decode()
    return text


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Mapping[str, Any]]:
    async for line in lines:
        if not line.startswith("data:"):
            continue
        data = line[5:].strip()
        if data == "[DONE]":
            return
        try:
            event = json.loads(data)
        except ValueError:
            raise RequestFailed("bad_response", "a line of the stream is not JSON", retry=True) from None
        if not isinstance(event, Mapping):
            raise RequestFailed("bad_response", "a line of the stream is no JSON object", retry=True)
        yield event


_STATUS: dict[int, tuple[FailureKind, bool]] = {
    401: ("unauthorized", False),
    403: ("unauthorized", False),
    404: ("not_found", False),
    408: ("timeout", True),
    409: ("overloaded", True),
    425: ("overloaded", True),
    429: ("rate_limited", True),
}


def to_failure(error: Exception, redact: Redactor, timeout: float) -> RequestFailed:
    """What an exception of the openai or anthropic SDK (their names agree) or of the transport means."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        kind, retry = _STATUS.get(status, ("overloaded", True) if status >= 500 else ("bad_request", False))
        headers = getattr(getattr(error, "response", None), "headers", {})
        said = redact.prose(_said(error))
        wait = retry_after(headers)
        throttle = status in (429, 503, 529)
        return RequestFailed(kind, f"HTTP {status}: {said}", retry=retry, retry_after=wait, throttle=throttle)
    name = type(error).__name__
    if isinstance(error, TimeoutError) or "Timeout" in name:
        cause = type(error.__cause__).__name__
        if cause in ("ConnectTimeout", "ConnectError"):
            return RequestFailed("connection", "the server does not accept connections", retry=True)
        return RequestFailed("timeout", f"no answer within {timeout:g} s", retry=True)
    if name in ("APIConnectionError", "ReadError", "RemoteProtocolError", "ConnectError", "NetworkError") or isinstance(
        error, OSError
    ):
        cause_text = str(error.__cause__ or error)
        return RequestFailed("connection", redact.prose(f"connection failed: {cause_text}"), retry=True)
    return RequestFailed("bad_response", redact.prose(f"{name}: {error}"), retry=True)


def _said(error: Exception) -> str:
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        for said in (inner.get("message"), inner.get("detail")) if isinstance(inner, Mapping) else (inner,):
            if said:
                return str(said)
    try:
        text = str(error.response.text).strip()  # type: ignore[attr-defined]
    except Exception:  # no response, or its body was not read
        text = ""
    return text or str(error)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from ``retry-after-ms`` or ``Retry-After`` (seconds or a date, RFC 9110 10.2.3); None without one."""
    from email.utils import parsedate_to_datetime

    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) / unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except (ValueError, TypeError, OverflowError):
                continue
        if seconds == seconds and seconds != float("inf"):
            return max(0.0, seconds)
    return None
