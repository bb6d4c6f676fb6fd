"""Mutation testing of what decides a verdict: does some test fail for each of a random sample of mutants?

    python bench/mutation/campaign.py [--n 400] [--seed 1] [--workers 1] [--first] [--again] [--dear 1]

Each mutant of the sample (mutants.py, by the operators of mutmut) is put in its module's place, and a test of the
checker that runs through its lines has to fail: the pinned verdicts first (pinned.py; ``--first``: they alone), then
the checker's other tests (own_tests.py), each in a copy of a warm process. A mutant that goes on for ever counts as
found. As a control the same texts and tests first judge the code as it is, and have to pass: a test that fails anyway
would find every mutant.

The score is printed with its 95% interval (Wilson). Survivors that change nothing stand with the reason in
tests/mutation/survivors.json, and count as found; the others are written to artifacts/mutation/survivors.json. Exits
with 1 where the control fails or the score is under 95%.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.mutation.own_tests import DEAR, Judge, recorded
from bench.mutation.pinned import BEFORE, CONSTANTS, Through, apart, first_found, states

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "artifacts" / "mutation"
KNOWN = ROOT / "tests" / "mutation" / "survivors.json"
PINNED = ROOT / "tests" / "checker" / "pinned" / "verdicts.jsonl"
MUTMUT = ROOT / ".venv-mutation" / "bin" / "python"
LEAST = 0.95


def before_pinned(rows: Sequence[Mapping[str, Any]], workers: int) -> list[str] | None:
    """What the pinned verdicts make of each mutant ("" where they find nothing); None where they do not hold."""
    texts = [
        {**row, "want": json.dumps(row["told"], ensure_ascii=False)}
        for row in map(json.loads, PINNED.read_text(encoding="utf-8").splitlines())
    ]
    written = json.loads((PINNED.parent / "constants.json").read_text(encoding="utf-8"))
    texts.append({**CONSTANTS, "want": json.dumps(written, ensure_ascii=False)})
    same = {"module": "proofgrid/checker/rules.py", "source": (ROOT / "proofgrid/checker/rules.py").read_text("utf-8")}
    known = sha256(PINNED.read_bytes())
    for path in sorted((ROOT / "proofgrid" / "checker").rglob("*.py")):
        known.update(path.read_bytes())
    lines = WORK / f"lines-{known.hexdigest()[:16]}.json"
    if not lines.exists():  # else the verdicts were found to hold, of this very code
        odd = first_found(same, texts, range(len(texts)))
        if odd is not None:
            print("the pinned verdicts do not hold without a mutant:", texts[odd] if odd >= 0 else "no import")
            return None
        apart(lambda: lines.write_text(json.dumps([seen for _, _, seen in states(texts)]), "utf-8") and None)
    finds: Counter[int] = Counter(dict.fromkeys(range(len(texts)), 0))
    through = Through(json.loads(lines.read_text(encoding="utf-8")))

    def ask(mutant: Mapping[str, Any]) -> str:
        """The texts that have found most come first."""
        here = through(mutant) or through.near(mutant["module"])
        constants = [] if through.executed(mutant) else [len(texts) - 1]
        found = first_found(mutant, texts, constants + [n for n, _ in finds.most_common() if n in here])
        if found is None:
            print(f"left to the tests: {described(mutant)}", flush=True)
            return ""
        finds[found] += found >= 0
        return "found by a pinned verdict" if found >= 0 else "found: it cannot be imported"

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(ask, rows))


def described(mutant: Mapping[str, Any]) -> str:
    """Where a mutant is, and what it changes."""
    return f"{mutant['module']}:{mutant['line']}\n  - {mutant['before'].strip()}\n  + {mutant['after'].strip()}"


def key(mutant: Mapping[str, Any]) -> tuple[str, str, str]:
    """A mutant as survivors.json names it: by its module and its lines, not by their numbers."""
    return mutant["module"], mutant["before"].strip(), mutant["after"].strip()


def main() -> int:
    """Sample, judge, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=400, help="mutants in the sample (0: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--first", action="store_true", help="the pinned verdicts alone")
    parser.add_argument("--mutants", type=Path, help="a file that mutants.py wrote, in place of a new sample")
    parser.add_argument("--again", action="store_true", help="run only what survived the last time")
    parser.add_argument("--dear", type=float, default=DEAR, help="tests that take as many seconds are not asked")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    if options.again:
        rows = json.loads((WORK / "survivors.json").read_text(encoding="utf-8"))
    elif options.mutants:
        rows = [json.loads(line) for line in options.mutants.read_text(encoding="utf-8").splitlines()][: options.n]
    else:
        sample = [str(MUTMUT), "bench/mutation/mutants.py", "--n", str(options.n), "--seed", str(options.seed)]
        said = subprocess.run(sample, capture_output=True, text=True, check=True)
        print(said.stderr.strip(), flush=True)
        rows = [json.loads(line) for line in said.stdout.splitlines()]
        Random(options.seed).shuffle(rows)  # so that a campaign that is cut off is a sample, too
    for name in ("hypothesis", "pytest", *BEFORE):  # the mutants' processes are copies of this one
        import_module(name)
    gc.collect()
    gc.freeze()
    known = {key(row) for row in json.loads(KNOWN.read_text(encoding="utf-8"))}
    outcome = ["explained" if key(row) in known else "" for row in rows]
    started = time.monotonic()
    asked = [n for n, what in enumerate(outcome) if not what]
    said = before_pinned([rows[n] for n in asked], options.workers)
    if said is None:
        return 1
    for n, what in zip(asked, said, strict=True):
        outcome[n] = what or "survived"
    print(f"[{time.monotonic() - started:.0f} s] the pinned verdicts leave {outcome.count('survived')}", flush=True)
    todo = [] if options.first else [n for n, what in enumerate(outcome) if what == "survived"]
    if todo:
        recording = recorded()
        if recording is None:
            return 1
        judge = Judge(recording, options.dear)
        with ThreadPoolExecutor(options.workers) as pool:
            for n, what in zip(todo, pool.map(lambda n: judge(rows[n]), todo), strict=True):
                outcome[n] = what or "survived"
                row = rows[n]
                print(f"[{time.monotonic() - started:.0f} s] {row['module']}:{row['line']} {outcome[n]}", flush=True)
    for row, what in zip(rows, outcome, strict=True):
        if what == "survived":
            print(f"SURVIVED {described(row)}", flush=True)
    survivors = [row for row, what in zip(rows, outcome, strict=True) if what == "survived"]
    (WORK / "survivors.json").write_text(json.dumps(survivors), encoding="utf-8")
    for what, n in sorted(Counter(outcome).items()):
        print(f"  {n:6,}  {what}")
    found = len(rows) - len(survivors)
    from proofgrid.statistics import wilson  # not before: the mutants' processes must have nothing of ours

    low, high = wilson(found / len(rows), len(rows))
    score = f"{found / len(rows):.1%} of {len(rows)} mutants, seed {options.seed}"
    print(f"mutation score {score} (95%: {low:.1%} to {high:.1%})")
    return 0 if found / len(rows) >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
