"""Proofs as data: what a prover builds, what minimisation shortens and what the writer turns into text.

A proof is a tuple of lines. A line is a rule application or a subproof under a hypothesis; its arguments are the
formulas themselves, for in NDL an argument is good when its formula holds, whatever it was called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proofgrid.checker.formulas import Formula, implies, neg
from proofgrid.checker.rules import RULES

_HOLDS = {name: (rule.forms[0].holds, rule.forms[0].requires) for name, rule in RULES.items()}
"""Positions of the arguments that must hold, and what must hold besides (the same in every form of a rule)."""


@dataclass(frozen=True, slots=True)
class Step:
    """``formula BY rule on args``."""

    rule: str
    args: tuple[Formula, ...]
    formula: Formula

    def cited(self) -> tuple[Formula, ...]:
        """The formulas that must hold for this step."""
        if self.rule == "from":
            return self.args
        positions, besides = _HOLDS[self.rule]
        return (*(self.args[i] for i in positions), *besides)


@dataclass(frozen=True, slots=True)
class Assume:
    """``assume hypothesis { body }``; with ``absurd``, ``suppose-absurd hypothesis { body }``."""

    hypothesis: Formula
    body: tuple[Line, ...]
    absurd: bool = False

    @property
    def formula(self) -> Formula:
        """What holds after it."""
        return neg(self.hypothesis) if self.absurd else implies(self.hypothesis, self.body[-1].formula)


Line = Step | Assume


def claim(formula: Formula) -> Step:
    """The step that repeats what holds."""
    return Step("claim", (formula,), formula)


def close(lines: Sequence[Line], goal: Formula) -> tuple[Line, ...]:
    """The block that ends where ``goal`` is concluded; it claims the goal where that holds from outside."""
    for index, line in enumerate(lines):
        if line.formula is goal:
            return tuple(lines[: index + 1])
    return (*lines, claim(goal))


def minimise(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The same proof without the steps that its conclusion does not use.

    Works from the end of each block: a line stays when a later line cites its formula.
    """
    return _minimise(lines)[0]


def _minimise(lines: Sequence[Line]) -> tuple[tuple[Line, ...], dict[Formula, None]]:
    kept: list[Line] = []
    needed: dict[Formula, None] = {lines[-1].formula: None}
    for line in reversed(lines):
        if line.formula not in needed:
            continue
        del needed[line.formula]
        if isinstance(line, Step):
            kept.append(line)
            needed.update(dict.fromkeys(line.cited()))
        else:
            body, free = _minimise(line.body)
            free.pop(line.hypothesis, None)
            kept.append(Assume(line.hypothesis, body, line.absurd))
            needed.update(free)
    kept.reverse()
    return tuple(kept), needed


def prune(lines: Sequence[Line]) -> tuple[Line, ...]:
    """:func:`minimise`, and cases that do not use their hypothesis are unwrapped until there are none.

    Such a case proves what its block is to prove by itself, so the other cases and what follows are not needed.
    """
    current = minimise(lines)
    while (shorter := _unwrap(current)) is not None:
        current = minimise(shorter)
    return current


def _unwrap(lines: Sequence[Line]) -> tuple[Line, ...] | None:
    """One pass of unwrapping; None where there was nothing to do."""
    out: list[Line] = []
    changed = False
    for line in lines:
        if isinstance(line, Assume) and not line.absurd:
            if line.body[-1].formula is lines[-1].formula and line.hypothesis not in free_in(line.body):
                return (*out, *line.body)
            body = _unwrap(line.body)
            if body is not None:
                line = Assume(line.hypothesis, body)
                changed = True
        out.append(line)
    return tuple(out) if changed else None


def free_in(lines: Sequence[Line]) -> dict[Formula, None]:
    """The formulas that a block uses from outside."""
    free: dict[Formula, None] = {}
    own: dict[Formula, None] = {}
    for line in lines:
        if isinstance(line, Step):
            used = dict.fromkeys(line.cited())
        else:
            used = free_in(line.body)
            used.pop(line.hypothesis, None)
        free.update({f: None for f in used if f not in own})
        own[line.formula] = None
    return free


def applications(lines: Sequence[Line]) -> Iterator[Step]:
    """Every rule application, in text order."""
    for line in lines:
        if isinstance(line, Step):
            yield line
        else:
            yield from applications(line.body)


def nested(lines: Sequence[Line]) -> int:
    """How many subproofs there are."""
    return sum(1 + nested(line.body) for line in lines if isinstance(line, Assume))


def depth(lines: Sequence[Line]) -> int:
    """How deep subproofs are nested."""
    return max((1 + depth(line.body) for line in lines if isinstance(line, Assume)), default=0)
