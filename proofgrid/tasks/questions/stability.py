"""The question of the second phase, in the shape of a task: asked, stored, costed and scored like any other item.

The prompt is neutral: it does not say where the inference comes from. Which word comes first (valid or invalid) and
whether the question asks for validity or for invalidity are dealt at random, item by item.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import ClassVar, Literal

from proofgrid.checker.hilbert import AXIOMS
from proofgrid.checker.rules import RULES
from proofgrid.tasks.answers.reading import read_json_answer
from proofgrid.tasks.answers.values import as_bool
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.questions.asked import read_asked
from proofgrid.tasks.questions.inference import Asked, Kind
from proofgrid.tasks.questions.rewriting import AskedRewrite

TASK_ID = "stability"
_WORDS = {"valid": True, "correct": True, "yes": True, "true": True}
_WORDS |= {"invalid": False, "incorrect": False, "no": False, "false": False, "not valid": False, "wrong": False}

_SYNTAX = (
    "Formulas are built from letters, `true` and `false` with ~ (not), & (and), | (or), ==> (if ... then) and <==> "
    "(if and only if)."
)


class StabilityQuestion(Task):
    """Is this one inference valid? The value of a reading is True (valid) or False."""

    id = TASK_ID
    title = "Judging one inference"
    measures = "Whether a model holds an inference valid when it is shown alone."
    language: ClassVar[Literal["ndl", "macro", "hilbert", "equational"]] = "ndl"
    levels = (1,)
    chance = 0.5

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """Nothing: these questions come from the proofs of a run."""
        return None

    def prompt(self, shown: JsonObject) -> str:
        """One inference, the rule's statement, and the answer's format."""
        asked = read_asked(shown)
        first, second = ("valid", "invalid") if shown["valid_first"] else ("invalid", "valid")
        word = shown["asks"]
        if isinstance(asked, AskedRewrite):
            parts = _rewrite_question(asked, word)
        else:
            parts = [f"Judge one inference in propositional logic. {_SYNTAX}", *_QUESTIONS[asked.kind](asked, word)]
        parts.append(
            "Think it through, then answer with one JSON object and nothing after it:\n"
            f'{{"reason": "...", "verdict": "{first}"}} or {{"reason": "...", "verdict": "{second}"}}'
        )
        return "\n\n".join(parts)

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The verdict as True or False."""
        reading = read_json_answer(text, ("verdict",))
        if reading.value is None:
            return reading
        said = reading.value["verdict"]
        value = _WORDS.get(said.strip().strip(".").casefold()) if isinstance(said, str) else as_bool(said)
        if value is None:
            return Reading(None, reading.repairs, 'the value of "verdict" is neither "valid" nor "invalid"')
        return Reading(value, reading.repairs)

    def judge(self, item: Item, answer: bool) -> Score:
        """Correct if the verdict is the checker's; ``parts["rejected"]`` is 1 if it says invalid."""
        right = answer == item.reference["valid"]
        return Score(
            outcome="correct" if right else "incorrect",
            points=float(right),
            strict=right,
            parts={"rejected": float(not answer)},
        )

    def reference_answer(self, item: Item) -> str:
        """The checker's verdict."""
        return answer(bool(item.reference["valid"]), "By the rule's statement.")

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """The checker's own verdict, from what is shown."""
        return answer(read_asked(shown).valid(), "By the rule table, by truth tables, or by matching.")


def answer(valid: bool, reason: str) -> str:
    """An answer in the format that the prompt asks for."""
    return json.dumps({"reason": reason, "verdict": "valid" if valid else "invalid"})


def _rule_question(asked: Asked, word: str) -> list[str]:
    numbered = "\n".join(f"{n}. {f}" for n, f in enumerate(asked.sources, 1)) or "(none)"
    gives = "Conclusion: whatever the rule gives." if asked.target is None else f"Conclusion: {asked.target}"
    how = {
        "valid": "Is this application valid, that is, may the rule be applied to exactly these arguments in this order"
        + ("?" if asked.target is None else ", and is exactly this formula what it gives?"),
        "invalid": "Is this application invalid, that is, may the rule not be applied to exactly these arguments in "
        "this order" + ("?" if asked.target is None else ", or does it give another formula?"),
    }[word]
    return [
        f"The rule {asked.rule}: {RULES[asked.rule].english}",
        f"Arguments, in order:\n{numbered}\n{gives}",
        "Take it that every argument that the rule needs to hold does hold. Rules apply to formulas as they are "
        f"written: nothing is rearranged or simplified first. {how}",
    ]


def _axiom_question(asked: Asked, word: str) -> list[str]:
    how = {
        "valid": "Is this valid, that is, is the formula exactly what the scheme gives when formulas are put for its "
        "letters, the same formula for the same letter each time?",
        "invalid": "Is this invalid, that is, is there no way to put formulas for the scheme's letters, the same "
        "formula for the same letter each time, that gives exactly this formula?",
    }[word]
    return [
        f"The axiom scheme {asked.rule}: {AXIOMS[asked.axiom]}",
        f"Formula: {asked.target}",
        f"The formula is claimed to be an instance of the scheme. Nothing is rearranged or simplified first. {how}",
    ]


def _rewrite_question(asked: AskedRewrite, word: str) -> list[str]:
    listed = "\n".join(f"{e.name}: {e}" for e in asked.equations)
    each = "the equation" if len(asked.equations) == 1 else "each of the equations exactly once"
    places = "" if len(asked.equations) == 1 else ", at places of which none lies inside another, all at the same time"
    other = " The step may also be read the other way round as a whole: the second term is rewritten to the first."
    how = {
        "valid": "Is the step valid, that is, does it give exactly the second term?",
        "invalid": "Is the step invalid, that is, is there no way to get exactly the second term?",
    }[word]
    return [
        "Judge one step of rewriting. Terms are built from the constants a to e and from function symbols. V1, V2, ... "
        "in equations are variables: they stand for any terms, the same variable of an equation for the same term each "
        "time.",
        f"{listed}\n\nFirst term: {asked.source}\nSecond term: {asked.target}",
        f"The second term is claimed to come from the first by rewriting with {each}{places}: a part of the term that "
        "is an equation's left side, with terms put for its variables, is replaced by the right side with the same "
        f"terms put for them, and nothing else changes.{other if asked.both_ways else ''} {how}",
    ]


def _follows_question(asked: Asked, word: str) -> list[str]:
    listed = "\n".join(f"- {f}" for f in asked.sources) or "(nothing)"
    head = "These formulas hold, and nothing else is known:" if asked.all_that_holds else "These formulas hold:"
    how = {
        "valid": "Is the inference valid, that is, is the conclusion true whenever all of these formulas are true?",
        "invalid": "Is the inference invalid, that is, can the conclusion be false while all of these are true?",
    }[word]
    return [f"{head}\n{listed}", f"Conclusion: {asked.target}", how]


_QUESTIONS: Mapping[Kind, Callable[[Asked, str], list[str]]] = {
    "rule": _rule_question,
    "axiom": _axiom_question,
    "follows": _follows_question,
}
