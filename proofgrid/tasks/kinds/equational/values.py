"""Single values of an answer as models write them: names of equations, positions, terms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from proofgrid.checker.equational import EquationalProblem, parse_chain, parse_equational_problem
from proofgrid.checker.equational.terms import Position, Term, parse_term
from proofgrid.checker.errors import CheckerError
from proofgrid.tasks.core import JsonObject


def as_names(value: Any) -> tuple[str, ...] | None:
    """Names of equations: ["E1", "E2"], "E1, E2", "by E1 and E2", [], null or "none"; None where it is no such list."""
    if value is None:
        return ()
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, Sequence):
        return None
    names: dict[str, None] = {}
    for item in value:
        if isinstance(item, bool) or not isinstance(item, (str, int)):
            return None
        text = re.sub(r"\b(?:by|and|equations?)\b|[\[\](){}.;&]", " ", str(item), flags=re.IGNORECASE)
        for word in re.split(r"[\s,]+", text.strip()):
            if word and word.casefold() not in ("none", "[]", "null"):
                names[f"E{word}" if word.isdigit() else word.upper()] = None
    return tuple(names)


def as_position(value: Any) -> Position | None:
    """A Dewey position: [1, 2], ["1", "2"], "1.2", "[1,2]", [] or "root"; None where it is none."""
    if isinstance(value, str):
        text = value.strip().strip("[]()").casefold()
        value = [] if text in ("", "root", "top", "ε", "epsilon") else re.split(r"[\s.,]+", text)
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, Sequence):
        return None
    numbers = []
    for item in value:
        if isinstance(item, bool) or not re.fullmatch(r"\d{1,6}", str(item).strip()):
            return None
        numbers.append(int(item))
    return tuple(numbers)


def as_term(value: Any) -> Term | None:
    """A term, also with ``=`` before it; None where the text is none."""
    if not isinstance(value, str):
        return None
    try:
        return parse_term(value.strip().removeprefix("=").strip().strip("`"))
    except CheckerError:
        return None


def problem_of(shown: JsonObject) -> EquationalProblem:
    """The checker's problem: the equations shown, and the first and last term of the chain shown."""
    equations = " # ".join(shown["equations"])
    terms = [line.term for line in chain_lines(shown)]
    return parse_equational_problem(f"{equations} # {terms[0]} = {terms[-1]}")


def chain_lines(shown: JsonObject) -> tuple[Any, ...]:
    """The lines of the chain shown, as the checker's ChainLine."""
    return parse_chain(shown["chain"]).lines


def member(value: Any, *names: str) -> Any:
    """The member of an object that is called one of ``names``, in any case and with or without ``_`` and spaces."""
    if isinstance(value, Mapping):
        plain = {re.sub(r"[\s_-]+", "", str(key)).casefold(): item for key, item in value.items()}
        for name in names:
            if name.casefold() in plain:
                return plain[name.casefold()]
    return None
