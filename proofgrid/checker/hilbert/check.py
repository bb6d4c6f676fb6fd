"""Checking a Hilbert proof (docs/spec.md section 4): line by line, each by its justification alone."""

from __future__ import annotations

from collections.abc import Sequence

from proofgrid.checker.formulas import Formula, show
from proofgrid.checker.hilbert.axioms import VARIABLES, match_axiom
from proofgrid.checker.hilbert.lines import Axiom, HilbertLine, ModusPonens, Premise, format_proof
from proofgrid.checker.hilbert.read import ASSIGNMENT, ProofReader, Unreadable
from proofgrid.checker.hilbert.report import Reporter
from proofgrid.checker.limits import Work, check_steps, within_limits
from proofgrid.checker.places import plain_text
from proofgrid.checker.slips import NUMBERING
from proofgrid.checker.verdict import FIELD_LIMIT, MAX_FAILURES, Failure, Fix, Mode, Verdict

MP_ORDER = "mp-order"


def check_hilbert(
    premises: Sequence[Formula],
    goal: Formula,
    proof: str,
    *,
    mode: Mode = "instrumented",
    all_failures: bool = False,
    timeout: float | None = None,
) -> Verdict:
    """Check ``proof``, lines ``k. formula, justification;``, as a derivation of ``goal`` from ``premises``.

    Total: any text gets a verdict. A failure's ``step`` is the line's number in the proof (from 0). With
    ``all_failures`` the check goes on after a wrong line, taking its formula as derived.
    """

    def check(text: str, work: Work) -> Verdict:
        checking = _Check(tuple(premises), goal, text, mode, all_failures, work)
        checking.run()
        return checking.verdict()

    return within_limits(check, proof, mode=mode, language="hilbert", timeout=timeout)


def as_read(premises: Sequence[Formula], goal: Formula, proof: str) -> str:
    """``proof`` as the instrumented reader takes it: lines in strict form, every fix applied.

    It ends before the first failure. Of a proof that is correct in instrumented mode it is correct in strict mode.
    """
    text = plain_text(proof)
    checking = _Check(tuple(premises), goal, text, "instrumented", False, Work(length=len(text)))
    checking.run()
    return format_proof(checking.lines)


class _Check:
    def __init__(
        self, premises: tuple[Formula, ...], goal: Formula, proof: str, mode: Mode, all_failures: bool, work: Work
    ) -> None:
        self.premises, self.goal, self.mode, self.all_failures = premises, goal, mode, all_failures
        self.reader = ProofReader(proof, premises, goal)
        self.fixes = self.reader.fixes
        self.report = Reporter(self.reader.places, premises, work)
        self.work = work
        self.failures: list[Failure] = []
        self.formulas: list[Formula] = []
        self.lines: list[HilbertLine] = []
        """The lines so far as they were meant: numbered by place, slips of the justification mended."""
        self.index: dict[int, int] = {}
        """A line's number as written -> its place in the proof."""
        self.ambiguous: set[int] = set()
        """Numbers that two lines with different formulas bear."""
        self.renumbered = False

    def run(self) -> None:
        strict = self.mode == "strict"
        for line in self.reader.lines():
            self.work.spend()
            check_steps(len(self.formulas) + 1)
            if isinstance(line, Unreadable):
                self.failures.append(self.report.unreadable(line))
                return
            place = len(self.formulas)
            if line.number != place and not self.renumbered:
                self.renumbered = True
                self.fix(NUMBERING, f"line {line.number} should have the number {place}", line.start)
            failure = self.check_line(line)
            if strict and self.fixes:
                failure = self.report.deviation(self.fixes.listed[0], line, self.cited(line))
            if failure is not None:
                self.failures.append(failure)
                if not self.all_failures or (strict and self.fixes) or len(self.failures) == MAX_FAILURES:
                    return
                self.report.assumed.append(line.formula)
            if line.number in self.index and self.formulas[self.index[line.number]] is not line.formula:
                self.ambiguous.add(line.number)
            self.index[line.number] = place
            self.formulas.append(line.formula)
        if strict and self.fixes:
            self.failures.append(self.report.deviation(self.fixes.listed[0]))
        elif not self.failures and not self.formulas:
            self.failures.append(self.report.empty())
        elif not self.failures and self.formulas[-1] is not self.goal:
            self.failures.append(self.report.wrong_conclusion(self.formulas[-1], self.goal))

    def verdict(self) -> Verdict:
        ok = not self.failures
        ended = bool(self.formulas) and (ok or self.failures[-1].kind == "wrongTopConclusion")
        unfinished = not ended and not self.all_failures and not self.reader.empty
        shown = self.mode == "instrumented"
        return Verdict(
            correct=ok,
            strict=ok and not self.fixes,
            conclusion=show(self.formulas[-1], FIELD_LIMIT) if ended else None,
            fixes=tuple(self.fixes.listed) if shown else (),
            fixes_left_out=self.fixes.left_out if shown else 0,
            failure=None if ok else self.failures[0],
            failures=tuple(self.failures) if self.all_failures else (),
            steps=len(self.formulas) + unfinished,
            mode=self.mode,
            language="hilbert",
        )

    def fix(self, kind: str, message: str, offset: int, *, structural: bool = False) -> None:
        self.fixes.add(
            Fix(
                kind=kind,
                class_="structural" if structural else "syntax",
                step=len(self.formulas),
                line=self.reader.places.line(offset),
                message=message,
            )
        )

    def cited(self, line: HilbertLine) -> tuple[Formula, ...]:
        """The formulas that a modus ponens cites, as far as there are any."""
        because = line.justification
        if not isinstance(because, ModusPonens):
            return ()
        places = (self.index.get(n) for n in (because.implication, because.antecedent))
        return tuple(self.formulas[n] for n in places if n is not None)

    def check_line(self, line: HilbertLine) -> Failure | None:
        """The failure of one line, or None; then the line as meant is among ``lines``."""
        because = line.justification
        if isinstance(because, ModusPonens):
            return self.check_mp(line, because)
        if isinstance(because, Axiom):
            return self.check_axiom(line, because)
        if not isinstance(because, Premise):
            return self.report.no_justification(line, because)
        n = because.number
        if 1 <= n <= len(self.premises) and self.premises[n - 1] is line.formula:
            self.lines.append(HilbertLine(len(self.formulas), line.formula, because))
            return None
        return self.report.wrong_premise(line, n)

    def check_axiom(self, line: HilbertLine, because: Axiom) -> Failure | None:
        n = because.number
        values = match_axiom(n, line.formula)
        if values is None:
            return self.report.no_instance(line, because)
        right = tuple((name, values[name]) for name in VARIABLES[n])
        noted = any(fix.kind == ASSIGNMENT and fix.step == len(self.formulas) for fix in self.fixes.listed[-4:])
        if because.values != right and not noted:
            written = ", ".join(name for name, _ in because.values[:9]) or "none"
            shown = ", ".join(f"{name} := {show(value, 60)}" for name, value in right)
            message = f"the assignments ({written}) were replaced by {shown}"
            self.fix(ASSIGNMENT, message, line.justification_at, structural=True)
        self.lines.append(HilbertLine(len(self.formulas), line.formula, Axiom(n, right)))
        return None

    def check_mp(self, line: HilbertLine, because: ModusPonens) -> Failure | None:
        numbers = (because.implication, because.antecedent)
        places: list[int] = []
        for n in numbers:
            where = self.index.get(n)
            if where is None or n in self.ambiguous:
                return self.report.unknown_line(line, numbers, n, ambiguous=where is not None)
            places.append(where)
        i, j = places
        first, second = self.formulas[i], self.formulas[j]
        if first.op == "==>" and first.left is second:
            gives = first.right
        elif second.op == "==>" and second.left is first:
            gives = second.right
            i, j = j, i
            if gives is line.formula:
                message = f"mp, {numbers[0]}, {numbers[1]} was read with its lines swapped"
                self.fix(MP_ORDER, message, line.justification_at, structural=True)
        else:
            return self.report.no_mp(line, numbers, (first, second), self.better_mp(line.formula))
        if gives is not line.formula:
            return self.report.mp_gives_another(line, numbers, (first, second), gives, self.better_mp(line.formula))
        self.lines.append(HilbertLine(len(self.formulas), line.formula, ModusPonens(i, j)))
        return None

    def better_mp(self, formula: Formula) -> tuple[int, int] | None:
        """The numbers of two earlier lines from which mp gives ``formula``."""
        if not self.report.explaining:
            return None
        self.work.spend(len(self.formulas) // 8)
        place = {f: n for n, f in reversed(list(enumerate(self.formulas)))}
        number = {where: n for n, where in self.index.items() if n not in self.ambiguous}
        for f, where in place.items():
            if f.op == "==>" and f.right is formula and f.left in place:
                i, j = number.get(where), number.get(place[f.left])
                if i is not None and j is not None:
                    return i, j
        return None
