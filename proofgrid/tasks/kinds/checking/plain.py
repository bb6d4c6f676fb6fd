"""Verdicts on a proof in plain words: labelled lines, lists, tables, and sentences that name a line and a type.

Only what says one thing is read. Where words are hedged ("perhaps line 4"), or two lines are named as the error's,
nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.texts import bare, cells, is_rule_of_table, labelled
from proofgrid.tasks.answers.values import ContradictionError, as_bool, as_lines
from proofgrid.tasks.core import Reading
from proofgrid.tasks.kinds.checking.stated import (
    ALIASES,
    COUNTEREXAMPLE,
    DESCRIPTION,
    LINE,
    LINE_OR_TEXT,
    TYPE,
    answer_of,
)

_SENTENCE = re.compile(
    r"\b(?:proof|it|derivation|answer|verdict)\b[\s\"'`*:]*+(?:is|was)?[\s\"'`*:]*+"
    r"(?P<not>not\s+|in(?=correct)|in(?=valid))?(?P<word>correct|valid|sound|wrong|flawed|faulty)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"^[^\w\n]*(?P<not>not\s+|in)?(?P<word>correct|valid)(?=[^\w\n]|$)", re.IGNORECASE | re.MULTILINE)
_NO_ERROR = re.compile(r"\b(?:no\s+(?:errors?|mistakes?)|every\s+step\s+is\s+(?:correct|right|valid))\b", re.IGNORECASE)
_FAULT = (
    r"(?:error|mistake|flaw|fault|problem|issue"
    r"|(?:incorrect|invalid|wrong|failing|bad|faulty|offending)\s+(?:step|line|inference))"
)
_WRONG = r"(?:incorrect|invalid|wrong|flawed)"


def _line(group: str) -> str:
    return rf"(?:lines?|L)\s*(?:number\s*|no\.?\s*|#\s*)?(?P<{group}>\d{{1,6}})\b"


_AT_LINE = re.compile(
    rf"^[^\w\n]*+{_line('line')}(?=[^\n]{{0,200}}?\b(?:syntax|type|logic|wrong|incorrect|invalid|error|mis))"
    rf"|\b{_FAULT}s?\b[^.\n\d]{{0,40}}?\b{_line('after')}"
    rf"|\b{_line('before')}\W{{1,6}}(?:is|contains|has|has\s+got)\W+(?:the\s+|an?\s+)?(?:first\s+)?"
    rf"(?:(?:syntax|type|logic|logical)\s+)?(?:{_FAULT}|{_WRONG})\b"
    rf"|\b(?:{_WRONG}|fails)\b\W{{1,4}}(?:(?:at|on|in|see)\s+)?{_line('said')}"
    rf"|\b{_line('failing')}\W{{1,6}}(?:fails|is\s+not\s+(?:valid|justified|correct|right)|does\s+not\s+follow"
    r"|does\s*n[o'’]t\s+(?:hold|follow|work))\b",
    re.IGNORECASE | re.MULTILINE,
)
_CLASS = re.compile(
    r"\b(?P<class>syntax|type|logic)(?:al)?[\s-]+(?:error|mistake)|\b(?:type|class|kind)\W{1,6}(?P<named>syntax|type|logic)"
    r"(?:al)?\b|[(,;:][ \t]*(?P<alone>syntax|type|logic)(?:al)?[ \t]*(?=[),.;]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_HEDGE = re.compile(
    r"\b(?:might|maybe|perhaps|possibly|probably|unless|either|unsure|not\s+sure|could\s+be|may\s+be"
    r"|one\s+of|or\s+(?:maybe\s+)?(?:line|in\s+line)|depending)\b|\?",
    re.IGNORECASE,
)
_NOT_SAID = re.compile(
    r"\b(?:if|whether|unless|suppos(?:e|ing)|assuming|were|would|hard\s+to|den(?:y|ies)|doubt|wonder|asked|asks|nobody|no\s+one"
    r"|not\s+(?:(?:the\s+case|true|clear|obvious|possible)\b|(?:think|believe|say|claim|mean)\b)|is\s*n[o'’]t\s+(?:the\s+case|true)"
    r"|do\s*n[o'’]t\s+(?:think|believe|say|claim|mean)|false\s+that|wrong\s+(?:that|to))\b",
    re.IGNORECASE,
)
"""Words before a verdict in its sentence that leave open, or deny, what the sentence would say without them."""
_CONCLUDES = re.compile(
    r"\b(?:so|hence|therefore|thus|consequently|making|means|conclude|but|however|because|since)\b", re.IGNORECASE
)
"""Behind which a new claim begins within a sentence: what was supposed before it is no condition of it."""
_LEFT_OPEN = re.compile(r"\b(?:unless|otherwise|if\s+and\s+only\s+if)\b|\?", re.IGNORECASE)
_ON_CONDITION = re.compile(r"[\s,*`]*(?:only\s+|just\s+)?(?:if|as\s+long\s+as|provided|assuming|when)\b", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[\w)\"'`*])[.!](?=\s|$)|[?]|\n\s*\n|;\s|:\s*\n")
_MORE_LINES = re.compile(r"\s*(?:,|and|or|&|/|-|–|to)+\s*(?:or\s+|and\s+)?(?:lines?\s*)?\d", re.IGNORECASE)
_LABELS = {
    "correct": ("correct", *ALIASES["correct"]),
    "number": LINE,
    "quoted": LINE_OR_TEXT,
    "type": TYPE,
    "description": DESCRIPTION,
    "counterexample": COUNTEREXAMPLE,
}
_LABEL_OF = {folded(name): label for label, names in _LABELS.items() for name in names}
_NEXT_LABEL = re.compile(r"(?<=[.;,*])[ \t]+(?=[*_]{0,2}[A-Z][A-Za-z ]{2,24}[*_]{0,2}:)")


def _is_said(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence asserts what was found in it: it is no condition, question or denial."""
    start = max(0, match.start() - _NEAR)
    for pattern in (_SENTENCE_ENDS, _CONCLUDES):
        start = max((m.end() for m in pattern.finditer(text, start, match.start())), default=start)
    end = _SENTENCE_ENDS.search(text, match.end(), match.end() + _NEAR)
    after = end.end() if end else match.end() + _NEAR
    if _NOT_SAID.search(text, start, match.end()) or _ON_CONDITION.match(text, match.end()):
        return False
    return _LEFT_OPEN.search(text, match.end(), after) is None


_NEAR = 300
"""Characters of a sentence, before and after, that are looked at."""


def line_and_class(text: str) -> tuple[str, str | None] | None:
    """The one line that a sentence says is wrong, and the type of its error; None where it names none.

    Raises ContradictionError if it names several, or hedges.
    """
    lines: set[str] = set()
    several = False
    for match in _AT_LINE.finditer(text):
        several |= not _is_said(text, match)
        group = next(name for name in ("line", "after", "before", "said", "failing") if match[name])
        lines.add(match[group])
        several |= _MORE_LINES.match(text, match.end(group)) is not None
    if not lines:
        return None
    if several or len(lines) > 1 or _HEDGE.search(text):
        raise ContradictionError("several lines are named, or one with reservations")
    return lines.pop(), _class_in(text)


def _class_in(text: str) -> str | None:
    classes = {next(filter(None, match.groups())).casefold() for match in _CLASS.finditer(text)}
    return classes.pop() if len(classes) == 1 else None


def read_plain(text: str, reading: Reading) -> Reading:
    """The verdict in a text without JSON; ``reading`` where there is none. Raises ContradictionError."""
    said: dict[str, list[str]] = {label: [] for label in _LABELS}
    for label, value in _labelled(text):
        name = _LABEL_OF.get(folded(label))
        if name is not None and value:
            said[name].append(value)
    numbers = [*said["number"], *(v for v in said["quoted"] if as_lines(v) is not None)]
    quoted = [v for v in said["quoted"] if as_lines(v) is None]
    types = said["type"]
    labelled_ = any(said.values())
    last = text if labelled_ else _last_statement(text)
    if not numbers and (found := line_and_class(last)) is not None:
        numbers = [found[0]]
        types = types or [found[1]] if found[1] else types
    verdicts = {v for value in said["correct"] if (v := as_bool(value)) is not None}
    if not verdicts:
        sentences = [*_SENTENCE.finditer(last), *_ALONE.finditer(last)]
        verdicts = {(m["not"] is None) == (m["word"].casefold() in ("correct", "valid", "sound")) for m in sentences}
        if sentences and (_HEDGE.search(last) or not all(_is_said(last, m) for m in sentences)):
            raise ContradictionError("the verdict is given with reservations")
    if not verdicts and (found_none := _NO_ERROR.search(last)) is not None and _is_said(last, found_none):
        verdicts = {True}
    if not verdicts and numbers and (said["number"] or types):
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
    return answer_of(verdicts.pop(), number, quote, type_, described, example, (*reading.repairs, "plain_text"))


def _last_statement(text: str) -> str:
    """The last paragraph that calls a proof or a line right or wrong, and what follows it."""
    paragraphs = text.split("\n\n")
    for at in range(len(paragraphs) - 1, -1, -1):
        if any(pattern.search(paragraphs[at]) for pattern in (_SENTENCE, _ALONE, _AT_LINE, _NO_ERROR)):
            return "\n\n".join(paragraphs[at:])
    return text


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """Labelled values: lines, several on a line, headings with the value below, and tables either way round."""
    text = _NEXT_LABEL.sub("\n", text)
    header: list[str] = []
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if line.lstrip().startswith("|"):
            row = [bare(cell) for cell in cells(line[:4000])]
            if is_rule_of_table(line):
                continue
            names = [_LABEL_OF.get(folded(cell)) for cell in row]
            if len(row) > 2 and sum(name is not None for name in names) >= 2:
                header = row
                continue
            if header and len(header) == len(row):
                yield from zip(header, row, strict=True)
                continue
            if len(row) >= 2:
                yield row[0], row[1]
            continue
        heading = re.match(r"[ \t]*#{1,6}[ \t]+(?P<label>[A-Za-z][\w ]{1,40})[ \t]*$", line)
        if heading is not None:
            below = next((other for other in lines[at + 1 : at + 3] if other.strip()), "")
            yield heading["label"], bare(below)
        else:
            yield from labelled(line)
