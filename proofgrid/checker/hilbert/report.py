"""From what is wrong with a Hilbert line to the words and fields of a failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.formulas import Formula, show
from proofgrid.checker.hilbert.axioms import SCHEMES, VARIABLES, instance, nearest_axiom, scheme_text
from proofgrid.checker.hilbert.lines import Axiom, HilbertLine, Justification, ModusPonens, Premise
from proofgrid.checker.hilbert.read import Unreadable
from proofgrid.checker.limits import LimitReached, Work
from proofgrid.checker.places import Places
from proofgrid.checker.verdict import FIELD_LIMIT, Diagnosis, Failure, FailureClass, Fix, Inference, empty_proof

EXPLAINED: Final = 100
"""Failures of one proof that get a diagnosis and a hint; with all_failures there may be very many."""
EXPLAINING: Final = 500_000
"""Units of work for all diagnoses of one verdict."""
SHOWN: Final = 300
"""Longest formula in a message."""


class Reporter:
    """Makes the failures of one proof. ``assumed`` holds the formulas of wrong lines that were taken as derived."""

    def __init__(self, places: Places, premises: Sequence[Formula], work: Work) -> None:
        self.places, self.premises = places, tuple(premises)
        self.assumed: list[Formula] = []
        self._work = work.aside(EXPLAINING)
        self._made = 0

    @property
    def explaining(self) -> bool:
        """Whether failures still get a diagnosis and a hint."""
        return self._made < EXPLAINED

    def empty(self) -> Failure:
        """There is no line at all."""
        return empty_proof(self.places.line_text(1))

    def unreadable(self, line: Unreadable) -> Failure:
        """A line that cannot be read."""
        place = self.places.at(line.offset)
        return Failure(
            kind="Parsing",
            class_="syntax",
            step=None,
            line=place.line,
            column=place.column,
            message=line.message,
            text=place.text,
        )

    def deviation(self, fix: Fix, line: HilbertLine | None = None, cited: Sequence[Formula] = ()) -> Failure:
        """What strict mode makes of a fix, the first one, found while ``line`` was read or checked."""
        message = f"not in strict form: {fix.message}"
        if line is not None and fix.class_ == "structural":
            return self._failure(line, "malformedRuleApp", "type", message, cited=cited)
        text = self.places.line_text(fix.line)
        return Failure(
            kind="Parsing",
            class_="syntax",
            step=fix.step,
            line=fix.line,
            column=len(text) - len(text.lstrip()) + 1,
            message=message,
            text=text,
        )

    def wrong_conclusion(self, last: Formula, goal: Formula) -> Failure:
        """Every line is right, and the last is not the goal."""
        return Failure(
            kind="wrongTopConclusion",
            class_="logic",
            step=None,
            line=0,
            column=0,
            message=f"the last line is {show(last, SHOWN)}, not the goal {show(goal, SHOWN)}",
            expected=show(goal, FIELD_LIMIT),
            actual=show(last, FIELD_LIMIT),
        )

    def no_justification(self, line: HilbertLine, written: str) -> Failure:
        """The justification is none of the three."""
        word = written.split(",", 1)[0].strip()[:60]
        if word.lower().startswith("mp"):
            message = f"mp takes the numbers of two earlier lines, as in 'mp, 2, 1'; here it is '{written[:60]}'"
        else:
            message = (
                f"'{word}' is no justification: there are PremiseN, Axiom1 to Axiom3 with assignments, and mp, i, j"
            )
        arguments = tuple(part.strip()[:60] for part in written.split(",")[1:100])
        return self._failure(line, "malformedRuleApp", "type", message, rule=word, arguments=arguments)

    def wrong_premise(self, line: HilbertLine, number: int) -> Failure:
        """The premise cited is another formula, or there is none of that number."""
        others = [f"Premise{k}" for k, p in enumerate(self.premises, 1) if p is line.formula]
        hint = f"the formula is {others[0]}" if others else None
        if not 1 <= number <= len(self.premises):
            message = f"there is no Premise{number}: the problem has {len(self.premises) or 'none'}"
            return self._failure(line, "undefinedName", "syntax", message, hint=hint)
        premise = self.premises[number - 1]
        return self._failure(
            line,
            "notInAB",
            "logic",
            f"Premise{number} is {show(premise, SHOWN)}, not {show(line.formula, SHOWN)}",
            missing=line.formula,
            expected=show(premise, FIELD_LIMIT),
            actual=show(line.formula, FIELD_LIMIT),
            hint=hint,
        )

    def no_instance(self, line: HilbertLine, because: Axiom) -> Failure:
        """The formula is no instance of the axiom named: which it nearly is, and where it departs."""
        n = because.number
        near = nearest_axiom(n, line.formula)
        wanted = near.expected if len(near.expected) <= SHOWN else near.expected[: SHOWN - 1] + "…"
        message = f"the formula is no instance of Axiom{n}, {scheme_text(SCHEMES[n], {})}; " + (
            f"it is an instance of Axiom{near.axiom}"
            if not near.share
            else f"it is nearly Axiom{near.axiom}, but {near.place()} is {show(near.actual, SHOWN)} "
            f"and should be {wanted}"
        )
        given = dict(because.values)
        expected = None
        if all(name in given for name in VARIABLES[n]):
            expected = show(instance(n, given), FIELD_LIMIT)
        return self._failure(
            line,
            "notAnInstance",
            "logic",
            message,
            at=line.formula_at,
            expected=expected,
            actual=show(line.formula, FIELD_LIMIT),
            hint=f"cite Axiom{near.axiom}" if not near.share else None,
        )

    def unknown_line(self, line: HilbertLine, numbers: tuple[int, int], number: int, *, ambiguous: bool) -> Failure:
        """mp cites a line that does not stand before, or a number that two different lines bear."""
        message = (
            f"two lines before this one are numbered {number}, and say different things"
            if ambiguous
            else f"no line {number} stands before this one"
        )
        return self._failure(line, "undefinedName", "syntax", message)

    def no_mp(
        self,
        line: HilbertLine,
        numbers: tuple[int, int],
        cited: tuple[Formula, Formula],
        better: tuple[int, int] | None,
    ) -> Failure:
        """Neither line is an implication whose antecedent the other is."""
        first, second = cited
        shown = f"line {numbers[0]} is {show(first, SHOWN)}, line {numbers[1]} is {show(second, SHOWN)}"
        implication = first.op == "==>"
        message = f"mp does not apply: {shown}, and " + (
            f"the antecedent of line {numbers[0]} is {show(first.left, SHOWN)}"
            if implication
            else f"line {numbers[0]} is no implication"
        )
        return self._failure(
            line,
            "malformedRuleApp",
            "type",
            message,
            cited=cited,
            expected=show(first.left, FIELD_LIMIT) if implication else None,
            actual=show(second if implication else first, FIELD_LIMIT),
            hint=_better(better),
        )

    def mp_gives_another(
        self,
        line: HilbertLine,
        numbers: tuple[int, int],
        cited: tuple[Formula, Formula],
        gives: Formula,
        better: tuple[int, int] | None,
    ) -> Failure:
        """mp applies, and gives another formula than the line's."""
        given, stated = show(gives, SHOWN), show(line.formula, SHOWN)
        return self._failure(
            line,
            "conclusionMismatch",
            "logic",
            f"mp on lines {numbers[0]} and {numbers[1]} gives {given}, not {stated}",
            at=line.formula_at,
            cited=cited,
            expected=show(line.formula, FIELD_LIMIT),
            actual=show(gives, FIELD_LIMIT),
            hint=_better(better),
        )

    def _failure(
        self,
        line: HilbertLine,
        kind: str,
        class_: FailureClass,
        message: str,
        *,
        rule: str | None = None,
        arguments: tuple[str, ...] | None = None,
        at: int | None = None,
        cited: Sequence[Formula] = (),
        missing: Formula | None = None,
        expected: str | None = None,
        actual: str | None = None,
        hint: str | None = None,
    ) -> Failure:
        place = self.places.at(line.justification_at if at is None else at)
        because = line.justification
        evaluated = tuple(show(f, FIELD_LIMIT) for f in cited)
        diagnosis, model = self._diagnosis(line.formula)
        self._made += 1
        return Failure(
            kind=kind,
            class_=class_,
            step=line.number,
            line=place.line,
            column=place.column,
            message=message,
            text=place.text,
            rule=_rule(because) if rule is None else rule,
            arguments=_arguments(because) if arguments is None else arguments,
            evaluated=evaluated,
            missing=None if missing is None else show(missing, FIELD_LIMIT),
            expected=expected,
            actual=actual,
            inference=Inference(from_=evaluated, to=show(line.formula, FIELD_LIMIT)),
            diagnosis=diagnosis,
            countermodel=model,
            hint=hint,
        )

    def _diagnosis(self, formula: Formula) -> tuple[Diagnosis | None, dict[str, bool] | None]:
        """Whether what held entails the formula of a wrong line, with the countermodel; unknown where that is hard."""
        if not self.explaining:
            return None, None
        try:
            model = countermodel((*self.premises, *self.assumed), formula, work=self._work)
        except LimitReached:
            return None, None
        return ("slip", None) if model is None else ("fallacy", model)


def _better(numbers: tuple[int, int] | None) -> str | None:
    return None if numbers is None else f"mp, {numbers[0]}, {numbers[1]} gives this formula"


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
