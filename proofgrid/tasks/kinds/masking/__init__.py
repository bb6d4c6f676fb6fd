"""Masking: pl1_pm and pl1_pm_c."""

from proofgrid.tasks.kinds.masking.task import (
    Pl1ProofMasking,
    Pl1ProofMaskingChallenge,
    ProofMasking,
    values_of,
    verify,
)

__all__ = ["Pl1ProofMasking", "Pl1ProofMaskingChallenge", "ProofMasking", "values_of", "verify"]
