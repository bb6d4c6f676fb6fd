"""A rewriting step as it is asked about: one term said to come from another by equations, each used once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from proofgrid.checker.equational import Equation, Term, parallel_step, parse_equation, parse_term, symmetric_step
from proofgrid.tasks.kinds.equational.chains import size


@dataclass(frozen=True, slots=True)
class AskedRewrite:
    """Does ``target`` come from ``source`` by rewriting with each of ``equations`` once, at disjoint positions?

    ``both_ways``: the step may be read from right to left as a whole, too (docs/spec.md, equational tasks).
    """

    equations: tuple[Equation, ...]
    source: Term
    target: Term
    both_ways: bool

    kind: ClassVar[Literal["rewrite"]] = "rewrite"
    all_that_holds: ClassVar[bool] = False

    @property
    def rule(self) -> str:
        """What steps are matched by: how many equations they use."""
        return f"rewriting by {len(self.equations)}"

    @property
    def sources(self) -> tuple[Term | Equation, ...]:
        """What the step is from."""
        return (self.source, *self.equations)

    @property
    def size(self) -> int:
        """Symbols of the two terms."""
        return size(self.source) + size(self.target)

    @property
    def length(self) -> int:
        """Symbols of everything that the question would print."""
        return self.size + sum(size(e.left) + size(e.right) for e in self.equations)

    def valid(self) -> bool:
        """The truth, by the checker's matching."""
        step = symmetric_step if self.both_ways else parallel_step
        return step(self.source, self.target, self.equations) is not None

    def to_json(self) -> dict[str, Any]:
        """As text, for a question's ``shown``."""
        return {
            "kind": self.kind,
            "equations": [f"{e.name}: {e}" for e in self.equations],
            "source": str(self.source),
            "target": str(self.target),
            "both_ways": self.both_ways,
        }

    @classmethod
    def from_json(cls, shown: Mapping[str, Any]) -> AskedRewrite:
        """What :meth:`to_json` wrote."""
        equations = []
        for line in shown["equations"]:
            name, _, sides = line.partition(": ")
            equations.append(Equation(name, *parse_equation(sides)))
        return cls(tuple(equations), parse_term(shown["source"]), parse_term(shown["target"]), shown["both_ways"])

    def text(self) -> str:
        """One line for a person."""
        way = ", either way" if self.both_ways else ""
        return f"{self.target} comes from {self.source} by {'; '.join(f'{e.name}: {e}' for e in self.equations)}{way}"
