"""Which items a run asks, when it stops early, and what its exit status demands."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofgrid.run import load_run
from proofgrid.run.plan import Source, gather, missing_cells
from proofgrid.run.runner import execute
from proofgrid.run.state import ErrorBound, RunOptions
from proofgrid.run.store import RunStore
from proofgrid.seeds import seed_spread
from tests.proofgrid.command_line import in_process
from tests.proofgrid.small_items import fill, index_of, right, server_model, write_items
from tests.proofgrid.stub_server import Fault, Stub, raw

BUILTIN = ("--model", "builtin/prover?budget=60", "--quiet")
Strings = tuple[int, str, str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """``proofgrid`` in tmp_path: (exit status, output, errors)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: object) -> Strings:
        return in_process(monkeypatch, capsys, *map(str, arguments))

    return command


def asked(folder: Path) -> list[str]:
    """The items that a run asked, in order."""
    return list(load_run(folder).attempts["item"])


def test_single_items_of_a_suite(run, tmp_path: Path) -> None:
    """--item asks for these items only, of the tasks that their ids name, and adds no others to the run."""
    names = ["pl2_pw-s1-0001", "pl1_pw-s1-0004"]
    code, _, said = run("run", "--item", names[0], "--item", names[1], "--run", "r", *BUILTIN)
    assert code == 0, said
    assert sorted(asked(tmp_path / "r")) == sorted(names)
    with RunStore.read(tmp_path / "r") as store:
        assert sorted(store.items()) == sorted(names)


def test_an_item_that_is_not_there(run) -> None:
    """An unknown id is one sentence and exit status 2, for run and for score."""
    code, _, said = run("run", "--item", "pl1_pw-s1-9999", "--run", "r", *BUILTIN)
    assert (code, said.count("\n")) == (2, 1)
    assert "pl1_pw-s1-9999" in said
    run("run", "--item", "pl1_pw-s1-0004", "--run", "r", *BUILTIN)
    code, _, said = run("score", "r", "--item", "nonsense")
    assert (code, said.count("\n")) == (2, 1)


def test_retrying_and_scoring_one_item(run, tmp_path: Path) -> None:
    """Items of the run need no source: --retry-errors with --item asks for that one again, and score scores it."""
    items = write_items(tmp_path / "items.jsonl", 3)
    with Stub(lambda _text: Fault(status=400)) as stub:
        server = ("--model", "server/m", "--base-url", stub.url, "--quiet", "--max-retries", 0, "--run", "r")
        assert run("run", "--items", items, "--task", "pl1_pw", *server)[0] != 0
    with RunStore.read(tmp_path / "r") as store:
        first = next(iter(store.items()))
    with Stub(right) as stub:
        server = ("--model", "server/m", "--base-url", stub.url, "--moved-server", "--quiet", "--run", "r")
        assert run("run", "--item", first, "--retry-errors", *server)[0] == 0
        assert stub.asked == 1
    code, _, said = run("score", "r", "--item", first)
    assert code == 0
    assert said.startswith("1 answer scored")


def test_a_random_subset_is_the_seeds(tmp_path: Path) -> None:
    """--subset-seed draws N items of each task: the same for the same seed, others for another, within the level."""

    def drawn(seed: int | None, name: str, level: int | None = None) -> list[str]:
        with RunStore.open(tmp_path / name) as store:
            return gather(store, Source("suite", "v1", ("pl1_pw", "eq_er"), 8, level, subset_seed=seed))

    first = drawn(1, "a")
    assert first == drawn(1, "b") != drawn(2, "c") != drawn(None, "d")
    assert sum(name.startswith("pl1_pw-") for name in first) == 8 == sum(name.startswith("eq_er-") for name in first)
    with RunStore.open(tmp_path / "e") as store:
        ids = gather(store, Source("suite", "v1", ("pl1_pw",), 5, 2, subset_seed=1))
        assert [store.items()[name].problem.level for name in ids] == [2] * 5


@pytest.mark.parametrize("kind", ["seed", "suite", "file"])
def test_what_is_made_is_said_before_it_is_made(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is never silent while it makes items or reads many: it says which ones before there is any."""
    monkeypatch.setattr("proofgrid.run.plan.LONG_FILE", 1)
    name = {"seed": "7", "suite": "v1", "file": str(write_items(tmp_path / "items.jsonl", 2))}[kind]
    said: list[tuple[str, int]] = []
    with RunStore.open(tmp_path / "r") as store:

        def making(what: str, done: int, of: int) -> None:
            said.append((what, len(store.item_tasks())))

        ids = gather(store, Source(kind, name, ("pl1_pw",), 2), making)  # type: ignore[arg-type]
    assert len(ids) == 2
    what, there = said[0]
    assert there == 0
    assert name in what
    assert "items" in what


def test_several_seeds_and_their_spread(run, tmp_path: Path) -> None:
    """--seeds makes items from each seed in one run, which says how far the seeds lie apart; again, it resumes."""
    command = (
        "run",
        "--seed",
        7,
        "--seeds",
        2,
        "--limit",
        3,
        "--task",
        "pl1_pw",
        "--model",
        "builtin/prover?budget=60",
    )
    code, out, said = run(*command)
    assert code == 0, said
    folder = tmp_path / "runs" / "seeds7-8-pl1_pw"
    with RunStore.read(folder) as store:
        assert sorted(item.problem.seed for item in store.items().values()) == [7, 7, 7, 8, 8, 8]
    assert "over 2 seeds; between seeds SD" in out
    assert "0 calls" in run(*command)[2]


def test_the_spread_between_seeds() -> None:
    """The standard deviation between the means, and what items alone would give; None with fewer than two seeds."""
    spread = seed_spread([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]])
    assert spread is not None
    assert (spread.seeds, spread.mean, spread.sd) == (3, 0.5, 0.5)
    assert spread.by_chance == pytest.approx((1 / 3 / 4 / 3) ** 0.5)
    assert seed_spread([[1, 0]]) is seed_spread([[1], [0]]) is None


@pytest.mark.parametrize(("least", "code"), [(0, 0), (101, 2), (100, 1)])
def test_fail_under(run, least: int, code: int) -> None:
    """--fail-under ends with 1 if a model solved less of the items asked for, and names the model and its share."""
    done, _, said = run("run", "--task", "pl1_pw", "--limit", 4, "--run", "r", "--fail-under", least,
                        "--model", "builtin/prover?budget=1", "--quiet")  # fmt: skip
    assert done == code
    assert ("builtin/prover?budget=1: 0.0% correct, under --fail-under 100" in said) == (code == 1)


@pytest.mark.parametrize(("bound", "most"), [("3", 3), ("10%", 20)])
def test_too_many_errors_stop_a_model(run, tmp_path: Path, bound: str, most: int) -> None:
    """--max-errors stops asking after N api_errors, or over a share of at least 20 answers, and says so."""
    items = write_items(tmp_path / "items.jsonl", 40)
    with Stub(lambda _text: Fault(status=422)) as stub:
        code, _, said = run("run", "--items", items, "--task", "pl1_pw", "--model", "server/m", "--base-url", stub.url,
                            "--run", "r", "--max-retries", 0, "--concurrency", 1, "--max-errors", bound)  # fmt: skip
        assert stub.asked <= most + 2
    assert code == 2
    assert "--max-errors" in said


def test_too_many_errors_in_a_batch_stop_the_model(tmp_path: Path) -> None:
    """With batches the bound is looked at when one is collected: its answers are kept, and no
    further batch is submitted."""
    with Stub(right) as stub, RunStore.open(tmp_path / "run") as store:
        stub.results_edit = lambda content: b"\n".join(content.split(b"\n")[:2])
        config = server_model(stub.url, "openai/gpt-4.1", batch=True)
        cells = list(missing_cells(store, config.label, fill(store, 4), 1))
        options = RunOptions(batch_poll=0.001, most_errors=ErrorBound(number=2))
        ending = execute(store, [config], {config.label: cells}, options)
        assert ending.stops == {config.label: "2 requests failed for good, and --max-errors allows fewer"}
        assert sum(record.completion.error is None for record in store.records()) == 2
        assert not store.ledger.open_batches(config.fingerprint)


def test_a_bound_on_answers_that_fills_the_window_stops_the_model(tmp_path: Path) -> None:
    """If max_tokens alone is as much as the window that the server names, no prompt fits: the model stops with advice,
    where a prompt that is too long costs itself alone."""
    said = {"error": {"message": "This model's maximum context length is 4096 tokens. You requested 4200"}}
    for most, stops in ((4096, True), (1000, False)):
        with Stub(right) as stub, RunStore.open(tmp_path / str(most)) as store:
            stub.fault_for = lambda body: raw(said, 400) if index_of(body) == 0 else None
            config = server_model(stub.url, max_tokens=most)
            cells = list(missing_cells(store, config.label, fill(store, 3), 1))
            ending = execute(store, [config], {config.label: cells}, RunOptions(concurrency=1))
            assert ("smaller --max-tokens" in str(ending.stops)) == stops
            assert len(list(store.records())) == (0 if stops else 3)


@pytest.mark.parametrize("text", ["0", "x", "-1", "1.5", "100%", "%"])
def test_bounds_that_are_none(run, text: str) -> None:
    """A bound on errors that is no number or share is one sentence, and nothing is made."""
    code, _, said = run("run", "--task", "pl1_pw", "--run", "r", f"--max-errors={text}", *BUILTIN)
    assert (code, said.count("\n")) == (2, 1)
    assert not Path("r").exists()


def test_a_share_needs_answers() -> None:
    """A share of errors says nothing before twenty answers; a number counts from the first."""
    assert ErrorBound(share=0.1).passed(19, 19) is None
    assert ErrorBound(share=0.1).passed(2, 20) is None
    assert "3 of 20" in str(ErrorBound(share=0.1).passed(3, 20))
    assert ErrorBound(number=3).passed(2, 2) is None
    assert ErrorBound(number=3).passed(3, 3) is not None
