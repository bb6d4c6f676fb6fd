"""Places in a text, for all four languages: lines and columns from 1, and what a line says.

A line ends at ``\\n``, ``\\r\\n`` or a lone ``\\r``; a byte order mark at the start is no part of the text.
:func:`plain_text` settles both once, before anything is read, so that readers know ``\\n`` only and no line or column
changes by it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import Final

SHOWN: Final = 20_000
"""Characters of a line that a verdict shows; of a longer one all but the last of them, and an ellipsis."""


def plain_text(text: str) -> str:
    """``text`` without its byte order mark, every line's end made ``\\n``."""
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def line_starts(text: str) -> tuple[int, ...]:
    """Offset of the first character of every line of a plain text (at least one line)."""
    lines = text.split("\n")
    return tuple(map(add, accumulate(map(len, lines), initial=0), range(len(lines))))


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, from 1, and the line's text (cut where it is longer than SHOWN)."""

    line: int
    column: int
    text: str


class Places:
    """The way from offsets in a plain text to lines and columns; the lines are found when first asked for."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str, starts: tuple[int, ...] | None = None) -> None:
        self.text = text
        self._starts = starts

    def of(self, text: str) -> Places:
        """The places of another text with the same lines (one whose comments are not blanked out, say)."""
        return Places(text, self.starts)

    @property
    def starts(self) -> tuple[int, ...]:
        """Offset of the first character of every line."""
        if self._starts is None:
            self._starts = line_starts(self.text)
        return self._starts

    def line(self, offset: int) -> int:
        """The line, from 1, of a character's offset (0 to the text's length)."""
        return bisect_right(self.starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a character's offset."""
        line = self.line(offset)
        return line, offset - self.starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line (from 1) without its end, cut where it is longer than SHOWN."""
        start = self.starts[line - 1]
        end = self.starts[line] - 1 if line < len(self.starts) else len(self.text)
        return self.text[start:end] if end - start <= SHOWN else f"{self.text[start : start + SHOWN - 1]}…"

    def at(self, offset: int) -> Place:
        """The place of a character's offset."""
        line, column = self.position(offset)
        return Place(line=line, column=column, text=self.line_text(line))
