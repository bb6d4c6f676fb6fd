"""The part of a run that belongs to one model, through its provider's batch interface.

What is open when the process ends stays open at the provider; the next run of the same command collects it. The store
knows of a batch before it is submitted, so nothing is ever paid for twice.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from proofgrid.models.base import Message, Model, Request, RequestFailed
from proofgrid.models.batch import CHUNK, batch_interface
from proofgrid.models.completion import Completion
from proofgrid.run.budget import bound
from proofgrid.run.store import Cell, Record, attempt_key
from proofgrid.tasks import Score

if TYPE_CHECKING:
    from proofgrid.run.runner import ModelState, Runner

Result = TypeVar("Result")


class BatchRun:
    """Submits what is missing, waits, collects."""

    def __init__(self, runner: Runner, model: Model, state: ModelState) -> None:
        self.runner = runner
        self.store = runner.store
        self.config = model.config
        self.state = state
        self.batches = batch_interface(model)

    async def run(self, cells: Iterable[Cell]) -> None:
        """Ask for all cells. Raises ModelStopped."""
        from proofgrid.run.runner import ModelStopped

        await self._find_lost()
        held = {}
        for batch in self.store.open_batches(self.config.fingerprint):
            for key, item, _ in batch["cells"]:
                held[key] = item
                self.runner.budget.hold(bound(self.config, self.store.item_cached(item).prompt))
        wanted = {self._key(cell): cell for cell in cells}
        todo = [(key, cell) for key, cell in wanted.items() if key not in held]
        while not self.runner.interrupted:
            todo = await self._submit(todo)
            if not self.store.open_batches(self.config.fingerprint):
                break
            await self._collect()
        open_ = self.store.open_batches(self.config.fingerprint)
        if open_:
            raise ModelStopped(f"{len(open_)} batches are open at the provider; the same command collects them")
        if todo and self.runner.budget.exhausted:
            raise ModelStopped(self.runner.budget.exhausted)

    def _key(self, cell: Cell) -> str:
        item = self.store.item_cached(cell.item)
        return attempt_key(cell.item, item.prompt_hash, self.config.fingerprint, cell.attempt)

    async def _find_lost(self) -> None:
        """Batches that we meant to submit when we died: the provider knows whether it has them."""
        open_ = self.store.open_batches(self.config.fingerprint)
        known = [batch["remote"] for batch in open_ if batch["remote"]]
        for batch in open_:
            if batch["remote"] is None:
                await self._settle_lost(batch, known)

    async def _settle_lost(self, batch: dict[str, Any], known: list[str]) -> None:
        keys = [key for key, _, _ in batch["cells"]]
        token, submitted = batch["token"], batch["submitted"]
        found = await self._patiently(lambda: self.batches.find(token, keys, submitted, known))
        self.store.update_batch(token, "submitted" if found else "failed", found)

    async def _submit(self, todo: list[tuple[str, Cell]]) -> list[tuple[str, Cell]]:
        """Submit as much as the budget allows; returns the rest."""
        while todo and not self.runner.interrupted:
            chunk: list[tuple[str, Cell]] = []
            for key, cell in todo[:CHUNK]:
                if not self.runner.budget.try_reserve(bound(self.config, self.store.item_cached(cell.item).prompt)):
                    break
                chunk.append((key, cell))
            if not chunk:
                if not self.store.open_batches(self.config.fingerprint):
                    self.runner.budget.give_up(bound(self.config, self.store.item_cached(todo[0][1].item).prompt))
                break
            todo = todo[len(chunk) :]
            await self._submit_one(chunk)
        return todo

    async def _submit_one(self, chunk: list[tuple[str, Cell]]) -> None:
        token = uuid.uuid4().hex
        self.store.add_batch(self.config, token, [(key, cell.item, cell.attempt) for key, cell in chunk])
        requests = {
            key: Request((Message("user", self.store.item_cached(cell.item).prompt),), attempt=cell.attempt)
            for key, cell in chunk
        }
        (batch,) = [b for b in self.store.open_batches(self.config.fingerprint) if b["token"] == token]
        known = [b["remote"] for b in self.store.open_batches(self.config.fingerprint) if b["remote"]]
        keys = list(requests)

        async def once() -> str:
            # A try whose answer got lost may have succeeded: look before submitting again.
            if once_tried and (found := await self.batches.find(token, keys, batch["submitted"], known)):
                return found
            once_tried.append(True)
            return await self.batches.submit(requests, token)

        once_tried: list[bool] = []
        remote = await self._patiently(once)
        self.store.update_batch(token, "submitted", remote)
        self.runner.notify(f"{self.config.label}: batch {remote} of {len(chunk):,} requests submitted")

    async def _collect(self) -> None:
        """Wait until one batch or more have ended, and take their results."""
        while not self.runner.interrupted:
            for batch in self.store.open_batches(self.config.fingerprint):
                remote = batch["remote"]
                if await self._patiently(lambda remote=remote: self.batches.ended(remote)):  # type: ignore[misc]
                    await self._take(batch)
                    return
            self.state.status = "waiting for batches"
            await self.runner.sleep(self.runner.options.batch_poll)

    async def _take(self, batch: dict[str, Any]) -> None:
        remote = batch["remote"]
        try:
            found = dict(await self._patiently(lambda: self.batches.results(remote), final=True))
            lost = "batch expired: the provider returned nothing for this request"
        except RequestFailed as failure:
            found, lost = {}, f"batch failed: {failure}"
        if found and not any(key in found for key, _, _ in batch["cells"]):
            # Taken for ours after a crash, by its size and date; it is somebody else's, and ours was never submitted.
            self.store.update_batch(batch["token"], "failed")
            self.runner.notify(f"{self.config.label}: batch {remote} is not ours; run the same command again")
            return
        for key, item, attempt in batch["cells"]:
            completion = found.get(key) or Completion(error=lost)
            cell = Cell(self.config.label, item, attempt)
            self.store.add(Record(key, cell, completion), self.config.fingerprint)
            self.runner.budget.settle(bound(self.config, self.store.item_cached(item).prompt), completion)
            self._count(completion)
            await self.runner.scorer.later(key, item, completion, self._note_score)
        self.store.update_batch(batch["token"], "collected")
        self.state.status = "running"

    def _count(self, completion: Completion) -> None:
        state = self.state
        state.done += 1
        state.arrived += 1
        state.errors += completion.error is not None
        state.prompt_tokens += completion.prompt_tokens or 0
        state.completion_tokens += completion.completion_tokens or 0
        state.cost += completion.cost or 0.0
        state.unknown_cost += completion.error is None and completion.cost is None

    def _note_score(self, score: Score) -> None:
        self.state.scored += 1
        self.state.correct += score.outcome == "correct"

    async def _patiently(self, ask: Callable[[], Awaitable[Result]], final: bool = False) -> Result:
        """Ask the provider, again where it helps. Raises ModelStopped where it does not; with ``final``, RequestFailed
        where the provider says that this very request can never work."""
        from proofgrid.run.runner import ModelStopped

        options = self.runner.options
        failures = 0
        while True:
            try:
                return await ask()
            except RequestFailed as failure:
                failures += 1
                if final and failure.kind in ("bad_request", "not_found"):
                    raise
                if not failure.retry or failures > options.max_retries:
                    raise ModelStopped(f"the batch interface failed: {failure}; the same command goes on") from failure
                wait = failure.retry_after or min(options.max_backoff, options.backoff * 2.0**failures)
            await asyncio.sleep(wait)
