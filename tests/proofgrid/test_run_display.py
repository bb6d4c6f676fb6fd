"""What a run shows: bars on a terminal, plain lines elsewhere, nothing with --quiet."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proofgrid.models.base import ServerLoad
from proofgrid.models.metrics import load_of
from proofgrid.models.openai_compatible import OpenAICompatible
from proofgrid.models.spec import ModelEntry, resolve
from proofgrid.run.display import cost_text, plain_line, seconds_text
from proofgrid.run.runner import listening
from proofgrid.run.state import ModelState
from tests.proofgrid.command_line import in_process
from tests.proofgrid.small_items import right, write_items
from tests.proofgrid.stub_server import Stub


def test_a_line_holds_counts_rate_cost_eta_and_errors() -> None:
    """Done of total, share correct, tokens a second, cost, time left and errors stand in one line."""
    state = ModelState("m", total=100, done=40, scored=20, correct=15, errors=2, completion_tokens=4000, arrived=40)
    state.started, state.answering, state.cost = time.monotonic() - 200, time.monotonic() - 20, 1.5
    line = plain_line(state)
    assert line.startswith("m: 40/100, 75% correct, ")
    assert "200 tok/s" in line or "199 tok/s" in line, "the start of a server is no part of the rate"
    assert "$1.50" in line
    assert "ETA 0:30" in line or "ETA 0:29" in line
    assert "2 errors" in line


METRICS = """# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{{engine="0",model_name="a model, with }} {{ in its name"}} {running}
vllm:num_requests_waiting{{engine="0",model_name="m"}} 4.0
vllm:prompt_tokens_total{{engine="0",model_name="m"}} 12345.0
vllm:prompt_tokens_created{{engine="0",model_name="m"}} 1.7e+09
vllm:generation_tokens_total{{engine="0",model_name="m"}} {made}
"""


def test_metrics_of_vllm_say_its_load() -> None:
    """Requests and tokens are read from the text, those of several engines summed; what is no metrics page is None."""
    one = METRICS.format(running="6.0", made="1e3")
    assert load_of(one) == ServerLoad(running=6, queued=4, prompt_tokens=12345, completion_tokens=1000)
    assert load_of(one + one) == ServerLoad(running=12, queued=8, prompt_tokens=24690, completion_tokens=2000)
    assert load_of(one.replace("1e3", "NaN")) is None
    assert load_of(one.replace("1e3", "much")) is None
    assert load_of("<html>not found</html>") is None


def test_a_slow_server_is_not_silent() -> None:
    """While prompts are read, and while no answer is whole, a line says so; the rate counts unfinished answers, too."""
    state = ModelState("m", total=30, started=0.0, answering=time.monotonic() - 100, in_flight=10)
    assert plain_line(state) == "m: 0/30, 10 in flight"
    state.loads.append((-5.0, ServerLoad(0, 0, 0, 0)))
    assert plain_line(state) == "m: 0/30, 10 in flight"
    state.loads.clear()
    state.loads.append((0.0, ServerLoad(6, 4, 12_345, 0)))
    assert plain_line(state) == "m: 0/30, reading 6 prompts (12,345 tokens read), 4 queued"
    state.loads.append((5.0, ServerLoad(10, 0, 20_000, 60)))
    assert plain_line(state) == "m: 0/30, 12 tok/s, 10 running"
    state.loads.append((10.0, ServerLoad(10, 0, 20_000, 75)))
    assert plain_line(state) == "m: 0/30, 7.5 tok/s, 10 running"


@pytest.mark.parametrize("page", [METRICS.format(running="1", made="8"), ""])
def test_vllm_is_asked_for_its_load_while_it_answers(page: str) -> None:
    """A server at an address of its own is asked, too; one without metrics costs nothing but the question."""

    async def heard() -> list[ServerLoad]:
        with Stub() as stub:
            stub.metrics = page
            config = resolve(ModelEntry(spec="vllm/stub-model", base_url=stub.url))
            state = ModelState("m")
            async with OpenAICompatible(config) as model, listening(model, state):
                until = time.monotonic() + 10
                while not state.loads and page and time.monotonic() < until:
                    await asyncio.sleep(0.01)
                return [load for _, load in state.loads]

    assert asyncio.run(heard()) == ([ServerLoad(1, 4, 12345, 8)] if page else [])


@pytest.mark.parametrize(
    ("cost", "unknown", "answers", "text"),
    [
        (0.0, 0, 5, "$0.00"),
        (0.0, 5, 5, "unknown"),
        (1.25, 2, 5, "> $1.25"),
        (0.0012, 0, 5, "$0.0012"),
        (0.00002, 0, 5, "< $0.0001"),
    ],
)
def test_unknown_cost_is_never_shown_as_zero(cost: float, unknown: int, answers: int, text: str) -> None:
    """No known cost is "unknown"; some unknown ones make the sum a lower bound."""
    assert cost_text(cost, unknown, answers) == text


def test_times_read_like_a_clock() -> None:
    """Minutes and seconds, with hours where there are any."""
    assert [seconds_text(s) for s in (5, 65, 3725)] == ["0:05", "1:05", "1:02:05"]


def test_a_terminal_gets_bars(tmp_path: Path) -> None:
    """On a terminal each model has a bar that reaches its total."""
    items = write_items(tmp_path / "items.jsonl", 5)
    with Stub(right) as stub:
        command = [sys.executable, "-m", "proofgrid.cli", "run", "--model", "server/m", "--base-url", stub.url]
        command += ["--task", "pl1_pw", "--items", str(items), "--run", str(tmp_path / "run")]
        ours, theirs = pty.openpty()
        env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "160", "LINES": "40"}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=env)
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        os.close(ours)
        assert process.wait(60) == 0
    assert b"server/m" in shown
    assert b"5/5" in shown
    assert "━".encode() in shown


def test_quiet_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --quiet a run that goes well prints nothing at all."""
    items = write_items(tmp_path / "items.jsonl", 2)
    monkeypatch.chdir(tmp_path)
    with Stub(right) as stub:
        arguments = ("run", "--model", "server/m", "--base-url", stub.url, "--task", "pl1_pw", "--items", str(items))
        assert in_process(monkeypatch, capsys, *arguments, "--quiet") == (0, "", "")
