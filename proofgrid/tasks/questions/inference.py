"""A local inference as it is asked about: a rule applied to arguments, or a formula said to follow from others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from proofgrid.checker import RULES, Formula, entails, parse_formula
from proofgrid.checker.formulas import postorder
from proofgrid.checker.hilbert import match_axiom
from proofgrid.checker.rules import results

Kind = Literal["rule", "follows", "axiom"]


@dataclass(frozen=True, slots=True)
class Asked:
    """``kind`` rule: may ``rule`` be applied to ``sources``, in this order, giving ``target`` (None: giving
    anything)? ``kind`` follows: does ``target`` follow from ``sources``? ``all_that_holds``: nothing else holds.
    ``kind`` axiom: is ``target`` an instance of the Hilbert system's axiom ``rule`` (``Axiom2``)?"""

    kind: Kind
    rule: str
    sources: tuple[Formula, ...]
    target: Formula | None
    all_that_holds: bool = False

    def valid(self) -> bool:
        """The truth, by the checker's rule table or by classical entailment."""
        if self.kind == "follows":
            assert self.target is not None
            return entails(self.sources, self.target)
        if self.kind == "axiom":
            assert self.target is not None
            return match_axiom(self.axiom, self.target) is not None
        conclusions = [conclusion for _, conclusion in results(RULES[self.rule], self.sources)]
        return bool(conclusions) if self.target is None else self.target in conclusions

    @property
    def axiom(self) -> int:
        """The number of the axiom asked about."""
        return int(self.rule.removeprefix("Axiom"))

    @property
    def size(self) -> int:
        """Symbols of the formulas that matter: of the target alone where the sources are all that holds."""
        formulas = () if self.all_that_holds else self.sources
        return sum(_size(f) for f in (*formulas, *(() if self.target is None else (self.target,))))

    @property
    def length(self) -> int:
        """Symbols of everything that the question would print."""
        return sum(_size(f) for f in (*self.sources, *(() if self.target is None else (self.target,))))

    def to_json(self) -> dict[str, Any]:
        """As text, for a question's ``shown``."""
        return {
            "kind": self.kind,
            "rule": self.rule,
            "sources": [str(f) for f in self.sources],
            "target": None if self.target is None else str(self.target),
            "all_that_holds": self.all_that_holds,
        }

    @classmethod
    def from_json(cls, shown: Mapping[str, Any]) -> Asked:
        """What :meth:`to_json` wrote."""
        target = shown["target"]
        return cls(
            shown["kind"],
            shown["rule"],
            tuple(parse_formula(f) for f in shown["sources"]),
            None if target is None else parse_formula(target),
            shown["all_that_holds"],
        )

    def text(self) -> str:
        """One line for a person."""
        sources = ", ".join(map(str, self.sources))
        if self.kind == "follows":
            return f"{self.target} follows from {sources or 'nothing'}"
        if self.kind == "axiom":
            return f"{self.target} is an instance of {self.rule}"
        return f"{'a step' if self.target is None else self.target} BY {self.rule} on {sources}"


def _size(formula: Formula) -> int:
    """Symbols of the formula written out (shared parts counted each time)."""
    size: dict[Formula, int] = {}
    for f in postorder(formula):
        if f.op == "~":
            size[f] = 1 + size[f.left]
        elif f.op in ("&", "|", "==>", "<==>"):
            size[f] = 1 + size[f.left] + size[f.right]
        else:
            size[f] = 1
    return size[formula]
