"""Answers as an outline, YAML's usual shape: ``key: value`` lines, nested by indentation, with ``- `` items.

Only what answers need of YAML is read (no anchors or tags), in time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from proofgrid.tasks.answers.members import Members, folded
from proofgrid.tasks.answers.near_json import MAX_DEPTH, NotJson, decode_array, decode_object

_NAME = r"(?P<key>[A-Za-z][\w .-]{0,60}|\"[^\"\n]{1,60}\"|'[^'\n]{1,60}'|\d{1,6})[ \t]*:"
_KEY = re.compile(_NAME + r"(?:[ \t]+|$)(?P<value>.*)")
_OUTER_KEY = re.compile(rf"^{_NAME}(?=\s|\Z)", re.MULTILINE)
_NESTS = re.compile(r":[^\S\n]*(?:(?:[|>][+-]?[^\S\n]*)?$|[\[{])", re.MULTILINE)
_INDENT = re.compile(r"[ \t]*")
_MOST_FLOWS = 8
"""Objects in braces that are tried: each looks at the rest of the text."""
_WORDS = {"true": True, "false": False, "yes": True, "no": False, "null": None, "~": None, "none": None, "": None}


def read_outline(text: str, wanted: Collection[str]) -> Members | None:
    """The last outline in ``text`` that has, at its outermost level, a key that folds to one of ``wanted``.

    None where there is none that nests: plain ``key: value`` lines are read by whoever knows what they may mean.
    """
    text = text.expandtabs(2)
    if not _NESTS.search(text) or not any(folded(m["key"].strip("\"'")) in wanted for m in _OUTER_KEY.finditer(text)):
        return None
    lines = [line.rstrip() for line in text.split("\n")]
    taken: Members | None = None
    at = 0
    while at < len(lines):
        match = _KEY.match(lines[at])
        if match is None or folded(match["key"].strip("\"'")) not in wanted:
            at += 1
            continue
        first = at
        while first > 0 and _KEY.match(lines[first - 1]):
            first -= 1
        reader = _Outline(lines, first)
        found = reader.mapping(0)
        if reader.nests and any(folded(key) in wanted for key in found):
            taken = found
        at = max(reader.at, at + 1)
    return taken


class _Outline:
    """Reads downwards from a line; ``at`` is the first line not read, ``nests`` whether anything was indented."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines = lines
        self.at = at
        self.nests = False
        self.depth = 0
        self.flows = _MOST_FLOWS

    def indent(self) -> int | None:
        """The indentation of the next line that is not blank; None at the end."""
        while self.at < len(self.lines) and not self.lines[self.at].strip():
            self.at += 1
        if self.at >= len(self.lines):
            return None
        match = _INDENT.match(self.lines[self.at])
        assert match is not None
        return match.end()

    def mapping(self, indent: int) -> Members:
        pairs: list[tuple[str, Any]] = []
        while self.indent() == indent:
            match = _KEY.match(self.lines[self.at][indent:])
            if match is None:
                break
            self.at += 1
            pairs.append((match["key"].strip("\"'"), self.value(match["value"].strip(), indent)))
        return Members(pairs)

    def value(self, text: str, indent: int) -> Any:
        """What stands behind a key or a dash: on its line, or on the lines below it."""
        if re.fullmatch(r"[|>][+-]?", text):
            self.nests = True
            return self.block(indent)
        if text.startswith(("{", "[")) and (flow := self.flow(text[0])) is not None:
            self.nests = True
            return flow
        if text:
            return scalar(text)
        below = self.indent()
        if below is None or self.depth == MAX_DEPTH:
            return None
        dashed = self.lines[self.at][below:].startswith("- ")
        if below > indent or (below == indent and dashed):
            self.nests = True
            self.depth += 1
            found = self.sequence(below) if dashed else self.mapping(below)
            self.depth -= 1
            return found
        return None

    def flow(self, opening: str) -> Any:
        """The object or list that begins on the line before ``at``, to its end; None where it is none."""
        self.flows -= 1
        if self.flows < 0:
            return None
        rest = "\n".join(self.lines[self.at - 1 :])
        try:
            decode = decode_object if opening == "{" else decode_array
            found, end, repairs = decode(rest, rest.index(opening))
        except (NotJson, ValueError):
            return None
        if "unclosed" in repairs or rest[end:].split("\n", 1)[0].strip(" \t\r,"):
            return None
        self.at += rest.count("\n", 0, end)
        return found

    def block(self, indent: int) -> str:
        """Lines taken as they stand, without the indentation of the first of them."""
        taken: list[str] = []
        first = self.indent()
        while self.at < len(self.lines) and first is not None and first > indent:
            line = self.lines[self.at]
            if line.strip() and len(line) - len(line.lstrip()) < first:
                break
            taken.append(line[first:])
            self.at += 1
        return "\n".join(taken).rstrip()

    def sequence(self, indent: int) -> list[Any]:
        items: list[Any] = []
        while self.indent() == indent and self.lines[self.at][indent:].startswith("- "):
            rest = self.lines[self.at][indent + 2 :]
            within = indent + 2 + len(rest) - len(rest.lstrip())
            if _KEY.match(rest.lstrip()):
                # A mapping that begins on the dash's own line.
                self.lines[self.at] = " " * within + rest.lstrip()
                items.append(self.mapping(within))
            else:
                self.at += 1
                items.append(self.value(rest.strip(), indent))
        return items


def scalar(text: str) -> Any:
    """One value: a quoted text, a list in brackets, a truth value, a number, or else the text without its remark."""
    if text[0] == "[" and text[-1] == "]":
        try:
            return decode_array(text, 0)[0]
        except NotJson:
            return [part.strip().strip("\"'") for part in text[1:-1].split(",") if part.strip()]
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    text = re.sub(r"\s+#\s.*$", "", text)
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    return int(text) if re.fullmatch(r"\d{1,9}", text) else text
