"""Model names that fit: without what all begin with, an ellipsis in the middle of a long one, never two alike."""

from __future__ import annotations

from collections.abc import Sequence

ELLIPSIS = "…"


def _shared(names: Sequence[str]) -> int:
    """How many characters all of them begin with."""
    first, last = min(names), max(names)  # what these two share, all share
    unlike = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return next(unlike, min(len(first), len(last)))


def without_common_prefix(names: Sequence[str]) -> list[str]:
    """The names without the whole parts (``provider/``, ``family-``) that all of them begin with."""
    if len(set(names)) < 2:
        return list(names)
    cut = names[0].rfind("/", 0, _shared(names)) + 1
    return [name[cut:] for name in names]


def middle(name: str, width: int) -> str:
    """At most ``width`` characters of a name: its start and its end, which tells versions apart.

    A name that has lost its middle already loses more around the same place.
    """
    if len(name) <= width:
        return name
    keep = max(2, width - 1)
    head, gap, tail = name.partition(ELLIPSIS)
    if not gap:
        head = tail = name
    last = min(len(tail), max(keep // 2, keep - len(head)))
    return head[: keep - last] + ELLIPSIS + tail[len(tail) - last :]


def shortened(names: Sequence[str], width: int) -> list[str]:
    """The names in at most ``width`` characters, distinct where they were distinct.

    Names that fit stay as they are. Else what all begin with goes, then each long one loses its middle; those that
    would look alike keep the part in which they differ, and only what is alike even then is numbered.
    """
    if all(len(name) <= width for name in names):
        return list(names)
    cut = dict(zip(names, without_common_prefix(names), strict=True))
    short = {name: middle(rest, width) for name, rest in cut.items()}
    long = {name: rest for name, rest in cut.items() if len(rest) > width}
    for alike in (*_alike({n: middle(rest, width // 2) for n, rest in long.items()}), *_alike(short)):
        apart = _apart([cut[name] for name in alike], width)
        short |= zip(alike, apart, strict=True) if len(set(apart)) == len(alike) else ()
    for alike in _alike(short):
        for times, name in enumerate(alike[1:], 2):
            mark = f"~{times}"
            short[name] = middle(short[name], width - len(mark)) + mark
    return [short[name] for name in names]


def _alike(short: dict[str, str]) -> list[list[str]]:
    """The names that have one short form, wherever there are several."""
    by: dict[str, list[str]] = {}
    for name, form in short.items():
        by.setdefault(form, []).append(name)
    return [group for group in by.values() if len(group) > 1]


def _apart(names: Sequence[str], width: int) -> list[str]:
    """Names that begin and end alike: start, the whole word in which they differ, end, with ellipses between."""
    start = _shared(names)
    shortest = min(map(len, names))
    end = min(_shared([name[::-1] for name in names]), shortest - start)
    return [_around(name, start, len(name) - end, width) for name in names]


def _around(name: str, start: int, stop: int, width: int) -> str:
    """``name`` in ``width`` characters with the word around ``start`` to ``stop`` in it."""
    while start > 0 and (name[start - 1].isalnum() or name[start - 1] == "."):
        start -= 1
    while stop < len(name) and (name[stop].isalnum() or name[stop] == "."):
        stop += 1
    room = width - (stop - start) - 2
    if room < 2:
        return middle(name, width)
    tail = min(len(name) - stop, room // 2)
    head = min(start, room - tail)
    tail = min(len(name) - stop, room - head)
    first = name[:head] + (ELLIPSIS if head < start else "")
    last = (ELLIPSIS if tail < len(name) - stop else "") + name[len(name) - tail :]
    return first + name[start:stop] + last
