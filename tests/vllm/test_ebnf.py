"""The EBNF that vLLM and llama.cpp are sent says what the Lark notation says, by xgrammar: make test-vllm."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from proofgrid import load_suite
from proofgrid.tasks import TASK_IDS, get_task
from tests.tasks.grammar_sampling import grammar_of, sentences

pytestmark = pytest.mark.vllm
JUDGE = Path(__file__).with_name("ebnf_sentences.py")


@pytest.mark.timeout(600)
def test_both_notations_have_the_same_sentences() -> None:
    """References and what is drawn from the Lark notation are sentences of the EBNF; what is spoilt is not."""
    asked = []
    good = []
    for task in TASK_IDS:
        item = load_suite("v1", [task])[1]
        grammar, reference = grammar_of(item), get_task(task).reference_answer(item)
        right = [reference, *sentences(grammar, 1 if task in ("pl1_gf_c", "pl1_pm_c") else 10, seed=2)]
        wrong = [reference[:20], reference[1:], "Sure! " + reference, reference + "}"]
        asked.append((grammar.ebnf(), right + wrong))
        good.append([True] * len(right) + [False] * len(wrong))
    python = Path(os.environ["PROOFGRID_TEST_VLLM"]) / "bin" / "python"
    done = subprocess.run(
        [str(python), str(JUDGE)], input=json.dumps(asked), capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for task, rows, (_, texts), said in zip(TASK_IDS, good, asked, json.loads(done.stdout), strict=True):
        assert said == rows, (task, [t for t, a, b in zip(texts, rows, said, strict=True) if a != b])
