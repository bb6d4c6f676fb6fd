"""Grammars of answers: what a model may be held to while it writes (constrained decoding)."""

from proofgrid.tasks.grammars.answers import answer_grammar, answer_schema
from proofgrid.tasks.grammars.notation import Grammar

__all__ = ["Grammar", "answer_grammar", "answer_schema"]
