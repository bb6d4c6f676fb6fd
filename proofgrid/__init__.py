"""proofgrid."""
