"""How a number of things is said, everywhere in the project: the noun agrees with it, thousands are set apart."""

from __future__ import annotations


def count(number: float, noun: str, plural: str | None = None) -> str:
    """``1 item``, ``1,204 items``."""
    return f"{number:,.0f} {noun if number == 1 else plural or noun + 's'}"
