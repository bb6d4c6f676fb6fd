"""The macro language: entailment steps, their limits, scope, and the rule against merging premises."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from itertools import combinations, pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import Verdict, check, parse_formula
from proofgrid.checker.aggregation import LIMIT, Aggregation
from proofgrid.checker.formulas import Formula, atom, conj, disj, implies, neg
from proofgrid.checker.ndl.check import check_ndl
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


# ---- merging premises


def joined(names: list[str], sign: str = " & ") -> str:
    """A conjunction (or whatever ``sign`` makes) of atoms, as text."""
    return f"({sign.join(names)})" if len(names) > 1 else names[0]


P = [f"P{n}" for n in range(25)]


def test_five_conjunctions_of_five_and_then_the_goal_is_caught() -> None:
    """SPEC 2's own example; the failing step is the one that uses them, and the message names premises."""
    steps = [f"{joined(P[n : n + 5])} from {', '.join(P[n : n + 5])}" for n in range(0, 25, 5)]
    goal = joined([P[0], P[7], P[13], P[24]])
    proof = ";\n".join([*steps, f"{goal} from {', '.join(joined(P[n : n + 5]) for n in range(0, 25, 5))}"])
    verdict = macro(" # ".join([*P, goal]), "{\n" + proof + "\n}")
    failure = verdict.failure
    assert failure is not None
    assert (failure.kind, failure.class_, failure.step, failure.line) == ("aggregation", "logic", 6, 7)
    assert "P0" in failure.message
    assert not verdict.correct


REWORDINGS = [
    "(P0 & P1 & P2)",
    "(~ (P0 ==> (P1 ==> (~ P2))))",
    "(~ ((~ P0) | (~ P1) | (~ P2)))",
    "(P0 & ((P0 ==> P1) & (P1 ==> P2)))",
    "((P0 & P1 & P2) | (P0 & P1 & P2 & A))",
    "((P0 <==> P1) & (P1 <==> P2) & P1)",
]


@pytest.mark.parametrize("wording", REWORDINGS)
def test_no_rewording_hides_a_conjunction(wording: str) -> None:
    """What is equivalent to the conjunction of three premises counts as three, whatever it looks like."""
    problem = "P0 # P1 # P2 # P3 # P4 # P5 # A # (P0 & P3)"
    proof = f"{{ {wording} from P0, P1, P2; (P3 & P4 & P5) from P3, P4, P5; (P0 & P3) from {wording}, (P3 & P4 & P5) }}"
    failure = macro(problem, proof).failure
    assert failure is not None
    assert (failure.kind, failure.step) == ("aggregation", 3)
    fine = f"{{ {wording} from P0, P1, P2; (P3 & P4) from P3, P4; (P0 & P3) from {wording}, (P3 & P4) }}"
    assert macro(problem, fine).correct


def test_a_conjunction_of_conjunctions_and_one_through_a_vacuous_assume() -> None:
    """Nesting, passing it through an implication from a tautology, or through a block: still the same premises."""
    problem = "P0 # P1 # P2 # P3 # P4 # P5 # P6 # (P0 & P6)"
    first, second = "(P0 & P1 & P2)", "(P3 & P4 & P5)"
    base = f"{first} from P0, P1, P2; {second} from P3, P4, P5"
    whole = "(P0 & P1 & P2 & P3 & P4 & P5)"
    failure = macro(problem, f"{{ {base}; {whole} from {first}, {second}; (P0 & P6) from {whole}, P6 }}").failure
    assert failure is not None
    assert (failure.kind, failure.step) == ("aggregation", 3)
    hidden = f"assume (A | ~A) {{ {first} from P0, P1, P2 }}"
    failure = macro(problem, f"{{ {hidden}; {second} from P3, P4, P5; "
                    f"(P0 & P6) from ((A | ~A) ==> {first}), {second}, P6 }}").failure  # fmt: skip
    assert failure is not None
    assert failure.kind == "aggregation"
    block = f"{{ {{ {first} from P0, P1, P2 }}; {second} from P3, P4, P5; (P0 & P6) from {first}, {second}, P6 }}"
    failure = macro(problem, block).failure
    assert failure is not None
    assert failure.kind == "aggregation"


def test_a_literal_that_implies_many_premises_is_no_aggregate() -> None:
    """Honest steps: a derived literal or falsity never counts, however many premises it is equivalent to."""
    clauses = [f"(X | {a} | {b} | {c})" for a, b, c in product(("Y", "~Y"), ("Z", "~Z"), ("W", "~W"))]
    pairs = [f"(X | {a} | {b})" for a, b in product(("Y", "~Y"), ("Z", "~Z"))]
    steps = [f"{pairs[n]} from {clauses[2 * n]}, {clauses[2 * n + 1]}" for n in range(4)]
    extra = [f"(X | V{n})" for n in range(6)]
    steps += ["(X | Y) from " + ", ".join(pairs[:2]), "(X | ~Y) from " + ", ".join(pairs[2:])]
    problem = " # ".join([*clauses, *extra, "(X ==> Q)", "Q"])
    honest = "{" + "; ".join([*steps[:5], f"X from (X | Y), {clauses[4]}, {clauses[5]}, {pairs[3]}"]) + "}"
    assert macro(problem, honest).failure is not None
    short = "(X | Y) # (X | ~Y) # " + " # ".join(extra) + " # (X ==> Q) # Q"
    proof = f"{{ X from (X | Y), (X | ~Y); Q from X, (X ==> Q), {extra[0]}, {extra[1]}, {extra[2]} }}"
    assert macro(short, proof).correct


PAIRS = [f"(P{n} | Q{n})" for n in range(8)]
GROUPS = [P[n : n + 4] for n in range(0, 20, 4)]
LONG = " # ".join([*P[:20], "(P0 & P1 & P18 & P19 ==> G)", *PAIRS, f"({joined(PAIRS)} ==> G)", "G"])
DISGUISES = {
    "weakened by the goal": [
        *(f"(G | {joined(g)}) from {', '.join(g)}" for g in GROUPS),
        f"(G | {joined(P[:20])}) from " + ", ".join(f"(G | {joined(g)})" for g in GROUPS),
        f"G from (G | {joined(P[:20])}), (P0 & P1 & P18 & P19 ==> G)",
    ],
    "conditional on the negated goal": [
        *(f"(~ G ==> {joined(g)}) from {', '.join(g)}" for g in GROUPS),
        "G from "
        + ", ".join(f"(~ G ==> {joined(g)})" for g in (GROUPS[0], GROUPS[1], GROUPS[4]))
        + ", (P0 & P1 & P18 & P19 ==> G)",
    ],
    "conditional on a premise": [
        *(f"(P5 ==> {joined(g)}) from {', '.join(g)}" for g in GROUPS),
        f"G from (P5 ==> {joined(GROUPS[0])}), (P5 ==> {joined(GROUPS[4])}), P5, (P0 & P1 & P18 & P19 ==> G)",
    ],
    "each conditional on the next": [
        *(f"({after[0]} ==> {joined(g)}) from {', '.join(g)}" for g, after in pairwise(GROUPS)),
        f"{joined(GROUPS[-1])} from {', '.join(GROUPS[-1])}",
        f"({joined(P[:20])} | G) from {joined(GROUPS[-1])}, "
        + ", ".join(f"({after[0]} ==> {joined(g)})" for g, after in pairwise(GROUPS)),
        f"G from ({joined(P[:20])} | G), (P0 & P1 & P18 & P19 ==> G)",
    ],
    "assumed in one lump": [
        f"assume h := {joined(PAIRS)} {{ G from h, ({joined(PAIRS)} ==> G) }}",
        f"({joined(PAIRS[4:])} ==> G) from ({joined(PAIRS)} ==> G), {', '.join(PAIRS[:4])}",
        f"G from ({joined(PAIRS[4:])} ==> G), {', '.join(PAIRS[4:])}",
    ],
    "put into the conclusion": [
        f"({joined(PAIRS[4:])} ==> G) from ({joined(PAIRS)} ==> G), {', '.join(PAIRS[:4])}",
        f"G from ({joined(PAIRS[4:])} ==> G), {', '.join(PAIRS[4:])}",
    ],
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_disguise_proves_a_goal_without_a_search(disguise: str) -> None:
    """Premises merged under the goal, under a premise, as a hypothesis or in a conclusion count as what they hide."""
    failure = macro(LONG, "{" + ";\n".join(DISGUISES[disguise]) + "}").failure
    assert failure is not None
    assert failure.kind == "aggregation"


def test_steps_that_look_like_a_disguise_and_are_honest_are_right() -> None:
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


def ready(*premises: str) -> Aggregation:
    """The bookkeeping for these premises."""
    return Aggregation(parse_formula(p) for p in premises)


def F(text: str) -> Formula:
    """A formula."""
    return parse_formula(text)


def test_counting_leaves_out_what_the_others_make_redundant() -> None:
    """(A & B), A and B: the conjunction of A, B and (A & B) counts as two at most, and the least choice is found."""
    singles = ["A", "B", "C", "D", "E", "G"]
    book = ready(*singles, "(A & B & C)", "(D & E & G)")
    left = F("(A & B & C & A)")
    right = F("(D & E & G & D)")
    book.derived(left, [F("A"), F("B"), F("C"), F("(A & B & C)")])
    book.derived(right, [F("D"), F("E"), F("G"), F("(D & E & G)")])
    assert book.merged([left, right]) == ()
    book = ready(*singles)
    book.derived(left, [F("A"), F("B"), F("C")])
    book.derived(right, [F("D"), F("E"), F("G")])
    assert set(book.merged([left, right])) == set(map(F, singles))
    assert book.merged([left, F("D"), F("E")]) == ()
    assert len(book.merged([left, F("D"), F("E"), F("G")])) == 6


def test_what_says_no_more_than_a_literal_or_falsity_is_none_however_it_is_put() -> None:
    """(X & X), and a contradiction from many premises, do not count; a clause equivalent to six premises does."""
    book = ready("(X | Y)", "(X | ~Y)", "P0", "P1", "P2", "P3", "(~ P0)")
    six = [F(p) for p in ("(X | Y)", "(X | ~Y)", "P0", "P1", "P2", "P3")]
    twice = F("(X & (X | X))")
    book.derived(twice, six[:2])
    assert book.merged([twice, *six[2:]]) == ()
    negative = F("(~ (X | X))")
    other = ready("(~X | Y)", "(~X | ~Y)", "P0", "P1", "P2", "P3")
    other.derived(negative, [F("(~X | Y)"), F("(~X | ~Y)")])
    assert other.merged([negative, *six[2:]]) == ()
    nothing = F("(P0 & ~P0 & P1 & P2 & P3 & X)")
    book.derived(nothing, [*six, F("(~ P0)")])
    assert book.merged([nothing, F("P1")]) == ()
    clauses = [F(f"(X | V | {a} | {b} | {c})") for a, b, c in product(("Y", "~Y"), ("Z", "~Z"), ("W", "~W"))]
    book = Aggregation(clauses)
    merged = F("(X | V)")
    book.derived(merged, clauses)
    assert len(book.merged([merged])) == 8


def test_what_equals_one_premise_alone_is_no_aggregate() -> None:
    """The contrapositive of a premise, derived with others in hand, counts for nothing."""
    book = ready("(A ==> B)", "(A ==> (B | C))", "P0", "P1", "P2", "P3")
    turned = F("(~B ==> ~A)")
    book.derived(turned, [F("(A ==> B)"), F("(A ==> (B | C))"), F("P0")])
    assert book.merged([turned, F("P0"), F("P1"), F("P2"), F("P3")]) == ()


def test_hypotheses_count_while_they_are_open_and_bodies_are_forgotten_after() -> None:
    """A hypothesis merged with premises counts as one more; what its body derived does not outlive it."""
    book = ready("P0", "P1", "P2", "P3")
    book.enter(F("H"))
    merged = F("(P0 & P1 & H)")
    book.derived(merged, [F("P0"), F("P1"), F("H")])
    assert book.merged([merged, F("P2"), F("P3")]) == ()
    book.enter(F("K"))
    both = F("(P2 & P3 & K)")
    book.derived(both, [F("P2"), F("P3"), F("K")])
    assert len(book.merged([merged, both])) == 6
    book.leave(both, implies(F("K"), both))
    book.leave(merged, implies(F("H"), merged))
    assert book.merged([merged, both]) == ()
    book.enter(F("P0"))
    book.derived(F("(P0 & P1)"), [F("P0"), F("P1")])
    book.leave(None, None)
    book.derived(F("(P0 & P1)"), [F("P0"), F("P1")])
    book.enter(F("L"))
    book.derived(F("(P0 & P1)"), [F("P0"), F("P1"), F("L")])
    book.leave(F("(P0 & P1)"), None)
    assert book.merged([F("(P0 & P1)"), F("P2"), F("P3")]) == ()


def test_a_vacuous_hypothesis_that_is_a_premise_stays_one() -> None:
    """Assuming a premise again and discharging it leaves it a premise."""
    book = ready("P0", "P1")
    book.enter(F("P0"))
    book.leave(F("P0"), implies(F("P0"), F("P0")))
    book.derived(F("(P0 & P1)"), [F("P0"), F("P1")])
    assert book.merged([F("(P0 & P1)")]) == ()


def brute_merged(
    justifiers: list[Formula], premises: list[Formula], support: dict[Formula, frozenset[Formula]]
) -> bool:
    """The rule by its definition: no choice of an S for every aggregate brings the count down to five."""
    choices: list[list[frozenset[Formula]]] = []
    for j in justifiers:
        if j in premises:
            choices.append([frozenset([j])])
            continue
        if len(compiled_atoms(j)) == 1 or table_entails([j], F("false")):
            continue
        if any(
            table_entails([j], x) and table_entails([x], j) for n in compiled_atoms(j) for x in (atom(n), neg(atom(n)))
        ):
            continue
        sets = []
        single = False
        resting = [p for p in premises if p in support[j]]
        for size in range(1, len(resting) + 1):
            for chosen in combinations(resting, size):
                if all(table_entails([j], p) for p in chosen) and table_entails(chosen, j):
                    single = single or size == 1
                    sets.append(frozenset(chosen))
        if sets and not single:
            choices.append(sets)
    if not choices:
        return False
    return min(len(frozenset().union(*choice)) for choice in product(*choices)) > LIMIT


def compiled_atoms(formula: Formula) -> tuple[str, ...]:
    """Its atoms."""
    return tuple(dict.fromkeys(re.findall(r"[A-Z][0-9_]*", str(formula))))


def test_the_rule_agrees_with_its_definition_by_brute_force() -> None:
    """Random derivations over eight premises: all subsets, all choices, truth tables only."""
    caught = 0
    for seed in range(120):
        rng = random.Random(seed)
        names = "ABCD" if seed % 3 else "ABCDEFGH"
        if seed % 3:
            premises = list(dict.fromkeys(random_formula(rng, 2, names) for _ in range(8)))
        else:
            premises = [atom(name) for name in names]
        book = Aggregation(premises)
        support: dict[Formula, frozenset[Formula]] = {}
        derived: list[Formula] = []
        for _ in range(5):
            given = [rng.choice([*premises, *derived]) for _ in range(rng.randint(2, 4))]
            made = given[0]
            for other in given[1:]:
                made = conj(made, other) if rng.random() < 0.8 else disj(made, other)
            if rng.random() < 0.3:
                made = neg(neg(made))
            if made in premises:
                continue
            justified = list(dict.fromkeys(given))
            book.derived(made, justified)
            mine = frozenset().union(*(support.get(g, frozenset([g])) for g in justified))
            support[made] = support.get(made, frozenset()) | mine
            derived.append(made)
        if not derived:
            continue
        for _ in range(3):
            justifiers = list(dict.fromkeys(rng.choice([*derived, *derived, *premises]) for _ in range(4)))
            expected = brute_merged(justifiers, premises, support)
            found = book.merged(justifiers)
            assert bool(found) == expected, (seed, list(map(str, justifiers)), list(map(str, premises)))
            caught += expected
            assert not found or len(found) > LIMIT
    assert caught > 10


# ---- whole proofs


@pytest.mark.parametrize("seed", range(25))
def test_random_proofs_are_correct_and_every_step_is_true(seed: int) -> None:
    """Accepted strictly; each step's entailment agrees with its truth table."""
    premises, text, goal, inferences = random_macro_proof(random.Random(seed), 15)
    verdict = check_ndl(premises, goal, text, language="macro", mode="strict")
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
        verdict = check_ndl(premises, goal, ";\n".join(lines), language="macro")
        failure = verdict.failure
        if table_entails(given_, other):
            assert failure is None or failure.step != n + 1
            continue
        wrong += 1
        assert failure is not None
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
