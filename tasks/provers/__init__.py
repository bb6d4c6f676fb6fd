"""Provers that write NDL and macro proofs.

``prove`` is complete for propositional entailments given enough budget; a budget is a number of search steps
(inferences and trials), so the same budget means the same on every machine, and what is proved within a budget is
proved within every larger one.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal

from checker.formulas import Formula
from tasks.provers.goal_directed import GoalDirected
from tasks.provers.lines import Line
from tasks.provers.writer import PLAIN, draw_style, write

ProverStyle = Literal["human", "analytic"]


def prove(
    premises: Sequence[Formula],
    goal: Formula,
    *,
    budget: int,
    style: ProverStyle = "human",
    rng: Random | None = None,
) -> str | None:
    """NDL text that proves ``goal``, or None where ``budget`` steps do not reach (or it does not follow)."""
    lines = prove_lines(premises, goal, budget=budget, style=style, rng=rng)
    if lines is None:
        return None
    hand = draw_style(rng) if rng and style == "human" else PLAIN
    return write(lines, premises, hand, rng)


def prove_lines(
    premises: Sequence[Formula],
    goal: Formula,
    *,
    budget: int,
    style: ProverStyle = "human",
    rng: Random | None = None,
) -> tuple[Line, ...] | None:
    """The same as data, minimised and not yet written."""
    return GoalDirected(premises, goal, budget, rng).run()
