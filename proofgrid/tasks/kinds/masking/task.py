"""Masking: a proof is shown with places covered, and the answer says what stands there.

A solvable item is solvable by construction: the masks cover a correct proof. An unsolvable one covers a proof with an
error, and carries the certificate of a complete search that no filling works; :func:`verify` checks it anew. Any
filling that the checker accepts is right. Saying "no filling exists" of every item is right of the unsolvable ones:
that is the chance level.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any, ClassVar

from proofgrid.checker import CheckerError, FormulaSyntaxError, check, parse_formula, parse_proof
from proofgrid.checker.formulas import Formula, atom, atoms
from proofgrid.checker.natural.kinds import CONCLUSION_AS_NAME, CONCLUSION_REPLACED
from proofgrid.checker.natural.syntax import Block, RuleApplication
from proofgrid.checker.render import render as render_verdict
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Draft, Item, JsonObject, Reading, Score, Task
from proofgrid.tasks.examples import MASKING
from proofgrid.tasks.kinds.masking import certificate
from proofgrid.tasks.kinds.masking.answers import read_masks
from proofgrid.tasks.kinds.masking.constraints import Constraints, UnsupportedProof, build
from proofgrid.tasks.kinds.masking.masks import cover, fill, mask_names, masked_steps, slots
from proofgrid.tasks.kinds.masking.solver import OutOfBudget, Solution, Solver, ground
from proofgrid.tasks.making.mutations import Edited, Subject, corrupt
from proofgrid.tasks.making.problems import canonical_key
from proofgrid.tasks.making.proof_sources import (
    ANNOUNCED,
    BANDS,
    Source,
    human_proof,
    machine_proof,
    neutral_style,
    pair,
    shown_problem,
)
from proofgrid.tasks.prompting import premise_list, render

UNIFICATIONS_PER_STEP = 50
"""What one step of the builtin model's budget buys."""

UNSOLVABLE_KINDS = (
    "wrong_cases",
    "wrong_neg_cond",
    "converse",
    "leaked",
    "omitted_block",
    "omitted_step",
    "reasoned_step",
    "wrong_rule",
    "swapped_arguments",
    "wrong_argument",
    "negated_argument",
    "wrong_annotation",
    "negated_annotation",
    "other_hypothesis",
)


class ProofMasking(Task):
    """What the two masking tasks share."""

    language = "ndl"
    flawed = Fraction(1, 10)
    chance = 0.1
    prompt_version = "2"
    shares: ClassVar[Mapping[int, float]]
    """Share of the slots that is covered, by level."""
    effort: ClassVar[int] = 60_000
    """Unifications spent on finding out whether a solution is unique, or that there is none."""

    def source(self, rng: Random, level: int) -> Source | None:
        """A correct proof to cover."""
        raise NotImplementedError

    def share(self, places: int, rng: Random, level: int) -> float | None:
        """The share of a proof's places to cover; None where the proof has too few or too many."""
        share = self.shares[level]
        return share if share * places >= 2 else None

    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """A masked proof with its solution, or with the certificate that it has none."""
        source = self.source(rng, level)
        if source is None:
            return None
        share = self.share(len(slots(source.proof)), rng, level)
        if share is None:
            return None
        try:
            if flawed:
                return self.make_unsolvable(source, share, rng)
            return self.make_solvable(source, share, rng)
        except (CheckerError, UnsupportedProof):
            return None

    def make_solvable(self, source: Source, share: float, rng: Random) -> Draft | None:
        """Cover a correct proof."""
        masked, covered = cover(source.proof, share, rng)
        if not check((source.premises, source.goal), fill(masked, covered), mode="strict").correct:
            raise AssertionError("filling a proof with what was covered does not restore it")
        unique, spent = self.is_unique(source, masked, covered, rng)
        reference = {"solvable": True, "masks": covered, "unique": unique}
        return self.draft(source.premises, source.goal, masked, reference, source, share, spent)

    def make_unsolvable(self, source: Source, share: float, rng: Random) -> Draft | None:
        """Cover a proof with an error so that no filling works, and prove it."""
        subject = Subject(source.premises, source.goal, source.proof)
        for _ in range(4):
            wrong = corrupt(subject, rng, UNSOLVABLE_KINDS)
            if wrong is None:
                return None
            edited = wrong.edited
            if not ends_with_goal(edited.proof, edited.goal):
                continue
            for _ in range(3):
                masked, _ = cover(edited.proof, share, rng, self.near(edited, wrong.lines, rng))
                constraints = build(parse_proof(masked), edited.premises, edited.goal)
                refuted = self.refutation(constraints)
                if refuted is not None:
                    reference = {"solvable": False, "masks": {}, "certificate": refuted[0], "edit": wrong.kind}
                    return self.draft(edited.premises, edited.goal, masked, reference, source, share, refuted[1])
        return None

    def near(self, edited: Edited, lines: tuple[int, ...], rng: Random) -> frozenset[int]:
        """Slots that stay visible so that the error can be seen: most of those on its lines."""
        starts = [0, *(m.end() for m in re.finditer("\n", edited.proof))]
        return frozenset(
            index
            for index, slot in enumerate(slots(edited.proof))
            if any(starts[line - 1] <= slot.start < (starts[line] if line < len(starts) else 10**9) for line in lines)
            and rng.random() < 0.75
        )

    def refutation(self, constraints: Constraints) -> tuple[dict[str, Any], int] | None:
        """A certificate that there is no solution, and the effort; None where that was not shown within the effort."""
        solver = Solver(constraints, self.effort, record=True)
        try:
            if next(solver.solutions(), None) is not None or solver.refutation is None:
                return None
        except OutOfBudget:
            return None
        return solver.refutation, solver.spent

    def is_unique(
        self, source: Source, masked: str, covered: Mapping[str, str], rng: Random
    ) -> tuple[bool | None, int]:
        """Whether the covered proof is the only solution (None: not found out within the effort), and the effort."""
        constraints = build(parse_proof(masked), source.premises, source.goal)
        solver = Solver(constraints, self.effort)
        found: dict[str, None] = {}
        try:
            for solution in solver.solutions():
                values = values_of(solution, source.premises, source.goal)
                if check((source.premises, source.goal), fill(masked, values), mode="strict").correct:
                    found[json.dumps(values, sort_keys=True)] = None
                    if solution.free or len(found) > 1:
                        return False, solver.spent
        except OutOfBudget:
            return self.differs_locally(source, masked, covered, rng), solver.spent
        return len(found) == 1, solver.spent

    def differs_locally(self, source: Source, masked: str, covered: Mapping[str, str], rng: Random) -> bool | None:
        """False where another solution was met that differs in a few masks only; else None."""
        names = list(covered)
        for _ in range(8):
            chosen = rng.sample(names, min(4, len(names)))
            part = fill(masked, {name: value for name, value in covered.items() if name not in chosen})
            solver = Solver(build(parse_proof(part), source.premises, source.goal), self.effort // 4)
            found: dict[str, None] = {}
            try:
                for solution in solver.solutions():
                    values = values_of(solution, source.premises, source.goal)
                    if check((source.premises, source.goal), fill(part, values), mode="strict").correct:
                        found[json.dumps(values, sort_keys=True)] = None
                        if solution.free or len(found) > 1:
                            return False
            except OutOfBudget:
                continue
        return None

    def draft(
        self,
        premises: tuple[Formula, ...],
        goal: Formula,
        masked: str,
        reference: dict[str, Any],
        source: Source,
        share: float,
        spent: int,
    ) -> Draft:
        """The item."""
        masks = len(mask_names(masked))
        return Draft(
            {**shown_problem(premises, goal), "proof": masked},
            reference,
            {**source.difficulty, "masks": masks, "share": share, "effort": spent},
            canonical_key(premises, goal),
        )

    def prompt(self, shown: JsonObject) -> str:
        """The language, what masks are, the problem, the masked proof and the answer's format."""
        return render(
            "pl_pm.jinja",
            rules=list(RULES.values()),
            absurd=True,
            premises=premise_list(shown["premises"]),
            goal=shown["goal"],
            proof=shown["proof"],
            example=MASKING,
            numbered_example=False,
            count=len(mask_names(shown["proof"])),
        )

    def read(self, shown: JsonObject, text: str) -> Reading:
        """The masks as a dictionary from names to texts; masks that do not exist are left out."""
        return read_masks(text, mask_names(shown["proof"]))

    def judge(self, item: Item, answer: Mapping[str, str]) -> Score:
        """1 if the filled proof is accepted (or if no filling exists and none is given)."""
        values = answer
        solvable = bool(item.reference["solvable"])
        if not values:
            points = float(not solvable)
            known = "A filling does exist." if solvable else "Right: no filling exists."
            return Score(
                outcome="incorrect" if solvable else "correct",
                points=points,
                strict=not solvable,
                parts={"instrumented": points, "strict": points, "masks": points},
                feedback=known,
            )
        shown = item.shown
        filled = fill(shown["proof"], values)
        # An unsolvable item is unsolvable by the letter of the language, so there only the letter counts.
        verdict = check(pair(shown), filled, mode="instrumented" if solvable else "strict")
        limit = verdict.failure is not None and verdict.failure.class_ == "limit"
        right = self.masks_right(item, values)
        missing = mask_names(filled)
        # Elsewhere a conclusion that is no formula may be read as the step's name. Here it is what was asked for.
        evaded = [fix for fix in verdict.fixes if fix.kind in (CONCLUSION_AS_NAME, CONCLUSION_REPLACED)]
        # A structural fix would bless a value that is wrong as it stands: a left rule for a right one, say.
        structural = [fix for fix in verdict.fixes if fix.class_ == "structural"]
        if structural:
            held = masked_steps(shown["proof"])
            evaded += [fix for fix in structural if fix.step in held]
        accepted = verdict.correct and not missing and not evaded
        points = float(accepted)
        feedback: str | None = None if verdict.correct else render_verdict(verdict)
        if evaded and verdict.correct:
            feedback = f"A value that fills a mask must be right as it stands: {evaded[0].message}."
        if missing:
            feedback = f"No usable value was given for {', '.join(missing[:10])}. {feedback or ''}".strip()
        return Score(
            outcome="checker_limit" if limit else "correct" if accepted else "incorrect",
            points=points,
            strict=accepted and verdict.strict,
            parts={
                "instrumented": points,
                "strict": float(accepted and verdict.strict),
                "masks": 1.0 if accepted else right,
            },
            verdict=verdict.to_json(),
            feedback=feedback,
        )

    def masks_right(self, item: Item, values: Mapping[str, str]) -> float:
        """Share of the masks that are filled as in the reference."""
        covered: Mapping[str, str] = item.reference["masks"]
        if not covered:
            return 0.0
        return sum(name in values and _same(values[name], text) for name, text in covered.items()) / len(covered)

    def reference_answer(self, item: Item) -> str:
        """What the masks covered, or no masks."""
        masks = dict(sorted(item.reference["masks"].items(), key=lambda mask: int(mask[0][4:])))
        return json.dumps({"masks": masks}, ensure_ascii=False)

    def attempt(self, shown: JsonObject, budget: int) -> str:
        """Search for a filling; say so where there is none, and give what is settled where the search is cut off."""
        premises, goal = pair(shown)
        try:
            constraints = build(parse_proof(shown["proof"]), premises, goal)
        except (UnsupportedProof, CheckerError):
            return json.dumps({"masks": {}})
        solver = Solver(constraints, UNIFICATIONS_PER_STEP * budget)
        try:
            for solution in solver.solutions():
                values = values_of(solution, premises, goal)
                if check((premises, goal), fill(shown["proof"], values), mode="strict").correct:
                    return json.dumps({"masks": values})
        except OutOfBudget:
            return json.dumps({"masks": values_of(solver.partial(), premises, goal)})
        return json.dumps({"masks": {}})


def ends_with_goal(proof: str, goal: Formula) -> bool:
    """Whether the last step announces the goal or nothing; what it announces else would say that all is in vain."""
    node: Any = parse_proof(proof).root
    while isinstance(node, Block):
        node = node.steps[-1]
    term = node.conclusion if isinstance(node, RuleApplication) else None
    return term is None or _same(term.text, str(goal))


def values_of(solution: Solution, premises: tuple[Formula, ...], goal: Formula) -> dict[str, str]:
    """A solution as texts, by number of the mask; what may be anything becomes an atom of the problem."""
    letter = atom(next(iter(atoms(goal, *premises)), "A"))
    texts = {name: str(ground(f, letter)) for name, f in solution.formulas.items()} | solution.rules
    return dict(sorted(texts.items(), key=lambda item: int(item[0][4:])))


def _same(given: str, wanted: str) -> bool:
    if given == wanted:
        return True
    try:
        return parse_formula(given) is parse_formula(wanted)
    except FormulaSyntaxError:
        return False


def verify(item: Item) -> bool:
    """Whether the reference's filling is strictly accepted, or its certificate proves that there is none."""
    premises, goal = pair(item.shown)
    proof = item.shown["proof"]
    if item.reference["solvable"]:
        return check((premises, goal), fill(proof, item.reference["masks"]), mode="strict").correct
    return certificate.verify(build(parse_proof(proof), premises, goal), item.reference["certificate"])


class Pl1ProofMasking(ProofMasking):
    """Proofs as people write them, with neutral names and without remarks."""

    id = "pl1_pm"
    title = "Proof masking"
    measures = "Whether a model can infer rules and formulas from the steps that depend on them."
    levels = tuple(BANDS)
    shares: ClassVar = {1: 0.25, 2: 0.3, 3: 0.35, 4: 0.42, 5: 0.5, 6: 0.56}

    def source(self, rng: Random, level: int) -> Source | None:
        """A random problem's proof with neutral names."""
        return human_proof(rng, level, neutral_style(rng))


class Pl1ProofMaskingChallenge(ProofMasking):
    """Long machine-made proofs with 400 to 560 masks."""

    id = "pl1_pm_c"
    title = "Proof masking, long machine-made proofs"
    measures = "Whether a model can solve hundreds of small constraints that depend on each other."
    levels = (1, 2, 3)
    shares: ClassVar = {1: 0.56, 2: 0.56, 3: 0.56}
    counts: ClassVar = {1: (400, 452), 2: (453, 506), 3: (507, 560)}
    """Numbers of masks, by level; together the published 400 to 560."""
    effort: ClassVar = 200_000

    def source(self, rng: Random, level: int) -> Source | None:
        """A long machine-made proof, of a length that makes such numbers of masks likely."""
        return machine_proof(rng, (200, 420), ANNOUNCED)

    def share(self, places: int, rng: Random, level: int) -> float | None:
        """About the published 0.56, so that the number of masks is one of the level's."""
        share = rng.randint(*self.counts[level]) / places
        return share if 0.52 <= share <= 0.6 else None
