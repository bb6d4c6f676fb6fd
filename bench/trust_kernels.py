"""Accepted proofs before other systems' kernels: Coq, Metamath and cvc5 must agree with every verdict.

    python bench/trust_kernels.py [--quick] [--seed N]

- NDL and macro proofs and equational chains become Coq theorems (one lemma a rule, ``classic`` the only axiom: what
  ``Print Assumptions`` says is checked), Hilbert proofs Metamath proofs; every one must be accepted.
- Every problem with an accepted proof goes to cvc5: premises and denied goal must be unsatisfiable.
- Every fallacy that the checker names is refuted by its countermodel, computed by Coq's kernel, and by cvc5.
- As a control, each kernel is also shown proofs that our checker rejects, and must refuse them.

Needs Debian's coq, metamath and cvc5 (make system). Exits with 1 where anything disagrees.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.kernels import judges
from bench.kernels.corpus import Accepted, Fallacy, accepted, attempted, fallacies, items
from proofgrid.checker.export.coq import as_data
from proofgrid.checker.formulas import atoms, implies
from proofgrid.checker.hilbert.metamath import export_metamath
from proofgrid.checker.parsing import parse_formula

BATCH = 60


def batches(rows: Sequence, size: int = BATCH) -> Iterator[list]:
    """``rows`` in lists of ``size``."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch


class Campaign:
    """One campaign: what was asked of whom, and where they disagreed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count: Counter[str] = Counter()
        self.disagreements: list[str] = []

    def disagree(self, what: str) -> None:
        """Note and print one disagreement."""
        self.disagreements.append(what)
        print("  DISAGREES:", what, flush=True)

    def kernels(self, proofs: Sequence[Accepted]) -> None:
        """Every accepted proof before the kernel of its language."""
        by_coq = [proof for proof in proofs if proof.language != "hilbert"]
        judges.coq(self.folder, "warm", "")  # compiles the preamble once
        work = list(enumerate(batches(by_coq)))
        with ThreadPoolExecutor(2) as pool:
            for done, _ in enumerate(pool.map(lambda job: self.coq_batch(f"b{job[0]}", job[1]), work), 1):
                print(f"  Coq: {min(done * BATCH, len(by_coq))} of {len(by_coq)}", file=sys.stderr, flush=True)
        for number, batch in enumerate(batches([proof for proof in proofs if proof.language == "hilbert"])):
            self.metamath_batch(f"m{number}", batch)

    def coq_batch(self, name: str, batch: Sequence[Accepted]) -> None:
        """One file of theorems; where Coq refuses it, each theorem alone to name the ones it refuses."""
        theorems = [proof.coq() for proof in batch]
        said = judges.coq(self.folder, name, "\n".join(theorems))
        for i, (proof, theorem) in enumerate(zip(batch, theorems, strict=True)):
            alone = None if said is None else judges.coq(self.folder, f"{name}_{i}", theorem)
            self.count[f"Coq accepted: {proof.language}, {proof.source}"] += alone is None
            if alone is not None:
                self.disagree(f"Coq refuses {proof.source} {proof.name}: {alone[:300]}")

    def metamath_batch(self, name: str, batch: Sequence[Accepted]) -> None:
        """One database a proof."""
        for i, proof in enumerate(batch):
            premises = [parse_formula(p) for p in proof.problem[0]]
            database = export_metamath(premises, parse_formula(proof.problem[1]), proof.proof)
            said = judges.metamath(self.folder, f"{name}_{i}", database)
            self.count[f"Metamath accepted: hilbert, {proof.source}"] += said is None
            if said is not None:
                self.disagree(f"Metamath refuses {proof.source} {proof.name}: {said[-300:]}")

    def assumptions(self, proof: Accepted) -> None:
        """The only axiom under a theorem is the law of the excluded middle."""
        said = judges.coq_says(self.folder, "assumptions", f"{proof.coq()}\nPrint Assumptions {proof.label}.")
        axioms = [line.split(" :")[0] for line in said.splitlines() if " : " in line and not line.startswith(" ")]
        if set(axioms) - {"Classical_Prop.classic"} or (not axioms and "Closed under the global context" not in said):
            self.disagree(f"{proof.name} rests on {axioms}")
        self.count["Print Assumptions: classic or nothing"] += 1

    def entailed(self, proofs: Sequence[Accepted]) -> None:
        """What is proved follows: cvc5 finds no way to deny it."""
        for number, batch in enumerate(batches([p for p in proofs if p.language != "equational"], 500)):
            asked = [([parse_formula(f) for f in p.problem[0]], parse_formula(p.problem[1]), None) for p in batch]
            for proof, said in zip(batch, judges.satisfiable(self.folder, f"e{number}", asked), strict=True):
                self.count["cvc5: goal entailed"] += said == "unsat"
                if said != "unsat":
                    self.disagree(f"cvc5 says {said} to the denied goal of {proof.name}")

    def refute(self, wrong: Sequence[Fallacy]) -> None:
        """What the checker calls a fallacy fails under its countermodel."""
        asked = []
        data = []
        for fallacy in wrong:
            premises = [parse_formula(f) for f in fallacy.premises]
            conclusion = parse_formula(fallacy.conclusion)
            asked.append((premises, conclusion, fallacy.countermodel))
            formula = conclusion
            for premise in reversed(premises):
                formula = implies(premise, formula)
            number = {name: i for i, name in enumerate(atoms(formula))}
            true = "; ".join(str(i) for name, i in number.items() if fallacy.countermodel.get(name))
            data.append(
                f"Goal refuted [{true}] {as_data(formula, number)} = true. Proof. vm_compute. reflexivity. Qed."
            )
        for fallacy, said in zip(wrong, judges.satisfiable(self.folder, "fallacies", asked), strict=True):
            self.count["cvc5: fallacy refuted under its countermodel"] += said == "sat"
            if said != "sat":
                self.disagree(f"cvc5 says {said} to the countermodel of {fallacy.name}")
        for number, batch in enumerate(batches(list(zip(wrong, data, strict=True)), 200)):
            said = judges.coq(self.folder, f"f{number}", "\n".join(text for _, text in batch))
            self.count["Coq: fallacy refuted by computing"] += 0 if said else len(batch)
            if said is not None:
                self.disagree(f"Coq does not refute a fallacy: {said[:300]}")

    def controls(self, proofs: Sequence[Accepted]) -> None:
        """Theorems with a wrong goal: Coq must refuse every one, or its agreement would mean nothing."""
        for number, proof in enumerate(proofs):
            theorem = proof.coq()
            head, _, body = theorem.partition("Proof.")
            goal_start = head.rindex(" : ") + 3
            spoiled = f"{head[:goal_start]}(~ {head[goal_start:].rstrip().removesuffix('.')}).\nProof.{body}"
            refused = judges.coq(self.folder, f"c{number}", spoiled) is not None
            self.count["control: Coq refuses another goal"] += refused
            if not refused:
                self.disagree(f"Coq accepts {proof.name} for another goal")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample, about a minute")
    parser.add_argument("--seed", type=int, default=20261128, help="of the fresh items")
    options = parser.parse_args()
    if lacking := judges.missing():
        print(f"not installed: {', '.join(lacking)}: make system")
        return 1
    per_task, fresh, budget = (4, 1, 500) if options.quick else (None, 100, 2000)
    proofs: list[Accepted] = []
    wrong: list[Fallacy] = []
    for source, item in items(per_task, fresh, options.seed):
        proofs += accepted(source, item)
        wrong += fallacies(item)
        if source == "v1":
            proofs += attempted(item, budget)
    print(f"{len(proofs)} accepted proofs, {len(wrong)} fallacies", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder))
        campaign.kernels(proofs)
        for language in ("ndl", "macro", "equational"):
            campaign.assumptions(next(p for p in proofs if p.language == language))
        campaign.entailed(proofs)
        campaign.refute(wrong)
        campaign.controls(
            [p for p in proofs if p.language == "ndl"][:10] + [p for p in proofs if p.language == "macro"][:10]
        )
    for what, n in sorted(campaign.count.items()):
        print(f"  {n:6,}  {what}")
    print(f"{len(campaign.disagreements)} disagreements")
    return 1 if campaign.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
