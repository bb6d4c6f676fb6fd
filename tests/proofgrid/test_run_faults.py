"""A run against a real server that misbehaves: every item ends with an answer or a named api_error, none twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from proofgrid.models.config import ModelConfig
from proofgrid.run.budget import bound
from proofgrid.run.plan import missing_cells
from proofgrid.run.runner import execute
from proofgrid.run.state import Ending, RunOptions
from proofgrid.run.store import RunStore
from proofgrid.scoring import score_completion, scorer_fingerprint
from tests.proofgrid.small_items import answer_text, fill, index_of, right, server_model
from tests.proofgrid.stub_server import FAULTS, Answer, Fault, Stub

FAST = {"backoff": 0.01, "max_backoff": 0.05}


def run(
    folder: Path,
    models: Sequence[ModelConfig],
    n: int,
    samples: int = 1,
    options: RunOptions | None = None,
    **more: Any,
) -> tuple[Ending, list[str]]:
    """Run ``n`` small items; returns how it ended and what it said."""
    said: list[str] = []
    options = options or RunOptions(**FAST)  # type: ignore[arg-type]
    with RunStore.open(folder) as store:
        ids = fill(store, n)
        cells = {
            m.label: list(missing_cells(store, m.label, ids, samples, repair=options.repair, **more)) for m in models
        }
        outcome = execute(store, models, cells, options, said.append)
    return outcome, said


def outcomes(folder: Path) -> dict[str, int]:
    """Counts of outcomes of current attempts."""
    counts: dict[str, int] = {}
    with RunStore.read(folder) as store:
        items = store.items()
        for record in store.records():
            score = score_completion(items[record.cell.item].problem, record.completion)
            counts[score.outcome] = counts.get(score.outcome, 0) + 1
    return counts


def test_right_and_wrong_answers_are_stored_and_scored(tmp_path: Path) -> None:
    """Against a healthy server each item has one record, scored while the run goes on, with tokens and served name."""

    def answer(body: dict[str, Any]) -> Answer:
        i = index_of(body)
        return Answer(answer_text(i, right=i % 2 == 0), reasoning="thinking", completion_tokens=7)

    with Stub(answer) as stub:
        outcome, _ = run(tmp_path / "run", [server_model(stub.url)], 10)
    assert outcome.complete
    state = outcome.states["server/stub-model"]
    assert (state.arrived, state.scored, state.correct, state.completion_tokens) == (10, 10, 5, 70)
    with RunStore.read(tmp_path / "run") as store:
        records = list(store.records())
        assert store.outcomes(scorer_fingerprint()).keys() == {r.key for r in records}
        assert {r.completion.served_model for r in records} == {"stub-model-2025"}
        assert {r.completion.reasoning for r in records} == {"thinking"}
        assert {r.completion.reasoning_tokens for r in records} == {2}
        server = store.header()["models"][0]["server"]
        assert server["models"] == ["stub-model"]
        assert server["version"] == "0.0-stub"


@pytest.mark.parametrize("kind", FAULTS)
def test_one_fault_costs_a_retry_and_nothing_else(tmp_path: Path, kind: str) -> None:
    """After any single fault the same request is tried again and its answer counted once."""
    with Stub(right, script=[Fault(kind, "0")]) as stub:
        outcome, said = run(tmp_path / "run", [server_model(stub.url)], 1)
    assert outcome.complete, said
    with RunStore.read(tmp_path / "run") as store:
        (record,) = store.records()
    assert record.tries == (1 if kind == "trickle" else 2)
    assert outcomes(tmp_path / "run") == {"correct": 1}


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (Fault("500"), "overloaded: HTTP 500"),
        (Fault("529"), "overloaded: HTTP 529"),
        (Fault("not_json"), "bad_response: the server's answer is not JSON"),
        (Fault("html"), "bad_response: the server's answer is not JSON (text/html"),
        (Fault("shape"), "bad_response: the server's JSON is no chat completion"),
        (Fault("error_inside"), "overloaded: the server answered with an error inside"),
        (Fault("cut"), "connection: connection failed"),
        (Fault("hang"), "timeout: no answer within 0.3 s"),
        (Fault("endless"), "timeout: no answer within 0.3 s"),
        (Fault("400", message="too long"), "bad_request: HTTP 400: too long"),
        (Fault("429", "100000"), "rate_limited: HTTP 429"),
    ],
)
def test_what_stays_failed_is_an_api_error_with_a_name(tmp_path: Path, fault: Fault, named: str) -> None:
    """After all retries the record says what was wrong; it is apart from wrong answers, and others go on."""
    with Stub(right) as stub:
        stub.fault_for = lambda body: fault if index_of(body) == 1 else None
        model = server_model(stub.url, timeout=0.3)
        options = RunOptions(**FAST, max_retries=2)  # type: ignore[arg-type]
        outcome, _ = run(tmp_path / "run", [model], 3, options=options)
        assert not outcome.complete
        assert outcomes(tmp_path / "run") == {"correct": 2, "api_error": 1}
        with RunStore.read(tmp_path / "run") as store:
            (error,) = [r.completion.error for r in store.records() if r.completion.error]
        assert error.startswith(named)
        stub.fault_for = lambda _body: None
        again, _ = run(tmp_path / "run", [model], 3)
        assert again.states[model.label].arrived == 0, "api_errors are asked again only on request"
        again, _ = run(tmp_path / "run", [model], 3, retry_errors=True)
        assert again.states[model.label].arrived == 1
    assert outcomes(tmp_path / "run") == {"correct": 3}


def test_a_third_of_faults_loses_nothing(tmp_path: Path) -> None:
    """With random faults on 30% of requests every item ends answered once."""
    with Stub(right, fault_rate=0.3, seed=5, keep=False) as stub:
        model = server_model(stub.url)
        outcome, _ = run(tmp_path / "run", [model], 120, options=RunOptions(**FAST, max_retries=20))  # type: ignore[arg-type]
        assert stub.asked > 120
    assert outcome.complete
    assert outcomes(tmp_path / "run") == {"correct": 120}


def test_retry_after_holds_all_requests_back(tmp_path: Path) -> None:
    """After a 429 with Retry-After nothing is sent until that time is over."""
    times: list[float] = []

    def answer(body: dict[str, Any]) -> Answer:
        times.append(time.monotonic())
        return right(body)

    with Stub(answer, script=[Fault("429", "0.5")]) as stub:
        start = time.monotonic()
        run(tmp_path / "run", [server_model(stub.url, concurrency=1)], 5)
    assert min(times) - start >= 0.5
    assert len(times) == 5


def test_concurrency_settles_under_what_the_server_takes(tmp_path: Path) -> None:
    """A server that refuses more than 4 requests at once gets all work done with few refusals and no api_error."""
    with Stub(right, delay=0.01) as stub:
        stub.limit = 4
        outcome, _ = run(tmp_path / "run", [server_model(stub.url)], 150)
        assert outcome.complete
        assert stub.asked < 300
    assert outcomes(tmp_path / "run") == {"correct": 150}


def test_concurrency_grows_to_its_bound_and_not_beyond(tmp_path: Path) -> None:
    """A fast healthy server sees as many requests at once as the bound allows."""
    with Stub(right, delay=0.2) as stub:
        run(tmp_path / "run", [server_model(stub.url, concurrency=40)], 300)
        assert 30 <= stub.most_in_flight <= 40


@pytest.mark.parametrize("fault", [Fault("401", message="bad key"), Fault("404", message="no such model")])
def test_what_every_request_would_meet_stops_the_model_at_once(tmp_path: Path, fault: Fault) -> None:
    """A refused key or an unknown model is one sentence and no records, not a thousand api_errors."""
    with Stub(right, script=[fault] * 1000) as stub:
        outcome, said = run(tmp_path / "run", [server_model(stub.url)], 100)
        assert stub.asked <= 32
    assert outcomes(tmp_path / "run") == {}
    assert fault.message in outcome.stops["server/stub-model"]
    assert any(fault.message in line for line in said)


def test_a_server_that_is_down_is_one_sentence_and_does_not_touch_the_others(tmp_path: Path) -> None:
    """The model whose server is down stops with its URL named; the other one finishes."""
    with Stub(right) as stub, Stub() as gone:
        url = gone.url
        gone.stop()
        models = [server_model(url, "server/gone"), server_model(stub.url)]
        outcome, _ = run(tmp_path / "run", models, 20)
    assert url in outcome.stops["server/gone"]
    assert outcomes(tmp_path / "run") == {"correct": 20}


def test_a_server_that_dies_midway_can_be_resumed(tmp_path: Path) -> None:
    """What arrived stays; the same call later asks only for the rest."""

    def answer(body: dict[str, Any]) -> Answer:
        if first.asked > 30 and first._loop is not None:
            first._loop.call_soon(first._end.set)
        return right(body)

    with Stub(answer) as first:
        model = server_model(first.url, concurrency=4)
        outcome, _ = run(tmp_path / "run", [model], 100, options=RunOptions(**FAST, max_retries=1))  # type: ignore[arg-type]
    assert "stopped answering" in outcome.stops[model.label] or outcome.states[model.label].errors
    kept = outcomes(tmp_path / "run")["correct"]
    assert 25 <= kept < 100
    with Stub(right, port=first.port) as second:
        outcome, _ = run(tmp_path / "run", [model], 100, retry_errors=True)
        assert outcome.complete
        assert second.asked == 100 - kept
    assert outcomes(tmp_path / "run") == {"correct": 100}


def test_outcomes_that_are_no_verdict_are_kept_apart(tmp_path: Path) -> None:
    """Cut, refused (two ways), empty and unreadable answers each have an outcome of their own."""

    def answer(body: dict[str, Any]) -> Answer:
        i = index_of(body)
        return [
            Answer(answer_text(i), finish_reason="length"),
            Answer("I will not", finish_reason="content_filter"),
            Answer("", refusal="I cannot help with that"),
            Answer("  \n"),
            Answer("The proof is left to the reader."),
            Answer(answer_text(i)),
        ][i]

    with Stub(answer) as stub:
        outcome, _ = run(tmp_path / "run", [server_model(stub.url)], 6)
    assert outcome.complete
    assert outcomes(tmp_path / "run") == {"truncated": 1, "refused": 2, "empty": 1, "unparsable": 1, "correct": 1}


@pytest.mark.parametrize("stream", [False, True])
def test_streamed_and_whole_answers_are_the_same(tmp_path: Path, stream: bool) -> None:
    """Text, reasoning, usage and finish reason do not depend on how they travel."""

    def answer(body: dict[str, Any]) -> Answer:
        return Answer(answer_text(index_of(body)), finish_reason="length", reasoning="because", completion_tokens=9)

    with Stub(answer) as stub:
        run(tmp_path / "run", [server_model(stub.url, stream=stream)], 1)
    with RunStore.read(tmp_path / "run") as store:
        (record,) = store.records()
    done = record.completion
    assert (done.text, done.reasoning, done.finish_reason) == (answer_text(0), "because", "length")
    assert (done.prompt_tokens, done.completion_tokens, done.reasoning_tokens) == (10, 9, 2)
    assert bool(stub.requests[0].get("stream")) is stream


def test_no_stop_strings_and_only_asked_for_parameters_are_sent(tmp_path: Path) -> None:
    """A request holds the model, the prompt and what the user set; samples differ in nothing."""
    with Stub(right) as stub:
        run(tmp_path / "run", [server_model(stub.url, temperature=0.5, extra_body={"top_k": 4})], 1, samples=2)
    assert len(stub.requests) == 2
    for body in stub.requests:
        assert set(body) == {"model", "messages", "temperature", "top_k"}


def test_samples_are_asked_each_and_kept_each(tmp_path: Path) -> None:
    """Three samples are three requests and three records, not one answer three times."""
    seen: dict[int, int] = {}

    def answer(body: dict[str, Any]) -> Answer:
        i = index_of(body)
        seen[i] = seen.get(i, 0) + 1
        return Answer(f"sample {seen[i]}")

    with Stub(answer) as stub:
        run(tmp_path / "run", [server_model(stub.url)], 2, samples=3)
        assert stub.asked == 6
    with RunStore.read(tmp_path / "run") as store:
        texts = sorted((r.cell.item, r.completion.text) for r in store.records())
        assert [text for _, text in texts] == ["sample 1", "sample 2", "sample 3"] * 2
        assert sorted(r.cell.attempt for r in store.records()) == [0, 0, 1, 1, 2, 2]


def test_repair_shows_the_verdict_and_keeps_each_round(tmp_path: Path) -> None:
    """A failed proof comes back with the checker's words; rounds are kept apart, and a later run adds rounds."""

    def answer(body: dict[str, Any]) -> Answer:
        rounds = len(body["messages"]) // 2
        return Answer(answer_text(index_of(body), right=rounds >= 2))

    with Stub(answer) as stub:
        model = server_model(stub.url)
        run(tmp_path / "run", [model], 2, options=RunOptions(**FAST, repair=1))  # type: ignore[arg-type]
        assert stub.asked == 4
        run(tmp_path / "run", [model], 2, options=RunOptions(**FAST, repair=3))  # type: ignore[arg-type]
        assert stub.asked == 6, "only the missing rounds are asked, and none after success"
        last = stub.requests[-1]["messages"]
    assert [message["role"] for message in last] == ["user", "assistant", "user", "assistant", "user"]
    assert "not accepted" in last[-1]["content"]
    with RunStore.read(tmp_path / "run") as store:
        items = store.items()
        rounds = {
            (r.cell.item, r.cell.round): score_completion(items[r.cell.item].problem, r.completion)
            for r in store.records()
        }
    assert [rounds[key].outcome for key in sorted(rounds)] == ["incorrect", "incorrect", "correct"] * 2
    feedback = rounds[min(rounds)].feedback
    assert feedback
    assert feedback in last[2]["content"] or feedback in stub.requests[-2]["messages"][2]["content"]


@pytest.mark.parametrize("limits", [{"max_cost": 0.0105}, {"max_tokens_total": 10_500}])
def test_spending_stops_before_its_limit(tmp_path: Path, limits: dict[str, Any]) -> None:
    """Neither dollars nor tokens pass the limit, as much as fits is used, and a later run goes on."""

    def answer(body: dict[str, Any]) -> Answer:
        return Answer(answer_text(index_of(body)), prompt_tokens=900, completion_tokens=100)

    with Stub(answer) as stub:
        prices = {"input": 1.0, "output": 1.0}
        model = server_model(stub.url, max_tokens=100, prices=prices)
        outcome, _ = run(tmp_path / "run", [model], 50, options=RunOptions(**FAST, **limits))  # type: ignore[arg-type]
        assert outcome.exhausted
        assert "reached" in outcome.exhausted
        with RunStore.read(tmp_path / "run") as store:
            cost, tokens, unknown = store.spent()
        # A prompt is bounded at some 3,000 tokens here, so the last ones that would fit in truth may stay unasked.
        assert 0.006 <= cost <= 0.0105
        assert 6_000 <= tokens <= 10_500
        assert unknown == 0
        outcome, _ = run(tmp_path / "run", [model], 50)
        assert outcome.complete
    assert outcomes(tmp_path / "run") == {"correct": 50}


def test_unknown_cost_is_unknown_and_not_zero(tmp_path: Path) -> None:
    """Without prices or without usage a cost is None, and counted as unknown."""
    with Stub(lambda body: Answer("x", extra={"usage": None})) as stub:
        priced = server_model(stub.url, name="priced", prices={"input": 1, "output": 2})
        run(tmp_path / "run", [priced, server_model(stub.url)], 2)
    with RunStore.read(tmp_path / "run") as store:
        assert [r.completion.cost for r in store.records()] == [None] * 4
        cost, tokens, unknown = store.spent()
        most = [bound(priced, item.prompt) for item in store.items().values()]
    assert unknown == 4
    # Without usage a request counts at its bound; where there is no price, dollars are unknown altogether.
    assert cost == pytest.approx(sum(one.cost for one in most))
    assert tokens == 2 * sum(one.tokens for one in most)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [1],
        {"prompt_tokens": "many", "completion_tokens": -4, "completion_tokens_details": 3},
        {"prompt_tokens": 10**30, "completion_tokens": float("inf"), "prompt_tokens_details": [2]},
        {"prompt_tokens": float("nan"), "completion_tokens": None},
    ],
)
def test_an_odd_usage_is_an_unknown_one_and_costs_nobody_the_answer(tmp_path: Path, usage: Any) -> None:
    """Where a server reports nonsense as token counts, the answer is kept with unknown tokens and unknown cost."""
    with Stub(lambda body: Answer(answer_text(index_of(body)), extra={"usage": usage})) as stub:
        outcome, _ = run(tmp_path / "run", [server_model(stub.url, prices={"input": 1, "output": 2})], 2)
    assert outcome.complete
    with RunStore.read(tmp_path / "run") as store:
        for record in store.records():
            assert record.completion.error is None
            assert record.completion.completion_tokens is None
            assert record.completion.cost is None


def test_an_error_body_of_any_form_is_quoted(tmp_path: Path) -> None:
    """What a gateway says as ``detail`` or as plain text stands in the api_error."""
    from aiohttp import web

    with Stub(right) as stub:
        bodies = [web.json_response({"detail": "too many formulas"}, status=400), web.Response(text="no!", status=422)]
        stub.fault_for = lambda body: Fault("400")
        stub._error = lambda fault: bodies[(stub.asked + 1) % 2]  # type: ignore[method-assign]
        run(tmp_path / "run", [server_model(stub.url)], 2)
    with RunStore.read(tmp_path / "run") as store:
        said = {record.completion.error for record in store.records()}
    assert said == {"bad_request: HTTP 400: too many formulas", "bad_request: HTTP 422: no!"}


@pytest.mark.parametrize("stream", [False, True])
def test_half_a_character_does_not_spoil_the_repair(tmp_path: Path, stream: bool) -> None:
    """Lone surrogates of an answer go back to the model as question marks; halves that belong together are joined."""

    def answer(body: dict[str, Any]) -> Answer:
        right = len(body["messages"]) > 1
        return Answer(answer_text(index_of(body)) if right else "\ud83d\ude00\ud800\ud800")

    with Stub(answer) as stub:
        options = RunOptions(repair=1, **FAST)  # type: ignore[arg-type]
        outcome, _ = run(tmp_path / "run", [server_model(stub.url, stream=stream)], 1, options=options)
        assert [message["content"] for message in stub.requests[-1]["messages"]][1] == "\U0001f600??"
    assert outcome.complete
    assert outcomes(tmp_path / "run") == {"unparsable": 1, "correct": 1}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_under_either_name(tmp_path: Path, stream: bool, field: str) -> None:
    """Servers call it reasoning_content or reasoning; it is kept apart from the answer either way."""
    with Stub(lambda body: Answer(answer_text(0), reasoning="because", reasoning_field=field)) as stub:
        run(tmp_path / "run", [server_model(stub.url, stream=stream)], 1)
    with RunStore.read(tmp_path / "run") as store:
        (record,) = store.records()
    assert record.completion.reasoning == "because"
    assert record.completion.text == answer_text(0)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("message", "finish", "outcome"),
    [
        ({"content": None, "tool_calls": [{"id": "1", "index": 0, "function": {}}]}, "tool_calls", "empty"),
        ({"content": None}, "stop", "empty"),
        ({"content": None, "reasoning": "thought until the end"}, "length", "truncated"),
        ({"content": "x", "reasoning": {"odd": 1}}, "stop", "unparsable"),
    ],
)
def test_an_answer_without_text_is_an_outcome_and_no_error(
    tmp_path: Path, stream: bool, message: dict[str, Any], finish: str, outcome: str
) -> None:
    """Tool calls, null content and thought that used up the bound are recorded as what they are."""
    with Stub(lambda body: Answer(finish_reason=finish, message=message)) as stub:
        ended, _ = run(tmp_path / "run", [server_model(stub.url, stream=stream)], 1)
    assert ended.complete
    assert outcomes(tmp_path / "run") == {outcome: 1}
