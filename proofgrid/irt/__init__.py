"""Item response theory for a table of models x items: 2PL fits that hold up with twenty models, and what follows.

The way in is :func:`fit_2pl`. What is written to files and drawn is in
``proofgrid.irt.output`` and ``proofgrid.irt.plots``, which are not imported here: they need matplotlib. Nothing knows
tasks or runs.
"""

from __future__ import annotations

from proofgrid.irt.analysis import Analysis, analyse
from proofgrid.irt.bank import AdaptiveState, AdaptiveTest, Bank, load_bank, make_bank, score_against
from proofgrid.irt.classical import classical_statistics, cronbach_alpha
from proofgrid.irt.dif import FamilyDifferences, family_differences
from proofgrid.irt.discrimination import caution, item_discrimination, task_summary
from proofgrid.irt.errors import BankError, EngineError, IrtError, ResponseError
from proofgrid.irt.esi import StabilityIndex, stability_index
from proofgrid.irt.explanatory import Explanation, explain_difficulty
from proofgrid.irt.fit import Comparison, Fit2PL, compare_1pl, fit_2pl
from proofgrid.irt.fit_statistics import item_fit, negative_items, person_fit
from proofgrid.irt.information import Information, information, where_tasks_tell
from proofgrid.irt.priors import DEFAULT_PRIORS, Priors
from proofgrid.irt.reference import reference_discrimination
from proofgrid.irt.stability import EstimateStability, estimate_stability
from proofgrid.irt.task_abilities import TaskAbilities, task_abilities

__all__ = [
    "DEFAULT_PRIORS",
    "AdaptiveState",
    "AdaptiveTest",
    "Analysis",
    "Bank",
    "BankError",
    "Comparison",
    "EngineError",
    "EstimateStability",
    "Explanation",
    "FamilyDifferences",
    "Fit2PL",
    "Information",
    "IrtError",
    "Priors",
    "ResponseError",
    "StabilityIndex",
    "TaskAbilities",
    "analyse",
    "caution",
    "classical_statistics",
    "compare_1pl",
    "cronbach_alpha",
    "estimate_stability",
    "explain_difficulty",
    "family_differences",
    "fit_2pl",
    "information",
    "item_discrimination",
    "item_fit",
    "load_bank",
    "make_bank",
    "negative_items",
    "person_fit",
    "reference_discrimination",
    "score_against",
    "stability_index",
    "task_abilities",
    "task_summary",
    "where_tasks_tell",
]
