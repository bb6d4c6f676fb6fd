"""What `--engine ray` gains with two workers, and that a worker killed midway loses nothing.

    .venv-hosts/light/bin/python bench/bench_ray.py [--quick]

Needs Ray (`make test-hosts` makes the environment) and two cores with nothing else to do. Distinct proofs, one in four
of them wrong, are checked and items made in this process (the floor), and on a cluster of one and of two CPUs of this
machine, by what `check --engine ray` and `generate --engine ray` call; the start of Ray and of its workers is left out,
as long work has it once. Then the same on two CPUs with a worker killed after a third of the results. Results must be
equal every time. Exits 1 where they are not, never for a time. Goal: 1.6 times the floor with two workers.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.ndl_writer import write_proof
from proofgrid.commands.check import _check_chunk
from proofgrid.tasks.making.parallel import first_draft

try:
    import ray

    from proofgrid.integrations.ray import CHUNK, first_drafts, ray_map
except ModuleNotFoundError:
    print("no Ray here, so nothing is measured: make test-hosts, then .venv-hosts/light/bin/python bench/bench_ray.py")
    sys.exit(0)

TASK, SEED = "pl1_pw", 9
os.environ.setdefault("RAY_worker_niceness", "0")  # 15 unless said: beside other work that would be measured
Results = Callable[[], Iterable[Any]]


def proofs(count: int) -> list[tuple[int, bytes]]:
    """Numbered lines as `check --jsonl` reads them."""
    rng, lines = Random(3), []
    for number in range(count):
        premises, goal, text = write_proof(rng, rng.randint(600, 2400))
        if number % 4 == 0:
            text = text.replace(" BY mp on", " BY mt on", 1).replace(" BY left-and on", " BY right-and on", 1)
        problem = " # ".join(str(one) for one in (*premises, goal))
        lines.append((number + 1, json.dumps({"id": number, "problem": problem, "proof": text}).encode()))
    return lines


def lost(line: tuple[int, bytes]) -> tuple[int, str]:
    """No worker survived this line."""
    return -1, f"lost: {line[0]}"


def jobs(lines: list[tuple[int, bytes]], items: int) -> dict[str, tuple[Results, Results]]:
    """Of each kind of work: here, and on Ray."""
    check = partial(_check_chunk, options={})

    def here() -> Iterator[Any]:
        for start in range(0, len(lines), CHUNK):
            yield from check(lines[start : start + CHUNK])

    def made() -> Iterator[Any]:
        return (first_draft(TASK, SEED, None, index) for index in range(items))

    return {
        f"check, {len(lines):,} proofs": (here, lambda: ray_map(check, lines, lost)),
        f"generate, {items} items of {TASK}": (made, lambda: first_drafts(TASK, items, SEED, None)),
    }


def workers() -> list[int]:
    """Process ids of Ray's workers below this process."""
    parents, titles = {}, {}
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            pid = int(folder.name)
            parents[pid] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            titles[pid] = (folder / "cmdline").read_bytes()

    def ours(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
            if pid == os.getpid():
                return True
        return False

    return [pid for pid, title in titles.items() if title.startswith(b"ray::_run") and ours(pid)]


def timed(results: Results, kill_after: int | None = None) -> tuple[float, list[str], int]:
    """Seconds by the clock, the results, and how many workers were killed once ``kill_after`` results were there."""
    start, found, killed = time.perf_counter(), [], 0
    for result in results():
        found.append(repr(result))
        if len(found) == kill_after:
            for pid in workers()[:1]:
                os.kill(pid, signal.SIGKILL)
                killed += 1
    return time.perf_counter() - start, found, killed


def main() -> int:
    """Measure, print, compare; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, under a minute")
    quick = parser.parse_args().quick
    lines, items = proofs(2_000 if quick else 10_000), 60 if quick else 300
    every = jobs(lines, items)
    floor, expected, wrong = {}, {}, 0
    for here, _ in jobs(lines[:CHUNK], 1).values():
        timed(here)  # tables are built once
    for name, (here, _) in every.items():
        floor[name], expected[name], _ = timed(here)
        print(f"{name:34} one process        {floor[name]:7.1f} s", flush=True)
    for cpus in (1, 2):
        ray.init(num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        for _, there in jobs(lines[: 8 * CHUNK], 16).values():
            timed(there)  # the workers start
        for name, (_, there) in every.items():
            kills = (None, len(expected[name]) // 3) if cpus == 2 else (None,)
            for kill_after in kills:
                seconds, found, killed = timed(there, kill_after)
                same = found == expected[name]
                wrong += not same or (kill_after is not None and not killed)
                what = f"Ray, {cpus} CPU{'s' * (cpus > 1)}" + ("" if kill_after is None else f", {killed} killed")
                print(
                    f"{name:34} {what:19}{seconds:7.1f} s"
                    f"   {floor[name] / seconds:.2f} times one process   {'equal' if same else 'NOT EQUAL'}",
                    flush=True,
                )
        ray.shutdown()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
