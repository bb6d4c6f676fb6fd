"""Edits of correct proofs: those that put one error in, and those that only look as if they did.

Every edit works on the text, by the spans of the syntax tree, so layout, names and remarks stay as the author wrote
them. What an edit does to the proof is never assumed: :func:`corrupt` keeps an edit only where the checker finds the
same first error strictly and through its repairs, :func:`preserve` only where the proof is still strictly correct.
Most operators serve both, so that a proof's looks do not tell which kind of edit it has had.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Literal

from checker import (
    CheckerError,
    Failure,
    StepTrace,
    check,
    countermodel,
    parse_formula,
    parse_proof,
    trace_steps,
)
from checker.formulas import BINARY, FALSE, Formula, atom, atoms, build, implies, neg, postorder
from checker.ndl.syntax import (
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
from checker.rules import RULES
from tasks.provers.writer import formula_text

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


@dataclass(frozen=True, slots=True)
class Corruption:
    """A proof with one first error that strict and instrumented checks agree on."""

    kind: str
    """The operator's name, a key of :data:`OPERATORS`."""
    edited: Edited
    failure: Failure
    lines: tuple[int, ...]
    """Lines of the failing step, from 1; empty for a wrong final conclusion."""


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


# --- varying formulas -----------------------------------------------------------------------------------------------


def vary(f: Formula, letters: Sequence[str], rng: Random) -> Formula:
    """A formula that differs from ``f`` in one place, as a slip of attention would: a connective, a negation, the
    order of the two sides, or an atom."""
    place = rng.choice(list(postorder(f)))
    return _replace(f, place, _varied(place, letters, rng))


def _varied(g: Formula, letters: Sequence[str], rng: Random) -> Formula:
    roll = rng.random()
    if g.op in BINARY:
        if roll < 0.4:
            return build(rng.choice([op for op in BINARY if op != g.op]), g.left, g.right)
        if roll < 0.65:
            return build(g.op, g.right, g.left)
        side = neg(g.left) if g.left.op != "~" else g.left.left
        return build(g.op, side, g.right) if roll < 0.85 else neg(g)
    if g.op == "~":
        return g.left
    if roll < 0.5 and len(letters) > 1 and g.op == "atom":
        return atom(rng.choice([name for name in letters if name != g.name]))
    return neg(g)


def _replace(f: Formula, place: Formula, new: Formula) -> Formula:
    made: dict[Formula, Formula] = {place: new}
    for g in postorder(f):
        if g in made:
            continue
        if g.op == "~":
            made[g] = neg(made[g.left])
        elif g.op in BINARY:
            made[g] = build(g.op, made[g.left], made[g.right])
        else:
            made[g] = g
    return made[f]


def flip_negation(f: Formula, rng: Random) -> Formula:
    """``f`` with one negation more or fewer, in front or one level down."""
    if f.op in BINARY and rng.random() < 0.6:
        left = rng.random() < 0.5
        side = f.left if left else f.right
        turned = side.left if side.op == "~" else neg(side)
        return build(f.op, turned, f.right) if left else build(f.op, f.left, turned)
    return f.left if f.op == "~" else neg(f)


def invalid_inference(
    sources: Sequence[Formula], target: Formula, rng: Random, tries: int = 40
) -> tuple[tuple[Formula, ...], Formula, dict[str, bool]] | None:
    """An inference that looks like the given one and does not follow, with a countermodel; None where none was met."""
    letters = atoms(*sources, target)
    for _ in range(tries):
        premises, conclusion = list(sources), target
        if premises and rng.random() < 0.4:
            at = rng.randrange(len(premises))
            premises[at] = vary(premises[at], letters, rng)
        else:
            conclusion = vary(target, letters, rng)
        model = countermodel(premises, conclusion)
        if model is not None:
            return tuple(premises), conclusion, model
    return None


# --- operators ------------------------------------------------------------------------------------------------------

Operator = Callable[[Subject, Random], Edited | None]

_CONFUSED = {
    "left-and": ("right-and",),
    "right-and": ("left-and",),
    "left-either": ("right-either",),
    "right-either": ("left-either",),
    "left-iff": ("right-iff",),
    "right-iff": ("left-iff",),
    "mp": ("mt", "dsyl", "absurd", "both"),
    "mt": ("mp", "dsyl", "absurd"),
    "dsyl": ("mp", "mt", "absurd"),
    "both": ("left-either", "right-either", "equiv", "absurd"),
    "absurd": ("both", "mp", "dsyl"),
    "dm": ("neg-cond", "neg-bicond", "dn", "cond-def"),
    "neg-cond": ("dm", "neg-bicond", "cond-def"),
    "cond-def": ("neg-cond", "dm", "bicond-def'"),
    "from-false": ("claim", "ex-middle"),
    "claim": ("from-false", "dn"),
    "equiv": ("both", "cond-def"),
}


def _pick(subject: Subject, rng: Random, least: int = 1) -> StepTrace | None:
    steps = [s for s in subject.steps if len(s.arguments) >= least]
    return rng.choice(steps) if steps else None


def _cite(subject: Subject, fact: Fact, rng: Random) -> str:
    return fact.name if fact.name and rng.random() < 0.7 else subject.write(fact.formula)


def wrong_rule(subject: Subject, rng: Random) -> Edited | None:
    """Another rule's name, most often one that is easily confused with it."""
    step = _pick(subject, rng)
    if step is None or subject.language == "macro":
        return None
    likely = _CONFUSED.get(step.rule, ())
    same = [n for n, r in RULES.items() if n != step.rule and r.arity == len(step.arguments)]
    new = rng.choice(likely) if likely and rng.random() < 0.7 else rng.choice(same or list(RULES))
    return subject.edited((step.node.rule_start, step.node.rule_end, new))


def swapped_arguments(subject: Subject, rng: Random) -> Edited | None:
    """Two neighbouring arguments change places."""
    step = _pick(subject, rng, 2)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments) - 1)
    a, b = step.node.arguments[at], step.node.arguments[at + 1]
    text = subject.text
    return subject.edited((a.start, a.end, text[b.start : b.end]), (b.start, b.end, text[a.start : a.end]))


def dropped_argument(subject: Subject, rng: Random) -> Edited | None:
    """One argument is left out."""
    step = _pick(subject, rng, 2)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments))
    nodes = step.node.arguments
    if at + 1 < len(nodes):
        return subject.edited((nodes[at].start, nodes[at + 1].start, ""))
    return subject.edited((nodes[at - 1].end, nodes[at].end, ""))


def extra_argument(subject: Subject, rng: Random) -> Edited | None:
    """One argument too many; in the macro language, enough of them to pass the limit."""
    step = _pick(subject, rng)
    if step is None:
        return None
    facts = subject.scope(step.step).visible
    if not facts:
        return None
    wanted = 1 if subject.language == "ndl" else rng.choice((1, max(1, 6 - len(step.arguments))))
    unused = [f for f in facts if f.formula not in step.evaluated]
    if len(unused) < wanted:
        return None
    added = [_cite(subject, f, rng) for f in rng.sample(unused, wanted)]
    end = step.node.arguments[-1].end
    return subject.edited((end, end, ", " + ", ".join(added)))


def wrong_argument(subject: Subject, rng: Random) -> Edited | None:
    """Something else that holds is cited, of the same shape where there is such a thing."""
    return _other_argument(subject, rng, lambda scope: scope.visible)


def stale_argument(subject: Subject, rng: Random) -> Edited | None:
    """Something is cited that has gone out of scope."""
    return _other_argument(subject, rng, lambda scope: scope.expired)


def _other_argument(subject: Subject, rng: Random, pool: Callable[[Scope], Sequence[Fact]]) -> Edited | None:
    step = _pick(subject, rng)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments))
    old = step.evaluated[at]
    facts = [f for f in pool(subject.scope(step.step)) if f.formula is not old]
    alike = [f for f in facts if f.formula.op == old.op]
    if not facts:
        return None
    fact = rng.choice(alike if alike and rng.random() < 0.8 else facts)
    node = step.node.arguments[at]
    return subject.edited((node.start, node.end, _cite(subject, fact, rng)))


def early_name(subject: Subject, rng: Random) -> Edited | None:
    """A name is used before it is bound."""
    step = _pick(subject, rng)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments))
    later = subject.scope(step.step).later
    if not later:
        return None
    node = step.node.arguments[at]
    return subject.edited((node.start, node.end, rng.choice(later[:4])))


def negated_argument(subject: Subject, rng: Random) -> Edited | None:
    """An argument with one negation more or fewer."""
    step = _pick(subject, rng)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments))
    node = step.node.arguments[at]
    return subject.edited((node.start, node.end, subject.write(flip_negation(step.evaluated[at], rng))))


def _annotated(subject: Subject, rng: Random) -> tuple[StepTrace, Term] | None:
    steps = [(s, s.node.conclusion) for s in subject.steps if s.node.conclusion is not None]
    return rng.choice(steps) if steps else None


def wrong_annotation(subject: Subject, rng: Random) -> Edited | None:
    """A step announces something slightly else than it concludes."""
    found = _annotated(subject, rng)
    if found is None:
        return None
    step, term = found
    return subject.edited((term.start, term.end, subject.write(vary(step.conclusion, subject.letters, rng))))


def negated_annotation(subject: Subject, rng: Random) -> Edited | None:
    """A step announces its conclusion with one negation more or fewer."""
    found = _annotated(subject, rng)
    if found is None:
        return None
    step, term = found
    return subject.edited((term.start, term.end, subject.write(flip_negation(step.conclusion, rng))))


def dropped_step(subject: Subject, rng: Random) -> Edited | None:
    """A step is left out."""
    block = rng.choice(list(subject.blocks()) or [None])
    if block is None or len(block.steps) < 2:
        return None
    span = subject.statement(rng.randrange(len(block.steps) - 1), block)
    return subject.edited((*span, "")) if span else None


def buried_step(subject: Subject, rng: Random) -> Edited | None:
    """A step moves into a neighbouring subproof, so that its conclusion is out of scope where it is needed."""
    block = rng.choice(list(subject.blocks()) or [None])
    if block is None or len(block.steps) < 3:
        return None
    at = rng.randrange(len(block.steps) - 1)
    span = subject.statement(at, block)
    near = [s for s in block.steps[at + 1 : at + 4] if isinstance(s, (Assume, SupposeAbsurd))]
    if span is None or not near:
        return None
    node = block.steps[at]
    first = rng.choice(near).body.steps[0]
    line = subject.text.rfind("\n", 0, first.start) + 1
    pad = subject.text[line : first.start] if not subject.text[line : first.start].strip() else " "
    moved = subject.text[node.start : node.end] + ";" + ("\n" if pad != " " else "") + pad
    return subject.edited((*span, ""), (first.start, first.start, moved))


def swapped_steps(subject: Subject, rng: Random) -> Edited | None:
    """Two neighbouring steps change places."""
    block = rng.choice(list(subject.blocks()) or [None])
    if block is None or len(block.steps) < 3:
        return None
    at = rng.randrange(len(block.steps) - 2)
    a, b = block.steps[at], block.steps[at + 1]
    text = subject.text
    if "\n" in text[a.start : a.end] or "\n" in text[b.start : b.end]:
        return None
    return subject.edited((a.start, a.end, text[b.start : b.end]), (b.start, b.end, text[a.start : a.end]))


def other_goal(subject: Subject, rng: Random) -> Edited | None:
    """The problem asks for something slightly else than the proof concludes."""
    return Edited(subject.premises, vary(subject.goal, subject.letters, rng), subject.text)


def other_premise(subject: Subject, rng: Random) -> Edited | None:
    """One premise says something slightly else than the proof takes it to say."""
    if not subject.premises:
        return None
    at = rng.randrange(len(subject.premises))
    premises = list(subject.premises)
    premises[at] = vary(premises[at], subject.letters, rng)
    if len({*premises}) < len(premises):
        return None
    return Edited(tuple(premises), subject.goal, subject.text)


def other_hypothesis(subject: Subject, rng: Random) -> Edited | None:
    """A subproof assumes something slightly else."""
    nodes = [n for n in subject.parsed.walk() if isinstance(n, (Assume, SupposeAbsurd))]
    if not nodes:
        return None
    node = rng.choice(nodes)
    new = vary(subject.hypothesis(node), subject.letters, rng)
    return subject.edited((node.hypothesis.start, node.hypothesis.end, subject.write(new)))


def cited_otherwise(subject: Subject, rng: Random) -> Edited | None:
    """An argument is cited by its name instead of its formula, or the other way round."""
    step = _pick(subject, rng)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments))
    node, formula = step.node.arguments[at], step.evaluated[at]
    if not isinstance(node, Term):
        return None
    if node.is_name and node.text not in subject.letters:
        return subject.edited((node.start, node.end, subject.write(formula)))
    names = [f.name for f in subject.scope(step.step).visible if f.formula is formula and f.name]
    return subject.edited((node.start, node.end, rng.choice(names))) if names else None


def changed_annotating(subject: Subject, rng: Random) -> Edited | None:
    """A step loses its announced conclusion, or gets one."""
    step = _pick(subject, rng)
    if step is None or subject.language == "macro":
        return None
    term = step.node.conclusion
    if term is not None:
        return subject.edited((term.start, step.node.rule_start, ""))
    at = step.node.rule_start
    return subject.edited((at, at, f"{subject.write(step.conclusion)} BY "))


def repeated_step(subject: Subject, rng: Random) -> Edited | None:
    """A step is done again, a little later, without need."""
    step = _pick(subject, rng)
    if step is None:
        return None
    block = rng.choice(list(subject.blocks()) or [None])
    if block is None:
        return None
    node = rng.choice(block.steps)
    written = subject.text[step.node.labels[-1].end if step.node.labels else step.start : step.end]
    return _inserted(subject, node.start, written.lstrip(" :=\n"))


def idle_step(subject: Subject, rng: Random) -> Edited | None:
    """A step that nothing needs."""
    step = _pick(subject, rng)
    if step is None or subject.language == "macro":
        return None
    block = rng.choice(list(subject.blocks()) or [None])
    if block is None:
        return None
    node = rng.choice(block.steps)
    facts = subject.scope(step.step).visible
    if not facts:
        return None
    one, two = rng.choice(facts), rng.choice(facts)
    a, b = _cite(subject, one, rng), _cite(subject, two, rng)
    any_atom = rng.choice(subject.letters)
    written = rng.choice(
        (
            f"claim on {a}",
            f"both on {a}, {b}",
            f"left-either on {a}, {b}",
            f"ex-middle on {any_atom}",
            f"right-either on {any_atom}, {a}",
        )
    )
    return _inserted(subject, node.start, written)


def _inserted(subject: Subject, at: int, written: str) -> Edited | None:
    line = subject.text.rfind("\n", 0, at) + 1
    pad = subject.text[line:at]
    if pad.strip() or "\n" in written:
        return None
    return subject.edited((at, at, f"{written};\n{pad}"))


OPERATORS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        wrong_rule,
        swapped_arguments,
        dropped_argument,
        extra_argument,
        wrong_argument,
        stale_argument,
        early_name,
        negated_argument,
        wrong_annotation,
        negated_annotation,
        dropped_step,
        buried_step,
        swapped_steps,
        other_goal,
        other_premise,
        other_hypothesis,
        cited_otherwise,
        changed_annotating,
        repeated_step,
        idle_step,
    )
}
"""Every operator by name. Whether an edit corrupts or preserves is for the checker to say."""

_ONLY_HARMLESS = ("cited_otherwise", "changed_annotating", "repeated_step", "idle_step")
CORRUPTING = tuple(name for name in OPERATORS if name not in _ONLY_HARMLESS)
PRESERVING = tuple(name for name in OPERATORS if name not in ("other_goal", "other_premise", "early_name"))
_TRIES = 6


def corrupt(
    subject: Subject, rng: Random, kinds: Sequence[str] = CORRUPTING, class_: str | None = None
) -> Corruption | None:
    """A proof with one clear first error, by one of ``kinds``; None where no edit that was tried made one.

    With ``class_`` (syntax, type or logic) the error is of that class.
    """
    order = list(kinds)
    rng.shuffle(order)
    for kind in order:
        for _ in range(_TRIES):
            edited = OPERATORS[kind](subject, rng)
            if edited is not None and edited.proof + str(edited.goal) + str(edited.premises) != _face(subject):
                found = first_error(edited, subject.language, class_)
                if found is not None:
                    return Corruption(kind, edited, *found)
    return None


def preserve(subject: Subject, rng: Random, kinds: Sequence[str] = PRESERVING) -> tuple[str, Edited] | None:
    """The same problem with a proof that was edited and is still strictly correct; None where no try left it so."""
    order = list(kinds)
    rng.shuffle(order)
    for kind in order:
        for _ in range(_TRIES):
            edited = OPERATORS[kind](subject, rng)
            if edited is not None and edited.proof != subject.text:
                verdict = check((edited.premises, edited.goal), edited.proof, mode="strict", language=subject.language)
                if verdict.correct:
                    return kind, edited
    return None


def _face(subject: Subject) -> str:
    return subject.text + str(subject.goal) + str(subject.premises)


def first_error(edited: Edited, language: Name, class_: str | None = None) -> tuple[Failure, tuple[int, ...]] | None:
    """The first error and the lines of its step, where both modes find the same one (of ``class_``); else None."""
    problem = (edited.premises, edited.goal)
    strict = check(problem, edited.proof, mode="strict", language=language).failure
    if strict is None or class_ not in (None, strict.class_):
        return None
    tolerant = check(problem, edited.proof, mode="instrumented", language=language).failure
    same = tolerant is not None and (tolerant.kind, tolerant.step, tolerant.line) == (
        strict.kind,
        strict.step,
        strict.line,
    )
    if not same or strict.kind in ("checkerLimit", "unfilled"):
        return None
    return strict, lines_of_step(edited.proof, strict, language)


def lines_of_step(proof: str, failure: Failure, language: Name) -> tuple[int, ...]:
    """The lines, from 1, on which the failing step itself stands (not the subproofs in its arguments)."""
    if failure.line == 0:
        return ()
    if failure.step is None:
        return (failure.line,)
    parsed = parse_proof(proof, language)
    for node in parsed.applications():
        if node.step == failure.step:
            spans = [(node.start, node.rule_end), *((a.start, a.end) for a in node.arguments if isinstance(a, Term))]
            lines = {n for a, b in spans for n in range(parsed.position(a)[0], parsed.position(max(a, b - 1))[0] + 1)}
            return tuple(sorted({*lines, failure.line}))
    return (failure.line,)


__all__ = [
    "CORRUPTING",
    "FALSE",
    "OPERATORS",
    "PRESERVING",
    "Corruption",
    "Edited",
    "Fact",
    "Scope",
    "Subject",
    "corrupt",
    "first_error",
    "flip_negation",
    "invalid_inference",
    "lines_of_step",
    "preserve",
    "splice",
    "vary",
]
