"""What a run holds of an attempt, and the one list of its columns: the fields of a completion, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from proofgrid.models.completion import Completion
from proofgrid.tasks import Item

COMPLETION = tuple(field.name for field in fields(Completion))
"""Columns that are a completion."""
_NUMBERS = {
    **dict.fromkeys(("prompt_tokens", "completion_tokens", "reasoning_tokens"), "INTEGER"),
    **dict.fromkeys(("cost", "seconds", "joules"), "REAL"),
}
_KINDS: dict[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (int, float)}
TYPES = {name: "TEXT NOT NULL" if name == "text" else _NUMBERS.get(name, "TEXT") for name in COMPLETION}
"""SQL types of those columns."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One attempt that a run wants: one sample of one item from one model (named by its label)."""

    model: str
    item: str
    attempt: int = 0
    round: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What the bounds on spending count: USD and tokens."""

    cost: float = 0.0
    tokens: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.cost + other.cost, self.tokens + other.tokens)


@dataclass(frozen=True, slots=True)
class Record:
    """An attempt as stored."""

    key: str
    cell: Cell
    completion: Completion
    tries: int = 1
    charged: Spent | None = None
    """What the bounds on spending count for it; None: what the completion says it cost."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item with the prompt that the run shows for it."""

    problem: Item
    prompt: str
    prompt_hash: str


SELECT = f"key, model, item, attempt, round, {', '.join(COMPLETION)}, tries"
"""What :func:`record_of` reads."""
WIDTH = 5 + len(COMPLETION) + 1
"""Columns of SELECT."""
_WHERE = ("key", "model", "item", "attempt", "round", "fingerprint", "arrived")
_ROW = (*_WHERE, *COMPLETION, "tries", "source", "charged_cost", "charged_tokens")
INSERT = (
    f"INSERT INTO attempts ({', '.join(_ROW)}) VALUES ({', '.join('?' * len(_ROW))}) "
    "ON CONFLICT (key) DO UPDATE SET current = 1, "
    + ", ".join(f"{name} = excluded.{name}" for name in ("arrived", *COMPLETION, "tries"))
    + ", charged_cost = charged_cost + excluded.charged_cost, charged_tokens = charged_tokens + excluded.charged_tokens"
    " WHERE attempts.error IS NOT NULL"
)
"""Writes a row of :func:`row_of`; over an api_error of the same key, whose charges stay."""


def select_from(table: str) -> str:
    """SELECT with every column named as ``table``'s."""
    return ", ".join(f"{table}.{name}" for name in SELECT.split(", "))


def row_of(record: Record, fingerprint: str, source: str | None = None) -> tuple[Any, ...]:
    """A record as a row for INSERT. ``source`` says where an answer comes from that this run did not ask for."""
    done, cell = record.completion, record.cell
    charged = record.charged
    if charged is None:
        charged = Spent(done.cost or 0.0, (done.prompt_tokens or 0) + (done.completion_tokens or 0))
    if source is not None:
        charged = Spent()
    values = [getattr(done, name) for name in COMPLETION]
    where = (record.key, cell.model, cell.item, cell.attempt, cell.round, fingerprint, now())
    return (*where, *map(clean, values), record.tries, source, charged.cost, charged.tokens)


def record_of(row: Sequence[Any]) -> Record:
    """A row of SELECT as a record. Raises ValueError if a column holds what no run writes (a blob for a text)."""
    for name, value in zip(COMPLETION, row[5:], strict=False):
        if value is not None and not isinstance(value, _KINDS[TYPES[name].split()[0]]):
            raise ValueError(f"{name} is no {TYPES[name].split()[0].lower()}")
    end = 5 + len(COMPLETION)
    return Record(row[0], Cell(*row[1:5]), Completion(**dict(zip(COMPLETION, row[5:end], strict=True))), row[end])


def clean(value: Any) -> Any:
    """Lone surrogates (a server can send them as JSON escapes) have no UTF-8 and become question marks."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()
    return value


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
