"""Faults and kills against a run, with real processes and a real server.

    python bench/soak_run.py [--quick]

1. 30% of all requests fail in one of nine ways (429, 500, 529, reset, cut body, bad JSON, HTML, wrong shape, trickle):
   every item must end with an answer or a named api_error, none twice.
2. kill -9 at random moments (100 times), each time followed by the same command: no record that was there before a
   kill may be missing or changed after it, no attempt may be there twice, no worker process may be left, and the last
   run must complete.
Exits non-zero where any of this fails.
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from random import Random

import psutil

from proofgrid.run.records import digest
from proofgrid.tasks import get_task
from tests.proofgrid.small_items import answer_text, problems

ROOT = Path(__file__).resolve().parent.parent
STUB = ROOT / "tests" / "proofgrid" / "stub_server.py"


def fail(message: str) -> None:
    sys.exit(f"FAILED: {message}")


def start_stub(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, str(STUB), *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def write_inputs(folder: Path, n: int) -> tuple[Path, Path]:
    """(items, answers): half of the answers are right."""
    task = get_task("pl1_pw")
    items, answers = folder / f"items{n}.jsonl", folder / f"answers{n}.json"
    items.write_text("".join(p.to_json() + "\n" for p in problems(n)), "utf-8")
    texts = {digest(task.prompt(p.shown)): answer_text(i, i % 2 == 0) for i, p in enumerate(problems(n))}
    answers.write_text(json.dumps(texts), "utf-8")
    return items, answers


def command(items: Path, run: Path, url: str, *more: str) -> list[str]:
    return [
        *(sys.executable, "-m", "proofgrid.cli", "run", "--model", "server/stub-model", "--base-url", url),
        *("--task", "pl1_pw", "--items", str(items), "--run", str(run), "--quiet", "--backoff", "0.02", *more),
    ]


def records(run: Path) -> dict[tuple[str, int], tuple[str, str | None]]:
    """Answer and error by item and sample; fails on a duplicate."""
    if not (run / "run.sqlite").exists():
        return {}
    with sqlite3.connect(f"file:{run / 'run.sqlite'}?mode=ro", uri=True, timeout=30) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchone():
            return {}
        rows = db.execute("SELECT item, attempt, text, error FROM attempts WHERE current = 1").fetchall()
    found = {(item, attempt): (text, error) for item, attempt, text, error in rows}
    if len(found) != len(rows):
        fail(f"{len(rows) - len(found)} attempts are there twice")
    return found


def wait_for_growth(run: Path, before: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the run has more records than before, 30 s at most."""
    until = time.monotonic() + 30
    while len(records(run)) <= before and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)


def check_scores(run: Path, expected: int) -> Counter[str]:
    with sqlite3.connect(run / "scores.sqlite") as db:
        counts = Counter(dict(db.execute("SELECT outcome, count(*) FROM scores GROUP BY outcome")))
    if sum(counts.values()) != expected:
        fail(f"{sum(counts.values())} scores for {expected} attempts")
    return counts


def faults(folder: Path, n: int) -> None:
    items, answers = write_inputs(folder, n)
    for retries in (6, 0):
        stub, url = start_stub("--answers", str(answers), "--fault-rate", "0.3", "--seed", str(retries))
        run = folder / f"faults{retries}"
        try:
            start = time.monotonic()
            done = subprocess.run(command(items, run, url, "--max-retries", str(retries)), check=False)
            seconds = time.monotonic() - start
            asked = json.load(urllib.request.urlopen(url.replace("/v1", "/stats")))["asked"]
        finally:
            stub.terminate()
            stub.wait()
        found = records(run)
        if len(found) != n:
            fail(f"{n - len(found)} of {n} items have no record (exit {done.returncode})")
        errors = [error for _, error in found.values() if error]
        if any(": " not in error for error in errors):
            fail("an api_error without a name")
        counts = check_scores(run, n)
        if counts["api_error"] != len(errors):
            fail("api_errors are scored as something else")
        kinds = Counter(error.split(":")[0] for error in errors)
        print(
            f"faults, {retries} retries: {n:,} items, {asked:,} requests in {seconds:.0f} s; each item once;"
            f" {dict(counts)}; api_errors by name: {dict(kinds)}"
        )


def kills(folder: Path, times: int, n: int, samples: int, seed: int) -> None:
    items, answers = write_inputs(folder, n)
    random = Random(seed)
    run = folder / "kills"
    stub, url = start_stub("--answers", str(answers), "--delay", "0.25", "--fault-rate", "0.05")
    arguments = command(items, run, url, "--samples", str(samples), "--concurrency", "16")
    lost = changed = 0
    orphans: list[psutil.Process] = []
    progress = []
    try:
        for _ in range(times):
            before = records(run)
            process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if random.random() < 0.8:  # while answers arrive; else anywhere, the start included
                wait_for_growth(run, len(before), process)
            time.sleep(random.uniform(0.0, 1.5))
            seen = records(run)
            orphans += psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            if process.poll() is not None:
                fail(f"the run ended by itself with {process.returncode} before the last kill; use more samples")
            process.send_signal(signal.SIGKILL)
            process.wait()
            after = records(run)
            for earlier in (before, seen):
                lost += sum(key not in after for key in earlier)
                changed += sum(key in after and after[key] != value for key, value in earlier.items() if not value[1])
            progress.append(len(after) - len(before))
            if len(progress) % 10 == 0:
                print(f"  {len(progress)} kills, {len(after):,} records, {lost} lost, {changed} changed", flush=True)
        kept = len(records(run))
        total = n * samples
        done = subprocess.run([*arguments, "--retry-errors", "--max-retries", "20"], check=False)
        found = records(run)
        served = sum(json.load(urllib.request.urlopen(url.replace("/v1", "/stats")))["sent"].values())
    finally:
        stub.terminate()
        stub.wait()
    time.sleep(3)
    left = [process for process in orphans if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    check_scores(run, total)
    print(
        f"kills: {times} x kill -9 ({sum(p > 0 for p in progress)} while answers were arriving), {kept:,} of {total:,}"
        f" attempts survived them; then completed: {len(found):,} attempts, {lost} lost, {changed} changed, 0 doubled;"
        f" {served - len(found):,} answers were in flight at a kill and asked again; {len(left)} processes left"
    )
    if lost or changed or left or len(found) != total or done.returncode:
        fail("see the line above")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0, help="only this many kills, and no faults")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if arguments.kills:
            kills(Path(name), arguments.kills, 1000, 5, arguments.seed)
        elif arguments.quick:
            faults(Path(name), 200)
            kills(Path(name), 5, 100, 10, arguments.seed)
        else:
            faults(Path(name), 2000)
            kills(Path(name), 100, 1000, 5, arguments.seed)


if __name__ == "__main__":
    main()
