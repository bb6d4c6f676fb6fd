"""The table at the end of a run: names, accuracies and intervals stand at 80 columns as at 120 (golden files)."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofgrid.commands.compare import print_pairs
from proofgrid.commands.result_table import result_lines
from proofgrid.comparing import compare_all
from proofgrid.report.names import middle, shortened, without_common_prefix
from proofgrid.run.plan import Estimate, describe_estimates
from proofgrid.statistics import summarize
from proofgrid.tasks import TASK_IDS

GOLDEN = Path(__file__).parent / "golden"
NAMES = (
    "openrouter/deepseek/deepseek-v3.2-exp-thinking-20261001",
    "openrouter/deepseek/deepseek-v3.2-exp-20261001",
    "anthropic/claude-opus-4.5",
    "vllm/Qwen/Qwen3-235B-A22B-Instruct-2507-FP8",
)


def attempts(models: tuple[str, ...], tasks: tuple[str, ...], n: int, outcomes: tuple[str, ...]) -> pd.DataFrame:
    """Answers whose outcomes are dealt from a list, each model beginning one later."""
    rows = []
    for m, model in enumerate(models):
        for t, task in enumerate(tasks):
            for i in range(n):
                outcome = outcomes[(i * i * (m + 1) + t) % len(outcomes)]
                rows.append(
                    {
                        "model": model, "task": task, "item": f"{task}-{i}", "attempt": 0, "round": 0,
                        "outcome": outcome, "points": float(outcome == "correct"), "strict": outcome == "correct",
                        "parts": {}, "error": None, "completion_tokens": 900,
                        "cost": 0.0 if model.startswith("vllm") else 0.0123,
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


MIXED = ("correct", "incorrect", "correct", "truncated", "correct", "refused", "correct")
RUNS = {
    "all": attempts(NAMES, TASK_IDS, 7, MIXED),
    "one_task": attempts(NAMES[:2], ("pl1_pw",), 6, ("correct", "correct", "incorrect")),
    "two_items": attempts(("builtin/prover?budget=60",), ("pl1_pw",), 2, ("correct",)),
}


def printed(frame: pd.DataFrame, width: int) -> str:
    """The table as a terminal of that width shows it."""
    return "\n".join(result_lines(summarize(frame), "runs/first", width)) + "\n"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", RUNS)
def test_the_table_is_what_it_was(name: str, width: int) -> None:
    """What a run ends with is compared with a golden file (PROOFGRID_WRITE_GOLDEN=1 writes it)."""
    text = printed(RUNS[name], width)
    path = GOLDEN / f"run_table_{name}_{width}.txt"
    if os.environ.get("PROOFGRID_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_number_and_no_model_is_lost(width: int) -> None:
    """At every width each model has its accuracy and interval in the first block, and no line is longer than that."""
    frame = RUNS["all"]
    text = printed(frame, width)
    rows = summarize(frame)
    whole = rows[rows["task"] == "all"]
    assert max(map(len, text.splitlines())) <= width
    for _, row in whole.iterrows():
        line = next(x for x in text.splitlines() if f"{100 * row['accuracy']:.1f}%" in x)
        assert f"{100 * row['low']:.0f}-{100 * row['high']:.0f}" in line
    heads = [word for line in text.splitlines() for word in line.split()]
    assert {task.upper().replace("_", "-") for task in TASK_IDS} <= set(heads)


def test_two_of_two_is_34_to_100() -> None:
    """Two right of two has Wilson's interval, the same as everywhere."""
    assert "34-100" in printed(RUNS["two_items"], 80)


@given(st.lists(st.text("ab/-.0", min_size=1, max_size=40), unique=True, min_size=1, max_size=12), st.integers(14, 50))
def test_short_names_fit_and_stay_apart(names: list[str], width: int) -> None:
    """Shortened names are no longer than asked for, and two different models never look alike."""
    found = shortened(names, width)
    assert len(set(found)) == len(names)
    assert all(len(name) <= width for name in found)


def test_names_lose_what_they_share_and_then_their_middle() -> None:
    """A provider that all share goes; a long name keeps its start and its end."""
    assert without_common_prefix(["a/b/one", "a/b/only"]) == ["one", "only"]
    assert without_common_prefix(["a/one"]) == ["a/one"]
    assert middle("deepseek-v3.2-exp-thinking-20261001", 20) == "deepseek-v…-20261001"


def test_names_that_begin_and_end_alike_keep_where_they_differ() -> None:
    """The word in which long names differ stays in all of them, and a name cut twice has one gap."""
    names = [f"builtin/student?skill={skill}&slips=0.01" for skill in ("0.95", "0.55", "0.8")]
    for width in (18, 22, 26):
        for name, short in zip(names, shortened(names, width), strict=True):
            assert name.split("skill=")[1].split("&")[0] in short
            assert "~" not in short
    assert middle(middle("deepseek-v3.2-exp-thinking-20261001", 26), 20) == "deepseek-v…-20261001"


@pytest.mark.parametrize("width", [80, 120, 200])
def test_pairs_fit_their_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each pair is one line that names both models and has the difference, its interval and the adjusted p."""
    monkeypatch.setenv("COLUMNS", str(width))
    right = pd.DataFrame([[1.0] * 20, [1.0] * 12 + [0.0] * 8, [0.0] * 20, [1.0] * 5 + [0.0] * 15], index=NAMES)
    print_pairs(compare_all(right, right * 0 + 1), None, "")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    head = next(i for i, line in enumerate(lines) if "other" in line)
    assert [word in lines[head] for word in ("model", "difference", "95%", "Holm p")] == [True] * 4
    assert ("P(better)" in lines[head]) is (width == 200)
    rows = [line for line in lines[head + 2 :] if " to " in line and "+" in line]
    assert len(rows) == 6
    assert len({tuple(line.split()[:2]) for line in rows}) == 6


def test_an_estimate_says_free_of_what_costs_nothing() -> None:
    """Calls that cost nothing say so without tokens; what is known is a bound, and nothing left is one line."""
    free = Estimate("builtin/prover", 10, 0, 0, 0.0, True)
    paid = Estimate("openai/x", 1, 1200, 100, 0.0004, False)
    none = Estimate("builtin/prover", 0, 0, 0, 0.0, True)
    assert list(describe_estimates([free, paid, none])) == [
        "builtin/prover: 10 calls, free",
        "openai/x: 1 call, about 1,200 prompt tokens, at most $0.01",
    ]
    assert list(describe_estimates([none])) == ["0 calls: every answer is there already"]
