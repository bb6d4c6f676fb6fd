"""What answers took in energy, and what they bought with it: figures of a run whose joules a meter measured.

Accuracy per joule (IPJ) is the share of answers that are right over the mean joules of an answer, accuracy per watt
(IPW) the same share over the mean power while they were made: Saad-Falcon et al. 2025, "Intelligence per Watt"
(arXiv:2511.07885). Joules are gross, the idle server's among them; its share stands beside. Answers that were not
measured are in none of these figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

import pandas as pd

from proofgrid.run.scored import ScoredRun
from proofgrid.statistics import MISSING


@dataclass(frozen=True, slots=True)
class Energy:
    """Of one model in a run, over its measured first answers; NaN where nothing is known."""

    answers: int
    """Measured."""
    solved: float
    joules: float
    """Of these answers."""
    watts: float
    """Mean power over the measured windows, the idle server's included."""
    idle_watts: float
    """What the idle server drew before them (mean over the windows, by their seconds)."""
    tokens_per_second: float
    """Completion tokens of all requests together over the windows' seconds."""
    meter: str

    @property
    def accuracy(self) -> float:
        """Share of the measured answers that are right."""
        return self.solved / self.answers if self.answers else nan

    @property
    def joules_per_solved(self) -> float:
        """Joules of all measured answers for each one that is right; NaN where none is."""
        return self.joules / self.solved if self.solved else nan

    @property
    def joules_above_idle(self) -> float:
        """Joules of these answers without the share that the idle server would have drawn all the same."""
        return self.joules * (1 - self.idle_watts / self.watts) if self.watts > 0 else nan

    @property
    def accuracy_per_joule(self) -> float:
        """IPJ, in 1/J: accuracy over the mean joules of an answer."""
        return self.accuracy * self.answers / self.joules if self.joules > 0 else nan

    @property
    def accuracy_per_watt(self) -> float:
        """IPW, in 1/W: accuracy over the mean power."""
        return self.accuracy / self.watts if self.watts > 0 else nan


def energy_of(run: ScoredRun, model: str) -> Energy | None:
    """The figures of one model; None where none of its answers was measured."""
    mine = run.attempts[run.attempts["model"] == model]
    if "joules" not in mine:
        return None
    measured = mine[(mine["round"] == 0) & ~mine["outcome"].isin(MISSING)]
    measured = measured[pd.to_numeric(measured["joules"], errors="coerce").notna()]
    if not len(measured):
        return None
    windows = _windows(run.header, model)
    seconds = sum(w["seconds"] for w in windows)
    tokens = [w["completion_tokens"] for w in windows]
    return Energy(
        answers=len(measured),
        solved=float((measured["outcome"] == "correct").sum()),
        joules=float(measured["joules"].sum()),
        watts=sum(w["joules"] for w in windows) / seconds if seconds > 0 else nan,
        idle_watts=sum(w["idle_watts"] * w["seconds"] for w in windows) / seconds if seconds > 0 else nan,
        tokens_per_second=sum(tokens) / seconds if seconds > 0 else nan,
        meter=", ".join(dict.fromkeys(str(w["meter"]) for w in windows)),
    )


def _windows(header: Mapping[str, Any], model: str) -> list[dict[str, Any]]:
    """The measured windows of a model whose requests all have known tokens."""
    kept = header.get("energy")
    found = [w for w in kept if isinstance(w, dict) and w.get("model") == model] if isinstance(kept, list) else []
    numbers = ("seconds", "joules", "idle_watts", "completion_tokens")
    return [w for w in found if all(isinstance(w.get(name), int | float) for name in numbers)]
