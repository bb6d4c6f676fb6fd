"""The trainers' sections of docs/integrations.md run as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("trl", reason="needs TRL: make test-hosts")

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM
from trl import GRPOConfig

from proofgrid.integrations.datasets import Plan, export_new
from tests.hosts.pages import run_section


def test_trl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trainer on an exported data set takes its steps."""
    monkeypatch.chdir(tmp_path)
    export_new(Plan(("eq_er",), {"train": 4}, seed=7, level=1), tmp_path / "data", 1, lambda _name, _done: None)
    words = ["[PAD]", "[EOS]", "[UNK]", "{", "}"]
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, pad_token="[PAD]", eos_token="[EOS]", unk_token="[UNK]")
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Qwen3Config(
        vocab_size=5, **sizes, num_key_value_heads=1, head_dim=8, eos_token_id=1, pad_token_id=0, bos_token_id=None
    )
    options = GRPOConfig(
        output_dir="out", max_steps=2, per_device_train_batch_size=2, num_generations=2, max_completion_length=4,
        report_to="none", use_cpu=True, bf16=False, save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    names = {"model": Qwen3ForCausalLM(config), "tokenizer": tokenizer, "options": options}
    run_section("TRL", tmp_path, names)


def test_verl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are written and scored."""
    monkeypatch.chdir(tmp_path)
    run_section("verl", tmp_path)
    assert (tmp_path / "train.parquet").is_file()
