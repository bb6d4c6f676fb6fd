"""The arithmetic of the Epistemic Stability Index, on a table of judgements.

A model is unstable where it wrote an inference that it rejects when shown it alone. With U the share of its own flawed
inferences that it rejects, the plain index is ESI = 1 - U. A model that rejects everything, or tosses a coin, has a U
that says nothing, so controls are asked too: c is the share of valid inferences it accepts, r the share of invalid
ones, which it never wrote, that it rejects. What it believes is rejected like a valid inference, at 1 - c, and what it
does not believe like an invalid one, at r. The unstable share u then solves U = u r + (1 - u) (1 - c):

    u = (U - (1 - c)) / (r + c - 1),    ESI* = 1 - u, clipped to [0, 1].

Where r + c - 1 < 0.2 the model cannot tell valid from invalid and there is no ESI*. Nor is there one where so large a
separation could be a coin's: it must be four standard errors of a coin's away from 0 (with 30 controls of each kind,
above 0.52), which a coin passes in fewer than 1 of 10,000 runs. Intervals resample proofs, since
judgements from one proof are not independent, and carry the uncertainty of c and r. Two made-up judgements of each
kind, one rejecting and one accepting, are resampled with them (as in Agresti & Coull 1998): without these the intervals
are too short at fifty proofs and have no length at all where every judgement is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from proofgrid.irt.errors import IrtError
from proofgrid.irt.responses import Array

KINDS = ("flawed", "valid", "invalid")
LEAST_ASKED = 10
LEAST_SEPARATION = 0.2

LEAST_Z = 4.0

Reason = Literal["too_few", "cannot_tell_valid_from_invalid", "too_few_controls", "no_controls"]


@dataclass(frozen=True)
class StabilityIndex:
    """``interval`` fields are (low, high) or None. ``u`` is unclipped; ``corrected`` is 1 - u clipped to [0, 1]."""

    asked: int
    rejected: float
    """Rejected inferences; with several samples of each question, sums of the shares of samples that reject."""
    valid_asked: int
    valid_accepted: float
    invalid_asked: int
    invalid_rejected: float
    U: float | None
    esi: float | None
    esi_interval: tuple[float, float] | None
    c: float | None
    r: float | None
    separation: float | None
    """r + c - 1 (Youden's index of the model as a judge)."""
    u: float | None
    u_interval: tuple[float, float] | None
    corrected: float | None
    corrected_interval: tuple[float, float] | None
    reason: Reason | None
    """Why there is no corrected index (too_few: no index at all)."""


def corrected_share(U: Array | float, c: Array | float, r: Array | float) -> Array:
    """u = (U - (1 - c)) / (r + c - 1), unclipped; NaN where r + c <= 1."""
    separation = np.asarray(r, dtype=np.float64) + c - 1.0
    top = np.asarray(U, dtype=np.float64) - (1.0 - np.asarray(c))
    out = np.full(np.broadcast(top, separation).shape, np.nan)
    np.divide(top, separation, out=out, where=separation > 1e-9)
    return out


def stability_index(
    judgements: pd.DataFrame,
    *,
    bootstrap: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    least_asked: int = LEAST_ASKED,
    least_separation: float = LEAST_SEPARATION,
) -> StabilityIndex:
    """Index of one model from one row a judgement: ``proof`` (any id), ``kind`` (flawed, valid, invalid), ``rejected``
    (a truth value, or a share where a question was asked several times).

    ``proof`` is what the bootstrap resamples: a flawed proof together with its controls. Rows without a judgement
    (an unreadable answer) must be left out beforehand. Raises IrtError for another kind or a missing column.
    """
    for column in ("proof", "kind", "rejected"):
        if column not in judgements.columns:
            raise IrtError(f"the judgements lack a column '{column}'")
    if not judgements["kind"].isin(KINDS).all():
        other = judgements["kind"][~judgements["kind"].isin(KINDS)].iloc[0]
        raise IrtError(f"'{other}' is no kind of judgement; the kinds are {', '.join(KINDS)}")
    counts = _counts(judgements)
    total = counts.sum(axis=0)
    asked, valid, invalid = (int(n) for n in total[:, 1])
    rejected, valid_rejected, invalid_rejected = (float(n) for n in total[:, 0])
    U = rejected / asked if asked else None
    c = 1 - valid_rejected / valid if valid else None
    r = invalid_rejected / invalid if invalid else None
    separation = None if c is None or r is None else r + c - 1
    reason: Reason | None = None
    if asked < least_asked or U is None:
        reason = "too_few"
    elif separation is None:
        reason = "no_controls"
    elif separation < least_separation:
        reason = "cannot_tell_valid_from_invalid"
    elif separation < LEAST_Z * np.sqrt(0.25 / valid + 0.25 / invalid):
        reason = "too_few_controls"
    has_plain, has_corrected = reason != "too_few", reason is None
    rng = np.random.default_rng(seed)
    draws = _resampled(counts, bootstrap if has_plain else 0, rng)
    shares = [_share(draws, kind) for kind in range(len(KINDS))]
    tail = (1 - level) / 2
    esi = esi_interval = u = u_interval = corrected = corrected_interval = None
    if has_plain and U is not None:
        esi = 1 - U
        esi_interval = _interval(1 - shares[0], tail)
    if has_corrected and U is not None and c is not None and r is not None:
        u = float(corrected_share(U, c, r))
        u_draws = corrected_share(shares[0], 1 - shares[1], shares[2])
        u_interval = _interval(u_draws, tail)
        corrected = float(np.clip(1 - u, 0, 1))
        if u_interval is not None:
            corrected_interval = (float(np.clip(1 - u_interval[1], 0, 1)), float(np.clip(1 - u_interval[0], 0, 1)))
    return StabilityIndex(
        asked,
        rejected,
        valid,
        valid - valid_rejected,
        invalid,
        invalid_rejected,
        U,
        esi,
        esi_interval,
        c,
        r,
        separation,
        u,
        u_interval,
        corrected,
        corrected_interval,
        reason,
    )


SEEN_LESS = (0.1, 0.2, 0.3)


def sensitivity(index: StabilityIndex, less: tuple[float, ...] = SEEN_LESS) -> dict[float, float | None]:
    """ESI* if the model sees its own errors less often than the invalid controls: at r - 0.1, r - 0.2, r - 0.3.

    The correction takes r for errors that the model wrote itself; nobody thought the controls right, so r is an upper
    bound there. None if the separation that is left is below LEAST_SEPARATION.
    """
    out: dict[float, float | None] = {}
    for step in less:
        known = index.U is not None and index.c is not None and index.r is not None and index.corrected is not None
        left = float(index.r or 0) - step + float(index.c or 0) - 1
        share = float(corrected_share(index.U or 0.0, index.c or 0.0, (index.r or 0.0) - step)) if known else 0.0
        out[step] = float(np.clip(1 - share, 0, 1)) if known and left >= LEAST_SEPARATION else None
    return out


def proofs_needed(half_width: float, share: float = 0.5, separation: float = 0.7) -> int:
    """Flawed proofs (with a control of each kind) for an interval of ESI* of about plus or minus ``half_width``."""
    return int(np.ceil(1.96**2 * share * (1 - share) / (half_width * separation) ** 2))


def _counts(judgements: pd.DataFrame) -> Array:
    """proofs x kinds x (rejected, asked)."""
    codes = pd.factorize(judgements["proof"])[0]
    kind = judgements["kind"].map({name: k for k, name in enumerate(KINDS)}).to_numpy(dtype=np.intp)
    n = int(codes.max()) + 1 if len(codes) else 0
    cell = codes * len(KINDS) + kind
    asked = np.bincount(cell, minlength=n * len(KINDS)).astype(np.float64)
    rejected = np.bincount(cell, weights=judgements["rejected"].to_numpy(dtype=np.float64), minlength=n * len(KINDS))
    return np.stack([rejected, asked], axis=-1).reshape(n, len(KINDS), 2)


def _resampled(counts: Array, times: int, rng: np.random.Generator) -> Array:
    """draws x kinds x 2 totals over proofs drawn with replacement, two made-up judgements of each kind among them."""
    if len(counts) == 0 or times == 0:
        return np.empty((0, len(KINDS), 2))
    made_up = np.zeros((2 * len(KINDS), len(KINDS), 2))
    for kind in range(len(KINDS)):
        made_up[2 * kind : 2 * kind + 2, kind] = ((1.0, 1.0), (0.0, 1.0))
    population = np.concatenate([counts, made_up])
    n = len(population)
    weights = rng.multinomial(n, np.full(n, 1.0 / n), size=times)
    return np.asarray(np.tensordot(weights.astype(np.float64), population, axes=1), dtype=np.float64)


def _share(draws: Array, kind: int) -> Array:
    out = np.full(len(draws), np.nan)
    np.divide(draws[:, kind, 0], draws[:, kind, 1], out=out, where=draws[:, kind, 1] > 0)
    return out


def _interval(draws: Array, tail: float) -> tuple[float, float] | None:
    usable = draws[np.isfinite(draws)]
    if len(usable) == 0:
        return None
    low, high = np.quantile(usable, [tail, 1 - tail])
    return float(low), float(high)
