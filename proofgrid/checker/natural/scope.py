"""Scope: what holds at a point of a proof, what the names mean there, and what a formula denotes.

Everything that a composite adds is undone when it ends, by trails, so entering and leaving cost what was added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from proofgrid.checker.errors import FormulaSyntaxError
from proofgrid.checker.formulas import Formula, build, neg
from proofgrid.checker.natural.findings import UNKNOWN, FailedStep, Slip, Stop
from proofgrid.checker.natural.kinds import NAME, OUT_OF_SCOPE
from proofgrid.checker.natural.lexer import (
    FORMULA,
    IDENTIFIER,
    MACRO_KEYWORDS,
    NAME_CHARACTERS,
    Coarse,
    Opening,
    Steps,
    Token,
    plain_steps,
)
from proofgrid.checker.natural.spelling import spelled_premise, spelled_rule
from proofgrid.checker.natural.syntax import Application, From, Label, ParsedProof, RuleApplication, Term
from proofgrid.checker.parsing import ATOM, read_open
from proofgrid.checker.rules import RULES

_REMEMBERED: Final = 4096
_REMEMBERED_LENGTH: Final = 400
"""Formulas that are read once for all proofs, and their longest text: the answers to one problem share many."""
_DEFINED: Final = 300
"""How many names a misspelling is compared with."""
_KEYWORDS: Final = frozenset(MACRO_KEYWORDS)
_PARTS = re.compile(
    rf"\(\s*+(?:~|({IDENTIFIER}+|{FORMULA})\s*+(<==>|==>|[&|]))\s*+({IDENTIFIER}+|{FORMULA})\s*+\)", re.ASCII
)
"""A formula with all its parentheses: its two parts with what connects them, or the one that is denied."""
Open = tuple[Formula, dict[str, Formula], tuple[str, ...]]
"""A formula as read, with the identifiers in it (:func:`proofgrid.checker.parsing.read_open`), and those that are no
atoms."""


def open_formula(text: str) -> Open:
    """Read a formula that may use names. Raises FormulaSyntaxError."""
    return _remembered(text) if len(text) <= _REMEMBERED_LENGTH else _read(text)


def _read(text: str) -> Open:
    formula, leaves = read_open(text)
    return formula, leaves, tuple([name for name in leaves if ATOM.fullmatch(name) is None])


def _open(text: str) -> Open:
    """The same of a short text, by its two parts: nearly all of them were read before, as arguments or conclusions."""
    match = _PARTS.fullmatch(text)
    if match is None:
        return _read(text)
    left, connective, right = match.groups()
    try:
        formula, leaves, odd = _remembered(right)
        if left is None:
            return build("~", formula), leaves, odd
        first, names, others = _remembered(left)
    except FormulaSyntaxError:  # it is said of the whole, at its place there
        return _read(text)
    if odd and others:
        odd = tuple(dict.fromkeys(others + odd))
    return build(connective, first, formula), {**names, **leaves}, odd or others  # type: ignore[arg-type]


_remembered = lru_cache(maxsize=_REMEMBERED)(_open)


def read_steps_formulas(tokens: Iterable[Coarse]) -> dict[str, Open] | None:
    """Every distinct parenthesised formula of scanned steps; None where one is none, or a rule is spelled another way.

    A rule of no spelling is read as it stands: no repair changes it.
    """
    texts: list[str] = []
    for token in tokens:
        if type(token) is Term:
            texts.append(token.text)
        elif type(token) is Opening:
            texts.append(token.hypothesis.text)
        elif type(token) is Token:
            if token.type == "APPLY" and token.text not in RULES and spelled_rule(token.text) is not None:
                return None
        else:
            for step in token.steps if type(token) is Steps else (token,):
                assert isinstance(step, Application)
                if type(step) is RuleApplication and step.rule not in RULES and spelled_rule(step.rule) is not None:
                    return None
                if step.conclusion is not None:
                    texts.append(step.conclusion.text)
                texts += [term.text for term in step.arguments]  # type: ignore[union-attr]
    return _read_texts(texts)


def are_plain_steps(text: str, language: str) -> bool:
    """Whether a text (whose comments are blank) is plain steps alone, each with a rule and formulas that are some.

    It is what reading the text would find, without a tree.
    """
    steps = plain_steps(text, language)
    if steps is None:
        return False
    texts: list[str] = []
    for match in steps:
        _, stated, rule, given = match.groups()
        if language == "ndl" and rule not in RULES:
            return False
        if stated is not None:
            texts.append(stated)
        texts += map(str.strip, given.split(","))
    return _read_texts(texts) is not None


def _read_texts(texts: Iterable[str]) -> dict[str, Open] | None:
    """The formulas among the texts of terms; None where one in parentheses is no formula."""
    formulas: dict[str, Open] = {}
    for text in dict.fromkeys(texts):
        if text[0] == "(":
            try:
                opened = formulas[text] = open_formula(text)
            except FormulaSyntaxError:
                return None
            if opened[2] and not _KEYWORDS.isdisjoint(map(str.lower, opened[2])):  # a proof in parentheses
                return None
    return formulas


def read_formulas(proof: ParsedProof, terms: Sequence[Term]) -> dict[str, Open]:
    """Every distinct term that is no name, read once. Raises FormulaSyntaxError with the offset in the proof."""
    formulas: dict[str, Open] = {}
    seen: set[str] = set()
    for term in terms:
        text = term.text
        if text not in seen:
            seen.add(text)
            if not term.is_name:
                try:
                    formulas[text] = open_formula(text)
                except FormulaSyntaxError as error:
                    raise FormulaSyntaxError(str(error), term.start + error.offset) from None
    return formulas


@dataclass(slots=True)
class Marks:
    """How long the trails were when a composite began."""

    names_mark: int
    holds_mark: int
    assumed_mark: int


class Scope:
    """The assumption base and the names at the point that an evaluation has reached."""

    def __init__(
        self, proof: ParsedProof, premises: Sequence[Formula], formulas: dict[str, Open], *, tolerant: bool
    ) -> None:
        self.proof = proof
        self.premises = tuple(premises)
        self.formulas = formulas
        self.tolerant = tolerant
        self.slips: list[Slip] = []
        self.holds: set[Formula] = set(premises)
        self.trail: list[Formula] = []
        """What was concluded and did not hold before, oldest first."""
        self.names: dict[str, Formula] = {f"premise-{i}": p for i, p in enumerate(premises, 1)}
        self.names_trail: list[tuple[str, Formula | None]] = []
        self.once: dict[str, Formula] = {}
        """What every name meant when it was last bound, in scope or not."""
        self.atoms_named = False
        """Whether a name was ever bound that may be an atom's, too: only such a one changes what formulas say."""
        self.assumed: list[Formula] = []
        """Conclusions of failed steps that are taken to hold."""

    def _marks(self) -> tuple[int, int, int]:
        return len(self.names_trail), len(self.trail), len(self.assumed)

    def _bind(self, label: Label, formula: Formula) -> None:
        name = label.text
        if name == "_":
            return
        self.names_trail.append((name, self.names.get(name)))
        self.names[name] = formula
        if "A" <= name < "[":
            self.atoms_named = True
        if self.tolerant:
            self.once[name] = formula

    def _conclude(self, formula: Formula) -> None:
        if formula not in self.holds and formula is not UNKNOWN:
            self.holds.add(formula)
            self.trail.append(formula)

    def _leave(self, marks: Marks, result: Formula | None) -> None:
        """End of a scope, whose conclusion makes ``result`` hold outside."""
        if len(self.assumed) > marks.assumed_mark:  # what was taken on trust inside, the result rests on
            del self.assumed[marks.assumed_mark :]
            if result is not None and result is not UNKNOWN:
                self.assumed.append(result)
        trail, names_trail, names = self.trail, self.names_trail, self.names
        mark = marks.holds_mark
        if len(trail) > mark:
            self.holds.difference_update(trail[mark:])
            del trail[mark:]
        while len(names_trail) > marks.names_mark:
            name, old = names_trail.pop()
            if old is None:
                del names[name]
            else:
                names[name] = old

    def resolve(self, term: Term, node: RuleApplication | From | None = None) -> Formula:
        """What a term denotes here. Fails with undefinedName."""
        text = term.text
        found = self.names.get(text)
        if found is not None:
            return found
        read = self.formulas.get(text)
        if read is None:
            read = self.formulas[text] = open_formula(text)
        formula, leaves, odd = read
        if not odd and not self.atoms_named:
            return formula
        changed = False
        names = self.names
        for name, leaf in leaves.items():
            bound = names.get(name)
            if bound is None:
                if odd and name in odd:
                    spelled = self._spelled(term, odd, node) if self.tolerant else None
                    return self._out_of_scope(term, name, node) if spelled is None else spelled
            elif bound is not leaf:
                changed = True
        return self._substitute(formula, leaves) if changed else formula

    def _substitute(self, formula: Formula, leaves: dict[str, Formula]) -> Formula:
        new: dict[Formula, Formula] = {}
        for name, leaf in leaves.items():
            bound = self.names.get(name)
            if bound is None and ATOM.fullmatch(name) is None:
                bound = self.once.get(name)
            new[leaf] = leaf if bound is None else bound
        return self._put(formula, new)

    @staticmethod
    def _put(formula: Formula, new: dict[Formula, Formula]) -> Formula:
        """The formula with every leaf replaced; ``new`` is filled with its subformulas."""
        if any(value is UNKNOWN for value in new.values()):
            return UNKNOWN
        stack = [formula]
        while stack:
            f = stack[-1]
            if f in new:
                stack.pop()
            elif f.op in ("true", "false"):
                new[f] = f
            elif f.op == "~":
                inner = new.get(f.left)
                if inner is None:
                    stack.append(f.left)
                else:
                    new[f] = neg(inner)
            else:
                left, right = new.get(f.left), new.get(f.right)
                if left is None:
                    stack.append(f.left)
                elif right is None:
                    stack.append(f.right)
                else:
                    new[f] = build(f.op, left, right)
        return new[formula]

    def _spelled(self, term: Term, odd: Sequence[str], node: RuleApplication | From | None) -> Formula | None:
        """What a term denotes whose unbound names are all other spellings: of a premise, or of a name in quotes."""
        formula, leaves, _ = self.formulas[term.text]
        meant: dict[Formula, Formula] = {}
        slips: list[Slip] = []
        for name in odd:
            if name in self.names:
                continue
            if name in self.once:  # bound elsewhere: out of scope, and no spelling of another
                return None
            plain = name.strip("'")
            number = spelled_premise(plain)
            if number is not None and 1 <= number <= len(self.premises):
                found: Formula | None = self.premises[number - 1]
                own = f"premise-{number}"
                put = own if self.names.get(own) is found else str(found)
            elif name[0] == name[-1] == "'" and len(name) > 2:
                found = self.names.get(plain)
                if found is None and ATOM.fullmatch(plain) is not None:
                    found = build("atom", name=plain)
                put = plain
            else:
                found = None
            if found is None:
                return None
            meant[leaves[name]] = found
            slips.append(Slip(NAME, node, name, self._edits(term, name, put), put))
        self.slips += slips
        for name, leaf in leaves.items():
            if leaf not in meant:
                meant[leaf] = self.names.get(name, leaf)
        return self._put(formula, meant)

    def _edits(self, term: Term, name: str, put: str) -> tuple[tuple[int, int, str], ...]:
        """Every place of a name in a term, and what is put there."""
        whole = rf"(?<![{NAME_CHARACTERS}]){re.escape(name)}(?![{NAME_CHARACTERS}])"
        if term.end - term.start != len(term.text):  # a repaired term, of which only the place is asked for
            return ((term.start, term.end, term.text),)
        return tuple((term.start + m.start(), term.start + m.end(), put) for m in re.finditer(whole, term.text))

    def _out_of_scope(self, term: Term, name: str, node: RuleApplication | From | None) -> Formula:
        """A name that is not bound here: tolerated where it was bound before and its formula still holds."""
        annotated = node is not None and node.conclusion is not None
        if self.tolerant and annotated and node is not None and term is not node.conclusion:
            formula, leaves, odd = self.formulas[term.text]
            unbound = [other for other in odd if other not in self.names]
            lost = next((other for other in unbound if self.once.get(other) not in self.holds), None)
            if lost is None:
                self.slips += [Slip(OUT_OF_SCOPE, node, other) for other in unbound]
                return self._substitute(formula, leaves)
            name = lost
        written = self.proof.text[term.start : term.end]
        whole = rf"(?<![{NAME_CHARACTERS}]){re.escape(name)}(?![{NAME_CHARACTERS}])"
        found = re.search(whole, written)
        at = term.start + (found.start() if found is not None else 0)
        defined = tuple(islice(reversed(self.names), _DEFINED))
        before = self.once.get(name)
        actual = None if before is UNKNOWN else before
        raise Stop(FailedStep("undefinedName", at, node, name=name, defined=defined, actual=actual))
