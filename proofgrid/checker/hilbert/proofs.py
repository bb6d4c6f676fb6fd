"""The lines of a Hilbert proof as data (SPEC 4): written, and read one at a time.

``k. formula, justification;`` with a justification ``PremiseN``, ``Axiom2, p := f, q := f, r := f`` or ``mp, i, j``.
Lines are read lazily, so that a wrong line is reported before a later one that cannot even be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.hilbert.axioms import VARIABLES
from proofgrid.checker.hilbert.reading import FormulaReader
from proofgrid.checker.places import Places
from proofgrid.checker.verdict import Fix


@dataclass(frozen=True, slots=True)
class Premise:
    """``PremiseN``, N from 1."""

    number: int

    def __str__(self) -> str:
        return f"Premise{self.number}"


@dataclass(frozen=True, slots=True)
class Axiom:
    """``AxiomN`` with its assignments, in the order written."""

    number: int
    values: tuple[tuple[str, Formula], ...]

    def __str__(self) -> str:
        return "".join([f"Axiom{self.number}", *(f", {name} := {value}" for name, value in self.values)])


@dataclass(frozen=True, slots=True)
class ModusPonens:
    """``mp, i, j``: line i is the implication, line j its antecedent."""

    implication: int
    antecedent: int

    def __str__(self) -> str:
        return f"mp, {self.implication}, {self.antecedent}"


Justification = Premise | Axiom | ModusPonens


@dataclass(frozen=True, slots=True)
class HilbertLine:
    """One line: its number, its formula, its justification (text where it is none of the three)."""

    number: int
    formula: Formula
    justification: Justification | str
    start: int = 0
    """Offset of the line in the proof's text."""
    formula_at: int = 0
    justification_at: int = 0

    def __str__(self) -> str:
        return f"{self.number}. {self.formula}, {self.justification};"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that cannot be read: what is wrong, and the offset."""

    message: str
    offset: int


def axiom_line(number: int, axiom: int, formula: Formula, values: Mapping[str, Formula]) -> HilbertLine:
    """A line that claims ``formula`` as the axiom's instance under ``values``."""
    return HilbertLine(number, formula, Axiom(axiom, tuple((name, values[name]) for name in VARIABLES[axiom])))


def format_proof(lines: Iterable[HilbertLine]) -> str:
    """The proof as text, a line each."""
    return "\n".join(map(str, lines))


_LINE = re.compile(
    r"(?P<number>0|[1-9][0-9]{0,8})\. (?P<formula>[^,;]*), "
    r"(?:Premise(?P<premise>[1-9][0-9]{0,8})|mp, (?P<i>0|[1-9][0-9]{0,8}), (?P<j>0|[1-9][0-9]{0,8})"
    r"|Axiom(?P<axiom>[123])(?P<values>(?:, [pqr] := [^,;]*)*))"
)
_NEXT_LINE = re.compile(r"\n[ \t]*\(?[0-9]{1,9}\s*[.:)]\s*(?=[(\[{~¬!A-Z])")
_NUMBER = re.compile(r"\s*\(?(?P<number>[0-9]{1,9})\s*[.:)]\s*")
_KEYWORD = re.compile(r"premise|axiom|mp\b|modus", re.IGNORECASE)
_BY = re.compile(r"by\s+\Z", re.IGNORECASE)
_PREMISE = re.compile(r"premise[\s_-]*(?P<number>[0-9]{1,9})\s*\Z", re.IGNORECASE)
_MP = re.compile(
    r"(?:mp|modus[\s-]*+ponens)\b(?:\s*+on\b)?[\s,:]*+(?:\(\s*+)?(?P<i>[0-9]{1,9})"
    r"(?:\s*+,|\s*+and\b|\s)\s*+(?P<j>[0-9]{1,9})\s*+\)?\s*+\Z",
    re.IGNORECASE,
)
_AXIOM = re.compile(r"axiom[\s_-]*(?P<number>[0-9]{1,9})(?P<rest>.*)\Z", re.IGNORECASE | re.DOTALL)
_VALUE = re.compile(r"\s*(?P<name>[A-Za-z]\w*)\s*(?::=|=(?!=)|:|->|←)(?P<value>.*)\Z", re.DOTALL)
_FENCE = re.compile(r"```\w*[ \t]*(?:\r?\n|\Z)")
_COMMENT = re.compile(r"#[^\n]*")
_TAIL = re.compile(r"```|#")
_BLANK = re.compile(r"\s*")


class ProofReader:
    """Reads the lines of one proof in order, noting the fixes with the number of the line and the text's line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fixes: list[Fix] = []
        self.formulas = FormulaReader()
        self.places = Places(text)
        self._index = 0
        self._semicolon = -1

    @property
    def empty(self) -> bool:
        """Whether there is no text but blanks."""
        return not self.text.strip()

    def fix(self, kind: str, message: str, offset: int) -> None:
        """Note a fix at ``offset`` in the line being read."""
        self.fixes.append(Fix(kind, "syntax", self._index, self.places.line(offset), message))

    def lines(self) -> Iterator[HilbertLine | Unreadable]:
        """Every line; the last is Unreadable where reading ends early."""
        text, position, end = self.text, 0, len(self.text.rstrip())
        if not end:
            yield Unreadable("the proof is empty", 0)
            return
        while position < end:
            position = _skip(text, position)
            match = _LINE.match(text, position)
            if match is not None and text[match.end() : match.end() + 1] == ";":
                line = self._exact(match)
                if line is not None:
                    yield line
                    self._index += 1
                    position = match.end() + 1
                    continue
            line_or_error, position = self._loose(position)
            if line_or_error is not None:
                yield line_or_error
                if isinstance(line_or_error, Unreadable):
                    return
                self._index += 1

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
        at = match.end("formula") + 2
        return HilbertLine(int(match["number"]), formula, justification, match.start(), match.start("formula"), at)

    def _loose(self, start: int) -> tuple[HilbertLine | Unreadable | None, int]:
        """The line at ``start`` read through its slips, and where the next begins; None where there is no line."""
        text = self.text
        for pattern, kind, what in ((_FENCE, "code-fence", "a code fence"), (_COMMENT, "comment", "a comment")):
            skipped = pattern.match(text, start)
            if skipped is not None:
                self.fixes.append(Fix(kind, "syntax", None, self.places.line(start), f"{what} was dropped"))
                return None, _skip(text, skipped.end())
        if self._semicolon < start:
            self._semicolon = _find(text, ";", start)
        end = self._semicolon
        after = min(end + 1, len(text))
        if end == start:
            self.fix("semicolon", "a ';' too many was dropped", start)
            return None, after
        fixes_before = len(self.fixes)
        number = _NUMBER.match(text, start, end)
        broken = _NEXT_LINE.search(text, number.end() if number is not None else start, end)
        if broken is not None:
            after = end = broken.start()
        elif (tail := _TAIL.search(text, start, end)) is not None:
            after = tail.start()
            end = start + len(text[start:after].rstrip())
        if text[end : end + 1] != ";":
            end = start + len(text[start:end].rstrip())
            self.fix("semicolon", "a missing ';' was added", end)
        line = self._statement(start, end, number)
        if isinstance(line, Unreadable):
            del self.fixes[fixes_before:]
        elif len(self.fixes) == fixes_before and self._is_known(line):
            self.fix("justification", "the line was read as it must have been meant", line.justification_at)
        return line, after

    @staticmethod
    def _is_known(line: HilbertLine) -> bool:
        """Whether the justification exists at all (``Premise0`` does not): else the line fails for that alone."""
        because = line.justification
        return not isinstance(because, str) and because != Premise(0)

    def _statement(self, start: int, end: int, number: re.Match[str] | None) -> HilbertLine | Unreadable:
        text = self.text
        at = _skip(text, start if number is None else number.end())
        label = self._index if number is None else int(number["number"])
        if number is None:
            self.fix("numbering", "a missing line number was added", start)
        elif number.group() != f"{label}. ":
            self.fix("spacing", "blanks or punctuation around the line number", start)
        comma = _find(text, ",", at, end)
        keyword = _KEYWORD.search(text, at, end)
        if keyword is not None and keyword.start() < comma:
            because = keyword.start()
            formula_end = at + len(text[at:because].rstrip())
            self.fix("comma", "a missing ',' before the justification was added", because)
        elif comma < end:
            formula_end, because = comma, _skip(text, comma + 1)
            if keyword is not None and _BY.fullmatch(text[because : min(keyword.start(), because + 20)]):
                because = keyword.start()
                self.fix("justification", "words before the justification were dropped", because)
            elif text[comma + 1 : because] != " ":
                self.fix("spacing", "blanks after a ','", comma)
        else:
            return Unreadable("the line has no justification (PremiseN, AxiomN, ... or mp, i, j)", end)
        written = text[at:formula_end]
        try:
            formula = self.formula(written, at)
        except FormulaSyntaxError as error:
            return Unreadable(str(error), at + error.offset)
        return HilbertLine(label, formula, self._justification(text[because:end], because), start, at, because)

    def formula(self, written: str, at: int) -> Formula:
        """A formula read exactly or else through its slips, which become fixes. Raises FormulaSyntaxError."""
        found = self.formulas.exact(written)
        if found is None:
            found, slips = self.formulas.loose(written)
            for kind, message in slips:
                self.fix(kind, message, at)
        return found

    def _justification(self, written: str, at: int) -> Justification | str:
        text = written.rstrip().rstrip(".,")
        found: Justification
        if (match := _PREMISE.match(text)) is not None:
            found = Premise(int(match["number"]))
        elif (match := _MP.match(text)) is not None:
            found = ModusPonens(int(match["i"]), int(match["j"]))
        elif (match := _AXIOM.match(text)) is not None and match["number"] in ("1", "2", "3"):
            found = Axiom(int(match["number"]), self._values(match["rest"], at + match.start("rest")))
        else:
            return text
        if str(found) != written:
            squeezed = (re.sub(r"\s", "", t) for t in (str(found), written))
            if len(set(squeezed)) == 1:
                self.fix("spacing", "blanks in the justification", at)
            elif not isinstance(found, Axiom):
                self.fix("justification", f"'{written.strip()[:60]}' was read as '{found}'", at)
        return found

    def _values(self, rest: str, at: int) -> tuple[tuple[str, Formula], ...]:
        values: list[tuple[str, Formula]] = []
        for match in re.finditer(r"[^,]+", rest):
            part = _VALUE.match(match.group())
            if part is not None:
                try:
                    values.append((part["name"], self.formula(part["value"].strip(), at + match.start())))
                except FormulaSyntaxError:
                    part = None
            if part is None and match.group().strip():
                message = f"'{match.group().strip()[:60]}' is no assignment"
                self.fixes.append(Fix("assignment", "structural", self._index, self.places.line(at), message))
        return tuple(values)


def _find(text: str, symbol: str, start: int, end: int | None = None) -> int:
    """The offset of the next ``symbol``, ``end`` (the text's) where there is none."""
    end = len(text) if end is None else end
    found = text.find(symbol, start, end)
    return end if found < 0 else found


def _skip(text: str, position: int) -> int:
    """The offset of the first character from ``position`` on that is no blank."""
    match = _BLANK.match(text, position)
    return match.end() if match is not None else position
