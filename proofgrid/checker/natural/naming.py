"""Conclusions that were meant as names: ``x BY rule on ...`` read as ``x := rule on ...``, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from proofgrid.checker.formulas import Formula, atoms
from proofgrid.checker.natural.findings import Slip
from proofgrid.checker.natural.kinds import CONCLUSION_AS_NAME
from proofgrid.checker.natural.lexer import IDENTIFIER, UNFILLED
from proofgrid.checker.natural.scope import Open, Scope
from proofgrid.checker.natural.spelling import spelled_premise
from proofgrid.checker.natural.syntax import Label, ParsedProof, RuleApplication, Term
from proofgrid.checker.parsing import ATOM

_IDENTIFIER: Final = re.compile(IDENTIFIER, re.ASCII)
_NAME_ALONE: Final = re.compile(rf"\(\s*({IDENTIFIER})\s*\)", re.ASCII)


class Naming(Scope):
    """A scope that knows when a conclusion is a name."""

    def __init__(
        self,
        proof: ParsedProof,
        premises: Sequence[Formula],
        goal: Formula,
        formulas: dict[str, Open],
        *,
        tolerant: bool,
    ) -> None:
        super().__init__(proof, premises, formulas, tolerant=tolerant)
        self.goal = goal
        self.renamed: tuple[RuleApplication, Label] | None = None
        """The last step whose conclusion was taken for a name, with the name."""
        self.problem_atoms: frozenset[str] | None = None
        self.last_seen: dict[str, int] = {}
        """Where every identifier of the text stands for the last time (made when first asked for)."""

    def _stated(self, node: RuleApplication, term: Term) -> Formula | None:
        """The advertised conclusion; None where what stands there is no formula but was meant as a name."""
        name = term.text
        read = self.formulas.get(name)
        all_atoms = read is not None and not read[2]
        if not all_atoms and self.tolerant and name not in self.names:
            if not term.is_name and (inside := _NAME_ALONE.fullmatch(name)) is not None:
                name = inside.group(1)
            free = not name.startswith("(") and name not in self.names and not self._is_premise(name)
            if free and self._may_name(name):
                self._as_name(node, name)
                return None
        return self.resolve(term, node)

    def _is_premise(self, name: str) -> bool:
        """Whether a name is one of the problem's premises' own, or a spelling of it: no conclusion is called so."""
        number = spelled_premise(name)
        return number is not None and 1 <= number <= len(self.premises)

    @staticmethod
    def _may_name(identifier: str) -> bool:
        """Whether an identifier that is not bound can only have been meant as a name."""
        return (
            ATOM.fullmatch(identifier) is None
            and identifier not in ("true", "false")
            and (UNFILLED.fullmatch(identifier) is None)
        )

    def _is_a_name(self, term: Term, node: RuleApplication) -> bool:
        """Whether a conclusion that the step does not give can only have been meant as a name.

        One that looks like an atom is one where it is no atom of the problem, is not bound, and is cited later.
        """
        if not term.is_name or self._is_premise(term.text):
            return False
        if ATOM.fullmatch(term.text) is None:
            return True
        if term.text in self.names:
            return False
        if self.problem_atoms is None:
            self.problem_atoms = frozenset(atoms(*self.premises, self.goal))
            self.last_seen = {m.group(): m.start() for m in _IDENTIFIER.finditer(self.proof.text)}
        return term.text not in self.problem_atoms and self.last_seen.get(term.text, -1) >= node.end

    def _as_name(self, node: RuleApplication, name: str) -> None:
        term = node.conclusion
        edits = () if term is None else ((term.start, node.rule_start, f"{name} := "),)
        self.slips.append(Slip(CONCLUSION_AS_NAME, node, name, edits))
        self.renamed = (node, Label(name, node.start, node.start + len(name)))
