"""What the service hands to its workers; jobs answer in JSON, so that no worker's object has to be understood here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """One proof to check; ``problem`` as :func:`proofgrid.check` takes it."""

    problem: Any
    proof: str
    options: dict[str, Any]

    def run(self) -> dict[str, Any]:
        """The verdict as JSON, or ``{"error": ...}`` where the problem cannot be read."""
        from proofgrid.checker import check

        problem = tuple(self.problem) if isinstance(self.problem, list) else self.problem
        try:
            return check(problem, self.proof, **self.options).to_json()
        except ValueError as error:  # a problem that cannot be read, an option that there is not
            return {"error": str(error)}


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """One answer to score; ``item`` is the dictionary that an item's JSON is."""

    item: dict[str, Any]
    text: str

    def run(self) -> dict[str, Any]:
        """The score as JSON, or ``{"error": ...}`` where the item is none."""
        from proofgrid.rewarding import as_item
        from proofgrid.tasks import TaskError, get_task

        try:
            item = as_item(self.item)
            task = get_task(item.task)
        except TaskError as error:
            return {"error": str(error)}
        return task.score(item, self.text).to_json()
