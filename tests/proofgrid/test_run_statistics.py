"""Statistics of attempts, and the response matrix, against textbook values and by simulation."""

from __future__ import annotations

from itertools import combinations
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.matrix import response_matrix, values_of_outcomes
from proofgrid.run.scored import ATTEMPT_COLUMNS, ScoredRun
from proofgrid.statistics import majority, pass_at_k, summarize, wilson
from proofgrid.tasks import Outcome
from tests.proofgrid.small_items import problems


def attempts(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A table of attempts; what a row leaves out is usual."""
    usual = dict.fromkeys(ATTEMPT_COLUMNS)
    base = {**usual, "model": "m", "task": "pl1_pw", "level": 1, "attempt": 0, "round": 0, "strict": False, "parts": {}}
    frame = pd.DataFrame([{**base, **row} for row in rows], columns=list(ATTEMPT_COLUMNS))
    return frame.assign(completion_tokens=pd.to_numeric(frame["completion_tokens"]), cost=pd.to_numeric(frame["cost"]))


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
@settings(max_examples=100, derandomize=True)
def test_pass_at_k_is_the_share_of_subsets_with_a_success(case: tuple[int, int, int]) -> None:
    """The formula equals counting all k-subsets of the samples that hold a correct one."""
    n, correct, k = case
    subsets = list(combinations([1] * correct + [0] * (n - correct), k))
    assert pass_at_k(n, correct, k) == pytest.approx(sum(any(s) for s in subsets) / len(subsets))


def test_pass_at_k_refuses_nonsense() -> None:
    """k above n, or more correct than samples, is a ValueError."""
    for case in ((3, 4, 1), (3, 1, 4), (3, 1, 0)):
        with pytest.raises(ValueError, match="pass@k needs"):
            pass_at_k(*case)


def test_wilson_equals_the_published_example() -> None:
    """81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3)."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20)[0] == 0.0
    assert wilson(0.0, 20)[1] == pytest.approx(0.1611, abs=5e-5)


def test_majority_counts_ties_half() -> None:
    """Two of three is a win, one of two half of one."""
    hits = pd.DataFrame({"item": ["a"] * 3 + ["b"] * 2 + ["c"], "hit": [1, 1, 0, 1, 0, 0]})
    assert majority(hits) == pytest.approx(0.5)


def test_a_summary_keeps_outcomes_apart() -> None:
    """api_error leaves accuracy alone; truncated, refused, empty, unparsable and over the checker's limits count as
    wrong, for nobody may leave the count by writing what cannot be checked; each has its rate."""
    kinds = ["correct", "correct", "incorrect", "truncated", "refused", "empty", "unparsable", "api_error", "api_error",
             "checker_limit"]  # fmt: skip
    table = attempts([{"item": f"i{i}", "outcome": kind} for i, kind in enumerate(kinds)])
    (row,) = summarize(table).to_dict("records")
    assert row["accuracy"] == pytest.approx(2 / 8)
    assert row["answers"] == 10
    assert [row[name] for name in ("truncated", "refused", "empty", "unparsable", "api_error")] == [0.1] * 4 + [0.2]
    assert np.isnan(row["repaired"])
    assert row["cost"] == "unknown"


def test_a_summary_reports_repairs_and_samples_apart() -> None:
    """First-try accuracy ignores repair rounds; pass@k comes from samples; majority from yes/no verdicts."""
    rows = [
        {"item": "a", "outcome": "incorrect", "cost": 0.5},
        {"item": "a", "outcome": "correct", "round": 1, "cost": 0.5},
        {"item": "b", "outcome": "correct", "cost": 0.5},
    ]
    (row,) = summarize(attempts(rows)).to_dict("records")
    assert (row["accuracy"], row["repaired"], row["cost"]) == (0.5, 1.0, "$1.50")
    samples = [
        {"item": item, "attempt": k, "outcome": "correct" if hit else "incorrect", "parts": {"verdict": float(hit)}}
        for item, hits in (("a", (1, 1, 0)), ("b", (0, 0, 1)))
        for k, hit in enumerate(hits)
    ]
    (row,) = summarize(attempts(samples)).to_dict("records")
    assert (row["k"], row["pass_at_k"], row["majority"]) == (3, 1.0, 0.5)
    (row,) = summarize(attempts([{**s, "parts": {}} for s in samples])).to_dict("records")
    assert np.isnan(row["majority"])
    two = summarize(attempts([*rows, {"item": "c", "task": "pl2_pw", "outcome": "correct"}]))
    assert list(two["task"]) == ["pl1_pw", "pl2_pw", "all"]


def test_the_matrix_follows_the_rules_for_every_outcome() -> None:
    """Correct 1; wrong, unreadable, empty, refused 0; truncated by choice; what says nothing of the model missing."""
    kinds = list(values_of_outcomes())
    assert set(kinds) == set(get_args(Outcome))
    items = {p.id: p for p in problems(len(kinds) + 1)}
    rows = [{"item": name, "outcome": kind, "model": "a"} for name, kind in zip(items, kinds, strict=False)]
    rows += [{"item": next(iter(items)), "outcome": "incorrect", "model": "b"}]
    rows += [{**rows[0], "outcome": "incorrect", "attempt": 1}, {**rows[0], "outcome": "incorrect", "round": 1}]
    run = ScoredRun("r", {}, items, attempts(rows))
    matrix, tasks = response_matrix(run)
    assert list(matrix.index) == ["a", "b"]
    assert list(matrix.columns) == list(items)[: len(kinds)]
    np.testing.assert_array_equal(matrix.loc["a"], [1, 0, 0, 0, 0, 0, np.nan, 0, np.nan])
    assert matrix.loc["b"].isna().sum() == len(kinds) - 1
    assert set(tasks) == {"pl1_pw"}
    missing, _ = response_matrix(run, truncated="missing")
    assert missing.loc["a"].isna().sum() == 4
    with pytest.raises(ValueError, match="truncated must be"):
        response_matrix(run, truncated="skip")  # type: ignore[arg-type]
