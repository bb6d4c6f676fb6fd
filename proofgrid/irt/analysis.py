"""Everything that is said of one response matrix, computed in one place and held together."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from proofgrid.irt.classical import classical_statistics, cronbach_alpha
from proofgrid.irt.dif import FamilyDifferences, family_differences
from proofgrid.irt.dimensions import Dimensionality, dimensionality, misgivings, q3
from proofgrid.irt.discrimination import caution, item_discrimination, task_discrimination
from proofgrid.irt.errors import IrtError
from proofgrid.irt.explanatory import Explanation, explain_difficulty
from proofgrid.irt.fit import Comparison, Engine, Fit2PL, compare_1pl, fit_2pl
from proofgrid.irt.fit_statistics import item_fit, negative_items, person_fit
from proofgrid.irt.information import Information, information, where_tasks_tell
from proofgrid.irt.prediction import Prediction, prediction
from proofgrid.irt.priors import DEFAULT_PRIORS, Priors
from proofgrid.irt.stability import EstimateStability, estimate_stability
from proofgrid.irt.task_abilities import TaskAbilities, task_abilities


@dataclass(frozen=True)
class Analysis:
    """A fit and what follows from it; tables are indexed by item, model or task."""

    fit: Fit2PL
    tasks: pd.DataFrame
    items: pd.DataFrame
    models: pd.DataFrame
    information: Information
    comparison: Comparison
    negative: pd.DataFrame
    dependence: pd.DataFrame
    dimension: Dimensionality | None
    stability: EstimateStability | None
    explanation: Explanation | None
    explanation_note: str | None
    """Why there is no explanation."""
    task_differences: pd.DataFrame
    """Differences between tasks in D1 (see ``discrimination.differences_of``)."""
    draws: int
    """How often models were drawn for the intervals of tasks."""
    by_task: TaskAbilities | None
    families: FamilyDifferences | None
    alpha: float
    prediction: Prediction | None
    cautions: tuple[str, ...]


def analyse(
    responses: pd.DataFrame,
    groups: pd.Series[str] | None = None,
    *,
    engine: Engine = "map",
    priors: Priors | None = DEFAULT_PRIORS,
    features: pd.DataFrame | None = None,
    samples: pd.DataFrame | None = None,
    families: pd.Series[str] | None = None,
    clusters: pd.Series[str] | None = None,
    guessing: pd.Series[float] | None = None,
    bootstrap: int = 200,
    seed: int = 0,
) -> Analysis:
    """Fit and examine a table of models x items (see :func:`~proofgrid.irt.fit.fit_2pl` for the arguments).

    ``bootstrap=0`` also leaves out the two other things that refit many times, the stability of the estimates and the
    simulated bound on a second dimension. Raises ResponseError, EngineError.
    """
    fit = fit_2pl(
        responses,
        engine=engine,
        priors=priors,
        groups=groups,
        samples=samples,
        families=families,
        clusters=clusters,
        guessing=guessing,
    )
    found = information(fit)
    explanation: Explanation | None = None
    note: str | None = "the items have no features"
    if features is not None and features.shape[1] > 0:
        try:
            explanation, note = explain_difficulty(fit, features, seed=seed), None
        except IrtError as error:
            note = str(error)
    items = fit.item_table().join(item_discrimination(fit)).join(item_fit(fit).drop(columns="difficulty"))
    items = items.join(classical_statistics(fit.data)[["n", "share_correct", "point_biserial"]])
    told = task_discrimination(fit, bootstrap=bootstrap, seed=seed)
    dimension = dimensionality(fit, seed) if bootstrap and fit.data.n_models >= 4 else None
    return Analysis(
        fit,
        told.table.join(where_tasks_tell(fit)),
        items,
        fit.model_table().join(person_fit(fit, seed=seed)[["lz", "misfit_p"]]),
        found,
        compare_1pl(fit),
        negative_items(fit),
        q3(fit),
        dimension,
        estimate_stability(fit, seed=seed) if bootstrap and fit.data.n_models >= 4 else None,
        explanation,
        note,
        told.differences,
        told.draws,
        task_abilities(fit, bootstrap=bootstrap, seed=seed),
        None if families is None else family_differences(fit, families),
        cronbach_alpha(fit.data),
        prediction(fit, seed=seed) if bootstrap else None,
        _cautions(fit, dimension),
    )


def _cautions(fit: Fit2PL, dimension: Dimensionality | None) -> tuple[str, ...]:
    said = [s for s in (caution(fit.data.n_models),) if s] + misgivings(fit)
    if dimension is not None and dimension.unidimensional is False:
        said.append(
            f"There is more than one dimension ({dimension.method}: {dimension.first:.2f}, by chance up to "
            f"{dimension.limit:.2f}): one ability is a summary, look at the tasks apart."
            if dimension.limit is not None
            else "There is more than one dimension: one ability is a summary, look at the tasks apart."
        )
    return tuple(said)
