"""Where JSON stands in a text: every object, array and call with keyword arguments, each kept for the last few texts.

A text may be made so that reading begins in vain over and over; what that costs is counted, and linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from proofgrid.tasks.answers.members import Members
from proofgrid.tasks.answers.near_json import NotJson, decode_arguments, decode_array, decode_object

_MAX_OBJECTS = 5_000
_MAX_ARRAYS = 20_000
_MAX_CALLS = 20
"""Objects, arrays, and calls with keyword arguments that are begun."""
_PLAIN_TRIES = 20
"""Starts at which the standard decoder is asked."""


class _Attempts:
    """How often reading may begin anew in a text, so that the time it takes in all stays linear in the text.

    What is read with success is read once. What is read in vain may be read again from further on: eight times as many
    characters as the text has, but only an eighth of that many steps.
    """

    def __init__(self, text: str, starts: int) -> None:
        self.starts = starts
        self.plain = True
        self._misses = 0
        self._steps = 10_000 + len(text) // 8
        self._characters = 30_000 + 8 * len(text)

    def left(self) -> bool:
        """Whether there is another attempt; counts it."""
        self.starts -= 1
        return self.starts >= 0 and self._steps > 0 and self._characters > 0

    def failed(self, start: int, failure: NotJson) -> None:
        """Account for an attempt that came to nothing."""
        self._steps -= failure.steps
        self._characters -= failure.position - start
        self._misses += 1
        self.plain = self._misses < _PLAIN_TRIES


def _values(
    text: str, opening: str, most: int, decode: Callable[..., tuple[Any, int, tuple[str, ...]]]
) -> Iterator[tuple[int, int, Any, tuple[str, ...]] | tuple[int, NotJson]]:
    """(start, end, value, repairs) for every value that begins with ``opening``; (start, why) for every false start."""
    attempts, position = _Attempts(text, most), 0
    while attempts.left() and (start := text.find(opening, position)) >= 0:
        try:
            value, position, repairs = decode(text, start, plain=attempts.plain)
        except NotJson as failure:
            attempts.failed(start, failure)
            position = max(start + 1, failure.resume)
            yield start, failure
        else:
            yield start, position, value, repairs


@lru_cache(maxsize=4)
def objects_in(text: str) -> tuple[tuple[tuple[int, int, Members, tuple[str, ...]], ...], bool]:
    """(start, end, object, repairs) for every JSON object of ``text``, and whether the text ends inside one.

    Kept for the last few texts: one answer is asked for several names in turn.
    """
    objects: list[tuple[int, int, Members, tuple[str, ...]]] = []
    ended = False
    for found in _values(text, "{", _MAX_OBJECTS, decode_object):
        if len(found) == 2:
            start, failure = found
            # A first key was read before the text ended: this was JSON, not a brace of something else.
            ended |= failure.ended and _LOOKS_JSON.match(text, start) is not None
        else:
            objects.append(found)
            ended = False
    opened = text.rfind("{", objects[-1][1] if objects else 0)
    ended |= opened >= 0 and _OPENS_JSON.match(text, opened) is not None
    return tuple(objects), ended


_OPENS_JSON = re.compile(r"""\{\s*["“][^}]*\Z""")
"""The start of an object that no brace closes: not even its first value need be whole."""


@lru_cache(maxsize=4)
def arrays_in(text: str) -> tuple[tuple[list[Any], tuple[str, ...]], ...]:
    """(array, repairs) for every JSON array of ``text`` that stands in no other."""
    return tuple(found[2:] for found in _values(text, "[", _MAX_ARRAYS, decode_array) if len(found) == 4)


@lru_cache(maxsize=4)
def calls_in(text: str) -> tuple[tuple[int, int, Members, tuple[str, ...]], ...]:
    """(start, end, arguments, repairs) for every call with keyword arguments, the arguments as an object."""
    found: list[tuple[int, int, Members, tuple[str, ...]]] = []
    attempts = _Attempts(text, _MAX_CALLS)
    for match in _ARGUMENTS.finditer(text):
        opened = match.start()
        called = _CALLED.search(text, max(0, opened - _LONGEST_NAME), opened)
        if called is None:
            continue
        if not attempts.left():
            break
        try:
            value, end, repairs = decode_arguments(text, opened)
        except NotJson as failure:
            attempts.failed(opened, failure)
            continue
        found.append((called.start(), end, value, repairs))
    return tuple(found)


_ARGUMENTS = re.compile(r"""\(\s*+[A-Za-z_]\w*+\s*+=\s*+(?=["'{\[\dTFNtfn])""")
_LONGEST_NAME = 61
_CALLED = re.compile(rf"\b[A-Za-z_][\w.]{{0,{_LONGEST_NAME - 1}}}\Z")
"""The name of what is called, right before the parenthesis."""
_LOOKS_JSON = re.compile(r"""\{\s*["'“]?[A-Za-z_][\w -]*+["'”]?\s*+:(?!=)""")
