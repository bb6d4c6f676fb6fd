"""Hilbert proofs for PL4: natural deduction, the deduction theorem, shortening, and a direct search for short ones."""

from proofgrid.tasks.making.hilbert_prover.prover import HilbertProof, prove_hilbert

__all__ = ["HilbertProof", "prove_hilbert"]
