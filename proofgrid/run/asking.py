"""One request until it is answered or has failed for good: tries, waits, and when a failure ends its whole model.

A failure that only concerns its request is recorded and the others go on; one that every further request would meet
(a wrong key, no such model, no credit) stops the model with the server's sentence. Which of the two it is follows
from what the failure means and from what the model has seen: after answers, a 403 is about that one request.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from difflib import get_close_matches
from random import Random

from proofgrid.models.base import Model, Request
from proofgrid.models.batch import failed_completion
from proofgrid.models.completion import Completion
from proofgrid.models.failures import RequestFailed
from proofgrid.run.budget import Budget, bound, spent_on
from proofgrid.run.ledger import Ledger
from proofgrid.run.limiter import Limiter
from proofgrid.run.records import Spent
from proofgrid.run.state import ModelState, ModelStopped, RunOptions, Stop, Wait

MAX_RETRY_AFTER = 900.0
"""Seconds; a server that asks for a longer wait has refused."""
PAUSE_ALL = 60.0
"""Seconds; a shorter ``Retry-After`` holds back all requests of the model, a longer one its own."""
SAME_WITHOUT_ANSWER = 3
"""Requests refused alike, one after another and before any answer: every request would be."""
SAME_AFTER_ANSWERS = 25
"""Requests that failed alike one after another: the server is gone or changed its mind, not flaky."""
_WINDOW = re.compile(r"(?:maximum context length|context window|max_model_len)\D{0,20}([\d,]{3,12})", re.IGNORECASE)
"""How a server names its model's window."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a request ended. ``charged`` is what the bounds on spending count for it, failed tries apart."""

    completion: Completion
    tries: int
    charged: Spent


class Asker:
    """Asks one model. What it knows of the model's failures is shared by all of its requests."""

    def __init__(
        self,
        *,
        model: Model,
        state: ModelState,
        options: RunOptions,
        limiter: Limiter,
        budget: Budget,
        ledger: Ledger,
        stop: Stop,
    ) -> None:
        self._model = model
        self._config = model.config
        self._state = state
        self._options = options
        self._limiter = limiter
        self._budget = budget
        self._ledger = ledger
        self._stop = stop
        self._random = Random()
        self._answered = False
        self._alike: tuple[str, int] = ("", 0)
        self._looked_up = False
        self._over = False
        self.doubtful: list[str] = []
        """Keys of the api_errors that failed alike; if the model stops for it, they are to be asked again."""

    async def ask(self, request: Request, item: str) -> Asked | None:
        """An answer, a refusal or an api_error; None if the run stops before. Raises ModelStopped."""
        most = bound(self._config, request.messages)
        failures = throttles = 0
        while True:
            if not await self._budget.reserve(most):
                return None
            told = await self._try(request, item, most)
            if told is None:
                return None
            tries = failures + throttles + 1
            if isinstance(told, Completion):
                self._answered, self._alike = True, ("", 0)
                self.doubtful.clear()
                return Asked(told, tries, spent_on(self._config, most, told))
            self._model.check_alive()
            if told.kind == "rate_limited":
                throttles += 1
            else:
                failures += 1
            if self._stands(told, failures, throttles):
                try:
                    await self._consider(told, failures)
                except ModelStopped:
                    self._over = True
                    raise
                return Asked(failed_completion(told, tries), tries, Spent())
            await self._wait(request, told, tries)

    async def _try(self, request: Request, item: str, most: Spent) -> Completion | RequestFailed | None:
        """One try, its place and its charge; None if the run halts before it starts."""
        loop = asyncio.get_running_loop()
        spent = Spent()
        try:
            await self._limiter.acquire()
            sent = loop.time()
            self._state.in_flight += 1
            try:
                if self._stop.is_set or self._over:
                    return None
                completion = await self._model.complete(request)
            except RequestFailed as failure:
                spent = spent_on(self._config, most, failure)
                self._charge(item, spent, failure.kind)
                if failure.throttle:
                    wait = failure.retry_after
                    self._limiter.refused(sent, wait if wait is not None and wait <= PAUSE_ALL else None)
                return failure
            except asyncio.CancelledError:
                self._charge(item, most, "dropped in flight")
                raise
            finally:
                self._state.in_flight -= 1
                self._limiter.release()
            self._limiter.succeeded()
            spent = spent_on(self._config, most, completion)
            return completion
        finally:
            self._budget.settle(most, spent)

    def _charge(self, item: str, spent: Spent, why: str) -> None:
        if spent != Spent():
            self._ledger.charge(self._config.label, item, spent, why)

    def _stands(self, failure: RequestFailed, failures: int, throttles: int) -> bool:
        """Whether this failure is the request's last."""
        options = self._options
        if (
            not failure.retry
            or (failure.retry_after or 0.0) > MAX_RETRY_AFTER
            or self._server_is_down(failure, failures)
        ):
            return True
        if options.max_throttles is None:
            return failures + throttles > options.max_retries
        return failures > options.max_retries or throttles > options.max_throttles

    def _server_is_down(self, failure: RequestFailed, failures: int) -> bool:
        return failure.kind == "connection" and not self._answered and failures >= min(3, self._options.max_retries + 1)

    async def _consider(self, failure: RequestFailed, failures: int) -> None:
        """Raise ModelStopped if a failure that stands says that every further request would fail."""
        if failure.kind == "context_length":
            self._refuse_bound(failure)
        if failure.kind in ("refused", "context_length"):
            return  # this prompt's own fault
        if self._server_is_down(failure, failures):
            raise ModelStopped(f"no server answers at {self.url}: {failure}; is it running, is the URL right?")
        hopeless = failure.kind == "quota" or failure.status == 401
        if hopeless or (failure.kind in ("unauthorized", "not_found") and not self._answered):
            raise ModelStopped(f"the server refused the request: {failure}")
        said = "connection" if failure.kind == "connection" else re.sub(r"\d+|[0-9a-f]{8,}", "#", str(failure))
        times = self._alike[1] + 1 if said == self._alike[0] else 1
        if times == 1:
            self.doubtful.clear()
        self._alike = (said, times)
        if failure.retry and failure.kind != "connection" and (failure.retry_after or 0.0) <= MAX_RETRY_AFTER:
            return  # a server in trouble: each request had its tries
        if not self._answered:
            await self._look_up(failure)
        if times >= (SAME_AFTER_ANSWERS if self._answered or failure.kind == "connection" else SAME_WITHOUT_ANSWER):
            how = "stopped answering" if failure.kind == "connection" else f"failed {times} requests alike"
            raise ModelStopped(
                f"the server at {self.url} {how}: {failure}; once that is mended, the same command goes on"
            )

    def _refuse_bound(self, failure: RequestFailed) -> None:
        """Raise ModelStopped if the bound on an answer alone fills the window that the server names: no prompt fits."""
        named = _WINDOW.search(str(failure))
        most = self._config.max_tokens
        if named is not None and most is not None and most >= int(named[1].replace(",", "")):
            raise ModelStopped(
                f"with max_tokens {most:,} no prompt fits into the model's window: {failure}; "
                "give a smaller --max-tokens"
            )

    async def _look_up(self, failure: RequestFailed) -> None:
        """Before any answer, a refused request may mean a wrong key or name: gateways say 400 to that. Ask which models
        there are, once, and raise ModelStopped if ours is not among them or the key is refused."""
        if self._looked_up or failure.kind != "bad_request":
            return
        self._looked_up = True
        try:
            async with asyncio.timeout(10):
                listed = await self._model.list_models()
        except RequestFailed as error:
            if error.kind in ("unauthorized", "quota"):
                raise ModelStopped(f"the server refused the request: {failure}; and the key: {error}") from None
            return
        except TimeoutError:
            return
        name = self._config.model
        if listed and name not in listed and f"models/{name}" not in listed:
            near = get_close_matches(name, listed, n=3) or list(listed[:3])
            raise ModelStopped(
                f"the server refused the request: {failure}; it does not list {name}, it has {', '.join(near)}"
            )

    async def _wait(self, request: Request, failure: RequestFailed, tries: int) -> None:
        seconds = self._delay(failure, tries)
        self._state.waits[id(request)] = Wait(f"{failure.kind}, {failure}", time.monotonic() + seconds)
        try:
            await self._stop.sleep(seconds)
        finally:
            del self._state.waits[id(request)]

    def _delay(self, failure: RequestFailed, tries: int) -> float:
        """Seconds to wait: what the server asked for, plus a little so that not all come back at once; or backoff
        with jitter in [1/2, 1] of an exponential that is capped."""
        spread = self._random.random()  # touches no result
        if failure.retry_after is not None:
            return failure.retry_after + spread * min(1.0, 0.1 + 0.1 * failure.retry_after)
        step = min(self._options.max_backoff, self._options.backoff * 2.0 ** min(tries - 1, 16))
        return step * (0.5 + 0.5 * spread)

    @property
    def url(self) -> str:
        """Where requests go, for messages."""
        return str(getattr(self._model, "base_url", None) or self._config.base_url or self._config.spec)
