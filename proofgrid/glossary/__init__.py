"""What every code and term of a verdict or a report means, in plain words, stated once.

The report links its heads and failures here, the terminal says the plain names, and ``proofgrid explain CODE`` tells
the whole of an entry. Examples are proofs that the checker judges as the entry says; a test holds them to it.
"""

from __future__ import annotations

from difflib import get_close_matches

from proofgrid.glossary.entries import Entry, Example
from proofgrid.glossary.failures import FAILURES
from proofgrid.glossary.fixes import FIXES
from proofgrid.glossary.terms import TERMS

__all__ = ["ENTRIES", "Entry", "Example", "find", "near", "plain_name"]

ENTRIES: dict[str, Entry] = {entry.code: entry for entry in (*FAILURES, *FIXES, *TERMS)}
"""Every entry by its code."""
_FOLDED = {"".join(c for c in code.lower() if c.isalnum() or c == "*"): entry for code, entry in ENTRIES.items()}


def find(word: str) -> Entry | None:
    """The entry of a code, whatever its case, dashes and blanks."""
    folded = "".join(c for c in word.lower() if c.isalnum() or c == "*")
    by_name = {"".join(c for c in e.name.lower() if c.isalnum() or c == "*"): e for e in ENTRIES.values()}
    return ENTRIES.get(word) or _FOLDED.get(folded) or by_name.get(folded)


def near(word: str) -> list[str]:
    """Codes that a mistyped one may have meant."""
    return get_close_matches(word, list(ENTRIES), n=3, cutoff=0.5)


def plain_name(code: str) -> str:
    """The plain name of a code; the code itself where the glossary has none."""
    entry = ENTRIES.get(code)
    return entry.name if entry is not None else code
