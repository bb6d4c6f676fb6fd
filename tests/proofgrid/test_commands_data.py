"""Commands around a run: score, tasks, generate, prompt, show, export, import, merge, doctor."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from proofgrid.models.completion import Completion
from proofgrid.run import load_run
from proofgrid.run.records import Cell, Record, attempt_key
from proofgrid.run.store import RunStore
from proofgrid.tasks import TASK_IDS, get_task, load_items
from proofgrid.tasks.suites import load_suite
from tests.proofgrid.command_line import in_process
from tests.proofgrid.small_items import answer_text, builtin_models, fill, problems, write_items
from tests.proofgrid.stub_server import Stub

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``proofgrid`` in tmp_path: (exit status, output, errors)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: in_process(monkeypatch, capsys, *map(str, arguments))


def make_run(path: Path, texts: dict[int, str], model: str = "builtin/prover", n: int = 3) -> Path:
    """A run of ``n`` small items with one model's answers by item."""
    (config,) = builtin_models(model)
    with RunStore.open(path) as store:
        ids = fill(store, n)
        store.add_model(config)
        for i, text in texts.items():
            key = attempt_key(ids[i], store.items()[ids[i]].prompt_hash, config.fingerprint, 0)
            completion = Completion(error="timeout: x") if text == "ERROR" else Completion(text, finish_reason="stop")
            store.add(Record(key, Cell(config.label, ids[i]), completion), config.fingerprint)
    return path


def outcomes(path: Path) -> dict[str, list[str]]:
    """Outcomes by model, in item order."""
    table = load_run(path).attempts
    return {str(model): list(rows["outcome"]) for model, rows in table.groupby("model", sort=False)}


def test_load_run_has_the_promised_shape(tmp_path: Path) -> None:
    """Columns, order and types are those that readers rely on, for an empty run as well."""
    from proofgrid.run.scored import ATTEMPT_COLUMNS

    empty = load_run(make_run(tmp_path / "empty", {}))
    assert tuple(empty.attempts.columns) == ATTEMPT_COLUMNS
    assert len(empty.items) == 3
    run = load_run(make_run(tmp_path / "run", {2: answer_text(2), 0: answer_text(0, right=False), 1: "ERROR"}))
    table = run.attempts
    assert list(table["item"]) == list(run.items), "items come in the run's order, not in that of arrival"
    assert list(table["outcome"]) == ["incorrect", "api_error", "correct"]
    assert table["strict"].dtype == bool
    assert table["cost"].dtype.kind == "f"
    assert table["verdict"][0]["correct"] is False
    assert table["verdict"][1] is None
    assert table["error"][1] == "timeout: x"
    assert run.name == "run"


def test_score_makes_every_score_again(tmp_path: Path, command: Command) -> None:
    """Scores that somebody altered, or that another version made, are replaced from what models said."""
    run = make_run(tmp_path / "run", {0: answer_text(0), 1: answer_text(1, right=False)})
    assert outcomes(run) == {"builtin/prover": ["correct", "incorrect"]}
    with sqlite3.connect(run / "scores.sqlite") as db:
        db.execute("UPDATE scores SET outcome = 'refused', points = 0")
    assert outcomes(run) == {"builtin/prover": ["refused", "refused"]}
    code, out, err = command("score", run)
    assert (code, "2 answers scored" in err, "proofgrid report" in out) == (0, True, True)
    assert outcomes(run) == {"builtin/prover": ["correct", "incorrect"]}


def test_scoring_goes_on_where_it_stopped(tmp_path: Path, command: Command) -> None:
    """With --resume only answers are scored that this version has not scored; the others keep what they have."""
    run = make_run(tmp_path / "run", {0: answer_text(0), 1: answer_text(1, right=False)})
    assert outcomes(run) == {"builtin/prover": ["correct", "incorrect"]}
    with sqlite3.connect(run / "scores.sqlite") as db:
        db.execute("DELETE FROM scores WHERE outcome = 'correct'")
        db.execute("UPDATE scores SET points = 0.25")
    code, _, err = command("score", run, "--resume")
    assert (code, "1 answer scored" in err) == (0, True)
    assert outcomes(run) == {"builtin/prover": ["correct", "incorrect"]}
    assert list(load_run(run).attempts["points"]) == [1.0, 0.25]
    assert "0 answers scored" in command("score", run, "--resume")[2]
    code, _, err = command("score", run, "--resume", "--item", "pl1_pw-t-00000")
    assert (code, err.count("\n")) == (2, 1)


def test_score_in_processes_equals_score_in_one(tmp_path: Path, command: Command) -> None:
    """Two worker processes give the same scores as none."""
    run = make_run(tmp_path / "run", {i: answer_text(i, i % 3 == 0) for i in range(150)}, n=150)
    assert command("score", run, "--processes", "1")[0] == 0
    one = load_run(run).attempts
    assert command("score", run, "--processes", "2")[0] == 0
    pd.testing.assert_frame_equal(one, load_run(run).attempts)
    assert (one["outcome"] == "correct").sum() == 50


def test_the_cache_of_scores_may_be_lost(tmp_path: Path) -> None:
    """Without its scores, or with a damaged file of them, a run reads as before."""
    run = make_run(tmp_path / "run", {0: answer_text(0)})
    expected = outcomes(run)
    for damage in (lambda path: path.unlink(), lambda path: path.write_bytes(b"no database" * 100)):
        damage(run / "scores.sqlite")
        assert outcomes(run) == expected
        assert outcomes(run) == expected


def test_a_read_only_run_can_be_read(tmp_path: Path) -> None:
    """A run in a folder that cannot be written still loads once it is scored."""
    run = make_run(tmp_path / "run", {0: answer_text(0)})
    expected = outcomes(run)
    for path in run.iterdir():
        path.chmod(0o444)
    run.chmod(0o555)
    try:
        assert outcomes(run) == expected
    finally:
        run.chmod(0o755)


def test_tasks_lists_all_fifteen(command: Command) -> None:
    """Each task stands there with what it measures."""
    code, out, _ = command("tasks")
    assert code == 0
    for task_id in TASK_IDS:
        assert re.search(rf"^\s*{task_id}\s", out, re.MULTILINE)
    lines = command("tasks", "--json")[1].splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(TASK_IDS)


def test_generate_writes_what_load_items_reads(tmp_path: Path, command: Command) -> None:
    """The same seed gives the same bytes to a file and to the terminal, and a failure leaves no half file."""
    code, out, _ = command("generate", "--task", "pl1_pw", "--n", 3, "--seed", 9)
    assert code == 0
    assert command("generate", "--task", "pl1_pw", "--n", 3, "--seed", 9, "--out", "x.jsonl")[0] == 0
    assert (tmp_path / "x.jsonl").read_text("utf-8") == out
    assert [p.level for p in load_items(out.splitlines())] == [1, 2, 3]
    code, _, err = command("generate", "--task", "pl1_pw", "--level", 99, "--out", "y.jsonl")
    assert code == 2
    assert "no level 99" in err
    assert [path.name for path in tmp_path.iterdir()] == ["x.jsonl"]
    assert command("generate", "--task", "pl1_pw", "--n", 3, "--seed", 9, "--out", "new/folder/x.jsonl")[0] == 0
    assert command("generate")[0] == 2
    assert "--suite goes with --verify" in command("generate", "--suite", "v1")[2]


def test_a_small_suite_is_made_and_verified(tmp_path: Path, command: Command) -> None:
    """--task and --n make a suite of those tasks and sizes, --verify makes some tasks again; nothing is passed over."""
    made = command("generate", "--suite", "mine", "--seed", 4711, "--task", "eq_er,eq_pc", "--n", 4, "--out", "mine")
    assert made[0] == 0
    assert {task: len(load_suite(tmp_path / "mine", [task])) for task in ("eq_er", "eq_pc")} == {"eq_er": 4, "eq_pc": 4}
    code, out, err = command("generate", "--suite", "mine", "--verify", "--task", "eq_er")
    assert (code, out) == (0, "eq_er of suite mine: every file is byte for byte what the generators make\n")
    assert err == "eq_er: the same bytes\n"
    for more, said in (
        (("--verify", "--task", "pl1_pw"), "has no items of pl1_pw"),
        (("--verify", "--n", 3), "as it was made"),
        (("--seed", 1, "--out", "other", "--level", 2), "has all levels"),
    ):
        code, _, err = command("generate", "--suite", "mine", *more)
        assert code == 2
        assert said in err


def test_prompt_prints_what_a_model_is_shown(command: Command) -> None:
    """The prompt of a seed's first item is what the run stores for it."""
    task = get_task("pl1_pw")
    (item,) = task.generate(1, 4)
    code, out, _ = command("prompt", "--task", "pl1_pw", "--seed", 4)
    assert code == 0
    assert out.strip() == task.prompt(item.shown).strip()
    assert "did you mean" in command("prompt", "--task", "pl1pw")[2]


def test_show_prints_answers_and_verdicts(tmp_path: Path, command: Command) -> None:
    """An item's page holds each answer, its outcome and the checker's words; an unknown id names near ones."""
    run = make_run(tmp_path / "run", {0: answer_text(0, right=False), 1: "ERROR"})
    code, out, _ = command("show", run, "pl1_pw-t-00000", "--prompt")
    assert code == 0
    assert "right-and on (A0 & B0)" in out
    assert "incorrect" in out
    assert "error[wrongTopConclusion]" in out
    assert "The prompt:" in out
    assert "timeout: x" in command("show", run, "pl1_pw-t-00001")[1]
    assert "no attempts" in command("show", run, "pl1_pw-t-00002")[1]
    code, _, err = command("show", run, "pl1_pw-t-0000")
    assert code == 2
    assert "did you mean pl1_pw-t-0000" in err


def test_show_says_what_was_read_and_forgiven(tmp_path: Path, command: Command) -> None:
    """The problem stands there, each repair and fix of an accepted answer, and what profile paper would say of one."""
    accepted = 'So:\n{"proof": "{ a := A0 & B0 BY claim on premise-1; left-and on a }"}'
    refuted = "{ h := assume (~ A1) { false BY claim on premise-1 }; A1 BY by-contradiction on A1, h }"
    run = make_run(tmp_path / "run", {0: accepted, 1: json.dumps({"proof": refuted})})
    out = command("show", run, "pl1_pw-t-00000")[1]
    assert "  premise 1    (A0 & B0)\n  goal         A0\n" in out
    assert "read past: text before the answer was passed over" in out
    assert re.search(r"fix\[missing-parentheses\] proof:1", out)
    assert "profile `paper`" not in out
    out = command("show", run, "pl1_pw-t-00001")[1]
    assert ": incorrect" in out
    assert "the profile `paper` accepts this answer; no score does" in out


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet"])
def test_export_holds_every_attempt_with_its_score(tmp_path: Path, command: Command, name: str) -> None:
    """All formats hold the same rows; nested columns are JSON in tables."""
    run = make_run(tmp_path / "run", {0: answer_text(0), 1: 'a "quoted",\nanswer', 2: "ERROR"})
    code, _, err = command("export", run, "--format", name, "--out", f"out.{name}")
    assert code == 0
    assert "3 attempts" in err
    path = tmp_path / f"out.{name}"
    if name == "jsonl":
        table = pd.DataFrame([json.loads(line) for line in path.read_text("utf-8").splitlines()])
        verdict = table["verdict"][0]
    else:
        table = pd.read_csv(path) if name == "csv" else pd.read_parquet(path)
        verdict = json.loads(table["verdict"][0])
    assert list(table["outcome"]) == ["correct", "unparsable", "api_error"]
    assert table["text"][1] == 'a "quoted",\nanswer'
    assert verdict["correct"] is True
    assert not list(tmp_path.glob("*.part"))


def test_export_never_replaces_what_is_no_file(tmp_path: Path, command: Command) -> None:
    """A pipe named by --out is written to, and a folder is refused; neither gives way to a file."""
    run = make_run(tmp_path / "run", {0: answer_text(0)})
    code, _, err = command("export", run, "--out", tmp_path)
    assert code == 2
    assert "is a folder" in err
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        lines = reader.submit(lambda: pipe.read_text("utf-8").splitlines())
        assert command("export", run, "--out", pipe)[0] == 0
        assert json.loads(lines.result(10)[0])["outcome"] == "correct"
    assert pipe.is_fifo()


def test_imported_answers_score_like_any_others(tmp_path: Path, command: Command) -> None:
    """Answers made elsewhere join a run under their model's name; importing twice adds nothing."""
    items = write_items(tmp_path / "items.jsonl", 3)
    rows = [
        {"item": "pl1_pw-t-00000", "model": "mine", "text": answer_text(0)},
        {"item_id": "pl1_pw-t-00000", "model": "mine", "text": answer_text(0, right=False)},
        {"item": "pl1_pw-t-00001", "model": "mine", "text": "cut", "finish_reason": "length", "other": 1},
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    code, out, err = command("import", "run", "--completions", "c.jsonl", "--items", items)
    assert code == 0, err
    assert "3 answers imported" in err
    assert "mine" in out
    table = load_run(tmp_path / "run").attempts
    assert list(zip(table["attempt"], table["outcome"], strict=True)) == [
        (0, "correct"), (1, "incorrect"), (0, "truncated"),
    ]  # fmt: skip
    code, _, err = command("import", "run", "--completions", "c.jsonl")
    assert code == 0
    assert "0 answers imported, 3 were there already" in err
    assert len(load_run(tmp_path / "run").attempts) == 3


def test_an_error_may_stand_in_place_of_an_answer(tmp_path: Path, command: Command) -> None:
    """A line with ``error`` and no text is an api_error, until a later import has the answer."""
    items = write_items(tmp_path / "items.jsonl", 1)
    line = {"item": "pl1_pw-t-00000", "model": "mine"}
    for name, more in (("down", {"error": "the server was down"}), ("up", {"text": answer_text(0)})):
        (tmp_path / name).write_text(json.dumps(line | more), "utf-8")
    assert command("import", "run", "--completions", "down", "--items", items)[0] == 0
    assert outcomes(tmp_path / "run") == {"mine": ["api_error"]}
    assert command("import", "run", "--completions", "up")[0] == 0
    assert outcomes(tmp_path / "run") == {"mine": ["correct"]}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['{"item": "pl1_pw-t-00000", "model": "m", "text": "x"}', "{oops"], "line 2: this is no JSON"),
        (['{"item": "nowhere", "model": "m", "text": "x"}'], "line 1: the run has no item 'nowhere'"),
        (['{"item": "pl1_pw-t-00000", "model": "m"}'], "line 1: text"),
        (['{"model": "m", "text": "x"}'], "line 1: item"),
        (["[1, 2]"], "line 1: this is no JSON object"),
        (["[" * 100_000], "line 1: this JSON is nested too deeply"),
        (['{"item": "pl1_pw-t-00000", "model": "m", "text": "x", "attempt": 1e30}'], "line 1: attempt"),
        (
            ['{"item": "pl1_pw-t-00000", "model": "m", "text": "x", "prompt_tokens": 1' + "0" * 30 + "}"],
            "prompt_tokens",
        ),
        (['{"item": "pl1_pw-t-00000", "model": "m", "text": "x", "cost": Infinity}'], "line 1: cost"),
        (['{"item": "pl1_pw-t-00000", "model": "m", "text": "x", "attempt": 0}'] * 2, "line 2: the same"),
        (['{"item": "pl1_pw-t-00000", "model": "builtin/prover", "text": "x"}'], "holds another answer"),
    ],
)
def test_a_bad_import_names_the_line_and_imports_nothing(
    tmp_path: Path, command: Command, lines: list[str], said: str
) -> None:
    """Whatever is wrong with a file, its line is named and the run is as it was."""
    run = make_run(tmp_path / "run", {0: answer_text(0)})
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    code, _, err = command("import", run, "--completions", "c.jsonl")
    assert code == 2
    assert said in err
    assert "nothing was imported" in err
    assert outcomes(run) == {"builtin/prover": ["correct"]}


def test_merge_joins_models_and_completes_errors(tmp_path: Path, command: Command) -> None:
    """Models of several runs stand in one; shared answers once; an answer takes an api_error's place."""
    a = make_run(tmp_path / "a", {0: answer_text(0), 1: "ERROR"})
    b = make_run(tmp_path / "b", {0: answer_text(0), 1: answer_text(1)})
    c = make_run(tmp_path / "c", {0: answer_text(0, right=False)}, model="builtin/prover?budget=7")
    code, _, err = command("merge", a, b, c, "--out", "all")
    assert code == 0, err
    expected = {"builtin/prover": ["correct", "correct"], "builtin/prover?budget=7": ["incorrect"]}
    assert outcomes(tmp_path / "all") == expected
    assert command("merge", a, b, "--out", "all")[0] == 2, "an existing run is not overwritten"
    assert outcomes(tmp_path / "all") == expected


def test_merge_refuses_what_does_not_belong_together(tmp_path: Path, command: Command) -> None:
    """Different answers to one attempt, and runs that share no item and no model, leave nothing behind."""
    a = make_run(tmp_path / "a", {0: answer_text(0)})
    b = make_run(tmp_path / "b", {0: answer_text(0, right=False)})
    code, _, err = command("merge", a, b, "--out", "all")
    assert code == 2
    assert "--renumber" in err
    assert not (tmp_path / "all").exists()
    assert command("merge", a, b, "--out", "all", "--renumber")[0] == 0
    assert list(load_run(tmp_path / "all").attempts["attempt"]) == [0, 1]
    with RunStore.open(tmp_path / "other") as store:
        store.add_items([(problems(9)[8], "x")])
    code, _, err = command("merge", a, tmp_path / "other", "--out", "none")
    assert code == 2
    assert "no item and no model in common" in err
    assert not (tmp_path / "none").exists()
    assert command("merge", a, "--out", "none")[0] == 2
    assert "is no run folder" in command("merge", a, tmp_path, "--out", "none")[2]


def test_merge_joins_parts_of_one_job(tmp_path: Path, command: Command) -> None:
    """Runs of one model on items of their own become the run of all items; a run may belong by way of another."""
    whole = write_items(tmp_path / "items.jsonl", 4).read_text("utf-8").splitlines()
    for name, lines in (("a", whole[:2]), ("b", whole[2:])):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
        model = ("--model", "builtin/prover?budget=60", "--task", "pl1_pw", "--run", name)
        assert command("run", "--items", f"{name}.jsonl", *model, "--quiet")[0] == 0
    code, _, err = command("merge", "a", "b", "--out", "all")
    assert code == 0, err
    assert {model: len(found) for model, found in outcomes(tmp_path / "all").items()} == {"builtin/prover?budget=60": 4}
    other = ("--model", "builtin/prover?budget=7", "--task", "pl1_pw", "--run", "c")
    assert command("run", "--items", "b.jsonl", *other, "--quiet")[0] == 0
    assert command("merge", "a", "c", "--out", "none")[0] == 2
    assert command("merge", "a", "c", "b", "--out", "three")[0] == 0
    assert len(load_run(tmp_path / "three").attempts) == 6


def test_doctor_says_which_specs_would_work_and_why_not(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Served, unserved, down, keyless and misspelt models each get their line; keys are named, never shown."""
    monkeypatch.setenv("MISTRAL_API_KEY", "very-secret-key-1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Stub() as stub:
        (tmp_path / "models.yaml").write_text(
            f"- {{spec: server/stub-model, base_url: '{stub.url}'}}\n"
            f"- {{spec: server/stub-modle, base_url: '{stub.url}'}}\n"
            "- {spec: server/down, base_url: 'http://127.0.0.1:9/v1'}\n"
            "- builtin/prover\n- openai/gpt-5.2\n"
        )
        code, out, err = command("doctor", "--models", "models.yaml", "--model", "opnai/x")
    assert code == 1, err
    lines = {line.split()[1]: line for line in out.splitlines()}
    assert lines["server/stub-model"].startswith("ok")
    assert "it has stub-model" in lines["server/stub-modle"]
    assert "127.0.0.1:9" in lines["server/down"]
    assert lines["builtin/prover"].startswith("ok")
    assert "OPENAI_API_KEY" in lines["openai/gpt-5.2"]
    assert "did you mean openai" in lines["opnai/x"]
    assert "MISTRAL_API_KEY is set" in lines["mistral/..."]
    assert "very-secret" not in out + err
    assert command("doctor")[0] == 0


def test_the_example_run_reads(tmp_path: Path) -> None:
    """The committed example loads with four builtin models whose scores rise with their budget."""
    import shutil

    shutil.copytree(Path(__file__).parents[2] / "runs" / "example", tmp_path / "example")
    run = load_run(tmp_path / "example")
    shares = (run.attempts["outcome"] == "correct").groupby(run.attempts["model"], sort=False).mean()
    assert len(shares) == 4
    assert shares.is_monotonic_increasing
    assert shares.is_unique
