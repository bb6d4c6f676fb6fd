"""What the YAML tasks of lm-evaluation-harness call: the items as a data set, and the score of an answer.

The tasks themselves lie in ``lm_eval_tasks/`` (``proofgrid lm-eval-path`` prints where). Tested with lm-eval 0.4.13.

The harness hands on an answer's text and no finish reason: an answer cut off at ``max_gen_toks`` is scored like any
other and shows as unparsable at best. The metric ``unparsable`` is there to make that visible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import datasets

from proofgrid import Item, UserError
from proofgrid.integrations.items import choose_items, row_of
from proofgrid.scoring_pool import ScoreJob, run_safely

OPTIONS = {"proofgrid_suite": "suite", "proofgrid_seed": "seed", "proofgrid_n": "n", "proofgrid_level": "level"}
"""Keys of ``--metadata``, and the argument of :func:`choose_items` that each is."""


def items_dataset(proofgrid_task: str, **metadata: Any) -> dict[str, datasets.Dataset]:
    """The split ``test`` of a task. The harness passes all its metadata; only what begins with ``proofgrid_`` is ours.

    Raises UserError for a key of ours that does not exist.
    """
    ours = {key: value for key, value in metadata.items() if key.startswith("proofgrid_")}
    if unknown := sorted(ours.keys() - OPTIONS.keys()):
        raise UserError(f"--metadata has no {', '.join(unknown)}; there are {', '.join(OPTIONS)}")
    items = choose_items(proofgrid_task, **{OPTIONS[key]: value for key, value in ours.items()})
    return {"test": datasets.Dataset.from_list([row_of(item) for item in items])}


def process_results(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, float]:
    """Points in [0, 1] under profile ``surface``, and in 0 or 1 whether it was strict and could not be read."""
    score = run_safely(ScoreJob(Item.from_json(doc["item"]), results[0]))
    if score is None:
        raise RuntimeError(f"scoring {doc['id']} failed, please report it")  # no score is better than a wrong one
    return {
        "points": score.points,
        "strict": float(score.strict),
        "unparsable": float(score.outcome in ("unparsable", "empty")),
    }
