"""What a run waits for, charges, keeps apart and keeps to itself."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from proofgrid.commands.summary import notes
from proofgrid.errors import ModelSpecError, RunError
from proofgrid.models.config import ModelConfig
from proofgrid.models.spec import ModelEntry, resolve
from proofgrid.models.vllm import child_environment, serve_command
from proofgrid.run.budget import bound
from proofgrid.run.display import plain_line
from proofgrid.run.load import load_run
from proofgrid.run.plan import check_same_model, missing_cells
from proofgrid.run.runner import Runner, execute
from proofgrid.run.state import Ending, RunOptions, Wait
from proofgrid.run.store import RunStore
from proofgrid.scoring import ErrorPolicy
from proofgrid.tasks import Item, Score
from proofgrid.tasks.registry import get_task
from tests.proofgrid.command_line import proofgrid
from tests.proofgrid.server_faults import chat, error
from tests.proofgrid.small_items import answer_text, fill, index_of, right, server_model, write_items
from tests.proofgrid.stub_server import Answer, Fault, Stub, events, raw

FAST = RunOptions(backoff=0.001, max_backoff=0.002, max_retries=2)
PRICES = {"input": 1.0, "output": 1.0}


def run(folder: Path, config: ModelConfig, n: int, options: RunOptions = FAST, samples: int = 1, **more: Any) -> Ending:
    """Ask for ``n`` small items."""
    with RunStore.open(folder) as store:
        ids = fill(store, n)
        cells = {config.label: list(missing_cells(store, config.label, ids, samples))}
        return execute(store, [config], cells, options, **more)


def errors(folder: Path) -> list[str]:
    """The api_errors of a run."""
    with RunStore.read(folder) as store:
        return [record.completion.error for record in store.records() if record.completion.error]


def test_throttles_count_as_tries_unless_told_otherwise(tmp_path: Path) -> None:
    """A 429 that never ends is an api_error after as many tries as --max-retries, or --max-throttles, allow."""
    for options, tries in (
        (RunOptions(backoff=0.001, max_retries=1), 2),
        (RunOptions(backoff=0.001, max_retries=1, max_throttles=4), 5),
    ):
        with Stub(right) as stub:
            stub.fault_for = lambda body: Fault("429", "0")
            run(tmp_path / f"run{tries}", server_model(stub.url), 1, options)
            assert stub.asked == tries
        assert errors(tmp_path / f"run{tries}")[0].startswith("rate_limited: HTTP 429")


def test_what_is_waited_for_is_said(tmp_path: Path) -> None:
    """While a request waits, the progress line says for how long and why."""
    lines: list[str] = []
    runners: list[Runner] = []

    def answer(body: dict[str, Any]) -> Answer:
        lines.append(plain_line(runners[0].states["server/stub-model"]))
        return right(body)

    with Stub(answer) as stub:
        stub.fault_for = lambda body: (
            Fault("429", "0.4", "slow down") if index_of(body) == 0 and stub.asked < 3 else None
        )

        def watch(runner: Runner) -> Any:
            runners.append(runner)
            return lambda: None

        run(tmp_path / "run", server_model(stub.url, concurrency=2), 2, watch=watch)
    state = runners[0].states["server/stub-model"]
    assert state.waiting() is None
    state.waits[0] = Wait("rate_limited, HTTP 429: slow down", time.monotonic() + 30)
    assert "next try in 30 s: rate_limited, HTTP 429: slow down" in plain_line(state)
    assert len(lines) == 2


def test_a_long_retry_after_holds_its_own_request_only(tmp_path: Path) -> None:
    """A server that asks one request to wait a day gets the others answered, and that one becomes an api_error."""
    with Stub(right) as stub:
        stub.fault_for = lambda body: Fault("429", "86400") if index_of(body) == 0 else None
        ending = run(tmp_path / "run", server_model(stub.url), 5)
    assert not ending.stops
    assert len(errors(tmp_path / "run")) == 1


def test_the_end_of_a_run_lists_the_distinct_errors(tmp_path: Path) -> None:
    """Errors that differ in numbers only are one line with a count; finish words nobody knows are shown."""

    def answer(body: dict[str, Any]) -> Answer:
        return Answer(answer_text(index_of(body)), finish_reason="halted" if index_of(body) == 4 else "stop")

    with Stub(answer) as stub:
        stub.fault_for = lambda body: raw(error(f"field {stub.asked}"), 400) if 1 <= index_of(body) <= 3 else None
        run(tmp_path / "run", server_model(stub.url, concurrency=1), 5)
    said = notes(tmp_path / "run")
    assert any(line.startswith("3 x server/stub-model: bad_request: HTTP 400: field") for line in said)
    assert any("'halted'" in line for line in said)


def test_a_stop_for_errors_alike_records_nothing(tmp_path: Path) -> None:
    """Where the first requests are all refused alike the model stops, and the same command asks for all again."""
    with Stub(right) as stub:
        stub.fault_for = lambda body: raw(error("unknown field top_q"), 400)
        ending = run(tmp_path / "run", server_model(stub.url, concurrency=1), 9)
        assert "unknown field top_q" in ending.stops["server/stub-model"]
        assert stub.asked <= 4
        stub.fault_for = lambda body: None
        assert run(tmp_path / "run", server_model(stub.url, concurrency=1), 9).states["server/stub-model"].arrived == 9


def test_a_wrong_name_behind_a_gateway_is_looked_up(tmp_path: Path) -> None:
    """A gateway that says 400 to an unknown model is asked which models it has, and the stop names one."""
    with Stub(right) as stub:
        stub.fault_for = lambda body: raw(error("bad request"), 400)
        ending = run(tmp_path / "run", server_model(stub.url, "server/stub-modle", concurrency=1), 9)
        assert stub.asked <= 3
    assert "it has stub-model" in ending.stops["server/stub-modle"]


def spent(folder: Path) -> tuple[float, int]:
    """USD and tokens that a run counts."""
    with RunStore.read(folder) as store:
        return store.spent()[:2]


def test_an_answer_without_usage_is_charged_at_its_bound(tmp_path: Path) -> None:
    """--max-cost holds although the server never says what it used: a request counts at the most it can cost."""
    with Stub(lambda body: Answer(answer_text(index_of(body)), extra={"usage": None})) as stub:
        config = server_model(stub.url, max_tokens=1000, prices=PRICES)
        ending = run(tmp_path / "run", config, 40, RunOptions(max_cost=0.02))
        assert stub.asked < 40
    assert ending.exhausted
    assert 0.01 < spent(tmp_path / "run")[0] <= 0.02


def test_failed_tries_that_used_tokens_count(tmp_path: Path) -> None:
    """What broke off after the model had begun is charged: as the server says, or at its bound."""
    told = raw(chat(finish="error", usage={"prompt_tokens": 700, "completion_tokens": 300}))
    with Stub(right, script=[told]) as stub:
        config = server_model(stub.url, max_tokens=50, prices=PRICES)
        assert run(tmp_path / "told", config, 1).complete
    assert spent(tmp_path / "told") == (pytest.approx(1015e-6), 1015)
    with Stub(right, script=[raw("{half", content_type="application/json")]) as stub:
        config = server_model(stub.url, max_tokens=50, prices=PRICES)
        assert run(tmp_path / "untold", config, 1).complete
        with RunStore.read(tmp_path / "untold") as store:
            (item,) = store.items().values()
            most = bound(config, item.prompt)
    assert spent(tmp_path / "untold") == (pytest.approx(most.cost + 15e-6), most.tokens + 15)
    with Stub(right, script=[Fault("500")]) as stub:
        assert run(tmp_path / "refused", server_model(stub.url, prices=PRICES), 1).complete
    assert spent(tmp_path / "refused")[1] == 15


def test_a_total_beyond_its_parts_is_what_is_charged(tmp_path: Path) -> None:
    """Reasoning that a server counts outside completion_tokens is paid for as well."""
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 1015}
    with Stub(lambda body: Answer(answer_text(0), extra={"usage": usage})) as stub:
        run(tmp_path / "run", server_model(stub.url, prices=PRICES), 1)
    assert spent(tmp_path / "run") == (pytest.approx(1015e-6), 1015)


def test_known_models_have_prices_and_models_yaml_wins(tmp_path: Path) -> None:
    """The packed table prices known models without a network; the header says where prices come from."""
    config = resolve(ModelEntry(spec="openai/gpt-4.1"))
    assert config.cost(1_000_000, 1_000_000) == pytest.approx(10.0)
    assert config.cost(1_000_000, 0, cached=1_000_000) == pytest.approx(0.5)
    assert str(config.price_source).startswith("genai-prices ")
    own = resolve(ModelEntry(spec="openai/gpt-4.1", prices=PRICES))  # type: ignore[arg-type]
    assert (own.cost(1_000_000, 0), own.price_source) == (1.0, "models.yaml")
    assert not resolve(ModelEntry(spec="openai/no-such-model")).priced


def test_each_sample_has_a_seed_of_its_own(tmp_path: Path) -> None:
    """With a seed, sample k is asked with the seed plus k: not one answer four times."""
    with Stub(right) as stub:
        run(tmp_path / "run", server_model(stub.url, seed=7), 2, samples=4)
        seeds = sorted(body["seed"] for body in stub.requests)
    assert seeds == [7, 7, 8, 8, 9, 9, 10, 10]


def test_the_same_name_at_another_server_is_refused(tmp_path: Path) -> None:
    """Answers of two servers never stand under one name, unless the user says that the server moved."""
    with Stub(right) as stub, Stub(right) as other:
        run(tmp_path / "run", server_model(stub.url), 1)
        moved = server_model(other.url)
        with RunStore.open(tmp_path / "run") as store:
            with pytest.raises(RunError, match="--moved-server"):
                check_same_model(store, [moved])
            check_same_model(store, [moved], server=False)
            check_same_model(store, [server_model(stub.url)])


def test_a_served_model_that_changes_is_shown(tmp_path: Path) -> None:
    """Where the served name or the system's fingerprint changes mid-run, header and summary say so."""

    def answer(body: dict[str, Any]) -> Answer:
        late = index_of(body) > 2
        extra = {"model": "new" if late else "old", "system_fingerprint": "fp2" if late else "fp1"}
        return Answer(answer_text(index_of(body)), extra=extra)

    with Stub(answer) as stub:
        run(tmp_path / "run", server_model(stub.url, concurrency=1), 5)
    with RunStore.read(tmp_path / "run") as store:
        served = store.header()["models"][0]["served"]
    assert [(row["model"], row["version"], row["answers"]) for row in served] == [("old", "fp1", 3), ("new", "fp2", 2)]
    assert any("changed while the run went on: old fp1 (3), new fp2 (2)" in line for line in notes(tmp_path / "run"))


@pytest.mark.parametrize(
    ("policy", "outcomes"),
    [
        (ErrorPolicy(), ["api_error", "api_error", "correct"]),
        (ErrorPolicy(context="wrong"), ["api_error", "correct", "incorrect"]),
        (ErrorPolicy(errors="wrong"), ["correct", "incorrect", "incorrect"]),
        (ErrorPolicy(errors="wrong", context="missing"), ["api_error", "correct", "incorrect"]),
    ],
)
def test_errors_count_as_the_run_says(tmp_path: Path, policy: ErrorPolicy, outcomes: list[str]) -> None:
    """An api_error is missing or wrong, and a prompt beyond the window by itself, as asked; scores follow at once."""
    faults = {1: raw(error("x", code="context_length_exceeded"), 400), 2: raw(error("odd"), 400)}
    with Stub(right) as stub:
        stub.fault_for = lambda body: faults.get(index_of(body))
        run(tmp_path / "run", server_model(stub.url, concurrency=1), 3)
    with RunStore.open(tmp_path / "run") as store:
        store.set_policy(policy)
    assert sorted(load_run(tmp_path / "run").attempts["outcome"]) == outcomes


class Broken(type(get_task("pl1_pw"))):  # type: ignore[misc]
    """A task whose judge has a defect."""

    def judge(self, item: Item, answer: Any) -> Score:
        """Fail."""
        raise ZeroDivisionError("a defect")


def test_a_scorer_that_fails_is_an_outcome_with_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours makes the attempt missing, keeps its traceback with the score, and is one line on the screen."""
    monkeypatch.setitem(__import__("proofgrid.tasks.questions", fromlist=["QUESTIONS"]).QUESTIONS, "pl1_pw", Broken)
    from proofgrid.tasks.questions import any_task

    any_task.cache_clear()
    said: list[str] = []
    try:
        with Stub(right) as stub:
            run(tmp_path / "run", server_model(stub.url), 2, notify=said.append)
        with RunStore.read(tmp_path / "run") as store:
            from proofgrid.scoring import scorer_fingerprint

            scores = [score for _, score in store.scores(scorer_fingerprint())]
    finally:
        any_task.cache_clear()
    assert [score.outcome for score in scores] == ["scorer_error"] * 2
    assert all("ZeroDivisionError: a defect" in str(score.trace) for score in scores)
    assert sum("ZeroDivisionError" in line for line in said) == 1


def test_a_run_whose_folder_is_deleted_stops_asking(tmp_path: Path) -> None:
    """Nothing is asked and paid for that could not be kept."""
    import shutil

    def answer(body: dict[str, Any]) -> Answer:
        if index_of(body) == 2:
            shutil.rmtree(tmp_path / "run")
        return right(body)

    with Stub(answer) as stub:
        try:
            said = run(tmp_path / "run", server_model(stub.url, concurrency=1), 50).stops["server/stub-model"]
        except RunError as error:
            said = str(error)
        assert stub.asked < 10
    assert "moved or deleted" in said or "cannot be written" in said


@pytest.mark.parametrize("name", ["run.lock", "run.pid", "scores.sqlite", "run.sqlite", "run.sqlite-wal"])
def test_a_link_in_a_run_folder_is_never_written_through(tmp_path: Path, name: str) -> None:
    """A stranger's folder whose files point elsewhere is refused for writing, and what they point to stays."""
    with Stub(right) as stub:
        run(tmp_path / "run", server_model(stub.url), 1)
    precious = tmp_path / "precious"
    precious.write_bytes(b"dear")
    (tmp_path / "run" / name).unlink(missing_ok=True)
    (tmp_path / "run" / name).symlink_to(precious)
    with pytest.raises(RunError, match="no plain file"):
        RunStore.open(tmp_path / "run")
    if name in ("run.lock", "run.pid"):
        for path in (tmp_path / "run").glob("scores.sqlite*"):
            path.unlink()  # what is not scored yet is scored in memory
        assert len(load_run(tmp_path / "run").attempts) == 1
    assert precious.read_bytes() == b"dear"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE models SET config = '{'",
        "UPDATE models SET config = '[]'",
        "UPDATE models SET config = '{\"spec\": 7}'",
        "UPDATE meta SET value = '{'",
        "UPDATE items SET problem = '{}'",
        "UPDATE items SET problem = x'00ff'",
        "UPDATE attempts SET text = x'00ff'",
        "UPDATE attempts SET cost = 'dear'",
        "UPDATE attempts SET item = 'nobody' WHERE rowid = 1",
    ],
)
def test_a_damaged_run_is_one_sentence(tmp_path: Path, damage: str) -> None:
    """Whatever stands in a run's database, commands end with a sentence or leave the row out; none with a traceback."""
    with Stub(right) as stub:
        run(tmp_path / "run", server_model(stub.url), 2)
    with sqlite3.connect(tmp_path / "run" / "run.sqlite") as db:
        db.execute(damage)
    for command in (("score", "run"), ("export", "run", "--out", "x.jsonl")):
        done = proofgrid(*command, cwd=tmp_path)
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 2)


HEADERS = {
    "OPENAI_ORG_ID": "org-secret-1",
    "OPENAI_PROJECT_ID": "proj-secret-1",
    "OPENAI_CUSTOM_HEADERS": "X-Own: secret-2\nAuthorization: Bearer secret-3",
    "ANTHROPIC_CUSTOM_HEADERS": "X-Own: secret-4\nAuthorization: Bearer secret-5",
    "ANTHROPIC_AUTH_TOKEN": "secret-6",
    "OPENAI_API_KEY": "sk-secret-7",
    "ANTHROPIC_API_KEY": "sk-ant-secret-8",
}


@pytest.mark.parametrize("spec", ["server/stub-model", "openai/gpt-4.1", "anthropic/claude-sonnet-4-6"])
def test_what_belongs_to_a_provider_goes_to_no_other_server(
    tmp_path: Path, spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Organisation, project, custom headers and keys of the environment stay away from any other base URL."""
    for name, value in HEADERS.items():
        monkeypatch.setenv(name, value)
    with Stub(right) as stub:
        url = stub.url[:-3] if spec.startswith("anthropic") else stub.url
        assert run(tmp_path / "run", server_model(url, spec), 1).complete
        sent = str(stub.headers)
    assert "secret" not in sent


@pytest.mark.parametrize(
    ("name", "url", "fine"),
    [
        ("AWS_SECRET_ACCESS_KEY", "http://evil.invalid/v1", False),
        ("HOME", "http://evil.invalid/v1", False),
        ("OPENAI_API_KEY", "http://evil.invalid/v1", False),
        ("OPENAI_API_KEY", "https://api.openai.com/v1", True),
        ("OPENAI_API_KEY", "http://api.openai.com/v1", False),
        ("MY_SERVER_API_KEY", "http://mine.invalid/v1", True),
        ("PROOFGRID_API_KEY", "http://mine.invalid/v1", True),
    ],
)
def test_a_list_of_models_cannot_send_any_variable_anywhere(name: str, url: str, fine: bool) -> None:
    """A variable that is no API key's, or is another provider's, needs a flag before it is sent to a server."""
    entry = ModelEntry(spec="server/x", base_url=url, api_key_env=name)
    if fine:
        assert resolve(entry).key_env == (name,)
    else:
        with pytest.raises(ModelSpecError, match=f"--allow-key-env {name}"):
            resolve(entry)
    assert resolve(entry, allowed_keys=[name]).key_env == (name,)


def test_proofgrids_own_key_goes_where_its_base_url_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PROOFGRID_BASE_URL set, a list of models does not get PROOFGRID_API_KEY for another server."""
    monkeypatch.setenv("PROOFGRID_BASE_URL", "http://mine.invalid/v1")
    assert resolve(ModelEntry(spec="server/x")).key_env == ("PROOFGRID_API_KEY",)
    assert resolve(ModelEntry(spec="server/x", base_url="http://evil.invalid/v1")).key_env == ()
    assert resolve(ModelEntry(spec="server/x"), None, "http://typed.invalid/v1").key_env == ("PROOFGRID_API_KEY",)


def test_vllm_gets_no_keys_and_no_options_for_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's environment holds what it needs and no key of another service; a name is never an option."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("HF_TOKEN", "x")
    monkeypatch.setenv("ODD_THING", "x")
    monkeypatch.setenv("PROOFGRID_VLLM_ENV", "ODD_THING")
    passed = child_environment()
    assert {"CUDA_VISIBLE_DEVICES", "HF_TOKEN", "ODD_THING", "PATH"} <= passed.keys()
    assert not {"AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY"} & passed.keys()
    with pytest.raises(ModelSpecError, match="does not start with a dash"):
        serve_command("vllm", resolve(ModelEntry(spec="vllm/--trust-remote-code")), 1)


def test_a_dry_run_leaves_nothing_and_cells_are_no_formulas(tmp_path: Path) -> None:
    """--dry-run makes no folder; a CSV cell that a spreadsheet would run has an apostrophe before it."""
    items = write_items(tmp_path / "items.jsonl", 1)
    with Stub(lambda body: Answer("=HYPERLINK(1)")) as stub:
        arguments = ("run", "--model", "server/stub-model", "--base-url", stub.url, "--items", str(items), "--run", "r")
        assert proofgrid(*arguments, "--dry-run", cwd=tmp_path).returncode == 0
        assert not (tmp_path / "r").exists()
        assert proofgrid(*arguments, cwd=tmp_path).returncode == 0
    assert proofgrid("export", "r", "--format", "csv", "--out", "r.csv", cwd=tmp_path).returncode == 0
    assert ",'=HYPERLINK(1)," in (tmp_path / "r.csv").read_text("utf-8")


def test_merge_touches_nothing_that_it_did_not_make(tmp_path: Path) -> None:
    """An existing --out is refused with what it holds untouched."""
    with Stub(right) as stub:
        for name in ("a", "b"):
            run(tmp_path / name, server_model(stub.url), 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("dear", "utf-8")
    done = proofgrid("merge", "a", "b", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]


def test_a_stream_that_ends_in_done_keeps_its_answer(tmp_path: Path) -> None:
    """Without a finish reason, but with [DONE], the answer counts, and it was asked once."""
    chunk = {"choices": [{"delta": {"content": answer_text(0)}}]}
    with Stub(right, script=[events(chunk)]) as stub:
        ending = run(tmp_path / "run", server_model(stub.url, stream=True), 1)
        assert stub.asked == 1
    assert ending.states["server/stub-model"].correct == 1
