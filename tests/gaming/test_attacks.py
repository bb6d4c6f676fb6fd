"""Answers without reasoning earn nothing: every template, on a few problems made here."""

from __future__ import annotations

import json
from random import Random

import pytest

from bench.gaming import checking, clothes, disguises, equational, gaps, hilbert, macro, masking, ndl
from bench.gaming.attack import Attack, Result, passes_chance, run, tail
from proofgrid.tasks.core import Item
from proofgrid.tasks.registry import TASK_IDS, get_task

NDL = ["(A ==> (B & C))", "((~ D) ==> A)", "(~ (B & E))", "(E | (~ D))"]
MACRO = [
    "(P1 | (P2 | P3))", "(Q1 | (Q2 | Q3))", "(~ (P1 & Q1))", "(~ (P2 & Q2))", "(~ (P3 & Q3))", "(P1 ==> R1)",
    "(P2 ==> R2)", "(P3 ==> R3)", "(R1 ==> S)", "(R2 ==> (S | Q2))", "(R3 ==> (S | Q3))", "(Q1 ==> (S | P1))",
]  # fmt: skip
HILBERT = ["(A ==> (B ==> C))", "((~ C) ==> B)", "A"]


def item(task: str, **shown: object) -> Item:
    """An item as a suite holds it."""
    return Item(
        id=f"{task}-x", task=task, level=1, seed=0, shown=shown, reference={}, difficulty={},
    )  # fmt: skip


WRITING = {
    "pl1_pw": (ndl.attacks, item("pl1_pw", premises=NDL, goal="((~ A) ==> (D & E))")),
    "pl2_pw": (ndl.attacks, item("pl2_pw", premises=NDL, goal="((~ A) ==> (D & E))")),
    "pl3_pw": (macro.attacks, item("pl3_pw", premises=MACRO, goal="S")),
    "pl4_pw": (hilbert.attacks, item("pl4_pw", premises=HILBERT, goal="(B ==> (A ==> C))")),
}


@pytest.mark.parametrize("task", WRITING)
def test_no_template_proves_a_goal(task: str) -> None:
    """No scheme that does not read the problem writes a proof that is accepted."""
    attacks, problem = WRITING[task]
    won = [a.name for a in attacks() if run(get_task(task), [problem], a).pays]
    assert won == []


@pytest.mark.parametrize("task", WRITING)
def test_no_disguise_and_no_figure_proves_a_goal(task: str) -> None:
    """Neither foreign or hidden letters, nor a second answer aside, nor a step chosen by counting."""
    problem = WRITING[task][1]
    attacks = disguises.attacks(task)
    assert len(attacks) >= 9 + len(disguises.ASIDE) + len(disguises.LETTERS)
    assert [a.name for a in attacks if run(get_task(task), [problem], a).pays] == []


def test_every_task_has_disguises() -> None:
    """They are written for each task from what an item shows, a text each."""
    for task in TASK_IDS:
        names = [attack.name for attack in disguises.attacks(task)]
        assert len(set(names)) == len(names) >= len(disguises.FIGURES)


def test_the_problems_have_proofs() -> None:
    """The templates fail for want of reasoning, not because there is nothing to prove."""
    from tests.gaming.formulas import follows, parsed

    for attacks, problem in WRITING.values():
        assert attacks()
        assert follows([parsed(p) for p in problem.shown["premises"]], parsed(problem.shown["goal"])) or (
            problem.task in ("pl1_pw", "pl2_pw")
        )


GAPPED = "{\n  GAP-1;\n  assume A {\n    (B & C) BY mp on premise-1, A;\n    GAP-2\n  };\n  GAP-3\n}"
MASKED = "{\n  assume MASK1 {\n    k1 := MASK3 BY MASK2 on premise-1, A;\n    MASK5 BY MASK4 on k1\n  }\n}"


def test_no_filling_of_gaps_without_steps_is_accepted() -> None:
    """Neither refutations, nor rebinding, nor text that swallows the steps shown fills a gap."""
    problem = Item(
        id="x", task="pl1_gf", level=1, seed=0, difficulty={},
        shown={"premises": NDL, "goal": "(A ==> (B & (~ E)))", "proof": GAPPED},
        reference={"gaps": {
            "GAP-1": "((~ B) | (~ E)) BY dm on premise-3",
            "GAP-2": "B BY left-and on (B & C);\n(~ E) BY dsyl on ((~ B) | (~ E)), B;\n(B & (~ E)) BY both on B, (~ E)",
            "GAP-3": "claim on (A ==> (B & (~ E)))",
        }},
    )  # fmt: skip
    task = get_task("pl1_gf")
    assert task.score(problem, task.reference_answer(problem)).points == 1.0
    attacks = [*gaps.attacks(), *disguises.attacks("pl1_gf")]
    assert [a.name for a in attacks if run(task, [problem], a).pays] == []


def test_no_value_of_masks_but_the_right_one_is_accepted() -> None:
    """Neither one value for all, nor a value that is more than one token, fills masks."""
    problem = Item(
        id="x", task="pl1_pm", level=1, seed=0, difficulty={},
        shown={"premises": NDL, "goal": "(A ==> B)", "proof": MASKED},
        reference={"solvable": True, "unique": True, "masks": {
            "MASK1": "A", "MASK2": "mp", "MASK3": "(B & C)", "MASK4": "left-and", "MASK5": "B",
        }},
    )  # fmt: skip
    task = get_task("pl1_pm")
    assert task.score(problem, task.reference_answer(problem)).points == 1.0
    assert [a.name for a in masking.attacks() if run(task, [problem], a).pays] == []
    swapped = dict(problem.reference["masks"], MASK4="right-and")
    assert task.score(problem, json.dumps({"masks": swapped})).points == 0.0, "a structural fix blessed a mask"


def test_several_verdicts_at_once_are_no_verdict() -> None:
    """A list of lines, a range, a quoted proof and two verdicts in one object locate nothing."""
    proof = "{\n  B BY left-and on premise-1;\n  C BY mp on premise-1, A;\n  (B & C) BY both on B, C\n}"
    problem = Item(
        id="x", task="pl1_pc", level=1, seed=0, difficulty={},
        shown={"premises": ["(A ==> (B & C))", "A"], "goal": "(B & C)", "proof": proof},
        reference={
            "correct": False,
            "error": {"kind": "malformedRuleApp", "class": "type", "step": 1, "line": 2, "lines": [2]},
            "errorDetails": {"offendingLineNumber": 2, "offendingLine": "", "errorType": "type"},
        },
    )  # fmt: skip
    task = get_task("pl1_pc")
    assert task.score(problem, task.reference_answer(problem)).points == 1.0
    hedges = [a for a in checking.attacks() if a.kind == "clothes" and a.name not in checking.ONE_GUESS]
    assert [a.name for a in hedges if run(task, [problem], a).pays] == []


EQUATIONS = ["E1: f(V1) = g(V1,a)", "E2: g(b,a) = f(c)", "E3: g(c,a) = b"]


def test_citing_every_equation_justifies_nothing() -> None:
    """Neither all equations, nor none, nor new ones justify the steps of a chain, or fill its gap."""
    chain = "s = h(f(b),a,f(c))\n  = h(g(b,a),a,f(c))\n  = h(f(c),a,g(c,a))"
    problem = Item(
        id="x", task="eq_er", level=1, seed=0, difficulty={}, shown={"equations": EQUATIONS, "chain": chain},
        reference={"justifications": [[["E1"]], [["E1", "E2"]]]},
    )  # fmt: skip
    task = get_task("eq_er")
    assert task.score(problem, task.reference_answer(problem)).points == 1.0
    fixed = [a for a in equational.er_attacks() if a.kind != "statistics"]  # looks may be lucky on a small chain
    assert [a.name for a in fixed if run(task, [problem], a).pays] == []
    gapped = Item(
        id="x", task="eq_gf", level=1, seed=0, difficulty={},
        shown={"equations": EQUATIONS, "chain": "s = h(f(b),a,a)\n  ?? ??\n  = h(g(c,a),a,a) by E1"},
        reference={"missing": [["h(g(b,a),a,a)", ["E1"]], ["h(f(c),a,a)", ["E2"]]], "certificate": None},
    )  # fmt: skip
    task = get_task("eq_gf")
    assert task.score(gapped, task.reference_answer(gapped)).points == 1.0
    assert [a.name for a in equational.gf_attacks() if run(task, [gapped], a).pays] == []


def test_a_new_equation_among_the_supporting_ones_is_refused() -> None:
    """What is no name of an equation makes an answer wrong: it is not dropped as a remark."""
    gapped = Item(
        id="x", task="eq_gf", level=1, seed=0, difficulty={},
        shown={"equations": EQUATIONS, "chain": "s = h(f(b),a,a)\n  ?? ??\n  = h(g(c,a),a,a) by E1"},
        reference={"missing": [["h(g(b,a),a,a)", ["E1"]], ["h(f(c),a,a)", ["E2"]]], "certificate": None},
    )  # fmt: skip
    steps = [["h(g(b,a),a,a)", ["E1", "#Z9"]], ["h(f(c),a,a)", ["E2"]]]
    rows = [{"term": term, "supportingEquations": names} for term, names in steps]
    assert get_task("eq_gf").score(gapped, json.dumps({"missingSteps": rows})).points == 0.0


@pytest.mark.parametrize("task", TASK_IDS)
def test_texts_made_to_exceed_the_limits_have_no_points(task: str) -> None:
    """Whatever a text costs, it is judged, and it earns nothing."""
    shown = {
        "premises": NDL, "goal": "(A ==> B)", "equations": EQUATIONS,
        "proof": GAPPED if "_gf" in task else MASKED if "_pm" in task else "{\n  A BY claim on A\n}",
        "chain": "s = f(b)\n  ?? ??\n  = f(c) by E2" if task == "eq_gf" else "s = f(b)\n  = f(c) by E2",
    }  # fmt: skip
    details = {"offendingLineNumber": 2, "offendingLine": "", "errorType": "logic", "errorDescription": ""}
    error = {"kind": "notInAB", "class": "logic", "step": 1, "line": 2, "lines": [2], "diagnosis": "fallacy"}
    problem = Item(
        id="x", task=task, level=1, seed=0, difficulty={}, shown=shown,
        reference={
            "correct": False, "error": error, "errorDetails": details, "gaps": {}, "missing": [["f(c)", ["E2"]]],
            "masks": {"MASK1": "A", "MASK2": "mp", "MASK3": "(B & C)", "MASK4": "left-and", "MASK5": "B"},
            "solvable": True, "unique": True, "justifications": [[["E2"]]], "certificate": None,
            "explanation": {"step": 1, "error": "wrong equations", "given": ["E2"], "correct": []},
        },
    )  # fmt: skip
    won = [a.name for a in clothes.attacks(task, size=3_000) if run(get_task(task), [problem], a).pays]
    assert won == []


@pytest.mark.parametrize("task", [t for t in TASK_IDS if clothes.guesses_at(t)])
def test_several_guesses_in_one_answer_are_one_or_none(task: str) -> None:
    """However guesses that differ are put together, what is read is one of them, alone, or nothing."""
    shown = {"premises": ["A"], "goal": "A", "proof": MASKED, "equations": EQUATIONS, "chain": "s = f(b)\n  = a by E1"}
    read = get_task(task).read
    alone = [read(shown, json.dumps(guess)).value for guess in clothes.guesses_at(task)]
    assert None not in alone
    mixed = []
    for hedge in clothes.hedges(task):
        value = read(shown, hedge.write(shown, Random(0))).value
        if value is not None and value not in alone:
            mixed.append((hedge.name, value))
    assert mixed == []


def test_a_constant_may_not_earn_more_than_chance_and_luck_may() -> None:
    """The bound is exact for constants, and a tail probability for what depends on the item."""
    lucky = Attack(name="x", kind="statistics", write=lambda shown, rng: "")
    fixed = Attack(name="x", kind="constant", write=lambda shown, rng: "")

    def result(attack: Attack, won: int) -> Result:
        return Result(attack=attack, won=won, items=100, example=None)

    assert not passes_chance(result(fixed, 50), 0.5, 1)
    assert passes_chance(result(fixed, 51), 0.5, 1)
    assert not passes_chance(result(lucky, 56), 0.5, 75)
    assert passes_chance(result(lucky, 80), 0.5, 75)
    assert passes_chance(result(lucky, 1), 0.0, 75)
    assert tail(0, 10, 0.3) == pytest.approx(1.0)
