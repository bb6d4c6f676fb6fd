"""Parentheses nested deeper than a regular expression follows them, matched in one pass over a text."""

from __future__ import annotations

import re
from array import array

_BRACKETS = re.compile(r"\(++|\)++|[{};,]|:=")
_OPENED = re.compile(r"\(*+")


class Deep:
    """Formulas that are nested over ``levels`` deep: where they end, and whether they are proofs.

    ``words`` finds what only proofs have. No part of the text is looked at twice.
    """

    __slots__ = ("_ends", "_levels", "_matched", "_searched", "_text", "_word", "_words")

    def __init__(self, text: str, levels: int, words: re.Pattern[str]) -> None:
        self._text = text
        self._levels = levels
        self._words = words
        self._ends = array("i", bytes(4 * len(text)))
        self._matched = 0  # up to here every `(` has its end in _ends, or 0
        self._searched = 0
        self._word = -1  # the first word of a proof from _searched on

    def end(self, start: int) -> int | None:
        """Where the formula that opens at ``start`` ends, exclusive; None where it does not end or holds a proof.

        It ends before a brace, ``;``, ``,`` or ``:=``, or not at all.
        """
        if start >= self._matched:
            self._match(start)
        stop = self._ends[start]
        if not stop:
            return None
        if not self._searched <= start <= self._word:
            found = self._words.search(self._text, start)
            self._searched = start
            self._word = len(self._text) if found is None else found.start()
        return None if self._word < stop else stop

    def closes(self, start: int) -> bool:
        """Whether what opens at ``start``, of which :meth:`end` was asked, ends at all."""
        return self._ends[start] > 0

    def _match(self, start: int) -> None:
        ends, text = self._ends, self._text
        opened: list[int] = []
        for match in _BRACKETS.finditer(text, start):
            at, end = match.span()
            symbol = text[at]
            if symbol == "(":
                opened += range(at, end)
                continue
            if symbol == ")":
                end = min(end, at + len(opened))
                for after in range(at + 1, end + 1):
                    ends[opened.pop()] = after
            else:
                opened.clear()
            if not opened:
                self._matched = end
                return
        self._matched = len(text)

    def row_end(self, start: int) -> int:
        """Where a row of ``(`` stops that opens no formula: from ``start``, up to the last that are not too deep."""
        last = _OPENED.match(self._text, start).end() - self._levels  # type: ignore[union-attr]
        while start < last and self.end(start) is None:
            start += 1
        return start
