"""``proofgrid irt`` and adaptive runs: from a CSV or a run to tables, a bank, and fewer questions."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from proofgrid import irt
from proofgrid.commands.adaptive import Placement, answers_of, check_hashes, choose, parse_target
from proofgrid.commands.irt import item_features
from proofgrid.errors import UserError
from proofgrid.irt import AdaptiveTest, load_bank
from proofgrid.matrix import run_matrix
from proofgrid.matrix_file import read_matrix
from proofgrid.models.completion import Completion
from proofgrid.run import load_run
from proofgrid.run.records import Cell, Record
from proofgrid.run.store import RunStore
from tests.irt.simulate import simulate
from tests.proofgrid.command_line import in_process


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    """A CSV of 12 models and 40 items with tasks in the first row and a hole."""
    table = simulate(0, 12, 40).responses.astype(int).astype(object)
    table.iloc[2, 3] = ""
    tasks = pd.DataFrame([["pl1_pw", "eq_er"] * 20], index=["task"], columns=table.columns)
    path = tmp_path / "matrix.csv"
    pd.concat([tasks, table]).to_csv(path, index_label="model")
    return path


def test_matrix_in_and_files_out(
    matrix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A matrix made elsewhere gives tables, plots, a summary and a bank that scores it again."""
    out, bank = tmp_path / "out", tmp_path / "bank.json"
    arguments = ["irt", "--matrix", str(matrix), "--out", str(out), "--bootstrap", "0", "--save-bank", str(bank)]
    code, _, err = in_process(monkeypatch, capsys, *arguments)
    assert code == 0
    assert "do not rank single problems" in err
    data = json.loads((out / "irt.json").read_text())
    assert [task["task"] for task in data["tasks"]] == ["pl1_pw", "eq_er"]
    assert data["priors"]["hierarchical"] is True
    assert 0 < data["missing_share"] < 0.01
    assert (out / "wright_map.svg").is_file()
    code, _, _ = in_process(
        monkeypatch, capsys, "irt", "--matrix", str(matrix), "--out", str(tmp_path / "placed"), "--bank", str(bank)
    )
    assert code == 0
    placed = pd.read_csv(tmp_path / "placed" / "models.csv", index_col="model")
    fitted = pd.read_csv(out / "models.csv", index_col="model")
    assert placed["ability"].corr(fitted["ability"]) > 0.99


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no matrix"),
        ("model,a,b\nm1,1\nm2,0,1\n", "row 2 ('m1') has 2 cells and the header 3"),
        ("model,a,b\nm1,1,3\nm2,0,1\n", "model 'm1', item 'b' holds '3'"),
        ("model,a,b\nm1,1,1\nm1,0,1\n", "model 'm1' occurs more than once"),
        ("model,a,a\nm1,1,1\nm2,0,1\n", "item 'a' occurs more than once"),
        ("model,a,b\nm1,1,1\n", "only one model ('m1')"),
        ("model,a,b\nm1,1,0\nm2,1,0\n", "no item tells the models apart"),
    ],
)
def test_bad_matrices_get_one_sentence(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with a CSV is said with its row and column, and nothing is written."""
    (tmp_path / "bad.csv").write_text(text)
    out = tmp_path / "out"
    code, _, err = in_process(monkeypatch, capsys, "irt", "--matrix", str(tmp_path / "bad.csv"), "--out", str(out))
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert not out.exists()


def test_contradictory_arguments(
    matrix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither runs nor a matrix, both, no --out, and a file as --out are refused."""
    out = str(tmp_path / "out")
    for arguments, said in (
        (["irt", "--out", out], "give one or more run folders, or --matrix"),
        (["irt", "run", "--matrix", str(matrix), "--out", out], "give one or more run folders, or --matrix"),
        (["irt", "--matrix", str(matrix)], "--out DIR"),
        (["irt", "--matrix", str(matrix), "--out", str(matrix)], "is a file"),
        (["irt", "--matrix", str(matrix), "--out", out, "--bank", str(matrix)], "is no item bank"),
    ):
        code, _, err = in_process(monkeypatch, capsys, *arguments)
        assert code == 2
        assert said in err


def test_a_matrix_without_tasks(tmp_path: Path) -> None:
    """Without a row of tasks there are none; empty cells and NA are missing."""
    (tmp_path / "m.csv").write_text("model,a,b\nm1,1,NA\nm2,,0\n")
    found = read_matrix(tmp_path / "m.csv")
    assert set(found.tasks) == {"all"}
    assert found.shares.isna().to_numpy().tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"model;a;b\nm1;1;0\n", "semicolons"),
        (b"model\ta\tb\nm1\t1\t0\n", "tabs"),
        ("model,a\nm1,1\n".encode("utf-16"), "UTF-16"),
        ("model,\u00e4\nm1,1\n".encode("latin-1"), "not UTF-8"),
        (b"model,a,b\nm1,0.5,1\n", "k of n samples right"),
        (b"model,a,b\nm1,5/4,1\n", "'m1', item 'a' holds '5/4'"),
    ],
)
def test_what_is_no_matrix_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    """Other separators, encodings and cells are named in one sentence that says how a matrix is written."""
    (tmp_path / "m.csv").write_bytes(content)
    with pytest.raises(UserError, match=re.escape(said)):
        read_matrix(tmp_path / "m.csv")


def test_a_matrix_holds_samples_tasks_and_families(tmp_path: Path) -> None:
    """k/n cells, a row of tasks, a column of families; a model that is called Task stays a model."""
    (tmp_path / "m.csv").write_text("model,family,a,b\ntask,,t1,t2\nm1,f,3/4,0\nm2,f,1/4,\n")
    found = read_matrix(tmp_path / "m.csv")
    assert found.right.to_numpy().tolist() == [[3, 0], [1, 0]]
    assert found.asked.to_numpy().tolist() == [[4, 1], [4, 0]]
    assert list(found.tasks) == ["t1", "t2"]
    assert found.families is not None
    assert list(found.families) == ["f", "f"]
    (tmp_path / "n.csv").write_text("model,a,b\nTask,1,0\nm1,0,1\n")
    assert list(read_matrix(tmp_path / "n.csv").right.index) == ["Task", "m1"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run of three efforts of the builtin prover."""
    folder = tmp_path_factory.mktemp("irt") / "run"
    arguments = ["run", "--task", "eq_er,pl1_pw", "--seed", "5", "--limit", "6", "--run", str(folder), "--quiet"]
    for budget in (1, 20, 400):
        arguments += ["--model", f"builtin/prover?budget={budget}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["proofgrid", *arguments])
        from proofgrid.cli import main

        with pytest.raises(SystemExit):
            main()
    return folder


def test_a_run_is_fitted_and_then_asked_adaptively(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bank from a run places a new model with fewer items than the run has, and says how many were saved."""
    bank = tmp_path / "bank.json"
    out = str(tmp_path / "out")
    code, _, _ = in_process(
        monkeypatch, capsys, "irt", str(run), "--out", out, "--bootstrap", "0", "--save-bank", str(bank)
    )
    assert code == 0
    source = ["--task", "eq_er,pl1_pw", "--seed", "5", "--limit", "6", "--quiet"]
    adaptive = ["--run", str(tmp_path / "new"), "--adaptive", "se=0.9", "--bank", str(bank), "--concurrency", "4"]
    code, _, err = in_process(monkeypatch, capsys, "run", "--model", "builtin/prover?budget=50", *source, *adaptive)
    assert code == 0
    assert "% saved" in err
    asked = len(load_run(tmp_path / "new").attempts)
    assert 4 <= asked <= 12
    code, _, again = in_process(monkeypatch, capsys, "run", "--model", "builtin/prover?budget=50", *source, *adaptive)
    assert code == 0
    assert len(load_run(tmp_path / "new").attempts) == asked
    assert again.splitlines()[-1] == err.splitlines()[-1]


def test_matrices_and_features_of_runs(run: Path) -> None:
    """A model in two runs is two contestants; features are complete numbers with a column for the second task."""
    loaded = load_run(run)
    found = run_matrix([loaded])
    once = found.shares
    assert len(run_matrix([loaded, loaded]).right) == 2 * len(once)
    assert set(found.tasks) == {"eq_er", "pl1_pw"}
    features = item_features([loaded], once)
    assert list(features.index) == list(once.columns)
    assert features.notna().all().all()
    assert sum(str(column).startswith("task ") for column in features) == 1


def test_cells_come_as_answers_allow(run: Path, tmp_path: Path) -> None:
    """The chooser waits for scored answers, never repeats an item, and ends when the bank is used up."""

    found = run_matrix([load_run(run)])
    irt.make_bank(irt.fit_2pl(found.shares, groups=found.tasks)).save(tmp_path / "bank.json")
    bank = load_bank(tmp_path / "bank.json")
    test = AdaptiveTest(bank, 0.001, batch=4)
    available = [str(item) for item in bank.items]

    async def play() -> list[str]:
        given: list[str] = []
        with RunStore.open(tmp_path / "copy") as store, RunStore.read(run) as old:
            label = old.models()[0].label
            store.add_model(old.models()[0])
            store.add_items((stored.problem, stored.prompt) for stored in old.items().values())
            cells = choose(store, test, label, available)
            while (cell := await anext(cells, None)) is not None:
                given.append(cell.item)
                failed = Completion(error="timeout: gone")
                store.add(Record(f"key-{cell.item}", Cell(label, cell.item), failed), old.models()[0].fingerprint)
            assert set(answers_of(store, label).values()) == {None}
        return given

    given = asyncio.run(asyncio.wait_for(play(), 30))
    assert sorted(given) == sorted(available)


def test_adaptive_arguments() -> None:
    """The target is a number after se=, another suite's bank is refused, and the saving is a share."""
    assert parse_target("se=0.3") == 0.3
    for wrong in ("0.3", "se=", "se=-1", "se=x", "items=3"):
        with pytest.raises(UserError, match=r"--adaptive se=0\.3"):
            parse_target(wrong)
    place = Placement("m", 0.5, 0.28, 20, 100)
    assert place.saving == 0.8
    assert "20 of 100 items, 80% saved" in place.sentence(0.3)
    assert "out of these items' reach" in place.sentence(0.2)
    frame = simulate(0, 8, 12).responses

    bank = irt.make_bank(irt.fit_2pl(frame), {"pl1_pw": "one"})
    check_hashes(bank, {"sources": [{"hashes": {"pl1_pw": "one", "eq_er": "x"}}]})
    with pytest.raises(UserError, match="another version of pl1_pw"):
        check_hashes(bank, {"sources": [{"hashes": {"pl1_pw": "two"}}]})


def test_compare_prints_ranks_pairs_and_plans(
    matrix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All pairs of a matrix, with P(better) from the 2PL; a plan needs no run; nothing given is a mistake."""
    out = tmp_path / "pairs.csv"
    code, said, _ = in_process(monkeypatch, capsys, "compare", "--matrix", str(matrix), "--out", str(out))
    assert code == 0
    assert "of 66 pairs are told apart" in said
    pairs = pd.read_csv(out)
    assert len(pairs) == 66
    assert pairs["p_better_2pl"].between(0, 1).all()
    code, said, _ = in_process(monkeypatch, capsys, "compare", "--plan")
    assert code == 0
    assert "80% power" in said
    code, _, err = in_process(monkeypatch, capsys, "compare")
    assert code == 2
    assert "give one or more run folders" in err
