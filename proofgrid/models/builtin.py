"""Builtin models: no network, no weights, and so no language models: what they do is simulated.

``builtin/prover?budget=200`` searches for proofs with a bounded effort; ``builtin/student?skill=0.7&slips=0.1``
searches as well and then makes mistakes as people and language models do; others have a known epistemic stability.
They work in worker processes, so that the event loop stays free. The reference of an item is out of their reach.
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

Answer = Callable[[str, Mapping[str, object], Mapping[str, float], int], str]
"""(task, shown, options, sample) -> the answer's text; runs in a worker process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A number that a builtin model's spec may carry after ``?``, from ``least`` to ``most`` (None: without bound)."""

    default: float
    meaning: str
    whole: bool = False
    least: float = 0
    most: float | None = None

    def read(self, text: str) -> float:
        """The number. Raises ValueError with what it has to be."""
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        top = float("inf") if self.most is None else self.most
        if self.whole and not (text.isascii() and text.isdigit() and len(text) <= 12 and number >= self.least):
            raise ValueError(f"must be a whole number{self.meaning}, not '{text}'")
        if not self.least <= number <= top:
            raise ValueError(f"must be a number from {self.least:g} to {top:g}{self.meaning}, not '{text}'")
        return number


@dataclass(frozen=True, slots=True)
class Builtin:
    """A builtin model and its options."""

    answer: Answer
    options: Mapping[str, Option]

    def read(self, spec: str, given: Mapping[str, str]) -> dict[str, float]:
        """Every option's value. Raises ModelSpecError that says what may be written."""
        if unknown := [name for name in given if name not in self.options]:
            known = ", ".join(self.options)
            most = f"options are {known}" if len(self.options) > 1 else f"the only one is {known}, e.g. ?{known}=200"
            raise ModelSpecError(f"'{spec}': there is no option {unknown[0]}; {most}")
        values = {}
        for name, option in self.options.items():
            try:
                values[name] = option.read(given[name]) if name in given else option.default
            except ValueError as error:
                raise ModelSpecError(f"'{spec}': {name} {error}") from None
        return values


def _prover(task: str, shown: Mapping[str, object], options: Mapping[str, float], sample: int) -> str:
    from proofgrid.tasks.questions import any_task

    return any_task(task).attempt(shown, int(options["budget"]))


def _of_known_stability(
    name: str, task: str, shown: Mapping[str, object], options: Mapping[str, float], sample: int
) -> str:
    from proofgrid.models.builtin_stability import ANSWERS

    return ANSWERS[name](task, shown, int(options["budget"]))


def _student(task: str, shown: Mapping[str, object], options: Mapping[str, float], sample: int) -> str:
    from proofgrid.models.builtin_student import Student

    return Student(skill=options["skill"], slips=options["slips"], seed=int(options["seed"])).answer(
        task, shown, sample
    )


_BUDGET = {"budget": Option(default=1000, meaning=" of search steps", whole=True, least=1)}
_HABITS = {
    "skill": Option(default=0.5, meaning=" (how far ahead it sees)", most=1),
    "slips": Option(default=0.05, meaning=" (how many of its steps are written with a mistake)", most=1),
    "seed": Option(default=0, meaning=" (another student of the same skill)", whole=True),
}
_KNOWN_STABILITY = ("believer", "always-reject", "always-accept", "coin", *(f"unstable-{n}" for n in range(0, 101, 10)))
"""Authors to try the measurement of epistemic stability on: see :mod:`proofgrid.models.builtin_stability`."""
BUILTIN: dict[str, Builtin] = {
    "prover": Builtin(_prover, _BUDGET),
    "student": Builtin(_student, _HABITS),
    **{name: Builtin(partial(_of_known_stability, name), _BUDGET) for name in _KNOWN_STABILITY},
}


class BuiltinModel(Model):
    """A builtin model behind the interface of all others."""

    def __init__(self, config: ModelConfig, submit: Callable[..., Future[Any]]) -> None:
        super().__init__(config)
        self._submit = submit
        builtin = BUILTIN[config.model]
        self._answer = builtin.answer
        self._options = builtin.read(config.spec, config.serve)

    async def complete(self, request: Request) -> Completion:
        """An answer; the same request has the same answer, and only students' samples differ."""
        import asyncio

        if request.problem is None:
            raise RequestFailed("bad_request", "a builtin model answers items only, no free text", retry=False)
        start = time.monotonic()
        problem = request.problem
        try:
            text = await asyncio.wrap_future(
                self._submit(self._answer, problem.task, problem.shown, self._options, request.attempt)
            )
        except BrokenExecutor as error:
            raise RequestFailed("overloaded", "the search's process ended (out of memory?)", retry=True) from error
        except NotImplementedError as error:
            raise RequestFailed(
                "bad_request", f"{self.config.spec} has no search for {problem.task}", retry=False
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
