"""Proof writing: premises and a goal are shown, a proof is asked for and checked.

PL1 has random formulas in NDL, PL2 structured families in NDL, PL3 larger families in the macro language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, ClassVar, Literal

from proofgrid.checker import Verdict, check, parse_formula
from proofgrid.checker.formulas import Formula, atoms
from proofgrid.checker.render import render as render_verdict
from proofgrid.checker.rules import RULES
from proofgrid.tasks.answers.proofs import read_proof
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.errors import DrawFailedError
from proofgrid.tasks.making.agreement import hardness
from proofgrid.tasks.making.planted import draw_chain, lifted_edge, planted_lines, unsolved
from proofgrid.tasks.making.problems import (
    canonical_key,
    decided_by_one_rule,
    draw_family,
    families_of,
    padded_entailment,
    said_already,
)
from proofgrid.tasks.making.problems.measures import depth, size
from proofgrid.tasks.making.provers import Search, macro_lines, prove_lines, search, search_macro, shortest
from proofgrid.tasks.making.provers.lines import Line, applications
from proofgrid.tasks.making.provers.lines import depth as nesting
from proofgrid.tasks.making.provers.writer import formula_text, write
from proofgrid.tasks.prompting import NOT_OFFERED, premise_list, render

FULL_BUDGET = 20_000
"""Search steps the generators spend on a reference proof."""

_FEW = 6
"""Steps of a found proof above which one rule cannot do: the prover's detours are shorter than that."""


class ProofWriting(Task):
    """What the three proof-writing tasks share."""

    search_budget: ClassVar[int] = FULL_BUDGET
    """Search steps that a generator spends on one search."""

    checked_as: ClassVar[Literal["ndl", "macro"]] = "ndl"
    steps: ClassVar[dict[int, tuple[int, int]]]
    """Steps of the shortest known proof, by level (inclusive): what a level means."""
    hardness: ClassVar[Mapping[int, tuple[float, float]]] = {}
    """What provers that are unlike each other must make of a problem together (agreement.py), by level (inclusive)."""
    tries: ClassVar[int] = 1
    """Draws from one family before another is taken."""
    upper_levels = (7, 8)
    links: ClassVar[Mapping[int, tuple[int, int]]] = {7: (18, 21), 8: (26, 32)}
    """Constraints of a planted chain, by level above those of suites (inclusive)."""
    lifted: ClassVar[bool] = False
    """Whether formulas of two atoms stand in a planted chain, too."""

    def families_of(self, level: int) -> tuple[str, ...]:
        """Where a level's problems come from; each is as likely as any other."""
        raise NotImplementedError

    def draw(self, rng: Random, level: int, family: str) -> tuple[tuple[Formula, ...], Formula, str] | None:
        """A problem before it is proved, and where it comes from; None where the draw came to nothing."""
        raise NotImplementedError

    def search(self, premises: Sequence[Formula], goal: Formula, budget: int) -> Search:
        """What the builtin prover makes of a problem."""
        return search(premises, goal, budget=budget)

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """One problem whose shortest known proof has a length of the level, with that proof, strictly accepted."""
        if level in self.upper_levels:
            return self._planted(rng, level)
        family = rng.choice(self.families_of(level))
        drafts = (self._one(rng, level, family) for _ in range(self.tries))
        return next((draft for draft in drafts if draft is not None), None)

    def _one(self, rng: Random, level: int, family: str) -> Draft | None:
        drawn = self.draw(rng, level, family)
        if drawn is None:
            return None
        premises, goal, origin = drawn
        if said_already(premises, goal):
            return None
        least, most = self.steps[level]
        found = self.search(premises, goal, self.search_budget)
        if found.proof is None or found.steps < least:
            return None
        found = shortest(premises, goal, budget=self.search_budget, macro=self.checked_as == "macro")
        if found.proof is None or not least <= found.steps <= most:
            return None
        if found.steps <= _FEW and decided_by_one_rule(premises, goal):
            return None
        if level in self.hardness:
            lowest, highest = self.hardness[level]
            if not lowest <= hardness(premises, goal, highest) <= highest:
                return None
        if not check((premises, goal), found.proof, mode="strict", language=self.checked_as).correct:
            raise AssertionError(f"the prover wrote a proof that does not check: {goal}")  # a defect, never a draw
        texts = [formula_text(p, light=True) for p in premises]
        return Draft(
            {"premises": texts, "goal": formula_text(goal, light=True)},
            {"proof": found.proof, "family": origin},
            difficulty(premises, goal, found),
            canonical_key(premises, goal),
        )

    def _planted(self, rng: Random, level: int) -> Draft | None:
        """A chain with its planted proof; None where a prover here proves it within the full budget."""
        chain = draw_chain(rng, rng.randint(*self.links[level]), lifted_edge if self.lifted else None)
        lines = planted_lines(chain, self.lines)
        premises = unsolved(chain, rng, lambda p, g: self.search(p, g, self.full_budget).proof is not None)
        if premises is None:
            return None
        proof = write(lines, premises)
        if not check((premises, chain.goal), proof, mode="strict", language=self.checked_as).correct:
            raise DrawFailedError("a planted step weighs more than a step may")
        known = Search(proof, "", self.full_budget, len(list(applications(lines))), nesting(lines))
        return Draft(
            {
                "premises": [formula_text(p, light=True) for p in premises],
                "goal": formula_text(chain.goal, light=True),
            },
            {"proof": proof, "family": "planted_chain"},
            difficulty(premises, chain.goal, known),
            canonical_key(premises, chain.goal),
        )

    def lines(self, premises: Sequence[Formula], goal: Formula) -> tuple[Line, ...] | None:
        """A proof of a link of a planted chain."""
        return prove_lines(premises, goal, budget=FULL_BUDGET)

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The proof, as one text."""
        return read_proof(text, self.checked_as)

    def judge(self, item: Item, answer: str) -> Score:
        """1 if the checker accepts the proof in instrumented mode; ``parts`` tells whether strictly, too."""
        return proof_score(check(pair(item.shown), answer, language=self.checked_as), answer)

    def reference_answer(self, item: Item) -> str:
        """The proof that was found when the problem was made."""
        return answer_text("A proof found by search.", str(item.reference["proof"]))

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """A proof found within ``budget`` search steps; else what was concluded from the premises, said to be so."""
        premises, goal = pair(shown)
        found = self.search(premises, goal, budget)
        if found.proof is not None:
            return answer_text(f"Found by search in {found.spent} steps.", found.proof)
        partial = f"No proof was found within {budget} search steps; these are consequences of the premises only."
        return answer_text(partial if found.partial else f"No proof was found within {budget} steps.", found.partial)


class _NdlWriting(ProofWriting):
    template_level: ClassVar[int]
    language = "ndl"

    def prompt(self, shown: JsonObject) -> str:
        """The language, the rules, one example, the problem and the answer's format."""
        return render(
            "pl_pw.jinja",
            rules=[rule for rule in RULES.values() if rule.name not in NOT_OFFERED],
            absurd=False,
            level=self.template_level,
            example=EXAMPLE,
            premises=premise_list(shown["premises"]),
            goal=shown["goal"],
        )


class Pl1ProofWriting(_NdlWriting):
    """Random formulas, proved in NDL."""

    id = "pl1_pw"
    title = "Proof writing, natural deduction"
    measures = "Whether a model can plan and carry out a natural deduction from random premises without a slip."
    levels = (1, 2, 3, 4, 5, 6)
    template_level = 1
    steps: ClassVar = {1: (4, 7), 2: (8, 12), 3: (13, 19), 4: (20, 32), 5: (33, 55), 6: (56, 400)}
    hardness: ClassVar = {1: (0, 3.1), 2: (2.2, 3.4), 3: (2.7, 3.7), 4: (3.1, 4.2), 5: (3.6, 4.8), 6: (4.4, 99)}

    def families_of(self, level: int) -> tuple[str, ...]:
        """Random formulas only."""
        return ("random",)

    def draw(self, rng: Random, level: int, family: str) -> tuple[tuple[Formula, ...], Formula, str] | None:
        """Random premises, all needed, and a random goal."""
        drawn = padded_entailment(rng, level)
        return None if drawn is None else (*drawn, family)


class Pl2ProofWriting(_NdlWriting):
    """Structured problems, proved in NDL."""

    id = "pl2_pw"
    title = "Proof writing, structured problems"
    measures = "Whether a model can prove combinatorial facts (placements, colourings, parities, orders) step by step."
    levels = (1, 2, 3, 4, 5, 6)
    tries = 8
    lifted = True
    template_level = 2
    search_budget = 3_000
    steps: ClassVar = {1: (6, 13), 2: (14, 22), 3: (23, 36), 4: (37, 60), 5: (61, 100), 6: (101, 400)}

    def families_of(self, level: int) -> tuple[str, ...]:
        """Drawn structures; at low levels also families with few members."""
        return families_of(level)

    def draw(self, rng: Random, level: int, family: str) -> tuple[tuple[Formula, ...], Formula, str] | None:
        """A member of a family that is chosen at random."""
        return draw_family(rng, level, family=family)


class Pl3ProofWriting(ProofWriting):
    """Large structured problems, proved with macro steps."""

    id = "pl3_pw"
    title = "Proof writing, global search"
    measures = "Whether a model can find a proof by search among many premises when single steps may be large."
    language = "macro"
    prompt_version = "2"
    checked_as: ClassVar[Literal["ndl", "macro"]] = "macro"
    levels = (1, 2, 3, 4, 5, 6)
    tries = 4
    search_budget = 1_500
    steps: ClassVar = {1: (4, 6), 2: (7, 9), 3: (10, 14), 4: (15, 21), 5: (22, 34), 6: (35, 120)}

    def families_of(self, level: int) -> tuple[str, ...]:
        """Drawn structures of which every premise is needed."""
        return families_of(level, large=True)

    def draw(self, rng: Random, level: int, family: str) -> tuple[tuple[Formula, ...], Formula, str] | None:
        """A larger member of a family, all of whose premises are needed."""
        return draw_family(rng, level, large=True, family=family)

    def search(self, premises: Sequence[Formula], goal: Formula, budget: int) -> Search:
        """What the macro prover makes of a problem."""
        return search_macro(premises, goal, budget=budget)

    def lines(self, premises: Sequence[Formula], goal: Formula) -> tuple[Line, ...] | None:
        """A macro proof of a link of a planted chain."""
        return macro_lines(premises, goal, budget=FULL_BUDGET)

    def prompt(self, shown: JsonObject) -> str:
        """The language, one example, the problem and the answer's format."""
        return render(
            "pl3_pw.jinja",
            example=MACRO_EXAMPLE,
            premises=premise_list(shown["premises"]),
            goal=shown["goal"],
        )


EXAMPLE = {
    "premises": "assert premise-1 := (~A | (B & C))\nassert premise-2 := (A | C)\n"
    "assert premise-3 := (C ==> ~ (D & A))\n",
    "goal": "(C & (D ==> ~A))",
    "proof": """{
  # First C: by cases on premise-2.
  A-gives-C := assume A {
    b-and-c := (B & C) BY dsyl on premise-1, A;
    C BY right-and on b-and-c
  };
  C-gives-C := assume C { claim on C };
  have-C := C BY cases on premise-2, A-gives-C, C-gives-C;
  # Premise-3 now tells us that D and A are not both true.
  not-both := (~ (D & A)) BY mp on premise-3, have-C;
  second := assume D {
    contra := assume A {
      both-hold := (D & A) BY both on D, A;
      false BY absurd on both-hold, not-both
    };
    (~ A) BY by-contradiction on (~ A), contra
  };
  (C & (D ==> ~A)) BY both on have-C, second
}""",
}
"""The example of the NDL prompts; a test checks it strictly."""

MACRO_EXAMPLE = {
    "premises": "assert premise-1 := (A1 | A2 | A3)\nassert premise-2 := (A1 ==> B & ~C)\n"
    "assert premise-3 := (A2 ==> B)\nassert premise-4 := (~ (A3 & D))\nassert premise-5 := (D <==> B | C)\n",
    "goal": "((C ==> A2) & D | A3)",
    "proof": """{
  # Either A3 is true, and we are done, or one of the other two is.
  one := assume A3 { ((C ==> A2) & D | A3) from A3 };
  two := assume (~ A3) {
    B from premise-1, premise-2, premise-3, (~ A3);
    D from B, premise-5;
    not-C-or-A2 := (C ==> A2) from premise-1, premise-2, (~ A3);
    ((C ==> A2) & D | A3) from not-C-or-A2, D
  };
  ((C ==> A2) & D | A3) from one, two
}""",
}
"""The example of the macro prompt; a test checks it strictly."""


def pair(shown: JsonObject) -> tuple[tuple[Formula, ...], Formula]:
    """Premises and goal as formulas."""
    return tuple(parse_formula(p) for p in shown["premises"]), parse_formula(shown["goal"])


def answer_text(description: str, proof: str) -> str:
    """An answer in the format that the prompts ask for."""
    return json.dumps({"description": description, "proof": proof}, ensure_ascii=False)


def proof_score(verdict: Verdict, proof: str) -> Score:
    """The score of a proof that was checked; ``feedback`` is the checker's message, with the line it points at.

    ``parts``: instrumented and strict correctness, and ``sound``, the share of the proof's lines before the first
    failure (1 where every step is right, even if the conclusion is not the goal).
    """
    feedback = None if verdict.correct else render_verdict(verdict)
    data: dict[str, Any] = verdict.to_json()
    failure = verdict.failure
    if failure is not None and failure.class_ == "limit":
        return Score("checker_limit", verdict=data, feedback=feedback)
    points = float(verdict.correct)
    strict = verdict.correct and verdict.strict
    sound = 1.0 if failure is None or not failure.line else min(1.0, (failure.line - 1) / (proof.count("\n") + 1))
    parts = {"instrumented": points, "strict": float(strict), "sound": sound}
    return Score(
        outcome="correct" if verdict.correct else "incorrect",
        points=points,
        strict=strict,
        parts=parts,
        verdict=data,
        feedback=feedback,
    )


def difficulty(premises: Sequence[Formula], goal: Formula, found: Search) -> dict[str, float]:
    """What makes a problem hard, as numbers.

    ``size`` and ``depth`` are of the formulas (connectives and atoms in all, deepest nesting), ``steps``, ``lines`` and
    ``nesting`` of the reference proof, ``effort`` is the search steps that the builtin prover took.
    """
    return {
        "premises": len(premises),
        "atoms": len(atoms(*premises, goal)),
        "size": sum(size(f) for f in (*premises, goal)),
        "depth": max(depth(f) for f in (*premises, goal)),
        "steps": found.steps,
        "lines": found.proof.count("\n") + 1 if found.proof else 0,
        "nesting": found.nesting,
        "effort": found.spent,
    }
