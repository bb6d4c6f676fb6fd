"""Gap filling: pl1_gf and pl1_gf_c."""

from proofgrid.tasks.kinds.gaps.task import GapFilling, Pl1GapFilling, Pl1GapFillingChallenge, answer_text, verify

__all__ = ["GapFilling", "Pl1GapFilling", "Pl1GapFillingChallenge", "answer_text", "verify"]
