"""llama.cpp itself reads the grammars that its servers are sent, and finds the same sentences: make test-llama."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from proofgrid import load_suite
from proofgrid.models.constrain import constraint
from proofgrid.tasks import TASK_IDS, get_task
from tests.tasks.grammar_sampling import grammar_of, sentences

HERE = Path(__file__).parent

pytestmark = [
    pytest.mark.llama,
    pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="needs llama.cpp for Node: make test-llama"),
]


@pytest.mark.timeout(600)
def test_llama_cpp_reads_our_grammars() -> None:
    """References and sampled sentences are accepted whole; what is spoilt at its start or its end is not."""
    asked, good = [], []
    for task in TASK_IDS:
        suite = load_suite("v1", [task])
        for item in sorted(suite, key=lambda item: len(get_task(item.task).reference_answer(item)))[:2]:
            grammar, reference = grammar_of(item), get_task(task).reference_answer(item)
            right = [reference, *sentences(grammar, 2 if task in ("pl1_gf_c", "pl1_pm_c") else 20, seed=2)]
            wrong = [reference[: len(reference) // 2], reference[1:], "Sure! " + reference, reference + "}"]
            asked.append((constraint("grammar", item)["grammar"], right + wrong))
            good.append((item.id, [True] * len(right) + [False] * len(wrong)))
    done = subprocess.run(
        ["node", str(HERE / "sentences.mjs")], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for (name, rows), (_, texts), said in zip(good, asked, json.loads(done.stdout), strict=True):
        assert said is not None, f"{name}: llama.cpp refuses the grammar: {done.stderr[:300]}"
        assert said == rows, (name, [t for t, a, b in zip(texts, rows, said, strict=True) if a != b])
