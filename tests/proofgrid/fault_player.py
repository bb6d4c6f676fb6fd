"""Plays the catalogue of server behaviours against the real adapters, over HTTP, with the real runner and store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proofgrid.models.config import ModelConfig
from proofgrid.run.plan import missing_cells
from proofgrid.run.runner import execute
from proofgrid.run.state import Ending, RunOptions
from proofgrid.run.store import RunStore
from proofgrid.scoring import score_completion
from tests.proofgrid.server_faults import BatchBehaviour, Behaviour
from tests.proofgrid.small_items import fill, index_of, right, server_model
from tests.proofgrid.stub_server import Fault, Stub

PLAYED = 1
"""The item that a behaviour is played to; the one before it is answered first."""
FAST = RunOptions(backoff=0.001, max_backoff=0.002, batch_poll=0.001, max_retries=2, concurrency=1)


@dataclass
class Tally:
    """What a catalogue came to."""

    tried: int = 0
    named_rightly: int = 0
    lost: int = 0
    paid_twice: int = 0
    wrong: list[str] = field(default_factory=list)
    """What was not as it should be, a line each."""

    def add(self, other: Tally) -> None:
        """Add another catalogue's figures."""
        self.tried += other.tried
        self.named_rightly += other.named_rightly
        self.lost += other.lost
        self.paid_twice += other.paid_twice
        self.wrong += other.wrong


def config_of(behaviour: Behaviour, url: str) -> ModelConfig:
    """The model that is asked."""
    stream = behaviour.interface.endswith("-stream")
    timeout = 0.4 if behaviour.want == "timeout:" and behaviour.fault.kind != "raw" else 30
    if behaviour.interface.startswith("anthropic"):
        spec, url = "anthropic/claude-sonnet-4-6", url.removesuffix("/v1")
        return server_model(url, spec, stream=stream, timeout=timeout, prices={"input": 1, "output": 1})
    return server_model(url, stream=stream, timeout=timeout)


def kept(folder: Path) -> dict[int, str]:
    """What each item became: an outcome, or its api_error."""
    found: dict[int, str] = {}
    with RunStore.read(folder) as store:
        items = store.items()
        for record in store.records():
            score = score_completion(items[record.cell.item].problem, record.completion)
            number = int(record.cell.item[-5:])
            found[number] = record.completion.error or score.outcome
    return found


def run(folder: Path, config: ModelConfig, n: int) -> Ending:
    """Ask for ``n`` items."""
    with RunStore.open(folder) as store:
        ids = fill(store, n)
        return execute(store, [config], {config.label: list(missing_cells(store, config.label, ids, 1))}, FAST)


def play(behaviours: Iterable[Behaviour], folder: Path) -> Tally:
    """Play each behaviour in a run of its own against one server."""
    tally = Tally()
    with Stub(right) as stub:
        for at, behaviour in enumerate(behaviours):
            _play_one(behaviour, stub, folder / f"{at:04d}", tally)
    return tally


def _play_one(behaviour: Behaviour, stub: Stub, folder: Path, tally: Tally) -> None:
    asked: Counter[int] = Counter()

    def fault(body: dict[str, Any]) -> Fault | None:
        number = index_of(body)
        asked[number] += 1
        if (not behaviour.to_all and number != PLAYED) or (behaviour.once and asked[number] > 1):
            return None
        return behaviour.fault

    stub.fault_for = fault
    ending = run(folder, config_of(behaviour, stub.url), 4 if behaviour.to_all else 3)
    found = kept(folder)
    stop = next(iter(ending.stops.values()), None)
    tally.tried += 1
    if behaviour.want == "stops":
        good = stop is not None and behaviour.says in stop and not found
        said = f"{stop!r}, {len(found)} records"
    else:
        became = found.get(PLAYED, "nothing")
        good = became.startswith(behaviour.want) and behaviour.says in became and stop is None
        good = good and found.get(0) == found.get(2) == "correct"
        said = f"{became!r}, stopped: {stop}"
        tally.lost += 3 - len(found)
        finished = ":" not in behaviour.want
        most = {PLAYED: 2 if behaviour.once else 1} if finished else {PLAYED: FAST.max_retries + 1}
        tally.paid_twice += sum(times > most.get(number, 1) for number, times in asked.items())
    tally.named_rightly += good
    if not good:
        tally.wrong.append(f"{behaviour.name}: wanted {behaviour.want} {behaviour.says}, got {said}")


def play_batches(behaviours: Iterable[BatchBehaviour], folder: Path) -> Tally:
    """Play each batch behaviour in a run of its own against a server of its own."""
    tally = Tally()
    for at, behaviour in enumerate(behaviours):
        with Stub(right) as stub:
            behaviour.stub(stub)
            openai = behaviour.provider == "openai"
            spec = "openai/gpt-4.1" if openai else "anthropic/claude-sonnet-4-6"
            url = stub.url if openai else stub.url.removesuffix("/v1")
            config = server_model(url, spec, batch=True)
            ending = run(folder / f"batch{at:04d}", config, 3)
            made = len(stub.batches)
        found = list(kept(folder / f"batch{at:04d}").values())
        counts = {want: sum(one.startswith(want) for one in found) for want in behaviour.want}
        tally.tried += 1
        good = counts == behaviour.want and len(found) == 3 and not ending.stops
        tally.named_rightly += good
        tally.lost += 3 - len(found)
        tally.paid_twice += max(0, made - behaviour.batches)
        if not good:
            tally.wrong.append(f"{behaviour.name}: wanted {behaviour.want}, got {found}, stops {ending.stops}")
    return tally
