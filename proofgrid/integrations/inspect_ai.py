"""The 15 tasks for Inspect AI: ``inspect eval proofgrid/pl1_pw --model ...``.

A sample is an item: its id is the item's, its epochs are samples of the same prompt. The score is a dictionary (points,
strict) whose metadata says what the checker said. Answers are scored off the event loop: in a thread, and those to
challenge tasks, which take longer, in worker processes. Tested with Inspect 0.3.285.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import anyio
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import TaskState, generate

from proofgrid import TASK_IDS, Item, get_task
from proofgrid.integrations.items import choose_items
from proofgrid.report.showing import attempt
from proofgrid.scoring_pool import ScoreJob, run_safely, shared_pool
from proofgrid.tasks import Score as Result

NOT_WHOLE = {"max_tokens": "truncated", "model_length": "truncated", "content_filter": "refused"}
"""Stop reasons after which there is no whole answer to score, and the outcome that they are."""


def sample_of(item: Item) -> Sample:
    """An item as a sample; the scorer reads it back from ``metadata["item"]``."""
    chosen = get_task(item.task)
    return Sample(
        input=chosen.prompt(item.shown),
        target=chosen.reference_answer(item),
        id=item.id,
        metadata={"item": item.to_json(), "task": item.task, "level": item.level},
    )


@scorer(metrics={"points": [mean(), stderr()], "strict": [mean()]}, name="proofgrid")
def proof_scorer() -> Scorer:
    """Points in [0, 1] under profile ``surface``, and whether the answer needed no fix at all."""

    async def score(state: TaskState, target: Target) -> Score:
        item = Item.from_json(state.metadata["item"])
        text = state.output.completion
        outcome = NOT_WHOLE.get(str(state.output.stop_reason))
        if outcome is not None:
            return Score(value={"points": 0.0, "strict": 0.0}, answer=text, metadata={"outcome": outcome})
        job = ScoreJob(item, text)
        if item.task.endswith("_c"):
            (found,) = await anyio.to_thread.run_sync(lambda: shared_pool().map([job]))
        else:
            found = await anyio.to_thread.run_sync(run_safely, job)
        if found is None:
            raise RuntimeError(
                f"scoring {item.id} failed, please report it"
            )  # the sample is an error, not a wrong answer
        answer = found.answer if isinstance(found.answer, str) else text  # a proof without the JSON around it
        verdict = found.verdict or {}
        failure = verdict.get("failure") or {}
        return Score(
            value={"points": found.points, "strict": float(found.strict)},
            answer=answer,
            explanation=explanation(item, answer, found),
            metadata={
                "outcome": found.outcome,
                "failure": failure.get("kind"),
                "line": failure.get("line"),
                "repairs": list(found.repairs),
                "fixes": verdict.get("fixes", []),
                "verdict": dict(verdict),
            },
        )

    return score


def explanation(item: Item, answer: str, score: Result) -> str:
    """What ``proofgrid show`` prints of an answer, as a block of Markdown: Inspect shows its lines as they are."""
    text = "\n".join(attempt(item, "the answer", answer, score))
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=2))
    return f"{fence}text\n{text}\n{fence}"


def _task(task_id: str) -> Callable[..., Task]:
    """The Inspect task of one of ours."""

    def make(suite: str = "v1", seed: int | None = None, n: int = 100, level: int | None = None) -> Task:
        found = choose_items(task_id, suite, seed, n, level)
        return Task(
            dataset=MemoryDataset([sample_of(item) for item in found], name=task_id, location=task_id),
            solver=generate(),
            scorer=proof_scorer(),
            version=json.dumps({"prompt": get_task(task_id).prompt_version}),
        )

    make.__name__ = make.__qualname__ = task_id
    make.__doc__ = get_task(task_id).measures
    return task(name=task_id)(make)


for _id in TASK_IDS:
    globals()[_id] = _task(_id)
