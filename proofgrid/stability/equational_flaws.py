"""What a wrong answer in equational logic says: its first wrong step as a question, and the steps that are right.

In eq_gf the model writes the missing lines, and so claims every step over the gap, the one that leads out of it
included. In eq_er it names the equations of each step. Saying that nothing fills a gap, or that nothing justifies a
step, states no inference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

from proofgrid.checker.equational import Equation, Term, apply, parse_term, positions
from proofgrid.checker.equational.terms import replace
from proofgrid.checker.limits import LimitReached
from proofgrid.stability.flaws import MOST_SYMBOLS, Flaw, NotAsked, Step
from proofgrid.tasks.kinds.equational.gap_filling import sides
from proofgrid.tasks.kinds.equational.values import chain_lines, problem_of
from proofgrid.tasks.questions.rewriting import AskedRewrite

_TRIES = 60


def find_equational_flaw(task: str, shown: Mapping[str, Any], answer: Any) -> Flaw | None:
    """The first wrong step of an answer as ``Task.read`` gave it; None where it has none.

    ``line`` is the number of the step, of those that the answer claims. Raises nothing on any answer that was read.
    """
    steps, flaw = _judged(task, shown, answer)
    if steps or flaw is not None:
        return flaw
    # What is wrong is that it says there is no way.
    return Flaw("nothingClaimed", None, 0, 0, None, "no_inference", (), ())


def _judged(task: str, shown: Mapping[str, Any], answer: Any) -> tuple[tuple[Step, ...], Flaw | None]:
    """The right steps up to the first wrong one, and that one."""
    steps: list[Step] = []
    for number, asked in enumerate(_CLAIMED[task](shown, answer), 1):
        reason: NotAsked | None = None
        if asked is None:
            reason = "no_inference"
        elif asked.length > MOST_SYMBOLS:
            reason = "too_long"
        else:
            try:
                if asked.valid():
                    steps.append(Step(asked, None, (), 0))
                    continue
            except LimitReached:
                reason = "limit"
        rule = None if asked is None else asked.rule
        right = tuple(steps)
        return right, Flaw("rewriteFailed", rule, number, 0, asked if reason is None else None, reason, right, ())
    return tuple(steps), None


def valid_equational_steps(task: str, shown: Mapping[str, Any], answer: Any) -> tuple[Step, ...]:
    """The steps that an answer claims and that are right, up to its first wrong one."""
    return _judged(task, shown, answer)[0]


def claimed_text(task: str, shown: Mapping[str, Any], answer: Any) -> str:
    """What an answer claims, a step a line, for people."""
    return "\n".join(
        "(equations that are not there, or too many)" if asked is None else asked.text()
        for asked in _CLAIMED[task](shown, answer)
    )


def _filled(shown: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[AskedRewrite | None]:
    """The steps over the gap of eq_gf, where something was filled in."""
    if not answer["missing"]:
        return
    named = problem_of(shown).equations
    before, after, cited = sides(shown)
    filled = [(parse_term(term), names) for term, names in answer["missing"]]
    for term, names in (*filled, (after, cited)):
        yield _asked(before, term, names, named, both_ways=True)
        before = term


def _named(shown: Mapping[str, Any], answer: Mapping[int, Sequence[str]]) -> Iterator[AskedRewrite | None]:
    """The steps of eq_er for which equations were named."""
    named = problem_of(shown).equations
    for number, (s, t) in enumerate(pairwise(line.term for line in chain_lines(shown)), 1):
        if names := answer.get(number):
            yield _asked(s, t, names, named, both_ways=False)


_CLAIMED: Mapping[str, Callable[[Mapping[str, Any], Any], Iterator[AskedRewrite | None]]] = {
    "eq_gf": _filled,
    "eq_er": _named,
}


def _asked(
    s: Term, t: Term, names: Sequence[str], named: Mapping[str, Equation], *, both_ways: bool
) -> AskedRewrite | None:
    """None where an equation is named that is not there, or more than a step of eq_gf may have."""
    if not names or any(n not in named for n in names) or (both_ways and len(names) > 2):
        return None
    return AskedRewrite(tuple(named[n] for n in names), s, t, both_ways)


def corrupted_rewrite(valid: AskedRewrite, rng: Random, forbidden: frozenset[Any] | set[Any]) -> AskedRewrite | None:
    """``valid`` with one part of its second term changed so that the step is wrong; None where no try gives one."""
    for _ in range(_TRIES):
        place, old = rng.choice(list(positions(valid.target)))
        if len(old.args) > 1 and rng.random() < 0.5:
            arguments = list(old.args)
            i, j = rng.sample(range(len(arguments)), 2)
            arguments[i], arguments[j] = arguments[j], arguments[i]
            new = apply(old.name, *arguments)
        else:
            new = rng.choice([t for _, t in (*positions(valid.source), *positions(valid.target))])
        wrong = AskedRewrite(valid.equations, valid.source, replace(valid.target, place, new), valid.both_ways)
        if wrong.target in (valid.source, valid.target) or wrong in forbidden or wrong.length > 2 * valid.length:
            continue
        try:
            if not wrong.valid():
                return wrong
        except LimitReached:
            continue
    return None
