"""Proof checking: a proof is shown, and the answer says whether it is correct and, if not, where it first fails.

Half of the items are correct. Every item starts from a correct proof that has had harmless edits; from it one correct
and one corrupted version are made, and a coin decides which is shown. So nothing but the error tells the two apart.

Headline score: 1 where the verdict is right and, for an incorrect proof, the location too. A proof called correct
whatever it says is right half of the time: that is the chance level.
"""

from __future__ import annotations

import json
from fractions import Fraction
from random import Random
from typing import Any, ClassVar, Literal

from proofgrid.checker import CheckerError, check, parse_formula
from proofgrid.checker.formulas import evaluate
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.examples import CHECKING, MACRO_CHECKING
from proofgrid.tasks.kinds.checking.answers import Expected, judge, read_answer
from proofgrid.tasks.kinds.checking.stated import Answer
from proofgrid.tasks.making.mutations import (
    CORRUPTING,
    Corruption,
    Subject,
    corrupt,
    lines_of_step,
    preserve,
    preserve_alike,
)
from proofgrid.tasks.making.problems import canonical_key
from proofgrid.tasks.making.proof_sources import (
    BANDS,
    BARE,
    CHALLENGE_BANDS,
    MACRO_BANDS,
    Source,
    human_proof,
    machine_proof,
    macro_proof,
    pair,
    shown_problem,
)
from proofgrid.tasks.prompting import premise_list, render

_CLASSES = ("syntax", "type", "logic")
_DETAILS = ("offendingLine", "offendingLineNumber", "errorType", "errorDescription")
"""In the order in which the prompt shows them."""


class ProofChecking(Task):
    """What the three proof-checking tasks share."""

    checked_as: ClassVar[Literal["ndl", "macro"]] = "ndl"
    chance = 0.5
    prompt_version = "2"
    flawed = Fraction(1, 2)
    class_shares: ClassVar[tuple[float, float, float]] = (0.02, 0.34, 0.64)
    """How the errors are dealt to syntax, type and logic, in a draw; draws that fail are dealt anew."""
    kinds: ClassVar[tuple[str, ...]] = CORRUPTING
    harmless: ClassVar[tuple[int, int]] = (1, 3)
    seek_consistent: ClassVar[bool] = False
    """Whether most of a proof is under hypotheses that contradict each other, where nothing is a fallacy."""

    def source(self, rng: Random, level: int) -> Source | None:
        """A correct proof to start from."""
        raise NotImplementedError

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """A correct or corrupted proof; the checker has confirmed which, in both modes."""
        source = self.source(rng, level)
        if source is None:
            return None
        try:
            start = Subject(source.premises, source.goal, source.proof, self.checked_as)
            edits, subject = [], start
            for _ in range(rng.randint(*self.harmless)):
                changed = preserve(subject, rng)
                if changed is not None:
                    edits.append(changed[0])
                    edited = changed[1]
                    subject = Subject(edited.premises, edited.goal, edited.proof, self.checked_as)
            class_ = rng.choices(_CLASSES, self.class_shares)[0]
            wrong = corrupt(subject, rng, self.kinds, class_, seek_consistent=self.seek_consistent)
            last = None if wrong is None else preserve_alike(subject, rng, wrong.kind)
        except CheckerError:
            return None
        if wrong is None or last is None:
            return None
        right = not flawed
        shown = last[1] if right else wrong.edited
        difficulty = {**source.difficulty, "lines": shown.proof.count("\n") + 1}
        return Draft(
            {**shown_problem(shown.premises, shown.goal), "proof": shown.proof},
            _correct_reference((*edits, last[0])) if right else self.incorrect_reference(wrong, edits),
            {**difficulty, "error_at": 0.0 if right else _share(wrong)},
            canonical_key(shown.premises, shown.goal),
        )

    def incorrect_reference(self, wrong: Corruption, edits: list[str]) -> dict[str, Any]:
        """What is known of a corrupted proof."""
        failure = wrong.failure
        details: dict[str, Any] = {
            "offendingLine": failure.text.strip(),
            "offendingLineNumber": failure.line,
            "errorType": failure.class_,
            "errorDescription": failure.message,
        }
        if failure.countermodel is not None and failure.kind == "doesNotFollow":
            details["counterexample"] = dict(failure.countermodel)
        return {
            "correct": False,
            "errorDetails": details,
            "error": {"kind": failure.kind, "class": failure.class_, "step": failure.step, "line": failure.line}
            | {"lines": list(wrong.lines), "diagnosis": failure.diagnosis},
            "edits": [*edits, wrong.kind],
        }

    def prompt(self, shown: JsonObject) -> str:
        """The language, how a step is judged, the problem, the numbered proof and the answer's format."""
        lines = str(shown["proof"]).split("\n")
        width = len(str(len(lines)))
        macro = self.checked_as == "macro"
        return render(
            "pl3_pc.jinja" if macro else "pl_pc.jinja",
            rules=list(RULES.values()),
            absurd=True,
            premises=premise_list(shown["premises"]),
            goal=shown["goal"],
            numbered="\n".join(f"{n:>{width}}| {line}" for n, line in enumerate(lines, 1)),
            keyword="`from`" if macro else "rule's name",
            example=MACRO_CHECKING if macro else CHECKING,
            numbered_example=True,
            extra=', "counterexample": {"A": true, "B": false}' if macro else "",
        )

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The verdict and the details; ``value`` is an :class:`~proofgrid.tasks.kinds.checking.answers.Answer`."""
        return read_answer(text)

    def judge(self, item: Item, answer: Answer) -> Score:
        """Verdict, location, class and, in the macro language, the counterexample."""
        expected = Expected.of(item.reference, str(item.shown["proof"]))
        result = judge(answer, expected)
        if item.reference["errorDetails"].get("counterexample"):
            result.parts["counterexample"] = float(self.refutes(item, answer))
        right = result.correct
        return Score(
            outcome="correct" if right else "incorrect",
            points=float(right),
            strict=right,
            parts=result.parts,
            feedback=result.feedback,
        )

    def refutes(self, item: Item, answer: Answer) -> bool:
        """Whether the answer's assignment makes the failing step's justifiers true and its conclusion false."""
        shown = item.shown
        failure = check(pair(shown), shown["proof"], mode="strict", language=self.checked_as).failure
        if failure is None or failure.kind != "doesNotFollow" or failure.inference is None:
            return False
        try:
            sources = [parse_formula(f) for f in failure.inference.from_]
            target = parse_formula(failure.inference.to)
            return all(evaluate(f, answer.counterexample) for f in sources) and not evaluate(
                target, answer.counterexample
            )
        except (KeyError, ValueError):
            return False

    def reference_answer(self, item: Item) -> str:
        """The verdict with the details of the first error."""
        details = item.reference["errorDetails"]
        ordered = {key: details[key] for key in (*_DETAILS, *details) if key in details}
        return json.dumps({"correct": item.reference["correct"], "errorDetails": ordered}, ensure_ascii=False)

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """Check the first ``budget`` steps; where they are all right and more follow, guess that the rest is, too."""
        verdict = check(pair(shown), shown["proof"], mode="strict", language=self.checked_as)
        failure = verdict.failure
        seen = failure is not None and (verdict.steps if failure.step is None else failure.step) <= budget
        if failure is None or not seen:
            return json.dumps({"correct": True, "errorDetails": {}})
        details: dict[str, Any] = {
            "offendingLine": failure.text.strip(),
            "offendingLineNumber": failure.line,
            "errorType": failure.class_,
            "errorDescription": failure.message,
        }
        if failure.countermodel is not None:
            details["counterexample"] = dict(failure.countermodel)
        return json.dumps({"correct": False, "errorDetails": details}, ensure_ascii=False)


def _correct_reference(edits: tuple[str, ...]) -> dict[str, Any]:
    return {"correct": True, "errorDetails": {}, "edits": list(edits)}


def _share(wrong: Corruption) -> float:
    """Where the error is, as a share of the proof's lines."""
    lines = wrong.edited.proof.count("\n") + 1
    return round((wrong.failure.line or lines) / lines, 4)


def verify(item: Item, language: Literal["ndl", "macro"]) -> bool:
    """Whether the checker, strictly and through its repairs, finds what the reference says."""
    shown, reference = item.shown, item.reference
    verdicts = [check(pair(shown), shown["proof"], mode=m, language=language) for m in ("strict", "instrumented")]
    if reference["correct"]:
        return all(v.correct and v.strict for v in verdicts)
    for verdict in verdicts:
        failure, error = verdict.failure, reference["error"]
        if failure is None or (failure.kind, failure.class_, failure.step, failure.line) != (
            error["kind"],
            error["class"],
            error["step"],
            error["line"],
        ):
            return False
        if list(lines_of_step(shown["proof"], failure, language)) != list(error["lines"]):
            return False
    return True


class Pl1ProofChecking(ProofChecking):
    """Proofs in NDL as people write them."""

    id = "pl1_pc"
    title = "Proof checking, natural deduction"
    measures = (
        "Whether a model notices the first wrong step of a formal proof and can say where and of what kind it is."
    )
    language = "ndl"
    levels = tuple(BANDS)

    def source(self, rng: Random, level: int) -> Source | None:
        """A random problem's proof in a random author's hand."""
        return human_proof(rng, level)


class Pl1ProofCheckingChallenge(ProofChecking):
    """Long machine-made proofs in NDL."""

    id = "pl1_pc_c"
    title = "Proof checking, long machine-made proofs"
    measures = "Whether a model keeps track of what holds through hundreds of steps and finds the one that is wrong."
    language = "ndl"
    levels = tuple(CHALLENGE_BANDS)
    harmless: ClassVar = (2, 5)
    class_shares: ClassVar = (0.02, 0.1, 0.88)
    """Of the draws that are to have a fallacy about a third succeed, of those with an error of type nearly all."""
    seek_consistent = True

    def source(self, rng: Random, level: int) -> Source | None:
        """A long machine-made proof."""
        return machine_proof(rng, CHALLENGE_BANDS[level], BARE, "goal_last")


class Pl3ProofChecking(ProofChecking):
    """Macro proofs of large structured problems."""

    id = "pl3_pc"
    title = "Proof checking, large steps"
    measures = "Whether a model can tell large steps that follow from those that do not, and refute one that does not."
    language = "macro"
    checked_as: ClassVar[Literal["ndl", "macro"]] = "macro"
    levels = tuple(MACRO_BANDS)
    class_shares: ClassVar = (0.02, 0.0, 0.98)

    def source(self, rng: Random, level: int) -> Source | None:
        """A structured problem's macro proof."""
        return macro_proof(rng, level)


__all__ = [
    "Pl1ProofChecking",
    "Pl1ProofCheckingChallenge",
    "Pl3ProofChecking",
    "ProofChecking",
    "verify",
]
