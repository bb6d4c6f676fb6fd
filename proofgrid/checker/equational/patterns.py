"""What the lines of a chain look like, as :mod:`proofgrid.checker.equational.read` reads them."""

from __future__ import annotations

import re
from typing import Final

NAME = r"[A-Za-z][A-Za-z0-9_]*"
STRICT = re.compile(rf"[ \t]*+= ([A-Za-z0-9_(),]++) by ({NAME}(?:, {NAME})*+)")
"""A step in strict form, as most are."""
SHORT: Final = 200
"""Characters of a term that is remembered under its text."""
MANY: Final = 1_000
"""Steps of one line after which they are looked at."""
PREFIX = re.compile(
    r"\s*+(?P<bullets>(?:(?:[-+>](?=[ \t])|\|)\s*+)*)"
    r"(?P<number>\(?\d{1,9}[.):\]|]+|\[\d{1,9}\]|\d{1,9}[ \t]*+\||(?:step|line)\s++\d{1,9}\s*+[.:)|]?)?\s*+\|?\s*+",
    re.IGNORECASE,
)
ASSERT = re.compile(r"\s*+(?:assert|equation)\b[ \t]*+", re.IGNORECASE)
TABLE_RULE = re.compile(r"\s*+\|?[ \t]*+:?-{2,}[-:| \t]*\Z")
SIGN = re.compile(r"\s*+(?P<sign><?=+>|<?-+>|==|=)\s*+")
START_SIGN = re.compile(r"\s*+(?:s|start|chain)\s*+(?::=?|(?=[=-]|<-))", re.IGNORECASE)
BY = re.compile(r"\s*+(?P<open>[\[({|]?)\s*+(?P<word>by|using|via|from|with)\b:?", re.IGNORECASE)
OPEN = re.compile(r"\s*+[\[({|]")
GAP = re.compile(r"\s*+(?:=\s*+)?\?\?(?:\s*+(?:by\s*+)?\?\?)?\s*+\Z", re.IGNORECASE)
UNKNOWN = re.compile(r"\s*+\?\?")
NO_BLANK = re.compile(r"\S")
START_CELL = re.compile(r"\s*+\|\s*+(?:given|start|-*)\s*+\|?\s*+\Z", re.IGNORECASE)
STRAY_MARKS = re.compile(r"\s*+[.,;|]+\s*+\Z")
CITED = re.compile(
    r"\s*+(?:(?P<position>(?:(?:at|@)\s*+(?:the\s++)?(?:positions?\b|pos\b\.?)?|positions?\b|pos\b\.?)\s*+:?\s*+"
    r"(?:\[[0-9,.\s]{0,400}\]|root\b|[0-9]+(?:[.,][0-9]+)*))"
    r"|(?P<backwards>right[\s-]*to[\s-]*left\b|reversed?\b(?:\s++of\b)?|backwards?\b|R\s*+(?:=|-+>)\s*+L\b|RL\b|\^\s*+\{?-1\}?"
    r"|⁻¹|inverse\b(?:\s++of\b)?)"
    r"|(?P<forwards>left[\s-]*to[\s-]*right\b|forwards?\b|L\s*+(?:=|-+>)\s*+R\b|LR\b)"
    r"|(?P<filler>(?:and|from|used|applied|in)\b|equations?\b|eqs?\b\.|the\b|direction\b)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_'-]*)|(?P<number>[0-9]{1,6})(?![0-9])|(?P<gap>\?\?)|(?P<mark>[\[\](){}|,;&+]|\.\s*+\Z))",
    re.IGNORECASE,
)
MARKS: Final = frozenset("[](){}|,;&+")
"""Those of CITED's marks that are one character, and begin nothing else."""
OWN_TEXT = re.compile(r"\s*+[:(]\s*+(?=[A-Za-z])")
DIRECTED = re.compile(r"[LR]\s*+=?\s*+[LR]\b", re.IGNORECASE)
SAYS_SOMETHING = re.compile(r"=|\?\?|->|\bby\b|\bE[0-9]", re.IGNORECASE)
SENTENCE = re.compile(r"\s*+[A-Za-z]{2,}[A-Za-z ,.;:!'-]*\Z")
WORD = re.compile(r"[A-Za-z]{2,}")
