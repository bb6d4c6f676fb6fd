"""Batch interfaces: submitted once, found again after a crash, collected whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from proofgrid.models.config import ModelConfig
from proofgrid.run.plan import missing_cells
from proofgrid.run.runner import execute
from proofgrid.run.state import Ending, RunOptions
from proofgrid.run.store import RunStore
from tests.proofgrid.small_items import answer_text, fill, index_of, server_model
from tests.proofgrid.stub_server import Answer, Fault, Stub

OPTIONS = RunOptions(backoff=0.01, max_backoff=0.02, batch_poll=0.01)


def right(body: dict[str, Any]) -> Answer:
    """Prove everything, at 10 and 5 tokens."""
    return Answer(answer_text(index_of(body)), reasoning="hm")


def model(stub: Stub, provider: str, **fields: Any) -> ModelConfig:
    """A batch model of the provider, at the stub."""
    url = stub.url if provider == "openai" else stub.url.removesuffix("/v1")
    prices = {"input": 10.0, "output": 10.0}
    spec = {"openai": "openai/gpt-4.1", "anthropic": "anthropic/claude-sonnet-4-6"}[provider]
    return server_model(url, spec, batch=True, prices=prices, **fields)


def run(folder: Path, config: ModelConfig, n: int, options: RunOptions = OPTIONS) -> Ending:
    """Run ``n`` items by batch."""
    with RunStore.open(folder) as store:
        ids = fill(store, n)
        return execute(store, [config], {config.label: list(missing_cells(store, config.label, ids, 1))}, options)


def texts(folder: Path) -> list[str]:
    """All answers, by item."""
    with RunStore.read(folder) as store:
        return [r.completion.text for r in sorted(store.records(), key=lambda r: r.cell.item)]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_batch_is_submitted_polled_and_collected(tmp_path: Path, provider: str) -> None:
    """Every request gets its own answer although results come in another order, at half the price; once."""
    with Stub(right) as stub:
        config = model(stub, provider)
        outcome = run(tmp_path / "run", config, 8)
        assert outcome.complete, outcome.stops
        assert run(tmp_path / "run", config, 8).complete
        assert len(stub.batches) == 1
        assert stub.asked == 0
    assert texts(tmp_path / "run") == [answer_text(i) for i in range(8)]
    assert outcome.states[config.label].correct == 8
    with RunStore.read(tmp_path / "run") as store:
        costs = [r.completion.cost for r in store.records()]
        assert costs == pytest.approx([15 * 10 / 1e6 / 2] * 8)
        assert all(r.completion.reasoning == "hm" for r in store.records())


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_batch_survives_our_end(tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted while the batch runs, the next run of the same command collects it and submits nothing."""
    with Stub(right) as stub:
        stub.batch_polls = 10**9
        config = model(stub, provider)
        with RunStore.open(tmp_path / "run") as store:
            ids = fill(store, 3)
            cells = {config.label: list(missing_cells(store, config.label, ids, 1))}

            def stop_soon(runner: Any) -> Callable[[], None]:
                def notify(line: str) -> None:
                    if "submitted" in line:
                        runner.stop()

                runner.notify = notify
                return lambda: None

            outcome = execute(store, [config], cells, OPTIONS, watch=stop_soon)
        assert "same command collects" in outcome.stops[config.label]
        assert texts(tmp_path / "run") == []
        stub.batch_polls = 0
        assert run(tmp_path / "run", config, 3).complete
        assert len(stub.batches) == 1
    assert texts(tmp_path / "run") == [answer_text(i) for i in range(3)]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_batch_that_was_created_without_our_hearing_of_it_is_found(tmp_path: Path, provider: str) -> None:
    """When the provider creates the batch and then answers 500, it is looked for and not paid for twice."""
    with Stub(right) as stub:
        stub.batch_fault = Fault("500")
        config = model(stub, provider)
        assert run(tmp_path / "run", config, 4).complete
        assert len(stub.batches) == 1
    assert texts(tmp_path / "run") == [answer_text(i) for i in range(4)]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("submitted", [True, False])
def test_a_crash_between_note_and_submission_is_settled(tmp_path: Path, provider: str, submitted: bool) -> None:
    """A batch noted but of unknown fate is found at the provider if it is there, and submitted anew if not."""
    import sqlite3

    with Stub(right) as stub:
        config = model(stub, provider)
        assert run(tmp_path / "run", config, 4).complete
        with sqlite3.connect(tmp_path / "run" / "run.sqlite") as db:  # as after a crash at the worst moment
            db.execute("UPDATE batches SET state = 'submitting', remote = NULL")
            db.execute("DELETE FROM attempts")
        if not submitted:
            stub.batches.clear()
        assert run(tmp_path / "run", config, 4).complete
        assert len(stub.batches) == 1
    assert texts(tmp_path / "run") == [answer_text(i) for i in range(4)]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_request_that_fails_in_a_batch_is_an_api_error(tmp_path: Path, provider: str) -> None:
    """One failed request is named, and the others keep their answers."""
    with Stub(right) as stub:
        config = model(stub, provider, system="errored")
        outcome = run(tmp_path / "run", config, 2)
    assert not outcome.complete
    said = "batch error: no" if provider == "openai" else "batch errored: no"
    with RunStore.read(tmp_path / "run") as store:
        assert [r.completion.error for r in store.records()] == [said] * 2


def test_a_batch_keeps_to_the_budget(tmp_path: Path) -> None:
    """Only as many requests as surely fit are submitted at a time; the run stops when no more can."""

    def dear(body: dict[str, Any]) -> Answer:
        return Answer(answer_text(index_of(body)), prompt_tokens=1500, completion_tokens=100)

    with Stub(dear) as stub:
        config = model(stub, "openai", max_tokens=100)
        options = RunOptions(backoff=0.01, batch_poll=0.01, max_cost=0.05)
        outcome = run(tmp_path / "run", config, 40, options)
        assert outcome.exhausted
        assert len(stub.batches) >= 2
    with RunStore.read(tmp_path / "run") as store:
        assert 0 < store.spent()[0] <= 0.05
