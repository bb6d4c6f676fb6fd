"""The 15 tasks for verifiers (``verifiers.v1``, tested with 0.4): a taskset whose one reward is the checker's.

verifiers finds a taskset by the name of a top-level module, so an environment of yours is a module of two lines::

    # proofgrid_env.py
    from proofgrid.integrations.verifiers import ProofTaskset
    __all__ = ["ProofTaskset"]

    vf-eval proofgrid_env --env.agent.harness.id null --env.taskset.tasks '["pl1_pw"]' -m MODEL
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import verifiers.v1 as vf

from proofgrid import TASK_IDS, UserError, get_task
from proofgrid.integrations.items import choose_items
from proofgrid.rewarding import as_item
from proofgrid.scoring_pool import ScoreJob, run_safely, shared_pool

__all__ = ["ProofConfig", "ProofData", "ProofTask", "ProofTaskset"]


class ProofConfig(vf.TasksetConfig):
    """Which items: ``--env.taskset.tasks``, ``.suite``, ``.seed``, ``.n``, ``.level``."""

    tasks: list[str] = ["pl1_pw"]  # noqa: RUF012 (pydantic copies defaults)
    suite: str = "v1"
    seed: int | None = None
    """New items from this seed instead of a suite's: what to train on."""
    n: int = 100
    """With ``seed``: items of each task."""
    level: int | None = None


class ProofData(vf.TaskData):
    """An item; its JSON rides along for scoring and is never shown to a model."""

    item: str


class ProofTask(vf.Task[ProofData, vf.State, vf.TaskConfig]):
    """One item and what an answer to it earns."""

    @property
    def key(self) -> str:
        """The item's id and content, the same wherever it stands in a taskset."""
        return vf.Task(self.data.model_copy(update={"idx": None})).hash

    @vf.reward
    async def correct(self, trace: vf.Trace) -> float:
        """1.0 for an answer that is right and whole, 0.0 for any other; a failure of ours is the rollout's error."""
        if trace.is_truncated:
            return 0.0
        job = ScoreJob(as_item(self.data.item), trace.last_reply)
        if job.item.task.endswith("_c"):  # long proofs: a thread would hold up the event loop
            (score,) = await asyncio.to_thread(lambda: shared_pool().map([job]))
        else:
            score = await asyncio.to_thread(run_safely, job)
        if score is None:
            raise RuntimeError(f"scoring {job.item.id} failed, please report it")
        trace.record_metric("strict", float(score.strict))
        trace.record_metric("unparsable", float(score.outcome in ("unparsable", "empty")))
        trace.info["proofgrid"] = {"outcome": score.outcome, "feedback": score.feedback}
        return float(score.outcome == "correct")


class ProofTaskset(vf.Taskset[ProofTask, ProofConfig]):
    """Items of some of the tasks, one after the other."""

    def load(self) -> Iterator[ProofTask]:
        """The items. Raises UserError for an unknown task."""
        config = self.config
        if unknown := [name for name in config.tasks if name not in TASK_IDS]:
            raise UserError(f"there is no task {', '.join(unknown)}; there are {', '.join(TASK_IDS)}")
        for name in config.tasks:
            for item in choose_items(name, config.suite, config.seed, config.n, config.level):
                prompt = get_task(name).prompt(item.shown)
                yield ProofTask(ProofData(id=item.id, name=item.id, prompt=prompt, item=item.to_json()), config.task)
