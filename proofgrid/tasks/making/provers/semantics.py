"""Truth tables as integers: bit i of a mask is the value under the i-th assignment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proofgrid.checker.formulas import Formula, postorder


class TruthTable:
    """Masks over a fixed list of atoms (n atoms: masks of 2**n bits; meant for n <= 14)."""

    def __init__(self, atoms: Sequence[str]) -> None:
        self.atoms = tuple(atoms)
        self.full = (1 << (1 << len(self.atoms))) - 1
        self._atom: dict[str, int] = {}
        for index, name in enumerate(self.atoms):
            period = 1 << index
            block = ((1 << period) - 1) << period
            mask = 0
            for start in range(0, 1 << len(self.atoms), 2 * period):
                mask |= block << start
            self._atom[name] = mask
        self._memo: dict[Formula, int] = {}

    def mask(self, formula: Formula) -> int:
        """The assignments that make ``formula`` true."""
        memo = self._memo
        if formula in memo:
            return memo[formula]
        for f in postorder(formula):
            if f in memo:
                continue
            if f.op == "atom":
                memo[f] = self._atom[f.name]
            elif f.op in ("true", "false"):
                memo[f] = self.full if f.op == "true" else 0
            elif f.op == "~":
                memo[f] = self.full ^ memo[f.left]
            elif f.op == "&":
                memo[f] = memo[f.left] & memo[f.right]
            elif f.op == "|":
                memo[f] = memo[f.left] | memo[f.right]
            elif f.op == "==>":
                memo[f] = (self.full ^ memo[f.left]) | memo[f.right]
            else:
                memo[f] = self.full ^ memo[f.left] ^ memo[f.right]
        return memo[formula]

    def all(self, formulas: Iterable[Formula]) -> int:
        """The assignments that make all of ``formulas`` true."""
        mask = self.full
        for formula in formulas:
            mask &= self.mask(formula)
        return mask
