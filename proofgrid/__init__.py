"""ProofGrid: grade the reasoning, not the answer.

The documented surface for other programs; everything else may move. Names are imported when they are first used, so
that a trainer who wants the checker does not pay for the statistics.

>>> import proofgrid
>>> proofgrid.check("(A & B) # A", "left-and on (A & B)").correct
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofgrid.checker import CheckerError as CheckerError
    from proofgrid.checker import Failure as Failure
    from proofgrid.checker import Fix as Fix
    from proofgrid.checker import Formula as Formula
    from proofgrid.checker import FormulaSyntaxError as FormulaSyntaxError
    from proofgrid.checker import Inference as Inference
    from proofgrid.checker import ProblemSyntaxError as ProblemSyntaxError
    from proofgrid.checker import ProofSyntaxError as ProofSyntaxError
    from proofgrid.checker import Rewrite as Rewrite
    from proofgrid.checker import StepTrace as StepTrace
    from proofgrid.checker import Verdict as Verdict
    from proofgrid.checker import check as check
    from proofgrid.checker import countermodel as countermodel
    from proofgrid.checker import entails as entails
    from proofgrid.checker import parse_formula as parse_formula
    from proofgrid.checker import parse_problem as parse_problem
    from proofgrid.checker import parse_proof as parse_proof
    from proofgrid.checker import trace_steps as trace_steps
    from proofgrid.errors import ModelSpecError as ModelSpecError
    from proofgrid.errors import ProofGridError as ProofGridError
    from proofgrid.errors import RunError as RunError
    from proofgrid.errors import ServerError as ServerError
    from proofgrid.errors import UserError as UserError
    from proofgrid.extras import MissingExtraError as MissingExtraError
    from proofgrid.irt import BankError as BankError
    from proofgrid.irt import EngineError as EngineError
    from proofgrid.irt import Fit2PL as Fit2PL
    from proofgrid.irt import IrtError as IrtError
    from proofgrid.irt import ResponseError as ResponseError
    from proofgrid.irt import fit_2pl as fit_2pl
    from proofgrid.matrix import response_matrix as response_matrix
    from proofgrid.rewarding import reward as reward
    from proofgrid.rewarding import rewards as rewards
    from proofgrid.run import load_run as load_run
    from proofgrid.run.scored import ScoredRun as ScoredRun
    from proofgrid.tasks import TASK_IDS as TASK_IDS
    from proofgrid.tasks import GenerationError as GenerationError
    from proofgrid.tasks import Item as Item
    from proofgrid.tasks import ItemFormatError as ItemFormatError
    from proofgrid.tasks import Score as Score
    from proofgrid.tasks import SuiteError as SuiteError
    from proofgrid.tasks import Task as Task
    from proofgrid.tasks import TaskError as TaskError
    from proofgrid.tasks import UnknownTaskError as UnknownTaskError
    from proofgrid.tasks import get_task as get_task
    from proofgrid.tasks.suites import load_suite as load_suite

_SURFACE = {
    "proofgrid.checker": (
        "CheckerError",
        "Failure",
        "Fix",
        "Formula",
        "FormulaSyntaxError",
        "Inference",
        "ProblemSyntaxError",
        "ProofSyntaxError",
        "Rewrite",
        "StepTrace",
        "Verdict",
        "check",
        "countermodel",
        "entails",
        "parse_formula",
        "parse_problem",
        "parse_proof",
        "trace_steps",
    ),
    "proofgrid.errors": (
        "ModelSpecError",
        "ProofGridError",
        "RunError",
        "ServerError",
        "UserError",
    ),
    "proofgrid.extras": ("MissingExtraError",),
    "proofgrid.irt": (
        "BankError",
        "EngineError",
        "Fit2PL",
        "IrtError",
        "ResponseError",
        "fit_2pl",
    ),
    "proofgrid.matrix": ("response_matrix",),
    "proofgrid.rewarding": ("reward", "rewards"),
    "proofgrid.run": ("load_run",),
    "proofgrid.run.scored": ("ScoredRun",),
    "proofgrid.tasks": (
        "TASK_IDS",
        "GenerationError",
        "Item",
        "ItemFormatError",
        "Score",
        "SuiteError",
        "Task",
        "TaskError",
        "UnknownTaskError",
        "get_task",
    ),
    "proofgrid.tasks.suites": ("load_suite",),
}
_HOME = {name: module for module, names in _SURFACE.items() for name in names}

__version__ = "0.1.0"
__all__ = [  # a test holds this list to the table above
    "TASK_IDS",
    "BankError",
    "CheckerError",
    "EngineError",
    "Failure",
    "Fit2PL",
    "Fix",
    "Formula",
    "FormulaSyntaxError",
    "GenerationError",
    "Inference",
    "IrtError",
    "Item",
    "ItemFormatError",
    "MissingExtraError",
    "ModelSpecError",
    "ProblemSyntaxError",
    "ProofGridError",
    "ProofSyntaxError",
    "ResponseError",
    "Rewrite",
    "RunError",
    "Score",
    "ScoredRun",
    "ServerError",
    "StepTrace",
    "SuiteError",
    "Task",
    "TaskError",
    "UnknownTaskError",
    "UserError",
    "Verdict",
    "check",
    "countermodel",
    "entails",
    "fit_2pl",
    "get_task",
    "load_run",
    "load_suite",
    "parse_formula",
    "parse_problem",
    "parse_proof",
    "response_matrix",
    "reward",
    "rewards",
    "trace_steps",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'proofgrid' has no attribute '{name}'")
    try:
        value = getattr(import_module(_HOME[name]), name)
    except ModuleNotFoundError as error:
        from proofgrid.extras import missing_extra

        if (lacking := missing_extra(error)) is None:
            raise
        raise lacking from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
