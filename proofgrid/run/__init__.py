"""The run: planning, the store, the runner, scoring. Readers of results need :func:`load_run` only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofgrid.run.load import load_run
    from proofgrid.run.scored import ScoredRun

__all__ = ["ScoredRun", "load_run"]


def __getattr__(name: str) -> Any:
    """Import pandas when a run is read, not when the command line starts."""
    if name == "load_run":
        from proofgrid.run.load import load_run

        return load_run
    if name == "ScoredRun":
        from proofgrid.run.scored import ScoredRun

        return ScoredRun
    raise AttributeError(name)
