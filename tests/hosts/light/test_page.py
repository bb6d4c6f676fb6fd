"""docs/integrations.md runs as it stands, section by section (the trainers' in the environment with torch)."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("datasets", reason="needs hosts: make test-hosts")

from typer.testing import CliRunner

from proofgrid.cli import command_line
from proofgrid.run import load_run
from tests.hosts.pages import run_blocks, run_section, sections
from tests.proofgrid.stub_server import Stub

HERE = {
    "Inspect AI",
    "lm-evaluation-harness",
    "Data sets",
    "verifiers",
    "reasoning-gym",
    "Pygments",
    "Tracking and tables",
}
WITH_TORCH = {"TRL", "verl"}


def test_every_section_runs_somewhere() -> None:
    """No section with a block is left out of the tests."""
    assert {name for name, blocks in sections().items() if blocks} == HERE | {"Ray"} | WITH_TORCH


@pytest.mark.parametrize("heading", sorted(HERE))
def test_the_page_runs(heading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The section's blocks run in order in a fresh folder."""
    monkeypatch.chdir(tmp_path)
    if heading == "Tracking and tables":
        answers()
    run_section(heading, tmp_path)


def answers() -> None:
    """A run's answers as answers.parquet, here."""
    done = [
        ["run", "--task", "eq_er", "--seed", "7", "--limit", "4", "--run", "run", "--model", "builtin/prover"],
        ["export", "run", "--format", "parquet", "--out", "answers.parquet"],
    ]
    assert [CliRunner().invoke(command_line(), arguments).exit_code for arguments in done] == [0, 0]


def test_the_tracking_recipes_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipes of docs/running.md feed W&B (offline) and MLflow (in files)."""
    monkeypatch.chdir(tmp_path)
    answers()
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file:{tmp_path}/mlruns")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # files are enough here; a database needs more of MLflow
    (recipes,) = [
        blocks for name, blocks in sections("running.md", level=3).items() if name == "Weights & Biases, MLflow"
    ]
    run_blocks([block for block in recipes if block[0] == "python"], tmp_path)
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
    (path,) = tmp_path.glob("mlruns/*/*/metrics/accuracy.eq_er")
    right = [outcome == "correct" for outcome in pq.read_table("answers.parquet")["outcome"].to_pylist()]
    assert float(path.read_text().split()[1]) == sum(right) / 4 > 0


def test_the_page_about_inspect_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/how-to/inspect.md: a task runs, and its log becomes a run with a report."""
    monkeypatch.chdir(tmp_path)
    (blocks,) = sections("how-to/inspect.md", level=1).values()
    assert len(blocks) == 2
    run_blocks(blocks, tmp_path)
    assert (tmp_path / "report.html").is_file()


def test_ray_answers_prompts_without_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/how-to/cluster.md: prompts as Parquet, answers by ray.data.llm from a server, and a run of them."""
    monkeypatch.chdir(tmp_path)
    (blocks,) = sections("how-to/cluster.md", level=1).values()
    assert [language for language, _ in blocks] == ["sh", "python", "sh"]
    import ray

    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    try:
        with Stub() as stub:
            here = [(language, text.replace("http://127.0.0.1:8000/v1", stub.url)) for language, text in blocks]
            run_blocks(here, tmp_path, {"__name__": "__main__"})
    finally:
        ray.shutdown()
    attempts = load_run(tmp_path / "runs" / "offline").attempts
    assert (len(attempts), set(attempts["outcome"])) == (100, {"unparsable"})


def test_the_rays_section_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's blocks run on a cluster of this machine's cores, and both ways give the same verdicts."""
    monkeypatch.chdir(tmp_path)
    rows = [{"problem": "(A & B) # A", "proof": f"{side}-and on (A & B)"} for side in ("left", "right")] * 20
    Path("proofs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), "proofs.parquet")
    import ray

    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    try:
        env = {"RAY_ADDRESS": ray.get_runtime_context().gcs_address}
        run_section("Ray", tmp_path, env=env)
    finally:
        ray.shutdown()
    from_jsonl = [json.loads(line)["correct"] for line in Path("verdicts.jsonl").read_text().splitlines()]
    from_parquet = pq.read_table("verdicts").to_pylist()
    assert from_jsonl == [True, False] * 20
    assert sorted(row["correct"] for row in from_parquet) == [False] * 20 + [True] * 20
    assert len(Path("items.jsonl").read_text().splitlines()) == 8
