"""vLLM's process: started in a group of its own, waited for, its log kept and masked, and always stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from proofgrid.errors import ModelSpecError, ServerError
from proofgrid.models.config import ModelConfig
from proofgrid.models.factory import make_model
from proofgrid.models.spec import ModelEntry, resolve
from proofgrid.models.vllm import ServedByVLLM, serve_command
from proofgrid.run.store import RunStore
from tests.proofgrid.small_items import write_items

FAKE = """#!{python}
# Stands in for vllm: serves the stub, starts a child as an engine would, misbehaves by its model's name.
import os, subprocess, sys, time
print("serving", *sys.argv[1:], "with", os.environ.get("HF_TOKEN"), flush=True)
model, port = sys.argv[2], sys.argv[sys.argv.index("--port") + 1]
engine = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", engine])
open({pids!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
if "dies" in model:
    print("CUDA error: out of memory", flush=True)
    os._exit(3)
if "slow" in model:
    time.sleep(600)
sys.path.insert(0, {root!r})
sys.argv = ["stub", "--port", port]
import runpy
runpy.run_path({stub!r}, run_name="__main__")
"""


@pytest.fixture
def fake_vllm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in vLLM's place; returns the file that holds the ids of its processes."""
    here = Path(__file__).resolve()
    program, pids = tmp_path / "vllm", tmp_path / "pids"
    text = FAKE.format(
        python=sys.executable, pids=str(pids), root=str(here.parents[2]), stub=str(here.parent / "stub_server.py")
    )
    program.write_text(text)
    program.chmod(0o755)
    monkeypatch.setenv("PROOFGRID_VLLM", str(program))
    monkeypatch.setenv("PROOFGRID_STOP_SECONDS", "0.5")  # the child ignores SIGTERM
    monkeypatch.setenv("HF_TOKEN", "hf_verysecrettoken")
    return pids


def model_of(spec: str) -> ModelConfig:
    """A configuration."""
    return resolve(ModelEntry(spec=spec))


def running(pids: Path) -> list[int]:
    """Which of the server's processes still run."""
    return [pid for pid in map(int, pids.read_text().split()) if psutil.pid_exists(pid) and not _zombie(pid)]


def _zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_gone(pids: Path, seconds: float = 20) -> list[int]:
    """The server's processes that are left when the time is up."""
    until = time.monotonic() + seconds
    while (left := running(pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def make(spec: str, folder: Path, said: list[str]) -> ServedByVLLM:
    """The adapter."""

    def no_pool() -> object:
        raise AssertionError("not used")

    model = make_model(model_of(spec), no_pool, folder, said.append)  # type: ignore[arg-type]
    assert isinstance(model, ServedByVLLM)
    return model


def test_options_become_flags() -> None:
    """Query parameters are flags of vllm serve; what proofgrid decides itself is refused."""
    config = model_of(
        "vllm/Qwen/Qwen3-8B?tensor_parallel_size=2&max-model-len=32768&enforce_eager=true&trust_remote_code"
    )
    assert serve_command("vllm", config, 7)[2:] == [
        *("Qwen/Qwen3-8B", "--host", "127.0.0.1", "--port", "7", "--tensor-parallel-size", "2"),
        *("--max-model-len", "32768", "--enforce-eager", "--trust-remote-code"),
    ]
    for bad in ("vllm/x?port=1", "vllm/x?host=a", "vllm/x?served_model_name=y", "vllm/x?a%20b=1"):
        with pytest.raises(ModelSpecError):
            serve_command("vllm", model_of(bad), 7)


def test_a_server_is_started_used_and_stopped_with_its_children(tmp_path: Path, fake_vllm: Path) -> None:
    """The server answers while the context is open; afterwards nothing of its group is left, and its log is masked."""
    said: list[str] = []

    async def use() -> None:
        async with make("vllm/org/model?dtype=float32", tmp_path, said) as model:
            info = await model.describe()
            assert info.version == "0.0-stub"
            assert len(running(fake_vllm)) == 2
            assert os.getpgid(running(fake_vllm)[0]) != os.getpgid(0)

    asyncio.run(use())
    assert not wait_gone(fake_vllm)
    (log,) = tmp_path.glob("vllm-org-model*.log")
    text = log.read_text()
    assert "serve org/model --host 127.0.0.1" in text
    assert "--dtype float32" in text
    assert "hf_verysecrettoken" not in text
    assert "[redacted]" in text
    assert any("vllm is up" in line for line in said)


def test_a_server_that_dies_gives_the_tail_of_its_log(tmp_path: Path, fake_vllm: Path) -> None:
    """Death while starting is a ServerError with the status and the last lines, and leaves no child."""

    async def use() -> None:
        async with make("vllm/dies", tmp_path, []):
            raise AssertionError("never up")

    with pytest.raises(ServerError, match=r"status 3(.|\n)*out of memory"):
        asyncio.run(use())
    assert not wait_gone(fake_vllm)


def test_a_server_that_never_gets_healthy_is_given_up(
    tmp_path: Path, fake_vllm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the time allowed it is stopped, with the tail of its log."""
    monkeypatch.setenv("PROOFGRID_VLLM_START_SECONDS", "1.5")

    async def use() -> None:
        async with make("vllm/slow", tmp_path, []):
            raise AssertionError("never up")

    with pytest.raises(ServerError, match=r"not healthy after 1.5 s(.|\n)*serving serve slow"):
        asyncio.run(use())
    assert not wait_gone(fake_vllm)


def test_no_vllm_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program the message says how to name or install it."""
    monkeypatch.setenv("PROOFGRID_VLLM", str(tmp_path / "missing"))

    async def use() -> None:
        async with make("vllm/x", tmp_path, []):
            raise AssertionError("never up")

    with pytest.raises(ServerError, match=r"PROOFGRID_VLLM names .*missing"):
        asyncio.run(use())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("spec", ["vllm/slow"])
def test_no_server_outlives_us(tmp_path: Path, fake_vllm: Path, how: signal.Signals, spec: str) -> None:
    """However proofgrid ends while a server starts, kill -9 included, the server and its children are gone soon."""
    items = write_items(tmp_path / "items.jsonl", 2)
    arguments = ["run", "--model", spec, "--task", "pl1_pw", "--items", str(items), "--run", str(tmp_path / "run")]
    process = subprocess.Popen(
        [sys.executable, "-m", "proofgrid.cli", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 30
    while not (fake_vllm.exists() and fake_vllm.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    assert len(running(fake_vllm)) == 2
    process.send_signal(how)
    code = process.wait(30)
    assert not wait_gone(fake_vllm)
    assert code == (130 if how != signal.SIGKILL else -9)
    RunStore.open(tmp_path / "run").close()


def test_two_local_models_never_run_together(tmp_path: Path, fake_vllm: Path) -> None:
    """A list of vLLM models is worked off one server after another, and both are asked everything."""
    items = write_items(tmp_path / "items.jsonl", 3)
    arguments = ["run", "--task", "pl1_pw", "--items", str(items), "--run", str(tmp_path / "run")]
    done = subprocess.run(
        [sys.executable, "-m", "proofgrid.cli", *arguments, "--model", "vllm/one", "--model", "vllm/two"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with RunStore.read(tmp_path / "run") as store:
        assert [r.cell.model for r in store.records()] == ["vllm/one"] * 3 + ["vllm/two"] * 3
    order = [line for line in done.stderr.splitlines() if "starting vllm" in line or "is up" in line]
    assert [line.split(":")[0] for line in order] == ["vllm/one", "vllm/one", "vllm/two", "vllm/two"]
    assert not wait_gone(fake_vllm)
