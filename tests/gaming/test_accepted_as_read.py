"""Every accepted answer of the corpora, with the recorded fixes put into its text, is right without any help.

The strict checker must accept the text as it was read; where structural fixes remain, which stay as they were written,
the second judge must find every step right with those fixes alone, each at its own step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from proofgrid.checker import as_read, check, parse_formula
from proofgrid.tasks import Item, get_task
from tests.gaming.judge import wrong_steps
from tests.shared_data import ANSWERS, PUBLISHED_CHECKING
from tests.tasks.test_dressed_answers import ANSWERS as DRESSED
from tests.tasks.test_dressed_answers import ITEMS

LANGUAGE = {"pl1_pw": "ndl", "pl2_pw": "ndl", "pl3_pw": "macro", "pl4_pw": "hilbert", "pl4_pw_c": "hilbert"}


def faults(premises: list[str], goal: str, proof: str, language: str) -> tuple[bool, str | None]:
    """Whether instrumented mode accepts a proof, and what is wrong with the text as it was read."""
    problem = (tuple(map(parse_formula, premises)), parse_formula(goal))
    verdict = check(problem, proof, language=language)
    if not verdict.correct:
        return False, None
    said = as_read(problem, proof, language)
    structural = {fix.step for fix in verdict.fixes if fix.class_ == "structural" and fix.step is not None}
    if not structural or language == "hilbert":
        strict = check(problem, said, language=language, mode="strict")
        return True, None if strict.correct else f"strictly wrong: {strict.failure}"
    allowed = {
        step: frozenset(fix.kind for fix in verdict.fixes if fix.step == step and fix.class_ == "structural")
        for step in structural
    }
    texts = [str(formula) for formula in problem[0]]
    return True, wrong_steps(texts, str(problem[1]), said, allowed, macro=language == "macro")


def of_answers(pairs: Iterator[tuple[Item, str]]) -> tuple[int, list[str]]:
    """How many answers were accepted, and what is wrong with them."""
    accepted, wrong = 0, []
    for item, text in pairs:
        reading = get_task(item.task).read(item.shown, text)
        if isinstance(reading.value, str):
            shown = item.shown
            held, fault = faults(list(shown["premises"]), shown["goal"], reading.value, LANGUAGE[item.task])
            accepted += held
            wrong += [f"{item.id}: {fault}\n{reading.value}"] if fault else []
    return accepted, wrong


def test_dressed_answers_are_right_as_read() -> None:
    """Of the table of answers in other clothes, 100 or more proofs are accepted, and each is right as it was read."""
    rows = ((ITEMS[row["item"]], row["text"]) for row in DRESSED if row["item"] in LANGUAGE)
    accepted, wrong = of_answers(rows)
    assert wrong == []
    assert accepted >= 100


@pytest.mark.shared
def test_real_answers_are_right_as_read() -> None:
    """So is each accepted proof of the answers that a language model wrote."""
    rows = [json.loads(line) for line in ANSWERS.read_text("utf-8").splitlines()]
    accepted, wrong = of_answers((Item(**row["problem"]), row["text"]) for row in rows if row["task"] in LANGUAGE)
    assert wrong == []
    assert accepted >= 80


@pytest.mark.shared
def test_published_proofs_are_right_as_read() -> None:
    """So is each published proof that profile surface accepts."""
    accepted, wrong = 0, []
    for path in PUBLISHED_CHECKING:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            *premises, goal = [part.strip() for part in row["problem"].split("#")]
            held, fault = faults(premises, goal, row["proof"], "ndl")
            accepted += held
            wrong += [f"{row.get('index')}: {fault}"] if fault else []
    assert wrong == []
    assert accepted >= 20
