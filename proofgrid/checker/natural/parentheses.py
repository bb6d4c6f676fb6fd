"""Repairs of formulas without their outer parentheses, or with some missing or too many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.kinds import MISSING_PARENTHESES
from proofgrid.checker.natural.lexer import AnyToken
from proofgrid.checker.natural.scope import open_formula
from proofgrid.checker.natural.syntax import Term
from proofgrid.checker.parsing import shorten

_BEGINS = re.compile(r"[o()]|t(?=[o()])")
_OPENED = re.compile(r"\(++(?=[ahl{])")
"""Parentheses in which proofs begin."""
_CLOSED = re.compile(r"\)++")
_RUN = re.compile(r"(?:[o()]|t(?=[o()]))(?:[o()]|(?<![t)])t)*+")
"""All of one formula: two terms side by side are none, nor are a ``)`` and a term."""


def formulas(tokens: list[AnyToken], repairs: list[Repair], kinds: str) -> list[AnyToken]:
    """Formulas without their outer parentheses, or with some missing, become one TERM each."""
    out: list[AnyToken] = []
    known: dict[tuple[str, bool], tuple[str | None, str]] = {}
    proofs_open = 0
    i, n = 0, len(tokens)
    while i < n:
        whole = (_BEGINS if proofs_open else _RUN).search(kinds, i)
        if whole is None:
            break
        if i < whole.start():
            out += tokens[i : whole.start()]
        i, j = whole.span()
        of_proofs = _OPENED.match(kinds, i) or (proofs_open and _CLOSED.match(kinds, i, i + proofs_open))
        if of_proofs:
            j = of_proofs.end()
            proofs_open += j - i if kinds[i] == "(" else i - j
            out += tokens[i:j]
            i = j
            continue
        if proofs_open:
            j = _end_within_a_proof(kinds, i)
        operators = kinds.count("o", i, j)
        run = tokens[i:j]
        leading = 0
        following = kinds[j : j + 1] or "$"
        depth = kinds.count("(", i, j) - kinds.count(")", i, j) if following in "ahl{bf" else 0
        if following in "ahl{" or (following in "bf" and depth > 0 and operators == 0):
            while leading < len(run) and run[leading].type == "LPAREN" and depth > 0:
                leading += 1
                depth -= 1
            proofs_open += leading
        out.extend(run[:leading])
        run = run[leading:]
        if len(run) > 1:
            written = " ".join([t.text for t in run])
            made = known.get((written, operators > 0))
            if made is None:
                text, shown = one_formula(run, written, operators)
                made = known[written, operators > 0] = text, f"added the missing parentheses of {shown}"
            text, message = made
            if text is not None:
                out.append(Term(text, run[0].start, run[-1].end))
                repairs.append(Repair(MISSING_PARENTHESES, run[0].start, message))
            else:
                out.extend(run)
        else:
            out.extend(run)
        i = j
    return out + tokens[i:]


def _end_within_a_proof(kinds: str, start: int) -> int:
    """Where a run in a proof in parentheses stops: at the latest before a ``)`` that closes nothing in it."""
    depth = 0
    for i in range(start, len(kinds)):
        kind = kinds[i]
        if kind == "(":
            depth += 1
        elif kind == ")":
            if depth == 0:
                return i
            depth -= 1
        elif kind not in "to" or (kind == "t" and i > start and kinds[i - 1] in "t)"):
            return i
    return len(kinds)


def one_formula(run: Sequence[AnyToken], written: str, operators: int) -> tuple[str | None, str]:
    """The run as one formula with parentheses added at its ends (None where that is no formula), and as it is shown."""
    depth = lowest = 0
    for kind in [token.type for token in run]:
        if kind == "LPAREN":
            depth += 1
        elif kind == "RPAREN":
            depth -= 1
            if depth < lowest:
                lowest = depth
    text = "(" * -lowest + written + ")" * (depth - lowest)
    if operators:
        text = f"({text})"
    try:
        open_formula(text)
    except FormulaSyntaxError:
        return None, ""
    return text, shorten(" ".join(t.text for t in run[:64]).replace("( ", "(").replace(" )", ")"))
