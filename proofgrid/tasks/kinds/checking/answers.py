"""Reading a verdict on a proof, and judging it against what is known of the proof."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofgrid.tasks.answers.markup import unmarked_end
from proofgrid.tasks.answers.reading import CUT_OFF, after_reasoning, decided, read_json_answer
from proofgrid.tasks.answers.texts import condensed
from proofgrid.tasks.answers.values import ContradictionError, as_bool, as_lines, member
from proofgrid.tasks.core import JsonObject, Reading
from proofgrid.tasks.kinds.checking.plain import line_and_class, read_plain
from proofgrid.tasks.kinds.checking.stated import (
    ALIASES,
    COUNTEREXAMPLE,
    DESCRIPTION,
    DETAILS,
    LINE,
    LINE_OR_TEXT,
    TYPE,
    Answer,
    answer_of,
)

_LAST_RESORT = {
    "correct": (
        "status",
        "result",
        "answer",
        "outcome",
        "judgement",
        "judgment",
        "assessment",
        "conclusion",
        "final_answer",
    )
}
_DENIALS = {"incorrect": ("is_incorrect", "has_error", "has_errors", "invalid", "is_invalid", "flawed", "is_flawed")}


def read_answer(text: str) -> Reading:
    """The last complete verdict in ``text``; ``value`` is an :class:`Answer`.

    Without JSON, lines "correct: false", "line: 7", "type: logic" (as a list, a table or in bold) or sentences ("the
    proof is correct", "line 7, type: logic") are read. A verdict that contradicts its own details is none.
    """
    reading = read_json_answer(text, ("correct",), ALIASES, _LAST_RESORT)
    try:
        if reading.value is not None:
            return _from_object(reading.value, reading.repairs)
        if decided(reading):
            return reading
        denied = read_json_answer(text, ("incorrect",), _DENIALS)
        if denied.value is not None and (said := as_bool(denied.value["incorrect"])) is not None:
            rest = {key: value for key, value in denied.value.items() if key != "incorrect"}
            return _from_object({**rest, "correct": not said}, denied.repairs)
        return read_plain(condensed(unmarked_end(after_reasoning(text)[0], 2_000)), reading)
    except ContradictionError as error:
        return Reading(None, reading.repairs, str(error))


def _from_object(data: Mapping[str, Any], repairs: tuple[str, ...]) -> Reading:
    correct = as_bool(data["correct"])
    if correct is None:
        return Reading(None, repairs, 'the value of "correct" is neither true nor false')
    details: Any = member(data, *DETAILS)
    if isinstance(details, list) and details:
        if any(entry != details[0] for entry in details):
            return Reading(None, repairs, "several errors are named, not the first one")
        details = details[0]
    if isinstance(details, str) and not correct and (inside := line_and_class(details[:2000])) is not None:
        details = {"offendingLineNumber": inside[0], "errorType": inside[1], "errorDescription": details}
    if not isinstance(details, Mapping):
        details = {k: v for k, v in data.items() if k != "correct"}
    number, quoted = member(details, *LINE), member(details, *LINE_OR_TEXT)
    if as_lines(quoted) is not None:
        if number is not None and as_lines(number) != as_lines(quoted):
            raise ContradictionError("two lines are named, in two members")
        number, quoted = quoted, None
    type_, described = member(details, *TYPE), member(details, *DESCRIPTION)
    if "unclosed" in repairs and not correct and None in (type_, described):
        return Reading(None, repairs, CUT_OFF)
    return answer_of(
        correct,
        number,
        quoted,
        type_,
        described,
        member(details, *COUNTEREXAMPLE) or member(data, *COUNTEREXAMPLE),
        repairs,
    )


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

    Of several lines that are named each must be one of the step's. A number and a quotation that contradict each other
    are not two guesses: a quotation that stands only once in the proof decides, else the number does. An error without
    a line is located by the number 0, by an empty quotation without a number, or by the proof's last step.
    """
    quoted = _squeeze(answer.text)
    lines = [_squeeze(line) for line in expected.proof_lines]
    pointed = (lines.index(quoted) + 1,) if quoted and lines.count(quoted) == 1 else answer.lines
    if expected.lines:
        return bool(pointed) and all(line in expected.lines for line in pointed)
    if not pointed:
        return quoted == ""
    last = max((n for n, line in enumerate(lines, 1) if re.search(r"\w", line)), default=0)
    return pointed == (0,) or all(last <= line <= len(lines) for line in pointed)


def _squeeze(line: str) -> str:
    """A line without its number, remark, white space and final semicolon."""
    line = re.sub(r"^\s*\d+\s*[|:.)]", "", line).split("#")[0]
    return re.sub(r"\s+", "", line).rstrip(";")
