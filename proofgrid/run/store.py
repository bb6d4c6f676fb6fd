"""The run store: one folder a run, in it one SQLite database (WAL) with a row an attempt, written when it arrives.

``run.sqlite`` holds what cannot be had again; ``scores.sqlite`` beside it is a cache of what follows from it.

A writer holds an advisory lock on the folder, so a second process is refused; readers need no lock and see a
consistent state at any time. With WAL and ``synchronous = NORMAL`` a committed row survives the death of the process
(kill -9 included); a power cut can take the last moments, never the database.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import BaseFileLock

from proofgrid.errors import RunError
from proofgrid.models.config import ModelConfig
from proofgrid.run.files import (
    DATABASE,
    attach_scores,
    attach_scores_to_read,
    connect_reader,
    refuse_links,
    take_lock,
)
from proofgrid.run.reader import StoredRun
from proofgrid.run.records import (
    INSERT,
    Record,
    digest,
    now,
    row_of,
)
from proofgrid.run.schema import MIGRATIONS, prepare, version_of
from proofgrid.scoring import ErrorPolicy
from proofgrid.tasks import Item, Score


class RunStore(StoredRun):
    """A run folder, open for writing (``RunStore.open``) or reading (``RunStore.read``). Use as a context."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: BaseFileLock | None) -> None:
        super().__init__(path, connection)
        self._lock = lock

    @classmethod
    def open(cls, path: str | Path, migrations: Sequence[str] = MIGRATIONS) -> RunStore:
        """Open for writing; made if it is missing. Raises RunError if another process writes it."""
        folder = Path(path)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            refuse_links(folder)
            lock = take_lock(folder)
        except OSError as error:
            why = "there is a file of this name" if folder.is_file() else error.strerror
            raise RunError(f"{folder} cannot be a run's folder: {why}; name another with --run") from error
        try:
            connection = sqlite3.connect(folder / DATABASE, isolation_level=None, timeout=30)
            connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            prepare(connection, create=True, migrations=migrations)
            attach_scores(connection, folder)
        except (sqlite3.DatabaseError, RunError) as error:
            lock.release()
            raise RunError(f"{folder} cannot be used: {error}") from error
        return cls(folder, connection, lock)

    @classmethod
    def read(cls, path: str | Path, migrations: Sequence[str] = MIGRATIONS) -> RunStore:
        """Open for reading. Raises RunError if there is no run. An older schema is migrated first."""
        folder = Path(path)
        if not (folder / DATABASE).is_file():
            raise RunError(f"{folder} is no run folder (it has no {DATABASE}); see `proofgrid run --help`")
        try:
            connection = connect_reader(folder / DATABASE)
            version = version_of(connection)
            if 0 < version <= len(migrations):
                connection.close()
                cls.open(folder, migrations).close()
                return cls.read(folder, migrations)
            prepare(connection, create=False, migrations=migrations)
            attach_scores_to_read(connection, folder)
        except (sqlite3.DatabaseError, RunError) as error:
            raise RunError(f"{folder} cannot be read: {error}") from error
        return cls(folder, connection, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the database and the lock. A writer leaves whole files behind, with nothing left in their logs."""
        if self._lock is not None:
            with suppress(sqlite3.Error):
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _roll_back(self) -> None:
        """End a failed transaction; a full disk has ended it already."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    @property
    def writable(self) -> bool:
        """Whether this process holds the run's lock."""
        return self._lock is not None

    def check_there(self) -> None:
        """Raise RunError if the run's folder is gone: answers could not be kept any more."""
        try:
            there = os.stat(self.path / DATABASE).st_ino == self._inode  # noqa: PTH116
        except OSError:
            there = False
        if not there:
            raise RunError(f"{self.path} was moved or deleted while the run went on; nothing more is asked")

    def set_meta(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value, ensure_ascii=False)))

    def copy_to(self, database: Path) -> None:
        """Write a copy of the run's database, as it is now, to a file that does not exist yet."""
        target = sqlite3.connect(database)
        try:
            self._db.backup(target)
        finally:
            target.close()

    def set_policy(self, policy: ErrorPolicy) -> None:
        """Keep what api_errors are in this run; scores that another policy made are dropped."""
        if policy != self.policy():
            self.set_meta("errors", {"errors": policy.errors, "context": policy.context})
            self.forget_scores()

    def begin(self, data: Mapping[str, Any]) -> int:
        """Note that an invocation starts; returns its number for :meth:`end`."""
        cursor = self._db.execute(
            "INSERT INTO invocations (started, data) VALUES (?, ?)", (now(), json.dumps(data, ensure_ascii=False))
        )
        return int(cursor.lastrowid or 0)

    def end(self, invocation: int) -> None:
        """Note that an invocation ended."""
        self._db.execute("UPDATE invocations SET ended = ? WHERE id = ?", (now(), invocation))

    def add_model(self, config: ModelConfig) -> None:
        """Keep a model's configuration (it holds no secret)."""
        self._db.execute(
            "INSERT INTO models VALUES (?, ?, ?, NULL, (SELECT count(*) FROM models)) "
            "ON CONFLICT (fingerprint) DO UPDATE SET config = excluded.config, label = excluded.label",
            (config.fingerprint, config.label, json.dumps(config.to_json(), ensure_ascii=False, sort_keys=True)),
        )

    def set_server(self, config: ModelConfig, said: Mapping[str, Any]) -> None:
        """Keep what the server said of itself."""
        self._db.execute(
            "UPDATE models SET server = ? WHERE fingerprint = ?",
            (json.dumps(said, ensure_ascii=False), config.fingerprint),
        )

    def add_items(self, items: Iterable[tuple[Item, str]]) -> None:
        """Add (problem, prompt) pairs; those that are there already stay.

        Raises RunError where an id is there with another problem or another prompt: answers to different questions
        must not mix.
        """
        position = int(self._db.execute("SELECT count(*) FROM items").fetchone()[0])
        self._items = None
        self._db.execute("BEGIN")
        try:
            for problem, prompt in items:
                line = problem.to_json()
                found = self._db.execute("SELECT problem, prompt FROM items WHERE id = ?", (problem.id,)).fetchone()
                if found is None:
                    row = (problem.id, problem.task, position, line, prompt, digest(prompt))
                    self._db.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)", row)
                    position += 1
                elif found != (line, prompt):
                    what = "problem" if found[0] != line else "prompt"
                    raise RunError(
                        f"{self.path} holds another {what} for {problem.id} (another version made it): "
                        "answers to different questions do not mix, so keep the two in runs of their own"
                    )
        except BaseException:
            self._roll_back()
            raise
        self._db.execute("COMMIT")

    def add(self, record: Record, fingerprint: str, source: str | None = None) -> None:
        """Write one attempt, committed when this returns.

        An api_error gives way to what comes later under its key; an answer with other parameters (a larger
        max_tokens) makes the earlier one of the same cell not current. An answer is never overwritten.
        """
        cell = record.cell
        where = (cell.model, cell.item, cell.attempt, cell.round)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute(
                "UPDATE attempts SET current = 0 WHERE model = ? AND item = ? AND attempt = ? AND round = ? "
                "AND current = 1 AND key <> ?",
                (*where, record.key),
            )
            self._forget_error(record.key)
            written = self._db.execute(INSERT, row_of(record, fingerprint, source)).rowcount
            self._db.execute("COMMIT" if written else "ROLLBACK")
        except BaseException:
            self._roll_back()
            raise

    def add_many(self, records: Iterable[tuple[Record, str, str | None]]) -> None:
        """Write attempts that are at hand (import, merge) in one transaction: (record, fingerprint, source)."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for one in records:
                self._forget_error(one[0].key)
                self._db.execute(INSERT, row_of(*one))
            self._db.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _forget_error(self, key: str) -> None:
        """Drop the score of an api_error that an answer of the same key is about to replace."""
        self._db.execute(
            "DELETE FROM scores WHERE key IN (SELECT key FROM attempts WHERE key = ? AND error IS NOT NULL)", (key,)
        )

    def share_joules(self, fingerprint: str, since: str, joules: float) -> tuple[int, int | None]:
        """Share joules among a model's answers that arrived since then, by their completion tokens.

        Returns how many answers that were, and their tokens. Where the server does not count the tokens of one, no
        answer is given a share, and the tokens are None.
        """
        rows: list[tuple[str, int | None]] = self._db.execute(
            "SELECT key, completion_tokens FROM attempts WHERE fingerprint = ? AND arrived >= ? AND error IS NULL "
            "AND source IS NULL",
            (fingerprint, since),
        ).fetchall()
        counts = [tokens for _, tokens in rows if tokens is not None]
        total = sum(counts)
        if len(counts) < len(rows) or not total:
            return len(rows), None
        self._db.execute("BEGIN")
        try:
            self._db.executemany(
                "UPDATE attempts SET joules = ? WHERE key = ?",
                [(joules * count / total, key) for (key, _), count in zip(rows, counts, strict=True)],
            )
            self._db.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return len(rows), total

    def retire(self, key: str) -> None:
        """Make an attempt not current."""
        self._db.execute("UPDATE attempts SET current = 0 WHERE key = ?", (key,))

    def copy_invocation(self, started: str, ended: str | None, data: Mapping[str, Any]) -> None:
        """Keep an invocation of another run that this one was merged from."""
        self._db.execute(
            "INSERT INTO invocations (started, ended, data) VALUES (?, ?, ?)",
            (started, ended, json.dumps(data, ensure_ascii=False)),
        )

    def add_scores(self, scorer: str, scores: Iterable[tuple[str, Score]]) -> None:
        """Cache scores by attempt key under the scorer's fingerprint."""
        rows = [
            (key, scorer, s.outcome, s.points, int(s.strict), _json(dict(s.parts)), _json(_rest(s)))
            for key, s in scores
        ]
        self._db.execute("BEGIN")
        try:
            self._db.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def forget_scores(self, items: Sequence[str] | None = None) -> None:
        """Drop the cache of scores, or that of some items' attempts."""
        if items is None:
            self._db.execute("DELETE FROM scores")
        for item in items or ():
            self._db.execute("DELETE FROM scores WHERE key IN (SELECT key FROM attempts WHERE item = ?)", (item,))


def _rest(score: Score) -> dict[str, Any]:
    names = ("verdict", "repairs", "feedback", "answer", "trace")
    return {name: getattr(score, name) for name in names}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    """An answer as it was read, which each kind of task has in a shape of its own."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
