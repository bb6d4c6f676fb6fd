"""Reading a Hilbert proof one line at a time (docs/spec.md section 4), exactly or through the slips that are forgiven.

Lines are read lazily, so that a wrong line is reported before a later one that cannot even be read. A line in strict
form costs one match. At the first that is not, the rest of the text is cleaned of what all languages forgive
(:mod:`proofgrid.checker.slips`), and each line after it is read piece by piece: number, formula (as far as the grammar
goes), separator, justification, end. Whatever a piece has that strict form has not is a fix, so a text without fixes is
a strict one. Everything is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.hilbert.formulas import SPACING, FormulaReader
from proofgrid.checker.hilbert.lines import Axiom, HilbertLine, Justification, ModusPonens, Premise
from proofgrid.checker.places import Places
from proofgrid.checker.slips import (
    ASSERTED,
    NUMBERING,
    PROSE,
    STRAY,
    TABLE,
    Cleaned,
    Fixes,
    Meaning,
    clean,
)
from proofgrid.checker.verdict import Fix

SEMICOLON: Final = "missing-semicolon"
DOUBLE_SEMICOLON: Final = "double-semicolon"
COMMA: Final = "missing-comma"
JUSTIFICATION: Final = "justification"
ASSIGNMENT: Final = "assignment"
_SPELL: Final[dict[Meaning, str]] = {"not": "~", "implies": "==>", "equals": "="}

_F = r"[A-Z0-9_()~=> ]*"
_LINE = re.compile(
    rf"(?P<number>0|[1-9][0-9]{{0,8}})\. (?P<formula>{_F}), "
    r"(?:Premise(?P<premise>[1-9][0-9]{0,8})|mp, (?P<i>0|[1-9][0-9]{0,8}), (?P<j>0|[1-9][0-9]{0,8})"
    rf"|Axiom(?P<axiom>[123])(?P<values>(?:, [pqr] := {_F})*));"
)
_FORMULA = re.compile(_F)
_BLANK = re.compile(r"\s*+")
_PREFIX = re.compile(
    r"(?P<bullets>(?:(?:[-+>](?=[ \t])|\|)\s*+)*)"
    r"(?:(?:(?:step|line|L(?=[0-9]{1,9}[.:)][ \t]++[(~A-Z](?!remise|xiom|[pP]\b)))[ \t]*+)?"
    r"[#(\[]?[ \t]*+(?P<number>[0-9]{1,9})"
    r"(?:[ \t]*+(?:[.:|,]|[)\]])+|(?=[ \t]++[(\[{~!A-Z]))[ \t]*+\|?)?\s*+",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"(?:[\s,|:.]|-{1,3}(?=\s)|[\[({]|(?:by|from|via|using|since|because|of|reason|justification|rule)\b)*",
    re.IGNORECASE,
)
_PREMISE = re.compile(
    r"(?:the[ \t]++)?premise[\s_.#:,-]*(?:[(\[][ \t]*)?(?P<number>[0-9]{1,9})(?![0-9])", re.IGNORECASE
)
_MP = re.compile(
    r"(?:m\.?[ \t]?p\b\.?|modus[\s_-]*ponens\b)(?:[\s,:]*(?:on|of|from|with|to|applied|lines?|steps?)\b)*[\s,:(\[#]*"
    r"(?:\bL)?(?P<i>[0-9]{1,9})(?![0-9])(?:[\s,&+#)\](\[]|(?:and|to|lines?|steps?)\b)+(?:\bL)?"
    r"(?P<j>[0-9]{1,9})(?![0-9])",
    re.IGNORECASE,
)
_MP_LAST = re.compile(
    r"(?:(?:lines?|steps?)[ \t]++)?[(\[]?(?:\bL)?(?P<i>[0-9]{1,9})(?![0-9])"
    r"(?:[ \t,&+)\](\[]|(?:and|to|lines?|steps?)\b)+"
    r"(?:\bL)?(?P<j>[0-9]{1,9})(?![0-9])[ \t,:)\]]*+"
    r"(?:(?:by|using|via|with)\b[ \t]*+)?(?:m\.?[ \t]?p\b\.?|modus[ \t_-]*ponens\b)",
    re.IGNORECASE,
)
_AXIOM = re.compile(
    r"(?:axiom(?:[ \t]*+schem[ea])?|ax\b\.?|ax(?=[_0-9])|(?P<short>A)(?=[ _-]?[123]))[\s_.#:({\[-]*(?P<number>[123])"
    r"(?![0-9_])[)}\]]?",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"[\s,:({\[|]*(?:(?:with|where|using|and|for|taking|let)\b[\s:,({\[]*)*"
    r"(?P<name>[a-z]\w{0,20}|[PQR](?=\s*+:=))\s*+(?::=|==?>|-+>|=|:|/)\s*+"
)
_TRAILER = re.compile(
    r"[ \t]*+(?:\((?:given|premise|assumption|hypothesis)\)[ \t]*+)?(?:[)\]}|.,][ \t]*+)*", re.IGNORECASE
)
_END = re.compile(r"\s*+;|(?=\s*+\Z)|(?=\n)|(?=[ \t]*+\(?[0-9]{1,9}[.):])")
_REST = re.compile(r"[^;\n]*")
_SEMICOLONS = re.compile(r"[;\s]*;")
_TABLE_RULE = re.compile(r"[ \t]*+\|?[ \t]*+:?-{2,}[-:| \t]*(?=\n|\Z)")
_TABLE_HEAD = re.compile(r"[ \t]*+\|[^\n]*\n(?=[ \t]*+\|?[ \t]*+:?-{2,}[-:| \t]*(?:\n|\Z))")
_EMPTY_ROW = re.compile(r"[| \t]*\|[ \t]*+(?=\n|\Z)")
_HEADING = re.compile(r"(?:proof|solution|answer)[ \t]*+[:.]?[ \t]*+(?=\n)", re.IGNORECASE)
_ASSERT = re.compile(
    r"(?P<assert>assert\b[ \t]*+)?(?:(?P<name>premise|goal)[\s_-]*+(?P<number>[0-9]{1,9})?[ \t]*+)?"
    r"(?::=|:|=(?!=))?[ \t]*+",
    re.IGNORECASE,
)
_AFTER_ASSERT = re.compile(r"[ \t]*+[.,;]?[ \t]*+(?=\n|\Z)|[ \t]*+;")
_NO_PROSE = re.compile(r"premise|axiom|\bmp\b|modus|:=|==>|[{}~]|^\s*+[0-9]+\s*+[.):]", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[A-Za-z]{2,}")
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that cannot be read: what is wrong, and the offset in the proof's text."""

    message: str
    offset: int


class _NoLine(Exception):
    """The text at an offset of the source is no line."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class ProofReader:
    """Reads the lines of one proof in order, noting the fixes with the number of the line and the text's line.

    ``premises`` and ``goal`` are the problem's: only their repetition (``assert premise-1 := p``) is read through.
    """

    def __init__(self, text: str, premises: Sequence[Formula] = (), goal: Formula | None = None) -> None:
        self.text = text
        self.places = Places(text)
        self.fixes = Fixes()
        self.formulas = FormulaReader()
        self._premises, self._goal = tuple(premises), goal
        self._source = text
        """What is read: the text, or from ``_base`` on the cleaned rest of it."""
        self._cleaned: Cleaned | None = None
        self._base = 0
        self._reported = 0
        """Edits of the cleaned text before this offset of the text are fixes already, or were of no help."""
        self._index = 0
        self._label = 0
        """The number that the next line should bear, by those before it."""
        self._mark = 0
        """How many of the pending slips are not of the line that is being read."""
        self._pending: list[tuple[str, str, int, bool]] = []

    @property
    def empty(self) -> bool:
        """Whether there is no text but blanks."""
        return not self.text.strip()

    def lines(self) -> Iterator[HilbertLine | Unreadable]:
        """Every line; the last is Unreadable where reading ends early."""
        position = _skip(self._source, 0)
        while position < len(self._source):
            match = _LINE.match(self._source, position)
            line = self._exact(match) if match is not None else None
            if match is not None and line is not None:
                position = match.end()
            else:
                if self._cleaned is None:
                    position = self._clean(position)
                    continue
                try:
                    line, position = self._loose(position)
                except _NoLine as error:
                    del self._pending[self._mark :]
                    if not self._prose(position):
                        yield Unreadable(str(error), self._at(error.at))
                        return
                    break
            if line is not None:
                self._report(position)
                yield line
                self._index += 1
                self._label = line.number + 1
            position = _skip(self._source, position)
        self._report(len(self._source))

    def _clean(self, position: int) -> int:
        """Go on with the rest of the text, cleaned; where it starts."""
        self._base = self._reported = position
        self._cleaned = clean(self.text[position:], _SPELL, dropped="'")
        self._source = self._cleaned.text
        return _skip(self._source, 0)

    def _at(self, offset: int) -> int:
        """The offset in the text of an offset in the source."""
        return offset if self._cleaned is None else self._base + self._cleaned.original(offset)

    def _note(self, kind: str, message: str, offset: int, *, structural: bool = False) -> None:
        """A slip at ``offset`` of the source, in the line that is being read; a fix once the line can be read."""
        self._pending.append((kind, message, self._at(offset), structural))

    def _report(self, end: int) -> None:
        """The slips so far, and the edits up to an offset of the source, become fixes."""
        if self._cleaned is not None:
            upto = self._at(end)
            start, stop = self._reported - self._base, upto - self._base
            self.fixes.add_edits(self._cleaned, start, stop, self.places, self._index, self._base)
            self._reported = max(self._reported, upto)
        for kind, message, offset, structural in self._pending:
            class_ = "structural" if structural else "syntax"
            self.fixes.add(Fix(kind, class_, self._index, self.places.line(offset), message))  # type: ignore[arg-type]
        self._pending.clear()

    def _exact(self, match: re.Match[str]) -> HilbertLine | None:
        exact = self.formulas.exact
        formula = exact(match["formula"])
        if formula is None:
            return None
        justification: Justification
        if match["i"]:
            justification = ModusPonens(int(match["i"]), int(match["j"]))
        elif match["premise"]:
            justification = Premise(int(match["premise"]))
        else:
            values: list[tuple[str, Formula]] = []
            for part in match["values"].split(", ")[1:]:
                value = exact(part[5:])
                if value is None:
                    return None
                values.append((part[0], value))
            justification = Axiom(int(match["axiom"]), tuple(values))
        start, at = match.start(), match.end("formula") + 2
        number = int(match["number"])
        if self._cleaned is None:
            return HilbertLine(number, formula, justification, start, match.start("formula"), at)
        return HilbertLine(
            number, formula, justification, self._at(start), self._at(match.start("formula")), self._at(at)
        )

    def _loose(self, start: int) -> tuple[HilbertLine | None, int]:
        """The line at ``start`` read through its slips, and where it ends; no line where there is only a slip."""
        self._mark = len(self._pending)
        between = self._between(start)
        if between is not None:
            return None, between
        text = self._source
        prefix = _PREFIX.match(text, start)
        assert prefix is not None
        label = self._label if prefix["number"] is None else int(prefix["number"])
        if prefix["number"] is None:
            self._note(NUMBERING, f"the missing line number {label} was added", start)
        elif prefix.group() != f"{label}. ":
            same = "".join(prefix.group().split()) == f"{label}."
            message = f"'{_cut(prefix.group().strip())}' was read as '{label}.'"
            self._note(SPACING if same else NUMBERING, "blanks around the line number" if same else message, start)
        at = prefix.end()
        formula, end = self._formula(at)
        separator = _SEPARATOR.match(text, end)
        assert separator is not None
        because = separator.end()
        found, after = self._justification(because, bare=not separator.group().strip())
        if found is None:
            self._no_justification(end, separator.group(), because)
            rest = _REST.match(text, because)
            assert rest is not None
            written = rest.group().rstrip()
            line = HilbertLine(label, formula, written, self._at(start), self._at(at), self._at(because))
            return line, self._finish(because + len(written))
        self._separated(separator.group(), end)
        line = HilbertLine(label, formula, found, self._at(start), self._at(at), self._at(because))
        return line, self._finish(after)

    def _between(self, start: int) -> int | None:
        """The end of what stands between lines and is none: ``;``, a table's head, an assert line, a heading."""
        text = self._source
        semicolons = _SEMICOLONS.match(text, start)
        if semicolons is not None:
            self._note(DOUBLE_SEMICOLON, "a ';' too many was dropped", start)
            return semicolons.end()
        for pattern, what in (
            (_TABLE_HEAD, "the head of a table"),
            (_TABLE_RULE, "a rule"),
            (_EMPTY_ROW, "an empty row"),
        ):
            match = pattern.match(text, start)
            if match is not None:
                self._note(TABLE, f"{what} was dropped", start)
                return match.end()
        heading = _HEADING.match(text, start) if not self._index else None
        if heading is not None:
            self._note(PROSE, f"the heading '{heading.group().strip()}' was dropped", start)
            return heading.end()
        return self._asserted(start)

    def _asserted(self, start: int) -> int | None:
        """The end of a line that repeats a part of the problem; _NoLine where it states anything else."""
        match = _ASSERT.match(self._source, start)
        if match is None or not (match["assert"] or (match["name"] and not self._index)):
            return None
        formula, end = self._formula(match.end())
        number = int(match["number"]) if match["number"] else 0
        if (match["name"] or "").lower() == "goal":
            same = formula is self._goal
        elif number:
            same = number <= len(self._premises) and self._premises[number - 1] is formula
        else:
            same = formula in self._premises
        if not same:
            raise _NoLine("this is no premise of the problem, and nothing else can be asserted", start)
        after = _AFTER_ASSERT.match(self._source, end)
        if after is None:
            raise _NoLine("the assert line ends here, but the text goes on", end)
        del self._pending[self._mark :]
        self._note(ASSERTED, f"'{_cut(self._source[start:end])}' is a part of the problem and was dropped", start)
        return after.end()

    def _formula(self, at: int) -> tuple[Formula, int]:
        """The formula at an offset of the source, and where it ends."""
        text = self._source
        plain = _FORMULA.match(text, at)
        if plain is not None and text[plain.end() : plain.end() + 1] == ",":
            known = self.formulas.exact(plain.group())
            if known is not None:
                return known, plain.end()
        try:
            reading = self.formulas.loose(text, at, len(text))
        except FormulaSyntaxError as error:
            raise _NoLine(str(error), error.offset) from None
        for kind, message in reading.slips:
            self._note(kind, message, at)
        return reading.formula, reading.end

    def _justification(self, at: int, *, bare: bool) -> tuple[Justification | None, int]:
        """The justification at an offset of the source and where it ends; None where there is no whole one.

        ``bare``: nothing but blanks stands before it, so ``A1`` would be an atom rather than an axiom.
        """
        text = self._source
        found: Justification
        before = len(self._pending)
        if (match := _PREMISE.match(text, at)) is not None:
            found, end = Premise(int(match["number"])), match.end()
        elif (match := _MP.match(text, at) or _MP_LAST.match(text, at)) is not None:
            found, end = ModusPonens(int(match["i"]), int(match["j"])), match.end()
        elif (match := _AXIOM.match(text, at)) is not None and not (bare and match["short"]):
            values, end = self._values(match.end())
            found = Axiom(int(match["number"]), values)
        else:
            return None, at
        trailer = _TRAILER.match(text, end)
        if trailer is None or _END.match(text, trailer.end()) is None:
            del self._pending[before:]
            return None, at
        written, exact = text[at:end], str(found)
        if written != exact:
            if "".join(written.split()) == "".join(exact.split()):
                self._note(SPACING, "blanks in the justification", at)
            elif all(kind != ASSIGNMENT for kind, *_ in self._pending[before:]):
                self._note(JUSTIFICATION, f"'{_cut(written)}' was read as '{_cut(exact)}'", at)
        if trailer.group().strip():
            self._note(STRAY, f"'{_cut(trailer.group().strip())}' after the justification was dropped", end)
        return found, trailer.end()

    def _values(self, at: int) -> tuple[tuple[tuple[str, Formula], ...], int]:
        """The assignments of an axiom, and where they end. What is none, up to the line's end, is dropped."""
        text = self._source
        values: list[tuple[str, Formula]] = []
        while (match := _VALUE.match(text, at)) is not None:
            try:
                value, end = self._formula(match.end())
            except _NoLine:
                break
            values.append((match["name"], value))
            at = end
        rest = _REST.match(text, at)
        assert rest is not None
        trailer = _TRAILER.match(text, at)
        if trailer is None or _END.match(text, trailer.end()) is None:
            self._note(ASSIGNMENT, f"'{_cut(rest.group().strip(' ,'))}' is no assignment", at, structural=True)
            at = rest.end()
        return tuple(values), at

    def _separated(self, separator: str, at: int) -> None:
        """Note what stands between formula and justification where it is not a comma and a blank."""
        if separator == ", ":
            return
        plain = separator.strip()
        if not plain:
            self._note(COMMA, "a missing ',' before the justification was added", at)
        elif plain == ",":
            self._note(SPACING, "blanks around a ','", at)
        else:
            self._note(JUSTIFICATION, f"'{_cut(plain)}' before the justification was read as ','", at)

    def _no_justification(self, end: int, separator: str, because: int) -> None:
        """_NoLine where what follows a formula is no justification, not even a wrong one."""
        text = self._source
        following = text[because : because + 1]
        if not following or following == ";" or ("\n" in separator and "," not in separator):
            raise _NoLine("the line has no justification (PremiseN, AxiomN, ... or mp, i, j)", end)
        if not separator.strip():
            what = _WORD.match(text, because)
            if following in "(~[{" or (what is None and following.isupper()):
                raise _NoLine(f"'==>' is missing before '{following}'", because)
            if what is None:
                message = f"'{following}' is no symbol of this language (atoms, ~, ==>, parentheses)"
                raise _NoLine(message, because)
        elif "," not in separator and not separator.strip(" \t|:([{"):
            self._note(JUSTIFICATION, f"'{_cut(separator.strip())}' was read as ','", end)

    def _finish(self, at: int) -> int:
        """The end of a line whose last piece ends at ``at``."""
        end = _END.match(self._source, at)
        if end is None or not end.group():
            self._note(SEMICOLON, "a missing ';' was added", at)
            return at
        if end.group() != ";":
            self._note(SPACING, "blanks before a ';'", at)
        return end.end()

    def _prose(self, start: int) -> bool:
        """Whether the rest is a closing word (QED, a sentence) that says nothing of the proof: it is dropped then."""
        rest = self._source[start:]
        if not self._index or _WORD.search(rest) is None or _NO_PROSE.search(rest) is not None:
            return False
        self._note(PROSE, f"'{_cut(rest.strip())}' after the proof was dropped", start)
        return True


def _skip(text: str, position: int) -> int:
    """The offset of the first character from ``position`` on that is no blank."""
    match = _BLANK.match(text, position)
    return match.end() if match is not None else position


def _cut(text: str) -> str:
    text = " ".join(text[: 4 * _SHOWN].split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
