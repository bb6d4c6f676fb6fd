"""Items that are made from proofs are the same bytes in every process, and no two problems are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import pytest

from proofgrid.tasks.core import Item
from proofgrid.tasks.making.problems import canonical_key
from proofgrid.tasks.making.proof_sources import pair
from proofgrid.tasks.registry import get_task

SIZES = {"pl1_pc": 12, "pl3_pc": 6, "pl1_pm": 12, "pl1_gf": 18, "pl1_gf_c": 1}
_PRINT = """
import sys
from hashlib import sha256
from proofgrid.tasks.registry import get_task
for word in sys.argv[1:]:
    name, size = word.split(":")
    text = "\\n".join(p.to_json() for p in get_task(name).generate(int(size), 77))
    print(name, sha256(text.encode()).hexdigest())
"""


@cache
def _digests(hash_seed: str) -> str:
    words = [f"{name}:{size}" for name, size in SIZES.items()]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", _PRINT, *words], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    """Two processes with different hash seeds make the same items."""
    assert len(_digests("1").split("\n")) == len(SIZES) + 1
    assert _digests("1") == _digests("4242")


@pytest.mark.parametrize("name", ["pl1_pc", "pl1_pm", "pl1_gf"])
def test_items_differ_up_to_renaming_and_by_seed(name: str) -> None:
    """No two items of a batch have the same problem up to renaming, and another seed gives other items."""
    task = get_task(name)
    items = list(task.generate(18, 5))
    problems: list[Item] = [p for p in items if name != "pl1_pc"]
    keys = [canonical_key(*pair(p.shown)) for p in problems]
    assert len(set(keys)) == len(keys)
    assert len({p.id for p in items}) == len(items)
    assert next(iter(task.generate(1, 6))).shown != items[0].shown
    assert [p.level for p in items] == [task.levels[i % len(task.levels)] for i in range(18)]


def test_items_survive_their_json() -> None:
    """An item that was written and read again is scored like the original."""
    for name in ("pl1_pc", "pl1_pm", "pl1_gf", "pl3_pc"):
        task = get_task(name)
        for problem in task.generate(4, 9):
            again = Item.from_json(problem.to_json())
            answer = task.reference_answer(problem)
            assert task.score(again, answer) == task.score(problem, answer)
            assert task.reference_answer(again) == answer
