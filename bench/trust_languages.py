"""The macro, Hilbert and equational checkers against judges written apart from them: a full campaign.

- Hilbert: every line of random proofs, correct and spoiled, against Metamath verifiers (one in Python; Debian's
  metamath where installed), and every theorem accepted against its truth table, also after damage to the text.
- Macro: every step against truth tables, changed steps with their countermodels, what steps weigh by its definition.
- Equational: which sets of equations make a step, against brute force; certificates re-checked over the whole domain.

    python bench/trust_languages.py [--quick]

Exits with 1 where anything disagrees.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import combinations, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.equational import (
    FiniteModel,
    explanations,
    find_certificate,
    parallel_rewrites,
    parallel_step,
    substitute,
    variables,
    verify,
)
from proofgrid.checker.formulas import Formula
from proofgrid.checker.hilbert import check_hilbert, format_proof
from proofgrid.checker.hilbert.metamath import MetamathProof, metamath_database
from proofgrid.checker.macro.check import check_macro
from tests.checker.judges import (
    brute_sets,
    keeps_the_bound,
    metamath_failures,
    model_separates,
    random_equations,
    random_formula,
    random_hilbert_proof,
    random_macro_proof,
    random_term,
    refutes,
    spoiled,
    subformulas,
    table_entails,
)

count: Counter[str] = Counter()


def expect(what: str, condition: bool, detail: object = "") -> None:
    """Count one comparison, and say so where it fails."""
    count[what] += 1
    if not condition:
        count["DISAGREEMENTS"] += 1
        print(f"DISAGREEMENT: {what}: {detail}")


def hilbert(proofs: int) -> None:
    """Lines against two Metamath verifiers, theorems against truth tables."""
    exported: list[MetamathProof] = []
    refused: set[str] = set()
    for seed in range(proofs):
        rng = random.Random(seed)
        premises, lines = random_hilbert_proof(rng, rng.randint(5, 40), "ABC" if seed % 3 else "ABCD")
        for _ in range(seed % 3):
            lines = spoiled(rng, lines)
        goal = lines[-1].formula
        text = format_proof(lines)
        verdict = check_hilbert(premises, goal, text, all_failures=True)
        refused |= {f"t{seed}.{failure.step}" for failure in verdict.failures}
        exported.append(MetamathProof(f"t{seed}", premises, goal, lines))
        if verdict.correct:
            expect("Hilbert theorems, truth table", table_entails(premises, goal), text)
        at = rng.randrange(len(text))
        damaged = text[:at] + rng.choice(["", "(", ")", "A", "~", ";", "1"]) + text[at + rng.randint(0, 2) :]
        if check_hilbert(premises, goal, damaged).correct:
            expect("Hilbert theorems after damage, truth table", table_entails(premises, goal), damaged)
    for first in range(0, len(exported), 500):
        part = exported[first : first + 500]
        lines_of = {f"{proof.name}.{n}" for proof in part for n in range(len(proof.lines))}
        database = metamath_database(part)
        judges: dict[str, Callable[[], set[str]]] = {"Metamath in Python": lambda d=database: set(metamath_failures(d))}
        if shutil.which("metamath"):
            judges["metamath"] = lambda d=database: metamath(d)
        for name, judge in judges.items():
            found = judge()
            for label in sorted(lines_of):
                expect(f"Hilbert lines, {name}", (label in found) == (label in refused), label)
    count["Hilbert proofs"] += proofs
    count["Hilbert lines refused"] += len(refused)


def metamath(database: str) -> set[str]:
    """Labels that Debian's metamath refuses."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x.mm").write_text(database)
        command = ["metamath", "read 'x.mm'", "verify proof *", "exit"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return set(re.findall(r'label\s+"([^"]+)"', run.stdout))


def macro(proofs: int) -> None:
    """Steps against truth tables; changed steps with their countermodels, or with what they weigh too much."""
    for seed in range(proofs):
        rng = random.Random(seed)
        premises, text, goal, inferences = random_macro_proof(rng, 12, blocks=seed % 2 == 0)
        expect("macro proofs accepted", check_macro(premises, goal, text, mode="strict").correct, text)
        for given, made in inferences:
            expect("macro steps, truth table", table_entails(given, made), (given, made))
            other = random_formula(rng, 2, "ABCDEF")
            model = countermodel(given, other)
            right = table_entails(given, other) if model is None else refutes(model, given, other)
            expect("random steps and countermodels, truth table", right, (given, other))
        if seed % 2:
            n = rng.randrange(len(inferences))
            given, made = inferences[n]
            wrong: Formula = random_formula(rng, 2, "ABCDEF")
            steps = text.split(";\n")
            steps[n] = steps[n].replace(f"{made} from", f"{wrong} from", 1)
            failure = check_macro(premises, goal, ";\n".join(steps)).failure
            parts = {part for formula in (*premises, goal) for part in subformulas(formula)}
            if not keeps_the_bound(parts, given, wrong):
                # What a step weighs is looked at before whether it follows.
                right = failure is not None and (failure.kind, failure.step) == ("aggregation", n + 1)
            elif table_entails(given, wrong):
                right = failure is None or failure.step != n + 1
            else:
                right = failure is not None and (failure.kind, failure.step) == ("doesNotFollow", n + 1)
                right = right and refutes(dict(failure.countermodel or {}), given, wrong)  # type: ignore[union-attr]
            expect("changed macro steps, truth table", right, (given, wrong))


def equational(cases: int) -> None:
    """Sets of equations against brute force; certificates against an evaluation of their own."""
    for seed in range(cases):
        rng = random.Random(seed)
        equations = random_equations(rng, 3)
        s, t = random_term(rng, 3), random_term(rng, 3)
        if rng.random() < 0.7:
            reached = list(islice(parallel_rewrites(s, equations, 3), 60))
            t = rng.choice(reached)[0] if reached else s
            t = substitute(t, {name: random_term(rng, 1) for name in variables(t)})
        good = brute_sets(s, t, equations)
        for size in (1, 2, 3):
            for used in combinations(equations, size):
                found = parallel_step(s, t, used) is not None
                expect("parallel steps, brute force", found == (frozenset(e.name for e in used) in good), (seed, used))
        minimal = {g for g in good if not any(h < g for h in good)}
        found_sets = {frozenset(x.equations) for x in explanations(s, t, equations)}
        expect("minimal sets, brute force", found_sets == minimal, seed)
        t = random_term(rng, 3)
        good = brute_sets(s, t, equations) + brute_sets(t, s, equations)
        certificate = find_certificate(equations, s, t)
        if certificate is not None:
            expect("certificates verified", verify(certificate, equations, s, t), seed)
            expect("certificates deny no step", not good, seed)
            if isinstance(certificate, FiniteModel):
                right = model_separates(certificate.size, certificate.tables, equations, s, t)
                expect("finite models, whole domain", right, seed)


def main() -> int:
    """Run everything and print what was compared; 1 where anything disagreed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, well under a minute")
    scale = 1 if parser.parse_args().quick else 10
    hilbert(500 * scale)
    macro(60 * scale)
    equational(300 * scale)
    for what, number in sorted(count.items()):
        print(f"{number:>9,}  {what}")
    print("disagreements:", count["DISAGREEMENTS"])
    return 1 if count["DISAGREEMENTS"] else 0


if __name__ == "__main__":
    sys.exit(main())
