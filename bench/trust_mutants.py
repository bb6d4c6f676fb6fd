"""Soundness of the Hilbert and equational checkers, over mutants of v1's proofs, against evaluators of their own.

Each mutant is a proof of the suite with one to four edits: slips that are forgiven, slips that are not, lines dropped,
moved or doubled, tokens swapped. Two properties are counted. Strict: a mutant is strictly correct exactly where a
second evaluator, which knows no fixes and none of our terms or formulas, says so (of chains, only where).
Instrumented: whatever is accepted is right in every step by that evaluator after the recorded fixes, in the text that
``as_read`` gives.

    python bench/trust_mutants.py [--quick] [--mutants N]

Exits with 1 where anything unsound, or a wrong step, was accepted.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import json

from proofgrid import get_task
from proofgrid.checker import check
from proofgrid.checker.api import read_problem
from proofgrid.checker.equational import as_read as chain_as_read
from proofgrid.checker.hilbert import as_read as hilbert_as_read
from proofgrid.tasks.suites import load_suite
from tests.checker.judges import judged_chain, judged_hilbert

SLIPS = [
    ("==>", "→"), ("==>", "->"), ("~", "¬"), ("(~ ", "("), (")", ""), ("(", ""), (";", ""), (";", ".;"), (",", ""),
    (", ", ","), ("\n", " "), ("Premise", "premise-"), ("mp, ", "MP "), ("Axiom", "A"), (". ", ") "), ("A", "`A`"),
    ("\n", "\n- "), ("\n", " // x\n"), (":=", "="), ("p :=", "q :="), ("A", "A₁"), ("= ", "→ "), ("=", ""),
    ("by", "using"),
    ("by ", "["), ("E", "e"), ("g(", "g_1("), ("E2", "E2 (reversed)"), (" by", ", by"), ("s =", ""), ("E1", "E1, E1"),
    ("\n", "\n# x\n"), ("\n", "\n/* "), ("a", "*/ a"), ("by E", "by E1, E"), ("f(", "f1("), ("~", "-"), ("~", ""),
]  # fmt: skip
SWAPS = ["A", "B", "C", "p", "q", "0", "1", "2", "3", "a", "b", "c", "E1", "E2", "E3", "f", "g", "h", "X", "Y", "V1"]
count: Counter[str] = Counter()


def mutant(rng: random.Random, text: str) -> str:
    """The text with one to four edits."""
    for _ in range(rng.randint(1, 4)):
        kind = rng.random()
        if kind < 0.45:
            old, new = rng.choice(SLIPS)
        elif kind < 0.75:
            old, new = rng.sample(SWAPS, 2)
        else:
            lines = text.split("\n")
            i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
            if kind < 0.83:
                del lines[i]
            elif kind < 0.91:
                lines.insert(i, lines[j])
            else:
                lines[i], lines[j] = lines[j], lines[i]
            text = "\n".join(lines)
            continue
        places = [match.start() for match in re.finditer(re.escape(old), text)]
        if places:
            at = rng.choice(places)
            text = text[:at] + new + text[at + len(old) :]
    return text


def unsound(what: str, text: str) -> None:
    """Count and show one case that must not be."""
    count[f"UNSOUND {what}"] += 1
    if count[f"UNSOUND {what}"] <= 5:
        print(f"UNSOUND {what}:\n{text}\n")


def hilbert(mutants: int) -> None:
    """Mutants of the references of pl4_pw, and now and then of pl4_pw_c."""
    proofs = []
    for task in ("pl4_pw", "pl4_pw_c"):
        for item in load_suite("v1", [task]):
            proof = str(json.loads(get_task(task).reference_answer(item))["proof"])
            proofs.append((read_problem((item.shown["premises"], item.shown["goal"])), proof))
    short = [n for n, (_, proof) in enumerate(proofs) if len(proof) < 3_000]
    for seed in range(mutants):
        rng = random.Random(seed)
        (premises, goal), proof = proofs[rng.choice(short) if seed % 40 else rng.randrange(len(proofs))]
        text = mutant(rng, proof)
        written = [str(p) for p in premises], str(goal)
        strict = check((premises, goal), text, mode="strict", language="hilbert").correct
        plain = re.sub(r";\s*", ";\n", text.strip()).strip()
        if strict != judged_hilbert(*written, plain):
            unsound("Hilbert strict", text)
        count["Hilbert mutants"] += 1
        count["Hilbert strictly correct"] += strict
        if check((premises, goal), text, language="hilbert").correct:
            count["Hilbert accepted"] += 1
            if not judged_hilbert(*written, hilbert_as_read(premises, goal, text)):
                unsound("Hilbert instrumented", text)
        elif strict:
            unsound("Hilbert strict only", text)


def equational(mutants: int) -> None:
    """Mutants of the chains of eq_pc, with steps in one direction and in both."""
    chains = []
    for item in load_suite("v1", ["eq_pc"]):
        chains.append((" # ".join(item.shown["equations"]), item.shown["chain"]))
    for seed in range(mutants):
        rng = random.Random(seed)
        equations, chain = rng.choice(chains)
        terms = re.findall(r"= (\S+)", chain)
        problem = f"{equations} # {terms[0]} = {terms[-1]}"
        text = mutant(rng, chain)
        for relation, most in (("parallel", None), ("symmetric", 2)):
            options = {"language": "equational", "relation": relation, "most": most}
            both = relation == "symmetric"
            strict = check(problem, text, mode="strict", **options).correct  # type: ignore[arg-type]
            count["equational mutants"] += 1
            count["equational strictly correct"] += strict
            if strict and not judged_chain(problem, text, both=both, most=most or 99):
                unsound("equational strict", f"{problem}\n{text}")
            accepted = check(problem, text, **options).correct  # type: ignore[arg-type]
            if accepted:
                count["equational accepted"] += 1
                read = chain_as_read(problem, text, relation=relation, most=most)  # type: ignore[arg-type]
                if not judged_chain(problem, read, both=both, most=most or 99):
                    unsound("equational instrumented", f"{problem}\n{text}\n{read}")
            elif strict:
                unsound("equational strict only", text)
            if not strict and judged_chain(problem, text, both=both, most=most or 99):
                count["equational: the second evaluator is looser"] += 1


def main() -> int:
    """Run both and print the counts; 1 where anything was unsound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, under a minute")
    parser.add_argument("--mutants", type=int, default=50_000, help="mutants of each language")
    options = parser.parse_args()
    mutants = 1_000 if options.quick else options.mutants
    hilbert(mutants)
    equational(mutants // 2)
    for what, number in sorted(count.items()):
        print(f"{number:>9,}  {what}")
    wrong = sum(number for what, number in count.items() if what.startswith("UNSOUND"))
    print("unsound:", wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
