"""The mask solver is complete, its certificates prove what they say, and masking items are scored as they say."""

from __future__ import annotations

import copy
import itertools
import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from proofgrid.checker import check, parse_formula, parse_proof
from proofgrid.checker.formulas import Formula, postorder
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.masking import certificate, values_of, verify
from proofgrid.tasks.kinds.masking.answers import read_masks
from proofgrid.tasks.kinds.masking.constraints import build
from proofgrid.tasks.kinds.masking.masks import admissible, cover, fill, mask_names, slots
from proofgrid.tasks.kinds.masking.solver import OutOfBudget, Solver
from proofgrid.tasks.making.proof_sources import human_proof, neutral_style, pair
from proofgrid.tasks.registry import get_task

PM, PM_C = get_task("pl1_pm"), get_task("pl1_pm_c")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Base items of the first four levels."""
    return [p for level in (1, 2, 3, 4) for p in PM.generate(20, 1, level)]


def _formulas(*texts: str) -> tuple[Formula, ...]:
    return tuple(map(parse_formula, texts))


def _solve(premises: tuple[Formula, ...], goal: Formula, masked: str, budget: int = 200_000) -> list[dict[str, str]]:
    """Every filling (as texts) that the search finds and the strict checker accepts."""
    solver = Solver(build(parse_proof(masked), premises, goal), budget)
    found = []
    for solution in solver.solutions():
        values = values_of(solution, premises, goal)
        if check((premises, goal), fill(masked, values), mode="strict").correct and values not in found:
            found.append(values)
    return found


def test_a_worked_example() -> None:
    """The two masks of a two-step proof are found, and nothing else is."""
    premises = _formulas("(A & B)", "(A ==> C)")
    masked = "{ left-and on premise-1; C BY MASK1 on MASK2, A }"
    assert _solve(premises, parse_formula("C"), masked) == [{"MASK1": "mp", "MASK2": "(A ==> C)"}]


def test_a_mask_that_anything_fills() -> None:
    """What need not hold and is not used may be any formula; a formula of the problem is given."""
    premises = _formulas("A")
    masked = "{ ex-middle on MASK1; claim on premise-1 }"
    assert _solve(premises, parse_formula("A"), masked) == [{"MASK1": "A"}]


def test_masked_hypotheses_and_conclusions() -> None:
    """A hypothesis follows from the goal, and an announced result from its use."""
    masked = "assume MASK1 { MASK2 BY left-either on MASK3, B }"
    solved = _solve((), parse_formula("(A ==> (A | B))"), masked)
    assert solved == [{"MASK1": "A", "MASK2": "(A | B)", "MASK3": "A"}]


def _candidates(premises: tuple[Formula, ...], goal: Formula) -> list[str]:
    return [str(f) for f in postorder(*premises, goal)]


def test_the_solver_agrees_with_brute_force() -> None:
    """On small proofs with up to three masks, trying every rule and every subformula finds no filling that the solver
    misses, and one that it finds is found."""
    solvable = unsolvable = 0
    for seed in range(120):
        rng = Random(seed)
        source = human_proof(rng, 1, neutral_style(rng))
        if source is None or source.steps > 7:
            continue
        masked, covered = cover(source.proof, 0.12, rng)
        if len(covered) > 3:
            continue
        if rng.random() < 0.6:  # disturb what is visible: swap one rule's name for another
            visible = [s for s in slots(masked) if s.kind == "rule" and not masked[s.start :].startswith("MASK")]
            if not visible:
                continue
            slot = rng.choice(visible)
            masked = masked[: slot.start] + rng.choice(list(RULES)) + masked[slot.end :]
        names = mask_names(masked)
        texts = [*RULES, *_candidates(source.premises, source.goal)]
        rule_masks = {s.start for s in slots(masked) if s.kind == "rule"}
        choices = []
        for name in names:
            at = masked.index(name + masked[masked.index(name) + len(name)])
            choices.append(list(RULES) if at in rule_masks else texts[len(RULES) :])
        brute = any(
            check((source.premises, source.goal), fill(masked, dict(zip(names, v, strict=True))), mode="strict").correct
            for v in itertools.islice(itertools.product(*choices), 3000)
        )
        solved = bool(_solve(source.premises, source.goal, masked))
        assert solved or not brute, masked
        solvable += solved
        unsolvable += not solved
    assert solvable >= 3
    assert unsolvable >= 3


def test_unsolvable_proofs_have_certificates_that_verify() -> None:
    """A search that fails leaves a certificate; a solvable proof has none, and no failing certificate proves it so."""
    premises, goal = _formulas("(A & B)", "(A ==> C)"), parse_formula("C")
    bad = "{ right-and on premise-1; C BY MASK1 on MASK2, A }"
    constraints = build(parse_proof(bad), premises, goal)
    solver = Solver(constraints, 10_000, record=True)
    assert list(solver.solutions()) == []
    assert solver.refutation is not None
    assert certificate.verify(constraints, solver.refutation)
    good = build(parse_proof("{ left-and on premise-1; C BY MASK1 on MASK2, A }"), premises, goal)
    assert not certificate.verify(good, solver.refutation)
    for junk in ({}, {"equations": True}, {"take": [], "on": [0, -1], "then": {}}, {"take": 3, "on": "x"}):
        assert not certificate.verify(good, junk)


def test_every_item_verifies(items: list[Item]) -> None:
    """Every solution is strictly accepted and every certificate checks, by a unifier that the search does not use."""
    assert all(verify(p) for p in items)
    assert any(not p.reference["solvable"] for p in items)
    assert all(verify(Item.from_json(p.to_json())) for p in items)


def test_damaged_certificates_prove_nothing(items: list[Item]) -> None:
    """A certificate that takes another alternative than the one that was left is refused, but for harmless ones."""
    damaged = refused = 0
    for problem in [*items, *PM.generate(20, 2, 3)]:
        if problem.reference["solvable"] or "equations" in problem.reference["certificate"]:
            continue
        for path in _takes(problem.reference["certificate"]):
            reference: dict[str, Any] = copy.deepcopy(dict(problem.reference))
            node = reference["certificate"]
            for key in path[:-1]:
                node = node["then"][key]
            choice = node["take"][path[-1]]
            choice[2] = choice[2] + 1  # says that another alternative was the only one left
            changed = Item(problem.id, problem.task, 1, 1, problem.shown, reference, {})
            damaged += 1
            refused += not verify(changed)
    assert damaged >= 10
    assert refused > 0.5 * damaged  # a wrong take that clashes at once is harmless, as the rest was refuted


def _takes(node: dict[str, Any], path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [(*path, index) for index in range(min(3, len(node.get("take", ()))))]
    for key, child in list(node.get("then", {}).items())[:2]:
        found += _takes(child, (*path, key))
    return found[:12]


def test_unique_solutions_are_unique(items: list[Item]) -> None:
    """Where the solution is said to be unique, no rule mask can be another rule; where not, two fillings exist."""
    unique = [p for p in items if p.reference.get("unique") is True]
    several = [p for p in items if p.reference.get("unique") is False]
    assert len(unique) >= 10
    assert len(several) >= 3
    for problem in unique[:12]:
        masks = problem.reference["masks"]
        for name, value in masks.items():
            if value in RULES:
                for rule in RULES:
                    if rule != value:
                        filled = fill(problem.shown["proof"], {**masks, name: rule})
                        assert not check(pair(problem.shown), filled, mode="strict").correct


def test_reference_answers_score_one_and_empty_ones_nothing(items: list[Item]) -> None:
    """References score 1.0 in strict mode; no answer scores 0; "no filling" scores on unsolvable items only."""
    for problem in items:
        score = PM.score(problem, PM.reference_answer(problem))
        assert (score.outcome, score.points, score.strict) == ("correct", 1.0, True)
        assert PM.score(problem, "").outcome == "empty"
        assert PM.score(problem, "They are mp and dn.").outcome == "unparsable"
        none = PM.score(problem, '{"masks": {}}')
        assert none.points == float(not problem.reference["solvable"])
    share = sum(not p.reference["solvable"] for p in items) / len(items)
    assert abs(share - PM.chance) <= 0.1


def test_other_fillings_count(items: list[Item]) -> None:
    """Another filling that is accepted scores 1.0; a wrong one tells the share of masks that are right."""
    problem = next(p for p in items if p.reference["solvable"] and "claim" not in p.reference["masks"].values())
    masks = dict(problem.reference["masks"])
    first = next(iter(masks))
    wrong = PM.score(problem, json.dumps({"masks": {**masks, first: "(Z1 & Z2)"}}))
    assert wrong.points == 0.0
    assert wrong.parts["masks"] == pytest.approx(1 - 1 / len(masks))
    several = [p for p in items if p.reference.get("unique") is False]
    others = 0
    for other in several:
        given = json.loads(PM.attempt(other.shown, 2_000))["masks"]
        if given != other.reference["masks"] and len(given) == len(other.reference["masks"]):
            others += PM.score(other, json.dumps({"masks": given})).points == 1.0
    assert others >= 1


def test_a_filling_is_one_token() -> None:
    """A value cannot bring in further arguments, steps, blocks or keywords, and MASK1 is no part of MASK12."""
    for text in ("A, B", "A; claim on A", "(A", "A)", "{ A }", "A BY claim", "claim on A", "A # b", "x := A", "", " "):
        assert not admissible(text), text
    for text in ("A； claim on A", "A， B", "claim o\u200bn A", "｛ A ｝", "A ： B", "M\u200bASK3"):
        assert not admissible(text), text
    for text in ("mp A", "mp (A & B)", "(A) (B)", "f(A)"):
        assert not admissible(text), text
    for text in ("A", "(A & B)", "premise-1", "mp", "bicond-def'", "A & B", "(~ (A ==> false))", "(A ∧ ¬B)", "~~A"):
        assert admissible(text), text
    assert fill("MASK1 on MASK12, MASK2", {"MASK1": "mp", "MASK2": "B"}) == "mp on MASK12, B"


def test_an_announced_result_has_to_be_given() -> None:
    """A mask before BY that is left open, or filled with a word that the checker would take for a name, scores 0."""
    proof = "{\n  s1 := MASK1 BY left-and on premise-1;\n  right-either on B, MASK2\n}"
    shown = {"premises": ["(A & B)"], "goal": "(B | A)", "proof": proof}
    problem = Item("x", "pl1_pm", 1, 0, shown, {"solvable": True, "masks": {"MASK1": "A", "MASK2": "s1"}}, {})
    assert PM.score(problem, '{"masks": {"MASK1": "A", "MASK2": "s1"}}').points == 1.0
    for masks in ({"MASK2": "s1"}, {"MASK1": "result", "MASK2": "s1"}, {"MASK1": "MASK1", "MASK2": "A"}):
        score = PM.score(problem, json.dumps({"masks": masks}))
        assert (score.outcome, score.points, score.strict, score.parts["instrumented"]) == (
            "incorrect",
            0.0,
            False,
            0.0,
        )
        assert score.parts["masks"] < 1.0
        assert score.feedback


def test_no_filling_is_said_by_no_masks_only(items: list[Item]) -> None:
    """No masks, null and "none" say that no filling exists; values that are no texts and unknown masks do not."""
    problem = next(p for p in items if not p.reference["solvable"])
    assert PM.score(problem, '{"masks": {}}').points == 1.0
    for masks in (None, [], "none"):
        assert PM.score(problem, json.dumps({"masks": masks})).points == 1.0, masks
    for masks in ({"MASK1": None}, {"MASK1": 5}, {"MASK999": "mp"}, {"MASK1": ["mp", "mt"]}, {"MASK1": ""}, "x"):
        assert PM.score(problem, json.dumps({"masks": masks})).outcome == "unparsable", masks


def test_masks_are_read_in_many_spellings(items: list[Item]) -> None:
    """Keys in other spellings, values in backquotes, a list of pairs and masks without their wrapper are read."""
    problem = next(p for p in items if p.reference["solvable"] and len(p.reference["masks"]) == 3)
    masks = problem.reference["masks"]
    shapes = [
        {"masks": {name.replace("MASK", "Mask-"): value for name, value in masks.items()}},
        {"masks": {name[4:]: f"`{value}`" for name, value in masks.items()}},
        {"masks": [{name: value} for name, value in masks.items()]},
        masks,
        {"answer": {"Masks": masks}},
    ]
    for shape in shapes:
        assert PM.score(problem, json.dumps(shape)).points == 1.0, shape


def test_masks_are_numbered_in_step_order() -> None:
    """Within a step arguments come first, then the rule, then the announced result; labels and keywords stay."""
    proof = "{ a := (A & B) BY both on A, B; assume h := C { claim on a } }"
    places = slots(proof)
    assert [s.kind for s in places] == ["argument", "argument", "rule", "conclusion", "hypothesis", "argument", "rule"]
    masked, covered = cover(proof, 1.0, Random(1))
    assert masked == "{ a := MASK4 BY MASK3 on MASK1, MASK2; assume h := MASK5 { MASK7 on MASK6 } }"
    assert covered["MASK3"] == "both"
    assert fill(masked, covered) == proof


def test_the_builtin_model_gets_better_with_its_budget(items: list[Item]) -> None:
    """A larger budget solves more, all of the first two levels, and never claims wrongly that there is no filling."""
    small = [PM.score(p, PM.attempt(p.shown, 2)).points for p in items]
    large = [PM.score(p, PM.attempt(p.shown, 400)).points for p in items]
    assert sum(large) > sum(small)
    assert all(s == 1.0 for s, p in zip(large, items, strict=True) if p.level <= 2)
    for problem in items:
        if json.loads(PM.attempt(problem.shown, 400))["masks"] == {}:
            assert not problem.reference["solvable"]


def test_out_of_budget_is_no_refutation() -> None:
    """A search that is cut off says so and leaves no certificate."""
    premises, goal = _formulas("(A & B)"), parse_formula("(B & A)")
    masked = "{ MASK1 on MASK2; MASK3 on MASK4; MASK5 on MASK6, MASK7 }"
    solver = Solver(build(parse_proof(masked), premises, goal), 5, record=True)
    with pytest.raises(OutOfBudget):
        list(solver.solutions())
    assert solver.refutation is None


def test_the_prompt_is_complete(items: list[Item]) -> None:
    """The masked proof, the premises and every rule are in the prompt, and the reference is not."""
    problem = next(p for p in items if p.reference["solvable"] and p.level == 4)
    text = PM.prompt(problem.shown)
    assert problem.shown["proof"] in text
    assert all(rule.english in text for rule in RULES.values())
    assert f"every mask ({len(problem.reference['masks'])} in all)" in text


def test_challenge_items_have_the_published_shape() -> None:
    """Challenge items cover 400 to 560 places, between 52 and 60 of 100, rules most and hypotheses least."""
    problem = next(iter(PM_C.generate(1, 2, 1)))
    proof = problem.shown["proof"]
    places = slots(proof)
    masked = [s for s in places if proof[s.start : s.end].startswith("MASK")]
    assert 400 <= len(masked) <= 560
    assert 0.52 <= len(masked) / len(places) <= 0.6

    def share(kind: str) -> float:
        return sum(s.kind == kind for s in masked) / sum(s.kind == kind for s in places)

    assert share("rule") > share("argument") > share("hypothesis")
    assert verify(problem)
    assert PM_C.score(problem, PM_C.reference_answer(problem)).points == 1.0


def test_no_structural_fix_blesses_a_mask(items: list[Item]) -> None:
    """A rule that an unmasked step would be forgiven for is wrong where it fills a mask."""
    shown = {"premises": ["(A & B)"], "goal": "A", "proof": "{ x := A BY MASK1 on premise-1; A BY claim on x }"}
    item = replace(items[0], shown=shown, reference={"solvable": True, "masks": {"MASK1": "left-and"}})
    assert PM.score(item, '{"masks": {"MASK1": "left-and"}}').points == 1.0
    for rule in ("right-and", "claim", "both"):
        score = PM.score(item, json.dumps({"masks": {"MASK1": rule}}))
        assert (score.outcome, score.points) == ("incorrect", 0.0), rule


def test_any_number_of_blanks_may_stand_between_masks() -> None:
    """Blanks that no mask follows are passed over once: were they tried from each of them on, this would not end."""
    apart = " " * 200_000
    assert read_masks(f"MASK1: A{apart}MASK2: B", ["MASK1", "MASK2"]).value == {"MASK1": "A", "MASK2": "B"}
    assert read_masks(f"MASK1: A;{apart}# nothing else", ["MASK1"]).value == {"MASK1": "A"}
