"""Batch interfaces (half the price, within a day): submit, find again after a crash, poll, collect.

A batch is found again by a token where the provider keeps metadata (OpenAI), else by what it holds (Anthropic): so a
process that dies between the provider's yes and our note of it neither loses the batch nor pays for a second one.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from proofgrid.models.base import Request, RequestFailed
from proofgrid.models.completion import Completion
from proofgrid.models.openai_compatible import OpenAICompatible, to_failure
from proofgrid.models.secrets import Redactor

if TYPE_CHECKING:
    from proofgrid.models.anthropic_native import AnthropicNative
    from proofgrid.models.base import Model

CHUNK = 10_000
"""Requests a batch: far below both providers' bounds (50,000 and 100,000), so that files stay small."""
CLOCK_SKEW = timedelta(minutes=5)


class BatchInterface(ABC):
    """A provider's batches for one model. Every method raises RequestFailed."""

    def __init__(self, model: Model) -> None:
        self._redact = Redactor(model.config.key_env)
        self._timeout = model.config.timeout

    async def submit(self, requests: Mapping[str, Request], token: str) -> str:
        """Submit requests by key; returns the batch's id at the provider."""
        try:
            return await self._submit(requests, token)
        except Exception as error:
            raise self._failure(error) from None

    async def find(self, token: str, keys: Sequence[str], submitted: str, known: Sequence[str]) -> str | None:
        """The id of a batch that may have been submitted without our noting it; None where there is none.

        ``submitted`` is when we began (ISO 8601), ``known`` are the ids of other batches.
        """
        try:
            return await self._find(token, frozenset(keys), datetime.fromisoformat(submitted), frozenset(known))
        except Exception as error:
            raise self._failure(error) from None

    async def ended(self, remote: str) -> bool:
        """Whether the batch is over, well or not."""
        try:
            return await self._ended(remote)
        except Exception as error:
            raise self._failure(error) from None

    async def results(self, remote: str) -> list[tuple[str, Completion]]:
        """What came of each request, by key; those that the provider lost are not in it."""
        try:
            return [pair async for pair in self._results(remote)]
        except Exception as error:
            raise self._failure(error) from None

    def _failure(self, error: Exception) -> RequestFailed:
        return error if isinstance(error, RequestFailed) else to_failure(error, self._redact, self._timeout)

    def _error(self, kind: str, error: Any) -> Completion:
        said = error.get("message") or error.get("error") or error if isinstance(error, Mapping) else error
        if isinstance(said, Mapping):
            said = said.get("message", said)
        return Completion(error=self._redact.prose(f"batch {kind}: {said or 'no reason given'}"))

    @abstractmethod
    async def _submit(self, requests: Mapping[str, Request], token: str) -> str: ...

    @abstractmethod
    async def _find(
        self, token: str, keys: frozenset[str], submitted: datetime, known: frozenset[str]
    ) -> str | None: ...

    @abstractmethod
    async def _ended(self, remote: str) -> bool: ...

    @abstractmethod
    def _results(self, remote: str) -> AsyncIterator[tuple[str, Completion]]: ...


class OpenAIBatches(BatchInterface):
    """A file of JSON lines in, a file of JSON lines out."""

    def __init__(self, model: OpenAICompatible) -> None:
        super().__init__(model)
        self._model = model

    async def _submit(self, requests: Mapping[str, Request], token: str) -> str:
        lines = [
            {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": self._model.body(request)}
            for key, request in requests.items()
        ]
        content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
        file = await self._model.client.files.create(file=(f"{token}.jsonl", content), purpose="batch")
        batch = await self._model.client.batches.create(
            input_file_id=file.id,
            endpoint="/v1/chat/completions",
            completion_window="24h",
            metadata={"proofgrid": token},
        )
        return batch.id

    async def _find(self, token: str, keys: frozenset[str], submitted: datetime, known: frozenset[str]) -> str | None:
        seen = 0
        async for batch in self._model.client.batches.list(limit=100):
            if (batch.metadata or {}).get("proofgrid") == token:
                return batch.id
            seen += 1
            if seen >= 1000:
                break
        return None

    async def _ended(self, remote: str) -> bool:
        batch = await self._model.client.batches.retrieve(remote)
        return batch.status in ("completed", "failed", "expired", "cancelled")

    async def _results(self, remote: str) -> AsyncIterator[tuple[str, Completion]]:
        batch = await self._model.client.batches.retrieve(remote)
        if batch.status == "failed" and batch.errors and batch.errors.data:
            raise RequestFailed(
                "bad_request", self._redact.prose(f"batch: {batch.errors.data[0].message}"), retry=False
            )
        for file in (batch.output_file_id, batch.error_file_id):
            if file is None:
                continue
            content = await self._model.client.files.content(file)
            for line in content.text.splitlines():
                if line.strip():
                    row = json.loads(line)
                    yield str(row["custom_id"]), self._completion(row)

    def _completion(self, row: Mapping[str, Any]) -> Completion:
        response = row.get("response")
        if row.get("error") or not response or response.get("status_code") != 200:
            body = (response or {}).get("body") or {}
            return self._error("error", row.get("error") or body.get("error") or body)
        try:
            return self._model.read(response["body"], response.get("request_id"))
        except RequestFailed as failure:
            return Completion(error=f"{failure.kind}: {failure}")


class AnthropicBatches(BatchInterface):
    """Requests in one body in, a stream of JSON lines out."""

    def __init__(self, model: AnthropicNative) -> None:
        super().__init__(model)
        self._model = model

    async def _submit(self, requests: Mapping[str, Request], token: str) -> str:
        rows: list[Any] = [{"custom_id": key, "params": self._model.body(request)} for key, request in requests.items()]
        batch = await self._model.client.messages.batches.create(requests=rows)
        return batch.id

    async def _find(self, token: str, keys: frozenset[str], submitted: datetime, known: frozenset[str]) -> str | None:
        async for batch in self._model.client.messages.batches.list(limit=100):
            if batch.created_at < submitted - CLOCK_SKEW:
                return None  # newest come first
            counts = batch.request_counts
            total = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
            if batch.id in known or total != len(keys):
                continue
            if batch.processing_status != "ended":
                return batch.id  # collecting will look at what it holds
            async for row in await self._model.client.messages.batches.results(batch.id):
                if row.custom_id in keys:
                    return batch.id
                break
        return None

    async def _ended(self, remote: str) -> bool:
        batch = await self._model.client.messages.batches.retrieve(remote)
        return batch.processing_status == "ended"

    async def _results(self, remote: str) -> AsyncIterator[tuple[str, Completion]]:
        async for row in await self._model.client.messages.batches.results(remote):
            yield row.custom_id, self._completion(row.result)

    def _completion(self, result: Any) -> Completion:
        if result.type == "succeeded":
            try:
                return self._model.read(result.message.model_dump(warnings=False))
            except RequestFailed as failure:
                return Completion(error=f"{failure.kind}: {failure}")
        error = getattr(result, "error", None)
        return self._error(result.type, error.model_dump(warnings=False) if error is not None else None)


def batch_interface(model: Model) -> BatchInterface:
    """The batch interface of an adapter. Raises RequestFailed where it has none."""
    if isinstance(model, OpenAICompatible):
        return OpenAIBatches(model)
    from proofgrid.models.anthropic_native import AnthropicNative

    if isinstance(model, AnthropicNative):
        return AnthropicBatches(model)
    raise RequestFailed("bad_request", f"{model.config.spec} has no batch interface", retry=False)
