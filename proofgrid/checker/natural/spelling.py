"""Spellings of rules, keywords and premises that are read through where nothing of that name is bound."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from proofgrid.checker.rules import RULES

_ENGLISH: Final = {
    "conjunction-introduction": "both",
    "contradiction": "absurd",
    "de-morgan": "dm",
    "de-morgan's": "dm",
    "de-morgans": "dm",
    "demorgan": "dm",
    "demorgan's": "dm",
    "demorgans": "dm",
    "disjunctive-syllogism": "dsyl",
    "double-negation": "dn",
    "excluded-middle": "ex-middle",
    "modus-ponens": "mp",
    "modus-tollens": "mt",
    "proof-by-contradiction": "by-contradiction",
}
"""A rule's name in the textbooks, where that names one rule."""
_RULE_OF: Final = {
    **_ENGLISH,
    **{name.replace("'", ""): name for name in RULES},
    **{name.replace("-", "").replace("'", ""): name for name in RULES},
    **{name: name for name in RULES},
}
_PREMISE = re.compile(r"premise[-_.]*([0-9]{1,6})", re.IGNORECASE | re.ASCII)


def spelled_rule(name: str) -> str | None:
    """The rule that ``name`` is another spelling of: another case, ``_`` for ``-``, quoted, or its textbooks' name."""
    if name in RULES:
        return name
    if len(name) > 40 or len(name) < 2 or name[0] == "(":
        return None
    return _other_spelling(name)


@lru_cache(maxsize=1024)
def _other_spelling(name: str) -> str | None:
    """The rule of a short name that is none's own; a proof has few, and asks for each at every step of it."""
    if len(name) > 2 and name[0] == name[-1] == "'":
        name = name[1:-1]
    return _RULE_OF.get(name.lower().replace("_", "-").strip("-"))


def spelled_premise(name: str) -> int | None:
    """The number of the premise that ``name`` spells (``premise1``, ``Premise-1``, ``premise_1``)."""
    match = _PREMISE.fullmatch(name)
    return int(match.group(1)) if match is not None else None
