"""Exported data sets in the libraries that people read them with; runs in an environment of `make test-hosts`."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("datasets", reason="needs Hugging Face datasets: make test-hosts")

import duckdb
import polars
from datasets import get_dataset_config_names, load_dataset

from proofgrid import Item, load_suite, reward
from proofgrid.integrations.datasets import Plan, export_new, export_suite
from proofgrid.rewarding import as_item

TASKS = ["pl1_pw", "pl3_pc", "eq_gf"]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks of the frozen suite."""
    out = tmp_path_factory.mktemp("export") / "v1"
    export_suite("v1", TASKS, out)
    return out


@pytest.mark.parametrize("task", TASKS)
def test_datasets_gives_the_items_back(task: str, suite: Path, tmp_path: Path) -> None:
    """load_dataset of the folder, offline, has a configuration a task, and its rows are the items byte for byte."""
    assert get_dataset_config_names(str(suite)) == TASKS
    found = load_dataset(str(suite), task, split="test", cache_dir=str(tmp_path))
    assert [as_item(row).to_json() for row in found] == [item.to_json() for item in load_suite("v1", [task])]
    assert reward(found[0], found[0]["reference_answer"]) == 1.0


def test_splits_load_under_their_names(tmp_path: Path) -> None:
    """A data set of new items has its three splits in load_dataset."""
    plan = Plan(tasks=("eq_er",), sizes={"train": 3, "validation": 2, "test": 1}, seed=5, level=1)
    export_new(plan, tmp_path / "new", 1, lambda _name, _done: None)
    found = load_dataset(str(tmp_path / "new"), "eq_er", cache_dir=str(tmp_path / "cache"))
    assert {name: split.num_rows for name, split in found.items()} == {"train": 3, "validation": 2, "test": 1}


def test_polars_and_duckdb_read_the_files(suite: Path) -> None:
    """polars and duckdb see the same rows; what is JSON in a column is JSON to duckdb."""
    wanted = [item.to_json() for item in load_suite("v1", ["pl1_pw"])]
    frame = polars.read_parquet(suite / "data" / "pl1_pw" / "test.parquet")
    assert [as_item(row).to_json() for row in frame.iter_rows(named=True)] == wanted
    goals = duckdb.sql(f"select shown ->> '$.goal' from '{suite}/data/pl1_pw/test.parquet'").fetchall()
    assert [goal for (goal,) in goals] == [Item.from_json(text).shown["goal"] for text in wanted]
    (counted,) = duckdb.sql(f"select count(distinct id) from '{suite}/data/*/*.parquet'").fetchall()
    assert counted == (300,)
