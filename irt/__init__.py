"""Item response theory for a table of models x items: 2PL fits that hold up with twenty models, and what follows.

The way in is :func:`fit_2pl`. Nothing in here knows tasks, runs or files other than an item bank's own JSON.
"""

from __future__ import annotations

from irt.classical import classical_statistics
from irt.discrimination import caution, item_discrimination, task_summary
from irt.errors import BankError, EngineError, IrtError, ResponseError
from irt.esi import StabilityIndex, stability_index
from irt.fit import Comparison, Fit2PL, compare_1pl, fit_2pl
from irt.information import Information, information, where_tasks_tell
from irt.priors import DEFAULT_PRIORS, Priors

__all__ = [
    "DEFAULT_PRIORS",
    "BankError",
    "Comparison",
    "EngineError",
    "Fit2PL",
    "Information",
    "IrtError",
    "Priors",
    "ResponseError",
    "StabilityIndex",
    "caution",
    "classical_statistics",
    "compare_1pl",
    "fit_2pl",
    "information",
    "item_discrimination",
    "stability_index",
    "task_summary",
    "where_tasks_tell",
]
