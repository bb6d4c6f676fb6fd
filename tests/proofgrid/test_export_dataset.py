"""``proofgrid export-dataset``: exact items, splits that share no problem, stops and goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
import yaml

from proofgrid import Item, UserError, get_task, load_suite, reward
from proofgrid.integrations.datasets import Plan, export_new, export_suite
from proofgrid.integrations.items import items_of_columns
from proofgrid.rewarding import as_item
from proofgrid.tasks.making.classes import class_key
from proofgrid.tasks.making.parallel import generate_distinct
from tests.proofgrid.command_line import in_process

SMALL = Plan(tasks=("pl1_pw", "eq_er"), sizes={"train": 4, "validation": 2, "test": 2}, seed=7, level=1)


def silent(name: str, done: int) -> None:
    """No progress."""


def rows(folder: Path, task: str, split: str) -> list[dict[str, object]]:
    """A file's rows."""
    return pq.read_table(folder / "data" / task / f"{split}.parquet").to_pylist()


def renamed(item: Item, rng: Random) -> Item:
    """The item with its letters A to Z in other places."""
    letters = [chr(c) for c in range(65, 91)]
    table = str.maketrans(dict(zip(letters, rng.sample(letters, 26), strict=True)))
    shown = json.loads(json.dumps(item.shown))
    shown["premises"] = rng.sample([text.translate(table) for text in shown["premises"]], len(shown["premises"]))
    return replace(item, shown=shown | {"goal": shown["goal"].translate(table)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set of two tasks."""
    out = tmp_path_factory.mktemp("export") / "data set"
    assert export_new(SMALL, out, 1, silent) == 16
    return out


def test_a_suite_comes_back_byte_for_byte(tmp_path: Path) -> None:
    """Every item of the frozen suite is the same bytes after a round through Parquet, and its answer earns 1.0."""
    assert export_suite("v1", ["pl3_pc", "eq_gf"], tmp_path / "v1") == 200
    for task in ("pl3_pc", "eq_gf"):
        found = rows(tmp_path / "v1", task, "test")
        assert [as_item(row).to_json() for row in found] == [item.to_json() for item in load_suite("v1", [task])]
        assert reward(found[0], str(found[0]["reference_answer"])) == 1.0
        assert found[0]["prompt"] == get_task(task).prompt(as_item(found[0]).shown)


def test_the_canary_is_in_what_is_tested_on_only(folder: Path) -> None:
    """Test and validation files carry the canary in their metadata, training files do not, and the card shows it."""
    marks = {
        split: pq.read_schema(folder / "data" / "eq_er" / f"{split}.parquet").metadata.get(b"canary")
        for split in ("train", "validation", "test")
    }
    assert marks["train"] is None
    assert marks["test"] == marks["validation"]
    assert marks["test"].decode() in (folder / "README.md").read_text()


def test_the_card_names_every_file(folder: Path) -> None:
    """The card's head lists each task as a configuration with its splits, as the files lie there."""
    _, head, text = (folder / "README.md").read_text().split("---\n", 2)
    configs = {config["config_name"]: config["data_files"] for config in yaml.safe_load(head)["configs"]}
    assert list(configs) == ["pl1_pw", "eq_er"]
    listed = [entry["path"] for files in configs.values() for entry in files]
    assert sorted(listed) == sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))
    assert [entry["split"] for entry in configs["pl1_pw"]] == ["train", "validation", "test"]
    assert "16 items are of 16 classes" in text


def test_splits_have_their_seeds_and_share_no_class(folder: Path) -> None:
    """Train has the seed asked for and the others the next; no class stands twice, nor in the frozen suite."""
    classes = []
    for split, seed in {"train": 7, "validation": 8, "test": 9}.items():
        for task in SMALL.tasks:
            found = rows(folder, task, split)
            assert {row["seed"] for row in found} == {seed}
            assert [row["class"] for row in found] == [class_key(as_item(row).shown) for row in found]
            classes += [row["class"] for row in found]
    assert len(classes) == len(set(classes)) == 16
    assert not set(classes) & {class_key(item.shown) for item in load_suite("v1", ["pl1_pw", "eq_er"])}


def test_a_problem_that_is_taken_is_drawn_again_whatever_its_letters() -> None:
    """What another split has is left out even under other names, and the number of processes changes nothing."""
    first = [item for item, _ in generate_distinct("pl1_pw", 4, 7, 1, 1, set())]
    taken = {class_key(renamed(item, Random(3)).shown) for item in first[1:3]}
    assert taken == {class_key(item.shown) for item in first[1:3]}
    again = list(generate_distinct("pl1_pw", 4, 7, 1, 2, taken))
    assert again == list(generate_distinct("pl1_pw", 4, 7, 1, 1, taken))
    assert [item.shown == old.shown for (item, _), old in zip(again, first, strict=True)] == [True, False, False, True]
    assert not {key for _, key in again} & taken


def test_it_goes_on_where_it_was_stopped(folder: Path, tmp_path: Path) -> None:
    """After an interruption whole files stay as they are, the rest is made, and the result is the same rows."""
    out = tmp_path / "again"

    def stop(name: str, done: int) -> None:
        if name == "pl1_pw validation":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_new(SMALL, out, 1, stop)
    assert not out.exists()
    (staging,) = tmp_path.iterdir()
    kept = {path: path.stat().st_mtime_ns for path in staging.rglob("test.parquet")}
    assert len(kept) == 2
    with pytest.raises(UserError, match="the beginning of another export"):
        export_new(replace(SMALL, seed=8), out, 1, silent)
    made: list[str] = []
    assert export_new(SMALL, out, 1, lambda name, _: made.append(name)) == 16
    assert "pl1_pw test" not in made
    assert not staging.exists()
    for task in SMALL.tasks:
        for split in SMALL.sizes:
            assert rows(out, task, split) == rows(folder, task, split)
    with pytest.raises(UserError, match="is there already"):
        export_new(SMALL, out, 1, silent)


def test_rows_of_data_frames_are_items(folder: Path) -> None:
    """A row as pandas gives it (with whole numbers of its own) and columns as trainers give them are items."""
    import pandas as pd

    frame = pd.read_parquet(folder / "data" / "pl1_pw" / "train.parquet")
    first = frame.iloc[0]
    assert reward(first.to_dict(), first["reference_answer"]) == 1.0
    columns = {name: list(frame[name]) for name in frame.columns}
    assert [as_item(item) for item in items_of_columns(columns)] == [as_item(row) for row in frame.to_dict("records")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed", "7"], "say how many items"),
        (["--seed", "7", "--train", "5"], "name a task"),
        (["--suite", "v1", "--train", "5"], "a frozen suite is exported whole"),
        ([], "give --suite v1"),
        (["--suite", "v1", "--seed", "7"], "give --suite v1"),
        (["--seed", "7", "--train", "5", "--task", "pl9"], "pl9"),
        (["--seed", "7", "--train", "5", "--task", "pl1_pw", "--apart-from", "v9"], "there is no suite"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A call that lacks something, or asks for two things, says what to do."""
    code, _, error = in_process(monkeypatch, capsys, "export-dataset", "--out", str(tmp_path / "x"), *arguments)
    assert code == 2
    assert said in error
    assert error.count("\n") == 1
