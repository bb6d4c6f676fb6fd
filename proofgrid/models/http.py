"""What the adapters of HTTP interfaces share: the client, one bounded try, and what its failure means.

The SDKs bring connections and authorisation. Responses are read by hand: servers differ in what they add and leave
out, and no value that a server can send may become an exception of its own.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, cast

from proofgrid.models.base import Model, Request
from proofgrid.models.completion import Completion
from proofgrid.models.config import ModelConfig
from proofgrid.models.failures import RequestFailed, Usage, failure_of, message_of
from proofgrid.models.http_types import AsyncByteStream, Response
from proofgrid.models.reading import events_of, is_json, is_stream, lines_of, read_json
from proofgrid.models.secrets import Redactor

MOST_BYTES = 64 * 2**20
"""Of one answer, unpacked. The longest answers of today's models are some megabytes."""
MOST_FILE = 8 * 2**30
"""Of a batch's results, which are read line by line; a line is bounded like an answer."""
LONGEST_FIELD = len("\ufeffevent:".encode())
"""Bytes that tell a stream of events from JSON."""
OURS = frozenset(
    (
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "user-agent",
        "content-type",
        "content-length",
        "transfer-encoding",
        "authorization",
        "x-api-key",
        "anthropic-version",
        "anthropic-beta",
    )
)
"""Headers that may go to any server; what the SDKs read from the environment besides goes to its provider alone."""


class HttpModel(Model):
    """One model behind HTTP. ``base_url`` is where requests go."""

    path: str
    """Where answers are asked for, below the base URL."""
    streaming: Mapping[str, Any] = {}
    """What a request that asks for a stream carries besides."""

    def __init__(self, config: ModelConfig, base_url: str | None = None) -> None:
        super().__init__(config)
        self.base_url = base_url or config.base_url
        self.redact = Redactor(config.key_env)
        self._client: Any = None

    @abstractmethod
    def _open(self, key: str) -> Any:
        """The SDK's client, with :meth:`guard` over its HTTP client."""

    @abstractmethod
    def body(self, request: Request) -> dict[str, Any]:
        """The JSON of a request: what is sent now, or stands in a batch."""

    @abstractmethod
    def read(self, data: Any, request_id: str | None = None) -> Completion:
        """A completion from the JSON of a response. Raises RequestFailed if it has no such shape."""

    @abstractmethod
    async def collect(self, events: AsyncIterator[tuple[str, str]], request_id: str | None) -> Completion:
        """A completion from the events of a stream. Raises RequestFailed."""

    async def __aenter__(self) -> Self:
        self._client = self._open(self.config.api_key() or "none")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    @property
    def client(self) -> Any:
        """The SDK's client, while the context is open."""
        if self._client is None:
            raise RuntimeError("the model is used outside its context")
        return self._client

    def sampled(self, request: Request) -> dict[str, Any]:
        """The parameters of a request: with a seed, each sample has one of its own (the seed plus its number)."""
        params = dict(self.config.params)
        for name in ("seed", "random_seed"):
            if isinstance(params.get(name), int):
                params[name] += request.attempt
        return params

    async def complete(self, request: Request) -> Completion:
        """One try. Raises RequestFailed."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self.config.timeout):
                completion = await self._once(self.body(request))
        except Exception as error:
            raise self.failure(error) from None
        return replace(completion, seconds=time.monotonic() - start)

    async def _once(self, body: dict[str, Any]) -> Completion:
        if self.config.stream:
            body |= {"stream": True, **self.streaming}
        response = await self.send("POST", self.path, body)
        try:
            request_id = response.headers.get("x-request-id") or response.headers.get("request-id")
            kind = response.headers.get("content-type", "no content type")
            chunks = response.aiter_bytes()
            head = await _head(chunks)
            # Gateways stream unasked, answer whole though asked to stream, and call either what they like.
            asked = self.config.stream and "json" not in kind and not is_json(head)
            if asked or is_stream(head):
                lines = lines_of(_joined(head, chunks), MOST_BYTES)
                return await self.collect(events_of(lines), request_id)
            content = b"".join([chunk async for chunk in _joined(head, chunks)])
            data = read_json(content)
            if data is None:
                raise RequestFailed(
                    "bad_response",
                    self.redact.prose(f"the server's answer is not JSON ({kind}, {len(content)} bytes)"),
                    billed=True,
                )
            return self.read(data, request_id)
        finally:
            await response.aclose()

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> Response:
        """Send a request; the response's body is not read yet. Raises what the SDK raises."""
        call = self.client.get if method == "GET" else self.client.post
        if method != "GET":
            more["body"] = body
        # Streams are asked for so that no more is read than `whole` allows.
        return cast("Response", await call(path, cast_to=Response, stream=True, stream_cls=_Stream, **more))

    async def fetch(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The JSON of a response. Raises RequestFailed."""
        try:
            response = await self.send(method, path, body, **more)
            try:
                data = read_json(await whole(response))
            finally:
                await response.aclose()
        except Exception as error:
            raise self.failure(error) from None
        if data is None:
            raise RequestFailed("bad_response", f"the server's answer to {path} is not JSON")
        return data

    def failure(self, error: Exception) -> RequestFailed:
        """What an exception of one try means."""
        if isinstance(error, RequestFailed):
            return error
        return to_failure(error, self.redact, self.config.timeout)

    def inner_error(self, error: Any, usage: Usage | None = None, begun: bool = False) -> RequestFailed:
        """The failure that an error inside a 200 or a stream means."""
        said = self.redact.prose(message_of(error) or str(error))
        return failure_of(None, error, said, usage=usage, begun=begun)

    def completion(self, usage: Usage, **fields: Any) -> Completion:
        """A completion with its usage and cost, and with every text cleaned of secrets."""
        cleaned: dict[str, Any] = {
            name: self.redact.exact(value) if isinstance(value, str) else value for name, value in fields.items()
        }
        return Completion(
            **cleaned,
            prompt_tokens=usage.prompt,
            completion_tokens=usage.completion,
            reasoning_tokens=usage.reasoning,
            cost=self.config.cost(usage.prompt, usage.completion, usage.cached, usage.written),
        )

    def guard(self, client: Any) -> Any:
        """An HTTP client that unpacks with a bound, follows no redirect, and sends foreign servers our headers only.

        A redirect would carry the prompt, and with some interfaces the key, to a server nobody named.
        """
        client.event_hooks = {"request": [self._clean_request], "response": [_bound_response]}
        client.follow_redirects = False
        return client

    async def _clean_request(self, request: Any) -> None:
        request.headers["accept-encoding"] = "gzip, deflate"
        if self.config.own_server:
            return
        for name in [name for name in request.headers if name.lower() not in OURS]:
            del request.headers[name]
        for name, value in self.key_headers(self.config.api_key() or "none").items():
            request.headers[name] = value

    def key_headers(self, key: str) -> dict[str, str]:
        """The headers that carry a key."""
        return {"authorization": f"Bearer {key}"}


class _Stream:
    """The SDKs ask for a class of streams beside the raw response; it is never made."""


class _Unpacked(AsyncByteStream):
    """A response's bytes, unpacked here so that a small packed body cannot become gigabytes in memory."""

    def __init__(self, source: Any, packing: str, most: int) -> None:
        self._source = source
        self._packing = packing
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        got = 0
        unpack = zlib.decompressobj(47 if self._packing == "gzip" else 15) if self._packing else None
        async for chunk in self._source:
            if unpack is not None:
                chunk = unpack.decompress(chunk, self._most - got + 1)
            got += len(chunk)
            if got > self._most:
                raise RequestFailed("bad_response", f"an answer of more than {self._most:,} bytes", billed=True)
            yield chunk

    async def aclose(self) -> None:
        await self._source.aclose()


async def _bound_response(response: Any) -> None:
    packing = response.headers.get("content-encoding", "").strip().lower()
    packing = "" if packing == "identity" else packing
    if packing in ("", "gzip", "deflate"):
        response.headers.pop("content-encoding", None)
        many = response.request.url.path.endswith(("/content", "/results"))
        response.stream = _Unpacked(response.stream, packing, MOST_FILE if many else MOST_BYTES)


async def whole(response: Response) -> bytes:
    """A response's body. Raises RequestFailed if it is longer than an answer can be."""
    return b"".join([chunk async for chunk in response.aiter_bytes()])


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    """A body's first bytes, up to the first that tell what it is; servers send blank ones to keep a connection."""
    head = bytearray()
    told = 0
    async for chunk in chunks:
        head += chunk
        told += len(chunk.strip())
        if told >= LONGEST_FIELD:
            break
    return bytes(head)


async def _joined(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk


_NAMES_OF_LOST = ("APIConnectionError", "ReadError", "RemoteProtocolError", "ConnectError", "NetworkError")


def to_failure(error: Exception, redact: Redactor, timeout: float) -> RequestFailed:
    """What an exception of the openai or anthropic SDK (their names agree) or of the transport means."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        response = getattr(error, "response", None)
        headers = getattr(response, "headers", {})
        body = getattr(error, "body", None)
        text = "" if isinstance(body, Mapping | list) else _text(response)
        body = body if isinstance(body, Mapping | list) else read_json(text) or text
        said = redact.prose(message_of(body) or text or str(error))
        if 300 <= status < 400:
            to = redact.prose(str(headers.get("location", "another address")))
            return RequestFailed("not_found", f"HTTP {status}: the server sends us to {to}; write that as base URL")
        return failure_of(status, body, said, headers=headers)
    name = type(error).__name__
    if isinstance(error, TimeoutError) or "Timeout" in name:
        if type(error.__cause__).__name__ in ("ConnectTimeout", "ConnectError"):
            return RequestFailed("connection", "the server does not accept connections")
        return RequestFailed("timeout", f"no answer within {timeout:g} s", billed=True)
    if name in _NAMES_OF_LOST or isinstance(error, OSError):
        began = type(error.__cause__ or error).__name__ in ("ReadError", "RemoteProtocolError")
        said = redact.prose(f"connection failed: {error.__cause__ or error}")
        return RequestFailed("connection", said, billed=began)
    return RequestFailed("bad_response", redact.prose(f"{name}: {error}"), billed=True)


def _text(response: Any) -> str:
    try:
        return str(response.text).strip()
    except Exception:  # no response, or its body was not read
        return ""
