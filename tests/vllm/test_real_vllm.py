"""pl1_pw end to end against a real vLLM server on the CPU: make test-vllm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from proofgrid.checker import parse_proof
from proofgrid.run import load_run

pytestmark = pytest.mark.vllm
ITEMS = 6
BUILDER = Path(__file__).with_name("tiny_model.py")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer Llama with a tokenizer made on the spot."""
    folder = tmp_path_factory.mktemp("model") / "tiny-llama"
    subprocess.run([vllm_bin("python"), str(BUILDER), str(folder)], check=True)
    return folder


def vllm_bin(name: str) -> str:
    """A program of the environment that holds vLLM."""
    return str(Path(os.environ["PROOFGRID_TEST_VLLM"]) / "bin" / name)


def command(model: Path, run: Path, *more: str) -> list[str]:
    """The command line of the run, with ``more`` options."""
    spec = f"vllm/{model}?load_format=dummy&dtype=float32&enforce_eager=true&max_model_len=32768"
    return [
        *(sys.executable, "-m", "proofgrid.cli", "run", "--model", spec, "--task", "pl1_pw", "--seed", "5"),
        *("--limit", str(ITEMS), "--max-tokens", "2500", "--run", str(run), *more),
    ]


def environment() -> dict[str, str]:
    """Where vLLM is, a small cache, and no hub."""
    return {
        **os.environ,
        "PROOFGRID_VLLM": vllm_bin("vllm"),
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "HF_HUB_OFFLINE": "1",
    }


def servers_of(model: Path) -> list[psutil.Process]:
    """The processes whose command line names the model as a server would."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "serve" in (process.info["cmdline"] or []) and any(str(model) in word for word in process.info["cmdline"])
    ]


def wait_until_gone(model: Path, seconds: float) -> list[psutil.Process]:
    """The servers that still run when the time is up (none: all stopped)."""
    deadline = time.monotonic() + seconds
    while (left := servers_of(model)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


@pytest.mark.timeout(900)
def test_every_answer_is_recorded_and_scored(tiny_model: Path, tmp_path: Path) -> None:
    """A random model's noise is recorded, read as no answer, lost nowhere, and its server is stopped."""
    run = tmp_path / "run"
    done = subprocess.run(
        command(tiny_model, run), env=environment(), capture_output=True, text=True, timeout=800, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    scored = load_run(run)
    assert len(scored.items) == ITEMS
    assert sorted(scored.attempts["item"]) == sorted(scored.items)
    assert set(scored.attempts["outcome"]) <= {"unparsable", "truncated"}
    assert (scored.attempts["outcome"] == "unparsable").any()
    assert (scored.attempts["completion_tokens"] > 0).all()
    assert scored.attempts["text"].map(len).gt(0).all()
    assert not wait_until_gone(tiny_model, 30)
    assert list(run.rglob("*vllm*.log")), "the server's log is kept in the run's folder"

    again = subprocess.run(
        command(tiny_model, run), env=environment(), capture_output=True, text=True, timeout=100, check=False
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert len(load_run(run).attempts) == ITEMS


@pytest.mark.timeout(900)
def test_constrained_answers_can_all_be_read(tiny_model: Path, tmp_path: Path) -> None:
    """The same random model, whose free answers nobody can read, writes proofs under the grammar: every whole answer is
    read without a repair and parses strictly, and those that were cut are truncated."""
    run = tmp_path / "run"
    done = subprocess.run(
        command(tiny_model, run, "--constrain"),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "structured_outputs" in done.stdout + done.stderr
    attempts = load_run(run).attempts
    assert len(attempts) == ITEMS
    whole = attempts[attempts["outcome"] != "truncated"]
    assert set(whole["outcome"]) <= {"correct", "incorrect"}
    for text in whole["text"]:
        parse_proof(json.loads(text)["proof"], "ndl")
    assert attempts["text"].str.startswith('{"description": "').all()


@pytest.mark.timeout(400)
def test_a_killed_run_leaves_no_server(tiny_model: Path, tmp_path: Path) -> None:
    """kill -9 of proofgrid while its server starts leaves no process that would keep the memory."""
    process = subprocess.Popen(
        command(tiny_model, tmp_path / "run"),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not servers_of(tiny_model) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert servers_of(tiny_model), "the server never started"
    time.sleep(3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not wait_until_gone(tiny_model, 30)
