"""Gap filling: a proof is shown with steps cut out, and the answer puts steps in their place.

Any filling that the checker accepts is right. Where the whole is not accepted, the score's ``gaps`` part is the share
of gaps that are locally right: accepted when the reference stands in all other gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import ClassVar

from proofgrid.checker import CheckerError, Verdict, check, parse_proof
from proofgrid.checker.formulas import Formula
from proofgrid.checker.render import render as render_verdict
from proofgrid.checker.rules import RULES
from proofgrid.tasks.answers.sections import read_gaps
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.examples import GAPS
from proofgrid.tasks.kinds.gaps.fitting import GapFitter
from proofgrid.tasks.kinds.gaps.gaps import GAP, clean, cut, definitions, fill, gap_names, place, slips
from proofgrid.tasks.kinds.masking.constraints import UnsupportedProof, build
from proofgrid.tasks.making.proof_sources import (
    BANDS,
    CHALLENGE_BANDS,
    Source,
    human_proof,
    machine_proof,
    pair,
    partly_named,
    shown_problem,
)
from proofgrid.tasks.prompting import premise_list, render

_REREAD = 100_000
"""Characters of the skeleton that judging single gaps may read again."""


def a_premise_fills(premises: Sequence[Formula | str], goal: Formula | str, skeleton: str) -> bool:
    """Whether one premise claimed in every gap makes a proof: an answer that needs no look at what is asked."""
    names = gap_names(skeleton)
    claims = (f"claim on premise-{k}" for k in range(1, len(premises) + 1))
    return any(check((premises, goal), fill(skeleton, dict.fromkeys(names, claim))).correct for claim in claims)


class GapFilling(Task):
    """What the two gap-filling tasks share."""

    language = "ndl"
    prompt_version = "2"
    longest: ClassVar[int] = 4
    shuffled: ClassVar[bool] = False

    def source(self, rng: Random, level: int) -> Source | None:
        """A correct proof to cut."""
        raise NotImplementedError

    def wanted(self, level: int) -> tuple[tuple[float, float], tuple[int, int]]:
        """Bounds of the share of hidden characters and of the number of gaps."""
        raise NotImplementedError

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """A proof with gaps; filled with what was cut out it is the proof that the strict checker accepted."""
        source = self.source(rng, level)
        if source is None:
            return None
        share, count = self.wanted(level)
        for _ in range(3):
            made = cut(source.proof, share, count, rng, longest=self.longest, shuffled=self.shuffled)
            if made is not None and not a_premise_fills(source.premises, source.goal, made[0]):
                break
        else:
            return None
        skeleton, hidden = made
        if not check((source.premises, source.goal), fill(skeleton, hidden), mode="strict").correct:
            raise AssertionError("filling the gaps with what was cut out does not restore the proof")
        return Draft(
            {**shown_problem(source.premises, source.goal), "proof": skeleton},
            {"gaps": hidden},
            {
                **source.difficulty,
                "gaps": len(hidden),
                "hidden": round(sum(map(len, hidden.values())) / len(source.proof), 4),
                "longest_gap": max(text.count("\n") + 1 for text in hidden.values()),
            },
            source.key,
        )

    def prompt(self, shown: JsonObject) -> str:
        """The language, what gaps are, the problem, the skeleton and the answer's format."""
        names = gap_names(shown["proof"])
        return render(
            "pl_gf.jinja",
            rules=list(RULES.values()),
            absurd=True,
            premises=premise_list(shown["premises"]),
            goal=shown["goal"],
            proof=shown["proof"],
            example=GAPS,
            numbered_example=False,
            count=len(names),
            names=", ".join(sorted(names, key=lambda name: int(name[4:]))),
        )

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The steps for each gap, by name."""
        return read_gaps(text, gap_names(shown["proof"]))

    def judge(self, item: Item, answer: Mapping[str, str]) -> Score:
        """1 if the checker accepts the filled proof in instrumented mode."""
        shown = item.shown
        filled = fill(shown["proof"], answer)
        verdict = check(pair(shown), filled)
        if verdict.failure is not None and verdict.failure.class_ == "limit":
            return Score("checker_limit", verdict=verdict.to_json(), feedback=render_verdict(verdict))
        strict = verdict.correct and verdict.strict and not any(map(slips, answer.values()))
        parts = {"instrumented": float(verdict.correct), "strict": float(strict)}
        parts["gaps"] = 1.0 if verdict.correct else self.locally_right(item, answer, filled, verdict)
        return Score(
            outcome="correct" if verdict.correct else "incorrect",
            points=float(verdict.correct),
            strict=strict,
            parts=parts,
            verdict=verdict.to_json(),
            feedback=self.feedback(shown, answer, filled, verdict),
        )

    def feedback(self, shown: JsonObject, given: Mapping[str, str], filled: str, verdict: Verdict) -> str | None:
        """The checker's message, after the gaps that are still open."""
        if verdict.correct:
            return None
        left = gap_names(filled)
        said = ""
        if left:
            missing = [name for name in left if not given.get(name, "").strip()]
            odd = [name for name in left if name not in missing]
            if missing:
                said += f"Nothing was given for {', '.join(missing[:10])}. "
            if odd:
                said += f"What was given for {', '.join(odd[:10])} is not a sequence of whole steps. "
        return (said + render_verdict(verdict)).strip()

    def locally_right(self, item: Item, given: Mapping[str, str], filled: str, judged: Verdict) -> float:
        """Share of the gaps whose filling is accepted when the reference stands in all others.

        ``judged`` is the verdict on ``filled``, the proof with all that was given: where one gap alone differs from the
        reference, the proof to look at is that one.

        A name that a filling takes from another gap of the same answer is defined in front of it, where that gap
        announces what it stands for; whether that formula holds is for the checker to say. Fillings that differ from
        the reference are judged until the proof has been read _REREAD characters' worth of times; the rest count as
        wrong, for an answer must not be able to ask for more work than that.
        """
        reference: Mapping[str, str] = item.reference["gaps"]
        shown = item.shown
        right, left = 0, _REREAD
        own = {name: steps for name, hidden in reference.items() if (steps := clean(hidden)) is not None}
        announced: dict[str, dict[str, str]] | None = None
        for name in reference:
            steps = clean(given.get(name, ""))
            if steps is None:
                continue
            if steps == own.get(name):
                right += 1
                continue
            if left < 0:
                continue
            left -= len(shown["proof"])
            proof = place(shown["proof"], {**own, name: steps})
            verdict = judged if proof == filled else check(pair(shown), proof)
            if not verdict.correct and verdict.failure is not None and verdict.failure.kind == "undefinedName":
                if announced is None:
                    announced = {other: definitions(text) for other, text in given.items()}
                words = frozenset(_words(steps))
                elsewhere: dict[str, str] = {}
                for other, found in announced.items():
                    if other != name:
                        elsewhere |= {label: formula for label, formula in found.items() if label in words}
                if elsewhere:
                    lead = ";\n".join(f"{label} := {formula}" for label, formula in elsewhere.items())
                    verdict = check(pair(shown), place(shown["proof"], {**own, name: f"{lead};\n{steps}"}))
            right += verdict.correct
        return right / len(reference) if reference else 0.0

    def reference_answer(self, item: Item) -> str:
        """What was cut out."""
        return answer_text(item.reference["gaps"])

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """Work out what each gap must deliver and prove it, within ``budget`` search steps."""
        premises, goal = pair(shown)
        marked = GAP.sub(lambda match: f"claim on {match[0]}", shown["proof"])
        try:
            constraints = build(parse_proof(marked), premises, goal, gaps=True)
        except (UnsupportedProof, CheckerError):
            return ""
        return answer_text(GapFitter(constraints, premises, goal, budget).run())


def _words(text: str) -> list[str]:
    return [word.strip("(),;{}~&|") for word in text.split()]


def answer_text(gaps: Mapping[str, str]) -> str:
    """An answer in the format that the prompt asks for."""
    ordered = sorted(gaps.items(), key=lambda item: int(item[0][4:]))
    return "\n\n".join(f"{name}:\n{steps}" for name, steps in ordered)


def verify(item: Item) -> bool:
    """Whether the proof with the reference in its gaps is strictly correct."""
    shown = item.shown
    return check(pair(shown), fill(shown["proof"], item.reference["gaps"]), mode="strict").correct


class Pl1GapFilling(GapFilling):
    """Proofs as people write them, with some steps cut out."""

    id = "pl1_gf"
    title = "Gap filling"
    measures = "Whether a model can supply the missing steps of a proof so that they fit what stands around them."
    levels = tuple(BANDS)
    limits: ClassVar[Mapping[int, tuple[tuple[float, float], tuple[int, int]]]] = {
        1: ((0.1, 0.5), (1, 1)),
        2: ((0.15, 0.5), (1, 2)),
        3: ((0.2, 0.5), (2, 3)),
        4: ((0.25, 0.55), (2, 4)),
        5: ((0.3, 0.6), (3, 6)),
        6: ((0.4, 0.6), (4, 10)),
    }

    def source(self, rng: Random, level: int) -> Source | None:
        """A random problem's proof in a random author's hand."""
        return human_proof(rng, level)

    def wanted(self, level: int) -> tuple[tuple[float, float], tuple[int, int]]:
        """More is hidden, in more gaps, at higher levels."""
        return self.limits[level]


class Pl1GapFillingChallenge(GapFilling):
    """Long machine-made proofs with 17 to 120 gaps that hide more than half of them."""

    id = "pl1_gf_c"
    title = "Gap filling, long machine-made proofs"
    measures = "Whether a model can rebuild half of a long proof from what its other half needs."
    levels = tuple(CHALLENGE_BANDS)
    longest: ClassVar = 6
    shuffled: ClassVar = True

    def source(self, rng: Random, level: int) -> Source | None:
        """A long machine-made proof."""
        return machine_proof(rng, CHALLENGE_BANDS[level], partly_named(rng))

    def wanted(self, level: int) -> tuple[tuple[float, float], tuple[int, int]]:
        """The published shape."""
        return (0.5, 0.6), (17, 120)
