"""Proof checking for the four languages of ProofGrid. Knows nothing of models, prompts or files."""

from checker.entailment import countermodel, entails
from checker.errors import CheckerError, FormulaSyntaxError, ProblemSyntaxError
from checker.formulas import Formula
from checker.parsing import parse_formula, parse_problem
from checker.verdict import Failure, Fix, Inference, Rewrite, Verdict

__all__ = [
    "CheckerError",
    "Failure",
    "Fix",
    "Formula",
    "FormulaSyntaxError",
    "Inference",
    "ProblemSyntaxError",
    "Rewrite",
    "Verdict",
    "countermodel",
    "entails",
    "parse_formula",
    "parse_problem",
]
