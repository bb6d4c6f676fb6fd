"""Provers that write NDL and macro proofs.

``prove`` is complete for propositional entailments given enough budget; a budget is a number of search steps
(inferences and trials), so the same budget means the same on every machine, and what is proved within a budget is
proved within every larger one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from proofgrid.checker.formulas import Formula
from proofgrid.tasks.making.provers.analytic import Analytic
from proofgrid.tasks.making.provers.goal_directed import GoalDirected
from proofgrid.tasks.making.provers.lines import Line, applications, depth
from proofgrid.tasks.making.provers.macro import MacroSearch
from proofgrid.tasks.making.provers.writer import PLAIN, draw_style, machine_style, write

__all__ = [
    "ProverStyle",
    "Search",
    "macro_lines",
    "prove",
    "prove_lines",
    "prove_macro",
    "search",
    "search_macro",
    "shortest",
]

ProverStyle = Literal["human", "analytic", "goal_last"]


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to."""

    proof: str | None
    """None where the budget did not reach."""
    partial: str
    """Where it did not: steps that follow from the premises, as a proof of something else; else empty."""
    spent: int
    """Search steps."""
    steps: int
    """Rule applications of the proof."""
    nesting: int
    """How deep its subproofs are nested."""


def prove(
    premises: Sequence[Formula],
    goal: Formula,
    *,
    budget: int,
    style: ProverStyle = "human",
    rng: Random | None = None,
) -> str | None:
    """NDL text that proves ``goal``, or None where ``budget`` steps do not reach (or it does not follow).

    ``human`` is the goal-directed prover, in the hand of a random author where there is an ``rng``; ``analytic`` writes
    tableaux out in full, without remarks and with few annotations; ``goal_last`` does so, too, and comes to the goal
    only where premises leave a branch open. Raise ``budget`` for these two: they do not look ahead.
    """
    lines = prove_lines(premises, goal, budget=budget, style=style, rng=rng)
    if lines is None:
        return None
    if rng is None:
        return write(lines, premises)
    return write(lines, premises, draw_style(rng) if style == "human" else machine_style(rng), rng)


def prove_lines(
    premises: Sequence[Formula],
    goal: Formula,
    *,
    budget: int,
    style: ProverStyle = "human",
    rng: Random | None = None,
) -> tuple[Line, ...] | None:
    """The same as data, minimised and not yet written."""
    if style == "human":
        return GoalDirected(premises, goal, budget, rng).run()
    return Analytic(premises, goal, budget, rng, goal_last=style == "goal_last").run()


def prove_macro(premises: Sequence[Formula], goal: Formula, *, budget: int, rng: Random | None = None) -> str | None:
    """Macro text that proves ``goal``, or None where ``budget`` steps do not reach (or it does not follow)."""
    lines = macro_lines(premises, goal, budget=budget)
    if lines is None:
        return None
    return write(lines, premises, draw_style(rng) if rng else PLAIN, rng)


def macro_lines(premises: Sequence[Formula], goal: Formula, *, budget: int) -> tuple[Line, ...] | None:
    """The same as data, minimised and not yet written."""
    return MacroSearch(premises, goal, budget).run()


def search(premises: Sequence[Formula], goal: Formula, *, budget: int) -> Search:
    """The goal-directed search, plainly written, with what it cost."""
    return _outcome(GoalDirected(premises, goal, budget), premises)


def search_macro(premises: Sequence[Formula], goal: Formula, *, budget: int) -> Search:
    """The macro search, plainly written, with what it cost."""
    return _outcome(MacroSearch(premises, goal, budget), premises)


def shortest(premises: Sequence[Formula], goal: Formula, *, budget: int, macro: bool = False) -> Search:
    """The proof of fewest steps that the search finds over several orders of the premises and by several authors.

    ``spent`` is what the search in the order given took.
    """
    first = search_macro(premises, goal, budget=budget) if macro else search(premises, goal, budget=budget)
    if first.proof is None:
        return first
    best = first
    for order in (sorted(premises, key=lambda f: len(str(f))), premises[::-1]):
        found = _outcome((MacroSearch if macro else GoalDirected)(order, goal, budget), premises)
        if found.proof is not None and found.steps < best.steps:
            best = found
    for seed in () if macro else (1, 2):
        found = _outcome(GoalDirected(premises, goal, budget, Random(seed)), premises)
        if found.proof is not None and found.steps < best.steps:
            best = found
    return replace(best, spent=first.spent)


def _outcome(searching: GoalDirected | MacroSearch, premises: Sequence[Formula]) -> Search:
    lines = searching.run()
    if lines is not None:
        proof = write(lines, premises)
        return Search(proof, "", searching.spent, len(list(applications(lines))), depth(lines))
    partial = searching.salvage()
    return Search(None, write(partial, premises) if partial else "", searching.spent, 0, 0)
