"""ProofGrid on a Ray cluster of two nodes (two raylets of a CPU each); runs in an environment of `make test-hosts`."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="needs Ray: make test-hosts")

import pyarrow as pa
import pyarrow.parquet as pq
import ray
from ray.cluster_utils import Cluster
from typer.testing import CliRunner

from proofgrid import UserError, get_task, load_run, load_suite
from proofgrid.cli import command_line
from proofgrid.integrations.ray import check_batch, connect, ray_map, score_batch

CPUS = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[Cluster]:
    """Two nodes on this machine."""
    made = Cluster(initialize_head=True, head_node_args=CPUS)
    made.add_node(**{key: value for key, value in CPUS.items() if key != "include_dashboard"})
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Right and wrong proofs, lines that cannot be read, in one JSONL file."""
    path = tmp_path_factory.mktemp("proofs") / "proofs.jsonl"
    lines = []
    for item in load_suite("v1", ["pl1_pw"]):
        problem = " # ".join([*item.shown["premises"], item.shown["goal"]])
        right = get_task("pl1_pw").reference_answer(item)
        for name, proof in (("right", right), ("wrong", right.replace(" BY ", " BY mp on ", 1)), ("none", "claim")):
            lines.append(json.dumps({"id": f"{item.id} {name}", "problem": problem, "proof": proof}))
    lines[5:5] = ["# a comment", "no JSON", '{"problem": "A"}']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: str) -> tuple[int, str]:
    """The command line in this process: exit status and output."""
    done = CliRunner().invoke(command_line(), list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def test_results_come_in_order_and_from_both_nodes() -> None:
    """Chunks run on both nodes at once, and results are in the order of what they are of."""
    found = list(ray_map(where, range(24), lost=lambda one: (one, "lost"), chunk=2))
    assert [one for one, _ in found] == list(range(24))
    assert len({node for _, node in found}) == 2


def where(part: Sequence[int]) -> list[tuple[int, str]]:
    """Each number with the node that had it."""
    time.sleep(0.05)
    return [(one, ray.get_runtime_context().get_node_id()) for one in part]


def test_verdicts_are_those_of_one_machine(proofs: Path) -> None:
    """check --engine ray writes the same lines in the same order, and ends with the same status."""
    alone = run("check", "--jsonl", str(proofs))
    assert run("check", "--jsonl", str(proofs), "--engine", "ray") == alone
    assert alone[0] == 2
    assert len(alone[1].splitlines()) == 302


def test_parquet_in_is_jsonl_in(proofs: Path, tmp_path: Path) -> None:
    """The same objects in a Parquet file have the same verdicts, here and on the cluster; a Ray Data pipeline, too."""
    rows = [json.loads(line) for line in proofs.read_text().splitlines() if line.startswith('{"id"')]
    (tmp_path / "proofs").mkdir()
    for part in range(2):
        pq.write_table(pa.Table.from_pylist(rows[part::2]), tmp_path / "proofs" / f"{part}.parquet")
    path = str(tmp_path / "proofs" / "0.parquet")
    alone = run("check", "--jsonl", path)
    assert run("check", "--jsonl", path, "--engine", "ray") == alone
    verdicts = {json.loads(line)["id"]: json.loads(line) for line in alone[1].splitlines()}
    data = ray.data.read_parquet(str(tmp_path / "proofs")).map_batches(
        check_batch, batch_format="pandas", batch_size=32
    )
    found = {row["id"]: row for batch in data.iter_batches(batch_format="pandas") for row in batch.to_dict("records")}
    assert len(found) == 300
    for name, verdict in verdicts.items():
        assert {"id": name, **json.loads(found[name]["verdict"])} == verdict
        assert found[name]["correct"] == verdict["correct"]


def test_rows_are_scored_in_a_pipeline() -> None:
    """score_batch gives each row what the task's score gives."""
    items = list(load_suite("v1", ["eq_er"]))[:8]
    texts = [get_task("eq_er").reference_answer(item) if i % 2 else "no" for i, item in enumerate(items)]
    rows = [{"item": item.to_json(), "text": text} for item, text in zip(items, texts, strict=True)]
    scored = ray.data.from_items(rows).map_batches(score_batch, batch_format="pandas").take_all()
    assert {row["item"]: row["points"] for row in scored} == {
        item.to_json(): get_task("eq_er").score(item, text).points for item, text in zip(items, texts, strict=True)
    }


def test_a_run_is_scored_as_it_was(tmp_path: Path) -> None:
    """score --engine ray gives every attempt the score that it had."""
    folder = str(tmp_path / "run")
    run(
        "run",
        "--task",
        "pl1_pw",
        "--seed",
        "7",
        "--limit",
        "80",
        "--run",
        folder,
        "--model",
        "builtin/prover?budget=60",
    )
    before = load_run(folder).attempts
    assert run("score", folder, "--engine", "ray", "--quiet")[0] == 0
    after = load_run(folder).attempts
    assert after.to_json() == before.to_json()
    assert set(before["outcome"]) > {"correct"}


def test_items_are_the_same_bytes(tmp_path: Path) -> None:
    """generate --engine ray writes the file that one process writes."""
    for name, engine in (("one", ["--jobs", "1"]), ("ray", ["--engine", "ray"])):
        run("generate", "--task", "eq_er", "--n", "12", "--seed", "3", "--out", str(tmp_path / name), *engine)
    assert (tmp_path / "ray").read_bytes() == (tmp_path / "one").read_bytes()


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    """Work whose worker is killed is done elsewhere; what kills every worker is lost alone, and told."""
    mark = tmp_path / "killed"
    found = list(ray_map(Deadly(mark, {17}, {40}), range(64), lost=lambda one: ("lost", one), chunk=8))
    assert found == [("lost", one) if one == 40 else ("done", one) for one in range(64)]
    assert mark.exists()


class Deadly:
    """Kills its process at some numbers the first time, and at others always."""

    def __init__(self, mark: Path, once: set[int], always: set[int]) -> None:
        self.mark, self.once, self.always = mark, once, always

    def __call__(self, part: Sequence[int]) -> list[tuple[str, int]]:
        if self.once & set(part) and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.always & set(part):
            os.kill(os.getpid(), signal.SIGKILL)
        return [("done", one) for one in part]


def test_a_lost_machine_loses_nothing(cluster: Cluster) -> None:
    """Work on a node that goes away is done on those that are left."""
    node = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
    cluster.wait_for_nodes()
    results = ray_map(where, range(60), lost=lambda one: (one, "lost"), chunk=2)
    found = [next(results) for _ in range(6)]
    cluster.remove_node(node, allow_graceful=False)
    found += results
    assert [one for one, _ in found] == list(range(60))
    assert "lost" not in {node for _, node in found}


@pytest.mark.parametrize(("named", "failures", "starts"), [("", 1, 2), ("", 9, 2), ("10.0.0.1:6379", 9, 1)])
def test_a_node_that_started_late_is_started_again(
    named: str, failures: int, starts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster of our own is started twice, one that is named is asked once; then it is an error of ours."""
    monkeypatch.setenv("RAY_ADDRESS", named)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    tried: list[int] = []

    def init(**_: Any) -> None:
        tried.append(1)
        if len(tried) <= failures:
            raise Exception("The current node timed out during startup.")

    monkeypatch.setattr(ray, "init", init)
    if failures < starts:
        connect()
    else:
        with pytest.raises(UserError, match=f"no Ray cluster at {named or 'this machine'}: The current node"):
            connect()
    assert len(tried) == starts


def test_what_a_function_raises_arrives(tmp_path: Path) -> None:
    """An error of ours on a worker is the same error here, and a defect is not swallowed."""
    with pytest.raises(UserError, match="not that one"):
        list(ray_map(refuses, [1], lost=str))
    with pytest.raises(ZeroDivisionError):
        list(ray_map(fails, [1], lost=str))


def refuses(part: Sequence[int]) -> list[Any]:
    """Raises an error of ours."""
    raise UserError("not that one")


def fails(part: Sequence[int]) -> list[Any]:
    """Raises what is a defect."""
    return [1 // 0 for _ in part]
