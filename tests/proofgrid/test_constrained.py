"""Constrained decoding: what each kind of server is sent, what comes back, and who is refused."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from proofgrid import load_suite
from proofgrid.errors import ModelSpecError
from proofgrid.models.base import Message, Request
from proofgrid.models.completion import Completion
from proofgrid.models.config import ModelConfig
from proofgrid.models.constrain import constraint
from proofgrid.models.entries import configurations
from proofgrid.models.failures import RequestFailed
from proofgrid.models.openai_compatible import OpenAICompatible
from proofgrid.models.spec import ModelEntry, resolve
from proofgrid.run.store import RunStore
from proofgrid.tasks import get_task
from proofgrid.tasks.grammars import answer_grammar, answer_schema
from tests.proofgrid.command_line import in_process
from tests.proofgrid.stub_server import Answer, Stub

ITEM = load_suite("v1", ["pl1_pw"])[0]
RIGHT = get_task("pl1_pw").reference_answer(ITEM)


def ask(config: ModelConfig) -> Completion:
    """One try at the item."""

    async def once() -> Completion:
        async with OpenAICompatible(config) as model:
            return await model.complete(Request((Message("user", "prove it"),), ITEM))

    return asyncio.run(once())


def constrained(way: str, url: str) -> ModelConfig:
    """A model behind ``url`` that is constrained in one way."""
    if way == "custom_tool":
        return resolve(ModelEntry(spec="openai/gpt-5.2", base_url=url, constrain=True))
    return resolve(ModelEntry(spec=f"server/stub-model?constrain={way}", base_url=url))


@pytest.mark.parametrize("way", ["structured_outputs", "grammar", "custom_tool", "json_schema"])
def test_each_kind_of_server_is_sent_what_it_reads(way: str) -> None:
    """The grammar or schema of the item's answer stands where this kind of server looks for it; the answer is read."""
    call = {"type": "custom", "id": "call_1", "custom": {"name": "answer", "input": RIGHT}}
    tool = Answer("", finish_reason="tool_calls", message={"content": None, "tool_calls": [call]})
    with Stub(lambda _body: tool if way == "custom_tool" else Answer(RIGHT)) as stub:
        completion = ask(constrained(way, stub.url))
    (body,) = stub.requests
    grammar = answer_grammar("pl1_pw", ITEM.shown)
    sent: dict[str, Any] = {
        "structured_outputs": lambda: body["structured_outputs"]["grammar"] == grammar.ebnf(),
        "grammar": lambda: body["grammar"] == grammar.ebnf(),
        "custom_tool": lambda: (
            body["tools"][0]["custom"]["format"]["grammar"] == {"syntax": "lark", "definition": grammar.lark()}
            and body["tool_choice"]["custom"]["name"] == body["tools"][0]["custom"]["name"]
        ),
        "json_schema": lambda: body["response_format"]["json_schema"]["schema"] == answer_schema("pl1_pw", ITEM.shown),
    }
    assert sent[way]()
    assert (completion.text, completion.finish_reason) == (RIGHT, "stop")


def test_the_tool_is_what_openai_types_say() -> None:
    """The tool and its choice are those of the SDK, to the letter: no member too many, none lacking."""
    from openai.types.chat import ChatCompletionCustomToolParam, ChatCompletionNamedToolChoiceCustomParam

    sent = constraint("custom_tool", ITEM)
    for value, kind in (
        (sent["tools"][0], ChatCompletionCustomToolParam),
        (sent["tool_choice"], ChatCompletionNamedToolChoiceCustomParam),
    ):
        assert TypeAdapter(kind).validate_python(value, strict=True) == value
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", sent["tools"][0]["custom"]["name"])


def test_a_server_that_passes_over_the_grammar_is_found_out() -> None:
    """An answer that no sentence of the grammar begins like is no constrained answer, and is not recorded as one."""
    with Stub(lambda _body: Answer("Sure! " + RIGHT)) as stub, pytest.raises(RequestFailed, match="passed over"):
        ask(constrained("structured_outputs", stub.url))


def test_cut_answers_stay_what_they_are() -> None:
    """A truncated answer is truncated, whatever it begins with."""
    with Stub(lambda _body: Answer("", finish_reason="length")) as stub:
        assert ask(constrained("grammar", stub.url)).finish_reason == "length"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"spec": "builtin/prover"}, "offers no constrained decoding"),
        ({"spec": "anthropic/claude-opus-4-6"}, "offers no constrained decoding"),
        ({"spec": "deepseek/deepseek-chat"}, "offers no constrained decoding"),
        ({"spec": "server/x", "base_url": "http://127.0.0.1:1/v1"}, "say what its server offers"),
        ({"spec": "openai/gpt-4.1", "constrain": "custom_tool"}, "it offers json_schema"),
        ({"spec": "openai/gpt-5.2", "batch": True}, "neither in batches"),
    ],
)
def test_who_offers_nothing_is_refused_with_a_sentence(entry: dict[str, Any], said: str) -> None:
    """The error says what to write instead; it comes before the first request."""
    with pytest.raises(ModelSpecError, match=said):
        resolve(ModelEntry.model_validate({"constrain": True, **entry}))


def test_free_and_constrained_stand_in_one_list(tmp_path: Path) -> None:
    """The constrained entry has a label and a fingerprint of its own, and its way survives being written down."""
    path = tmp_path / "models.yaml"
    path.write_text("- openai/gpt-5.2\n- {spec: openai/gpt-5.2, constrain: true}\n")
    free, held = configurations([], path)
    assert (free.constrain, held.constrain) == (None, "custom_tool")
    assert held.label == "openai/gpt-5.2, constrained"
    assert free.fingerprint != held.fingerprint
    assert ModelConfig.from_json(json.loads(json.dumps(held.to_json()))) == held
    assert [c.constrain for c in configurations(["vllm/m", "ollama/m"], None, {"constrain": True})] == [
        "structured_outputs",
        "json_schema",
    ]


def test_a_run_says_which_way_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its first lines and its header name the way of each model; one that offers none is refused in one sentence."""
    monkeypatch.chdir(tmp_path)
    asked = ("run", "--suite", "v1", "--task", "pl1_pw", "--limit", "1")
    with Stub(lambda _body: Answer(RIGHT)) as stub:
        server = ("--model", "server/stub-model?constrain=grammar", "--base-url", stub.url, "--run", "held")
        code, out, said = in_process(monkeypatch, capsys, *asked, *server)
    assert code == 0, out + said
    name = "server/stub-model?constrain=grammar, constrained"
    assert f"{name}: answers are generated under a grammar (grammar)" in said
    with RunStore.read(tmp_path / "held") as store:
        assert [model["constrain"] for model in store.header()["models"]] == ["grammar"]
    code, out, said = in_process(monkeypatch, capsys, *asked, "--model", "builtin/prover", "--constrain")
    assert (code, out) == (2, "")
    assert said.strip().endswith(
        "builtin/prover offers no constrained decoding; leave --constrain (constrain: true) out for it"
    )
    assert len(said.strip().splitlines()) == 1
