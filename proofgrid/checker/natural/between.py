"""Repairs of what stands between steps and around them: missing semicolons and braces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.kinds import MISSING_BRACES, MISSING_SEMICOLON
from proofgrid.checker.natural.lexer import AnyToken, Coarse, Steps, Token

STEP_STARTS: Final = ("LABEL", "APPLY", "ASSUME", "SUPPOSE", "LBRACE")
STEP_ENDS: Final = ("RBRACE", "RPAREN", "TERM")
"""Tokens with which a step begins, and ends."""
_MAY_END: Final = frozenset(STEP_ENDS)
_MAY_START: Final = frozenset([*STEP_STARTS, "TERM"])
_BRACED: Final = frozenset(["SEMI", "LBRACE", "RBRACE", "LPAREN", "RPAREN", "STEPS"])


def semicolons(tokens: list[AnyToken], repairs: list[Repair]) -> list[AnyToken]:
    """A missing ``;`` between two steps."""
    types = [token.type for token in tokens]
    out: list[AnyToken] = []
    last = 0
    for i, (previous, kind) in enumerate(pairwise(types), 1):
        if previous not in _MAY_END or kind not in _MAY_START or (kind == "LBRACE" and previous == "TERM"):
            continue
        starts = kind != "TERM" or previous == "RBRACE" or types[i + 1 : i + 2] in (["BY"], ["FROM"])
        if starts and (previous != "TERM" or not _is_hypothesis(types, i - 1)):
            end = tokens[i - 1].end
            repairs.append(Repair(MISSING_SEMICOLON, end, "added a missing ';'"))
            out += tokens[last:i]
            out.append(Token("SEMI", ";", end, end))
            last = i
    return out + tokens[last:]


def _is_hypothesis(types: Sequence[str], i: int) -> bool:
    """Whether the token at a place is the hypothesis of an ``assume`` or ``suppose-absurd``; it is a TERM."""
    opening = ("ASSUME", "SUPPOSE")
    if i > 0 and types[i - 1] in opening:
        return True
    return i > 1 and types[i - 1] == "LABEL" and types[i - 2] in opening


def braces(tokens: Sequence[Coarse], repairs: list[Repair]) -> list[Coarse]:
    """Braces that are missing around a body around the whole proof, or at its end."""
    out: list[Coarse] = []
    closers: list[str] = []  # "}" for a brace in the text, "+" for one that was added around a body, ")"
    top_semicolon = False
    types = [token.type for token in tokens]
    hypotheses = "ASSUME" in types or "SUPPOSE" in types
    previous = ""
    for i, (token, kind) in enumerate(zip(tokens, types, strict=True)):
        bare = hypotheses and previous == "TERM" and kind != "LBRACE" and _is_hypothesis(types, i - 1)
        previous = kind
        if not bare and kind not in _BRACED:
            out.append(token)
            continue
        if kind in ("SEMI", "RBRACE"):
            while closers and closers[-1] == "+":
                closers.pop()
                out.append(Token("RBRACE", "}", token.start, token.start))
        if bare and out[-1].type == "TERM":
            repairs.append(Repair(MISSING_BRACES, out[-1].end, "added the missing braces of a body"))
            out.append(Token("LBRACE", "{", token.start, token.start))
            closers.append("+")
            if kind == "SEMI" and i + 1 < len(tokens):
                continue
        if kind == "LBRACE":
            closers.append("}")
        elif kind == "LPAREN":
            closers.append(")")
        elif kind == "RPAREN" and ")" in closers[-1:]:
            closers.pop()
        elif kind == "RBRACE":
            if closers and closers[-1] == "}":
                closers.pop()
            elif not closers and out and i + 1 == len(tokens):
                repairs.append(Repair(MISSING_BRACES, token.start, "dropped one '}' too many at the end"))
                continue
        elif (kind == "SEMI" or (type(token) is Steps and len(token.steps) > 1)) and not closers:
            top_semicolon = True
        out.append(token)
    end = out[-1].end if out else 0
    while closers:
        last = closers.pop()
        if last == ")":
            break
        if last == "}":
            repairs.append(Repair(MISSING_BRACES, end, "added a missing '}' at the end"))
        out.append(Token("RBRACE", "}", end, end))
    if top_semicolon and out:
        start = out[0].start
        repairs.append(Repair(MISSING_BRACES, start, "added the missing braces around the proof"))
        out = [Token("LBRACE", "{", start, start), *out, Token("RBRACE", "}", end, end)]
    return out
