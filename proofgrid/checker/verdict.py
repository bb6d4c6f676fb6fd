"""What a check says: one frozen dataclass tree, the same for all four languages.

Attributes bear the names of the JSON in the command-line contract, except for Python's keywords: ``class_`` and
``from_`` are written ``class`` and ``from`` by :meth:`Verdict.to_json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, Literal

from proofgrid.checker.later import Later
from proofgrid.checker.render import render_html

Mode = Literal["strict", "instrumented"]
Profile = Literal["surface", "paper"]
Language = Literal["ndl", "macro", "hilbert", "equational"]
FailureClass = Literal["syntax", "type", "logic", "limit"]
Diagnosis = Literal["slip", "fallacy"]


FIELD_LIMIT: Final = 20_000
"""Longest formula in a field of a verdict, in characters; what is longer is cut with an ellipsis."""


@dataclass(frozen=True, slots=True)
class Inference:
    """A local inference: ``to`` was concluded from ``from_`` (formulas or terms as text)."""

    from_: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A surface slip that the instrumented reader repaired."""

    kind: str
    class_: Literal["syntax", "structural"]
    step: int | None
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Failure(Later):
    """The first real failure (or, with all_failures, one of them). Lines and columns count from 1; line 0: none.

    What it is and where is there at once; the rest of the only failure of a proof is worked out when it is read.
    """

    kind: str
    class_: FailureClass
    step: int | None
    line: int
    column: int
    message: str
    text: str = ""
    """The offending line as written."""
    rule: str | None = None
    arguments: tuple[str, ...] = ()
    """Arguments as written."""
    evaluated: tuple[str, ...] = ()
    """What they denote, as formulas in strict syntax."""
    missing: str | None = None
    expected: str | None = None
    actual: str | None = None
    inference: Inference | None = None
    diagnosis: Diagnosis | None = None
    countermodel: Mapping[str, bool] | None = None
    hint: str | None = None
    """What a fix would be, in one sentence, where the checker knows one."""
    nearest: str | None = None
    """Where a formula is missing: the most similar one that does hold."""
    position: tuple[int, ...] | None = None
    """Equational only: Dewey position of the redex."""
    equation: str | None = None
    cited: tuple[str, ...] | None = None
    possible: tuple[tuple[str, ...], ...] | None = None
    """Equational only: every set of equations that would do."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One contraction of an equational step."""

    equation: str
    position: tuple[int, ...]
    redex: str
    contractum: str
    substitution: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict(Later):
    """The outcome of one check. ``correct`` is in the mode asked for; ``strict`` needs no fix at all."""

    correct: bool
    strict: bool
    conclusion: str | None
    fixes: tuple[Fix, ...] = ()
    fixes_left_out: int = 0
    """Fixes besides those listed: the list is bounded."""
    failure: Failure | None = None
    failures: tuple[Failure, ...] = ()
    failures_left_out: int = 0
    """Failures that were found besides those listed."""
    steps: int = 0
    mode: Mode = "instrumented"
    language: Language = "ndl"
    rewrites: tuple[tuple[Rewrite, ...], ...] | None = None
    """Equational only: one tuple a step."""
    paper_only: bool = False
    """Whether profile ``paper`` accepts the text in this mode and profile ``surface`` does not (NDL only)."""

    def to_json(self) -> dict[str, Any]:
        """The verdict as the JSON of the command-line contract (equational fields only where they are set)."""
        data: dict[str, Any] = _plain(self)
        if self.rewrites is None:
            del data["rewrites"]
        for failure in (data["failure"], *data["failures"]):
            if failure is not None and self.language != "equational":
                for name in ("position", "equation", "cited", "possible"):
                    del failure[name]
        return data

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return render_html(self)


MAX_FAILURES: Final = 1000
"""Failures of one proof after which a check with all_failures ends."""
_ROOM: Final = 150_000
"""Characters of JSON that the failures of a verdict may take at least; three times the text's where that is more."""


def bounded(verdict: Verdict, length: int) -> Verdict:
    """The verdict with fields cut and failures left out, so that its JSON stays in proportion to the text."""
    if verdict.failure is None:
        return verdict
    room = max(_ROOM, 3 * length)
    if (tell := verdict.failure.untold) is not None and not verdict.failures:
        object.__setattr__(verdict.failure, "_tell", lambda: _told_in(tell, room * 9 // 10))
        return verdict
    first = _cut(verdict.failure, room * 9 // 10)
    room -= _weight(first)
    kept: list[Failure] = []
    for failure in verdict.failures:
        failure = first if failure is verdict.failure else _cut(failure, room)
        room -= _weight(failure)
        if room < 0:
            break
        kept.append(failure)
    left_out = len(verdict.failures) - len(kept)
    if first is verdict.failure and not left_out and all(a is b for a, b in zip(kept, verdict.failures, strict=True)):
        return verdict
    return replace(verdict, failure=first, failures=tuple(kept), failures_left_out=verdict.failures_left_out + left_out)


def _told_in(tell: Callable[[], Mapping[str, Any]], room: int) -> Mapping[str, Any]:
    """All fields of a failure that is told later, cut to ``room`` characters."""
    failure = _cut(Failure(**tell()), room)
    return {field.name: getattr(failure, field.name) for field in fields(Failure)}


def _weight(failure: Failure) -> int:
    """About how many characters of JSON a failure takes."""
    total = 700
    for value in (failure.message, failure.text, failure.missing, failure.expected, failure.actual, failure.nearest):
        if value:
            total += _length(value)
    for values in (failure.arguments, failure.evaluated, failure.cited or ()):
        total += sum(map(_length, values)) + 4 * len(values)
    if failure.inference is not None:
        total += sum(map(_length, failure.inference.from_)) + _length(failure.inference.to)
    if failure.countermodel is not None:
        total += sum(map(len, failure.countermodel)) + 12 * len(failure.countermodel)
    return total + 4 * len(failure.position or ())


def _length(text: str) -> int:
    return len(text) + 4 if text.isascii() else 6 * len(text)


def _cut(failure: Failure, room: int) -> Failure:
    """The failure with its longest fields cut, step by step, until it takes at most ``room`` characters."""
    for limit in (10_000, 5_000, 1_000, 200):
        if _weight(failure) <= room:
            break
        inference = failure.inference
        if inference is not None:
            inference = Inference(from_=_cut_all(inference.from_, limit), to=_cut_text(inference.to, limit))
        model = failure.countermodel
        failure = replace(
            failure,
            message=_cut_text(failure.message, limit),
            text=_cut_text(failure.text, limit),
            arguments=_cut_all(failure.arguments, limit),
            evaluated=_cut_all(failure.evaluated, limit),
            missing=None if failure.missing is None else _cut_text(failure.missing, limit),
            expected=None if failure.expected is None else _cut_text(failure.expected, limit),
            actual=None if failure.actual is None else _cut_text(failure.actual, limit),
            nearest=None if failure.nearest is None else _cut_text(failure.nearest, limit),
            inference=inference,
            countermodel=None if model is not None and len(model) > limit else model,
            position=None if failure.position is None else failure.position[:limit],
        )
    return failure


def _cut_text(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _cut_all(texts: tuple[str, ...], limit: int) -> tuple[str, ...]:
    return tuple(_cut_text(text, limit) for text in texts)


def empty_proof(text: str = "") -> Failure:
    """The failure of a proof that says nothing at all, in every language; ``text`` is its first line."""
    return Failure(
        kind="Parsing", class_="syntax", step=None, line=1, column=1, message="the proof is empty", text=text
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name.rstrip("_"): _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value
