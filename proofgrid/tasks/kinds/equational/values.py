"""Single values of an answer as models write them: names of equations, positions, terms, lines of a chain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from proofgrid.checker.equational import EquationalProblem, parse_chain, parse_equational_problem
from proofgrid.checker.equational.terms import Position, Term, parse_term
from proofgrid.checker.errors import CheckerError
from proofgrid.tasks.answers.texts import MOST_CELLS, cells
from proofgrid.tasks.answers.values import member
from proofgrid.tasks.core import JsonObject

_NAME = r"[A-Za-z][A-Za-z0-9_]{0,30}|\d{1,6}"
_BACKWARDS = re.compile(
    r"\^\s*\{?\s*(?:-\s*1|R|op|T)\b\s*\}?|⁻¹|ᴿ|(?<=[A-Za-z0-9])['′’]|(?<=\d)R\b|(?<=\d)\s*-\s*1\b"
    r"|\b(?:the\s+)?(?:reverse|reversed|inverse|inverted|converse|symmetric|flipped|backwards?|rtl|rl)\b"
    r"(?:\s+(?:of|direction|form|application|version))?"
    r"|\br(?:ight)?(?:\s*(?:-|–|to)\s*to\s*(?:-|–)?\s*|\s*(?:->|-->|→|=>)\s*|\s+to\s+|-to-)l(?:eft)?\b|←|<--?|<=",
    re.IGNORECASE,
)
_FORWARDS = re.compile(
    r"\b(?:forwards?|ltr|lr|direct)\b(?:\s+direction)?"
    r"|\bl(?:eft)?(?:\s*(?:->|-->|→|=>)\s*|\s+to\s+|-to-)r(?:ight)?\b|\b(?:direction|applied|used|read|twice|once)\b|→",
    re.IGNORECASE,
)
_POSITION = re.compile(
    r"\b(?:at|in|under)?\s*(?:the\s+)?(?:positions?|pos\.?|root|top|subterm|paths?)?\s*"
    r"(?:[\[(]\s*\d*(?:\s*[,.]\s*\d+)*\s*[\])]|(?<=position )\d+(?:\.\d+)*|\bε)|@\s*[\[(]?[\d.,\s]*[\])]?"
    r"|\b(?:at|in)\s+(?:the\s+)?(?:root|top)\b",
    re.IGNORECASE,
)
_OWN_TEXT = re.compile(r"(?<=[A-Za-z0-9])\s*[:(]\s*[^\s:=;]+(?:\s*,\s*[^\s=;]+)*\s*=\s*[^=;]+$")
_LEADING = re.compile(
    r"\b(?:by|and|using|via|from|with|equations?|eqns?|eqs?|rules?|axioms?|laws?)\b\.?|#(?=\d+\b)", re.IGNORECASE
)
_NOTHING = re.compile(
    r"\W*(?:none|null|nil|nothing|n/?a|empty(?:\s+(?:list|set))?|impossible|unjustif\w+|(?:is\s+)?not\s+(?:justified|"
    r"justifiable|possible|valid)|cannot\s+be\s+justified|no\s+(?:valid\s+|such\s+|single\s+)?(?:equations?|"
    r"justifications?)(?:\s+(?:can\s+)?(?:justif\w+|appl\w+|work\w*|exists?|possible|fits?|found)[\w ]{0,30})?)?\W*",
    re.IGNORECASE,
)
_LEFT_OPEN = re.compile(r"[?…]|\.\.")
"""What names nothing, and does not say either that there is nothing to name."""
_SUBSTITUTION = re.compile(
    r"(?:\b(?:with|where|under|for|substituting|by\s+substituting)\b\s*:?)?\s*[{(\[]?\s*V\d+\s*(?::=|=|->|→|↦|/)\s*"
    r"[^\s;{}=]{1,2000}?(?:\s*,\s*V\d+\s*(?::=|=|->|→|↦|/)\s*[^\s;{}=]{1,2000}?)*\s*(?:[})\]]+|(?=\s*(?:;|&|\band\b|$|,\s*E)))"
)
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def as_names(value: Any, *, both_ways: bool = True) -> tuple[str, ...] | None:
    """Names of equations: ["E1", "E2"], "E1, E2", "by E1 and E2", [], null or "none"; None if it is no such list.

    An equation may stand with a direction ("E1 (right to left)", "E1^-1", "E1'"), a position or its own text. Where
    steps go one way only (``both_ways`` False) the other direction is not passed over: "E1 reversed" is "E1^-1" there.
    """
    if value is None or value == {}:
        return ()
    if isinstance(value, Mapping) or (isinstance(value, (str, int)) and not isinstance(value, bool)):
        value = [value]
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    names: dict[str, None] = {}
    for item in value:
        found = _names(item, both_ways)
        if found is None:
            return None
        names |= dict.fromkeys(found)
    return tuple(names)


EQUATION_KEYS = (
    "supportingEquations",
    "supportingEquation",
    "equations",
    "equation",
    "by",
    "justification",
    "justifications",
    "using",
    "rules",
    "rule",
    "equationsUsed",
    "usedEquations",
    "eqs",
    "laws",
    "axioms",
    "justifiedBy",
)
"""How the member is called that names a step's equations."""


def plainly_named(value: Any) -> bool:
    """Whether equations are named as asked: a list of their names and nothing else."""
    return isinstance(value, list) and all(isinstance(item, str) and re.fullmatch(r"E\d+", item) for item in value)


_EQUATION = ("equation", "name", "equations", "eq", "id", "label", "equationName", "rule", "supportingEquations")
_DIRECTION = ("direction", "orientation", "dir")


def _names(item: Any, both_ways: bool) -> Sequence[str] | None:
    if isinstance(item, Mapping):
        named = member(item, *_EQUATION)
        direction = member(item, *_DIRECTION)
        if not isinstance(named, (str, int)) or isinstance(named, bool):
            return None
        item = f"{named} {direction}" if isinstance(direction, str) and len(direction) < 40 else named
    if isinstance(item, bool) or not isinstance(item, (str, int)):
        return None
    text = str(item).strip().strip('`"*')
    if len(text) > 2000:
        return None
    return tuple(re.findall(r"E\d+", text)) if _PLAIN_NAMES.fullmatch(text) else _named_in(text, both_ways)


_PLAIN_NAMES = re.compile(r"E\d{1,9}(?:, ?E\d{1,9})*")


@lru_cache(maxsize=1024)
def _named_in(text: str, both_ways: bool) -> tuple[str, ...] | None:
    """The names of equations in a text, ``E1^-1`` for one that is reversed where steps go one way only."""
    if _LEFT_OPEN.search(text):
        return None
    if _NOTHING.fullmatch(text):
        return ()
    text = re.sub(r"\bE_?\{?(\d+)\}?", r"E\1", text.translate(_SUBSCRIPTS).replace("$", "").replace("\\_", "_"))
    if "V" in text and not _OWN_TEXT.search(text):
        text = _SUBSTITUTION.sub(" ", text)
    text = _OWN_TEXT.sub("", text)
    found: list[str] = []
    for part in re.split(
        r"\s*(?:[,;&+]|\band\b)\s*(?![^\[(]*[\])])", text.strip("[]{} ") if text[:1] in "[{" else text
    ):
        plain = _OWN_TEXT.sub("", part.strip().strip('`"*'))
        backwards = _BACKWARDS.search(plain) is not None
        plain = _FORWARDS.sub(" ", _POSITION.sub(" ", _BACKWARDS.sub(" ", plain)))
        plain = _LEADING.sub(" ", plain)
        plain = re.sub(r"[()\[\]{}.:\s`*\"_]+", " ", plain).strip()
        if not plain and not part.strip():
            continue
        if not re.fullmatch(_NAME, plain):
            return None
        name = f"E{plain}" if plain.isdigit() else plain.upper()
        found.append(f"{name}^-1" if backwards and not both_ways else name)
    return tuple(found)


def as_position(value: Any) -> Position | None:
    """A Dewey position: [1, 2], ["1", "2"], "1.2", "[1,2]", [] or "root"; None if it is none."""
    if isinstance(value, str):
        text = re.sub(r"(?i)^\W*(?:positions?|pos\.?|at)\b", "", value).strip().strip("[]()<>⟨⟩`").strip().casefold()
        value = (
            []
            if text in ("", "root", "top", "ε", "epsilon", "λ", "the root")
            else re.split(r"\s*[\s.,/·-]\s*", text.rstrip(".,"))
        )
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
    """A term, also with ``=`` before it; None if the text is none."""
    if not isinstance(value, str):
        return None
    try:
        return parse_term(value.strip().strip("`$").strip().removeprefix("=").strip().strip("`").rstrip(";.").strip())
    except CheckerError:
        return None


_STEP_LEAD = re.compile(
    r"[\s>|*+`-]*+(?:\d{1,4}[.):]\s++)?(?:step\s*+\d++\s*+[:.)]\s*+)?(?:s\s*+)?[`*]*+(?:\[=\]|=)?\s*+(?=[a-z])",
    re.IGNORECASE,
)
_STEP_BY = re.compile(
    r"\((?=\s*E_?\d)|\(\s*(?:by|using|via|from|with)\b|\[\s*(?:by\b)?|\{\s*(?:by\b)?|\bby\b|\busing\b|\bvia\b|\bfrom\b|--+|—|–|#|%|//",
    re.IGNORECASE,
)


def as_step(text: str) -> tuple[Term, tuple[str, ...]] | None:
    """A line of a chain, ``term by E1, E2`` in the usual clothes; None if the text is none."""
    text = text[:20_000].strip()
    lead = _STEP_LEAD.match(text)
    by = None if lead is None else _STEP_BY.search(text, lead.end() + 1)
    if lead is None or by is None:
        return None
    written, names = text[lead.end() : by.start()], text[by.end() :].strip(" \t\r|")
    if "=" in written or "\n" in written or "\n" in names:
        return None
    if names[-1:] in ("]", ")", "}") and names.count("[") + names.count("(") + names.count("{") < sum(
        map(names.count, "])}")
    ):
        names = names[:-1]
    term, found = as_term(written.rstrip(" \t`*,;|")), as_names(names)
    return None if term is None or not found else (term, found)


def as_row(text: str) -> tuple[Term, tuple[str, ...]] | None:
    """A row of a table that has a term and, behind it, names of equations; None if the text is none."""
    row = cells(text[:20_000]) if text.lstrip().startswith("|") else []
    for first, second in pairwise(row[:MOST_CELLS]):
        term, names = as_term(first.strip("`* ")), as_names(second)
        if term is not None and names and all(re.fullmatch(r"E\d+", name) for name in names):
            return term, names
    return None


def problem_of(shown: JsonObject) -> EquationalProblem:
    """The checker's problem: the equations shown, and the first and last term of the chain shown."""
    equations = " # ".join(shown["equations"])
    terms = [line.term for line in chain_lines(shown)]
    return parse_equational_problem(f"{equations} # {terms[0]} = {terms[-1]}")


def chain_lines(shown: JsonObject) -> tuple[Any, ...]:
    """The lines of the chain shown, as the checker's ChainLine."""
    return parse_chain(shown["chain"]).lines
