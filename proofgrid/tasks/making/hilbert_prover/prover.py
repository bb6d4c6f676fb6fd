"""From a problem to a short Hilbert proof: many natural deductions, the shortest of them, shortened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from proofgrid.checker import Formula
from proofgrid.checker.formulas import postorder
from proofgrid.tasks.making.hilbert_prover.derivation import Step, length, render
from proofgrid.tasks.making.hilbert_prover.direct import direct_search
from proofgrid.tasks.making.hilbert_prover.natural import NaturalDeduction, OutOfBudgetError, TruthTable, entailed
from proofgrid.tasks.making.hilbert_prover.shorten import shorten
from proofgrid.tasks.making.hilbert_prover.terms import Compiler, TooDeepError

_SUBGOALS_A_PROOF = 400
_LEAST = 8


@dataclass(frozen=True)
class HilbertProof:
    """A proof, a line a step, and where it came from."""

    lines: tuple[tuple[Formula, Step], ...]
    tried: int
    """Proofs that were written before the shortest was chosen."""
    subgoals: int
    """Subgoals that the searches took in all."""
    first: int
    """Subgoals until the first proof was there; 0 where the direct search found one."""
    source: str
    """``direct`` or ``deduction``."""

    @property
    def length(self) -> int:
        """Number of lines."""
        return len(self.lines)

    @property
    def text(self) -> str:
        """The proof in the published format."""
        return render(self.lines)


def prove_hilbert(
    premises: Sequence[Formula], goal: Formula, budget: int = 2_000, seed: int = 0, keep: int = 60
) -> HilbertProof | None:
    """The shortest proof found with ``budget`` subgoals in all; None where none was found or the goal does not follow.

    The direct search is tried first and its proof, where it has one, competes with the others. ``keep``: how many of
    the proofs by deduction are pooled for shortening. Deterministic in its arguments.
    """
    if any(f.op not in ("atom", "~", "==>") for f in postorder(*premises, goal)) or not entailed(premises, goal):
        return None
    rng = Random(seed)
    truth = TruthTable(*premises, goal)
    tables = []
    direct = direct_search(premises, goal, limit=min(budget * 20, 60_000))
    if direct is not None:
        tables.append((length(direct, goal), -1, direct))
    left, tried, first = budget, 0, 0 if direct is not None else None
    while left > 0:
        search = NaturalDeduction(premises, goal, rng, min(left, _SUBGOALS_A_PROOF), truth)
        granted = search.left
        try:
            term = search.run()
            written = [Compiler(limit) for limit in (60, 20)]
            for compiler in written:
                compiler.write(term)
        except (OutOfBudgetError, TooDeepError):
            left -= max(granted - max(search.left, 0), _LEAST)
            continue
        if first is None:
            first = budget - left + granted - search.left
        left -= max(granted - search.left, _LEAST)  # a proof costs its writing, too
        tables += [(length(c.derivation, goal), tried, c.derivation) for c in written]
        tried += 1
        tables.sort(key=lambda entry: entry[:2])
        del tables[keep:]
    if not tables:
        return None
    proof = shorten([table for *_, table in tables], goal, rng, effort=budget * 100)
    source = "direct" if direct is not None and len(proof) == length(direct, goal) else "deduction"
    return HilbertProof(tuple(proof), tried, budget - max(left, 0), first or 0, source)
