"""Proof checking for the four languages of ProofGrid. Knows nothing of models, prompts or files."""

from proofgrid.checker.api import Examination, StepTrace, as_read, check, examine, parse_proof, trace_steps
from proofgrid.checker.entailment import countermodel, entails
from proofgrid.checker.errors import CheckerError, FormulaSyntaxError, ProblemSyntaxError, ProofSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.parsing import parse_formula, parse_problem
from proofgrid.checker.rules import RULES
from proofgrid.checker.verdict import Failure, Fix, Inference, Rewrite, Verdict

__all__ = [
    "RULES",
    "CheckerError",
    "Examination",
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
    "as_read",
    "check",
    "countermodel",
    "entails",
    "examine",
    "parse_formula",
    "parse_problem",
    "parse_proof",
    "trace_steps",
]
