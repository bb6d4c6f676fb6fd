"""Evaluation of a proof: what holds where, what each step concludes, and the first failure.

One evaluator serves both languages and both modes. Strict mode stops at the first step that is not exactly right;
instrumented mode asks :mod:`proofgrid.checker.ndl.tolerance` first. With ``go_on`` a failed step is taken to conclude
what it
advertises, and evaluation goes on. Nothing recurses: blocks and proofs in argument position have frames on a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from proofgrid.checker.entailment import countermodel
from proofgrid.checker.formulas import FALSE, Formula, build, neg
from proofgrid.checker.limits import Work
from proofgrid.checker.macro.weights import JUSTIFIERS, Weights
from proofgrid.checker.ndl.advice import similar_rule
from proofgrid.checker.ndl.findings import UNKNOWN, FailedStep, Slip, Stop, Traced
from proofgrid.checker.ndl.lexer import UNFILLED
from proofgrid.checker.ndl.naming import Naming
from proofgrid.checker.ndl.scope import Marks, Open
from proofgrid.checker.ndl.syntax import (
    Assume,
    Block,
    Definition,
    From,
    Node,
    ParsedProof,
    Proof,
    RuleApplication,
    SupposeAbsurd,
    Term,
)
from proofgrid.checker.ndl.tolerance import ENTAILED, tolerate
from proofgrid.checker.rules import RULES, Form, Rule, instantiate, match

_NEAREST: Final = 2000
MAX_PROBLEMS: Final = 1000
"""After so many failures evaluation stops, whatever was asked for."""


@dataclass(slots=True)
class _Frame(Marks):
    """A composite under way."""

    node: Assume | SupposeAbsurd | Block | RuleApplication | From
    index: int = 0
    hypothesis: Formula | None = None
    values: list[Formula] = field(default_factory=list)
    """Evaluated arguments so far (applications only)."""


class Evaluator(Naming):
    """State of one evaluation. :meth:`run` is called once."""

    def __init__(
        self,
        proof: ParsedProof,
        premises: Sequence[Formula],
        goal: Formula,
        formulas: dict[str, Open],
        *,
        tolerant: bool,
        paper: bool = False,
        go_on: bool = False,
        trace: list[Traced] | None = None,
        work: Work | None = None,
    ) -> None:
        super().__init__(proof, premises, goal, formulas, tolerant=tolerant)
        self.paper = paper
        self.go_on = go_on
        self.trace = trace
        self.work = work or Work(length=len(proof.text))
        self.problems: list[FailedStep] = []
        self.hypotheses: list[Formula] = []
        self.inconsistent_at: tuple[tuple[Formula, ...], bool] | None = None
        self.weights = Weights(premises, goal, self.work.spend) if proof.language == "macro" else None

    def run(self) -> Formula | None:
        """Evaluate the proof; its conclusion, or None where that cannot be known.

        Without ``go_on`` the first problem ends it (and is in ``problems``).
        """
        try:
            value = self._run()
        except Stop as stop:
            self.problems.append(self._complete(stop.problem))
            return None
        return None if value is UNKNOWN else value

    def _run(self) -> Formula:
        stack: list[_Frame] = []
        node: Node = self.proof.root
        work = self.work
        while True:
            # down: evaluate `node`, or open a frame for it
            value: Formula | None = None
            kind = type(node)
            if kind is RuleApplication or kind is From:
                assert isinstance(node, (RuleApplication, From))
                if all([type(a) is Term for a in node.arguments]):  # noqa: C419 (a generator costs more)
                    value = self._apply(node, None)
                else:
                    stack.append(_Frame(*self._marks(), node))
            elif kind is Definition:
                assert isinstance(node, Definition)
                value = self._define(node)
            elif kind is Block:
                assert isinstance(node, Block)
                stack.append(_Frame(*self._marks(), node))
            else:
                assert isinstance(node, (Assume, SupposeAbsurd))
                stack.append(self._open(node))
            # up: hand the value to the frame on top, until a frame has more to evaluate
            while True:
                if not stack:
                    assert value is not None
                    return value
                frame = stack[-1]
                outer = frame.node
                if type(outer) is Block:
                    if value is not None:
                        item = outer.steps[frame.index]
                        if type(item) is not Definition:
                            self._conclude(value)
                        if item.labels:
                            for label in item.labels:
                                self._bind(label, value)
                        if self.renamed is not None and self.renamed[0] is item:
                            self._bind(self.renamed[1], value)
                        frame.index += 1
                    if frame.index < len(outer.steps):
                        work.spend()
                        node = outer.steps[frame.index]
                        break
                    self._leave(frame, value)
                    stack.pop()
                    continue
                if isinstance(outer, (Assume, SupposeAbsurd)):
                    if value is None:
                        node = outer.body
                        break
                    value = self._close(frame, outer, value)
                    stack.pop()
                    continue
                assert isinstance(outer, (RuleApplication, From))
                if value is not None:
                    frame.values.append(value)
                    frame.index += 1
                arguments = outer.arguments
                inner: Proof | None = None
                try:
                    while frame.index < len(arguments):
                        argument = arguments[frame.index]
                        if not isinstance(argument, Term):
                            inner = argument
                            break
                        frame.values.append(self.resolve(argument, outer))
                        frame.index += 1
                except Stop as stop:
                    value = self._failed(outer, stop.problem)
                    stack.pop()
                    continue
                if inner is not None:
                    node = inner
                    break
                mark = len(self.trail)
                for argument, formula in zip(arguments, frame.values, strict=True):
                    if not isinstance(argument, Term):
                        self._conclude(formula)
                value = self._apply(outer, frame.values)
                self.holds.difference_update(self.trail[mark:])
                del self.trail[mark:]
                stack.pop()

    def _define(self, node: Definition) -> Formula:
        try:
            return self.resolve(node.formula)
        except Stop as stop:
            if not self.go_on:
                raise
            self.problems.append(self._complete(stop.problem))
            return UNKNOWN

    def _open(self, node: Assume | SupposeAbsurd) -> _Frame:
        try:
            hypothesis = self.resolve(node.hypothesis)
        except Stop as stop:
            term = node.hypothesis
            if term.is_name and stop.problem.kind == "undefinedName" and not UNFILLED.fullmatch(term.text):
                stop.problem.kind = "invalidAssumption"
            if not self.go_on:
                raise
            self.problems.append(self._complete(stop.problem))
            hypothesis = UNKNOWN
        frame = _Frame(*self._marks(), node, hypothesis=hypothesis)
        self._conclude(hypothesis)
        self.hypotheses.append(hypothesis)
        if node.hypothesis_label is not None:
            self._bind(node.hypothesis_label, hypothesis)
        return frame

    def _close(self, frame: _Frame, node: Assume | SupposeAbsurd, body: Formula) -> Formula:
        hypothesis = frame.hypothesis
        assert hypothesis is not None
        unknown = hypothesis is UNKNOWN or body is UNKNOWN
        problem: FailedStep | None = None
        if type(node) is Assume:
            result = UNKNOWN if unknown else build("==>", hypothesis, body)
        else:
            result = UNKNOWN if hypothesis is UNKNOWN else neg(hypothesis)
            if body is not FALSE and body is not UNKNOWN:
                problem = FailedStep(
                    "notFalse", node.start, node if isinstance(node, SupposeAbsurd) else None,
                    expected=FALSE, actual=body, sources=(body,), target=FALSE,
                )  # fmt: skip
                if not self.go_on:
                    raise Stop(problem)
                self.problems.append(self._complete(problem))
        self.hypotheses.pop()
        self._leave(frame, result)
        if problem is not None and result is not UNKNOWN:
            self.assumed.append(result)
        return result

    def _failed(self, node: RuleApplication | From, problem: FailedStep) -> Formula:
        """Stop; or note the problem and return what the step advertises."""
        if not self.go_on or len(self.problems) >= MAX_PROBLEMS:
            raise Stop(problem)
        if problem.node is None:
            problem.node = node
        self.problems.append(self._complete(problem))
        result = problem.target
        if result is None and node.conclusion is not None and problem.kind == "undefinedName":
            try:
                result = self.resolve(node.conclusion)
            except Stop:
                result = None
        if result is None:
            return UNKNOWN
        if result not in self.holds:
            self.assumed.append(result)
        return result

    def _complete(self, problem: FailedStep) -> FailedStep:
        problem.hypotheses = tuple(h for h in (*self.hypotheses, *self.assumed) if h is not UNKNOWN)
        problem.holds = tuple(reversed(self.trail[-_NEAREST:])) + self.premises[:_NEAREST]
        return problem

    def _apply(self, node: RuleApplication | From, values: Sequence[Formula] | None) -> Formula:
        try:
            if isinstance(node, From):
                return self._from(node, values)
            return self._rule(node, values)
        except Stop as stop:
            return self._failed(node, stop.problem)

    def _rule(self, node: RuleApplication, values: Sequence[Formula] | None) -> Formula:
        if self.weights is not None:  # the macro language has one rule; NDL's know no weights
            raise Stop(FailedStep("undefinedName", node.rule_start, node, name=node.rule))
        rule = RULES.get(node.rule)
        if rule is None:
            similar = similar_rule(node.rule)
            raise Stop(FailedStep("undefinedName", node.rule_start, node, name=node.rule, similar=similar))
        if values is None:
            values = [self.resolve(a, node) for a in node.arguments]  # type: ignore[arg-type]
        stated = None if node.conclusion is None else self._stated(node, node.conclusion)
        if UNKNOWN in values or stated is UNKNOWN:
            return UNKNOWN if stated is None else stated
        holds = self.holds
        chosen: Form | None = None
        result: Formula | None = None
        bindings: dict[Formula, Formula] = {}
        for form in rule.forms:
            if len(form.arguments) != len(values):
                break
            bindings = {}
            for pattern, value in zip(form.arguments, values, strict=True):
                if not match(pattern, value, bindings):
                    break
            else:
                gives = instantiate(form.concludes, bindings)
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

    def _note(
        self, node: RuleApplication | From, evaluated: tuple[Formula, ...], required: tuple[Formula, ...], to: Formula
    ) -> None:
        if self.trace is not None:
            self.trace.append(Traced(node, evaluated, required, to, tuple(self.hypotheses)))

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

    def base(self) -> tuple[Formula, ...]:
        """Formulas whose consequences are all that holds here: premises, hypotheses, conclusions taken on trust."""
        return tuple(h for h in (*self.premises, *self.hypotheses, *self.assumed) if h is not UNKNOWN)

    def _inconsistent(self) -> bool:
        """Whether what holds contradicts itself: then profile ``paper`` overlooks a wrong conclusion."""
        if FALSE in self.holds:
            return True
        base = self.base()
        if self.inconsistent_at is None or self.inconsistent_at[0] != base:
            self.inconsistent_at = (base, countermodel(base, FALSE, work=self.work) is None)
        return self.inconsistent_at[1]

    def _from(self, node: From, values: Sequence[Formula] | None) -> Formula:
        weights = self.weights
        assert weights is not None
        if values is None:
            values = [self.resolve(a, node) for a in node.arguments]  # type: ignore[arg-type]
        stated = self.resolve(node.conclusion, node)
        if UNKNOWN in values or stated is UNKNOWN:
            return stated
        evaluated = tuple(values)
        holds = self.holds
        sources = tuple(v for v in values if v in holds)
        if len(values) > JUSTIFIERS:
            raise Stop(
                FailedStep("tooManyJustifiers", node.rule_start, node, evaluated, sources=sources, target=stated)
            )
        for value in values:
            if value not in holds:
                raise Stop(
                    FailedStep(
                        "notInAB", node.rule_start, node, evaluated, missing=value, sources=sources, target=stated
                    )
                )
        weighed = weights.step(values, stated)
        if not weighed.kept:
            raise Stop(
                FailedStep(
                    "aggregation", node.rule_start, node, evaluated, sources=sources, target=stated, weighed=weighed
                )
            )
        model = countermodel(values, stated, work=self.work)
        if model is not None:
            raise Stop(
                FailedStep(
                    "doesNotFollow", node.rule_start, node, evaluated, sources=sources, target=stated, model=model
                )
            )
        if self.trace is not None:
            self._note(node, evaluated, evaluated, stated)
        return stated
