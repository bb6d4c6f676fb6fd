"""A resources server for NeMo Gym 0.7 whose ``/verify`` is the checker (Python 3.13.14 or newer there).

A resources server of yours is a file ``app.py`` of two lines::

    from proofgrid.integrations.nemo_gym import ProofGridServer
    ProofGridServer.run_webserver()

Rows of its data sets are made by :func:`row_of`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from nemo_gym.base_resources_server import BaseVerifyRequest, BaseVerifyResponse, SimpleResourcesServer

from proofgrid import Item, get_task
from proofgrid.rewarding import as_item
from proofgrid.scoring_pool import ScoreJob, run_safely, shared_pool


class ProofVerifyRequest(BaseVerifyRequest):
    """What a rollout hands on: the model's response, and the item's JSON from the row."""

    item: str


class ProofVerifyResponse(BaseVerifyResponse):
    """The reward with what the checker said."""

    item: str
    outcome: str
    strict: float = 0.0
    feedback: str | None = None


class ProofGridServer(SimpleResourcesServer):
    """1.0 for an answer that is right and whole, 0.0 for any other; a failure of ours masks the sample."""

    async def verify(self, body: ProofVerifyRequest) -> ProofVerifyResponse:
        """Score the response off the event loop: in a thread, and challenge tasks' long proofs in worker processes."""
        told: dict[str, Any] = body.model_dump()
        if body.response.incomplete_details is not None:
            return ProofVerifyResponse(**told, reward=0.0, outcome="truncated")
        try:
            job = ScoreJob(as_item(body.item), body.response.output_text)
            if job.item.task.endswith("_c"):
                (score,) = await asyncio.to_thread(lambda: shared_pool().map([job]))
            else:
                score = await asyncio.to_thread(run_safely, job)
        except Exception as error:  # no item: the row is broken, not the answer wrong
            return ProofVerifyResponse(
                **told, reward=0.0, mask_sample=True, outcome="scorer_error", feedback=str(error)
            )
        if score is None:
            return ProofVerifyResponse(**told, reward=0.0, mask_sample=True, outcome="scorer_error")
        return ProofVerifyResponse(
            **told,
            reward=float(score.outcome == "correct"),
            outcome=score.outcome,
            strict=float(score.strict),
            feedback=score.feedback,
        )


def row_of(item: Item) -> dict[str, Any]:
    """An item as a row of a NeMo Gym data set."""
    prompt = get_task(item.task).prompt(item.shown)
    return {
        "responses_create_params": {"input": [{"role": "user", "content": prompt}]},
        "item": item.to_json(),
    }
