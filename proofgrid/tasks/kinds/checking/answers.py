"""Reading a verdict on a proof, and judging it against what is known of the proof."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proofgrid.tasks.answers.reading import as_bool, as_int, read_json_answer
from proofgrid.tasks.core import JsonObject, Reading

_CLASS_OF = {
    "syntax": "syntax",
    "parsing": "syntax",
    "undefinedname": "syntax",
    "exception": "syntax",
    "scope": "syntax",
    "type": "type",
    "malformedruleapp": "type",
    "logic": "logic",
    "logical": "logic",
    "notinab": "logic",
    "conclusionmismatch": "logic",
    "wrongtopconclusion": "logic",
    "doesnotfollow": "logic",
    "notfalse": "logic",
    "aggregation": "logic",
}
_VALUE = re.compile(r"\b([A-Z][0-9]*(?:_[0-9]+)*)\s*(?:=|:=|:|is|->|↦)\s*(true|false|1|0|T|F)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict as read. ``line`` 0 says that the error has no line; None that no line was given."""

    correct: bool
    line: int | None = None
    text: str = ""
    class_: str | None = None
    counterexample: Mapping[str, bool] = field(default_factory=dict)


def read_answer(text: str) -> Reading:
    """The last complete verdict in ``text``; ``value`` is an :class:`Answer`."""
    reading = read_json_answer(text, ("correct",))
    if reading.value is None:
        return reading
    data: dict[str, Any] = reading.value
    correct = as_bool(data["correct"])
    if correct is None:
        return Reading(None, reading.repairs, 'the value of "correct" is neither true nor false')
    details = _get(data, "errorDetails")
    if isinstance(details, list) and details and isinstance(details[0], dict):
        details = details[0]
    if not isinstance(details, dict):
        details = data
    line, quoted = _get(details, "offendingLineNumber"), _get(details, "offendingLine")
    number = as_int(line)
    if number is None and as_int(quoted) is not None:
        number, quoted = as_int(quoted), ""
    described = _get(details, "errorDescription")
    return Reading(
        Answer(
            correct,
            number,
            quoted.strip() if isinstance(quoted, str) else "",
            _class(_get(details, "errorType")),
            _counterexample(_get(details, "counterexample") or _get(data, "counterexample"), described),
        ),
        reading.repairs,
    )


def _get(data: Mapping[str, Any], key: str) -> Any:
    if key in data:
        return data[key]
    plain = {re.sub(r"[\s_-]+", "", str(name)).casefold(): value for name, value in data.items()}
    return plain.get(key.casefold())


def _class(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    word = re.sub(r"[^a-z]+", "", value.casefold()).removesuffix("error")
    return _CLASS_OF.get(word)


def _counterexample(value: Any, described: Any) -> dict[str, bool]:
    if isinstance(value, dict):
        return {str(k): v for k, item in value.items() if (v := as_bool(item)) is not None}
    for text in (value, described):
        if isinstance(text, str):
            found = {m[1]: m[2].casefold() in ("true", "1", "t") for m in _VALUE.finditer(text) if m[1][0].isupper()}
            if found:
                return found
    return {}


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a proof. ``lines`` are the failing step's; empty: the whole proves something else."""

    correct: bool
    class_: str | None
    lines: Sequence[int]
    proof_lines: Sequence[str]

    @classmethod
    def of(cls, reference: JsonObject, proof: str) -> Expected:
        """From an item's reference and the proof that it shows."""
        error = reference.get("error") or {}
        return cls(bool(reference["correct"]), error.get("class"), error.get("lines", ()), proof.split("\n"))


@dataclass(slots=True)
class Judgement:
    """The outcome: partial scores by name, and what a grader would say."""

    correct: bool
    parts: dict[str, float]
    feedback: str


def judge(answer: Answer, expected: Expected) -> Judgement:
    """Verdict, location and class. For a correct proof there is no more to say than that it is."""
    if answer.correct != expected.correct:
        said = "correct" if expected.correct else "not correct"
        parts = {"verdict": 0.0} if expected.correct else {"verdict": 0.0, "line": 0.0, "class": 0.0}
        return Judgement(False, parts, f"The proof is {said}.")
    if expected.correct:
        return Judgement(True, {"verdict": 1.0}, "The proof is correct, as you say.")
    located = locates(answer, expected)
    classed = answer.class_ == expected.class_
    parts = {"verdict": 1.0, "line": float(located), "class": float(located and classed)}
    if not located:
        return Judgement(False, parts, "The proof is wrong, but its first error is elsewhere.")
    said = "is right" if classed else f"is of another type than {answer.class_ or 'none'}"
    return Judgement(True, parts, f"The first error is where you say, and it {said}.")


def locates(answer: Answer, expected: Expected) -> bool:
    """Whether the answer points at the failing step: by the number of any of its lines, or by a line's text.

    A number and a quotation that contradict each other are not two guesses: a quotation that stands only once in the
    proof decides, else the number does. An error without a line is located by the number 0, by an empty quotation
    without a number, or by the proof's last step.
    """
    quoted = _squeeze(answer.text)
    lines = [_squeeze(line) for line in expected.proof_lines]
    pointed = lines.index(quoted) + 1 if quoted and lines.count(quoted) == 1 else answer.line
    if expected.lines:
        return pointed in expected.lines
    if pointed is None:
        return quoted == ""
    last = max((n for n, line in enumerate(lines, 1) if re.search(r"\w", line)), default=0)
    return pointed == 0 or last <= pointed <= len(lines)


def _squeeze(line: str) -> str:
    """A line without its number, remark, white space and final semicolon."""
    line = re.sub(r"^\s*\d+\s*\|", "", line).split("#")[0]
    return re.sub(r"\s+", "", line).rstrip(";")
