"""A bank of calibrated items: saved, read, scored against without refitting, and asked from adaptively.

Frozen parameters put a new model on the scale of the models that the bank was fitted to. Item parameters carry their
covariances, so that the errors of a new model's ability include them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from proofgrid.irt.ability import estimate, item_part
from proofgrid.irt.errors import BankError
from proofgrid.irt.fit import Fit2PL
from proofgrid.irt.model import item_information
from proofgrid.irt.responses import Array, read_responses
from proofgrid.irt.stability import refit

FORMAT = 2
LARGEST_FILE = 1 << 27
"""Bytes of a bank's file; a bank of 20,000 items has about 6 MB."""
LARGEST_PARAMETER = 1000.0
"""No estimate of a or b comes near it (see em.py), and beyond it curves are steps."""
LEAST_MODELS = 60
"""Fewer models than this leave a bank's scale uncertain enough to be said."""


@dataclass(frozen=True)
class Bank:
    """Items with a, b and their covariance (items x 2 x 2). ``hashes`` says what the items are (a suite's hashes)."""

    items: pd.Index
    a: Array
    b: Array
    covariance: Array
    tasks: tuple[str, ...]
    hashes: Mapping[str, str] = field(default_factory=dict)
    fitted_to: tuple[str, ...] = ()
    common: Array | None = None
    """items x 2 x r: errors that the items share (a shift and a stretch of the whole scale among them); ``covariance``
    is then what is left for each item by itself."""
    floor: Array | None = None
    """The items' guessing floors."""

    @property
    def caution(self) -> str | None:
        """What to say of abilities on this bank's scale; None with enough models."""
        n = len(self.fitted_to)
        if n >= LEAST_MODELS:
            return None
        return (
            f"the bank was fitted to {n} models: its scale itself is uncertain, which the errors of abilities allow "
            f"for only roughly below {LEAST_MODELS} models"
        )

    def save(self, path: str | Path) -> None:
        """Write as JSON: the same bank gives the same bytes."""
        data = {
            "format": FORMAT,
            "model": "2pl",
            "hashes": dict(self.hashes),
            "fitted_to": list(self.fitted_to),
            "items": [
                {
                    "id": str(item),
                    "task": task,
                    "a": round(float(a), 9),
                    "b": round(float(b), 9),
                    "covariance": [round(float(x), 12) for x in (c[0, 0], c[0, 1], c[1, 1])],
                    "common": [[round(float(x), 9) for x in row] for row in shared],
                    "floor": round(float(floor), 9),
                }
                for item, task, a, b, c, shared, floor in zip(
                    self.items,
                    self.tasks,
                    self.a,
                    self.b,
                    self.covariance,
                    np.zeros((len(self.a), 2, 0)) if self.common is None else self.common,
                    np.zeros(len(self.a)) if self.floor is None else self.floor,
                    strict=True,
                )
            ],
        }
        Path(path).write_text(json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def make_bank(fit: Fit2PL, hashes: Mapping[str, str] | None = None) -> Bank:
    """The bank of a fit. Items without estimates, and those that the better models fail, are left out.

    Discriminations are fitted to the very models that set the scale, so that these look more spread out than new models
    of the same abilities do (by a tenth with 24 models and 150 items). How much more is measured by scoring each model
    with items fitted to the others, and the bank's scale is stretched by it (:func:`stretch`).
    """
    good = fit.estimated & ~fit.item_flags.str.contains("negative_item_rest|at_bound").to_numpy(dtype=bool)
    common = fit.item_common[good]
    own = fit.item_covariance[good] - common @ common.transpose(0, 2, 1)
    for k in (0, 1):  # rounding and truncation must not make a variance negative, nor a correlation above 1
        own[:, k, k] = np.maximum(own[:, k, k], 1e-9)
    bound = 0.999 * np.sqrt(own[:, 0, 0] * own[:, 1, 1])
    own[:, 0, 1] = own[:, 1, 0] = np.clip(own[:, 0, 1], -bound, bound)
    wider = stretch(fit)
    scale = np.array([1 / wider, wider])
    own = own * np.outer(scale, scale)
    common = common * scale[:, None]
    tasks = fit.groups if fit.groups is not None else pd.Series("all", index=fit.items)
    return Bank(
        fit.items[good],
        fit.discrimination.to_numpy()[good] / wider,
        fit.difficulty.to_numpy()[good] * wider,
        own,
        tuple(tasks[good]),
        dict(hashes or {}),
        tuple(str(m) for m in fit.models),
        common,
        None if fit.data.floor is None else fit.data.floor[good],
    )


def stretch(fit: Fit2PL) -> float:
    """How much wider the models' abilities are in the fit than when each is scored with items fitted to the others.

    At least 1 and at most 1.5; of more than LEAST_MODELS models, as many are left out in turn.
    """
    data, n = fit.data, fit.data.n_models
    if n < 5 or fit.engine != "map" or not fit.estimated.all():
        return 1.0
    full, alone = fit.ability.to_numpy(), []
    chosen = np.unique(np.linspace(0, n - 1, min(n, LEAST_MODELS)).astype(int))
    used = []
    for k in chosen:
        rest = np.delete(np.arange(n), k)
        found = refit(fit, rest)
        if found is None:
            continue
        scores = estimate(data.y, data.seen, found.a, found.b, floor=data.floor).eap[data.pattern]
        others = scores[rest]
        linked = full[rest].mean() + full[rest].std() / max(float(others.std()), 1e-9) * (scores[k] - others.mean())
        alone.append(float(linked))
        used.append(k)
    spread = float(np.std(alone)) if len(alone) > 3 else 0.0
    return float(np.clip(full[used].std() / spread, 1.0, 1.5)) if spread > 0 else 1.0


def load_bank(path: str | Path) -> Bank:
    """Read what :meth:`Bank.save` wrote. Raises BankError with a sentence."""
    try:
        data: Any = json.loads(_contents(path))
    except OSError as error:
        raise BankError(f"the item bank {path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise BankError(f"{path} is no item bank: it is not JSON") from error
    if not isinstance(data, dict) or data.get("model") != "2pl" or not isinstance(data.get("items"), list):
        raise BankError(f"{path} is no item bank; make one with `proofgrid irt RUN --out DIR --save-bank FILE`")
    if data.get("format") not in (1, FORMAT):
        raise BankError(f"{path} has format {data.get('format')}, and this version reads format {FORMAT}; save it anew")
    try:
        rows = data["items"]
        a = np.array([float(row["a"]) for row in rows])
        b = np.array([float(row["b"]) for row in rows])
        flat = np.array([[float(x) for x in row["covariance"]] for row in rows]).reshape(-1, 3)
        common = np.array([row.get("common", [[], []]) for row in rows], dtype=np.float64)
        floor = np.array([float(row.get("floor", 0.0)) for row in rows])
        if len(rows) and (common.ndim != 3 or common.shape[1] != 2 or not np.isfinite(common).all()):
            raise ValueError("errors that are not numbers")
        if not ((floor >= 0) & (floor < 1)).all():
            raise ValueError("a guessing floor that is no chance")
        if not isinstance(data["fitted_to"], list):
            raise ValueError("fitted_to is no list of models")
        ids, tasks = [str(row["id"]) for row in rows], tuple(str(row["task"]) for row in rows)
        hashes = {str(k): str(v) for k, v in data["hashes"].items()}
        fitted_to = tuple(str(m) for m in data["fitted_to"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BankError(f"{path} is a damaged item bank ({error!r}); save it anew") from error
    if len(a) == 0 or not np.isfinite(flat).all():
        raise BankError(f"{path} is a damaged item bank (no items, or errors that are not numbers); save it anew")
    if not ((a > 0) & (a <= LARGEST_PARAMETER) & (np.abs(b) <= LARGEST_PARAMETER)).all():
        raise BankError(f"{path} is a damaged item bank (an item's a or b is beyond all reason); save it anew")
    if not (
        (flat[:, 0] >= 0) & (flat[:, 2] >= 0) & (flat[:, 1] ** 2 <= flat[:, 0] * flat[:, 2] * (1 + 1e-6) + 1e-12)
    ).all():
        raise BankError(f"{path} is a damaged item bank (a covariance that is none); save it anew")
    if len(set(ids)) < len(ids):
        raise BankError(f"{path} is a damaged item bank (an item occurs twice); save it anew")
    covariance = flat[:, [0, 1, 1, 2]].reshape(-1, 2, 2)
    floors = floor if (floor > 0).any() else None
    return Bank(pd.Index(ids), a, b, covariance, tasks, hashes, fitted_to, common, floors)


def _contents(path: str | Path) -> str:
    """The text of a file, a named pipe or a device, without waiting for a writer that never comes.

    Raises OSError; ValueError where it is not UTF-8, larger than LARGEST_FILE, or has no possible name.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "rb") as stream:
        data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ValueError(f"larger than {LARGEST_FILE} bytes")
    return data.decode("utf-8-sig")


def score_against(bank: Bank, responses: pd.DataFrame, samples: pd.DataFrame | None = None) -> pd.DataFrame:
    """Abilities of new models on the bank's scale, nothing refitted.

    Columns of ``responses`` that the bank lacks are ignored; items that a model did not answer are left out of its
    likelihood. Result: ability, ability_se (items' uncertainty included), ability_map, ability_map_se, responses.
    Raises BankError where no item is in the bank, ResponseError for bad values.
    """
    shared = [c for c in responses.columns if c in set(bank.items)]
    if not shared:
        raise BankError("none of these items is in the bank; was it made from the same suite?")
    data = read_responses(
        responses[shared].dropna(axis=0, how="all").dropna(axis=1, how="all"), samples, least_models=1, varied=False
    )
    at = bank.items.get_indexer(data.items)
    a, b, covariance = bank.a[at], bank.b[at], bank.covariance[at]
    common = None if bank.common is None else bank.common[at]
    floor = None if bank.floor is None else bank.floor[at]
    found = estimate(data.y, data.seen, a, b, floor=floor)
    extra = item_part(found.post, found.grid, data.y, data.seen, a, b, covariance, common, floor)
    table = pd.DataFrame(
        {
            "ability": found.eap,
            "ability_se": np.sqrt(found.eap_sd**2 + extra),
            "ability_map": found.map,
            "ability_map_se": np.sqrt(found.map_se**2 + extra),
            "responses": data.seen.sum(axis=1).astype(int),
        }
    ).iloc[data.pattern]
    table.index = data.models
    return table


@dataclass(frozen=True)
class AdaptiveState:
    """Where an adaptive test stands."""

    ability: float
    se: float
    asked: int
    done: bool
    next_items: tuple[str, ...]
    """Empty when done."""


class AdaptiveTest:
    """Choose a model's next items by maximum information and stop at a wanted standard error.

    Stateless but for its settings: every call takes all answers so far, so that a run that was cut goes on where it
    was. The choice is deterministic. Items are chosen in batches, so that a server is kept busy: within a batch each
    item is the most informative for the ability so far, averaged over its posterior (which keeps early batches from
    betting on one guess).
    """

    def __init__(self, bank: Bank, target_se: float, batch: int = 8, least: int = 10) -> None:
        if not target_se > 0:
            raise BankError(f"the wanted standard error must be positive, not {target_se}")
        self.bank = bank
        self.target_se = target_se
        self.batch = batch
        self.least = min(least, len(bank.items))

    def state(
        self,
        answers: Mapping[str, float | None],
        pending: Collection[str] = (),
        available: Collection[str] | None = None,
    ) -> AdaptiveState:
        """Ability so far and the next items.

        ``answers`` holds 1, 0 or None (asked, and no usable answer) by item; ``pending`` are items that are out;
        ``available`` limits what may be asked (None: the whole bank).
        """
        place = {str(item): k for k, item in enumerate(self.bank.items)}
        y, seen = np.zeros((1, len(place))), np.zeros((1, len(place)))
        for item, value in answers.items():
            if item in place and value is not None and value == value:
                y[0, place[item]], seen[0, place[item]] = value, 1.0
        bank = self.bank
        found = estimate(y, seen, bank.a, bank.b, floor=bank.floor)
        extra = item_part(found.post, found.grid, y, seen, bank.a, bank.b, bank.covariance, bank.common, bank.floor)
        se = float(np.sqrt(found.eap_sd[0] ** 2 + extra[0]))
        asked = int(seen.sum())
        open_items = [
            item
            for item in place
            if item not in answers and item not in pending and (available is None or item in available)
        ]
        done = (se <= self.target_se and asked >= self.least) or not (open_items or pending)
        chosen: tuple[str, ...] = ()
        if not done and open_items:
            columns = np.array([place[item] for item in open_items])
            floor = None if bank.floor is None else bank.floor[columns]
            information = item_information(bank.a[columns], bank.b[columns], found.grid.theta, floor) @ found.post[0]
            order = np.argsort(-information, kind="stable")[: max(0, self.batch - len(pending))]
            chosen = tuple(open_items[k] for k in order)
        return AdaptiveState(float(found.eap[0]), se, asked, done, chosen)
