"""Formulas as the second judge has them: nested tuples, a parser, consequence, and the weight rule read off its text.

Shares nothing with the checker. An atom is a string, ``("~", p)`` a negation, ``("&", p, q)`` and so on the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from pysat.solvers import Minisat22

Form = Any
TOKEN = re.compile(r"\s*(<==>|==>|[~&|()]|[A-Z][0-9]*(?:_[0-9]+)*|true\b|false\b)")
ORDER = ("<==>", "==>", "|", "&")


class Unreadable(ValueError):
    """A text that is no formula by the letter."""


def parse(text: str) -> Form:
    """A formula; inner parentheses may be left out where precedence decides."""
    tokens: list[str] = []
    at, text = 0, text.strip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Unreadable(text)
        tokens.append(match[1])
        at = match.end()
    tokens.reverse()
    found = _binary(tokens, 0)
    if tokens:
        raise Unreadable(text)
    return found


def _binary(tokens: list[str], level: int) -> Form:
    if level == len(ORDER):
        return _unary(tokens)
    left = _binary(tokens, level + 1)
    if tokens and tokens[-1] == ORDER[level]:
        tokens.pop()
        return (ORDER[level], left, _binary(tokens, level))
    return left


def _unary(tokens: list[str]) -> Form:
    if not tokens:
        raise Unreadable("the formula ends early")
    token = tokens.pop()
    if token == "~":
        return ("~", _unary(tokens))
    if token == "(":
        inner = _binary(tokens, 0)
        if not tokens or tokens.pop() != ")":
            raise Unreadable("a parenthesis is missing")
        return inner
    if token in (")", *ORDER):
        raise Unreadable(token)
    return token


def show(form: Form) -> str:
    """The formula with every parenthesis."""
    if isinstance(form, str):
        return form
    return f"(~ {show(form[1])})" if form[0] == "~" else f"({show(form[1])} {form[0]} {show(form[2])})"


def negation(form: Form) -> Form:
    """The literal negation."""
    return ("~", form)


def complements(p: Form, q: Form) -> bool:
    """Whether one is the negation of the other."""
    return p == ("~", q) or q == ("~", p)


def subformulas(form: Form) -> Iterator[Form]:
    """The formula and all its parts."""
    yield form
    if not isinstance(form, str):
        for part in form[1:]:
            yield from subformulas(part)


def follows(given: Iterable[Form], goal: Form) -> bool:
    """Classical consequence, by MiniSat on a definitional normal form."""
    number: dict[Form, int] = {}
    clauses: list[list[int]] = []

    def name(form: Form) -> int:
        if form in number:
            return number[form]
        if not isinstance(form, str):
            parts = [name(part) for part in form[1:]]
        x = number[form] = len(number) + 1
        if form == "true":
            clauses.append([x])
        elif form == "false":
            clauses.append([-x])
        elif not isinstance(form, str):
            a, b = parts[0], parts[-1]
            clauses.extend({
                "~": [[x, a], [-x, -a]],
                "&": [[-x, a], [-x, b], [x, -a, -b]],
                "|": [[x, -a], [x, -b], [-x, a, b]],
                "==>": [[x, a], [x, -b], [-x, -a, b]],
                "<==>": [[-x, -a, b], [-x, a, -b], [x, a, b], [x, -a, -b]],
            }[form[0]])  # fmt: skip
        return x

    units = [[name(f)] for f in given] + [[-name(goal)]]
    with Minisat22(bootstrap_with=clauses + units) as solver:
        return not solver.solve()


# ---- the weight rule of the macro language

TOO_MANY = 6
Clause = frozenset[tuple[Form, bool]]


def parts_of(premises: Iterable[Form], goal: Form) -> frozenset[Form]:
    """The premises, the goal and all their subformulas."""
    return frozenset(part for form in (*premises, goal) for part in subformulas(form))


def _is_part(form: Form, parts: Collection[Form]) -> bool:
    """A part, or the complement of one, negations of negations aside."""
    while not isinstance(form, str) and form[0] == "~":
        form = form[1]
    return form in parts


class _Heavy(Exception):
    pass


def _reduced(clauses: Iterable[Clause]) -> frozenset[Clause]:
    kept = {c for c in clauses if not any((letter, not sign) in c for letter, sign in c)}
    if len(kept) > 4096:
        raise _Heavy
    least = frozenset(c for c in kept if not any(d < c for d in kept))
    if len(least) > 64:
        raise _Heavy
    return least


def clauses(form: Form, parts: Collection[Form], sign: bool = True) -> frozenset[Clause]:
    """The clauses of a formula, or of its negation, over its largest parts; raises where there are more than 64.

    A part that is a negation is what it negates, denied; ``true`` and ``false`` are constants, part or not.
    """
    if form not in ("true", "false") and (isinstance(form, str) or (form in parts and form[0] != "~")):
        return frozenset([frozenset([(form, sign)])])
    if isinstance(form, str):
        return frozenset() if (form == "true") == sign else frozenset([frozenset()])
    if form[0] == "~":
        return clauses(form[1], parts, not sign)
    op, p, q = form
    if op == "<==>":
        first = _either(clauses(p, parts, not sign), clauses(q, parts, True))
        return _reduced(first | _either(clauses(p, parts, sign), clauses(q, parts, False)))
    left = clauses(p, parts, sign if op != "==>" else not sign)
    right = clauses(q, parts, sign)
    if (op == "&") == sign:
        return _reduced(left | right)
    return _either(left, right)


def _either(left: Iterable[Clause], right: Iterable[Clause]) -> frozenset[Clause]:
    return _reduced(a | b for a in left for b in right)


def weight(form: Form, parts: Collection[Form], *, conclusion: bool = False) -> int:
    """What a formula weighs in a step, as a justifier or as its conclusion."""
    if _is_part(form, parts):
        return 1
    try:
        return max(1, len(clauses(form, parts, not conclusion)))
    except _Heavy:
        return TOO_MANY


def light(justifiers: Sequence[Form], conclusion: Form, parts: Collection[Form]) -> bool:
    """Whether a step keeps the rule."""
    given = sum(weight(f, parts) for f in justifiers)
    return given <= 5 and given + weight(conclusion, parts, conclusion=True) <= 6


@lru_cache(maxsize=100_000)
def parsed(text: str) -> Form:
    """:func:`parse`, remembered."""
    return parse(text)
