"""Checking an equational chain (docs/spec.md section 5): every step a parallel step by exactly what it cites."""

from __future__ import annotations

from proofgrid.checker.equational.certificates import Relation
from proofgrid.checker.equational.lines import ChainLine, format_chain
from proofgrid.checker.equational.matching import differ_too_much
from proofgrid.checker.equational.problems import EquationalProblem, parse_equational_problem
from proofgrid.checker.equational.read import CITATION, ChainReader
from proofgrid.checker.equational.report import Reporter, Step
from proofgrid.checker.equational.rewriting import FEW, Contraction, Equation, parallel_step
from proofgrid.checker.equational.terms import Term, show, variables
from proofgrid.checker.errors import ProblemSyntaxError
from proofgrid.checker.limits import Work, check_steps, within_limits
from proofgrid.checker.places import Places, plain_text
from proofgrid.checker.verdict import FIELD_LIMIT, MAX_FAILURES, Failure, Fix, Mode, Rewrite, Verdict

MOST_KNOWN = 10_000
"""Steps of a chain of which the account is kept for another like it."""
MAX_REWRITES = 100_000
"""Characters of all rewrites that a verdict lists, at least; four times the proof's where that is more."""


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
    given = _given(problem)

    def check(text: str, work: Work) -> Verdict:
        checking = _Check(given, text, mode, relation, most, all_failures, work)
        checking.run()
        return checking.verdict()

    return within_limits(check, proof, mode=mode, language="equational", timeout=timeout)


def as_read(
    problem: str | EquationalProblem, proof: str, *, relation: Relation = "parallel", most: int | None = None
) -> str:
    """``proof`` as the instrumented reader takes it: its steps in strict form, every fix applied.

    It ends before the first failure. Of a chain that is correct in instrumented mode it is correct in strict mode.
    """
    text = plain_text(proof)
    checking = _Check(_given(problem), text, "instrumented", relation, most, False, Work(length=len(text)))
    checking.run()
    return format_chain(checking.start, checking.right)


def _given(problem: str | EquationalProblem) -> EquationalProblem:
    given = parse_equational_problem(problem) if isinstance(problem, str) else problem
    if not isinstance(given, EquationalProblem):
        raise ProblemSyntaxError("an equational problem is one text: 'E1: l = r # ... # s = t'")
    return given


class _Check:
    def __init__(
        self,
        problem: EquationalProblem,
        proof: str,
        mode: Mode,
        relation: Relation,
        most: int | None,
        all_failures: bool,
        work: Work,
    ) -> None:
        self.problem, self.proof = problem, proof
        self.mode, self.relation, self.most, self.all_failures = mode, relation, most, all_failures
        self.work = work
        self.reader = ChainReader(proof, problem.equations)
        self.fixes = self.reader.fixes
        self.report = Reporter(problem, relation, most, work)
        self.failures: list[Failure] = []
        self.rewrites: list[tuple[Rewrite, ...]] = []
        self.room = max(MAX_REWRITES, 2 * len(proof))
        """Characters that the rewrites may still take."""
        self.right: list[tuple[Term, tuple[str, ...]]] = []
        """The steps that are right: the term, and the names of the equations."""
        self.known: dict[tuple[Term, Term, tuple[str, ...], bool | None], tuple[Contraction, ...] | None] = {}
        """The accounts of the steps so far: a chain may go back and forth."""
        self.steps = 0
        self.start: Term = problem.start
        self.conclusion: str | None = None

    def run(self) -> None:
        lines = self.reader.lines
        before: Term | None = self.start
        whole = True
        done = 0
        for settled in self.reader.read():
            check_steps(settled)
            for line in lines[done:settled]:
                if done == 0 and line.term is not None:
                    before = self.start = line.term
                done += 1
                if line.kind == "gap":
                    whole = False
                    self.failures.append(self.report.unfilled(line))
                    before = line.term
                elif line.kind == "step":
                    self.steps += 1
                    self.work.spend()
                    if before is not None and line.term is not None:
                        failure = self.check_step(line, before, line.term)
                        if failure is not None:
                            self.failures.append(failure)
                    before = line.term
                if self.failures and (not self.all_failures or len(self.failures) == MAX_FAILURES):
                    return
        if self.reader.failed is not None:
            self.failures.append(self.reader.failed)
        if self.reader.failed is not None or not whole or before is None:
            return
        self.conclusion = f"{show(self.start, FIELD_LIMIT)} = {show(before, FIELD_LIMIT)}"
        if (self.start is not self.problem.start or before is not self.problem.goal) and not self.failures:
            self.failures.append(self.report.wrong_ends(self.start, before, self.conclusion))

    def verdict(self) -> Verdict:
        failures = tuple(self.failures)
        listed = self.fixes.listed
        if self.mode == "strict" and self.fixes:
            failure = _deviation(listed[0], Places(self.proof))
            before = tuple(f for f in failures if 0 < f.line < failure.line)
            failures = (*before, failure, *failures[len(before) :])
        elif failures and not self.all_failures and failures[0].line:  # what was read after it was of no help
            listed = [fix for fix in listed if fix.line <= failures[0].line]
        shown = self.mode == "instrumented"
        return Verdict(
            correct=not failures,
            strict=not failures and not self.fixes,
            conclusion=self.conclusion,
            fixes=tuple(listed) if shown else (),
            fixes_left_out=self.fixes.left_out if shown and len(listed) == len(self.fixes.listed) else 0,
            failure=failures[0] if failures else None,
            failures=failures if self.all_failures else (),
            steps=self.steps,
            mode=self.mode,
            language="equational",
            rewrites=None if failures else tuple(self.rewrites),
        )

    def check_step(self, line: ChainLine, before: Term, after: Term) -> Failure | None:
        """The failure of one step, or None; then its rewrites are kept."""
        used: dict[str, Equation] = {}
        again: dict[str, int] = {}
        unknown: str | None = None
        for name in line.cited or ():
            equation = self.problem.equations.get(name)
            if equation is None:
                unknown = name
                break
            if name in used:
                again[name] = again.get(name, 0) + 1
            used[name] = equation
        for name, times in again.items():
            message = f"'{name}' is named twice; it can be used once only"
            self.fixes.add(Fix(kind=CITATION, class_="syntax", step=line.step, line=line.line, message=message), times)
        step = Step(line, before, after, tuple(used.values()))
        if unknown is not None:
            return self.report.unknown_equation(step, unknown)
        if not used:
            return self.report.malformed(step, "the step names no equation")
        if self.most is not None and len(used) > self.most:
            return self.report.malformed(step, f"the step uses {len(used)} equations; {self.most} are allowed")
        if line.backwards and self.relation == "parallel":
            return self.report.malformed(step, "a step goes from left to right; this one is said to go the other way")
        key = (before, after, tuple(used), line.backwards)
        if key in self.known:
            contractions = self.known[key]
        else:
            contractions = self.contractions(step)
            if len(self.known) < MOST_KNOWN:
                self.known[key] = contractions
        if contractions is None:
            return self.report.wrong_step(step)
        self.right.append((after, tuple(used)))
        if self.room > 0:
            made = tuple(_rewrite(c) for c in contractions)
            self.room -= sum(
                100 + 4 * len(r.position) + len(r.redex) + len(r.contractum) + sum(map(len, r.substitution.values()))
                for r in made
            )
            self.rewrites.append(made)
        return None

    def contractions(self, step: Step) -> tuple[Contraction, ...] | None:
        """One account of the step by its equations, in the direction that it states; None where there is none."""
        backwards = step.line.backwards
        if backwards:
            return self.one_way(step.after, step.before, step.used)
        forwards = self.one_way(step.before, step.after, step.used)
        if forwards is not None or self.relation == "parallel" or backwards is False:
            return forwards
        return self.one_way(step.after, step.before, step.used)

    def one_way(self, s: Term, t: Term, used: tuple[Equation, ...]) -> tuple[Contraction, ...] | None:
        """The contractions of ``s ==>_used t``; None where it is no such step."""
        if 1 < len(used) <= FEW and differ_too_much(s, t, [(e.left, e.right) for e in used], self.work):
            return None
        return parallel_step(s, t, used, work=self.work)


def _deviation(fix: Fix, places: Places) -> Failure:
    """What strict mode makes of a fix."""
    text = places.line_text(fix.line)
    return Failure(
        kind="Parsing",
        class_="syntax",
        step=fix.step,
        line=fix.line,
        column=len(text) - len(text.lstrip()) + 1,
        message=f"not in strict form: {fix.message}",
        text=text,
    )


def _rewrite(c: Contraction) -> Rewrite:
    names = variables(c.equation.left, c.equation.right)
    return Rewrite(
        equation=c.equation.name,
        position=c.position,
        redex=show(c.redex, FIELD_LIMIT),
        contractum=show(c.contractum, FIELD_LIMIT),
        substitution={name: show(c.substitution[name], FIELD_LIMIT) for name in names},
    )
