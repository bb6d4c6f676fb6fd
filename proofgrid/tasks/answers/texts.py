"""Answers that are no JSON: code blocks, the last stretch of text that reads as what was asked, labelled values.

All of it looks at lines, each once. Where brackets are left open at the end the text was cut off, and is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.rules import RULES

FENCE_LINE = re.compile(r"^[ \t]*(?:```+|~~~+)[ \t]*([\w+-]*)[ \t]*$", re.MULTILINE)
FENCE_OPENS = re.compile(r"(?:```+|~~~+)[ \t]*+[\w+-]*+[ \t]*+\n")
FENCE_BEFORE = re.compile(r"(?:```+|~~~+)[ \t]*[\w+-]*\s*\Z")
FENCE_AFTER = re.compile(r"\s*(?:```+|~~~+)")

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of an answer's text, and the repair that taking it is."""

    text: str
    repair: str


def tail(text: str, lines: int = 10_000) -> str:
    """The end of a text: all that is looked at for an answer that is no JSON, as answers stand at the end.

    An answer to the largest item is a quarter of this; what a reader spends on lines is bounded by it.
    """
    return "\n".join(text[-_MOST_CHARACTERS:].rsplit("\n", lines)[-lines:])


_MOST_CHARACTERS: Final = 400_000


_FENCE = re.compile(r"[ \t>]*(?:```|~~~)")


def code_blocks(text: str) -> Iterator[str]:
    """The bodies of the fenced code blocks, in order; one that is never closed reaches to the end of the text."""
    body: list[str] | None = None
    if "```" not in text and "~~~" not in text:
        return
    for line in text.split("\n"):
        if _FENCE.match(line):
            if body is None:
                body = []
            else:
                yield "\n".join(body)
                body = None
        elif body is not None:
            body.append(line)
    if body is not None:
        yield "\n".join(body)


def passage(text: str, line_fits: Test) -> Passage | None:
    """The last code block that has a line that fits, or else the last stretch of such lines outside the blocks."""
    blocks = [body for body in code_blocks(text) if _fits(body, line_fits)]
    if blocks:
        return Passage(blocks[-1].strip("\n"), "block")
    found = stretch(text, line_fits)
    if found is None:
        spans = [m["code"] for m in _SPAN.finditer(text) if line_fits(m["code"].strip())]
        found = spans[-1].strip() if spans else None
    return None if found is None else Passage(found, "plain_text")


_SPAN = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)")


def _fits(body: str, line_fits: Test) -> bool:
    return not _JSON.match(body) and any(line_fits(line) for line in body.split("\n"))


_JSON = re.compile(r"""\s*[\[{]\s*["'“{]""")


def stretch(text: str, line_fits: Test) -> str | None:
    """The last run of lines that fit; blank lines, remarks, lone braces and what stands in open braces go with it."""
    last: list[str] = []
    run: list[str] = []
    fitting = depth = 0
    for line in [*text.split("\n"), "The end."]:
        fits = line_fits(line)
        if fits or (depth > 0 and line != "The end.") or (run and _GOES_ALONG.match(line)) or _OPENS.match(line):
            run.append(line)
            fitting += fits
            depth = max(0, depth + line.count("{") - line.count("}"))
        else:
            if fitting:
                last = run
            run, fitting, depth = [], 0, 0
    return "\n".join(last).strip("\n") if last else None


_GOES_ALONG = re.compile(r"\s*+(?:$|#|//|[{}\s;]++$|\|[\s|:-]*+$)")
_OPENS = re.compile(r"\s*+\{\s*+$")


def balanced(text: str) -> bool:
    """Whether no bracket is left open: a text that was cut off inside a block leaves one."""
    plain = re.sub(r"(?:#|//)[^\n]*", "", text)
    return all(plain.count(a) <= plain.count(b) for a, b in ("{}", "()"))


_BULLET = r"\s*+(?:>\s*+)?+(?:[-*•+]\s++|\d{1,4}[.):]\s++|\|\s*+)?+"
_RULE = "|".join(sorted(map(re.escape, RULES), key=len, reverse=True)).replace(r"\-", "[-_ ]")
_NDL_LINE: Final = re.compile(
    rf"{_BULLET}(?:\{{|\}}|[\w'-]+\s*:=|(?i:assume|suppose-absurd)\s+\S|(?i:{_RULE})(?:\s+on\s+\S|\s*\()"
    rf"|[`*]*[(~¬A-Zft][^\n]*?\s(?:BY|By|by)\s+(?i:[`*]*(?:{_RULE})(?!\w)))"
)
_MACRO_LINE: Final = re.compile(rf"{_BULLET}(?:\{{|\}}|[\w'-]+\s*:=|(?i:assume)\s+\S)")
_MACRO_STEP: Final = re.compile(rf"{_BULLET}[`*]*+(?=[(~¬A-Zft])(?P<formula>[^\n]*?)\s(?i:from)\s+\S")
_HILBERT_REASON: Final = re.compile(r"premise|axiom|\bmp\b|modus", re.IGNORECASE)
_HILBERT_LEAD: Final = re.compile(r"[^A-Za-z]*(?:(?:step|line)[\s#]*\d)?", re.IGNORECASE)
_HILBERT_BY: Final = re.compile(r"\b(?:by|from|using|via|since|because|reason|justification)\W*\Z", re.IGNORECASE)


def ndl_line(line: str) -> bool:
    """Whether a line reads as part of an NDL proof."""
    return _NDL_LINE.match(line[:2000]) is not None


def macro_line(line: str) -> bool:
    """Whether a line reads as part of a macro proof."""
    line = _CONNECTIVES.sub(" ", line[:2000])
    if _MACRO_LINE.match(line) is not None:
        return True
    step = _MACRO_STEP.match(line)
    return step is not None and _SMALL.search(_CONSTANTS.sub("", step["formula"])) is None


_SMALL = re.compile("[a-z]")
_CONSTANTS = re.compile(r"\b(?:true|false)\b")


def hilbert_line(line: str) -> bool:
    """Whether a line reads as one of a Hilbert proof: a formula and its reason."""
    if _HILBERT_REASON.search(line, 0, 4000) is None:
        return False
    line = _CONNECTIVES.sub(" ", line[:4000])
    reason = _HILBERT_REASON.search(line)
    lead = _HILBERT_LEAD.match(line)
    if reason is None or lead is None or lead.end() > reason.start():
        return False
    formula = line[lead.end() : reason.start()]
    if (by := _HILBERT_BY.search(formula[-40:])) is not None:
        formula = formula[: len(formula) - len(by[0])]
    return _SMALL.search(formula) is None and re.search(r"[A-Z)]", line[: lead.end()] + formula) is not None


_CONNECTIVES = re.compile(r"\\[A-Za-z]+|\b(?:and|or|not|implies|iff)\b")


MOST_CELLS: Final = 20
"""A row of a table with more is nobody's answer: it is not searched, or not beyond these."""


def cells(row: str) -> list[str]:
    """The cells of a table's row; a bar inside parentheses or code is part of its cell."""
    found, depth, code, start = [], 0, False, 0
    row = row.strip().removeprefix("|")
    for at, character in enumerate(row):
        if character == "`":
            code = not code
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "|" and depth <= 0 and not code:
            found.append(row[start:at].strip())
            start, depth = at + 1, 0
    if row[start:].strip():
        found.append(row[start:].strip())
    return found


def is_rule_of_table(row: str) -> bool:
    """Whether a row only parts a table's heading from its body."""
    return _RULED.fullmatch(row) is not None and "-" in row


_RULED = re.compile(r"[\s|:+=-]+")


_LABELLED = re.compile(
    r"^[ \t>|]*(?:[-*•+][ \t]+|(?:\d{1,4}|[IVX]{1,5})[.)][ \t]+|#{1,6}[ \t]*)?"
    r"(?:[^\x00-\x7f\w][^\x00-\x7f\w]{0,3}[ \t]+)?"
    r"[\"'`*_ \t]*(?P<label>[^\W\d_][\w '-]{0,40}?)[\"'`*_ \t]*(?::=|[:：=|]|--?>|→|↦|=>)[*_]*[ \t]*(?P<value>[^\n]*)$",
    re.MULTILINE,
)


_SEPARATES = re.compile("[:：=|→↦]|->")


def labelled(text: str) -> Iterator[tuple[str, str]]:
    """Lines ``label: value``, also as list items, table rows, headings or in bold; (label, value as written)."""
    for line in text.split("\n"):
        if (found := labelled_line(line)) is not None:
            yield found


def labelled_line(line: str) -> tuple[str, str] | None:
    """What :func:`labelled` finds in one line."""
    if not _SEPARATES.search(line):
        return None
    match = _LABELLED.match(_REPEATED.sub(r"\1\1", line[:4000]))
    return None if match is None else (match["label"].strip(), bare(match["value"]))


def condensed(text: str, most: int = 20_000) -> str:
    """The end of a text, with runs of white space and of marks cut short: patterns over it take bounded time."""
    return _REPEATED.sub(r"\1\1", _BLANK_LINES.sub("\n\n", text[-most:]))


_REPEATED = re.compile(r"([^\w\n(){}\[\]~])\1{3,}")
"""Marks that stand in a row; what a formula may hold in a row is none."""
_BLANK_LINES = re.compile(r"(?<!\s)[^\S\n]*+\n[^\S\n]*+\n\s*+")


def bare(value: str) -> str:
    """A value without the marks that stand around it: emphasis, quotation, code, a final comma or the table's end."""
    value = value.strip().rstrip("|").strip().rstrip(",;").strip()
    while len(value) >= 2 and value[0] == value[-1] and value[0] in "`*_\"'":
        value = value[1:-1].strip()
    return value


def last_run(text: str, line_fits: Test) -> list[str]:
    """The last run of lines that fit, blank lines and fences between them passed over."""
    last: list[str] = []
    run: list[str] = []
    for line in text.split("\n"):
        if line_fits(line):
            run.append(line)
            last = run
        elif line.strip() and not FENCE_LINE.match(line):
            run = []
    return last
