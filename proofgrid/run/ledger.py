"""What a run has promised and spent besides its answers: batches at the provider, and tries that failed but cost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from proofgrid.models.config import ModelConfig
from proofgrid.run.records import Spent, now

BatchState = Literal["submitting", "submitted", "collected", "failed"]


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that is not collected yet. ``remote`` is None while we do not know whether the provider has it."""

    token: str
    remote: str | None
    state: BatchState
    submitted: str
    cells: tuple[tuple[str, str, int], ...]
    """(key, item, attempt) of each request."""
    newest: str | None
    """The provider's newest batch before ours."""


class Ledger:
    """The tables ``batches`` and ``charges`` of a run's database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add_batch(
        self, model: ModelConfig, token: str, cells: Sequence[tuple[str, str, int]], newest: str | None
    ) -> None:
        """Note, before it is submitted, a batch of attempts (key, item, attempt); ``token`` and ``newest`` find it
        after a crash."""
        self._db.execute(
            "INSERT INTO batches (model, fingerprint, token, state, submitted, cells, newest) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (model.label, model.fingerprint, token, "submitting", now(), json.dumps(list(cells)), newest),
        )

    def update_batch(self, token: str, state: BatchState, remote: str | None = None) -> None:
        """Note a batch's state and its id at the provider."""
        self._db.execute(
            "UPDATE batches SET state = ?, remote = coalesce(?, remote) WHERE token = ?", (state, remote, token)
        )

    def forget_remote(self, token: str) -> None:
        """Note that a batch taken for ours was not."""
        self._db.execute("UPDATE batches SET state = 'submitting', remote = NULL WHERE token = ?", (token,))

    def open_batches(self, fingerprint: str) -> list[OpenBatch]:
        """Batches of a model that are not collected yet, in the order they were noted."""
        rows = self._db.execute(
            "SELECT token, remote, state, submitted, cells, newest FROM batches "
            "WHERE fingerprint = ? AND state IN ('submitting', 'submitted') ORDER BY id",
            (fingerprint,),
        )
        return [
            OpenBatch(
                token=token,
                remote=remote,
                state=state,
                submitted=submitted,
                cells=tuple((key, item, attempt) for key, item, attempt in json.loads(cells)),
                newest=newest,
            )
            for token, remote, state, submitted, cells, newest in rows
        ]

    def note_foreign(self, model: ModelConfig, remote: str) -> None:
        """Note a batch at the provider that is not this run's, so that it is not taken for one again."""
        self._db.execute(
            "INSERT INTO batches (model, fingerprint, token, remote, state, submitted, cells) "
            "VALUES (?, ?, ?, ?, 'failed', ?, '[]')",
            (model.label, model.fingerprint, f"foreign-{remote}", remote, now()),
        )

    def known_remotes(self) -> list[str]:
        """Every id at a provider that some batch of this run has or had."""
        return [remote for (remote,) in self._db.execute("SELECT remote FROM batches WHERE remote IS NOT NULL")]

    def charge(self, model: str, item: str, spent: Spent, why: str) -> None:
        """Count a try that failed and cost something, or may have."""
        self._db.execute(
            "INSERT INTO charges (at, model, item, cost, tokens, why) VALUES (?, ?, ?, ?, ?, ?)",
            (now(), model, item, spent.cost, spent.tokens, why),
        )

    def charges(self) -> Spent:
        """What failed tries cost in all, at most."""
        cost, tokens = self._db.execute("SELECT total(cost), total(tokens) FROM charges").fetchone()
        return Spent(float(cost), int(tokens))
