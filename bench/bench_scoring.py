"""What scoring one answer costs, task by task, in CPU milliseconds of one process.

    python bench/bench_scoring.py [--quick] [--task ID ...] [--scores FILE]

Three sets of texts: the references of suite v1; each of them damaged once (a word replaced, dropped or doubled, or a
connective changed, inside the answer); and the answers of ``../shared/cases/answers.jsonl`` where it is there. Every
text is scored once, as it is seen first; one answer a task is scored before, which loads its grammar. Bars: p95 20 ms,
maximum 200 ms, for each task and set. Where the CPU time of a text is over a bar it is taken again, and the lesser
counts: a busy machine adds, and never takes away.

``--scores`` writes every score as a line of JSON, to compare two versions of the code byte for byte. Exits 1 where a
reference scores less than 1.0, never for a time.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO, Any

from proofgrid.tasks import Item, Score
from proofgrid.tasks.questions import any_task
from proofgrid.tasks.registry import TASK_IDS, get_task
from proofgrid.tasks.suites import load_suite

ANSWERS = Path(__file__).resolve().parents[2] / "shared" / "cases" / "answers.jsonl"
P95, MOST = 20.0, 200.0
"""Milliseconds."""
_WORD = re.compile(r"[\w'-]+")
_OTHER = {"&": "|", "|": "&", "==>": "&", "~": ""}


def damaged(text: str, rng: Random) -> str:
    """The answer with one word replaced by another of it, dropped or doubled, or with one connective changed."""
    how = rng.choice(("replace", "drop", "double", "connective"))
    if how == "connective":
        found = list(re.finditer(r"<?==>|[&|~]", text))
        if found:
            place = rng.choice(found)
            return text[: place.start()] + _OTHER.get(place[0], "==>") + text[place.end() :]
    words = list(_WORD.finditer(text))
    if not words:
        return text
    place = rng.choice(words)
    new = {"drop": "", "double": f"{place[0]} {place[0]}"}.get(how, rng.choice(words)[0])
    return text[: place.start()] + new + text[place.end() :]


def texts(task_id: str, quick: bool) -> Iterator[tuple[str, Item, str]]:
    """(set, item, text) of one task."""
    task = get_task(task_id)
    items = list(load_suite("v1", (task_id,)))[:: 10 if quick else 1]
    for item in items:
        yield "reference", item, task.reference_answer(item)
    rng = Random(f"damaged {task_id}")
    for item in items:
        yield "damaged", item, damaged(task.reference_answer(item), rng)


def cases(quick: bool) -> Iterator[tuple[str, Item, str]]:
    """The answers that were tried on the product, all of them."""
    if ANSWERS.is_file():
        for line in ANSWERS.read_text(encoding="utf-8").splitlines()[:: 5 if quick else 1]:
            row = json.loads(line)
            yield "answers.jsonl", Item.from_json(json.dumps(row["problem"])), row["text"]


def timed(item: Item, text: str) -> tuple[Score, float]:
    """The score, and the CPU milliseconds it took."""
    task = any_task(item.task)
    started = time.process_time()
    score = task.score(item, text)
    cost = 1000 * (time.process_time() - started)
    if cost > P95:
        started = time.process_time()
        task.score(item, text)
        cost = min(cost, 1000 * (time.process_time() - started))
    return score, cost


def told(values: list[tuple[float, str]]) -> str:
    """Median, p95 and maximum, with what is over its bar."""
    values = sorted(values)
    costs = [cost for cost, _ in values]
    p95 = costs[min(len(costs) - 1, int(0.95 * len(costs)))]
    over = "".join(
        f"  OVER {name}" for name, value, bar in (("p95", p95, P95), ("max", costs[-1], MOST)) if value > bar
    )
    return f"{costs[len(costs) // 2]:7.1f}{p95:8.1f}{costs[-1]:8.1f}  {values[-1][1]}{over}"


def main() -> int:
    """Score everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the items, a fifth of the answers")
    parser.add_argument("--task", action="append", choices=TASK_IDS, help="only this task (may be repeated)")
    parser.add_argument("--scores", type=Path, help="write the scores here")
    options = parser.parse_args()
    costs: dict[tuple[str, str], list[tuple[float, str]]] = {}
    wrong: list[str] = []
    out: IO[str] | None = options.scores.open("w", encoding="utf-8") if options.scores else None
    chosen = options.task or TASK_IDS

    def take(group: str, item: Item, text: str) -> None:
        score, cost = timed(item, text)
        costs.setdefault((item.task, group), []).append((cost, item.id))
        if group == "reference" and score.points != 1.0:
            wrong.append(f"{item.id}: its reference scores {score.points}")
        if out:
            row: dict[str, Any] = {"set": group, "id": item.id, "score": score.to_json()}
            out.write(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n")

    for task_id in chosen:
        rows = list(texts(task_id, options.quick))
        any_task(task_id).score(rows[0][1], rows[0][2])
        for row in rows:
            take(*row)
    for row in cases(options.quick):
        if row[1].task in chosen:
            take(*row)
    print(f"CPU ms an answer (bars: p95 {P95:g}, max {MOST:g})\ntask      set              n  median     p95     max")
    for (task, group), values in sorted(costs.items(), key=lambda c: (TASK_IDS.index(c[0][0]), c[0][1])):
        print(f"{task:9} {group:13}{len(values):5} {told(values)}")
    if out:
        out.close()
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
