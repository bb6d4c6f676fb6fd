"""The three equational tasks: checking a chain (eq_pc), filling its gap (eq_gf), finding its justifications (eq_er)."""

from tasks.equational.checking import EquationalProofChecking
from tasks.equational.gap_filling import EquationalGapFilling
from tasks.equational.reconstruction import EquationalReconstruction

__all__ = ["EquationalGapFilling", "EquationalProofChecking", "EquationalReconstruction"]
