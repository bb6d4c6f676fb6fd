"""``builtin/student?skill=0.7&slips=0.1``: a simulated author of proofs that fail as those of language models do.

A student searches with a horizon (more of it with more skill); where it sees no proof it goes on all the same, from
what it has to the goal by a step that does not hold up. What it has found it writes down with mistakes: fallacies that
it takes for rules (:mod:`proofgrid.models.builtin_misconceptions`), the errors that the proof-checking tasks plant, and
slips of the pen (:mod:`proofgrid.models.builtin_slips`), ``slips`` of its steps with one. Nothing here knows what the
checker will say of the outcome. Everything is drawn from the question, the options and the sample alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from random import Random
from typing import Any, Literal

from proofgrid.checker import CheckerError, Formula, check, parse_formula, trace_steps
from proofgrid.models.builtin_misconceptions import MISCONCEPTIONS, Application, applications, believed
from proofgrid.models.builtin_slips import slipped
from proofgrid.models.builtin_stability import unbraced
from proofgrid.tasks.core import item_rng
from proofgrid.tasks.kinds.checking.task import ProofChecking
from proofgrid.tasks.kinds.equational import EquationalGapFilling
from proofgrid.tasks.kinds.writing import ProofWriting, answer_text
from proofgrid.tasks.making.mutations import OPERATORS, WEIGHTS, Edited, Subject
from proofgrid.tasks.making.provers import prove, prove_macro
from proofgrid.tasks.making.provers.writer import formula_text
from proofgrid.tasks.questions import any_task
from proofgrid.tasks.questions.asked import read_asked
from proofgrid.tasks.questions.inference import Asked
from proofgrid.tasks.questions.stability import TASK_ID, answer

_NEAREST = 6
"""Search steps that a student without skill looks ahead."""
_FARTHEST = 3000
"""Search steps that a student of full skill looks ahead, or a third of the task's full budget where that is less."""
_SPREAD = 0.9
"""Standard deviation of the horizon's logarithm from one question to the next: days are better and worse."""
_LOGICAL = 0.3
"""The share of mistakes that are errors of reasoning; the others are slips of the pen."""
_DOUBT = 0.2
"""How often a student without skill misjudges one inference that it has no opinion on."""


@dataclass(frozen=True)
class Student:
    """Its habits: ``skill`` and ``slips`` in [0, 1], and which of all students with these it is."""

    skill: float
    slips: float
    seed: int

    @cached_property
    def misconceptions(self) -> tuple[str, ...]:
        """The fallacies that it takes for rules, fewer with more skill."""
        rng = item_rng("misconceptions", self.seed, repr(self.skill), repr(self.slips))
        return tuple(name for name in MISCONCEPTIONS if rng.random() > 0.25 + 0.7 * self.skill)

    def answer(self, task: str, shown: Mapping[str, Any], sample: int) -> str:
        """What it says. Raises NotImplementedError where the task has no search."""
        key = json.dumps(shown, sort_keys=True)
        rng = item_rng(task, key, sample, self.seed, repr(self.skill), repr(self.slips))
        if task == TASK_ID:
            return self._judge(shown, rng)
        kind = any_task(task)
        top = min(_FARTHEST, kind.full_budget / 3)
        horizon = max(1, round(_NEAREST * exp(log(max(top / _NEAREST, 1)) * self.skill + rng.gauss(0, _SPREAD))))
        if isinstance(kind, ProofWriting):
            return self._write(shown, kind.checked_as, horizon, rng)
        if isinstance(kind, ProofChecking):
            return self._check(shown, kind.checked_as, rng)
        said = kind.attempt(shown, horizon)
        if isinstance(kind, EquationalGapFilling):
            return self._fill(shown, json.loads(said), rng)
        return self._copied(said, rng)

    # --- writing -------------------------------------------------------------------------------------------------

    def _write(self, shown: Mapping[str, Any], language: Literal["ndl", "macro"], horizon: int, rng: Random) -> str:
        premises = tuple(parse_formula(p) for p in shown["premises"])
        goal = parse_formula(shown["goal"])
        prover = prove_macro if language == "macro" else prove
        proof = prover(premises, goal, budget=horizon, rng=rng)
        if proof is None:
            attempted = any_task("pl3_pw" if language == "macro" else "pl1_pw").attempt(shown, horizon)
            proof = self._leapt(premises, goal, str(json.loads(attempted)["proof"]), language, rng)
        else:
            proof = self._misreasoned(premises, goal, proof, language, rng)
        proof = slipped(proof, language, self.slips * (1 - _LOGICAL), rng)
        said = answer_text("I work from the premises towards the goal.", proof)
        return said if rng.random() >= self.slips else f"Here is my proof.\n\n```json\n{said}\n```"

    def _misreasoned(
        self, premises: tuple[Formula, ...], goal: Formula, proof: str, language: Literal["ndl", "macro"], rng: Random
    ) -> str:
        """The proof with an error of reasoning for some of its steps, until one breaks it."""
        try:
            for _ in Subject(premises, goal, proof, language).steps:
                if rng.random() < self.slips * _LOGICAL:
                    edited = self._mistaken(Subject(premises, goal, proof, language), rng)
                    proof = proof if edited is None else edited.proof
        except CheckerError:  # it is wrong by now
            pass
        return proof

    def _mistaken(self, subject: Subject, rng: Random) -> Edited | None:
        """One error: a misconception where one applies, or else what people get wrong."""
        if self.misconceptions and rng.random() < 0.6:
            steps = list(subject.steps)
            rng.shuffle(steps)
            for step in steps[:8]:
                held = [fact.formula for fact in subject.scope(step.step).visible]
                made = applications(self.misconceptions, held)
                line = subject.text.rfind("\n", 0, step.node.start) + 1
                pad = subject.text[line : step.node.start]
                if made and not pad.strip():
                    written = _step(rng.choice(made), subject.language, subject.light)
                    return subject.edited((step.node.start, step.node.start, f"{written};\n{pad}"))
        kind = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return OPERATORS[kind](subject, rng)

    def _leapt(
        self, premises: tuple[Formula, ...], goal: Formula, proof: str, language: Literal["ndl", "macro"], rng: Random
    ) -> str:
        """Beyond the horizon: what is known so far, and from there to the goal all the same."""
        lines = [steps] if (steps := unbraced(proof, language)) is not None else []
        held = [*premises]
        if lines:
            conclusion = check((premises, goal), proof, mode="strict", language=language).conclusion
            assert conclusion is not None  # what a search has found so far is right
            traced = trace_steps((premises, parse_formula(conclusion)), proof, language)
            held += [s.conclusion for s in traced if s.depth == 0]
            if rng.random() < 0.15:
                return proof
        made = applications(self.misconceptions, held)
        for one in rng.sample(made, min(len(made), rng.choice((0, 1, 1, 2)))):
            lines.append(_step(one, language))
            held.append(one.announced)
        if goal not in held:
            lines.append(_leap(held, goal, language, rng))
        elif not lines or held[-1] is not goal:
            lines.append(_step_of("claim", (goal,), goal, language))
        return _block(lines)

    # --- judging -------------------------------------------------------------------------------------------------

    def _judge(self, shown: Mapping[str, Any], rng: Random) -> str:
        """Whether one inference is valid: by what it believes, or by reckoning that may go wrong."""
        asked = read_asked(shown)
        if isinstance(asked, Asked) and believed(self.misconceptions, asked):
            return answer(True, "That is how this rule works.")
        return answer(asked.valid() != (rng.random() < _DOUBT * (1 - self.skill)), "I looked at each case.")

    def _check(self, shown: Mapping[str, Any], language: Literal["ndl", "macro"], rng: Random) -> str:
        """Read a proof from its first step; each may be misjudged, late ones and fallacies most."""
        problem = (tuple(parse_formula(p) for p in shown["premises"]), parse_formula(shown["goal"]))
        proof = str(shown["proof"])
        verdict = check(problem, proof, mode="strict", language=language)
        failure = verdict.failure
        wrong_at = verdict.steps + 1 if failure is None else failure.step or verdict.steps
        lines = proof.split("\n")
        for _ in range(min(wrong_at - 1, 60)):
            if rng.random() < self.slips / 5:
                at = rng.randrange(len(lines))
                return _found(at + 1, lines[at].strip(), rng.choice(("logic", "logic", "type")), "This does not hold.")
        if failure is None:
            return _NOTHING_FOUND
        ease = 4.5 * self.skill - 0.7 * log(1 + wrong_at) + (0.0 if failure.class_ == "logic" else 0.7)
        if rng.random() > 1 / (1 + exp(-ease)):
            return _NOTHING_FOUND
        class_ = failure.class_ if rng.random() < 0.5 + 0.5 * self.skill else rng.choice(("logic", "type", "syntax"))
        return _found(failure.line, failure.text.strip(), class_, failure.message, dict(failure.countermodel or {}))

    # --- other answers -------------------------------------------------------------------------------------------

    def _fill(self, shown: Mapping[str, Any], said: dict[str, Any], rng: Random) -> str:
        """A filling with wrong equations in some of its lines; where none was found, sometimes one that is made up."""
        names = [str(line).partition(":")[0] for line in shown["equations"]]
        if not said["missingSteps"] and said["confidence"] < 5 and rng.random() < 0.7:
            after = next(line for line in str(shown["chain"]).split("?? ??\n")[1].split("\n") if line.strip())
            term = after.partition(" by ")[0].strip().removeprefix("= ")
            said["missingSteps"] = [{"term": term, "supportingEquations": [rng.choice(names)]}]
            said["confidence"] = rng.randint(2, 4)
        for line in said["missingSteps"]:
            if rng.random() < self.slips:
                line["supportingEquations"] = [rng.choice(names)]
        said["explanation"] = "I looked for a way from both sides."
        return json.dumps(said)

    def _copied(self, said: str, rng: Random) -> str:
        """Any other JSON answer, with some of its values taken from where others stand."""
        try:
            data = json.loads(said)
        except ValueError:
            return said
        leaves: list[tuple[Any, Any]] = []
        stack = [data]
        while stack:
            value = stack.pop()
            inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            for key, part in inner:
                if isinstance(part, str):
                    leaves.append((value, key))
                else:
                    stack.append(part)
        for holder, key in leaves:
            if rng.random() < self.slips * _LOGICAL:
                other, at = rng.choice(leaves)
                holder[key] = other[at]
        return json.dumps(data, ensure_ascii=False)


_NOTHING_FOUND = json.dumps({"correct": True, "errorDetails": {}})


def _found(line: int, text: str, class_: str, why: str, example: Mapping[str, bool] | None = None) -> str:
    details: dict[str, Any] = {
        "offendingLine": text,
        "offendingLineNumber": line,
        "errorType": class_,
        "errorDescription": why,
    }
    if example:
        details["counterexample"] = dict(example)
    return json.dumps({"correct": False, "errorDetails": details}, ensure_ascii=False)


def _step(one: Application, language: Literal["ndl", "macro"], light: bool = False) -> str:
    return _step_of(one.rule, one.arguments, one.announced, language, light)


def _step_of(
    rule: str, arguments: Sequence[Formula], concluded: Formula, language: Literal["ndl", "macro"], light: bool = False
) -> str:
    cited = ", ".join(formula_text(f, light) for f in arguments)
    how = "from" if language == "macro" else f"BY {rule} on"
    return f"{formula_text(concluded, light)} {how} {cited}"


def _leap(held: Sequence[Formula], goal: Formula, language: Literal["ndl", "macro"], rng: Random) -> str:
    """A step to the goal that looks like one: by what is near it, whether that holds or not."""
    known = set(held)
    if not held:
        return _step_of("claim", (goal,), goal, language)
    if language == "macro":
        return _step_of("from", rng.sample(list(held), min(len(held), rng.randint(2, 4))), goal, language)
    ways: list[tuple[str, tuple[Formula, ...]]] = []
    for f in held:
        if f.op == "==>" and f.right is goal:
            ways.append(("mp", (f, f.left)))
        elif f.op == "|" and goal in (f.left, f.right):
            other = f.right if goal is f.left else f.left
            ways.append(("dsyl", (f, parse_formula(f"(~ {other})"))))
        elif f.op == "|":
            ways.append(("cases", (f, *(g for g in held if g.op == "==>" and g.right is goal))[:3]))
    ways = [way for way in ways if way[0] != "cases" or len(way[1]) == 3]
    if goal.op == "&" and not {goal.left, goal.right} <= known:
        ways.append(("both", (goal.left, goal.right)))
    if goal.op == "|":
        ways.append((rng.choice(("left-either", "right-either")), (goal.left, goal.right)))
    if goal.op == "==>":
        last = rng.choice(list(held))
        inner = f"{formula_text(goal.right)} BY mp on {formula_text(last)}, {formula_text(goal.left)}"
        return f"assume {formula_text(goal.left)} {{ {inner} }}"
    if not ways:
        ways.append(("mp", tuple(rng.sample(list(held), min(2, len(held))))))
        ways.append(("claim", (goal,)))
    return _step_of(*rng.choice(ways), goal, language)


def _block(lines: Sequence[str]) -> str:
    return lines[0] if len(lines) == 1 else "{\n  " + ";\n  ".join(lines) + "\n}"
