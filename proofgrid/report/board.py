"""Runs as the report reads them: who answered what, in a fixed order, and tallies of it.

A *contestant* is a model in a run: one row of every table. With one run it bears the model's name; where a model stands
in several runs the run's name is added. Headline figures are those of first answers (round 0): what a model repairs
after feedback is counted apart. Questions of the stability phase are no task's answers and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from proofgrid.comparing import Pairwise, compare_all
from proofgrid.errors import RunError
from proofgrid.matrix import RunMatrix, contestants, run_matrix
from proofgrid.report.names import shortened
from proofgrid.report.seeds import Seed, as_one
from proofgrid.report.text import visible
from proofgrid.run.scored import ScoredRun
from proofgrid.statistics import MISSING, Tally, best_first, mean_over_tasks
from proofgrid.tasks import TASK_IDS, Item, TaskError, get_task
from proofgrid.tasks.questions import is_extra

if TYPE_CHECKING:
    from proofgrid.stability.measure import Stability


BRIEF = 40
"""Characters of a model's name in tables and sentences."""


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """What a page says about a task."""

    id: str
    short: str
    title: str
    measures: str
    language: str
    chance: float


def task_info(task_id: str) -> TaskInfo:
    """Title, language and chance level of a task; what the id alone says where the task is of another version."""
    short = task_id.upper().replace("_", "-")
    try:
        task = get_task(task_id)
    except TaskError:
        language = "equational" if task_id.startswith("eq") else "hilbert" if task_id.startswith("pl4") else "ndl"
        return TaskInfo(task_id, short, short, "", language, 0.0)
    return TaskInfo(task_id, short, task.title, task.measures, task.language, task.chance)


@dataclass(frozen=True)
class Board:
    """Everything the report's sections read; ``attempts`` adds ``run``, ``who``, ``solved`` to ScoredRun's columns.

    ``who`` is the index of the contestant in ``contestants``; ``solved`` is whether the outcome is correct.
    """

    runs: tuple[ScoredRun, ...]
    contestants: tuple[str, ...]
    of_run: tuple[int, ...]
    """The run of each contestant."""
    models: tuple[str, ...]
    """The model spec of each contestant."""
    tasks: tuple[TaskInfo, ...]
    items: dict[str, Item]
    attempts: pd.DataFrame
    stability: tuple[Stability | None, ...] = ()
    """What the stability phase measured, a run."""
    seeds: tuple[Seed, ...] = ()
    """Where several runs of other items were read as one: the items of each."""

    @cached_property
    def brief(self) -> dict[str, str]:
        """A name that fits into a table or a sentence, by contestant and by model spec; distinct where those are."""
        specs = list(dict.fromkeys(visible(m) for m in self.models))
        return {
            **dict(zip(specs, shortened(specs, BRIEF), strict=True)),
            **dict(zip(self.contestants, shortened(self.contestants, BRIEF), strict=True)),
        }

    @cached_property
    def first(self) -> pd.DataFrame:
        """First answers (round 0) only."""
        return self.attempts[self.attempts["round"] == 0]

    @cached_property
    def counted(self) -> pd.DataFrame:
        """First answers that say something about the model (see statistics.MISSING)."""
        return self.first[~self.first["outcome"].isin(MISSING)]

    @cached_property
    def item_means(self) -> pd.DataFrame:
        """One row a contestant and item: ``who``, ``task``, ``level``, ``item``, mean ``solved``, mean ``strict``."""
        grouped = self.counted.groupby(["who", "task", "level", "item"], sort=True)[["solved", "strict"]].mean()
        return grouped.reset_index()

    @cached_property
    def tallies(self) -> dict[tuple[int, str, int], tuple[Tally, Tally]]:
        """(contestant, task, level) -> tallies of instrumented and of strict accuracy."""
        means = self.item_means
        squares = means.assign(solved2=means["solved"] ** 2, strict2=means["strict"] ** 2)
        sums = squares.groupby(["who", "task", "level"], sort=True)[["solved", "solved2", "strict", "strict2"]]
        total = sums.sum()
        total["n"] = sums.size()
        return {
            (int(row.who), str(row.task), int(row.level)): (
                Tally(int(row.n), float(row.solved), float(row.solved2)),
                Tally(int(row.n), float(row.strict), float(row.strict2)),
            )
            for row in cast("Iterable[Any]", total.reset_index().itertuples())
        }

    @cached_property
    def matrix(self) -> RunMatrix:
        """Contestants x items, k right of n; rows by the contestants' names, in their order."""
        found = run_matrix(self.runs)
        index = pd.Index(self.contestants, name="model")
        families = None if found.families is None else found.families.set_axis(index)
        keep = [item for item in found.tasks.index if item in self.items]
        return RunMatrix(
            found.right.set_axis(index)[keep], found.asked.set_axis(index)[keep], found.tasks[keep], families
        )

    @cached_property
    def partners(self) -> dict[int, int]:
        """With exactly two runs: contestants of the second by those of the first that are the same model.

        Where no model stands in both and each run has one, those two.
        """
        if len(self.runs) != 2:
            return {}
        first = {self.models[w]: w for w, run in enumerate(self.of_run) if run == 0}
        second = {self.models[w]: w for w, run in enumerate(self.of_run) if run == 1}
        found = {w: second[model] for model, w in first.items() if model in second}
        if not found and len(first) == len(second) == 1:
            found = dict(zip(first.values(), second.values(), strict=True))
        return found

    @cached_property
    def ranked(self) -> tuple[int, ...]:
        """The contestants of the leaderboard: all, but of two runs of the same models those of the second.

        One board never ranks a model against itself; what it was before stands beside what it is.
        """
        if not self.partners:
            return tuple(range(len(self.contestants)))
        return tuple(w for w, run in enumerate(self.of_run) if run == 1)

    def ranked_name(self, who: int) -> str:
        """What a table of ranked contestants calls one: of two runs of the same models, without the run."""
        return visible(self.models[who]) if self.partners else self.contestants[who]

    @cached_property
    def order(self) -> tuple[int, ...]:
        """All contestants as the leaderboard has them, best first; a model's earlier answers just before its later."""
        means = {w: mean_over_tasks([self.tally(w, t.id) for t in self.tasks]) for w in self.ranked}
        best = sorted(self.ranked, key=lambda w: best_first(means[w], self.contestants[w]))
        before = {after: before for before, after in self.partners.items()}
        placed = [w for after in best for w in (before.get(after), after) if w is not None]
        return (*placed, *(w for w in range(len(self.contestants)) if w not in placed))

    def pairwise(self, level: int | None = None) -> Pairwise:
        """All pairs of the ranked contestants, in their order, on the items they share, at one level or at all."""
        if level not in self._pairwise:
            keep = [i for i in self.matrix.tasks.index if level is None or self.items[i].level == level]
            rows = [self.contestants[w] for w in self.ranked]
            self._pairwise[level] = compare_all(self.matrix.right.loc[rows, keep], self.matrix.asked.loc[rows, keep])
        return self._pairwise[level]

    @cached_property
    def _pairwise(self) -> dict[int | None, Pairwise]:
        return {}

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """The levels that occur."""
        return tuple(sorted({int(level) for level in self.first["level"].unique()}))

    def tally(self, who: int, task: str, level: int | None = None, strict: bool = False) -> Tally:
        """The tally of one contestant on one task, over all levels or at one."""
        found = Tally()
        for at in self.levels if level is None else (level,):
            pair = self.tallies.get((who, task, at))
            if pair is not None:
                found += pair[strict]
        return found


def make_board(runs: Sequence[ScoredRun], stability: Sequence[Stability | None] = ()) -> Board:
    """Put runs together, each with what its stability phase measured, where it had one.

    Runs of the same models that share no item are read as one (:func:`proofgrid.report.seeds.as_one`).

    Raises RunError where there are no answers, or where two runs call different problems by the same id.
    """
    before = len(runs)
    runs, seeds = as_one(runs)
    if len(runs) < before:
        # A model's answers to two runs' questions are not pooled.
        stability = [s for s in stability if s is not None][:1]
    items: dict[str, Item] = {}
    for run in runs:
        for item, problem in run.items.items():
            if is_extra(problem.task):
                continue
            if items.setdefault(item, problem).shown != problem.shown:
                raise RunError(
                    f"the runs '{runs[0].name}' and '{run.name}' have different problems called {item}; "
                    "report them one by one"
                )
    runs = [replace(r, attempts=r.attempts[~r.attempts["task"].map(is_extra).astype(bool)]) for r in runs]
    who = contestants(runs)
    frames = []
    for place, run in enumerate(runs):
        index = {c.model: at for at, c in enumerate(who) if c.run == place}
        frames.append(run.attempts.assign(run=place, who=run.attempts["model"].map(index).astype("int64")))
    frames = [f for f in frames if len(f)]
    if not frames:
        raise RunError(f"the run '{runs[0].name}' holds no answers yet; `proofgrid run` asks for them")
    attempts = pd.concat(frames, ignore_index=True)
    attempts["solved"] = (attempts["outcome"] == "correct").astype(float)
    attempts["strict"] = attempts["strict"].fillna(False).astype(bool).astype(float)
    present = set(attempts["task"].unique())
    order = [t for t in TASK_IDS if t in present] + sorted(present - set(TASK_IDS))
    return Board(
        tuple(runs),
        tuple(visible(" ".join(c.name.split())) or "(no name)" for c in who),
        tuple(c.run for c in who),
        tuple(c.model for c in who),
        tuple(task_info(t) for t in order),
        items,
        attempts,
        tuple(stability),
        seeds,
    )
