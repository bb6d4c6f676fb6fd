"""pl4_pw and pl4_pw_c: items that hold what they promise, the Hilbert prover, reading, scores and attempts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import check, parse_formula, parse_problem
from proofgrid.checker.formulas import atom, atoms, evaluate, implies, neg, postorder
from proofgrid.tasks import get_task
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.hilbert import EXAMPLE
from proofgrid.tasks.kinds.writing import pair
from proofgrid.tasks.making.hilbert_prover import prove_hilbert
from proofgrid.tasks.making.hilbert_prover.derivation import Derivation, lines, render
from proofgrid.tasks.making.hilbert_prover.direct import direct_search
from proofgrid.tasks.making.hilbert_prover.lemmas import expand, find_lemma, library, unify
from proofgrid.tasks.making.hilbert_prover.shorten import shorten
from proofgrid.tasks.making.hilbert_prover.terms import MAX_DEPTH, Compiler, TooDeepError, apply, discharge, hypothesis
from tests.shared_data import PUBLISHED_HILBERT


@pytest.fixture(scope="module")
def made():
    """The task with two problems of each level."""
    task = get_task("pl4_pw")
    return task, list(task.generate(10, seed=3))


def follows(premises, goal):
    """Whether the goal is true in every row of the truth table where the premises are: the slow and obvious way."""
    names = atoms(*premises, goal)
    rows = [dict(zip(names, row, strict=True)) for row in product((True, False), repeat=len(names))]
    return all(evaluate(goal, row) for row in rows if all(evaluate(p, row) for p in premises))


def test_references_score_one_strictly(made):
    """Every reference answer is strictly correct, as brief as what is known, and in the level's band of lengths."""
    task, problems = made
    for problem in problems:
        score = task.score(problem, task.reference_answer(problem))
        assert (score.outcome, score.points, score.strict) == ("correct", 1.0, True)
        assert score.parts["brevity"] == 1.0
        least, most = task.shapes[problem.level].lines
        count = len(problem.reference["proof"].splitlines())
        assert least <= count == problem.reference["shortest_known"] == problem.difficulty["lines"] <= most


def test_every_premise_is_needed_and_they_are_consistent(made):
    """The goal follows from all premises, from no proper part of them, and the premises do not contradict."""
    _, problems = made
    for problem in problems:
        premises, goal = pair(problem.shown)
        assert follows(premises, goal)
        assert not follows(premises, neg(goal))
        assert goal not in premises
        for k in range(len(premises)):
            assert not follows(premises[:k] + premises[k + 1 :], goal)
        assert all(f.op in ("atom", "~", "==>") for f in postorder(*premises, goal))


def test_challenge_references_run_to_hundreds_of_lines():
    """A challenge item of the middle level has a strictly accepted reference of 150 to 219 lines."""
    task = get_task("pl4_pw_c")
    (problem,) = task.generate(1, seed=3, level=2)
    assert 150 <= len(problem.reference["proof"].splitlines()) <= 219
    assert task.score(problem, task.reference_answer(problem)).strict


def test_answers_that_say_nothing_score_nothing(made):
    """Empty, unreadable, wrong and partial answers score 0 and are told apart."""
    task, problems = made
    problem = problems[-1]
    for text, outcome in (
        ("", "empty"),
        ("  \n", "empty"),
        ('{"proof": ""}', "empty"),
        ("I cannot do this.", "unparsable"),
        ('{"proof": 7}', "unparsable"),
        (json.dumps({"proof": f"0. {problem.shown['premises'][0]}, Premise1;"}), "incorrect"),
        (json.dumps({"proof": f"0. {problem.shown['goal']}, Axiom1;"}), "incorrect"),
    ):
        score = task.score(problem, text)
        assert (score.outcome, score.points, score.strict) == (outcome, 0.0, False), text
        assert score.feedback


def test_a_longer_proof_is_correct_and_less_brief(made):
    """A detour costs brevity alone; a tolerated slip costs strictness alone."""
    task, problems = made
    problem = problems[2]
    proof = problem.reference["proof"]
    detour = "0. (A ==> (A ==> A)), Axiom1, p := A, q := A;\n"
    shifted = [line.split(". ", 1) for line in proof.splitlines()]
    longer = detour + "\n".join(f"{int(n) + 1}. {_shift(rest)}" for n, rest in shifted)
    score = task.score(problem, json.dumps({"proof": longer}))
    assert (score.points, score.strict) == (1.0, True)
    assert score.parts["brevity"] == pytest.approx(len(shifted) / (len(shifted) + 1))
    loose = task.score(problem, json.dumps({"proof": proof.removesuffix(";")}))
    assert (loose.points, loose.strict) == (1.0, False)


def _shift(line):
    body, comma, cited = line.partition(", mp, ")
    if not comma:
        return line
    i, j = cited.rstrip(";").split(", ")
    return f"{body}, mp, {int(i) + 1}, {int(j) + 1};"


def test_the_prompt_shows_the_problem_and_a_right_example(made):
    """Every premise and the goal stand in the prompt, the reference does not, and the example's proof is right."""
    task, problems = made
    prompt = task.prompt(problems[0].shown)
    assert all(f"Premise{k}: {p}" in prompt for k, p in enumerate(problems[0].shown["premises"], 1))
    assert f"Goal: {problems[0].shown['goal']}" in prompt
    assert problems[-1].reference["proof"] not in task.prompt(problems[-1].shown)
    premises, goal = EXAMPLE["premises"], EXAMPLE["goal"]
    assert EXAMPLE["proof"] in prompt
    assert check((premises, goal), EXAMPLE["proof"], mode="strict", language="hilbert").correct


def test_the_builtin_solves_more_with_a_larger_budget(made):
    """Attempts are pure in what is shown; the full budget solves all, a tiny one the easy ones only."""
    task, problems = made

    def solved(budget):
        return [task.score(p, task.attempt(p.shown, budget)).points for p in problems]

    assert sum(solved(400)) == len(problems)
    few = solved(1)
    assert 0 < sum(few) < len(problems)
    assert few[-1] < 1.0


def test_the_same_bytes_whatever_the_hash_seed(made):
    """Items do not depend on PYTHONHASHSEED."""
    _, problems = made
    code = "from tasks import get_task; print(next(get_task('pl4_pw').generate(1, 3)).to_json())"
    env = {**os.environ, "PYTHONHASHSEED": "77"}
    made_there = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert made_there.stdout.strip() == problems[0].to_json()
    assert Item.from_json(problems[0].to_json()) == problems[0]


# --- the prover -------------------------------------------------------------------------------------------------------


def test_every_lemma_is_proved():
    """Each condensed proof of the library expands to a strictly right proof of its formula, which is a tautology."""
    assert len(library()) >= 20
    for entry in library().values():
        assert check(((), entry.formula), render(entry.proof), mode="strict", language="hilbert").correct, entry.name
        assert follows((), entry.formula)


def test_condensed_detachment_refuses_what_does_not_unify():
    """A condensed proof whose steps do not fit, or that proves something else, is a ValueError."""
    with pytest.raises(ValueError, match="does not unify"):
        expand("D33")
    with pytest.raises(ValueError, match="does not prove"):
        expand("1", parse_formula("A ==> A"))
    p = atom("P")
    assert not unify(p, neg(p), {})
    assert [str(f) for f, _ in expand("DD211")][-1].count("==>") == 1


def test_lemmas_are_found_by_their_instances():
    """An instance finds its lemma with the values of the letters; a formula of another shape finds none."""
    entry, values = find_lemma(parse_formula("(~(~(A ==> B)) ==> (A ==> B))"))
    assert (entry.name, [str(v) for v in values]) == ("dne", ["(A ==> B)"])
    assert find_lemma(parse_formula("(A ==> (B ==> C))")) is None


def formulas(depth=3):
    """Formulas over three atoms, ``~`` and ``==>``."""
    leaves = st.sampled_from([atom(x) for x in "ABC"])
    return st.recursive(leaves, lambda f: st.builds(neg, f) | st.builds(implies, f, f), max_leaves=2**depth)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(formulas(2), max_size=3), formulas(2))
def test_what_follows_is_proved_and_nothing_else(premises, goal):
    """With enough budget the prover proves exactly what truth tables say, and the strict checker accepts it."""
    found = prove_hilbert(premises, goal, budget=60)
    if not follows(premises, goal):
        assert found is None
        return
    assert found is not None
    assert check((premises, goal), found.text, mode="strict", language="hilbert").correct
    assert found.length == len(found.text.splitlines())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(formulas(1), formulas(1), formulas(1), st.sampled_from([0, 60]))
def test_the_deduction_theorem_holds(p, q, r, limit):
    """Discharging the hypotheses of (q ==> r), (p ==> q), p gives a closed proof, with lemmas or without."""
    f, g = implies(q, r), implies(p, q)
    term = discharge(f, discharge(g, discharge(p, apply(hypothesis(f), apply(hypothesis(g), hypothesis(p))))))
    compiler = Compiler(limit)
    goal = compiler.write(term)
    assert goal is implies(f, implies(g, implies(p, r)))
    assert not term.free
    proof = render(lines(compiler.derivation, goal))
    assert check(((), goal), proof, mode="strict", language="hilbert").correct


def test_shortening_cuts_detours_and_never_lengthens():
    """A detour through (A ==> A) goes; what is left is a proof still."""
    a, b = atom("A"), atom("B")
    table = Derivation()
    table.premise(1, a)
    table.premise(2, implies(a, b))
    table.premise(3, implies(implies(a, a), implies(b, b)))
    for formula, step in library()["I"].proof:
        table.setdefault(
            parse_formula(str(formula).replace("P", "A")),
            type(step)(step.rule, tuple(parse_formula(str(x).replace("P", "A")) for x in step.args)),
        )
    table.mp(implies(implies(a, a), implies(b, b)), implies(a, a))
    table.mp(implies(a, b), a)
    proof = shorten([table], b, Random(0))
    assert len(proof) == 3
    before = lines(table, implies(b, b))
    after = shorten([table], implies(b, b), Random(0))
    assert len(after) <= len(before)


def test_the_direct_search_finds_the_shortest_of_short_proofs():
    """Two detachments take five lines; what needs a discharge is left to the deduction theorem."""
    premises, goal = parse_problem("A # (A ==> B) # (B ==> C) # C")
    table = direct_search(premises, goal, 1_000)
    assert len(lines(table, goal)) == 5
    assert prove_hilbert(premises, goal).source == "direct"
    assert direct_search(*parse_problem("(~ (A ==> B)) # (~ B)"), 1) is None


def test_goals_outside_the_language_are_refused():
    """A premise with another connective has no Hilbert proof here."""
    assert prove_hilbert(*parse_problem("A & B # A")) is None


@pytest.mark.shared
def test_published_problems_have_shorter_proofs_than_models_found():
    """Each published problem is proved; where a model's proof was accepted, ours is shorter."""
    longest: dict[str, int] = {}
    for line in PUBLISHED_HILBERT.read_text().splitlines():
        item = json.loads(line)
        models = len(item["proof"].strip().splitlines()) if item["correctProof"] else 10**6
        longest[item["problem"]] = min(models, longest.get(item["problem"], 10**6))
    for problem, models in longest.items():
        found = prove_hilbert(*parse_problem(problem), budget=150)
        assert found is not None
        assert check(problem, found.text, mode="strict", language="hilbert").correct
        assert found.length < models


def test_depth_is_bounded_by_the_prover_not_by_the_stack():
    """A term or search that would go deeper than the prover's own limits is given up; nothing overflows the stack."""
    p = atom("A")
    term = hypothesis(p)
    for _ in range(MAX_DEPTH):
        term = apply(discharge(p, hypothesis(p)), term)
    with pytest.raises(TooDeepError):
        Compiler().write(discharge(p, term))
    deep = p
    for _ in range(400):
        deep = neg(neg(deep))
    assert prove_hilbert((p,), deep, budget=50) is None


def test_levels_order_what_a_small_budget_solves():
    """With next to no search the builtin model solves the first level and not the last."""
    task = get_task("pl4_pw")
    easy, hard = (next(task.generate(1, 8, level)) for level in (1, 5))
    assert task.score(easy, task.attempt(easy.shown, 2)).points == 1.0
    assert task.score(hard, task.attempt(hard.shown, 2)).points == 0.0
