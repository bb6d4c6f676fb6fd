"""What an evaluation finds, as data: slips that were read through, failed steps, traces. Words come later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proofgrid.checker.formulas import Formula, build
from proofgrid.checker.natural.syntax import From, RuleApplication, SupposeAbsurd

UNKNOWN: Final = build("atom", name="?")
"""Stands for the conclusion of a failed step that advertises none (only where evaluation goes on)."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A repaired step: the data of a Fix before it is put into words."""

    kind: str
    node: RuleApplication | From | None
    name: str = ""
    edits: tuple[tuple[int, int, str], ...] = ()
    """What the fix does to the text: start, end, and what is put there (only for fixes of syntax)."""
    meant: str = ""


@dataclass(slots=True)
class FailedStep:
    """A failed step: the data of a Failure before it is put into words."""

    kind: str
    offset: int
    node: RuleApplication | From | SupposeAbsurd | None = None
    evaluated: tuple[Formula, ...] = ()
    missing: Formula | None = None
    expected: Formula | None = None
    actual: Formula | None = None
    name: str = ""
    defined: tuple[str, ...] | None = None
    """The latest names that are defined here, ``name`` being none of them; None where ``name`` is a rule's."""
    sources: tuple[Formula, ...] | None = None
    target: Formula | None = None
    hypotheses: tuple[Formula, ...] = ()
    """What is open at the step: hypotheses, and conclusions of failed steps that were taken to hold."""
    holds: tuple[Formula, ...] = ()
    """Everything that held at the step, latest first (bounded), to find the nearest formula that does hold."""
    model: dict[str, bool] | None = None
    message: str = ""
    """What is wrong in words, where the language has its own."""
    hint: str | None = None


@dataclass(slots=True)
class Traced:
    """One application that was accepted, as it was evaluated."""

    node: RuleApplication | From
    evaluated: tuple[Formula, ...]
    required: tuple[Formula, ...]
    conclusion: Formula
    hypotheses: tuple[Formula, ...]


class Stop(Exception):
    """The first failure was found; carries it."""

    def __init__(self, problem: FailedStep) -> None:
        super().__init__(problem.kind)
        self.problem = problem
