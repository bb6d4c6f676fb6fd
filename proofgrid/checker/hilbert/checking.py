"""Checking a Hilbert proof (SPEC 4): line by line, with what is nearly right said where a line is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.formulas import Formula, show
from proofgrid.checker.hilbert.axioms import SCHEMES, VARIABLES, instance, match_axiom, nearest_axiom, scheme_text
from proofgrid.checker.hilbert.proofs import (
    Axiom,
    HilbertLine,
    Justification,
    ModusPonens,
    Premise,
    ProofReader,
    Unreadable,
)
from proofgrid.checker.limits import LimitReached, Work, check_steps, within_limits
from proofgrid.checker.verdict import Diagnosis, Failure, FailureClass, Fix, Inference, Mode, Verdict

FIELD_LIMIT = 20_000
"""Longest formula in a field of a verdict, in characters."""
_EXPLAINED = 100
"""Failures of one proof that get a diagnosis and a hint; with all_failures there may be very many."""
_EXPLAINING = 1_000_000
"""Units of work for all diagnoses of one verdict."""
_SHOWN = 300
"""Longest formula in a message."""


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


class _Check:
    def __init__(
        self, premises: tuple[Formula, ...], goal: Formula, proof: str, mode: Mode, all_failures: bool, work: Work
    ) -> None:
        self.premises, self.goal, self.mode, self.all_failures = premises, goal, mode, all_failures
        self.reader = ProofReader(proof)
        self.work, self.explaining = work, work.aside(_EXPLAINING)
        self.failures: list[Failure] = []
        self.formulas: list[Formula] = []
        self.index: dict[int, int] = {}
        """Line number as written -> the latest line with it."""
        self.renumbered = False
        self.assumed: list[Formula] = []
        """Formulas of wrong lines that were taken as derived."""

    def run(self) -> None:
        fixes = self.reader.fixes
        strict = self.mode == "strict"
        for line in self.reader.lines():
            self.work.spend()
            check_steps(len(self.formulas) + 1)
            if isinstance(line, Unreadable):
                self.failures.append(self.unreadable(line))
                return
            if line.number != len(self.formulas) and not self.renumbered:
                self.renumbered = True
                self.fix("numbering", f"line {line.number} should have the number {len(self.formulas)}", line.start)
            failure = self.check_line(line)
            if strict and fixes:
                failure = self.deviation(fixes[0], line)
            if failure is not None:
                self.failures.append(failure)
                if not self.all_failures or (strict and fixes):
                    return
                self.assumed.append(line.formula)
            self.index[line.number] = len(self.formulas)
            self.formulas.append(line.formula)
        if strict and fixes:
            self.failures.append(self.deviation(fixes[0]))
        elif not self.failures and not self.formulas:
            self.failures.append(self.unreadable(Unreadable("the proof is empty", 0)))
        elif not self.failures and self.formulas[-1] is not self.goal:
            last = show(self.formulas[-1], FIELD_LIMIT)
            message = f"the last line is {show(self.formulas[-1], _SHOWN)}, not the goal {show(self.goal, _SHOWN)}"
            self.failures.append(
                Failure(
                    "wrongTopConclusion",
                    "logic",
                    None,
                    0,
                    0,
                    message,
                    expected=show(self.goal, FIELD_LIMIT),
                    actual=last,
                )
            )

    def verdict(self) -> Verdict:
        ok = not self.failures
        fixes = tuple(self.reader.fixes)
        ended = ok or self.failures[-1].kind == "wrongTopConclusion"
        unfinished = not ended and not self.all_failures and not self.reader.empty
        return Verdict(
            correct=ok,
            strict=ok and not fixes,
            conclusion=show(self.formulas[-1], FIELD_LIMIT) if ended else None,
            fixes=fixes if self.mode == "instrumented" else (),
            failure=None if ok else self.failures[0],
            failures=tuple(self.failures) if self.all_failures else (),
            steps=len(self.formulas) + unfinished,
            mode=self.mode,
            language="hilbert",
        )

    def fix(self, kind: str, message: str, offset: int, *, structural: bool = False) -> None:
        line = self.reader.places.line(offset)
        step = len(self.formulas)
        self.reader.fixes.append(Fix(kind, "structural" if structural else "syntax", step, line, message))

    def deviation(self, fix: Fix, line: HilbertLine | None = None) -> Failure:
        """What strict mode makes of a fix, the first one, found while ``line`` was read or checked."""
        message = f"not in strict form: {fix.message}"
        if line is None or fix.class_ == "syntax":
            text = self.reader.places.line_text(fix.line)
            column = len(text) - len(text.lstrip()) + 1
            return Failure("Parsing", "syntax", fix.step, fix.line, column, message, text=text)
        because = line.justification
        cited: tuple[Formula, ...] = ()
        if isinstance(because, ModusPonens):
            cited = tuple(self.formulas[self.index[n]] for n in (because.implication, because.antecedent))
        return self.failure(
            line, "malformedRuleApp", "type", message, rule=_rule(because), arguments=_arguments(because), cited=cited
        )

    def unreadable(self, line: Unreadable) -> Failure:
        place = self.reader.places.at(line.offset)
        return Failure("Parsing", "syntax", None, place.line, place.column, line.message, text=place.text)

    def failure(
        self,
        line: HilbertLine,
        kind: str,
        class_: FailureClass,
        message: str,
        *,
        rule: str,
        at: int | None = None,
        cited: Sequence[Formula] = (),
        arguments: tuple[str, ...] = (),
        missing: Formula | None = None,
        expected: str | None = None,
        actual: str | None = None,
        hint: str | None = None,
    ) -> Failure:
        place = self.reader.places.at(line.justification_at if at is None else at)
        diagnosis, model = self.diagnosis(line.formula)
        return Failure(
            kind,
            class_,
            line.number,
            place.line,
            place.column,
            message,
            text=place.text,
            rule=rule,
            arguments=arguments,
            evaluated=tuple(show(f, FIELD_LIMIT) for f in cited),
            missing=None if missing is None else show(missing, FIELD_LIMIT),
            expected=expected,
            actual=actual,
            inference=Inference(tuple(show(f, FIELD_LIMIT) for f in cited), show(line.formula, FIELD_LIMIT)),
            diagnosis=diagnosis,
            countermodel=model,
            hint=hint,
        )

    def diagnosis(self, formula: Formula) -> tuple[Diagnosis | None, dict[str, bool] | None]:
        """Whether what held entails the formula of a wrong line, with the countermodel; unknown where that is hard."""
        if len(self.failures) >= _EXPLAINED:
            return None, None
        try:
            model = countermodel((*self.premises, *self.assumed), formula, work=self.explaining)
        except LimitReached:
            return None, None
        return ("slip", None) if model is None else ("fallacy", model)

    def check_line(self, line: HilbertLine) -> Failure | None:
        justification = line.justification
        if isinstance(justification, ModusPonens):
            return self.check_mp(line, justification)
        if isinstance(justification, Axiom):
            return self.check_axiom(line, justification)
        if isinstance(justification, Premise):
            return self.check_premise(line, justification)
        word = justification.split(",", 1)[0].strip()[:60]
        if word.lower() == "mp":
            message = f"mp takes the numbers of two earlier lines, as in 'mp, 2, 1'; here it is '{justification[:60]}'"
        else:
            message = (
                f"'{word}' is no justification: there are PremiseN, Axiom1 to Axiom3 with assignments, and mp, i, j"
            )
        arguments = tuple(part.strip()[:60] for part in justification.split(",")[1:100])
        return self.failure(line, "malformedRuleApp", "type", message, rule=word, arguments=arguments)

    def check_premise(self, line: HilbertLine, because: Premise) -> Failure | None:
        n = because.number
        if 1 <= n <= len(self.premises) and self.premises[n - 1] is line.formula:
            return None
        others = [f"Premise{k}" for k, p in enumerate(self.premises, 1) if p is line.formula]
        hint = f"the formula is {others[0]}" if others else None
        if not 1 <= n <= len(self.premises):
            message = f"there is no Premise{n}: the problem has {len(self.premises) or 'none'}"
            return self.failure(
                line, "undefinedName", "syntax", message, rule="premise", arguments=(str(n),), hint=hint
            )
        premise = self.premises[n - 1]
        return self.failure(
            line,
            "notInAB",
            "logic",
            f"Premise{n} is {show(premise, _SHOWN)}, not {show(line.formula, _SHOWN)}",
            rule="premise",
            arguments=(str(n),),
            missing=line.formula,
            expected=show(premise, FIELD_LIMIT),
            actual=show(line.formula, FIELD_LIMIT),
            hint=hint,
        )

    def check_axiom(self, line: HilbertLine, because: Axiom) -> Failure | None:
        n = because.number
        values = match_axiom(n, line.formula)
        if values is not None:
            names = VARIABLES[n]
            noted = any(f.kind == "assignment" and f.step == len(self.formulas) for f in self.reader.fixes[-1:])
            if not noted and because.values != tuple((name, values[name]) for name in names):
                written = ", ".join(name for name, _ in because.values) or "none"
                right = ", ".join(f"{name} := {show(values[name], 60)}" for name in names)
                message = f"the assignments ({written}) were replaced by {right}"
                self.fix("assignment", message, line.justification_at, structural=True)
            return None
        near = nearest_axiom(n, line.formula)
        found = show(near.actual, _SHOWN)
        wanted = near.expected if len(near.expected) <= _SHOWN else near.expected[: _SHOWN - 1] + "…"
        message = f"the formula is no instance of Axiom{n}, {scheme_text(SCHEMES[n], {})}; " + (
            f"it is an instance of Axiom{near.axiom}"
            if not near.share
            else f"it is nearly Axiom{near.axiom}, but {near.place()} is {found} and should be {wanted}"
        )
        given = dict(because.values)
        expected = None
        if all(name in given for name in VARIABLES[n]):
            expected = show(instance(n, given), FIELD_LIMIT)
        return self.failure(
            line,
            "notAnInstance",
            "logic",
            message,
            rule=f"Axiom{n}",
            at=line.formula_at,
            arguments=_arguments(because),
            expected=expected,
            actual=show(line.formula, FIELD_LIMIT),
            hint=f"cite Axiom{near.axiom}" if not near.share else None,
        )

    def check_mp(self, line: HilbertLine, because: ModusPonens) -> Failure | None:
        numbers = (because.implication, because.antecedent)
        arguments = tuple(map(str, numbers))
        cited: list[Formula] = []
        for n in numbers:
            where = self.index.get(n)
            if where is None:
                message = f"no line {n} stands before this one"
                return self.failure(line, "undefinedName", "syntax", message, rule="mp", arguments=arguments)
            cited.append(self.formulas[where])
        first, second = cited
        if first.op == "==>" and first.left is second:
            gives = first.right
        elif second.op == "==>" and second.left is first:
            gives = second.right
            if gives is line.formula:
                self.fix("mp-order", f"mp, {numbers[0]}, {numbers[1]} was read with its lines swapped",
                         line.justification_at, structural=True)  # fmt: skip
        else:
            shown = f"line {numbers[0]} is {show(first, _SHOWN)}, line {numbers[1]} is {show(second, _SHOWN)}"
            if first.op == "==>":
                message = (
                    f"mp does not apply: {shown}, and the antecedent of line {numbers[0]} is {show(first.left, _SHOWN)}"
                )
            else:
                message = f"mp does not apply: {shown}, and line {numbers[0]} is no implication"
            return self.failure(
                line,
                "malformedRuleApp",
                "type",
                message,
                rule="mp",
                cited=cited,
                arguments=arguments,
                expected=show(first.left, FIELD_LIMIT) if first.op == "==>" else None,
                actual=show(second, FIELD_LIMIT) if first.op == "==>" else show(first, FIELD_LIMIT),
                hint=self.better_mp(line.formula),
            )
        if gives is line.formula:
            return None
        return self.failure(
            line,
            "conclusionMismatch",
            "logic",
            f"mp on lines {numbers[0]} and {numbers[1]} gives {show(gives, _SHOWN)}, not {show(line.formula, _SHOWN)}",
            rule="mp",
            at=line.formula_at,
            cited=cited,
            arguments=arguments,
            expected=show(line.formula, FIELD_LIMIT),
            actual=show(gives, FIELD_LIMIT),
            hint=self.better_mp(line.formula),
        )

    def better_mp(self, formula: Formula) -> str | None:
        """Two earlier lines from which mp gives ``formula``, in a sentence."""
        if len(self.failures) >= _EXPLAINED:
            return None
        place = {f: n for n, f in reversed(list(enumerate(self.formulas)))}
        number = {where: n for n, where in self.index.items()}
        for f, where in place.items():
            if f.op == "==>" and f.right is formula and f.left in place:
                i, j = number.get(where), number.get(place[f.left])
                if i is not None and j is not None:
                    return f"mp, {i}, {j} gives this formula"
        return None


def _rule(because: Justification | str) -> str:
    """The rule's name in a failure."""
    if isinstance(because, Axiom):
        return f"Axiom{because.number}"
    return "mp" if isinstance(because, ModusPonens) else "premise"


def _arguments(because: Justification | str) -> tuple[str, ...]:
    """The rule's arguments in a failure."""
    if isinstance(because, Axiom):
        return tuple(f"{name} := {show(value, FIELD_LIMIT)}" for name, value in because.values)
    if isinstance(because, ModusPonens):
        return str(because.implication), str(because.antecedent)
    return (str(because.number),) if isinstance(because, Premise) else ()
