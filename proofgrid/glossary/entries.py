"""The shape of an entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A proof, of what, and in which language; the checker's verdict of it shows what an entry means."""

    problem: str
    proof: str
    language: Literal["ndl", "macro", "hilbert", "equational"] = "ndl"
    mended: str = ""
    """The same proof without the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A code, its plain name, and what it means."""

    code: str
    name: str
    """In plain words, as a head or a sentence says it."""
    said: str
    """What it means, in a few sentences."""
    group: Literal["failure", "fix", "term"]
    remedy: str = ""
    example: Example | None = None
