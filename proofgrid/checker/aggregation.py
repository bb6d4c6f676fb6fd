"""The macro language's rule against merging premises (SPEC 2, "The macro language").

With an unlimited ``p from a, b, c`` any goal would follow in one step, so a step has at most five justifiers.
Merging premises into one conjunction, five at a time, and deriving the goal from the conjunctions would defeat that
limit and earns nothing. A derived formula is an *aggregate* of S, two or more of the premises and hypotheses that it
was derived from, when it is equivalent to their conjunction: decided semantically, so that no rewording of the
conjunction hides it. A step whose justifiers aggregate more than five distinct ones between them is an error.

Three disguises would prove any goal without a search, and count as what they hide:

- weakening by what is to be shown, (goal | (a & b & c)): at a step that concludes p, formulas are compared wherever p
  is false (and, a second time, wherever also the step's own premises, hypotheses and literals hold), and then where
  the aggregates found so far hold, too;
- assuming premises in one lump, ``assume (a & b & c) { ... }``: a hypothesis stands for the premises that it implies
  beyond what its literals imply;
- putting them into the conclusion, ((d & e & f) ==> goal) from a, b, c: so does what a step's conclusion assumes.

How an evaluator uses it, one object a check::

    aggregation = Aggregation(premises)
    ...
    # at a step `p from a, b`, once a and b are known to hold and p to follow:
    merged = aggregation.merged((a, b), p)    # () where the step is fine, else the premises and hypotheses merged
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
from hashlib import sha512
from typing import Final

from proofgrid.checker.entailment import countermodel, entails
from proofgrid.checker.formulas import FALSE, TRUE, Formula, atom, atoms, conj, evaluate, neg
from proofgrid.checker.limits import Work

LIMIT: Final = 5
"""The most justifiers of a step, and the most premises and hypotheses they may stand for (SPEC 2)."""
_SAMPLES: Final = (1 << 512) - 1

_LEAVES: Final = ("atom", "true", "false")

_Support = dict[Formula, None]
"""Premises and hypotheses, as an ordered set."""
_Where = tuple[Formula, ...]
"""Formulas that hold wherever others are compared; () is everywhere."""


class Aggregation:
    """What each derived formula of one macro proof rests on, and which of them are merged premises."""

    def __init__(self, premises: Iterable[Formula], work: Work | None = None) -> None:
        self._work = work
        self._live: dict[Formula, int] = {}
        self._support: dict[Formula, _Support] = {}
        self._scopes: list[tuple[Formula, dict[Formula, _Support | None]]] = []
        self._parts: dict[Formula, tuple[_Support, tuple[Formula, ...]]] = {}
        self._lumps: dict[Formula, _Support] = {}
        self._samples: dict[Formula, int] = {}
        for premise in premises:
            self._live[premise] = self._live.get(premise, 0) + 1

    def enter(self, hypothesis: Formula) -> None:
        """The body of an ``assume`` or ``suppose-absurd`` of ``hypothesis`` starts."""
        if hypothesis not in self._live and (lump := self._lump(hypothesis)):
            self._lumps[hypothesis] = lump
        self._live[hypothesis] = self._live.get(hypothesis, 0) + 1
        self._scopes.append((hypothesis, {}))

    def leave(self, conclusion: Formula | None, result: Formula | None) -> None:
        """The innermost body ends with ``conclusion``; the block around it concludes ``result``."""
        hypothesis, before = self._scopes.pop()
        support = dict(self._rests_on(conclusion)) if conclusion is not None else {}
        self._live[hypothesis] -= 1
        if not self._live[hypothesis]:
            del self._live[hypothesis]
            self._lumps.pop(hypothesis, None)
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
        support: _Support = {}
        for justifier in justifiers:
            support.update(self._rests_on(justifier))
        if self._work is not None:
            self._work.spend(len(support) // 16)
        self._record(formula, support)

    def merged(self, justifiers: Sequence[Formula], conclusion: Formula | None = None) -> tuple[Formula, ...]:
        """The premises and hypotheses that ``justifiers`` aggregate between them if more than five; else ``()``.

        What counts is the fewest that account for all aggregates: a premise that the others make redundant does not
        push a step over the limit. With the step's ``conclusion`` the disguises are seen through, too.
        """
        lump: _Support = {} if conclusion is None else self._lump(_assumed(conclusion))
        most = len(lump)
        for justifier in justifiers:
            if justifier in self._live:
                most += len(self._lumps.get(justifier, (justifier,)))
            elif not _looks_literal(justifier):
                most += len(self._support.get(justifier, ()))
        if most <= LIMIT:
            return ()
        fixed = dict(lump)
        given: dict[Formula, None] = {}
        for justifier in justifiers:
            if justifier in self._live:
                fixed.update(self._lumps.get(justifier, {justifier: None}))
                given[justifier] = None
            elif _looks_literal(justifier):
                given[justifier] = None
        found = self._merged(justifiers, fixed, ())
        if found or conclusion is None:
            return found
        refuted = neg(conclusion)
        found = self._merged(justifiers, fixed, (refuted,))
        return found or (self._merged(justifiers, fixed, (refuted, *given)) if given else ())

    def _merged(self, justifiers: Sequence[Formula], fixed: _Support, where: _Where) -> tuple[Formula, ...]:
        """:meth:`merged`, formulas being compared where ``where`` holds."""
        aggregates: dict[Formula, tuple[Formula, ...]] = {}
        union: _Support = {}
        derived = [j for j in justifiers if j not in self._live]
        context = where
        while more := {j: p for j in derived if j not in aggregates and (p := self._aggregate(j, context))}:
            aggregates.update(more)
            union.update(dict.fromkeys(part for parts in more.values() for part in parts))
            if not where:
                break
            context = (*context, *more)  # (c ==> (a & b)) is unmasked by the aggregate that has c
        if len({**fixed, **union}) <= LIMIT:
            return ()
        return self._fewest(fixed, {d: p for d, p in aggregates.items() if not self._is_literal(d, where)}, where)

    def _lump(self, formula: Formula) -> _Support:
        """Two or more premises and hypotheses that ``formula`` implies though its literals do not; else nothing."""
        if _is_cube(formula):
            return {}
        mine = self._sample(formula)
        implied = [p for p in self._live if p is not formula and not mine & ~self._sample(p)]
        while len(implied) > 1:
            model = countermodel((formula,), _conjunction(implied), work=self._work)
            if model is None:
                break
            implied = [p for p in implied if evaluate(p, {**dict.fromkeys(atoms(p), False), **model})]
        if len(implied) < 2 or entails((formula,), FALSE, work=self._work):
            return {}
        literals = [
            literal
            for x in map(atom, atoms(formula))
            for literal, off in ((x, mine & ~self._sample(x)), (neg(x), mine & self._sample(x)))
            if not off and entails((formula,), literal, work=self._work)
        ]
        lump = {p: None for p in implied if _looks_literal(p) or not entails(literals, p, work=self._work)}
        return lump if len(lump) > 1 else {}

    def _rests_on(self, formula: Formula) -> _Support:
        if formula in self._live:
            return self._lumps.get(formula) or {formula: None}
        return self._support.get(formula, {})

    def _record(self, formula: Formula, support: _Support) -> None:
        old = self._support.get(formula)
        if self._scopes:
            self._scopes[-1][1].setdefault(formula, old)
        if old is None:
            self._support[formula] = support
        elif not support.keys() <= old.keys():
            self._support[formula] = {**old, **support}

    def _aggregate(self, formula: Formula, where: _Where) -> tuple[Formula, ...]:
        """All that ``formula`` rests on and implies, if it is equivalent to their conjunction and to none alone."""
        if _looks_literal(formula):
            return ()
        support = self._support.get(formula)
        if not support or len(support) < 2:
            return ()
        if where:
            return self._find_parts(formula, support, where)
        known = self._parts.get(formula)
        if known is None or known[0] is not support:
            known = self._parts[formula] = (support, self._find_parts(formula, support, where))
        return known[1]

    def _find_parts(self, formula: Formula, support: _Support, where: _Where) -> tuple[Formula, ...]:
        # Most formulas are no aggregates, and a few hundred random assignments, all at once, nearly always show it.
        region = self._region(where)
        mine = self._sample(formula) & region
        implied = []
        others = region
        for p in support:
            sample = self._sample(p)
            if not mine & ~sample:
                implied.append(p)
                others &= sample
        while len(implied) > 1 and not others & ~mine:
            model = countermodel((formula, *where), _conjunction(implied), work=self._work)
            if model is None:
                break
            implied = [p for p in implied if evaluate(p, model)]
            others = region
            for p in implied:
                others &= self._sample(p)
        if len(implied) < 2 or others & ~mine or not entails((*implied, *where), formula, work=self._work):
            return ()
        alone = (p for p in implied if not self._sample(p) & region & ~mine)
        if any(entails((p, *where), formula, work=self._work) for p in alone):
            return ()
        return tuple(implied)

    def _is_literal(self, formula: Formula, where: _Where) -> bool:
        """Whether ``formula`` says no more than an atom, a negated atom, or ``false``."""
        region = self._region(where)
        mine = self._sample(formula) & region
        if not mine and entails((formula, *where), FALSE, work=self._work):
            return True
        for name in atoms(formula):
            x = atom(name)
            sample = self._sample(x)
            for literal, same in ((x, mine == sample & region), (neg(x), mine == region & ~sample)):
                if (
                    same
                    and entails((formula, *where), literal, work=self._work)
                    and entails((literal, *where), formula, work=self._work)
                ):
                    return True
        return False

    def _region(self, where: _Where) -> int:
        """The sampled assignments at which all of ``where`` hold."""
        region = _SAMPLES
        for formula in where:
            region &= self._sample(formula)
        return region

    def _fewest(
        self, fixed: _Support, aggregates: dict[Formula, tuple[Formula, ...]], where: _Where
    ) -> tuple[Formula, ...]:
        """All that is merged, if no choice of five, ``fixed`` among them, has each aggregate as a conjunction of some.

        Implicit hitting sets: whatever an insufficient choice fails to imply names a set of which one must be added.
        """
        from pysat.examples.hitman import Hitman

        number: dict[Formula, int] = {}
        for parts in aggregates.values():
            for p in parts:
                number.setdefault(p, len(number))
        chosen: _Support = dict(fixed)
        if len(chosen) > LIMIT:
            return tuple(chosen)
        with Hitman(htype="sorted") as hitman:
            while True:
                missing = self._unexplained(chosen, aggregates, where)
                if not missing:
                    return ()
                hitman.hit([number[p] for p in missing])
                hit = set(hitman.get() or ())
                chosen = {**fixed, **{p: None for p, n in number.items() if n in hit}}
                if len(chosen) > LIMIT:
                    return tuple({**fixed, **dict.fromkeys(number)})

    def _unexplained(
        self, chosen: _Support, aggregates: dict[Formula, tuple[Formula, ...]], where: _Where
    ) -> list[Formula]:
        """Parts of which one at least must be chosen too; empty where every aggregate follows from its chosen parts."""
        for formula, parts in aggregates.items():
            model = countermodel([*(p for p in parts if p in chosen), *where], formula, work=self._work)
            if model is not None:
                model = {**dict.fromkeys(atoms(*parts), False), **model}
                return [p for p in parts if not evaluate(p, model)]
        return []

    def _sample(self, formula: Formula) -> int:
        """The truth values of ``formula`` under 512 random assignments, the same ones on every machine."""
        table = self._samples
        known = table.get(formula)
        if known is not None:
            return known
        stack = [formula]
        while stack:
            f = stack.pop()
            if f in table:
                continue
            op = f.op
            if op not in _LEAVES:
                parts = [p for p in ((f.left,) if op == "~" else (f.left, f.right)) if p not in table]
                if parts:
                    stack.append(f)
                    stack += parts
                    continue
            if op == "atom":
                table[f] = int.from_bytes(sha512(f.name.encode()).digest(), "big")
            elif op == "~":
                table[f] = table[f.left] ^ _SAMPLES
            elif op == "&":
                table[f] = table[f.left] & table[f.right]
            elif op == "|":
                table[f] = table[f.left] | table[f.right]
            elif op == "==>":
                table[f] = (table[f.left] ^ _SAMPLES) | table[f.right]
            elif op == "<==>":
                table[f] = table[f.left] ^ table[f.right] ^ _SAMPLES
            else:
                table[f] = _SAMPLES if op == "true" else 0
        return table[formula]


def _looks_literal(formula: Formula) -> bool:
    return formula.op in _LEAVES or (formula.op == "~" and formula.left.op in _LEAVES)


def _assumed(conclusion: Formula) -> Formula:
    """What the conclusion assumes, as a conjunction: its antecedents, and the disjuncts that it denies.

    Not the whole negated conclusion: that (b & c) is false implies every premise ((b & c) ==> x), and to derive what
    several premises wait for is no disguise.
    """
    parts: list[Formula] = []
    stack = [(conclusion, False, False)]
    while stack:
        f, positive, antecedent = stack.pop()
        if f.op == "~":
            stack.append((f.left, not positive, antecedent))
        elif f.op == "&" and positive:
            stack += [(f.right, True, antecedent), (f.left, True, antecedent)]
        elif f.op == "|" and not positive:
            stack += [(f.right, False, antecedent), (f.left, False, antecedent)]
        elif f.op == "==>" and not positive:
            stack += [(f.right, False, antecedent), (f.left, True, True)]
        elif positive or antecedent or f.op in _LEAVES:
            parts.append(f if positive else neg(f))
    return _conjunction(parts) if parts else TRUE


def _is_cube(formula: Formula, truth: bool = True) -> bool:
    """Whether ``formula`` (its negation where ``truth`` is False) is written as a conjunction of literals."""
    stack = [(formula, truth)]
    while stack:
        f, positive = stack.pop()
        if f.op == "~":
            stack.append((f.left, not positive))
        elif f.op == ("&" if positive else "|"):
            stack += ((f.left, positive), (f.right, positive))
        elif f.op == "==>" and not positive:
            stack += ((f.left, True), (f.right, False))
        elif f.op not in _LEAVES:
            return False
    return True


def _conjunction(formulas: Sequence[Formula]) -> Formula:
    result = formulas[-1]
    for f in reversed(formulas[:-1]):
        result = conj(f, result)
    return result
