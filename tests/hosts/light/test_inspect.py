"""ProofGrid inside Inspect AI, and Inspect's logs inside ProofGrid; runs in the environment of `make test-hosts`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("inspect_ai", reason="needs Inspect AI: make test-hosts")

from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog, write_eval_log
from inspect_ai.model import GenerateConfig, ModelOutput, ModelUsage, get_model

from proofgrid import get_task, load_suite
from proofgrid.cli import command_line
from proofgrid.run import load_run
from proofgrid.tasks import Item


def output(text: str, stop: str = "stop") -> ModelOutput:
    """An answer of the mock model; offline it needs its usage."""
    made = ModelOutput.from_content("mockllm/model", text, stop_reason=stop)  # type: ignore[arg-type]
    made.usage = ModelUsage(input_tokens=10, output_tokens=20, total_tokens=30)
    return made


def evaluate(task: str, outputs: list[ModelOutput], folder: Path, epochs: int = 1, **options: object) -> EvalLog:
    """Run one of our tasks in Inspect on as many items as there are outputs (for each epoch)."""
    model = get_model("mockllm/model", custom_outputs=outputs, config=GenerateConfig(max_connections=1))
    (log,) = inspect_eval(
        f"proofgrid/{task}", model=model, limit=len(outputs) // epochs, epochs=epochs, log_dir=str(folder),
        display="none", max_samples=1, **options,
    )  # fmt: skip
    return log


def first_items(task: str, n: int) -> list[Item]:
    """The first items of the frozen suite."""
    return list(load_suite("v1", [task]))[:n]


def test_the_log_shows_what_the_checker_prints(tmp_path: Path) -> None:
    """A wrong proof stands in the log line by line, with the failure under its line, whatever fences it holds."""
    proof = "{ A BY mp on (A ==> B), A }"
    texts = [json.dumps({"description": "", "proof": proof}), "````` what?"]
    log = evaluate("pl1_pw", [output(text) for text in texts], tmp_path)
    score, other = [(sample.scores or {})["proofgrid"] for sample in log.samples or []]
    assert score.answer == proof
    lines = (score.explanation or "").split("\n")
    assert (lines[0], lines[-1]) == ("```text", "```")
    assert f"  > 1 | {proof}" in lines
    assert any(line.strip().startswith("error[") for line in lines)
    assert (other.explanation or "").startswith("``````text\n")


@pytest.mark.parametrize("task", ["pl1_pw", "pl1_pc", "pl1_gf_c", "eq_er"])
def test_a_task_runs_and_scores(task: str, tmp_path: Path) -> None:
    """Right and wrong answers score in Inspect as they do in ProofGrid; sample ids are item ids."""
    items = first_items(task, 4)
    texts = [get_task(task).reference_answer(item) if i % 2 else "I am not sure." for i, item in enumerate(items)]
    log = evaluate(task, [output(text) for text in texts], tmp_path)
    assert log.status == "success", log.error
    samples = log.samples or []
    assert [sample.id for sample in samples] == [item.id for item in items]
    for sample, item, text in zip(samples, items, texts, strict=True):
        ours = get_task(task).score(item, text)
        theirs = (sample.scores or {})["proofgrid"]
        assert theirs.value == {"points": ours.points, "strict": float(ours.strict)}
        assert (theirs.metadata or {})["outcome"] == ours.outcome
        assert f"the answer: {ours.outcome}" in (theirs.explanation or "")
    metrics = {score.name: score.metrics for score in log.results.scores} if log.results else {}
    assert metrics["points"]["mean"].value == 0.5


def test_what_is_not_whole_is_not_wrong_without_a_word(tmp_path: Path) -> None:
    """An answer that was cut off is truncated, one that a filter stopped is refused."""
    stops = ["max_tokens", "model_length", "content_filter"]
    item = first_items("pl1_pw", 3)
    texts = [get_task("pl1_pw").reference_answer(i) for i in item]
    log = evaluate("pl1_pw", [output(t, stop) for t, stop in zip(texts, stops, strict=True)], tmp_path)
    outcomes = [((s.scores or {})["proofgrid"].metadata or {})["outcome"] for s in log.samples or []]
    assert outcomes == ["truncated", "truncated", "refused"]


@pytest.mark.parametrize("suffix", ["eval", "json"])
def test_a_log_becomes_a_run(suffix: str, tmp_path: Path) -> None:
    """Imported answers score as they did; epochs are samples; a failed sample is an api_error, not a wrong answer."""
    items = first_items("pl1_pw", 5)
    texts = [get_task("pl1_pw").reference_answer(item) for item in items] + ["no"] * 5
    log = evaluate("pl1_pw", [output(text) for text in texts], tmp_path / "logs", epochs=2)
    samples = log.samples or []
    from inspect_ai.log import EvalError

    samples[3].error = EvalError(message="the provider was gone", traceback="", traceback_ansi="")
    path = tmp_path / f"log.{suffix}"
    write_eval_log(log, str(path))
    result = CliRunner().invoke(command_line(), ["import-inspect", str(path), "--run", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    frame = load_run(tmp_path / "run").attempts
    wanted = {}
    for i, sample in enumerate(samples):
        points = (sample.scores or {})["proofgrid"].value
        wanted[str(sample.id), sample.epoch - 1] = (
            "api_error" if i == 3 else "correct" if points["points"] else "unparsable"
        )
    found = {(row.item, row.attempt): row.outcome for row in frame.itertuples()}
    assert found == wanted
    assert set(frame["model"]) == {"mockllm/model"}


def test_a_stranger_is_one_sentence(tmp_path: Path) -> None:
    """What is no log, or a log of other tasks, is told in one sentence and makes no run."""
    path = tmp_path / "x.json"
    path.write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(command_line(), ["import-inspect", str(path), "--run", str(tmp_path / "run")])
    assert result.exit_code != 0
    assert "cannot be read as an Inspect log" in str(result.exception)
    assert not (tmp_path / "run").exists()
