"""What is accepted is right: a second judge, which knows no fix but those recorded, finds every step in order."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.gaming import fillings, lines, search
from bench.gaming.mutants import read, written
from proofgrid.checker import check, parse_formula
from proofgrid.checker.macro.weights import Weights
from proofgrid.tasks.suites import load_suite
from tests.gaming.formulas import follows, parsed, parts_of, show, weight
from tests.gaming.hilbert import wrong_line
from tests.gaming.judge import wrong_steps

SEARCHES: dict[str, Any] = {
    "pl1_pw": lambda items, rng, n: search.search(items, "ndl", rng, n),
    "pl2_pw": lambda items, rng, n: search.search(items, "ndl", rng, n),
    "pl3_pw": lambda items, rng, n: search.search(items, "macro", rng, n),
    "pl1_pm": fillings.search,
    "pl1_gf": fillings.search,
    "pl4_pw": lines.hilbert,
    "eq_er": lines.reconstruction,
}


@pytest.mark.parametrize("task", SEARCHES)
def test_what_is_accepted_near_a_reference_is_right(task: str) -> None:
    """Of mutated references and slips on wrong answers nothing is accepted that the second judge rejects."""
    found = SEARCHES[task](list(load_suite("v1", [task]))[:40], Random(2026), 500)
    assert found.accepted > 5
    assert found.defects == []


@pytest.mark.parametrize("task", ["pl1_pw", "pl2_pw", "pl3_pw"])
def test_the_second_judge_accepts_references_and_rejects_other_goals(task: str) -> None:
    """The judge is not idle: it agrees on references and sees where a proof proves something else."""
    for item in list(load_suite("v1", [task]))[:20]:
        premises, goal, proof = list(item.shown["premises"]), str(item.shown["goal"]), str(item.reference["proof"])
        assert wrong_steps(premises, goal, proof, {}, macro=task == "pl3_pw") is None
        assert wrong_steps(premises, f"(~ {goal})", proof, {}, macro=task == "pl3_pw") is not None
        again = written(read(proof))
        problem = ([parse_formula(p) for p in premises], parse_formula(goal))
        assert check(problem, again, mode="strict", language="macro" if task == "pl3_pw" else "ndl").correct


def test_the_second_judge_of_hilbert_proofs_rejects_what_cites_itself() -> None:
    """Modus ponens may cite earlier lines only, and lines count from nought in order."""
    assert wrong_line(["A", "(A ==> B)"], "B", "0. A, Premise1;\n1. (A ==> B), Premise2;\n2. B, mp, 1, 0;") is None
    assert wrong_line(["A"], "B", "0. B, mp, 0, 0;") is not None
    assert wrong_line(["A"], "(A ==> A)", "0. (A ==> (A ==> A)), Axiom1, p := A, q := A;\n1. (A ==> A), mp, 0, 1;")
    assert wrong_line(["A"], "A", "1. A, Premise1;") is not None


ATOMS = st.sampled_from(["A", "B", "C", "D", "true", "false"])
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(st.just("~"), inner), st.tuples(st.sampled_from(["&", "|", "==>", "<==>"]), inner, inner)
    ),
    max_leaves=10,
)


@given(st.lists(FORMULAS, max_size=3), FORMULAS, FORMULAS, st.data())
@settings(max_examples=150, deadline=None)
def test_weights_are_those_of_a_second_implementation(
    premises: list[Any], goal: Any, formula: Any, data: st.DataObject
) -> None:
    """What a formula weighs, as a justifier and as a conclusion, by the words of the rule alone."""
    parts = parts_of(premises, goal)
    part = data.draw(st.sampled_from(sorted(parts, key=repr)))
    whole = data.draw(st.sampled_from([formula, ("&", formula, part), ("==>", part, formula), ("<==>", part, formula)]))
    weights = Weights([parse_formula(show(p)) for p in premises], parse_formula(show(goal)))
    asked = parse_formula(show(whole))
    assert weights.justifier(asked) == weight(whole, parts)
    assert weights.conclusion(asked) == weight(whole, parts, conclusion=True)


PREMISE_NAMES = [
    ("(B ==> A) # B # A", "{ premise-1 BY mp on premise-1, B; A BY claim on A }"),
    ("(~ (D | A)) # (~ A)", "{ ((~ D) & (~ A)) BY dm on premise-1; premise-1 BY right-and on ((~ D) & (~ A)) }"),
]


@pytest.mark.parametrize(("problem", "proof"), PREMISE_NAMES)
def test_an_announced_premise_is_that_premise(problem: str, proof: str) -> None:
    """A premise's name before BY means the premise: it is no free name that the result could take."""
    verdict = check(problem, proof)
    assert not verdict.correct
    assert verdict.failure is not None
    assert verdict.failure.kind == "conclusionMismatch"


def test_consequence_by_the_second_judge() -> None:
    """The judge's own consequence is that of truth tables."""
    assert follows([parsed("(A ==> B)"), "A"], "B")
    assert not follows([parsed("(A | B)")], "A")
    assert follows([], parsed("(A <==> (~ (~ A)))"))
    assert not follows(["true"], "false")
