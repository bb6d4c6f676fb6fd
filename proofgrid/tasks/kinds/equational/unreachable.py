"""Certificates that a gap cannot be filled, as the plain data that an item's reference holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from proofgrid.checker.equational import certificate_from_json, find_model, find_reachable, verify
from proofgrid.checker.equational.certificates import FiniteModel
from proofgrid.checker.equational.rewriting import Equation
from proofgrid.checker.equational.terms import Term, postorder

MOST_TERMS = 100
"""Reachable terms that a certificate may list; beyond that a finite model is looked for, which is shorter."""


def certify(equations: Sequence[Equation], before: Term, after: Term) -> dict[str, Any] | None:
    """A certificate, verified, that no chain of steps in either direction connects the terms; None: unknown."""
    certificate = find_reachable(equations, before, after, limit=MOST_TERMS) or find_model(equations, before, after)
    if certificate is None or not verify(certificate, equations, before, after):
        return None
    return certificate.to_json()


def sum_model(weight: Mapping[str, int], equations: Sequence[Equation], before: Term, after: Term) -> dict[str, Any]:
    """The model of three elements in which a term's value is the sum of its symbols' weights, verified.

    Raises AssertionError if it is no model of the equations in which the terms differ, which is a generator's defect.
    """
    sides = [side for e in equations for side in (e.left, e.right)]
    symbols = {t.name: len(t.args) for t in postorder(*sides, before, after) if not t.is_variable}
    tables = {
        symbol: {args: (sum(args) + weight[symbol]) % 3 for args in product(range(3), repeat=arity)}
        for symbol, arity in sorted(symbols.items())
    }
    model = FiniteModel(3, tables)
    if not verify(model, equations, before, after):
        raise AssertionError("the terms of a gap do not differ in the model that they were made with")
    return model.to_json()


def certified(data: Mapping[str, Any], equations: Sequence[Equation], before: Term, after: Term) -> bool:
    """Whether a certificate that :func:`certify` gave proves what it should, checked anew."""
    return verify(certificate_from_json(data), equations, before, after)
