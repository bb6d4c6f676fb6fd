"""Attacks on the tasks: answers that show no reasoning, and a judge of accepted proofs that is not the checker."""
