"""What servers do, played against the real adapters; and a thousand requests at once against a slow server.

    python bench/soak_faults.py [--quick]

1. The catalogue of tests/proofgrid/server_faults.py: each behaviour of a server (or of its batches) in a run of its
   own, over HTTP. Prints how many were tried, named for what they mean, lost (an item without a record) and paid twice
   (a request sent again without cause).
2. Concurrency: requests to a stub server that takes a second for each answer, as many at once as the bound allows. A
   bare aiohttp client that sends the same requests and keeps nothing is the floor.
Exits non-zero where anything was named wrongly, lost, or sent twice.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from proofgrid.run.plan import missing_cells
from proofgrid.run.runner import execute
from proofgrid.run.state import RunOptions
from proofgrid.run.store import RunStore
from tests.proofgrid import server_faults
from tests.proofgrid.fault_player import Tally, play, play_batches
from tests.proofgrid.small_items import fill, right, server_model
from tests.proofgrid.stub_server import Stub

PARTS = ("statuses", "meanings", "bodies", "finish_words", "answers", "streams", "anthropic", "gateways")


def row(name: str, tally: Tally, seconds: float) -> None:
    print(
        f"{name:<22}{tally.tried:>7}{tally.named_rightly:>15}{tally.lost:>7}{tally.paid_twice:>12}{seconds:>8.1f}",
        flush=True,
    )


def faults(folder: Path, quick: bool) -> bool:
    print(f"{'behaviours':<22}{'tried':>7}{'named rightly':>15}{'lost':>7}{'paid twice':>12}{'CPU s':>8}")
    whole, batches = Tally(), Tally()
    for part in PARTS:
        start = time.process_time()
        tally = play(list(getattr(server_faults, part)())[:: 8 if quick else 1], folder / part)
        row(part, tally, time.process_time() - start)
        whole.add(tally)
    start = time.process_time()
    batches.add(play_batches(list(server_faults.batch_catalogue())[:: 8 if quick else 1], folder / "batches"))
    row("servers, all", whole, 0.0)
    row("batches, all", batches, time.process_time() - start)
    for line in (*whole.wrong, *batches.wrong):
        print(f"  {line}")
    return not (whole.wrong or batches.wrong or whole.lost + batches.lost or whole.paid_twice + batches.paid_twice)


async def floor(url: str, prompts: list[str], at_once: int) -> float:
    """Seconds that a bare client takes for the same requests."""
    import aiohttp

    gate = asyncio.Semaphore(at_once)
    start = time.monotonic()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one(prompt: str) -> None:
            body = {"model": "m", "messages": [{"role": "user", "content": prompt}]}
            async with gate, session.post(f"{url}/chat/completions", json=body) as response:
                await response.json()

        await asyncio.gather(*(one(prompt) for prompt in prompts))
    return time.monotonic() - start


def concurrency(folder: Path, at_once: int, rounds: int, delay: float) -> bool:
    n = at_once * rounds
    with RunStore.open(folder / "many") as store, Stub(right, delay=delay, keep=False) as stub:
        ids = fill(store, n)
        bare = asyncio.run(floor(stub.url, [item.prompt for item in store.items().values()], at_once))
        before, most_before, stub.most_in_flight = stub.asked, stub.most_in_flight, 0
        stub.sent.clear()
        config = server_model(stub.url, concurrency=at_once)
        start = datetime.now(UTC)
        ending = execute(
            store, [config], {config.label: list(missing_cells(store, config.label, ids, 1))}, RunOptions()
        )
        last = max(datetime.fromisoformat(row["last"]) for row in store.served()[config.fingerprint])
        seconds = (last - start).total_seconds()
        asked, twice = stub.asked - before, sum(times > 1 for times in stub.sent.values())
        kept = sum(record.completion.error is None for record in store.records())
    print(
        f"{n:,} requests, {at_once:,} at once at most ({stub.most_in_flight:,} were; the bare client {most_before:,}),"
        f" {delay:g} s an answer: {n - kept} lost, {twice} asked twice, {asked - n} tries more than answers;"
        f" last answer after {seconds:.1f} s, the bare client {bare:.1f} s -> ratio {seconds / bare:.2f}"
    )
    return ending.complete and kept == n and twice == 0 and asked == n


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        fine = faults(Path(name), quick)
        fine &= concurrency(Path(name), 100 if quick else 1000, 2 if quick else 4, 0.5 if quick else 4.0)
    if not fine:
        sys.exit("FAILED: see above")


if __name__ == "__main__":
    main()
