"""ProofGrid's taskset inside verifiers; runs in an environment of `make test-hosts`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("verifiers", reason="needs verifiers: make test-hosts")

from verifiers.v1.utils.loaders import taskset_class

from proofgrid import UserError, get_task, load_suite
from proofgrid.integrations.verifiers import ProofConfig, ProofTaskset
from tests.proofgrid.stub_server import Answer, Stub

SHIM = "from proofgrid.integrations.verifiers import ProofTaskset\n\n__all__ = ['ProofTaskset']\n"
HARNESS = '''
"""A harness that asks once, in this process: verifiers' own install packages when they start."""
import httpx
import verifiers.v1 as vf

__all__ = ["AskOnce"]


class AskOnce(vf.Harness[vf.HarnessConfig]):
    NEEDS_CONTAINER = False

    async def launch(self, ctx, trace, runtime, endpoint, secret, mcp_urls, data, tool_interception_url=None):
        body = {"model": ctx.model, "messages": [{"role": "user", "content": data.prompt}]}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.post(
                f"{endpoint}/chat/completions", json=body, headers={"Authorization": f"Bearer {secret}"}
            )
            answer.raise_for_status()
        return vf.ProgramResult(exit_code=0, stdout="", stderr="")
'''


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the two modules that verifiers finds by name."""
    (tmp_path / "proofgrid_env.py").write_text(SHIM)
    (tmp_path / "ask_once.py").write_text(HARNESS)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("proofgrid_env", "ask_once"):
        sys.modules.pop(name, None)


def test_a_taskset_is_found_and_holds_items(environment: Path) -> None:
    """verifiers finds the taskset by its module, and its tasks show what a model is shown."""
    assert taskset_class("proofgrid_env") is ProofTaskset
    tasks = list(ProofTaskset(ProofConfig(id="proofgrid_env", tasks=["pl1_pw", "eq_er"], seed=7, n=2)))
    items = [item for name in ("pl1_pw", "eq_er") for item in get_task(name).generate(2, 7)]
    assert [task.data.id for task in tasks] == [item.id for item in items]
    assert [task.data.prompt for task in tasks] == [get_task(item.task).prompt(item.shown) for item in items]
    assert len({task.key for task in tasks}) == 4
    assert tasks[0].key == tasks[0].with_data(idx=99).key
    with pytest.raises(UserError, match="there is no task pl9"):
        list(ProofTaskset(ProofConfig(id="proofgrid_env", tasks=["pl9"])))


def test_rollouts_have_our_rewards(environment: Path) -> None:
    """vf-eval runs the taskset against a server; right answers earn 1.0, wrong ones and those cut off earn 0.0."""
    task = get_task("pl1_pw")
    items = list(load_suite("v1", ["pl1_pw"]))[:3]
    prompts = [task.prompt(item.shown) for item in items]
    right = [task.reference_answer(item) for item in items]

    def answer(body: dict[str, Any]) -> Answer:
        at = prompts.index(body["messages"][-1]["content"])
        return [Answer(right[0]), Answer("I cannot say."), Answer(right[2], finish_reason="length")][at]

    with Stub(answer) as stub:
        command = [
            "vf-eval", "proofgrid_env", "--env.agent.harness.id", "ask_once",
            "--env.agent.runtime.type", "subprocess", "--select.limit", "3", "-m", "stub",
            "--client.base-url", stub.url, "--client.api-key-var", "STUB_API_KEY", "--no-push", "--rich", "None",
            "--output-dir", str(environment / "out"),
        ]  # fmt: skip
        command[0] = str(Path(sys.executable).with_name("vf-eval"))
        variables = {**os.environ, "STUB_API_KEY": "none", "PYTHONPATH": str(environment)}
        done = subprocess.run(
            command, env=variables, cwd=environment, capture_output=True, text=True, timeout=280, check=False
        )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    (path,) = (environment / "out").rglob("traces.jsonl")
    found = {}
    for line in path.read_text().splitlines():
        episode = json.loads(line)
        for trace in episode.get("traces", [episode]):
            found[trace["task"]["data"]["id"]] = trace
    assert {name: trace["rewards"]["correct"]["score"] for name, trace in found.items()} == {
        items[0].id: 1.0,
        items[1].id: 0.0,
        items[2].id: 0.0,
    }
    assert found[items[0].id]["info"]["proofgrid"]["outcome"] == "correct"
    assert found[items[1].id]["metrics"]["unparsable"] == 1.0
