"""The tables of a run's database, its schema version, and the way from older versions to this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from proofgrid.errors import RunError
from proofgrid.run.records import COMPLETION, TYPES

CREATE = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE invocations (id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, data TEXT NOT NULL);
CREATE TABLE models (
  fingerprint TEXT PRIMARY KEY, label TEXT NOT NULL, config TEXT NOT NULL, server TEXT, position INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE items (
  id TEXT PRIMARY KEY, task TEXT NOT NULL, position INTEGER NOT NULL, problem TEXT NOT NULL, prompt TEXT NOT NULL,
  prompt_hash TEXT NOT NULL
);
CREATE TABLE attempts (
  key TEXT PRIMARY KEY,
  model TEXT NOT NULL, item TEXT NOT NULL, attempt INTEGER NOT NULL, round INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  current INTEGER NOT NULL DEFAULT 1,
  arrived TEXT NOT NULL,
  {", ".join(f"{name} {TYPES[name]}" for name in COMPLETION)},
  tries INTEGER NOT NULL DEFAULT 1, source TEXT, charged_cost REAL NOT NULL DEFAULT 0,
  charged_tokens INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX attempts_current ON attempts (model, item, attempt, round) WHERE current = 1;
CREATE TABLE batches (
  id INTEGER PRIMARY KEY, model TEXT NOT NULL, fingerprint TEXT NOT NULL, token TEXT NOT NULL UNIQUE, remote TEXT,
  state TEXT NOT NULL, submitted TEXT NOT NULL, cells TEXT NOT NULL, newest TEXT
);
CREATE TABLE charges (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, model TEXT NOT NULL, item TEXT NOT NULL, cost REAL NOT NULL,
  tokens INTEGER NOT NULL, why TEXT NOT NULL
);
"""
"""``attempts.current`` is 0 for an answer that a later one with other parameters replaced; nothing is ever deleted.
``charged_*`` is what the bounds on spending count for an answer: its cost, or what it could cost at most if that is
unknown; ``charges`` is the same of tries that failed. ``batches.newest`` was the provider's newest before ours."""

CREATE_SCORES = """
CREATE TABLE IF NOT EXISTS derived.scores (
  key TEXT PRIMARY KEY, scorer TEXT NOT NULL, outcome TEXT NOT NULL, points REAL NOT NULL, strict INTEGER NOT NULL,
  parts TEXT NOT NULL, data TEXT NOT NULL
);
"""
"""A cache in a file of its own, which may be deleted at any time: ``scorer`` names the code that made a score, and
another code's scores are made anew."""

MIGRATIONS: Sequence[str] = (
    """
    ALTER TABLE attempts ADD COLUMN served_version TEXT;
    ALTER TABLE attempts ADD COLUMN charged_cost REAL NOT NULL DEFAULT 0;
    ALTER TABLE attempts ADD COLUMN charged_tokens INTEGER NOT NULL DEFAULT 0;
    UPDATE attempts SET charged_cost = coalesce(cost, 0),
      charged_tokens = coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0) WHERE source IS NULL;
    ALTER TABLE batches ADD COLUMN newest TEXT;
    CREATE TABLE charges (
      id INTEGER PRIMARY KEY, at TEXT NOT NULL, model TEXT NOT NULL, item TEXT NOT NULL, cost REAL NOT NULL,
      tokens INTEGER NOT NULL, why TEXT NOT NULL
    )
    """,
    "ALTER TABLE attempts ADD COLUMN joules REAL",
)
"""The script at index i leads from schema version i + 1 to i + 2. A change of CREATE appends one here."""


def prepare(connection: sqlite3.Connection, create: bool, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Create the tables, or bring an older database to this version, in one transaction. Raises RunError."""
    latest = len(migrations) + 1
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == 0 and create:
        connection.executescript(f"BEGIN; {CREATE} PRAGMA user_version = {latest}; COMMIT;")
        return
    if version == 0:
        raise RunError("its run.sqlite holds no run")
    if version > latest:
        raise RunError(f"it was made by a newer proofgrid (schema {version}, this one reads up to {latest}); upgrade")
    for at in range(version, latest):
        connection.executescript(f"BEGIN; {migrations[at - 1]}; PRAGMA user_version = {at + 1}; COMMIT;")


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of a database."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
