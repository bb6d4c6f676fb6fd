"""The macro language: one rule, ``p from a, b, c``, whose steps are bounded by weight."""
