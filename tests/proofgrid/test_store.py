"""The run store: one row an attempt, one writer, no answer overwritten, old schemas brought forward."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from proofgrid.errors import RunError
from proofgrid.models.completion import Completion
from proofgrid.run.plan import missing_cells
from proofgrid.run.records import Cell, Record, attempt_key
from proofgrid.run.runner import execute
from proofgrid.run.schema import MIGRATIONS
from proofgrid.run.store import RunStore
from proofgrid.scoring import score_completion, scorer_fingerprint
from tests.proofgrid.command_line import in_process
from tests.proofgrid.small_items import answer_text, builtin_models, fill, problem, server_model
from tests.proofgrid.stub_server import Answer, Stub

MODEL = "m"


def record(item: str, completion: Completion, attempt: int = 0, fingerprint: str = "f") -> Record:
    """An attempt with its key."""
    return Record(attempt_key(item, "p", fingerprint, attempt), Cell(MODEL, item, attempt), completion)


def test_an_attempt_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Every field of a completion survives, newlines, NULs and non-ASCII text included."""
    said = Completion("p ∧ q\n\x00 end", "hm", "stop", "no", None, 1, 2, 3, 0.5, 1.5, "s", "r")
    with RunStore.open(tmp_path / "run") as store:
        (item,) = fill(store, 1)
        store.add(record(item, said), "f")
    with RunStore.read(tmp_path / "run") as store:
        (found,) = store.records()
        assert found.completion == said
        assert found.cell == Cell(MODEL, item)


def test_lone_surrogates_do_not_lose_the_answer(tmp_path: Path) -> None:
    """A server that sends half a surrogate pair costs one character, not the record."""
    with RunStore.open(tmp_path / "run") as store:
        (item,) = fill(store, 1)
        store.add(record(item, Completion(text="a\ud800b")), "f")
        assert [r.completion.text for r in store.records()] == ["a?b"]


def test_an_answer_is_never_overwritten_and_an_api_error_gives_way(tmp_path: Path) -> None:
    """The second answer under a key is dropped; an answer replaces an api_error; an error never replaces an answer."""
    with RunStore.open(tmp_path / "run") as store:
        a, b = fill(store, 2)
        store.add(record(a, Completion(text="first")), "f")
        store.add(record(a, Completion(text="second")), "f")
        store.add(record(a, Completion(error="timeout: x")), "f")
        store.add(record(b, Completion(error="timeout: x")), "f")
        store.add(record(b, Completion(text="late")), "f")
        assert [(r.cell.item, r.completion.text) for r in store.records()] == [(a, "first"), (b, "late")]


def test_an_answer_with_other_parameters_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    """A rerun with a larger max_tokens makes the cut answer not current, and keeps its row and its cost."""
    with RunStore.open(tmp_path / "run") as store:
        (item,) = fill(store, 1)
        store.add(record(item, Completion(text="cut", finish_reason="length", cost=1.0)), "f")
        store.add(record(item, Completion(text="whole", cost=2.0), fingerprint="g"), "g")
        assert [r.completion.text for r in store.records()] == ["whole"]
        assert store.spent()[0] == 3.0


def test_the_database_refuses_two_current_attempts_at_one_cell(tmp_path: Path) -> None:
    """Even SQL by hand cannot make a cell count twice."""
    with RunStore.open(tmp_path / "run") as store:
        (item,) = fill(store, 1)
        store.add(record(item, Completion(text="x")), "f")
    with sqlite3.connect(tmp_path / "run" / "run.sqlite") as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(
            "INSERT INTO attempts (key, model, item, attempt, round, fingerprint, arrived, text) "
            "VALUES ('other', ?, ?, 0, 0, 'f', '', '')",
            (MODEL, item),
        )


def test_a_second_process_is_refused_by_name(tmp_path: Path) -> None:
    """While one process writes, another is told which one it is and what to do; readers are welcome."""
    code = f"from proofgrid.run.store import RunStore\nRunStore.open({str(tmp_path / 'run')!r})"
    with RunStore.open(tmp_path / "run") as store:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "is in use by process" in done.stderr
        assert "--run" in done.stderr
        RunStore.read(store.path).close()
    RunStore.open(tmp_path / "run").close()


def test_other_prompts_and_problems_do_not_mix(tmp_path: Path) -> None:
    """The same item id with another problem or prompt is refused, and the store is as before."""
    with RunStore.open(tmp_path / "run") as store:
        fill(store, 2)
        before = list(store.items())
        with pytest.raises(RunError, match="another prompt"):
            store.add_items([(problem(5), "new"), (problem(0), "changed prompt")])
        with pytest.raises(RunError, match="another problem"):
            store.add_items([(replace(problem(0), level=9), "x")])
        assert list(store.items()) == before


def test_an_older_schema_is_migrated_in_place(tmp_path: Path) -> None:
    """Opening a run of an older version runs each migration once and loses no row; reading migrates too."""
    one, two = "ALTER TABLE attempts ADD COLUMN one TEXT", "ALTER TABLE attempts ADD COLUMN two TEXT DEFAULT 'x'"
    steps = (*MIGRATIONS, one, two)
    with RunStore.open(tmp_path / "run") as store:
        (item,) = fill(store, 1)
        store.add(record(item, Completion(text="kept")), "f")
    with RunStore.open(tmp_path / "run", steps[:-1]) as store:
        assert [r.completion.text for r in store.records()] == ["kept"]
    with RunStore.read(tmp_path / "run", steps) as store:
        assert [r.completion.text for r in store.records()] == ["kept"]
    with sqlite3.connect(tmp_path / "run" / "run.sqlite") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(steps) + 1,)
        assert db.execute("SELECT one, two FROM attempts").fetchall() == [(None, "x")]


def test_a_failed_migration_changes_nothing(tmp_path: Path) -> None:
    """A migration that breaks half-way is rolled back whole."""
    RunStore.open(tmp_path / "run").close()
    broken = "ALTER TABLE attempts ADD COLUMN one TEXT; SELECT nonsense FROM nowhere"
    with pytest.raises(RunError, match="cannot be used"):
        RunStore.open(tmp_path / "run", (*MIGRATIONS, broken))
    with sqlite3.connect(tmp_path / "run" / "run.sqlite") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
        assert "one" not in [row[1] for row in db.execute("PRAGMA table_info(attempts)")]


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A run of a newer version says so instead of being misread."""
    RunStore.open(tmp_path / "run").close()
    with sqlite3.connect(tmp_path / "run" / "run.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    for open_ in (RunStore.open, RunStore.read):
        with pytest.raises(RunError, match=r"newer proofgrid \(schema 99"):
            open_(tmp_path / "run")


@pytest.mark.parametrize("content", [b"", b"this is no database at all, but long enough to look at" * 10])
def test_a_file_that_is_no_run_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    """Neither an empty file nor a stranger's is a traceback."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.sqlite").write_bytes(content)
    with pytest.raises(RunError, match="cannot be read"):
        RunStore.read(tmp_path / "run")
    with pytest.raises(RunError, match="is no run folder"):
        RunStore.read(tmp_path / "nowhere")


def test_scores_are_bound_to_the_code_that_made_them(tmp_path: Path) -> None:
    """Scores of another scorer do not count, and come back whole for their own."""
    with RunStore.open(tmp_path / "run") as store:
        (item,) = fill(store, 1)
        one = record(item, Completion(text=answer_text(0, right=False)))
        store.add(one, "f")
        score = score_completion(problem(0), one.completion)
        assert score.outcome == "incorrect"
        store.add_scores("old", [(one.key, score)])
        assert store.unscored(scorer_fingerprint()) == [one.key]
        assert list(store.scores("old")) == [(one.key, score)] or json.loads(
            json.dumps(dict(store.scores("old"))[one.key].to_json())
        ) == json.loads(json.dumps(score.to_json()))


def test_keys_change_with_everything_that_can_change_an_answer() -> None:
    """Item, prompt, model, parameters, attempt and round each make another key; concurrency and prices do not."""
    from proofgrid.models.spec import ModelEntry, resolve

    base = {"item": "i", "prompt_hash": "p", "fingerprint": "f", "attempt": 0, "round_": 0}
    others = [{**base, name: value} for name, value in (("item", "j"), ("prompt_hash", "q"), ("fingerprint", "g"))]
    others += [{**base, "attempt": 1}, {**base, "round_": 1}]
    assert len({attempt_key(**fields) for fields in [base, *others]}) == 6  # type: ignore[arg-type]
    spec = {"spec": "server/x", "base_url": "http://127.0.0.1:1/v1"}
    same = [{}, {"concurrency": 3}, {"prices": {"input": 1, "output": 1}}, {"timeout": 5}]
    other = [{"temperature": 0.5}, {"seed": 1}, {"max_tokens": 7}, {"system": "be brief"}, {"extra_body": {"a": 1}}]
    prints = [resolve(ModelEntry.model_validate({**spec, **more})).fingerprint for more in [*same, *other]]
    assert len(set(prints[:4])) == 1
    assert len(set(prints)) == 6
    budgets = builtin_models("builtin/prover?budget=1", "builtin/prover?budget=2")
    assert budgets[0].fingerprint != budgets[1].fingerprint


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A run's folder that is a file, or lies under one, is refused with what is in the way."""
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(RunError, match=r"cannot be a run's folder: .*; name another with --run"):
            RunStore.open(path)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_ends_the_run_with_a_sentence_and_keeps_what_arrived(tmp_path: Path) -> None:
    """Where the database can grow no more, the run stops with RunError; what was stored before is there."""
    with Stub(lambda body: Answer("x" * 20_000)) as stub, RunStore.open(tmp_path / "run") as store:
        ids = fill(store, 40)
        config = server_model(stub.url)
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 60}")
        cells = {config.label: list(missing_cells(store, config.label, ids, 1))}
        with pytest.raises(RunError, match="cannot be written: database or disk is full; what arrived before is kept"):
            execute(store, [config], cells)
    with RunStore.read(tmp_path / "run") as store:
        assert 0 < len(list(store.records())) < 40


def test_a_damaged_database_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run.sqlite whose header is sound and whose pages are not gives every command one sentence, no traceback."""
    with RunStore.open(tmp_path / "run") as store:
        fill(store, 5)
    path = tmp_path / "run" / "run.sqlite"
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xab" * len(content[8192:])
    path.write_bytes(content)
    for command in (["score"], ["show", "item"], ["export", "--out", "o.jsonl"]):
        monkeypatch.chdir(tmp_path)
        code, _, errors = in_process(monkeypatch, capsys, command[0], "run", *command[1:])
        assert code == 2
        assert errors.startswith("proofgrid: the run's database cannot be used: database disk image is malformed")


def test_an_item_that_breaks_its_scorer_costs_one_attempt() -> None:
    """An exception while scoring makes the attempt missing (scorer_error, with its traceback), and is not raised."""
    broken = replace(problem(0), shown={})
    score = score_completion(broken, Completion(text=answer_text(0)))
    assert score.outcome == "scorer_error"
    assert "please report" in (score.feedback or "")
    assert score_completion(problem(0), Completion(text=answer_text(0))).outcome == "correct"
