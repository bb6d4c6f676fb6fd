"""A client for ``proofgrid serve``.

with Client("http://127.0.0.1:8000") as client:
    client.check("(A & B) # A", "left-and on (A & B)")["correct"]
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

import httpx

from proofgrid.errors import UserError

if TYPE_CHECKING:
    from types import TracebackType

    from proofgrid.tasks import Item

BATCH = 64
"""Answers in one request."""


class ServiceError(UserError):
    """The service refused, or cannot be reached; the sentence says why."""


class Client:
    """Checks and scores by a service. What it asks can be asked again, so a lost connection is tried ``tries`` times,
    and a service that is full is waited for as long as it says."""

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 300.0, tries: int = 5) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.tries = tries
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False)

    def check(self, problem: Any, proof: str, **options: Any) -> dict[str, Any]:
        """The verdict as JSON; ``options`` as :func:`proofgrid.check` has them. Raises ServiceError for no problem."""
        answer: dict[str, Any] = self._post("/check", {"problem": problem, "proof": proof, **options})
        return answer

    def score(self, item: Item | Mapping[str, Any], text: str) -> dict[str, Any]:
        """The score of one answer as JSON."""
        answer: dict[str, Any] = self._post("/score", {"item": _plain(item), "text": text})
        return answer

    def scores(self, answers: Iterable[tuple[Item | Mapping[str, Any], str]]) -> Iterator[dict[str, Any]]:
        """Scores in order, asked for in batches; ``{"error": ...}`` where an item is none."""
        rest = iter(answers)
        while batch := list(islice(rest, BATCH)):
            yield from self._post("/score", [{"item": _plain(item), "text": text} for item, text in batch])

    def checks(self, proofs: Iterable[tuple[Any, str]], **options: Any) -> Iterator[dict[str, Any]]:
        """Verdicts in order, for (problem, proof) pairs, asked for in batches."""
        rest = iter(proofs)
        while batch := list(islice(rest, BATCH)):
            yield from self._post(
                "/check", [{"problem": problem, "proof": proof, **options} for problem, proof in batch]
            )

    def health(self) -> dict[str, Any]:
        """What ``/health`` says."""
        found: dict[str, Any] = self._http.get("/health").json()
        return found

    def _post(self, path: str, body: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Any:
        failed = 0
        content = json.dumps(body)  # in ASCII: an answer may hold half a character, which has no UTF-8
        while True:
            try:
                response = self._http.post(path, content=content, headers={"Content-Type": "application/json"})
            except httpx.TransportError as error:
                failed += 1
                if failed >= self.tries:
                    raise ServiceError(f"the service at {self._http.base_url} cannot be reached: {error}") from error
                time.sleep(min(0.2 * 2**failed, 5))
                continue
            if response.status_code == 429:
                told = response.headers.get("retry-after", "")
                time.sleep(int(told) if told.isdecimal() else 1)
                continue
            if response.is_success:
                return response.json()
            raise ServiceError(f"the service says {response.status_code}: {_sentence(response)}")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _plain(item: Item | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(item, Mapping):
        return item
    plain: dict[str, Any] = json.loads(item.to_json())
    return plain


def _sentence(response: httpx.Response) -> str:
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return response.text[:200]
    if isinstance(detail, list):  # what pydantic found wrong with the body
        return "; ".join(f"{'.'.join(map(str, d.get('loc', ())))}: {d.get('msg', '')}" for d in detail[:3])
    return str(detail)
