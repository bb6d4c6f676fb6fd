"""Plain steps with nothing, a stray ``.`` or a ``)`` too many between them, read at once like those with a ``;``.

A text that has such a slip has it at most of its steps, and each of their tokens would go through every repair. What is
read here is what those repairs make of the tokens (a test holds the two together): a step is only taken where another
one, a ``;``, a ``}`` or the end follows it, so that nothing of it can belong to anything else.
"""

from __future__ import annotations

import re
from typing import Final

from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.heads import respelled
from proofgrid.checker.natural.kinds import MISSING_PARENTHESES, MISSING_SEMICOLON, STRAY_PUNCTUATION
from proofgrid.checker.natural.lexer import STEP_AS_WRITTEN, AnyToken, Token, step_of
from proofgrid.checker.natural.parentheses import one_formula
from proofgrid.checker.natural.spelling import spelled_rule
from proofgrid.checker.natural.syntax import Application, Term
from proofgrid.checker.rules import RULES

_STEP: Final = {
    language: re.compile(rf"{step}(\)++)?+\s*+(?:(;)|(?=(}}))|(\Z))?+", re.ASCII)
    for language, step in STEP_AS_WRITTEN.items()
}
"""A step, the ``)`` too many behind it, and what ends it, if anything does: group 6, 7 or 8."""
_DOT = re.compile(r"\s*+\.")


class CarelessSteps:
    """The plain steps of a text, and what all rows read so far needed."""

    def __init__(self, text: str, language: str) -> None:
        self._closed_at: list[tuple[Term, str]] = []
        """Arguments with a ``)`` behind them, as they are shown."""
        self._unended: list[Application] = []
        """Steps with no ``;`` behind them."""
        self._respelled: list[tuple[Application, str]] = []
        """Steps whose rule is spelled another way, with that."""
        self.dots: list[int] = []
        """Offsets of each ``.`` that was left out."""
        self._text = text
        self._language = language
        self._match = _STEP[language].match
        self._closed: dict[tuple[str, int], tuple[str | None, str]] = {}
        self._names: dict[str, str | None] = {}
        """The rules that other spellings of them mean."""
        self._joined: dict[tuple[str, str], str | None] = {}
        """The rule that the first of two words side by side names, or both of them do together."""

    @property
    def parentheses(self) -> list[Repair]:
        """The repairs of parentheses, at the places that the steps have now."""
        message = "added the missing parentheses of"
        return [Repair(MISSING_PARENTHESES, term.start, f"{message} {shown}") for term, shown in self._closed_at]

    @property
    def stray(self) -> list[Repair]:
        """The repairs of stray punctuation."""
        return [Repair(STRAY_PUNCTUATION, at, "dropped a stray '.'") for at in self.dots]

    @property
    def semicolons(self) -> list[Repair]:
        """The repairs of missing semicolons, at the places that the steps have now."""
        return [Repair(MISSING_SEMICOLON, step.end, "added a missing ';'") for step in self._unended]

    @property
    def rules(self) -> list[Repair]:
        """The repairs of rules' names, at the places that the steps have now."""
        return [respelled(written, step.rule, step.rule_start) for step, written in self._respelled]

    def row(self, at: int, before: int) -> tuple[list[Application], int, Token | None]:
        """The steps in a row from an offset on, where what follows them begins, and the ``;`` before that.

        ``before`` is how many steps there are before it.
        """
        text, match_step, language = self._text, self._match, self._language
        row: list[Application] = []
        after: Token | None = None
        waiting: Application | None = None  # the last step: it is one only if another follows it
        written = ""  # its rule as it is written
        closed: str | None = None  # its last argument as it is shown, where a ')' is behind it
        stray = -1  # the '.' before it
        begin = at  # where it begins
        while True:
            dot: re.Match[str] | None = None
            match = match_step(text, at)
            if match is None:
                dot = _DOT.match(text, at)
                match = None if dot is None else match_step(text, dot.end())
                if match is None:
                    break
            label, stated, rule, marks = match.group(1, 2, 3, 5)
            name = rule
            if language == "ndl" and rule not in RULES:
                if rule not in self._names:
                    self._names[rule] = spelled_rule(rule)
                name = self._names[rule]
                if name is None:
                    break
            if waiting is not None and label is None:
                pair = _last(waiting).text, stated or rule
                if pair not in self._joined:
                    self._joined[pair] = spelled_rule(pair[0]) or spelled_rule("-".join(pair))
                if self._joined[pair] is not None:
                    break
            step = step_of(match, before + len(row) + (1 if waiting is None else 2), language)
            if language == "ndl":
                step.rule = name
            more = None if marks is None else self._close(step, marks, match.end(5))
            if more is None and marks is not None:
                break
            if waiting is not None:
                self._take(row, waiting, written, closed, stray)
                self._unended.append(waiting)
                after = Token("SEMI", ";", waiting.end, waiting.end)
            waiting, begin, written, closed, stray = step, at, rule, more, -1 if dot is None else dot.end() - 1
            at = match.end()
            if match.lastindex > 5:  # type: ignore[operator]
                self._take(row, waiting, written, closed, stray)
                waiting = after = None
                if match.lastindex > 6:  # type: ignore[operator]
                    break
                after = Token("SEMI", ";", at - 1, at)
        return row, at if waiting is None else begin, after

    def _take(self, row: list[Application], step: Application, written: str, closed: str | None, stray: int) -> None:
        """Add a step to a row, and what it needed to all that was."""
        row.append(step)
        if step.rule != written and self._language == "ndl":
            self._respelled.append((step, written))
        if closed is not None:
            self._closed_at.append((_last(step), closed))
        if stray >= 0:
            self.dots.append(stray)

    def _close(self, step: Application, marks: str, end: int) -> str | None:
        """Read the last argument of a step with the ``)`` behind it, up to ``end``.

        How it is shown; None where it is no formula.
        """
        last = _last(step)
        key = last.text, len(marks)
        if key not in self._closed:
            run: list[AnyToken] = [last, *[Token("RPAREN", ")", 0, 0)] * len(marks)]
            self._closed[key] = one_formula(run, " ".join([last.text, *marks]), 0)
        text, shown = self._closed[key]
        if text is None:
            return None
        step.arguments = (*step.arguments[:-1], Term(text, last.start, end))
        step.end = end
        return shown


def _last(step: Application) -> Term:
    """The last argument of a plain step."""
    last = step.arguments[-1]
    assert type(last) is Term
    return last
