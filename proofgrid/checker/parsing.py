"""Reading formulas and problems from text.

One reader (precedence parsing with two stacks, nothing recursive) serves formulas proper, formulas inside proofs,
where any identifier may stand for a named formula, and the patterns of the rule table.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from proofgrid.checker.errors import FormulaSyntaxError, ProblemSyntaxError
from proofgrid.checker.formulas import FALSE, TRUE, Formula, Op, atom, build

ATOM: Final = re.compile(r"[A-Z][0-9]*(?:_[0-9]+)*")
"""What an atom looks like (docs/spec.md, section 1); match it with ``fullmatch``."""
_TOKEN = re.compile(r"<==>|==>|[~&|()]|[A-Za-z0-9_'][A-Za-z0-9_'-]*|[^\s]", re.ASCII)
_PRECEDENCE: Final = {"&": 4, "|": 3, "==>": 2, "<==>": 1}
_OPS: Final[tuple[Op, ...]] = ("true", "<==>", "==>", "|", "&", "~")
"""Connectives by precedence (the first is never looked up: it is where an open parenthesis sorts)."""
_OPEN: Final = 0
_NEGATION: Final = 5
_NOT_OPERANDS: Final = frozenset([")", "&", "|", "==>", "<==>"])
_CONSTANTS: Final = {"true": TRUE, "false": FALSE}
_REMEMBERED_LENGTH: Final = 100
_WORD = re.compile(r"[A-Za-z0-9_'][A-Za-z0-9_'-]*", re.ASCII)


class _Bad(Exception):
    """What is wrong, and at which token."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


def read_open(text: str) -> tuple[Formula, dict[str, Formula]]:
    """A formula that may use names: every identifier becomes an atom of that name, also ``h1`` or ``not-A``.

    Returns the formula and its identifiers (in order of first occurrence) with their atoms. Raises
    FormulaSyntaxError with the offset of the first symbol that does not fit.
    """
    tokens = _TOKEN.findall(text)
    try:
        return _read(tokens)
    except _Bad as error:
        at = len(text.rstrip())
        for index, match in enumerate(_TOKEN.finditer(text)):
            if index == error.index:
                at = match.start()
                break
        raise FormulaSyntaxError(str(error), at) from None


@lru_cache(maxsize=4096)
def _leaf(token: str) -> Formula | None:
    """The atom or constant that a token stands for; None where it can be none."""
    constant = _CONSTANTS.get(token)
    if constant is not None:
        return constant
    return atom(token) if _WORD.match(token) is not None else None


def _read(tokens: list[str]) -> tuple[Formula, dict[str, Formula]]:
    leaves: dict[str, Formula] = {}
    values: list[Formula] = []
    ops: list[int] = []
    index = -1
    want_operand = True
    precedences = _PRECEDENCE
    for index, token in enumerate(tokens):
        if want_operand:
            if token == "(":
                ops.append(_OPEN)
                continue
            if token == "~":
                ops.append(_NEGATION)
                continue
            value = leaves.get(token)
            if value is None:
                value = _leaf(token) if len(token) <= _REMEMBERED_LENGTH else atom(token)
                if value is None:
                    if token in _NOT_OPERANDS:
                        raise _Bad(f"a formula is missing before '{token}'", index)
                    raise _Bad(f"'{token}' is not a symbol of the language", index)
                if value.op == "atom":
                    leaves[token] = value
            while ops and ops[-1] == 5:
                ops.pop()
                value = build("~", value)
            values.append(value)
            want_operand = False
        elif token == ")":
            while ops and (op := ops[-1]) != 0:
                ops.pop()
                right = values.pop()
                values[-1] = build(_OPS[op], values[-1], right)
            if not ops:
                raise _Bad("this ')' closes nothing", index)
            ops.pop()
            while ops and ops[-1] == 5:
                ops.pop()
                values[-1] = build("~", values[-1])
        else:
            precedence = precedences.get(token)
            if precedence is None:
                raise _Bad(f"a connective is missing before '{token}'", index)
            while ops and (op := ops[-1]) > precedence:
                ops.pop()
                right = values.pop()
                values[-1] = build(_OPS[op], values[-1], right)
            ops.append(precedence)
            want_operand = True
    if want_operand:
        raise _Bad("the formula ends too soon", index + 1)
    while ops:
        op = ops.pop()
        if op == 0:
            raise _Bad("a ')' is missing", index + 1)
        right = values.pop()
        values[-1] = build(_OPS[op], values[-1], right)
    return values[0], leaves


def parse_formula(text: str) -> Formula:
    """Read one formula; parentheses may be left out where precedence decides (docs/spec.md, section 1).

    Raises FormulaSyntaxError with the offset of the first character that does not fit.
    """
    formula, leaves = read_open(text)
    for name in leaves:
        if ATOM.fullmatch(name) is None:
            at = next(m.start() for m in _TOKEN.finditer(text) if m.group() == name)
            raise FormulaSyntaxError(f"'{shorten(name)}' is no atom", at)
    return formula


def parse_pattern(text: str) -> Formula:
    """A pattern of a rule: a formula whose atoms are the metavariables."""
    return read_open(text)[0]


def shorten(text: str, limit: int = 60) -> str:
    """At most ``limit`` characters of ``text``, with an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def parse_problem(text: str) -> tuple[tuple[Formula, ...], Formula]:
    """Read ``premise # ... # premise # goal`` (docs/spec.md, section 6). Raises ProblemSyntaxError, which names the
    formula."""
    formulas = []
    parts = text.split("#")
    for number, part in enumerate(parts, 1):
        try:
            formulas.append(parse_formula(part))
        except FormulaSyntaxError as error:
            which = "the goal" if number == len(parts) else f"premise {number}"
            raise ProblemSyntaxError(
                f"the problem cannot be read: {which}, '{shorten(part.strip())}': {error}"
            ) from error
    return tuple(formulas[:-1]), formulas[-1]
