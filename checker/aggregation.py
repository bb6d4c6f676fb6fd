"""The macro language's rule against merging premises (SPEC 2, "The macro language").

With an unlimited ``p from a, b, c`` any goal would follow in one step, so a step has at most five justifiers.
Merging premises into one conjunction, five at a time, and deriving the goal from the conjunctions would defeat that
limit and earns nothing. A derived formula is an *aggregate* of S, two or more of the premises and hypotheses that it
was derived from, when it is equivalent to their conjunction: decided semantically, so that no rewording of the
conjunction hides it. A step whose justifiers aggregate more than five distinct ones between them is an error.

How an evaluator uses it, one object a check::

    aggregation = Aggregation(premises)
    ...
    # at a step `p from a, b`, once a and b are known to hold and p to follow:
    merged = aggregation.merged((a, b))       # () where the step is fine, else the premises and hypotheses merged
    if merged:
        ...                                   # failure kind "aggregation", class "logic", naming str(m) for m in merged
    aggregation.derived(p, (a, b))            # in either case, before anything uses p
    ...
    # around the body of `assume h { ... }` or `suppose-absurd h { ... }`:
    aggregation.enter(h)
    ...                                       # the body, its steps reported as above
    aggregation.leave(conclusion, result)     # the body's conclusion and what the block concludes, (h ==> conclusion);
                                              # None for either where the body has none

Plain blocks and names need no call. Nothing here recurses, and a step costs next to nothing unless its justifiers
rest on more than five premises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.entailment import entails
from checker.formulas import Formula

LIMIT = 5
"""The most premises and hypotheses that the justifiers of one step may stand for (SPEC 2)."""


class Aggregation:
    """What each derived formula of one macro proof rests on, and which of them are merged premises."""

    def __init__(self, premises: Iterable[Formula]) -> None:
        self._live: dict[Formula, int] = {}
        self._support: dict[Formula, dict[Formula, None]] = {}
        self._scopes: list[tuple[Formula, dict[Formula, dict[Formula, None] | None]]] = []
        for premise in premises:
            self._live[premise] = self._live.get(premise, 0) + 1

    def enter(self, hypothesis: Formula) -> None:
        """The body of an ``assume`` or ``suppose-absurd`` of ``hypothesis`` starts."""
        self._live[hypothesis] = self._live.get(hypothesis, 0) + 1
        self._scopes.append((hypothesis, {}))

    def leave(self, conclusion: Formula | None, result: Formula | None) -> None:
        """The innermost body ends with ``conclusion``; the block around it concludes ``result``."""
        hypothesis, before = self._scopes.pop()
        support = dict(self._rests_on(conclusion)) if conclusion is not None else {}
        self._live[hypothesis] -= 1
        if not self._live[hypothesis]:
            del self._live[hypothesis]
            support.pop(hypothesis, None)
        for formula, old in before.items():
            if old is None:
                del self._support[formula]
            else:
                self._support[formula] = old
        if result is not None:
            self._record(result, support)

    def derived(self, formula: Formula, justifiers: Iterable[Formula]) -> None:
        """``formula`` was concluded from ``justifiers``."""
        support: dict[Formula, None] = {}
        for justifier in justifiers:
            support.update(self._rests_on(justifier))
        self._record(formula, support)

    def merged(self, justifiers: Sequence[Formula]) -> tuple[Formula, ...]:
        """The premises and hypotheses that ``justifiers`` aggregate between them if more than five; else ``()``."""
        counted: dict[Formula, None] = {}
        for justifier in justifiers:
            if justifier in self._live:
                counted[justifier] = None
            else:
                counted.update(self._aggregate(justifier))
        return tuple(counted) if len(counted) > LIMIT else ()

    def _rests_on(self, formula: Formula) -> dict[Formula, None]:
        if formula in self._live:
            return {formula: None}
        return self._support.get(formula, {})

    def _record(self, formula: Formula, support: dict[Formula, None]) -> None:
        old = self._support.get(formula)
        if self._scopes:
            self._scopes[-1][1].setdefault(formula, old)
        self._support[formula] = support if old is None else {**old, **support}

    def _aggregate(self, formula: Formula) -> dict[Formula, None]:
        """An irredundant S, two or more, whose conjunction ``formula`` is; empty where it is none."""
        if formula.op in ("atom", "true", "false") or (formula.op == "~" and formula.left.op == "atom"):
            return {}
        implied = [p for p in self._rests_on(formula) if entails((formula,), p)]
        if len(implied) < 2 or not entails(implied, formula):
            return {}
        for p in tuple(implied):
            fewer = [q for q in implied if q is not p]
            if entails(fewer, formula):
                implied = fewer
        return dict.fromkeys(implied) if len(implied) > 1 else {}
