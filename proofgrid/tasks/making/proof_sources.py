"""Correct proofs to make checking, masking and gap-filling items from, by length.

A level is a band of proof lengths in lines. Proofs of the base tasks read as people write them; those of the challenge
tasks are long, machine-made, without remarks and with few announced conclusions (docs/spec.md, section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from proofgrid.checker import check, parse_formula
from proofgrid.checker.formulas import Formula, atoms
from proofgrid.tasks.core import JsonObject
from proofgrid.tasks.making.problems import canonical_key, challenge_problem, family_problem, random_problem
from proofgrid.tasks.making.problems.measures import size
from proofgrid.tasks.making.provers import ProverStyle, prove_lines, prove_macro
from proofgrid.tasks.making.provers.lines import applications, depth
from proofgrid.tasks.making.provers.writer import Style, draw_style, formula_text, write

BANDS: Mapping[int, tuple[int, int]] = {1: (5, 12), 2: (13, 20), 3: (21, 32), 4: (33, 50), 5: (51, 80), 6: (81, 160)}
"""Lines of a base task's proof, by level."""

CHALLENGE_BANDS: Mapping[int, tuple[int, int]] = {1: (230, 420), 2: (421, 650), 3: (651, 950)}
"""Lines of a challenge task's proof, by level; together the published 230 to 950."""

MACRO_BANDS: Mapping[int, tuple[int, int]] = {
    1: (8, 14),
    2: (15, 21),
    3: (22, 30),
    4: (31, 44),
    5: (45, 70),
    6: (71, 140),
}
_BUDGET = 20_000
_MACRO_BUDGET = 1_000
_STEPS_PER_LINE = 10
"""Analytic searches that need more steps for a line of proof are not worth waiting for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A problem with a proof that the strict checker accepts."""

    premises: tuple[Formula, ...]
    goal: Formula
    proof: str
    steps: int
    nesting: int

    @property
    def key(self) -> str:
        """Equal for problems that are equal up to renaming."""
        return canonical_key(self.premises, self.goal)

    @property
    def difficulty(self) -> dict[str, float]:
        """Sizes of the proof and the problem."""
        return {
            "lines": self.proof.count("\n") + 1,
            "steps": self.steps,
            "nesting": self.nesting,
            "premises": len(self.premises),
            "atoms": len(atoms(*self.premises, self.goal)),
            "size": sum(size(f) for f in (*self.premises, self.goal)),
        }


def shown_problem(premises: tuple[Formula, ...], goal: Formula) -> dict[str, object]:
    """A problem as items show it."""
    return {"premises": [formula_text(p, light=True) for p in premises], "goal": formula_text(goal, light=True)}


def pair(shown: JsonObject) -> tuple[tuple[Formula, ...], Formula]:
    """Premises and goal of what an item shows, as formulas."""
    return tuple(parse_formula(p) for p in shown["premises"]), parse_formula(shown["goal"])


def human_proof(rng: Random, level: int, style: Style | None = None) -> Source | None:
    """A proof of the level's length in a random author's hand (or ``style``); None where the draw came to nothing."""
    problem = random_problem(rng, min(6, rng.choice((level, level, level + 1))))
    return (
        None if problem is None else _proved(problem, rng, BANDS[level], style or draw_style(rng, whole_language=True))
    )


def neutral_style(rng: Random) -> Style:
    """A hand whose names and layout say nothing: no remarks, numbered names."""
    return Style(
        naming="numbered",
        prefix=rng.choice(("s", "n", "t", "k")),
        annotated=rng.choice((1.0, 0.8, 0.5, 0.3)),
        by_formula=rng.choice((0.1, 0.3, 0.5)),
        name_hypotheses=rng.choice((1.0, 0.5)),
        absurd=rng.choice((0.0, 0.5)),
    )


BARE = Style(naming="none", annotated=0.0)
"""Challenge checking: no names, no announced conclusions."""
ANNOUNCED = Style(naming="none", annotated=1.0)
"""Challenge masking: no names, every conclusion announced."""


def partly_named(rng: Random) -> Style:
    """Challenge gap filling: names on some steps, nearly every conclusion announced."""
    return Style(
        naming="numbered",
        named=rng.choice((0.2, 0.3, 0.4)),
        prefix=rng.choice(("s", "n", "t")),
        annotated=0.95,
        by_formula=rng.choice((0.3, 0.5)),
        name_hypotheses=rng.choice((0.0, 0.3)),
    )


def machine_proof(rng: Random, band: tuple[int, int], style: Style, prover: ProverStyle = "analytic") -> Source | None:
    """A long machine-made proof with a number of lines in ``band``; None if this draw came to nothing.

    As published: a tableau of a random problem with three premises over four or five atoms, written out in full.
    """
    leaves = (6, 10) if band[0] < LONG else (8, 13)
    problem = challenge_problem(rng, leaves)
    return None if problem is None else _proved(problem, rng, band, style, prover)


LONG = 400
"""Lines of proof from which on larger formulas are drawn."""


def _proved(
    problem: tuple[tuple[Formula, ...], Formula],
    rng: Random,
    band: tuple[int, int],
    style: Style,
    prover: ProverStyle = "human",
) -> Source | None:
    premises, goal = problem
    budget = _BUDGET if prover == "human" else min(_BUDGET, _STEPS_PER_LINE * band[1])
    lines = prove_lines(premises, goal, budget=budget, style=prover, rng=rng)
    if lines is None:
        return None
    proof = write(lines, premises, style, rng)
    if not band[0] <= proof.count("\n") + 1 <= band[1]:
        return None
    if not check((premises, goal), proof, mode="strict").correct:
        return None  # a name may hide an atom that is cited afterwards; the next draw has other names
    return Source(premises, goal, proof, sum(1 for _ in applications(lines)), depth(lines))


def macro_proof(rng: Random, level: int) -> Source | None:
    """A macro proof of the level's length; None where this draw came to nothing."""
    drawn = family_problem(rng, level, large=True)
    if drawn is None:
        return None
    premises, goal = drawn
    proof = prove_macro(premises, goal, budget=_MACRO_BUDGET, rng=rng)
    low, high = MACRO_BANDS[level]
    if proof is None or not low <= proof.count("\n") + 1 <= high:
        return None
    if not check((premises, goal), proof, mode="strict", language="macro").correct:
        return None
    return Source(premises, goal, proof, proof.count(" from "), 0)
