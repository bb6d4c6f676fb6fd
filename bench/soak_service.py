"""The HTTP service under load and under kills: throughput against the same pool without HTTP, answers lost or wrong.

    python bench/soak_service.py [--quick] [--seconds N] [--kills-only]

1. Batches of 64 answers through ``proofgrid serve`` from two client threads, and the same jobs given to the pool
   directly in this process (the floor), in turn, each with two workers: answers a second, as a ratio; and CPU seconds
   of everything that took part (client, server, workers), which a busy machine does not change.
2. For some minutes a worker is killed again and again while batches are scored: every score must arrive and be right,
   and the server's memory must not grow.

Exits with 1 where an answer is lost or wrong; never because it was slow.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from proofgrid.scoring_pool import ScoringPool
from proofgrid.service.client import BATCH, Client
from proofgrid.service.jobs import ScoreRequest
from proofgrid.tasks import get_task
from proofgrid.tasks.suites import load_suite

WORKERS = 2


def answers(n: int) -> list[tuple[dict, str, float]]:
    """(item, text, points): right and spoiled answers of several tasks, shuffled with a fixed seed."""
    import json

    rows = []
    for task_id in ("pl1_pw", "pl2_pw", "pl3_pw", "eq_er"):
        task = get_task(task_id)
        for item in load_suite("v1", [task_id]):
            right = task.reference_answer(item)
            for text in (right, right.replace("mp on", "mt on").replace(" from ", " from premise-1, ")):
                rows.append((json.loads(item.to_json()), text, task.score(item, text).points))
    random.Random(7).shuffle(rows)
    return (rows * (n // len(rows) + 1))[:n]


@contextmanager
def served() -> Iterator[tuple[str, psutil.Process]]:
    """``proofgrid serve`` in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "proofgrid.cli", "serve", "--port", str(port), "--workers", str(WORKERS)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{url}/health", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, psutil.Process(server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def ask(url: str, rows: list[tuple[dict, str, float]], wrong: list[str]) -> None:
    """Score ``rows`` by the service and note what is not as it should be."""
    with Client(url) as client:
        for (item, _, points), score in zip(rows, client.scores((i, t) for i, t, _ in rows), strict=True):
            if score.get("points") != points:
                wrong.append(f"{item['id']}: {score.get('points', score)} instead of {points}")


def spent() -> float:
    """CPU seconds of this process and all below it: client, pool, server, workers."""
    here = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in [here, *here.children(recursive=True)])


def throughput(n: int) -> list[str]:
    """Section 1: answers a second, with and without HTTP, in turn."""
    rows = answers(n)
    wrong: list[str] = []
    pool = ScoringPool(WORKERS)
    jobs = [ScoreRequest(item, text) for item, text, _ in rows]
    pool.map(jobs[:BATCH])
    ratios, costs = [], []
    with served() as (url, _):
        ask(url, rows[:BATCH], wrong)
        for _ in range(3):
            start, before = time.perf_counter(), spent()
            for i in range(0, n, BATCH * 2):
                pool.map(jobs[i : i + BATCH * 2])
            direct, between = time.perf_counter() - start, spent()
            start = time.perf_counter()
            threads = [threading.Thread(target=ask, args=(url, rows[i::2], wrong)) for i in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            over_http = time.perf_counter() - start
            ratios.append(direct / over_http)
            costs.append((between - before) / (spent() - between))
            print(
                f"  pool {n / direct:7,.0f} answers/s   service {n / over_http:7,.0f}   ratio {ratios[-1]:.2f}"
                f"   of CPU {costs[-1]:.2f}",
                flush=True,
            )
    pool.close()
    clock, cpu = sorted(ratios)[1], sorted(costs)[1]
    print(f"  service / pool, median of 3: {clock:.2f} by the clock, {cpu:.2f} of CPU (goal 0.80)")
    return wrong


def kills(seconds: float, every: float) -> list[str]:
    """Section 2: a worker killed ``every`` so many seconds while batches are scored."""
    rows = answers(1024)
    wrong: list[str] = []
    asked = killed = 0
    memory: list[float] = []
    with served() as (url, server):
        ask(url, rows, wrong)
        end, next_kill = time.monotonic() + seconds, time.monotonic() + every
        while time.monotonic() < end:
            ask(url, rows, wrong)
            asked += len(rows)
            memory.append(server.memory_info().rss / 2**20)
            if time.monotonic() >= next_kill:
                workers = [p for p in server.children() if "proofgrid.scoring_pool" in " ".join(p.cmdline())]
                if workers:
                    timer = threading.Timer(random.uniform(0, 0.5), _kill, [random.choice(workers).pid])
                    timer.start()
                    killed += 1
                next_kill += every
    print(f"  {asked:,} answers, {killed} workers killed, {len(wrong)} lost or wrong")
    print(
        f"  memory of the server: {memory[0]:.0f} MB at first, {max(memory):.0f} at most, {memory[-1]:.0f} at the end"
    )
    return wrong


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.kill(pid, signal.SIGKILL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, under a minute")
    parser.add_argument("--seconds", type=float, default=600, help="how long section 2 takes")
    parser.add_argument("--kills-only", action="store_true", help="only section 2, which needs no quiet machine")
    options = parser.parse_args()
    wrong: list[str] = []
    if not options.kills_only:
        print("throughput, batches of 64")
        wrong = throughput(1_000 if options.quick else 8_000)
    print("kills")
    wrong += kills(15 if options.quick else options.seconds, 5 if options.quick else 60)
    for line in wrong[:20]:
        print("  WRONG:", line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
