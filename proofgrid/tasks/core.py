"""What a task is: it makes problems, shows them, reads answers and scores them.

The path of an answer through this package is ``Task.generate -> Item -> Task.prompt -> (a model, elsewhere) ->
Task.score -> Score``. Nothing here knows a network, a model or a file.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from hashlib import sha256
from math import floor
from random import Random
from typing import Any, ClassVar, Final, Literal, final

from proofgrid.tasks.errors import DrawFailedError, GenerationError, ItemFormatError
from proofgrid.tasks.outcomes import Outcome

JsonObject = Mapping[str, Any]

EMPTY: Final = "the answer is empty"
"""The ``problem`` of a reading that found nothing but white space (outside reasoning)."""

MAX_DRAWS = 10_000
"""Draws an item may take."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item: what is shown to a model, and apart from it the reference that only scoring may read."""

    id: str
    task: str
    level: int
    seed: int
    shown: JsonObject
    reference: JsonObject
    difficulty: Mapping[str, float]

    def to_json(self) -> str:
        """One line of JSON; the same problem gives the same bytes on every machine."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Item:
        """Read what :meth:`to_json` wrote. Raises ItemFormatError with a sentence that says what is wrong."""
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise ItemFormatError(f"this line is no JSON object ({error.msg})") from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets without end
            raise ItemFormatError(
                "this line is no JSON object that can be read (nested too deeply, or too long)"
            ) from error
        if not isinstance(data, dict):
            raise ItemFormatError("this line is no JSON object")
        names = cls.__slots__
        if missing := [name for name in names if name not in data]:
            raise ItemFormatError(f"the item lacks {', '.join(missing)}")
        kinds = {"id": str, "task": str, "level": int, "seed": int}
        for name in names:
            kind = kinds.get(name, dict)
            if not isinstance(data[name], kind):
                raise ItemFormatError(f"the item's {name} is no {_KINDS[kind]}")
        if not all(data[name].isprintable() for name in ("id", "task")):
            raise ItemFormatError("the item's id or task holds characters that cannot be printed")
        return cls(**{name: data[name] for name in names})


_KINDS: dict[type, str] = {str: "text", int: "whole number", dict: "object"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A problem before it has an id. ``key`` is equal for problems that are equal up to renaming."""

    shown: JsonObject
    reference: JsonObject
    difficulty: Mapping[str, float]
    key: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read from an answer: ``value`` (None: nothing usable, ``problem`` says why) and what was
    repaired on the way (kept apart from the checker's fixes)."""

    value: Any | None
    repairs: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one answer. ``points`` is the headline in [0, 1]: 1.0 exactly where ``outcome`` is correct."""

    outcome: Outcome
    points: float = 0.0
    strict: bool = False
    parts: Mapping[str, float] = field(default_factory=dict)
    """Partial scores by name, each in [0, 1], e.g. ``{"verdict": 1.0, "line": 0.0}``."""
    verdict: JsonObject | None = None
    """The checker's verdict as JSON, where the answer was a proof."""
    repairs: tuple[str, ...] = ()
    feedback: str | None = None
    """What a person who graded this would tell the author; shown to the model by --repair."""
    answer: Any | None = None
    """The answer as it was read (a task's ``read`` says what that is); None if nothing was."""
    trace: str | None = None
    """Where scoring itself failed (``scorer_error``): the traceback."""

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary."""
        return asdict(self)


class Task(ABC):
    """One of the 15 tasks. Instances hold no state."""

    id: ClassVar[str]
    title: ClassVar[str]
    measures: ClassVar[str]
    """One sentence: what a score on this task says of a model."""
    language: ClassVar[Literal["ndl", "macro", "hilbert", "equational"]]
    levels: ClassVar[tuple[int, ...]]
    upper_levels: ClassVar[tuple[int, ...]] = ()
    """Levels made only if one of them is asked for: no prover here solves their items within its budget."""
    flawed: ClassVar[Fraction] = Fraction(0)
    """The share of the items that are wrong, unsolvable or unjustified, dealt exactly within each level."""
    chance: ClassVar[float] = 0.0
    """Points of the best answer known that does not look at the item, or guesses from its looks: the floor of a model
    that cannot do the task. No program known that reads the item and does not do what is asked earns more."""
    prompt_version: ClassVar[str] = "1"
    full_budget: ClassVar[int] = 20_000
    """The ``attempt`` budget that tables of the builtin model's scores are made with."""

    @abstractmethod
    def make(self, rng: Random, level: int, flawed: bool = False) -> Draft | None:
        """One problem of the level, proved and verified; None if this draw came to nothing.

        ``flawed``: whether it is one of those that are wrong, unsolvable or unjustified.
        """

    @abstractmethod
    def prompt(self, shown: JsonObject) -> str:
        """The user message for what an item shows."""

    @abstractmethod
    def read(self, shown: JsonObject, text: str) -> Reading:
        """Find the answer in a model's text; what the value is, each kind says. Total, in time linear in the text."""

    @abstractmethod
    def judge(self, item: Item, answer: Any) -> Score:
        """The score of an answer that :meth:`read` found (its ``value``)."""

    @final
    def score(self, item: Item, text: str) -> Score:
        """Read and judge an answer. Total: any text has a score.

        What is the same for all tasks stands here: an answer that is empty or cannot be read, and what a score carries
        besides the judgement (the answer as read, and the reader's repairs).
        """
        reading = self.read(item.shown, text) if text.strip() else Reading(None, problem=EMPTY)
        if reading.value is None:
            return Score(
                outcome="empty" if reading.problem == EMPTY else "unparsable",
                repairs=reading.repairs,
                feedback=f"The answer cannot be read: {reading.problem}.",
            )
        return replace(self.judge(item, reading.value), answer=reading.value, repairs=reading.repairs)

    @abstractmethod
    def reference_answer(self, item: Item) -> str:
        """A text that scores 1.0."""

    @abstractmethod
    def attempt(self, shown: JsonObject, budget: int) -> str:
        """The builtin model's answer: a real attempt by search within ``budget`` steps, from what is shown alone."""

    def generate(
        self, n: int, seed: int, level: int | None = None, taken: Collection[str] = frozenset()
    ) -> Iterator[Item]:
        """``n`` problems, no two of one class; the same arguments give the same problems everywhere.

        Levels are dealt round robin unless one is named. ``taken``: keys of problems that others have already. Raises
        GenerationError if an index finds no new problem in MAX_DRAWS draws.
        """
        self.check_level(level)
        seen = set(taken)
        for index in range(n):
            draw, draft = self.first_draft(seed, level, index)
            while draft is not None and draft.key in seen:
                draw, draft = self.first_draft(seed, level, index, draw + 1)
            seen.add(self.new_key(draft, level, index))
            assert draft is not None
            yield self.item(draft, seed, level, index)

    def check_level(self, level: int | None) -> None:
        """Raises GenerationError if the task has no such level."""
        known = (*self.levels, *self.upper_levels)
        if level is not None and level not in known:
            raise GenerationError(f"{self.id} has no level {level}; its levels are {known[0]} to {known[-1]}")

    def level_of(self, level: int | None, index: int) -> int:
        """The level of the item with this index: ``level``, or round robin."""
        return level if level is not None else self.levels[index % len(self.levels)]

    def first_draft(self, seed: int, level: int | None, index: int, start: int = 0) -> tuple[int, Draft | None]:
        """The first draw from ``start`` on that comes to a problem, with its number; (MAX_DRAWS, None) if none does."""
        at = self.level_of(level, index)
        flawed = self.dealt(level, index)
        for draw in range(start, MAX_DRAWS):
            try:
                draft = self.make(item_rng(self.id, seed, at, index, draw), at, flawed)
            except DrawFailedError:
                continue
            if draft is not None:
                return draw, draft
        return MAX_DRAWS, None

    def dealt(self, level: int | None, index: int) -> bool:
        """Whether the item with this index is a flawed one.

        Of every level's first k items, share * k are, to the nearest whole number up or down, and the levels' phases
        are spread so that the same holds of the whole. Where half of the items of an even number of levels are,
        levels take turns, and take turns at being first (the Thue-Morse sequence).
        """
        levels = 1 if level is not None else len(self.levels)
        place, at = divmod(index, levels)
        if levels % 2 == 0 and self.flawed == Fraction(1, 2):
            phase = Fraction(1 - at.bit_count() % 2, 2)
        else:
            phase = max(Fraction(0), Fraction(100 * (levels - 1 - at) - 1, 100 * levels))
        return floor((place + 1) * self.flawed + phase) > floor(place * self.flawed + phase)

    def new_key(self, draft: Draft | None, level: int | None, index: int) -> str:
        """The key of a draft that was found. Raises GenerationError if none was."""
        if draft is None:
            at = self.level_of(level, index)
            raise GenerationError(f"{self.id} level {at}: no new problem in {MAX_DRAWS:,} draws; ask for fewer")
        return draft.key

    def item(self, draft: Draft, seed: int, level: int | None, index: int) -> Item:
        """The draft with its id."""
        return Item(
            id=f"{self.id}-s{seed}-{index:04d}",
            task=self.id,
            level=self.level_of(level, index),
            seed=seed,
            shown=draft.shown,
            reference=draft.reference,
            difficulty=draft.difficulty,
        )


def item_rng(*parts: str | int) -> Random:
    """A generator of random numbers that depends on nothing but ``parts`` (no hash seed, no global state)."""
    return Random(int.from_bytes(sha256(repr(parts).encode()).digest()[:16], "big"))


def load_items(lines: Sequence[str]) -> list[Item]:
    """Items from JSON lines; an error names the line."""
    items = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                items.append(Item.from_json(line))
            except ItemFormatError as error:
                raise ItemFormatError(f"line {number}: {error}") from error
    return items
