"""A verdict on a proof as an answer states it: the values of its members, in whatever spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proofgrid.tasks.answers.values import ContradictionError, as_bool, as_lines, member
from proofgrid.tasks.core import Reading

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
        *(
            "correcte",
            "correcto",
            "correto",
            "corretto",
            "korrekt",
            "richtig",
            "верно",
            "правильно",
            "正确",
            "正確",
            "正しい",
        ),
    )
}
"""How else the verdict's member is called."""
DETAILS = ("errorDetails", "error", "errors", "details", "firstError", "errorDetail", "errorInfo")
LINE = (
    *("offendingLineNumber", "lineNumber", "line_no", "lineNo", "errorLineNumber", "errorLine", "firstErrorLine"),
    *("ligne", "zeile", "línea", "linha", "riga", "строка", "行", "行号", "행"),
    *("numéro de ligne", "zeilennummer", "fehlerhafte zeile", "número de línea", "número da linha", "номер строки"),
)
LINE_OR_TEXT = ("offendingLine", "line", "offendingStep", "lineText", "offendingLineText")
TYPE = (
    *("errorType", "type", "errorClass", "class", "kind", "errorKind"),
    *(
        "type d'erreur",
        "fehlertyp",
        "typ",
        "tipo",
        "tipo de error",
        "tipo de erro",
        "tipo di errore",
        "тип",
        "тип ошибки",
    ),
    *("类型", "错误类型", "種類", "エラーの種類", "유형"),
)
DESCRIPTION = ("errorDescription", "description", "explanation", "reason", "message")
COUNTEREXAMPLE = ("counterexample", "counterExample", "countermodel", "counter_model", "assignment")
_NONE = re.compile(r"\W*(?:none|null|n/?a|nil|no|no errors?|not applicable|-?0|-1|)\W*", re.IGNORECASE)


def answer_of(
    correct: bool, number: Any, quoted: Any, type_: Any, described: Any, counterexample: Any, repairs: tuple[str, ...]
) -> Reading:
    """The answer that these values are. Raises ContradictionError if they say two things."""
    number, quoted = _line_and_text(number), _line_and_text(quoted)
    if isinstance(number, tuple):
        number, quoted = number[0], quoted or number[1]
    if isinstance(quoted, tuple):
        if number is not None and as_lines(number) != as_lines(quoted[0]):
            raise ContradictionError("two lines are named, in two members")
        number, quoted = quoted
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
    class_ = class_of(type_)
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


def _line_and_text(value: Any) -> Any:
    """(number, text) of a line that is given by both, ``5 (x := mp on a, b)`` or an object; else the value."""
    if isinstance(value, Mapping):
        number, text = member(value, *LINE, "number", "line", "no"), member(value, *LINE_OR_TEXT, "text", "content")
        return value if number is None or not isinstance(text, (str, type(None))) else (number, text)
    match = _NUMBERED_TEXT.fullmatch(value[:5000]) if isinstance(value, str) else None
    return value if match is None else (int(match["number"]), match["text"].strip(" `)\"'"))


_NUMBERED_TEXT = re.compile(
    r"\W{0,3}(?:lines?|L)?\s?#?(?P<number>\d{1,6})\s?(?:[(—–`]|:(?!=)|- )[\s`\"']{0,3}"  # line1 := ... is a step's name
    r"(?P<text>(?=[^\n]*(?::=|\bBY\b|\bon\b|\bfrom\b))"
    r"(?![^\n]*(?:\bor\b|\blines?\b|[?]|[,;&]\s*(?:and\s+)?L?\d+\s*[(:]))[^\n]+)",
    re.IGNORECASE,
)


def class_of(value: Any) -> str | None:
    """syntax, type or logic, whatever it is called; None where the words name none of them, or several."""
    if not isinstance(value, str):
        return None
    word = re.sub(r"[^a-z]+", "", value.casefold()).removesuffix("error")
    if word in _CLASS_OF:
        return _CLASS_OF[word]
    classes = {_CLASS_OF[w] for w in re.findall(r"[a-z]+", value.casefold()[:200]) if w in _CLASS_OF}
    return classes.pop() if len(classes) == 1 else None


def _counterexample(value: Any, described: Any) -> dict[str, bool]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if isinstance(value, dict):
        if all(isinstance(item, list) for item in value.values()):  # {"true": ["A"], "false": ["B"]}
            value = {name: key for key, names in value.items() for name in names if isinstance(name, str)}
        return {str(k): v for k, item in value.items() if (v := as_bool(item)) is not None}
    for text in (value, described):
        if isinstance(text, str):
            found = {m[1]: m[2].casefold() in ("true", "1", "t") for m in _VALUE.finditer(text) if m[1][0].isupper()}
            if found:
                return found
    return {}
