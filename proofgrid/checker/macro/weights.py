"""The bound on a step of the macro language: what it rests on weighs at most six (docs/spec.md, "The macro language").

With an unlimited ``p from a, b, c`` any goal would follow in one step, and merging premises into one formula, five at a
time, would evade a mere limit on the number of justifiers. So a step rests on at most six clauses: what its justifiers
say, at most five, and what it concludes, denied.

The premises, the goal and all their subformulas are *parts*. A part weighs 1, and so does the complement of one. Any
other formula weighs, as a justifier, as many as it has clauses, and as a conclusion as many as its negation has; at
least 1. Clauses are counted like this: the largest parts in the formula are its letters, as are atoms that are no
part; ``true`` and ``false`` stay the constants they are, part or not; a letter that is itself a negation counts as the
negation of what it negates, so that no wording of a sign matters. Negations are pushed down to the letters, and the
rest is distributed to conjunctive normal form; at every connective tautologies and subsumed clauses are dropped, and a
formula of which more than 64 clauses are left at a connective weighs six.

A name weighs what it names, and a proof in argument position what it concludes. A justifier that is given twice weighs
twice. Nothing here asks whether anything follows: weights are looked at before the consequence, and without a search.

Clauses are integers, two bits a letter, and nothing recurses; the work is bounded by the number of connectives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.formulas import BINARY, Formula, postorder

JUSTIFIERS: Final = 5
"""The most that the justifiers of a step weigh together; also how many there may be."""
STEP: Final = 6
"""The most that a step weighs, its conclusion included."""
MAX_CLAUSES: Final = 64
"""A formula with more clauses than this at one of its connectives weighs :data:`TOO_MANY`."""
TOO_MANY: Final = 6
_MEMO_BITS: Final = 1 << 27
"""The most that remembered clauses take (16 MB), so that a long proof of long clauses stays within its memory."""

_Clauses = tuple[int, ...]
_Signed = tuple[Formula, bool]
"""A formula that starts with no negation, and whether it is taken as it is (or denied)."""


@dataclass(frozen=True, slots=True)
class StepWeights:
    """What one step weighs."""

    justifiers: tuple[int, ...]
    """One weight a justifier, in order."""
    conclusion: int

    @property
    def together(self) -> int:
        """What the justifiers weigh together."""
        return sum(self.justifiers)

    @property
    def kept(self) -> bool:
        """Whether the step keeps the bound."""
        return self.together <= JUSTIFIERS and self.together + self.conclusion <= STEP


class Weights:
    """The weights of formulas in proofs of one problem. ``spend`` is told of work done, in units of a microsecond."""

    __slots__ = ("_given", "_known", "_letters", "_mask", "_memo_bits", "_parts", "_spend")

    def __init__(
        self, premises: Iterable[Formula], goal: Formula, spend: Callable[[int], object] | None = None
    ) -> None:
        self._given = frozenset((*premises, goal))
        self._parts: frozenset[Formula] | None = None
        self._letters: dict[Formula, int] = {}
        self._known: dict[_Signed, _Clauses | None] = {}
        self._memo_bits = 0
        self._mask = 0
        self._spend = spend or (lambda work: None)

    def step(self, justifiers: Sequence[Formula], conclusion: Formula) -> StepWeights:
        """The weights of one step."""
        return StepWeights(tuple([self.justifier(f) for f in justifiers]), self.conclusion(conclusion))

    def justifier(self, formula: Formula) -> int:
        """What ``formula`` weighs as a justifier."""
        return 1 if formula in self._given else self._weight(formula, True)

    def conclusion(self, formula: Formula) -> int:
        """What ``formula`` weighs as a conclusion."""
        return 1 if formula in self._given else self._weight(formula, False)

    def is_part(self, formula: Formula) -> bool:
        """Whether ``formula`` is a premise, the goal, or a subformula of one."""
        if self._parts is None:
            self._parts = frozenset(postorder(*self._given))
            self._spend(len(self._parts) // 4)
        return formula in self._parts

    def _weight(self, formula: Formula, truth: bool) -> int:
        signed = _bare(formula, truth)
        if self._is_letter(signed[0]):
            return 1
        clauses = self._normal_form(signed)
        return TOO_MANY if clauses is None else max(1, len(clauses))

    def _is_letter(self, bare: Formula) -> bool:
        return bare.op == "atom" or (bare.op in BINARY and self.is_part(bare))

    def _normal_form(self, root: _Signed) -> _Clauses | None:
        """The clauses of ``root``: no tautologies, none subsumed by another; None if there are too many."""
        if self._memo_bits > _MEMO_BITS:
            self._known.clear()
            self._memo_bits = 0
        known = self._known
        stack = [root]
        while stack:
            node = stack[-1]
            if node in known:
                stack.pop()
                continue
            formula, truth = node
            if formula.op not in BINARY or self.is_part(formula):
                found: _Clauses | None = self._leaf(formula, truth)
            else:
                operands = self._operands(formula, truth)
                if missing := [operand for operand in operands if operand not in known]:
                    stack += missing
                    continue
                found = self._combine(formula, truth, [known[operand] for operand in operands])
            stack.pop()
            known[node] = found
            self._memo_bits += 512 + sum(map(int.bit_length, found or ()))
        return known[root]

    def _leaf(self, formula: Formula, truth: bool) -> _Clauses:
        """The one clause of a letter; of a constant none, or the empty one."""
        if formula.op in ("true", "false"):
            return () if truth is (formula.op == "true") else (0,)
        number = self._letters.setdefault(formula, len(self._letters))
        return (1 << (2 * number + truth),)

    def _operands(self, formula: Formula, truth: bool) -> list[_Signed]:
        """What ``formula`` (or its denial) is the conjunction or disjunction of, left to right.

        A chain of one connective is taken apart whole, so that the clauses of its tails are not made one by one.
        """
        if formula.op == "<==>":
            left, right = formula.left, formula.right
            return [_bare(left, not truth), _bare(right, True), _bare(left, truth), _bare(right, False)]
        conjunction = _is_conjunction(formula.op, truth)
        operands: list[_Signed] = []
        seen: set[_Signed] = set()  # a subformula may be shared by ever so many
        stack = [(formula, truth)]
        known = self._known
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            f, sign = node
            if (
                f.op in BINARY
                and f.op != "<==>"
                and _is_conjunction(f.op, sign) is conjunction
                and (f is formula or (node not in known and not self.is_part(f)))
            ):
                stack.append(_bare(f.right, sign))
                stack.append(_bare(f.left, sign is (f.op != "==>")))
            else:
                operands.append(node)
        self._spend(len(seen))
        return operands

    def _combine(self, formula: Formula, truth: bool, operands: list[_Clauses | None]) -> _Clauses | None:
        """The clauses of a connective from those of its operands."""
        given = [clauses for clauses in operands if clauses is not None]
        if len(given) < len(operands):
            return None
        if formula.op == "<==>":
            first, second = self._disjunction(given[0], given[1]), self._disjunction(given[2], given[3])
            return None if first is None or second is None else self._conjunction(first, second)
        join = self._conjunction if _is_conjunction(formula.op, truth) else self._disjunction
        result: _Clauses | None = given[-1]
        for clauses in reversed(given[:-1]):
            if result is None:
                return None
            result = join(clauses, result)
        return result

    def _conjunction(self, left: _Clauses, right: _Clauses) -> _Clauses | None:
        return self._reduced({*left, *right})

    def _disjunction(self, left: _Clauses, right: _Clauses) -> _Clauses | None:
        return self._reduced({a | b for a in left for b in right})

    def _reduced(self, clauses: set[int]) -> _Clauses | None:
        """Without tautologies and subsumed clauses; None if more than MAX_CLAUSES remain."""
        width = len(self._letters)
        if len(clauses) == 1:
            self._spend(1 + width // 2048)
            (only,) = clauses
            return () if only & (only >> 1) & self._negative_bits() else (only,)
        negative = self._negative_bits()
        kept: list[int] = []
        compared = len(clauses)
        for clause in sorted((c for c in clauses if not c & (c >> 1) & negative), key=lambda c: (c.bit_count(), c)):
            compared += len(kept)
            if not any(smaller & clause == smaller for smaller in kept):
                kept.append(clause)
                if len(kept) > MAX_CLAUSES:
                    break
        self._spend(1 + compared * (1 + width // 256) // 8)
        return tuple(kept) if len(kept) <= MAX_CLAUSES else None

    def _negative_bits(self) -> int:
        """A mask of the bits of denied letters (the even ones)."""
        if self._mask.bit_length() < 2 * len(self._letters):
            self._mask = (1 << (2 * (2 * len(self._letters) + 64))) // 3
        return self._mask


def weigh(
    premises: Sequence[Formula], goal: Formula, justifiers: Sequence[Formula], conclusion: Formula
) -> StepWeights:
    """The weights of one step ``conclusion from justifiers``; :class:`Weights` is for more than one of a problem."""
    return Weights(premises, goal).step(justifiers, conclusion)


def _bare(formula: Formula, truth: bool) -> _Signed:
    """Without the negations in front, which turn ``truth`` over."""
    while formula.op == "~":
        formula, truth = formula.left, not truth
    return formula, truth


def _is_conjunction(op: str, truth: bool) -> bool:
    """Whether a formula with this connective, or its denial, says that both of two things are so."""
    return truth is (op == "&")
