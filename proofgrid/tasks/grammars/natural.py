"""NDL and the macro language as grammars: the strict language of the checker, from its rule table and its words.

What context decides (whether a name is bound, whether a step is right) no grammar can say. Names are never keywords,
rules or slots, so every sentence is read as it was derived.
"""

from __future__ import annotations

from typing import Literal

from proofgrid.checker.formulas import BINARY
from proofgrid.checker.natural.lexer import KEYWORDS, MACRO_KEYWORDS
from proofgrid.checker.rules import RULES
from proofgrid.tasks.grammars.notation import (
    CONTROL,
    Alt,
    Chars,
    Expr,
    Text,
    alt,
    between,
    many,
    maybe,
    seq,
    words,
    words_except,
)

_CONSTANTS = ("true", "false")
_SLOTS = ("GAP", "MASK")
_INDENT = 60
"""Blanks in a row at most: what a weak model writes without end is cut short."""


def breaks(newline: str) -> Expr:
    """What stands between steps: blanks, a line break and the next line's indentation, remarks; ``newline`` is how one
    is written here."""
    # No "<" but that of a connective: on plain lines "<O>" would be a tag, read as one.
    remark = seq(Text("#"), between(0, 200, alt(Chars('"\\<' + CONTROL, other=True), Text("<="))))
    line = seq(maybe(remark), Text(newline), between(0, _INDENT, Chars(" ")))
    return Alt((seq(between(0, 4, Chars(" ")), between(1, 8, line)), Text(" ")))


def natural(language: Literal["ndl", "macro"], newline: str) -> dict[str, Expr]:
    """Rules for ``proof``, ``items`` (steps that end with a proof), ``steps`` (that end as they will) and ``term``."""
    macro = language == "macro"
    reserved = {*(MACRO_KEYWORDS if macro else KEYWORDS), *_CONSTANTS, *(() if macro else RULES)}
    rules: dict[str, Expr] = {
        "proof": seq(maybe("label"), alt("apply", seq("term", "SPACE", "BY ", "apply"), "composite")),
        "apply": seq("RULE", "SPACE", "on ", "arguments"),
        "composite": alt(
            "block",
            seq("assume ", maybe("label"), "term", "ws", "block"),
            seq("suppose-absurd ", maybe("label"), "term", "ws", "block"),
        ),
        "block": seq("{", "br", "items", maybe(Text(";")), "br", "}"),
        # Not "steps, and a proof at last": llama.cpp follows every reading at once, and whether a block is the last
        # step would double their number at each level that is open.
        "items": seq("defined", "proof", many(Text(";"), "br", "defined", "proof")),
        "defined": many("definition", Text(";"), "br"),
        "steps": seq(alt("proof", "definition"), many(Text(";"), "br", alt("proof", "definition"))),
        "definition": seq("label", "term"),
        "label": seq("NAME", "ws", Text(":="), "ws"),
        "arguments": seq("argument", many("ws", Text(","), "ws", "argument")),
        "argument": alt("term", "composite", seq("(", "ws", "proof", "ws", ")")),
        "RULE": words(RULES),
    }
    if macro:
        del rules["apply"], rules["RULE"]
        rules["proof"] = seq(maybe("label"), alt(seq("term", "SPACE", "from ", "arguments"), "composite"))
        rules["composite"] = alt("block", seq("assume ", maybe("label"), "term", "ws", "block"))
    return rules | formulas(reserved) | {"br": maybe("BREAK"), "BREAK": breaks(newline)}


def formulas(reserved: set[str]) -> dict[str, Expr]:
    """``term``: a name, an atom, a constant, or a formula in its parentheses; inside them precedence may decide."""
    return {
        "term": alt("operand", "formula"),
        "formula": seq("(", "ws", "inside", "ws", ")"),
        "inside": seq("unary", many("ws", words(BINARY), "ws", "unary")),
        "unary": alt("operand", "formula", seq("~", "ws", "unary")),
        "operand": alt("NAME", *(Text(c) for c in _CONSTANTS)),
        "ws": maybe("SPACE"),
        "NAME": words_except("A-Za-z", "A-Za-z0-9_'-", reserved, _SLOTS),
        "SPACE": between(1, 2, Chars(" ")),
    }
