"""NDL: what a rule of the table gives, exactly or through structural slips."""

from __future__ import annotations

from collections.abc import Sequence

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.formulas import FALSE, Formula
from proofgrid.checker.natural.check import check_proof
from proofgrid.checker.natural.evaluate import Evaluator
from proofgrid.checker.natural.findings import UNKNOWN, FailedStep, Slip, Stop
from proofgrid.checker.natural.kinds import ENTAILED
from proofgrid.checker.natural.syntax import From, RuleApplication
from proofgrid.checker.ndl.tolerance import tolerate
from proofgrid.checker.rules import RULES, Form, Rule
from proofgrid.checker.verdict import Mode, Profile, Verdict


class NdlEvaluator(Evaluator):
    """Evaluation of an NDL proof."""

    def step(self, node: RuleApplication | From, values: Sequence[Formula] | None) -> Formula:
        """What a rule gives."""
        assert isinstance(node, RuleApplication)
        rule = RULES.get(node.rule)
        if rule is None:
            raise Stop(FailedStep("undefinedName", node.rule_start, node, name=node.rule))
        if values is None:
            values = [self.resolve(a, node) for a in node.arguments]  # type: ignore[arg-type]
        stated = None if node.conclusion is None else self._stated(node, node.conclusion)
        if self.go_on and (UNKNOWN in values or stated is UNKNOWN):
            return UNKNOWN if stated is None else stated
        holds = self.holds
        chosen: Form | None = None
        result: Formula | None = None
        if len(values) == rule.arity:
            for form in rule.forms:
                gives = form.gives(*values)
                if gives is not None:
                    if chosen is None or gives is stated:
                        chosen, result = form, gives
                    if stated is None or gives is stated:
                        break
        missing: Formula | None = None
        if chosen is not None:
            for i in chosen.holds:
                if values[i] not in holds:
                    missing = values[i]
                    break
            else:
                for needed in chosen.requires:
                    if needed not in holds:
                        missing = needed
                        break
                else:
                    assert result is not None
                    if stated is None or result is stated:
                        if self.trace is not None:
                            required = tuple(values[i] for i in chosen.holds) + chosen.requires
                            self._note(node, tuple(values), required, result)
                        return result
        return self._unusual(node, rule, values, stated, chosen, result, missing)

    def _unusual(
        self,
        node: RuleApplication,
        rule: Rule,
        values: Sequence[Formula],
        stated: Formula | None,
        form: Form | None,
        result: Formula | None,
        missing: Formula | None,
    ) -> Formula:
        """A step that is not right as it stands: fixes or a failure."""
        self.work.spend(20)
        holds = self.holds
        if self.tolerant and stated is not None:
            gives = result if missing is None else None
            kinds = tolerate(rule.name, values, stated, gives, holds)
            term = node.conclusion
            named = kinds is None and gives is not None and term is not None and self._is_a_name(term, node)
            if kinds is None and gives is not None and self.paper and not named and self._inconsistent():
                kinds = (ENTAILED,)
            if kinds is not None:
                self.slips.extend(Slip(kind, node) for kind in kinds)
                self._note(node, tuple(values), tuple(v for v in values if v in holds), stated)
                return stated
            if named and gives is not None and term is not None:
                self._as_name(node, term.text)
                self._note(node, tuple(values), tuple(v for v in values if v in holds), gives)
                return gives
        evaluated = tuple(values)
        target = stated if stated is not None else result
        if form is None:
            raise Stop(
                FailedStep("malformedRuleApp", node.rule_start, node, evaluated, sources=evaluated, target=target)
            )
        needed = [values[i] for i in form.holds] + list(form.requires)
        sources = tuple(f for f in needed if f in holds)
        if missing is not None:
            raise Stop(
                FailedStep("notInAB", node.rule_start, node, evaluated, missing=missing, sources=sources, target=target)
            )
        raise Stop(
            FailedStep(
                "conclusionMismatch", node.rule_start, node, evaluated,
                expected=stated, actual=result, sources=sources, target=target,
            )
        )  # fmt: skip

    def _inconsistent(self) -> bool:
        """Whether what holds contradicts itself: then profile ``paper`` overlooks a wrong conclusion."""
        if FALSE in self.holds:
            return True
        base = self.base()
        if self.inconsistent_at is None or self.inconsistent_at[0] != base:
            self.inconsistent_at = (base, countermodel(base, FALSE, work=self.work) is None)
        return self.inconsistent_at[1]


def check_ndl(
    premises: Sequence[Formula],
    goal: Formula,
    text: str,
    *,
    mode: Mode = "instrumented",
    profile: Profile = "surface",
    all_failures: bool = False,
    timeout: float | None = None,
) -> Verdict:
    """The verdict on an NDL proof. Total: never raises on any ``text``."""
    return check_proof(
        premises,
        goal,
        text,
        language="ndl",
        evaluator=NdlEvaluator,
        mode=mode,
        profile=profile,
        all_failures=all_failures,
        timeout=timeout,
    )
