"""Anthropic's own interface: thinking, stop reasons and usage are kept; faults are the same kinds as elsewhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from proofgrid.models.anthropic_native import AnthropicNative
from proofgrid.models.base import Message, Request
from proofgrid.models.completion import Completion
from proofgrid.models.failures import RequestFailed
from tests.proofgrid.small_items import server_model
from tests.proofgrid.stub_server import Answer, Fault, Stub

ASK = Request((Message("user", "prove it"),))


def ask(stub: Stub, **fields: Any) -> Completion:
    """One request."""

    async def one() -> Completion:
        config = server_model(stub.url.removesuffix("/v1"), "anthropic/claude-sonnet-4-6", **fields)
        async with AnthropicNative(config) as model:
            return await model.complete(ASK)

    return asyncio.run(one())


@pytest.mark.parametrize(
    ("finish", "expected"), [("stop", "stop"), ("length", "length"), ("content_filter", "refusal")]
)
def test_an_answer_keeps_its_thinking_and_its_end(finish: str, expected: str) -> None:
    """Text, thinking and usage come back apart; a refusal is one."""
    with Stub(lambda _body: Answer("a proof", finish, reasoning="first, ...")) as stub:
        done = ask(stub, thinking_budget=2000, max_tokens=5000, prices={"input": 3, "output": 15}, system="Be exact.")
    assert (done.text, done.reasoning, done.finish_reason) == ("a proof", "first, ...", expected)
    assert bool(done.refusal) is (expected == "refusal")
    assert done.cost == pytest.approx((10 * 3 + 5 * 15) / 1e6)
    (body,) = stub.requests
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert body["system"] == "Be exact."
    assert "stop_sequences" not in body


@pytest.mark.parametrize(
    ("fault", "kind", "retry"),
    [
        (Fault("429", "2"), "rate_limited", True),
        (Fault("529"), "overloaded", True),
        (Fault("400"), "bad_request", False),
        (Fault("401"), "unauthorized", False),
        (Fault("not_json"), "bad_response", True),
        (Fault("reset"), "connection", True),
        (Fault("hang"), "timeout", True),
    ],
)
def test_faults_are_named(fault: Fault, kind: str, retry: bool) -> None:
    """Each fault is a RequestFailed of its kind, with the wait that the server asked for."""
    with Stub(script=[fault]) as stub, pytest.raises(RequestFailed) as failed:
        ask(stub, timeout=0.5)
    assert (failed.value.kind, failed.value.retry) == (kind, retry)
    assert failed.value.retry_after == (2.0 if fault.retry_after else None)
