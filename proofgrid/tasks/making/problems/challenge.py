"""Problems whose analytic proofs have the lengths of the challenge tasks.

Random entailments are joined (their premises together, the conjunction of their goals) until the proof, which proves
one conjunct after the other, is as long as asked for.
"""

from __future__ import annotations

from random import Random

from proofgrid.checker import countermodel
from proofgrid.checker.formulas import FALSE, Formula, atoms, conj
from proofgrid.tasks.making.problems.drawing import draw_family, rename
from proofgrid.tasks.making.problems.random_formulas import CHALLENGE, LETTERS, random_entailment
from proofgrid.tasks.making.provers.analytic import Analytic
from proofgrid.tasks.making.provers.lines import Line, Step, applications, nested, prune

_BUDGET = 6_000
_DRAWS = 400
_SMALLEST = 40
"""Lines of proof below which a problem is not worth joining; the longer the whole, the longer its parts."""

Proved = tuple[tuple[Formula, ...], Formula, tuple[Line, ...]]


def written_lines(lines: tuple[Line, ...]) -> int:
    """How many lines of text a proof takes: one a step, two for the braces of each subproof and of the whole."""
    return sum(1 for _ in applications(lines)) + 2 * nested(lines) + (2 if len(lines) > 1 else 0)


def challenge_problem(rng: Random, least: int, most: int) -> Proved | None:
    """(premises, goal, an analytic proof of ``least`` to ``most`` lines); None where the draws came to nothing."""
    so_far: Proved | None = None
    for _ in range(_DRAWS):
        part = _part(rng, atoms(*so_far[0], so_far[1]) if so_far else ())
        if part is None or not max(_SMALLEST, least // 8) <= written_lines(part[2]) <= most:
            continue
        joined = part if so_far is None else _join(so_far, part)
        if joined is None or written_lines(joined[2]) > most:
            continue
        so_far = joined
        if written_lines(so_far[2]) >= least:
            return so_far
    return None


def _part(rng: Random, taken: tuple[str, ...]) -> Proved | None:
    """A problem and its proof; all but one of its letters are new, so that few parts contradict each other."""
    if rng.random() < 0.85:
        drawn = random_entailment(rng, rng.choice((6, 6, CHALLENGE)))
    else:
        family = draw_family(rng, 3)
        drawn = family and family[:2]
    if drawn is None:
        return None
    premises, goal = drawn
    letters = list(dict.fromkeys(name[0] for name in atoms(*premises, goal)))
    used = sorted({name[0] for name in taken})
    pool = [c for c in LETTERS if c not in used]
    if len(letters) > len(pool):
        return None
    chosen = rng.sample(pool[: len(letters) + 1], len(letters))
    if used:
        chosen[0] = rng.choice(used)
    new = dict(zip(letters, chosen, strict=True))
    premises, goal = tuple(rename(p, new) for p in premises), rename(goal, new)
    lines = Analytic(premises, goal, _BUDGET, rng).run()
    return None if lines is None else (premises, goal, lines)


def _join(one: Proved, two: Proved) -> Proved | None:
    """Both problems as one: all premises, both goals; None where the premises contradict each other."""
    premises = (*one[0], *(p for p in two[0] if p not in one[0]))
    if two[1] is one[1] or countermodel(premises, FALSE) is None:
        return None
    goal = conj(one[1], two[1])
    return premises, goal, prune((*one[2], *two[2], Step("both", (one[1], two[1]), goal)))
