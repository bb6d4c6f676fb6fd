"""Item response theory for a table of models x items: 2PL fits that hold up with twenty models, and what follows.

The way in is :func:`fit_2pl`. Nothing in here knows tasks, runs or files other than an item bank's own JSON.
"""

from __future__ import annotations

from irt.classical import classical_statistics
from irt.errors import BankError, EngineError, IrtError, ResponseError
from irt.fit import Comparison, Fit2PL, compare_1pl, fit_2pl
from irt.priors import DEFAULT_PRIORS, Priors

__all__ = [
    "DEFAULT_PRIORS",
    "BankError",
    "Comparison",
    "EngineError",
    "Fit2PL",
    "IrtError",
    "Priors",
    "ResponseError",
    "classical_statistics",
    "compare_1pl",
    "fit_2pl",
]
