"""Accepted proofs before other systems' kernels: Coq, Metamath and cvc5 must agree with every verdict.

    python bench/trust_kernels.py [--quick] [--seed N] [--share N] [--workers N]

- NDL and macro proofs and equational chains become Coq theorems (one lemma a rule, ``classic`` the only axiom: what
  ``Print Assumptions`` says is checked), Hilbert proofs Metamath proofs; every one must be accepted. A step that was
  forgiven a structural slip is shown as one that follows from what it cites. What is refused is named one by one.
- Every problem with an accepted proof goes to cvc5: premises and denied goal must be unsatisfiable.
- Every fallacy that the checker names is refuted by its countermodel, computed by Coq's kernel, and by cvc5.
- Every gap and every masked proof that nothing fills, by its certificate, is put to cvc5: what is unreachable must have
  another model, what no masks fill must be contradictory; those that can be filled are the control.
- As a control, Coq is also shown theorems with another goal, and must refuse them.

Needs Debian's coq, metamath and cvc5 (make system). Exits with 1 where anything disagrees.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.kernels import judges
from bench.kernels.certificates import Question, questions
from bench.kernels.corpus import Accepted, Fallacy, gather, left_out, sequents
from proofgrid.checker.export.coq import as_data
from proofgrid.checker.formulas import atoms, implies
from proofgrid.tasks import Item

BATCH = 60
LOGICAL = 200
PROOFS, FALLACIES = 2500, 500
"""What the whole corpus has at least."""
START = time.monotonic()
T = TypeVar("T")
R = TypeVar("R")


def batches(rows: Iterable[T], size: int) -> list[list[T]]:
    """``rows`` in lists of ``size``."""
    rest = iter(rows)
    return list(iter(lambda: list(islice(rest, size)), []))


def say(text: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - START:5.0f} s] {text}", flush=True)


class Campaign:
    """One campaign: what was asked of whom, and where they disagreed."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder, self.workers = folder, workers
        self.count: Counter[str] = Counter()
        self.disagreements: list[str] = []
        judges.coq(folder, "warm", "")  # compiles the preamble once

    def disagree(self, what: str) -> None:
        """Note and print one disagreement."""
        self.disagreements.append(what)
        print("  DISAGREES:", what, flush=True)

    def each(self, what: str, ask: Callable[[int, T], R], work: Iterable[T]) -> list[R]:
        """``ask(number, piece)`` for each piece of work, several at once, with a line of progress now and then."""
        pieces = list(work)
        results = []
        with ThreadPoolExecutor(self.workers) as pool:
            for done, result in enumerate(pool.map(ask, range(len(pieces)), pieces), 1):
                results.append(result)
                if done % max(1, len(pieces) // 5) == 0:
                    say(f"{what}: {done} of {len(pieces)}")
        return results

    def coq(self, proofs: Sequence[Accepted]) -> None:
        """Every theorem before Coq, in batches; what it refuses is named."""
        parts = batches(proofs, BATCH)
        refused = self.each(
            "batches of theorems",
            lambda n, part: judges.coq_refuses(self.folder, f"b{n}", [p.export for p in part]),
            parts,
        )
        for part, named in zip(parts, refused, strict=True):
            self.count.update(f"Coq accepted: {p.language}, {p.source}" for p in part)
            self.count["Coq accepted: steps that were forgiven a slip"] += sum(p.slips for p in part)
            for index, said in named:
                proof = part[index]
                self.count[f"Coq accepted: {proof.language}, {proof.source}"] -= 1
                self.disagree(f"Coq refuses {proof.source} {proof.name}: {said[:300]}")

    def metamath(self, proofs: Sequence[Accepted]) -> None:
        """Every Hilbert proof before Metamath, a database each."""
        said = self.each("databases", lambda n, p: judges.metamath(self.folder, f"m{n}", p.export), proofs)
        for proof, word in zip(proofs, said, strict=True):
            self.count[f"Metamath accepted: hilbert, {proof.source}"] += word is None
            if word is not None:
                self.disagree(f"Metamath refuses {proof.source} {proof.name}: {word[-300:]}")

    def assumptions(self, proofs: Sequence[Accepted]) -> None:
        """The only axiom under the theorems is the law of the excluded middle."""
        for language in ("ndl", "macro", "equational"):
            some = [p for p in proofs if p.language == language][:20]
            text = "\n".join(f"{p.export}\nPrint Assumptions {p.label}." for p in some)
            said = judges.coq_says(self.folder, f"assumptions_{language}", text)
            axioms = {line.split(" :")[0] for line in said.splitlines() if " : " in line and not line.startswith(" ")}
            if axioms - {"Classical_Prop.classic"} or (not axioms and "Closed under the global context" not in said):
                self.disagree(f"{language} proofs rest on {axioms}")
            self.count["Print Assumptions: classic or nothing"] += len(some)

    def entailed(self, proofs: Sequence[Accepted]) -> None:
        """What is proved follows: cvc5 finds no way to deny it."""
        parts = batches(sequents(proofs), LOGICAL)
        said = self.each(
            "batches of denied goals",
            lambda n, part: judges.satisfiable(self.folder, f"e{n}", [(given, goal, None) for _, given, goal in part]),
            parts,
        )
        for part, answers in zip(parts, said, strict=True):
            for (proof, _, _), word in zip(part, answers, strict=True):
                self.count["cvc5: goal entailed"] += word == "unsat"
                if word != "unsat":
                    self.disagree(f"cvc5 says {word} to the denied goal of {proof.source} {proof.name}")

    def refute(self, wrong: Sequence[Fallacy]) -> None:
        """What the checker calls a fallacy fails under its countermodel."""
        parts = batches(wrong, LOGICAL)
        said = self.each(
            "batches of fallacies",
            lambda n, part: judges.satisfiable(
                self.folder, f"f{n}", [(f.premises, f.conclusion, f.countermodel) for f in part]
            ),
            parts,
        )
        refused = self.each(
            "batches of countermodels",
            lambda n, part: judges.coq_refuses(self.folder, f"r{n}", [refuted(f) for f in part]),
            parts,
        )
        for part, answers, named in zip(parts, said, refused, strict=True):
            for fallacy, word in zip(part, answers, strict=True):
                self.count[f"cvc5: fallacy refuted under its countermodel, {fallacy.source}"] += word == "sat"
                if word != "sat":
                    self.disagree(f"cvc5 says {word} to the countermodel of {fallacy.source} {fallacy.name}")
            self.count["Coq: fallacy refuted by computing"] += len(part) - len(named)
            for index, text in named:
                self.disagree(f"Coq does not refute {part[index].source} {part[index].name}: {text[:300]}")

    def certified(self, items: Sequence[tuple[str, Item]]) -> None:
        """What nothing fills, put to cvc5; and as a control, what can be filled."""

        def ask(number: int, row: tuple[str, Item, Question]) -> set[str]:
            try:
                return set(judges.cvc5(self.folder, f"g{number}", row[2].script, *row[2].options))
            except RuntimeError as error:  # it does not take the script
                return {str(error)}

        work = [(source, item, asked) for source, item in items for asked in questions(item)]
        for (source, item, asked), said in zip(work, self.each("certificates", ask, work), strict=True):
            decided = "unknown" not in said
            self.count[f"cvc5{'' if decided else ' did not decide'}: {item.task}, {asked.what}"] += 1
            if not said or said - {asked.expected, "unknown"}:
                self.disagree(f"cvc5 says {said} of {source} {item.id} ({asked.what})")

    def controls(self, proofs: Sequence[Accepted]) -> None:
        """Theorems with a wrong goal: Coq must refuse every one, or its agreement would mean nothing."""
        said = self.each(
            "theorems with another goal", lambda n, p: judges.coq(self.folder, f"c{n}", spoiled(p)), proofs
        )
        for proof, word in zip(proofs, said, strict=True):
            self.count["control: Coq refuses another goal"] += word is not None
            if word is None:
                self.disagree(f"Coq accepts {proof.name} for another goal")


def refuted(fallacy: Fallacy) -> str:
    """A Coq goal: computing says that the countermodel makes the premises true and the conclusion false."""
    formula = fallacy.conclusion
    for premise in reversed(fallacy.premises):
        formula = implies(premise, formula)
    number = {name: i for i, name in enumerate(atoms(formula))}
    true = "; ".join(str(i) for name, i in number.items() if fallacy.countermodel.get(name))
    return f"Goal refuted [{true}] {as_data(formula, number)} = true. Proof. vm_compute. reflexivity. Qed."


def spoiled(proof: Accepted) -> str:
    """The theorem with its goal denied, and the same proof."""
    head, _, body = proof.export.partition("Proof.")
    goal = head.rindex(" : ") + 3
    return f"{head[:goal]}(~ {head[goal:].rstrip().removesuffix('.')}).\nProof.{body}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, about a minute")
    parser.add_argument("--seed", type=int, default=20261128, help="of the fresh items")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one of N portions of the corpus")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at once")
    options = parser.parse_args()
    if lacking := judges.missing():
        print(f"not installed: {', '.join(lacking)}: make system")
        return 1
    absent = left_out()
    for what in absent:
        print(f"LEFT OUT, for it is not here: {what}")
    corpus = gather(options.quick, options.seed, options.share, options.workers, say)
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), options.workers)
        for fault in corpus.faults:
            campaign.disagree(fault)
        by_coq = [proof for proof in corpus.proofs if proof.language != "hilbert"]
        campaign.coq(by_coq)
        campaign.metamath([proof for proof in corpus.proofs if proof.language == "hilbert"])
        campaign.assumptions(by_coq)
        campaign.entailed(corpus.proofs)
        campaign.refute(corpus.wrong)
        campaign.certified(corpus.items)
        for language in ("ndl", "macro"):
            campaign.controls([p for p in by_coq if p.language == language][:10])
    for what, n in sorted((corpus.count + campaign.count).items()):
        print(f"  {n:6,}  {what}")
    say(f"{len(corpus.proofs):,} accepted proofs, {len(corpus.wrong):,} fallacies")
    without = f", without {' and '.join(absent)}" if absent else ""
    print(f"{len(campaign.disagreements)} disagreements{without}")
    whole = not (options.quick or absent) and options.share == 1
    if few := whole and (len(corpus.proofs) < PROOFS or len(corpus.wrong) < FALLACIES):
        print(f"too few: the whole corpus has {PROOFS:,} accepted proofs and {FALLACIES} fallacies at least")
    return 1 if campaign.disagreements or few else 0


if __name__ == "__main__":
    sys.exit(main())
