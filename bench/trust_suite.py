"""Every item of a frozen suite against judges that share no code with its generators.

    python bench/trust_suite.py [SUITE] [--quick]

1. Reference answers: each scores 1.0 in strict mode; an empty answer scores 0.
2. Unsolvable items: each certificate verifies; the finite models once more by evaluation written for the tests.
3. Claims: the goal of each propositional item follows from its premises, by truth tables or MiniSat.
4. Hilbert references: each line once more by a Metamath verifier; steps of equational chains once more by trying
   every position and value.
5. No two items of a task show the same; no two problems of a proof-writing task are equal up to renaming.
6. The builtin model at its full budget solves at least 99% of pl1_pw, pl1_pc, eq_pc and eq_er; what it cannot is
   printed.

Exits non-zero on the first kind of disagreement, after printing it. --quick takes a sample.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.trust_provers import follows
from proofgrid.checker.equational import certificate_from_json, verify
from proofgrid.checker.formulas import neg
from proofgrid.checker.hilbert.lines import HilbertLine, ModusPonens, Premise, axiom_line
from proofgrid.checker.hilbert.metamath import MetamathProof, metamath_database
from proofgrid.checker.parsing import parse_formula
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.equational.values import chain_lines, problem_of
from proofgrid.tasks.kinds.masking import verify as masking_verify
from proofgrid.tasks.kinds.writing import pair
from proofgrid.tasks.making.problems import canonical_key
from proofgrid.tasks.registry import get_task
from proofgrid.tasks.suites import load_suite
from proofgrid.tasks.suites.builtin import attempt_points
from tests.checker.judges import brute_steps, metamath_failures, model_separates

NEARLY_ALL = ("pl1_pw", "pl1_pc", "eq_pc", "eq_er")
"""Tasks of which the builtin model has to solve at least 99%."""
TRIES = 20_000
"""Instances that trying every value may take for one equation; steps beyond are left to the checker's own judges."""


def references(items: list[Item]) -> list[str]:
    """What is wrong with the reference answers."""
    wrong = []
    for problem in items:
        task = get_task(problem.task)
        score = task.score(problem, task.reference_answer(problem))
        if score.points != 1.0 or not score.strict:
            wrong.append(f"{problem.id}: the reference answer scores {score.points}, strict {score.strict}")
        if task.score(problem, "").points:
            wrong.append(f"{problem.id}: an empty answer scores")
    return wrong


def certificates(items: list[Item]) -> tuple[int, list[str]]:
    """How many items cannot be solved, and which of their certificates do not prove it."""
    count, wrong = 0, []
    for problem in items:
        good = True
        if problem.task == "eq_gf" and problem.reference["certificate"] is not None:
            count += 1
            lines = chain_lines(problem.shown)
            at = next(k for k, line in enumerate(lines) if line.kind == "gap")
            before, after = lines[at - 1].term, lines[at + 1].term
            equations = list(problem_of(problem.shown).equations.values())
            found = certificate_from_json(problem.reference["certificate"])
            good = verify(found, equations, before, after)
            if problem.reference["certificate"]["kind"] == "model":
                good = good and model_separates(found.size, found.tables, equations, before, after)
        elif problem.task.startswith("pl1_pm"):
            count += not problem.reference["solvable"]
            good = masking_verify(problem)
        if not good:
            wrong.append(f"{problem.id}: the certificate proves nothing")
    return count, wrong


def claims(items: list[Item]) -> list[str]:
    """Goals that do not follow, and premises that contradict each other."""
    wrong = []
    for problem in items:
        if "goal" in problem.shown and promised(problem):
            premises = [parse_formula(p) for p in problem.shown["premises"]]
            goal = parse_formula(problem.shown["goal"])
            if not follows(premises, goal):
                wrong.append(f"{problem.id}: the goal does not follow")
            if premises and follows(premises[1:], neg(premises[0])):
                wrong.append(f"{problem.id}: the premises contradict each other")
    return wrong


def promised(item: Item) -> bool:
    """Whether the item says that its goal follows; a wrong proof may be one of something else."""
    return all(item.reference.get(key, True) for key in ("correct", "solvable"))


def hilbert(items: list[Item]) -> tuple[int, list[str]]:
    """Lines of Hilbert references that a Metamath verifier looked at, and what it refuses."""
    proofs, count = [], 0
    for k, problem in enumerate(p for p in items if p.task.startswith("pl4")):
        lines = [hilbert_line(text) for text in problem.reference["proof"].splitlines()]
        count += len(lines)
        premises = [parse_formula(p) for p in problem.shown["premises"]]
        proofs.append(MetamathProof(f"t{k}", premises, parse_formula(problem.shown["goal"]), lines))
    return count, [f"Metamath refuses {label}" for label in metamath_failures(metamath_database(proofs))]


def hilbert_line(text: str) -> HilbertLine:
    """A line of a reference, read by splitting alone."""
    head, _, rest = text.rstrip(";").partition(". ")
    formula, *why = rest.split(", ")
    said = parse_formula(formula)
    if why[0] == "mp":
        return HilbertLine(int(head), said, ModusPonens(int(why[1]), int(why[2])))
    if why[0].startswith("Premise"):
        return HilbertLine(int(head), said, Premise(int(why[0][7:])))
    values = {name: parse_formula(value) for name, value in (part.split(" := ") for part in why[1:])}
    return axiom_line(int(head), int(why[0][5:]), said, values)


def steps(items: list[Item]) -> tuple[int, list[str]]:
    """Steps of chains judged by trying every position and value, and those where that does not agree."""
    count, wrong = 0, []
    for problem in items:
        if problem.task not in ("eq_pc", "eq_er"):
            continue
        given = problem_of(problem.shown).equations
        lines = chain_lines(problem.shown)
        for k, (line, following) in enumerate(pairwise(lines), 1):
            if problem.task == "eq_er":
                known = problem.reference["justifications"][k - 1]
                cited, right = (known[0], True) if known else (list(given)[:1], False)
            else:
                cited = following.cited
                right = k != problem.difficulty["bad_step"]
            used = [given[name] for name in cited]
            pieces = len(set(str(line.term)) | {"x"}) * len(str(line.term)) // 4
            if any(pieces ** len(variables_in(e)) > TRIES for e in used):
                continue
            count += 1
            if (next(brute_steps(line.term, following.term, used), None) is not None) is not right:
                wrong.append(f"{problem.id}: step {k} by {', '.join(cited)} is {'not ' if right else ''}right")
    return count, wrong


def variables_in(equation: object) -> set[str]:
    """Names of the variables of an equation, from its text."""
    return {
        word for word in str(equation).replace("(", " ").replace(")", " ").replace(",", " ").split() if word[0] == "V"
    }


def repeated(items: list[Item]) -> list[str]:
    """Items of one task that show the same, or, where a proof is to be written, the same but for names."""
    seen: dict[str, str] = {}
    wrong = []
    for problem in items:
        key = f"{problem.task} {sorted(problem.shown.items())}"
        if "_pw" in problem.task:
            key = f"{problem.task} {canonical_key(*pair(problem.shown))}"
        if key in seen:
            wrong.append(f"{problem.id} shows the same as {seen[key]}")
        seen[key] = problem.id
    return wrong


def builtin(items: list[Item], least: float) -> list[str]:
    """Tasks of which the builtin model solves too few; what it cannot is printed."""
    wrong = []
    for task in NEARLY_ALL:
        points = {p.id: attempt_points(p) for p in items if p.task == task}
        share = sum(points.values()) / len(points)
        failed = [item for item, got in points.items() if got < 1.0]
        print(f"  builtin/prover on {task}: {share:.1%} of {len(points)}; not: {', '.join(failed) or 'none'}")
        if share < least:
            wrong.append(f"builtin/prover solves {share:.1%} of {task} only")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", nargs="?", default="v1")
    parser.add_argument("--quick", action="store_true", help="every tenth item")
    options = parser.parse_args()
    problems = load_suite(options.suite)
    everything = len(problems)
    if options.quick:
        problems = problems[::10]
    print(f"{len(problems)} of {everything} items of {options.suite}")
    wrong = references(problems)
    print(f"  reference answers: {len(problems)} scored strictly")
    unsolvable, more = certificates(problems)
    print(f"  certificates: {unsolvable} verified")
    wrong += more + claims(problems)
    print(f"  goals: {sum('goal' in p.shown and promised(p) for p in problems)} judged by truth tables or MiniSat")
    lines, more = hilbert(problems)
    print(f"  Hilbert references: {lines} lines judged by a Metamath verifier")
    wrong += more
    tried, more = steps(problems)
    print(f"  equational steps: {tried} judged by brute force")
    wrong += more + repeated(problems) + builtin(problems, 0.9 if options.quick else 0.99)
    for sentence in wrong:
        print(f"WRONG {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
