"""A correct proof, ready to be edited: its tree, what each step concluded, and what is in scope where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from proofgrid.checker import CheckerError, StepTrace, parse_formula, parse_proof, trace_steps
from proofgrid.checker.formulas import FALSE, Formula, atoms, implies, neg
from proofgrid.checker.natural.syntax import (
    Argument,
    Assume,
    Block,
    Definition,
    Node,
    ParsedProof,
    Proof,
    SupposeAbsurd,
    Term,
)
from proofgrid.tasks.making.problems.entailed import Entailments
from proofgrid.tasks.making.provers.writer import formula_text

Name = Literal["ndl", "macro"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A formula that was concluded or assumed, and the name it was given."""

    name: str | None
    formula: Formula


@dataclass(frozen=True, slots=True)
class Scope:
    """At one step: what holds, what has gone out of scope, and names that are bound only later."""

    visible: tuple[Fact, ...]
    expired: tuple[Fact, ...]
    later: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """A problem and a proof after an edit."""

    premises: tuple[Formula, ...]
    goal: Formula
    proof: str


class Subject:
    """A strictly correct proof, ready to be edited. Raises CheckerError where it is not correct."""

    def __init__(self, premises: Sequence[Formula], goal: Formula, proof: str, language: Name = "ndl") -> None:
        self.premises = tuple(premises)
        self.goal = goal
        self.text = proof
        self.language: Name = language
        self.parsed: ParsedProof = parse_proof(proof, language)
        self.steps: tuple[StepTrace, ...] = trace_steps((self.premises, goal), proof, language)
        self._scopes: dict[int, Scope] = {}
        self.places: tuple[StepTrace, ...] = self.steps
        """The applications that an edit may take place at."""

    def keep_to_consistent(self) -> bool:
        """Edit only where what holds is consistent, so that not everything follows; False where that is nowhere."""
        numbers: set[int] = set()
        with Entailments() as asked:
            waiting: list[tuple[Argument | Node, tuple[Formula, ...]]] = [(self.parsed.root, self.premises)]
            while waiting:
                node, held = waiting.pop()
                if isinstance(node, Block):
                    waiting += [(step, held) for step in node.steps]
                elif isinstance(node, (Assume, SupposeAbsurd)):
                    within = (*held, self.hypothesis(node))
                    if not asked.entails(within, FALSE):
                        waiting.append((node.body, within))
                elif not isinstance(node, (Term, Definition)):
                    numbers.add(node.step)
                    waiting += [(argument, held) for argument in node.arguments]
        self.places = tuple(step for step in self.steps if step.step in numbers)
        return bool(numbers)

    @cached_property
    def light(self) -> bool:
        """Whether the author writes ``~A`` inside formulas."""
        return re.search(r"~[A-Z]", self.parsed.text) is not None

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """Atoms of the problem."""
        return atoms(*self.premises, self.goal)

    @cached_property
    def labels(self) -> dict[str, int]:
        """Where each name is bound first (offset)."""
        found: dict[str, int] = {}
        for node in self.parsed.walk():
            for label in node.labels:
                found.setdefault(label.text, label.start)
        return found

    def write(self, f: Formula) -> str:
        """A formula in the author's hand."""
        return formula_text(f, self.light)

    def edited(self, *edits: tuple[int, int, str]) -> Edited:
        """The proof with spans of its text replaced."""
        return Edited(self.premises, self.goal, splice(self.text, edits))

    def blocks(self) -> Iterator[Block]:
        """Every block, outer before inner."""
        return (node for node in self.parsed.walk() if isinstance(node, Block))

    def scope(self, step: int) -> Scope:
        """What is in scope at an application."""
        if step not in self._scopes:
            self._scopes[step] = _ScopeWalk(self, step).run()
        return self._scopes[step]

    def conclusion(self, node: Proof) -> Formula:
        """What a proof inside this one concludes."""
        if isinstance(node, Block):
            last = node.steps[-1]
            assert not isinstance(last, Definition)
            return self.conclusion(last)
        if isinstance(node, SupposeAbsurd):
            return neg(self.hypothesis(node))
        if isinstance(node, Assume):
            return implies(self.hypothesis(node), self.conclusion(node.body))
        return self.steps[node.step - 1].conclusion

    def hypothesis(self, node: Assume | SupposeAbsurd) -> Formula:
        """The hypothesis of a subproof (its authors here write hypotheses out)."""
        return _formula(node.hypothesis.text)

    def statement(self, index: int, block: Block) -> tuple[int, int] | None:
        """Span of a step of a block with its semicolon and, where nothing else stands on its lines, those lines."""
        node = block.steps[index]
        end = self.parsed.text.find(";", node.end)
        if index == len(block.steps) - 1 or end < 0 or self.parsed.text[node.end : end].strip():
            return None
        start, end = node.start, end + 1
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", end)
        if line_end >= 0 and not self.text[line_start:start].strip() and not self.text[end:line_end].strip():
            return line_start, line_end + 1
        return start, end


def splice(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    """``text`` with disjoint spans replaced."""
    out: list[str] = []
    at = 0
    for start, end, new in sorted(edits):
        out += [text[at:start], new]
        at = end
    return "".join([*out, text[at:]])


def _formula(text: str) -> Formula:
    try:
        return parse_formula(text)
    except ValueError as error:
        raise CheckerError(f"a hypothesis is no plain formula: {error}") from error


class _ScopeWalk:
    def __init__(self, subject: Subject, step: int) -> None:
        self.subject = subject
        self.step = step
        self.expired: list[Fact] = []
        self.found: tuple[Fact, ...] | None = None

    def run(self) -> Scope:
        visible = [Fact(f"premise-{i}", p) for i, p in enumerate(self.subject.premises, 1)]
        self.proof(self.subject.parsed.root, visible)
        assert self.found is not None
        holding = {fact.formula for fact in self.found}
        known = {fact.name for fact in (*self.found, *self.expired)}
        start = self.subject.steps[self.step - 1].start
        later = tuple(n for n, at in self.subject.labels.items() if at > start and n not in known)
        return Scope(self.found, tuple(f for f in self.expired if f.formula not in holding), later)

    def proof(self, node: Argument | Node, visible: list[Fact]) -> None:
        """Walk on until the step is met."""
        if self.found is not None or isinstance(node, (Term, Definition)):
            return
        if isinstance(node, Block):
            self.block(node, visible, len(visible))
        elif isinstance(node, (Assume, SupposeAbsurd)):
            label = node.hypothesis_label.text if node.hypothesis_label else None
            size = len(visible)
            visible.append(Fact(label, self.subject.hypothesis(node)))
            self.block(node.body, visible, size)
        elif node.step == self.step:
            self.found = tuple(visible)
        else:
            for argument in node.arguments:
                self.proof(argument, visible)

    def block(self, node: Block, visible: list[Fact], size: int) -> None:
        for step in node.steps:
            self.proof(step, visible)
            if self.found is not None:
                return
            if not isinstance(step, Definition):
                name = step.labels[0].text if step.labels else None
                visible.append(Fact(name, self.subject.conclusion(step)))
        self.expired += visible[size:]
        del visible[size:]
