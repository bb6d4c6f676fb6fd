"""Random sequents against ND-Prover and truth tables: do all agree on what follows from what?

Each sequent is asked of five: a truth table written here; ND-Prover's decision; our search for countermodels; the macro
checker, given the goal as one step from all premises; and our prover, whose proof the strict checker must accept. Where
ND-Prover proves a sequent within its time, it must be one that follows. Half of the sequents do follow.

    python bench/trust_sequents.py [--n 5000] [--seed 1] [--quick]

Exits 1 and prints the sequent where any two disagree. What ND-Prover's search did not finish in time is counted apart.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import product
from random import Random

from nd_prover import TFL, And, Iff, Imp, Not, Or, check_validity, parse_formula
from nd_prover import prove as peer_prove

from proofgrid.checker import check
from proofgrid.checker.entailment import countermodel
from proofgrid.checker.formulas import Formula, atom, atoms, conj, disj, iff, implies, neg
from proofgrid.tasks.making.provers import prove

LETTERS = "ABCD"
MAKE = {"&": (conj, And), "|": (disj, Or), "==>": (implies, Imp), "<==>": (iff, Iff)}
SEARCH_STEPS = 20_000
PEER_MILLISECONDS = 500


def random_formula(rng: Random, deep: int) -> Formula:
    """A formula over four letters, at most ``deep`` connectives deep."""
    if deep == 0 or rng.random() < 0.2:
        return atom(rng.choice(LETTERS))
    if rng.random() < 0.25:
        return neg(random_formula(rng, deep - 1))
    make, _ = MAKE[rng.choice(tuple(MAKE))]
    return make(random_formula(rng, deep - 1), random_formula(rng, deep - 1))


def true_in(f: Formula, row: dict[str, bool]) -> bool:
    """The value of a formula in a row of the truth table."""
    if f.op == "atom":
        return row[f.name]
    if f.op == "~":
        return not true_in(f.left, row)
    p, q = true_in(f.left, row), true_in(f.right, row)
    return {"&": p and q, "|": p or q, "==>": q or not p, "<==>": p is q}[f.op]


def follows(premises: Sequence[Formula], goal: Formula) -> bool:
    """Whether no row of the truth table makes the premises true and the goal false."""
    names = sorted({name for f in (*premises, goal) for name in atoms(f)})
    rows = (dict(zip(names, values, strict=True)) for values in product((False, True), repeat=len(names)))
    return all(true_in(goal, row) for row in rows if all(true_in(p, row) for p in premises))


def peers(f: Formula) -> object:
    """A formula as ND-Prover's."""
    if f.op == "atom":
        return parse_formula(f.name)
    if f.op == "~":
        return Not(peers(f.left))
    return MAKE[f.op][1](peers(f.left), peers(f.right))


def draw(rng: Random, valid: bool) -> tuple[list[Formula], Formula]:
    """A sequent of one to four different premises that follows, or does not."""
    while True:
        premises = list(dict.fromkeys(random_formula(rng, rng.randint(1, 3)) for _ in range(rng.randint(1, 4))))
        goal = random_formula(rng, rng.randint(1, 3))
        if follows(premises, goal) is valid:
            return premises, goal


def opinions(premises: list[Formula], goal: Formula, count: Counter[str]) -> dict[str, bool]:
    """Who says that the sequent holds."""
    given, wanted = [peers(p) for p in premises], peers(goal)
    said = {"ND-Prover's decision": check_validity(TFL, given, wanted).status == "valid"}
    model = countermodel(premises, goal)
    said["countermodels"] = model is None
    if model is not None:
        full = {name: model.get(name, False) for f in (*premises, goal) for name in atoms(f)}
        said["the countermodel"] = not (all(true_in(p, full) for p in premises) and not true_in(goal, full))
    step = f"{goal} from {', '.join(map(str, premises))}"
    said["macro step"] = check((premises, goal), step, mode="strict", language="macro").correct
    proof = prove(premises, goal, budget=SEARCH_STEPS)
    said["our proof"] = proof is not None and check((premises, goal), proof, mode="strict").correct
    found = peer_prove(TFL, given, wanted, timeout=PEER_MILLISECONDS)
    if found.status == "success":
        said["ND-Prover's proof"] = True
    count[f"ND-Prover's search: {found.status}"] += 1
    return said


def main() -> int:
    """Draw, ask, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="200 sequents")
    options = parser.parse_args()
    count: Counter[str] = Counter()
    wrong = 0
    for number in range(200 if options.quick else options.n):
        rng = Random(f"sequent {options.seed} {number}")
        valid = number % 2 == 0
        premises, goal = draw(rng, valid)
        said = opinions(premises, goal, count)
        count["opinions"] += len(said)
        count["sequents that follow" if valid else "sequents that do not follow"] += 1
        for who, holds in said.items():
            if holds is not valid:
                wrong += 1
                print(f"DISAGREEMENT: {who} says {holds}: {', '.join(map(str, premises))} |- {goal}", file=sys.stderr)
    for what, number in sorted(count.items()):
        print(f"{number:>8,}  {what}")
    print("disagreements:", wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
