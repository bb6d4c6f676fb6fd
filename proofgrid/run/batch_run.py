"""The part of a run that belongs to one model, through its provider's batch interface.

What is open when the process ends stays open at the provider; the next run of the same command collects it. The store
knows of a batch before it is submitted, and a batch whose fate is unknown is looked for before it is submitted again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import TypeVar

from proofgrid.models.base import Message, Model, Request
from proofgrid.models.batch import CHUNK, BatchResults, BatchStatus, batch_interface
from proofgrid.models.completion import Completion
from proofgrid.models.failures import FailureKind, RequestFailed
from proofgrid.run.budget import bound, spent_on
from proofgrid.run.ledger import OpenBatch
from proofgrid.run.model_run import RunContext
from proofgrid.run.records import Cell, Record, Spent, attempt_key
from proofgrid.run.state import ModelState, ModelStopped, Wait

Result = TypeVar("Result")
_GONE: tuple[FailureKind, ...] = ("bad_request", "not_found")
"""How a provider says that it does not have a batch."""
_TRIES_AFTER_404 = 3
MAX_WAIT = 300.0
"""Seconds between two tries at the batch interface, whatever the provider asks for."""


class BatchRun:
    """Submits what is missing, waits, collects."""

    def __init__(self, context: RunContext, model: Model, state: ModelState) -> None:
        self._context = context
        self._store = context.store
        self._ledger = context.store.ledger
        self._config = model.config
        self._state = state
        self._batches = batch_interface(model)

    async def run(self, cells: Iterable[Cell]) -> None:
        """Ask for all cells. Raises ModelStopped."""
        wanted = {self._key(cell): cell for cell in cells}
        for batch in self._open():
            if batch.remote is None:
                await self._settle_lost(batch)
        held = {key for batch in self._open() for key, _, _ in batch.cells}
        for batch in self._open():
            for _, item, _ in batch.cells:
                self._context.budget.hold(self._most(item))
        todo = [(key, cell) for key, cell in wanted.items() if key not in held]
        while not self._context.stop.is_set:
            todo = await self._submit(todo)
            if not self._open():
                break
            todo += await self._collect()
        if open_ := self._open():
            raise ModelStopped(f"{len(open_)} batches are open at the provider; the same command collects them")
        if todo and self._context.budget.exhausted:
            raise ModelStopped(self._context.budget.exhausted)

    def _open(self) -> list[OpenBatch]:
        return self._ledger.open_batches(self._config.fingerprint)

    def _most(self, item: str) -> Spent:
        return bound(self._config, self._store.item_cached(item).prompt)

    def _key(self, cell: Cell) -> str:
        item = self._store.item_cached(cell.item)
        return attempt_key(cell.item, item.prompt_hash, self._config.fingerprint, cell.attempt)

    async def _settle_lost(self, batch: OpenBatch) -> bool:
        """A batch that we meant to submit when we died: ask the provider whether it has it, and return that."""
        keys = [key for key, _, _ in batch.cells]
        known = self._ledger.known_remotes()
        found = await self._patiently(lambda: self._batches.find(batch.token, keys, batch.newest, known))
        self._ledger.update_batch(batch.token, "submitted" if found else "failed", found)
        return found is not None

    async def _submit(self, todo: list[tuple[str, Cell]]) -> list[tuple[str, Cell]]:
        """Submit as much as the budget allows; returns the rest."""
        while todo and not self._context.stop.is_set:
            chunk: list[tuple[str, Cell]] = []
            for key, cell in todo[:CHUNK]:
                if not self._context.budget.try_reserve(self._most(cell.item)):
                    break
                chunk.append((key, cell))
            if not chunk:
                if not self._open():
                    self._context.budget.give_up(self._most(todo[0][1].item))
                break
            todo = todo[len(chunk) :]
            await self._submit_one(chunk)
        return todo

    async def _submit_one(self, chunk: list[tuple[str, Cell]]) -> None:
        self._store.check_there()
        token = uuid.uuid4().hex
        newest = await self._patiently(self._batches.newest)
        self._ledger.add_batch(self._config, token, [(key, cell.item, cell.attempt) for key, cell in chunk], newest)
        requests = {
            key: Request((Message("user", self._store.item_cached(cell.item).prompt),), attempt=cell.attempt)
            for key, cell in chunk
        }
        known = self._ledger.known_remotes()
        keys = list(requests)
        tried = False

        async def once() -> str:
            # A try whose answer got lost may have succeeded: look before submitting again.
            nonlocal tried
            if tried and (found := await self._batches.find(token, keys, newest, known)):
                return found
            tried = True
            return await self._batches.submit(requests, token)

        remote = await self._patiently(once)
        self._ledger.update_batch(token, "submitted", remote)
        self._context.notify(f"{self._config.label}: batch {remote} of {len(chunk):,} requests submitted")

    async def _collect(self) -> list[tuple[str, Cell]]:
        """Wait until one batch or more have ended, and take their results; returns what is to be submitted again."""
        while not self._context.stop.is_set:
            for batch in self._open():
                remote = batch.remote
                if remote is None:
                    continue
                try:
                    status = await self._patiently(lambda r=remote: self._batches.status(r), _GONE)  # type: ignore[misc]
                except RequestFailed as failure:
                    status = BatchStatus(True, "gone", str(failure))
                if status.over:
                    return await self._take(batch, remote, status)
            waiting = len(self._open())
            self._state.status = "waiting for batches"
            self._state.waits[self] = Wait(
                f"{waiting} open batches", time.monotonic() + self._context.options.batch_poll
            )
            await self._context.stop.sleep(self._context.options.batch_poll)
            self._state.waits.pop(self, None)
        return []

    async def _take(self, batch: OpenBatch, remote: str, status: BatchStatus) -> list[tuple[str, Cell]]:
        results = BatchResults()
        if status.word != "gone":
            try:
                results = await self._patiently(lambda: self._batches.results(remote), (*_GONE, "bad_response"))
            except RequestFailed as failure:
                status = BatchStatus(True, status.word, str(failure))
        if results.found and not any(key in results.found for key, _, _ in batch.cells):
            return await self._not_ours(batch, remote)
        if results.unread:
            self._context.notify(
                f"{self._config.label}: {results.unread} rows of batch {remote} could not be read and were left out"
            )
        why = f": {status.reason}" if status.reason else ""
        lost = f"batch {status.word}: the provider returned nothing for this request{why}"
        for key, item, attempt in batch.cells:
            most = self._most(item)
            found = results.found.get(key)
            completion = found or Completion(error=lost)
            # A request that the provider lost or refused is not charged for by either provider.
            charged = spent_on(self._config, most, completion) if completion.error is None else Spent()
            cell = Cell(self._config.label, item, attempt)
            self._store.add(Record(key, cell, completion, charged=charged), self._config.fingerprint)
            self._context.budget.settle(most, charged)
            self._state.note_answer(completion)
            await self._context.scorer.later(key, item, completion, self._state.note_score)
        self._ledger.update_batch(batch.token, "collected")
        self._state.status = "running"
        most_errors = self._context.options.most_errors
        if most_errors is not None and (too_many := most_errors.passed(self._state.failed, self._state.arrived)):
            raise ModelStopped(too_many)
        return []

    async def _not_ours(self, batch: OpenBatch, remote: str) -> list[tuple[str, Cell]]:
        """Taken for ours by its size, it is somebody else's: look on, and submit ours if it never was."""
        self._context.notify(f"{self._config.label}: batch {remote} is somebody else's; looking for ours")
        # Its id stays known, so that it is not taken again.
        self._ledger.forget_remote(batch.token)
        self._ledger.note_foreign(self._config, remote)
        if await self._settle_lost(batch):
            return []
        for _, item, _ in batch.cells:
            self._context.budget.settle(self._most(item), Spent())
        return [(key, Cell(self._config.label, item, attempt)) for key, item, attempt in batch.cells]

    async def _patiently(self, ask: Callable[[], Awaitable[Result]], final: Collection[FailureKind] = ()) -> Result:
        """Ask the provider, again where it helps. Raises RequestFailed if it stays failed in one of the ways ``final``,
        else ModelStopped."""
        options = self._context.options
        failures = 0
        while True:
            try:
                return await ask()
            except RequestFailed as failure:
                failures += 1
                # A batch may be unknown for a moment after it was made.
                tries = _TRIES_AFTER_404 if failure.kind == "not_found" and final else options.max_retries + 1
                if (not failure.retry and failure.kind != "not_found") or failures >= tries:
                    if failure.kind in final:
                        raise
                    raise ModelStopped(f"the batch interface failed: {failure}; the same command goes on") from failure
                backoff = min(options.max_backoff, options.backoff * 2.0**failures)
                wait = min(MAX_WAIT, backoff if failure.retry_after is None else failure.retry_after)
                why = f"the batch interface, {failure.kind}, {failure}"
            self._state.waits[self] = Wait(why, time.monotonic() + wait)
            await self._context.stop.sleep(wait)
            self._state.waits.pop(self, None)
            if self._context.stop.is_set:
                raise ModelStopped("stopped while the batch interface failed; the same command goes on")
