"""Facts that the project ships as data."""
