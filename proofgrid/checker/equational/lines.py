"""The lines of a chain as data (docs/spec.md section 5), and how they are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from proofgrid.checker.equational.terms import Term
from proofgrid.checker.slips import Fixes
from proofgrid.checker.verdict import Failure


@dataclass(slots=True)
class ChainLine:
    """One line of a chain. Lines and columns count from 1; ``step`` numbers the steps alone, gaps have none.

    Nobody changes a line once it is made; it is not frozen, as frozen ones cost thrice.
    """

    kind: Literal["start", "step", "gap"]
    term: Term | None
    cited: tuple[str, ...] | None
    """Names of equations as written; None where the line names none."""
    line: int
    column: int
    text: str
    step: int | None = None
    cited_column: int = 0
    """Where the equations are named, on the same line; 0 where they are not."""
    backwards: bool | None = None
    """Whether the line says that its equations are used from right to left; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as read: its lines, the fixes, and the failure at which reading ended."""

    lines: tuple[ChainLine, ...]
    fixes: Fixes
    failure: Failure | None


def format_chain(start: Term, lines: Iterable[tuple[Term, tuple[str, ...]]]) -> str:
    """The chain from ``start`` in strict form: a line for each term with the names of its equations."""
    return "\n".join([f"s = {start}", *(f"  = {term} by {', '.join(names)}" for term, names in lines)])
