"""What an attack is, and how well it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb
from random import Random
from typing import Any

from proofgrid.tasks.core import Item, Task

Shown = Mapping[str, Any]
Writer = Callable[[Shown, Random], str]
"""An answer's text from what an item shows, and nothing else of the item."""

SURE = 1e-4
"""A score above chance counts where chance alone would reach it less often than this, over all attacks of a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One way to write answers without reasoning."""

    name: str
    kind: str
    """constant (the same text for every item), template, statistics, clothes or limits."""
    write: Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an attack did on a task's items. ``won`` counts items."""

    attack: Attack
    won: int
    items: int
    example: str | None
    """The id of an item that was won."""
    raised: str | None = None
    """An item that scoring failed on, and the error: the answer then has no score, which is better than a wrong one."""

    @property
    def pays(self) -> bool:
        """Whether it won an item, or made scoring fail."""
        return self.won > 0 or self.raised is not None

    @property
    def score(self) -> float:
        """The share of the items that were won."""
        return self.won / self.items if self.items else 0.0


def run(task: Task, items: Sequence[Item], attack: Attack) -> Result:
    """The attack on every item. An answer is won where its outcome is correct or it has any points."""
    won, example, raised = 0, None, None
    for item in items:
        text = attack.write(item.shown, Random(f"{attack.name} {item.id}"))
        try:
            score = task.score(item, text)
        except Exception as error:
            raised = raised or f"{item.id}: {error!r}"
            continue
        if score.outcome == "correct" or score.points > 0:
            won += 1
            example = example or item.id
    return Result(attack=attack, won=won, items=len(items), example=example, raised=raised)


def tail(won: int, items: int, chance: float) -> float:
    """The probability that at least ``won`` of ``items`` are won where each is with probability ``chance``."""
    return sum(comb(items, k) * chance**k * (1 - chance) ** (items - k) for k in range(won, items + 1))


def passes_chance(result: Result, chance: float, attacks: int) -> bool:
    """Whether an attack did better than chance allows, or made scoring fail.

    A constant may not do better at all: the task states what the best constant earns. What depends on the item may be
    lucky, as often as the best of ``attacks`` coins is.
    """
    if result.raised is not None:
        return True
    if result.won <= chance * result.items + 1e-9:
        return False
    return result.attack.kind == "constant" or tail(result.won, result.items, chance) * attacks < SURE


def constant(name: str, text: str) -> Attack:
    """An answer that does not look at the item."""
    return Attack(name=name, kind="constant", write=lambda shown, rng: text)


def template(name: str, write: Callable[[Shown], str], kind: str = "template") -> Attack:
    """An answer made from what is shown, always in the same way."""
    return Attack(name=name, kind=kind, write=lambda shown, rng: write(shown))


def remembered(proofs: Callable[[Shown], Iterable[tuple[str, str]]], shown: Shown) -> dict[str, str]:
    """All of a family's texts for one problem by name, made once."""
    return _made(proofs, tuple(shown["premises"]), str(shown["goal"]))


@lru_cache(maxsize=512)
def _made(proofs: Callable[[Shown], Iterable[tuple[str, str]]], premises: tuple[str, ...], goal: str) -> dict[str, str]:
    return dict(proofs({"premises": premises, "goal": goal}))


def proof_answer(proof: str) -> str:
    """The answer format of the proof-writing tasks."""
    return json.dumps({"description": "-", "proof": proof})


def named(prefix: str, writers: Iterable[Callable[[Shown], str]]) -> list[Attack]:
    """Templates that are called as their functions are."""
    return [template(f"{prefix} {write.__name__.strip('_').replace('_', ' ')}", write) for write in writers]
