"""The response matrix of scored runs: contestants x items, each cell k right of n samples (docs/spec.md, section 7).

A *contestant* is a model in a run: one row here, one row of every table of the report. A model that stands in several
runs is one contestant in each, named ``model [run]``; ``proofgrid merge`` makes one run of shards first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from proofgrid.tasks.outcomes import OUTCOMES, cell

if TYPE_CHECKING:
    import pandas as pd

    from proofgrid.run.scored import ScoredRun


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model in a run."""

    name: str
    model: str
    run: int
    """The place of its run."""


def contestants(runs: Sequence[ScoredRun]) -> list[Contestant]:
    """Every model of every run, by run and name; those in several runs carry the run's name."""
    models = [sorted(str(m) for m in run.attempts["model"].unique()) for run in runs]
    several = {m for at, found in enumerate(models) for m in found if any(m in other for other in models[:at])}
    names = [run.name for run in runs]
    names = [n if names.count(n) == 1 else f"{n} {i + 1}" for i, n in enumerate(names)]
    return [
        Contestant(f"{model} [{names[place]}]" if model in several else model, model, place)
        for place, found in enumerate(models)
        for model in found
    ]


@dataclass(frozen=True)
class RunMatrix:
    """``right`` and ``asked`` are contestants x items: how many of how many samples were correct (first tries only).

    ``asked`` is 0 where nothing is known; ``tasks`` names each item's task, ``families`` each contestant's family.
    """

    right: pd.DataFrame
    asked: pd.DataFrame
    tasks: pd.Series[str]
    families: pd.Series[str] | None = None

    @property
    def shares(self) -> pd.DataFrame:
        """k / n, NaN where nothing is known."""
        return self.right / self.asked.where(self.asked > 0)


def run_matrix(runs: Sequence[ScoredRun], truncated: Literal["wrong", "missing"] = "wrong") -> RunMatrix:
    """All samples of all contestants of one or more runs. Raises ValueError on another ``truncated``."""
    import pandas as pd

    if truncated not in ("wrong", "missing"):
        raise ValueError(f"truncated must be 'wrong' or 'missing', not {truncated!r}")
    values = values_of_outcomes(truncated)
    rows = contestants(runs)
    place = {(c.run, c.model): at for at, c in enumerate(rows)}
    tasks = {name: item.task for run in runs for name, item in run.items.items()}
    answered = set().union(*(set(run.attempts["item"]) for run in runs))
    names = [name for name in tasks if name in answered]
    column = {name: at for at, name in enumerate(names)}
    right, asked = np.zeros((len(rows), len(names))), np.zeros((len(rows), len(names)))
    for at, run in enumerate(runs):
        first = run.attempts[run.attempts["round"] == 0]
        value = first["outcome"].map(values).to_numpy(dtype=float)
        who = np.array([place[at, str(m)] for m in first["model"]], dtype=np.intp)
        what = np.array([column[i] for i in first["item"]], dtype=np.intp)
        known = np.isfinite(value)
        np.add.at(right, (who[known], what[known]), value[known])
        np.add.at(asked, (who[known], what[known]), 1.0)
    index, columns = pd.Index([c.name for c in rows], name="model"), pd.Index(names, name="item")
    families = {c.name: families_of(runs[c.run]).get(c.model) for c in rows}
    return RunMatrix(
        pd.DataFrame(right, index=index, columns=columns),
        pd.DataFrame(asked, index=index, columns=columns),
        pd.Series({name: tasks[name] for name in names}, name="task", dtype=str),
        pd.Series({n: f or n for n, f in families.items()}, dtype=str) if any(families.values()) else None,
    )


def values_of_outcomes(truncated: Literal["wrong", "missing"] = "wrong") -> dict[str, float]:
    """How each outcome enters a matrix (NaN: missing); ``truncated`` rules answers over the checker's limits, too."""
    cut = 0.0 if truncated == "wrong" else None
    entries = {name: cell(name, float(name == "correct"), cut) for name in OUTCOMES}
    return {name: np.nan if entry is None else entry for name, entry in entries.items()}


def families_of(run: ScoredRun) -> dict[str, str]:
    """The ``family:`` of each model of a run that states one (models.yaml)."""
    models = run.header.get("models")
    stated = [m for m in models if isinstance(m, dict)] if isinstance(models, list) else []
    return {str(m.get("label")): str(m["family"]) for m in stated if m.get("family")}


def irt_arguments(matrix: RunMatrix, *, flat: bool = False, guessing: bool = True) -> dict[str, Any]:
    """What ``irt.fit_2pl`` and ``irt.analyse`` take of a matrix, by the names of their arguments.

    Models and items without any answer are left out. Priors are one for each task where there are several (``flat``:
    one for all), and with ``guessing`` the floors are the tasks' chances.
    """
    from proofgrid.irt import Priors

    table = matrix.shares.dropna(axis=0, how="all").dropna(axis=1, how="all")
    tasks = matrix.tasks[table.columns]
    return {
        "responses": table,
        "groups": tasks,
        "priors": Priors(hierarchical=tasks.nunique() > 1 and not flat),
        "samples": matrix.asked,
        "families": None if matrix.families is None else matrix.families[table.index],
        "guessing": guessing_floors(tasks, table) if guessing else None,
    }


def guessing_floors(tasks: pd.Series[str], table: pd.DataFrame) -> pd.Series[float]:
    """Each item's chance of being solved without looking at it; 0 where a task's answers do worse than that."""
    from proofgrid.tasks import TaskError, get_task

    chance = {}
    for task in dict.fromkeys(tasks):
        try:
            level = get_task(task).chance
        except TaskError:
            level = 0.0
        share = float(np.nanmean(table[tasks.index[tasks == task]].to_numpy(dtype=float)))
        chance[task] = level if share > level else 0.0
    return tasks.map(chance).astype(float)


def response_matrix(
    scored_run: ScoredRun, truncated: Literal["wrong", "missing"] = "wrong", attempt: int = 0
) -> tuple[pd.DataFrame, pd.Series[str]]:
    """First-try responses (round 0) of one sample of every item.

    Returns the matrix (models x items: 1.0, 0.0 or NaN; an item a model was not asked is NaN) and the task of every
    item, both in the run's order of items. Raises ValueError on another ``truncated``.
    """
    from dataclasses import replace

    table = scored_run.attempts
    one = replace(scored_run, attempts=table[table["attempt"] == attempt])
    found = run_matrix([one], truncated)
    order = list(dict.fromkeys(str(m) for m in one.attempts["model"]))
    return found.shares.loc[order], found.tasks
