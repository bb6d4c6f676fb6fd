"""How fast the macro, Hilbert and equational checkers are, on generated proofs, beside peers measured in the same run.

Figures are per second of processor time of one core. The peers: for Hilbert proofs a Metamath verifier in Python (the
tests' own) and, where Debian's metamath is installed, that; for macro steps the plain truth table; for parallel
rewriting trying every position and value. The floor under all of them is splitting the text into symbols.

    python bench/bench_languages.py [--quick]

Exits with 1 where a checker and its peer disagree, never for being slow.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from proofgrid.checker.equational import check_chain, parallel_rewrites, variables
from proofgrid.checker.equational.problems import EquationalProblem
from proofgrid.checker.formulas import Formula, atom, implies, neg
from proofgrid.checker.hilbert import check_hilbert, format_proof
from proofgrid.checker.hilbert.axioms import instance
from proofgrid.checker.hilbert.lines import HilbertLine, ModusPonens, Premise, axiom_line
from proofgrid.checker.hilbert.metamath import MetamathProof, metamath_database
from proofgrid.checker.macro.check import check_macro
from proofgrid.tasks.making.proof_sources import macro_proof
from tests.checker.judges import (
    brute_sets,
    metamath_failures,
    random_equations,
    random_hilbert_proof,
    random_macro_proof,
    random_term,
    table_entails,
)

_SYMBOL = re.compile(r"[A-Za-z0-9_]+|\S")
wrong = 0


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds and the result."""
    start = process_time()
    result = run()
    return max(process_time() - start, 1e-9), result


def expect(condition: bool, what: str) -> None:
    """Count a disagreement."""
    global wrong
    if not condition:
        wrong += 1
        print(f"  DISAGREEMENT: {what}")


def hilbert(scale: int) -> None:
    """Proofs of 1,000 lines with small formulas, judged by Metamath verifiers too."""
    items = [(f"t{seed}", *random_hilbert_proof(random.Random(seed), 1000)) for seed in range(scale)]
    texts = [format_proof(lines) for _, _, lines in items]
    steps = sum(len(lines) for _, _, lines in items)
    floor, _ = timed(lambda: [_SYMBOL.findall(text) for text in texts])
    spent, verdicts = timed(
        lambda: [
            check_hilbert(premises, lines[-1].formula, text)
            for (_, premises, lines), text in zip(items, texts, strict=True)
        ]
    )
    expect(all(v.strict for v in verdicts), "a generated Hilbert proof is refused")
    print(f"Hilbert: {steps:,} lines, {sum(map(len, texts)) / 1e6:.1f} MB")
    print(
        f"  checker           {steps / spent:>12,.0f} steps/s (bar: 5,000)   {spent / floor:.1f} x splitting the text"
    )
    database = metamath_database(MetamathProof(n, p, lines[-1].formula, lines) for n, p, lines in items)
    peer, refused = timed(lambda: metamath_failures(database))
    expect(refused == [], "the Metamath verifier in Python refuses a line")
    print(f"  Metamath (Python) {steps / peer:>12,.0f} steps/s   the checker is {peer / spent:.1f} x as fast")
    if shutil.which("metamath"):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "x.mm").write_text(database)
            start = perf_counter()
            run = subprocess.run(
                ["metamath", "read 'x.mm'", "verify proof *", "exit"], cwd=folder, capture_output=True, text=True
            )
            peer = perf_counter() - start
        expect("?Error" not in run.stdout, "metamath refuses a line")
        print(f"  metamath (C)      {steps / peer:>12,.0f} steps/s (wall clock, with reading)")


def large_hilbert(lines: int, size: int) -> tuple[list[Formula], Formula, str]:
    """A proof of ``lines`` lines whose formulas, heavily shared, have about ``size`` symbols."""
    big: Formula = atom("A")
    while len(str(big)) < size / 3:
        big = implies(neg(big), big) if len(str(big)) < size / 7 else neg(big)
    out: list[HilbertLine] = [HilbertLine(0, big, Premise(1))]
    n = 0
    while len(out) < lines:
        q = atom(f"B{n}")
        n += 1
        values = {"p": big, "q": q}
        out.append(axiom_line(len(out), 1, instance(1, values), values))
        out.append(HilbertLine(len(out), implies(q, big), ModusPonens(len(out) - 1, 0)))
    return [big], out[-1].formula, format_proof(out)


def hilbert_linear(quick: bool) -> None:
    """Time against size: formulas of 10,000 symbols, up to the limit of 20 MB."""
    print("Hilbert, formulas of about 10,000 symbols:")
    for lines in (100, 200, 400, 800) if quick else (250, 500, 1000, 1900):
        premises, goal, text = large_hilbert(lines, 10_000)
        spent, verdict = timed(lambda p=premises, g=goal, t=text: check_hilbert(p, g, t))
        expect(verdict.strict, "a large Hilbert proof is refused")
        print(f"  {lines:>5} lines {len(text) / 1e6:>6.1f} MB {spent:>7.2f} s {len(text) / 1e6 / spent:>6.1f} MB/s")


def macro(scale: int) -> None:
    """Macro proofs of 300 steps; each inference also by its truth table."""
    items = [random_macro_proof(random.Random(seed), 300) for seed in range(scale)]
    steps = sum(len(inferences) for *_, inferences in items)
    justifiers = sum(len(given) for *_, inferences in items for given, _ in inferences)
    floor, _ = timed(lambda: [_SYMBOL.findall(text) for _, text, _, _ in items])
    spent, verdicts = timed(lambda: [check_macro(p, g, text) for p, text, g, _ in items])
    expect(all(v.strict for v in verdicts), "a generated macro proof is refused")
    peer, agreed = timed(
        lambda: all(table_entails(given, made) for *_, inferences in items for given, made in inferences)
    )
    expect(agreed, "a truth table refutes a macro step")
    print(f"Macro: {steps:,} steps, {justifiers:,} justifiers, {sum(len(t) for _, t, _, _ in items) / 1e6:.1f} MB")
    print(
        f"  checker     {steps / spent:>10,.0f} steps/s, {justifiers / spent:,.0f} justifiers/s (bar: 20,000)   "
        f"{spent / floor:.1f} times splitting the text"
    )
    print(
        f"  truth table {steps / peer:>10,.0f} steps/s (entailment alone)   the checker is {peer / spent:.1f} x as fast"
    )


def macro_of_the_tasks(count: int) -> None:
    """The proofs that the PL3 tasks are made of, by the project's own prover."""
    sources = []
    for seed in range(20 * count):
        source = macro_proof(random.Random(seed), 3)
        if source is not None:
            sources.append(source)
        if len(sources) == count:
            break
    rounds = 10
    spent, verdicts = timed(lambda: [check_macro(s.premises, s.goal, s.proof) for _ in range(rounds) for s in sources])
    expect(all(v.strict for v in verdicts), "a proof of the PL3 tasks is refused")
    steps = sum(v.steps for v in verdicts)
    print(f"Macro, {len(sources)} proofs of the PL3 tasks: {steps / spent:>10,.0f} steps/s (bar: 20,000)")


def equational(scale: int) -> None:
    """Chains of parallel steps; a sample of their steps also by brute force."""
    chains = []
    for seed in range(scale):
        rng = random.Random(seed)
        equations = random_equations(rng, 4)
        terms, cited = [random_term(rng, 4)], []
        while len(terms) < 30:
            reached = [(t, c) for t, c in islice(parallel_rewrites(terms[-1], equations, 2), 30) if len(str(t)) < 80]
            reached = [(t, c) for t, c in reached if not variables(t)]
            if not reached:
                break
            t, contractions = rng.choice(reached)
            terms.append(t)
            cited.append([c.equation.name for c in contractions])
        if cited:
            chains.append((equations, terms, cited))
    texts = [
        "\n".join([f"s = {terms[0]}", *(f"= {t} by {', '.join(c)}" for t, c in zip(terms[1:], cited, strict=True))])
        for _, terms, cited in chains
    ]
    problems = [EquationalProblem({e.name: e for e in eqs}, terms[0], terms[-1]) for eqs, terms, _ in chains]
    steps = sum(len(cited) for *_, cited in chains)
    spent, verdicts = timed(lambda: [check_chain(p, t) for p, t in zip(problems, texts, strict=True)])
    expect(all(v.strict for v in verdicts), "a generated chain is refused")
    sample = [
        (terms[n], terms[n + 1], eqs, frozenset(cited[n]))
        for eqs, terms, cited in chains
        for n in range(len(cited))
        if len(str(terms[n])) < 24 and len(str(terms[n + 1])) < 24
    ][: 10 * scale]
    peer, agreed = timed(lambda: all(used in brute_sets(s, t, eqs) for s, t, eqs, used in sample))
    expect(agreed, "brute force refuses a step of a chain")
    print(f"Equational: {steps:,} steps")
    print(f"  checker     {steps / spent:>10,.0f} steps/s")
    print(f"  brute force {len(sample) / peer:>10,.0f} steps/s (small terms only)")


def main() -> int:
    """Print all figures; 1 where something disagreed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, well under a minute")
    quick = parser.parse_args().quick
    hilbert(2 if quick else 10)
    hilbert_linear(quick)
    macro(5 if quick else 30)
    macro_of_the_tasks(20 if quick else 100)
    equational(20 if quick else 100)
    print("disagreements:", wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
