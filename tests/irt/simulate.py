"""Simulated 2PL responses, and the public LSAT data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
REFERENCE = Path(__file__).with_name("data") / "lsat.json"


@dataclass(frozen=True)
class Truth:
    """What the responses were drawn from."""

    a: Floats
    b: Floats
    theta: Floats
    responses: pd.DataFrame


def simulate(seed: int, models: int, items: int, b_mean: float = 0.0, b_sd: float = 1.0) -> Truth:
    """a ~ lognormal(0, 0.4), b ~ N(b_mean, b_sd), theta ~ N(0, 1)."""
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.4, items), rng.normal(b_mean, b_sd, items)
    theta = rng.normal(0, 1, models)
    y = rng.random((models, items)) < expit(a * (theta[:, None] - b))
    names = [f"model-{k}" for k in range(models)]
    return Truth(a, b, theta, pd.DataFrame(y.astype(float), index=names, columns=[f"item-{k}" for k in range(items)]))


def lsat(name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A thousand rows by five items, and the published estimates (Bock and Lieberman 1970; R mirt and R ltm)."""
    reference = json.loads(REFERENCE.read_text())[name]
    rows = [[int(c) for c in pattern] for pattern, n in reference["counts"].items() for _ in range(n)]
    return pd.DataFrame(rows, index=[f"p{k}" for k in range(len(rows))], columns=list("ABCDE")), reference
