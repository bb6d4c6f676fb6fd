"""A second judge of Hilbert proofs in strict form: each line an instance of its axiom, a premise, or modus ponens."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.gaming.formulas import Form, Unreadable, parse, parsed

LINE = re.compile(
    r"\s*(\d+)\.\s*(.+?),\s*(Premise(\d+)|Axiom([123])(?:,.*)?|mp,\s*(\d+),\s*(\d+))\s*;?\s*\Z", re.DOTALL
)


def _imp(p: Form, q: Form) -> Form:
    return ("==>", p, q)


def _instance(number: int, form: Form) -> bool:
    """Whether a formula is an instance of an axiom, by taking it apart and putting it together again."""
    try:
        if number == 1:
            p, q = form[1], form[2][1]
            return bool(form == _imp(p, _imp(q, p)))
        if number == 2:
            p, q, r = form[1][1], form[1][2][1], form[1][2][2]
            return bool(form == _imp(_imp(p, _imp(q, r)), _imp(_imp(p, q), _imp(p, r))))
        p, q = form[1][1][1], form[1][2][1]
        return bool(form == _imp(_imp(("~", p), ("~", q)), _imp(_imp(("~", p), q), p)))
    except (IndexError, TypeError):
        return False


def lines_of(text: str) -> list[tuple[int, Form, re.Match[str]]]:
    """Number, formula and match of every line; raises Unreadable where one is not in strict form."""
    found = []
    for piece in re.split(r";\s*(?:\n|\Z)|;(?=\s*\d+\.)", text.strip()):
        if not piece.strip():
            continue
        match = LINE.match(piece)
        if match is None:
            raise Unreadable(piece)
        found.append((int(match[1]), parse(match[2]), match))
    return found


def wrong_line(premises: Sequence[str], goal: str, text: str) -> str | None:
    """What is wrong with a proof in strict form; None where it is right."""
    known: dict[int, Form] = {}
    last: Form = None
    for at, (number, form, match) in enumerate(lines_of(text)):
        if number != at:
            return f"line {number} stands at place {at}"
        if match[4] is not None:
            if not 1 <= int(match[4]) <= len(premises) or parsed(premises[int(match[4]) - 1]) != form:
                return f"line {number} is no such premise"
        elif match[5] is not None:
            if not _instance(int(match[5]), form):
                return f"line {number} is no instance of its axiom"
        else:
            i, j = int(match[6]), int(match[7])
            if i not in known or j not in known or known[i] != _imp(known[j], form):
                return f"line {number} is no modus ponens"
        known[number] = last = form
    return None if last == parsed(goal) else "the last line is not the goal"
