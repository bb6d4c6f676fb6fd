"""An accepted NDL or macro proof as numbered lines, Fitch style: what each line says and which lines it rests on.

Blocks and names are gone, for a line cites numbers; what is left is what a person would write on paper, and what the
writers for other systems need. Nothing recurses: proofs may be thousands of blocks deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from proofgrid.checker.api import StepTrace
from proofgrid.checker.formulas import Formula, implies, neg
from proofgrid.checker.natural.syntax import Assume, Block, Definition, From, ParsedProof, Proof, RuleApplication, Term

MOST_WIDE = 72
"""Characters after which the reasons of a plain text no longer stand below each other."""
Kind = Literal["premise", "hypothesis", "step", "discharge"]


@dataclass(frozen=True, slots=True)
class FitchLine:
    """One line; its number is its place in the list, from 1."""

    kind: Kind
    formula: Formula
    rule: str
    """The rule of a step; ``assume`` or ``suppose-absurd`` for a hypothesis and the line that discharges it."""
    cites: tuple[int, ...]
    """What must hold for a step, in the rule's order; for a discharge, its hypothesis and the last line under it."""
    depth: int
    """How many hypotheses are open at the line, its own included."""
    step: int | None = None
    """The step's number in the proof as written."""


def fitch_lines(
    *, premises: Sequence[Formula], proof: ParsedProof, trace: Sequence[StepTrace]
) -> tuple[FitchLine, ...]:
    """The lines of a proof, premises first; the last states its conclusion.

    ``proof`` is the tree and ``trace`` what :func:`proofgrid.checker.trace_steps` says of the same text.
    """
    return tuple(_Flattener(premises, proof, trace).run())


def fitch_text(lines: Sequence[FitchLine]) -> str:
    """The lines as a person writes them on paper: a bar for each open hypothesis, a stroke under what is supposed."""
    numbers = len(str(len(lines)))
    said = [f"{'│ ' * (line.depth + 1)}{line.formula}" for line in lines]
    wide = min(MOST_WIDE, max(map(len, said), default=0))
    out = []
    for number, (line, shown) in enumerate(zip(lines, said, strict=True), 1):
        cited = (f"{line.cites[0]}-{line.cites[1]}",) if line.kind == "discharge" else map(str, line.cites)
        reason = line.kind if line.kind in ("premise", "hypothesis") else f"{line.rule} {', '.join(cited)}".rstrip()
        out.append(f"{number:>{numbers}} {shown:<{wide}}  {reason}")
        last_premise = line.kind == "premise" and (number == len(lines) or lines[number].kind != "premise")
        if line.kind == "hypothesis" or last_premise:
            out.append(f"{' ' * numbers} {'│ ' * line.depth}├───")
    return "\n".join(out) + "\n"


class _Flattener:
    def __init__(self, premises: Sequence[Formula], proof: ParsedProof, trace: Sequence[StepTrace]) -> None:
        self.root = proof.root
        self.steps = {step.step: step for step in trace}
        self.depths = dict(_depths(proof.root))
        self.lines = [FitchLine("premise", premise, "premise", (), 0) for premise in premises]
        self.scopes: list[dict[Formula, int]] = [{premise: i for i, premise in enumerate(premises, 1)}]

    def run(self) -> list[FitchLine]:
        """A list of things to do instead of recursion; ``results`` holds the line of each conclusion not yet used."""
        results: list[int] = []
        todo: list[tuple[str, Proof]] = [("enter", self.root)]
        opened: list[int] = []
        while todo:
            what, node = todo.pop()
            if what == "enter" and isinstance(node, Block):
                self.scopes.append({})
                todo.append(("leave", node))
                for i, step in enumerate(reversed(node.steps)):
                    if not isinstance(step, Definition):
                        todo += [("keep", step), ("enter", step)] if i else [("enter", step)]
            elif what == "enter" and isinstance(node, (RuleApplication, From)):
                todo.append(("apply", node))
                for argument in reversed(node.arguments):
                    if not isinstance(argument, Term):
                        todo += [("keep", argument), ("enter", argument)]
            elif what == "enter" and not isinstance(node, (Block, RuleApplication, From)):
                hypothesis = self.hypothesis(node)
                opened.append(self.add("hypothesis", hypothesis, _word(node), ()))
                self.scopes.append({hypothesis: opened[-1]})
                todo += [("close", node), ("enter", node.body)]
            elif what == "apply" and isinstance(node, (RuleApplication, From)):
                traced = self.steps[node.step]
                cites = tuple(self.holding(formula) for formula in traced.required)
                results.append(self.add("step", traced.conclusion, node.rule.lower(), cites, node.step))
            elif what == "close":
                self.scopes.pop()
                first, last = opened.pop(), results.pop()
                hypothesis, body = self.lines[first - 1].formula, self.lines[last - 1].formula
                formula = implies(hypothesis, body) if isinstance(node, Assume) else neg(hypothesis)
                results.append(self.add("discharge", formula, _word(node), (first, last)))
            elif what == "keep":
                line = results.pop()
                self.scopes[-1][self.lines[line - 1].formula] = line
            elif what == "leave":
                self.scopes.pop()
        return self.lines

    def add(self, kind: Kind, formula: Formula, rule: str, cites: tuple[int, ...], step: int | None = None) -> int:
        before = self.lines[-1] if self.lines else None
        depth = 0 if before is None else before.depth
        if kind == "hypothesis":
            depth += 1
        elif kind == "discharge":
            depth -= 1
        self.lines.append(FitchLine(kind, formula, rule, cites, depth, step))
        return len(self.lines)

    def holding(self, formula: Formula) -> int:
        """The line that makes ``formula`` hold here, the innermost first (KeyError: none does)."""
        for scope in reversed(self.scopes):
            if formula in scope:
                return scope[formula]
        raise KeyError(str(formula))

    def hypothesis(self, node: Proof) -> Formula:
        """The hypothesis of an assume or suppose-absurd: what its depth holds in the trace of a step inside."""
        inner = node
        while not isinstance(inner, (RuleApplication, From)):
            last = inner.steps[-1] if isinstance(inner, Block) else inner.body
            assert not isinstance(last, Definition)  # the grammar has no block that ends in one
            inner = last
        return self.steps[inner.step].hypotheses[self.depths[node]]


def _word(node: Proof) -> str:
    return "assume" if isinstance(node, Assume) else "suppose-absurd"


def _depths(root: Proof) -> Iterator[tuple[Proof, int]]:
    """Every assume and suppose-absurd with the number of hypotheses that are open around it."""
    stack: list[tuple[Proof, int]] = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, Block):
            stack += [(step, depth) for step in node.steps if not isinstance(step, Definition)]
        elif isinstance(node, (RuleApplication, From)):
            stack += [(a, depth) for a in node.arguments if not isinstance(a, Term)]
        else:
            yield node, depth
            stack.append((node.body, depth + 1))
