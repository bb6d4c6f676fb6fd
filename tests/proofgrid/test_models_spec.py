"""Model specs and models.yaml: what is accepted, what each family is sent, and errors that name the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proofgrid.errors import ModelSpecError
from proofgrid.models.entries import configurations, load_entries
from proofgrid.models.secrets import Redactor
from proofgrid.models.spec import ModelEntry, Prices, provider_names, resolve


def config(spec: str, **fields: Any) -> Any:
    """A spec resolved."""
    return resolve(ModelEntry(spec=spec, **fields))


@pytest.mark.parametrize(
    ("spec", "fields", "params"),
    [
        ("openai/gpt-5.2", {"max_tokens": 9, "reasoning_effort": "high"},
         {"max_completion_tokens": 9, "reasoning_effort": "high"}),
        ("openai/o3", {"max_tokens": 9}, {"max_completion_tokens": 9}),
        ("openai/gpt-4.1", {"max_tokens": 9, "temperature": 0}, {"max_completion_tokens": 9, "temperature": 0}),
        ("google/gemini-2.5-pro", {"reasoning_effort": "low"}, {"reasoning_effort": "low"}),
        ("openrouter/x/y", {"reasoning_effort": "low", "max_tokens": 9},
         {"max_tokens": 9, "reasoning": {"effort": "low"}}),
        ("openrouter/x/y", {"thinking_budget": 50}, {"reasoning": {"max_tokens": 50}}),
        ("deepseek/deepseek-chat", {"temperature": 1, "max_tokens": 9}, {"max_tokens": 9, "temperature": 1}),
        ("mistral/large", {"seed": 4}, {"random_seed": 4}),
        ("anthropic/claude-3-haiku-20240307", {}, {"max_tokens": 4096}),
        ("anthropic/claude-sonnet-4-5", {"thinking_budget": 2000, "max_tokens": 9000},
         {"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 2000}}),
        ("anthropic/claude-opus-4-6", {"reasoning_effort": "high"},
         {"max_tokens": 32000, "output_config": {"effort": "high"}}),
        ("together/Qwen/Qwen3-8B", {"max_tokens": 9, "extra_body": {"top_k": 2}}, {"max_tokens": 9, "top_k": 2}),
        ("ollama/qwen3?temperature=0.5&max_tokens=9", {}, {"max_tokens": 9, "temperature": 0.5}),
    ],
)  # fmt: skip
def test_each_family_is_sent_its_own_parameters(spec: str, fields: dict[str, Any], params: dict[str, Any]) -> None:
    """The same field travels under the name, and in the place, that the family takes it."""
    assert config(spec, **fields).params == params


@pytest.mark.parametrize(
    ("spec", "fields", "said"),
    [
        ("openai/o3", {"temperature": 0}, "does not take temperature"),
        ("openai/gpt-4.1", {"reasoning_effort": "low"}, "does not take reasoning_effort"),
        ("anthropic/claude-3-haiku-20240307", {"thinking_budget": 1024}, "does not take thinking_budget"),
        ("deepseek/deepseek-reasoner", {"temperature": 0}, "does not take temperature"),
        ("builtin/prover?budget=5", {"temperature": 0}, "does not take temperature"),
        ("builtin/prover?budget=none", {}, "budget must be a whole number"),
        ("builtin/prover?effort=5", {}, "the only one is budget"),
        ("builtin/solver", {}, "builtin models are builtin/prover"),
        ("opnai/gpt-5", {}, "did you mean openai/"),
        ("gpt-5", {}, "provider/name"),
        ("openai/", {}, "provider/name"),
        ("openai/gpt-4.1?temprature=1", {}, "there is no option temprature"),
        ("openai/gpt-4.1?temperature=warm", {}, "temperature must be a number"),
        ("vllm/x?api_key=sk-123", {}, "holds no secrets"),
        ("server/x", {}, "--base-url"),
        ("google/x", {"batch": True}, "no batch interface"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    spec: str, fields: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spec or field that the model would refuse is refused before any request, and says what to write."""
    monkeypatch.delenv("PROOFGRID_BASE_URL", raising=False)
    with pytest.raises(ModelSpecError) as error:
        config(spec, **fields)
    assert said in str(error.value)
    assert "sk-123" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("- spec: openai/x\n- spec: openai/y\n  temprature: 1\n", 3, "did you mean temperature?"),
        ("- spec: openai/x\n  temperature: hot\n", 2, "temperature"),
        ("- spec: openai/x\n  prices:\n    input: 1\n    output: -2\n", 4, "prices.output"),
        ("- spec: openai/x\n  prices:\n    input: 1\n", 2, "prices.output is missing"),
        ("- name: x\n", 1, "spec is missing"),
        ("- spec: openai/x\n  api_key: sk-verysecret1\n", 2, "api_key_env"),
        ("- spec: openai/x\n  api_key_env: sk-very-secret2\n", 2, "NAME of an environment variable"),
        ("- spec: server/x\n  base_url: http://me:verysecret3@h/v1\n", 2, "must hold no password"),
        ("- spec: server/x\n  base_url: localhost:8000\n", 2, "must look like http://"),
        ("models:\n  - spec: openai/x\n", 1, "is a list of entries"),
        ("", 1, "is a list of entries"),
        ("- spec: openai/x\n  - bad\n", 2, "this is no YAML"),
        ("- 3\n", 1, "an entry is a spec or a mapping"),
        ("- builtin/prover\n- spec: opnai/x\n", 2, "no model spec"),
        ("- builtin/prover\n- builtin/prover\n", 2, "is there twice"),
        ("- spec: openai/x\n  max_tokens: 5\n  max_tokens: 9\n", 3, "'max_tokens' is there twice"),
        ("- spec: openai/x\n  name: ''\n", 2, "a name on one line"),
        ("- spec: openai/x\n  prices: {input: .inf, output: 1}\n", 2, "prices.input"),
        ("- spec: openai/x\n  extra_body: {model: y}\n", 2, "'model' cannot be set here"),
        ("- spec: openai/x\n  extra_body: {n: 4}\n", 2, "'n' cannot be set here"),
        ("- spec: openai/x\n  extra_body: {a: 2026-01-01}\n", 2, "must be plain JSON"),
        ("- spec: openai/x\n  extra_body: {a: [{api_key: sk-verysecret4}]}\n", 2, "must hold no keys"),
    ],
)
def test_errors_in_models_yaml_name_the_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """Whatever is wrong, the message holds the file, the line and what to write; never the value of a key."""
    path = tmp_path / "models.yaml"
    path.write_text(text)
    with pytest.raises(ModelSpecError) as error:
        configurations([], path)
    message = str(error.value)
    assert message.startswith(f"{path}, line {line}")
    assert said in message
    assert "secret" not in message.replace("holds no secrets", "")


@pytest.mark.parametrize(
    "text", ["- spec: openai/x\n  name: 2026-13-45\n", "- " + "[" * 3000, "- {spec: a/b, extra_body: " + "{a: " * 3000]
)
def test_a_models_yaml_that_breaks_its_reader_is_one_sentence(tmp_path: Path, text: str) -> None:
    """An impossible date and endless brackets are the file's fault, and said so."""
    path = tmp_path / "models.yaml"
    path.write_text(text)
    with pytest.raises(ModelSpecError, match=r"models\.yaml cannot be read: "):
        configurations([], path)


@pytest.mark.parametrize("option", ["max_tokens=-5", "temperature=-1", "temperature=nan", "top_p=7", "max_tokens=0"])
def test_options_of_a_spec_keep_to_the_bounds_of_models_yaml(option: str) -> None:
    """What an entry refuses, a spec on the command line refuses as well."""
    with pytest.raises(ModelSpecError, match=f"{option.partition('=')[0]}: input should be"):
        configurations([f"openrouter/a/b?{option}"])


def test_a_bound_in_extra_body_bounds_the_cost_too(tmp_path: Path) -> None:
    """--max-cost reckons with what is really sent, wherever it was written."""
    path = tmp_path / "models.yaml"
    path.write_text("- {spec: openrouter/a/b, max_tokens: 10, extra_body: {max_completion_tokens: 90000}}\n")
    (config,) = configurations([], path)
    assert config.max_tokens == 90000


def test_more_cached_tokens_than_tokens_are_no_refund() -> None:
    """A server that reports nonsense cannot make a cost negative and so lift --max-cost."""
    config = resolve(ModelEntry(spec="openrouter/a/b", prices=Prices(input=2, output=10, cached_input=0.5)))
    assert config.cost(10, 0, 1_000_000) == pytest.approx(10 * 0.5 / 1e6)


def test_a_whole_models_yaml_is_read(tmp_path: Path) -> None:
    """Plain specs and full entries stand in one list; the command line fills what entries leave open."""
    path = tmp_path / "models.yaml"
    path.write_text(
        "- builtin/prover?budget=5\n"
        "- spec: openai/gpt-4.1\n  name: cold\n  temperature: 0\n  prices: {input: 2, output: 8}\n"
        "- spec: openai/gpt-4.1\n  name: warm\n"  # priced by the packed table: 2 and 8 USD per million tokens
    )
    first, cold, warm = configurations([], path, {"temperature": 0.7, "max_tokens": 100})
    assert first.params == {}
    assert (cold.label, cold.params["temperature"], cold.cost(1_000_000, 500_000)) == ("cold", 0, 6.0)
    assert (warm.label, warm.params["temperature"], warm.cost(1, 1)) == ("warm", 0.7, pytest.approx(1e-5))
    assert cold.max_tokens == 100
    assert [line for _, line in load_entries(path)] == [1, 2, 6]


def test_cost_counts_cached_tokens_and_batches_at_their_price() -> None:
    """Cached input has its own price where it is known, and a batch costs its share."""
    prices = {"input": 2.0, "output": 10.0, "cached_input": 0.5}
    plain = config("openai/gpt-4.1", prices=prices)
    assert plain.cost(1_000_000, 0, cached=500_000) == 1.25
    assert config("openai/gpt-4.1", prices=prices, batch=True).cost(0, 1_000_000) == 5.0
    assert plain.cost(None, 5) is None
    assert config("builtin/prover").cost(0, 0) == 0.0


def test_a_providers_key_is_named_and_never_sent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its key a provider's model says which variable to set; another server does not get that key."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelSpecError, match="OPENAI_API_KEY"):
        config("openai/gpt-4.1").api_key()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-1234")
    assert config("openai/gpt-4.1").api_key() == "sk-mine-1234"
    assert config("openai/gpt-4.1", base_url="http://127.0.0.1:1/v1").api_key() is None


def test_redaction_masks_known_and_likely_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exact values go from every text; what looks like a key goes from messages; proofs stay as they are."""
    monkeypatch.setenv("SOME_API_KEY", "verysecretvalue")
    redact = Redactor()
    assert "verysecretvalue" not in redact.exact("you sent verysecretvalue!")
    said = redact.prose("Incorrect API key provided: sk-abc123def456. Header Authorization: Bearer abcdefgh12345")
    assert "abc123def456" not in said
    assert "abcdefgh12345" not in said
    proof = "mp on (A ==> B), A; (~ C) BY claim on premise-1"
    assert redact.exact(proof) == proof


def test_every_provider_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each provider of the table yields a usable configuration."""
    monkeypatch.setenv("PROOFGRID_BASE_URL", "http://127.0.0.1:9/v1")
    for name in provider_names():
        spec = f"{name}/{'prover' if name == 'builtin' else 'some-model'}"
        assert config(spec).label == spec


def test_models_in_folders_have_short_names_that_differ() -> None:
    """A vLLM model goes by the last part of its folder, without options; a second one of that name by more of it."""
    cache = "vllm//hub/models--Qwen--Qwen3-8B/snapshots/0a1b2c"
    specs = ["vllm//srv/a/Qwen3-8B?dtype=auto", "vllm//srv/b/Qwen3-8B", "vllm//srv/b/Qwen3-8B?dtype=half", cache]
    labels = [config.label for config in configurations([*specs, "vllm/Qwen/Qwen3-8B?dtype=auto", "vllm/./m/"])]
    assert labels == ["Qwen3-8B", "b/Qwen3-8B", "srv/b/Qwen3-8B", "0a1b2c", "vllm/Qwen/Qwen3-8B", "m"]
    assert configurations([cache])[0].label == "Qwen3-8B"
    with pytest.raises(ModelSpecError, match="is there twice"):
        configurations(["vllm//a/b", "vllm//a/b"])
    with pytest.raises(ModelSpecError, match="is there twice"):
        configurations(["openai/gpt-5.2", "openai/gpt-5.2"])
