"""Model specs and adapters."""
