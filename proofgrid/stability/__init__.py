"""Epistemic stability: the second phase of a run."""
