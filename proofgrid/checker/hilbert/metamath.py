"""Hilbert proofs as a Metamath database: an independent judge, and an export for others to check.

The database has the three axioms and modus ponens (the language ``( ) ==> ~``, atoms as constants). A proof becomes a
block with the premises as hypotheses and a theorem a line, so that a verifier checks every line's formula against its
justification; the block's last theorem states the goal. Proofs are in Metamath's compressed format, every subformula
built once. See the Metamath book, sections 4.2 and 4.4 and appendix B.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from proofgrid.checker.formulas import Formula, atoms
from proofgrid.checker.hilbert.axioms import AXIOMS, VARIABLES, match_axiom
from proofgrid.checker.hilbert.check import check_hilbert
from proofgrid.checker.hilbert.lines import Axiom, HilbertLine, ModusPonens, Premise
from proofgrid.checker.hilbert.read import ProofReader

_HEADER: Final = """\
$( Propositional logic over negation and implication: three axiom schemes and modus ponens. $)
$c ( ) ==> ~ wff |- $.
$v p q r $.
wp $f wff p $.  wq $f wff q $.  wr $f wff r $.
wn $a wff ( ~ p ) $.
wi $a wff ( p ==> q ) $.
AXIOMS${
  mp.major $e |- ( p ==> q ) $.
  mp.minor $e |- p $.
  ax-mp $a |- q $.
$}
"""


def _header() -> str:
    axioms = "".join(f"ax-{n} $a |- {_symbols(text)} $.\n" for n, text in AXIOMS.items())
    return _HEADER.replace("AXIOMS", axioms)


@dataclass(frozen=True, slots=True)
class MetamathProof:
    """One proof to export. ``name`` (letters, digits, ``-``) starts every label of its block."""

    name: str
    premises: Sequence[Formula]
    goal: Formula
    lines: Sequence[HilbertLine]


def metamath_database(proofs: Iterable[MetamathProof], *, as_written: bool = False) -> str:
    """A database with one block a proof: theorems ``NAME.0``, ``NAME.1``, ... for the lines and ``NAME`` for the goal.

    Lines whose tolerated slips are known (swapped mp, wrong assignments) are exported repaired, or ``as_written``.
    A wrong line is exported too, and no verifier accepts it. ValueError where a line cannot even be stated: a
    justification that is none, or a line that cites what does not come before it.
    """
    blocks = [(proof, _Block(proof, as_written).text()) for proof in proofs]
    names: dict[str, None] = {}
    for proof, _ in blocks:
        names.update(dict.fromkeys(atoms(*proof.premises, proof.goal, *(line.formula for line in proof.lines))))
        names.update(
            dict.fromkeys(
                atoms(*(f for line in proof.lines if isinstance(line.justification, Axiom)
                        for _, f in line.justification.values))
            )
        )  # fmt: skip
    declared = "".join(f"$c {name} $.  w{name} $a wff {name} $.\n" for name in names)
    return _header() + declared + "".join(block for _, block in blocks)


def export_metamath(premises: Sequence[Formula], goal: Formula, proof: str, name: str = "proof") -> str:
    """The database for one proof given as text, its tolerated slips repaired.

    Raises ValueError, with the first failure, where the proof is not correct.
    """
    failure = check_hilbert(premises, goal, proof).failure
    if failure is not None:
        place = f"line {failure.line}: " if failure.line else ""
        raise ValueError(f"only a correct proof can be exported; {place}{failure.message}")
    lines = [line for line in ProofReader(proof).lines() if isinstance(line, HilbertLine)]
    return metamath_database([MetamathProof(name, premises, goal, lines)])


class _Block:
    def __init__(self, proof: MetamathProof, as_written: bool) -> None:
        self.proof, self.as_written = proof, as_written
        self.hypotheses = [f"{proof.name}.h{n}" for n in range(1, len(proof.premises) + 1)]

    def text(self) -> str:
        name, proof = self.proof.name, self.proof
        out = ["${\n"]
        out += [f"  {label} $e |- {_math(f)} $.\n" for label, f in zip(self.hypotheses, proof.premises, strict=True)]
        place: dict[int, int] = {}
        for index, line in enumerate(proof.lines):
            out.append(f"  {name}.{index} $p |- {_math(line.formula)} $= {self.line(line, place)} $.\n")
            place[line.number] = index
        steps = _Steps(self.hypotheses)
        self.cite(steps, len(proof.lines) - 1)
        out.append(f"  {name} $p |- {_math(proof.goal)} $= {steps} $.\n$}}\n")
        return "".join(out)

    def cite(self, steps: _Steps, index: int) -> None:
        for label in self.hypotheses:
            steps.label(label)
        steps.label(f"{self.proof.name}.{index}")

    def line(self, line: HilbertLine, place: dict[int, int]) -> str:
        steps = _Steps(self.hypotheses)
        because = line.justification
        if isinstance(because, Premise):
            if not 1 <= because.number <= len(self.hypotheses):
                raise ValueError(f"line {line.number} cites a premise that the problem lacks")
            steps.label(self.hypotheses[because.number - 1])
        elif isinstance(because, Axiom):
            values = dict(because.values)
            if not self.as_written:
                values = match_axiom(because.number, line.formula) or values
            if any(name not in values for name in VARIABLES[because.number]):
                raise ValueError(f"line {line.number} lacks an assignment")
            for name in VARIABLES[because.number]:
                steps.formula(values[name])
            steps.label(f"ax-{because.number}")
        elif isinstance(because, ModusPonens):
            i, j = place.get(because.implication), place.get(because.antecedent)
            if i is None or j is None:
                raise ValueError(f"line {line.number} cites a line that does not come before it")
            f, g = self.proof.lines[i].formula, self.proof.lines[j].formula
            if not self.as_written and g.op == "==>" and g.left is f and not (f.op == "==>" and f.left is g):
                i, j, g = j, i, f
            steps.formula(g)
            steps.formula(line.formula)
            self.cite(steps, i)
            self.cite(steps, j)
            steps.label("ax-mp")
        else:
            raise ValueError(f"line {line.number} has no justification that can be stated")
        return str(steps)


class _Steps:
    """A compressed proof: numbers for hypotheses, then the labels in parentheses, then steps marked for reuse."""

    def __init__(self, hypotheses: Sequence[str]) -> None:
        self.known = {label: n for n, label in enumerate(hypotheses, 1)}
        self.fixed = len(hypotheses)
        self.labels: dict[str, int] = {}
        self.saved: dict[Formula, int] = {}
        self.steps: list[tuple[str, int]] = []

    def label(self, label: str) -> None:
        if label in self.known:
            self.steps.append(("hypothesis", self.known[label]))
        else:
            self.steps.append(("label", self.labels.setdefault(label, len(self.labels) + 1)))

    def formula(self, root: Formula) -> None:
        """Steps that build ``root``, reusing what is saved."""
        stack: list[tuple[Formula, bool]] = [(root, False)]
        while stack:
            f, ready = stack.pop()
            if f in self.saved:
                self.steps.append(("saved", self.saved[f]))
            elif f.op == "atom":
                self.label(f"w{f.name}")
            elif ready:
                self.label("wn" if f.op == "~" else "wi")
                self.saved[f] = len(self.saved) + 1
                self.steps.append(("save", 0))
            elif f.op == "~":
                stack += [(f, True), (f.left, False)]
            elif f.op == "==>":
                stack += [(f, True), (f.right, False), (f.left, False)]
            else:
                raise ValueError(f"'{f.op}' is not of this language")

    def __str__(self) -> str:
        base = {"hypothesis": 0, "label": self.fixed, "saved": self.fixed + len(self.labels)}
        letters = "".join("Z" if kind == "save" else _letters(base[kind] + n) for kind, n in self.steps)
        return f"( {' '.join(self.labels)} ) {letters}"


def _letters(number: int) -> str:
    """A number from 1 in Metamath's notation: the last digit A to T, those before it U to Y."""
    number, last = divmod(number - 1, 20)
    out = [chr(ord("A") + last)]
    while number:
        number, digit = divmod(number - 1, 5)
        out.append(chr(ord("U") + digit))
    return "".join(reversed(out))


def _math(formula: Formula) -> str:
    """The formula as Metamath symbols, blanks between all of them."""
    return _symbols(str(formula))


def _symbols(text: str) -> str:
    return text.replace("(", "( ").replace(")", " )")
