"""Calibration of stated confidence: Brier score, its decomposition, and the reliability curve.

Sources: Brier, Monthly Weather Review 78 (1950); Murphy, J. Applied Meteorology 12 (1973). A confidence is a
probability in [0, 1]; eq_gf's answers state one of five, which its scores carry as ``parts["confidence"]``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Answers of like confidence: how many, their mean confidence, and the share of them that was correct."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well confidence told what was correct.

    ``brier`` is the mean squared difference of confidence and outcome, lower is better. ``reliability`` (the bins'
    confidence against their accuracy, lower is better) and ``resolution`` (their accuracy against the whole's, higher
    is better) are Murphy's; ``expected_error`` is the mean distance of confidence and accuracy over the bins.
    """

    count: int
    accuracy: float
    brier: float
    reliability: float
    resolution: float
    expected_error: float
    curve: tuple[CalibrationBin, ...]
    """Non-empty bins, by rising confidence."""


def calibration(pairs: Iterable[tuple[float, bool]], bins: int = 5) -> Calibration | None:
    """The calibration of (confidence, correct) pairs over ``bins`` equal parts of [0, 1]; None where there are none.

    Raises ValueError for a confidence outside [0, 1].
    """
    grouped: dict[int, list[tuple[float, bool]]] = {}
    for confidence, correct in pairs:
        if not 0.0 <= confidence <= 1.0:
            raise ValueError(f"a confidence is a probability, not {confidence}")
        grouped.setdefault(min(int(confidence * bins + 1e-9), bins - 1), []).append((confidence, bool(correct)))
    everything = [pair for group in grouped.values() for pair in group]
    n = len(everything)
    if not n:
        return None
    accuracy = sum(correct for _, correct in everything) / n
    curve = tuple(
        CalibrationBin(
            k / bins,
            (k + 1) / bins,
            len(group),
            sum(c for c, _ in group) / len(group),
            sum(correct for _, correct in group) / len(group),
        )
        for k, group in sorted(grouped.items())
    )
    return Calibration(
        n,
        accuracy,
        sum((c - correct) ** 2 for c, correct in everything) / n,
        sum(b.count * (b.confidence - b.accuracy) ** 2 for b in curve) / n,
        sum(b.count * (b.accuracy - accuracy) ** 2 for b in curve) / n,
        sum(b.count * abs(b.confidence - b.accuracy) for b in curve) / n,
        curve,
    )
