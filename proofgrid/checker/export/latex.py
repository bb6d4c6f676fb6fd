"""A proof as LaTeX for a paper: numbered lines, a bar for each open hypothesis, the rule and the lines it rests on.

The text needs ``\\usepackage{longtable}`` and nothing else, so that it can be pasted into any document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from proofgrid.checker.equational.terms import Term
from proofgrid.checker.export.fitch import FitchLine
from proofgrid.checker.formulas import BINARY, Formula
from proofgrid.checker.verdict import Rewrite

_CONNECTIVE = {"&": r"\land", "|": r"\lor", "==>": r"\rightarrow", "<==>": r"\leftrightarrow"}
_CONSTANT = {"true": r"\top", "false": r"\bot"}


def symbol(name: str) -> str:
    """``A1_2`` as ``A_{1,2}``: the letter, its numbers below."""
    letter, rest = name[0], name[1:]
    numbers = [part for part in rest.split("_") if part]
    return f"{letter}_{{{','.join(numbers)}}}" if numbers else letter


def formula_latex(formula: Formula) -> str:
    """A formula in mathematics mode, every connective with its parentheses but the outermost."""
    out: list[str] = []
    stack: list[tuple[Formula | str, bool]] = [(formula, True)]
    while stack:
        item, outermost = stack.pop()
        if isinstance(item, str):
            out.append(item)
        elif item.op == "~":
            out.append(r"\lnot ")
            stack.append((item.left, False))
        elif item.op in BINARY:
            parts: list[tuple[Formula | str, bool]] = [
                (item.left, False), (f" {_CONNECTIVE[item.op]} ", False), (item.right, False),
            ]  # fmt: skip
            if not outermost:
                parts = [("(", False), *parts, (")", False)]
            stack += reversed(parts)
        else:
            out.append(_CONSTANT.get(item.op) or symbol(item.name))
    return "".join(out)


def term_latex(term: Term) -> str:
    """A term of the equational language in mathematics mode."""
    return re.sub(r"[A-Za-z]\w*", lambda m: symbol(m[0]), str(term))


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    body = [f"{number} & {content} & {reason} \\\\" for number, content, reason in rows]
    return "\n".join([r"\begin{longtable}{r@{\quad}l@{\qquad}l}", *body, r"\end{longtable}", ""])


def fitch_latex(lines: Sequence[FitchLine]) -> str:
    """The lines of an NDL or macro proof as a table."""

    def row(number: int, line: FitchLine) -> tuple[str, str, str]:
        bars = r"\;\vert\;" * line.depth
        cited = (
            f" {line.cites[0]}--{line.cites[1]}" if line.kind == "discharge" else " " + ", ".join(map(str, line.cites))
        )
        reason = line.kind if line.kind in ("premise", "hypothesis") else f"\\textit{{{line.rule}}}{cited.rstrip()}"
        return str(number), f"${bars}{formula_latex(line.formula)}$", reason

    return _table(row(number, line) for number, line in enumerate(lines, 1))


def chain_latex(terms: Sequence[Term], steps: Sequence[Sequence[Rewrite]]) -> str:
    """An equational chain as a table: each term, and the equations that its step used."""
    rows = [("", f"${term_latex(terms[0])}$", "")]
    for number, (row, term) in enumerate(zip(steps, terms[1:], strict=True), 1):
        used = dict.fromkeys(symbol(rewrite.equation) for rewrite in row)
        rows.append((str(number), f"$= {term_latex(term)}$", "$" + ", ".join(used) + "$"))
    return _table(rows)
