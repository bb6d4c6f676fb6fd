"""ProofGrid where people already work: one thin module a host, over the public surface alone."""
