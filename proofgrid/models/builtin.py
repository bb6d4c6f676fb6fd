"""Builtin models: no network, no weights. ``builtin/prover?budget=200`` searches for proofs with a bounded effort.

The search runs in worker processes, so that the event loop stays free. What a model "says" is exactly what
``Task.attempt`` writes from what the item shows; the reference is out of its reach.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from proofgrid.errors import ModelSpecError
from proofgrid.models.base import Model, Request, ServerInfo
from proofgrid.models.completion import Completion
from proofgrid.models.failures import RequestFailed

if TYPE_CHECKING:
    from proofgrid.models.config import ModelConfig

DEFAULT_BUDGET = 1000


@dataclass(frozen=True, slots=True)
class Builtin:
    """A builtin model: ``answer(task, shown, budget)`` runs in a worker process."""

    answer: Callable[[str, Mapping[str, object], int], str]

    def check(self, spec: str, options: Mapping[str, str]) -> None:
        """Raise ModelSpecError where the options are not ``budget=N``."""
        if unknown := [name for name in options if name != "budget"]:
            raise ModelSpecError(f"'{spec}': there is no option {unknown[0]}; the only one is budget, e.g. ?budget=200")
        budget = options.get("budget", "1")
        if not (budget.isascii() and budget.isdigit()) or int(budget) < 1:
            raise ModelSpecError(f"'{spec}': budget must be a whole number of search steps, not '{budget}'")


def _prover(task: str, shown: Mapping[str, object], budget: int) -> str:
    from proofgrid.tasks.questions import any_task

    return any_task(task).attempt(shown, budget)


def _of_known_stability(name: str, task: str, shown: Mapping[str, object], budget: int) -> str:
    from proofgrid.models.builtin_stability import ANSWERS

    return ANSWERS[name](task, shown, budget)


_KNOWN_STABILITY = ("believer", "always-reject", "always-accept", "coin", *(f"unstable-{n}" for n in range(0, 101, 10)))
"""Authors to try the measurement of epistemic stability on: see :mod:`proofgrid.models.builtin_stability`."""
BUILTIN: dict[str, Builtin] = {
    "prover": Builtin(_prover),
    **{name: Builtin(partial(_of_known_stability, name)) for name in _KNOWN_STABILITY},
}


class BuiltinModel(Model):
    """A builtin model behind the interface of all others."""

    def __init__(self, config: ModelConfig, submit: Callable[..., Future[Any]]) -> None:
        super().__init__(config)
        self._submit = submit
        self._answer = BUILTIN[config.model].answer
        self._budget = int(config.serve.get("budget", DEFAULT_BUDGET))

    async def complete(self, request: Request) -> Completion:
        """Search for an answer; the same request has the same answer, whatever the attempt."""
        import asyncio

        if request.problem is None:
            raise RequestFailed("bad_request", "a builtin model answers items only, no free text", retry=False)
        start = time.monotonic()
        problem = request.problem
        try:
            text = await asyncio.wrap_future(self._submit(self._answer, problem.task, problem.shown, self._budget))
        except BrokenExecutor as error:
            raise RequestFailed("overloaded", "the search's process ended (out of memory?)", retry=True) from error
        except NotImplementedError as error:
            raise RequestFailed(
                "bad_request", f"the builtin prover has no search for {problem.task}", retry=False
            ) from error
        return Completion(
            text=text,
            finish_reason="stop",
            prompt_tokens=0,
            completion_tokens=0,
            cost=0.0,
            seconds=time.monotonic() - start,
            served_model=self.config.spec,
        )

    async def describe(self) -> ServerInfo:
        """The version of this package stands for the server's."""
        from importlib.metadata import version

        return ServerInfo(None, (self.config.spec,), version("proofgrid"))
