"""The simulated student: seeded, better with more skill, wrong in the ways that models are."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofgrid import check, load_suite
from proofgrid.checker.formulas import Formula, atom, conj, disj, implies, neg
from proofgrid.errors import ModelSpecError
from proofgrid.models.builtin_misconceptions import MISCONCEPTIONS, applications, believed
from proofgrid.models.builtin_slips import SLIPS, slipped
from proofgrid.models.builtin_student import Student
from proofgrid.models.spec import ModelEntry, resolve
from proofgrid.tasks import TASK_IDS, Score, get_task
from proofgrid.tasks.questions.inference import Asked

_LETTERS = st.sampled_from([atom(name) for name in "ABC"])
FORMULAS = st.recursive(
    _LETTERS,
    lambda inner: st.one_of(
        st.builds(neg, inner),
        st.builds(conj, inner, inner),
        st.builds(disj, inner, inner),
        st.builds(implies, inner, inner),
    ),
    max_leaves=5,
)


def scores(task: str, count: int, *, skill: float, slips: float) -> list[Score]:
    """What a student's answers to the first items of a task score."""
    student = Student(skill=skill, slips=slips, seed=0)
    items = load_suite("v1", [task])[:count]
    return [get_task(task).score(item, student.answer(task, item.shown, 0)) for item in items]


def test_a_question_has_one_answer_and_samples_differ() -> None:
    """The answer follows from question, options and sample; another sample or seed may answer otherwise."""
    items = load_suite("v1", ["pl1_pw"])[:8]

    def answers(seed: int, sample: int) -> list[str]:
        return [Student(skill=0.5, slips=0.2, seed=seed).answer("pl1_pw", i.shown, sample) for i in items]

    assert answers(0, 0) == answers(0, 0)
    assert len({tuple(answers(seed, sample)) for seed in (0, 1) for sample in (0, 1)}) == 4


@pytest.mark.parametrize("task", ["pl1_pw", "pl3_pw", "pl1_pc", "eq_gf"])
def test_more_skill_solves_more(task: str) -> None:
    """On the demo's tasks a farsighted student solves clearly more than a shortsighted one."""
    weak, strong = (
        sum(s.points for s in scores(task, 24, skill=skill, slips=slips))
        for skill, slips in ((0.05, 0.1), (0.95, 0.01))
    )
    assert strong >= weak + 4


def test_failures_are_of_the_kinds_that_models_show() -> None:
    """Wrong steps of several kinds, slips and fallacies, fallacies with a countermodel, and fixes of many kinds."""
    found = scores("pl1_pw", 40, skill=0.4, slips=0.15) + scores("pl3_pw", 20, skill=0.4, slips=0.15)
    verdicts = [s.verdict for s in found if s.verdict is not None]
    failures = [v["failure"] for v in verdicts if v["failure"] is not None]
    kinds = Counter(f["kind"] for f in failures)
    assert len(kinds) >= 4
    assert kinds["wrongTopConclusion"] < len(failures) / 3
    assert {"slip", "fallacy"} <= {f["diagnosis"] for f in failures}
    assert any(f["countermodel"] for f in failures if f["diagnosis"] == "fallacy")
    assert len({fix["kind"] for v in verdicts for fix in v["fixes"]}) >= 6
    assert any(s.outcome == "correct" and not s.strict for s in found)


def test_without_slips_what_is_found_is_strictly_right() -> None:
    """Slips come from ``slips`` alone: without them no proof needs a fix."""
    found = [s for s in scores("pl1_pw", 30, skill=1.0, slips=0.0) if s.outcome == "correct"]
    assert len(found) >= 20
    assert all(s.strict for s in found)


@pytest.mark.parametrize("task", TASK_IDS)
def test_every_task_gets_an_answer_that_can_be_read(task: str) -> None:
    """Also a careless student answers every task in the format that is asked for."""
    for score in scores(task, 2, skill=0.3, slips=0.3):
        assert score.outcome in ("correct", "incorrect", "empty")


@given(st.lists(FORMULAS, min_size=1, max_size=4))
def test_misconceptions_are_wrong_and_believed(held: list[Formula]) -> None:
    """What a misconception concludes, the rule does not give; and who holds it calls the very same inference valid."""
    for name in MISCONCEPTIONS:
        for one in applications([name], held):
            asked = Asked("rule", one.rule, one.arguments, one.announced)
            if name != "converse_cited":  # there the rule is right, and its first argument does not hold
                assert not asked.valid()
                assert believed([name], asked)
                assert not believed([], asked)


def test_converses_are_believed_where_they_are_missing() -> None:
    """A student who cites converses calls one valid that is said to follow from its conditional."""
    p, q = atom("A"), atom("B")
    asked = Asked("follows", "mp", (implies(p, q), q), implies(q, p), all_that_holds=True)
    assert believed(["converse_cited"], asked)
    assert not believed(["negation_pushed_in"], asked)


PROOF = """{
  h1 := (A & B) BY claim on premise-1;
  A BY left-and on h1;
  assume h := (~ (C | (~ A))) {
    ((~ C) & (~ (~ A))) BY dm on h;
    (A | C) BY left-either on A, C
  };
  ((~ A) | (~ (~ B))) BY cond-def on premise-2;
  (B & A) BY both on B, A
}"""


@pytest.mark.parametrize("name", SLIPS)
def test_each_slip_is_one_that_the_checker_knows(name: str) -> None:
    """Every slip alone makes a strict proof one that is read through, with a fix, at some step."""
    problem = "(A & B) # (A ==> (~ (~ B))) # B # (B & A)"
    assert check(problem, PROOF, mode="strict").correct
    read = [check(problem, slipped(PROOF, "ndl", 0.15, Random(seed), {name: SLIPS[name]})) for seed in range(60)]
    assert any(v.correct and not v.strict and any(fix.kind != "prose" for fix in v.fixes) for v in read)


def test_options_are_read_and_refused() -> None:
    """Options are numbers in their range; another name or value is one sentence."""
    config = resolve(ModelEntry(spec="builtin/student?skill=0.7&slips=0.1&seed=3"))
    assert config.serve == {"skill": "0.7", "slips": "0.1", "seed": "3"}
    for spec, said in (
        ("builtin/student?skill=2", "skill must be a number from 0 to 1"),
        ("builtin/student?slips=nan", "slips must be a number from 0 to 1"),
        ("builtin/student?seed=1.5", "seed must be a whole number"),
        ("builtin/student?budget=5", "options are skill, slips, seed"),
    ):
        with pytest.raises(ModelSpecError, match=said):
            resolve(ModelEntry(spec=spec))
