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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from proofgrid.errors import RunError
from proofgrid.models.completion import Completion
from proofgrid.models.spec import ModelConfig
from proofgrid.run.schema import CREATE_SCORES, MIGRATIONS, prepare, version_of
from proofgrid.tasks import Item, Score

DATABASE = "run.sqlite"
SCORES = "scores.sqlite"
LOCK = "run.lock"


@dataclass(frozen=True, slots=True)
class Cell:
    """One attempt that a run wants: one sample of one item from one model (named by its label)."""

    model: str
    item: str
    attempt: int = 0
    round: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """An attempt as stored."""

    key: str
    cell: Cell
    completion: Completion
    tries: int = 1


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item with the prompt that the run shows for it."""

    problem: Item
    prompt: str
    prompt_hash: str


def digest(text: str) -> str:
    """32 hex digits of SHA-256."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def attempt_key(item: str, prompt_hash: str, fingerprint: str, attempt: int, round_: int = 0) -> str:
    """The identity of an attempt: item, prompt text, model with all parameters, sample index, repair round.

    ``prompt_hash`` is the digest of the prompt; in a repair round, of the whole conversation.
    """
    return sha256(f"{item}\0{prompt_hash}\0{fingerprint}\0{attempt}\0{round_}".encode()).hexdigest()[:32]


def now() -> str:
    """UTC time, ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class RunStore:
    """A run folder, open for writing (``RunStore.open``) or reading (``RunStore.read``). Use as a context."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: IO[str] | None) -> None:
        self.path = path
        self._db = connection
        self._lock = lock
        self._items: dict[str, StoredItem] | None = None
        self._recent: dict[str, StoredItem] = {}

    @classmethod
    def open(cls, path: str | Path, migrations: Sequence[str] = MIGRATIONS) -> RunStore:
        """Open for writing; made where missing. Raises RunError where another process writes it."""
        folder = Path(path)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = _take_lock(folder)
        except OSError as error:
            why = "there is a file of this name" if folder.is_file() else error.strerror
            raise RunError(f"{folder} cannot be a run's folder: {why}; name another with --run") from error
        try:
            connection = sqlite3.connect(folder / DATABASE, isolation_level=None, timeout=30)
            connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            prepare(connection, create=True, migrations=migrations)
            _attach_scores(connection, folder)
        except (sqlite3.DatabaseError, RunError) as error:
            lock.close()
            raise RunError(f"{folder} cannot be used: {error}") from error
        return cls(folder, connection, lock)

    @classmethod
    def read(cls, path: str | Path, migrations: Sequence[str] = MIGRATIONS) -> RunStore:
        """Open for reading. Raises RunError where there is no run. An older schema is migrated first."""
        folder = Path(path)
        if not (folder / DATABASE).is_file():
            raise RunError(f"{folder} is no run folder (it has no {DATABASE}); see `proofgrid run --help`")
        try:
            connection = _connect_reader(folder / DATABASE)
            version = version_of(connection)
            if 0 < version <= len(migrations):
                connection.close()
                cls.open(folder, migrations).close()
                return cls.read(folder, migrations)
            prepare(connection, create=False, migrations=migrations)
            _attach_scores_to_read(connection, folder)
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
            self._lock.close()
            self._lock = None

    def _roll_back(self) -> None:
        """End a failed transaction; a full disk has ended it already."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    @property
    def writable(self) -> bool:
        """Whether this process holds the run's lock."""
        return self._lock is not None

    # --- header ---------------------------------------------------------------------------------------------------

    def set_meta(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value, ensure_ascii=False)))

    def meta(self) -> dict[str, Any]:
        """All named values."""
        return {name: json.loads(value) for name, value in self._db.execute("SELECT name, value FROM meta")}

    def begin(self, data: Mapping[str, Any]) -> int:
        """Note that an invocation starts; returns its number for :meth:`end`."""
        cursor = self._db.execute(
            "INSERT INTO invocations (started, data) VALUES (?, ?)", (now(), json.dumps(data, ensure_ascii=False))
        )
        return int(cursor.lastrowid or 0)

    def end(self, invocation: int) -> None:
        """Note that an invocation ended."""
        self._db.execute("UPDATE invocations SET ended = ? WHERE id = ?", (now(), invocation))

    def header(self) -> dict[str, Any]:
        """Everything that a reader of results may want to know of how they came about."""
        invocations = [
            {"started": started, "ended": ended, **json.loads(data)}
            for started, ended, data in self._db.execute("SELECT started, ended, data FROM invocations ORDER BY id")
        ]
        models = [
            {**json.loads(config), "fingerprint": fingerprint, "server": json.loads(server) if server else None}
            for fingerprint, config, server in self._db.execute(
                "SELECT fingerprint, config, server FROM models ORDER BY position, fingerprint"
            )
        ]
        return {
            **self.meta(),
            "started": invocations[0]["started"] if invocations else None,
            "ended": invocations[-1]["ended"] if invocations else None,
            "invocations": invocations,
            "models": models,
        }

    # --- models and items -----------------------------------------------------------------------------------------

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

    def models(self) -> list[ModelConfig]:
        """Configurations in the order they came; of one label, the latest is last."""
        rows = self._db.execute("SELECT config FROM models ORDER BY position, fingerprint")
        return [ModelConfig.from_json(json.loads(config)) for (config,) in rows]

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

    def items(self) -> dict[str, StoredItem]:
        """All items by id, in the order they were added."""
        if self._items is None:
            rows = self._db.execute("SELECT problem, prompt, prompt_hash FROM items ORDER BY position")
            stored = (StoredItem(Item.from_json(line), prompt, hash_) for line, prompt, hash_ in rows)
            self._items = {item.problem.id: item for item in stored}
        return self._items

    def item_cached(self, item_id: str) -> StoredItem:
        """One item; the latest few hundred are kept in memory, so a run's memory does not grow with its items."""
        found = self._recent.pop(item_id, None) or self.item(item_id)
        self._recent[item_id] = found
        if len(self._recent) > 512:
            del self._recent[next(iter(self._recent))]
        return found

    def prompt_bytes(self) -> dict[str, int]:
        """Length of every item's prompt in UTF-8."""
        return dict(self._db.execute("SELECT id, length(CAST(prompt AS BLOB)) FROM items").fetchall())

    def item(self, item_id: str) -> StoredItem:
        """One item. Raises RunError."""
        row = self._db.execute("SELECT problem, prompt, prompt_hash FROM items WHERE id = ?", (item_id,)).fetchone()
        if row is None:
            raise RunError(f"{self.path} has no item '{item_id}'")
        return StoredItem(Item.from_json(row[0]), row[1], row[2])

    # --- attempts -------------------------------------------------------------------------------------------------

    def add(self, record: Record, fingerprint: str, source: str | None = None) -> None:
        """Write one attempt, committed when this returns.

        An api_error gives way to what comes later under its key; an answer with other parameters (a larger
        max_tokens) makes the earlier one of the same cell not current. An answer is never overwritten.
        """
        done, cell = record.completion, record.cell
        where = (cell.model, cell.item, cell.attempt, cell.round)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute(
                "UPDATE attempts SET current = 0 WHERE model = ? AND item = ? AND attempt = ? AND round = ? "
                "AND current = 1 AND key <> ?",
                (*where, record.key),
            )
            row = (record.key, *where, fingerprint, now(), *_columns(done), record.tries, source)
            written = self._db.execute(_INSERT, row).rowcount
            self._db.execute("COMMIT" if written else "ROLLBACK")
        except BaseException:
            self._roll_back()
            raise

    def add_many(self, records: Iterable[tuple[Record, str, str | None]]) -> None:
        """Write attempts that are at hand (import, merge) in one transaction: (record, fingerprint, source)."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for record, fingerprint, source in records:
                cell = record.cell
                where = (cell.model, cell.item, cell.attempt, cell.round)
                row = (record.key, *where, fingerprint, now(), *_columns(record.completion), record.tries, source)
                self._db.execute(_INSERT, row)
            self._db.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def states(self, model: str) -> Iterator[tuple[str, int, int, str, bool]]:
        """Of each current attempt of a model: item, attempt, round, key, and whether it is an api_error."""
        rows = self._db.execute(
            "SELECT item, attempt, round, key, error IS NOT NULL FROM attempts WHERE model = ? AND current = 1",
            (model,),
        )
        for item, attempt, round_, key, failed in rows:
            yield item, attempt, round_, key, bool(failed)

    def records(self, model: str | None = None) -> Iterator[Record]:
        """Current attempts in the order they arrived, one at a time."""
        where, arguments = ("AND model = ?", (model,)) if model is not None else ("", ())
        for row in self._db.execute(
            f"SELECT {_SELECT} FROM attempts WHERE current = 1 {where} ORDER BY rowid", arguments
        ):
            yield _record(row)

    def record(self, key: str) -> Record | None:
        """The attempt with this key."""
        row = self._db.execute(f"SELECT {_SELECT} FROM attempts WHERE key = ?", (key,)).fetchone()
        return None if row is None else _record(row)

    def cell(self, cell: Cell) -> Record | None:
        """The current attempt of a cell."""
        row = self._db.execute(
            f"SELECT {_SELECT} FROM attempts "
            "WHERE current = 1 AND model = ? AND item = ? AND attempt = ? AND round = ?",
            (cell.model, cell.item, cell.attempt, cell.round),
        ).fetchone()
        return None if row is None else _record(row)

    def spent(self) -> tuple[float, int, int]:
        """(USD, tokens, answers of unknown cost) of all that this run asked itself, superseded attempts included."""
        row = self._db.execute(
            "SELECT total(cost), total(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)), "
            "total(cost IS NULL AND error IS NULL) FROM attempts WHERE source IS NULL"
        ).fetchone()
        return float(row[0]), int(row[1]), int(row[2])

    # --- scores (derived) -----------------------------------------------------------------------------------------

    def scored_records(self, scorer: str) -> Iterator[tuple[Record, Score]]:
        """Current attempts with their scores, in the order they arrived, one at a time."""
        rows = self._db.execute(
            f"SELECT {_SELECT_A}, s.outcome, s.points, s.strict, s.parts, s.data FROM attempts a "
            "JOIN scores s USING (key) WHERE s.scorer = ? AND a.current = 1 ORDER BY a.rowid",
            (scorer,),
        )
        for row in rows:
            yield _record(row), _score(*row[_WIDTH:])

    def of_item(self, item: str) -> list[Record]:
        """Current attempts at one item, by model, attempt and round."""
        rows = self._db.execute(
            f"SELECT {_SELECT} FROM attempts WHERE item = ? AND current = 1 ORDER BY model, attempt, round", (item,)
        )
        return [_record(row) for row in rows]

    def full_records(self) -> Iterator[tuple[Record, str, str | None]]:
        """Current attempts with their model's fingerprint and their source, by attempt and round, one at a time."""
        rows = self._db.execute(
            f"SELECT {_SELECT}, fingerprint, source FROM attempts WHERE current = 1 ORDER BY round, rowid"
        )
        for row in rows:
            yield _record(row), row[_WIDTH], row[_WIDTH + 1]

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

    def scores(self, scorer: str) -> Iterator[tuple[str, Score]]:
        """Scores that this scorer made for current attempts."""
        rows = self._db.execute(
            "SELECT s.key, s.outcome, s.points, s.strict, s.parts, s.data FROM scores s JOIN attempts a USING (key) "
            "WHERE s.scorer = ? AND a.current = 1",
            (scorer,),
        )
        for key, *columns in rows:
            yield key, _score(*columns)

    def light(self, scorer: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """What a summary needs of current attempts and of scores, without texts and verdicts, to be joined by key.

        Attempts: key, model, item, attempt, round, error, completion tokens, cost. Scores: key, outcome, points,
        strict, parts (JSON). Two scans and a join in memory are twice as fast as one in SQL.
        """
        attempts = self._db.execute(
            "SELECT key, model, item, attempt, round, error, completion_tokens, cost FROM attempts WHERE current = 1"
        ).fetchall()
        scores = self._db.execute(
            "SELECT key, outcome, points, strict, parts FROM scores WHERE scorer = ?", (scorer,)
        ).fetchall()
        return attempts, scores

    def item_tasks(self) -> dict[str, str]:
        """The task of every item."""
        return dict(self._db.execute("SELECT id, task FROM items ORDER BY position").fetchall())

    def has_all(self, model: str, items: int, samples: int) -> bool:
        """Whether a model has an answer to each of ``samples`` attempts at every item, where the run holds ``items``
        items in all: a count, much faster than looking."""
        held = self._db.execute("SELECT count(*) FROM items").fetchone()[0]
        found = self._db.execute(
            "SELECT count(*) FROM attempts WHERE current = 1 AND model = ? AND round = 0 AND attempt < ?",
            (model, samples),
        ).fetchone()[0]
        return bool(held == items and found == items * samples)

    def outcomes(self, scorer: str, model: str | None = None) -> dict[str, str]:
        """Outcomes by key, as far as this scorer has scored."""
        where, arguments = ("AND a.model = ?", (scorer, model)) if model is not None else ("", (scorer,))
        rows = self._db.execute(
            "SELECT s.key, s.outcome FROM scores s JOIN attempts a USING (key) "
            f"WHERE s.scorer = ? AND a.current = 1 {where}",
            arguments,
        )
        return dict(rows.fetchall())

    def unscored(self, scorer: str) -> list[str]:
        """Keys of current attempts that this scorer has not scored."""
        counts = self._db.execute(
            "SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM attempts WHERE current = 1), "
            "(SELECT count(*) FROM scores WHERE scorer = ?)",
            (scorer,),
        ).fetchone()
        if counts[0] == counts[1] == counts[2]:
            return []
        rows = self._db.execute(
            "SELECT a.key FROM attempts a LEFT JOIN scores s ON s.key = a.key AND s.scorer = ? "
            "WHERE a.current = 1 AND s.key IS NULL ORDER BY a.rowid",
            (scorer,),
        )
        return [key for (key,) in rows]

    def forget_scores(self) -> None:
        """Drop the cache of scores."""
        self._db.execute("DELETE FROM scores")

    # --- batches --------------------------------------------------------------------------------------------------

    def add_batch(self, model: ModelConfig, token: str, cells: Sequence[tuple[str, str, int]]) -> None:
        """Note, before it is submitted, a batch of attempts (key, item, attempt); ``token`` finds it after a crash."""
        self._db.execute(
            "INSERT INTO batches (model, fingerprint, token, state, submitted, cells) VALUES (?, ?, ?, ?, ?, ?)",
            (model.label, model.fingerprint, token, "submitting", now(), json.dumps(list(cells))),
        )

    def update_batch(self, token: str, state: str, remote: str | None = None) -> None:
        """Note a batch's state (submitting, submitted, collected, failed) and its id at the provider."""
        self._db.execute(
            "UPDATE batches SET state = ?, remote = coalesce(?, remote) WHERE token = ?", (state, remote, token)
        )

    def open_batches(self, fingerprint: str) -> list[dict[str, Any]]:
        """Batches that are not collected yet: token, remote, state, submitted, cells."""
        rows = self._db.execute(
            "SELECT token, remote, state, submitted, cells FROM batches "
            "WHERE fingerprint = ? AND state IN ('submitting', 'submitted') ORDER BY id",
            (fingerprint,),
        )
        names = ("token", "remote", "state", "submitted", "cells")
        return [dict(zip(names, (*row[:4], json.loads(row[4])), strict=True)) for row in rows]


_COMPLETION = (
    "text, reasoning, finish_reason, refusal, error, prompt_tokens, completion_tokens, reasoning_tokens, cost, "
    "seconds, served_model, request_id"
)
_SELECT = f"key, model, item, attempt, round, {_COMPLETION}, tries"
_WIDTH = 18
"""Columns of _SELECT."""
_SELECT_A = ", ".join(f"a.{name}" for name in _SELECT.split(", "))
_INSERT = (
    f"INSERT INTO attempts (key, model, item, attempt, round, fingerprint, arrived, {_COMPLETION}, tries, source) "
    f"VALUES ({', '.join('?' * 21)}) ON CONFLICT (key) DO UPDATE SET current = 1, arrived = excluded.arrived, "
    + ", ".join(f"{name} = excluded.{name}" for name in [*_COMPLETION.split(", "), "tries"])
    + " WHERE attempts.error IS NOT NULL"
)


def _columns(done: Completion) -> tuple[Any, ...]:
    return (
        _clean(done.text),
        _clean(done.reasoning),
        done.finish_reason,
        _clean(done.refusal),
        _clean(done.error),
        done.prompt_tokens,
        done.completion_tokens,
        done.reasoning_tokens,
        done.cost,
        done.seconds,
        done.served_model,
        done.request_id,
    )


def _clean(text: str | None) -> str | None:
    """Lone surrogates (a server can send them as JSON escapes) have no UTF-8 and become question marks."""
    return None if text is None else text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _record(row: Sequence[Any]) -> Record:
    return Record(row[0], Cell(row[1], row[2], row[3], row[4]), Completion(*row[5:17]), row[17])


def _score(outcome: Any, points: float, strict: int, parts: str, data: str) -> Score:
    rest = json.loads(data)
    rest["repairs"] = tuple(rest["repairs"])
    return Score(outcome=outcome, points=points, strict=bool(strict), parts=json.loads(parts), **rest)


def _rest(score: Score) -> dict[str, Any]:
    return {"verdict": score.verdict, "repairs": list(score.repairs), "feedback": score.feedback}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _connect_reader(path: Path) -> sqlite3.Connection:
    """A read-only connection; also to a database on a read-only disk, where WAL's shared memory cannot be made."""
    uri = path.absolute().as_uri()
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(f"{uri}?{mode}", uri=True, timeout=30, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if "immutable" in mode:
                raise
        else:
            break
    return connection


def _attach_scores(connection: sqlite3.Connection, folder: Path) -> None:
    """Attach the cache of scores for writing; one that cannot be read is thrown away."""
    path = folder / SCORES
    for last in (False, True):
        try:
            connection.execute("ATTACH ? AS derived", (str(path),))
            connection.executescript(
                f"PRAGMA derived.journal_mode = WAL; PRAGMA derived.synchronous = OFF; {CREATE_SCORES}"
            )
            return
        except sqlite3.DatabaseError:
            if last:
                raise
            with suppress(sqlite3.DatabaseError):
                connection.execute("DETACH derived")
            for name in (SCORES, f"{SCORES}-wal", f"{SCORES}-shm"):
                (folder / name).unlink(missing_ok=True)


def _attach_scores_to_read(connection: sqlite3.Connection, folder: Path) -> None:
    """Attach the cache of scores for reading, or an empty one where there is none."""
    path = folder / SCORES
    modes = ("mode=ro", "mode=ro&immutable=1") if path.is_file() else ()
    for target in (*(f"{path.absolute().as_uri()}?{mode}" for mode in modes), ":memory:"):
        try:
            connection.execute("ATTACH ? AS derived", (target,))
            connection.execute("SELECT count(*) FROM derived.sqlite_master").fetchone()
            break
        except sqlite3.DatabaseError:
            with suppress(sqlite3.DatabaseError):
                connection.execute("DETACH derived")
    if not connection.execute("SELECT 1 FROM derived.sqlite_master WHERE name = 'scores'").fetchone():
        with suppress(sqlite3.DatabaseError):
            connection.execute("DETACH derived")
        connection.execute("ATTACH ':memory:' AS derived")
        connection.execute(CREATE_SCORES)


def _take_lock(folder: Path) -> IO[str]:
    import fcntl

    lock = (folder / LOCK).open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        who = f"process {holder}" if holder else "another process"
        raise RunError(
            f"{folder} is in use by {who}; wait for it, stop it, or give this one another folder with --run"
        ) from error
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock
