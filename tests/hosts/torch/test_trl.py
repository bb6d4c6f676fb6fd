"""ProofGrid's rewards inside TRL; runs in an environment of `make test-hosts`."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs TRL: make test-hosts")

from datasets import Dataset
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM, set_seed
from trl import GRPOConfig, GRPOTrainer

from proofgrid import get_task
from proofgrid.integrations.trl import proof_reward, proof_reward_async

EOS = 1


PROOF = "claim on A"
EASY = {"id": "easy", "task": "pl1_pw", "level": 1, "seed": 0, "shown": {"premises": ["A"], "goal": "A"}}
"""An item that even a random model solves now and then, if a token of its vocabulary is the proof."""


def test_rewards_are_ours_for_texts_and_for_messages() -> None:
    """A right answer earns 1.0 and any other 0.0, whether TRL hands on texts or messages; no item: None."""
    task = get_task("pl1_pw")
    (item,) = task.generate(1, 7)
    right = task.reference_answer(item)
    texts = [right, "no", right]
    column = [item.to_json(), item.to_json(), "{}"]
    assert proof_reward(["p"] * 3, texts, item=column) == [1.0, 0.0, None]
    messages = [[{"role": "assistant", "content": text}] for text in texts]
    assert proof_reward(["p"] * 3, messages, item=column) == [1.0, 0.0, None]


def test_an_exported_row_needs_no_item_column() -> None:
    """The columns of an exported data set make the item; without them one sentence says what lacks."""
    task = get_task("pl1_pw")
    (item,) = task.generate(1, 7)
    columns = {name: [getattr(item, name)] for name in ("id", "task", "level", "seed")}
    columns |= {name: [json.dumps(getattr(item, name))] for name in ("shown", "reference", "difficulty")}
    assert proof_reward(["p"], [task.reference_answer(item)], **columns) == [1.0]
    del columns["shown"]
    with pytest.raises(Exception, match="it lacks shown"):
        proof_reward(["p"], ["no"], **columns)


def test_an_answer_without_its_end_is_cut_off() -> None:
    """An answer whose last token is no end of sequence earns nothing even if its text is right."""
    task = get_task("pl1_pw")
    (item,) = task.generate(1, 7)
    right = task.reference_answer(item)
    asked = {"item": [item.to_json()] * 3, "completion_ids": [[5, 6, EOS], [5, 6, 7], []]}
    assert proof_reward(["p"] * 3, [right] * 3, eos_token_ids={EOS}, **asked) == [1.0, 0.0, 0.0]
    assert proof_reward(["p"] * 3, [right] * 3, eos_token_ids={EOS}, truncated=None, **asked) == [1.0, None, None]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_two_steps_of_grpo(asynchronous: bool, tmp_path: Path) -> None:
    """GRPOTrainer takes two steps with our reward on a tiny random model, and learns from what we gave."""
    words = ["[PAD]", "[EOS]", "[UNK]", PROOF]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]")),
        pad_token="[PAD]",
        eos_token="[EOS]",
        unk_token="[UNK]",
    )
    set_seed(7)
    config = Qwen3Config(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        eos_token_id=EOS,
        pad_token_id=0,
        bos_token_id=None,
    )
    seen: list[tuple[str, list[int], float | None]] = []

    def note(completions: list[str], completion_ids: list[list[int]], found: list[float | None]) -> None:
        seen.extend(zip(completions, completion_ids, found, strict=True))

    def synchronous(prompts: list[str], completions: list[str], **columns: Any) -> list[float | None]:
        found = partial(proof_reward, eos_token_ids={EOS})(prompts, completions, **columns)
        note(completions, columns["completion_ids"], found)
        return found

    async def asynchronously(prompts: list[str], completions: list[str], **columns: Any) -> list[float | None]:
        found = await partial(proof_reward_async, eos_token_ids={EOS})(prompts, completions, **columns)
        note(completions, columns["completion_ids"], found)
        return found

    options = GRPOConfig(
        output_dir=str(tmp_path),
        max_steps=2,
        per_device_train_batch_size=32,
        num_generations=32,
        max_completion_length=2,
        logging_steps=1,
        report_to="none",
        use_cpu=True,
        bf16=False,
        save_strategy="no",
        disable_tqdm=True,
    )
    item = json.dumps(EASY | {"reference": {}, "difficulty": {}})
    trainer = GRPOTrainer(
        model=Qwen3ForCausalLM(config),
        reward_funcs=asynchronously if asynchronous else synchronous,
        args=options,
        train_dataset=Dataset.from_list([{"prompt": PROOF, "item": item}] * 2),
        processing_class=tokenizer,
    )
    trainer.train()
    assert trainer.state.global_step == 2
    assert len(seen) == 64
    for text, ids, worth in seen:
        assert worth == (1.0 if text.strip() == PROOF and ids[-1] == EOS else 0.0), (text, ids)
    assert {worth for _, _, worth in seen} == {0.0, 1.0}
    assert any(text.strip() == PROOF and worth == 0.0 for text, _, worth in seen), "no proof was cut off"
    steps = [entry for entry in trainer.state.log_history if "reward" in entry]
    means = [sum(worth or 0.0 for _, _, worth in seen[i : i + 32]) / 32 for i in (0, 32)]
    assert [entry["reward"] for entry in steps] == [pytest.approx(mean) for mean in means]
    assert any(entry["grad_norm"] > 0 for entry in steps)
