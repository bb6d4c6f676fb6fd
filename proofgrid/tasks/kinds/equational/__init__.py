"""The three equational tasks: checking a chain (eq_pc), filling its gap (eq_gf), finding its justifications (eq_er)."""

from proofgrid.tasks.kinds.equational.checking import EquationalProofChecking
from proofgrid.tasks.kinds.equational.gap_filling import EquationalGapFilling
from proofgrid.tasks.kinds.equational.reconstruction import EquationalReconstruction

__all__ = ["EquationalGapFilling", "EquationalProofChecking", "EquationalReconstruction"]
