"""Edits of the text of a proof, by the spans of its tree: layout, names and remarks stay as their author wrote them.

An operator makes one random edit, or answers None where this proof (or this draw) offers no place for it. What the
edit does to the proof it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from proofgrid.checker import StepTrace
from proofgrid.checker.natural.syntax import Assume, SupposeAbsurd, Term
from proofgrid.checker.rules import RULES
from proofgrid.tasks.making.mutations.fallacies import FALLACIES, inserted
from proofgrid.tasks.making.mutations.formulas import flip_negation, vary
from proofgrid.tasks.making.mutations.subject import Edited, Fact, Scope, Subject

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
    steps = [s for s in subject.places if len(s.arguments) >= least]
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
    """One argument too many; in the macro language, as many as it takes to weigh too much."""
    step = _pick(subject, rng)
    if step is None:
        return None
    facts = subject.scope(step.step).visible
    if not facts:
        return None
    wanted = 1 if subject.language == "ndl" else rng.choice((1, max(1, 5 - len(step.arguments))))
    unused = [f for f in facts if f.formula not in step.evaluated]
    if len(unused) < wanted:
        return None
    added = [_cite(subject, f, rng) for f in rng.sample(unused, wanted)]
    end = step.node.arguments[-1].end
    return subject.edited((end, end, ", " + ", ".join(added)))


def wrong_argument(subject: Subject, rng: Random) -> Edited | None:
    """Something else that holds is cited, of the same shape where there is such a thing."""
    return _other_argument(subject, rng, lambda scope: scope.visible)


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


def expired_name(subject: Subject, rng: Random) -> Edited | None:
    """A name is used after the block that it is bound in has ended."""
    step = _pick(subject, rng)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments))
    gone = [fact.name for fact in subject.scope(step.step).expired if fact.name]
    if not gone:
        return None
    node = step.node.arguments[at]
    return subject.edited((node.start, node.end, rng.choice(gone[-4:])))


def negated_argument(subject: Subject, rng: Random) -> Edited | None:
    """An argument with one negation more or fewer."""
    step = _pick(subject, rng)
    if step is None:
        return None
    at = rng.randrange(len(step.arguments))
    node = step.node.arguments[at]
    return subject.edited((node.start, node.end, subject.write(flip_negation(step.evaluated[at], rng))))


def _annotated(subject: Subject, rng: Random) -> tuple[StepTrace, Term] | None:
    steps = [(s, s.node.conclusion) for s in subject.places if s.node.conclusion is not None]
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
    return inserted(subject, node.start, written.lstrip(" :=\n"))


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
    return inserted(subject, node.start, written)


OPERATORS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        wrong_rule,
        swapped_arguments,
        dropped_argument,
        extra_argument,
        wrong_argument,
        expired_name,
        negated_argument,
        wrong_annotation,
        negated_annotation,
        buried_step,
        swapped_steps,
        other_hypothesis,
        cited_otherwise,
        changed_annotating,
        repeated_step,
        idle_step,
    )
} | FALLACIES
"""Every operator by name. Whether an edit corrupts or preserves is for the checker to say."""
