"""Context-free grammars at character level, written once and printed as Lark and as EBNF.

A grammar is a table of rules over a few constructors. Rules that are *terminals* are regular and refer to terminals
only: Lark needs them as one regular expression each. Everything else may recurse. The two notations:

- Lark, as llguidance and OpenAI's custom tools read it: ``start``, lower-case rules, upper-case terminals;
- EBNF, as xgrammar and llama.cpp read it: ``root``, and terminals are rules like any other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """These characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a class as in ``[A-Za-z]``; with ``other``, one that is not in it."""

    members: str
    other: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What the rule of this name stands for."""

    name: str


@dataclass(frozen=True, slots=True)
class Seq:
    """One after another."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """One of these."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """So many times, ``most`` None: without bound."""

    part: Expr
    least: int = 0
    most: int | None = None


Expr: TypeAlias = Text | Chars | Rule | Seq | Alt | Repeat


def seq(*parts: Expr | str) -> Seq:
    """One after another; a plain str names a rule if it is an identifier in lower or upper case, else it is text."""
    return Seq(tuple(_expr(part) for part in parts))


def alt(*parts: Expr | str) -> Alt:
    """One of these; plain strings as in :func:`seq`."""
    return Alt(tuple(_expr(part) for part in parts))


def many(*parts: Expr | str) -> Repeat:
    """Any number of times."""
    return Repeat(seq(*parts))


def maybe(*parts: Expr | str) -> Repeat:
    """Once or not at all."""
    return Repeat(seq(*parts), 0, 1)


def between(least: int, most: int, part: Expr) -> Repeat:
    """At least and at most so many times."""
    return Repeat(part, least, most)


def words(texts: Collection[str]) -> Alt:
    """One of these texts, longest first."""
    return Alt(tuple(Text(text) for text in sorted(texts, key=lambda t: (-len(t), t))))


def _expr(part: Expr | str) -> Expr:
    if not isinstance(part, str):
        return part
    return Rule(part) if re.fullmatch(r"[a-z]+|[A-Z]+", part) else Text(part)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules by name (lower case: may recurse; upper case: terminals), ``answer`` first."""

    rules: Mapping[str, Expr]
    start: str = "answer"
    notes: str = field(default="", compare=False)

    def lark(self) -> str:
        """As Lark, terminals as regular expressions."""
        lines = [f"start: {self.start}"]
        for name, expr in self.rules.items():
            lines.append(f"{name}: {self._regex(name)}" if name.isupper() else f"{name}: {_lark(expr)}")
        return "\n".join(lines) + "\n"

    def ebnf(self) -> str:
        """As EBNF. What repeats inside what repeats is a rule of its own: llama.cpp writes repetitions out, and refuses
        those that come to more than 2,000 together."""
        lines = [f"root ::= {self.start}"]
        for name, expr in self.rules.items():
            inner: list[str] = []
            lines.append(f"{_plain(name)} ::= {_ebnf(expr, _plain(name), inner)}")
            lines += inner
        return "\n".join(lines) + "\n"

    def _regex(self, name: str) -> str:
        return f"/{_regex(self.rules[name], self.rules)}/"


def _plain(name: str) -> str:
    """A terminal's name in EBNF: different from that of a rule, in letters only."""
    return f"lex{name.lower()}" if name.isupper() else name


CONTROL = "\x00-\x1f\x7f"
"""Control characters, as members of a class."""
_ESCAPES = {chr(code): f"\\x{code:02x}" for code in (*range(32), 127)} | {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _class(chars: Chars) -> str:
    inner = "".join(_ESCAPES.get(c, "\\" + c if c in "\\]^" else c) for c in chars.members)
    return f"[{'^' if chars.other else ''}{inner}]"


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c, "\\" + c if c in '"\\' else c) for c in text) + '"'


def _counted(least: int, most: int | None) -> str:
    known = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}
    return known.get((least, most), f"{{{least},{'' if most is None else most}}}")


def _lark(expr: Expr) -> str:
    if isinstance(expr, Text):
        return _quoted(expr.text)
    if isinstance(expr, Chars):
        return "/" + _class(expr).replace("/", "\\/") + "/"
    if isinstance(expr, Rule):
        return expr.name
    if isinstance(expr, Seq):
        return " ".join(_lark(p) if not isinstance(p, Alt) else f"({_lark(p)})" for p in expr.parts)
    if isinstance(expr, Alt):
        return " | ".join(_lark(p) for p in expr.parts)
    return f"({_lark(expr.part)}){_counted(expr.least, expr.most)}"


def _ebnf(expr: Expr, name: str, rules: list[str], repeated: bool = False) -> str:
    """The right side of the rule ``name``, or a part of it; ``rules`` takes those of repetitions inside repetitions."""

    def part(of: Expr) -> str:
        return _ebnf(of, name, rules, repeated)

    if isinstance(expr, Text):
        return _quoted(expr.text)
    if isinstance(expr, Chars):
        return _class(expr)
    if isinstance(expr, Rule):
        return _plain(expr.name)
    if isinstance(expr, Seq):
        return " ".join(part(p) if not isinstance(p, Alt) else f"({part(p)})" for p in expr.parts)
    if isinstance(expr, Alt):
        return " | ".join(part(p) for p in expr.parts)
    whole = f"({_ebnf(expr.part, name, rules, True)}){_counted(expr.least, expr.most)}"
    if not repeated:
        return whole
    own = f"{name}-{len(rules) + 1}"
    rules.append(f"{own} ::= {whole}")
    return own


def _regex(expr: Expr, rules: Mapping[str, Expr]) -> str:
    if isinstance(expr, Text):
        return "".join(_ESCAPES.get(c, "\\" + c if c in r"\.+*?()|[]{}^$/#&-~" else c) for c in expr.text)
    if isinstance(expr, Chars):
        return _class(expr).replace("/", "\\/")
    if isinstance(expr, Rule):
        return f"({_regex(rules[expr.name], rules)})"
    if isinstance(expr, Seq):
        return "".join(_regex(p, rules) if not isinstance(p, Alt) else f"({_regex(p, rules)})" for p in expr.parts)
    if isinstance(expr, Alt):
        return "|".join(_regex(p, rules) for p in expr.parts)
    return f"({_regex(expr.part, rules)}){_counted(expr.least, expr.most)}"


def words_except(
    first: str, rest: str, forbidden: Collection[str], prefixes: Collection[str] = (), most: int = 40
) -> Expr:
    """Words of one character of the class ``first`` and up to ``most`` of ``rest``, but none of ``forbidden`` (in
    either case) and none that begins with one of ``prefixes``: as regular expressions without look-ahead can say it."""
    trie: dict[str, dict[str, object]] = {}
    ends: set[str] = {word.lower() for word in forbidden}
    stops: set[str] = {word.lower() for word in prefixes}
    for word in ends | stops:
        node = trie
        for letter in word:
            node = node.setdefault(letter, {})  # type: ignore[assignment]

    ways: list[Expr] = []

    def branch(node: Mapping[str, object], prefix: str) -> None:
        """Words that leave the trie at this node, one alternative each: nested, engines find them too deep."""
        if prefix in stops:
            return
        spelt = [Chars(c + c.upper()) if c.isalpha() else Text(c) for c in prefix]
        if prefix and prefix not in ends:
            ways.append(Seq(tuple(spelt)))
        if others := _without(rest if prefix else first, node):
            ways.append(Seq((*spelt, Chars(others), between(0, most, Chars(rest)))))
        for letter, inner in sorted(node.items()):
            branch(inner, prefix + letter)  # type: ignore[arg-type]

    branch(trie, "")
    return Alt(tuple(ways))


def _without(members: str, letters: Collection[str]) -> str:
    """The class without these letters, in either case; ranges are written out where one is touched."""
    gone = {form for letter in letters for form in (letter, letter.upper())}
    spelt = re.sub(r"(.)-(.)", lambda m: "".join(chr(c) for c in range(ord(m[1]), ord(m[2]) + 1)), members)
    kept = "".join(dict.fromkeys(c for c in spelt if c not in gone))
    return _folded(kept)


def _folded(characters: str) -> str:
    """A class's members with runs as ranges, a hyphen last."""
    runs: list[list[int]] = []
    for code in sorted(ord(c) for c in characters if c != "-"):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    spelt = "".join(chr(a) if a == b else f"{chr(a)}{chr(b)}" if b == a + 1 else f"{chr(a)}-{chr(b)}" for a, b in runs)
    return spelt + ("-" if "-" in characters else "")
