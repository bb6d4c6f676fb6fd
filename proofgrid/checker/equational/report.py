"""From what is wrong with a step of a chain to the words and fields of a failure.

A wrong step is reported in one of two forms. Where the cited equations would do but for one contractum, and no other
equations do: ``wrongContractum``, with the position, the equation, what it gives there and what stands there instead.
Else ``wrongEquations``, with those that would do (``possible``), none if none do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from proofgrid.checker.equational.certificates import Relation
from proofgrid.checker.equational.lines import ChainLine
from proofgrid.checker.equational.models import find_model
from proofgrid.checker.equational.problems import EquationalProblem
from proofgrid.checker.equational.rewriting import (
    Equation,
    Explanation,
    contract,
    contractum_fault,
    explanations,
    parallel_step,
)
from proofgrid.checker.equational.terms import Term, postorder, show
from proofgrid.checker.limits import LimitReached, Work
from proofgrid.checker.verdict import FIELD_LIMIT, Diagnosis, Failure, Inference

EXPLAINED: Final = 100
"""Wrong steps of one chain that get what would do instead; with all_failures there may be very many."""
EXPLAINING: Final = 200_000
"""Units of work for all that a verdict says about wrong steps."""
_LARGE: Final = 3_000
"""Distinct subterms of the two terms of a step from which on nothing is said about what would be right."""
SHOWN: Final = 60
"""Characters of a term in a message; the fields hold more."""
MAX_POSSIBLE: Final = 100
"""Sets of equations that a failure lists."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step to judge: its line, the terms before and after, and the equations that it cites."""

    line: ChainLine
    before: Term
    after: Term
    used: tuple[Equation, ...]


class Reporter:
    """Makes the failures of one chain."""

    def __init__(self, problem: EquationalProblem, relation: Relation, most: int | None, work: Work) -> None:
        self._problem, self._relation, self._most = problem, relation, most
        self._equations = tuple(problem.equations.values())
        self._work = work.aside(EXPLAINING)
        self._made = 0

    def unfilled(self, line: ChainLine) -> Failure:
        """A gap is left."""
        return _failure(line, "unfilled", "syntax", "a gap is left in the chain")

    def wrong_ends(self, start: Term, end: Term, actual: str) -> Failure:
        """The chain connects other terms than the problem's."""
        problem = self._problem
        if start is not problem.start:
            message = f"the chain starts at {_short(start)}, not at {_short(problem.start)}"
        else:
            message = f"the chain ends at {_short(end)}, not at {_short(problem.goal)}"
        return Failure(
            kind="wrongTopConclusion",
            class_="logic",
            step=None,
            line=0,
            column=0,
            message=message,
            expected=f"{show(problem.start, FIELD_LIMIT)} = {show(problem.goal, FIELD_LIMIT)}",
            actual=actual,
        )

    def unknown_equation(self, step: Step, name: str) -> Failure:
        """The step cites what is no equation of the problem."""
        known = ", ".join(self._problem.equations)[:300] or "none"
        message = f"no equation is called '{name[:60]}' (there are: {known})"
        failure = self._described(step, "undefinedName", "syntax", message)
        return replace(failure, column=step.line.cited_column or step.line.column, cited=failure.arguments)

    def malformed(self, step: Step, message: str) -> Failure:
        """The step has not the form of one."""
        return self._described(step, "malformedRuleApp", "type", message)

    def wrong_step(self, step: Step) -> Failure:
        """The equations cited do not give the step."""
        cited = ", ".join(e.name for e in step.used[:100])
        if _is_large(step):
            return self._described(step, "wrongEquations", "logic", f"the step is not by {cited}")
        possible = self._possible(step)
        if possible:
            would = " or ".join(f"by {', '.join(e.equations)}" for e in possible[:3])
            message = f"the step is not by {cited}; it is {would}"
            return self._described(step, "wrongEquations", "logic", message, possible)
        try:
            return self._wrong_contractum(step, cited)
        except LimitReached:  # the step is wrong; what would be right takes too long to find
            message = f"the step is not by {cited}"
            return self._described(step, "wrongEquations", "logic", message, possible)

    def _wrong_contractum(self, step: Step, cited: str) -> Failure:
        fault = contractum_fault(step.before, step.after, step.used, work=self._work)
        backwards = False
        if fault is None and self._relation == "symmetric":
            fault = contractum_fault(step.after, step.before, step.used, work=self._work)
            backwards = fault is not None
        if fault is None:
            message = f"the step is not by {cited}, nor by any other set of the equations"
            hint = self._turned(step) or self._why_not(step)
            return replace(self._described(step, "wrongEquations", "logic", message, ()), hint=hint)
        place = f"at position {list(fault.position[:40])}" if fault.position else "at the root"
        message = (
            f"{fault.equation.name} rewrites {_short(fault.redex)} {place} to {_short(fault.expected)}, "
            f"not to {_short(fault.actual)}"
        )
        return replace(
            self._described(
                step,
                "wrongContractum",
                "logic",
                f"read from right to left, {message}" if backwards else message,
                (),
            ),
            position=fault.position[:FIELD_LIMIT],
            equation=fault.equation.name,
            expected=show(fault.expected, FIELD_LIMIT),
            actual=show(fault.actual, FIELD_LIMIT),
            hint=self._turned(step),
        )

    def _possible(self, step: Step) -> tuple[Explanation, ...] | None:
        """What would do instead; None where that takes too long to find."""
        if self._made >= EXPLAINED or _is_large(step):
            return None
        try:
            return explanations(
                step.before,
                step.after,
                self._equations,
                symmetric=self._relation == "symmetric",
                most=self._most,
                work=self._work,
            )
        except LimitReached:
            return None

    def _turned(self, step: Step) -> str | None:
        """That the step would do if it went the other way, in a sentence."""
        if self._relation == "symmetric" or not parallel_step(step.after, step.before, step.used, work=self._work):
            return None
        cited = ", ".join(e.name for e in step.used[:100])
        return f"{cited} would do it from right to left; a step goes from left to right"

    def _why_not(self, step: Step) -> str | None:
        """The first cited equation that has no redex at all, in a sentence."""
        backwards = step.after if self._relation == "symmetric" else None
        before = tuple(postorder(step.before))
        after = tuple(postorder(backwards)) if backwards is not None else ()
        for equation in step.used:
            self._work.spend(len(before) + len(after))
            if all(contract(here, equation) is None for here in (*before, *after)):
                either = f", nor of {_short(backwards)}" if backwards is not None else ""
                return (
                    f"{equation.name}'s left side {_short(equation.left)} matches no part of "
                    f"{_short(step.before)}{either}"
                )
        return None

    def _described(
        self,
        step: Step,
        kind: str,
        class_: Literal["syntax", "type", "logic"],
        message: str,
        possible: tuple[Explanation, ...] | None = None,
    ) -> Failure:
        if possible is None:
            possible = self._possible(step)
        diagnosis = None if possible is None else self._diagnosis(step, possible)
        self._made += 1
        used = tuple(show(e.left, FIELD_LIMIT) + " = " + show(e.right, FIELD_LIMIT) for e in step.used[:100])
        sets = dict.fromkeys(e.equations for e in possible or ())
        return replace(
            _failure(step.line, kind, class_, message),
            rule="by",
            arguments=tuple(name[:60] for name in (step.line.cited or ())[:100]),
            evaluated=used,
            inference=Inference(from_=(show(step.before, FIELD_LIMIT), *used), to=show(step.after, FIELD_LIMIT)),
            diagnosis=diagnosis,
            cited=tuple(e.name for e in step.used[:100]),
            possible=None if possible is None else tuple(sets)[:MAX_POSSIBLE],
        )

    def _diagnosis(self, step: Step, possible: Sequence[Explanation]) -> Diagnosis | None:
        """Slip: some equations do it, one way or the other. Fallacy: a small model refutes it. Else unknown."""
        try:
            if possible or explanations(step.before, step.after, self._equations, symmetric=True, work=self._work):
                return "slip"
            model = find_model(self._equations, step.before, step.after, clauses=20_000, work=self._work)
        except LimitReached:
            return None
        return None if model is None else "fallacy"


def _is_large(step: Step) -> bool:
    """Whether the terms of a step are too large for anything to be looked for in them."""
    seen: set[Term] = set()
    stack = [step.before, step.after]
    while stack and len(seen) <= _LARGE:
        term = stack.pop()
        if term not in seen:
            seen.add(term)
            stack.extend(term.args)
    return len(seen) > _LARGE


def _failure(line: ChainLine, kind: str, class_: Literal["syntax", "type", "logic"], message: str) -> Failure:
    return Failure(
        kind=kind,
        class_=class_,
        step=line.step,
        line=line.line,
        column=line.column,
        message=message,
        text=line.text,
    )


def _short(term: Term) -> str:
    text = show(term, SHOWN + 1)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
