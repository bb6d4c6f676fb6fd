"""Reading a chain, with the place of everything (docs/spec.md section 5). A chain is::

    s = g(a,f(b))          # the start
      = g(b,f(b)) by E1    # a step; the first `=` may be left out
      ?? ??                # a gap: one or more steps are missing here

Beyond that the reader takes the slips that all languages forgive (:mod:`proofgrid.checker.slips`) and some of its own:
a start without ``s =``, other words for ``by``, brackets or ``and`` in a list of equations, the direction, the position
or the text of an equation beside its name, arrows for ``=``, a missing final parenthesis. Each is a fix; a direction is
kept, and the step is checked in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from proofgrid.checker.equational import patterns
from proofgrid.checker.equational.lines import Chain, ChainLine
from proofgrid.checker.equational.problems import EQUATION_NAME
from proofgrid.checker.equational.rewriting import Equation
from proofgrid.checker.equational.terms import Term, scan_loose, scan_term
from proofgrid.checker.errors import TermSyntaxError
from proofgrid.checker.places import Places
from proofgrid.checker.slips import ASSERTED, NUMBERING, PROSE, STRAY, TABLE, Fixes, Meaning, clean
from proofgrid.checker.verdict import Failure, Fix, empty_proof

RELATION: Final = "relation"
START: Final = "start"
LINE_BREAK: Final = "missing-line-break"
CITATION: Final = "citation"
PARENTHESES: Final = "missing-parentheses"
SUBSCRIPT: Final = "subscript"
_SPELL: Final[dict[Meaning, str]] = {"implies": "=", "iff": "=", "equals": "="}


def parse_chain(text: str, known: Mapping[str, Equation] | None = None) -> Chain:
    """Read a plain text as a chain, up to its end or to the first line that cannot be read.

    ``known`` holds the problem's equations: spellings of their names, and their repetition, are read through.
    """
    reader = ChainReader(text, known or {})
    for _ in reader.read():
        pass
    return Chain(tuple(reader.lines), reader.fixes, reader.failed)


class ChainReader:
    """Reads the lines of a chain as they are asked for."""

    def __init__(self, text: str, known: Mapping[str, Equation]) -> None:
        self.known = known
        self.places = Places(text)
        self.cleaned = clean(text, _SPELL, own_comment="#")
        self.lines: list[ChainLine] = []
        self.failed: Failure | None = None
        self.fixes = Fixes()
        self.step = 0
        self.base = 0
        """Offset of the line being read in the cleaned text."""
        self.reported = 0
        self.pending: list[tuple[str, str]] = []
        self.backwards: bool | None = None
        self.text = ""
        """The text of the line being read, as a verdict shows it."""
        self.terms: dict[str, Term] = {}
        self.names: dict[str, tuple[str | None, bool]] = {}
        """What is meant by other spellings of names, as :meth:`meant` says."""

    def read(self) -> Iterator[int]:
        """Read on; after every line of the text, how many of ``lines`` are as they stay, with their fixes noted."""
        bodies = [body.rstrip() for body in self.cleaned.text.split("\n")]
        lengths = [len(body) for body in self.cleaned.text.split("\n")]
        after = 0
        for number, body in enumerate(bodies):
            self.base, after = after, after + lengths[number] + 1
            if not body:
                continue
            settled = self.settled
            if self.lines and self.read_strictly(body):
                yield settled
                continue
            rule = patterns.TABLE_RULE.match(body) is not None
            if rule or (
                body.lstrip()[0] == "|" and patterns.TABLE_RULE.match(bodies[min(number + 1, len(bodies) - 1)])
            ):
                self.note(TABLE, "the rule of a table was dropped" if rule else "the head of a table was dropped")
                self.report(body, None)
                continue
            if patterns.SENTENCE.match(body) is not None and self.prose(body):
                self.report(self.cleaned.text[self.base :], self.step)
                break
            try:
                yield from self.read_line(body)
            except TermSyntaxError as error:
                if not self.prose(body):
                    self.failed = self.failure(str(error), error.offset)
                    yield len(self.lines)
                    return
                self.report(self.cleaned.text[self.base :], self.step)
                break
            self.report(body, self.lines[-1].step if self.lines else None)
            yield settled
        self.report(self.cleaned.text[self.base :], None)
        if not self.lines:
            self.failed = empty_proof(self.places.line_text(1))
        yield len(self.lines)

    @property
    def settled(self) -> int:
        """How many lines stay as they are: the equations of a last step without any may stand on the next line."""
        lines = self.lines
        return len(lines) - (bool(lines) and lines[-1].kind == "step" and lines[-1].cited is None)

    def failure(self, message: str, offset: int) -> Failure:
        """That reading ends at an offset of the line being read."""
        place = self.places.at(self.cleaned.original(self.base + offset))
        return Failure(
            kind="Parsing",
            class_="syntax",
            step=None,
            line=place.line,
            column=place.column,
            message=message,
            text=place.text,
        )

    def note(self, kind: str, message: str) -> None:
        """A slip of the line being read."""
        self.pending.append((kind, message))

    def report(self, body: str, step: int | None) -> None:
        """What the line ``body`` was read through becomes fixes of ``step``."""
        line = self.places.line(self.cleaned.original(self.base + len(body) - len(body.lstrip())))
        if self.cleaned.changed:
            end = self.cleaned.original(self.base + len(body))
            self.fixes.add_edits(self.cleaned, self.reported, end, self.places, step)
            self.reported = max(self.reported, end)
        for kind, message in self.pending:
            self.fixes.add(Fix(kind=kind, class_="syntax", step=step, line=line, message=message))
        self.pending.clear()

    def prose(self, body: str) -> bool:
        """Whether the rest is a closing word (QED, a sentence) that says nothing of the chain: it is dropped then."""
        rest = self.cleaned.text[self.base :]
        if not self.step or patterns.WORD.search(rest) is None or patterns.SAYS_SOMETHING.search(rest) is not None:
            return False
        self.pending.clear()
        self.note(PROSE, f"'{_cut(rest.strip())}' after the chain was dropped")
        return True

    def read_line(self, body: str) -> Iterator[int]:
        """One line of the text; it stops after many steps, to say that those before the last are as they stay."""
        if self.asserted(body):
            return
        prefix = patterns.PREFIX.match(body)
        at = 0
        if prefix is not None and (prefix["number"] or prefix["bullets"]):
            self.note(NUMBERING, f"'{_cut(prefix.group().strip())}' before the line was dropped")
            at = prefix.end()
        if patterns.GAP.match(body, at) is not None:
            self.add("gap", None, None, _first(body, at), 0)
            return
        if not self.lines:
            at = self.read_start(body, at)
        elif (alone := patterns.BY.match(body, at)) is not None and self.lines[-1].cited is None:
            self.attach(body, alone)
            return
        before = self.step
        while at < len(body):
            if self.step > before:
                self.note(LINE_BREAK, "a step on the line of the one before it was read as the next")
                if (self.step - before) % patterns.MANY == 0:
                    yield self.settled
            at = self.read_step(body, at)

    def read_strictly(self, body: str) -> bool:
        """Whether the line is a step in strict form, which is read then, as :meth:`read_line` would read it."""
        match = patterns.STRICT.fullmatch(body)
        if match is None or self.cleaned.changed or self.pending:
            return False
        written = match[1]
        cited = tuple(match[2].split(", "))
        for name in cited:
            if name not in self.known:
                return False
        term = self.terms.get(written)
        if term is None:
            try:
                term, end = scan_term(written, 0)
            except TermSyntaxError:
                return False
            if end != len(written):
                return False
            if end <= patterns.SHORT:
                self.terms[written] = term
        self.backwards = None
        self.add("step", term, cited, match.start(1), match.start(2))
        return True

    def asserted(self, body: str) -> bool:
        """Whether the line repeats an equation of the problem; TermSyntaxError where it states another."""
        assertion = patterns.ASSERT.match(body)
        at = assertion.end() if assertion is not None else 0
        named = EQUATION_NAME.match(body, at)
        equation = self.known.get(self.name(named[1], [])) if named is not None else None
        if named is None or equation is None:
            return False
        at = named.end()
        left, end = self.term(body, at)
        sign = patterns.SIGN.match(body, end)
        if sign is None:
            raise TermSyntaxError("'=' is missing here", end)
        right, end = self.term(body, sign.end())
        if equation.left is not left or equation.right is not right:
            raise TermSyntaxError("this is no equation of the problem, and no other can be used", _first(body, 0))
        if body[end:].strip(" \t.,;#"):
            raise TermSyntaxError("the equation ends here, but the line goes on", end)
        self.pending.clear()
        self.note(ASSERTED, f"'{_cut(body.strip())}' is a part of the problem and was dropped")
        return True

    def term(self, body: str, at: int) -> tuple[Term, int]:
        """The term at an offset of the line, and where it ends."""
        term, end, slips = scan_loose(body, at)
        if slips.renamed:
            self.note(SUBSCRIPT, f"'{slips.renamed}' was read without its '_'")
        if slips.missing:
            self.note(PARENTHESES, "a missing ')' was added at the end of the term")
        extra = end
        while body[extra : extra + 1] == ")":
            extra += 1
        if extra > end:
            self.note(PARENTHESES, "an extra ')' was dropped")
        return term, extra

    def sign(self, body: str, at: int) -> int | None:
        """The offset after a ``=``, or what stands for one; None where there is none."""
        match = patterns.SIGN.match(body, at)
        if match is None:
            return None
        if match["sign"] != "=":
            self.note(RELATION, f"'{match['sign']}' was read as '='")
        return match.end()

    def read_step(self, body: str, at: int) -> int:
        """One step (or gap) of the line, and the offset after it."""
        after_sign = self.sign(body, at)
        if after_sign is not None:
            at = after_sign
        unknown = patterns.UNKNOWN.match(body, at)
        term, end = (None, unknown.end()) if unknown is not None else self.term(body, at)
        self.backwards = None
        cited, cited_at, end = self.read_citation(body, end)
        gap = term is None or cited == ("??",)
        self.add("gap" if gap else "step", term, None if cited == ("??",) else cited, _first(body, at), cited_at)
        return end

    def read_start(self, body: str, at: int) -> int:
        """The start; the offset after it (the end of the line, or the sign of a first step on the same line)."""
        start = patterns.START_SIGN.match(body, at)
        if start is not None:
            at = start.end()
            if start.group().strip() != "s":
                self.note(START, f"'{start.group().strip()}' was read as 's ='")
            after_sign = self.sign(body, at)
            at = at if after_sign is None else after_sign
            term, end = self.term(body, at)
        else:
            before, pending = at, len(self.pending)
            after_sign = self.sign(body, at)
            at = at if after_sign is None else after_sign
            term, end = self.term(body, at)
            cell = patterns.START_CELL.match(body, end) is not None
            if not cell and (patterns.BY.match(body, end) is not None or patterns.OPEN.match(body, end) is not None):
                del self.pending[pending:]
                self.note(START, "the start was taken from the problem: the first line is a step")
                self.add("start", None, None, _first(body, before), 0)
                return before
            self.note(START, "the start was read without its 's ='")
        self.add("start", term, None, _first(body, at), 0)
        if end == len(body) or patterns.SIGN.match(body, end) is not None:
            return end
        stray = patterns.STRAY_MARKS.match(body, end) or patterns.START_CELL.match(body, end)
        if stray is not None:
            self.note(STRAY, f"'{stray.group().strip()}' after the term was dropped")
            return len(body)
        raise TermSyntaxError("the start of the chain ends here, but the line goes on", _first(body, end))

    def read_citation(self, body: str, at: int) -> tuple[tuple[str, ...] | None, int, int]:
        """The names that a step cites (None: it cites none), where they stand, and where the step ends."""
        if at == len(body) or patterns.SIGN.match(body, at) is not None:
            return None, 0, at
        by = patterns.BY.match(body, at)
        odd: list[str] = []
        if by is None:
            stray = patterns.STRAY_MARKS.match(body, at)
            if stray is not None:
                self.note(STRAY, f"'{stray.group().strip()}' after the term was dropped")
                return None, 0, len(body)
            if patterns.OPEN.match(body, at) is None:
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
            if body[at] in patterns.MARKS:
                comma = _mark(body[at], comma, odd)
                at += 1
                continue
            match = patterns.CITED.match(body, at)
            if match is None:
                if names and patterns.SIGN.match(body, at) is not None:
                    break
                raise TermSyntaxError("this is not the name of an equation", _first(body, at))
            kind = match.lastgroup
            at = match.end()
            if kind == "gap":
                names.append("??")
                comma = False
            elif kind == "mark":
                comma = _mark(match["mark"].strip(), comma, odd)
            elif kind == "position":
                odd.append(f"the position '{_cut(match.group().strip())}'")
            elif kind in ("backwards", "forwards"):
                odd.append(f"the direction '{_cut(match.group().strip())}'")
                self.turn(kind == "backwards", match.start())
            elif kind == "filler":
                odd.append(f"'{match['filler']}'" + (" for a comma" if match["filler"].lower() == "and" else ""))
                comma = comma or match["filler"].lower() == "and"
            else:
                if not comma:
                    odd.append("a missing comma")
                written = match["name"] or match["number"]
                names.append(self.name(written, odd))
                comma = False
                at = self.own_text(body, names[-1], at, odd)
        if comma and names:
            odd.append("a comma too many")
        if odd:
            self.note(CITATION, f"read through in the list of equations: {', '.join(dict.fromkeys(odd[:200]))}"[:400])
        return tuple(names), cited_at, at

    def turn(self, backwards: bool, at: int) -> None:
        """A direction that the line states; all equations of a step are used in one."""
        if self.backwards not in (None, backwards):
            raise TermSyntaxError("the equations of a step are all used in one direction", at)
        self.backwards = backwards

    def name(self, written: str, odd: list[str]) -> str:
        """The name of an equation as the problem spells it; what is none of them stays as written."""
        if not self.known or written in self.known:
            return written
        if written not in self.names:
            self.names[written] = self.meant(written)
        meant, turned = self.names[written]
        if meant is None:
            return written
        odd.append(f"'{written}' for '{meant}'")
        if turned:
            self.turn(True, 0)
        return meant

    def meant(self, written: str) -> tuple[str | None, bool]:
        """The equation that is meant by what is none's name, and whether from right to left; None where none is."""
        plain = written.replace("_", "").replace("-", "")
        base = plain.rstrip("'")
        for meant in (plain.upper(), base.upper(), f"E{plain}", re.sub(r"(?i)\Aeq(?:uation)?", "E", plain)):
            if meant in self.known:
                return meant, meant == base.upper() and base != plain
        return None, False

    def own_text(self, body: str, name: str, at: int, odd: list[str]) -> int:
        """The offset after the text of the equation ``name`` where that stands beside it, as in ``E1: a = b``."""
        opened = patterns.OWN_TEXT.match(body, at)
        equation = self.known.get(name)
        if opened is None or equation is None or patterns.DIRECTED.match(body, opened.end()) is not None:
            return at
        try:
            left, end = scan_term(body, opened.end())
            sign = patterns.SIGN.match(body, end)
            if sign is None:
                return at
            right, end = scan_term(body, sign.end())
        except TermSyntaxError:
            return at
        if (left, right) == (equation.right, equation.left) and left is not right:
            self.turn(True, at)
        elif (left, right) != (equation.left, equation.right):
            raise TermSyntaxError(f"'{name}' is another equation in the problem: {equation}"[:200], opened.end())
        odd.append(f"the text of '{name}'")
        return end

    def attach(self, body: str, by: re.Match[str]) -> None:
        """A ``by`` on a line of its own belongs to the step before."""
        last = self.lines[-1]
        if last.kind != "step":
            raise TermSyntaxError("the equations stand here, but no step is before them", _first(body, by.start()))
        self.backwards = None
        cited, _, end = self.read_citation(body, by.start())
        if end < len(body):
            raise TermSyntaxError("the equations end here, but the line goes on", end)
        self.note(CITATION, "the equations were read from the line after their step")
        self.lines[-1] = ChainLine(
            "step", last.term, cited, last.line, last.column, last.text, last.step, backwards=self.backwards
        )

    def add(
        self, kind: Literal["start", "step", "gap"], term: Term | None, cited: tuple[str, ...] | None, at: int, by: int
    ) -> None:
        """A line of the chain that starts at an offset of the line being read."""
        if kind == "step":
            self.step += 1
        step = self.step if kind == "step" else None
        line, column = self.places.position(self.cleaned.original(self.base + at))
        cited_column = self.places.position(self.cleaned.original(self.base + by))[1] if by else 0
        if not self.lines or self.lines[-1].line != line:  # many steps of one line share its text
            self.text = self.places.line_text(line)
        backwards = self.backwards if step else None
        self.lines.append(ChainLine(kind, term, cited, line, column, self.text, step, cited_column, backwards))


def _mark(mark: str, comma: bool, odd: list[str]) -> bool:
    """Whether a comma stands before what follows a mark in a list of equations; ``odd`` is told of slips."""
    if mark == ",":
        if comma:
            odd.append("a comma too many")
        return True
    odd.append("brackets" if mark in "[](){}|" else f"'{mark}'")
    return comma or mark in ("&", ";", "+")


def _first(text: str, at: int) -> int:
    """The offset of the first character from ``at`` on that is no blank."""
    match = patterns.NO_BLANK.search(text, at)
    return len(text) if match is None else match.start()


def _cut(text: str) -> str:
    text = " ".join(text[:240].split())
    return text if len(text) <= 60 else f"{text[:59]}…"
