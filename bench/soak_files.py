"""A stranger's files, one after another, in front of the commands that read them.

    python bench/soak_files.py [--quick]

Each case of tests/proofgrid/hostile_files.py in a folder of its own; each command in a process of its own, as a user
would run it. Prints, for each kind of file, how many commands ran, and how many of them touched a file outside, ended
with a traceback, took more than ten seconds of processor time, or were killed. Exits non-zero if any did.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.proofgrid.hostile_files import CASES, prepared, snapshot

MOST_SECONDS = 10
ENDS = (0, 1, 2, 3)


def run(command: list[str], folder: Path) -> tuple[int, str, float]:
    """Exit status, everything that was printed, and processor seconds; -1 where it had to be killed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), "MPLBACKEND": "agg"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "proofgrid.cli", *command],
            cwd=folder, env=environment, capture_output=True, text=True, errors="replace", timeout=600,
        )  # fmt: skip
        code, said = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        code, said = -1, ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return code, said, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every fifth case")
    quick = parser.parse_args().quick
    counts: dict[str, Counter[str]] = {}
    for case in CASES[:: 5 if quick else 1]:
        kind = case.name.split(":")[0] if ":" in case.name else "run folder"
        count = counts.setdefault(kind, Counter())
        count["files"] += 1
        with tempfile.TemporaryDirectory() as root:
            for command in case.commands:
                folder, outside = prepared(case, Path(root))
                before = snapshot(outside)
                code, said, seconds = run(command, folder)
                found = {
                    "touched": snapshot(outside) != before,
                    "traceback": "Traceback" in said or code not in ENDS,
                    "hang": code == -1 or seconds > MOST_SECONDS,
                }
                count["commands"] += 1
                for name, bad in found.items():
                    count[name] += bad
                    if bad:
                        last = said.strip().splitlines()[-1:] or ["(nothing said)"]
                        print(f"{name}: {case.name}: {' '.join(command)}: exit {code}: {last[0][:300]}", flush=True)
    columns = ("files", "commands", "touched", "traceback", "hang")
    print(f"{'kind':<14}" + "".join(f"{name:>11}" for name in columns))
    for kind, count in counts.items():
        print(f"{kind:<14}" + "".join(f"{count[name]:>11}" for name in columns))
    total = sum(counts.values(), Counter())
    print(f"{'all':<14}" + "".join(f"{total[name]:>11}" for name in columns))
    return int(any(total[name] for name in columns[2:]))


if __name__ == "__main__":
    sys.exit(main())
