"""Equational proof checking (eq_pc): is every step of a chain right, and what does it rewrite, or which is wrong first?

An answer counts as a whole: the verdict, and for it all rewrites of a right chain, or the first bad step of a wrong
one in the form that fits (a wrong contractum, or wrong equations). What is partly right shows in the parts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from proofgrid.checker.equational.check import check_chain
from proofgrid.checker.equational.problems import EquationalProblem
from proofgrid.checker.equational.rewriting import contractum_faults, explanations, parallel_step, rewrites_are_right
from proofgrid.checker.equational.terms import Term, positions
from proofgrid.checker.verdict import Verdict
from proofgrid.tasks.answers.markup import unmarked_end
from proofgrid.tasks.answers.members import folded
from proofgrid.tasks.answers.reading import Names, after_reasoning, decided, names_a_member, outlines, read_json_answer
from proofgrid.tasks.answers.texts import labelled
from proofgrid.tasks.answers.values import ContradictionError, as_bool, has_member, member
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.kinds.equational.chains import chain_text, key_of, size
from proofgrid.tasks.kinds.equational.chains import problem_of as made_problem
from proofgrid.tasks.kinds.equational.lookalikes import SHAPES, LookalikeMaker
from proofgrid.tasks.kinds.equational.stated import STEP, facts_of, stated_fault, stated_rewrites
from proofgrid.tasks.kinds.equational.values import chain_lines, problem_of
from proofgrid.tasks.prompting import render

CONTRACTUM = "wrong contractum"
EQUATIONS = "wrong equations"
ODDS = Fraction(1, 12)
"""How often a guess among the places that look alike may put all rewrites rightly, at most."""


class EquationalProofChecking(Task):
    """Chains of which half are right."""

    id = "eq_pc"
    title = "Equational proof checking"
    measures = "Whether a model follows parallel rewriting exactly: positions, substitutions, and the first wrong step."
    language = "equational"
    levels = (1, 2, 3, 4, 5)
    flawed = Fraction(1, 2)
    chance = 0.05

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """A chain of the level, right, or with exactly one wrong step that the checker finds."""
        shape = SHAPES[level]
        kind = None if not flawed else rng.choice(("slip", "slip", "slip", "cited", "cited", "nothing"))
        for _ in range(200):
            maker = LookalikeMaker(rng, shape)
            length = rng.randint(*shape.steps)
            bad = rng.randrange(length)
            wrong = {"slip": maker.slip, "nothing": maker.unjustified}.get(kind or "", maker.right)
            if not maker.run([wrong if k == bad else maker.right for k in range(length)]) or not maker.complete():
                continue
            if kind == "cited" and not maker.miscite(bad):
                continue
            if not maker.hides_places(ODDS):
                continue
            equations, steps = maker.shuffled()
            shown_steps: list[tuple[Term, Sequence[str]]] = [(s.after, s.cited) for s in steps]
            problem = made_problem(equations, maker.terms[0], maker.terms[-1])
            text = chain_text(maker.terms[0], shown_steps)
            verdict = check_chain(problem, text, mode="strict", all_failures=True)
            if len(verdict.failures) != (kind is not None):
                continue
            if kind is not None and (verdict.failures[0].step != bad + 1 or not _as_meant(kind, verdict)):
                continue
            widest = max(len(cited) for _, cited in shown_steps)
            return Draft(
                {"equations": [f"{e.name}: {e}" for e in equations], "chain": text},
                {"correct": kind is None, "explanation": explain(verdict)},
                {
                    "equations": len(equations),
                    "steps": length,
                    "rewrites": sum(len(cited) for _, cited in shown_steps),
                    "parallel": widest,
                    "size": max(size(t) for t in maker.terms),
                    "bad_step": 0 if kind is None else bad + 1,
                },
                key_of(equations, maker.terms) + "|" + ";".join(",".join(c) for _, c in shown_steps),
            )
        return None

    def prompt(self, shown: JsonObject) -> str:
        """Rewriting, one example of each kind of answer, the equations and the chain."""
        return render("eq_pc.jinja", equations=shown["equations"], chain=shown["chain"])

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The answer's JSON object; its value is a dictionary with ``correct`` (bool) and ``explanation``, in the forms
        of :mod:`proofgrid.tasks.kinds.equational.stated`."""
        reading = read_json_answer(text, ("correct",), _ALIASES)
        if reading.value is not None and as_bool(reading.value["correct"]) is None:
            # "correct" is a member of the explanation, too: the verdict may stand outside of JSON.
            outer = outlines(after_reasoning(text)[0], Names(("correct",), _ALIASES))
            reading = Reading(outer[-1][2], (*reading.repairs, *outer[-1][3])) if outer else reading
        try:
            if reading.value is None:
                if decided(reading) or names_a_member(text, ("correct",)):
                    return reading
                plain = unmarked_end(after_reasoning(text)[0], 2_000)
                data = _from_lines(plain)
                if data["correct"] is None and _IS_WRONG.search(plain) and not _IS_HEDGED.search(plain):
                    data = {"correct": False, "explanation": facts_of(plain)}
                    data |= {} if data["explanation"] is not None else {"correct": None}
                repairs = (*reading.repairs, "plain_text")
            else:
                data, repairs = reading.value, reading.repairs
            correct = as_bool(data.get("correct"))
            if correct is None:
                problem = 'the value of "correct" is neither true nor false'
                return reading if reading.value is None else Reading(None, repairs, problem)
            explanation = member(data, *_EXPLANATION)
            if isinstance(explanation, str) and not correct:
                explanation = facts_of(explanation) or explanation
            if not isinstance(explanation, (list, Mapping)):
                rest = {k: v for k, v in data.items() if k != "correct"}
                explanation = rest if has_member(rest, *STEP) or has_member(rest, "steps", "rewrites") else explanation
            if correct and has_member(explanation, *STEP) and not has_member(explanation, "rewrites"):
                raise ContradictionError("the chain is called correct, and yet an error in it is named")
            if not correct and isinstance(explanation, list) and len(explanation) > 1:
                raise ContradictionError("several steps are explained: only the first wrong one is asked for")
            stated = stated_rewrites(explanation) if correct else stated_fault(explanation)
        except ContradictionError as error:
            return Reading(None, reading.repairs, str(error))
        return Reading({"correct": correct, "explanation": stated}, repairs)

    def judge(self, item: Item, answer: Mapping[str, Any]) -> Score:
        """1 where the verdict and all of the explanation are right. Parts: ``verdict``; ``step``, the first bad step
        (of a right chain: the verdict); ``steps``, the share of a right chain's steps explained, or of the four (a
        wrong contractum) or three (wrong equations) facts of the first bad step stated rightly."""
        said, explanation = answer["correct"], answer["explanation"]
        right = item.reference["correct"]
        parts = {"verdict": float(said is right), "step": 0.0, "steps": 0.0}
        feedback = None
        if said is not right:
            feedback = "The chain is right." if right else "The chain has a wrong step."
        elif right:
            parts["step"] = 1.0
            parts["steps"], feedback = _rewrites_share(item.shown, explanation)
        else:
            parts["step"], parts["steps"], feedback = _fault_share(item.shown, explanation, item.reference)
        whole = parts["verdict"] == parts["step"] == parts["steps"] == 1.0
        return Score(
            outcome="correct" if whole else "incorrect",
            points=float(whole),
            strict=whole,
            parts=parts,
            feedback=feedback,
        )

    def reference_answer(self, item: Item) -> str:
        """The checker's own account."""
        return json.dumps({key: _ordered(item.reference[key]) for key in ("correct", "explanation")})

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """Go through the chain step by step, at a cost of the places and equations tried; what is left when the
        budget is spent is believed."""
        problem = problem_of(shown)
        lines = chain_lines(shown)
        believed = len(lines)
        for number, line in enumerate(lines[1:], 1):
            budget -= sum(1 for _ in positions(lines[number - 1].term)) * len(line.cited)
            if budget < 0:
                believed = number
                break
        seen = "\n".join(shown["chain"].split("\n")[:believed])
        verdict = check_chain(_up_to(problem, lines[believed - 1].term), seen, mode="strict")
        return json.dumps({"correct": verdict.correct, "explanation": explain(verdict)})


_IS_WRONG = re.compile(
    r"\b(?:chain|proof|derivation|it|verdict|answer)\b\W{1,4}(?:is\b)?\W{0,4}(?:not\s+correct|incorrect|wrong|invalid)\b",
    re.IGNORECASE,
)
_IS_HEDGED = re.compile(
    r"\b(?:might|maybe|perhaps|possibly|probably|unless|either|unsure|not\s+sure|or)\b|\?", re.IGNORECASE
)
_ALIASES = {"correct": ("is_correct", "chain_correct", "is_chain_correct", "valid", "is_valid", "verdict")}
_EXPLANATION = ("explanation", "explanations", "error", "details", "errorDetails", "steps", "rewrites", "firstBadStep")


def _from_lines(text: str) -> dict[str, Any]:
    """Lines "correct: false", "step: 3", "given: E1" as members."""
    found: dict[str, Any] = {}
    for label, value in labelled(text):
        name = folded(label)
        if value and found.setdefault(name, value) != value:
            raise ContradictionError(f'"{label}" is given twice, with different values')
    said = member(found, "correct", *_ALIASES["correct"])
    return {**{k: v for k, v in found.items() if k != "correct"}, "correct": said}


def explain(verdict: Verdict) -> Any:
    """A verdict on a chain as the answer's ``explanation``."""
    failure = verdict.failure
    if failure is None:
        return [
            {
                "step": number,
                "rewrites": [
                    {"equation": r.equation, "position": list(r.position), "redex": r.redex, "contractum": r.contractum}
                    for r in step
                ],
            }
            for number, step in enumerate(verdict.rewrites or (), 1)
        ]
    if failure.kind == "wrongContractum":
        return {
            "step": failure.step,
            "error": CONTRACTUM,
            "equation": failure.equation,
            "position": list(failure.position or ()),
            "actual": failure.actual,
            "expected": failure.expected,
        }
    possible = failure.possible or ()
    return {
        "step": failure.step,
        "error": EQUATIONS,
        "given": list(failure.cited or ()),
        "correct": list(possible[0]) if possible else [],
    }


def _up_to(problem: EquationalProblem, goal: Term) -> EquationalProblem:
    return EquationalProblem(problem.equations, problem.start, goal)


def _as_meant(kind: str, verdict: Verdict) -> bool:
    """Whether a wrong step is wrong in the way that it was made to be."""
    failure = verdict.failures[0]
    if kind == "slip":
        return failure.kind == "wrongContractum"
    return failure.kind != "wrongContractum" and bool(failure.possible) == (kind == "cited")


def _rewrites_share(shown: JsonObject, explanation: Any) -> tuple[float, str | None]:
    """The share of a right chain's steps whose rewrites the explanation states rightly, and what to say of the first
    that it does not."""
    problem = problem_of(shown)
    lines = chain_lines(shown)
    claimed = {item["step"]: item["rewrites"] for item in explanation}
    good, feedback = 0, None
    for number, line in enumerate(lines[1:], 1):
        if _step_is_right(problem, lines[number - 1].term, line.term, line.cited, claimed.get(number)):
            good += 1
        elif feedback is None:
            feedback = f"The chain is right, but the rewrites of step {number} are not as stated."
    return good / (len(lines) - 1), feedback


def _step_is_right(problem: EquationalProblem, before: Term, after: Term, cited: Sequence[str], said: Any) -> bool:
    """Whether the rewrites said are one for each cited equation, at places where they lead to the next term."""
    claims, names = [], []
    for item in said or ():
        name, position = item["equation"], item["position"]
        if name not in problem.equations or position is None:
            return False
        names.append(name)
        claims.append((problem.equations[name], position))
        for what, whole in (("redex", before), ("contractum", after)):
            if what in item and item[what] != str(dict(positions(whole)).get(position)):
                return False
    return sorted(names) == sorted(set(cited)) and rewrites_are_right(before, after, claims)


def _fault_share(shown: JsonObject, said: Any, reference: JsonObject) -> tuple[float, float, str | None]:
    """Whether the first bad step is named; the share of the facts about it that are right; what to say of it."""
    problem = problem_of(shown)
    lines = chain_lines(shown)
    truth = reference["explanation"]
    number = truth["step"]
    feedback = f"Step {number} is the first wrong one: {truth['error']}."
    if said["step"] != number:
        return 0.0, 0.0, feedback
    before, line = lines[number - 1].term, lines[number]
    used = [problem.equations[n] for n in line.cited]
    wanted_contractum = truth["error"] == CONTRACTUM
    if said["said_expected"] != wanted_contractum:
        return 1.0, 0.0, feedback
    if wanted_contractum:
        stated = (said["equation"], said["position"], said["actual"], said["expected"])
        share = max(
            sum(
                a == b
                for a, b in zip(stated, (f.equation.name, f.position, str(f.actual), str(f.expected)), strict=True)
            )
            / 4
            for f in contractum_faults(before, line.term, used)
        )
    else:
        given, correct = said["given"], said["correct"]
        possible = explanations(before, line.term, list(problem.equations.values()))
        named = [problem.equations[n] for n in correct or () if n in problem.equations]
        if not possible:
            fixed = correct == ()
        else:
            fixed = (
                bool(correct)
                and len(named) == len(correct or ())
                and (parallel_step(before, line.term, named) is not None)
            )
        share = (1 + (given is not None and sorted(given) == sorted(line.cited)) + fixed) / 3
    return 1.0, share, None if share == 1.0 else feedback


_KEYS_IN_ORDER = (
    "step",
    "rewrites",
    "error",
    "equation",
    "position",
    "redex",
    "contractum",
    "actual",
    "expected",
    "given",
)
"""Keys in the order in which the prompt shows them."""


def _ordered(value: Any) -> Any:
    """The same value with the keys of its objects in the prompt's order."""
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in (*_KEYS_IN_ORDER, *value) if key in value}
    return [_ordered(part) for part in value] if isinstance(value, list) else value
