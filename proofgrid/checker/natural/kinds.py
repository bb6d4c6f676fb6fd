"""Kinds of the fixes in NDL and the macro language, of syntax and structural (docs/spec.md, section 3)."""

from __future__ import annotations

from typing import Final

from proofgrid.checker.slips import (
    ASSERTED,
    CODE_FENCE,
    COMMENT,
    CONNECTIVE,
    EMPHASIS,
    NON_ASCII,
    NUMBERING,
    PROSE,
    SUBSCRIPT,
)

MISSING_PARENTHESES: Final = "missing-parentheses"
CONCLUSION_AS_NAME: Final = "conclusion-as-name"
CONCLUSION_REPLACED: Final = "conclusion-name-replaced"
MISSING_SEMICOLON: Final = "missing-semicolon"
DOUBLE_SEMICOLON: Final = "double-semicolon"
MISSING_BRACES: Final = "missing-braces"
MISSING_ON: Final = "missing-on"
STRAY_PUNCTUATION: Final = "stray-punctuation"
ARGUMENT_LIST: Final = "argument-list"
CALL: Final = "call-syntax"
HYPOTHESIS_NAME: Final = "hypothesis-name"
KEYWORD: Final = "keyword-spelling"
NAME: Final = "name-spelling"
RULE: Final = "rule-spelling"
SYNTAX_KINDS: Final = (
    MISSING_PARENTHESES,
    CONCLUSION_AS_NAME,
    CONCLUSION_REPLACED,
    MISSING_SEMICOLON,
    DOUBLE_SEMICOLON,
    NON_ASCII,
    MISSING_BRACES,
    MISSING_ON,
    CONNECTIVE,
    STRAY_PUNCTUATION,
    CALL,
    HYPOTHESIS_NAME,
    KEYWORD,
    NAME,
    RULE,
    ARGUMENT_LIST,
    ASSERTED,
    CODE_FENCE,
    COMMENT,
    EMPHASIS,
    NUMBERING,
    PROSE,
    SUBSCRIPT,
)

INCORRECT: Final = "incorrect-application"
MANGLED: Final = "mangled-from-false"
DOUBLE_NEGATION: Final = "double-negation"
COMMUTATIVITY: Final = "commutativity"
ENTAILED: Final = "entailed"
OUT_OF_SCOPE: Final = "out-of-scope-name"
STRUCTURAL_KINDS: Final = (INCORRECT, MANGLED, DOUBLE_NEGATION, COMMUTATIVITY, ENTAILED, OUT_OF_SCOPE)
