"""Where ``proofgrid irt`` and ``proofgrid compare`` take a response matrix from: runs, or a file made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from proofgrid.matrix import RunMatrix
    from proofgrid.run.scored import ScoredRun


def read_responses(
    runs: list[Path] | None, matrix: Path | None, truncated: Literal["wrong", "missing"] = "wrong"
) -> tuple[list[ScoredRun], RunMatrix]:
    """The runs (none of a file) without what was said in them, and their matrix.

    Raises UserError unless there is one of the two.
    """
    from proofgrid.errors import UserError
    from proofgrid.matrix import run_matrix
    from proofgrid.matrix_file import read_matrix
    from proofgrid.run.load import load_results

    if bool(runs) == (matrix is not None):
        raise UserError(f"give one or more run folders, or --matrix FILE.csv{', not both' if runs else ''}")
    if matrix is not None:
        return [], read_matrix(matrix)
    loaded = [load_results(run) for run in runs or []]
    return loaded, run_matrix(loaded, truncated)


__all__ = ["read_responses"]
