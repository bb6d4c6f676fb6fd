"""Reading the formulas of a Hilbert proof: exactly, and through the slips that section 4 of docs/spec.md tolerates.

A machine-made proof repeats large formulas, so the reader interns as it goes, remembers what it has read under its
text, and does a constant amount of work for each symbol. Nothing recurses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula, atom, implies, neg
from proofgrid.checker.limits import MAX_DEPTH, LimitReached
from proofgrid.checker.parsing import shorten
from proofgrid.checker.slips import CONNECTIVE

PARENTHESES: Final = "missing-parentheses"
SPACING: Final = "spacing"

_EXACT = re.compile(r"\(~ |\(| ==> |\)|[A-Z][0-9]*(?:_[0-9]+)*")
_LOOSE = re.compile(
    r"\s*(?:(?P<atom>[A-Z][0-9]*(?:_[0-9]+)*)(?![A-Za-z0-9_])|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<arrow>==>|=>|--?>|(?i:implies)\b)|(?P<nots>~~++)|(?P<not>~|!|-(?![->])|(?i:not)\b))"
)
_WORD = re.compile(r"[A-Za-z0-9_]{2,}")
_MEANT: Final = {"arrow": "==>", "not": "~", "open": "(", "close": ")"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A formula read through slips: where it ends, and a fix's kind and message for each slip."""

    formula: Formula
    end: int
    slips: tuple[tuple[str, str], ...]


class FormulaReader:
    """Reads the formulas of one proof."""

    def __init__(self) -> None:
        self._by_text: dict[str, Formula] = {}
        self._negations: dict[Formula, Formula] = {}
        self._implications: dict[tuple[Formula, Formula], Formula] = {}

    def exact(self, text: str) -> Formula | None:
        """The formula that ``text`` is in strict syntax, every parenthesis and blank in its place; else None."""
        found = self._by_text.get(text)
        if found is None:
            found = self._exact(text)
            if found is not None:
                self._by_text[text] = found
        return found

    def _exact(self, text: str) -> Formula | None:
        tokens = _EXACT.findall(text)
        if sum(map(len, tokens)) != len(text):
            return None
        by_text, negations, implications = self._by_text, self._negations, self._implications
        stack: list[Formula | str] = []
        push, pop = stack.append, stack.pop
        try:
            for token in tokens:
                if token == ")":
                    right = pop()
                    sign = pop()
                    if type(right) is str:
                        return None
                    if sign == " ==> ":
                        left = pop()
                        if type(left) is str or pop() != "(":
                            return None
                        value = implications.get((left, right))  # type: ignore[arg-type]
                        if value is None:
                            value = implications[left, right] = implies(left, right)  # type: ignore[arg-type, index]
                    elif sign == "(~ ":
                        value = negations.get(right)  # type: ignore[arg-type]
                        if value is None:
                            value = negations[right] = neg(right)  # type: ignore[arg-type, index]
                    else:
                        return None
                    push(value)
                elif token[0] in "( ":
                    push(token)
                else:
                    value = by_text.get(token)
                    if value is None:
                        value = by_text[token] = atom(token)
                    push(value)
        except IndexError:
            return None
        return stack[0] if len(stack) == 1 and isinstance(stack[0], Formula) else None

    def loose(self, text: str, start: int, end: int) -> Reading:
        """The longest formula at ``start``, with missing parentheses closed at its end and extra ones dropped.

        Precedence decides where parentheses are left out. What follows the formula is not looked at. Raises
        FormulaSyntaxError with the offset where there is no formula.
        """
        slips: dict[tuple[str, str], None] = {}
        values: list[Formula] = []
        ops: list[str] = []
        want_operand = True
        position = after = start
        match_token = _LOOSE.match
        while (match := match_token(text, position, end)) is not None:
            kind, token = match.lastgroup, match.group().lstrip()
            at = match.end() - len(token)
            if kind == "nots" and want_operand:
                if len(token) > MAX_DEPTH:
                    raise LimitReached(f"a formula is nested over {MAX_DEPTH:,} levels deep")
                ops.extend(token)
                position = after = match.end()
                continue
            if kind == "close":
                while ops and ops[-1] != "(":
                    if want_operand:
                        raise FormulaSyntaxError(f"a formula is missing before '{token}'", at)
                    self._reduce(ops, values)
                if not ops:
                    if want_operand:
                        raise FormulaSyntaxError(f"a formula is missing before '{token}'", at)
                    slips[PARENTHESES, "an extra ')' was dropped"] = None
                elif want_operand:
                    raise FormulaSyntaxError("a formula is missing between the parentheses", at)
                else:
                    ops.pop()
            elif want_operand and kind == "atom":
                values.append(self._atom(token))
                want_operand = False
            elif want_operand and kind in ("open", "not"):
                ops.append("(" if kind == "open" else "~")
            elif not want_operand and kind == "arrow":
                while ops and ops[-1] == "~":
                    self._reduce(ops, values)
                ops.append("==>")
                want_operand = True
            elif want_operand:
                raise FormulaSyntaxError(f"a formula is missing before '{token}'", at)
            else:
                break
            meant = _MEANT.get(kind or "", token)
            if token != meant:
                slips[CONNECTIVE, f"'{token}' was read as '{meant}'"] = None
            position = after = match.end()
        if want_operand:
            raise FormulaSyntaxError(self._unfinished(text, position, end), _first(text, position, end))
        while ops:
            if ops[-1] == "(":
                slips[PARENTHESES, "a missing ')' was added at the end of the formula"] = None
                ops.pop()
            else:
                self._reduce(ops, values)
        formula = values[0]
        if not slips:
            written, exact = text[start:after], str(formula)
            if written == exact:
                pass
            elif "".join(written.split()) == "".join(exact.split()):
                slips[SPACING, "blanks in a formula"] = None
            else:
                slips[PARENTHESES, "parentheses that precedence decides are missing or too many"] = None
        return Reading(formula=formula, end=after, slips=tuple(slips))

    @staticmethod
    def _unfinished(text: str, position: int, end: int) -> str:
        at = _first(text, position, end)
        if at == end or text[at] in ",;|\n":
            return "the formula ends too soon"
        word = _WORD.match(text, at)
        what = f"'{shorten(word.group(), 20)}' is no formula" if word else f"'{text[at]}' is no symbol"
        return f"{what} of this language (atoms, ~, ==>, parentheses)"

    def _atom(self, name: str) -> Formula:
        found = self._by_text.get(name)
        if found is None:
            found = self._by_text[name] = atom(name)
        return found

    @staticmethod
    def _reduce(ops: list[str], values: list[Formula]) -> None:
        if ops.pop() == "~":
            value = neg(values.pop())
            while ops and ops[-1] == "~":
                ops.pop()
                value = neg(value)
            values.append(value)
        else:
            right = values.pop()
            values.append(implies(values.pop(), right))


def _first(text: str, position: int, end: int) -> int:
    """The offset of the first character from ``position`` on that is no blank; ``end`` where there is none."""
    while position < end and text[position].isspace():
        position += 1
    return position
