"""Time to generate, solve and read: proof checking, masking, gap filling.

1. Items a task: 100 of each base task (bar: 60 s on 2 cores) and 20 of each challenge task (bar: 120 s), every one of
   them proved, verified and, here, scored with its reference answer.
2. The mask solver's unifications per second, and how the builtin models' scores grow with their budgets.
3. Reading near-JSON answers, as a multiple of what ``json.loads`` takes for the same content written as JSON.

    python bench/bench_transform.py [--quick]

Exits 1 where an item is wrong, never for a time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import suppress

from proofgrid.checker import parse_proof
from proofgrid.tasks.answers.reading import read_json_answer
from proofgrid.tasks.kinds.checking import verify as verify_checking
from proofgrid.tasks.kinds.gaps import verify as verify_gaps
from proofgrid.tasks.kinds.masking import verify as verify_masks
from proofgrid.tasks.kinds.masking.constraints import build
from proofgrid.tasks.kinds.masking.solver import OutOfBudget, Solver
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.making.proof_sources import pair
from proofgrid.tasks.registry import get_task

BASE = ("pl1_pc", "pl3_pc", "pl1_pm", "pl1_gf")
CHALLENGE = ("pl1_pc_c", "pl1_pm_c", "pl1_gf_c")
BUDGETS = (10, 100, 1_000)


def demand(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"WRONG: {what}")


def generation(quick: bool) -> dict[str, list]:
    made = {}
    for names, full, bar in ((BASE, 100, 60), (CHALLENGE, 20, 120)):
        for name in names:
            n = full // 10 if quick else full
            started = time.perf_counter()
            items = list(generate_parallel(name, n, 20_260, jobs=2))
            seconds = time.perf_counter() - started
            print(f"{name:9} {n:4} items in {seconds:6.1f} s on 2 processes (bar: {full} within {bar} s)")
            task = get_task(name)
            for item in items:
                verified = (
                    verify_checking(item, task.checked_as)
                    if "_pc" in name
                    else verify_masks(item)
                    if "_pm" in name
                    else verify_gaps(item)
                )
                demand(verified, f"{item.id} does not verify")
                demand(task.score(item, task.reference_answer(item)).points == 1.0, f"{item.id}: its reference")
                demand(task.score(item, "").points == 0.0, f"{item.id}: an empty answer scores")
            made[name] = items
    return made


def budgets(made: dict[str, list]) -> None:
    print("\nbuiltin model, mean score by budget", BUDGETS)
    for name in BASE:
        task = get_task(name)
        items = made[name][:40]
        means = [sum(task.score(p, task.attempt(p.shown, b)).points for p in items) / len(items) for b in BUDGETS]
        print(f"{name:9}", "  ".join(f"{mean:.2f}" for mean in means))


def solver(made: dict[str, list]) -> None:
    spent, seconds = 0, 0.0
    for item in made["pl1_pm"][-30:]:
        premises, goal = pair(item.shown)
        constraints = build(parse_proof(item.shown["proof"]), premises, goal)
        search = Solver(constraints, 20_000)
        started = time.process_time()
        with suppress(OutOfBudget):
            next(search.solutions(), None)
        seconds += time.process_time() - started
        spent += search.spent
    print(f"\nmask solver: {spent / seconds:,.0f} unifications per second of one core")


def reading(quick: bool) -> None:
    proofs = ["{\n" + f"  s{i} := (A & B{i}) BY both on A, B{i};\n" * 20 + "  claim on A\n}" for i in range(100)]
    clean = [json.dumps({"description": "d", "proof": proof}) for proof in proofs]
    near = ['Here:\n```json\n{"description": "d", "proof": "' + proof + '",}\n```' for proof in proofs]
    rounds = 3 if quick else 20

    def seconds(run: object) -> float:
        started = time.process_time()
        for _ in range(rounds):
            run()  # type: ignore[operator]
        return time.process_time() - started

    floor = seconds(lambda: [json.loads(text) for text in clean])
    for label, texts in (("JSON", clean), ("near-JSON in a fence", near)):
        ours = seconds(lambda texts=texts: [read_json_answer(text, ("proof",)) for text in texts])
        print(f"reading {label}: {ours / floor:.0f} times json.loads, {rounds * len(texts) / ours:,.0f} answers/s")
    for text, proof in zip(near, proofs, strict=True):
        value = read_json_answer(text, ("proof",)).value
        demand(value is not None and value["proof"] == proof, "a near-JSON answer was misread")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample under a minute")
    quick = parser.parse_args().quick
    made = generation(quick)
    budgets(made)
    solver(made)
    reading(quick)


if __name__ == "__main__":
    main()
