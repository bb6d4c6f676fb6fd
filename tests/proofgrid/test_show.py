"""``show`` and ``check`` as a person reads them, at 80 and at 120 columns (golden files)."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from proofgrid.checker import check
from proofgrid.checker.render import render
from proofgrid.report.packing import packed_answer
from proofgrid.report.proofs import true_error
from proofgrid.report.showing import attempt, given, numbered, where
from proofgrid.report.verdicts import verdict_from
from proofgrid.run.scored import ATTEMPT_COLUMNS
from proofgrid.tasks import Item, get_task

GOLDEN = Path(__file__).parent / "golden"
PREMISES = ["((A | B) ==> (C & D))", "(D ==> (~ E))", "(A <==> F)"]
GOAL = "(F ==> (~ E))"
ITEM = Item("pl1_pw-t-00001", "pl1_pw", 2, 0, {"premises": PREMISES, "goal": GOAL}, {"proof": ""}, {"steps": 6.0})
RIGHT = """assume h := F {
  one := (F ==> A) BY right-iff on premise-3;
  two := A BY mp on one, h;
  three := (A | B) BY left-either on two, B;
  four := (C & D) BY mp on premise-1, three;
  five := D BY right-and on four;
  (~ E) BY mp on premise-2, five
}"""
ANSWERS = {
    "right": json.dumps({"description": "", "proof": RIGHT}),
    "slips": "Here it is:\n\n```\n"
    + RIGHT.replace("(C & D) BY", "C & D BY").replace("mp on one, h", "MP on one, h")
    + "\n```",
    "missing": json.dumps({"proof": RIGHT.replace("on premise-1, three", "on premise-1, (B | A)")}),
    "misfit": json.dumps({"proof": RIGHT.replace("mp on one, h", "mp on h, one")}),
    "elsewhere": json.dumps({"proof": "A BY claim on A"}),
    "nothing": "I think that the goal follows from the premises.",
}


def golden(name: str, text: str) -> None:
    """Compare with a golden file (PROOFGRID_WRITE_GOLDEN=1 writes it)."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("PROOFGRID_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_shown_as_it_was(name: str, width: int) -> None:
    """What was given, the proof with numbers, the verdict, the fixes and where the answer stood."""
    score = get_task("pl1_pw").score(ITEM, ANSWERS[name])
    lines = [*given(ITEM), "", *attempt(ITEM, "model/one, attempt 0", ANSWERS[name], score, width=width)]
    golden(f"show_{name}_{width}", "\n".join(lines) + "\n")


CHAIN = "s = f(f(a))\n  = g(f(a),b) by E1\n  ?? ??\n  = b by E2"
EQUATIONS = ["E1: f(V1) = g(V1,b)", "E2: g(V1,V2) = V2", "E3: f(a) = a"]
GAP = Item(
    "eq_gf-t-00001",
    "eq_gf",
    1,
    0,
    {"equations": EQUATIONS, "chain": CHAIN},
    {"missing": [["g(a,b)", ["E3"]]], "certificate": None},
    {},
)
STEPS = Item(
    "eq_er-t-00001",
    "eq_er",
    1,
    0,
    {"equations": EQUATIONS, "chain": "s = f(f(a))\n  = g(f(a),b)\n  = g(a,b)\n  = a"},
    {"justifications": [[["E1"]], [["E3"]], []]},
    {},
)
CHECKED = Item(
    "eq_pc-t-00001",
    "eq_pc",
    1,
    0,
    {"equations": EQUATIONS, "chain": "s = f(f(a))\n  = g(a,b) by E1\n  = b by E2"},
    {
        "correct": False,
        "explanation": {
            "step": 1,
            "error": "wrong contractum",
            "equation": "E1",
            "position": [],
            "actual": "g(a,b)",
            "expected": "g(f(a),b)",
        },
    },
    {},
)


def missing(*steps: tuple[str, str]) -> str:
    """An answer to GAP."""
    listed = [{"term": term, "supportingEquations": [name]} for term, name in steps]
    return json.dumps({"missingSteps": listed, "confidence": 4})


def named(*steps: list[str]) -> str:
    """An answer to STEPS."""
    listed = [{"step": k, "supportingEquations": names} for k, names in enumerate(steps, 1)]
    return json.dumps({"stepJustifications": listed})


CHAINS = {
    "gap_filled": (GAP, missing(("g(a,b)", "E3"))),
    "gap_wrong": (GAP, missing(("g(a,b)", "E2"))),
    "gap_contractum": (GAP, missing(("g(b,b)", "E3"))),
    "gap_given_up": (GAP, missing()),
    "steps_wrong": (STEPS, named(["E1"], ["E1"], ["E2"])),
    "steps_denied": (STEPS, named(["E1"], [], [])),
    "chain_judged": (CHECKED, json.dumps({"correct": False, "explanation": {"step": 2, "given": ["E2"]}})),
}


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_is_shown_with_the_answer_in_it(name: str, width: int) -> None:
    """The chain that was judged, the line that fails in it, and the same picture of it as of a failed proof."""
    item, text = CHAINS[name]
    score = get_task(item.task).score(item, text)
    assert (score.outcome == "correct") == (name == "gap_filled")
    lines = [*given(item), "", *attempt(item, "model/one, attempt 0", text, score, width=width)]
    golden(f"show_{name}_{width}", "\n".join(lines) + "\n")


@pytest.mark.parametrize("outcome", ["correct", "incorrect"])
@pytest.mark.parametrize("name", ["gap_filled", "gap_given_up", "steps_wrong"])
def test_the_page_is_told_the_line_of_a_gap_rightly_left_open(name: str, outcome: str) -> None:
    """Only where the answer is right and the gap is still there: the third line of that chain."""
    item, text = CHAINS[name]
    answer = json.loads(json.dumps(get_task(item.task).score(item, text).answer))
    row = dict.fromkeys(ATTEMPT_COLUMNS) | {"answer": answer, "attempt": 0, "round": 0, "outcome": outcome}
    told = packed_answer(item, row).get("gap")
    assert told == (3 if (name, outcome) == ("gap_given_up", "correct") else None)


@pytest.mark.parametrize("name", CHAINS)
def test_the_viewer_underlines_what_the_terminal_does(name: str) -> None:
    """The line and the places under which the terminal draws carets are those that the page is given."""
    item, text = CHAINS[name]
    score = get_task(item.task).score(item, text)
    row = dict.fromkeys(ATTEMPT_COLUMNS)
    stored = json.loads(json.dumps({"answer": score.answer, "verdict": score.verdict}))
    row |= stored | {"attempt": 0, "round": 0, "outcome": score.outcome, "text": text, "strict": score.strict}
    packed = packed_answer(item, row)
    shown = "\n".join(attempt(item, "m", text, score))
    if name == "chain_judged":
        error = true_error(item)
        assert error is not None
        assert (error["line"], error["marks"]) == (2, [(5, 6, "E1 gives g(f(a),b)")])
        assert packed["claim"] == 3
        return
    if name == "gap_filled":
        assert packed["proof"] == CHAIN.replace("?? ??", "= g(a,b) by E3")
        assert "fault" not in packed
        return
    failed = packed.get("fault") or {**packed["verdict"]["failure"], "marks": packed["marks"]}
    line = packed["proof"].split("\n")[failed["line"] - 1]
    assert f"{failed['line']} | {line}" in shown
    for column, length, label in failed["marks"]:
        assert " " * (column - 1) + "^" * length + (f" {label}" if label else "") in shown


@pytest.mark.parametrize("width", [80, 120])
def test_a_check_reads_as_it_did(width: int) -> None:
    """A failed proof with a long message, its notes wrapped under each other, the quoted line whole."""
    proof = RIGHT.replace("on premise-1, three", "on premise-1, (B | A)")
    verdict = check(" # ".join([*PREMISES, GOAL]), proof)
    text = render(verdict, name="proof.ndl", width=width)
    golden(f"check_{width}", text + "\n")
    said = render(verdict, name="proof.ndl")
    assert " ".join(text.split()) == " ".join(said.split())


def test_a_verdict_survives_its_json() -> None:
    """A verdict read back from what a score keeps draws the same picture."""
    for proof in (RIGHT, RIGHT.replace("mp on one, h", "mp on h, one"), "A BY claim on A", "(("):
        verdict = check(" # ".join([*PREMISES, GOAL]), proof)
        again = verdict_from(json.loads(json.dumps(verdict.to_json())))
        assert again is not None
        assert render(again) == render(verdict)
    assert verdict_from(None) is None
    assert verdict_from({"failure": 3}) is None


def test_the_raw_answer_and_hidden_characters() -> None:
    """With raw the text stands as it came; a proof's control characters are made visible."""
    score = get_task("pl1_pw").score(ITEM, ANSWERS["slips"])
    raw = list(attempt(ITEM, "m", ANSWERS["slips"], score, raw=True))
    assert raw[2] == "The raw answer:"
    assert "```" in raw
    assert "\x1b" not in "".join(numbered("a \x1b[31m b\n\x07"))


def test_a_long_proof_is_shown_around_its_failure() -> None:
    """Of thousands of lines those around the failing one are shown, and how many others there are."""
    lines = list(numbered("\n".join(f"s{i}" for i in range(5000)), 3000))
    assert any(line.startswith("  > 3000 | s2999") for line in lines)
    assert len(lines) < 40
    assert "2,987 lines before" in lines[0]


def test_where_an_answer_stood() -> None:
    """The lines of the raw text are named, escaped in JSON or not; a text that is all answer says nothing."""
    assert where("x y", "so\nx y\nend") == "stood in line 2 of 3 of the raw answer (--raw shows it)"
    assert where("a\nb", '{"proof": "a\\nb"}').startswith("stood in line 1 of 1")
    assert where("x", "x\n") == ""
    assert where("gone", "other") == ""
