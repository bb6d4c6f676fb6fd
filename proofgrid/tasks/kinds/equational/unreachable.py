"""Certificates that a gap cannot be filled, as the plain data that an item's reference holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofgrid.checker.equational import certificate_from_json, find_model, find_reachable, verify
from proofgrid.checker.equational.rewriting import Equation
from proofgrid.checker.equational.terms import Term

MOST_TERMS = 100
"""Reachable terms that a certificate may list; beyond that a finite model is looked for, which is shorter."""


def certify(equations: Sequence[Equation], before: Term, after: Term) -> dict[str, Any] | None:
    """A certificate, verified, that no chain of steps in either direction connects the terms; None: unknown."""
    certificate = find_reachable(equations, before, after, limit=MOST_TERMS) or find_model(equations, before, after)
    if certificate is None or not verify(certificate, equations, before, after):
        return None
    return certificate.to_json()


def certified(data: Mapping[str, Any], equations: Sequence[Equation], before: Term, after: Term) -> bool:
    """Whether a certificate that :func:`certify` gave proves what it should, checked anew."""
    return verify(certificate_from_json(data), equations, before, after)
