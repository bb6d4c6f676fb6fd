"""The structural fixes of instrumented reading: slips in one rule application that a reader sees through.

Each is tried only where the step is annotated with BY, only where what the corrected application needs holds, and
only where the advertised conclusion is what it gives (docs/spec.md, section 3, structural fixes 1 to 4). Nothing here
makes an unsound step pass: every correction is an inference in its own right.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from proofgrid.checker.formulas import FALSE, Formula, build, neg
from proofgrid.checker.natural.kinds import COMMUTATIVITY, DOUBLE_NEGATION, INCORRECT, MANGLED
from proofgrid.checker.natural.relations import one_by_parts, same_up_to_order, without_double_negations
from proofgrid.checker.rules import RULES, results

_UP_TO_DOUBLE_NEGATION: Final = frozenset(["dm", "neg-cond", "cond-def", "mt"])


def _de_morgan(a: Formula, b: Formula) -> bool:
    """Whether a and b are the two sides of one of De Morgan's laws, either way round."""
    for p, q in ((a, b), (b, a)):
        for form, conclusion in results(RULES["dm"], (p,)):
            if conclusion is q and form is not None:
                return True
    return False


def _corrected(
    rule: str, arguments: Sequence[Formula], stated: Formula, holds: Collection[Formula]
) -> tuple[str, Formula] | None:
    """A correction of kind 1 or 2: its kind and what the corrected application gives; None where there is none."""
    if rule in ("left-and", "right-and"):
        for a in arguments if len(arguments) <= 2 else ():
            if a.op == "&" and a in holds and stated in (a.left, a.right):
                return INCORRECT, stated
    elif rule in ("left-either", "right-either"):
        if len(arguments) == 2:
            needed = arguments[1] if rule == "left-either" else arguments[0]
            if needed in holds:
                return INCORRECT, build("|", arguments[0], arguments[1])
    elif rule in ("left-iff", "right-iff"):
        if len(arguments) == 1 and arguments[0] in holds:
            (a,) = arguments
            sides = (a.left, a.right) if a.op == "&" else ()
            ways = (build("==>", a.left, a.right), build("==>", a.right, a.left)) if a.op == "<==>" else sides
            if stated in ways:
                return INCORRECT, stated
    elif rule == "mt":
        if len(arguments) == 2 and all(a.op == "==>" and a in holds for a in arguments):
            p, q = arguments
            if q.right is FALSE and q.left is p.right and stated is neg(p.left):
                return INCORRECT, stated
    elif rule == "dm" and len(arguments) == 2:
        p, q = arguments
        if p in holds and q in holds and p.op == q.op == "~" and stated is neg(build("|", p.left, q.left)):
            return INCORRECT, stated
    elif rule == "equiv":
        if len(arguments) == 2 and all(a.op == "==>" and a in holds for a in arguments):
            p, q = arguments
            if p.left is q.right and p.right is q.left and stated is build("<==>", q.left, q.right):
                return INCORRECT, stated
    elif rule == "from-false":
        if len(arguments) == 1 and arguments[0] is FALSE and FALSE in holds:
            return MANGLED, stated
    elif rule == "dn":
        if len(arguments) == 1 and arguments[0] in holds and arguments[0] is not stated:
            (p,) = arguments
            if without_double_negations(p) is without_double_negations(stated):
                return INCORRECT, stated
    elif rule == "dm" and len(arguments) == 1 and arguments[0] in holds and arguments[0] is not stated:
        (p,) = arguments
        if one_by_parts(p, stated, _de_morgan):
            return INCORRECT, stated
        if p.op in ("&", "|"):  # backwards, and up to double negation
            dual = neg(build("|" if p.op == "&" else "&", neg(p.left), neg(p.right)))
            if without_double_negations(dual) is without_double_negations(stated):
                return INCORRECT, stated
    return None


def tolerate(
    rule: str, arguments: Sequence[Formula], stated: Formula, result: Formula | None, holds: Collection[Formula]
) -> tuple[str, ...] | None:
    """Kinds of the fixes that make this application give ``stated``; None where none do.

    ``result`` is what the application gives as it stands (None where it is malformed or needs what does not hold).
    """
    if result is not None and (difference := _difference(rule, result, stated)):
        return difference
    if found := _corrected(rule, arguments, stated, holds):
        kind, gives = found
        if gives is stated:
            return (kind,)
        if difference := _difference(rule, gives, stated):
            return kind, *difference
    return None


def _difference(rule: str, result: Formula, stated: Formula) -> tuple[str, ...] | None:
    loose = rule in _UP_TO_DOUBLE_NEGATION
    if loose and without_double_negations(result) is without_double_negations(stated):
        return (DOUBLE_NEGATION,)
    if same_up_to_order(result, stated):
        return (COMMUTATIVITY,)
    if loose and same_up_to_order(without_double_negations(result), without_double_negations(stated)):
        return DOUBLE_NEGATION, COMMUTATIVITY
    return None
