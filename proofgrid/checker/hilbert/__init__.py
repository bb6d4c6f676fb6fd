"""The Hilbert language (PL4): three axiom schemes and modus ponens over ``~`` and ``==>``."""

from proofgrid.checker.hilbert.axioms import AXIOMS, SCHEMES, VARIABLES, instance, match_axiom, nearest_axiom
from proofgrid.checker.hilbert.check import as_read, check_hilbert
from proofgrid.checker.hilbert.lines import Axiom, HilbertLine, ModusPonens, Premise, axiom_line, format_proof
from proofgrid.checker.hilbert.read import ProofReader, Unreadable

__all__ = [
    "AXIOMS",
    "SCHEMES",
    "VARIABLES",
    "Axiom",
    "HilbertLine",
    "ModusPonens",
    "Premise",
    "ProofReader",
    "Unreadable",
    "as_read",
    "axiom_line",
    "check_hilbert",
    "format_proof",
    "instance",
    "match_axiom",
    "nearest_axiom",
]
