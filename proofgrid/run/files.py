"""The files of a run's folder: its two databases and the lock of the one process that writes."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from proofgrid.errors import RunError
from proofgrid.run.schema import CREATE_SCORES

DATABASE = "run.sqlite"
SCORES = "scores.sqlite"
LOCK = "run.lock"
"""Held by the writer. It is empty and stays: to remove it would let two writers hold two files of one name."""
HOLDER = "run.pid"
"""The writer's process id, for the message that another process reads."""


def plain_file(path: Path) -> bool:
    """Whether ``path`` is absent or a file of its own: not a link, a pipe or a device that points elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True


def run_files(folder: Path) -> list[Path]:
    """Every file that a run may write in its folder, a vLLM server's log apart."""
    beside = [f"{name}{end}" for name in (DATABASE, SCORES) for end in ("", "-wal", "-shm", "-journal")]
    return [folder / name for name in (*beside, LOCK, HOLDER)]


def refuse_links(folder: Path) -> None:
    """Raise RunError if a file of the run is a link: a stranger's folder could point it at a file of ours."""
    for path in run_files(folder):
        if not plain_file(path):
            raise RunError(f"{path} is no plain file (a link?), so nothing is written there; copy the run's files")


def take_lock(folder: Path) -> FileLock:
    """The lock of the run's writer. Raises RunError if another process holds it."""
    # A lock file of the operating system's: released however the process ends. O_NOFOLLOW is filelock's way too.
    lock = FileLock(folder / LOCK, timeout=0, is_singleton=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            f"{folder} is in use by {_holder(folder)}; wait for it, stop it, or give this one another folder with --run"
        ) from error
    with suppress(OSError), _open_new(folder / HOLDER) as file:
        file.write(f"{os.getpid()}\n")
    return lock


def in_use(folder: Path) -> bool:
    """Whether another process writes the run."""
    if not (folder / LOCK).exists() or not plain_file(folder / LOCK):
        return False
    lock = FileLock(folder / LOCK, timeout=0, is_singleton=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:  # a disk for reading only
        return False
    lock.release()
    return False


def _open_new(path: Path) -> IO[str]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, 0o644), "w", encoding="ascii")


def _holder(folder: Path) -> str:
    try:
        text = (folder / HOLDER).read_text("ascii")[:20].strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    return f"process {text}" if text.isdigit() else "another process"


def connect_reader(path: Path) -> sqlite3.Connection:
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


def attach_scores(connection: sqlite3.Connection, folder: Path) -> None:
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


def attach_scores_to_read(connection: sqlite3.Connection, folder: Path) -> None:
    """Attach the cache of scores for reading, or an empty one if there is none."""
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
