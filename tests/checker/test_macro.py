"""The macro language: entailment steps, their limits, scope, and the bound on what a step may weigh."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import Verdict, check, parse_formula
from proofgrid.checker.macro.check import check_macro
from tests.checker.judges import random_formula, random_macro_proof, refutes, table_entails


def macro(problem: str, proof: str, **options: object) -> Verdict:
    """The verdict on a macro proof."""
    return check(problem, proof, language="macro", **options)  # type: ignore[arg-type]


def test_the_worked_example_is_strictly_correct() -> None:
    """Two large steps and a name."""
    problem = "(A | B) # (A ==> C) # (B ==> D) # (C ==> E) # (D ==> E) # E"
    proof = "{ x := (C | D) from (A | B), (A ==> C), (B ==> D);\n E from x, (C ==> E), (D ==> E) }"
    for mode in ("strict", "instrumented"):
        verdict = macro(problem, proof, mode=mode)
        assert verdict.correct, verdict.failure
        assert verdict.strict
        assert (verdict.steps, verdict.conclusion, verdict.language) == (2, "E", "macro")
    assert macro("A # (A ==> B) # (C ==> B)", "assume C { B from premise-1, premise-2 }").strict
    assert macro("(A ==> B) # (~ B) # (~ A)", "(~ A) from (A ==> B), (~ B)").strict


def test_a_step_that_does_not_follow_has_a_counterexample_of_all_its_atoms() -> None:
    """Also those of justifiers that matter to nothing; it is re-checked by truth values."""
    problem = "(A ==> B) # (A | D) # (E & F) # (B & E)"
    failure = macro(problem, "(B & E) from (A ==> B), (A | D), (E & F)").failure
    assert failure is not None
    assert (failure.kind, failure.class_, failure.step, failure.line) == ("doesNotFollow", "logic", 1, 1)
    given = [parse_formula(text) for text in ("(A ==> B)", "(A | D)", "(E & F)")]
    assert failure.countermodel is not None
    assert refutes(dict(failure.countermodel), given, parse_formula("(B & E)"))
    assert failure.inference is not None
    assert failure.inference.from_ == ("(A ==> B)", "(A | D)", "(E & F)")
    assert failure.diagnosis == "fallacy"
    slip = macro("A # (A ==> B) # B", "B from (A ==> B)").failure
    assert slip is not None
    assert slip.diagnosis == "slip"
    assert slip.countermodel == {"A": False, "B": False}


@pytest.mark.parametrize(
    ("proof", "kind", "class_"),
    [
        ("B from A, (A ==> B), C, A, C, A", "tooManyJustifiers", "type"),
        ("B from A, (A ==> B), D", "notInAB", "logic"),
        ("B from A, X7", "notInAB", "logic"),
        ("B from A, h1", "undefinedName", "syntax"),
        ("{ assume D { (B & D) from A, (A ==> B), D }; B from D, A }", "notInAB", "logic"),
        ("{ { x := B from A, (A ==> B); (B & C) from x, C }; C from x }", "undefinedName", "syntax"),
        ("{ { B from A, (A ==> B); (B & C) from B, C }; (B | D) from B }", "notInAB", "logic"),
        ("C from A, C", "wrongTopConclusion", "logic"),
        ("B from", "Parsing", "syntax"),
        ("B from A (A ==> B", "Parsing", "syntax"),
        ("GAP-1", "unfilled", "syntax"),
    ],
)
def test_what_is_wrong_has_its_kind_and_class(proof: str, kind: str, class_: str) -> None:
    """Justifiers, names and scope are NDL's; a sixth justifier is a type error."""
    failure = macro("A # (A ==> B) # C # B", proof).failure
    assert failure is not None
    assert (failure.kind, failure.class_) == (kind, class_)
    assert failure.message


def test_too_many_justifiers_says_how_many() -> None:
    """The sentence names the limit and the number given."""
    failure = macro("A # (A ==> B) # C # B", "B from A, (A ==> B), C, A, C, A").failure
    assert failure is not None
    assert "5" in failure.message
    assert "6" in failure.message


def test_names_shadow_and_end_with_their_block() -> None:
    """An inner name hides the outer one; a hypothesis holds in its body only."""
    problem = "A # (A ==> B) # (C ==> (B & C))"
    proof = "{ x := A; assume x := C { (B & C) from A, (A ==> B), x } }"
    assert macro(problem, proof).correct
    assert not macro("A # C # C", "{ assume C { C from C }; C from C }").failure
    assert macro("A # (C ==> C)", "{ assume C { C from C }; (C ==> C) from (C ==> C) }").correct


# ---- what a step may weigh (the weights themselves: test_macro_weights.py)


def joined(names: list[str], sign: str = " & ") -> str:
    """A conjunction (or whatever ``sign`` makes) of atoms, as text."""
    return f"({sign.join(names)})" if len(names) > 1 else names[0]


def braced(steps: list[str]) -> str:
    """A block."""
    return "{\n" + ";\n".join(steps) + "\n}"


P = [f"P{n}" for n in range(25)]
GROUPS = [P[n : n + 5] for n in range(0, 25, 5)]
GOAL = joined([P[0], P[7], P[13], P[24]])
MANY = " # ".join([*P, GOAL])


def test_five_conjunctions_of_five_and_then_the_goal_is_caught() -> None:
    """The first step that merges five weighs five as a justifier: with another one it is too much."""
    merged = [f"{joined(g)} from {', '.join(g)}" for g in GROUPS]
    verdict = macro(MANY, braced([*merged, f"{GOAL} from {', '.join(map(joined, GROUPS))}"]))
    failure = verdict.failure
    assert failure is not None
    assert (failure.kind, failure.class_, failure.step, failure.line) == ("aggregation", "logic", 6, 7)
    assert "weigh 25 together, and at most 5" in failure.message
    assert "(P0 & (P1 & (P2 & (P3 & P4)))) weighs 5" in failure.message
    assert failure.diagnosis == "slip"


def test_a_conclusion_that_is_too_heavy_says_what_weighs_what() -> None:
    """Its weight is that of its negation."""
    failure = macro("A # B # C # D # (A | Y | Z)", "{ (A | Z) from A, B, C, D; (A | X | Z) from A, B, C, D }").failure
    assert failure is not None
    assert (failure.kind, failure.step) == ("aggregation", 2)
    assert failure.message == (
        "the step weighs 7, and at most 6 is allowed: A weighs 1, B weighs 1, C weighs 1, D weighs 1, "
        "and the conclusion (A | (X | Z)), denied, weighs 3"
    )


def implied(premises: list[str], goal: str) -> str:
    """(p ==> (q ==> ... goal))."""
    for p in reversed(premises):
        goal = f"({p} ==> {goal})"
    return goal


def given_back(wording: Callable[[list[str], str], str]) -> str:
    """A tautology of all premises and the goal first, then its premises given back four at a time."""
    rest = list(P)
    steps, k = [f"c0 := {wording(P, GOAL)} from P0"], 0
    while rest:
        now, rest = rest[:4], rest[4:]
        steps.append(f"c{k + 1} := {wording(rest, GOAL) if rest else GOAL} from c{k}, {', '.join(now)}")
        k += 1
    return braced(steps)


def guarded(guard: str) -> str:
    """Five premises at a time merged behind a guard, and the goal from all five."""
    steps = [f"c{n} := ({guard} ==> {joined(g)}) from {', '.join(g)}" for n, g in enumerate(GROUPS)]
    return braced([*steps, f"d := (({guard} ==> {joined(P)}) from c0, c1, c2, c3, c4)", f"{GOAL} from d, {guard}"])


DISGUISES = {
    "goal from everything by a tautology": given_back(implied),
    "the same as a clause": given_back(lambda ps, goal: f"({' | '.join(f'(~ {p})' for p in ps)} | {goal})"),
    "the same with a conjunction": given_back(lambda ps, goal: f"({joined(ps)} ==> {goal})"),
    "the same, denied": given_back(lambda ps, goal: f"(~ ({' & '.join(ps)} & (~ {goal})))"),
    "behind a premise": guarded("P3").replace("d := ((", "d := (").replace("c4)", "c4"),
    "behind the denied goal": guarded(f"(~ {GOAL})").replace("d := ((", "d := (").replace("c4)", "c4"),
    "weakened by the goal": braced(
        [
            *(f"({GOAL} | {joined(g)}) from {', '.join(g)}" for g in GROUPS),
            f"{GOAL} from " + ", ".join(f"({GOAL} | {joined(g)})" for g in GROUPS),
        ]
    ),
    "as a hypothesis": braced(
        [f"assume h := {joined(P)} {{ {GOAL} from h }}", f"{GOAL} from ({joined(P)} ==> {GOAL})"]
    ),
    "a definition assumed": braced(
        [
            *(f"assume d{n} := (X{n} <==> {joined(g)}) {{ X{n} from d{n}, {g[0]}" for n, g in enumerate(GROUPS)),
            f"{GOAL} from X0, X1, X2, X3, X4" + " }" * 5,
        ]
    ),
    "one heavy justifier in another's argument": f"{GOAL} from ({joined(P[:5])} from {', '.join(P[:5])}), P7, P13, P24",
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_disguise_proves_a_goal_without_a_search(disguise: str) -> None:
    """Premises merged under a guard, in a conclusion, as a hypothesis or a definition weigh what they say."""
    failure = macro(MANY, DISGUISES[disguise]).failure
    assert failure is not None
    assert failure.kind == "aggregation", failure


def test_weights_are_looked_at_after_what_must_hold_and_before_the_consequence() -> None:
    """A heavy step that does not follow is too heavy; one whose justifier does not hold is that."""
    for premises, proof, kind in (
        ("A", "B from (C & D & E), (C & D & E)", "notInAB"),
        ("A # A1 # B # C # D", "{ (A & A1 & B & C & D & E) from A, A1, B, C, D; F from A }", "doesNotFollow"),
        ("A # A1 # B", "{ x := (A & A1 & B) from A, A1, B; F from x, x }", "aggregation"),
    ):
        failure = macro(f"{premises} # F", proof).failure
        assert failure is not None
        assert failure.kind == kind


def test_honest_steps_keep_the_bound() -> None:
    """Clauses with the goal in them, a cube as hypothesis and conditionals of few premises pass."""
    problem = "(A | B | C) # (A ==> D) # (A ==> ~D) # (B ==> E) # (E ==> G) # (C ==> F & G) # (F | H) # G"
    proof = """{
      (B | C) from (A | B | C), (A ==> D), (A ==> ~D);
      (B ==> G) from (B ==> E), (E ==> G);
      (C | G) from (B | C), (B ==> G);
      assume (A & B & ~C & D) { G from (B ==> G), (A & B & ~C & D) };
      ((~ G) ==> F) from (C | G), (C ==> F & G);
      G from (C | G), (C ==> F & G), (B ==> G), (A & B & ~C & D ==> G), (~ G ==> F)
    }"""
    verdict = macro(problem, proof)
    assert verdict.correct, verdict.failure
    assert verdict.strict


def test_to_derive_what_several_premises_wait_for_is_no_disguise() -> None:
    """That (B & C) is false implies ((B & C) ==> X), but a step to (B & C) rests on its justifiers alone."""
    waiting = "((B & C) ==> X) # ((B & C) ==> Y) # (X & Y)"
    rest = "X from (B & C), ((B & C) ==> X); Y from (B & C), ((B & C) ==> Y); (X & Y) from X, Y }"
    for premises, step in (
        ("A1 # A2 # (A1 ==> B) # (A2 ==> C)", "(B & C) from A1, A2, (A1 ==> B), (A2 ==> C)"),
        (
            "A # (A ==> D) # (D ==> E) # (E ==> B) # (B ==> C)",
            "(B & C) from A, (A ==> D), (D ==> E), (E ==> B), (B ==> C)",
        ),
    ):
        verdict = macro(f"{premises} # {waiting}", f"{{ {step}; {rest}")
        assert verdict.correct, verdict.failure
    conditional = (
        "{ (A ==> B & C) from (A ==> D), (D ==> E), (E ==> B), (E ==> C); (B & C) from (A ==> B & C), A; " + rest
    )
    assert macro(f"A # (A ==> D) # (D ==> E) # (E ==> B) # (E ==> C) # {waiting}", conditional).correct


# ---- whole proofs


@pytest.mark.parametrize("seed", range(25))
def test_random_proofs_are_correct_and_every_step_is_true(seed: int) -> None:
    """Accepted strictly; each step's entailment agrees with its truth table."""
    premises, text, goal, inferences = random_macro_proof(random.Random(seed), 15)
    verdict = check_macro(premises, goal, text, mode="strict")
    assert verdict.correct, verdict.failure
    assert verdict.steps == len(inferences)
    for given_, made in inferences:
        assert table_entails(given_, made)


def test_a_changed_step_is_judged_as_its_truth_table_judges_it() -> None:
    """One conclusion replaced: the first failure is that step, with a checked countermodel, or the step still holds."""
    wrong = 0
    for seed in range(80):
        rng = random.Random(500 + seed)
        premises, text, goal, inferences = random_macro_proof(rng, 8, blocks=False)
        n = rng.randrange(len(inferences))
        given_, made = inferences[n]
        other = random_formula(rng, 2, "ABCDEF")
        lines = text.split(";\n")
        assert len(lines) == len(inferences)
        lines[n] = lines[n].replace(f"{made} from", f"{other} from", 1)
        verdict = check_macro(premises, goal, ";\n".join(lines))
        failure = verdict.failure
        if table_entails(given_, other):
            assert failure is None or failure.step != n + 1 or failure.kind == "aggregation"
            continue
        assert failure is not None
        if failure.kind == "aggregation":
            continue
        wrong += 1
        assert (failure.kind, failure.step) == ("doesNotFollow", n + 1)
        assert failure.countermodel is not None
        assert refutes(dict(failure.countermodel), given_, other)
    assert wrong > 20


def test_all_failures_lists_every_wrong_step() -> None:
    """The check goes on with what a failed step advertises."""
    verdict = macro("A # B", "{ C from A; (C & D) from C; B from D }", all_failures=True)
    assert [(f.kind, f.step) for f in verdict.failures] == [
        ("doesNotFollow", 1),
        ("doesNotFollow", 2),
        ("notInAB", 3),
    ]


@given(st.text(alphabet="ABCDfromassume x:=&|~()=><{};,#\n1", max_size=60))
@settings(derandomize=True, max_examples=250, deadline=None)
def test_any_text_gets_a_verdict(text: str) -> None:
    """Near-proofs and noise: a verdict, never an exception."""
    for mode in ("strict", "instrumented"):
        for body in (text, "B from A, (A ==> B); " + text):
            verdict = macro("A # (A ==> B) # B", body, mode=mode)
            assert verdict.correct == (verdict.failure is None)


SCRIPT = """
import json, random
from proofgrid.checker import check, parse_problem
from proofgrid.checker.equational import find_certificate, parse_equational_problem
from proofgrid.checker.hilbert import check_hilbert, format_proof
from tests.checker.judges import random_hilbert_proof, spoiled, random_equations, random_term
out = []
merged = "{(P0 & P1 & P2) from P0, P1, P2; (P3 & P4 & P5) from P3, P4, P5; P0 from (P0 & P1 & P2), (P3 & P4 & P5)}"
out.append(check("P0 # P1 # P2 # P3 # P4 # P5 # P0", merged, language="macro").to_json())
out.append(check("(A | B | C) # (D | ~E) # D", "D from (A | B | C), (D | ~E)", language="macro").to_json())
chain = "s = g(g(a,b),f(a))\\n= g(g(b,b),f(b)) by E1\\n= g(a,a) by E3"
problem = "E1: a = b # E2: g(X,Y) = g(Y,X) # E3: f(X) = X # E4: a = b # g(g(a,b),f(a)) = g(a,a)"
out.append(check(problem, chain, language="equational", all_failures=True).to_json())
for seed in range(20):
    rng = random.Random(seed)
    premises, lines = random_hilbert_proof(rng, 12)
    lines = spoiled(rng, lines)
    out.append(check_hilbert(premises, lines[-1].formula, format_proof(lines), all_failures=True).to_json())
    found = find_certificate(random_equations(rng, 3), random_term(rng, 3), random_term(rng, 3))
    out.append(found and found.to_json())
print(json.dumps(out))
"""


def test_verdicts_do_not_depend_on_the_hash_seed() -> None:
    """The same bytes under two values of PYTHONHASHSEED: failures, countermodels, possible sets, certificates."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "4242")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 5_000


@pytest.mark.parametrize("mode", ["strict", "instrumented"])
def test_rules_of_ndl_are_no_rules_here(mode: str) -> None:
    """The macro language has one rule: with NDL's both, premises could be merged without the aggregation rule."""
    verdict = check("A # B # (A & B)", "{ x := both on A, B; (A & B) from x }", mode=mode, language="macro")
    assert not verdict.correct
    assert verdict.failure is not None
    assert (verdict.failure.kind, verdict.failure.class_, verdict.failure.step) == ("undefinedName", "syntax", 1)
    assert "macro language" in verdict.failure.message


def test_advice_speaks_the_macro_language() -> None:
    """No hint proposes a step of NDL's in a macro proof."""
    verdict = check("A # B # (A ==> C) # C", "{ C from (A & B) }", language="macro")
    assert verdict.failure is not None
    assert verdict.failure.missing == "(A & B)"
    assert " on " not in (verdict.failure.hint or "")
