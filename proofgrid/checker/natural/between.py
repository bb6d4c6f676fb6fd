"""Repairs of what stands between steps and around them: missing semicolons and braces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.kinds import MISSING_BRACES, MISSING_SEMICOLON
from proofgrid.checker.natural.lexer import AnyToken, Coarse, Steps, Token

STEP_STARTS: Final = ("LABEL", "APPLY", "ASSUME", "SUPPOSE", "LBRACE")
STEP_ENDS: Final = ("RBRACE", "RPAREN", "TERM")
"""Tokens with which a step begins, and ends."""
_MAY_START: Final = frozenset([*STEP_STARTS, "TERM"])
_BRACED: Final = frozenset(["SEMI", "LBRACE", "RBRACE", "LPAREN", "RPAREN", "STEPS"])


def semicolons(tokens: list[AnyToken], repairs: list[Repair]) -> list[AnyToken]:
    """A missing ``;`` between two steps."""
    out: list[AnyToken] = []
    n = len(tokens)
    for i, token in enumerate(tokens):
        kind = token.type
        if kind not in _MAY_START:
            out.append(token)
            continue
        previous = out[-1].type if out else "SEMI"
        if previous not in STEP_ENDS or (kind == "LBRACE" and previous == "TERM"):
            out.append(token)
            continue
        starts = kind != "TERM" or previous == "RBRACE" or (i + 1 < n and tokens[i + 1].type in ("BY", "FROM"))
        if starts and (previous != "TERM" or not _is_hypothesis(out)):
            where = out[-1]
            repairs.append(Repair(MISSING_SEMICOLON, where.end, "added a missing ';'"))
            out.append(Token("SEMI", ";", where.end, where.end))
        out.append(token)
    return out


def _is_hypothesis(out: Sequence[Coarse]) -> bool:
    """Whether the last token is the hypothesis of an ``assume`` or ``suppose-absurd``."""
    opening = ("ASSUME", "SUPPOSE")
    if len(out) > 1 and out[-2].type in opening:
        return True
    return len(out) > 2 and out[-2].type == "LABEL" and out[-3].type in opening


def braces(tokens: Sequence[Coarse], repairs: list[Repair]) -> list[Coarse]:
    """Braces that are missing around a body around the whole proof, or at its end."""
    out: list[Coarse] = []
    closers: list[str] = []  # "}" for a brace in the text, "+" for one that was added around a body, ")"
    top_semicolon = False
    hypotheses = any([token.type in ("ASSUME", "SUPPOSE") for token in tokens])  # noqa: C419
    for i, token in enumerate(tokens):
        kind = token.type
        if not hypotheses and kind not in _BRACED:
            out.append(token)
            continue
        if kind in ("SEMI", "RBRACE"):
            while closers and closers[-1] == "+":
                closers.pop()
                out.append(Token("RBRACE", "}", token.start, token.start))
        if kind != "LBRACE" and hypotheses and out and out[-1].type == "TERM" and _is_hypothesis(out):
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
