"""Reading formulas and problems from text."""

from __future__ import annotations

import re

from checker.errors import FormulaSyntaxError
from checker.formulas import FALSE, TRUE, Formula, atom, conj, disj, iff, implies, neg

_TOKEN = re.compile(r"\s*(?:(?P<atom>[A-Z][0-9]*(?:_[0-9]+)*\b)|(?P<const>true\b|false\b)|(?P<op><==>|==>|[~&|()]))")
_PRECEDENCE = {"~": 5, "&": 4, "|": 3, "==>": 2, "<==>": 1}
_MAKE = {"&": conj, "|": disj, "==>": implies, "<==>": iff}


def parse_formula(text: str) -> Formula:
    """Read one formula; parentheses may be left out where precedence decides (SPEC 1).

    Raises FormulaSyntaxError with the offset of the first character that does not fit.
    """
    values: list[Formula] = []
    ops: list[str] = []

    def reduce_top() -> None:
        op = ops.pop()
        if op == "~":
            values.append(neg(values.pop()))
        else:
            right = values.pop()
            values.append(_MAKE[op](values.pop(), right))

    want_operand = True
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise FormulaSyntaxError("this is not a symbol of the language", position)
        token = match.group().strip()
        if want_operand:
            if match["atom"]:
                values.append(atom(token))
                want_operand = False
            elif match["const"]:
                values.append(TRUE if token == "true" else FALSE)
                want_operand = False
            elif token in ("~", "("):
                ops.append(token)
            else:
                raise FormulaSyntaxError(f"a formula is missing before '{token}'", position)
        elif token == ")":
            while ops and ops[-1] != "(":
                reduce_top()
            if not ops:
                raise FormulaSyntaxError("this ')' closes nothing", position)
            ops.pop()
        elif token in _MAKE:
            while ops and ops[-1] != "(" and _PRECEDENCE[ops[-1]] > _PRECEDENCE[token]:
                reduce_top()
            ops.append(token)
            want_operand = True
        else:
            raise FormulaSyntaxError(f"a connective is missing before '{token}'", position)
        position = match.end()
    if want_operand:
        raise FormulaSyntaxError("the formula ends too soon", position)
    while ops:
        if ops[-1] == "(":
            raise FormulaSyntaxError("a ')' is missing", position)
        reduce_top()
    return values[0]


def parse_problem(text: str) -> tuple[tuple[Formula, ...], Formula]:
    """Read ``premise # ... # premise # goal`` (SPEC 6)."""
    parts = [parse_formula(part) for part in text.split("#")]
    return tuple(parts[:-1]), parts[-1]
