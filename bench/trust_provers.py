"""The provers and problem generators against judges that share no code with them.

    python bench/trust_provers.py [--quick]

1. Claims: every generated goal is judged again, by truth tables over numpy columns up to 20 atoms and beyond by MiniSat
   on clauses made here; premises must be consistent, and in pl1_pw each must be needed.
2. Proofs: each line of each NDL proof, human, plain and analytic, must follow (by truth table) from formulas that hold
   where it stands, by a walk over scopes written here, independent of the rule table and the checker.
3. Refusals: on problems whose goal does not follow no prover answers anything.
4. Classes: by trying every renaming and every flip of signs of up to 4 atoms (5 in the full campaign) on clauses made
   here, no two pl1_pw items say the same, and the generators' key is equal exactly where that search says so.

Exits non-zero on the first kind of disagreement, after printing it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from itertools import permutations
from random import Random

import numpy as np
from pysat.solvers import Minisat22

from proofgrid.checker.formulas import Formula, atom, atoms, conj, disj, iff, implies, neg, postorder
from proofgrid.tasks.kinds.writing import pair
from proofgrid.tasks.making.problems import canonical_key, random_problem
from proofgrid.tasks.making.problems.random_formulas import random_formula
from proofgrid.tasks.making.provers import prove, prove_lines, prove_macro
from proofgrid.tasks.making.provers.lines import Line, Step
from proofgrid.tasks.registry import get_task

MAX_COLUMN_ATOMS = 20


def columns(formulas: Sequence[Formula]) -> list[np.ndarray]:
    """The truth value of each formula under every assignment of their atoms, as numpy columns of 2**n booleans."""
    names = sorted(set(atoms(*formulas)))
    rows = np.arange(1 << len(names), dtype=np.uint32)
    value = {atom(name): (rows >> np.uint32(i) & 1).astype(bool) for i, name in enumerate(names)}
    for f in postorder(*formulas):
        if f in value:
            continue
        if f.op in ("true", "false"):
            value[f] = np.full(len(rows), f.op == "true")
        elif f.op == "~":
            value[f] = np.logical_not(value[f.left])
        elif f.op == "&":
            value[f] = value[f.left] & value[f.right]
        elif f.op == "|":
            value[f] = value[f.left] | value[f.right]
        elif f.op == "==>":
            value[f] = np.logical_not(value[f.left]) | value[f.right]
        else:
            value[f] = value[f.left] == value[f.right]
    return [value[f] for f in formulas]


def satisfiable(formulas: Sequence[Formula]) -> bool:
    """By columns, or by MiniSat where there are too many atoms for that."""
    if len(set(atoms(*formulas))) <= MAX_COLUMN_ATOMS:
        return bool(np.logical_and.reduce(columns(formulas)).any())
    number: dict[Formula, int] = {}
    with Minisat22() as solver:
        for f in postorder(*formulas):
            x = number[f] = len(number) + 1
            if f.op == "atom":
                continue
            a = number[f.left] if f.op not in ("true", "false") else 0
            b = number[f.right] if f.op in ("&", "|", "==>", "<==>") else 0
            for va in (True, False):  # one clause a row of the connective's table
                for vb in (True, False):
                    row = {"~": not va, "&": va and vb, "|": va or vb, "==>": not va or vb, "<==>": va is vb}.get(
                        f.op, f.op == "true"
                    )
                    clause = [x if row else -x]
                    clause += [-a if va else a] if a else []
                    clause += [-b if vb else b] if b else []
                    solver.add_clause(clause)
        for f in formulas:
            solver.add_clause([number[f]])
        return bool(solver.solve())


def follows(premises: Iterable[Formula], goal: Formula) -> bool:
    """Whether no assignment makes the premises true and the goal false."""
    return not satisfiable([*premises, neg(goal)])


def judge_lines(lines: Sequence[Line], holding: Sequence[Formula]) -> str | None:
    """What is wrong with a proof whose lines may use ``holding``, by meaning and scope alone."""
    here = list(holding)
    for line in lines:
        if isinstance(line, Step):
            missing = [f for f in line.cited() if f not in here]
            if missing:
                return f"{line.formula} cites {missing[0]}, which does not hold"
            if not follows(line.cited(), line.formula):
                return f"{line.formula} does not follow from what it cites by {line.rule}"
        else:
            wrong = judge_lines(line.body, [*here, line.hypothesis])
            if wrong:
                return wrong
        here.append(line.formula)
    return None


Clauses = frozenset[frozenset[tuple[str, bool]]]
"""Sets of literals: an atom's name, and whether it stands there plainly."""


def clauses_of(f: Formula, plainly: bool = True) -> Clauses:
    """The clauses of a formula or of its negation, by plain distribution; reduced at the end only."""
    if f.op in ("true", "false"):
        return frozenset() if (f.op == "true") is plainly else frozenset([frozenset()])
    if f.op == "atom":
        return frozenset([frozenset([(f.name, plainly)])])
    if f.op == "~":
        return clauses_of(f.left, not plainly)
    if f.op == "<==>":
        parts = (implies(f.left, f.right), implies(f.right, f.left))
        both = [clauses_of(part, plainly) for part in parts]
        return both[0] | both[1] if plainly else distributed(*both)
    left = clauses_of(f.left, plainly if f.op != "==>" else not plainly)
    right = clauses_of(f.right, plainly)
    joined = (f.op == "&") is plainly
    return left | right if joined else distributed(left, right)


def distributed(one: Clauses, two: Clauses) -> Clauses:
    """What a disjunction of two sets of clauses says; without tautologies and subsumed clauses."""
    return reduced(frozenset(a | b for a in one for b in two))


def reduced(clauses: Clauses) -> Clauses:
    """Without tautologies and subsumed clauses."""
    proper = [c for c in clauses if not any((name, not sign) in c for name, sign in c)]
    return frozenset(c for c in proper if not any(d < c for d in proper))


def least_image(premises: Sequence[Formula], goal: Formula) -> tuple[object, ...]:
    """The least of what all renamings and flips of signs make of a problem's clauses."""
    given = reduced(frozenset(c for p in premises for c in clauses_of(p)))
    denied = reduced(clauses_of(goal, plainly=False))
    names = sorted({name for clause in given | denied for name, _ in clause})
    best: tuple[object, ...] | None = None
    for order in permutations(range(len(names))):
        for flips in range(1 << len(names)):
            new = {name: (k, flips >> k & 1) for name, k in zip(names, order, strict=True)}
            image = tuple(
                sorted(tuple(sorted((new[n][0], new[n][1] ^ sign) for n, sign in clause)) for clause in clauses)
                for clauses in (given, denied)
            )
            best = image if best is None or image < best else best
    assert best is not None
    return (len(names), *map(tuple, best))


def claims(n: int) -> list[str]:
    """Part 1."""
    wrong = []
    for task_id in ("pl1_pw", "pl2_pw", "pl3_pw"):
        for problem in get_task(task_id).generate(n, seed=424242):
            premises, goal = pair(problem.shown)
            if not follows(premises, goal):
                wrong.append(f"{problem.id}: the goal does not follow")
            if premises and not satisfiable(premises):
                wrong.append(f"{problem.id}: the premises contradict each other")
            if task_id == "pl1_pw":
                for p in premises:
                    if follows([q for q in premises if q is not p], goal):
                        wrong.append(f"{problem.id}: {p} is not needed")
    print(f"claims: {3 * n} items, {len(wrong)} disagreements")
    return wrong


def proofs(n: int) -> list[str]:
    """Part 2."""
    wrong, steps, seen = [], 0, 0
    for i in range(n):
        problem = random_problem(Random(f"trust {i}"), 1 + i % 6)
        if problem is None:
            continue
        for style, rng in (("human", None), ("human", Random(i)), ("analytic", Random(i))):
            lines = prove_lines(*problem, budget=20_000, style=style, rng=rng)
            seen += 1
            if lines is None:
                wrong.append(f"not proved ({style}): {problem}")
                continue
            steps += len(lines)
            fault = judge_lines(lines, problem[0])
            if fault or lines[-1].formula is not problem[1]:
                wrong.append(f"{style}: {fault or 'another conclusion'}: {problem}")
    print(f"proofs: {seen} of them, {steps} lines at the top, {len(wrong)} disagreements")
    return wrong


def refusals(n: int) -> list[str]:
    """Part 3."""
    wrong, seen = [], 0
    for i in range(n):
        rng = Random(f"refuse {i}")
        names = list("ABCDE"[: rng.randint(2, 5)])
        premises = [random_formula(rng, names, rng.randint(1, 6), 0.1) for _ in range(rng.randint(0, 4))]
        goal = random_formula(rng, names, rng.randint(1, 6), 0.1)
        if follows(premises, goal):
            continue
        seen += 1
        answers = (
            prove(premises, goal, budget=5_000),
            prove(premises, goal, budget=5_000, style="analytic"),
            prove_macro(premises, goal, budget=5_000),
        )
        if any(answers):
            wrong.append(f"proved what does not follow: {premises} # {goal}")
    print(f"refusals: {seen} problems without a proof, {len(wrong)} disagreements")
    return wrong


def classes(n: int, most_atoms: int) -> list[str]:
    """Part 4."""
    small = [p for p in (pair(i.shown) for i in get_task("pl1_pw").generate(n, 31337)) if few(p, most_atoms)]
    images = [least_image(*p) for p in small]
    wrong = [f"two items are one problem: {p}" for i, p in enumerate(small) if images[i] in images[:i]]
    drawn = (random_problem(Random(f"key {i}"), 1 + i % 2) for i in range(12 * n))
    raw = [p for p in drawn if p is not None and few(p, most_atoms)][: 4 * n]
    twins = [twin(Random(f"twin {i}"), *p) for i, p in enumerate(raw[::4])]
    by_key: dict[str, tuple[object, ...]] = {}
    by_image: dict[tuple[object, ...], str] = {}
    for p in (*raw, *twins):
        key, image = canonical_key(*p), least_image(*p)
        if by_key.setdefault(key, image) != image or by_image.setdefault(image, key) != key:
            wrong.append(f"key and renaming disagree on {p}")
    print(
        f"classes: {len(small)} items, {len(raw)} draws and {len(twins)} twins ({len(by_key)} different),"
        f" {len(wrong)} disagreements"
    )
    return wrong


def few(problem: tuple[Sequence[Formula], Formula], most: int) -> bool:
    """Whether a problem has no more atoms than can all be renamed here."""
    return len(set(atoms(*problem[0], problem[1]))) <= most


def twin(rng: Random, premises: Sequence[Formula], goal: Formula) -> tuple[list[Formula], Formula]:
    """The same problem with other names, other signs and another order."""
    names = sorted(set(atoms(*premises, goal)))
    new = dict(zip(names, rng.sample("ABCDEFGH", len(names)), strict=True))
    flipped = {name for name in names if rng.random() < 0.5}
    changed = [written(f, new, flipped) for f in (*premises, goal)]
    return rng.sample(changed[:-1], len(premises)), changed[-1]


def written(f: Formula, new: dict[str, str], flipped: set[str]) -> Formula:
    """A formula with atoms renamed, and some of them denied wherever they stand."""
    made: dict[Formula, Formula] = {}
    for g in postorder(f):
        if g.op == "atom":
            made[g] = neg(atom(new[g.name])) if g.name in flipped else atom(new[g.name])
        elif g.op in ("true", "false"):
            made[g] = g
        elif g.op == "~":
            made[g] = neg(made[g.left])
        else:
            made[g] = {"&": conj, "|": disj, "==>": implies, "<==>": iff}[g.op](made[g.left], made[g.right])
    return made[f]


def main() -> int:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample under a minute")
    quick = parser.parse_args().quick
    assert follows([implies(atom("A"), atom("B")), atom("A")], conj(atom("A"), atom("B")))
    assert not follows([disj(atom("A"), atom("B"))], iff(atom("A"), atom("B")))
    wrong = claims(30 if quick else 600)
    wrong += proofs(200 if quick else 6_000)
    wrong += refusals(300 if quick else 10_000)
    wrong += classes(30 if quick else 300, 4 if quick else 5)
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
