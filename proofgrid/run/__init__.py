"""The run: planning, the store, the runner, scoring."""
