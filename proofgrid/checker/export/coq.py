"""Accepted NDL and macro proofs as Coq scripts: one theorem a proof, one lemma a rule, ``classic`` the only axiom.

The lemmas stand in ``preamble.v``, stated by hand and not from :data:`proofgrid.checker.rules.RULES`: a mistake in that
table is a script that Coq refuses. A macro step, which has no rule, is decided by a small procedure that is proved
right there. Coq's ``~ p`` is ``p -> False``, so the kernel does not tell the two apart (both directions are sound).
Source: docs/spec.md, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

from proofgrid.checker.export.fitch import FitchLine
from proofgrid.checker.formulas import Formula, atoms, implies, postorder

PREAMBLE: Final = files("proofgrid.checker.export").joinpath("preamble.v").read_text(encoding="utf-8")
"""What every script begins with."""

_FORMS: Final[Mapping[str, int]] = {"absurd": 2, "dm": 2, "dsyl": 4, "neg-cond": 2, "neg-bicond": 2, "mt": 2,
    "cond-def": 2, "bicond-def'": 2, "from-complements": 2, "by-contradiction": 2}  # fmt: skip
"""How many lemmas of the preamble state the rule, where there is more than one."""
_PARAMETERS: Final[Mapping[str, int]] = {"claim": 1, "absurd": 1, "dn": 1, "ex-middle": 1, "from-false": 1, "cases": 3,
    "by-contradiction": 1}  # fmt: skip
"""How many propositions the rule's lemmas speak of, where it is not two."""
_PROP: Final = {"&": "/\\", "|": r"\/", "==>": "->", "<==>": "<->"}
_DATA: Final = {"&": "And", "|": "Or", "==>": "Imp", "<==>": "Iff"}


def as_proposition(formula: Formula) -> str:
    """The formula as a Coq proposition over the variables ``a_NAME``, fully parenthesised."""
    text: dict[Formula, str] = {}
    for f in postorder(formula):
        if f.op == "atom":
            text[f] = f"a_{f.name}"
        elif f.op in ("true", "false"):
            text[f] = f.op.capitalize()
        elif f.op == "~":
            text[f] = f"(~ {text[f.left]})"
        else:
            text[f] = f"({text[f.left]} {_PROP[f.op]} {text[f.right]})"
    return text[formula]


def as_data(formula: Formula, number: Mapping[str, int]) -> str:
    """The formula as a term of the preamble's type ``form``; ``number`` gives each atom its index."""
    text: dict[Formula, str] = {}
    for f in postorder(formula):
        if f.op == "atom":
            text[f] = f"(Var {number[f.name]})"
        elif f.op in ("true", "false"):
            text[f] = "Top" if f.op == "true" else "Bot"
        elif f.op == "~":
            text[f] = f"(Neg {text[f.left]})"
        else:
            text[f] = f"({_DATA[f.op]} {text[f.left]} {text[f.right]})"
    return text[formula]


def coq_theorem(name: str, goal: Formula, lines: Sequence[FitchLine]) -> str:
    """A Coq theorem ``name`` (an identifier): the premises among ``lines`` imply ``goal``, proved as the lines say."""
    names = atoms(goal, *(line.formula for line in lines))
    variables = f" ({' '.join(f'a_{n}' for n in names)} : Prop)" if names else ""
    given = [f" (h{i} : {as_proposition(line.formula)})" for i, line in enumerate(lines, 1) if line.kind == "premise"]
    out = [f"Theorem {name}{variables}{''.join(given)} : {as_proposition(goal)}.", "Proof."]
    discharged = {line.cites[0]: i for i, line in enumerate(lines, 1) if line.kind == "discharge"}
    for number, line in enumerate(lines, 1):
        if line.kind == "hypothesis":
            whole = discharged[number]
            out.append(f"assert (h{whole} : {as_proposition(lines[whole - 1].formula)}).\n{{ intro h{number}.")
        elif line.kind == "discharge":
            out.append(f"exact h{line.cites[1]}. }}")
        elif line.kind == "step":
            out.append(f"assert (h{number} : {as_proposition(line.formula)}) by {_reason(line, lines)}.")
    return "\n".join([*out, f"exact h{len(lines)}.", "Qed.", ""])


def _reason(line: FitchLine, lines: Sequence[FitchLine]) -> str:
    """The tactic that proves one step: a lemma of the preamble, applied to what it rests on."""
    held = "".join(f" h{number}" for number in line.cites)
    if line.rule != "from":
        lemma = line.rule.replace("-", "_")
        blanks = " _" * _PARAMETERS.get(line.rule, 2)
        tries = [f"exact ({lemma}_{i}{blanks}{held})" for i in range(1, _FORMS.get(line.rule, 1) + 1)]
        return tries[0] if len(tries) == 1 else f"first [{' | '.join(tries)}]"
    formula = line.formula
    for number in reversed(line.cites):
        formula = implies(lines[number - 1].formula, formula)
    order = splitting_order(formula)
    propositions = "; ".join(f"a_{name}" for name in order)
    numbers = "; ".join(map(str, range(len(order))))
    data = as_data(formula, {name: i for i, name in enumerate(order)})
    return f"exact (follows (fun n => nth n [{propositions}] True) {len(order)} [{numbers}] {data} eq_refl{held})"


def splitting_order(formula: Formula) -> tuple[str, ...]:
    """The formula's atoms, those that occur in most subformulas first: splitting on them settles most."""
    count: dict[str, int] = dict.fromkeys(atoms(formula), 0)
    for f in postorder(formula):
        if f.op not in ("atom", "true", "false"):
            for child in (f.left,) if f.op == "~" else (f.left, f.right):
                if child.op == "atom":
                    count[child.name] += 1
    return tuple(sorted(count, key=lambda name: (-count[name], name)))
