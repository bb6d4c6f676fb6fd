"""Repairs of a text before its tokens are read: foreign symbols, comments, emphasis, list marks, words, prose.

What all four languages forgive is :mod:`proofgrid.checker.slips`; here is what only proofs in blocks have. The way
back to the original offsets is kept. Every pass is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula
from proofgrid.checker.natural.kinds import ARGUMENT_LIST
from proofgrid.checker.parsing import parse_formula, shorten
from proofgrid.checker.rules import RULES
from proofgrid.checker.slips import (
    ASSERTED,
    CODE_FENCE,
    COMMENT,
    CONNECTIVE,
    EMPHASIS,
    NON_ASCII,
    NUMBERING,
    PROSE,
    Meaning,
    clean,
    shifted,
)

_SPELL: Final[dict[Meaning, str]] = {
    "not": "~",
    "and": "&",
    "or": "|",
    "implies": "==>",
    "iff": "<==>",
    "false": "false",
    "true": "true",
    "equals": "=",
}
_ASCII_CONNECTIVES: Final = {"&&": "&", "||": "|", "!": "~", "/\\": "&", "\\/": "|", "^": "&"}
_WORDS: Final = {"and": "&", "or": "|", "implies": "==>", "iff": "<==>", "v": "|"}
_KEYWORDS: Final = frozenset(["by", "on", "from", "assume", "suppose-absurd"])
_NAMED = "A-Za-z0-9_'-"


def _signs(not_behind: str) -> str:
    """Pattern of the signs to replace, items of lists among them; no arrow of hyphens begins behind ``not_behind``."""
    return (
        rf"<==>|==>|(?P<iff><-++>|<=++>)|(?P<imp>(?<!{not_behind})-++>|(?<!=)=++>)|(?P<op>&&|\|\||!|/\\|\\/|\^)"
        r"|(?P<item>^[ \t]*+(?:[-+](?=[ \t])|\(?[0-9]{1,4}\)(?=[ \t])|(?i:step|line)[ \t]+[0-9]{1,4}[.:)]))"
        rf"|(?P<minus>(?<![{_NAMED}])-(?=[ \t]*[A-Za-z0-9_(~-]))"
    )


_FOREIGN = re.compile(
    _signs("-") + rf"|(?P<word>[A-Za-z0-9_'][{_NAMED}]*+)|(?P<open>\()|(?P<close>\))|(?P<end>[{{}};]|:=)",
    re.MULTILINE,
)
_SYMBOLS = re.compile(rf"(?=[<=&|!/\\^-]|^[ \t+(0-9slSL])(?:{_signs(f'[{_NAMED}]')})", re.MULTILINE)
"""The same in a text without a word to replace: names need not be looked at, and few characters begin a sign."""
_A_SIGN = re.compile(r"[<=&|!/\\^-]")
_AN_ITEM = re.compile(r"\n[ \t]*+[+(0-9slSL]")
_SPECIAL_WORD = re.compile(
    rf"(?<![{_NAMED}])-*+(?:'[{_NAMED}]++(?<=')|(?i:and|or|not|implies|iff|v|premise)(?![{_NAMED}]))"
)
_OWN = re.compile(
    rf"(?! *+\(?[0-9]+\))(?:(?!(?i:and|or|not|implies|iff|v|premise|step|line)(?![{_NAMED}]))"
    r"[A-Za-z0-9]++(?:(?:-++|_)[A-Za-z0-9]++)*+-*+(?![_'])"
    r"|[()~]|&(?!&)|\|(?!\|)|<?==>| )++"
)
"""A line that no repair of characters changes."""
_BOUND_WORD = re.compile(rf"(?<![{_NAMED}])(and|or|not|implies|iff|v)\s*:=", re.IGNORECASE)
_OPERAND = re.compile(
    rf"\s*+(?=[A-Za-z0-9_'(~!-])(?![{_NAMED}]++\s*+:=)(?!(?ai:{'|'.join(sorted(_KEYWORDS))})(?![{_NAMED}]))"
)
"""What stands behind a connective: the beginning of a formula, and neither of a label nor of a keyword."""
_SPECIAL: Final = frozenset([*_WORDS, "not", "premise"])
_GOES_ON = re.compile(r"(?:[,(&|>=~:]|(?<![A-Za-z0-9_'-])(?i:on|by|from|assume|suppose-absurd|and|or|not))\Z")
_LONGEST_WORD: Final = len("suppose-absurd")
_PREMISE_NUMBER = re.compile(rf"[ \t#]{{1,3}}([0-9]{{1,6}})(?![{_NAMED}])")
_IDENTIFIERS = re.compile(rf"[A-Za-z0-9_'][{_NAMED}]*")
_SAID = re.compile(r"[A-Za-z]{2,}|(?:[A-Z]\.){3}")
_STARTS_PROSE = re.compile(r"[\s.;]*(?:[A-Za-z]|\Z)")
_HEADING = re.compile(r"[ \t]*[A-Za-z][A-Za-z ,'-]{0,60}[:.][ \t]*\Z")
_CLOSING_WORD = re.compile(r"[.;]\s*(?:q\.?e\.?d\.?|done)[\s.!]*\Z", re.IGNORECASE)
_ASSERT = re.compile(
    r"[\s;]*(?:(?P<assert>assert)\b[ \t]*)?"
    r"(?:(?P<name>premise[-_ #]?(?P<number>[0-9]{1,6})|goal)[ \t]*(?P<sign>:=|:|=))?"
    r"[ \t]*(?P<formula>[^;\n{}]+)",
    re.IGNORECASE,
)
_LINES_OF_PROSE: Final = 50


def is_own(text: str) -> bool:
    """Whether a text is one line in the symbols and words of formulas, which :class:`Normalised` leaves as it is."""
    return _OWN.fullmatch(text) is not None


@dataclass(slots=True)
class Repair:
    """One repair: its kind, the offset in the original text, and a sentence."""

    kind: str
    offset: int
    message: str


class Normalised:
    """A text with what is foreign replaced, and the way back from its offsets to the original's.

    ``premises`` and ``goal`` are the problem's: only their repetition (``assert premise-1 := p``) is left out.
    """

    def __init__(
        self, text: str, premises: Sequence[Formula] = (), goal: Formula | None = None, language: str = "ndl"
    ) -> None:
        self.repairs: list[Repair] = []
        cleaned = clean(text, _SPELL, own_comment="#")
        self._cleaned = cleaned
        self._from_edits(text)
        plain = self._without_prose(cleaned.text)
        self._at: list[int] = [0]
        self._shift: list[int] = [0]
        self.text = self._without_asserts(self._replaced(plain, language), premises, goal)

    @property
    def moved(self) -> bool:
        """Whether any offset in :attr:`text` is another in the original."""
        return self._cleaned.changed or len(self._at) > 1

    def original(self, offset: int) -> int:
        """The original offset of an offset in :attr:`text`."""
        return self._cleaned.original(offset + self._shift[bisect_right(self._at, offset) - 1])

    def originals(self, offsets: Iterable[int]) -> Iterable[int]:
        """The original offsets of ascending offsets in :attr:`text`: what :meth:`original` gives, sooner."""
        cleaned = shifted(offsets, self._at, self._shift) if len(self._at) > 1 else offsets
        if not self._cleaned.changed:
            return cleaned
        return self._cleaned.originals(cleaned)

    def _from_edits(self, text: str) -> None:
        """The edits of the shared pass, those that say the same taken together."""
        same: dict[tuple[str, str, str], list[int]] = {}
        for place, what in self._cleaned.changes(0, len(text)):
            if what in same:
                same[what][0] += 1
            else:
                same[what] = [1, place]
        groups: dict[tuple[str, str, str], list[int]] = {}
        for (kind, was, meant), (times, place) in same.items():
            alike = kind in (NON_ASCII, EMPHASIS, COMMENT, CODE_FENCE)
            key = (kind, "", "") if alike else (kind, shorten(was, 12), shorten(meant, 12))
            groups.setdefault(key, [0, place])[0] += times
        for (kind, was, meant), (times, place) in list(groups.items())[:64]:
            often = "" if times == 1 else f" ({times} times)"
            if kind == NON_ASCII:
                many = "a foreign character" if times == 1 else f"{times} foreign characters"
                message = f"removed or replaced {many}"
            elif kind == EMPHASIS:
                message = f"dropped quotes, backticks or emphasis{often}"
            elif kind in (COMMENT, CODE_FENCE):
                message = f"left out a {kind.replace('-', ' ')}{often}"
            else:
                message = f"read '{was}' as '{meant}'{often}"
            self.repairs.append(Repair(kind, place, message))

    def _note(self, kind: str, at: int, message: str) -> None:
        """A repair at an offset of the cleaned text."""
        self.repairs.append(Repair(kind, self._cleaned.original(at), message))

    def _without_prose(self, text: str) -> str:
        """Blanks for the words before the proof and after it."""
        lines = 0
        start = 0
        while lines < _LINES_OF_PROSE and start < len(text):
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            line = text[start:end]
            if line.strip():
                if not (_HEADING.match(line) and _is_prose(line)):
                    break
                self._note(PROSE, start, f"dropped '{shorten(line.strip())}' before the proof")
                text = text[:start] + " " * (end - start) + text[end:]
            start = end + 1
            lines += 1
        brace = text.rfind("}")
        rest = text[brace + 1 :]
        if brace >= 0 and _STARTS_PROSE.match(rest) and _is_prose(rest):
            self._note(PROSE, brace + 1, f"dropped '{shorten(rest.strip())}' after the proof")
            return text[: brace + 1] + " " * len(rest)
        end = len(text)
        for _ in range(_LINES_OF_PROSE):
            end = len(text[:end].rstrip())
            start = text.rfind("\n", 0, end) + 1
            line = text[start:end]
            if start <= max(brace, 0) or _goes_on(text, start) or not _is_prose(line):
                break
            if not line.strip()[:1].isalpha():
                break
            self._note(PROSE, start, f"dropped '{shorten(line.strip())}' after the proof")
            text = text[:start] + " " * (len(text) - start)
            end = start
        if (closing := _CLOSING_WORD.search(text, max(0, len(text.rstrip()) - 20))) is not None:
            at = closing.start()
            self._note(PROSE, at, f"dropped '{closing.group().strip()}' after the proof")
            text = text[:at] + " " * (len(text) - at)
        return text

    def _replaced(self, text: str, language: str) -> str:
        """Foreign symbols and words in the language's own spelling; marks of lists gone."""
        out: list[str] = []
        counts: dict[tuple[str, str, str], list[int]] = {}
        breaks, shifts = self._at.append, self._shift.append
        last = length = depth = 0
        before = rule = ""  # the identifier before, and the rule whose arguments these are
        pattern = _SYMBOLS if _SPECIAL_WORD.search(text) is None else _FOREIGN
        bound = {match.group(1).lower() for match in _BOUND_WORD.finditer(text)} if pattern is _FOREIGN else set()
        matches = () if pattern is _SYMBOLS and _has_no_signs(text) else pattern.finditer(text)
        for match in matches:
            kind = match.lastgroup
            if kind is None:
                continue
            symbol = match.group()
            made = CONNECTIVE
            if kind == "word":
                lower = symbol.lower()
                previous, before = before, lower
                if lower not in _SPECIAL and symbol[0] != "'":
                    if lower == "on":
                        rule = previous
                    elif lower == "from" and language == "macro":
                        rule = "from"
                    elif lower == "by":
                        rule = ""
                    continue
                start, end = match.span()
                word = self._word(text, symbol, lower, start, end, depth, rule, previous, bound)
                if word is None:
                    continue
                made, new, stop = word
                if stop != end:
                    end = stop
                    symbol = text[start:end]
            elif kind == "open":
                depth += 1
                continue
            elif kind == "close":
                depth = max(0, depth - 1)
                continue
            elif kind == "end":
                if symbol != ":=":
                    rule = ""
                depth = 0
                before = ""
                continue
            elif kind == "item":
                start, end = match.span()
                if _goes_on(text, start):
                    continue
                digits = re.search(r"[0-9]+", symbol)
                made, new = NUMBERING, "" if digits is None else f"{digits.group()} := "
                if digits is not None and text[end : end + 40].lstrip()[:1] in ("}", ""):
                    continue
                symbol = symbol.strip()
                start = end - len(symbol)
            else:
                start, end = match.span()
                new = "<==>" if kind == "iff" else "==>" if kind == "imp" else "~"
                new = _ASCII_CONNECTIVES.get(symbol, new)
            count = counts.get((made, symbol, new))
            if count is None:
                counts[made, symbol, new] = [1, start]
            else:
                count[0] += 1
            out.append(text[last:start])
            out.append(new)
            length += start - last + len(new)
            last = end
            breaks(length)
            shifts(last - length)
        out.append(text[last:])
        shown: dict[tuple[str, str, str], list[int]] = {}
        for (made, symbol, new), (times, place) in counts.items():
            if made != "premise-name":
                shown.setdefault((made, shorten(symbol, 20), new.strip()), [0, place])[0] += times
        for (made, symbol, new), (times, place) in list(shown.items())[:64]:
            often = "" if times == 1 else f" ({times} times)"
            self._note(made, place, f"read '{symbol}' as '{new}'{often}" if new else f"dropped '{symbol}'{often}")
        return "".join(out)

    @staticmethod
    def _word(
        text: str, word: str, lower: str, start: int, end: int, depth: int, rule: str, previous: str, bound: set[str]
    ) -> tuple[str, str, int] | None:
        """What a word was meant as, if not as a name: kind, text, and where what it replaces ends."""
        if lower == "premise" and (number := _PREMISE_NUMBER.match(text, end)) is not None:
            return "premise-name", f"premise_{number.group(1)}", number.end()
        if len(word) > 2 and word[0] == "'" and word[-1] == "'":
            return EMPHASIS, word[1:-1], end
        if lower in bound or (lower not in _WORDS and lower != "not") or (lower == "v" and (not depth or word != "v")):
            return None
        if _OPERAND.match(text, end) is None:
            return None
        if lower == "not":
            return (CONNECTIVE, "~", end) if text[end] in " \t\n(" else None
        left = text[max(0, start - 2) : start].rstrip()[-1:] or text[max(0, start - 200) : start].rstrip()[-1:]
        if lower == "and" and not depth and rule and (rule == "from" or rule not in RULES or RULES[rule].arity > 1):
            if left == ",":
                return ARGUMENT_LIST, "", end
            return (ARGUMENT_LIST, ",", end) if _ends_an_operand(left) else None
        if previous in _KEYWORDS or not _ends_an_operand(left):
            return None
        return CONNECTIVE, _WORDS[lower], end

    def _without_asserts(self, text: str, premises: Sequence[Formula], goal: Formula | None) -> str:
        """Blanks for lines at the start that repeat the problem's own premises or goal; of nothing else."""
        at = 0
        opening = re.compile(r"\s*\{").match(text)
        for _ in range(len(premises) + 2):
            match = _ASSERT.match(text, at)
            if match is None and opening is not None and at <= opening.start():
                at = opening.end()
                match = _ASSERT.match(text, at)
            if match is None or not (match["assert"] or match["sign"] in (":", "=")):
                break
            try:
                formula = parse_formula(match["formula"].strip().rstrip(".,").rstrip())
            except FormulaSyntaxError:
                break
            name, number = (match["name"] or "").lower(), int(match["number"] or 0)
            if name == "goal":
                same = formula is goal and not match["assert"]
            elif number:
                same = number <= len(premises) and premises[number - 1] is formula
            else:
                same = not name and formula in premises
            if not same:
                break
            end = match.end() + (text[match.end() : match.end() + 1] == ";")
            shown = shorten(text[at:end].strip(" \t\n;"))
            start = self._shift[bisect_right(self._at, match.start()) - 1] + match.start()
            self._note(ASSERTED, start, f"left out '{shown}', which the problem says")
            text = text[:at] + " " * (end - at) + text[end:]
            at = end
        return text


def _ends_an_operand(character: str) -> bool:
    """Whether a character may be the last of what stands before a connective."""
    return character.isalnum() or (character != "" and character in ")_'")


def _has_no_signs(text: str) -> bool:
    """Whether nothing in a text begins as what :data:`_SYMBOLS` finds does: that is seen twenty times as fast."""
    return _A_SIGN.search(text) is None and _AN_ITEM.search(f"\n{text}") is None


def _goes_on(text: str, at: int) -> bool:
    """Whether what stands before an offset, and up to 200 blanks, cannot end there."""
    first = max(0, at - 200)
    end = first + len(text[first:at].rstrip())
    return _GOES_ON.search(text, max(first, end - _LONGEST_WORD), end) is not None


def _is_prose(text: str) -> bool:
    """Whether a stretch holds words, and no keyword, rule, brace, ``:=`` or connective of a proof."""
    if _SAID.search(text) is None or any(mark in text for mark in ("{", "}", ":=", "==>", "~", "&", "|")):
        return False
    for match in _IDENTIFIERS.finditer(text):
        word = match.group().lower().strip("'-_")
        if word in _KEYWORDS or word in RULES or word.startswith("premise") or word == "assert":
            return False
    return True
