"""Gap-filling items are scored by the checker alone, and each gap's own share is reported."""

from __future__ import annotations

import json
from random import Random

import pytest

from proofgrid.checker import check
from proofgrid.checker.natural.alone import read_steps
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.gaps import answer_text, verify
from proofgrid.tasks.kinds.gaps.gaps import clean, cut, definitions, fill, gap_names
from proofgrid.tasks.kinds.gaps.task import a_premise_fills
from proofgrid.tasks.making.proof_sources import pair
from proofgrid.tasks.registry import get_task
from proofgrid.tasks.suites import load_suite

GF, GF_C = get_task("pl1_gf"), get_task("pl1_gf_c")

SHOWN = {
    "premises": ["(A & B)", "(B ==> C)"],
    "goal": "(C & A)",
    "proof": "{\n  GAP-3;\n  c := mp on premise-2, b;\n  GAP-39;\n  both on c, a\n}",
}
REFERENCE = {"GAP-3": "b := right-and on premise-1", "GAP-39": "a := left-and on premise-1"}
SMALL = Item("gf-small", "pl1_gf", 1, 0, SHOWN, {"gaps": REFERENCE}, {})


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Base items of all levels."""
    return list(GF.generate(48, 3))


@pytest.fixture(scope="module")
def long_item() -> Item:
    """A challenge item."""
    return next(iter(GF_C.generate(1, 1, 1)))


def test_every_item_verifies_and_its_reference_scores_one(items: list[Item], long_item: Item) -> None:
    """Filled with what was cut out, every proof is strictly correct and scores 1.0."""
    for task, problem in [*((GF, p) for p in items), (GF_C, long_item)]:
        assert verify(problem)
        score = task.score(problem, task.reference_answer(problem))
        assert (score.outcome, score.points, score.strict) == ("correct", 1.0, True)


def test_no_premise_claimed_in_every_gap_is_an_answer(items: list[Item]) -> None:
    """Where a premise fills all gaps no proof is cut so, and no item of the suites is one."""
    a_premise = "{\n  GAP-1;\n  left-and on a\n}"
    assert a_premise_fills(["C", "(A & B)"], "A", a_premise.replace("left-and on a", "left-and on premise-2"))
    assert not a_premise_fills(["C", "(A & B)"], "A", a_premise)
    for item in [
        *items,
        *load_suite("v1", ["pl1_gf"]),
        *load_suite("v1-b", ["pl1_gf"]),
        *load_suite("v1-c", ["pl1_gf"]),
    ]:
        assert not a_premise_fills(item.shown["premises"], item.shown["goal"], item.shown["proof"]), item.id


def test_empty_and_unreadable_answers_score_zero(items: list[Item]) -> None:
    """No answer is empty, prose is unparsable; neither scores."""
    assert GF.score(items[0], " ").outcome == "empty"
    score = GF.score(items[0], "I cannot do this.")
    assert (score.outcome, score.points) == ("unparsable", 0.0)


def test_any_filling_that_works_counts() -> None:
    """Other names, more steps, subproofs and remarks are right as long as the checker accepts the whole."""
    answer = """GAP-3:
    # first the right half
    assume D { claim on premise-1 };
    b := B BY right-and on (A & B);

GAP-39:
    spare := claim on c;
    a := { left-and on premise-1 } # done;
"""
    score = GF.score(SMALL, answer)
    assert score.points == 1.0
    assert score.strict


def test_a_gap_left_open_does_not_swallow_another() -> None:
    """With GAP-39 open, GAP-3 is filled and counts by itself; the whole is wrong and says what is missing."""
    score = GF.score(SMALL, "GAP-3:\nb := right-and on premise-1")
    assert score.outcome == "incorrect"
    assert score.parts["gaps"] == 0.5
    assert score.feedback is not None
    assert "GAP-39" in score.feedback
    assert fill(SHOWN["proof"], {"GAP-3": "x"}).count("GAP-39") == 1


def test_each_gap_counts_where_the_rest_is_wrong() -> None:
    """A wrong filling costs its own gap only."""
    score = GF.score(SMALL, "GAP-3:\nb := left-and on premise-1\nGAP-39:\na := A BY left-and on (A & B)")
    assert (score.points, score.parts["gaps"]) == (0.0, 0.5)


def test_names_from_another_gap_do_not_spoil_a_gap() -> None:
    """A gap that uses a name of another gap is judged by the formula that the name stands for."""
    answer = "GAP-3:\nb := B BY right-and on premise-1;\nab := (A & B) BY claim on premise-1;\nmp on b, b\n"
    answer += "GAP-39:\na := left-and on ab"
    assert GF.score(SMALL, answer).parts["gaps"] == 0.5
    false_name = answer.replace("ab := (A & B) BY claim on premise-1", "ab := (A & C) BY claim on premise-1")
    assert GF.score(SMALL, false_name).parts["gaps"] == 0.0


@pytest.mark.parametrize(
    "steps",
    [
        *(
            "} claim on A {",
            "claim on A }",
            "{ claim on A",
            "(A",
            "",
            "  # only a remark",
            ";",
            "GAP-39",
            "claim on GAP-3",
        ),
        *("claim on A ｝； ｛ claim on A", "claim on A ｝", "G\u200bAP-3", "\u200b"),
    ],
)
def test_a_filling_is_a_sequence_of_whole_steps(steps: str) -> None:
    """What closes a bracket it did not open, leaves one open, is empty or holds a gap cannot stand in a gap."""
    assert clean(steps) is None
    assert fill("{ GAP-3; claim on A }", {"GAP-3": steps}) == "{ GAP-3; claim on A }"


def test_a_filling_cannot_close_the_block_around_it() -> None:
    """An answer that would rewrite the skeleton around a gap scores 0 although the text it makes is a proof."""
    shown = {"premises": ["A"], "goal": "(B ==> A)", "proof": "assume B {\n  GAP-1;\n  claim on B\n}"}
    problem = Item("x", "pl1_gf", 1, 0, shown, {"gaps": {"GAP-1": "claim on B"}}, {})
    escape = "claim on premise-1 }; assume B { claim on premise-1"
    assert GF.score(problem, f"GAP-1:\n{escape}").points == 0.0
    shown = {"premises": ["A"], "goal": "(B ==> A)", "proof": "{\n  GAP-1;\n  claim on A\n}"}
    problem = Item("x", "pl1_gf", 1, 0, shown, {"gaps": {"GAP-1": "claim on A"}}, {})
    for opened in ("assume B", "claim on A; assume B", "h := ASSUME k := B", "assume B; claim on A"):
        assert GF.score(problem, f"GAP-1:\n{opened}").points == 0.0, opened


def test_a_remark_does_not_swallow_the_separator() -> None:
    """A remark at the end of a filling leaves the semicolon after the gap in force."""
    assert fill("{ GAP-1; claim on A }", {"GAP-1": "claim on B; # why not"}) == "{ claim on B; claim on A }"


@pytest.mark.parametrize("steps", ["Q := R; # x } )", "b := right-and on premise-1; # so\n# or so"])
def test_a_remark_after_the_last_semicolon_is_no_slip(steps: str) -> None:
    """Steps that end in a semicolon and a remark are strict as they stand."""
    assert read_steps(steps).kinds == ()


def test_gaps_in_remarks_are_no_gaps() -> None:
    """A gap's name in a remark is not filled and not asked for."""
    proof = "{ # GAP-2 was here\n GAP-1 }"
    assert gap_names(proof) == ["GAP-1"]
    assert fill(proof, {"GAP-1": "claim on A", "GAP-2": "claim on B"}) == "{ # GAP-2 was here\n claim on A }"


def test_names_that_a_filling_announces() -> None:
    """Labels of announced steps are found with their formulas; others are not."""
    steps = "x := (A & B) BY both on A, B; y := mp on x, x; z := assume C { w := B BY right-and on x }"
    assert definitions(steps) == {"x": "(A & B)", "w": "B"}
    assert definitions("} broken") == {}


def test_cutting_keeps_to_its_bounds() -> None:
    """Gaps hide whole steps within the wanted share and number, and filling them restores the proof exactly."""
    proof = "{\n" + ";\n".join(f"  s{i} := ({'A'} & B) BY both on A, B" for i in range(40)) + "\n}"
    made = 0
    for seed in range(30):
        rng = Random(seed)
        result = cut(proof, (0.2, 0.6), (2, 8), rng, shuffled=seed % 2 == 0)
        if result is None:
            continue
        skeleton, hidden = result
        made += 1
        assert 2 <= len(hidden) <= 8
        assert 0.2 <= sum(map(len, hidden.values())) / len(proof) <= 0.6
        assert fill(skeleton, hidden) == proof
        assert sorted(gap_names(skeleton)) == sorted(hidden)
    assert made >= 15


def test_the_prompt_is_complete(items: list[Item]) -> None:
    """The skeleton, every rule and the gaps' names are in the prompt; what was cut out is not."""
    problem = items[-1]
    text = GF.prompt(problem.shown)
    assert problem.shown["proof"] in text
    assert all(rule.english in text for rule in RULES.values())
    assert all(name in text for name in problem.reference["gaps"])
    longest = max(problem.reference["gaps"].values(), key=len)
    assert longest not in text


def test_answers_in_json_count(items: list[Item]) -> None:
    """The same fillings in JSON are read and score the same."""
    problem = items[4]
    text = json.dumps({"gaps": dict(problem.reference["gaps"])})
    score = GF.score(problem, text)
    assert score.points == 1.0
    assert "json_sections" in score.repairs


def test_the_builtin_model_fills_gaps(items: list[Item], long_item: Item) -> None:
    """It solves most items at full budget, fewer at a small one, none with nothing, and sees only what is shown."""

    def total(budget: int) -> float:
        return sum(GF.score(p, GF.attempt(p.shown, budget)).points for p in items) / len(items)

    assert total(0) <= 0.05 < total(30) < total(20_000)
    assert total(20_000) >= 0.8
    stripped = Item(long_item.id, "pl1_gf_c", 1, 1, long_item.shown, {"gaps": {}}, {})
    assert GF_C.attempt(stripped.shown, 2_000) == GF_C.attempt(long_item.shown, 2_000)


def test_challenge_items_have_the_published_shape(long_item: Item) -> None:
    """17 to 120 gaps hide 50 to 60 of 100 characters of a long proof; their numbers have holes and no order."""
    names = gap_names(long_item.shown["proof"])
    numbers = [int(name[4:]) for name in names]
    assert 17 <= len(names) <= 120
    assert numbers != sorted(numbers)
    assert max(numbers) > len(numbers)
    assert 0.5 <= long_item.difficulty["hidden"] <= 0.6
    whole = fill(long_item.shown["proof"], long_item.reference["gaps"])
    assert 230 <= whole.count("\n") + 1 <= 950
    assert check(pair(long_item.shown), whole, mode="strict").correct


def test_answer_text_round_trips(items: list[Item]) -> None:
    """The answer's format is read back without a repair and without loss."""
    for problem in items[:12]:
        reading = GF.read(problem.shown, answer_text(problem.reference["gaps"]))
        assert reading.repairs == ()
        assert {k: clean(v) for k, v in (reading.value or {}).items()} == {
            k: clean(v) for k, v in problem.reference["gaps"].items()
        }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("b := right-and on premise-1 /*", "*/ (C & A) BY claim on false"),
        ("b := right-and on premise-1; {", "a := left-and on premise-1 }"),
        ("b := right-and on premise-1 // the rest", "a := left-and on premise-1; (C & A) BY claim on (C & A"),
        ("b := right-and on premise-1 ```", "``` a := left-and on premise-1 }"),
        ("QED.", "a := left-and on premise-1"),
        ("}", "{ a := left-and on premise-1"),
    ],
)
def test_a_filling_reaches_no_further_than_its_gap(first: str, second: str) -> None:
    """What one filling opens and another closes (a remark, block, fence) never hides the proof between them."""
    score = GF.score(SMALL, answer_text({"GAP-3": first, "GAP-39": second}))
    filled = fill(SHOWN["proof"], {"GAP-3": first, "GAP-39": second})
    assert "c := mp on premise-2, b;" in filled
    assert "both on c, a" in filled
    if score.points:
        assert check(pair(SHOWN), filled).correct
    for steps in (first, second):
        alone = clean(steps)
        assert alone is None or not set("/*`#") & set(alone)


def test_a_gap_takes_the_parentheses_of_its_last_argument() -> None:
    """A step whose last argument is a subproof in parentheses is cut out whole."""
    proof = "{\n  a := A BY claim on premise-1;\n  B BY cases on premise-2, (assume A { B BY mp on premise-3, A }), "
    proof += "(assume C {\n    B BY mp on premise-4, C\n  })\n}"
    for seed in range(20):
        made = cut(proof, (0.3, 0.95), (1, 1), Random(seed))
        if made is not None:
            skeleton, hidden = made
            assert skeleton.count("(") == skeleton.count(")")
            assert fill(skeleton, hidden) == proof
