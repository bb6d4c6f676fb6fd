"""What items are made with: problems, provers, mutators and sources of proofs."""
