"""The Hilbert language (PL4): three axiom schemes and modus ponens over ``~`` and ``==>``."""

from proofgrid.checker.hilbert.axioms import SCHEMES, VARIABLES, instance, match_axiom, nearest_axiom
from proofgrid.checker.hilbert.checking import check_hilbert
from proofgrid.checker.hilbert.proofs import (
    Axiom,
    HilbertLine,
    ModusPonens,
    Premise,
    ProofReader,
    Unreadable,
    axiom_line,
    format_proof,
)

__all__ = [
    "SCHEMES",
    "VARIABLES",
    "Axiom",
    "HilbertLine",
    "ModusPonens",
    "Premise",
    "ProofReader",
    "Unreadable",
    "axiom_line",
    "check_hilbert",
    "format_proof",
    "instance",
    "match_axiom",
    "nearest_axiom",
]
