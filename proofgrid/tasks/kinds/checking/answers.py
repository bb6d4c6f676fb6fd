"""Reading a verdict on a proof, and judging it against what is known of the proof."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proofgrid.tasks.answers.near_json import folded
from proofgrid.tasks.answers.reading import CUT_OFF, UNFINISHED, after_reasoning, read_json_answer
from proofgrid.tasks.answers.texts import condensed, labelled
from proofgrid.tasks.answers.values import ContradictionError, as_bool, as_lines, member
from proofgrid.tasks.core import EMPTY, JsonObject, Reading

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
    """A verdict as read. ``lines`` (0,) says that the error has no line; () that no line was given."""

    correct: bool
    lines: tuple[int, ...] = ()
    text: str = ""
    class_: str | None = None
    counterexample: Mapping[str, bool] = field(default_factory=dict)

    @property
    def line(self) -> int | None:
        """The first line that was named, if one was."""
        return self.lines[0] if self.lines else None


ALIASES = {
    "correct": (
        "is_correct",
        "proof_correct",
        "is_proof_correct",
        "proof_is_correct",
        "valid",
        "is_valid",
        "proof_valid",
        "verdict",
        "is_the_proof_correct",
    )
}
"""How else the verdict's member is called."""
_DETAILS = ("errorDetails", "error", "errors", "details", "firstError", "errorDetail", "errorInfo")
_LINE = ("offendingLineNumber", "lineNumber", "line_no", "lineNo", "errorLineNumber", "errorLine", "firstErrorLine")
_LINE_OR_TEXT = ("offendingLine", "line", "offendingStep", "lineText", "offendingLineText")
_TYPE = ("errorType", "type", "errorClass", "class", "kind", "errorKind")
_DESCRIPTION = ("errorDescription", "description", "explanation", "reason", "message")
_COUNTEREXAMPLE = ("counterexample", "counterExample", "countermodel", "counter_model", "assignment")
_NONE = re.compile(r"\W*(?:none|null|n/?a|nil|no|no errors?|not applicable|-?0|-1|)\W*", re.IGNORECASE)


def read_answer(text: str) -> Reading:
    """The last complete verdict in ``text``; ``value`` is an :class:`Answer`.

    Without JSON, lines "correct: false", "line: 7", "type: logic" (as a list, a table or in bold) or sentences ("the
    proof is correct", "line 7, type: logic") are read. A verdict that contradicts its own details is none.
    """
    reading = read_json_answer(text, ("correct",), ALIASES)
    try:
        if reading.value is not None:
            return _from_object(reading.value, reading.repairs)
        if reading.problem in (EMPTY, CUT_OFF, UNFINISHED) or "twice" in (reading.problem or ""):
            return reading
        return _from_text(condensed(after_reasoning(text)[0]), reading)
    except ContradictionError as error:
        return Reading(None, reading.repairs, str(error))


def _from_object(data: Mapping[str, Any], repairs: tuple[str, ...]) -> Reading:
    correct = as_bool(data["correct"])
    if correct is None:
        return Reading(None, repairs, 'the value of "correct" is neither true nor false')
    details: Any = member(data, *_DETAILS)
    if isinstance(details, list) and details:
        if any(entry != details[0] for entry in details):
            return Reading(None, repairs, "several errors are named, not the first one")
        details = details[0]
    if not isinstance(details, Mapping):
        details = {k: v for k, v in data.items() if k != "correct"}
    number, quoted = member(details, *_LINE), member(details, *_LINE_OR_TEXT)
    if number is None and as_lines(quoted) is not None:
        number, quoted = quoted, None
    return _answer(
        correct,
        number,
        quoted,
        member(details, *_TYPE),
        member(details, *_DESCRIPTION),
        member(details, *_COUNTEREXAMPLE) or member(data, *_COUNTEREXAMPLE),
        repairs,
    )


def _answer(
    correct: bool, number: Any, quoted: Any, type_: Any, described: Any, counterexample: Any, repairs: tuple[str, ...]
) -> Reading:
    """The answer that these values are. Raises ContradictionError if they say two things."""
    if isinstance(quoted, list) and len(quoted) == 1:
        quoted = quoted[0]
    quoted = quoted.strip().strip("`").strip() if isinstance(quoted, str) else ""
    quoted = "" if _NONE.fullmatch(quoted) else quoted
    lines: tuple[int, ...] = ()
    if isinstance(number, str) and _NONE.fullmatch(number):
        number = 0
    if number is not None and number != -1 and number != []:
        read = as_lines(number)
        if read is None:
            raise ContradictionError(f"{str(number)[:60]!r} names no one line")
        lines = read
    class_ = _class(type_)
    if correct and (quoted or any(lines)):
        raise ContradictionError("the proof is called correct, and yet an error in it is named")
    answer = Answer(
        correct=correct,
        lines=lines,
        text=quoted,
        class_=class_,
        counterexample=_counterexample(counterexample, described),
    )
    return Reading(answer, repairs)


_SENTENCE = re.compile(
    r"\b(?:proof|it|derivation|answer|verdict)\b[\s\"'`*:]*+(?:is|was)?[\s\"'`*:]*+"
    r"(?P<not>not\s+|in(?=correct)|in(?=valid))?(?P<word>correct|valid|sound|wrong|flawed|faulty)\b",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(r"\b(?:no\s+(?:errors?|mistakes?)|every\s+step\s+is\s+(?:correct|right|valid))\b", re.IGNORECASE)
_AT_LINE = re.compile(
    r"^[^\w\n]*+(?:(?:the\s+)?(?:first\s+)?(?:error|mistake)\s+(?:is|occurs)?\s*(?:on|in|at)\s+)?line\s+(?P<line>\d{1,6})\b"
    r"(?:[^\n]{0,200}?\b(?P<class>syntax|type|logic)\b)?",
    re.IGNORECASE | re.MULTILINE,
)
_LABELS = {
    "correct": ("correct", *ALIASES["correct"]),
    "number": _LINE,
    "quoted": _LINE_OR_TEXT,
    "type": _TYPE,
    "description": _DESCRIPTION,
    "counterexample": _COUNTEREXAMPLE,
}
_LABEL_OF = {folded(name): label for label, names in _LABELS.items() for name in names}


def _from_text(text: str, reading: Reading) -> Reading:
    said: dict[str, list[str]] = {label: [] for label in _LABELS}
    for label, value in labelled(text):
        name = _LABEL_OF.get(folded(label))
        if name is not None and value:
            said[name].append(value)
    numbers = [*said["number"], *(v for v in said["quoted"] if as_lines(v) is not None)]
    quoted = [v for v in said["quoted"] if as_lines(v) is None]
    types = said["type"]
    sentences = list(_AT_LINE.finditer(text))
    if not numbers and sentences:
        numbers = [m["line"] for m in sentences]
        types = types or [m["class"] for m in sentences if m["class"]]
    verdicts = {v for value in said["correct"] if (v := as_bool(value)) is not None}
    if not verdicts:
        verdicts = {
            (m["not"] is None) == (m["word"].casefold() in ("correct", "valid", "sound"))
            for m in _SENTENCE.finditer(text)
        }
    if not verdicts and _NO_ERROR.search(text):
        verdicts = {True}
    if not verdicts and (said["number"] or (sentences and types)):
        verdicts = {False}
    if not verdicts:
        return reading
    if len(verdicts) > 1:
        raise ContradictionError("the proof is called correct and not correct")
    for name, values in (("line", numbers), ("offending line", quoted), ("type", types)):
        if len({v.casefold() for v in values}) > 1:
            raise ContradictionError(f"several values are given for the {name}")
    number, quote, type_, described, example = (
        values[0] if values else None
        for values in (numbers, quoted, types, said["description"], said["counterexample"])
    )
    return _answer(verdicts.pop(), number, quote, type_, described, example, (*reading.repairs, "plain_text"))


def _class(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    word = re.sub(r"[^a-z]+", "", value.casefold()).removesuffix("error")
    if word in _CLASS_OF:
        return _CLASS_OF[word]
    classes = {_CLASS_OF[w] for w in re.findall(r"[a-z]+", value.casefold()[:200]) if w in _CLASS_OF}
    return classes.pop() if len(classes) == 1 else None


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
    line = re.sub(r"^\s*\d+\s*\|", "", line).split("#")[0]
    return re.sub(r"\s+", "", line).rstrip(";")
