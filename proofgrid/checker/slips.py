"""The slips of syntax that all four languages forgive, stated once (docs/spec.md section 3, fixes).

:data:`MEANINGS` says what a foreign symbol stands for; each language writes its own symbol for it. :func:`clean` makes
one linear pass over a text and knows the way back to the offsets of the original. :class:`Fixes` collects what was read
through: every fix is counted, and the list is bounded.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from operator import sub
from typing import Final, Literal

from proofgrid.checker.places import Places
from proofgrid.checker.verdict import Fix

Meaning = Literal["not", "and", "or", "implies", "iff", "false", "true", "equals"]

CODE_FENCE: Final = "code-fence"
ASSERTED: Final = "assert-repeated"
COMMENT: Final = "comment"
CONNECTIVE: Final = "connective"
EMPHASIS: Final = "emphasis"
NON_ASCII: Final = "non-ascii"
NUMBERING: Final = "numbering"
PROSE: Final = "prose"
STRAY: Final = "stray-punctuation"
TABLE: Final = "table"
SUBSCRIPT: Final = "subscript"
OWN: Final = "own-comment"
"""A comment of the language itself: left out, and no slip."""
MAX_FIXES: Final = 200
"""Fixes that a verdict lists; what is more is counted."""
_SHOWN: Final = 40

MEANINGS: Final[Mapping[str, Meaning]] = {
    **dict.fromkeys("¬∼˜～￢", "not"),
    **dict.fromkeys("∧⋀＆", "and"),
    **dict.fromkeys("∨⋁｜", "or"),
    **dict.fromkeys("→⇒⟹⟶⊃", "implies"),
    **dict.fromkeys("↔⇔⟺⟷≡", "iff"),
    "⊥": "false",
    "⊤": "true",
    "＝": "equals",
    **dict.fromkeys((r"\neg", r"\lnot", r"\sim"), "not"),
    **dict.fromkeys((r"\land", r"\wedge"), "and"),
    **dict.fromkeys((r"\lor", r"\vee"), "or"),
    **dict.fromkeys(
        (r"\to", r"\rightarrow", r"\Rightarrow", r"\implies", r"\longrightarrow", r"\Longrightarrow", r"\supset"),
        "implies",
    ),
    **dict.fromkeys(
        (r"\iff", r"\leftrightarrow", r"\Leftrightarrow", r"\longleftrightarrow", r"\Longleftrightarrow", r"\equiv"),
        "iff",
    ),
    "/\\": "and",
    "\\/": "or",
    r"\bot": "false",
    r"\top": "true",
}
"""What a symbol of Unicode or LaTeX stands for. HTML's entities become the character that they name first."""

PUNCTUATION: Final[Mapping[str, str]] = {
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("‘’ʼ′", "'"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000\u0085\u2028\u2029", " "),
    "≔": ":=",
    "。": ".",
    "、": ",",
}
"""Characters that look like one of ASCII, besides those that Unicode itself calls compatible."""

SLIP: Final = re.compile(
    "|".join(
        (
            r"(?P<fence>^[ \t]*```\w*[ \t]*$)",
            r"(?P<block>/\*)",
            r"(?P<comment>//[^\n]*|%[^\n]*|#[^\n]*|(?<!\S)--(?=\s)[^\n]*|^[ \t]*--(?:-+[ \t]*$|(?![->])[^\n]*))",
            r"(?P<entity>&(?:[A-Za-z]{2,8}|\#[0-9]{1,7}|\#x[0-9A-Fa-f]{1,6});)",
            r"(?P<slashes>/\\|\\/)",
            r"(?P<brackets>\\[()\[\]])",
            r"(?P<latex>\\[A-Za-z]+|\\[,;:! ])",
            r"(?P<braces>(?<=[A-Za-z0-9])_\{[0-9]{1,9}\})",
            r"(?P<marks>[`\"*$]+|(?<![A-Za-z0-9_])_{1,3}(?=[A-Za-z(~])|(?<=[A-Za-z0-9)])_{1,3}(?![A-Za-z0-9_{]))",
            r"(?P<digits>[₀-₉]+)",
            r"(?P<foreign>[^\x00-\x7f])",
            r"(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+)",
        )
    ),
    re.MULTILINE,
)
_MARK: Final = re.compile(r"[^A-Za-z0-9(){}\[\]<>=~|;:,.?!'@^+ \t\n\r]")
"""The characters with one of which everything that SLIP finds begins, but for blanks before it on its line.

A set of characters is searched for fifty times as fast as the alternatives of SLIP.
"""
_MARKS: Final = re.compile(r"(?P<marks>[`\"*$]+)")
"""Those of SLIP's marks that nothing else begins with, where no line begins."""
_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_LEFT_OUT: Final = frozenset({"fence", "block", "comment"})
_SPACING: Final = frozenset(
    {r"\,", r"\;", r"\:", r"\!", "\\ ", r"\quad", r"\qquad", r"\left", r"\right", r"\bigl", r"\bigr", r"\big", r"\Big"}
)
_STRAY: Final = frozenset("∎⊢∴")
"""Mathematical signs that are no part of a formula; any other is kept, and then nothing reads it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of :func:`clean`: offset in the original, what was there, and what it was read as."""

    kind: str
    offset: int
    was: str
    meant: str


_What = tuple[str, str, str]
"""The kind of an edit, what was there, and what it was read as."""


class Cleaned:
    """A text with foreign symbols replaced, and the way back from its offsets to those of the original."""

    def __init__(self, original: str, spell: Mapping[Meaning, str], own_comment: str, dropped: str) -> None:
        self._original, self._spell, self._own, self._dropped = original, spell, own_comment, dropped
        self._starts, self._ends, self._at = array("q", [0]), array("q", [0]), array("q", [0])
        self._whats: list[_What] = [("", "", "")]
        self._known: dict[str, _What | None] = {}
        """What is made of a symbol; None where it stays as it is."""
        self.text = self._clean()

    def _clean(self) -> str:
        original, known = self._original, self._known
        out: list[str] = []
        last = length = position = 0
        last_block = original.rfind("*/")
        starts, ends, at, whats = self._starts.append, self._ends.append, self._at.append, self._whats.append
        while (found := next_slip(original, position)) is not None:
            if isinstance(found, int):  # one foreign character
                start, position, group = found, found + 1, "foreign"
                was = original[start]
            else:
                start, position = found.span()
                was, group = found.group(), found.lastgroup or ""
            if group in _LEFT_OUT:
                if group == "block":
                    if last_block < position:  # nothing closes it: no comment
                        continue
                    position = original.find("*/", position) + 2
                what = self._left_out(group, original[start:position])
            else:
                symbol = known[was] if was in known else self._symbol(group, was)
                if symbol is None:
                    continue
                what = symbol
            new = what[2]
            if start > last:
                out.append(original[last:start])
            out.append(new)
            length += start - last + len(new)
            last = position
            starts(start)
            ends(last)
            at(length)
            whats(what)
        out.append(original[last:])
        return "".join(out)

    def _left_out(self, group: str, was: str) -> _What:
        """The edit of a comment or a fence."""
        kind = OWN if was[0] == self._own else CODE_FENCE if group == "fence" else COMMENT
        return kind, was, " " if group == "block" and kind == COMMENT else ""

    def _symbol(self, group: str, was: str) -> _What | None:
        """The edit of anything else, which is the same wherever that stands."""
        kind, new = self._meant(group, was)
        self._known[was] = made = None if new is None else (kind, was, new)
        return made

    def _meant(self, group: str, was: str) -> tuple[str, str | None]:
        """The kind of an edit and what is put there; None where the text stays as it is."""
        if group in ("marks", "brackets"):
            return EMPHASIS, ""
        if group == "digits":
            return SUBSCRIPT, was.translate(_SUBSCRIPTS)
        if group == "braces":
            return SUBSCRIPT, was[2:-1]
        if group == "control":
            return NON_ASCII, ""
        if group == "entity" and was not in MEANINGS:
            was = unescape(was)
        meaning = MEANINGS.get(was)
        if meaning is not None:
            return CONNECTIVE, self._spell.get(meaning)
        if group == "latex":
            return EMPHASIS, " " if was in _SPACING else None
        return NON_ASCII, self._plain(was)

    def _plain(self, was: str) -> str | None:
        """A foreign character in ASCII: what it is compatible with, nothing where it says nothing; None: unreadable."""
        if was.isascii():
            return was
        new = PUNCTUATION.get(was)
        if new is None:
            new = unicodedata.normalize("NFKC", was)
        if new.isascii() and not unicodedata.decomposition(was).startswith("<super>"):
            return "" if new in self._dropped else new
        category = unicodedata.category(was)
        return "" if was in _STRAY or category[0] in "PZC" or category in ("So", "Mn", "Sk") else None

    @property
    def changed(self) -> bool:
        """Whether there is any edit at all."""
        return len(self._at) > 1

    def original(self, offset: int) -> int:
        """The original offset of an offset in :attr:`text`."""
        n = bisect_right(self._at, offset) - 1
        return offset + self._ends[n] - self._at[n]

    def originals(self, offsets: Iterable[int]) -> Iterator[int]:
        """The original offsets of ascending offsets in :attr:`text`."""
        return shifted(offsets, self._at, array("q", map(sub, self._ends, self._at)))

    def count(self, start: int, end: int) -> int:
        """How many edits there are in the stretch of the original from ``start`` to ``end``."""
        whats = self._whats[max(1, bisect_left(self._starts, start)) : bisect_left(self._starts, end)]
        return sum(what[0] != OWN for what in whats)

    def changes(self, start: int, end: int) -> Iterator[tuple[int, _What]]:
        """The edits in the stretch of the original from ``start`` to ``end``, in order.

        Each is its offset and what was done there, one tuple for all that are alike.
        """
        first, after = max(1, bisect_left(self._starts, start)), bisect_left(self._starts, end)
        for at, what in zip(self._starts[first:after], self._whats[first:after], strict=True):
            if what[0] != OWN:
                yield at, what


def next_slip(text: str, position: int) -> re.Match[str] | int | None:
    """What ``SLIP.search(text, position)`` finds, sooner; of a foreign character that is no digit, the offset."""
    at = position
    while (mark := _MARK.search(text, at)) is not None:
        at = mark.start()
        sign = text[at]
        if sign > "\x7f" and not "₀" <= sign <= "₉":
            return at
        if sign in '"*$' or (sign == "`" and at and text[at - 1] not in "\n \t"):
            return _MARKS.match(text, at)
        if sign == "-" and text[at + 1 : at + 2] != "-":  # a comment begins with two
            at += 1
            continue
        start = at
        if sign in "`-":  # a fence or a comment of a whole line begins with the line
            while start > position and text[start - 1] in " \t":
                start -= 1
            if start < at and (not start or text[start - 1] == "\n"):
                match = SLIP.match(text, start)
                if match is not None:
                    return match
        match = SLIP.match(text, at)
        if match is not None:
            return match
        at += 1
        while sign == "-" == text[at : at + 1]:  # nor begins one within a row of them
            at += 1
    return None


def shifted(offsets: Iterable[int], at: Sequence[int], shifts: Sequence[int]) -> Iterator[int]:
    """Ascending offsets moved by the shift of the last place at or before them; the first of the places is 0."""
    n = shift = until = 0
    last = len(at)
    for offset in offsets:
        while n < last and offset >= until:
            shift = shifts[n]
            n += 1
            until = at[n] if n < last else until
        yield offset + shift


def clean(text: str, spell: Mapping[Meaning, str], *, own_comment: str = "", dropped: str = "") -> Cleaned:
    """``text`` with the symbols that ``spell`` has in the language's own spelling, and without comments and emphasis.

    ``own_comment`` starts a comment of the language itself, which is left out without being a slip. Of the characters
    that only look like ASCII, those like one of ``dropped`` are dropped. What nothing here knows stays.
    """
    return Cleaned(text, spell, own_comment, dropped)


class Fixes:
    """What was read through. Every fix is counted; the first 200 different ones are kept."""

    __slots__ = ("_last", "_seen", "count", "listed")

    def __init__(self) -> None:
        self.listed: list[Fix] = []
        self.count = 0
        self._seen: set[Fix] = set()
        self._last = 0
        """The last line of which a fix is listed."""

    def add(self, fix: Fix, times: int = 1) -> None:
        """Note a fix, as often as it was made; one that says the same of the same line again is no other fix.

        Where no more are listed it is counted every time.
        """
        whole = len(self.listed) == MAX_FIXES
        if not (whole and fix.line > self._last) and fix in self._seen:
            return
        self.count += times if whole else 1
        if not whole:
            self.listed.append(fix)
            self._seen.add(fix)
            self._last = max(self._last, fix.line)

    def add_edits(
        self, cleaned: Cleaned, start: int, end: int, places: Places, step: int | None = None, base: int = 0
    ) -> None:
        """Note the edits of a stretch of ``cleaned``, from ``start`` to ``end``, as fixes of ``step``, in text order.

        ``base`` is where in the text of ``places`` the cleaned text starts. What is said of a line once need not be
        put into words again, nor what is only counted.
        """
        said: set[_What] = set()
        counted: set[_What] = set()
        """What this line has said that is listed, and that is only counted."""
        line = ends = 0  # the line that the edits have reached, and the offset after it
        for offset, what in cleaned.changes(start, end):
            at = base + offset
            if at >= ends:
                said.clear()
                counted.clear()
                line = places.line(at)
                ends = places.starts[line] if line < len(places.starts) else len(places.text) + 1
                if len(self.listed) == MAX_FIXES and line > self._last:  # after all that are listed
                    self.count += cleaned.count(offset, end)
                    return
            if what in said:
                continue
            if what in counted:
                self.count += 1
                continue
            fix = fix_of_edit(Edit(what[0], offset, what[1], what[2]), places, step, base)
            self.add(fix)
            (said if fix in self._seen else counted).add(what)

    @property
    def left_out(self) -> int:
        """How many fixes are not listed."""
        return self.count - len(self.listed)

    def __bool__(self) -> bool:
        return self.count > 0


def fix_of_edit(edit: Edit, places: Places, step: int | None = None, base: int = 0) -> Fix:
    """An edit as a fix, in words; ``base`` is where in the text of ``places`` the cleaned stretch starts.

    A comment or a fence belongs to no step.
    """
    was, meant = _quoted(edit.was), _quoted(edit.meant)
    if edit.kind == COMMENT:
        message = f"the comment {was} was left out"
    elif edit.kind == CODE_FENCE:
        message = "a code fence was dropped"
    elif not edit.meant.strip():
        message = f"{was} was dropped"
    else:
        message = f"{was} was read as {meant}"
    if edit.kind in (COMMENT, CODE_FENCE):
        step = None
    return Fix(kind=edit.kind, class_="syntax", step=step, line=places.line(base + edit.offset), message=message)


def _quoted(text: str) -> str:
    return f"'{text}'" if len(text) <= _SHOWN else f"'{text[: _SHOWN - 1]}…'"
