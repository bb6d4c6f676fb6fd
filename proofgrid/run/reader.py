"""What can be read of a run: its header, models, items, attempts, and the scores that are cached beside it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from proofgrid.errors import RunError
from proofgrid.models.config import ModelConfig
from proofgrid.run.files import DATABASE
from proofgrid.run.ledger import Ledger
from proofgrid.run.records import SELECT, WIDTH, Cell, Record, StoredItem, record_of, select_from
from proofgrid.run.schema import CREATE_SCORES
from proofgrid.scoring import ErrorPolicy
from proofgrid.tasks import Item, Outcome, Score


class StoredRun:
    """A run's databases, open. Every method raises RunError if what it reads is damaged."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection
        self._items: dict[str, StoredItem] | None = None
        self._recent: dict[str, StoredItem] = {}
        self.ledger = Ledger(connection)
        self._inode = os.stat(path / DATABASE).st_ino  # noqa: PTH116 - Path.stat would do the same

    @contextmanager
    def _damage(self, what: str) -> Iterator[None]:
        """What cannot be read back of a run's folder is one sentence, whoever wrote it."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise RunError(f"{self.path} is damaged: {what} cannot be read ({error})") from error

    def meta(self) -> dict[str, Any]:
        """All named values."""
        with self._damage("its header"):
            return {name: json.loads(value) for name, value in self._db.execute("SELECT name, value FROM meta")}

    def header(self) -> dict[str, Any]:
        """Everything that a reader of results may want to know of how they came about."""
        with self._damage("its header"):
            invocations = [
                {"started": started, "ended": ended, **json.loads(data)}
                for started, ended, data in self._db.execute("SELECT started, ended, data FROM invocations ORDER BY id")
            ]
            served = self.served()
            models = [
                {
                    **json.loads(config),
                    "fingerprint": fingerprint,
                    "server": json.loads(server) if server else None,
                    "served": served.get(fingerprint, []),
                }
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

    def served(self) -> dict[str, list[dict[str, Any]]]:
        """By a model's fingerprint, under which names and system fingerprints its current answers were given:
        ``model``, ``version``, ``answers``, ``first`` and ``last`` (when they arrived), in the order of arrival."""
        rows = self._db.execute(
            "SELECT fingerprint, served_model, served_version, count(*), min(arrived), max(arrived) FROM attempts "
            "WHERE current = 1 AND error IS NULL GROUP BY 1, 2, 3 ORDER BY min(rowid)"
        )
        out: dict[str, list[dict[str, Any]]] = {}
        for fingerprint, *row in rows:
            out.setdefault(fingerprint, []).append(
                dict(zip(("model", "version", "answers", "first", "last"), row, strict=True))
            )
        return out

    def errors(self) -> list[tuple[str, str, int]]:
        """(model, error, how often) of current api_errors, the most frequent first."""
        return self._db.execute(
            "SELECT model, error, count(*) FROM attempts WHERE current = 1 AND error IS NOT NULL "
            "GROUP BY 1, 2 ORDER BY 3 DESC, min(rowid)"
        ).fetchall()

    def finish_words(self) -> list[tuple[str, str, int]]:
        """(model, finish word, how often) of current answers."""
        return self._db.execute(
            "SELECT model, finish_reason, count(*) FROM attempts WHERE current = 1 AND finish_reason IS NOT NULL "
            "GROUP BY 1, 2 ORDER BY 3 DESC"
        ).fetchall()

    def policy(self) -> ErrorPolicy:
        """What api_errors are in this run (``run --errors-as``, ``--context-errors``)."""
        said = self.meta().get("errors", {})
        with self._damage("what its errors are"):
            return ErrorPolicy(said.get("errors", "missing"), said.get("context"))

    def models(self) -> list[ModelConfig]:
        """Configurations in the order they came; of one label, the latest is last."""
        rows = self._db.execute("SELECT config FROM models ORDER BY position, fingerprint")
        with self._damage("a model's configuration"):
            return [ModelConfig.from_json(json.loads(config)) for (config,) in rows]

    def items(self) -> dict[str, StoredItem]:
        """All items by id, in the order they were added."""
        if self._items is None:
            rows = self._db.execute("SELECT problem, prompt, prompt_hash FROM items ORDER BY position")
            with self._damage("an item"):
                stored = (StoredItem(Item.from_json(line), prompt, hash_) for line, prompt, hash_ in rows)
                self._items = {item.problem.id: item for item in stored}
        return self._items

    def problems(self) -> Iterator[Item]:
        """All items in the order they were added, one at a time and without their prompts."""
        with self._damage("an item"):
            for (line,) in self._db.execute("SELECT problem FROM items ORDER BY position"):
                yield Item.from_json(line)

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
        with self._damage(f"the item {item_id}"):
            return StoredItem(Item.from_json(row[0]), row[1], row[2])

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
            f"SELECT {SELECT} FROM attempts WHERE current = 1 {where} ORDER BY rowid", arguments
        ):
            yield self._record(row)

    def _record(self, row: Sequence[Any]) -> Record:
        with self._damage("an attempt"):
            return record_of(row)

    def record(self, key: str) -> Record | None:
        """The attempt with this key."""
        row = self._db.execute(f"SELECT {SELECT} FROM attempts WHERE key = ?", (key,)).fetchone()
        return None if row is None else self._record(row)

    def cell(self, cell: Cell) -> Record | None:
        """The current attempt of a cell."""
        row = self._db.execute(
            f"SELECT {SELECT} FROM attempts WHERE current = 1 AND model = ? AND item = ? AND attempt = ? AND round = ?",
            (cell.model, cell.item, cell.attempt, cell.round),
        ).fetchone()
        return None if row is None else self._record(row)

    def spent(self) -> tuple[float, int, int]:
        """(USD, tokens, answers of unknown cost) of all that this run asked itself, superseded attempts and failed
        tries included. What has no known cost is counted at its bound."""
        cost, tokens, unknown = self._db.execute(
            "SELECT total(charged_cost), total(charged_tokens), total(cost IS NULL AND error IS NULL) "
            "FROM attempts WHERE source IS NULL"
        ).fetchone()
        failed = self.ledger.charges()
        return float(cost) + failed.cost, int(tokens) + failed.tokens, int(unknown)

    def scored_records(self, scorer: str, task: str | None = None) -> Iterator[tuple[Record, Score]]:
        """Current attempts (of one task) with their scores, in the order they arrived, one at a time."""
        where, arguments = ("AND i.task = ? ", (scorer, task)) if task is not None else ("", (scorer,))
        rows = self._db.execute(
            f"SELECT {select_from('a')}, s.outcome, s.points, s.strict, s.parts, s.data FROM attempts a "
            "JOIN scores s USING (key) JOIN items i ON i.id = a.item "
            f"WHERE s.scorer = ? AND a.current = 1 {where}ORDER BY a.rowid",
            arguments,
        )
        for row in rows:
            yield self._record(row), _score(*row[WIDTH:])

    def scored_keys(self, scorer: str, keys: Sequence[str]) -> Iterator[tuple[Record, Score]]:
        """Attempts with their scores, by key, in the order given; those that are not scored are left out."""
        for key in keys:
            found = self._db.execute(
                "SELECT outcome, points, strict, parts, data FROM scores WHERE key = ? AND scorer = ?", (key, scorer)
            ).fetchone()
            record = self.record(key) if found is not None else None
            if record is not None:
                yield record, _score(*found)

    def outlines(self, scorer: str) -> Iterator[tuple[str, Record, Score]]:
        """Current attempts with what tables count of their scores: no text, and of a verdict only OUTLINE.

        What says the same is one object, mappings included: a run says few different things very often.
        """
        shared: dict[Any, Any] = {}

        def one(value: Any) -> Any:
            return shared.setdefault(value, value) if isinstance(value, str) else value

        empty = ", ".join(
            "'' AS text" if name == "text" else f"NULL AS {name}" if name in UNREAD else name
            for name in SELECT.split(", ")
        )
        waiting = {
            key: (key, *map(one, row))
            for key, *row in self._db.execute(f"SELECT {empty} FROM attempts WHERE current = 1")
        }
        rows = self._db.execute(
            "SELECT key, outcome, points, strict, parts, data FROM scores WHERE scorer = ?", (scorer,)
        )
        for key, *columns in rows:
            row = waiting.pop(key, None)
            if row is not None:
                yield key, self._record(row), _outline(columns, shared)

    def failures(self, scorer: str) -> Iterator[tuple[str, str, int]]:
        """(kind, diagnosis, how many) of the first failures of current first tries."""
        rows = self._db.execute(
            "SELECT json_extract(s.data, '$.verdict.failure.kind'), "
            "json_extract(s.data, '$.verdict.failure.diagnosis'), count(*) "
            "FROM scores s JOIN attempts a USING (key) JOIN items i ON i.id = a.item WHERE s.scorer = ? "
            "AND a.current = 1 AND a.round = 0 AND s.outcome = 'incorrect' GROUP BY 1, 2",
            (scorer,),
        )
        for kind, diagnosis, times in rows:
            if kind is not None:
                yield str(kind), str(diagnosis or ""), int(times)

    def seconds(self) -> float:
        """Seconds of waiting for current answers, added up."""
        (found,) = self._db.execute("SELECT total(seconds) FROM attempts WHERE current = 1").fetchone()
        return float(found)

    def of_item(self, item: str) -> list[Record]:
        """Current attempts at one item, by model, attempt and round."""
        rows = self._db.execute(
            f"SELECT {SELECT} FROM attempts WHERE item = ? AND current = 1 ORDER BY model, attempt, round", (item,)
        )
        return [self._record(row) for row in rows]

    def full_records(self) -> Iterator[tuple[Record, str, str | None]]:
        """Current attempts with their model's fingerprint and their source, by attempt and round, one at a time."""
        rows = self._db.execute(
            f"SELECT {SELECT}, fingerprint, source FROM attempts WHERE current = 1 ORDER BY round, rowid"
        )
        for row in rows:
            yield self._record(row), row[WIDTH], row[WIDTH + 1]

    def keep_scores_in_memory(self) -> None:
        """Go on with a copy of the cached scores that ends with this connection, where their file cannot be written."""
        rows = self._db.execute("SELECT * FROM scores").fetchall()
        self._db.execute("DETACH derived")
        self._db.execute("ATTACH ':memory:' AS derived")
        self._db.execute(CREATE_SCORES)
        self._db.executemany("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

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

        Attempts: key, model, item, attempt, round, error, completion tokens, cost, joules. Scores: key, outcome,
        points, strict, parts (JSON). Two scans and a join in memory are twice as fast as one in SQL.
        """
        attempts = self._db.execute(
            "SELECT key, model, item, attempt, round, error, completion_tokens, cost, joules FROM attempts "
            "WHERE current = 1"
        ).fetchall()
        scores = self._db.execute(
            "SELECT key, outcome, points, strict, parts FROM scores WHERE scorer = ?", (scorer,)
        ).fetchall()
        return attempts, scores

    def item_tasks(self) -> dict[str, str]:
        """The task of every item."""
        return dict(self._db.execute("SELECT id, task FROM items ORDER BY position").fetchall())

    def has_all(self, model: str, items: int, samples: int) -> bool:
        """Whether a model has an answer to each of ``samples`` attempts at every item, if the run holds ``items``
        items in all: a count, much faster than looking."""
        held = self._db.execute("SELECT count(*) FROM items").fetchone()[0]
        found = self._db.execute(
            "SELECT count(*) FROM attempts WHERE current = 1 AND model = ? AND round = 0 AND attempt < ?",
            (model, samples),
        ).fetchone()[0]
        return bool(held == items and found == items * samples)

    def outcomes(self, scorer: str, model: str | None = None) -> dict[str, Outcome]:
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
            "SELECT a.key FROM attempts a JOIN items i ON i.id = a.item "
            "LEFT JOIN scores s ON s.key = a.key AND s.scorer = ? "
            "WHERE a.current = 1 AND s.key IS NULL ORDER BY a.rowid",
            (scorer,),
        )
        return [key for (key,) in rows]


OUTLINE = ("kind", "class", "step", "line", "rule", "diagnosis")
"""What tables count of a verdict's first failure."""
UNREAD = ("text", "reasoning", "refusal", "served_model", "request_id", "served_version")
"""Columns of an attempt that outlines leave in the database."""


def _outline(columns: Sequence[Any], shared: dict[Any, Any]) -> Score:
    outcome, points, strict, parts, data = columns
    if ("parts", parts) not in shared:
        shared["parts", parts] = json.loads(parts)
    verdict: Any = json.loads(data)["verdict"]
    if verdict is not None:
        failure = verdict.get("failure")
        said = tuple(map(failure.get, OUTLINE)) if isinstance(failure, dict) else None
        what = (verdict.get("steps"), verdict.get("paper_only"), said)
        try:
            verdict = shared.get(what)
        except TypeError:  # a list where no version of the checker writes one: it is taken as it is
            verdict = None
        if verdict is None:
            verdict = {"steps": what[0], "paper_only": what[1]}
            verdict["failure"] = None if said is None else dict(zip(OUTLINE, said, strict=True))
            with suppress(TypeError):
                shared[what] = verdict
    return Score(shared.setdefault(outcome, outcome), points, bool(strict), shared["parts", parts], verdict)


def _score(outcome: Any, points: float, strict: int, parts: str, data: str) -> Score:
    rest = json.loads(data)
    rest["repairs"] = tuple(rest["repairs"])
    return Score(outcome=outcome, points=points, strict=bool(strict), parts=json.loads(parts), **rest)
