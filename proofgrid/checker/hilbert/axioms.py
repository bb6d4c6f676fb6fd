"""The three axiom schemes of the Hilbert language (SPEC 4), and how far a formula is from being an instance.

Axiom1 ``(p ==> (q ==> p))``, Axiom2 ``((p ==> (q ==> r)) ==> ((p ==> q) ==> (p ==> r)))``,
Axiom3 ``(((~ p) ==> (~ q)) ==> (((~ p) ==> q) ==> p))``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.formulas import Formula, implies, neg

Scheme = str | tuple["Scheme", ...]
"""A metavariable, or (scheme,) for a negation, or (scheme, scheme) for an implication."""

SCHEMES: Final[Mapping[int, Scheme]] = {
    1: ("p", ("q", "p")),
    2: (("p", ("q", "r")), (("p", "q"), ("p", "r"))),
    3: ((("p",), ("q",)), ((("p",), "q"), "p")),
}
VARIABLES: Final[Mapping[int, tuple[str, ...]]] = {1: ("p", "q"), 2: ("p", "q", "r"), 3: ("p", "q")}
"""The metavariables of each axiom, in the order of its assignments."""


@dataclass(frozen=True, slots=True)
class Departure:
    """The first place where a formula is no instance of an axiom."""

    axiom: int
    path: tuple[str, ...]
    """From the root: "antecedent", "consequent" or "negated" for each level."""
    expected: str
    """A formula, or a scheme with metavariables where nothing binds them."""
    actual: Formula
    share: float
    """How much of the axiom's form is missing: 0 for an instance, 1 where nothing of it is there."""

    def place(self) -> str:
        """``the antecedent of its consequent``, ``the whole formula`` at the root."""
        if not self.path:
            return "the whole formula"
        words = {"antecedent": "antecedent", "consequent": "consequent", "negated": "negated part"}
        return "the " + " of the ".join(words[step] for step in reversed(self.path))


def instance(axiom: int, values: Mapping[str, Formula]) -> Formula:
    """The axiom's instance under ``values`` for its metavariables (KeyError where one is missing)."""
    if axiom == 1:
        p, q = values["p"], values["q"]
        return implies(p, implies(q, p))
    if axiom == 2:
        p, q, r = values["p"], values["q"], values["r"]
        return implies(implies(p, implies(q, r)), implies(implies(p, q), implies(p, r)))
    p, q = values["p"], values["q"]
    not_p = neg(p)
    return implies(implies(not_p, neg(q)), implies(implies(not_p, q), p))


def match_axiom(axiom: int, formula: Formula) -> dict[str, Formula] | None:
    """The substitution of which ``formula`` is the axiom's instance; None where it is none."""
    if formula.op != "==>":
        return None
    left, right = formula.left, formula.right
    if right.op != "==>":
        return None
    if axiom == 1:
        return {"p": left, "q": right.left} if right.right is left else None
    if axiom == 2:
        if left.op != "==>" or left.right.op != "==>" or right.left.op != "==>" or right.right.op != "==>":
            return None
        p, q, r = left.left, left.right.left, left.right.right
        if right.left.left is p and right.left.right is q and right.right.left is p and right.right.right is r:
            return {"p": p, "q": q, "r": r}
        return None
    if left.op != "==>" or left.left.op != "~" or left.right.op != "~" or right.left.op != "==>":
        return None
    p, q = left.left.left, left.right.left
    return {"p": p, "q": q} if right.left.left is left.left and right.left.right is q and right.right is p else None


def departure(axiom: int, formula: Formula) -> Departure:
    """Where ``formula`` first departs from the axiom, with the metavariables bound as most of it suggests."""
    seen: dict[str, list[tuple[tuple[str, ...], Formula]]] = {}
    wrong: list[tuple[tuple[str, ...], Scheme, Formula]] = []
    stack: list[tuple[tuple[str, ...], Scheme, Formula]] = [((), SCHEMES[axiom], formula)]
    while stack:
        path, scheme, here = stack.pop()
        if isinstance(scheme, str):
            seen.setdefault(scheme, []).append((path, here))
        elif len(scheme) == 1 and here.op == "~":
            stack.append(((*path, "negated"), scheme[0], here.left))
        elif len(scheme) == 2 and here.op == "==>":
            stack.append(((*path, "consequent"), scheme[1], here.right))
            stack.append(((*path, "antecedent"), scheme[0], here.left))
        else:
            wrong.append((path, scheme, here))
    values: dict[str, Formula] = {}
    for name, places in seen.items():
        votes: dict[Formula, int] = {}
        for _, here in places:
            votes[here] = votes.get(here, 0) + 1
        values[name] = max(votes, key=lambda f: votes[f])
        wrong += [(path, name, here) for path, here in places if here is not values[name]]
    if not wrong:
        return Departure(axiom, (), str(formula), formula, 0.0)
    path, scheme, here = min(wrong, key=lambda item: item[0])
    lost = (
        1.0 if path == () else sum(_constraints(scheme) or 1 for _, scheme, _ in wrong) / _constraints(SCHEMES[axiom])
    )
    return Departure(axiom, path, scheme_text(scheme, values), here, lost)


def _constraints(scheme: Scheme) -> int:
    """How many connectives and repeated metavariables the scheme has."""
    seen: set[str] = set()
    count = 0
    stack = [scheme]
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            count += here in seen
            seen.add(here)
        else:
            count += 1
            stack.extend(here)
    return count


def nearest_axiom(named: int, formula: Formula) -> Departure:
    """The departure from the axiom that ``formula`` is nearest to; ``named`` wins a tie."""
    order = (named, *(n for n in SCHEMES if n != named))
    return min((departure(n, formula) for n in order), key=lambda d: d.share)


def scheme_text(scheme: Scheme, values: Mapping[str, Formula]) -> str:
    """The scheme in strict syntax, its metavariables replaced where ``values`` has them."""
    if isinstance(scheme, str):
        return str(values[scheme]) if scheme in values else scheme
    if len(scheme) == 1:
        return f"(~ {scheme_text(scheme[0], values)})"
    return f"({scheme_text(scheme[0], values)} ==> {scheme_text(scheme[1], values)})"
