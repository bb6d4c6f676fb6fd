"""What a run is told (options), what it shows while it goes (states), and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from proofgrid.checker.counting import count
from proofgrid.models.base import ServerLoad
from proofgrid.models.completion import Completion
from proofgrid.tasks import Score

LOADS = 4
"""How many of a server's latest words on its work a rate is taken over."""
DEFAULT_THROTTLES = 30
"""Refusals (429) that one request sits out where the user says nothing of retries."""


@dataclass(frozen=True, slots=True)
class ErrorBound:
    """How many api_errors of one invocation, or which share of its answers, are too many."""

    number: int | None = None
    share: float | None = None
    least_answers: int = 20
    """Before so many answers a share says nothing."""

    def passed(self, errors: int, arrived: int) -> str | None:
        """Why a model must stop, as a sentence; None while it may go on."""
        if self.number is not None and errors >= self.number:
            return f"{errors:,} requests failed for good, and --max-errors allows fewer"
        if self.share is not None and arrived >= self.least_answers and errors > self.share * arrived:
            return f"{errors:,} of {arrived:,} requests failed for good, more than --max-errors allows"
        return None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run. ``backoff`` is the first wait after a failure in seconds; it doubles up to ``max_backoff``."""

    concurrency: int = 64
    max_retries: int = 6
    max_throttles: int | None = None
    """Refusals (429) that one request sits out; None: they are counted with the other failures."""
    backoff: float = 0.5
    max_backoff: float = 60.0
    repair: int = 0
    max_cost: float | None = None
    max_tokens_total: int | None = None
    batch_poll: float = 30.0
    """Seconds between looks at open batches."""
    most_errors: ErrorBound | None = None
    """api_errors of one model after which it is not asked any more."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One request that waits before its next try, and why. ``until`` is a time of ``time.monotonic``."""

    why: str
    until: float


@dataclass
class ModelState:
    """What a display shows of one model; counts are of attempts."""

    label: str
    total: int = 0
    done: int = 0
    scored: int = 0
    correct: int = 0
    errors: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unknown_cost: int = 0
    arrived: int = 0
    """Answers of this invocation; ``done`` counts earlier ones as well."""
    failed: int = 0
    """Of these, api_errors."""
    started: float | None = None
    answering: float | None = None
    """Since when it is asked (a time of ``time.monotonic``): the start of a server is no part of any rate."""
    status: str = "waiting"
    in_flight: int = 0
    stopped: str | None = None
    """Why the model stopped early, as a sentence."""
    waits: dict[object, Wait] = field(default_factory=dict)
    """Requests that wait before another try, by anything that tells them apart."""
    served: Counter[str] = field(default_factory=Counter)
    """Answers of this invocation by the name under which the server says it gave them."""
    loads: deque[tuple[float, ServerLoad]] = field(default_factory=lambda: deque(maxlen=LOADS))
    """What the server said of its work, latest last, each with its time; empty if it says nothing."""

    def note_answer(self, completion: Completion, round_: int = 0) -> None:
        """Count an answer or an api_error that arrived."""
        self.done += round_ == 0
        self.arrived += 1
        if completion.error is not None:
            self.errors += 1
            self.failed += 1
            return
        self.prompt_tokens += completion.prompt_tokens or 0
        self.completion_tokens += completion.completion_tokens or 0
        self.cost += completion.cost or 0.0
        self.unknown_cost += completion.cost is None
        if completion.served_model is not None:
            self.served[completion.served_model] += 1

    def note_score(self, score: Score, round_: int = 0) -> None:
        """Count a score."""
        self.scored += round_ == 0
        self.correct += score.outcome == "correct"

    def tokens_per_second(self) -> float | None:
        """Completion tokens a second: lately, where the server says, of answers not yet whole, too; else of the answers
        that arrived, over the time since the first request. None before there is anything to say."""
        if len(self.loads) > 1:
            (since, first), (until, last) = self.loads[0], self.loads[-1]
            made = last.completion_tokens - first.completion_tokens
            return made / (until - since) if made > 0 and until > since else None
        if self.answering is None or not self.completion_tokens:
            return None
        return self.completion_tokens / max(1e-9, time.monotonic() - self.answering)

    def busy(self) -> str | None:
        """What the requests that are out wait for, as a phrase; None if none is."""
        if not self.in_flight:
            return None
        load = self.loads[-1][1] if self.loads else None
        if load is None or not load.running + load.queued:
            return f"{self.in_flight:,} in flight"
        queued = f", {load.queued:,} queued" if load.queued else ""
        first = self.loads[0][1]
        reading = load.running and load.completion_tokens == first.completion_tokens
        read = f" ({load.prompt_tokens:,} tokens read)" if reading and load.prompt_tokens else ""
        what = f"reading {count(load.running, 'prompt')}{read}" if reading else f"{load.running:,} running"
        return what + queued

    def waiting(self) -> str | None:
        """What is waited for, how long and why, as a phrase; None if nothing is."""
        waits = list(self.waits.values())
        if not waits:
            return None
        first = min(waits, key=lambda wait: wait.until)
        seconds = max(0.0, first.until - time.monotonic())
        others = f" ({len(waits):,} requests wait)" if len(waits) > 1 else ""
        return f"next try in {seconds:.0f} s: {first.why}{others}"


class Stop:
    """Whether a run was told to stop, and sleeps that end when it is."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Start nothing more; what is in flight may still arrive."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether nothing more may start."""
        return self._event.is_set()

    async def sleep(self, seconds: float) -> None:
        """Sleep, but not past a stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)


class ModelStopped(Exception):
    """The model cannot go on; the message says why."""


@dataclass
class Ending:
    """How an invocation ended."""

    states: dict[str, ModelState]
    interrupted: bool = False
    exhausted: str | None = None
    seconds: float = 0.0
    stops: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every attempt has an answer."""
        return not self.interrupted and not self.stops and all(not s.errors for s in self.states.values())
