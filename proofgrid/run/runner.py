"""The runner: asks models for what a run lacks, keeps every answer the moment it arrives, and scores on the side.

One :class:`ModelRun` a model holds its queue, limiter and counters. Cloud models run side by side; local ones (a vLLM
server has the GPU, the builtin prover the cores) one after another, beside the cloud ones. Nothing here knows a task:
an item is a prompt and something that scores an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from proofgrid.errors import RunError, UserError
from proofgrid.models.base import FATAL, Message, Model, Request, RequestFailed
from proofgrid.models.completion import Completion
from proofgrid.models.factory import make_model
from proofgrid.models.spec import ModelConfig
from proofgrid.run.batch_run import BatchRun
from proofgrid.run.budget import Budget, bound
from proofgrid.run.limiter import Limiter
from proofgrid.run.repair import conversation_hash, repairable, repaired_conversation
from proofgrid.run.scorer import LiveScorer
from proofgrid.run.store import Cell, Record, RunStore, attempt_key
from proofgrid.run.workers import Workers
from proofgrid.tasks import Score

MAX_THROTTLES = 30
"""Refusals (429) that one request sits out; other failures are counted against ``max_retries``."""
MAX_RETRY_AFTER = 900.0
"""Seconds; a server that asks for a longer wait has refused."""
OUTAGE = 25
"""Requests in a row that found no connection after all their retries: the server is gone, not flaky."""

Cells: TypeAlias = Iterable[Cell] | AsyncIterator[Cell]
"""What to ask; an asynchronous iterator may wait for answers before it names the next cell."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run. ``backoff`` is the first wait after a failure in seconds; it doubles up to ``max_backoff``."""

    concurrency: int = 64
    max_retries: int = 6
    backoff: float = 0.5
    max_backoff: float = 60.0
    repair: int = 0
    max_cost: float | None = None
    max_tokens_total: int | None = None
    batch_poll: float = 30.0
    """Seconds between looks at open batches."""


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
    started: float | None = None
    status: str = "waiting"
    in_flight: int = 0
    limit: int = 0
    stopped: str | None = None
    """Why the model stopped early, as a sentence."""


class ModelStopped(Exception):
    """The model cannot go on; the message says why."""


class Runner:
    """One invocation over one store. ``notify`` receives plain lines (a server's start, a model's stop)."""

    def __init__(
        self,
        store: RunStore,
        configs: Sequence[ModelConfig],
        options: RunOptions | None = None,
        notify: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.store = store
        self.configs = list(configs)
        self.options = options or RunOptions()
        self.notify = notify
        self.states = {config.label: ModelState(config.label) for config in self.configs}
        self.workers = Workers()
        cost, tokens, _ = store.spent()
        self.budget = Budget(self.options.max_cost, self.options.max_tokens_total, (cost, tokens))
        self.scorer = LiveScorer(store, self.workers)
        self.interrupted = False
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Start nothing more; what is in flight may still arrive."""
        self.interrupted = True
        self._stopped.set()

    async def sleep(self, seconds: float) -> None:
        """Sleep, but not past a stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    @property
    def in_flight(self) -> int:
        """Requests that are out."""
        return sum(state.in_flight for state in self.states.values())

    async def run(self, cells: Mapping[str, Cells]) -> None:
        """Ask for the cells of every model (by label). Returns when all are stored, or the run stopped early.

        Models that could not go on say so in their state's ``stopped``.
        """
        local = [config for config in self.configs if config.local and cells.get(config.label)]
        cloud = [config for config in self.configs if not config.local and cells.get(config.label)]

        async def one_after_another() -> None:
            for config in local:
                if not self.interrupted:
                    await self._model(config, cells[config.label])

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._score_backlog())
                group.create_task(one_after_another())
                for config in cloud:
                    group.create_task(self._model(config, cells[config.label]))
            await self.scorer.drain()
        finally:
            self.workers.close()

    def backlog(self) -> list[str]:
        """Keys of attempts that are not scored."""
        return self.store.unscored(self.scorer.fingerprint)

    async def _score_backlog(self) -> None:
        """Score what arrived and was not scored: a process was killed, or the code that scores has changed."""
        for key in self.backlog():
            record = self.store.record(key)
            if record is not None and not self.interrupted:
                await self.scorer.later(key, record.cell.item, record.completion, lambda _score: None)

    async def _model(self, config: ModelConfig, cells: Cells) -> None:
        state = self.states[config.label]
        state.status, state.started = "starting", time.monotonic()
        try:
            model = make_model(config, self.workers.submit, self.store.path, self.notify)
            async with model:
                self.store.set_server(config, asdict(await model.describe()))
                state.status = "running"
                if config.batch and not isinstance(cells, AsyncIterator):
                    await BatchRun(self, model, state).run(cells)
                else:
                    await ModelRun(self, model, state).run(cells)
        except UserError as error:
            state.stopped = str(error)
        except ModelStopped as error:
            state.stopped = str(error)
        state.status = "stopped" if state.stopped else "done"
        if state.stopped:
            self.notify(f"{config.label}: {state.stopped}")


class ModelRun:
    """The part of a run that belongs to one model."""

    def __init__(self, runner: Runner, model: Model, state: ModelState) -> None:
        self.runner = runner
        self.store = runner.store
        self.options = runner.options
        self.model = model
        self.config = model.config
        self.state = state
        top = self.config.concurrency or self.options.concurrency
        if self.config.api == "builtin":
            top = min(top, 2 * runner.workers.processes)
        self.limiter = Limiter(top)
        self._failure: ModelStopped | None = None
        self._succeeded = False
        self._outage = 0
        self._jitter = _Jitter(self.config.label)

    async def run(self, cells: Cells) -> None:
        """Ask for all cells, as many at a time as the limiter allows."""
        tasks: set[asyncio.Task[None]] = set()
        places = asyncio.Semaphore(2 * self.limiter.maximum)

        def finished(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            places.release()
            if not task.cancelled() and (error := task.exception()) is not None and self._failure is None:
                known = isinstance(error, ModelStopped | UserError)
                self._failure = ModelStopped(str(error)) if known else _Crash(error)

        try:
            async for cell in self._each(cells):
                await places.acquire()
                if self._halted():
                    places.release()
                    break
                task = asyncio.create_task(self._cell(cell))
                tasks.add(task)
                task.add_done_callback(finished)
            while tasks:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if self._failure is not None:
                    break
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
        if isinstance(self._failure, _Crash):
            raise self._failure.error
        if self._failure is not None:
            raise self._failure
        if self.runner.budget.exhausted:
            raise ModelStopped(self.runner.budget.exhausted)

    async def _each(self, cells: Cells) -> AsyncIterator[Cell]:
        """The cells; where they come one by one as answers allow, the wait ends when the run halts."""
        if not isinstance(cells, AsyncIterator):
            for cell in cells:
                yield cell
            return
        while not self._halted():
            coming = asyncio.ensure_future(anext(cells, None))
            while not coming.done() and not self._halted():
                await asyncio.wait({coming}, timeout=0.2)
            if not coming.done():
                coming.cancel()
                return
            following = coming.result()
            if following is None:
                return
            yield following

    def _halted(self) -> bool:
        return self.runner.interrupted or self._failure is not None or self.runner.budget.exhausted is not None

    async def _cell(self, cell: Cell) -> None:
        """One attempt with its repair rounds, starting where the store ends."""
        item = self.store.item_cached(cell.item)
        messages: tuple[Message, ...] = (Message("user", item.prompt),)
        for round_ in range(self.options.repair + 1):
            here = Cell(cell.model, cell.item, cell.attempt, round_)
            score: Score | None
            if round_ < cell.round and (stored := self.store.cell(here)) is not None:
                completion = stored.completion
                score = await self.runner.scorer.score(stored.key, cell.item, completion)
            else:
                if self._halted():
                    return
                asked = await self._asked(Request(messages, item.problem, cell.attempt), messages)
                if asked is None:
                    return
                completion, tries = asked
                hashed = conversation_hash(item, messages)
                key = attempt_key(cell.item, hashed, self.config.fingerprint, cell.attempt, round_)
                self.store.add(Record(key, here, completion, tries), self.config.fingerprint)
                self._count(completion, round_)
                score = await self._scored(key, cell.item, completion, round_)
            if round_ == self.options.repair or score is None or not repairable(score):
                return
            messages = repaired_conversation(messages, completion, score)

    async def _scored(self, key: str, item: str, completion: Completion, round_: int) -> Score | None:
        """Score now where a repair may follow, else on the side."""
        scorer = self.runner.scorer
        if self.options.repair:
            score = await scorer.score(key, item, completion)
            self._note_score(score, round_)
            return score
        await scorer.later(key, item, completion, self._note_score)
        return None

    def _note_score(self, score: Score, round_: int = 0) -> None:
        self.state.scored += round_ == 0
        self.state.correct += score.outcome == "correct"

    def _count(self, completion: Completion, round_: int) -> None:
        state = self.state
        state.done += round_ == 0
        state.arrived += 1
        if completion.error is not None:
            state.errors += 1
            return
        state.prompt_tokens += completion.prompt_tokens or 0
        state.completion_tokens += completion.completion_tokens or 0
        if completion.cost is None:
            state.unknown_cost += 1
        else:
            state.cost += completion.cost

    async def _asked(self, request: Request, messages: tuple[Message, ...]) -> tuple[Completion, int] | None:
        """An answer or an api_error, with the number of tries; None where the run stops before."""
        budget = self.runner.budget
        most = bound(self.config, "".join(message.content for message in messages))
        if not await budget.reserve(most):
            return None
        completion: Completion | None = None
        try:
            result = await self._ask(request)
            completion = result[0] if result else None
        finally:
            budget.settle(most, completion)
        return result

    async def _ask(self, request: Request) -> tuple[Completion, int] | None:
        failures = throttles = 0
        loop = asyncio.get_running_loop()
        while True:
            await self.limiter.acquire()
            if self._halted():
                self.limiter.release()
                return None
            sent = loop.time()
            self.state.in_flight += 1
            self.state.limit = int(self.limiter.limit)
            try:
                completion = await self.model.complete(request)
            except RequestFailed as error:
                failure = error
            else:
                self.limiter.succeeded()
                self._succeeded, self._outage = True, 0
                return completion, failures + throttles + 1
            finally:
                self.state.in_flight -= 1
                self.limiter.release()
            self.model.check_alive()
            if failure.throttle:
                self.limiter.refused(sent, failure.retry_after)
            if failure.kind in FATAL:
                raise ModelStopped(f"the server refused the request: {failure}")
            if failure.kind == "rate_limited":
                throttles += 1
            else:
                failures += 1
            last = self._last(failure, failures, throttles)
            if last:
                tries = failures + throttles
                text = f"{failure.kind}: {failure}" + (f" ({tries} tries)" if tries > 1 else "")
                return Completion(error=text, seconds=loop.time() - sent), tries
            await asyncio.sleep(self._delay(failure, failures + throttles))

    def _last(self, failure: RequestFailed, failures: int, throttles: int) -> bool:
        """Whether this failure stands. A server that never once answered is down: that ends the model."""
        if failure.kind == "connection" and not self._succeeded and failures >= min(3, self.options.max_retries + 1):
            raise ModelStopped(f"no server answers at {self.model_url}: {failure}; is it running, is the URL right?")
        last = (
            not failure.retry
            or failures > self.options.max_retries
            or throttles > MAX_THROTTLES
            or (failure.retry_after or 0) > MAX_RETRY_AFTER
        )
        if last and failure.kind == "connection":
            self._outage += 1
            if self._outage >= OUTAGE:
                raise ModelStopped(
                    f"the server at {self.model_url} stopped answering: {failure}; once it is back, the same command "
                    "goes on (add --retry-errors for what failed meanwhile)"
                )
        return last

    @property
    def model_url(self) -> str:
        """Where requests go, for messages."""
        return str(getattr(self.model, "base_url", None) or self.config.base_url or self.config.spec)

    def _delay(self, failure: RequestFailed, tries: int) -> float:
        """Seconds to wait: what the server asked for, plus a little so that not all come back at once; or backoff
        with jitter in [1/2, 1] of an exponential that is capped."""
        spread = self._jitter.next()
        if failure.retry_after is not None:
            return failure.retry_after + spread * min(1.0, 0.1 + 0.1 * failure.retry_after)
        step = min(self.options.max_backoff, self.options.backoff * 2.0 ** min(tries - 1, 16))
        return step * (0.5 + 0.5 * spread)


class _Crash(ModelStopped):
    """A defect of ours in one attempt's task: ends the run with its own traceback instead of a wrong record."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class _Jitter:
    """Random numbers in [0, 1) for waits; they touch no result."""

    def __init__(self, label: str) -> None:
        from random import Random

        self._random = Random(f"{label}{os.getpid()}")

    def next(self) -> float:
        """The next one."""
        return self._random.random()


@dataclass
class Outcome:
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


def missing_cells(
    store: RunStore, label: str, items: Sequence[str], samples: int, *, retry_errors: bool = False, repair: int = 0
) -> Iterator[Cell]:
    """Cells of items x samples that the store lacks for a model, in sample-major order.

    With ``repair``, also the next round of attempts whose last stored round failed; with ``retry_errors``, api_errors.
    """
    from proofgrid.scoring import scorer_fingerprint

    if not repair and not retry_errors and store.has_all(label, len(items), samples):
        return
    outcomes = store.outcomes(scorer_fingerprint(), label) if repair else {}
    last: dict[tuple[str, int], tuple[int, str, bool]] = {}
    for item, attempt, round_, key, failed in store.states(label):
        found = last.get((item, attempt))
        if failed and retry_errors:
            round_, key = round_ - 1, ""
        if found is None or round_ > found[0]:
            last[item, attempt] = (round_, key, failed)
    for attempt in range(samples):
        for item in items:
            state = last.get((item, attempt))
            if state is None or state[0] < 0:
                yield Cell(label, item, attempt)
            elif (
                state[0] < repair
                and (not state[2] or retry_errors)
                and outcomes.get(state[1]) not in ("correct", "truncated", "refused", "empty", "checker_limit")
            ):
                yield Cell(label, item, attempt, state[0] + 1)


def execute(
    store: RunStore,
    configs: Sequence[ModelConfig],
    cells: Mapping[str, Cells],
    options: RunOptions | None = None,
    notify: Callable[[str], None] = lambda _line: None,
    watch: Callable[[Runner], Callable[[], None]] | None = None,
) -> Outcome:
    """Run to the end on a fast event loop; Ctrl-C once waits for what is in flight, twice drops it.

    ``watch`` receives the runner and returns a function to call when all is over (a display's end).
    """
    if not store.writable:
        raise RunError(f"{store.path} is open for reading only")
    for config in configs:
        store.add_model(config)
    runner = Runner(store, configs, options, notify)
    start = time.monotonic()
    if not any(isinstance(some, AsyncIterator) or some for some in cells.values()) and not runner.backlog():
        return Outcome(runner.states)
    close = watch(runner) if watch else None
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as loop_runner:
            loop_runner.run(_interruptible(runner, cells))
    except ExceptionGroup as group:
        database = group.subgroup(sqlite3.Error)
        if database is None:
            raise
        raise RunError(
            f"{store.path} cannot be written: {_first(database)}; what arrived before is kept: once there is room "
            "on the disk, the same command goes on"
        ) from None
    finally:
        if close:
            close()
    stops = {label: state.stopped for label, state in runner.states.items() if state.stopped}
    return Outcome(runner.states, runner.interrupted, runner.budget.exhausted, time.monotonic() - start, stops)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _interruptible(runner: Runner, cells: Mapping[str, Cells]) -> None:
    import signal

    loop = asyncio.get_running_loop()
    main = asyncio.create_task(runner.run(cells))

    def on_signal() -> None:
        if runner.interrupted or runner.in_flight == 0:
            runner.stop()
            main.cancel()
            return
        runner.stop()
        runner.notify(
            f"stopping: waiting for {runner.in_flight} answers in flight (they are paid for); "
            "press Ctrl-C again to drop them"
        )

    def on_terminate() -> None:
        runner.stop()
        main.cancel()

    handled = []
    for number, handler in ((signal.SIGINT, on_signal), (signal.SIGTERM, on_terminate)):
        try:
            loop.add_signal_handler(number, handler)
            handled.append(number)
        except (ValueError, RuntimeError, NotImplementedError):
            pass  # not the main thread: its owner handles signals
    try:
        await main
    except asyncio.CancelledError:
        if not runner.interrupted:
            raise
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
