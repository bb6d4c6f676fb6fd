"""What a suite costs: loading v1 beside the floors, drawing items on one process and two, and the Hilbert prover.

    python bench/bench_suite.py [--quick]

Loading reads, hashes, decompresses and parses; the floors are decompressing alone, and json.loads of the same lines
with no classes. Figures are medians of runs in one process. Exits with 1 where two processes draw other items than one,
or the loaded items are not those that json.loads gives.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from proofgrid.checker.parsing import parse_formula
from proofgrid.tasks.making.hilbert_prover import prove_hilbert
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.registry import TASK_IDS, get_task
from proofgrid.tasks.suites import load_suite, suite_manifest
from proofgrid.tasks.suites.store import suite_directory


def seconds(run: Callable[[], Any], times: int) -> tuple[float, Any]:
    """The median wall time of ``times`` runs, and the last result."""
    taken, result = [], None
    for _ in range(times):
        start = perf_counter()
        result = run()
        taken.append(perf_counter() - start)
    return median(taken), result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    files = [suite_directory("v1") / name for name in suite_manifest("v1")["files"]]
    packed = [path.read_bytes() for path in files]
    unpack, contents = seconds(lambda: [gzip.decompress(data) for data in packed], 5)
    texts = [content.decode().splitlines()[1:] for content in contents]
    parse, plain = seconds(lambda: [json.loads(line) for lines in texts for line in lines], 5)
    load, problems = seconds(lambda: load_suite("v1"), 5)
    size = sum(len(content) for content in contents) / 1e6
    print(f"load v1: {len(problems)} items, {sum(map(len, packed)) / 1e6:.1f} MB packed, {size:.1f} MB: {load:.3f} s")
    print(
        f"  floors: decompressing {unpack:.3f} s, json.loads {parse:.3f} s; ratio to both {load / (unpack + parse):.2f}"
    )
    wrong = [p.id for p, data in zip(problems, plain, strict=True) if json.loads(p.to_json()) != data]

    print("drawing items, CPU seconds an item (one process):")
    for task_id in TASK_IDS:
        task = get_task(task_id)
        n = len(task.levels) if quick or task_id.endswith("_c") else 4 * len(task.levels)
        start = process_time()
        made = list(task.generate(n, seed=8))
        print(f"  {task_id:9} {(process_time() - start) / n:8.3f}  ({n} items of {len(made[-1].to_json()):,} bytes)")
    n = 10 if quick else 40
    one, alone = seconds(lambda: list(generate_parallel("pl4_pw", n, 8, jobs=1)), 1)
    two, both = seconds(lambda: list(generate_parallel("pl4_pw", n, 8, jobs=2)), 1)
    print(f"pl4_pw, {n} items: {one:.1f} s on one process, {two:.1f} s on two, ratio {one / two:.2f}")
    wrong += [p.id for p, q in zip(alone, both, strict=True) if p != q]

    print("Hilbert prover, by budget: lines in all and CPU seconds, on the challenge items of v1")
    challenge = [p for p in problems if p.task == "pl4_pw_c"][: 3 if quick else 12]
    for budget in (20, 200, 2000):
        start = process_time()
        lengths = [
            found.length if found else None
            for p in challenge
            for found in [
                prove_hilbert([parse_formula(x) for x in p.shown["premises"]], parse_formula(p.shown["goal"]), budget)
            ]
        ]
        known = [length for length in lengths if length is not None]
        print(
            f"  {budget:5}: {len(known)} of {len(lengths)} proved, {sum(known)} lines, {process_time() - start:.1f} s"
        )
    for item in wrong:
        print(f"WRONG {item}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
