"""Choose texts whose verdicts tell mutants from the code, and pin them.

    python bench/mutation/grow.py [--n 1500] [--seed 1000] [--texts 6000] [--more FILE]

Each mutant of a sample (of a seed of its own: the score is measured on another) is put before the pinned texts and then
before new ones that run through its lines; the first that is said otherwise joins the pinned ones. What nothing tells
apart is written to artifacts/mutation/left.json: it wants a test of its own, less code, or a line in
tests/mutation/survivors.json.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.mutation.pinned import CONSTANTS, Through, apart, first_found, states, warm

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "artifacts" / "mutation"
PINNED = ROOT / "tests" / "checker" / "pinned" / "verdicts.jsonl"
TEXTS = WORK / "texts.jsonl"
MUTMUT = ROOT / ".venv-mutation" / "bin" / "python"
FIELDS = ("language", "problem", "proof", "options")
TRIES = 120
"""New texts before one mutant."""
CONTROL = 150
"""Texts that have to be said as they were where a module is replaced by itself."""
DEAR = 0.15
"""Seconds from which on a text is not taken."""


def prepare(count: int, seed: int, more: Path | None) -> None:
    """Write the texts with what is said of each and the lines of the checker that it runs through."""
    from bench.mutation.texts import drawn

    texts = [*drawn(count, seed, more), CONSTANTS]
    with TEXTS.open("w", encoding="utf-8") as file:
        for text, (said, seconds, lines) in zip(texts, states(texts), strict=True):
            if isinstance(said, str) and (seconds < DEAR or text is CONSTANTS):
                file.write(json.dumps({**text, "want": said, "lines": lines}) + "\n")


class Chooser:
    """The pinned texts, and those that may join them."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], pinned: Sequence[int], seed: int) -> None:
        self.rows, self.rng = rows, Random(seed)
        self.found: Counter[int] = Counter(dict.fromkeys(pinned, 0))
        self.through = Through(row["lines"] for row in rows)

    def order(self, mutant: Mapping[str, Any]) -> list[int]:
        """The pinned texts that run through its lines, what found most first; then new ones."""
        here = self.through(mutant)
        known = here or set(range(len(self.rows)))  # a table or a signature
        pinned = sorted((n for n in self.found if n in known), key=lambda n: -self.found[n])
        if not here:
            pinned.insert(0, len(self.rows) - 1)  # the constants
        new = sorted((here or self.through.within.get(mutant["module"], known)) - set(pinned))
        return pinned + self.rng.sample(new, min(TRIES, len(new)))


def main() -> None:
    """Choose, and add the rows to the pinned ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1500, help="mutants")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--texts", type=int, default=6000, help="new texts")
    parser.add_argument("--more", type=Path, help="further texts, a list a line: language, problem, proof, options")
    parser.add_argument("--mutants", type=Path, help="a file of mutants in place of a sample")
    parser.add_argument("--minutes", type=float, default=60, help="after which no further mutant is looked at")
    parser.add_argument("--keep-texts", action="store_true", help="the texts of the last time")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    warm()
    if not options.keep_texts:
        apart(lambda: prepare(options.texts, options.seed, options.more))
    rows = [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    print(f"{len(rows):,} texts", flush=True)
    if options.mutants:
        said = options.mutants.read_text(encoding="utf-8")
    else:
        sample = [str(MUTMUT), "bench/mutation/mutants.py", "--n", str(options.n), "--seed", str(options.seed)]
        said = subprocess.run(sample, stdout=subprocess.PIPE, text=True, check=True).stdout
    mutants = [json.loads(line) for line in said.splitlines()]
    Random(options.seed).shuffle(mutants)
    keys = {json.dumps([row[name] for name in FIELDS]): n for n, row in enumerate(rows)}
    old = [json.loads(line) for line in PINNED.read_text(encoding="utf-8").splitlines()]
    there = [keys[k] for row in old if (k := json.dumps([row[name] for name in FIELDS])) in keys]
    chooser = Chooser(rows, there, options.seed)
    same = {"module": "proofgrid/checker/rules.py", "source": (ROOT / "proofgrid/checker/rules.py").read_text("utf-8")}
    odd = first_found(same, rows, Random(options.seed).sample(range(len(rows)), min(CONTROL, len(rows))))
    assert odd is None, f"the code itself is told apart: {odd}, {rows[odd]}"
    begun, left = time.monotonic(), []
    outcome: Counter[str] = Counter()
    for done, mutant in enumerate(mutants, 1):
        found = first_found(mutant, rows, chooser.order(mutant))
        if found is None:
            left.append(mutant)
            outcome["left"] += 1
        elif found >= 0:
            outcome["found by a new text" if found not in chooser.found else "found"] += 1
            chooser.found[found] += 1
        else:
            outcome["cannot be imported"] += 1
        if done % 50 == 0 or done == len(mutants):
            print(f"[{time.monotonic() - begun:.0f} s] {done}: {dict(outcome)}", flush=True)
            (WORK / "left.json").write_text(json.dumps(left), encoding="utf-8")
        if time.monotonic() - begun > 60 * options.minutes:
            break
    new = sorted(n for n, times in chooser.found.items() if times and n not in there and n < len(rows) - 1)
    added = [{**{name: rows[n][name] for name in FIELDS}, "told": json.loads(rows[n]["want"])} for n in new]
    from tests.checker.pinned.choose import line  # not before: the mutants' processes must have nothing of ours

    with PINNED.open("a", encoding="utf-8") as file:
        file.writelines(map(line, added))
    print(f"{len(added)} texts joined the pinned ones")


if __name__ == "__main__":
    main()
