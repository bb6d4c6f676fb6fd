"""Batch interfaces (half the price, within a day): submit, find again after a crash, poll, collect.

A batch is found again by a token if the provider keeps metadata (OpenAI), else by what it holds among the batches
that came after our note of it (Anthropic). Clocks play no part: a provider's may be off. Rows of results are read one
by one; an odd one costs itself and no other.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proofgrid.models.base import Model, Request
from proofgrid.models.completion import Completion
from proofgrid.models.failures import RequestFailed, Usage, kind_of, message_of
from proofgrid.models.http import MOST_BYTES, HttpModel
from proofgrid.models.openai_compatible import OpenAICompatible
from proofgrid.models.reading import count, lines_of, mapping, name_of, read_json

CHUNK = 10_000
"""Requests a batch: far below both providers' bounds (50,000 and 100,000), so that files stay small."""
LOOK_BACK = 1000
"""Batches of a provider's list that are looked through for one of ours."""


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What a provider says of a batch. ``word`` is its own word; ``reason`` why it came to nothing, if it says."""

    over: bool
    word: str
    reason: str = ""


@dataclass
class BatchResults:
    """What came of a batch's requests, by key; those that the provider lost are not in it."""

    found: dict[str, Completion] = field(default_factory=dict)
    unread: int = 0
    """Rows that could not be read or belong to nobody."""

    def add(self, key: str, completion: Completion) -> None:
        """Keep one row. An answer stays, whatever other rows of the same key say."""
        old = self.found.get(key)
        if old is None or (old.error is not None and completion.error is None):
            self.found[key] = completion


class BatchInterface(ABC):
    """A provider's batches for one model. Every method raises RequestFailed."""

    def __init__(self, model: HttpModel) -> None:
        self.model = model

    async def submit(self, requests: Mapping[str, Request], token: str) -> str:
        """Submit requests by key; returns the batch's id at the provider."""
        try:
            return _id(await self._submit(requests, token))
        except Exception as error:
            raise self.model.failure(error) from None

    async def newest(self) -> str | None:
        """The id of the provider's newest batch; what we submit next comes after it. None if there is none."""
        async for row in self._listed():
            return name_of(row.get("id"))
        return None

    async def find(self, token: str, keys: Sequence[str], after: str | None, known: Sequence[str]) -> str | None:
        """The id of a batch that may have been submitted without our noting it; None if there is none.

        ``after`` is what :meth:`newest` said before; ``known`` are the ids of other batches.
        """
        seen = 0
        async for row in self._listed():
            remote = name_of(row.get("id"))
            if remote is None or (after is not None and remote == after):
                return None  # newest come first
            if remote not in known and await self._ours(row, remote, token, frozenset(keys)):
                return remote
            seen += 1
            if seen >= LOOK_BACK:
                return None
        return None

    async def results(self, remote: str) -> BatchResults:
        """What came of each request."""
        results = BatchResults()
        for path in await self._files(remote):
            try:
                await self._read_file(path, results)
            except RequestFailed as failure:
                if failure.kind != "not_found":
                    raise
        if results.unread and not results.found:
            raise RequestFailed("bad_response", f"{results.unread} rows of results, and none that can be read")
        return results

    async def _read_file(self, path: str, results: BatchResults) -> None:
        try:
            response = await self.model.send("GET", path)
            try:
                async for line in lines_of(response.aiter_bytes(), MOST_BYTES):
                    if not line.strip():
                        continue
                    row = read_json(line)
                    key = row.get("custom_id") if isinstance(row, Mapping) else None
                    if isinstance(row, Mapping) and isinstance(key, str) and key:
                        results.add(key, self._row(row))
                    else:
                        results.unread += 1
            finally:
                await response.aclose()
        except Exception as error:
            raise self.model.failure(error) from None

    def _read(self, body: Any, request_id: str | None = None) -> Completion:
        """An answer's body as a completion, or the failure that it is."""
        try:
            return self.model.read(body, request_id)
        except RequestFailed as failure:
            return failed_completion(failure)

    def _error(self, kind: str, error: Any) -> Completion:
        said = self.model.redact.prose(message_of(error) or (str(error) if error else "no reason given"))
        if kind_of(400, error) == "refused":
            return Completion(refusal=said, finish_reason="content_filter")
        if kind_of(400, error) == "context_length":
            return Completion(error=f"context_length: batch {kind}: {said}")
        return Completion(error=f"batch {kind}: {said}")

    @abstractmethod
    async def status(self, remote: str) -> BatchStatus:
        """Whether a batch is over, and how."""

    @abstractmethod
    async def _submit(self, requests: Mapping[str, Request], token: str) -> Any: ...

    @abstractmethod
    def _listed(self) -> AsyncIterator[Mapping[str, Any]]:
        """The provider's batches, newest first."""

    @abstractmethod
    async def _ours(self, row: Mapping[str, Any], remote: str, token: str, keys: frozenset[str]) -> bool: ...

    @abstractmethod
    async def _files(self, remote: str) -> list[str]:
        """Paths of the files that hold the results."""

    @abstractmethod
    def _row(self, row: Mapping[str, Any]) -> Completion: ...


def failed_completion(failure: RequestFailed, tries: int = 1) -> Completion:
    """What is recorded of a request that failed for good: a refusal is an outcome, all else a named api_error."""
    usage = failure.usage or Usage()
    refused = failure.kind == "refused"
    said = f"{failure.kind}: {failure}" + (f" ({tries} tries)" if tries > 1 else "")
    return Completion(
        refusal=str(failure) if refused else None,
        finish_reason="content_filter" if refused else None,
        error=None if refused else said,
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
    )


def _id(said: Any) -> str:
    remote = name_of(mapping(said).get("id"))
    if remote is None:
        raise RequestFailed("bad_response", "the server names no batch")
    return remote


async def _pages(model: HttpModel, path: str, cursor: str) -> AsyncIterator[Mapping[str, Any]]:
    """Rows of a paged list; ``cursor`` is the parameter that continues it. Raises RequestFailed."""
    more = ""
    while True:
        page = mapping(await model.fetch("GET", f"{path}?limit=100{more}"))
        rows = page.get("data")
        rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        for row in rows:
            yield row
        last = name_of(page.get("last_id")) or (name_of(rows[-1].get("id")) if rows else None)
        if page.get("has_more") is not True or last is None or not rows or more.endswith(f"={last}"):
            return
        more = f"&{cursor}={last}"


class OpenAIBatches(BatchInterface):
    """A file of JSON lines in, a file of JSON lines out."""

    async def _submit(self, requests: Mapping[str, Request], token: str) -> Any:
        lines = [
            {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": self.model.body(request)}
            for key, request in requests.items()
        ]
        content = "\n".join(json.dumps(line) for line in lines).encode()
        file = await self.model.client.files.create(file=(f"{token}.jsonl", content), purpose="batch")
        body = {
            "input_file_id": name_of(getattr(file, "id", None)),
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {"proofgrid": token},
        }
        return await self.model.fetch("POST", "/batches", body)

    def _listed(self) -> AsyncIterator[Mapping[str, Any]]:
        return _pages(self.model, "/batches", "after")

    async def _ours(self, row: Mapping[str, Any], remote: str, token: str, keys: frozenset[str]) -> bool:
        return mapping(row.get("metadata")).get("proofgrid") == token

    async def status(self, remote: str) -> BatchStatus:
        """Whether a batch is over, and how."""
        batch = mapping(await self.model.fetch("GET", f"/batches/{remote}"))
        word = batch.get("status")
        if not isinstance(word, str):
            raise RequestFailed("bad_response", "the server says nothing of the batch's state")
        said = self.model.redact.prose(message_of(mapping(batch.get("errors")).get("data") or batch.get("errors")))
        word = self.model.redact.exact(word[:100])
        return BatchStatus(word in ("completed", "failed", "expired", "cancelled", "canceled"), word, said)

    async def _files(self, remote: str) -> list[str]:
        batch = mapping(await self.model.fetch("GET", f"/batches/{remote}"))
        names = [name_of(batch.get(name)) for name in ("output_file_id", "error_file_id")]
        return [f"/files/{name}/content" for name in names if name]

    def _row(self, row: Mapping[str, Any]) -> Completion:
        response = mapping(row.get("response"))
        body = response.get("body")
        if row.get("error") or response.get("status_code") not in (200, None) or body is None:
            error = row.get("error") or mapping(body).get("error") or body or response
            return self._error("error", error)
        return self._read(body, name_of(response.get("request_id")))


class AnthropicBatches(BatchInterface):
    """Requests in one body in, a stream of JSON lines out."""

    path = "/v1/messages/batches"

    async def _submit(self, requests: Mapping[str, Request], token: str) -> Any:
        rows = [{"custom_id": key, "params": self.model.body(request)} for key, request in requests.items()]
        return await self.model.fetch("POST", self.path, {"requests": rows})

    def _listed(self) -> AsyncIterator[Mapping[str, Any]]:
        return _pages(self.model, self.path, "after_id")

    async def _ours(self, row: Mapping[str, Any], remote: str, token: str, keys: frozenset[str]) -> bool:
        names = ("processing", "succeeded", "errored", "canceled", "expired")
        counts = mapping(row.get("request_counts"))
        if sum(count(counts.get(name)) or 0 for name in names) != len(keys):
            return False
        if row.get("processing_status") != "ended":
            return True  # whether it is ours is seen when it is collected
        return any(key in keys for key in (await self.results(remote)).found)

    async def status(self, remote: str) -> BatchStatus:
        """Whether a batch is over, and how."""
        batch = mapping(await self.model.fetch("GET", f"{self.path}/{remote}"))
        word = batch.get("processing_status")
        if not isinstance(word, str):
            raise RequestFailed("bad_response", "the server says nothing of the batch's state")
        if word != "ended":
            return BatchStatus(False, self.model.redact.exact(word[:100]))
        return BatchStatus(True, "cancelled" if batch.get("cancel_initiated_at") else "ended")

    async def _files(self, remote: str) -> list[str]:
        return [f"{self.path}/{remote}/results"]

    def _row(self, row: Mapping[str, Any]) -> Completion:
        result = mapping(row.get("result"))
        kind = name_of(result.get("type")) or "without a result"
        if kind == "succeeded":
            return self._read(result.get("message"))
        return self._error(self.model.redact.exact(kind), result.get("error"))


def batch_interface(model: Model) -> BatchInterface:
    """The batch interface of an adapter. Raises RequestFailed if it has none."""
    if isinstance(model, OpenAICompatible):
        return OpenAIBatches(model)
    from proofgrid.models.anthropic_native import AnthropicNative  # its SDK is optional

    if isinstance(model, AnthropicNative):
        return AnthropicBatches(model)
    raise RequestFailed("bad_request", f"{model.config.spec} has no batch interface")
