"""The lines of a Hilbert proof as data (docs/spec.md section 4), and how they are written.

``k. formula, justification;`` with a justification ``PremiseN``, ``Axiom2, p := f, q := f, r := f`` or ``mp, i, j``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from proofgrid.checker.formulas import Formula
from proofgrid.checker.hilbert.axioms import VARIABLES


@dataclass(frozen=True, slots=True)
class Premise:
    """``PremiseN``, N from 1."""

    number: int

    def __str__(self) -> str:
        return f"Premise{self.number}"


@dataclass(frozen=True, slots=True)
class Axiom:
    """``AxiomN`` with its assignments, in the order written."""

    number: int
    values: tuple[tuple[str, Formula], ...]

    def __str__(self) -> str:
        return "".join([f"Axiom{self.number}", *(f", {name} := {value}" for name, value in self.values)])


@dataclass(frozen=True, slots=True)
class ModusPonens:
    """``mp, i, j``: line i is the implication, line j its antecedent."""

    implication: int
    antecedent: int

    def __str__(self) -> str:
        return f"mp, {self.implication}, {self.antecedent}"


Justification = Premise | Axiom | ModusPonens


@dataclass(frozen=True, slots=True)
class HilbertLine:
    """One line: its number, its formula, its justification (text where it is none of the three)."""

    number: int
    formula: Formula
    justification: Justification | str
    start: int = 0
    """Offset of the line in the proof's text."""
    formula_at: int = 0
    justification_at: int = 0

    def __str__(self) -> str:
        return f"{self.number}. {self.formula}, {self.justification};"


def axiom_line(number: int, axiom: int, formula: Formula, values: Mapping[str, Formula]) -> HilbertLine:
    """A line that claims ``formula`` as the axiom's instance under ``values``."""
    return HilbertLine(number, formula, Axiom(axiom, tuple((name, values[name]) for name in VARIABLES[axiom])))


def format_proof(lines: Iterable[HilbertLine]) -> str:
    """The proof as text, a line each."""
    return "\n".join(map(str, lines))
