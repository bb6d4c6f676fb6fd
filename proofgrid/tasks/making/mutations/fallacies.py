"""Errors as people and models make them, where a plain slip of the pen does not show them.

In published answers the failures are ``cases`` put together wrongly, ``neg-cond`` on what is no negated conditional,
formulas that hold elsewhere only, and subproofs that were planned and never written. So these operators build steps
from what holds around them. Each draws right applications as well as wrong ones: whichever the checker finds it to be,
an edit looks the same, and only reasoning tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from proofgrid.checker import StepTrace
from proofgrid.checker.formulas import FALSE, Formula, conj, disj, implies, neg
from proofgrid.checker.natural.syntax import Assume, Block, Definition, From, Term
from proofgrid.tasks.making.mutations.subject import Edited, Fact, Subject
from proofgrid.tasks.making.problems.encoding import join

Application = tuple[str, tuple[Formula, ...], Formula]
"""A rule, its arguments, and what the step announces."""


def cite(subject: Subject, facts: tuple[Fact, ...], formula: Formula, rng: Random, by_name: float = 0.7) -> str:
    """A formula as the author would cite it: by a name that it has here, or written out."""
    names = [f.name for f in facts if f.formula is formula and f.name]
    return names[-1] if names and rng.random() < by_name else subject.write(formula)


def _steps_by(subject: Subject, rng: Random, *rules: str) -> StepTrace | None:
    found = [s for s in subject.places if s.rule in rules]
    return rng.choice(found) if found else None


def wrong_cases(subject: Subject, rng: Random) -> Edited | None:
    """``cases`` with its conditionals swapped, another disjunction, a converse, or a conditional nobody proved."""
    step = _steps_by(subject, rng, "cases")
    if step is None or len(step.arguments) != 3:
        return None
    nodes, formulas = step.node.arguments, step.evaluated
    visible = subject.scope(step.step).visible
    roll = rng.random()
    if roll < 0.3:
        one, two = (subject.text[n.start : n.end] for n in nodes[1:])
        return subject.edited((nodes[1].start, nodes[1].end, two), (nodes[2].start, nodes[2].end, one))
    if roll < 0.55:
        others = [f.formula for f in visible if f.formula.op == "|" and f.formula is not formulas[0]]
        old = formulas[0]
        made = [disj(neg(old.left), old.right), disj(old.left, neg(old.right))] if old.op == "|" else []
        pool = others if others and rng.random() < 0.7 else made
        if not pool or not isinstance(nodes[0], Term):
            return None
        return subject.edited((nodes[0].start, nodes[0].end, cite(subject, visible, rng.choice(pool), rng)))
    at = rng.choice((1, 2))
    node, old = nodes[at], formulas[at]
    if not isinstance(node, Term) or old.op != "==>":
        return None
    others = [f.formula for f in visible if f.formula.op == "==>" and f.formula is not old]
    near = [f for f in others if f.left is old.left or f.right is old.right]
    made = [implies(old.right, old.left), implies(neg(old.left), old.right), implies(step.conclusion, step.conclusion)]
    pool = near or others if (near or others) and rng.random() < 0.5 else made
    return subject.edited((node.start, node.end, cite(subject, visible, rng.choice(pool), rng)))


MISTAKEN, RENAMED = 0.1, 0.7
"""How often a step by a rule like ``neg-cond`` comes to be called one by it, and the other way round: so that about as
many of each come out of it, or a proof with ``neg-cond`` would look wrong."""


def wrong_neg_cond(subject: Subject, rng: Random) -> Edited | None:
    """``neg-cond`` on what is no negated conditional, or announcing what one does not say; or its name is changed."""
    step = _steps_by(subject, rng, "neg-cond", "dm", "cond-def")
    if step is None:
        return None
    node, f = step.node.arguments[0], step.evaluated[0]
    if step.rule != "neg-cond":
        renamed = (step.node.rule_start, step.node.rule_end, "neg-cond")
        return subject.edited(renamed) if rng.random() < MISTAKEN else None
    if rng.random() < RENAMED:
        return subject.edited((step.node.rule_start, step.node.rule_end, rng.choice(("dm", "dm", "dm", "cond-def"))))
    inner = f.left if f.op == "~" else f
    if inner.op not in ("==>", "&"):
        return None
    p, q = inner.left, inner.right
    term = step.node.conclusion
    if term is not None and rng.random() < 0.5:
        said = rng.choice((conj(neg(p), q), conj(p, q), disj(p, neg(q)), implies(p, neg(q)), conj(neg(p), neg(q))))
        return subject.edited((term.start, term.end, subject.write(said)))
    if not isinstance(node, Term):
        return None
    given = rng.choice((inner, implies(p, q), conj(p, q), neg(implies(q, p)), neg(conj(p, q))))
    return subject.edited((node.start, node.end, cite(subject, subject.scope(step.step).visible, given, rng)))


def converse(subject: Subject, rng: Random) -> Edited | None:
    """A conditional is cited, announced or assumed the other way round, or with both sides negated."""
    visible_steps = [s for s in subject.places if any(f.op == "==>" for f in s.evaluated)]
    announced = [s for s in subject.places if s.node.conclusion is not None and s.conclusion.op == "==>"]
    if announced and (not visible_steps or rng.random() < 0.4):
        step = rng.choice(announced)
        term = step.node.conclusion
        assert term is not None
        return subject.edited((term.start, term.end, subject.write(_turned(step.conclusion, rng))))
    if not visible_steps:
        return None
    step = rng.choice(visible_steps)
    at = rng.choice([i for i, f in enumerate(step.evaluated) if f.op == "==>"])
    node = step.node.arguments[at]
    if not isinstance(node, Term):
        return None
    turned = _turned(step.evaluated[at], rng)
    return subject.edited((node.start, node.end, cite(subject, subject.scope(step.step).visible, turned, rng)))


def _turned(f: Formula, rng: Random) -> Formula:
    p, q = f.left, f.right
    return implies(q, p) if rng.random() < 0.6 else implies(neg(p), neg(q))


def leaked(subject: Subject, rng: Random) -> Edited | None:
    """What held in a subproof is cited, written out, after the subproof has ended."""
    steps = list(subject.places)
    rng.shuffle(steps)
    for step in steps[:6]:
        expired = [f.formula for f in subject.scope(step.step).expired]
        at = rng.randrange(len(step.arguments)) if step.arguments else 0
        if not expired or not step.arguments or not isinstance(step.node.arguments[at], Term):
            continue
        old = step.evaluated[at]
        alike = [f for f in expired if f.op == old.op and f is not old]
        node = step.node.arguments[at]
        return subject.edited((node.start, node.end, subject.write(rng.choice(alike or expired))))
    return None


def omitted_block(subject: Subject, rng: Random) -> Edited | None:
    """A subproof is left out, and what it would have shown is cited all the same."""
    places = [
        (block, at)
        for block in subject.blocks()
        for at, node in enumerate(block.steps[:-1])
        if isinstance(node, Assume)
    ]
    return _omitted(subject, *rng.choice(places)) if places else None


def omitted_step(subject: Subject, rng: Random) -> Edited | None:
    """A step is left out, and its conclusion is cited all the same, written out."""
    places = [
        (block, at)
        for block in subject.blocks()
        for at, node in enumerate(block.steps[:-1])
        if not isinstance(node, (Assume, Definition))
    ]
    return _omitted(subject, *rng.choice(places)) if places else None


def _omitted(subject: Subject, block: Block, at: int) -> Edited | None:
    span = subject.statement(at, block)
    node = block.steps[at]
    if span is None or isinstance(node, Definition):
        return None
    written = subject.write(subject.conclusion(node))
    names = {label.text for label in node.labels}
    edits = [(*span, "")]
    for step in subject.steps:
        for argument in step.node.arguments:
            if isinstance(argument, Term) and argument.text in names and span[1] <= argument.start < block.end:
                edits.append((argument.start, argument.end, written))
    return subject.edited(*edits)


def reasoned_step(subject: Subject, rng: Random) -> Edited | None:
    """One step more, by a rule on what holds: rightly, or as it is got wrong (converse, both of a disjunction, ...)."""
    if subject.language == "macro":
        return _macro_step(subject, rng)
    blocks = [b for b in subject.blocks() if len(b.steps) > 1]
    if not blocks:
        return None
    for _ in range(4):
        block = rng.choice(blocks)
        node = rng.choice(block.steps[1:])
        visible = _visible_at(subject, node)
        if visible is None:
            continue
        made = list(_applications(visible, rng))
        if not made:
            continue
        rule, arguments, announced = rng.choice(made)
        cited = ", ".join(cite(subject, visible, a, rng) for a in arguments)
        shown = sum(s.node.conclusion is not None for s in subject.steps) / len(subject.steps)
        announcing = f"{subject.write(announced)} BY " if rng.random() < max(shown, 0.05) else ""
        return inserted(subject, node.start, f"{announcing}{rule} on {cited}")
    return None


def _visible_at(subject: Subject, node: object) -> tuple[Fact, ...] | None:
    number = getattr(node, "step", None)
    return None if number is None else subject.scope(number).visible


def _applications(visible: tuple[Fact, ...], rng: Random) -> Iterator[Application]:
    """Rule applications on what holds, about as many right as wrong."""
    facts = list(dict.fromkeys(f.formula for f in visible))
    rng.shuffle(facts)
    held = set(facts)
    for f in facts[:12]:
        p, q = (f.left, f.right) if f.op in ("&", "|", "==>", "<==>") else (f, f)
        wrong = rng.random() < 0.5
        if f.op == "==>":
            if wrong:
                if q in held and p not in held:
                    yield "mp", (f, q), p
                if neg(p) in held:
                    yield "mt", (f, neg(p)), neg(q)
                yield "cond-def", (f,), disj(p, neg(q)) if rng.random() < 0.5 else disj(neg(q), p)
            else:
                if p in held:
                    yield "mp", (f, p), q
                if neg(q) in held:
                    yield "mt", (f, neg(q)), neg(p)
                yield "cond-def", (f,), disj(neg(p), q)
        elif f.op == "|":
            for side, other in ((p, q), (q, p)):
                if wrong and side in held:
                    yield "dsyl", (f, side), neg(other)
                elif neg(side) in held:
                    yield "dsyl", (f, neg(side)), other
            conditionals = [g for g in facts if g.op == "==>" and g.left in (p, q)]
            if wrong and len(conditionals) >= 2:
                one, two = rng.sample(conditionals, 2)
                yield "cases", (f, one, two), one.right
        elif f.op == "&":
            yield ("left-and", (f,), p) if not wrong else ("neg-cond", (f,), neg(implies(p, q)))
        elif f.op == "<==>":
            yield ("left-iff", (f,), implies(p, q)) if not wrong else ("left-and", (f,), p)
        elif f.op == "~" and f.left.op in ("&", "|", "==>"):
            inner = f.left
            a, b = inner.left, inner.right
            if inner.op == "&":
                yield "dm", (f,), conj(neg(a), neg(b)) if wrong else disj(neg(a), neg(b))
            elif inner.op == "|":
                yield "dm", (f,), disj(neg(a), neg(b)) if wrong else conj(neg(a), neg(b))
            else:
                yield "neg-cond", (f,), conj(neg(a), b) if wrong else conj(a, neg(b))


def _macro_step(subject: Subject, rng: Random) -> Edited | None:
    """A conclusion from a few things that hold, which follows or nearly does."""
    blocks = [b for b in subject.blocks() if len(b.steps) > 1]
    if not blocks:
        return None
    node = rng.choice(rng.choice(blocks).steps[1:])
    visible = _visible_at(subject, node)
    if visible is None or len(visible) < 3:
        return None
    source = rng.choice(subject.steps)
    facts = list(source.evaluated)
    held = {f.formula for f in visible}
    if not all(f in held for f in facts):
        return None
    if rng.random() < 0.5 and len(facts) > 1:
        facts.pop(rng.randrange(len(facts)))
    conclusion = source.conclusion
    if conclusion is FALSE or conclusion in held:
        return None
    cited = ", ".join(cite(subject, visible, f, rng) for f in facts)
    return inserted(subject, node.start, f"{subject.write(conclusion)} from {cited}")


def merged_justifiers(subject: Subject, rng: Random) -> Edited | None:
    """In the macro language: some things that hold are put into one formula, and a step rests on that.

    Right where few are merged; an aggregation where the step then weighs more than a step may.
    """
    if subject.language != "macro":
        return None
    places = [
        (node, subject.steps[node.step - 1])
        for block in subject.blocks()
        for node in block.steps
        if isinstance(node, From) and len(node.arguments) >= 2
    ]
    if not places:
        return None
    node, step = rng.choice(places)
    line = subject.text.rfind("\n", 0, node.start) + 1
    pad = subject.text[line : node.start]
    if pad.strip() or not all(isinstance(argument, Term) for argument in node.arguments):
        return None
    visible = subject.scope(node.step).visible
    others = [f for f in dict.fromkeys(fact.formula for fact in visible) if f not in step.evaluated]
    count = rng.randint(2, len(step.evaluated))
    chosen = list(dict.fromkeys(step.evaluated[:count]))
    chosen += rng.sample(others, min(len(others), rng.randint(0, 5 - min(5, len(chosen)))))
    if not 2 <= len(chosen) <= 5:
        return None
    rng.shuffle(chosen)
    whole = subject.write(join(conj, chosen))
    cited = ", ".join(cite(subject, visible, f, rng) for f in chosen)
    first, last = node.arguments[0], node.arguments[count - 1]
    before = f"{whole} from {cited};\n{pad}"
    return subject.edited((node.start, node.start, before), (first.start, last.end, whole))


def inserted(subject: Subject, at: int, written: str) -> Edited | None:
    """A step on a line of its own in front of another; None if that shares its line with something."""
    line = subject.text.rfind("\n", 0, at) + 1
    pad = subject.text[line:at]
    if pad.strip() or "\n" in written:
        return None
    return subject.edited((at, at, f"{written};\n{pad}"))


FALLACIES: dict[str, Callable[[Subject, Random], Edited | None]] = {
    operator.__name__: operator
    for operator in (
        wrong_cases,
        wrong_neg_cond,
        converse,
        leaked,
        omitted_block,
        omitted_step,
        reasoned_step,
        merged_justifiers,
    )
}
