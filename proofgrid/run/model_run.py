"""The part of a run that belongs to one model: its queue of attempts, each asked, stored at once, and scored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from proofgrid.errors import UserError
from proofgrid.models.base import Message, Model, Request
from proofgrid.models.completion import Completion
from proofgrid.run.asking import Asker
from proofgrid.run.budget import Budget
from proofgrid.run.limiter import Limiter
from proofgrid.run.records import Cell, Record, attempt_key
from proofgrid.run.repair import conversation_hash, repairable, repaired_conversation
from proofgrid.run.scorer import LiveScorer
from proofgrid.run.state import ModelState, ModelStopped, RunOptions, Stop
from proofgrid.run.store import RunStore
from proofgrid.tasks import Score

Cells: TypeAlias = Iterable[Cell] | AsyncIterator[Cell]
"""What to ask; an asynchronous iterator may wait for answers before it names the next cell."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the parts of one invocation share."""

    store: RunStore
    options: RunOptions
    budget: Budget
    scorer: LiveScorer
    stop: Stop
    notify: Callable[[str], None]


class ModelRun:
    """One model's attempts, as many at a time as its limiter allows."""

    def __init__(self, context: RunContext, model: Model, state: ModelState, most_at_once: int) -> None:
        self._context = context
        self._store = context.store
        self._config = model.config
        self._state = state
        self._limiter = Limiter(most_at_once)
        self._asker = Asker(
            model=model,
            state=state,
            options=context.options,
            limiter=self._limiter,
            budget=context.budget,
            ledger=context.store.ledger,
            stop=context.stop,
        )
        self._failure: BaseException | None = None

    async def run(self, cells: Cells) -> None:
        """Ask for all cells. Raises ModelStopped; a defect of ours in an attempt ends it with its own exception."""
        tasks: set[asyncio.Task[None]] = set()
        places = asyncio.Semaphore(2 * self._limiter.maximum)

        def finished(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            places.release()
            if not task.cancelled() and (error := task.exception()) is not None and self._failure is None:
                self._failure = error

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
        if isinstance(self._failure, ModelStopped):
            self._take_back()
        if isinstance(self._failure, UserError):
            raise ModelStopped(str(self._failure)) from self._failure
        if self._failure is not None:
            raise self._failure
        if self._context.budget.exhausted:
            raise ModelStopped(self._context.budget.exhausted)

    def _take_back(self) -> None:
        """The api_errors that made the model stop are not its answers: the same command asks for them again."""
        for key in self._asker.doubtful:
            self._store.retire(key)
            self._state.errors -= 1
            self._state.done -= 1

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
        return self._context.stop.is_set or self._failure is not None or self._context.budget.exhausted is not None

    async def _cell(self, cell: Cell) -> None:
        """One attempt with its repair rounds, starting where the store ends."""
        item = self._store.item_cached(cell.item)
        rounds = self._context.options.repair
        messages: tuple[Message, ...] = (Message("user", item.prompt),)
        for round_ in range(rounds + 1):
            here = Cell(cell.model, cell.item, cell.attempt, round_)
            score: Score | None
            if round_ < cell.round and (stored := self._store.cell(here)) is not None:
                completion = stored.completion
                score = await self._context.scorer.score(stored.key, cell.item, completion)
            else:
                if self._halted():
                    return
                self._store.check_there()
                asked = await self._asker.ask(Request(messages, item.problem, cell.attempt), cell.item)
                if asked is None:
                    return
                completion = asked.completion
                hashed = conversation_hash(item, messages)
                key = attempt_key(cell.item, hashed, self._config.fingerprint, cell.attempt, round_)
                self._store.add(Record(key, here, completion, asked.tries, asked.charged), self._config.fingerprint)
                self._state.note_answer(completion, round_)
                if completion.error is not None and round_ == 0:
                    self._asker.doubtful.append(key)
                score = await self._scored(key, cell.item, completion, round_)
                bound = self._context.options.most_errors
                if bound is not None and (why := bound.passed(self._state.failed, self._state.arrived)):
                    raise ModelStopped(why)
            if round_ == rounds or score is None or not repairable(score):
                return
            messages = repaired_conversation(messages, completion, score)

    async def _scored(self, key: str, item: str, completion: Completion, round_: int) -> Score | None:
        """Score now if a repair may follow, else on the side."""
        scorer = self._context.scorer
        if self._context.options.repair:
            score = await scorer.score(key, item, completion)
            self._state.note_score(score, round_)
            return score
        await scorer.later(key, item, completion, self._state.note_score)
        return None
