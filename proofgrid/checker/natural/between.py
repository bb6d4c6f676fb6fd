"""Repairs of what stands between steps and around them: missing semicolons and braces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.kinds import MISSING_BRACES, MISSING_SEMICOLON
from proofgrid.checker.natural.lexer import AnyToken, Coarse, Steps, Token

UNSEPARATED = re.compile(r"(?:(?<=[})])|(?<=t)(?<!ht)(?<!hlt))(?:[lah]|t(?=[bf]))|(?<=[})])\{|(?<=\})t")
"""The kind of a token before which a ``;`` is missing: a step begins behind the end of another, no hypothesis."""
_BODY = re.compile(r"(?:(?<=ht)|(?<=hlt))[^{]")
"""What stands behind a hypothesis, where no brace opens there."""
_BRACES = re.compile(r"[{}()]")
_PLACES = re.compile(rf"[{{}}();]|{_BODY.pattern}")
"""Where braces are or may be missing, in a text with hypotheses."""


def semicolons(tokens: list[AnyToken], repairs: list[Repair], kinds: str) -> list[AnyToken]:
    """A missing ``;`` between two steps."""
    out: list[AnyToken] = []
    last = 0
    for match in UNSEPARATED.finditer(kinds):
        i = match.start()
        end = tokens[i - 1].end
        repairs.append(Repair(MISSING_SEMICOLON, end, "added a missing ';'"))
        out += tokens[last:i]
        out.append(Token("SEMI", ";", end, end))
        last = i
    return out + tokens[last:]


def braces(tokens: Sequence[Coarse], repairs: list[Repair], kinds: str) -> list[Coarse]:
    """Braces that are missing around a body around the whole proof, or at its end."""
    out: list[Coarse] = []
    closers: list[str] = []  # "}" for a brace in the text, "+" for one that was added around a body, ")"
    top_semicolon = False
    last = 0
    for match in (_PLACES if "h" in kinds else _BRACES).finditer(kinds):
        i, kind = match.start(), match.group()
        if last < i:
            top_semicolon = top_semicolon or (not closers and _several(tokens, kinds, last, i))
            out += tokens[last:i]
        token, last = tokens[i], i + 1
        if kind in ";}":
            while closers and closers[-1] == "+":
                closers.pop()
                out.append(Token("RBRACE", "}", token.start, token.start))
        if _BODY.match(kinds, i) is not None and out[-1].type == "TERM":
            repairs.append(Repair(MISSING_BRACES, out[-1].end, "added the missing braces of a body"))
            out.append(Token("LBRACE", "{", token.start, token.start))
            closers.append("+")
            if kind == ";" and last < len(tokens):
                continue
        if kind == "{":
            closers.append("}")
        elif kind == "(":
            closers.append(")")
        elif kind == ")" and ")" in closers[-1:]:
            closers.pop()
        elif kind == "}":
            if closers and closers[-1] == "}":
                closers.pop()
            elif not closers and out and last == len(tokens):
                repairs.append(Repair(MISSING_BRACES, token.start, "dropped one '}' too many at the end"))
                continue
        elif not closers:
            top_semicolon = top_semicolon or _several(tokens, kinds, i, last)
        out.append(token)
    top_semicolon = top_semicolon or (not closers and _several(tokens, kinds, last, len(tokens)))
    out += tokens[last:]
    end = out[-1].end if out else 0
    while closers:
        closer = closers.pop()
        if closer == ")":
            break
        if closer == "}":
            repairs.append(Repair(MISSING_BRACES, end, "added a missing '}' at the end"))
        out.append(Token("RBRACE", "}", end, end))
    if top_semicolon and out:
        start = out[0].start
        repairs.append(Repair(MISSING_BRACES, start, "added the missing braces around the proof"))
        out = [Token("LBRACE", "{", start, start), *out, Token("RBRACE", "}", end, end)]
    return out


def _several(tokens: Sequence[Coarse], kinds: str, start: int, end: int) -> bool:
    """Whether there is a ``;`` from one token to another, or within one of them."""
    if kinds.find(";", start, end) >= 0:
        return True
    while (start := kinds.find("s", start, end)) >= 0:
        row = tokens[start]
        if isinstance(row, Steps) and len(row.steps) > 1:
            return True
        start += 1
    return False
