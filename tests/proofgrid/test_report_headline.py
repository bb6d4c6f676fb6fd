"""The first screen: three sentences that agree with the paired tests and the counts, and where figures come from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from proofgrid.comparing import compare_all
from proofgrid.report import leaderboard
from proofgrid.report.board import make_board
from proofgrid.report.headline import Spending, dollars, how_proofs_fail, what_it_cost, who_leads
from proofgrid.report.provenance import moment, provenance, served_changes
from proofgrid.report.simulate import simulate_run
from proofgrid.run.scored import ScoredRun
from proofgrid.statistics import proportion, tally

NAMES = ("a/strong", "b/good", "c/weak", "d/weaker")


def led(*rights: list[int], n: int = 40) -> str:
    """The first sentence about models that solve these items of ``n``."""
    right = pd.DataFrame(np.array([[int(i in r) for i in range(n)] for r in rights], dtype=float), NAMES[: len(rights)])
    means = [proportion(tally(row)) for row in right.to_numpy()]
    return who_leads(NAMES[: len(rights)], means, compare_all(right, right * 0 + 1), 1)


def test_a_clear_lead_is_significant_and_a_narrow_one_is_not() -> None:
    """Forty of forty against ten is significant; forty against thirty-nine is not, and the sentence names the rival."""
    clear = led(list(range(40)), list(range(10)))
    assert clear.startswith("a/strong leads with 100% (95% interval 91–100). ")
    assert clear.endswith("By paired tests it is significantly better than the other model.")
    narrow = led(list(range(39)), list(range(40)), list(range(8)))
    assert narrow.startswith("b/good leads with 100%")
    assert "not told apart from a/strong" in narrow
    assert "significantly better than one of the 2 others" in narrow


def test_one_model_leads_nobody() -> None:
    """With one model there is no comparison to state."""
    assert led([0, 1], n=2) == "a/strong solves 100% (95% interval 34–100) of 2 items."


def test_a_tie_is_no_lead() -> None:
    """Who is first together is named together; models that all do alike, or nothing, are no leaders."""
    assert led([0, 1], [0, 1], n=2) == "Both models solve 100% (95% interval 34–100): a/strong and b/good."
    assert led([0], [1], [2], n=4).startswith("All 3 models solve 25%")
    assert led([], [], n=9) == "None of the 2 models solves any item."
    tie = led(list(range(40)), list(range(40)), list(range(8)))
    assert tie.startswith("a/strong and b/good lead with 100% (95% interval 91–100) each.")
    assert tie.endswith("By paired tests each is significantly better than the other model.")
    near = led(list(range(40)), list(range(40)), list(range(39)), list(range(8)))
    assert near.endswith("they are significantly better than one of the 2 others and not all told apart from c/weak.")


def test_models_without_a_common_item_are_not_compared() -> None:
    """Where two models share no item the sentence says so."""
    right = pd.DataFrame([[1.0, 1.0, 0, 0], [0, 0, 1.0, 0.0]], NAMES[:2])
    asked = pd.DataFrame([[1.0, 1, 0, 0], [0, 0, 1, 1]], NAMES[:2])
    means = [proportion(tally([1, 1])), proportion(tally([1, 0]))]
    assert "shares no item with one" in who_leads(NAMES[:2], means, compare_all(right, asked), 1)


def test_the_commonest_failure_is_said_in_plain_words() -> None:
    """The sentence counts and names it without its code; answers that never were proofs are not hidden."""
    said = how_proofs_fail({"notInAB": 30, "Parsing": 5}, 40, {"slip": 10, "fallacy": 20}, {"truncated": 5})
    assert said == (
        "The commonest first failure is an argument that was not shown to hold: 30 of 35 rejected proofs, "
        "10 with a conclusion that does follow, 20 with one that does not."
    )
    assert "cut off" in how_proofs_fail({"notInAB": 3}, 40, {}, {"truncated": 37})
    assert how_proofs_fail({}, 0, {}, {}) == "No answer is wrong."
    alike = how_proofs_fail({"notInAB": 1, "Parsing": 1}, 2, {"slip": 1}, {})
    assert alike == (
        "First failures are most often an argument that was not shown to hold and text that is no proof: "
        "1 each of 2 rejected proofs."
    )
    assert "unreadable: 9 of 10" in how_proofs_fail({}, 10, {}, {"unparsable": 9})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "free"),
        (0.00004, "$0.00004"),
        (0.0041, "$0.0041"),
        (0.25, "$0.25"),
        (0.5, "$0.50"),
        (0.0996, "$0.10"),
        (12.3, "$12.30"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_is_never_a_rounded_zero(value: float, text: str) -> None:
    """Two digits that say something, however small the sum; nothing is free."""
    assert dollars(value) == text


def test_unknown_prices_are_not_zero() -> None:
    """What has no known price is said, and free models are free."""
    assert what_it_cost(Spending(10, 0.0, 0, 5e6, 7300)) == (
        "10 answers cost nothing; 5.0 million tokens; 2.0 h of answering."
    )
    assert "an unknown sum" in what_it_cost(Spending(10, float("nan"), 10, 0, 0))
    assert "$1.00 and 4 answers of unknown price" in what_it_cost(Spending(10, 1.0, 4, 0, 0))
    assert "10.0 Wh" in what_it_cost(Spending(1, 0.0, 0, 0, 0, 36_000))
    assert "0.0041 Wh (3 measured answers)" in what_it_cost(Spending(10, 0.0, 0, 0, 0, 14.7, 3))


def test_the_sentences_agree_with_the_board() -> None:
    """The leader is the leaderboard's first row, and its rivals are those that no paired test tells apart."""
    board = make_board([simulate_run(6, 6, tasks=("pl1_pw", "pl1_pc"))])
    rows = leaderboard.heat_rows(board)
    first, second, third = leaderboard.sentences(board)
    assert first.startswith(f"{rows[0].name} leads with {rows[0].solved.percent}%")
    told = int(board.pairwise().better[rows[0].who].sum())
    assert ("significantly better" in first) == (told > 0)
    assert "rejected proof" in second
    assert f"{int(board.attempts['error'].isna().sum())} answers cost" in third


def test_where_the_figures_come_from() -> None:
    """Suite, samples, parameters, version and dates stand in the strip, dates as a person writes them."""
    run = simulate_run(2, 2, tasks=("pl1_pw",))
    models = [
        {"label": "m", "api": "openai", "params": {"temperature": 0.6}, "max_tokens": 8000,
         "served": [{"model": "m-1", "version": None, "answers": 3}, {"model": "m-2", "version": None, "answers": 1}]},
        {"label": "n", "api": "openai", "params": {"temperature": 1.0}, "max_tokens": 8000},
    ]  # fmt: skip
    header = {
        "sources": [{"kind": "seed", "name": "7", "seeds": 3}],
        "models": models,
        "invocations": [{"proofgrid": "0.3.0"}, {"proofgrid": "0.3.1"}],
        "started": "2026-11-28T17:48:09.123+00:00",
        "ended": "2026-11-28T19:02:00.000+00:00",
    }
    board = make_board([ScoredRun("first", header, run.items, run.attempts)])
    assert provenance(board) == [
        ("items", "seeds 7 to 9"),
        ("samples", "1 an item"),
        ("asked with", "temperature that differs by model, max tokens 8000"),
        ("ProofGrid", "0.3.0; 0.3.1"),
        ("run", "28 Nov 2026, 17:48 to 19:02 UTC"),
    ]
    assert served_changes(board) == ["m: the served model changed while the run went on: m-1 (3), m-2 (1)."]
    assert moment("2026-11-28T18:48:00+01:00") == "28 Nov 2026, 17:48 UTC"
    assert moment(None) == moment("yesterday") == ""
