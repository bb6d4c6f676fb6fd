"""What can become of an attempt, stated once: every list, count, mark and matrix entry elsewhere is read from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Outcome = Literal[
    "correct",
    "incorrect",
    "unparsable",
    "empty",
    "truncated",
    "refused",
    "api_error",
    "checker_limit",
    "scorer_error",
]
"""The names of the outcomes."""

Origin = Literal["task", "completion", "host"]
"""Who says that an outcome is this one: the task that read and judged the answer; what is known of the completion
before a task sees it; or the machinery around the two, whose failures say nothing of the model."""

MatrixRule = Literal["points", "as_truncated", "missing"]
"""What an outcome is in a matrix of responses (docs/spec.md, section 7): the attempt's points; what the option for
truncated answers says (wrong by default); or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """One row of the table."""

    name: Outcome
    origin: Origin
    matrix: MatrixRule
    mark: str
    """One character, for tables and cells."""
    tone: Literal["good", "bad", "warn", ""]
    """How the report colours the mark."""
    meaning: str
    """A sentence for legends."""

    @property
    def says_something_of_the_model(self) -> bool:
        """Whether an attempt with this outcome counts among a model's attempts."""
        return self.matrix != "missing"


OUTCOMES: Final[Mapping[Outcome, OutcomeRow]] = {
    outcome.name: outcome
    for outcome in (
        OutcomeRow(
            name="correct",
            origin="task",
            matrix="points",
            mark="✓",
            tone="good",
            meaning="The answer was accepted.",
        ),
        OutcomeRow(
            name="incorrect",
            origin="task",
            matrix="points",
            mark="✗",
            tone="bad",
            meaning="The answer was read, and it is wrong.",
        ),
        OutcomeRow(
            name="unparsable",
            origin="task",
            matrix="points",
            mark="?",
            tone="warn",
            meaning="No answer, or no single answer, could be read in what the model wrote.",
        ),
        OutcomeRow(
            name="empty",
            origin="task",
            matrix="points",
            mark="∅",
            tone="warn",
            meaning="The model wrote nothing, or nothing after its reasoning.",
        ),
        OutcomeRow(
            name="truncated",
            origin="completion",
            matrix="as_truncated",
            mark="…",
            tone="warn",
            meaning="The model reached its limit of tokens before the answer was whole.",
        ),
        OutcomeRow(
            name="refused",
            origin="completion",
            matrix="points",
            mark="–",
            tone="warn",
            meaning="The model, or its provider's filter, declined to answer.",
        ),
        OutcomeRow(
            name="api_error",
            origin="host",
            matrix="missing",
            mark="!",
            tone="",
            meaning="No answer arrived, after all retries.",
        ),
        OutcomeRow(
            name="checker_limit",
            origin="task",
            matrix="as_truncated",
            mark="!",
            tone="warn",
            meaning="The answer asks for more work than the checker's limits allow.",
        ),
        OutcomeRow(
            name="scorer_error",
            origin="host",
            matrix="missing",
            mark="!",
            tone="",
            meaning="Scoring failed by a defect of ours; the record holds the traceback.",
        ),
    )
}
"""The outcomes by name, in the order in which tables list them."""

assert tuple(OUTCOMES) == get_args(Outcome)


def cell(outcome: Outcome, points: float, truncated: float | None = 0.0) -> float | None:
    """What an attempt with this outcome is in a response matrix: ``points``, ``truncated`` or None for a missing cell.

    ``truncated`` says what truncated answers, and those over the checker's limits, count as.
    """
    rule = OUTCOMES[outcome].matrix
    return points if rule == "points" else truncated if rule == "as_truncated" else None
