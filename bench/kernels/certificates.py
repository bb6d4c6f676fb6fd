"""What an item says cannot be done, as questions to cvc5 that use nothing of our search and our unification.

- A gap between two terms can be filled by rewriting in either direction exactly where the equations entail that the
  terms are equal. cvc5 looks for a finite model of its own in which they differ (sat), or a contradiction (unsat).
- Masks in a proof are unknown formulas: members of an algebraic data type. That each step is an instance of a rule's
  form whose arguments hold is a quantifier-free formula over them, which cvc5 decides.
- Long proofs have too many masks for that. There cvc5 is led through the cases of the certificate and has to find each
  of its claims true: at every turn, that what is passed over is impossible; at every end, that nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofgrid.checker import parse_formula, parse_proof
from proofgrid.checker.equational.terms import Term, postorder, variables
from proofgrid.checker.formulas import Formula
from proofgrid.checker.formulas import postorder as formula_postorder
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.equational.gap_filling import sides
from proofgrid.tasks.kinds.equational.values import problem_of
from proofgrid.tasks.kinds.masking.constraints import Constraints, StepChoice, build, is_variable
from proofgrid.tasks.kinds.masking.masks import fill

FORMULAS = (
    "(declare-datatypes ((F 0)) (((at (name Int)) (top) (bot) (neg (n1 F)) (conj (c1 F) (c2 F)) (disj (d1 F) (d2 F))"
    " (imp (i1 F) (i2 F)) (iff (b1 F) (b2 F)))))"
)
_MAKE = {"~": "neg", "&": "conj", "|": "disj", "==>": "imp", "<==>": "iff"}


@dataclass(frozen=True, slots=True)
class Question:
    """A script for cvc5, its options, and the answers it gives if the item is what its reference says."""

    what: str
    script: str
    options: tuple[str, ...]
    expected: str
    """Of every (check-sat)."""


def questions(item: Item) -> Iterator[Question]:
    """What to ask of an item of eq_gf, pl1_pm or pl1_pm_c.

    Where masks can be filled, the question is about the filled proof: a control of the question, not of the search.
    """
    if item.task == "eq_gf":
        unreachable = not item.reference["missing"]
        what = "unreachable: another model" if unreachable else "control, reachable: equal in every model"
        script = gap_question(item)
        yield Question(what, script, ("--finite-model-find", "--tlimit=20000"), "sat" if unreachable else "unsat")
        return
    premises, goal = [parse_formula(p) for p in item.shown["premises"]], parse_formula(item.shown["goal"])
    if item.reference["solvable"]:
        filled = parse_proof(fill(item.shown["proof"], item.reference["masks"]))
        script = masks_question(build(filled, premises, goal))
        yield Question("control, solvable: its filling", script, ("--tlimit=60000",), "sat")
        return
    constraints = build(parse_proof(item.shown["proof"]), premises, goal)
    script = certificate_question(constraints, item.reference["certificate"])
    yield Question("unsolvable: each claim of its certificate", script, ("--incremental",), "unsat")
    if item.task == "pl1_pm":
        yield Question("unsolvable: contradictory", masks_question(constraints), ("--tlimit=60000",), "unsat")


# ---- terms


def gap_question(item: Item) -> str:
    """The equations, for all values, and that the terms beside the gap differ."""
    equations = list(problem_of(item.shown).equations.values())
    before, after, _ = sides(item.shown)
    roots = [side for e in equations for side in (e.left, e.right)] + [before, after]
    arity = {t.name: len(t.args) for root in roots for t in postorder(root) if not t.is_variable}
    out = ["(set-logic UF)", "(declare-sort T 0)"]
    out += [f"(declare-fun s_{symbol} ({'T ' * n}) T)" for symbol, n in arity.items()]
    out += [f"(declare-const v_{name} T)" for name in variables(before, after)]
    for equation in equations:
        bound = "".join(f"(v_{name} T)" for name in variables(equation.left, equation.right))
        equal = f"(= {written(equation.left)} {written(equation.right)})"
        out.append(f"(assert (forall ({bound}) {equal}))" if bound else f"(assert {equal})")
    return "\n".join([*out, f"(assert (not (= {written(before)} {written(after)})))", "(check-sat)"])


def written(term: Term) -> str:
    """A term in SMT-LIB."""
    text: dict[Term, str] = {}
    for t in postorder(term):
        name = f"v_{t.name}" if t.is_variable else f"s_{t.name}"
        text[t] = f"({name} {' '.join(text[a] for a in t.args)})" if t.args else name
    return text[term]


# ---- masks


class _Writer:
    """Formulas as members of the data type; remembers which unknowns there are."""

    def __init__(self) -> None:
        self.unknown: dict[str, None] = {}
        self.number: dict[str, int] = {}

    def write(self, formula: Formula) -> str:
        text: dict[Formula, str] = {}
        for f in formula_postorder(formula):
            if is_variable(f):
                text[f] = "|" + f.name + "|"
                self.unknown[text[f]] = None
            elif f.op == "atom":
                text[f] = f"(at {self.number.setdefault(f.name, len(self.number))})"
            elif f.op in ("true", "false"):
                text[f] = "top" if f.op == "true" else "bot"
            elif f.op == "~":
                text[f] = f"(neg {text[f.left]})"
            else:
                text[f] = f"({_MAKE[f.op]} {text[f.left]} {text[f.right]})"
        return text[formula]

    def declared(self) -> list[str]:
        """The head of a script about these formulas."""
        return ["(set-logic ALL)", FORMULAS, *(f"(declare-const {name} F)" for name in self.unknown)]


def masks_question(constraints: Constraints) -> str:
    """Whether there are formulas for the holes with which every step is right."""
    writer = _Writer()
    demands = _equations(constraints, writer)
    for step in constraints.steps:
        ways = [_way(constraints, step, form, writer) for form in range(len(step.alternatives))]
        demands.append(f"(assert {_any(ways)})")
    return "\n".join([*writer.declared(), *demands, "(check-sat)"])


def certificate_question(constraints: Constraints, certificate: Mapping[str, Any]) -> str:
    """Every claim of a certificate as a question of its own; each has to be unsatisfiable."""
    writer = _Writer()
    out = _equations(constraints, writer)
    if certificate.get("equations"):
        out.append("(check-sat)")
    else:
        _visit(constraints, certificate, {}, writer, out)
    return "\n".join([*writer.declared(), *out])


def _visit(
    constraints: Constraints, node: Mapping[str, Any], forms: dict[int, int], writer: _Writer, out: list[str]
) -> None:
    """The claims of a node and of those below it; ``forms`` are the forms taken on the way."""
    for step, argument, alternative in node["take"]:
        out += _impossible(constraints, forms, (step, argument), {alternative}, writer)
        out.append(f"(assert {_taken(constraints, forms, (step, argument), alternative, writer)})")
        if argument < 0:
            forms = {**forms, step: alternative}
    if not node.get("on"):
        out.append("(check-sat)")
        return
    choice = (int(node["on"][0]), int(node["on"][1]))
    children = {int(alternative): child for alternative, child in node["then"].items()}
    out += _impossible(constraints, forms, choice, set(children), writer)
    for alternative, child in children.items():
        out.append(f"(push 1)\n(assert {_taken(constraints, forms, choice, alternative, writer)})")
        below = {**forms, choice[0]: alternative} if choice[1] < 0 else forms
        _visit(constraints, child, below, writer, out)
        out.append("(pop 1)")


def _impossible(
    constraints: Constraints, forms: Mapping[int, int], choice: tuple[int, int], seen: set[int], writer: _Writer
) -> list[str]:
    """That no alternative but those in ``seen`` is left: the others together, without what ``seen`` covers as well."""
    step = constraints.steps[choice[0]]
    if choice[1] < 0:
        others = [f for f in range(len(step.alternatives)) if f not in seen]
        demands = [_any([_way(constraints, step, form, writer) for form in others])]
    else:
        others = [fact for fact in step.facts if fact not in seen]
        demands = [_any([_taken(constraints, forms, choice, fact, writer) for fact in others])]
        demands += [f"(not {_taken(constraints, forms, choice, fact, writer)})" for fact in seen]
    return ["(push 1)", *(f"(assert {demand})" for demand in demands), "(check-sat)", "(pop 1)"]


def _taken(
    constraints: Constraints, forms: Mapping[int, int], choice: tuple[int, int], alternative: int, writer: _Writer
) -> str:
    """What one alternative makes equal."""
    step = constraints.steps[choice[0]]
    if choice[1] >= 0:
        target = _must_hold(step, forms[choice[0]])[choice[1]]
        return f"(= {writer.write(target)} {writer.write(constraints.facts[alternative])})"
    form = step.alternatives[alternative]
    equal = [(form.concludes, step.conclusion), *zip(form.arguments, step.arguments, strict=True)]
    return f"(and {' '.join(f'(= {writer.write(a)} {writer.write(b)})' for a, b in equal)})"


def _way(constraints: Constraints, step: StepChoice, form: int, writer: _Writer) -> str:
    """That a step is an instance of a form, and that what must hold for it is among the facts."""
    facts = [writer.write(constraints.facts[fact]) for fact in step.facts]
    number = constraints.steps.index(step)
    holds = [_any([f"(= {writer.write(t)} {fact})" for fact in facts]) for t in _must_hold(step, form)]
    return f"(and {' '.join([_taken(constraints, {}, (number, -1), form, writer), *holds])})"


def _must_hold(step: StepChoice, form: int) -> list[Formula]:
    """What must be among the facts for a form: arguments that are no subproofs, and what the rule asks for besides."""
    alternative = step.alternatives[form]
    return [alternative.arguments[i] for i in alternative.holds if i not in step.inline] + list(alternative.requires)


def _equations(constraints: Constraints, writer: _Writer) -> list[str]:
    return [f"(assert (= {writer.write(a)} {writer.write(b)}))" for a, b in constraints.equations]


def _any(ways: Sequence[str]) -> str:
    return f"(or false {' '.join(ways)})"
