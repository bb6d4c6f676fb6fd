"""Propositional formulas: immutable, interned, compared by identity.

Two formulas that read the same *are* the same object, so ``p is q`` is equality and a formula is a
dictionary key at the cost of a pointer. Nothing here recurses: formulas may be 100,000 levels deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal
from weakref import WeakValueDictionary

Op = Literal["atom", "true", "false", "~", "&", "|", "==>", "<==>"]
BINARY: Final = ("&", "|", "==>", "<==>")
"""Binary connectives, tightest first; every one associates to the right (SPEC 1)."""


class Formula:
    """One formula. Make them with :func:`atom`, :func:`neg`, :func:`conj`, ... or :func:`checker.parse_formula`."""

    __slots__ = ("__weakref__", "left", "name", "op", "right")
    op: Op
    name: str
    left: Formula
    right: Formula

    def __setattr__(self, key: str, value: object) -> None:
        raise AttributeError("formulas are immutable")

    def __str__(self) -> str:
        """Strict syntax: every connective with its parentheses, ``(~ p)`` with its space."""
        out: list[str] = []
        stack: list[Formula | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                out.append(item)
            elif item.op == "~":
                out.append("(~ ")
                stack += [")", item.left]
            elif item.op in BINARY:
                out.append("(")
                stack += [")", item.right, f" {item.op} ", item.left]
            else:
                out.append(item.name)
        return "".join(out)

    def __repr__(self) -> str:
        return f"<Formula {self}>"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        from checker.parsing import parse_formula

        return parse_formula, (str(self),)


_table: WeakValueDictionary[tuple[object, ...], Formula] = WeakValueDictionary()


def _make(op: Op, name: str, left: Formula | None, right: Formula | None) -> Formula:
    key = (op, name, left, right)
    found = _table.get(key)
    if found is None:
        found = object.__new__(Formula)
        put = object.__setattr__
        put(found, "op", op)
        put(found, "name", name)
        put(found, "left", left)
        put(found, "right", right)
        _table[key] = found
    return found


def atom(name: str) -> Formula:
    """The atom called ``name`` (``[A-Z][0-9]*(_[0-9]+)*``; the caller has looked)."""
    return _make("atom", name, None, None)


TRUE: Final = _make("true", "true", None, None)
FALSE: Final = _make("false", "false", None, None)


def neg(p: Formula) -> Formula:
    """``(~ p)``."""
    return _make("~", "", p, None)


def conj(p: Formula, q: Formula) -> Formula:
    """``(p & q)``."""
    return _make("&", "", p, q)


def disj(p: Formula, q: Formula) -> Formula:
    """``(p | q)``."""
    return _make("|", "", p, q)


def implies(p: Formula, q: Formula) -> Formula:
    """``(p ==> q)``."""
    return _make("==>", "", p, q)


def iff(p: Formula, q: Formula) -> Formula:
    """``(p <==> q)``."""
    return _make("<==>", "", p, q)


def complements(p: Formula, q: Formula) -> bool:
    """Whether one of the two is the negation of the other."""
    return (p.op == "~" and p.left is q) or (q.op == "~" and q.left is p)


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
