"""Making problems and proving them: generation times against their limits, our search against a peer and a floor.

    python bench/bench_tasks.py [--quick]

1. Each task that is made of NDL or macro proofs: 100 items of a base task (limit 60 s), 20 of a challenge task (120 s),
   by ``proofgrid.tasks.making.parallel`` as ``proofgrid generate`` does, with the time that only checking the same
   reference answers takes (the floor). Every reference must score 1.0 and every empty answer no more than chance.
2. The goal-directed prover on random problems of pl1_pw against ND-Prover 3.2 on the same ones, both as libraries in
   this process: problems solved within 5 s each, median time, mean proof length in lines of inference.

Exits non-zero where something is wrong, never because it was slow.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time

from nd_prover import TFL, Not
from nd_prover import And as NdAnd
from nd_prover import Iff as NdIff
from nd_prover import Imp as NdImp
from nd_prover import Or as NdOr
from nd_prover import parse_formula as nd_parse
from nd_prover.prover import prove as nd_prove

from proofgrid.checker.formulas import Formula, postorder
from proofgrid.tasks.kinds.writing import pair
from proofgrid.tasks.making.parallel import generate_parallel
from proofgrid.tasks.making.provers import search
from proofgrid.tasks.registry import TASK_IDS, get_task

NDL_TASKS = tuple(t for t in TASK_IDS if t.startswith(("pl1_", "pl2_", "pl3_")))
_MAKE = {"&": NdAnd, "|": NdOr, "==>": NdImp, "<==>": NdIff}


def to_peer(formula: Formula) -> object:
    """The formula as ND-Prover's object."""
    made: dict[Formula, object] = {}
    for f in postorder(formula):
        if f.op == "atom":
            made[f] = nd_parse(f.name)
        elif f.op == "~":
            made[f] = Not(made[f.left])
        else:
            made[f] = _MAKE[f.op](made[f.left], made[f.right])
    return made[formula]


def generation(task_id: str, n: int) -> list[str]:
    """Print the times of one task; answers what is wrong."""
    wrong = []
    limit = 120 if task_id.endswith("_c") else 60
    try:
        task = get_task(task_id)
    except ImportError as error:
        return [f"{task_id}: {error}"]
    start = time.perf_counter()
    problems = list(generate_parallel(task_id, n, 2026, jobs=2))
    made = time.perf_counter() - start
    start = time.perf_counter()
    for problem in problems:
        score = task.score(problem, task.reference_answer(problem))
        if score.points != 1.0:
            wrong.append(f"{problem.id}: its reference scores {score.points}")
        empty = task.score(problem, "")
        if empty.points > task.chance:
            wrong.append(f"{problem.id}: an empty answer scores {empty.points}")
    floor = time.perf_counter() - start
    print(
        f"{task_id:9} {n:4} items  {made:7.2f} s of {limit} s on {os.cpu_count()} cores"
        f"   scoring the references {floor:6.2f} s   ratio {made / floor:6.1f}"
    )
    return wrong


def against_peer(n: int, seconds: float) -> list[str]:
    """Print how both provers do on the same problems; answers what is wrong."""
    problems = [pair(p.shown) for p in get_task("pl1_pw").generate(n, 77)]
    ours_time: list[float] = []
    peer_time: list[float] = []
    both: list[tuple[int, int]] = []
    solved = 0
    for premises, goal in problems:
        start = time.perf_counter()
        found = search(premises, goal, budget=20_000)
        ours_time.append(time.perf_counter() - start)
        start = time.perf_counter()
        result = nd_prove(TFL, [to_peer(p) for p in premises], to_peer(goal), timeout=seconds * 1000)
        peer_time.append(time.perf_counter() - start)
        if result.status == "success":
            solved += 1
            both.append((found.steps, inferences(str(result.problem))))
        if found.proof is None:
            return [f"not proved: {premises} # {goal}"]
    ours, theirs = statistics.median(ours_time), statistics.median(peer_time)
    ours_mean, peer_mean = (statistics.mean(column) for column in zip(*both, strict=True))
    print(f"\n{n} problems of pl1_pw             solved   median ms   mean inferences where both solved")
    print(f"goal-directed                     {n:6}  {ours * 1e3:10.2f}   {ours_mean:8.1f}")
    print(f"ND-Prover, {seconds:g} s at most          {solved:6}  {theirs * 1e3:10.2f}   {peer_mean:8.1f}")
    print(f"ratio of median times (peer / ours): {theirs / ours:.1f}")
    return []


def inferences(proof: str) -> int:
    """Lines of a Fitch proof that are neither premises nor assumptions."""
    lines = [line.rstrip() for line in proof.splitlines()]
    return sum(line.strip()[:1].isdigit() and not line.endswith((" PR", " AS")) for line in lines)


def main() -> int:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample under a minute")
    quick = parser.parse_args().quick
    wrong = []
    for task_id in NDL_TASKS:
        n = 20 if task_id.endswith("_c") else 100
        wrong += generation(task_id, max(4, n // 10) if quick else n)
    wrong += against_peer(12 if quick else 60, 1.0 if quick else 3.0)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
