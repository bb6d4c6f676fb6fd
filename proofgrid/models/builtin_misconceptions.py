"""Fallacies that simulated students take for rules: what they write by them, and what they believe when asked.

Each misconception is a pattern on what holds. The same table serves both ends, so a student who holds one writes it in
proofs and calls it valid when it is shown alone: such a student is wrong and stable.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from proofgrid.checker.formulas import Formula, conj, disj, implies, neg
from proofgrid.tasks.questions.inference import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A rule, its arguments, and what the step announces."""

    rule: str
    arguments: tuple[Formula, ...]
    announced: Formula


Misconception = Callable[[Formula, Collection[Formula]], Iterator[Application]]
"""(a formula that holds, all that holds) -> applications of a rule, all of them wrong."""


def affirmed_consequent(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """From a conditional and its consequent, its antecedent."""
    if f.op == "==>" and f.right in held and f.left not in held:
        yield Application(rule="mp", arguments=(f, f.right), announced=f.left)


def denied_antecedent(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """From a conditional and its antecedent's negation, its consequent's negation."""
    if f.op == "==>" and neg(f.left) in held:
        yield Application(rule="mt", arguments=(f, neg(f.left)), announced=neg(f.right))


def converse_cited(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """A conditional is cited the other way round."""
    turned = implies(f.right, f.left) if f.op == "==>" else None
    if turned is not None and turned not in held and f.right in held and f.left not in held:
        yield Application(rule="mp", arguments=(turned, f.right), announced=f.left)


def exclusive_disjunction(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """One side of a disjunction holds, so the other does not."""
    if f.op == "|":
        for side, other in ((f.left, f.right), (f.right, f.left)):
            if side in held:
                yield Application(rule="dsyl", arguments=(f, side), announced=neg(other))


def negation_pushed_in(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """Not both, so neither."""
    if f.op == "~" and f.left.op == "&":
        announced = conj(neg(f.left.left), neg(f.left.right))
        yield Application(rule="dm", arguments=(f,), announced=announced)


def conditional_denied_inside(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """A conditional does not hold, so its antecedent fails and its consequent holds."""
    if f.op == "~" and f.left.op == "==>":
        announced = conj(neg(f.left.left), f.left.right)
        yield Application(rule="neg-cond", arguments=(f,), announced=announced)


def conditional_unfolded_wrongly(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """If p then q, so p or not q."""
    if f.op == "==>":
        yield Application(rule="cond-def", arguments=(f,), announced=disj(f.left, neg(f.right)))


def one_branch_for_two(f: Formula, held: Collection[Formula]) -> Iterator[Application]:
    """A disjunction by cases, with the same branch for both sides."""
    if f.op == "|" and f.left is not f.right:
        for branch in held:
            if branch.op == "==>" and branch.left in (f.left, f.right) and branch.right not in held:
                yield Application(rule="cases", arguments=(f, branch, branch), announced=branch.right)


MISCONCEPTIONS: dict[str, Misconception] = {
    one.__name__: one
    for one in (
        affirmed_consequent,
        denied_antecedent,
        converse_cited,
        exclusive_disjunction,
        negation_pushed_in,
        conditional_denied_inside,
        conditional_unfolded_wrongly,
        one_branch_for_two,
    )
}
"""By name."""


def applications(names: Collection[str], held: Sequence[Formula]) -> list[Application]:
    """Everything that a student with these misconceptions would conclude from what holds, and did not have already."""
    known = dict.fromkeys(held)
    made = (a for name in names for f in known for a in MISCONCEPTIONS[name](f, known))
    return list(dict.fromkeys(a for a in made if a.announced not in known))


def believed(names: Collection[str], asked: Asked) -> bool:
    """Whether an inference looks valid to a student with these misconceptions, as an application of one."""
    made = applications(names, asked.sources)
    if asked.kind == "rule":
        wanted = (asked.rule, asked.sources, asked.target)
        return any((a.rule, a.arguments, a.announced) == wanted for a in made)
    if asked.target is None:
        return False
    turned = implies(asked.target.right, asked.target.left) if asked.target.op == "==>" else None
    if "converse_cited" in names and turned in asked.sources:
        return True
    return any(a.announced == asked.target for a in made)
