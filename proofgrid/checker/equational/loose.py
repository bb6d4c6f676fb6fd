"""Reading a term through what terms may lack: the final parentheses, and ``f_1`` for ``f1``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from proofgrid.checker.equational.terms import SIGNATURE, Term, apply, variable

_TOKEN = re.compile(r"\s*+(?:(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<mark>[(),]))")


@dataclass(frozen=True, slots=True)
class LooseTerm:
    """A term, where it ends, whether its last parentheses are missing, and a symbol that was written with a ``_``."""

    term: Term
    end: int
    missing: bool
    renamed: str


def scan_loose(text: str, start: int) -> LooseTerm | None:
    """The term at ``start`` with the parentheses that are missing at its end; None where that is no term either."""
    waiting: list[tuple[str, list[Term]]] = []
    position, renamed = start, ""
    while True:
        match = _TOKEN.match(text, position)
        if match is None or match["name"] is None:
            return None
        name, position = match["name"], match.end()
        if name not in SIGNATURE and "_" in name and name.replace("_", "") in SIGNATURE:
            renamed = renamed or name[:20]
            name = name.replace("_", "")
        following = _TOKEN.match(text, position)
        mark = None if following is None else following["mark"]
        if mark == "(":
            if not SIGNATURE.get(name):
                return None
            assert following is not None
            waiting.append((name, []))
            position = following.end()
            continue
        if name[0].isupper():
            done = variable(name)
        elif SIGNATURE.get(name) == 0:
            done = apply(name)
        else:
            return None
        while waiting:
            symbol, args = waiting[-1]
            args.append(done)
            following = _TOKEN.match(text, position)
            mark = None if following is None else following["mark"]
            if mark == "," and following is not None and len(args) < SIGNATURE[symbol]:
                position = following.end()
                break
            if len(args) != SIGNATURE[symbol] or mark in (",", "("):
                return None
            waiting.pop()
            done = apply(symbol, *args)
            if mark == ")" and following is not None:
                position = following.end()
                continue
            while waiting:
                symbol, args = waiting.pop()
                args.append(done)
                if len(args) != SIGNATURE[symbol]:
                    return None
                done = apply(symbol, *args)
            return LooseTerm(term=done, end=position, missing=True, renamed=renamed)
        else:
            return LooseTerm(term=done, end=position, missing=False, renamed=renamed)
