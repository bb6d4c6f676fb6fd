"""The LALR table of ``proof.lark``, which states the grammar of NDL and the macro language, as lark makes it.

    python -m proofgrid.checker.natural.grammar

writes ``proof_table.json``, by which :mod:`proofgrid.checker.natural.parser` drives; a test holds the two together.
Only this module needs lark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from lark import Lark
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

TABLE = Path(__file__).with_name("proof_table.json")


class _TokenList(Lexer):
    """Stands where lark wants a lexer; :mod:`proofgrid.checker.natural.lexer` makes the tokens."""

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Any]:  # type: ignore[override]
        """The tokens."""
        return iter(data)


def grammar(transformer: Any = None) -> Lark:
    """The parser that lark makes of the grammar; it takes lists of tokens."""
    text = files("proofgrid.checker.natural").joinpath("proof.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer=_TokenList,
        transformer=transformer,
        keep_all_tokens=True,
        maybe_placeholders=False,
        propagate_positions=False,
    )


def make_table() -> dict[str, Any]:
    """The table: ``start`` and ``end`` are states, and ``states`` has a row for each, from 0.

    A row's ``moves`` are the states that a terminal or a rule leads to, its ``reductions`` the numbers of those that a
    terminal asks for; a reduction is (children, callback, what it makes). A rule of one symbol that says nothing has
    the callback "only".
    """
    table = grammar().parser.parser.parser.parse_table
    start = table.start_states["start"]
    number = {start: 0}  # lark numbers the states by an order that differs from process to process
    reductions: dict[tuple[int, str, str], int] = {}
    states: list[dict[str, dict[str, int]]] = []
    waiting = [start]
    for state in waiting:
        row: dict[str, dict[str, int]] = {"moves": {}, "reductions": {}}
        for name, (action, argument) in sorted(table.states[state].items(), key=lambda move: str(move[0])):
            if action is Shift:
                if argument not in number:
                    number[argument] = len(number)
                    waiting.append(argument)
                row["moves"][str(name)] = number[argument]
            else:
                made = str(argument.origin.name)
                only = argument.options.expand1 and len(argument.expansion) == 1 and argument.alias is None
                reduction = (len(argument.expansion), "only" if only else argument.alias or made, made)
                row["reductions"][str(name)] = reductions.setdefault(reduction, len(reductions))
        states.append(row)
    return {
        "start": 0,
        "end": number[table.end_states["start"]],
        "reductions": [list(reduction) for reduction in reductions],
        "states": states,
    }


def written(table: dict[str, Any]) -> str:
    """The table as the file has it."""
    return json.dumps(table, indent=1) + "\n"


if __name__ == "__main__":
    TABLE.write_text(written(make_table()), encoding="utf-8")
