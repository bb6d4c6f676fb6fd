"""Repairs of characters: foreign connectives and symbols, with the way back to the original offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.parsing import shorten

NON_ASCII: Final = "non-ascii"
CONNECTIVE: Final = "connective"


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair: its kind, the offset in the original text, and a sentence."""

    kind: str
    offset: int
    message: str


_CONNECTIVES: Final = {
    **dict.fromkeys("¬∼˜～￢", "~"),
    **dict.fromkeys("∧⋀＆", "&"),
    **dict.fromkeys("∨⋁｜", "|"),
    **dict.fromkeys("→⇒⟹⟶⊃", "==>"),
    **dict.fromkeys("↔⇔⟺⟷≡", "<==>"),
    "⊥": "false",
    "⊤": "true",
}
_LOOKALIKES: Final = {
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("‘’ʼ′`", "'"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000\u2028\u2029\u0085", " "),
    **dict(zip("（）｛｝；，", "(){};,", strict=True)),
    "≔": ":=",
    "：": ":",
    "＝": "=",
}


class _Replacements(dict[int, str]):
    """A translation table that removes what it does not know."""

    def __missing__(self, key: int) -> str:
        return ""


_REPLACED: Final = _Replacements({ord(k): v for k, v in (_LOOKALIKES | _CONNECTIVES).items()})
_ASCII_CONNECTIVES: Final = {"&&": "&", "||": "|", "!": "~", "/\\": "&", "\\/": "|"}
_FOREIGN = re.compile(
    r"<==>|==>|(?P<iff><-++>|<=++>)|(?P<imp>(?<!-)-++>|(?<!=)=++>)|(?P<op>&&|\|\||!|/\\|\\/)"
    r"|(?P<minus>(?<![A-Za-z0-9_'-])-(?=[ \t]*[A-Za-z0-9_(~-]))"
    r"|(?P<other>[^\x00-\x7f]++)|(?P<control>[\x00-\x08\x0e-\x1f\x7f`]++)"
)


class Normalised:
    """A text with foreign symbols replaced, and the way back from its offsets to the original's."""

    def __init__(self, text: str) -> None:
        out: list[str] = []
        self._at: list[int] = [0]
        self._shift: list[int] = [0]
        counts: dict[tuple[str, str], list[int]] = {}
        removed = first_removed = 0
        last = length = 0
        for match in _FOREIGN.finditer(text):
            kind = match.lastgroup
            if kind is None:
                continue
            symbol = match.group()
            if kind == "iff":
                new = "<==>"
            elif kind == "imp":
                new = "==>"
            elif kind == "op":
                new = _ASCII_CONNECTIVES[symbol]
            elif kind == "minus":
                new = "~"
            else:
                new = symbol.translate(_REPLACED)
            start = match.start()
            if kind not in ("other", "control") or (len(symbol) == 1 and symbol in _CONNECTIVES):
                places = counts.setdefault((symbol, new), [0, start])
                places[0] += 1
            elif all(c in _CONNECTIVES for c in symbol):
                counts.setdefault((shorten(symbol, 12), shorten(new, 12)), [0, start])[0] += 1
            else:
                if not removed:
                    first_removed = start
                removed += len(symbol)
            before = text[last:start]
            out += (before, new)
            length += len(before) + len(new)
            last = match.end()
            self._at.append(length)
            self._shift.append(last - length)
        out.append(text[last:])
        self.text = "".join(out)
        self.repairs: list[Repair] = []
        if removed:
            many = "a foreign character" if removed == 1 else f"{removed} foreign characters"
            self.repairs.append(Repair(NON_ASCII, first_removed, f"removed or replaced {many}"))
        for (symbol, new), (times, place) in list(counts.items())[:64]:
            often = "" if times == 1 else f" ({times} times)"
            self.repairs.append(Repair(CONNECTIVE, place, f"read '{symbol}' as '{new}'{often}"))

    def original(self, offset: int) -> int:
        """The original offset of an offset in :attr:`text`."""
        return offset + self._shift[bisect_right(self._at, offset) - 1]
