"""What is asked about a flawed proof: the inference, its controls, the prompt, and how answers are read."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.checker import RULES, countermodel, parse_formula, parse_problem
from proofgrid.checker.rules import instantiate
from proofgrid.stability.controls import controls, corrupted, make_pool
from proofgrid.stability.flaws import Flaw, find_flaw
from proofgrid.stability.reverse import shape
from proofgrid.tasks import Item
from proofgrid.tasks.questions.inference import Asked
from proofgrid.tasks.questions.stability import StabilityQuestion, answer

PROBLEM = "(A ==> B) # (B ==> C) # (D & E) # (A ==> C)"


def flaw(proof: str, problem: str = PROBLEM, language: str = "ndl") -> Flaw:
    """The first failure of a proof that has one."""
    premises, goal = parse_problem(problem)
    found = find_flaw(premises, goal, proof, language)  # type: ignore[arg-type]
    assert found is not None
    return found


def f(text: str) -> object:
    """A formula."""
    return parse_formula(text)


MISMATCH = "{ D BY left-and on (D & E); assume A { B BY mp on (A ==> B), A; D BY mp on (B ==> C), B } }"
MISSING = "{ D BY left-and on (D & E); assume A { C BY mp on (B ==> C), B } }"
MALFORMED = "{ D BY left-and on (D & E); assume A { B BY mp on A, (A ==> B); C BY mp on (B ==> C), B } }"


def test_a_mismatch_asks_about_the_rule_application() -> None:
    """The question is the rule on its arguments as formulas, giving the advertised conclusion."""
    found = flaw(MISMATCH)
    assert found.kind == "conclusionMismatch"
    assert found.asked == Asked("rule", "mp", (f("(B ==> C)"), f("B")), f("D"))
    assert found.depth == 1
    assert [step.asked.rule for step in found.steps] == ["left-and", "mp"]


def test_a_missing_argument_asks_whether_it_follows_from_all_that_holds() -> None:
    """For notInAB the sources are everything that held at the step and the target is the missing formula."""
    found = flaw(MISSING, "(A ==> C) # (B ==> C) # (D & E) # (A ==> C)")
    assert found.kind == "notInAB"
    assert found.asked is not None
    assert found.asked.all_that_holds
    assert found.asked.target is f("B")
    assert {str(s) for s in found.asked.sources} == {"(A ==> C)", "(B ==> C)", "(D & E)", "D", "A"}


def test_what_follows_after_all_is_not_asked() -> None:
    """Where the missing formula does follow from what holds, the right answer would be yes: counted apart."""
    found = flaw(MISSING)
    assert found.kind == "notInAB"
    assert (found.asked, found.not_asked) == (None, "follows_after_all")


def test_a_malformed_application_asks_whether_the_rule_applies() -> None:
    """Arguments in the wrong order, with the conclusion that was advertised; without one, only whether it applies."""
    assert flaw(MALFORMED).asked == Asked("rule", "mp", (f("A"), f("(A ==> B)")), f("B"))
    bare = flaw("{ mp on (D & E), A; D BY left-and on (D & E) }")
    assert bare.asked == Asked("rule", "mp", (f("(D & E)"), f("A")), None)
    assert not bare.asked.valid()


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ("{ D BY left-and on", "no_inference"),
        ("D BY left-and on nowhere", "no_inference"),
        ("left-and on (D & E)", "wrong_goal"),
        ("", "no_inference"),
    ],
)
def test_failures_without_an_inference_are_counted_apart(proof: str, reason: str) -> None:
    """Syntax, undefined names and a wrong final goal are not asked about."""
    found = flaw(proof)
    assert found.asked is None
    assert found.not_asked == reason


def test_correct_proofs_have_no_flaw() -> None:
    """A proof that the checker accepts, with fixes or without, gives no question."""
    premises, goal = parse_problem(PROBLEM)
    proof = "assume A { B BY mp on (A ==> B), A; C BY mp on (B ==> C), B }"
    assert find_flaw(premises, goal, proof, "ndl") is None
    assert find_flaw(premises, goal, proof.replace("mp on (B ==> C), B", "mp on B ==> C, B"), "ndl") is None


def test_macro_steps_ask_what_follows() -> None:
    """A `from` step that does not follow is asked with its justifiers; one that merges too much is not."""
    found = flaw("assume A { D from premise-3; (B & F) from premise-1, A; C from premise-2, A }", language="macro")
    assert found.kind == "doesNotFollow"
    assert found.asked == Asked("follows", "from", (f("(A ==> B)"), f("A")), f("(B & F)"))
    assert [s.asked.target for s in found.steps] == [f("D")]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(RULES)), st.integers(0, 10**6))
def test_corrupted_controls_are_invalid(rule: str, seed: int) -> None:
    """Whatever valid step is corrupted, the result is neither licensed by the rule nor classically entailed."""
    rng = Random(seed)
    form = rng.choice(RULES[rule].forms)
    letters = {f"{name}": parse_formula(rng.choice(["A", "(B & C)", "(~ D)", "(A ==> B)"])) for name in "pqr"}
    bindings = {}
    for pattern in (*form.arguments, form.concludes):
        for atom in _atoms(pattern):
            bindings[atom] = letters[atom.name]
    valid = Asked(
        "rule", rule, tuple(instantiate(p, bindings) for p in form.arguments), instantiate(form.concludes, bindings)
    )
    assert valid.valid()
    wrong = corrupted(valid, rng, {valid})
    if wrong is not None:
        assert not wrong.valid()
        assert wrong.target is not None
        held = [wrong.sources[k] for k in RULES[rule].forms[0].holds]
        assert countermodel(held, wrong.target) is not None


def _atoms(pattern: object) -> list:
    from proofgrid.checker.formulas import postorder

    return [g for g in postorder(pattern) if g.op == "atom"]  # type: ignore[arg-type]


def test_controls_come_from_the_same_proof_and_rule_first() -> None:
    """The valid control is the proof's own step by the same rule, the invalid one its corruption."""
    found = flaw(MISMATCH)
    valid, invalid = controls("p", found, make_pool({"p": found}, {}), set(), Random(1))
    assert valid is not None
    assert invalid is not None
    assert valid == (Asked("rule", "mp", (f("(A ==> B)"), f("A")), f("B")), "same proof, same rule")
    assert valid[0].valid()
    assert not invalid[0].valid()
    assert invalid[0].rule == "mp"


def test_controls_fall_back_to_other_proofs_and_are_not_repeated() -> None:
    """Without a step of its own a proof borrows one; a control is used once."""
    poor = flaw("{ A BY mp on (A ==> B), (D & E); D BY left-and on (D & E) }")
    rich = flaw(MISMATCH)
    assert poor.asked is not None
    pool, used = make_pool({"poor": poor, "rich": rich}, {}), set()
    first, _ = controls("poor", poor, pool, used, Random(1))
    second, _ = controls("poor", poor, pool, used, Random(2))
    assert first is not None
    assert second is not None
    assert first[1] == "another proof, same rule"
    assert second[1] == "another proof, another rule"
    assert first[0] != second[0]


def test_controls_of_what_follows_use_the_same_sources() -> None:
    """For a question of what follows from all that holds, so does the control, and its truth is confirmed."""
    found = flaw(MISSING, "(A ==> C) # (B ==> C) # (D & E) # (A ==> C)")
    valid, invalid = controls("p", found, make_pool({"p": found}, {}), set(), Random(3))
    assert valid is not None
    assert invalid is not None
    assert valid[0].all_that_holds
    assert valid[0].target not in valid[0].sources
    assert valid[0].valid()
    assert not invalid[0].valid()


def test_invalid_controls_are_never_what_the_model_wrote() -> None:
    """Every corruption that the model wrote itself is passed over."""
    found = flaw(MISMATCH)
    pool = make_pool({"p": found}, {})
    seen = set()
    for seed in range(60):
        _, invalid = controls("p", found, pool, set(), Random(seed))
        assert invalid is not None
        seen.add(invalid[0])
    assert found.asked not in seen
    forbidden = frozenset(seen)
    again = corrupted(Asked("rule", "mp", (f("(A ==> B)"), f("A")), f("B")), Random(1), forbidden)
    assert again not in forbidden


def question(asked: Asked, asks: str = "valid", valid_first: bool = True) -> Item:
    """A question as the plan makes it."""
    shown = {**asked.to_json(), "asks": asks, "valid_first": valid_first}
    return Item("stability-x", "stability", 1, 0, shown, {"valid": asked.valid(), "class": "flawed"}, {})


def test_the_prompt_is_neutral_and_complete() -> None:
    """It holds the rule's statement, every formula and both words, and no hint of where the inference comes from."""
    asked = flaw(MISMATCH).asked
    assert asked is not None
    task = StabilityQuestion()
    wordings = [(asks, first) for asks in ("valid", "invalid") for first in (True, False)]
    texts = {task.prompt(question(asked, *wording).shown) for wording in wordings}
    assert len(texts) == 4
    for text in texts:
        assert RULES["mp"].english in text
        assert "1. (B ==> C)\n2. B\nConclusion: D" in text
        for word in ("you wrote", "your proof", "a model", "error", "mistake", "flaw"):
            assert word not in text
    follows = task.prompt(question(Asked("follows", "", (f("A"),), f("B"), all_that_holds=True)).shown)
    assert "nothing else is known" in follows


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (answer(True, "yes"), True),
        (answer(False, "no"), False),
        ('Let me think. {"verdict": "valid"} no: ```json\n{"reason": "r", "verdict": "Invalid."}\n```', False),
        ('{"verdict": true}', True),
        ('{"verdict": "perhaps"}', None),
        ("it is valid", None),
        ("", None),
    ],
)
def test_answers_are_read(text: str, value: bool | None) -> None:
    """Verdicts in any of the usual shapes; what is none of them is unparsable, never a rejection."""
    asked = flaw(MISMATCH).asked
    assert asked is not None
    task, problem = StabilityQuestion(), question(asked)
    assert task.read(problem.shown, text).value == value
    score = task.score(problem, text)
    if value is None:
        assert score.outcome in ("unparsable", "empty")
        assert "rejected" not in score.parts
    else:
        assert score.parts["rejected"] == float(not value)
        assert (score.outcome == "correct") == (value is False)


def test_questions_survive_a_round_trip_and_the_checker_answers_them() -> None:
    """A question read back from its text is the same inference, and the builtin answer is the checker's."""
    for proof in (MISMATCH, MALFORMED):
        asked = flaw(proof).asked
        assert asked is not None
        problem = question(asked)
        assert Asked.from_json(problem.shown) == asked
        task = StabilityQuestion()
        assert task.score(problem, task.attempt(problem.shown, 1)).points == 1.0
        assert task.score(problem, task.reference_answer(problem)).points == 1.0


def test_inferences_are_compared_up_to_renaming() -> None:
    """Equal up to the names of atoms is the same inference; a different rule or form is not."""
    one = Asked("rule", "mp", (f("(A ==> (B & A))"), f("A")), f("(B & A)"))
    two = Asked("rule", "mp", (f("(D1 ==> (C & D1))"), f("D1")), f("(C & D1)"))
    other = Asked("rule", "mp", (f("(A ==> (B & B))"), f("A")), f("(B & B)"))
    assert shape(one) == shape(two) != shape(other)


def test_enormous_formulas_are_not_asked_about() -> None:
    """Names make a short proof of a formula with millions of symbols; it is counted apart, and quickly."""
    steps = ["X0 := claim on A"] + [f"X{k} := both on X{k - 1}, X{k - 1}" for k in range(1, 25)]
    found = flaw("{ " + "; ".join([*steps, "B BY left-and on X24"]) + " }", "A # B")
    assert found.kind == "conclusionMismatch"
    assert found.not_asked == "too_long"
