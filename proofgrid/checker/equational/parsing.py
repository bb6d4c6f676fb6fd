"""Reading equational problems and chains, with the place of everything (SPEC 5).

A problem is ``E1: l = r # E2: l = r # s = t``, the parts also one a line. A chain is::

    s = g(a,f(b))          # the start
      = g(b,f(b)) by E1    # a step; the first `=` may be left out
      ?? ??                # a gap: one or more steps are missing here

Beyond that the reader takes a few surface slips and records each as a fix: a start without ``s =``, other words for
``by``, brackets or ``and`` in a list of equations, arrows for ``=``, step numbers, code fences, ``e1`` for ``E1``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from proofgrid.checker.equational.rewriting import Equation
from proofgrid.checker.equational.terms import Term, scan_term
from proofgrid.checker.errors import ProblemSyntaxError, TermSyntaxError
from proofgrid.checker.verdict import Failure, Fix

_NAME = re.compile(r"\s*([A-Za-z][A-Za-z0-9_'-]*)\s*:")
_FENCE = re.compile(r"\s*```\w*\s*\Z")
_NUMBER = re.compile(r"\s*(?:\(?\d+[.):]|step\s+\d+\s*[.:)]?)\s*", re.IGNORECASE)
_RELATION = re.compile(r"\s*(?P<sign>=(?!=)|==>|<==>|-->|->|→|⇒|⟹|↔|⇔|⟺|==)")
_START = re.compile(r"\s*s\s*(?=[=→⇒⟹-])")
_BY = re.compile(r"\s*+(?:(?P<open>[\[({])\s*+)?(?P<word>by|using|via|from|with)\b:?", re.IGNORECASE)
_GAP = re.compile(r"\s*+(?:=\s*+)?\?\?(?:\s*+(?:by\s*+)?\?\?)?\s*+\Z", re.IGNORECASE)
_CITED = re.compile(r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_'-]*)|(?P<gap>\?\?)|(?P<mark>[\[\](){}]|,|;|&|\+|\.\s*\Z))")


@dataclass(frozen=True, slots=True)
class EquationalProblem:
    """Equations by name, in order, and the two terms that a chain is to connect."""

    equations: Mapping[str, Equation]
    start: Term
    goal: Term


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One line of a chain. Lines and columns count from 1; ``step`` numbers the steps alone, gaps have none."""

    kind: Literal["start", "step", "gap"]
    term: Term | None
    cited: tuple[str, ...] | None
    """Names of equations as written; None where the line names none."""
    line: int
    column: int
    text: str
    step: int | None = None
    cited_column: int = 0
    """Where the equations are named, on the same line; 0 where they are not."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as read: its lines, the fixes, and the failure at which reading ended."""

    lines: tuple[ChainLine, ...]
    fixes: tuple[Fix, ...]
    failure: Failure | None


def parse_equation(text: str) -> tuple[Term, Term]:
    """Read ``l = r`` (TermSyntaxError with the offset where it does not fit)."""
    left, end = scan_term(text, 0)
    match = re.compile(r"\s*=").match(text, end)
    if match is None:
        raise TermSyntaxError("'=' is missing here", end)
    right, after = scan_term(text, match.end())
    if text[after:].strip():
        raise TermSyntaxError("the equation ends here, but the text goes on", after)
    return left, right


def parse_equational_problem(text: str) -> EquationalProblem:
    """Read a problem: named equations, then the goal ``s = t``; parts end with ``#`` or the line.

    Raises ProblemSyntaxError with one sentence that names the part.
    """
    equations: dict[str, Equation] = {}
    goal: tuple[Term, Term] | None = None
    for part in re.split(r"[#\n]", text):
        if not part.strip():
            continue
        if goal is not None:
            raise ProblemSyntaxError(f"'{part.strip()}' stands after the goal: name each equation, as in 'E1: l = r'")
        match = _NAME.match(part)
        name = match[1] if match is not None else "the goal"
        try:
            left, right = parse_equation(part[match.end() :] if match is not None else part)
        except TermSyntaxError as error:
            raise ProblemSyntaxError(f"{name}: {error} (in '{part.strip()}')") from None
        if match is None:
            goal = left, right
        elif name in equations:
            raise ProblemSyntaxError(f"two equations are called '{name}'")
        else:
            equations[name] = Equation(name, left, right)
    if goal is None:
        raise ProblemSyntaxError("the goal is missing: end the problem with 's = t', the two terms to connect")
    return EquationalProblem(equations, *goal)


def format_problem(problem: EquationalProblem) -> str:
    """The problem in one line."""
    parts = [f"{e.name}: {e}" for e in problem.equations.values()]
    return " # ".join([*parts, f"{problem.start} = {problem.goal}"])


def parse_chain(text: str, known: Mapping[str, object] | None = None) -> Chain:
    """Read a chain, up to its end or to the first line that cannot be read.

    ``known`` holds the names of the equations; it serves only to read ``e1`` as ``E1``.
    """
    return _ChainReader(known or {}).read(text)


class _ChainReader:
    def __init__(self, known: Mapping[str, object]) -> None:
        self.known = known
        self.lines: list[ChainLine] = []
        self.fixes: list[Fix] = []
        self.number = 0
        self.text = ""
        self.step = 0

    def read(self, text: str) -> Chain:
        for number, raw in enumerate(text.split("\n"), 1):
            self.number, self.text = number, raw.rstrip("\r")
            body = self.text.split("#", 1)[0].rstrip()
            if not body.strip():
                continue
            if _FENCE.match(body):
                self.fix("code-fence", "a code fence around the chain was dropped")
                continue
            before = len(self.fixes)
            try:
                self.read_line(body)
            except TermSyntaxError as error:
                return self.done(self.failure(str(error), error.offset))
            # Which step the line is, if any, is known only now.
            self.fixes[before:] = [replace(fix, step=self.lines[-1].step) for fix in self.fixes[before:]]
        if not self.lines:
            self.number, self.text = 0, ""
            return self.done(self.failure("the chain is empty: start it with 's = <term>'", -1))
        return self.done(None)

    def done(self, failure: Failure | None) -> Chain:
        return Chain(tuple(self.lines), tuple(self.fixes), failure)

    def failure(self, message: str, offset: int) -> Failure:
        return Failure("Parsing", "syntax", None, self.number, offset + 1, message, text=self.text)

    def fix(self, kind: str, message: str) -> None:
        self.fixes.append(Fix(kind, "syntax", None, self.number, message))

    def read_line(self, body: str) -> None:
        at = 0
        first = not self.lines
        numbered = _NUMBER.match(body)
        if numbered is not None:
            self.fix("line-number", "the number of the line was dropped")
            at = numbered.end()
        if _GAP.match(body, at) is not None:
            self.add("gap", None, None, _first(body, at), 0)
            return
        if first:
            at = self.read_start(body, at)
            if at == len(body):
                return
        elif (alone := _BY.match(body, at)) is not None and self.lines[-1].cited is None:
            self.attach(body, alone)
            return
        relation = _RELATION.match(body, at)
        if relation is not None:
            at = relation.end()
            if relation["sign"] != "=":
                self.fix("relation", f"'{relation['sign']}' was read as '='")
        unknown = re.compile(r"\s*\?\?").match(body, at)
        term, end = (None, unknown.end()) if unknown is not None else scan_term(body, at)
        cited, cited_at = self.read_citation(body, end)
        gap = term is None or cited == ("??",)
        self.add("gap" if gap else "step", term, None if cited == ("??",) else cited, _first(body, at), cited_at)

    def read_start(self, body: str, at: int) -> int:
        """The start; the offset after it (the end of the line, or the sign of a first step on the same line)."""
        start = _START.match(body, at)
        if start is not None:
            at = start.end()
            relation = _RELATION.match(body, at)
            if relation is not None:
                if relation["sign"] != "=":
                    self.fix("relation", f"'{relation['sign']}' was read as '='")
                at = relation.end()
            term, end = scan_term(body, at)
        else:
            before = at
            relation = _RELATION.match(body, at)
            at = relation.end() if relation is not None else at
            term, end = scan_term(body, at)
            if _BY.match(body, end) is not None:
                self.fix("start", "the start was taken from the problem: the first line is a step")
                self.add("start", None, None, _first(body, before), 0)
                return before
            self.fix("start", "the start was read without its 's ='")
        self.add("start", term, None, _first(body, at), 0)
        if end == len(body) or _RELATION.match(body, end) is not None:
            return end
        raise TermSyntaxError("the start of the chain ends here, but the line goes on", _first(body, end))

    def read_citation(self, body: str, at: int) -> tuple[tuple[str, ...] | None, int]:
        if at == len(body):
            return None, 0
        by = _BY.match(body, at)
        odd: list[str] = []
        if by is None:
            bracket = re.compile(r"\s*[\[({]").match(body, at)
            if bracket is None:
                raise TermSyntaxError("'by' and the equations used should stand here", _first(body, at))
            odd.append("a missing 'by'")
        else:
            at = by.end()
            if by["word"].lower() != "by":
                odd.append(f"'{by['word']}' for 'by'")
            if by["open"]:
                odd.append("brackets")
        cited_at = _first(body, at)
        names: list[str] = []
        comma = True
        while at < len(body):
            match = _CITED.match(body, at)
            if match is None:
                raise TermSyntaxError("this is not the name of an equation", _first(body, at))
            if match["gap"]:
                names.append("??")
                comma = False
            elif match["mark"]:
                if match["mark"] == ",":
                    if comma:
                        odd.append("a comma too many")
                    comma = True
                else:
                    odd.append("brackets" if match["mark"][0] in "[](){}" else f"'{match['mark'].strip()}'")
                    comma = comma or match["mark"] in ("&", ";", "+")
            elif match["name"].lower() == "and":
                odd.append("'and' for a comma")
                comma = True
            else:
                if not comma:
                    odd.append("a missing comma")
                names.append(self.name(match["name"], odd))
                comma = False
            at = match.end()
        if comma and names:
            odd.append("a comma too many")
        if odd:
            self.fix("citation", f"read through in the list of equations: {', '.join(dict.fromkeys(odd))}")
        return tuple(names), cited_at

    def name(self, written: str, odd: list[str]) -> str:
        if self.known and written not in self.known and written.upper() in self.known:
            odd.append(f"'{written}' for '{written.upper()}'")
            return written.upper()
        return written

    def attach(self, body: str, by: re.Match[str]) -> None:
        """A ``by`` on a line of its own belongs to the step before."""
        last = self.lines[-1]
        if last.kind != "step":
            raise TermSyntaxError("the equations stand here, but no step is before them", _first(body, by.start()))
        cited, _ = self.read_citation(body, by.start())
        self.fix("citation", "the equations were read from the line after their step")
        self.lines[-1] = ChainLine("step", last.term, cited, last.line, last.column, last.text, last.step)

    def add(
        self, kind: Literal["start", "step", "gap"], term: Term | None, cited: tuple[str, ...] | None, at: int, by: int
    ) -> None:
        if kind == "step":
            self.step += 1
        step = self.step if kind == "step" else None
        self.lines.append(ChainLine(kind, term, cited, self.number, at + 1, self.text, step, by + 1 if by else 0))


def _first(text: str, at: int) -> int:
    """The offset of the first character from ``at`` on that is no blank."""
    return len(text) - len(text[at:].lstrip())
