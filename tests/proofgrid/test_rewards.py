"""Rewards: what they are, and that the worker processes behind them lose nothing wherever they are called from."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

import proofgrid
from proofgrid import get_task, load_suite, reward, rewards
from proofgrid.scoring_pool import ScoreJob, ScoringPool
from proofgrid.tasks import TASK_IDS, Item
from tests.proofgrid.hostile_texts import HOSTILE

ROOT = Path(__file__).resolve().parents[2]
UNREADABLE: tuple[Any, ...] = (
    None,
    5,
    b"bytes",
    ["a"],
    "",
    "[" * 5000,
    '{"a":' * 3000,
    "9" * 5000,
    "<think>" * 1000,
    '{"lineNumber": ' + "9" * 5000 + "}",
    '{"lineNumber": 1e999}',
    '{"correct": NaN}',
    "\r\x0b\x0c",
    "GAP-1:" * 500,
)
PIECES = (
    "",
    "(",
    ")",
    "{",
    '"',
    "\\",
    "9" * 400,
    "\ud800",
    "\x00",
    "\u202e",
    "\n",
    " BY ",
    " on ",
    "GAP-1:",
    "\\u0000",
    "[[",
)


@pytest.fixture(scope="module")
def answers() -> tuple[list[Item], list[str], list[float]]:
    """Items, right and wrong answers in turn, and their rewards."""
    items = [item for task in ("pl1_pw", "pl3_pw", "eq_er", "pl4_pw") for item in list(load_suite("v1", [task]))[:6]]
    texts = [get_task(item.task).reference_answer(item) if i % 3 else "I am not sure." for i, item in enumerate(items)]
    return items, texts, [float(bool(i % 3)) for i in range(len(items))]


@pytest.fixture
def pool() -> Iterator[ScoringPool]:
    """Two workers of one test."""
    pool = ScoringPool(2)
    yield pool
    pool.close()


def test_one_reward(answers) -> None:
    """A right answer earns 1.0 and a wrong one 0.0, for an item, its JSON and its dictionary."""
    items, texts, wanted = answers
    for form in (items[1], items[1].to_json(), json.loads(items[1].to_json())):
        assert reward(form, texts[1]) == 1.0
        assert reward(form, texts[0]) == 0.0
    assert [reward(item, text) for item, text in zip(items, texts, strict=True)] == wanted


def test_over_the_limits_is_wrong() -> None:
    """A text that is made to exceed the checker's limits earns nothing, and is not excluded either."""
    item = next(iter(load_suite("v1", ["pl1_pw"])))
    assert reward(item, "(" * 25_000_000) == 0.0


def test_no_reward_is_no_exception(caplog: pytest.LogCaptureFixture) -> None:
    """What is no item gives None and a line in the log."""
    assert reward("no item", "text") is None
    assert reward({"id": "x"}, "text") is None
    assert "no item" in caplog.text


@pytest.mark.parametrize("task_id", TASK_IDS)
def test_nothing_raises(task_id: str, caplog: pytest.LogCaptureFixture) -> None:
    """Hostile and damaged texts, and items with a member that is not what it should be, give a reward or None."""
    caplog.set_level(logging.CRITICAL)
    rng = Random(task_id)
    item = next(iter(load_suite("v1", [task_id])))
    right, data = get_task(task_id).reference_answer(item), json.loads(item.to_json())
    earned = [reward(item, text) for text in (*(text[:50_000] for text in HOSTILE), *UNREADABLE)]
    for _ in range(20):
        at, piece = rng.randrange(len(right)), rng.choice(PIECES)
        earned.append(reward(item, right[:at] + piece + right[at + rng.randrange(20) :], shaping="prefix"))
    assert all(isinstance(one, float) and 0 <= one <= 1 for one in earned)
    assert sum(earned) < len(earned) - len(HOSTILE)
    for odd in (None, -1, 1e309, "", [], {}, "x", [[[]]], "\ud800", "(" * 2000):
        for name in data:
            assert reward({**data, name: odd}, right) in (None, 0.0, 1.0)
        for name in data["shown"]:
            assert reward({**data, "shown": {**data["shown"], name: odd}}, right) in (None, 0.0, 1.0)
        assert reward(odd, right) is None  # type: ignore[arg-type]


def test_shaping_is_asked_for_and_bounded(answers) -> None:
    """A wrong proof earns a share only where shaping is asked for, and always less than a right one."""
    item = Item("x-1", "pl1_pw", 1, 1, {"premises": ["A", "(A ==> B)", "(B ==> C)"], "goal": "C"}, {}, {})
    proof = json.dumps({"description": "", "proof": "{ B BY mp on (A ==> B), A; C BY mp on (B ==> A), B }"})
    assert reward(item, proof) == 0.0
    assert reward(item, proof, shaping="prefix") == 0.25
    assert reward(item, proof, shaping=lambda score: 7.0) == 0.99
    assert reward(item, proof, shaping=lambda score: float("nan")) == 0.0
    assert reward(item, "no proof", shaping="prefix") == 0.0
    assert reward(item, proof, shaping=lambda score: 1 / 0) is None
    with pytest.raises(ValueError, match="1 items and 2 texts"):
        rewards([item], ["a", "b"])


def test_workers_give_the_same(answers) -> None:
    """Processes give what one thread gives, in order, also to eight threads at once."""
    items, texts, wanted = answers
    assert rewards(items, texts) == wanted
    found: list[list[float | None]] = []
    threads = [threading.Thread(target=lambda: found.append(rewards(items, texts, workers=2))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 8


def test_a_killed_worker_costs_nothing(answers, pool: ScoringPool) -> None:
    """Workers that are killed while they score are replaced, and every answer has its score."""
    items, texts, wanted = answers
    jobs = [ScoreJob(item, text) for item, text in zip(items, texts, strict=True)] * 10
    pool.map(jobs[:4])
    for _ in range(3):
        killer = threading.Timer(0.05, lambda: [psutil.Process(pid).kill() for pid in pool.pids()])
        killer.start()
        assert [score.points if score else None for score in pool.map(jobs)] == wanted * 10
        killer.join()
    for pid in pool.pids():
        psutil.Process(pid).kill()  # while idle
    assert [score.points if score else None for score in pool.map(jobs)] == wanted * 10


def test_what_cannot_be_sent_costs_only_itself(answers, pool: ScoringPool, caplog: pytest.LogCaptureFixture) -> None:
    """Jobs that cannot be pickled, and results that cannot, have no score; those beside them have theirs."""
    items, texts, wanted = answers
    jobs: list[Any] = [ScoreJob(item, text) for item, text in zip(items, texts, strict=True)]
    deep: list[Any] = []
    for _ in range(20_000):
        deep = [deep]
    jobs[3] = ScoreJob(items[3], deep)  # type: ignore[arg-type]
    jobs[7:7] = [Deep()]
    points = [None if score is None else score.points for score in pool.map(jobs)]
    assert points == [*wanted[:3], None, *wanted[4:7], None, *wanted[7:]]
    assert "cannot be sent to a worker" in caplog.text
    assert len(pool.pids()) == 2


class Deep:
    """A job whose result cannot be pickled."""

    def run(self) -> object:
        """A function of no module."""
        return lambda: None


def test_a_timeout_stops_the_worker(pool: ScoringPool) -> None:
    """An answer that takes longer than the caller's guard has no score; those after it have theirs."""
    item = next(iter(load_suite("v1", ["pl1_pw"])))
    jobs = [ScoreJob(item, get_task("pl1_pw").reference_answer(item))]
    assert [score.outcome for score in pool.map(jobs) if score] == ["correct"]
    (stopped,) = pool.pids()
    psutil.Process(stopped).suspend()
    assert pool.map(jobs, timeout=0.2) == [None]
    assert not psutil.pid_exists(stopped)
    assert [score.outcome for score in pool.map(jobs) if score] == ["correct"]


def test_a_script_without_a_guard_and_its_fork(tmp_path: Path) -> None:
    """A script needs no guard, its forked child has workers of its own, and none outlives its parent."""
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys\n"
        "from proofgrid import get_task, load_suite, rewards\n"
        "from proofgrid.scoring_pool import shared_pool\n"
        "items = list(load_suite('v1', ['pl1_pw']))[:8]\n"
        "texts = [get_task('pl1_pw').reference_answer(item) for item in items]\n"
        "print(rewards(items, texts, workers=2) == [1.0] * 8)\n"
        "sys.stdout.flush()\n"
        "if os.fork() == 0:\n"
        "    print(rewards(items, texts, workers=2) == [1.0] * 8)\n"
        "    sys.stdout.flush()\n"
        "    from proofgrid.scoring_pool import close_pools\n"
        "    close_pools()\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(*shared_pool(2).pids())\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    first, second, pids = done.stdout.splitlines()
    assert (first, second) == ("True", "True")
    assert not [pid for pid in map(int, pids.split()) if psutil.pid_exists(pid)]


def test_the_surface_has_them() -> None:
    """``proofgrid.reward`` and ``proofgrid.rewards`` are public."""
    assert {"reward", "rewards"} <= set(proofgrid.__all__)
