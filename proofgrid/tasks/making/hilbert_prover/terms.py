"""Proof terms, and the deduction theorem that turns them into Hilbert proofs.

A term is a natural deduction over ``~`` and ``==>``: hypotheses, premises, instances of theorems, application (modus
ponens) and abstraction (discharge). Abstractions go by bracket abstraction [Curry and Feys, Combinatory Logic, 1958,
6A]: ``[h]t`` is K t where h is not in t, I where t is h, f where t is ``f h``, else S ([h]f) ([h]a), S and K being
Axiom2 and Axiom1. Where the discharged formula is an instance of a lemma of the library, its proof stands instead.
"""

from __future__ import annotations

from proofgrid.checker import Formula
from proofgrid.checker.formulas import implies
from proofgrid.tasks.making.hilbert_prover.derivation import Derivation
from proofgrid.tasks.making.hilbert_prover.lemmas import Lemma, find_lemma, lemma, write_lemma

MAX_DEPTH = 200
"""Levels of a term without abstractions; deeper ones are given up, long before Python's own limit (see natural)."""


class TooDeepError(Exception):
    """A proof term is too deep to be written out."""


class Term:
    """A proof of ``proves`` from the hypotheses in ``free``. Compared by identity."""

    __slots__ = ("argument", "depth", "free", "function", "kind", "lemma", "number", "proves", "values")

    def __init__(
        self,
        kind: str,
        proves: Formula,
        free: frozenset[Formula],
        function: Term | None = None,
        argument: Term | None = None,
        number: int = 0,
        lemma: Lemma | None = None,
        values: tuple[Formula, ...] = (),
    ) -> None:
        self.depth: int = 1 + max(function.depth if function else 0, argument.depth if argument else 0)
        self.kind = kind
        self.proves = proves
        self.free = free
        self.function = function
        self.argument = argument
        self.number = number
        self.lemma = lemma
        self.values = values


_NONE: frozenset[Formula] = frozenset()


def hypothesis(p: Formula) -> Term:
    """p, assumed."""
    return Term("hypothesis", p, frozenset((p,)))


def premise(number: int, p: Formula) -> Term:
    """Premise ``number``, counted from 1."""
    return Term("premise", p, _NONE, number=number)


def theorem(name: str, *values: Formula) -> Term:
    """The instance of the lemma called ``name`` with ``values`` for its letters P, Q, R in order."""
    found = lemma(name)
    return Term("lemma", found.instance(values), _NONE, lemma=found, values=values)


def apply(function: Term, *arguments: Term) -> Term:
    """Modus ponens, once an argument."""
    for argument in arguments:
        assert function.proves.left is argument.proves
        function = Term(
            "apply", function.proves.right, function.free | argument.free, function=function, argument=argument
        )
    return function


def discharge(h: Formula, body: Term) -> Term:
    """(h ==> body): the deduction theorem."""
    return Term("abstract", implies(h, body.proves), body.free - {h}, argument=body)


class Compiler:
    """Terms to a Derivation. ``lemma_limit``: a lemma of at most so many lines replaces what an abstraction builds."""

    def __init__(self, lemma_limit: int = 40) -> None:
        self.derivation = Derivation()
        self._limit = lemma_limit
        self._plain: dict[Term, Term] = {}
        self._bracket: dict[tuple[Formula, Term], Term] = {}

    def write(self, term: Term) -> Formula:
        """Add the proof of a closed term to the derivation; returns what it proves. Raises TooDeepError."""
        if term.depth > MAX_DEPTH:
            raise TooDeepError
        self._emit(self._eliminate(term))
        return term.proves

    def _eliminate(self, term: Term) -> Term:
        """The same proof without abstractions. Raises TooDeepError."""
        found = self._plain.get(term)
        if found is None:
            if term.kind == "apply":
                assert term.function is not None
                assert term.argument is not None
                found = apply(self._eliminate(term.function), self._eliminate(term.argument))
            elif term.kind == "abstract":
                assert term.argument is not None
                found = self._abstract(term.proves.left, self._eliminate(term.argument))
            else:
                found = term
            if found.depth > MAX_DEPTH:
                raise TooDeepError
            self._plain[term] = found
        return found

    def _abstract(self, h: Formula, t: Term) -> Term:
        key = (h, t)
        found = self._bracket.get(key)
        if found is None:
            found = self._bracket[key] = self._abstract_new(h, t)
            if found.depth > MAX_DEPTH:
                raise TooDeepError
        return found

    def _abstract_new(self, h: Formula, t: Term) -> Term:
        goal = implies(h, t.proves)
        known = find_lemma(goal)
        if known is not None and len(known[0].proof) <= self._limit:
            return Term("lemma", goal, _NONE, lemma=known[0], values=known[1])
        if h not in t.free:
            return apply(theorem("K", t.proves, h), t)
        f, a = t.function, t.argument
        if f is None or a is None:  # a hypothesis: h itself
            return theorem("I", h)
        if a.proves is h and h not in f.free:
            return f
        s = theorem("S", h, a.proves, t.proves)
        return apply(s, self._abstract(h, f), self._abstract(h, a))

    def _emit(self, term: Term) -> None:
        stack: list[Term] = [term]
        table = self.derivation
        while stack:
            t = stack[-1]
            if t.proves in table:
                stack.pop()
            elif t.kind == "premise":
                table.premise(t.number, t.proves)
            elif t.kind == "lemma":
                assert t.lemma is not None
                write_lemma(table, t.lemma, t.values)
            else:
                assert t.function is not None
                assert t.argument is not None
                waiting = [x for x in (t.function, t.argument) if x.proves not in table]
                if waiting:
                    stack += waiting
                else:
                    table.mp(t.function.proves, t.argument.proves)
