"""``proofgrid run`` as a user meets it: the whole road, resuming, bad input, secrets, kills."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from proofgrid.run import load_run
from proofgrid.run.store import RunStore
from tests.proofgrid.command_line import in_process, proofgrid
from tests.proofgrid.small_items import answer_text, index_of, right, write_items
from tests.proofgrid.stub_server import Answer, Fault, Stub

SECRET = "sk-proofgrid-test-0123456789abcdef"


def run_arguments(tmp_path: Path, n: int, *more: str) -> list[str]:
    """``run`` over ``n`` small items into tmp_path/run."""
    items = write_items(tmp_path / f"items{n}.jsonl", n)
    return ["run", "--task", "pl1_pw", "--items", str(items), "--run", str(tmp_path / "run"), *more]


def test_the_whole_road_with_builtin_models(tmp_path: Path) -> None:
    """Generated items go to two budgets, are scored, summarised with the next command, and resumed at no cost."""
    command = ["run", "--task", "pl1_pw", "--seed", "5", "--limit", "4"]
    command += ["--model", "builtin/prover?budget=1", "--model", "builtin/prover?budget=5000"]
    done = proofgrid(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "proofgrid report runs/seed5-pl1_pw" in done.stdout
    assert "4 calls" in done.stderr
    scored = load_run(tmp_path / "runs" / "seed5-pl1_pw")
    strong = scored.attempts[scored.attempts["model"] == "builtin/prover?budget=5000"]
    assert (strong["outcome"] == "correct").all()
    again = proofgrid(*command, cwd=tmp_path)
    assert again.returncode == 0
    assert "0 calls" in again.stderr
    assert len(load_run(tmp_path / "runs" / "seed5-pl1_pw").attempts) == 8


def test_more_items_and_samples_extend_a_run(tmp_path: Path) -> None:
    """A larger --limit or --samples asks only for what is new."""
    with Stub(right) as stub:
        base = run_arguments(tmp_path, 6, "--model", "server/m", "--base-url", stub.url, "--quiet")
        assert proofgrid(*base, "--limit", "3", cwd=tmp_path).returncode == 0
        assert stub.asked == 3
        assert proofgrid(*base, "--samples", "2", cwd=tmp_path).returncode == 0
        assert stub.asked == 12
    assert len(load_run(tmp_path / "run").attempts) == 12


def test_truncated_answers_are_rerun_alone(tmp_path: Path) -> None:
    """--retry-truncated --max-tokens N asks again for the cut answers only, and the original command then has nothing
    to do."""

    def answer(body: dict[str, Any]) -> Answer:
        i = index_of(body)
        cut = i < 2 and (body.get("max_tokens") or 0) < 5000
        return Answer(answer_text(i)[: 20 if cut else None], "length" if cut else "stop")

    with Stub(answer) as stub:
        base = run_arguments(tmp_path, 5, "--model", "server/m", "--base-url", stub.url)
        first = proofgrid(*base, "--max-tokens", "100", cwd=tmp_path)
        assert "--retry-truncated" in first.stdout
        other = proofgrid(*base, "--max-tokens", "200", cwd=tmp_path)
        assert other.returncode == 2
        assert "other parameters (max_tokens)" in other.stderr
        assert stub.asked == 5
        assert proofgrid(*base, "--retry-truncated", "--max-tokens", "5000", cwd=tmp_path).returncode == 0
        assert stub.asked == 7
        assert proofgrid(*base, "--max-tokens", "100", cwd=tmp_path).returncode == 0
        assert stub.asked == 7
    assert (load_run(tmp_path / "run").attempts["outcome"] == "correct").all()


def test_a_dry_run_counts_and_asks_nothing(tmp_path: Path) -> None:
    """Calls, prompt tokens and an upper bound of the cost are printed; the server is not touched."""
    (tmp_path / "models.yaml").write_text(
        "- {spec: server/priced, max_tokens: 1000, prices: {input: 1, output: 10}}\n- spec: server/free\n"
    )
    with Stub() as stub:
        base = run_arguments(tmp_path, 10, "--models", "models.yaml", "--base-url", stub.url, "--dry-run")
        done = proofgrid(*base, "--samples", "3", cwd=tmp_path)
        assert stub.asked == 0
    priced, free = done.stdout.splitlines()
    assert priced.startswith("server/priced: 30 calls, about ")
    tokens = int(priced.split("about ")[1].split()[0].replace(",", ""))
    cost = float(priced.rsplit("$", 1)[1])
    assert cost == pytest.approx((tokens * 1 + 30 * 1000 * 10) / 1e6, abs=0.005)
    assert "cost unknown" in free


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--task", "pl1_pv", "--seed", "1", "--model", "builtin/prover"], "did you mean pl1_pw"),
        (["--task", "pl1_pw", "--seed", "1"], "--model provider/name"),
        (["--task", "pl1_pw", "--seed", "1", "--model", "openai/gpt-5.2"], "OPENAI_API_KEY"),
        (["--task", "pl1_pw", "--seed", "1", "--suite", "v1", "--model", "builtin/prover"], "one of --suite"),
        (["--task", "pl1_pw", "--seed", "1", "--limit", "1", "--model", "server/x", "--base-url", "http://127.0.0.1:9/v1"],
         "127.0.0.1:9"),
        (["--task", "pl1_pw", "--items", "nowhere.jsonl", "--model", "builtin/prover"], "nowhere.jsonl"),
        (["--task", "pl1_pw", "--items", "bad.jsonl", "--model", "builtin/prover"], "line 2"),
        (["--task", "pl1_pw", "--seed", "1", "--models", "bad.yaml"], "bad.yaml, line 2"),
        (["--task", "pl1_pw", "--seed", "1", "--level", "99", "--model", "builtin/prover"], "no level 99"),
        (["--suite", "v999", "--model", "builtin/prover"], "no suite 'v999'"),
        (["--task", "pl1_pw", "--seed", "1", "--model", "builtin/prover", "--retry-truncated"], "needs --max-tokens"),
        (["--task", "pl1_pw", "--seed", "1", "--model", "server/x", "--base-url", "http://h/v1",
          "--max-cost", "1"], "price"),
        (["--task", "pl1_pw", "--seed", "1", "--model", "builtin/prover", "--adaptive", "se=0.3"], "--bank"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(
    tmp_path: Path,
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every mistake has a non-zero exit and a sentence that says what to do, and no traceback."""
    write_items(tmp_path / "bad.jsonl", 1)
    with (tmp_path / "bad.jsonl").open("a") as file:
        file.write("{not json\n")
    (tmp_path / "bad.yaml").write_text("- spec: openai/x\n  temprature: 1\n")
    env = {"OPENAI_API_KEY": "", "PROOFGRID_BASE_URL": ""}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    code, _, errors = in_process(monkeypatch, capsys, "run", "--run", "out", "--backoff", "0.01", *arguments)
    assert code == 2, errors
    assert said in errors
    assert "Traceback" not in errors


def test_secrets_reach_no_file_no_log_and_no_traceback(tmp_path: Path) -> None:
    """A server that echoes the key in answers, errors and refusals does not get it into anything we write or print."""

    def answer(body: dict[str, Any]) -> Answer:
        i = index_of(body)
        named = {"id": SECRET, "model": SECRET} if i == 3 else {}
        return Answer(f"your key is {SECRET}", f"end {SECRET}", SECRET if i == 1 else None, SECRET, extra=named)

    with Stub(answer) as stub:
        stub.indiscreet = True
        stub.fault_for = lambda body: (
            Fault("400", message=f"bad key: Bearer {SECRET} {json.dumps(stub.headers[-1])}")
            if index_of(body) == 2
            else None
        )
        (tmp_path / "models.yaml").write_text(
            f"- {{spec: server/m, base_url: '{stub.url}', api_key_env: MY_API_KEY}}\n"
            f"- {{spec: server/stub-model, base_url: '{stub.url}', api_key_env: MY_API_KEY}}\n"
        )
        arguments = run_arguments(tmp_path, 4, "--models", "models.yaml")
        done = proofgrid(*arguments, cwd=tmp_path, env={"MY_API_KEY": SECRET})
        assert done.returncode == 1, done.stderr
        assert any(f"Bearer {SECRET}" in value for headers in stub.headers for value in headers.values())
        doctor = proofgrid("doctor", "--models", "models.yaml", cwd=tmp_path, env={"MY_API_KEY": SECRET})
        for name in ("jsonl", "csv", "parquet"):
            proofgrid("export", "run", "--format", name, "--out", f"out.{name}", cwd=tmp_path)
    printed = done.stdout + done.stderr + doctor.stdout + doctor.stderr
    assert SECRET not in printed
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 6
    for path in files:
        content = path.read_bytes()
        assert SECRET.encode() not in content, path
        assert not re.search(rb"(?i)bearer (?!\[redacted\])", content), path
    with RunStore.read(tmp_path / "run") as store:
        assert any("[redacted]" in r.completion.text for r in store.records())


def test_ctrl_c_once_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    """After one Ctrl-C the answers in flight arrive and are kept, the exit is 130, and the same command completes."""
    with Stub(right, delay=0.5) as stub:
        arguments = run_arguments(tmp_path, 40, "--model", "server/m", "--base-url", stub.url, "--concurrency", "8")
        process = subprocess.Popen(
            [sys.executable, "-m", "proofgrid.cli", *arguments], cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        until = time.monotonic() + 30
        while stub.asked < 8 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "answers in flight" in said
        assert "Traceback" not in said
        stub.delay = 0
        with RunStore.read(tmp_path / "run") as store:
            kept = len(list(store.records()))
        assert kept == stub.asked >= 8
        assert proofgrid(*arguments, cwd=tmp_path).returncode == 0
        assert stub.asked == 40


def test_kill_9_loses_no_record(tmp_path: Path) -> None:
    """Killed three times while answers arrive, a run keeps all it had, and completes with each item once."""
    with Stub(right, delay=0.05, keep=False) as stub:
        arguments = run_arguments(tmp_path, 400, "--model", "server/m", "--base-url", stub.url, "--concurrency", "8")
        before: set[tuple[str, str]] = set()
        for _ in range(3):
            goal = stub.asked + 40
            process = subprocess.Popen(
                [sys.executable, "-m", "proofgrid.cli", *arguments], cwd=tmp_path, stderr=subprocess.DEVNULL
            )
            until = time.monotonic() + 30
            while stub.asked < goal and time.monotonic() < until:
                time.sleep(0.01)
            process.kill()
            process.wait()
            with RunStore.read(tmp_path / "run") as store:
                after = {(r.cell.item, r.completion.text) for r in store.records()}
            assert before < after
            before = after
        assert proofgrid(*arguments, "--quiet", cwd=tmp_path).returncode == 0
        assert stub.asked <= 400 + 3 * 8
    scored = load_run(tmp_path / "run")
    assert scored.attempts["item"].is_unique
    assert (scored.attempts["outcome"] == "correct").sum() == 400


def test_the_header_says_how_the_run_came_about(tmp_path: Path) -> None:
    """Items with hashes, prompt version, commit, versions, machine, server, arguments, start and end are kept."""
    with Stub(right) as stub:
        arguments = run_arguments(tmp_path, 2, "--model", "server/stub-model", "--base-url", stub.url, "--quiet")
        assert proofgrid(*arguments, cwd=tmp_path).returncode == 0
    header = load_run(tmp_path / "run").header
    (source,) = header["sources"]
    assert len(source["hashes"]["file"]) == 64
    assert header["prompt_versions"] == {"pl1_pw": "1"} or set(header["prompt_versions"]) == {"pl1_pw"}
    (invocation,) = header["invocations"]
    assert invocation["started"] < invocation["ended"]
    assert {"proofgrid", "python", "packages", "machine", "git_commit", "git_dirty", "arguments"} <= set(invocation)
    (model,) = header["models"]
    assert model["base_url"] == stub.url
    assert model["server"]["models"] == ["stub-model"]
    assert model["server"]["version"] == "0.0-stub"
