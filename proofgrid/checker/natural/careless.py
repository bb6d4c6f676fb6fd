"""Plain steps that are numbered, or have nothing, a stray ``.`` or a ``)`` too many between them, read at once.

A text that has such a slip has it at most of its steps, and each of their tokens would go through every repair. What is
read here is what those repairs make of the tokens (a test holds the two together): a step is only taken where another
one, a ``;``, a ``}`` or the end follows it, so that nothing of it can belong to anything else.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.heads import respelled
from proofgrid.checker.natural.kinds import (
    CONCLUSION_REPLACED,
    MISSING_PARENTHESES,
    MISSING_SEMICOLON,
    STRAY_PUNCTUATION,
)
from proofgrid.checker.natural.lexer import STEP_AS_WRITTEN, UNFILLED, WORD, AnyToken, Token, step_of
from proofgrid.checker.natural.parentheses import one_formula
from proofgrid.checker.natural.spelling import spelled_rule
from proofgrid.checker.natural.syntax import Application, Label, Term
from proofgrid.checker.parsing import shorten
from proofgrid.checker.rules import RULES

_STEP: Final = {
    language: re.compile(rf"{step}(\)++)?+\s*+(?:(;)|(?=(}}))|(\Z))?+", re.ASCII)
    for language, step in STEP_AS_WRITTEN.items()
}
"""A step, the ``)`` too many behind it, and what ends it, if anything does: group 6, 7 or 8."""
_DOT = re.compile(r"\s*+\.")
_NUMBER = re.compile(rf"\s*+({WORD})\s*+([.:=])", re.ASCII)
"""What numbers a step: ``1. claim on A``, ``s1: claim on A``."""


_Mark: TypeAlias = "tuple[int, str, str] | None"
"""The ``.`` or the number before a step: where it is, and the kind and the message of its repair."""


class CarelessSteps:
    """The plain steps of a text, and what all rows read so far needed."""

    def __init__(self, text: str, language: str) -> None:
        self._closed_at: list[tuple[Term, str]] = []
        """Arguments with a ``)`` behind them, as they are shown."""
        self._unended: list[Application] = []
        """Steps with no ``;`` behind them."""
        self._respelled: list[tuple[Application, str]] = []
        """Steps whose rule is spelled another way, with that."""
        self._marked: list[tuple[str, str]] = []
        """The kind and the message of the repair of every ``.`` that was left out and every number that was read."""
        self.marks: list[int] = []
        """Where these stand."""
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
        """The repairs of stray punctuation, and of the numbers of steps."""
        return [Repair(kind, at, message) for at, (kind, message) in zip(self.marks, self._marked, strict=True)]

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
        mark: _Mark = None
        begin = at  # where it begins
        while True:
            dot: re.Match[str] | None = None
            number: re.Match[str] | None = None
            match = match_step(text, at)
            if match is None:
                if waiting is None and (number := _NUMBER.match(text, at)) is not None:
                    match = match_step(text, number.end()) if numbers_a_step(number[1]) else None
                elif (dot := _DOT.match(text, at)) is not None:
                    match = match_step(text, dot.end())
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
                self._take(row, waiting, written, closed, mark)
                self._unended.append(waiting)
                after = Token("SEMI", ";", waiting.end, waiting.end)
            waiting, begin, written, closed, mark = step, at, rule, more, None
            if dot is not None:
                mark = dot.end() - 1, STRAY_PUNCTUATION, "dropped a stray '.'"
            elif number is not None:
                name, start = number[1], number.start(1)
                shown = shorten(f"{name}{number[2]}")
                mark = start, CONCLUSION_REPLACED, f"read '{shown}' as the step's name"
                if label is None:
                    step.labels = (Label(name, start, number.end(1)),)
                    step.start = start
            at = match.end()
            if match.lastindex > 5:  # type: ignore[operator]
                self._take(row, waiting, written, closed, mark)
                waiting = after = None
                if match.lastindex > 6:  # type: ignore[operator]
                    break
                after = Token("SEMI", ";", at - 1, at)
        return row, at if waiting is None else begin, after

    def _take(
        self,
        row: list[Application],
        step: Application,
        written: str,
        closed: str | None,
        mark: tuple[int, str, str] | None,
    ) -> None:
        """Add a step to a row, and what it needed to all that was."""
        row.append(step)
        if step.rule != written and self._language == "ndl":
            self._respelled.append((step, written))
        if closed is not None:
            self._closed_at.append((_last(step), closed))
        if mark is not None:
            at, kind, message = mark
            self.marks.append(at)
            self._marked.append((kind, message))

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


def numbers_a_step(word: str) -> bool:
    """Whether a word at the beginning of a step, with a ``.``, ``:`` or ``=`` behind it, may be the step's name."""
    return word not in ("true", "false") and UNFILLED.fullmatch(word) is None
