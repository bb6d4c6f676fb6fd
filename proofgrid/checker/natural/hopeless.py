"""Texts that nothing makes a proof, known by a part of them: reading and repairing the rest would be lost work.

Whatever is decided here, reading all of the text would decide, too, at the same place (it may add that a ``;`` or ``}``
would fit, where the braces around many steps are missing). So a long text that is no proof costs its beginning, and one
that is, at most a third more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Final, Literal

from proofgrid.checker.errors import ProofSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.limits import MAX_DEPTH, LimitReached
from proofgrid.checker.natural.lexer import UNFILLED, tokenize
from proofgrid.checker.natural.parser import parse_tokens
from proofgrid.checker.natural.repair import repair
from proofgrid.checker.rules import RULES

STARTS_AT: Final = 20_000
"""Characters of a text twice as long by which it is seen whether it is a proof."""
_BEGINNING: Final = 5_000
"""Characters of the first beginning in which a fault is looked for; each after it has eight times as many."""
_MARGIN: Final = 1_000
"""A fault so near the end of a beginning may be due to its being cut off there."""
_OWN = re.compile(r"(?:<?==>|[\w\s(){};:=~&|,']|-(?!-))*+", re.ASCII)
"""A text of the language's own characters: nothing in it starts a comment, a quotation or a tag of another one."""
_FOR_A_STEP = re.compile(rf"[{{;]\s*+({UNFILLED.pattern})\s*+[;}}]", re.ASCII)
_RULE = "|".join(name.replace("-", "[-_ ]") for name in sorted(RULES, key=len, reverse=True))
_STEP = re.compile(
    rf"\b(?:{_RULE})(?!\w)"
    r"[`*\"']{0,2}(?:\s+on\b|\s*\(|\s+[\w(~¬])|\bfrom\s+\w",
    re.IGNORECASE,
)
_BRACE = re.compile(r"[{}]")
_PARENTHESES = re.compile(r"[(\[]++|[)\]]++")
_LEVELS: Final = {"{": 1, "}": -1, "(": 1, ")": -1, "[": 1, "]": -1}


def check_nesting(plain: str) -> None:
    """LimitReached where blocks are nested over 100,000 deep."""
    if plain.count("{") > MAX_DEPTH and max(accumulate(map(_LEVELS.__getitem__, _BRACE.findall(plain)))) > MAX_DEPTH:
        raise LimitReached(f"the proof is nested over {MAX_DEPTH:,} levels deep")


def slot_for_a_step(plain: str) -> re.Match[str] | None:
    """An unfilled slot that stands where a step should, in a text whose characters all mean what they say.

    No repair fills it or takes it away, so the text cannot be read, and trying is lost work: an answer that leaves one
    of a long proof's eighty gaps open is as common as one that fills them all.
    """
    if "GAP" not in plain and "MASK" not in plain:
        return None
    slot = _FOR_A_STEP.search(plain, 0, plain.rfind("}") + 1)
    return slot if slot is not None and _OWN.fullmatch(plain) is not None else None


def is_no_proof(plain: str, language: str) -> bool:
    """Whether a long text begins with thousands of tokens among which hardly a step is meant.

    It is not repaired then: each repair would go through it to the end, and none could mend it.
    """
    if len(plain) <= 2 * STARTS_AT:
        return False
    start = plain[:STARTS_AT]
    if start.count("(") > start.count(")") and plain.find(")", STARTS_AT) >= 0:
        return False  # one long formula perhaps, closed further on
    steps = sum(1 for _ in _STEP.finditer(start))
    if 200 * steps >= len(start):  # nor are there more tokens than characters
        return False
    tokens = len(tokenize(start, language))
    return tokens > 2_000 and 200 * steps < tokens


def strict_fault(plain: str, language: Literal["ndl", "macro"]) -> ProofSyntaxError | None:
    """The first syntax error of a long text, where a beginning of it holds that already; else None."""

    def read(size: int) -> None:
        parse_tokens(tokenize(plain[:size], language, to_the_end=False), plain[:size], language)

    return _fault_of_a_beginning(plain, _sizes(plain), read)


def lasting_fault(
    text: str, plain: str, language: Literal["ndl", "macro"], premises: Sequence[Formula], goal: Formula
) -> ProofSyntaxError | None:
    """The first syntax error that is left after all repairs, where a beginning of a long text holds it; else None."""

    def read(size: int) -> None:
        parse_tokens(repair(text[:size], language, premises, goal)[0], plain[:size], language)

    return _fault_of_a_beginning(plain, (size for size in _sizes(plain) if not _in_a_comment(text, size)), read)


def _fault_of_a_beginning(plain: str, sizes: Iterable[int], read: Callable[[int], None]) -> ProofSyntaxError | None:
    """The whole text's first fault as the shortest beginning that shows it has it; None where one has no fault."""
    for size in sizes:
        try:
            read(size)
        except ProofSyntaxError as error:
            if _is_the_same(error, plain, size):
                return error
        else:
            return None
    return None


def _sizes(plain: str) -> list[int]:
    """How long the beginnings are that are looked at: a quarter of the text at most, and an eighth after the first."""
    sizes: list[int] = []
    size = _BEGINNING
    while (8 if sizes else 4) * size <= len(plain):
        sizes.append(size)
        size *= 8
    return sizes


def _is_the_same(error: ProofSyntaxError, plain: str, size: int) -> bool:
    """Whether a fault of the first ``size`` characters is the whole text's: nothing after them bears on it.

    What opens before the fault and is closed only after them, does; and so does the end, if the fault is that the text
    ends.
    """
    if error.offset >= size - _MARGIN or str(error).startswith(("the proof ends", "there is no proof")):
        return False
    opened: list[int] = []
    for match in _PARENTHESES.finditer(plain, 0, size):
        at, end = match.span()
        if plain[at] in "([":
            opened += range(at, end)
        else:
            del opened[max(0, len(opened) - (end - at)) :]
    before = bisect_right(opened, error.offset)
    if not before:
        return True
    rows = _PARENTHESES.findall(plain, size)
    return min(accumulate([len(row) * _LEVELS[row[0]] for row in rows]), default=0) >= before - len(opened)


def _in_a_comment(text: str, size: int) -> bool:
    """Whether the first ``size`` characters end within a comment ``/* ... */``."""
    opened = text.rfind("/*", 0, size)
    return opened >= 0 and text.find("*/", opened, size) < 0 and text.find("*/", size) >= 0
