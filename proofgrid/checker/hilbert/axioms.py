"""The axiom schemes of the Hilbert language (docs/spec.md section 4), and how far a formula is from an instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Final

from proofgrid.checker.formulas import Formula, atoms, implies, neg
from proofgrid.checker.parsing import parse_pattern

Scheme = str | tuple["Scheme", ...]
"""A metavariable, or (scheme,) for a negation, or (scheme, scheme) for an implication."""

AXIOMS: Final[Mapping[int, str]] = {
    1: "(p ==> (q ==> p))",
    2: "((p ==> (q ==> r)) ==> ((p ==> q) ==> (p ==> r)))",
    3: "(((~ p) ==> (~ q)) ==> (((~ p) ==> q) ==> p))",
}
"""The three axioms; everything about them anywhere is read from here."""


def _scheme(formula: Formula) -> Scheme:
    if formula.op == "~":
        return (_scheme(formula.left),)
    return (_scheme(formula.left), _scheme(formula.right)) if formula.op == "==>" else formula.name


_PARSED: Final = {n: parse_pattern(text) for n, text in AXIOMS.items()}
SCHEMES: Final[Mapping[int, Scheme]] = {n: _scheme(formula) for n, formula in _PARSED.items()}
VARIABLES: Final[Mapping[int, tuple[str, ...]]] = {n: atoms(formula) for n, formula in _PARSED.items()}
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
    return _BUILDERS[axiom](values)


def _builder(scheme: Scheme) -> Callable[[Mapping[str, Formula]], Formula]:
    """A function from the metavariables' values to the scheme's instance."""
    if isinstance(scheme, str):
        return itemgetter(scheme)
    parts = [_builder(part) for part in scheme]
    left = parts[0]
    if len(parts) == 1:
        return lambda values: neg(left(values))
    right = parts[1]
    return lambda values: implies(left(values), right(values))


_BUILDERS: Final = {n: _builder(scheme) for n, scheme in SCHEMES.items()}


@dataclass(frozen=True, slots=True)
class _Form:
    """What to look at in a formula: the connective at each inner place, and what stands at each metavariable's."""

    connectives: Callable[[Formula], tuple[str, ...]]
    expected: tuple[str, ...]
    leaves: Callable[[Formula], tuple[Formula, ...]]
    names: tuple[str, ...]


def _form(axiom: int) -> _Form:
    inner: list[tuple[str, str]] = []
    leaves: list[tuple[str, str]] = []
    stack: list[tuple[str, Scheme]] = [("", SCHEMES[axiom])]
    while stack:
        path, scheme = stack.pop()
        if isinstance(scheme, str):
            leaves.append((path.rstrip("."), scheme))
            continue
        inner.append((f"{path}op", "~" if len(scheme) == 1 else "==>"))
        stack.extend((f"{path}{side}.", part) for side, part in zip(("left", "right"), scheme, strict=False))
    return _Form(
        connectives=attrgetter(*(path for path, _ in inner)),
        expected=tuple(op for _, op in inner),
        leaves=attrgetter(*(path for path, _ in leaves)),
        names=tuple(name for _, name in leaves),
    )


_FORMS: Final = {n: _form(n) for n in AXIOMS}


def match_axiom(axiom: int, formula: Formula) -> dict[str, Formula] | None:
    """The substitution of which ``formula`` is the axiom's instance; None where it is none."""
    form = _FORMS[axiom]
    try:
        if form.connectives(formula) != form.expected:
            return None
    except AttributeError:  # an atom, where the scheme has parts
        return None
    found: dict[str, Formula] = {}
    for name, part in zip(form.names, form.leaves(formula), strict=True):
        if found.setdefault(name, part) is not part:
            return None
    return {name: found[name] for name in VARIABLES[axiom]}


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
