"""The provers and problem generators against judges that share no code with them.

    python bench/trust_provers.py [--quick]

1. Claims: every generated goal is judged again, by truth tables over numpy columns up to 20 atoms and beyond by MiniSat
   on clauses made here; premises must be consistent, and in pl1_pw each must be needed.
2. Proofs: each line of each NDL proof, human, plain and analytic, must follow (by truth table) from formulas that hold
   where it stands, by a walk over scopes written here, independent of the rule table and the checker.
3. Refusals: on problems whose goal does not follow no prover answers anything.
4. Renaming: by trying every renaming of up to 6 atoms, no two pl1_pw items are equal, and the generators' key is equal
   exactly where that search says so.

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
from proofgrid.tasks.making.problems.drawing import rename
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


def smallest_renaming(premises: Sequence[Formula], goal: Formula) -> tuple[str, ...]:
    """The least text over all renamings of the atoms and all orders of the premises, by trying every renaming."""
    names = list(atoms(*premises, goal))
    best: tuple[str, ...] | None = None
    for order in permutations("ABCDEFG"[: len(names)]):
        new = dict(zip(names, order, strict=True))
        text = (*sorted(str(rename(p, new)) for p in premises), str(rename(goal, new)))
        best = text if best is None or text < best else best
    assert best is not None
    return best


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


def renaming(n: int) -> list[str]:
    """Part 4."""
    problems = [pair(p.shown) for p in get_task("pl1_pw").generate(n, seed=31337)]
    texts = [smallest_renaming(*p) for p in problems]
    wrong = [f"equal up to renaming: {t}" for i, t in enumerate(texts) if t in texts[:i]]
    raw = [p for p in (random_problem(Random(f"key {i}"), 1) for i in range(12 * n)) if p is not None][: 4 * n]
    by_key: dict[str, tuple[str, ...]] = {}
    by_text: dict[tuple[str, ...], str] = {}
    for p in raw:
        key, text = canonical_key(*p), smallest_renaming(*p)
        if by_key.setdefault(key, text) != text or by_text.setdefault(text, key) != key:
            wrong.append(f"key and renaming disagree on {p}")
    print(f"renaming: {n} items and {len(raw)} draws ({len(by_key)} different), {len(wrong)} disagreements")
    return wrong


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
    wrong += renaming(30 if quick else 300)
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
