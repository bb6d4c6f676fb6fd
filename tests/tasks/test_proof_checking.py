"""Proof-checking items are right, fair and scored as they say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from proofgrid.checker import check
from proofgrid.checker.formulas import atoms, evaluate
from proofgrid.checker.rules import RULES
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.checking import verify
from proofgrid.tasks.kinds.checking.answers import Expected, locates, read_answer
from proofgrid.tasks.kinds.checking.stated import Answer
from proofgrid.tasks.making.proof_sources import pair
from proofgrid.tasks.registry import get_task

PC, PC_C, PL3 = get_task("pl1_pc"), get_task("pl1_pc_c"), get_task("pl3_pc")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Base items of all levels."""
    return list(PC.generate(150, 11))


@pytest.fixture(scope="module")
def macro_items() -> list[Item]:
    """Macro items of the lower levels."""
    return [p for level in (1, 2, 3) for p in PL3.generate(8, 5, level)]


@pytest.fixture(scope="module")
def long_items() -> list[Item]:
    """Challenge items."""
    return list(PC_C.generate(2, 3, 1))


def test_the_checker_confirms_every_reference(
    items: list[Item], macro_items: list[Item], long_items: list[Item]
) -> None:
    """Both modes of the checker find just the error of the reference, or none."""
    assert all(verify(p, "ndl") for p in (*items, *long_items))
    assert all(verify(p, "macro") for p in macro_items)


def test_reference_answers_score_one(items: list[Item], macro_items: list[Item], long_items: list[Item]) -> None:
    """The reference answer of every item is correct in all its parts."""
    for task, problems in ((PC, items), (PL3, macro_items), (PC_C, long_items)):
        for problem in problems:
            score = task.score(problem, task.reference_answer(problem))
            assert score.outcome == "correct"
            assert score.points == 1.0
            assert set(score.parts.values()) == {1.0}


@pytest.mark.parametrize("name", ["line1", "Line20", "l3", "L12", "lines4"])
def test_a_quoted_step_whose_name_looks_like_a_line_number_is_no_second_line(items: list[Item], name: str) -> None:
    """``line1 := mp on a, b`` is a step of that name, on whatever line it stands."""
    quoted = f"{name} := mp on a, b;"
    text = json.dumps({"correct": False, "errorDetails": {"offendingLineNumber": 7, "offendingLine": quoted}})
    answer = PC.read(items[0].shown, text).value
    assert (answer.lines, answer.text) == ((7,), quoted)


def test_empty_and_unreadable_answers_score_zero(items: list[Item]) -> None:
    """No answer is empty, prose is unparsable, and neither scores."""
    for text, outcome in (("", "empty"), (" \n", "empty"), ("I think it is fine.", "unparsable"), ("{}", "unparsable")):
        score = PC.score(items[0], text)
        assert (score.outcome, score.points) == (outcome, 0.0)


def test_near_half_are_correct_and_chance_is_what_it_says(items: list[Item]) -> None:
    """Between 40 and 60 of 100 proofs are correct; calling each correct scores that share."""
    share = sum(p.reference["correct"] for p in items) / len(items)
    assert 0.4 <= share <= 0.6
    always = sum(PC.score(p, '{"correct": true}').points for p in items) / len(items)
    assert always == share
    assert abs(share - PC.chance) <= 0.1


def test_all_classes_and_many_kinds_of_edit_occur(items: list[Item]) -> None:
    """Errors of every class occur, made by at least eight operators; correct proofs were edited as well."""
    wrong = [p for p in items if not p.reference["correct"]]
    assert {p.reference["error"]["class"] for p in wrong} >= {"type", "logic"}
    assert len({p.reference["edits"][-1] for p in wrong}) >= 8
    assert all(p.reference["edits"] for p in items)


def test_correct_proofs_prove_entailed_goals(items: list[Item]) -> None:
    """The goal of a correct item follows from its premises by a truth table made here."""
    for problem in items:
        premises, goal = pair(problem.shown)
        if problem.reference["correct"]:
            names = atoms(*premises, goal)
            for row in range(2 ** len(names)):
                model = {name: bool(row >> i & 1) for i, name in enumerate(names)}
                assert evaluate(goal, model) or not all(evaluate(p, model) for p in premises)


def _bags(items: list[Item]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    texts = [re.findall(r"[A-Za-z_'][\w'-]*|<?==>|\S", p.shown["proof"]) for p in items]
    words = {w: i for i, w in enumerate(dict.fromkeys(w for t in texts for w in t))}
    counts = np.zeros((len(texts), len(words)))
    for row, text in enumerate(texts):
        for word in text:
            counts[row, words[word]] += 1
    return counts, np.array([bool(p.reference["correct"]) for p in items])


def naive_bayes_accuracy(items: list[Item], folds: int = 10) -> float:
    """Cross-validated accuracy of multinomial naive Bayes on the proofs' tokens."""
    counts, labels = _bags(items)
    fold = np.arange(len(labels)) % folds
    hits = 0
    for held in range(folds):
        train, test = fold != held, fold == held
        scores = []
        for label in (False, True):
            rows = counts[train & (labels == label)]
            smoothed = rows.sum(axis=0) + 1.0
            scores.append(counts[test] @ np.log(smoothed / smoothed.sum()) + np.log(max(len(rows), 1)))
        hits += int(((scores[1] > scores[0]) == labels[test]).sum())
    return hits / len(labels)


def logistic_accuracy(items: list[Item], folds: int = 10) -> float:
    """Cross-validated accuracy of ridge-penalised logistic regression on whether a token occurs."""
    counts, labels = _bags(items)
    x = np.hstack([(counts > 0) * 1.0, np.ones((len(labels), 1))])
    y = labels * 1.0
    fold = np.arange(len(labels)) % folds
    hits = 0
    for held in range(folds):
        train, test = fold != held, fold == held
        weights = np.zeros(x.shape[1])
        for _ in range(150):
            p = 1 / (1 + np.exp(-np.clip(x[train] @ weights, -30, 30)))
            weights -= 0.05 * (x[train].T @ (p - y[train]) / train.sum() * 10 + 0.05 * weights)
        hits += int(((x[test] @ weights > 0) == labels[test]).sum())
    return hits / len(labels)


def test_the_tokens_do_not_give_the_verdict_away(items: list[Item]) -> None:
    """Bag-of-tokens classifiers are right on at most 60 of 100 held-out items."""
    assert naive_bayes_accuracy(items) <= 0.6
    assert logistic_accuracy(items) <= 0.6


def test_the_classifiers_can_tell_what_is_tellable(items: list[Item]) -> None:
    """The same classifiers find a token that does give the verdict away: the test above can fail."""
    marked = [
        Item(p.id, p.task, p.level, p.seed, {**p.shown, "proof": p.shown["proof"] + " tell"}, p.reference, {})
        if p.reference["correct"]
        else p
        for p in items
    ]
    assert logistic_accuracy(marked) >= 0.9


def test_the_builtin_model_is_complete_and_its_budget_matters(items: list[Item]) -> None:
    """With a large budget the builtin model is right on 99 of 100 items, and a small budget is worse."""
    full = [PC.score(p, PC.attempt(p.shown, 20_000)).points for p in items]
    small = [PC.score(p, PC.attempt(p.shown, 5)).points for p in items]
    assert sum(full) >= 0.99 * len(items)
    assert sum(small) < sum(full)
    by_level = [np.mean([s for s, p in zip(small, items, strict=True) if p.level == level]) for level in PC.levels]
    assert by_level[0] > by_level[-1]


def _wrong(items: list[Item], **error: Any) -> Item:
    return next(
        p
        for p in items
        if not p.reference["correct"] and all(p.reference["error"][key] == value for key, value in error.items())
    )


def _answer(**details: Any) -> str:
    return json.dumps({"correct": False, "errorDetails": details})


def test_location_by_number_or_by_text(items: list[Item]) -> None:
    """Any line of the failing step locates it, and so does the quoted line where it stands once; no other does."""
    problem = _wrong(items, **{"class": "type"})
    line = problem.reference["error"]["line"]
    text = problem.shown["proof"].split("\n")[line - 1]
    assert PC.score(problem, _answer(offendingLineNumber=line)).points == 1.0
    assert PC.score(problem, _answer(offendingLineNumber=f"line {line}")).points == 1.0
    assert PC.score(problem, _answer(offendingLineNumber=line + 1)).points == 0.0
    once = problem.shown["proof"].split("\n").count(text) == 1
    assert PC.score(problem, _answer(offendingLine=f"{line}| {text.strip()}")).points == float(once)
    assert PC.score(problem, _answer(offendingLine="no such line")).points == 0.0


def test_a_number_and_a_quotation_are_one_guess() -> None:
    """Where they contradict each other the quotation decides, if it stands once; the right one of two does not do."""
    proof = ("{", "  claim on A;", "  claim on B;", "  claim on A", "}")
    for lines, number, quoted, right in (
        ((3,), 3, "claim on B;", True),
        ((3,), 2, "3| claim on B", True),
        ((2,), 2, "claim on B;", False),
        ((4,), 4, "claim on A", True),
        ((4,), 2, "claim on A", False),
        ((4,), 4, "claim on Z", True),
        ((4,), None, "claim on A", False),
        ((), 0, "", True),
        ((), None, "}", True),
        ((), 0, "claim on B", False),
        ((), None, "claim on B", False),
    ):
        expected = Expected(False, "logic", lines, proof)
        named = () if number is None else (number,)
        assert locates(Answer(False, named, quoted), expected) is right, (lines, number, quoted)


def test_parts_tell_verdict_line_and_class_apart(items: list[Item]) -> None:
    """A right verdict with a wrong place, or with a wrong class, scores in its part only."""
    problem = _wrong(items, **{"class": "type"})
    line = problem.reference["error"]["line"]
    away = PC.score(problem, _answer(offendingLineNumber=10_000, errorType="type"))
    assert away.parts == {"verdict": 1.0, "line": 0.0, "class": 0.0}
    other = PC.score(problem, _answer(offendingLineNumber=line, errorType="logic"))
    assert (other.points, other.parts["class"]) == (1.0, 0.0)
    named = PC.score(problem, _answer(offendingLineNumber=line, errorType="malformedRuleApp"))
    assert named.parts["class"] == 1.0


def test_a_wrong_final_conclusion_has_no_line(items: list[Item]) -> None:
    """Line 0, no line, or the last line locate a wrong final conclusion; another line does not."""
    made = _wrong(items, **{"class": "logic"})
    proof = "{\n  a := A BY left-and on premise-1;\n  (A | C) BY left-either on a, C\n}"
    details = {"offendingLine": "", "offendingLineNumber": 0, "errorType": "logic", "errorDescription": "another goal"}
    error = {"kind": "wrongTopConclusion", "class": "logic", "step": None, "line": 0, "lines": [], "diagnosis": None}
    problem = replace(
        made,
        shown={"premises": ["(A & B)"], "goal": "(C | A)", "proof": proof},
        reference={"correct": False, "errorDetails": details, "error": error, "edits": []},
    )
    lines = problem.shown["proof"].count("\n") + 1
    assert PC.score(problem, _answer(offendingLine="", offendingLineNumber=0)).points == 1.0
    assert PC.score(problem, _answer(offendingLine="")).points == 1.0
    assert PC.score(problem, _answer(offendingLineNumber=lines)).points == 1.0
    assert PC.score(problem, _answer(offendingLineNumber=1)).points == float(lines == 1)


def test_counterexamples_are_verified(macro_items: list[Item]) -> None:
    """A counterexample counts when it refutes the failing step, wherever it stands, and not otherwise."""
    problem = _wrong(macro_items, kind="doesNotFollow")
    line = problem.reference["error"]["line"]
    model = problem.reference["errorDetails"]["counterexample"]
    good = PL3.score(problem, _answer(offendingLineNumber=line, counterexample=model))
    assert good.parts["counterexample"] == 1.0
    prose = "It fails for " + ", ".join(f"{k} = {str(v).lower()}" for k, v in model.items())
    assert PL3.score(problem, _answer(offendingLineNumber=line, errorDescription=prose)).parts["counterexample"] == 1.0
    failure = check(pair(problem.shown), problem.shown["proof"], mode="strict", language="macro").failure
    assert failure is not None
    flipped = {k: not v for k, v in model.items()}
    bad = [PL3.score(problem, _answer(offendingLineNumber=line, counterexample=m)) for m in ({}, {"Z9": True})]
    assert all(s.parts["counterexample"] == 0.0 for s in bad)
    assert PL3.score(problem, _answer(offendingLineNumber=line, counterexample=flipped)).points == 1.0


def test_answers_in_other_shapes() -> None:
    """Details in a list, in snake case or at the top level are read; a verdict that is none is not."""
    nested = read_answer('{"correct": false, "error_details": [{"offending_line_number": "7", "error_type": "Logic"}]}')
    assert nested.value is not None
    assert (nested.value.line, nested.value.class_) == (7, "logic")
    flat = read_answer('{"correct": "no", "offendingLineNumber": 3}')
    assert flat.value is not None
    assert (flat.value.correct, flat.value.line) == (False, 3)
    assert read_answer('{"correct": "perhaps"}').value is None


def test_the_prompt_is_complete(items: list[Item], macro_items: list[Item]) -> None:
    """Every rule, the numbered proof and the answer's keys are in the prompt, which stays short."""
    text = PC.prompt(items[0].shown)
    for rule in RULES.values():
        assert rule.english in text
    for number, line in enumerate(items[0].shown["proof"].split("\n"), 1):
        assert re.search(rf"^\s*{number}\| {re.escape(line)}$", text, re.MULTILINE)
    for key in ("correct", "errorDetails", "offendingLine", "offendingLineNumber", "errorType", "errorDescription"):
        assert f'"{key}"' in text
    macro = PL3.prompt(macro_items[0].shown)
    assert '"counterexample"' in macro
    assert "left-and" not in macro
    assert len(text) - len(items[0].shown["proof"]) < 12_000


def test_challenge_items_have_the_published_shape(long_items: list[Item]) -> None:
    """Challenge proofs have 230 to 950 lines, no remarks and few announced conclusions."""
    for problem in long_items:
        proof = problem.shown["proof"]
        assert 225 <= proof.count("\n") + 1 <= 955
        assert "#" not in proof
        assert proof.count(" BY ") < 0.3 * proof.count(" on ")
