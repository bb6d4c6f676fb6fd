"""Repairs of formulas without their outer parentheses, or with some missing or too many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.natural.characters import Repair
from proofgrid.checker.natural.kinds import MISSING_PARENTHESES
from proofgrid.checker.natural.lexer import AnyToken
from proofgrid.checker.natural.scope import open_formula
from proofgrid.checker.natural.syntax import Term
from proofgrid.checker.parsing import shorten

_RUN: Final = frozenset(["TERM", "OP", "LPAREN", "RPAREN"])


def formulas(tokens: list[AnyToken], repairs: list[Repair]) -> list[AnyToken]:
    """Formulas without their outer parentheses, or with some missing, become one TERM each."""
    out: list[AnyToken] = []
    known: dict[tuple[str, bool], tuple[str | None, str]] = {}
    proofs_open = 0
    types = [token.type for token in tokens]
    types.append("END")
    i, n = 0, len(tokens)
    while i < n:
        kind = types[i]
        if kind not in _RUN or (kind == "TERM" and ((following := types[i + 1]) == "TERM" or following not in _RUN)):
            out.append(tokens[i])
            i += 1
            continue
        j = i
        depth = 0
        operators = 0
        while (kind := types[j]) in _RUN:
            if kind == "TERM" and j > i and types[j - 1] in ("TERM", "RPAREN"):
                break  # two formulas side by side: not one
            if kind == "OP":
                operators += 1
            elif kind == "LPAREN":
                depth += 1
            elif kind == "RPAREN":
                if depth == 0 and proofs_open:
                    break
                depth -= 1
            j += 1
        run = tokens[i:j]
        if not run:  # the ')' of a proof in parentheses
            proofs_open -= 1
            out.append(tokens[i])
            i += 1
            continue
        leading = 0
        if types[j] in ("APPLY", "ASSUME", "SUPPOSE", "LABEL", "LBRACE") or (
            types[j] in ("BY", "FROM") and depth > 0 and operators == 0
        ):
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
                made = known[written, operators > 0] = one_formula(run, written, operators)
            text, shown = made
            if text is not None:
                out.append(Term(text, run[0].start, run[-1].end))
                repairs.append(Repair(MISSING_PARENTHESES, run[0].start, f"added the missing parentheses of {shown}"))
            else:
                out.extend(run)
        else:
            out.extend(run)
        i = j
    return out


def one_formula(run: Sequence[AnyToken], written: str, operators: int) -> tuple[str | None, str]:
    """The run as one formula with parentheses added at its ends (None where that is no formula), and as it is shown."""
    depth = lowest = 0
    for token in run:
        if token.type == "LPAREN":
            depth += 1
        elif token.type == "RPAREN":
            depth -= 1
            lowest = min(lowest, depth)
    text = "(" * -lowest + written + ")" * (depth - lowest)
    if operators:
        text = f"({text})"
    try:
        open_formula(text)
    except FormulaSyntaxError:
        return None, ""
    return text, shorten(" ".join(t.text for t in run[:64]).replace("( ", "(").replace(" )", ")"))
