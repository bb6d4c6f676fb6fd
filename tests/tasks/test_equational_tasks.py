"""eq_pc, eq_gf and eq_er: items that hold what they promise, prompts, reading, scores and attempts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from random import Random

import pytest

from bench.gaming import equational
from bench.gaming.attack import passes_chance, run
from proofgrid.checker.equational import (
    check_chain,
    explanations,
    find_model,
    parse_equational_problem,
    parse_term,
    positions,
    variables,
)
from proofgrid.checker.equational.check import check_chain as check
from proofgrid.checker.equational.terms import apply, match, replace, subterm
from proofgrid.tasks import get_task
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.equational.chains import SHAPES, ChainMaker, key_of, size
from proofgrid.tasks.kinds.equational.gap_filling import GAPS
from proofgrid.tasks.kinds.equational.lookalikes import SHAPES as LOOKALIKES
from proofgrid.tasks.kinds.equational.lookalikes import LookalikeMaker
from proofgrid.tasks.kinds.equational.search import fill_gap
from proofgrid.tasks.kinds.equational.unreachable import certified
from proofgrid.tasks.kinds.equational.values import as_names, as_position, as_term, chain_lines, member, problem_of
from proofgrid.tasks.making.calibration import calibration

TASKS = ("eq_pc", "eq_gf", "eq_er")


@pytest.fixture(scope="module")
def items():
    """Forty problems of each task."""
    return {name: list(get_task(name).generate(40, seed=7)) for name in TASKS}


@pytest.mark.parametrize("name", TASKS)
def test_references_score_one_strictly_and_nothing_scores_nothing(items, name):
    """Every reference answer is right; answers that are empty or cannot be read score 0 and are told apart."""
    task = get_task(name)
    for problem in items[name]:
        score = task.score(problem, task.reference_answer(problem))
        assert (score.outcome, score.points, score.strict) == ("correct", 1.0, True)
        assert score.parts["steps"] == 1.0
        assert all(0.0 <= value <= 1.0 for value in score.parts.values())
        for text, outcome in (("", "empty"), (" \n ", "empty"), ("E1, I think", "unparsable"), ("{}", "unparsable")):
            nothing = task.score(problem, text)
            assert (nothing.outcome, nothing.points) == (outcome, 0.0)
            assert nothing.feedback


@pytest.mark.parametrize("name", TASKS)
def test_items_have_the_published_shape(items, name):
    """Equations over the signature, 3 to 8 of them, none a bare variable or said twice; chains of 3 to 12 steps."""
    for problem in items[name]:
        given = problem_of(problem.shown)
        assert 3 <= len(given.equations) <= 8
        assert list(given.equations) == [f"E{k}" for k in range(1, len(given.equations) + 1)]
        sides = [(str(e.left), str(e.right)) for e in given.equations.values()]
        assert len(set(sides)) == len(sides)
        for e in given.equations.values():
            assert not e.left.is_variable
            assert e.left is not e.right
            assert set(variables(e.right)) <= set(variables(e.left))
        assert 3 <= problem.difficulty["steps"] <= 12
        terms = [line.term for line in chain_lines(problem.shown) if line.term is not None]
        assert all(t.ground for t in terms)
        assert len(set(terms)) == len(terms)


@pytest.mark.parametrize("name", TASKS)
def test_prompts_show_the_item_and_not_the_answer(items, name):
    """Every equation and line of the chain stands in the prompt, which is the same for equal items."""
    task = get_task(name)
    for problem in items[name][:10]:
        prompt = task.prompt(problem.shown)
        assert all(line in prompt for line in problem.shown["equations"])
        assert all(line.strip() in prompt for line in problem.shown["chain"].splitlines())
        assert prompt == task.prompt(Item.from_json(problem.to_json()).shown)
        assert json.dumps(problem.reference, sort_keys=True) not in prompt


@pytest.mark.parametrize("name", TASKS)
def test_a_larger_budget_solves_more(items, name):
    """The builtin model solves nearly all with its full search and fewer with next to none."""
    task = get_task(name)

    def solved(budget):
        return sum(task.score(p, task.attempt(p.shown, budget)).points for p in items[name])

    few, many = solved(1), solved(100 if name == "eq_gf" else 20_000)
    assert few < many
    assert many >= (30 if name == "eq_gf" else 40)


def test_the_same_bytes_whatever_the_hash_seed(items):
    """Items do not depend on PYTHONHASHSEED."""
    code = "from tasks import get_task\nfor t in " + repr(TASKS)
    code += ":\n    for p in get_task(t).generate(8, 7): print(p.to_json())"
    env = {**os.environ, "PYTHONHASHSEED": "41"}
    there = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert there.stdout.splitlines() == [p.to_json() for name in TASKS for p in items[name][:8]]


def test_equal_up_to_renaming_is_equal():
    """The key ignores names of symbols and variables and the order of the equations, and nothing else."""

    def key(*equations, terms):
        given = parse_equational_problem(" # ".join([*equations, f"{terms[0]} = {terms[-1]}"]))
        return key_of(list(given.equations.values()), [parse_term(t) for t in terms])

    one = key("E1: f(V1) = g(V1,a)", "E2: a = b", terms=["f(b)", "g(b,a)"])
    assert one == key("E1: c = d", "E2: f3(V7) = g2(V7,c)", terms=["f3(d)", "g2(d,c)"])
    assert one != key("E1: f(V1) = g(a,V1)", "E2: a = b", terms=["f(b)", "g(b,a)"])
    assert one != key("E1: f(V1) = g(V1,a)", "E2: a = b", terms=["f(a)", "g(a,a)"])


def test_distractors_match_somewhere(items):
    """There are equations that justify no step of a bare chain, and some of them have a redex in it."""
    idle = matching = 0
    for problem in items["eq_er"]:
        given = problem_of(problem.shown)
        used = {n for sets in problem.reference["justifications"] for names in sets for n in names}
        terms = [line.term for line in chain_lines(problem.shown)]
        for name, e in given.equations.items():
            if name not in used:
                idle += 1
                matching += any(t.name == e.left.name for term in terms for _, t in positions(term))
    assert idle >= 20
    assert matching > idle / 2


# --- eq_pc ------------------------------------------------------------------------------------------------------------


def test_exactly_one_step_is_wrong_or_none(items):
    """The checker finds the step of the reference and no other; both forms of error and right chains are there."""
    kinds = {"right": 0, "wrong contractum": 0, "wrong equations": 0, "none would do": 0}
    for problem in items["eq_pc"]:
        verdict = check_chain(problem_of(problem.shown), problem.shown["chain"], mode="strict", all_failures=True)
        truth = problem.reference
        assert verdict.correct is truth["correct"]
        if truth["correct"]:
            kinds["right"] += 1
            continue
        (failure,) = verdict.failures
        assert failure.step == truth["explanation"]["step"] == problem.difficulty["bad_step"]
        kinds[truth["explanation"]["error"]] += 1
        kinds["none would do"] += truth["explanation"].get("correct") == []
    assert 12 <= kinds["right"] <= 26
    assert min(kinds.values()) >= 2, kinds


def test_checking_answers_are_judged_as_a_whole_and_in_parts():
    """The verdict alone earns no point; positions and names may be written in several ways; each fact counts."""
    task = get_task("eq_pc")
    shown = {
        "equations": ["E1: f(V1) = g(V1,a)", "E2: g(V1,V2) = g(V2,V1)"],
        "chain": "s = h(f(b),g(c,d),a)\n  = h(g(b,a),g(d,c),a) by E1, E2\n  = h(g(a,a),g(d,c),a) by E2",
    }
    wrong = {
        "step": 2,
        "error": "wrong contractum",
        "equation": "E2",
        "position": [1],
        "actual": "g(a,a)",
        "expected": "g(a,b)",
    }
    assert json.dumps(wrong)[1:-1] in task.prompt(shown)  # the prompt's own example
    problem = Item("x", "eq_pc", 1, 0, shown, {"correct": False, "explanation": wrong}, {})

    def score(correct, explanation):
        return task.score(problem, json.dumps({"correct": correct, "explanation": explanation}))

    assert score(False, wrong).points == 1.0
    assert score("no", [{**wrong, "position": "1", "equation": ["E2"], "actual": " g(a, a)"}]).points == 1.0
    partly = score(False, {**wrong, "position": [2]})
    assert (partly.points, partly.parts) == (0.0, {"verdict": 1.0, "step": 1.0, "steps": 0.75})
    assert score(False, {"step": 2, "error": "wrong equations", "given": ["E2"], "correct": []}).parts["step"] == 1.0
    assert score(False, {**wrong, "step": 1}).parts == {"verdict": 1.0, "step": 0.0, "steps": 0.0}
    assert score(False, None).parts == {"verdict": 1.0, "step": 0.0, "steps": 0.0}
    assert score(True, []).parts == {"verdict": 0.0, "step": 0.0, "steps": 0.0}
    assert task.score(problem, '{"correct": "perhaps"}').outcome == "unparsable"


def test_wrong_equations_take_any_set_that_would_do():
    """Any justification is accepted as the correction, and [] only where there is none."""
    task = get_task("eq_pc")
    shown = {
        "equations": ["E1: f(V1) = g(V1,a)", "E2: g(V1,V2) = g(V2,V1)", "E3: f(b) = g(b,a)"],
        "chain": "s = h(f(b),c,a)\n  = h(g(b,a),c,a) by E2",
    }
    verdict = check(problem_of(shown), shown["chain"])
    assert verdict.failure.kind == "wrongEquations"
    reference = {"step": 1, "error": "wrong equations", "given": ["E2"], "correct": ["E1"]}
    problem = Item("x", "eq_pc", 1, 0, shown, {"correct": False, "explanation": reference}, {})
    for correct, points in ((["E1"], 1.0), (["E3"], 1.0), ("E3", 1.0), ([], 0.0), (["E2"], 0.0), (["E1", "E3"], 0.0)):
        answer = {"correct": False, "explanation": {**reference, "correct": correct}}
        assert task.score(problem, json.dumps(answer)).points == points, correct


def test_rewrites_of_a_right_chain_are_checked_one_by_one(items):
    """A wrong position or a missing equation costs its step; other terms said for a right position, too."""
    task = get_task("eq_pc")
    problem = next(p for p in items["eq_pc"] if p.reference["correct"])
    steps = problem.reference["explanation"]
    share = 1 / len(steps)
    for change in ({"position": [9]}, {"redex": "a"}, {"contractum": "f("}, {"equation": "E99"}):
        broken = json.loads(json.dumps(steps))
        broken[0]["rewrites"][0] |= change
        score = task.score(problem, json.dumps({"correct": True, "explanation": broken}))
        assert score.points == 0.0
        assert score.parts == {"verdict": 1.0, "step": 1.0, "steps": pytest.approx(1 - share)}
    bare = [
        {"step": s["step"], "rewrites": [{k: r[k] for k in ("equation", "position")} for r in s["rewrites"]]}
        for s in steps
    ]
    assert task.score(problem, json.dumps({"correct": True, "explanation": {"steps": bare}})).points == 1.0


# --- eq_er ------------------------------------------------------------------------------------------------------------


def test_all_justifications_are_known_and_each_of_them_counts(items):
    """The reference lists every minimal set; any of them scores; steps with none and with several are there."""
    task = get_task("eq_er")
    none = several = 0
    for problem in items["eq_er"]:
        equations = list(problem_of(problem.shown).equations.values())
        terms = [line.term for line in chain_lines(problem.shown)]
        known = problem.reference["justifications"]
        assert known == [[list(e.equations) for e in explanations(s, t, equations)] for s, t in pairwise(terms)]
        none += sum(not found for found in known)
        several += sum(len(found) > 1 for found in known)
        last = [{"step": k, "supportingEquations": found[-1] if found else []} for k, found in enumerate(known, 1)]
        assert task.score(problem, json.dumps({"stepJustifications": last})).points == 1.0
    assert none >= 10
    assert several >= 10


def test_a_wrong_justification_costs_its_step(items):
    """The share of right steps shows in the parts; [] is right only where nothing justifies the step."""
    task = get_task("eq_er")
    problem = next(p for p in items["eq_er"] if p.difficulty["unjustified"])
    known = problem.reference["justifications"]
    empty = {"stepJustifications": [{"step": k, "supportingEquations": []} for k in range(1, len(known) + 1)]}
    score = task.score(problem, json.dumps(empty))
    assert score.points == 0.0
    assert score.parts["unjustified"] == 1.0
    assert score.parts["steps"] == pytest.approx(sum(not found for found in known) / len(known))
    forms = {str(k): ", ".join(found[0]) if found else "none" for k, found in enumerate(known, 1)}
    assert task.score(problem, json.dumps({"stepJustifications": forms})).points == 1.0
    assert task.score(problem, '{"stepJustifications": [["E99"]]}').parts["steps"] == 0.0
    assert task.score(problem, '{"stepJustifications": 3}').outcome == "unparsable"
    silent = {"stepJustifications": [{"step": k} for k in range(1, len(known) + 1)]}
    assert task.score(problem, json.dumps(silent)).parts == {"steps": 0.0, "unjustified": 0.0}


# --- eq_gf ------------------------------------------------------------------------------------------------------------


def test_gaps_have_a_filling_or_a_certificate(items):
    """Fillings are checked and as long as the level says; certificates verify; both kinds are there."""
    unsolvable = 0
    for problem in items["eq_gf"]:
        missing, certificate = problem.reference["missing"], problem.reference["certificate"]
        lines = chain_lines(problem.shown)
        (at,) = (k for k, line in enumerate(lines) if line.kind == "gap")
        equations = list(problem_of(problem.shown).equations.values())
        if certificate is None:
            least, most = GAPS[problem.level]
            assert least <= len(missing) <= most
        else:
            unsolvable += 1
            assert missing == []
            assert certified(certificate, equations, lines[at - 1].term, lines[at + 1].term)
            assert not certified(certificate, equations, lines[at - 1].term, lines[at - 1].term)
    assert 0.15 <= unsolvable / len(items["eq_gf"]) <= 0.5
    assert get_task("eq_gf").chance == float(get_task("eq_gf").flawed)


def test_any_filling_counts_and_wrong_ones_do_not(items):
    """A filling found by search scores like the reference; one line less, or [], does not."""
    task = get_task("eq_gf")
    problem = next(p for p in items["eq_gf"] if len(p.reference["missing"]) == 2)
    answer = json.loads(task.attempt(problem.shown, 500))
    assert task.score(problem, json.dumps(answer)).points == 1.0
    shorter = {**answer, "missingSteps": answer["missingSteps"][:1]}
    score = task.score(problem, json.dumps(shorter))
    assert (score.points, score.parts["steps"]) == (0.0, 0.5)
    assert score.feedback
    assert task.score(problem, '{"missingSteps": []}').parts == {"steps": 0.0}
    impossible = next(p for p in items["eq_gf"] if not p.reference["missing"])
    assert task.score(impossible, '{"missingSteps": [], "confidence": 4}').points == 1.0
    assert task.score(impossible, json.dumps(answer)).points == 0.0
    assert task.score(problem, '{"missingSteps": [{"term": "f("}]}').outcome == "unparsable"


def test_the_example_of_the_prompt_is_right():
    """The prompt's example of a filled gap is accepted."""
    task = get_task("eq_gf")
    shown = {
        "equations": ["E1: f(V1) = g(V1,a)", "E2: g(V1,V2) = g(V2,V1)", "E3: g(a,V1) = f1(V1)"],
        "chain": "s = h(f(b),c,c)\n  ?? ??\n  = h(f1(b),c,c) by E3",
    }
    prompt = task.prompt(shown)
    example = next(line for line in prompt.splitlines() if line.startswith('{"explanation"'))
    problem = Item("x", "eq_gf", 1, 0, shown, {"missing": [["x", []]], "certificate": None}, {})
    score = task.score(problem, example)
    assert (score.points, score.strict, score.parts["confidence"]) == (1.0, True, 0.9)
    assert task.score(problem, example.replace('"confidence": 5', '"confidence": 9')).parts == {"steps": 1.0}


def test_the_search_says_when_it_has_seen_everything():
    """A finite set of reachable terms without the target is exhausted; a budget that ends first is not."""
    given = parse_equational_problem("E1: a = b # E2: f(c) = f(d) # f(a) = f(d)")
    equations = list(given.equations.values())
    found = fill_gap(given.start, given.goal, [given.equations["E2"]], equations, 100)
    assert (found.filling, found.exhausted) == (None, True)
    assert fill_gap(given.start, given.goal, [given.equations["E2"]], equations, 0).exhausted is False
    there = fill_gap(parse_term("f(a)"), parse_term("f(b)"), [given.equations["E1"]], equations, 100)
    assert [str(t) for t, _ in there.filling] == ["f(b)", "f(a)"]  # a line must stand in the gap: aside, and back


# --- making chains, reading values, calibration -----------------------------------------------------------------------


def test_every_step_made_is_right():
    """Chains pass the checker as they are made, and terms keep within their bounds."""
    for level, seed in ((4, 8), (2, 11)):
        maker = ChainMaker(Random(seed), SHAPES[level])
        assert maker.run(5)
        equations = {e.name: e for e in maker.equations}
        text = "\n".join([f"s = {maker.terms[0]}", *(f" = {s.after} by {', '.join(s.cited)}" for s in maker.steps)])
        listed = " # ".join(f"{e.name}: {e}" for e in equations.values())
        verdict = check_chain(f"{listed} # {maker.terms[0]} = {maker.terms[-1]}", text, relation="symmetric")
        assert verdict.strict
        assert all(2 <= size(t) <= 2 * SHAPES[level].size[1] for t in maker.terms[1:])


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (["E1", "E2"], ("E1", "E2")),
        ("E1 and E2", ("E1", "E2")),
        ("by e1, E2.", ("E1", "E2")),
        ([1, "2"], ("E1", "E2")),
        ("[]", ()),
        (None, ()),
        ("none", ()),
        (True, None),
        (3.5, None),
        ([["E1"]], None),
    ],
)
def test_names_of_equations_are_read(value, names):
    """Lists and phrases give the names; what is neither gives None."""
    assert as_names(value) == names


@pytest.mark.parametrize(
    ("value", "position"),
    [
        ([1, 2], (1, 2)),
        ("1.2", (1, 2)),
        ("[1, 2]", (1, 2)),
        ([], ()),
        ("root", ()),
        (2, (2,)),
        ("x", None),
        (None, None),
    ],
)
def test_positions_are_read(value, position):
    """Lists and the usual ways to write one give the position."""
    assert as_position(value) == position


def test_terms_and_members_are_read():
    """A term may have = before it; a member may be spelled differently; what is neither gives None."""
    assert as_term("= f( a )") is parse_term("f(a)")
    assert as_term("f(") is None
    assert as_term(4) is None
    assert member({"Supporting_Equations": 1}, "supportingequations") == 1
    assert member([], "x") is None


def test_calibration_of_perfect_and_of_hopeless_confidence():
    """Certainty that is right has a Brier score of 0, that is wrong of 1; the curve has the bins that were used."""
    perfect = calibration([(1.0, True), (0.0, False)])
    assert (perfect.brier, perfect.expected_error, perfect.accuracy) == (0.0, 0.0, 0.5)
    assert [(b.low, b.high, b.count) for b in perfect.curve] == [(0.0, 0.2, 1), (0.8, 1.0, 1)]
    assert calibration([(1.0, False), (0.0, True)]).brier == 1.0
    assert calibration([]) is None
    with pytest.raises(ValueError, match="probability"):
        calibration([(5, True)])


def test_murphys_decomposition_holds():
    """Where a bin has one confidence: Brier score = reliability - resolution + uncertainty."""
    rng = Random(5)
    pairs = [(c, rng.random() < 0.3 + 0.5 * c) for c in (0.1, 0.3, 0.5, 0.7, 0.9) for _ in range(40)]
    found = calibration(pairs)
    uncertainty = found.accuracy * (1 - found.accuracy)
    assert found.brier == pytest.approx(found.reliability - found.resolution + uncertainty)
    assert sum(b.count for b in found.curve) == found.count == 200


def test_equations_have_variables_and_nothing_is_undone(items):
    """At least four equations in five have variables, and no line puts back what a line before has rewritten."""
    for name in ("eq_pc", "eq_gf", "eq_er"):
        made = [e for p in items[name] for e in problem_of(p.shown).equations.values()]
        assert sum(bool(variables(e.left, e.right)) for e in made) >= 0.8 * len(made)
    for seed in range(40):
        maker = ChainMaker(Random(seed), SHAPES[4])
        maker.run(6)
        alike = LookalikeMaker(Random(seed), LOOKALIKES[4])
        alike.run([alike.right] * 6)
        for made in (maker, alike):
            for k, step in enumerate(made.steps):
                for c in step.contractions:
                    assert all(dict(positions(t)).get(c.position) is not c.redex for t in made.terms[k + 2 :])


def _linear(side):
    """A side of an equation with a variable of its own in each place."""
    names = (f"V{k}" for k in range(1, 50))

    def walk(term):
        return parse_term(next(names)) if term.is_variable else apply(term.name, *map(walk, term.args))

    return walk(side)


def _looks(equation, before, after):
    """Whether both sides fit, if what has to be equal need not be, and the terms differ just where the sides do."""
    if match(_linear(equation.left), before) is None or match(_linear(equation.right), after) is None:
        return False
    places = [p for p, t in positions(equation.left) if not t.args]
    return all(
        (subterm(equation.left, p) is subterm(equation.right, p)) is (subterm(before, p) is subterm(after, p))
        for p in places
    )


@pytest.mark.parametrize("name", ["eq_pc", "eq_er"])
def test_a_step_looks_as_if_other_equations_had_made_it(items, name):
    """Equations share their symbols, two levels or more; each single rewrite looks as if it were by several of them."""
    single = steps = 0
    for problem in items[name]:
        given = list(problem_of(problem.shown).equations.values())
        (skeleton,) = {re.sub(r"V\d+|\b[a-e]\b", "_", str(side)) for e in given for side in (e.left, e.right)}
        assert skeleton.count("(") >= 3
        assert all(part.args for e in given for part in e.left.args)
        for before, after in pairwise(line.term for line in chain_lines(problem.shown)):
            there = dict(positions(after))
            places = [
                (t, there[p]) for p, t in positions(before) if p in there and replace(before, p, there[p]) is after
            ]
            alike = {e.name for one, other in places for e in given if _looks(e, one, other)}
            steps += 1
            single += bool(alike)
            assert len(alike) != 1
    assert single >= steps / 2


def test_programs_that_compare_looks_do_not_pass_chance(items):
    """Where and by what a step looks made, taken for the answer: no more than chance on forty items."""
    for name, attacks in (("eq_pc", equational.pc_attacks()), ("eq_er", equational.er_attacks())):
        task = get_task(name)
        looking = [attack for attack in attacks if "look" in attack.name]
        assert len(looking) >= 10
        for attack in looking:
            assert not passes_chance(run(task, items[name], attack), task.chance, len(attacks)), attack.name


def test_no_model_of_two_elements_tells_that_a_gap_cannot_be_filled(items):
    """Impossibility takes three elements: a search over two finds no model in which the two sides differ."""
    seen = 0
    for problem in items["eq_gf"]:
        if problem.reference["certificate"] is None:
            continue
        seen += 1
        lines = chain_lines(problem.shown)
        (at,) = (k for k, line in enumerate(lines) if line.kind == "gap")
        equations = list(problem_of(problem.shown).equations.values())
        assert problem.reference["certificate"]["size"] == 3
        assert find_model(equations, lines[at - 1].term, lines[at + 1].term, sizes=(2,)) is None
    assert seen
