"""The glossary on the page: what the heads of its tables mean, each said once at the end and linked from the heads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from proofgrid.glossary import ENTRIES, Entry
from proofgrid.report.blocks import Block, Folded, Section
from proofgrid.report.board import Board
from proofgrid.report.failures import flaws
from proofgrid.report.tables import Table

_OTHERS = {"Holm p": "paired", "McNemar p": "paired", "fallacies": "fallacy", "slips": "slip", "share": ""}
"""Heads whose words are not those of their entry; an empty one has none."""


def anchor(code: str) -> str:
    """The id of an entry on the page: ``term-ESI-star``."""
    return "term-" + re.sub(r"[^A-Za-z0-9]+", "-", code.replace("*", "-star")).strip("-")


@cache
def entry_of(head: str) -> Entry | None:
    """The term that a table's head names: by its code or name, whole or before a comma, without ``mean``, or beside
    its symbol (``difficulty b``, ``rejected U``)."""
    if head in _OTHERS:
        return ENTRIES.get(_OTHERS[head])
    terms = [e for e in ENTRIES.values() if e.group == "term"]
    words = head.split()
    symbol = words if len(words) == 2 and len(words[1]) == 1 else []
    for said in (head, head.partition(",")[0], head.removeprefix("mean "), *symbol):
        for entry in terms:
            if said in (entry.code, entry.name) or (len(said) > 3 and said.lower() == entry.name.lower()):
                return entry
    return None


def used(board: Board, sections: Iterable[Section]) -> list[Entry]:
    """The entries that the page's heads link to, and the kinds of failure that occur, in the glossary's order."""
    codes = {flaw.kind for flaw in flaws(board)}
    for table in _tables(block for section in sections for block in section.blocks):
        codes |= {entry.code for column in table.columns if (entry := entry_of(column.label)) is not None}
    return [entry for entry in ENTRIES.values() if entry.code in codes]


def _tables(blocks: Iterable[Block]) -> Iterable[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Folded):
            yield from _tables(block.blocks)
