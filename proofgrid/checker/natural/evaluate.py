"""Evaluation of a proof: what holds where, what each step concludes, and the first failure.

What a step concludes, each language says itself (:meth:`Evaluator.step`); all else is the same for both, in both modes.
With ``go_on`` a failed step is taken to conclude what it advertises, and evaluation goes on. Nothing recurses: blocks
and proofs in argument position have frames on a list.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from proofgrid.checker.formulas import FALSE, Formula, build, neg
from proofgrid.checker.limits import Work
from proofgrid.checker.natural.findings import UNKNOWN, FailedStep, Stop, Traced
from proofgrid.checker.natural.lexer import UNFILLED
from proofgrid.checker.natural.naming import Naming
from proofgrid.checker.natural.scope import Marks, Open
from proofgrid.checker.natural.syntax import (
    Application,
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


def _has_terms_only(node: Application) -> bool:
    """Whether no argument of a step is a proof."""
    for argument in node.arguments:  # noqa: SIM110 (a generator costs more)
        if type(argument) is not Term:
            return False
    return True


class Evaluator(Naming, ABC):
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
        while True:
            # down: evaluate `node`, or open a frame for it
            value: Formula | None = None
            kind = type(node)
            if kind is RuleApplication or kind is From:
                assert isinstance(node, (RuleApplication, From))
                if _has_terms_only(node):
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
                    steps = outer.steps
                    if value is not None:
                        self._settle(steps[frame.index], value)
                        frame.index += 1
                    if (value := self._row(frame, steps, value)) is None:
                        node = steps[frame.index]
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

    def _row(self, frame: _Frame, steps: Sequence[Node], value: Formula | None) -> Formula | None:
        """The value of a block, of which ``value`` is the last one so far; None where a step needs a frame of its own.

        ``frame`` is at that step then: those before it are evaluated.
        """
        spend, settle, step = self.work.spend, self._settle, self.step
        for index in range(frame.index, len(steps)):
            spend()
            node = steps[index]
            if not isinstance(node, Application) or not _has_terms_only(node):
                frame.index = index
                return None
            try:
                value = step(node, None)
            except Stop as stop:
                value = self._failed(node, stop.problem)
            settle(node, value)
        return value

    def _settle(self, node: Node, value: Formula) -> None:
        """What a step of a block makes hold after it, and its names."""
        if type(node) is not Definition:
            self._conclude(value)
        for label in node.labels:
            self._bind(label, value)
        if self.renamed is not None and self.renamed[0] is node:
            self._bind(self.renamed[1], value)

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

    @abstractmethod
    def step(self, node: RuleApplication | From, values: Sequence[Formula] | None) -> Formula:
        """What a step concludes, given its evaluated arguments (None: all are terms yet to be resolved).

        The one thing in which the languages differ. Raises Stop where the step fails.
        """

    def _apply(self, node: RuleApplication | From, values: Sequence[Formula] | None) -> Formula:
        try:
            return self.step(node, values)
        except Stop as stop:
            return self._failed(node, stop.problem)

    def _note(
        self, node: RuleApplication | From, evaluated: tuple[Formula, ...], required: tuple[Formula, ...], to: Formula
    ) -> None:
        if self.trace is not None:
            self.trace.append(Traced(node, evaluated, required, to, tuple(self.hypotheses)))

    def base(self) -> tuple[Formula, ...]:
        """Formulas whose consequences are all that holds here: premises, hypotheses, conclusions taken on trust."""
        return tuple(h for h in (*self.premises, *self.hypotheses, *self.assumed) if h is not UNKNOWN)
