"""Throughput of a whole run (requests, store, scoring) against floors measured in the same run; memory and resume.

    python bench/bench_run.py [--quick]

A stub server on 127.0.0.1, in a process of its own, answers with right proofs at no latency; so the figures are the
price of our side and of the HTTP stack. Floors: bare aiohttp, and the openai SDK with its default transport, both with
nothing stored and nothing scored. Exits non-zero where a record is missing, doubled or wrongly scored.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from proofgrid.run.records import digest
from proofgrid.tasks import Item
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.registry import get_task

ROOT = Path(__file__).resolve().parent.parent
STUB = ROOT / "tests" / "proofgrid" / "stub_server.py"
CONCURRENCY = 256


def make_items(folder: Path, n: int) -> tuple[Path, Path, list[Item]]:
    """(items, answers, problems): a file for --items and one for the stub."""
    task = get_task("pl1_pw")
    problems = list(generate_parallel("pl1_pw", n, 11))
    items, answers = folder / "items.jsonl", folder / "answers.json"
    items.write_text("".join(problem.to_json() + "\n" for problem in problems), "utf-8")
    texts = {digest(task.prompt(p.shown)): task.reference_answer(p) for p in problems}
    answers.write_text(json.dumps(texts), "utf-8")
    return items, answers, problems


def start_stub(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """The stub server's process and its base URL."""
    process = subprocess.Popen([sys.executable, str(STUB), *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def command(items: Path, run: Path, url: str, samples: int) -> list[str]:
    """The command line of a run against the stub."""
    return [
        *(sys.executable, "-m", "proofgrid.cli", "run", "--model", "server/stub-model", "--base-url", url),
        *("--task", "pl1_pw", "--items", str(items), "--samples", str(samples), "--run", str(run)),
        *("--concurrency", str(CONCURRENCY), "--quiet"),
    ]


def timed(arguments: list[str]) -> tuple[float, float, float, float]:
    """(wall s, CPU s of the tree, peak RSS of the main process in MB, peak of the whole tree in MB)."""
    start = time.monotonic()
    before = os.times()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    main, whole = 0.0, 0.0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            sizes = [watched.memory_info().rss]
            sizes += [child.memory_info().rss for child in watched.children(recursive=True)]
            main, whole = max(main, sizes[0] / 2**20), max(whole, sum(sizes) / 2**20)
        except psutil.Error:
            pass
        time.sleep(0.1)
    wall = time.monotonic() - start
    after = os.times()
    if process.returncode:
        sys.exit(f"FAILED: {' '.join(arguments)} ended with {process.returncode}")
    return (
        wall,
        after.children_user + after.children_system - before.children_user - before.children_system,
        main,
        whole,
    )


def check(run: Path, expected: int) -> None:
    """Every record once, all right answers scored correct."""
    with sqlite3.connect(run / "run.sqlite") as db:
        count, distinct = db.execute(
            "SELECT count(*), count(DISTINCT item || ' ' || attempt) FROM attempts WHERE current = 1"
        ).fetchone()
        db.execute("ATTACH ? AS derived", (str(run / "scores.sqlite"),))
        correct = db.execute("SELECT count(*) FROM scores WHERE outcome = 'correct'").fetchone()[0]
        span = db.execute(
            "SELECT (julianday(max(arrived)) - julianday(min(arrived))) * 86400 FROM attempts"
        ).fetchone()[0]
    if not count == distinct == correct == expected:
        sys.exit(f"FAILED: {count} records, {distinct} distinct, {correct} correct, {expected} expected")
    print(f"  {count:,} records, each once, all scored correct; first to last arrival {span:.1f} s")


async def floor(kind: str, url: str, prompts: list[str], n: int) -> float:
    """Requests a second with nothing stored or scored."""
    gate = asyncio.Semaphore(CONCURRENCY)
    bodies = [{"model": "m", "messages": [{"role": "user", "content": prompts[i % len(prompts)]}]} for i in range(n)]
    if kind == "aiohttp":
        import aiohttp

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def one(body: dict[str, object]) -> None:
                async with gate, session.post(f"{url}/chat/completions", json=body) as response:
                    await response.json()

            start = time.monotonic()
            await asyncio.gather(*(one(body) for body in bodies))
            return n / (time.monotonic() - start)
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:

        async def ask(body: dict[str, object]) -> None:
            async with gate:
                await client.chat.completions.create(**body)  # type: ignore[call-overload]

        start = time.monotonic()
        await asyncio.gather(*(ask(body) for body in bodies))
        return n / (time.monotonic() - start)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--records", type=int, help="size of the large run")
    quick = parser.parse_args().quick
    records = parser.parse_args().records or (0 if quick else 100_000)
    n_items, samples = (100, 20) if quick else (200, 40)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items, answers, problems = make_items(folder, n_items)
        stub, url = start_stub("--answers", str(answers))
        try:
            prompts = [get_task("pl1_pw").prompt(problem.shown) for problem in problems]
            floors = {kind: asyncio.run(floor(kind, url, prompts, 1500)) for kind in ("aiohttp", "openai")}
            print(f"throughput: {n_items} items x {samples} samples at concurrency {CONCURRENCY}")
            wall, cpu, rss, tree = timed(command(items, folder / "run", url, samples))
            check(folder / "run", n_items * samples)
            rate = n_items * samples / wall
            print(f"  whole run, start to exit: {rate:.0f} requests/s ({wall:.1f} s wall, {cpu:.1f} s CPU)")
            print(f"  openai SDK, default transport, nothing stored or scored: {floors['openai']:.0f}/s"
                  f" -> ratio {rate / floors['openai']:.2f}")  # fmt: skip
            print(f"  bare aiohttp, nothing stored or scored: {floors['aiohttp']:.0f}/s"
                  f" -> ratio {rate / floors['aiohttp']:.2f}")  # fmt: skip
            print(f"  peak memory: {rss:.0f} MB, {tree:.0f} MB with worker processes")
            wall, cpu, rss, _ = timed(command(items, folder / "run", url, samples))
            print(f"resume of the finished run ({n_items * samples:,} records): {wall:.2f} s, {rss:.0f} MB")
            if records:
                samples = records // n_items
                wall, cpu, rss, tree = timed(command(items, folder / "large", url, samples))
                check(folder / "large", records)
                print(f"large run: {records:,} records, {records / wall:.0f} requests/s, peak {rss:.0f} MB,"
                      f" {tree:.0f} MB with worker processes")  # fmt: skip
                for _ in range(3):
                    wall, cpu, rss, _ = timed(command(items, folder / "large", url, samples))
                    print(f"resume of the finished run ({records:,} records): {wall:.2f} s, {rss:.0f} MB")
        finally:
            stub.terminate()
            stub.wait()


if __name__ == "__main__":
    main()
