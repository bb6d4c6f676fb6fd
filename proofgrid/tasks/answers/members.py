"""The members of an object that is decoded: their names in any spelling, and those that are given two values."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

_PROSE = frozenset({"description", "comment", "comments", "note", "notes", "reasoning", "thought", "thoughts"})
"""Members that say nothing of the answer: given twice they contradict nothing."""


class Members(dict[str, Any]):
    """A decoded object; ``contradicted`` names a member that it, or an object in it, gives twice with two values.

    Names that differ only in case, spaces, ``_``, ``-`` or leading zeros are one name, for a reader of answers takes
    them for one. Of two equal names the last value is kept.
    """

    __slots__ = ("contradicted",)

    def __init__(self, pairs: Sequence[tuple[str, Any]] = ()) -> None:
        super().__init__(pairs)
        self.contradicted: str | None = None
        names: dict[str, Any] = {}
        for key, value in pairs:
            name = folded(key)
            if name in names and names[name] != value and name not in _PROSE:
                self.contradicted = key
            names[name] = value
        if self.contradicted is None:
            self.contradicted = next((c for value in self.values() if (c := contradiction(value)) is not None), None)

    def contradicting(self, name: str) -> Members:
        """The same members, with ``name`` as the one that is given two values."""
        other = Members(tuple(self.items()))
        other.contradicted = name
        return other


def contradiction(value: Any) -> str | None:
    """The member that an object inside ``value`` gives twice with two values, if one does."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, Members):
            if value.contradicted is not None:
                return value.contradicted
        elif isinstance(value, list):
            pending += value
    return None


_SEPARATORS = re.compile(r"(?<!\d)[\s_-]+|[\s_-]+(?!\d)")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def folded(key: str) -> str:
    """A member's name without what spellings of one name differ in; ``A1_2`` and ``A12`` stay apart."""
    return _folded(key) if len(key) <= 60 else _folded.__wrapped__(key)


@lru_cache(maxsize=4096)
def _folded(key: str) -> str:
    return _ZEROS.sub("", _SEPARATORS.sub("", key)).casefold() or key


_decoder = json.JSONDecoder(object_pairs_hook=Members)


def read_exactly(text: str, start: int) -> tuple[Any, int] | None:
    """The value that stands at ``start`` as the standard decoder reads it, and the offset after it; else None."""
    try:
        return _decoder.raw_decode(_unnumbered(text), start)
    except (ValueError, RecursionError):
        return None


class _Unnumbered(str):
    """A text whose lines are not counted: the standard decoder's errors count those before them, which nobody asks."""

    __slots__ = ()

    def count(self, *_: Any) -> int:
        return 0

    def rfind(self, *_: Any) -> int:
        return -1


_unnumbered = lru_cache(maxsize=4)(_Unnumbered)
