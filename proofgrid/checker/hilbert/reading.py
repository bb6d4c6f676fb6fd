"""Reading the formulas of a Hilbert proof: exactly, and through the slips that SPEC 4 tolerates.

A machine-made proof repeats large formulas, so the reader interns as it goes, remembers what it has read under its
text, and does a constant amount of work for each symbol. Nothing recurses.
"""

from __future__ import annotations

import re
from typing import Final

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula, atom, implies, neg

_EXACT = re.compile(r"\(~ |\(| ==> |\)|[A-Z][0-9]*(?:_[0-9]+)*")
_LOOSE = re.compile(
    r"\s*(?:(?P<atom>[A-Z][0-9]*(?:_[0-9]+)*)(?![A-Za-z0-9_])|(?P<open>[(\[{])|(?P<close>[)\]}])"
    r"|(?P<arrow>==>|=>|-->|->|→|⇒|⟹|⊃)|(?P<not>~|¬|!|-|not\b))"
)
_MEANT: Final = {"arrow": "==>", "not": "~", "open": "(", "close": ")"}


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

    def loose(self, text: str) -> tuple[Formula, tuple[tuple[str, str], ...]]:
        """The formula that ``text`` stands for and what was read through: a fix's kind and message each.

        Missing parentheses are closed at the end, extra ones dropped; precedence decides where they are left out.
        Raises FormulaSyntaxError with the offset where nothing helps.
        """
        slips: dict[tuple[str, str], None] = {}
        values: list[Formula] = []
        ops: list[str] = []
        want_operand = True
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _LOOSE.match(text, position)
            if match is None:
                at = len(text) - len(text[position:].lstrip())
                raise FormulaSyntaxError(f"'{text[at]}' is no symbol of this language (atoms, ~, ==>, parentheses)", at)
            kind, token = match.lastgroup, match.group().strip()
            at = match.end() - len(token)
            if kind == "close":
                while ops and ops[-1] != "(":
                    if want_operand:
                        raise FormulaSyntaxError(f"a formula is missing before '{token}'", at)
                    self._reduce(ops, values)
                if not ops:
                    slips["parentheses", "an extra ')' was dropped"] = None
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
                raise FormulaSyntaxError(f"'==>' is missing before '{token}'", at)
            meant = _MEANT.get(kind or "", token)
            if token != meant:
                slips["symbol", f"'{token}' was read as '{meant}'"] = None
            position = match.end()
        if want_operand:
            raise FormulaSyntaxError("the formula ends too soon", end)
        while ops:
            if ops[-1] == "(":
                slips["parentheses", "a missing ')' was added at the end of the formula"] = None
                ops.pop()
            else:
                self._reduce(ops, values)
        if not slips:
            slips[self._difference(text, values[0])] = None
        return values[0], tuple(slips)

    def _atom(self, name: str) -> Formula:
        found = self._by_text.get(name)
        if found is None:
            found = self._by_text[name] = atom(name)
        return found

    def _reduce(self, ops: list[str], values: list[Formula]) -> None:
        if ops.pop() == "~":
            values.append(neg(values.pop()))
        else:
            right = values.pop()
            values.append(implies(values.pop(), right))

    @staticmethod
    def _difference(text: str, formula: Formula) -> tuple[str, str]:
        if re.sub(r"\s", "", text) == re.sub(r"\s", "", str(formula)):
            return "spacing", "blanks in a formula"
        return "parentheses", "parentheses that precedence decides are missing or too many"
