"""Accepted proofs in the languages of other systems, so that somebody else's kernel can judge them."""

from proofgrid.checker.export.api import TARGETS, export_proof

__all__ = ["TARGETS", "export_proof"]
