"""The weights of macro steps: the examples of the rule, its laws, and a second implementation by its definition."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import parse_formula
from proofgrid.checker.formulas import FALSE, TRUE, Formula, conj, disj, iff, implies, neg
from proofgrid.checker.macro.weights import MAX_CLAUSES, TOO_MANY, Weights, weigh
from tests.checker.judges import random_formula, subformulas, weight_by_definition


def F(text: str) -> Formula:
    """A formula."""
    return parse_formula(text)


def weights(problem: str = "Z # Y") -> Weights:
    """The weights in a problem of which, by default, nothing else is a part."""
    *premises, goal = problem.split(" # ")
    return Weights([F(p) for p in premises], F(goal))


@pytest.mark.parametrize(
    ("formula", "justifier", "conclusion"),
    [
        ("A", 1, 1),
        ("(~ A)", 1, 1),
        ("(~ (~ A))", 1, 1),
        ("(A & B)", 2, 1),
        ("(~ (A & B))", 1, 2),
        ("(A | B)", 1, 2),
        ("(A ==> B)", 1, 2),
        ("(A ==> (B & C))", 2, 2),
        ("(A <==> B)", 2, 2),
        ("(~ (A <==> B))", 2, 2),
        ("((A <==> B) <==> C)", 4, 4),
        ("true", 1, 1),
        ("false", 1, 1),
        ("(A | ~A)", 1, 2),
        ("((A | ~A) & B)", 1, 2),
        ("((A & B) | (A & B & C))", 2, 1),
        ("((A | B) & A & (A | B | C))", 1, 1),
        ("(~ (A ==> (B ==> ~C)))", 3, 1),
        ("(A & (A & (A & (B & A))))", 2, 1),
        ("(true & A)", 1, 1),
        ("(false | (A & B))", 2, 1),
        ("(A ==> true)", 1, 1),
        ("(Y ==> (P1 & P2 & P3 & P4 & P5))", 5, 2),
        ("(P1 ==> (P2 ==> (P3 ==> (P4 ==> (P5 ==> Y)))))", 1, 6),
    ],
)
def test_formulas_of_which_nothing_is_a_part(formula: str, justifier: int, conclusion: int) -> None:
    """Clauses of the formula, and clauses of its negation; at least one."""
    book = weights()
    assert (book.justifier(F(formula)), book.conclusion(F(formula))) == (justifier, conclusion)


GUARDED = [
    "(G ==> (P1 & P2 & P3 & P4 & P5))",
    "((~ G) | (P1 & (P2 & P3) & P4 & P5))",
    "(~ (G & (P1 ==> (P2 ==> (P3 ==> (P4 ==> ~ P5))))))",
    "((G ==> P1) & (G ==> P2) & (G ==> P3) & (~ (G & ((~ P4) | ~ P5))))",
    "((G & (P1 | G)) ==> (~ ((~ P1) | (~ P2) | (~ P3) | (~ P4) | (~ P5) | (~ P1))))",
    "((P1 | ~ G) & (P2 | ~ G) & (P3 | ~ G) & (P4 | ~ G) & (P5 | ~ G) & (P1 | P2 | ~ G) & (G | ~ G))",
]


@pytest.mark.parametrize("wording", GUARDED)
def test_a_guarded_conjunction_of_five_premises_weighs_five_however_it_is_worded(wording: str) -> None:
    """Also where the premises are large: they are its letters."""
    large = {f"P{n}": f"(A{n} <==> (B{n} | C{n}))" for n in range(1, 6)} | {"G": "(D & E)"}
    text = wording
    for name, premise in large.items():
        text = text.replace(name, premise)
    assert weights("P1 # P2 # P3 # P4 # P5 # G").justifier(F(wording)) == 5
    assert weights(" # ".join([*list(large.values()), "H"])).justifier(F(text)) == 5


def test_parts_and_their_complements_weigh_one() -> None:
    """Premises, goal and subformulas of either, whatever their size; and the complement of each."""
    book = weights("((A & B & C) ==> (D <==> E)) # (~ (F & H))")
    for text in ("(A & B & C)", "(B & C)", "(D <==> E)", "((A & B & C) ==> (D <==> E))", "(F & H)", "(~ (F & H))"):
        for formula in (F(text), neg(F(text))):
            assert (book.justifier(formula), book.conclusion(formula)) == (1, 1), text
    assert book.justifier(F("(A & B)")) == 2


def test_the_largest_parts_are_the_letters_of_other_formulas() -> None:
    """(A & B & C) is one letter where it is a part, and a part that is a negation is what it negates, denied."""
    book = weights("((A & B & C) ==> E) # ((~ (A & D)) | E)")
    assert book.justifier(F("((A & B & C) | D)")) == 1
    assert book.justifier(F("((A & B) | D)")) == 2
    assert book.justifier(F("((~ (A & D)) | (A & D))")) == 1
    assert book.conclusion(F("((~ (A & D)) & (A & D) & E)")) == 1
    assert book.conclusion(F("((~ (A & D)) | (A & D) | E)")) == 3


def test_constants_stay_constants_even_where_they_are_parts() -> None:
    """(true & A) says A, whether true is a part of the problem or not."""
    for problem in ("Z # Y", "(true ==> Z) # (false | Y)"):
        book = weights(problem)
        assert book.justifier(F("(true & A)")) == 1
        assert book.justifier(F("((false | A) & (false | B))")) == 2
        assert (book.justifier(TRUE), book.conclusion(FALSE)) == (1, 1)


@pytest.mark.parametrize(
    ("justifiers", "conclusion", "kept"),
    [
        (["P1", "P2", "P3", "P4", "P5"], "Y", True),
        (["P1", "P2", "P3", "P4", "P5"], "(A & B)", True),
        (["P1", "P2", "P3", "P4", "P5"], "(A | B)", False),
        (["P1", "P2", "P3", "P4"], "(A | B)", True),
        (["(A & B)", "(C & D)", "P1"], "Y", True),
        (["(A & B)", "(C & D)", "P1", "P2"], "Y", False),
        (["(A & B & C)", "(A & B & C)"], "Y", False),
        (["P1"], "(P1 ==> (P2 ==> (P3 ==> (P4 ==> Y))))", True),
        (["P1"], "(P1 ==> (P2 ==> (P3 ==> (P4 ==> (P5 ==> Y)))))", False),
        ([], "(A | B | C | D | E | H)", True),
        ([], "(A | B | C | D | E | H | I)", False),
    ],
)
def test_justifiers_weigh_at_most_five_and_the_step_at_most_six(
    justifiers: list[str], conclusion: str, kept: bool
) -> None:
    """In any order of the justifiers; one that is given twice weighs twice."""
    premises = [F(f"P{n}") for n in range(1, 7)]
    found = {weigh(premises, F("Y"), [F(j) for j in order], F(conclusion)).kept for order in permutations(justifiers)}
    assert found == {kept}


def test_more_than_64_clauses_at_a_connective_weigh_six() -> None:
    """Even where few would be left in the end."""
    many = " & ".join(f"A{n}" for n in range(MAX_CLAUSES + 1))
    book = weights()
    assert book.justifier(F(f"({many})")) == TOO_MANY
    assert book.justifier(F(f"(B & (B | ({many})))")) == TOO_MANY
    assert book.conclusion(F(f"({many})")) == 1
    few = " & ".join(f"A{n}" for n in range(MAX_CLAUSES))
    assert book.justifier(F(f"({few})")) == MAX_CLAUSES


# ---- by its definition


def test_weights_agree_with_the_definition_on_random_formulas() -> None:
    """Over few letters, with premises that share parts with what is weighed; one book for all, and one each."""
    seen = set()
    for seed in range(400):
        rng = random.Random(seed)
        made = [random_formula(rng, 3, "ABCDE") for _ in range(6)]
        premises, goal = made[:2], made[2]
        sides = [p.left for p in (*premises, goal) if p.op not in ("atom", "true", "false")] or [goal]
        tested = [*made[3:], conj(rng.choice(sides), made[3]), disj(neg(rng.choice(sides)), made[4])]
        tested += [iff(rng.choice(sides), made[5]), implies(conj(made[3], rng.choice(sides)), made[4])]
        parts = set().union(*(subformulas(p) for p in (*premises, goal)))
        book = Weights(premises, goal)
        for formula in tested:
            for weight, fresh, truth in (
                (book.justifier(formula), Weights(premises, goal).justifier(formula), True),
                (book.conclusion(formula), Weights(premises, goal).conclusion(formula), False),
            ):
                assert weight == fresh == weight_by_definition(formula, truth, parts), (seed, str(formula), truth)
                seen.add(weight)
    assert {1, 2, 3, 4, 5, 6} <= seen


formulas = st.recursive(
    st.sampled_from([F(name) for name in "ABCD"]),
    lambda inner: st.one_of(
        inner.map(neg),
        *(st.tuples(inner, inner).map(lambda pair, join=join: join(*pair)) for join in (conj, disj, implies, iff)),
    ),
    max_leaves=7,
)


@given(formulas, formulas)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_wording_of_signs_and_order_does_not_matter(p: Formula, q: Formula) -> None:
    """Double negations, De Morgan's other form, arrows for bars and sides exchanged weigh the same."""
    book = weights()
    same = [
        (conj(p, q), conj(q, p), neg(disj(neg(p), neg(q))), neg(implies(p, neg(q))), neg(neg(conj(p, q)))),
        (disj(p, q), disj(q, p), implies(neg(p), q), neg(conj(neg(p), neg(q)))),
        (iff(p, q), iff(q, p), iff(neg(p), neg(q)), conj(implies(p, q), implies(q, p))),
    ]
    for wordings in same:
        assert len({(book.justifier(f), book.conclusion(f)) for f in wordings}) == 1
    assert book.justifier(p) == book.conclusion(neg(p))


# ---- work


def work_of(formulas: list[Formula]) -> int:
    """Units of work that a book reports for weighing these, as justifiers and as conclusions."""
    spent: list[int] = []
    book = Weights([F("Z")], F("Y"), spent.append)
    for formula in formulas:
        book.justifier(formula)
        book.conclusion(formula)
    return sum(spent)


def chains(length: int) -> list[Formula]:
    """Long chains, flat and alternating, and formulas whose trees are exponentially larger than themselves."""
    bar = amp = mixed = F("A0")
    shared = paired = F("A0")
    for n in range(1, length):
        letter = F(f"A{n}")
        bar, amp = disj(letter, bar), conj(letter, amp)
        mixed = (conj if n % 2 else disj)(letter, mixed)
        shared = (conj if n % 3 else disj)(shared, shared)
        paired = iff(paired, paired)
    return [bar, amp, mixed, shared, paired]


def test_work_grows_with_the_length_and_not_with_the_tree() -> None:
    """Four times the length, at most some five times the work; shared subformulas are weighed once."""
    assert work_of(chains(4000)) < 6 * work_of(chains(1000)) + 1000
    book = weights()
    assert [book.justifier(f) for f in chains(4000)] == [1, TOO_MANY, TOO_MANY, 1, 1]


def test_what_has_too_many_clauses_is_paid_for_too() -> None:
    """The comparisons that show a formula to be too heavy are counted as those of one that is just light enough."""
    most, more = (F(" & ".join(f"A{n}" for n in range(MAX_CLAUSES + extra))) for extra in (0, 1))
    assert work_of([more]) - work_of([most]) > MAX_CLAUSES * (MAX_CLAUSES + 1) // 2 // 8
