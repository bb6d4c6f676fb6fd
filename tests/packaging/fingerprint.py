"""Print what must be the same everywhere, as one JSON object: verdicts, prompts, items; with --estimates a fit's, too.

    python tests/packaging/fingerprint.py [--estimates]

Imports ProofGrid alone, so that any environment with it can run this; no order here depends on a hash.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from random import Random

import proofgrid
from proofgrid.tasks import TASK_IDS, get_task

ITEMS = 5
"""Of each task."""


def digest(value: object) -> str:
    """The hash of a value's JSON, keys in the order in which they were put."""
    return sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()


def damaged(text: str, rng: Random) -> str:
    """The text with a few characters deleted, doubled or swapped."""
    characters = list(text)
    for _ in range(3):
        k = rng.randrange(len(characters) - 1)
        characters[k : k + 2] = rng.choice(
            ([characters[k + 1]], [characters[k]] * 2 + [characters[k + 1]], [characters[k + 1], characters[k]])
        )
    return "".join(characters)


def scores_and_prompts(task_id: str) -> dict[str, str]:
    """Of the first items of v1: the prompts, and the scores of right, damaged and cut answers with their verdicts."""
    task, rng = get_task(task_id), Random(task_id)
    scores, prompts = [], []
    for item in proofgrid.load_suite("v1", [task_id])[:ITEMS]:
        prompts.append(task.prompt(item.shown))
        right = task.reference_answer(item)
        for text in (right, damaged(right, rng), damaged(right, rng), right[: len(right) // 2]):
            score = task.score(item, text)
            scores.append([score.outcome, score.points, score.strict, score.parts, score.feedback, score.verdict])
    return {"scores": digest(scores), "prompts": digest(prompts)}


def estimates() -> dict[str, list[float]]:
    """A 2PL of made responses: abilities, difficulties, discriminations and their errors."""
    import pandas as pd

    from proofgrid import irt

    rng = Random(7)
    rows = [[float(rng.random() < 0.15 + 0.03 * m + 0.01 * (k % 20)) for k in range(60)] for m in range(14)]
    fit = irt.fit_2pl(pd.DataFrame(rows, index=[f"m{m}" for m in range(14)], columns=[f"i{k}" for k in range(60)]))
    columns = ("ability", "ability_se", "difficulty", "difficulty_se", "discrimination", "discrimination_se")
    return {name: [float(x) for x in getattr(fit, name)] for name in columns}


def main() -> None:
    """Print it."""
    found: dict[str, object] = {task_id: scores_and_prompts(task_id) for task_id in TASK_IDS}
    for task_id in TASK_IDS:
        if not task_id.endswith("_c"):  # those of the published kind take longer to make
            found[f"made {task_id}"] = digest([item.to_json() for item in get_task(task_id).generate(2, 20261129, 1)])
    if "--estimates" in sys.argv[1:]:
        found["estimates"] = estimates()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
