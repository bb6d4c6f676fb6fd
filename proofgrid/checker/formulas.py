"""Propositional formulas: immutable, interned, compared by identity.

Two formulas that read the same *are* the same object, so ``p is q`` is equality and a formula is a
dictionary key at the cost of a pointer. Nothing here recurses: formulas may be 100,000 levels deep. Formulas may be
made in any thread and pickled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

from proofgrid.checker.interning import InternTable

Op = Literal["atom", "true", "false", "~", "&", "|", "==>", "<==>"]
BINARY: Final = ("&", "|", "==>", "<==>")
"""Binary connectives, tightest first; every one associates to the right (docs/spec.md, section 1)."""


class Formula:
    """One formula. Make them with :func:`atom`, :func:`neg`, :func:`conj`, ... or
    :func:`proofgrid.checker.parse_formula`."""

    __slots__ = ("__weakref__", "left", "name", "op", "right")
    op: Op
    name: str
    left: Formula
    right: Formula

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError("formulas are immutable")

    def __str__(self) -> str:
        """Strict syntax: every connective with its parentheses, ``(~ p)`` with its space.

        Exact, and therefore as long as the formula is as a tree; :func:`show` is the bounded way.
        """
        return "".join(_pieces(self))

    def __repr__(self) -> str:
        return f"<Formula {show(self, 200)}>"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (_flatten(self),)


def _pieces(formula: Formula) -> Iterator[str]:
    stack: list[Formula | str] = [formula]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif item.op == "~":
            yield "(~ "
            stack += [")", item.left]
        elif item.op in BINARY:
            yield "("
            stack += [")", item.right, f" {item.op} ", item.left]
        else:
            yield item.name


def show(formula: Formula, limit: int = 2000) -> str:
    """The formula in strict syntax, cut with an ellipsis where it would be longer than ``limit`` characters.

    Shared subformulas can make the full text exponentially long; this never works longer than ``limit`` asks for.
    """
    out: list[str] = []
    room = limit
    for piece in _pieces(formula):
        out.append(piece)
        room -= len(piece)
        if room < 0:
            return "".join(out)[: limit - 1] + "…"
    return "".join(out)


def _flatten(formula: Formula) -> list[tuple[str, str, int, int]]:
    """The formula as a table of its distinct subformulas, children first, each by the index of its children."""
    index: dict[Formula, int] = {}
    rows: list[tuple[str, str, int, int]] = []
    for f in postorder(formula):
        index[f] = len(index)
        if f.op == "~":
            rows.append((f.op, "", index[f.left], -1))
        elif f.op in BINARY:
            rows.append((f.op, "", index[f.left], index[f.right]))
        else:
            rows.append((f.op, f.name, -1, -1))
    return rows


def _rebuild(rows: list[tuple[Op, str, int, int]]) -> Formula:
    made: list[Formula] = []
    for op, name, left, right in rows:
        made.append(build(op, made[left] if left >= 0 else None, made[right] if right >= 0 else None, name=name))
    return made[-1]


_Key = tuple[str, str, "Formula | None", "Formula | None"]
_interned: InternTable[_Key, Formula] = InternTable()
_table = _interned.made
sweep = _interned.sweep
_put_op, _put_name, _put_left, _put_right = (vars(Formula)[name].__set__ for name in ("op", "name", "left", "right"))


def build(op: Op, left: Formula | None = None, right: Formula | None = None, name: str = "") -> Formula:
    """The formula with this connective and these parts; the one object there is for it."""
    key = (op, name, left, right)
    found = _table.get(key)
    if found is not None:
        return found
    made = Formula()
    _put_op(made, op)
    _put_name(made, name)
    _put_left(made, left)
    _put_right(made, right)
    return _interned.add(key, made)


def atom(name: str) -> Formula:
    """The atom called ``name`` (``[A-Z][0-9]*(_[0-9]+)*``; the caller has looked)."""
    return build("atom", name=name)


TRUE: Final = build("true", name="true")
FALSE: Final = build("false", name="false")


def neg(p: Formula) -> Formula:
    """``(~ p)``."""
    return build("~", p)


def conj(p: Formula, q: Formula) -> Formula:
    """``(p & q)``."""
    return build("&", p, q)


def disj(p: Formula, q: Formula) -> Formula:
    """``(p | q)``."""
    return build("|", p, q)


def implies(p: Formula, q: Formula) -> Formula:
    """``(p ==> q)``."""
    return build("==>", p, q)


def iff(p: Formula, q: Formula) -> Formula:
    """``(p <==> q)``."""
    return build("<==>", p, q)


def complements(p: Formula, q: Formula) -> bool:
    """Whether one of the two is the negation of the other."""
    return (p.op == "~" and p.left is q) or (q.op == "~" and q.left is p)


def opposite(p: Formula) -> Formula:
    """The negation of ``p``, or what ``p`` denies if it is a negation."""
    return p.left if p.op == "~" else neg(p)


def postorder(*roots: Formula) -> Iterator[Formula]:
    """Every distinct subformula of ``roots`` once, children before parents, left before right."""
    seen: set[Formula] = set()
    stack: list[tuple[Formula, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        formula, ready = stack.pop()
        if formula in seen:
            continue
        if ready or formula.op in ("atom", "true", "false"):
            seen.add(formula)
            yield formula
            continue
        stack.append((formula, True))
        if formula.op != "~":
            stack.append((formula.right, False))
        stack.append((formula.left, False))


def atoms(*roots: Formula) -> tuple[str, ...]:
    """Names of the atoms of ``roots``, in the order of their first occurrence."""
    return tuple(f.name for f in postorder(*roots) if f.op == "atom")


def substitute(
    formula: Formula, values: Mapping[Formula, Formula], negation: Callable[[Formula], Formula] = neg
) -> Formula:
    """``formula`` with each subformula that ``values`` has replaced by its value; values are not looked into again.

    ``negation`` makes the negations: with :func:`opposite` no double negation remains, nor comes of a replacement.
    """
    made = dict(values)
    for f in postorder(formula):
        if f not in made:
            if f.op == "~":
                made[f] = negation(made[f.left])
            elif f.op in BINARY:
                made[f] = build(f.op, made[f.left], made[f.right])
            else:
                made[f] = f
    return made[formula]


def evaluate(formula: Formula, assignment: Mapping[str, bool]) -> bool:
    """Truth value of ``formula`` under ``assignment`` (KeyError where an atom is missing)."""
    value: dict[Formula, bool] = {}
    for f in postorder(formula):
        if f.op == "atom":
            value[f] = assignment[f.name]
        elif f.op in ("true", "false"):
            value[f] = f.op == "true"
        elif f.op == "~":
            value[f] = not value[f.left]
        elif f.op == "&":
            value[f] = value[f.left] and value[f.right]
        elif f.op == "|":
            value[f] = value[f.left] or value[f.right]
        elif f.op == "==>":
            value[f] = not value[f.left] or value[f.right]
        else:
            value[f] = value[f.left] is value[f.right]
    return value[formula]
