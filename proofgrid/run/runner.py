"""The runner: asks models for what a run lacks, keeps every answer the moment it arrives, and scores on the side.

Cloud models run side by side; local ones (a vLLM server has the GPU, the builtin prover the cores) one after another,
beside the cloud ones. Nothing here knows a task: an item is a prompt and something that scores an answer.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict

from proofgrid.errors import RunError, UserError
from proofgrid.models.base import Model
from proofgrid.models.config import ModelConfig
from proofgrid.models.factory import make_model
from proofgrid.models.failures import RequestFailed
from proofgrid.run.batch_run import BatchRun
from proofgrid.run.budget import Budget
from proofgrid.run.energy import Measuring
from proofgrid.run.model_run import Cells, ModelRun, RunContext
from proofgrid.run.records import Spent
from proofgrid.run.scorer import LiveScorer
from proofgrid.run.state import Ending, ModelState, ModelStopped, RunOptions, Stop
from proofgrid.run.store import RunStore
from proofgrid.run.workers import Workers

LISTEN_SECONDS = 5.0
"""Between two questions about a server's work."""


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
        self.budget = Budget(self.options.max_cost, self.options.max_tokens_total, Spent(cost, tokens))
        self.scorer = LiveScorer(store, self.workers, self._say)
        self._stop = Stop()
        self.measuring = Measuring(store, self._say)
        self._context = RunContext(
            store=store,
            options=self.options,
            budget=self.budget,
            scorer=self.scorer,
            stop=self._stop,
            notify=self._say,
        )

    def _say(self, line: str) -> None:
        self.notify(line)

    def stop(self) -> None:
        """Start nothing more; what is in flight may still arrive."""
        self._stop.set()

    @property
    def interrupted(self) -> bool:
        """Whether the run was told to stop."""
        return self._stop.is_set

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
            model = make_model(config, self.workers.submit, self.store.path, self._say)
            async with model:
                self.store.set_server(config, asdict(await model.describe()))
                state.status, state.answering = "running", time.monotonic()
                if config.batch and not isinstance(cells, AsyncIterator):
                    await BatchRun(self._context, model, state).run(cells)
                else:
                    async with self.measuring.window(config, self._stop), listening(model, state):
                        await ModelRun(self._context, model, state, self._most_at_once(config)).run(cells)
        except (UserError, ModelStopped, RequestFailed) as error:
            state.stopped = str(error)
        state.status = "stopped" if state.stopped else "done"
        if state.stopped:
            self.notify(f"{config.label}: {state.stopped}")

    def _most_at_once(self, config: ModelConfig) -> int:
        most = config.concurrency or self.options.concurrency
        return min(most, 2 * self.workers.processes) if config.api == "builtin" else most


@asynccontextmanager
async def listening(model: Model, state: ModelState) -> AsyncIterator[None]:
    """Meanwhile, keep what the model's server says of its work; one that says nothing is asked once."""

    async def listen() -> None:
        while (load := await model.load()) is not None:
            state.loads.append((time.monotonic(), load))
            await asyncio.sleep(LISTEN_SECONDS)

    task = asyncio.create_task(listen())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        state.loads.clear()


def execute(
    store: RunStore,
    configs: Sequence[ModelConfig],
    cells: Mapping[str, Cells],
    options: RunOptions | None = None,
    notify: Callable[[str], None] = lambda _line: None,
    watch: Callable[[Runner], Callable[[], None]] | None = None,
) -> Ending:
    """Run to the end on a fast event loop; Ctrl-C once waits for what is in flight, twice drops it.

    ``watch`` receives the runner and returns a function to call when all is over (a display's end). Raises RunError if
    the store is open for reading only, or cannot be written any more.
    """
    if not store.writable:
        raise RunError(f"{store.path} is open for reading only")
    for config in configs:
        store.add_model(config)
    start = time.monotonic()
    runner = Runner(store, configs, options, notify)
    if not any(isinstance(some, AsyncIterator) or some for some in cells.values()) and not runner.backlog():
        return Ending(runner.states)
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
    return Ending(
        states=runner.states,
        interrupted=runner.interrupted,
        exhausted=runner.budget.exhausted,
        seconds=time.monotonic() - start,
        stops={label: state.stopped for label, state in runner.states.items() if state.stopped},
    )


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _interruptible(runner: Runner, cells: Mapping[str, Cells]) -> None:
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
