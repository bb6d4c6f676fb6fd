"""Certificates that one term cannot be rewritten to another, and the check of one (docs/spec.md, section 5).

Where the right answer is "the gap cannot be filled", that a search has not found a way proves nothing. Two things do:
a finite model of the equations in which the terms have different values (rewriting never changes a value), and the
whole finite set of reachable terms, closed under rewriting, without the one in question. Without either the answer is
unknown. :func:`verify` shares no code with the search: it evaluates every equation over the whole domain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from proofgrid.checker.equational.rewriting import Equation, single_rewrites
from proofgrid.checker.equational.terms import SIGNATURE, Term, parse_term, replace, variables

Relation = Literal["parallel", "symmetric"]
Tables = Mapping[str, Mapping[tuple[int, ...], int]]


@dataclass(frozen=True, slots=True)
class FiniteModel:
    """Elements 0 to ``size`` - 1, and a table for every symbol: arguments to value.

    The variables of the two terms are in ``tables`` as constants.
    """

    size: int
    tables: Tables

    def to_json(self) -> dict[str, Any]:
        """As plain data: a table as a list of values, the arguments in lexicographic order."""
        tables = {symbol: [table[key] for key in sorted(table)] for symbol, table in self.tables.items()}
        return {"kind": "model", "size": self.size, "tables": tables}


@dataclass(frozen=True, slots=True)
class ReachableSet:
    """All terms reachable from the first by ``relation`` steps."""

    relation: Relation
    terms: tuple[Term, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain data: the terms as text."""
        return {"kind": "reachable", "relation": self.relation, "terms": [str(term) for term in self.terms]}


Certificate = FiniteModel | ReachableSet


def certificate_from_json(data: Mapping[str, Any]) -> Certificate:
    """The certificate that ``to_json`` wrote (ValueError where it is none)."""
    try:
        if data["kind"] == "model":
            size = int(data["size"])
            tables: dict[str, dict[tuple[int, ...], int]] = {}
            for symbol, values in data["tables"].items():
                arity = SIGNATURE.get(symbol, 0)
                if len(values) != size**arity:  # before the keys are listed: the size is anybody's
                    raise ValueError(f"no certificate: '{symbol}' needs {size}^{arity} values, and has {len(values)}")
                tables[symbol] = dict(zip(product(range(size), repeat=arity), map(int, values), strict=True))
            return FiniteModel(size, tables)
        if data["kind"] == "reachable" and data["relation"] in ("parallel", "symmetric"):
            return ReachableSet(data["relation"], tuple(parse_term(text) for text in data["terms"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no certificate: {error}") from None
    raise ValueError("no certificate: its kind is 'model' or 'reachable'")


def verify(
    certificate: Certificate,
    equations: Sequence[Equation],
    s: Term,
    t: Term,
    *,
    relation: Relation = "symmetric",
) -> bool:
    """Whether ``certificate`` proves that no chain of ``relation`` steps leads from s to t."""
    if isinstance(certificate, FiniteModel):
        return _model_separates(certificate, equations, s, t)
    return _set_is_closed(certificate, equations, s, t, relation)


def _model_separates(model: FiniteModel, equations: Sequence[Equation], s: Term, t: Term) -> bool:
    elements = range(model.size)
    if model.size < 1:
        return False
    try:
        for symbol, table in model.tables.items():
            arity = SIGNATURE.get(symbol, 0)
            if set(table) != set(product(elements, repeat=arity)) or any(v not in elements for v in table.values()):
                return False
        for equation in equations:
            names = variables(equation.left, equation.right)
            for point in product(elements, repeat=len(names)):
                point_of = dict(zip(names, point, strict=True))
                if _value(equation.left, model.tables, point_of) != _value(equation.right, model.tables, point_of):
                    return False
        return _value(s, model.tables, {}) != _value(t, model.tables, {})
    except KeyError:
        return False


def _value(root: Term, tables: Tables, point: Mapping[str, int]) -> int:
    """The value of a term: a stack machine over its symbols in reverse Polish order."""
    program: list[Term] = []
    todo = [root]
    while todo:
        term = todo.pop()
        program.append(term)
        todo.extend(term.args)
    values: list[int] = []
    for term in reversed(program):
        n = len(term.args)
        if not n and term.name in point:
            values.append(point[term.name])
            continue
        args = tuple(values[len(values) - n :])
        del values[len(values) - n :]
        values.append(tables[term.name][args])
    return values[0]


def _set_is_closed(found: ReachableSet, equations: Sequence[Equation], s: Term, t: Term, relation: Relation) -> bool:
    if found.relation != relation and found.relation != "symmetric":
        return False
    terms = set(found.terms)
    if s not in terms or t in terms:
        return False
    directed = [*equations, *(e.reversed() for e in equations)] if found.relation == "symmetric" else list(equations)
    for equation in directed:
        if not set(variables(equation.right)) <= set(variables(equation.left)):
            return False
        for term in found.terms:
            for c in single_rewrites(term, equation):
                if replace(term, c.position, c.contractum) not in terms:
                    return False
    return True
