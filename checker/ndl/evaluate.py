"""Evaluation of a proof: what holds where, what each step concludes, and the first failure.

One evaluator serves both languages and both modes. Strict mode stops at the first step that is not exactly right;
instrumented mode asks :mod:`checker.ndl.tolerance` first. With ``go_on`` a failed step is taken to conclude what it
advertises, and evaluation goes on. Nothing recurses: blocks and proofs in argument position have frames on a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from checker.aggregation import LIMIT, Aggregation
from checker.entailment import countermodel
from checker.errors import FormulaSyntaxError
from checker.formulas import FALSE, Formula, build, neg
from checker.limits import Budget
from checker.ndl.lexer import NAME_CHARACTERS
from checker.ndl.repair import CONCLUSION_AS_NAME
from checker.ndl.syntax import (
    Assume,
    Block,
    Definition,
    From,
    Label,
    Node,
    ParsedProof,
    Proof,
    RuleApplication,
    SupposeAbsurd,
    Term,
)
from checker.ndl.tolerance import ENTAILED, OUT_OF_SCOPE, tolerate
from checker.parsing import ATOM, read_open
from checker.rules import RULES, Form, Rule, instantiate, match

Open = tuple[Formula, dict[str, Formula], tuple[str, ...]]
"""A formula as read, with the identifiers in it (:func:`checker.parsing.read_open`), and those that are no atoms."""


def open_formula(text: str) -> Open:
    """Read a formula that may use names. Raises FormulaSyntaxError."""
    formula, leaves = read_open(text)
    return formula, leaves, tuple([name for name in leaves if ATOM.fullmatch(name) is None])


@dataclass(frozen=True, slots=True)
class Slip:
    """A repaired step: the data of a Fix before it is put into words."""

    kind: str
    node: RuleApplication | From
    name: str = ""


@dataclass(slots=True)
class Problem:
    """A failed step: the data of a Failure before it is put into words."""

    kind: str
    offset: int
    node: RuleApplication | From | SupposeAbsurd | None = None
    evaluated: tuple[Formula, ...] = ()
    missing: Formula | None = None
    expected: Formula | None = None
    actual: Formula | None = None
    name: str = ""
    sources: tuple[Formula, ...] | None = None
    target: Formula | None = None
    hypotheses: tuple[Formula, ...] = ()
    """What is open at the step: hypotheses, and conclusions of failed steps that were taken to hold."""
    holds: tuple[Formula, ...] = ()
    """Everything that held at the step, latest first (bounded), to find the nearest formula that does hold."""
    model: dict[str, bool] | None = None
    merged: tuple[Formula, ...] = ()
    message: str = ""


@dataclass(slots=True)
class Traced:
    """One application that was accepted, as it was evaluated."""

    node: RuleApplication | From
    evaluated: tuple[Formula, ...]
    required: tuple[Formula, ...]
    conclusion: Formula
    hypotheses: tuple[Formula, ...]


class Stop(Exception):
    """The first failure was found; carries it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.kind)
        self.problem = problem


_NEAREST: Final = 2000
MAX_PROBLEMS: Final = 1000
"""After so many failures evaluation stops, whatever was asked for."""
_UNKNOWN: Final = build("atom", name="?")
"""Stands for the conclusion of a failed step that advertises none (only where evaluation goes on)."""


@dataclass(slots=True)
class _Frame:
    """A composite under way."""

    node: Assume | SupposeAbsurd | Block | RuleApplication | From
    names_mark: int
    holds_mark: int
    assumed_mark: int
    index: int = 0
    hypothesis: Formula | None = None
    values: list[Formula] = field(default_factory=list)
    """Evaluated arguments so far (applications only)."""


class Evaluator:
    """State of one evaluation. :meth:`run` is called once."""

    def __init__(
        self,
        proof: ParsedProof,
        premises: Sequence[Formula],
        formulas: dict[str, Open],
        *,
        tolerant: bool,
        semantic: bool = False,
        go_on: bool = False,
        trace: list[Traced] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.proof = proof
        self.premises = tuple(premises)
        self.formulas = formulas
        self.tolerant = tolerant
        self.semantic = semantic
        self.go_on = go_on
        self.trace = trace
        self.budget = budget or Budget(len(proof.text))
        self.slips: list[Slip] = []
        self.problems: list[Problem] = []
        self.holds: set[Formula] = set(premises)
        self.trail: list[Formula] = []
        self.names: dict[str, Formula] = {f"premise-{i}": p for i, p in enumerate(premises, 1)}
        self.names_trail: list[tuple[str, Formula | None]] = []
        self.once: dict[str, Formula] = {}
        self.renamed: tuple[RuleApplication, Label] | None = None
        self.hypotheses: list[Formula] = []
        self.assumed: list[Formula] = []
        self.inconsistent_at: tuple[tuple[Formula, ...], bool] | None = None
        self.aggregation = Aggregation(premises, self.budget) if proof.language == "macro" else None

    # ---- scope

    def _bind(self, label: Label, formula: Formula) -> None:
        name = label.text
        if name == "_":
            return
        self.names_trail.append((name, self.names.get(name)))
        self.names[name] = formula
        if self.tolerant:
            self.once[name] = formula

    def _conclude(self, formula: Formula) -> None:
        if formula not in self.holds and formula is not _UNKNOWN:
            self.holds.add(formula)
            self.trail.append(formula)

    def _leave(self, frame: _Frame, result: Formula | None) -> None:
        """End of a scope, whose conclusion makes ``result`` hold outside."""
        if len(self.assumed) > frame.assumed_mark:  # what was taken on trust inside, the result rests on
            del self.assumed[frame.assumed_mark :]
            if result is not None and result is not _UNKNOWN:
                self.assumed.append(result)
        trail, names_trail, names = self.trail, self.names_trail, self.names
        mark = frame.holds_mark
        if len(trail) > mark:
            self.holds.difference_update(trail[mark:])
            del trail[mark:]
        while len(names_trail) > frame.names_mark:
            name, old = names_trail.pop()
            if old is None:
                del names[name]
            else:
                names[name] = old

    # ---- formulas and names

    def resolve(self, term: Term, node: RuleApplication | From | None = None) -> Formula:
        """What a term denotes here. Fails with undefinedName."""
        text = term.text
        found = self.names.get(text)
        if found is not None:
            return found
        read = self.formulas.get(text)
        if read is None:
            read = self.formulas[text] = open_formula(text)
        formula, leaves, odd = read
        changed = False
        names = self.names
        for name, leaf in leaves.items():
            bound = names.get(name)
            if bound is None:
                if odd and name in odd:
                    return self._out_of_scope(term, name, node)
            elif bound is not leaf:
                changed = True
        return self._substitute(formula, leaves) if changed else formula

    def _substitute(self, formula: Formula, leaves: dict[str, Formula]) -> Formula:
        new: dict[Formula, Formula] = {}
        for name, leaf in leaves.items():
            bound = self.names.get(name)
            if bound is None and ATOM.fullmatch(name) is None:
                bound = self.once.get(name)
            new[leaf] = leaf if bound is None else bound
        if any(value is _UNKNOWN for value in new.values()):
            return _UNKNOWN
        stack = [formula]
        while stack:
            f = stack[-1]
            if f in new:
                stack.pop()
            elif f.op in ("true", "false"):
                new[f] = f
            elif f.op == "~":
                inner = new.get(f.left)
                if inner is None:
                    stack.append(f.left)
                else:
                    new[f] = neg(inner)
            else:
                left, right = new.get(f.left), new.get(f.right)
                if left is None:
                    stack.append(f.left)
                elif right is None:
                    stack.append(f.right)
                else:
                    new[f] = build(f.op, left, right)
        return new[formula]

    def _out_of_scope(self, term: Term, name: str, node: RuleApplication | From | None) -> Formula:
        """A name that is not bound here: tolerated where it was bound before and its formula still holds."""
        annotated = node is not None and node.conclusion is not None
        if self.tolerant and annotated and node is not None and term is not node.conclusion:
            read = self.formulas[term.text]
            known = True
            for other in read[1]:
                if self.names.get(other) is None and ATOM.fullmatch(other) is None:
                    before = self.once.get(other)
                    if before is None or before not in self.holds:
                        known = False
                        name = other
                        break
            if known:
                for other in read[1]:
                    if self.names.get(other) is None and ATOM.fullmatch(other) is None:
                        self.slips.append(Slip(OUT_OF_SCOPE, node, other))
                return self._substitute(read[0], read[1])
        written = self.proof.text[term.start : term.end]
        whole = rf"(?<![{NAME_CHARACTERS}]){re.escape(name)}(?![{NAME_CHARACTERS}])"
        found = re.search(whole, written)
        at = term.start + (found.start() if found is not None else 0)
        raise Stop(Problem("undefinedName", at, node, name=name, actual=self.once.get(name)))

    # ---- running

    def run(self) -> Formula | None:
        """Evaluate the proof; its conclusion, or None where that cannot be known.

        Without ``go_on`` the first problem ends it (and is in ``problems``).
        """
        try:
            value = self._run()
        except Stop as stop:
            self.problems.append(self._complete(stop.problem))
            return None
        return None if value is _UNKNOWN else value

    def _run(self) -> Formula:
        stack: list[_Frame] = []
        node: Node = self.proof.root
        budget = self.budget
        while True:
            # down: evaluate `node`, or open a frame for it
            value: Formula | None = None
            kind = type(node)
            if kind is RuleApplication or kind is From:
                assert isinstance(node, (RuleApplication, From))
                if all([type(a) is Term for a in node.arguments]):  # noqa: C419 (a generator costs more)
                    value = self._apply(node, None)
                else:
                    stack.append(_Frame(node, len(self.names_trail), len(self.trail), len(self.assumed)))
            elif kind is Definition:
                assert isinstance(node, Definition)
                value = self._define(node)
            elif kind is Block:
                assert isinstance(node, Block)
                stack.append(_Frame(node, len(self.names_trail), len(self.trail), len(self.assumed)))
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
                        budget.spend()
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
            return _UNKNOWN

    def _open(self, node: Assume | SupposeAbsurd) -> _Frame:
        try:
            hypothesis = self.resolve(node.hypothesis)
        except Stop as stop:
            if not self.go_on:
                raise
            self.problems.append(self._complete(stop.problem))
            hypothesis = _UNKNOWN
        frame = _Frame(node, len(self.names_trail), len(self.trail), len(self.assumed), hypothesis=hypothesis)
        self._conclude(hypothesis)
        self.hypotheses.append(hypothesis)
        if self.aggregation is not None:
            self.aggregation.enter(hypothesis)
        if node.hypothesis_label is not None:
            self._bind(node.hypothesis_label, hypothesis)
        return frame

    def _close(self, frame: _Frame, node: Assume | SupposeAbsurd, body: Formula) -> Formula:
        hypothesis = frame.hypothesis
        assert hypothesis is not None
        unknown = hypothesis is _UNKNOWN or body is _UNKNOWN
        problem: Problem | None = None
        if type(node) is Assume:
            result = _UNKNOWN if unknown else build("==>", hypothesis, body)
        else:
            result = _UNKNOWN if hypothesis is _UNKNOWN else neg(hypothesis)
            if body is not FALSE and body is not _UNKNOWN:
                problem = Problem(
                    "notFalse", node.start, node if isinstance(node, SupposeAbsurd) else None,
                    expected=FALSE, actual=body, sources=(body,), target=FALSE,
                )  # fmt: skip
                if not self.go_on:
                    raise Stop(problem)
                self.problems.append(self._complete(problem))
        self.hypotheses.pop()
        if self.aggregation is not None:
            self.aggregation.leave(None if body is _UNKNOWN else body, None if result is _UNKNOWN else result)
        self._leave(frame, result)
        if problem is not None and result is not _UNKNOWN:
            self.assumed.append(result)
        return result

    def _failed(self, node: RuleApplication | From, problem: Problem) -> Formula:
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
            return _UNKNOWN
        if result not in self.holds:
            self.assumed.append(result)
        return result

    def _complete(self, problem: Problem) -> Problem:
        problem.hypotheses = tuple(h for h in (*self.hypotheses, *self.assumed) if h is not _UNKNOWN)
        problem.holds = tuple(reversed(self.trail[-_NEAREST:])) + self.premises[:_NEAREST]
        return problem

    # ---- one step

    def _apply(self, node: RuleApplication | From, values: Sequence[Formula] | None) -> Formula:
        try:
            if isinstance(node, From):
                return self._from(node, values)
            return self._rule(node, values)
        except Stop as stop:
            return self._failed(node, stop.problem)

    def _rule(self, node: RuleApplication, values: Sequence[Formula] | None) -> Formula:
        rule = RULES.get(node.rule)
        if rule is None:
            raise Stop(Problem("undefinedName", node.rule_start, node, name=node.rule))
        if values is None:
            values = [self.resolve(a, node) for a in node.arguments]  # type: ignore[arg-type]
        stated = None if node.conclusion is None else self._stated(node, node.conclusion)
        if _UNKNOWN in values or stated is _UNKNOWN:
            return _UNKNOWN if stated is None else stated
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

    def _stated(self, node: RuleApplication, term: Term) -> Formula | None:
        """The advertised conclusion; None where what stands there is no formula but was meant as a name."""
        name = term.text
        if self.tolerant and name not in self.names and term.is_name and ATOM.fullmatch(name) is None:
            self._as_name(node, name)
            return None
        return self.resolve(term, node)

    def _as_name(self, node: RuleApplication, name: str) -> None:
        self.slips.append(Slip(CONCLUSION_AS_NAME, node, name))
        self.renamed = (node, Label(name, node.start, node.start + len(name)))

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
        self.budget.spend(1000)
        holds = self.holds
        if self.tolerant and stated is not None:
            gives = result if missing is None else None
            kinds = tolerate(rule.name, values, stated, gives, holds)
            if kinds is None and gives is not None and self._entailed(stated):
                kinds = (ENTAILED,)
            if kinds is not None:
                self.slips.extend(Slip(kind, node) for kind in kinds)
                self._note(node, tuple(values), tuple(v for v in values if v in holds), stated)
                return stated
            term = node.conclusion
            if gives is not None and term is not None and term.is_name and ATOM.fullmatch(term.text) is None:
                self._as_name(node, term.text)
                self._note(node, tuple(values), tuple(v for v in values if v in holds), gives)
                return gives
        evaluated = tuple(values)
        target = stated if stated is not None else result
        if form is None:
            raise Stop(Problem("malformedRuleApp", node.rule_start, node, evaluated, sources=evaluated, target=target))
        needed = [values[i] for i in form.holds] + list(form.requires)
        sources = tuple(f for f in needed if f in holds)
        if missing is not None:
            raise Stop(
                Problem("notInAB", node.rule_start, node, evaluated, missing=missing, sources=sources, target=target)
            )
        raise Stop(
            Problem(
                "conclusionMismatch", node.rule_start, node, evaluated,
                expected=stated, actual=result, sources=sources, target=target,
            )
        )  # fmt: skip

    def base(self) -> tuple[Formula, ...]:
        """Formulas whose consequences are all that holds here: premises, hypotheses, conclusions taken on trust."""
        return tuple(h for h in (*self.premises, *self.hypotheses, *self.assumed) if h is not _UNKNOWN)

    def _entailed(self, stated: Formula) -> bool:
        """Whether a wrong conclusion is overlooked because the base entails it (in profile paper: is inconsistent)."""
        base = self.base()
        if FALSE in self.holds:
            return True
        if self.semantic:
            return countermodel(base, stated, budget=self.budget) is None
        if self.inconsistent_at is None or self.inconsistent_at[0] != base:
            self.inconsistent_at = (base, countermodel(base, FALSE, budget=self.budget) is None)
        return self.inconsistent_at[1]

    def _from(self, node: From, values: Sequence[Formula] | None) -> Formula:
        aggregation = self.aggregation
        assert aggregation is not None
        if values is None:
            values = [self.resolve(a, node) for a in node.arguments]  # type: ignore[arg-type]
        stated = self.resolve(node.conclusion, node)
        if _UNKNOWN in values or stated is _UNKNOWN:
            return stated
        evaluated = tuple(values)
        holds = self.holds
        sources = tuple(v for v in values if v in holds)
        if len(values) > LIMIT:
            raise Stop(Problem("tooManyJustifiers", node.rule_start, node, evaluated, sources=sources, target=stated))
        for value in values:
            if value not in holds:
                raise Stop(
                    Problem("notInAB", node.rule_start, node, evaluated, missing=value, sources=sources, target=stated)
                )
        model = countermodel(values, stated, budget=self.budget)
        if model is not None:
            raise Stop(
                Problem("doesNotFollow", node.rule_start, node, evaluated, sources=sources, target=stated, model=model)
            )
        merged = aggregation.merged(evaluated)
        aggregation.derived(stated, evaluated)
        if merged:
            raise Stop(
                Problem("aggregation", node.rule_start, node, evaluated, sources=sources, target=stated, merged=merged)
            )
        if self.trace is not None:
            self._note(node, evaluated, evaluated, stated)
        return stated


def read_formulas(proof: ParsedProof, terms: Sequence[Term]) -> dict[str, Open]:
    """Every distinct parenthesised formula, read once. Raises FormulaSyntaxError with the offset in the proof."""
    formulas: dict[str, Open] = {}
    for term in terms:
        text = term.text
        if text not in formulas:
            try:
                formulas[text] = open_formula(text)
            except FormulaSyntaxError as error:
                raise FormulaSyntaxError(str(error), term.start + error.offset) from None
    return formulas
