"""Model names that fit: without what all begin with, an ellipsis in the middle of a long one, never two alike."""

from __future__ import annotations

from collections.abc import Sequence

ELLIPSIS = "…"


def without_common_prefix(names: Sequence[str]) -> list[str]:
    """The names without the whole parts (``provider/``, ``family-``) that all of them begin with."""
    if len(set(names)) < 2:
        return list(names)
    first, last = min(names), max(names)  # what these two share, all share
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    cut = first.rfind("/", 0, length) + 1
    return [name[cut:] for name in names]


def middle(name: str, width: int) -> str:
    """At most ``width`` characters of a name: its start and its end, which tells versions apart."""
    if len(name) <= width:
        return name
    width = max(3, width)
    tail = (width - 1) // 2
    return name[: width - 1 - tail] + ELLIPSIS + name[len(name) - tail :]


def shortened(names: Sequence[str], width: int) -> list[str]:
    """The names in at most ``width`` characters, distinct where they were distinct.

    Names that fit stay as they are. Else what all begin with goes, then each long one loses its middle; those that look
    alike then are numbered.
    """
    if all(len(name) <= width for name in names):
        return list(names)
    cut = without_common_prefix(names)
    out = [middle(name, width) for name in cut]
    seen: dict[str, int] = {}
    whole = dict(zip(names, out, strict=True))
    for name, short in whole.items():
        times = seen[short] = seen.get(short, 0) + 1
        if times > 1:
            mark = f"~{times}"
            whole[name] = middle(short, width - len(mark)) + mark
    return [whole[name] for name in names]
