"""Proof writing: items that hold what they promise, prompts, reading, scores and the builtin prover's attempts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise, product

import pytest

from proofgrid.checker import check, countermodel, parse_formula, parse_problem
from proofgrid.checker.formulas import FALSE, atoms, evaluate
from proofgrid.checker.rules import RULES
from proofgrid.tasks import get_task
from proofgrid.tasks.core import Item
from proofgrid.tasks.kinds.writing import EXAMPLE, MACRO_EXAMPLE, answer_text, pair
from proofgrid.tasks.making.problems import decided_by_one_rule
from proofgrid.tasks.prompting import NOT_OFFERED

TASKS = ("pl1_pw", "pl2_pw", "pl3_pw")


@pytest.fixture(scope="module", params=TASKS)
def made(request):
    """A task with 36 of its problems."""
    task = get_task(request.param)
    return task, list(task.generate(36, seed=11))


def test_references_score_one_strictly_and_nothing_scores_nothing(made):
    """Every reference answer is strictly correct; empty, blank and unreadable answers score 0 and are told apart."""
    task, problems = made
    for problem in problems:
        score = task.score(problem, task.reference_answer(problem))
        assert (score.outcome, score.points, score.strict) == ("correct", 1.0, True)
        assert score.parts == {"instrumented": 1.0, "strict": 1.0, "sound": 1.0}
    problem = problems[0]
    for text, outcome in (
        ("", "empty"),
        ("  \n", "empty"),
        (answer_text("", ""), "empty"),
        ("I cannot do this.", "unparsable"),
        ('{"proof": 3}', "unparsable"),
    ):
        score = task.score(problem, text)
        assert (score.outcome, score.points) == (outcome, 0.0)
        assert score.feedback


def test_goals_follow_and_premises_are_consistent(made):
    """SAT says so for each item; where there are at most 10 atoms a truth table written here says so, too."""
    _, problems = made
    for problem in problems:
        premises, goal = pair(problem.shown)
        assert countermodel(premises, goal) is None
        assert countermodel(premises, FALSE) is not None
        assert goal not in premises
        names = atoms(*premises, goal)
        if len(names) <= 10:
            for row in product((True, False), repeat=len(names)):
                values = dict(zip(names, row, strict=True))
                assert evaluate(goal, values) or not all(evaluate(p, values) for p in premises)


def test_no_goal_is_one_step_away(made):
    """No single rule application is a proof: tried through the checker, with premises and parts of the goal."""
    task, problems = made
    for problem in problems:
        assert problem.difficulty["steps"] >= 2
        premises, goal = pair(problem.shown)
        if task.language != "ndl" or len(premises) > 4 or problem.level > 2:
            continue
        parts = [str(f) for f in dict.fromkeys((*premises, goal, *(_parts(goal))))]
        for rule in RULES.values():
            for arguments in product(parts, repeat=rule.arity):
                proof = f"{rule.name} on {', '.join(arguments)}"
                assert not check((premises, goal), proof, mode="strict").correct, (proof, problem.shown)


def _parts(formula):
    return [getattr(formula, side) for side in ("left", "right") if hasattr(formula, side) and getattr(formula, side)]


@pytest.mark.parametrize(
    ("problem", "decided"),
    [
        ("(A & B) # A", True),
        ("A # (B ==> A) # (B | A)", True),
        ("(A | B) # (A ==> C) # (B ==> C) # C", True),
        ("(B | (~ B))", True),
        ("A # A", True),
        ("(~ (A | B)) # (~ A)", False),
        ("A # B # C # (A & (B & C))", False),
        ("(A ==> B) # ((~ B) ==> (~ A))", False),
    ],
)
def test_problems_that_one_rule_decides_are_recognised(problem, decided):
    """Premises by themselves, weakening, cases and excluded middle count; two rules in a row do not."""
    assert decided_by_one_rule(*parse_problem(problem)) is decided


def test_difficulty_is_a_vector_and_levels_order_the_length_of_proofs(made):
    """Each item records its sizes and the search effort, and a higher level means a longer shortest proof."""
    task, problems = made
    names = {"premises", "atoms", "size", "depth", "steps", "lines", "nesting", "effort"}
    assert all(set(problem.difficulty) == names for problem in problems)
    lengths = {level: [p.difficulty["steps"] for p in problems if p.level == level] for level in task.levels}
    for low, high in pairwise(task.levels):
        assert max(lengths[low]) < min(lengths[high])


def test_levels_order_the_builtin_prover_and_budgets_separate(made):
    """At any budget the lower half of the levels is solved no less often, and each larger budget solves more."""
    task, problems = made
    totals = []
    for budget in (12, 80, 400, 20_000):
        solved = dict.fromkeys(task.levels, 0.0)
        for problem in problems:
            solved[problem.level] += task.score(problem, task.attempt(problem.shown, budget)).points
        rates = list(solved.values())
        assert sum(rates[:3]) >= sum(rates[3:])
        totals.append(sum(rates))
    assert totals == sorted(totals)
    assert len(set(totals)) >= 3
    assert totals[-1] == len(problems)


def test_attempts_that_fail_say_so_and_keep_to_the_format(made):
    """A search that runs out answers in the format, admits it, and hands over what it had concluded."""
    task, problems = made
    hard = problems[5]
    text = task.attempt(hard.shown, 3)
    answer = json.loads(text)
    assert "No proof was found" in answer["description"]
    score = task.score(hard, text)
    assert score.points == 0.0
    assert score.outcome in ("empty", "incorrect")


def test_attempts_depend_on_what_is_shown_alone(made):
    """The builtin prover reads no reference: the shown part through JSON and back gives the same answer."""
    task, problems = made
    for problem in problems[:6]:
        shown = json.loads(json.dumps(problem.shown))
        assert task.attempt(shown, 500) == task.attempt(problem.shown, 500)


def test_problems_survive_their_own_json(made):
    """An item written as a line and read back is the same item."""
    _, problems = made
    for problem in problems:
        assert Item.from_json(problem.to_json()) == problem


def test_feedback_is_the_checkers_message_with_the_line(made):
    """A wrong proof is answered with the offending line and the reason, for repair rounds."""
    task, problems = made
    step = "(A & Z9) from premise-1" if task.language == "macro" else "(A & Z9) BY claim on (A & Z9)"
    problem = problems[0]
    score = task.score(problem, answer_text("wrong", f"{{\n  {step};\n  {step}\n}}"))
    assert score.outcome == "incorrect"
    assert score.feedback is not None
    assert "(A & Z9)" in score.feedback
    assert score.verdict is not None
    assert score.verdict["failure"]["line"] == 2


def test_answers_are_read_from_fences_reasoning_and_lists_of_lines(made):
    """The proof counts inside a fence, after reasoning, with raw line breaks, and as a list of lines."""
    task, problems = made
    problem = problems[3]
    proof = problem.reference["proof"]
    plain = task.reference_answer(problem)
    for text in (
        f"Here it is:\n```json\n{plain}\n```\n",
        f'<think>{{"proof": "claim on A"}}</think>\n{plain}',
        '{"description": "x", "proof": "' + proof + '"}',
        json.dumps({"description": "x", "proof": proof.split("\n")}),
    ):
        assert task.score(problem, text).points == 1.0, text


def test_prompts_show_the_problem_and_the_rules_of_the_table(made):
    """A prompt holds every premise by name, the goal, and for NDL each offered rule's sentence and no other."""
    task, problems = made
    for problem in problems[:6]:
        prompt = task.prompt(problem.shown)
        for number, text in enumerate(problem.shown["premises"], 1):
            assert f"premise-{number} := {text}\n" in prompt
        assert f"Goal: {problem.shown['goal']}\n" in prompt
        assert problem.reference["proof"] not in prompt
        assert 3_000 < len(prompt) < 14_000
        for rule in RULES.values():
            offered = task.language == "ndl" and rule.name not in NOT_OFFERED
            assert (rule.english in prompt) is offered
        assert "suppose-absurd" not in prompt
        assert '"description"' in prompt


@pytest.mark.parametrize(("example", "language"), [(EXAMPLE, "ndl"), (MACRO_EXAMPLE, "macro")])
def test_the_examples_in_the_prompts_are_strictly_correct(example, language):
    """What a model is shown as a proof is one."""
    premises = [parse_formula(line.split(":=")[1]) for line in example["premises"].splitlines()]
    verdict = check((premises, example["goal"]), example["proof"], mode="strict", language=language)
    assert verdict.correct, verdict.failure


def test_the_whole_language_is_accepted_even_where_it_is_not_offered():
    """A proof with suppose-absurd and from-complements counts in pl1_pw."""
    task = get_task("pl1_pw")
    shown = {"premises": ["(A & ~A)"], "goal": "(~ B)"}
    problem = Item("x", "pl1_pw", 1, 0, shown, {"proof": ""}, {})
    proof = "{ a := left-and on premise-1; b := right-and on premise-1; suppose-absurd B { absurd on a, b } }"
    assert task.score(problem, answer_text("", proof)).strict
    proof = "{ a := left-and on premise-1; b := right-and on premise-1; from-complements on (~ B), a, b }"
    assert task.score(problem, answer_text("", proof)).strict


def test_merging_premises_scores_nothing_in_pl3():
    """Two conjunctions of premises and then the goal is cheating, and the checker sees it."""
    task = get_task("pl3_pw")
    names = [f"A{i}" for i in range(1, 9)]
    goal = "(A8 & A2)"
    problem = Item("x", "pl3_pw", 1, 0, {"premises": names, "goal": goal}, {"proof": ""}, {})
    one, two = "(" + " & ".join(names[:4]) + ")", "(" + " & ".join(names[4:]) + ")"
    cites = [", ".join(f"premise-{i}" for i in part) for part in ((1, 2, 3, 4), (5, 6, 7, 8))]
    proof = f"{{ {one} from {cites[0]}; {two} from {cites[1]}; {goal} from {one}, {two} }}"
    score = task.score(problem, answer_text("", proof))
    assert score.outcome == "incorrect"
    assert score.verdict is not None
    assert score.verdict["failure"]["kind"] == "aggregation"


def test_the_same_seed_gives_the_same_bytes_under_any_hash_seed():
    """Two interpreters with different hash seeds write the same items, and the items differ from another seed's."""
    script = (
        "from tasks import get_task\n"
        "for t in ('pl1_pw', 'pl2_pw', 'pl3_pw'):\n"
        "    for p in get_task(t).generate(12, seed=5): print(p.to_json())\n"
    )
    outputs = []
    for hash_seed in ("1", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        run = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True)
        outputs.append(run.stdout)
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") == 36
    here = [p.to_json() for p in get_task("pl1_pw").generate(12, seed=6)]
    assert not set(here) & set(outputs[0].decode().splitlines())
