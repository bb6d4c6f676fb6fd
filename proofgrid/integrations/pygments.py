"""Pygments lexers for the four languages: ``pygmentize -l ndl proof.ndl``, Sphinx, Jupyter, MkDocs, rich.

Keywords, names and rules are the checker's own, so that what is coloured as a rule is one. Tested with Pygments 2.21.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, Whitespace

from proofgrid.checker.natural.lexer import IDENTIFIER, KEYWORDS, MACRO_KEYWORDS, NAME_CHARACTERS, UNFILLED
from proofgrid.checker.rules import RULES

_END = rf"(?![{NAME_CHARACTERS}])"
_FORMULA: list[tuple[Any, ...]] = [
    (r"\s+", Whitespace),
    (r"#[^\n]*", Comment.Single),
    (r"<==>|==>|[&|~]", Operator),
    (rf"(?:true|false){_END}", Keyword.Constant),
]


def _natural(keywords: Any, rules: bool) -> list[tuple[Any, ...]]:
    named = [(rf"(?:{'|'.join(map(_escaped, RULES))})(?=\s+(?i:on){_END})", Name.Function)] if rules else []
    return [
        *_FORMULA,
        (rf"(?i:{'|'.join(map(_escaped, keywords))}){_END}", Keyword),
        (UNFILLED.pattern, Error),
        *named,
        (rf"(?:premise|hypothesis)-[0-9]+{_END}", Name.Builtin),
        (rf"({IDENTIFIER})(?=\s*:=)", Name.Label),
        (r":=|[{}();,]", Punctuation),
        (IDENTIFIER, Name.Variable),
    ]


def _escaped(text: str) -> str:
    return text.replace("-", r"\-")


class NdlLexer(RegexLexer):
    """NDL, natural deduction (tasks pl1 and pl2)."""

    name = "ProofGrid NDL"
    aliases: ClassVar[list[str]] = ["ndl"]
    filenames: ClassVar[list[str]] = ["*.ndl"]
    tokens: ClassVar[dict[str, list[Any]]] = {"root": _natural(KEYWORDS, rules=True)}


class MacroLexer(RegexLexer):
    """The macro language (task pl3)."""

    name = "ProofGrid macro proofs"
    aliases: ClassVar[list[str]] = ["ndl-macro"]
    filenames: ClassVar[list[str]] = []
    tokens: ClassVar[dict[str, list[Any]]] = {"root": _natural(MACRO_KEYWORDS, rules=False)}


class HilbertLexer(RegexLexer):
    """Hilbert proofs: numbered lines with an axiom, a premise or modus ponens (task pl4)."""

    name = "ProofGrid Hilbert proofs"
    aliases: ClassVar[list[str]] = ["hilbert"]
    filenames: ClassVar[list[str]] = []
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"^\s*[0-9]+\.", Name.Label),
            *_FORMULA,
            (r"(?i:axiom|premise)\s*[0-9]+", Name.Builtin),
            (r"(?i:mp)\b", Name.Function),
            (r"[0-9]+", Number.Integer),
            (r":=|[{}();,:]", Punctuation),
            (IDENTIFIER, Name.Variable),
        ]
    }


class EquationalLexer(RegexLexer):
    """Chains of equations (tasks eq)."""

    name = "ProofGrid equations"
    aliases: ClassVar[list[str]] = ["proofgrid-eq"]
    filenames: ClassVar[list[str]] = []
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r"\?\?", Error),
            (rf"(?i:by){_END}", Keyword),
            (r"E[0-9]+(?=\s*:)", Name.Label),
            (r"E[0-9]+\b", Name.Builtin),
            (r"s(?=\s*=)", Keyword.Constant),
            (r"[a-z][A-Za-z0-9_]*(?=\()", Name.Function),
            (r"[A-Z][A-Za-z0-9_]*", Name.Variable),
            (r"[a-z][A-Za-z0-9_]*", Name.Constant),
            (r"=", Operator),
            (r"[(),:;]", Punctuation),
        ]
    }
