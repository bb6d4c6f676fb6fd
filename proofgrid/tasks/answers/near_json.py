"""A tolerant reader of one JSON object at a given place of a text, for answers that language models write.

The standard decoder reads what is JSON. What is nearly JSON (raw newlines in strings, single quotes, trailing commas,
Python's literals, comments, ...) is read by the small parser here, which says what it let pass. A general repair
library is no substitute: those complete whatever is cut off, and an answer that was cut off must not count as whole.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final

from proofgrid.tasks.answers.members import Members, read_exactly

MAX_DEPTH: Final = 60
"""Objects and arrays nested deeper are not read: no answer format needs more than four levels."""

_SPACE = re.compile(r"\s*")
_COMMENT = re.compile(r"//[^\n]*|/\*|#[^\n]*")
_NUMBER = re.compile(r"(?:(?P<whole>0|[1-9][0-9]*)(?![\w.])|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.]))")
_NUMBERS = re.compile(r"\((?:\s*\d{1,9}\s*,){0,40}\s*(?:\d{1,9}\s*)?\)")
"""A tuple of numbers, as Python writes it."""
_DICT = re.compile(r"dict\((?=\s*[A-Za-z_)])")
_WORD = re.compile(r"[A-Za-z_$][\w$-]*")
_KEY_AHEAD = re.compile(
    r"""\s*(?:["'“”‘’„«»][^"'“”‘’„«»\n]{0,200}["'“”‘’„«»]\s*(?:[:：](?!=)|=)|[A-Za-z_$][\w$-]*\s*[:：](?!=))"""
)
_FALSE_START = re.compile(r"""\{(?:[A-Za-z_$][\w$-]*+ *+(?=[!-~])(?![:/#])|(?=[!-~])(?!["'`A-Za-z_$/#}]))""")
"""A brace behind which there is no member's name, or one with neither ``:`` nor a comment after it."""
_ARGUMENT_AHEAD = re.compile(r"\s*[A-Za-z_]\w*\s*=(?!=)")
_OBJECT_AHEAD = re.compile(r"""["'“][\w -]{1,40}["'”]\s*[:：](?!=)""")
_LITERALS: dict[str, tuple[Any, bool]] = {
    "true": (True, False),
    "false": (False, False),
    "null": (None, False),
    "True": (True, True),
    "False": (False, True),
    "None": (None, True),
    "TRUE": (True, True),
    "FALSE": (False, True),
    "undefined": (None, True),
}
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "`": "`", "„": "“”", "«": "»", "「": "」", "＂": "＂"}
"""What may close a string, by what opens it."""
_OPENED_BY = {"'": "single_quotes", "`": "backquotes"}
"""The repair that a string opened by another mark than ``"`` is, where it is not "curly_quotes"."""
_TRIPLES = {mark: mark * 3 for mark in "\"'`"}
_GOES_ON = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_\\({[<>.-~|&*!?@%$^")
"""What no string ends before."""
_MARKS = {opener: re.compile(f"[{re.escape(opener + closer)}]") for opener, closer in _QUOTES.items()}
_PLAIN = {opener: re.compile(rf"[^\\\x00-\x1f{re.escape(opener + closer)}]+") for opener, closer in _QUOTES.items()}
_NAME = re.compile(r'"([^"\\\x00-\x1f]*+)"(?=:(?!=))')
"""A member's name as JSON writes it."""
_RAW = re.compile(r"[\n\r\t]")


def _stretches(undecided: str) -> dict[str, re.Pattern[str]]:
    """By what opens a string: text with line breaks, and with marks of which one look tells that they end no value and
    that no new object begins there; ``undecided`` are characters after a mark that may stand behind a value."""
    return {
        opener: re.compile(
            rf"(?:{_PLAIN[opener].pattern}+|[\n\r\t]"
            rf"|(?:(?<!\{{)(?<![^\S\n\r\t])|(?!{_OBJECT_AHEAD.pattern})){marks.pattern}"
            rf"(?=[^\s}}\],，;+/{re.escape(undecided + ''.join(_QUOTES))}]))++"
        )
        for opener, marks in _MARKS.items()
    }


_INSIDE = {")": _stretches(")"), "}": (_in_json := _stretches("")), "]": _in_json}
_PIECES = {opener: re.compile(rf"[\n\r\t{marks.pattern[1:-1]}]") for opener, marks in _MARKS.items()}
_COLONS = (":", "：")
_COMMAS = (",", "，")
_ENDS = ("}", "]", "+", *_COMMAS)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}


class NotJson(ValueError):
    """No object can be read here; ``ended`` where the text stops inside it, ``position`` is how far reading came, in
    ``steps`` steps (a string without quotation marks in it is one, whatever its length)."""

    def __init__(self, position: int, *, ended: bool = False, resume: int | None = None, steps: int = 0) -> None:
        super().__init__("no JSON object ends at offset", position)
        self.position, self.ended, self.steps = position, ended, steps
        self.resume = position if resume is None else resume
        """Where the next object may begin: what was open when reading failed would fail there again."""


def decode_object(text: str, start: int, plain: bool = True) -> tuple[Members, int, tuple[str, ...]]:
    """The object whose ``{`` stands at ``start``: (object, offset after it, what was repaired).

    Raises NotJson. Repairs are keys of :data:`proofgrid.tasks.answers.repairs.REPAIRS`; "unclosed" means that the
    text ends after a whole value but before the closing braces. ``plain`` says whether the standard decoder is asked
    first: its failures take time in proportion to the whole text, so who tries many starts asks it only a few times.
    """
    value = read_exactly(text, start) if plain else None
    if isinstance(value, tuple) and isinstance(value[0], Members):
        return value[0], value[1], ()
    if (false := _FALSE_START.match(text, start)) is not None:
        raise NotJson(false.end(), resume=start + 1, steps=1 if false.end() == start + 1 else 2)
    parser = _Parser(text, start)
    found = parser.object(0)
    return found, parser.position, tuple(parser.repairs)


def decode_array(text: str, start: int, plain: bool = True) -> tuple[list[Any], int, tuple[str, ...]]:
    """The array whose ``[`` stands at ``start``; else as :func:`decode_object`."""
    value = read_exactly(text, start) if plain else None
    if isinstance(value, tuple) and isinstance(value[0], list):
        return value[0], value[1], ()
    parser = _Parser(text, start)
    return parser.array(0), parser.position, tuple(parser.repairs)


def decode_arguments(text: str, start: int) -> tuple[Members, int, tuple[str, ...]]:
    """The keyword arguments of a call whose ``(`` stands at ``start``, as an object; else as :func:`decode_object`."""
    parser = _Parser(text, start)
    found = parser.object(0, end=")")
    return found, parser.position, (*parser.repairs, "call")


@lru_cache(maxsize=4)
def _last_comment_end(text: str) -> int:
    return text.rfind("*/")


class _Parser:
    """Recursive descent, at most MAX_DEPTH deep; every method starts at its first character."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position
        self.repairs: dict[str, None] = {}
        self.token = position
        """Where the string that is being read begins; reading may go on behind its first character."""
        self.steps = 0
        self.quoted = False
        """Whether the name of the member that is being read stands in quotation marks."""

    def fail(self) -> NotJson:
        ended = self.position >= len(self.text)
        return NotJson(self.position, ended=ended, resume=self.token + 1, steps=self.steps)

    def skip(self) -> str:
        """Pass over white space and comments; the next character, or "" at the end."""
        self.steps += 1
        while True:
            character = self.text[self.position : self.position + 1]
            if character > " " and character not in "/#" and character.isascii():
                return character
            self.position = self.after_space(self.position)
            end = self.comment(self.position)
            if end is None:
                return self.text[self.position : self.position + 1]
            self.repairs["comment"] = None
            self.position = end

    def comment(self, at: int) -> int | None:
        """The offset after the comment that begins at ``at``; None if none does, or it never ends."""
        match = _COMMENT.match(self.text, at)
        if match is None or match.group() != "/*":
            return None if match is None else match.end()
        return None if at + 2 > _last_comment_end(self.text) else self.text.index("*/", at + 2) + 2

    def value(self, depth: int, closers: str) -> Any:
        character = self.skip()
        if character == "{":
            return self.object(depth + 1)
        if character == "[":
            return self.array(depth + 1)
        if character in _QUOTES and character:
            return self.string(closers)
        if character == "(" and (numbers := _NUMBERS.match(self.text, self.position)) is not None:
            self.position = numbers.end()
            self.repairs["python_literal"] = None
            return [int(number) for number in re.findall(r"\d+", numbers.group())]
        if (called := _DICT.match(self.text, self.position)) is not None:
            self.position = called.end() - 1
            self.repairs["call"] = None
            return self.object(depth + 1, end=")")
        if character == "(" and self.text[self.position + 1 : self.position + 201].lstrip()[:1] in ("'", '"'):
            self.position += 1
            self.skip()
            joined = self.string(")")
            if self.skip() != ")":
                raise self.fail()
            self.position += 1
            return joined
        if match := _NUMBER.match(self.text, self.position):
            self.position = match.end()
            if self.position == len(self.text):
                raise self.fail()  # the number may go on: a truncated answer
            try:
                return int(match.group()) if match["whole"] else json.loads(match.group())
            except ValueError as error:
                raise self.fail() from error
        if (match := _WORD.match(self.text, self.position)) and match.group() in _LITERALS:
            self.position = match.end()
            found, repaired = _LITERALS[match.group()]
            if repaired:
                self.repairs["python_literal"] = None
            return found
        raise self.fail()

    def object(self, depth: int, end: str = "}") -> Members:
        if depth > MAX_DEPTH:
            self.token = self.position - 1
            raise self.fail()
        self.token = self.position
        self.position += 1
        found: list[tuple[str, Any]] = []
        while True:
            character = self.skip()
            if character == end:
                self.position += 1
                return Members(found)
            if character == "" and found and not self.after_comma():
                self.repairs["unclosed"] = None
                return Members(found)
            key = self.key(character)
            self.colon(called=end == ")")
            found.append((key, self.value(depth, end)))
            character = self.skip()
            if character in _COMMAS or (character == ";" and _KEY_AHEAD.match(self.text, self.position + 1)):
                if character != ",":
                    self.repairs["punctuation"] = None
                self.position += 1
                if self.skip() == end:
                    self.repairs["trailing_comma"] = None
            elif character not in (end, ""):
                if not _KEY_AHEAD.match(self.text, self.position):
                    raise self.fail()
                self.repairs["missing_comma"] = None

    def colon(self, called: bool) -> None:
        """Pass over what stands between a member's name and its value: ``:``, or what is written for it."""
        character = self.skip()
        if character in _COLONS:
            if character != ":":
                self.repairs["punctuation"] = None
        elif character == "=" and (called or self.quoted):
            self.repairs["punctuation"] = None
            self.position += self.text.startswith("=>", self.position)
        else:
            raise self.fail()
        self.position += 1

    def array(self, depth: int) -> list[Any]:
        if depth > MAX_DEPTH:
            self.token = self.position - 1
            raise self.fail()
        self.position += 1
        found: list[Any] = []
        while True:
            character = self.skip()
            if character == "]":
                self.position += 1
                return found
            if character == "" and found and not self.after_comma():
                self.repairs["unclosed"] = None
                return found
            found.append(self.value(depth, "]"))
            character = self.skip()
            if character in _COMMAS:
                self.position += 1
                if self.skip() == "]":
                    self.repairs["trailing_comma"] = None
            elif character not in ("]", ""):
                if character not in _QUOTES and character not in "{[":
                    raise self.fail()
                self.repairs["missing_comma"] = None

    def after_comma(self) -> bool:
        """At the end of the text: whether a comma promises more."""
        return self.text.rstrip().endswith(",")

    def key(self, character: str) -> str:
        self.quoted = bool(character) and character in _QUOTES
        if match := _NAME.match(self.text, self.position):
            self.token = self.position
            self.position = match.end()
            self.steps += 1 + bool(match[1])
            return match[1]
        if self.quoted:
            return self.one_string(":")
        match = _WORD.match(self.text, self.position)
        if match is None:
            raise self.fail()
        self.position = match.end()
        self.repairs["bare_key"] = None
        return match.group()

    def string(self, closers: str) -> str:
        """A string, and adjacent ones joined as Python joins them."""
        parts = [self.one_string(closers)]
        while True:
            at = self.position
            character = self.skip()
            if character == "+":
                self.position += 1
                character = self.skip()
            if (
                not character
                or character not in _QUOTES
                or (character == "`" and self.text.startswith("```", self.position))
                or (closers == "]" and "+" not in self.text[at : self.position])
                or _KEY_AHEAD.match(self.text, self.position)
            ):
                self.position = at
                return "".join(parts)
            self.repairs["joined_strings"] = None
            parts.append(self.one_string(closers))

    def one_string(self, closers: str) -> str:
        text, position = self.text, self.position
        self.token = position
        opener = text[position]
        if opener in _TRIPLES and text.startswith(triple := _TRIPLES[opener], position):
            end = text.find(triple, position + 3)
            if end < 0:
                self.position = len(text)
                raise self.fail()
            self.position = end + 3
            self.repairs["triple_quotes"] = None
            return text[position + 3 : end]
        if opener != '"':
            self.repairs[_OPENED_BY.get(opener, "curly_quotes")] = None
        out: list[str] = []
        lines = inner = False
        plain, pieces = _PLAIN[opener], _PIECES[opener]
        ahead = inside = plain if closers == ":" else _INSIDE[closers][opener]
        self.position += 1
        while self.position < len(text):
            self.steps += 1
            if match := ahead.match(text, self.position):
                found = match.group()
                out.append(found)
                self.position = match.end()
                if len(parts := pieces.split(found)) > 1:
                    self.steps += len(parts) - 2 + sum(map(bool, parts))
                    marked = self.note_repairs(found, opener)
                    inner = inner or marked
                    lines = lines or "\n" in found
                ahead = inside
                continue
            character = text[self.position]
            if character == "\\":
                out.append(self.escape())
                ahead = plain  # an escape may be the brace before which a mark is looked at
                continue
            if character == opener or character in _QUOTES[opener]:
                if self.closes(closers):
                    self.position += 1
                    if inner and self.after_space(self.position) == len(text):
                        # What passed for a mark inside the text closed it: the next member was cut off.
                        self.position = len(text)
                        raise self.fail()
                    return "".join(out)
                if closers == ":" or (lines and out and self.breaks_off(out[-1])):
                    raise self.fail()
                self.repairs["inner_quote"] = None
                inner = True
            else:
                self.repairs["raw_newline" if character in "\n\r\t" else "control_character"] = None
                lines = lines or character == "\n"
            out.append(character)
            self.position += 1
        raise self.fail()

    def note_repairs(self, found: str, opener: str) -> bool:
        """Note what is let pass in a stretch of a string, in order; whether there are marks in it."""
        mark, raw = _MARKS[opener].search(found), _RAW.search(found)
        if mark is not None and (raw is None or mark.start() < raw.start()):
            self.repairs["inner_quote"] = None
        if raw is not None:
            self.repairs["raw_newline"] = None
        if mark is not None:
            self.repairs["inner_quote"] = None
        return mark is not None

    def breaks_off(self, before: str) -> bool:
        """Whether a new object begins at this quotation mark: the string was a draft that was given up."""
        before = before[max(map(before.rfind, "\n\r\t")) + 1 :]
        return before.rstrip().endswith("{") and _OBJECT_AHEAD.match(self.text, self.position) is not None

    def closes(self, closers: str) -> bool:
        """Whether the quotation mark here ends the string, by what stands after it."""
        text, position = self.text, self.position
        at = position + 1
        after = text[at : at + 1]
        if after in _GOES_ON or (after in _COLONS and closers != ":"):
            return False
        if after <= " " or not after.isascii():
            at = self.after_space(at)
            after = text[at : at + 1]
            if after == "":
                return True
        if after == text[position] and at == position + 1 and closers == "}":
            # Of two marks side by side the second ends the string, if one does: "he said "yes"",
            rest = self.after_space(at + 1)
            if text[rest : rest + 1] in (",", "}"):
                return False
        if closers == ":":
            return (after in _COLONS and text[at : at + 2] != ":=") or after == "="
        if after == ")" or (closers == ")" and after in _COMMAS):
            return closers == ")" and (after == ")" or _ARGUMENT_AHEAD.match(text, at + 1) is not None)
        if closers == "}" and (after in _COMMAS or after == ";"):
            rest = self.after_space(at + 1)
            return (
                (after != ";" and text[rest : rest + 1] in ("}", ""))
                or bool(_KEY_AHEAD.match(text, at + 1))
                or self.comment(rest) is not None
            )
        if after in _ENDS:
            return after != "}" or closers == "}"
        if after in _QUOTES:
            return True
        if "\n" in text[position:at]:
            return closers == "]" or bool(_KEY_AHEAD.match(text, at))
        return after != "#" and self.comment(at) is not None

    def after_space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        assert match is not None
        return match.end()

    def escape(self) -> str:
        text, at = self.text, self.position
        letter = text[at + 1 : at + 2]
        if letter == "u":
            digits = text[at + 2 : at + 6]
            if re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                high, low = int(digits, 16), text[at + 6 : at + 12]
                self.position = at + 6
                if 0xD800 <= high < 0xDC00 and re.fullmatch(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}", low):
                    self.position = at + 12
                    return chr(0x10000 + ((high - 0xD800) << 10) + int(low[2:], 16) - 0xDC00)
                return chr(high)
        if letter in _ESCAPES and letter:
            self.position = at + 2
            return _ESCAPES[letter]
        self.repairs["bad_escape"] = None
        if letter.isalpha() or letter == "":
            self.position = at + 1
            return "\\"  # perhaps LaTeX: left as it is
        self.position = at + 2
        return "" if letter == "\n" else letter
