"""What a large run costs once it is there: report, irt, export, compare and score, as CPU seconds, memory, exponents.

    python bench/bench_scale.py [--quick] [--records N] [--only COMMAND ...]

A run's folder of 24 models on 15 tasks with answers of real size (2-6 kB, and 10 kB of reasoning) is written at two
sizes, the larger one of N records (36,000 unless said; 2,160 with --quick), and each command is run on both in a
process of its own. Printed are CPU seconds and peak memory of the process and its children at the larger size, the
exponent by which the CPU time grows with the records (1 is linear; what a command costs at no record is in both, so it
is a lower bound), and the size of the report's page. Bars at 36,000 records: report 60 s and 600 MB, page 10 MB, irt
20 s, compare 10 s, score resumed with 200 answers left 10 s; at any size every command 2 GB. Exits 1 where a command
fails, takes more memory than that, or the page is over 10 MB, never for a time.
"""

from __future__ import annotations

import argparse
import math
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.bench_run import timed
from bench.large_run import write_large
from proofgrid.report.simulate import simulate_run
from proofgrid.tasks import TASK_IDS

MODELS = 24
PAGE_MB = 10.0
MEMORY_MB, REPORT_MB = 2_000.0, 600.0
"""Of every command, and of the report up to 36,000 records."""
SECONDS = {"report": 60.0, "irt": 20.0, "compare": 10.0, "score": 10.0}
"""CPU seconds at 36,000 records."""
COMMANDS = {
    "report": ["report", "{run}", "--out", "{out}/report.html"],
    "irt": ["irt", "{run}", "--out", "{out}/irt"],
    "export": ["export", "{run}", "--out", "{out}/export.jsonl"],
    "compare": ["compare", "{run}", "--out", "{out}/pairs.csv"],
    "score": ["score", "{run}", "--resume"],
}
LEFT = 200
"""Answers that are not scored yet when scoring is resumed."""


def measured(name: str, run: Path, out: Path) -> tuple[float, float]:
    """CPU seconds and peak megabytes of one command on a run."""
    out.mkdir(exist_ok=True)
    if name == "score":
        with sqlite3.connect(run / "scores.sqlite") as scores:
            scores.execute(f"DELETE FROM scores WHERE rowid IN (SELECT rowid FROM scores LIMIT {LEFT})")
        scores.close()
    line = [word.format(run=run, out=out) for word in COMMANDS[name]]
    _, cpu, _, tree = timed([sys.executable, "-m", "proofgrid.cli", *line])
    return cpu, tree


def main() -> int:
    """Write both folders, run the commands on both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2,160 records")
    parser.add_argument("--records", type=int, help="records of the larger run")
    parser.add_argument("--only", action="append", choices=COMMANDS, help="only this command (may be repeated)")
    options = parser.parse_args()
    records = options.records or (2_160 if options.quick else 36_000)
    run = simulate_run(MODELS, 1, tasks=TASK_IDS)
    clones = max(3, records // len(run.attempts))
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = {}
        for n in (clones // 3, clones):
            path = folder / str(n)
            runs[path] = write_large(path, run, n)
            size = sum(file.stat().st_size for file in path.iterdir()) / 1e6
            print(f"{runs[path]:,} records: a folder of {size:.0f} MB", flush=True)
        (few, small), (many, large) = ((n, path) for path, n in runs.items())
        print(f"{'command':8}{'CPU s':>9}{'exponent':>10}{'MB':>8}")
        for command in options.only or COMMANDS:
            before, _ = measured(command, small, folder / "out-small")
            cpu, memory = measured(command, large, folder / "out")
            grows = math.log(cpu / before) / math.log(many / few)
            bar = REPORT_MB if command == "report" and many <= 36_000 else MEMORY_MB
            marks = "  OVER its memory" if memory > bar else ""
            if many <= 36_000 and cpu > SECONDS.get(command, math.inf):
                marks += "  OVER its time"
            wrong += memory > bar
            print(f"{command:8}{cpu:9.1f}{grows:10.2f}{memory:8.0f}{marks}", flush=True)
        page = folder / "out" / "report.html"
        if page.is_file():
            size = page.stat().st_size / 1e6
            wrong += size > PAGE_MB
            print(f"the page: {size:.1f} MB (bar {PAGE_MB:g}){'  OVER' if size > PAGE_MB else ''}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
