"""Proof checking: pl1_pc, pl1_pc_c and pl3_pc."""

from proofgrid.tasks.kinds.checking.task import (
    Pl1ProofChecking,
    Pl1ProofCheckingChallenge,
    Pl3ProofChecking,
    ProofChecking,
    verify,
)

__all__ = ["Pl1ProofChecking", "Pl1ProofCheckingChallenge", "Pl3ProofChecking", "ProofChecking", "verify"]
