"""The second phase from a run to its indices, with authors whose stability is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proofgrid.run.store import RunStore
from proofgrid.stability.measure import Stability, measure
from tests.proofgrid.command_line import in_process

AUTHORS = ("believer", "unstable-50", "always-reject", "always-accept", "coin")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of five authors on proof writing, asked about their flawed steps."""
    folder = tmp_path_factory.mktemp("stability") / "run"
    models = [part for name in AUTHORS for part in ("--model", f"builtin/{name}")]
    with pytest.MonkeyPatch.context() as patch:
        for arguments in (
            ["run", *models, "--task", "pl1_pw", "--seed", "7", "--limit", "48", "--run", str(folder), "--quiet"],
            ["stability", str(folder), "--quiet"],
        ):
            patch.setattr("sys.argv", ["proofgrid", *arguments])
            from proofgrid.cli import main

            with pytest.raises(SystemExit) as stop:
                main()
            assert stop.value.code in (0, None)
    return folder


@pytest.fixture(scope="module")
def found(run: Path) -> Stability:
    """What was measured."""
    return measure(run, bootstrap=300)


def test_authors_get_the_index_that_they_have(found: Stability) -> None:
    """The believer is stable whatever its accuracy, an author's true rate lies in its interval, and models that
    cannot tell valid from invalid have no corrected index."""
    by_name = {one.model.removeprefix("builtin/"): one for one in found.models}
    assert set(by_name) == set(AUTHORS)
    believer = by_name["believer"]
    assert 0.2 < believer.accuracy < 0.8
    assert believer.index.asked >= 18
    assert believer.index.corrected == 1.0
    interval = by_name["unstable-50"].index.corrected_interval
    assert interval is not None
    assert interval[0] <= 0.5 <= interval[1]
    for name in ("always-reject", "always-accept", "coin"):
        assert by_name[name].index.esi is not None
        assert by_name[name].index.corrected is None
        assert by_name[name].index.reason in ("cannot_tell_valid_from_invalid", "too_few_controls")


def test_every_flawed_inference_has_its_controls(found: Stability) -> None:
    """As many valid and invalid controls as flawed inferences, from the same proofs."""
    counts = found.judgements.groupby(["model", "kind"]).size().unstack()
    assert (counts["valid"] >= 0.95 * counts["flawed"]).all()
    assert (counts["invalid"] >= 0.95 * counts["flawed"]).all()
    flawed = set(found.judgements.loc[found.judgements["kind"] == "flawed", "proof"])
    assert set(found.judgements["proof"]) <= flawed


def test_breakdowns_add_up(found: Stability) -> None:
    """Each breakdown divides the asked inferences and loses none."""
    for one in found.models:
        sums = one.breakdown.groupby("by")["asked"].sum()
        assert set(sums.index) == {"task", "kind", "rule", "diagnosis", "depth"}
        assert (sums == one.index.asked).all()


def test_cases_show_the_proof_and_the_rejection(found: Stability) -> None:
    """Ten cases, each with a marked line, the question as asked and the model's own words."""
    assert len(found.cases) == 10
    for case in found.cases:
        assert " BY " in case.proof.split("\n")[case.line - 1]
        assert case.question.startswith("Judge one inference")
        assert json.loads(case.rejection)["verdict"] == "invalid"


def test_asking_again_asks_nothing(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan is the same each time, so a complete second phase sends no request and its answers stay."""
    with RunStore.read(run) as store:
        before = [record.key for record in store.records()]
    code, out, _ = in_process(monkeypatch, capsys, "stability", str(run))
    assert code == 0
    assert "cannot tell valid from invalid" in out
    with RunStore.read(run) as store:
        assert [record.key for record in store.records()] == before


def test_questions_stay_out_of_other_reports(run: Path) -> None:
    """Stability questions are no items of the run's tasks."""
    from proofgrid.run import load_run

    assert set(load_run(run).attempts["task"]) == {"pl1_pw"}


def test_files(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, JSON, the forest plot and a page with the cases are written."""
    out = tmp_path / "out"
    code, _, _ = in_process(monkeypatch, capsys, "stability", str(run), "--report-only", "--quiet", "--out", str(out))
    assert code == 0
    names = {path.name for path in out.iterdir()}
    assert {"stability.csv", "breakdown.csv", "judgements.csv", "stability.json", "stability.md", "forest.svg"} <= names
    data = json.loads((out / "stability.json").read_text())
    assert [model["model"] for model in data["models"]] == [f"builtin/{name}" for name in AUTHORS]
    assert "### 10." in (out / "stability.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stability", "nowhere"], "no run folder"),
        (["stability", "{run}", "--model", "builtin/nobody"], "no proofs by 'builtin/nobody'"),
        (["stability", "{run}", "--report-only", "--out", "{file}"], "is a file"),
    ],
)
def test_mistakes_get_one_sentence(
    arguments: list[str],
    said: str,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong folder, model or file name ends with one sentence and status 2."""
    (tmp_path / "file").write_text("")
    filled = [a.replace("{run}", str(run)).replace("{file}", str(tmp_path / "file")) for a in arguments]
    code, _, err = in_process(monkeypatch, capsys, *filled)
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_dry_run_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--dry-run prints calls and cost; nothing is asked afterwards, and a report without answers says what to do."""
    run = tmp_path / "run"
    common = ["--task", "pl1_pw", "--seed", "3", "--limit", "6", "--run", str(run), "--quiet"]
    assert in_process(monkeypatch, capsys, "run", "--model", "builtin/believer", *common)[0] == 0
    code, out, _ = in_process(monkeypatch, capsys, "stability", str(run), "--dry-run")
    assert code == 0
    assert "builtin/believer" in out
    assert "calls" in out
    with RunStore.read(run) as store:
        assert not any(record.cell.item.startswith("stability") for record in store.records())
