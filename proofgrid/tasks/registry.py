"""The 15 tasks by id. A task's module is imported when the task is asked for."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from proofgrid.tasks.errors import UnknownTaskError

if TYPE_CHECKING:
    from proofgrid.tasks.core import Task

TASK_MODULES = {
    "pl1_pw": "proofgrid.tasks.kinds.writing:Pl1ProofWriting",
    "pl2_pw": "proofgrid.tasks.kinds.writing:Pl2ProofWriting",
    "pl3_pw": "proofgrid.tasks.kinds.writing:Pl3ProofWriting",
    "pl4_pw": "proofgrid.tasks.kinds.hilbert:Pl4ProofWriting",
    "pl4_pw_c": "proofgrid.tasks.kinds.hilbert:Pl4ProofWritingChallenge",
    "pl1_pc": "proofgrid.tasks.kinds.checking:Pl1ProofChecking",
    "pl1_pc_c": "proofgrid.tasks.kinds.checking:Pl1ProofCheckingChallenge",
    "pl3_pc": "proofgrid.tasks.kinds.checking:Pl3ProofChecking",
    "pl1_pm": "proofgrid.tasks.kinds.masking:Pl1ProofMasking",
    "pl1_pm_c": "proofgrid.tasks.kinds.masking:Pl1ProofMaskingChallenge",
    "pl1_gf": "proofgrid.tasks.kinds.gaps:Pl1GapFilling",
    "pl1_gf_c": "proofgrid.tasks.kinds.gaps:Pl1GapFillingChallenge",
    "eq_pc": "proofgrid.tasks.kinds.equational:EquationalProofChecking",
    "eq_gf": "proofgrid.tasks.kinds.equational:EquationalGapFilling",
    "eq_er": "proofgrid.tasks.kinds.equational:EquationalReconstruction",
}
TASK_IDS = tuple(TASK_MODULES)


@cache
def get_task(task_id: str) -> Task:
    """The task called ``task_id``. Raises UnknownTaskError, which names the nearest ids."""
    if task_id not in TASK_MODULES:
        near = get_close_matches(task_id, TASK_IDS, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the tasks are {', '.join(TASK_IDS)}"
        raise UnknownTaskError(f"there is no task '{task_id}'; {hint}")
    module, _, name = TASK_MODULES[task_id].partition(":")
    task: Task = getattr(import_module(module), name)()
    return task
