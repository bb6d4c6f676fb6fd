"""Covering places of a proof with masks, and putting answers in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal

from proofgrid.checker import CheckerError, parse_proof
from proofgrid.checker.natural.alone import read_rule, read_term
from proofgrid.checker.natural.characters import Normalised, is_own
from proofgrid.checker.natural.syntax import Assume, RuleApplication, SupposeAbsurd, Term
from proofgrid.checker.rules import RULES
from proofgrid.tasks.making.mutations import splice

SlotKind = Literal["rule", "argument", "conclusion", "hypothesis"]
WEIGHTS: Mapping[SlotKind, float] = {"rule": 0.72, "argument": 0.55, "conclusion": 0.42, "hypothesis": 0.28}
"""How readily a place is covered (published: rules most, then arguments, conclusions, assumptions)."""

MASK = re.compile(r"(?<![A-Za-z0-9_'-])MASK(\d+)(?![A-Za-z0-9_'-])")
_REMARK = re.compile(r"//|/\*|\*/|%|#|```|(?<!\S)--")
"""What starts or ends a comment, or a fence: it would hide what stands after the mask."""
_FILLING = re.compile(r"[^,;{}#\n]+")
_KEYWORDS = re.compile(r"(?<![\w'-])(?:by|on|from|assume|suppose-absurd)(?![\w'-])|:", re.IGNORECASE)
_TWO_WORDS = re.compile(r"[\w')]\s+[\w'(]|\)[\w'(]|[\w']\(")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that can be covered; slots come in step order: arguments, rule, conclusion."""

    kind: SlotKind
    start: int
    end: int


def slots(proof: str) -> list[Slot]:
    """Every place of a proof that a mask may cover, in the order of numbering."""
    found: list[Slot] = []
    for node in parse_proof(proof).walk():
        if isinstance(node, RuleApplication):
            found += [Slot("argument", a.start, a.end) for a in node.arguments if isinstance(a, Term)]
            found.append(Slot("rule", node.rule_start, node.rule_end))
            if node.conclusion is not None:
                found.append(Slot("conclusion", node.conclusion.start, node.conclusion.end))
        elif isinstance(node, (Assume, SupposeAbsurd)):
            found.append(Slot("hypothesis", node.hypothesis.start, node.hypothesis.end))
    return found


def cover(proof: str, share: float, rng: Random, spare: frozenset[int] = frozenset()) -> tuple[str, dict[str, str]]:
    """The proof with ``share`` of its slots covered, and what the masks cover; slots of ``spare`` (indices) stay.

    Which slots are taken is drawn without replacement, in proportion to WEIGHTS.
    """
    places = slots(proof)
    count = max(1, round(share * len(places)))
    weights = {i: WEIGHTS[slot.kind] for i, slot in enumerate(places) if i not in spare}
    chosen: list[int] = []
    while weights and len(chosen) < count:
        # Sums and products only: a power or logarithm may differ in the last bit from one machine to another.
        mark = rng.random() * sum(weights.values())
        drawn = next(iter(weights))
        for index, weight in weights.items():
            mark -= weight
            if mark <= 0:
                drawn = index
                break
        chosen.append(drawn)
        del weights[drawn]
    chosen.sort()
    edits = []
    covered = {}
    for number, index in enumerate(chosen, 1):
        slot = places[index]
        covered[f"MASK{number}"] = proof[slot.start : slot.end]
        edits.append((slot.start, slot.end, f"MASK{number}"))
    return splice(proof, edits), covered


def mask_names(proof: str) -> list[str]:
    """The masks of a proof, by number."""
    return [f"MASK{n}" for n in sorted({int(m[1]) for m in MASK.finditer(proof)})]


def fill(proof: str, values: Mapping[str, str]) -> str:
    """The proof with masks replaced by whole token; a mask without an admissible value stays.

    A value is read alone, as one rule, name or formula, and written back as it was read.
    """
    filled: dict[str, str] = {}
    for name, value in values.items():
        written = as_filling(value)
        if written is not None:
            filled[name] = written
    return MASK.sub(lambda m: filled.get(m[0], m[0]), proof)


def as_filling(value: str) -> str | None:
    """A value as it can stand in a mask's place; None if it is not one rule, name or formula.

    The last short ones are remembered: the hundreds of masks of a proof share their rules, names and formulas.
    """
    return _remembered(value) if len(value) <= _SHORT else _as_filling(value)


def _as_filling(value: str) -> str | None:
    if not admissible(value):
        return None
    if value in RULES:
        return value
    try:
        return read_term(value).text
    except CheckerError:
        pass
    try:
        return read_rule(value).text
    except CheckerError:
        return None


_SHORT = 500
_remembered = lru_cache(maxsize=4096)(_as_filling)


def masked_steps(proof: str) -> frozenset[int]:
    """Numbers of the steps that hold a mask themselves (not only in a proof that stands as an argument)."""
    found = set()
    for node in parse_proof(proof).walk():
        if isinstance(node, RuleApplication):
            own = [node.rule, *(a.text for a in node.arguments if isinstance(a, Term))]
            own += [node.conclusion.text] if node.conclusion is not None else []
            if any(map(MASK.search, own)):
                found.add(node.step)
    return frozenset(found)


def admissible(value: str) -> bool:
    """Whether a value is one rule, one name or one formula, and cannot be read as more than that.

    It is judged as the tolerant checker reads it: there a full-width semicolon separates steps, and a character
    that it drops may hide a keyword.
    """
    if _REMARK.search(value):
        return False
    value = value if is_own(value) else Normalised(value).text
    if not _FILLING.fullmatch(value) or _KEYWORDS.search(value) or _TWO_WORDS.search(value) or not value.strip():
        return False
    level = 0
    for character in value:
        level += (character == "(") - (character == ")")
        if level < 0:
            return False
    return level == 0 and (value.strip() in RULES or not value.strip().startswith("MASK"))
