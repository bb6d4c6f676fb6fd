"""The HTTP service: POST /check and /score, one or a batch; GET /health, /metrics and a page that says how.

The server's loop only moves bytes: checking happens in worker processes, and a worker that dies loses no answer. What
waits is bounded: a request that would pass the bound is told 429 with Retry-After, and one too large 413.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Body, FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from proofgrid.scoring_pool import Job, ScoringPool
from proofgrid.service.jobs import CheckRequest, ScoreRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOLD = 10
"""Things that are wrong with a body that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What the service is started with."""

    workers: int | None = None
    """Processes (None: one a core)."""
    queue: int = 4096
    """Answers that may be waiting or at work; more are told to come back."""
    largest_request: int = 64 * 1024 * 1024
    """Bytes of a request's body."""
    batch: int = 1024
    """Answers of one request."""
    timeout: float | None = None
    """Seconds that one answer may take (None: what the checker's own limits allow)."""
    token: str | None = None
    """What clients must send as ``Authorization: Bearer ...``."""


class CheckBody(BaseModel):
    """One proof to check."""

    model_config = ConfigDict(extra="forbid")
    problem: str | tuple[list[str], str] = Field(
        description='"premise # ... # goal", or [premises, goal].', examples=["(A & B) # A"]
    )
    proof: str = Field(examples=["left-and on (A & B)"])
    language: Literal["ndl", "macro", "hilbert", "equational"] = "ndl"
    mode: Literal["strict", "instrumented"] = "instrumented"
    profile: Literal["surface", "paper"] = "surface"
    all_failures: bool = False


class ScoreBody(BaseModel):
    """One answer to score."""

    model_config = ConfigDict(extra="forbid")
    item: dict[str, Any] = Field(description="An item, as generate and load_suite give it, with its reference.")
    text: str = Field(description="What the model said, whole.")


class Service:
    """The pool, its bound, and what has been done."""

    def __init__(self, options: ServiceOptions) -> None:
        self.options = options
        self.pool = ScoringPool(options.workers)
        self.waiting = 0
        self.answered: Counter[tuple[str, str]] = Counter()
        self.refused = 0
        self.busy_seconds = 0.0
        self.started = time.monotonic()

    async def run(self, kind: str, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """The results of ``jobs``, in order. HTTPException 413 or 429 where they are too many, at all or now."""
        if len(jobs) > self.options.batch:
            raise HTTPException(413, f"a request holds at most {self.options.batch} answers, not {len(jobs)}")
        if self.waiting + len(jobs) > self.options.queue:
            self.refused += len(jobs)
            seconds = max(1, round(self.waiting * self._mean() / self.pool.workers))
            raise HTTPException(
                429,
                f"{self.waiting} answers are waiting and at most {self.options.queue} may: try again in {seconds} s",
                {"Retry-After": str(seconds)},
            )
        self.waiting += len(jobs)
        start = time.monotonic()
        try:
            results = await asyncio.to_thread(self.pool.map, jobs, self.options.timeout)
        finally:
            self.waiting -= len(jobs)
            self.busy_seconds += time.monotonic() - start
        said = [
            {"error": "no result: the answer took too long, or the checker failed"} if r is None else r for r in results
        ]
        for result in said:
            self.answered[kind, "error" if "error" in result else "ok"] += 1
        return said

    def _mean(self) -> float:
        """Seconds of a worker for one answer, so far."""
        done = sum(self.answered.values())
        return min(1.0, self.busy_seconds * self.pool.workers / done / 10) if done else 0.05

    def metrics(self) -> str:
        """Counts in Prometheus' text format."""
        lines = [
            "# HELP proofgrid_answers_total Answers given, by kind and result.",
            "# TYPE proofgrid_answers_total counter",
            *(f'proofgrid_answers_total{{kind="{k}",result="{r}"}} {n}' for (k, r), n in sorted(self.answered.items())),
            "# HELP proofgrid_refused_total Answers refused because too many were waiting.",
            "# TYPE proofgrid_refused_total counter",
            f"proofgrid_refused_total {self.refused}",
            "# HELP proofgrid_waiting Answers that are waiting or at work.",
            "# TYPE proofgrid_waiting gauge",
            f"proofgrid_waiting {self.waiting}",
            "# HELP proofgrid_workers Worker processes that are ready.",
            "# TYPE proofgrid_workers gauge",
            f"proofgrid_workers {len(self.pool.pids())}",
            "# HELP proofgrid_up_seconds Seconds since the service started.",
            "# TYPE proofgrid_up_seconds gauge",
            f"proofgrid_up_seconds {time.monotonic() - self.started:.1f}",
        ]
        return "\n".join(lines) + "\n"


def make_app(options: ServiceOptions) -> FastAPI:
    """The application; ``app.state.service`` is its :class:`Service`."""
    from proofgrid import __version__

    service = Service(options)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.pool.close()

    app = FastAPI(
        title="ProofGrid", version=__version__, description=__doc__, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.service = service
    app.add_middleware(_Gate, options=options)
    app.add_exception_handler(RequestValidationError, _say_wrong)
    app.add_exception_handler(HTTPException, _say_refused)
    app.add_exception_handler(Exception, _say_broken)

    @app.post("/check")
    async def check(body: Annotated[CheckBody | list[CheckBody], Body()]) -> Any:
        """The verdict of one proof, or a list of them in order (with an ``error`` where a problem cannot be read)."""
        return await _answer(service, "check", body, _check_job)

    @app.post("/score")
    async def score(body: Annotated[ScoreBody | list[ScoreBody], Body()]) -> Any:
        """The score of one answer, or a list of scores in order."""
        return await _answer(service, "score", body, lambda b: ScoreRequest(b.item, b.text))

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Whether the service answers, and how much is waiting."""
        return {"status": "ok", "version": __version__, "workers": service.pool.workers, "waiting": service.waiting}

    @app.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> str:
        """Counts for Prometheus."""
        return service.metrics()

    @app.get("/docs", response_class=HTMLResponse, include_in_schema=False)
    async def docs() -> str:
        """What can be asked, on one page that loads nothing from elsewhere."""
        from proofgrid.service.page import describe

        return describe(app.openapi())

    return app


def _check_job(body: CheckBody) -> CheckRequest:
    options = body.model_dump(exclude={"problem", "proof"})
    return CheckRequest(body.problem, body.proof, options)


async def _answer(service: Service, kind: str, body: Any, job: Callable[[Any], Job]) -> Any:
    """Run one body or a list of them; a single one that cannot be read is told 422."""
    if isinstance(body, list):
        return _Json(await service.run(kind, [job(one) for one in body]))
    (result,) = await service.run(kind, [job(body)])
    if "error" in result:
        raise HTTPException(422, result["error"])
    return _Json(result)


class _Json(JSONResponse):
    """JSON in ASCII, of whatever texts and numbers an answer held: half characters, numbers that are none."""

    def render(self, content: Any) -> bytes:
        """The body. A result of a list that cannot be written costs only itself."""
        if isinstance(content, list):
            return b"[" + b",".join(map(_written, content)) + b"]"
        return _written(content)


def _written(value: Any) -> bytes:
    try:
        try:
            return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
        except ValueError:
            return json.dumps(_finite(value), separators=(",", ":")).encode()
    except RecursionError:
        return json.dumps({"error": "the result is nested too deep"}).encode()


def _finite(value: Any) -> Any:
    """``value`` with null in place of numbers that JSON cannot say."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _say_wrong(_: Any, error: Exception) -> JSONResponse:
    """What is wrong with a body, at most TOLD things of it; not what stood there, which may be large or no JSON."""
    assert isinstance(error, RequestValidationError)
    told = [{"loc": one["loc"], "msg": one["msg"], "type": one["type"]} for one in error.errors()[:TOLD]]
    return _Json({"detail": told}, 422)


def _say_refused(_: Any, error: Exception) -> JSONResponse:
    """A status and a sentence, which may quote what was sent."""
    assert isinstance(error, HTTPException)
    return _Json({"detail": error.detail}, error.status_code, error.headers)


def _say_broken(_: Any, error: Exception) -> JSONResponse:
    """A fault of ours is JSON, too; its traceback is in the server's log."""
    return _Json({"detail": f"the service failed ({type(error).__name__}), please report it"}, 500)


class _Gate:
    """Before anything is read: is the client allowed, and is the body small enough?"""

    def __init__(self, app: Any, options: ServiceOptions) -> None:
        self.app = app
        self.options = options

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not self._allowed(scope["path"], headers.get(b"authorization", b"")):
            await _say(401, "this service wants its token: Authorization: Bearer ...", {"WWW-Authenticate": "Bearer"})(
                scope, receive, send
            )
            return
        largest = self.options.largest_request
        length = headers.get(b"content-length", b"0")
        sentence = f"a request has at most {largest} bytes"
        if not length.isdigit() or int(length) > largest:
            await _say(413, sentence)(scope, receive, send)
            return
        read = 0

        async def counted() -> Any:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > largest:
                raise HTTPException(413, sentence)  # FastAPI answers with it
            return message

        await self.app(scope, counted, send)

    def _allowed(self, path: str, given: bytes) -> bool:
        token = self.options.token
        return token is None or path == "/health" or hmac.compare_digest(given, f"Bearer {token}".encode())


def _say(status: int, sentence: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status, headers)
