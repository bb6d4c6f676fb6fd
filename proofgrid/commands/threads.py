"""How many threads the matrix library may use in a command that does statistics."""

from __future__ import annotations

import os


def one_thread_for_matrices() -> None:
    """Keep the matrix library to one thread, unless the user has said how many; call it before numpy is imported.

    The matrices of a run are small: several threads spend their time waiting for each other, and on a machine with
    other work to do they more than double a report's CPU time.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
