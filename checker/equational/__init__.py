"""The equational language (EQ): terms, parallel rewriting, chains, and certificates that a gap cannot be filled."""
