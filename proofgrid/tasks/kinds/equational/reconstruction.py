"""Equational reconstruction (eq_er): a bare chain is shown; which equations justify each step, if any do?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from proofgrid.checker.equational.rewriting import Equation, explanations, parallel_step
from proofgrid.checker.equational.terms import Term, apply, positions, substitute, variable, variables
from proofgrid.tasks.answers.reading import as_int, read_json_answer
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.kinds.equational.chains import SHAPES, ChainMaker, chain_text, justified, key_of, size, wrong_term
from proofgrid.tasks.kinds.equational.values import as_names, chain_lines, member, problem_of
from proofgrid.tasks.prompting import render


class EquationalReconstruction(Task):
    """Chains with steps that have one justification, several, or none."""

    id = "eq_er"
    title = "Equational reconstruction"
    measures = "Whether a model can find what justifies a rewriting step, and tell when nothing does."
    language = "equational"
    levels = (1, 2, 3, 4, 5)
    flawed = Fraction(1, 2)

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """A chain whose justifications, all of them, are known."""
        shape = SHAPES[level]
        double = rng.random() < 0.6
        for _ in range(60):
            maker = ChainMaker(rng, shape)
            length = rng.randint(*shape.steps)
            bad = sorted(rng.sample(range(length), rng.randint(1, 1 + (length > 5)))) if flawed else []
            if not all(
                wrong_term(rng, maker, rng.choice(("slip", "nothing"))) if k in bad else maker.run(1)
                for k in range(length)
            ):
                continue
            if double:
                twin = _twin(rng, maker)
                if twin is not None:
                    maker.equations.append(twin)
            if not maker.add_distractors():
                continue
            equations, _ = maker.shuffled()
            answers = [justified(s, t, equations) for s, t in zip(maker.terms, maker.terms[1:], strict=False)]
            if [k for k, found in enumerate(answers) if not found] != bad:
                continue
            if double and not any(len(found) > 1 for found in answers):
                continue
            return Draft(
                {
                    "equations": [f"{e.name}: {e}" for e in equations],
                    "chain": chain_text(maker.terms[0], [(t, None) for t in maker.terms[1:]]),
                },
                {"justifications": [[list(e) for e in found] for found in answers]},
                {
                    "equations": len(equations),
                    "steps": length,
                    "rewrites": sum(len(found[0]) for found in answers if found),
                    "parallel": max(len(found[0]) for found in answers if found),
                    "size": max(size(t) for t in maker.terms),
                    "unjustified": len(bad),
                    "several": sum(len(found) > 1 for found in answers),
                },
                key_of(equations, maker.terms),
            )
        return None

    def prompt(self, shown: JsonObject) -> str:
        """Rewriting, one example, the equations and the chain."""
        return render("eq_er.jinja", equations=shown["equations"], chain=numbered(shown["chain"]))

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The answer's JSON object; its value maps step numbers to tuples of equations."""
        reading = read_json_answer(text, ("stepJustifications",))
        if reading.value is None:
            return reading
        listed = reading.value["stepJustifications"]
        if isinstance(listed, dict):
            listed = [{"step": key, "supportingEquations": value} for key, value in listed.items()]
        if not isinstance(listed, list):
            return Reading(None, reading.repairs, '"stepJustifications" is not a list')
        found: dict[int, tuple[str, ...]] = {}
        for index, item in enumerate(listed, 1):
            number = as_int(member(item, "step", "stepnumber")) if isinstance(item, dict) else index
            stated = member(item, "supportingequations", "equations") if isinstance(item, dict) else item
            # null or "none" says that nothing justifies the step; an entry without the key says nothing.
            silent = isinstance(item, dict) and stated is None and None not in item.values()
            names = None if silent else as_names(stated)
            if number is not None and names is not None:
                found[number] = names
        return Reading(found, reading.repairs)

    def judge(self, item: Item, answer: Mapping[int, tuple[str, ...]]) -> Score:
        """1 where every step has equations that justify it, or [] where none do. Parts: ``steps``, the share of steps
        that are right; ``unjustified``, the share of the steps without a justification that were seen to be so."""
        equations = problem_of(item.shown).equations
        terms = [line.term for line in chain_lines(item.shown)]
        known = item.reference["justifications"]
        right = [_right(s, t, equations, answer.get(k), known[k - 1]) for k, (s, t) in _steps(terms)]
        none = [ok for ok, answers in zip(right, known, strict=True) if not answers]
        parts = {"steps": sum(right) / len(right)}
        if none:
            parts["unjustified"] = sum(none) / len(none)
        whole = all(right)
        feedback = None if whole else f"Step {right.index(False) + 1} does not have the equations that were named."
        return Score(
            outcome="correct" if whole else "incorrect",
            points=float(whole),
            strict=whole,
            parts=parts,
            feedback=feedback,
        )

    def reference_answer(self, item: Item) -> str:
        """The first smallest set of equations for each step."""
        return _answer([found[0] if found else [] for found in item.reference["justifications"]])

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """Explain step after step, at a cost of the places and equations tried; [] for what the budget leaves out."""
        equations = list(problem_of(shown).equations.values())
        terms = [line.term for line in chain_lines(shown)]
        answers: list[list[str]] = []
        for _, (s, t) in _steps(terms):
            budget -= sum(1 for _ in positions(s)) * len(equations)
            found = explanations(s, t, equations) if budget >= 0 else ()
            answers.append(list(found[0].equations) if found else [])
        return _answer(answers)


def numbered(chain: str) -> str:
    """The chain with the numbers of its steps as comments."""
    first, *rest = chain.split("\n")
    return "\n".join([first, *(f"{line}    # step {k}" for k, line in enumerate(rest, 1))])


def _steps(terms: list[Term]) -> list[tuple[int, tuple[Term, Term]]]:
    return list(enumerate(pairwise(terms), 1))


def _answer(justifications: list[Any]) -> str:
    listed = [{"step": k, "supportingEquations": list(names)} for k, names in enumerate(justifications, 1)]
    return json.dumps({"explanation": "Found by matching.", "stepJustifications": listed})


def _right(s: Term, t: Term, equations: Any, names: tuple[str, ...] | None, known: list[list[str]]) -> bool:
    if names is None:
        return False
    if not names:
        return not known
    if any(n not in equations for n in names):
        return False
    return parallel_step(s, t, [equations[n] for n in names]) is not None


def _twin(rng: Random, maker: ChainMaker) -> Equation | None:
    """An equation that is used, made a little more special (a variable replaced), so that some step may have two."""
    steps = [c for s in maker.steps for c in s.contractions if variables(c.equation.left)]
    if not steps:
        return None
    c = rng.choice(steps)
    name = rng.choice(variables(c.equation.left))
    value = c.substitution[name]
    if value.args:
        value = apply(value.name, *(variable(f"V{20 + k}") for k in range(len(value.args))))
    left, right = (substitute(side, {name: value}) for side in (c.equation.left, c.equation.right))
    order = {n: variable(f"V{k}") for k, n in enumerate(variables(left, right), 1)}
    left, right = substitute(left, order), substitute(right, order)
    if any(maker.same(e, left, right) for e in maker.equations):
        return None
    return Equation(f"E{len(maker.equations) + 1}", left, right)
