"""ProofGrid's tasks inside lm-evaluation-harness; runs in an environment of `make test-hosts`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lm_eval", reason="needs lm-evaluation-harness: make test-hosts")

from lm_eval import simple_evaluate
from lm_eval.tasks import TaskManager

from proofgrid import TASK_IDS, UserError, get_task, load_suite
from tests.proofgrid.stub_server import Answer, Stub

PATH = subprocess.run(
    [sys.executable, "-m", "proofgrid.cli", "lm-eval-path"], capture_output=True, text=True, check=True
).stdout.strip()


def lm_eval(out: Path, *arguments: str) -> dict[str, Any]:
    """Run the harness's command line with our tasks and give its results file."""
    command = [sys.executable, "-m", "lm_eval", "--include_path", PATH, "--output_path", str(out), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (results,) = out.rglob("results_*.json")
    return json.loads(results.read_text())


def test_answers_over_http_score_as_ours(tmp_path: Path) -> None:
    """Through local-chat-completions each answer has ProofGrid's score, and its prompt and token bound arrive whole."""
    task = get_task("pl1_pw")
    items = list(load_suite("v1", ["pl1_pw"]))[:4]
    right = {task.prompt(item.shown): task.reference_answer(item) for item in items[::2]}
    asked: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> Answer:
        asked.append(body)
        return Answer(text=right.get(body["messages"][-1]["content"], "I cannot say."))

    with Stub(answer) as stub:
        found = lm_eval(
            tmp_path, "--model", "local-chat-completions", "--apply_chat_template", "--tasks", "proofgrid_pl1_pw",
            "--limit", "4", "--log_samples", "--model_args", f"model=stub,base_url={stub.url}/chat/completions",
        )  # fmt: skip
    results = found["results"]["proofgrid_pl1_pw"]
    assert (results["points,none"], results["strict,none"], results["unparsable,none"]) == (0.5, 0.5, 0.5)
    assert [body["messages"][-1]["content"] for body in asked] == [task.prompt(item.shown) for item in items]
    assert {body["max_tokens"] for body in asked} == {32768}
    (samples,) = tmp_path.rglob("samples_*.jsonl")
    logged = [json.loads(line) for line in samples.read_text().splitlines()]
    assert [entry["doc"]["id"] for entry in logged] == [item.id for item in items]
    assert [entry["points"] for entry in logged] == [1.0, 0.0, 1.0, 0.0]


def evaluate(tasks: str, limit: int | None = None, **metadata: Any) -> dict[str, Any]:
    """Run tasks of ours in this process with the harness's dummy model."""
    manager = TaskManager(include_path=PATH, include_defaults=False, metadata=metadata)
    return simple_evaluate("dummy", tasks=[tasks], task_manager=manager, limit=limit, bootstrap_iters=0)


def test_every_task_runs() -> None:
    """The group of all 15 tasks runs with the harness's dummy model, which solves nothing."""
    found = evaluate("proofgrid", limit=1)["results"]
    assert {name for name in found if name != "proofgrid"} == {f"proofgrid_{task}" for task in TASK_IDS}
    assert found["proofgrid"]["points,none"] == 0.0


def test_new_items_by_metadata() -> None:
    """Metadata asks for items from a seed; a key of ours that does not exist is one sentence."""
    found = evaluate("proofgrid_eq_er", proofgrid_seed=7, proofgrid_n=3, proofgrid_level=2)
    docs = [sample["doc"] for sample in found["samples"]["proofgrid_eq_er"]]
    assert [doc["item"] for doc in docs] == [item.to_json() for item in get_task("eq_er").generate(3, 7, 2)]
    with pytest.raises(UserError, match="--metadata has no proofgrid_sede"):
        evaluate("proofgrid_eq_er", proofgrid_sede=7)
