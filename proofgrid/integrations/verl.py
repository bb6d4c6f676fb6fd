"""A reward function for verl, and rows for its data sets. Tested with verl 0.9.1.

In the trainer's configuration (verl loads a file by its path, or a module as ``pkg://...``)::

    reward.custom_reward_function.path=pkg://proofgrid.integrations.verl
    reward.custom_reward_function.name=compute_score
"""

from __future__ import annotations

from typing import Any

from proofgrid import Item, get_task, reward

DATA_SOURCE = "proofgrid"


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None, **options: Any
) -> float:
    """1.0 for an answer that is right, 0.0 for any other; ``ground_truth`` is the item's JSON.

    verl has no word for "no reward": where scoring itself failed this raises RuntimeError, for a wrong reward that
    nobody sees is worse than a step that is done again. ``options``: those of :func:`proofgrid.reward`
    (``reward.custom_reward_function.reward_kwargs``). No signals are used, so that it works in verl's threads.
    """
    known = {name: options[name] for name in ("timeout", "shaping") if name in options}
    worth = reward(ground_truth, solution_str, **known)
    if worth is None:
        raise RuntimeError("scoring failed, please report it; the log says more")
    return worth


def row_of(item: Item, index: int = 0, split: str = "train") -> dict[str, Any]:
    """An item as a row of verl's Parquet files."""
    prompt = get_task(item.task).prompt(item.shown)
    return {
        "data_source": f"{DATA_SOURCE}/{item.task}",
        "prompt": [{"role": "user", "content": prompt}],
        "ability": "proof",
        "reward_model": {"style": "rule", "ground_truth": item.to_json()},
        "extra_info": {"split": split, "index": index, "id": item.id, "level": item.level},
    }
