"""A proof with holes, as constraints over formulas with metavariables.

Every hole is a metavariable; so is every conclusion that is not spelled out. A step is a choice among the forms of
the rule table (of its rule, where that is shown); each argument that must hold is a choice among the finitely many
formulas that can hold there: premises, hypotheses and conclusions in scope. What fills the holes is exactly what
satisfies all of these, so a search that exhausts the choices decides whether a filling exists.

Metavariables are atoms whose names begin with ``?``: no formula that can be written has one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from proofgrid.checker import FormulaSyntaxError, parse_formula
from proofgrid.checker.formulas import FALSE, Formula, atom, implies, neg
from proofgrid.checker.natural.syntax import (
    Assume,
    Block,
    Definition,
    From,
    ParsedProof,
    Proof,
    RuleApplication,
    SupposeAbsurd,
    Term,
)
from proofgrid.checker.rules import RULES, Form, instantiate

_HOLE = re.compile(r"MASK\d+\Z")
_GAP = re.compile(r"GAP-\d+\Z")


class UnsupportedProof(ValueError):
    """The proof uses what masked proofs never do (a name inside a formula, a name that nothing binds)."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One form of one rule, with metavariables of its own for this step."""

    rule: str
    arguments: tuple[Formula, ...]
    holds: tuple[int, ...]
    requires: tuple[Formula, ...]
    concludes: Formula


@dataclass(frozen=True, slots=True)
class StepChoice:
    """A step: which form does it apply? ``facts`` are the indices of what is in scope."""

    step: int
    rule_hole: str | None
    arguments: tuple[Formula, ...]
    inline: tuple[int, ...]
    """Positions of arguments that are subproofs: they hold by themselves."""
    conclusion: Formula
    facts: tuple[int, ...]
    alternatives: tuple[Alternative, ...]
    gaps: tuple[str, ...] = ()
    """Gaps in scope: any of them might provide what must hold here."""


@dataclass(slots=True)
class GapSite:
    """A gap: what is in scope there, and what it has to conclude where it ends a block."""

    name: str
    facts: tuple[int, ...]
    conclusion: Formula | None
    earlier: tuple[str, ...]
    """Other gaps in scope."""
    names: dict[str, Formula] = field(default_factory=dict)
    """Names that only this gap can bind, with what they denote."""
    bound: dict[str, Formula] = field(default_factory=dict)
    """Names in scope at the gap."""


@dataclass(slots=True)
class Constraints:
    """What a filling has to satisfy."""

    facts: list[Formula] = field(default_factory=list)
    steps: list[StepChoice] = field(default_factory=list)
    equations: list[tuple[Formula, Formula]] = field(default_factory=list)
    holes: dict[str, Formula] = field(default_factory=dict)
    """Formula holes; rule holes are those of ``steps``."""
    gaps: dict[str, GapSite] = field(default_factory=dict)


def variable(name: str) -> Formula:
    """The metavariable called ``name``."""
    return atom("?" + name)


def is_variable(f: Formula) -> bool:
    """Whether ``f`` is a metavariable."""
    return f.op == "atom" and f.name[0] == "?"


@dataclass(slots=True)
class _Scope:
    names: dict[str, Formula]
    facts: list[int]
    gaps: list[str]

    def inner(self) -> _Scope:
        return _Scope(dict(self.names), list(self.facts), list(self.gaps))


def build(parsed: ParsedProof, premises: Sequence[Formula], goal: Formula, *, gaps: bool = False) -> Constraints:
    """The constraints of a proof in which MASKi are holes (with ``gaps``: in which ``claim on GAP-i`` are gaps).

    Raises UnsupportedProof where a name is used that nothing binds, or inside a formula.
    """
    return _Builder(premises, gaps).run(parsed.root, goal)


class _Builder:
    def __init__(self, premises: Sequence[Formula], gaps: bool) -> None:
        self.out = Constraints(facts=list(premises))
        self.with_gaps = gaps
        names = {f"premise-{i}": p for i, p in enumerate(premises, 1)}
        self.top = _Scope(names, list(range(len(premises))), [])

    def run(self, root: Proof, goal: Formula) -> Constraints:
        self.out.equations.append((self.proof(root, self.top), goal))
        return self.out

    def term(self, term: Term, scope: _Scope) -> Formula:
        text = term.text
        if _HOLE.match(text):
            return self.out.holes.setdefault(text, variable(text))
        if text in scope.names:
            return scope.names[text]
        return self.formula(text, scope)

    def formula(self, text: str, scope: _Scope) -> Formula:
        try:
            return _read(text)
        except FormulaSyntaxError:
            pass
        if self.with_gaps and scope.gaps and re.fullmatch(r"[\w'-]+", text):
            meant = variable(f"name {text} after {scope.gaps[-1]}")
            for name in scope.gaps:
                self.out.gaps[name].names[text] = meant
            scope.names[text] = meant
            return meant
        raise UnsupportedProof(f"'{text[:60]}' is neither a formula nor a name in scope")

    def fact(self, f: Formula, scope: _Scope) -> int:
        self.out.facts.append(f)
        index = len(self.out.facts) - 1
        scope.facts.append(index)
        return index

    def proof(self, node: Proof, scope: _Scope) -> Formula:
        """Constrain ``node``; its conclusion."""
        if isinstance(node, Block):
            return self.block(node, scope.inner())
        if isinstance(node, (Assume, SupposeAbsurd)):
            hypothesis = self.term(node.hypothesis, scope)
            inner = scope.inner()
            self.fact(hypothesis, inner)
            if node.hypothesis_label:
                inner.names[node.hypothesis_label.text] = hypothesis
            conclusion = self.block(node.body, inner)
            if isinstance(node, Assume):
                return implies(hypothesis, conclusion)
            self.out.equations.append((conclusion, FALSE))
            return neg(hypothesis)
        if isinstance(node, From):
            raise UnsupportedProof("macro steps have no masks")
        return self.application(node, scope)

    def block(self, node: Block, inner: _Scope) -> Formula:
        conclusion = FALSE
        for index, step in enumerate(node.steps):
            if isinstance(step, Definition):
                meant = self.term(step.formula, inner)
            elif self.with_gaps and (name := gap_name(step)):
                meant = self.gap(name, inner, last=index == len(node.steps) - 1)
            else:
                meant = self.proof(step, inner)
                self.fact(meant, inner)
            for label in step.labels:
                inner.names[label.text] = meant
            conclusion = meant
        return conclusion

    def gap(self, name: str, scope: _Scope, *, last: bool) -> Formula:
        meant = variable(f"conclusion of {name}")
        site = GapSite(name, tuple(scope.facts), meant if last else None, tuple(scope.gaps), bound=dict(scope.names))
        self.out.gaps[name] = site
        scope.gaps.append(name)
        return meant

    def application(self, node: RuleApplication, scope: _Scope) -> Formula:
        arguments: list[Formula] = []
        inline: list[int] = []
        for position, argument in enumerate(node.arguments):
            if isinstance(argument, Term):
                arguments.append(self.term(argument, scope))
            else:
                arguments.append(self.proof(argument, scope))
                inline.append(position)
        conclusion = self.term(node.conclusion, scope) if node.conclusion else variable(f"conclusion {node.step}")
        hole = node.rule if _HOLE.match(node.rule) else None
        rules = RULES if hole else ((node.rule,) if node.rule in RULES else ())
        alternatives = tuple(
            _own(form, name, f"{node.step}.{name}.{number}")
            for name in rules
            for number, form in enumerate(RULES[name].forms)
            if len(form.arguments) == len(arguments)
        )
        self.out.steps.append(
            StepChoice(
                node.step,
                hole,
                tuple(arguments),
                tuple(inline),
                conclusion,
                tuple(scope.facts),
                alternatives,
                tuple(scope.gaps),
            )
        )
        return conclusion


def gap_name(step: object) -> str | None:
    """The gap that a step ``claim on GAP-i`` stands for."""
    if isinstance(step, RuleApplication) and step.rule == "claim" and len(step.arguments) == 1:
        argument = step.arguments[0]
        if isinstance(argument, Term) and _GAP.match(argument.text):
            return argument.text
    return None


@lru_cache(maxsize=20_000)
def _read(text: str) -> Formula:
    return parse_formula(text)


_METAVARIABLES = tuple(atom(name) for name in "pqr")


def _own(form: Form, rule: str, prefix: str) -> Alternative:
    mine: Mapping[Formula, Formula] = {v: variable(f"{prefix}.{v.name}") for v in _METAVARIABLES}
    return Alternative(
        rule,
        tuple(instantiate(pattern, mine) for pattern in form.arguments),
        form.holds,
        form.requires,
        instantiate(form.concludes, mine),
    )
