"""ProofGrid's rewards inside verl's reward managers; runs in an environment of `make test-hosts`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("verl", reason="needs verl: make test-hosts")

import torch
from omegaconf import OmegaConf
from transformers import PreTrainedTokenizerFast
from verl import DataProto
from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager
from verl.trainer.ppo.reward import get_custom_reward_fn
from verl.utils.dataset.rl_dataset import RLHFDataset
from verl.workers.reward_manager.naive import NaiveRewardManager as BatchRewardManager

from proofgrid import get_task
from proofgrid.integrations.verl import compute_score, row_of

TASK = get_task("pl1_pw")
CONFIG = OmegaConf.create(
    {"reward": {"custom_reward_function": {"path": "pkg://proofgrid.integrations.verl", "name": "compute_score"}}}
)


class Characters:
    """A tokenizer whose tokens are characters."""

    def decode(self, ids: torch.Tensor, skip_special_tokens: bool = True) -> str:
        return "".join(map(chr, ids.tolist()))


def rollouts() -> tuple[DataProto, list[float]]:
    """Right and wrong answers to three items, as verl's rollout workers hand them on, and what each earns."""
    items = list(TASK.generate(3, 7, 1)) * 2
    texts = [TASK.reference_answer(item) for item in items[:3]] + ["", "claim on false", "I cannot say."]
    longest = max(map(len, texts))
    ids = torch.tensor([[ord(c) for c in text.ljust(longest)] for text in texts])
    mask = torch.tensor([[1] + [1] * len(text) + [0] * (longest - len(text)) for text in texts])
    rows = [row_of(item, i) for i, item in enumerate(items)]
    columns = {name: np.array([row[name] for row in rows], dtype=object) for name in rows[0] if name != "prompt"}
    prompts = torch.full((len(texts), 1), ord("p"))
    batch = DataProto.from_dict({"prompts": prompts, "responses": ids, "attention_mask": mask}, columns)
    return batch, [1.0] * 3 + [0.0] * 3


def test_verls_loop_finds_our_function_and_its_threads_score_as_we_do() -> None:
    """The asynchronous reward manager loads the function by its configured name and scores in executor threads."""
    data, wanted = rollouts()

    async def score() -> list[float]:
        manager = NaiveRewardManager(CONFIG, Characters(), get_custom_reward_fn(CONFIG))
        found = await asyncio.gather(*(manager.run_single(data[i : i + 1]) for i in range(len(data))))
        return [one["reward_score"] for one in found]

    assert asyncio.run(score()) == wanted


def test_the_batch_manager_puts_rewards_on_last_tokens() -> None:
    """The synchronous manager, whose guard is a signal, gives the same rewards."""
    data, wanted = rollouts()
    data.batch["attention_mask"][3, 1] = 1  # this manager needs one token of an answer
    rewards = BatchRewardManager(Characters(), 0, compute_score=get_custom_reward_fn(CONFIG), compute_score_timeout=60)(
        data
    )
    assert rewards.sum(dim=1).tolist() == wanted


def test_a_failure_of_ours_is_no_reward() -> None:
    """What is no item raises instead of giving a reward that nobody sees is wrong; unknown options do no harm."""
    with pytest.raises(RuntimeError, match="scoring failed"):
        compute_score("proofgrid/pl1_pw", "claim on A", "{}")
    (item,) = TASK.generate(1, 7)
    text = TASK.reference_answer(item)
    assert compute_score("proofgrid/pl1_pw", text, item.to_json(), {}, reward_router_address=None) == 1.0


def test_rows_are_what_verls_data_set_reads(tmp_path: Path) -> None:
    """A Parquet file of our rows loads as verl's data set, items and all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    items = list(TASK.generate(2, 7, 1))
    pq.write_table(pa.Table.from_pylist([row_of(item, i) for i, item in enumerate(items)]), tmp_path / "train.parquet")
    from tokenizers import Tokenizer, models

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")),
        unk_token="[UNK]",
        pad_token="[UNK]",
    )
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    config = OmegaConf.create(
        {"max_prompt_length": 100_000, "filter_overlong_prompts": False, "cache_dir": str(tmp_path)}
    )
    data = RLHFDataset(str(tmp_path / "train.parquet"), tokenizer, config)
    assert len(data) == 2
    truths = [data[i]["reward_model"]["ground_truth"] for i in range(2)]
    assert truths == [item.to_json() for item in items]
    assert json.loads(truths[0])["task"] == data[0]["data_source"].split("/")[1]
