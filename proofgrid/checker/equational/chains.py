"""Checking an equational chain (SPEC 5): every step a parallel step by exactly the equations it names.

A wrong step is reported in one of two forms. Where the cited equations would do but for one contractum, and no other
equations do: ``wrongContractum``, with the position, the equation, what it gives there and what stands there instead.
Else ``wrongEquations``, with those that would do (``possible``), none if none do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from proofgrid.checker.equational.certificates import Relation
from proofgrid.checker.equational.models import find_model
from proofgrid.checker.equational.parsing import ChainLine, EquationalProblem, parse_chain, parse_equational_problem
from proofgrid.checker.equational.rewriting import (
    Contraction,
    Equation,
    Explanation,
    contract,
    contractum_fault,
    explanations,
    parallel_step,
    symmetric_step,
)
from proofgrid.checker.equational.terms import Term, postorder, variables
from proofgrid.checker.errors import ProblemSyntaxError
from proofgrid.checker.limits import LimitReached, Work, check_steps, within_limits
from proofgrid.checker.places import Places
from proofgrid.checker.verdict import Diagnosis, Failure, Fix, Inference, Mode, Rewrite, Verdict

_EXPLAINED = 100
"""Wrong steps of one chain for which a countermodel is sought; with all_failures there may be very many."""
_EXPLAINING = 500_000
"""Units of work for all countermodels of one verdict."""
_SHOWN = 60
"""Characters of a term in a message; the fields hold it whole."""


def check_chain(
    problem: str | EquationalProblem,
    proof: str,
    *,
    mode: Mode = "instrumented",
    all_failures: bool = False,
    relation: Relation = "parallel",
    most: int | None = None,
    timeout: float | None = None,
) -> Verdict:
    """Check the chain ``proof`` against ``problem`` (``E1: l = r # ... # s = t``); total on any text of the chain.

    ``relation`` and ``most`` (the number of equations that one step may use) are the task's: EQ-GF is
    ``relation="symmetric", most=2``. With ``all_failures`` the check goes on after a wrong step from the term it gives.
    A correct chain's verdict bears ``rewrites``: a tuple a step, in the positions' order. Raises ProblemSyntaxError
    where the problem cannot be read.
    """
    given = parse_equational_problem(problem) if isinstance(problem, str) else problem
    if not isinstance(given, EquationalProblem):
        raise ProblemSyntaxError("an equational problem is one text: 'E1: l = r # ... # s = t'")

    def check(text: str, work: Work) -> Verdict:
        return _Check(mode, relation, most, all_failures, text, work).run(given)

    return within_limits(check, proof, mode=mode, language="equational", timeout=timeout)


@dataclass(frozen=True, slots=True)
class _Step:
    line: ChainLine
    before: Term
    after: Term
    used: tuple[Equation, ...]


class _Check:
    def __init__(
        self, mode: Mode, relation: Relation, most: int | None, all_failures: bool, proof: str, work: Work
    ) -> None:
        self.mode, self.relation, self.most, self.all_failures = mode, relation, most, all_failures
        self.failures: list[Failure] = []
        self.fixes: list[Fix] = []
        self.rewrites: list[tuple[Rewrite, ...]] = []
        self.steps = 0
        self.conclusion: str | None = None
        self.work, self.explaining = work, work.aside(_EXPLAINING)
        self.proof = proof
        self.places = Places(proof)

    def stop(self, failure: Failure) -> None:
        self.failures.append(failure)

    def verdict(self) -> Verdict:
        failures = tuple(self.failures)
        if self.mode == "strict" and self.fixes:
            fix = self.fixes[0]
            text = self.places.line_text(fix.line)
            column = len(text) - len(text.lstrip()) + 1
            message = f"not in strict form: {fix.message}"
            failure = Failure("Parsing", "syntax", fix.step, fix.line, column, message, text=text)
            before = tuple(f for f in failures if 0 < f.line < fix.line)
            failures = (*before, failure, *failures[len(before) :])
        return Verdict(
            correct=not failures,
            strict=not failures and not self.fixes,
            conclusion=self.conclusion,
            fixes=tuple(self.fixes) if self.mode == "instrumented" else (),
            failure=failures[0] if failures else None,
            failures=failures if self.all_failures else (),
            steps=self.steps,
            mode=self.mode,
            language="equational",
            rewrites=None if failures else tuple(self.rewrites),
        )

    def run(self, problem: EquationalProblem) -> Verdict:
        self.check(problem)
        return self.verdict()

    def check(self, problem: EquationalProblem) -> None:
        chain = parse_chain(self.proof, problem.equations)
        self.fixes += chain.fixes
        lines = chain.lines
        check_steps(len(lines))
        start = lines[0].term or problem.start if lines else problem.start
        before: Term | None = start
        whole = chain.failure is None
        for line in lines:
            if line.kind == "gap":
                whole = False
                self.stop(_failure(line, "unfilled", "syntax", "a gap is left in the chain"))
                before = line.term
            elif line.kind == "step":
                self.steps += 1
                self.work.spend()
                if before is not None and line.term is not None:
                    self.check_step(problem, line, before, line.term)
                before = line.term
            if self.failures and not self.all_failures:
                return
        if chain.failure is not None:
            self.stop(chain.failure)
        if not whole or before is None:
            return
        self.conclusion = f"{start} = {before}"
        if (start is not problem.start or before is not problem.goal) and not self.failures:
            self.wrong_ends(problem, start, before)

    def wrong_ends(self, problem: EquationalProblem, start: Term, end: Term) -> None:
        if start is not problem.start:
            message = f"the chain starts at {_short(start)}, not at {_short(problem.start)}"
        else:
            message = f"the chain ends at {_short(end)}, not at {_short(problem.goal)}"
        expected = f"{problem.start} = {problem.goal}"
        self.stop(
            Failure("wrongTopConclusion", "logic", None, 0, 0, message, expected=expected, actual=f"{start} = {end}")
        )

    def check_step(self, problem: EquationalProblem, line: ChainLine, before: Term, after: Term) -> None:
        cited = line.cited or ()
        used: dict[str, Equation] = {}
        for name in cited:
            equation = problem.equations.get(name)
            if equation is None:
                known = ", ".join(problem.equations) or "none"
                message = f"no equation is called '{name}' (there are: {known})"
                step = _Step(line, before, after, tuple(used.values()))
                failure = self.described(problem, step, "undefinedName", "syntax", message)
                self.stop(replace(failure, column=line.cited_column or line.column, cited=cited))
                return
            if name in used:
                self.fixes.append(
                    Fix(
                        "citation", "syntax", line.step, line.line, f"'{name}' is named twice; it can be used once only"
                    )
                )
            used[name] = equation
        step = _Step(line, before, after, tuple(used.values()))
        if not cited:
            self.stop(self.described(problem, step, "malformedRuleApp", "type", "the step names no equation"))
        elif self.most is not None and len(used) > self.most:
            message = f"the step uses {len(used)} equations; {self.most} are allowed"
            self.stop(self.described(problem, step, "malformedRuleApp", "type", message))
        else:
            contractions = self.contractions(step)
            if contractions is None:
                self.stop(self.wrong_step(problem, step))
            else:
                self.rewrites.append(tuple(_rewrite(c) for c in contractions))

    def contractions(self, step: _Step) -> tuple[Contraction, ...] | None:
        if self.relation == "parallel":
            return parallel_step(step.before, step.after, step.used, work=self.work)
        both = symmetric_step(step.before, step.after, step.used, work=self.work)
        return None if both is None else both[1]

    def possible(self, problem: EquationalProblem, step: _Step) -> tuple[Explanation, ...]:
        return explanations(
            step.before,
            step.after,
            tuple(problem.equations.values()),
            symmetric=self.relation == "symmetric",
            most=self.most,
            work=self.work,
        )

    def wrong_step(self, problem: EquationalProblem, step: _Step) -> Failure:
        possible = self.possible(problem, step)
        cited = ", ".join(e.name for e in step.used)
        if possible:
            would = " or ".join(f"by {', '.join(e.equations)}" for e in possible[:3])
            message = f"the step is not by {cited}; it is {would}"
            return self.described(problem, step, "wrongEquations", "logic", message, possible)
        fault = contractum_fault(step.before, step.after, step.used, work=self.work)
        backwards = False
        if fault is None and self.relation == "symmetric":
            fault = contractum_fault(step.after, step.before, step.used, work=self.work)
            backwards = fault is not None
        if fault is None:
            message = f"the step is not by {cited}, nor by any other set of the equations"
            return replace(
                self.described(problem, step, "wrongEquations", "logic", message, possible),
                hint=self.turned(step) or _why_not(step, self.relation),
            )
        place = f"at position {list(fault.position)}" if fault.position else "at the root"
        message = (
            f"{fault.equation.name} rewrites {_short(fault.redex)} {place} to {_short(fault.expected)}, "
            f"not to {_short(fault.actual)}"
        )
        if backwards:
            message = f"read from right to left, {message}"
        return replace(
            self.described(problem, step, "wrongContractum", "logic", message, possible),
            position=fault.position,
            equation=fault.equation.name,
            expected=str(fault.expected),
            actual=str(fault.actual),
            hint=self.turned(step),
        )

    def turned(self, step: _Step) -> str | None:
        """That the step would do if it went the other way, in a sentence."""
        if self.relation == "symmetric" or not parallel_step(step.after, step.before, step.used, work=self.work):
            return None
        cited = ", ".join(e.name for e in step.used)
        return f"{cited} would do it from right to left; a step goes from left to right"

    def described(
        self,
        problem: EquationalProblem,
        step: _Step,
        kind: str,
        class_: Literal["syntax", "type", "logic"],
        message: str,
        possible: tuple[Explanation, ...] | None = None,
    ) -> Failure:
        if possible is None:
            possible = self.possible(problem, step)
        return replace(
            _failure(step.line, kind, class_, message),
            rule="by",
            arguments=step.line.cited or (),
            evaluated=tuple(str(e) for e in step.used),
            inference=Inference((str(step.before), *(str(e) for e in step.used)), str(step.after)),
            diagnosis=self.diagnosis(problem, step, possible),
            cited=tuple(e.name for e in step.used),
            possible=tuple(dict.fromkeys(e.equations for e in possible)),
        )

    def diagnosis(self, problem: EquationalProblem, step: _Step, possible: Sequence[Explanation]) -> Diagnosis | None:
        """Slip: some equations do it, one way or the other. Fallacy: a small model refutes it. Else unknown."""
        equations = tuple(problem.equations.values())
        if possible or explanations(step.before, step.after, equations, symmetric=True, work=self.work):
            return "slip"
        if len(self.failures) >= _EXPLAINED:
            return None
        try:
            model = find_model(equations, step.before, step.after, clauses=20_000, work=self.explaining)
        except LimitReached:
            return None
        return None if model is None else "fallacy"


def _failure(
    line: ChainLine, kind: str, class_: Literal["syntax", "type", "logic"], message: str, *, column: int = 0
) -> Failure:
    return Failure(kind, class_, line.step, line.line, column or line.column, message, text=line.text)


def _rewrite(c: Contraction) -> Rewrite:
    names = variables(c.equation.left, c.equation.right)
    substitution = {name: str(c.substitution[name]) for name in names}
    return Rewrite(c.equation.name, c.position, str(c.redex), str(c.contractum), substitution)


def _short(term: Term) -> str:
    text = str(term)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _why_not(step: _Step, relation: Relation) -> str | None:
    """The first cited equation that has no redex at all, in a sentence."""
    backwards = step.after if relation == "symmetric" else None
    before = tuple(postorder(step.before))
    after = tuple(postorder(backwards)) if backwards is not None else ()
    for equation in step.used:
        if all(contract(here, equation) is None for here in (*before, *after)):
            either = f", nor of {_short(backwards)}" if backwards is not None else ""
            return (
                f"{equation.name}'s left side {_short(equation.left)} matches no part of {_short(step.before)}{either}"
            )
    return None
