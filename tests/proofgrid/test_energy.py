"""Joules: shared among answers by their tokens, kept in the run, set beside dollars; no meter, no number."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from proofgrid.energy import energy_of
from proofgrid.models.config import ModelConfig
from proofgrid.models.spec import ModelEntry, resolve
from proofgrid.report.board import make_board
from proofgrid.report.energy_table import energy_table
from proofgrid.report.leaderboard import outcome_table, sentences
from proofgrid.run import energy, load_run
from proofgrid.run.doctor import installation
from proofgrid.run.energy import on_this_machine
from proofgrid.run.export import export_rows
from proofgrid.run.load import load_outcomes
from proofgrid.run.merge import merge_runs
from tests.proofgrid.small_items import answer_text, index_of, server_model
from tests.proofgrid.stub_server import Answer, Stub
from tests.proofgrid.test_run_faults import run


class FakeMonitor:
    """Stands behind zeus's interface: an idle window took 2 s and 20 J, any other 10 s, 300 J (card) and 100 J."""

    def __init__(self) -> None:
        self.gpu_indices, self.cpu_indices = [0, 1], [0]
        self.open: set[str] = set()

    def begin_window(self, key: str, sync_execution: bool = True) -> None:
        """Begin."""
        assert not sync_execution
        self.open.add(key)

    def end_window(self, key: str, sync_execution: bool = True) -> SimpleNamespace:
        """End one that was begun."""
        assert not sync_execution
        self.open.remove(key)
        if key == "idle":
            return SimpleNamespace(time=2.0, gpu_energy={0: 15.0}, cpu_energy={0: 5.0}, dram_energy=None)
        return SimpleNamespace(time=10.0, gpu_energy={0: 200.0, 1: 100.0}, cpu_energy={0: 100.0}, dram_energy=None)


class BareMonitor(FakeMonitor):
    """A machine with nothing to measure by."""

    def __init__(self) -> None:
        super().__init__()
        self.gpu_indices, self.cpu_indices = [], []


def install(monkeypatch: pytest.MonkeyPatch, monitor: type[FakeMonitor]) -> None:
    """Put a monitor in zeus's place."""
    package, module = ModuleType("zeus"), ModuleType("zeus.monitor")
    package.__dict__.update(__version__="0.0", __path__=[], monitor=module)
    module.__dict__["ZeusMonitor"] = monitor
    monkeypatch.setitem(sys.modules, "zeus", package)
    monkeypatch.setitem(sys.modules, "zeus.monitor", module)
    monkeypatch.setattr(energy, "IDLE_SECONDS", 0.01)


def served_here(url: str) -> ModelConfig:
    """A vLLM server at a loopback address."""
    return resolve(ModelEntry(spec="vllm/stub-model", base_url=url))


def test_joules_are_shared_by_tokens_and_figures_follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """400 J over answers of 10, 20, 30 and 40 tokens, two of them right, at 40 W: every figure follows by hand."""
    install(monkeypatch, FakeMonitor)

    def answer(body: dict[str, object]) -> Answer:
        i = index_of(body)
        return Answer(answer_text(i, right=i < 2), completion_tokens=10 * (i + 1))

    with Stub(answer) as stub:
        outcome, said = run(tmp_path / "run", [served_here(stub.url)], 4)
    assert outcome.complete
    assert "energy is measured by zeus 0.0: 2 graphics cards, 1 processor package" in said
    scored = load_run(tmp_path / "run")
    assert dict(zip(scored.attempts["completion_tokens"], scored.attempts["joules"], strict=True)) == {
        10: 40.0, 20: 80.0, 30: 120.0, 40: 160.0,
    }  # fmt: skip
    (window,) = scored.header["energy"]
    assert (window["joules"], window["idle_watts"], window["parts"]) == (400.0, 10.0, {"gpu": 300.0, "cpu": 100.0})
    model = str(scored.attempts["model"].iloc[0])
    found = energy_of(scored, model)
    assert found is not None
    assert (found.answers, found.solved, found.joules, found.watts, found.idle_watts) == (4, 2.0, 400.0, 40.0, 10.0)
    assert found.joules_per_solved == 200.0
    assert found.accuracy_per_joule == pytest.approx(0.5 / 100.0)
    assert found.accuracy_per_watt == pytest.approx(0.5 / 40.0)
    assert found.tokens_per_second == pytest.approx(10.0)
    table = energy_table(make_board([scored]))
    assert table is not None
    assert [c.text for c in table.rows[0][1:6]] == ["4", "400", "300", "200.0", "5.000"]
    (joules,) = (c for c in outcome_table(make_board([scored])).columns if c.label == "joules per solved item")
    assert joules.help
    assert sentences(make_board([scored]))[-1].endswith("; 0.11 Wh.")
    assert {row["joules"] for row in export_rows(tmp_path / "run")} == {40.0, 80.0, 120.0, 160.0}
    assert load_outcomes(tmp_path / "run")["joules"].sum() == 400.0


def test_a_merged_run_keeps_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Joules and windows go with the answers into a merged run, once where two runs hold them, and the figures stay."""
    install(monkeypatch, FakeMonitor)
    with Stub(lambda body: Answer(answer_text(index_of(body)), completion_tokens=5)) as stub:
        run(tmp_path / "run", [served_here(stub.url)], 2)
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    merge_runs([tmp_path / "run", tmp_path / "copy"], tmp_path / "merged")
    one, other = load_run(tmp_path / "run"), load_run(tmp_path / "merged")
    model = str(one.attempts["model"].iloc[0])
    assert energy_of(one, model) is not None
    assert energy_of(one, model) == energy_of(other, model)
    assert one.header["energy"] == other.header["energy"]


class BrokenMonitor(FakeMonitor):
    """A driver that fails when a window ends: the idle one, or the one of the answers."""

    breaks = "idle"

    def end_window(self, key: str, sync_execution: bool = True) -> SimpleNamespace:
        """Fail, where it is this window."""
        if (key == "idle") == (self.breaks == "idle"):
            raise OSError("the counter went away")
        return super().end_window(key, sync_execution)


@pytest.mark.parametrize("breaks", ["idle", "answers"])
def test_a_meter_that_fails_costs_no_answer(breaks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is kept, none has joules, and one line says why."""
    install(monkeypatch, BrokenMonitor)
    monkeypatch.setattr(BrokenMonitor, "breaks", breaks)
    with Stub(lambda body: Answer(answer_text(index_of(body)), completion_tokens=5)) as stub:
        outcome, said = run(tmp_path / "run", [served_here(stub.url)], 3)
    assert outcome.complete
    assert sum("the meter failed (OSError: the counter went away)" in line for line in said) == 1
    scored = load_run(tmp_path / "run")
    assert len(scored.attempts) == 3
    assert scored.attempts["joules"].isna().all()
    assert "energy" not in scored.header


def test_the_doctor_names_the_meter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would measure, or why nothing would: a matter of information, never a fault."""
    install(monkeypatch, FakeMonitor)
    (row,) = (finding for finding in installation() if finding.what == "energy")
    assert row.works
    assert row.said == "measured by zeus 0.0: 2 graphics cards, 1 processor package"
    install(monkeypatch, BareMonitor)
    (row,) = (finding for finding in installation() if finding.what == "energy")
    assert row.works is None
    assert row.said.startswith("not measured: zeus finds neither")


def test_tokens_that_are_not_counted_leave_no_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server counts no tokens the window is kept, and no answer is given joules."""
    install(monkeypatch, FakeMonitor)
    with Stub(lambda body: Answer(answer_text(index_of(body)), completion_tokens=0)) as stub:
        run(tmp_path / "run", [served_here(stub.url)], 2)
    scored = load_run(tmp_path / "run")
    assert scored.attempts["joules"].isna().all()
    assert scored.header["energy"][0]["joules"] == 400.0
    assert energy_table(make_board([scored])) is None


def test_no_meter_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without meters says so once, and the run goes on without joules."""
    install(monkeypatch, BareMonitor)
    with Stub(lambda body: Answer(answer_text(index_of(body), right=True))) as stub:
        outcome, said = run(tmp_path / "run", [served_here(stub.url)], 2)
    assert outcome.complete
    assert sum("energy is not measured" in line for line in said) == 1
    scored = load_run(tmp_path / "run")
    assert scored.attempts["joules"].isna().all()
    assert "energy" not in scored.header


def test_only_servers_of_this_machine_are_measured() -> None:
    """A name at a loopback address may be a gateway; vLLM, llama.cpp and Ollama work where they answer."""
    assert on_this_machine(resolve(ModelEntry(spec="vllm/some/model")))
    assert on_this_machine(resolve(ModelEntry(spec="ollama/qwen3:8b")))
    assert on_this_machine(resolve(ModelEntry(spec="llamacpp/any", base_url="http://localhost:8080/v1")))
    assert not on_this_machine(resolve(ModelEntry(spec="vllm/some/model", base_url="http://10.0.0.7:8000/v1")))
    assert not on_this_machine(server_model("http://127.0.0.1:8000/v1"))
    assert not on_this_machine(resolve(ModelEntry(spec="builtin/prover?budget=10")))
    assert not on_this_machine(replace(server_model("http://127.0.0.1:1/v1"), base_url=None))
