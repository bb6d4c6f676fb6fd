"""Whether the grammars that answers can be generated under are the languages that are graded.

For each task, every reference answer of v1 must be a sentence of its item's grammar, and random sentences, drawn
through llguidance byte by byte, must be read without a repair and parse strictly where they hold a proof. Prints a row
for each task; exits 1 if a reference is refused or a sentence is not read to the letter. `--quick`: 5 references, 100
sentences.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from proofgrid import load_suite
from proofgrid.tasks import TASK_IDS, get_task
from tests.tasks.grammar_sampling import accepts, grammar_of, read_strictly, sentences

SENTENCES = 10_000
LONG = {"pl1_pm_c": 10, "pl1_gf_c": 10}
"""By how much fewer sentences `--quick` draws: these answers fill hundreds of places each."""


def main() -> int:
    """Run the campaign; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short sample")
    parser.add_argument("--task", action="append", choices=TASK_IDS, help="only this task; may be repeated")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help="how many are drawn for a task")
    said = parser.parse_args()
    print(f"{'task':<10}{'references':>14}{'sentences':>12}{'bytes':>10}{'not read':>10}{'CPU s':>8}")
    failures = 0
    for task in said.task or TASK_IDS:
        start = time.process_time()
        items = load_suite("v1", [task])
        checked = items[:5] if said.quick else items
        right = [accepts(grammar_of(item), get_task(task).reference_answer(item)) for item in checked]
        count = 100 // LONG.get(task, 1) if said.quick else said.sentences
        shortest = sorted(items, key=lambda item: len(str(item.shown)))[:10]
        drawn = size = unread = 0
        for number, item in enumerate(shortest):
            share = count // len(shortest) + (number < count % len(shortest))
            for text in sentences(grammar_of(item), share, seed=number):
                drawn, size = drawn + 1, size + len(text)
                try:
                    read_strictly(item, text)
                except Exception as error:
                    unread += 1
                    if unread <= 3:
                        print(f"  {item.id}: {type(error).__name__}: {str(error)[:200]}: {text[:300]!r}")
        failures += unread + right.count(False)
        spent = time.process_time() - start
        print(
            f"{task:<10}{f'{sum(right)} of {len(right)}':>14}{drawn:>12}{size:>10}{unread:>10}{spent:>8.1f}", flush=True
        )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
