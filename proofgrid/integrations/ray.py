"""Checking, scoring and generating on a Ray cluster. Tested with Ray 2.60.

Two ways in. ``--engine ray`` of the command line sends chunks of what the driver reads as Ray tasks (:func:`ray_map`):
results come back in order while later chunks run, no file need be seen by another machine, and nothing waits in the
object store. For data that lies in Parquet where every machine sees it, :func:`check_batch` and :func:`score_batch` are
what Ray Data's ``map_batches`` takes. They are functions on purpose: a class becomes actors, which keep their CPUs, and
where they take all of them the next stage never starts.
"""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import ray

from proofgrid import TaskError, UserError, __version__, check
from proofgrid.errors import ProofGridError
from proofgrid.rewarding import as_item
from proofgrid.run.store import RunStore
from proofgrid.scoring import ErrorPolicy, score_completion, scorer_error, scorer_fingerprint
from proofgrid.scoring_pool import ScoreJob, run_safely
from proofgrid.tasks.core import Draft
from proofgrid.tasks.making.parallel import first_draft

if TYPE_CHECKING:
    import pandas as pd

    from proofgrid.models.completion import Completion
    from proofgrid.tasks import Item, Score

One = TypeVar("One")
Result = TypeVar("Result")
CHUNK = 64
"""Answers of a task: enough to make Ray's few milliseconds a task small beside them."""
AHEAD = 4
"""Chunks in flight for each CPU of the cluster."""
RETRIES = 3
"""How often a chunk whose worker died is tried elsewhere before its parts are tried alone."""


def connect() -> None:
    """Join the cluster that RAY_ADDRESS names, or start one of this machine's cores. Raises UserError.

    A node of Ray ends itself where its helpers take more than 15 s to start, as they may on a busy machine the first
    time; so a cluster of our own is started a second time.
    """
    if ray.is_initialized():
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    named = os.environ.get("RAY_ADDRESS")
    for again in (not named, False):
        try:
            ray.init(include_dashboard=None, log_to_driver=False, logging_level=logging.ERROR)
            return
        except Exception as error:  # Ray raises plain Exception where its node does not start
            ray.shutdown()
            if not again:
                raise UserError(f"no Ray cluster at {named or 'this machine'}: {error}") from error


def ray_map(
    function: Callable[[Sequence[One]], Sequence[Result]],
    things: Iterable[One],
    lost: Callable[[One], Result],
    chunk: int = CHUNK,
) -> Iterator[Result]:
    """``function`` over chunks of ``things`` on the cluster; the results one by one, in order.

    A chunk whose worker or machine dies runs again elsewhere; one that kills RETRIES + 1 workers is taken apart, and
    what kills them alone is ``lost``. Raises UserError where a machine has another ProofGrid, and what ``function``
    raises.
    """
    connect()
    remote = ray.remote(max_retries=RETRIES, num_cpus=1)(_run)
    most = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    source = iter(things)
    expected = scorer_fingerprint()
    flying: deque[tuple[list[One], Any]] = deque()
    try:
        while True:
            while len(flying) < most and (part := list(islice(source, chunk))):
                flying.append((part, remote.remote(function, part, expected)))
            if not flying:
                return
            part, reference = flying.popleft()
            yield from _results(remote, function, part, reference, lost, expected)
    finally:
        for _, reference in flying:  # whoever reads this has enough, or was interrupted
            ray.cancel(reference, force=True)


def _results(
    remote: Any,
    function: Callable[[Sequence[One]], Sequence[Result]],
    part: Sequence[One],
    reference: Any,
    lost: Callable[[One], Result],
    expected: str,
) -> Iterator[Result]:
    try:
        yield from ray.get(reference)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError):
        if len(part) == 1:
            yield lost(part[0])
            return
        for one in part:
            yield from _results(remote, function, [one], remote.remote(function, [one], expected), lost, expected)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ModuleNotFoundError):
            lacking = f"a machine of the cluster lacks {error.cause.name}: install proofgrid {__version__} there"
            raise UserError(lacking) from error
        raise (error.cause if isinstance(error.cause, ProofGridError | TaskError) else error) from error


def _run(function: Callable[[Any], Any], part: Any, expected: str) -> Any:
    """On a worker: verdicts are equal everywhere only if the code is."""
    if scorer_fingerprint() != expected:
        raise UserError(
            f"a machine of the cluster has another ProofGrid (here {__version__}): install the same one everywhere"
        )
    return function(part)


def score_run(folder: str, jobs: Iterable[tuple[str, str, Completion]]) -> Iterator[list[tuple[str, Score]]]:
    """Scores of a run's attempts (key, item id, completion), as ``run.workers.score_all`` gives them.

    Items go with their answers: a run's database is not read from other machines.
    """
    with RunStore.read(folder) as store:
        policy = store.policy()

        @cache
        def item(name: str) -> Item:
            return store.item(name).problem

        whole = ((key, item(name), completion, policy) for key, name, completion in jobs)
        results = ray_map(_score_chunk, whole, _killed)
        while some := list(islice(results, CHUNK)):
            yield some


def _score_chunk(part: Sequence[tuple[str, Item, Completion, ErrorPolicy]]) -> list[tuple[str, Score]]:
    return [(key, score_completion(item, completion, policy)) for key, item, completion, policy in part]


def _killed(job: tuple[str, Item, Completion, ErrorPolicy]) -> tuple[str, Score]:
    return job[0], scorer_error("the scoring process ended on this answer", "")


def first_drafts(task_id: str, n: int, seed: int, level: int | None) -> Iterator[tuple[int, Draft | None]]:
    """The first draft of each index below ``n``, for ``generate_parallel``."""

    def never(index: int) -> tuple[int, Draft | None]:
        raise UserError(f"{task_id}: making item {index} of seed {seed} ends the process; is there memory enough?")

    return ray_map(_Drafts(task_id, seed, level), range(n), never, chunk=4)


class _Drafts:
    """A chunk of indices' first drafts; small to send."""

    def __init__(self, task_id: str, seed: int, level: int | None) -> None:
        self.task_id, self.seed, self.level = task_id, seed, level

    def __call__(self, indices: Sequence[int]) -> list[tuple[int, Draft | None]]:
        return [first_draft(self.task_id, self.seed, self.level, index) for index in indices]


def check_batch(batch: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """For ``map_batches(check_batch, batch_format="pandas")``: columns ``problem`` and ``proof`` in, ``verdict`` added.

    ``verdict`` is the verdict's JSON, ``correct`` and ``failure`` what it says and the kind of failure.
    ``options``: those of :func:`proofgrid.check`. A problem that cannot be read has ``{"error": ...}`` and neither.
    """
    found = [_verdict(problem, proof, options) for problem, proof in zip(batch["problem"], batch["proof"], strict=True)]
    columns: dict[str, Any] = {
        "verdict": [json.dumps(one) for one in found],
        "correct": [one.get("correct") for one in found],
        "failure": [(one.get("failure") or {}).get("kind") for one in found],
    }
    return batch.assign(**columns)


def _verdict(problem: str, proof: str, options: dict[str, Any]) -> dict[str, Any]:
    try:
        return check(problem, proof, **options).to_json()
    except (ProofGridError, ValueError) as error:
        return {"error": str(error)}


def score_batch(batch: pd.DataFrame) -> pd.DataFrame:
    """For ``map_batches(score_batch, batch_format="pandas")``: an item's columns and ``text`` in, its score added.

    The item is the column ``item`` or those of an exported data set; ``points`` and ``outcome`` are null where scoring
    itself failed.
    """
    rows = batch["item"] if "item" in batch else batch.to_dict("records")
    found = [_scored(row, text) for row, text in zip(rows, batch["text"], strict=True)]
    columns: dict[str, Any] = {
        "points": [None if one is None else one.points for one in found],
        "outcome": [None if one is None else one.outcome for one in found],
    }
    return batch.assign(**columns)


def _scored(row: Any, text: str) -> Score | None:
    try:
        job = ScoreJob(as_item(row), text)
    except TaskError:  # no item: nothing to score
        return None
    score: Score | None = run_safely(job)
    return score
