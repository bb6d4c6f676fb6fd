"""``run --adaptive se=0.3``: ask each model only as many items as its ability needs, the most telling ones first.

The items come from a bank that ``proofgrid irt --save-bank`` wrote. What is asked next depends on nothing but the bank
and the answers in the store, so an interrupted run goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proofgrid.errors import UserError
from proofgrid.run.records import Cell
from proofgrid.run.store import RunStore
from proofgrid.tasks.outcomes import cell

if TYPE_CHECKING:
    from proofgrid.irt import AdaptiveState, AdaptiveTest, Bank
    from proofgrid.models.config import ModelConfig
    from proofgrid.run.display import Silent
    from proofgrid.run.state import Ending, RunOptions

_POLL = 0.02


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one model was placed, and from how many items of how many."""

    model: str
    ability: float
    se: float
    asked: int
    available: int

    @property
    def saving(self) -> float:
        """Share of the items that were not asked."""
        return 1 - self.asked / self.available

    def sentence(self, target: float) -> str:
        """For a person."""
        reached = "" if self.se <= target else f" (se {target:g} is out of these items' reach)"
        return (
            f"{self.model}: ability {self.ability:.2f} ± {self.se:.2f} from {self.asked} of {self.available} items, "
            f"{self.saving:.0%} saved{reached}"
        )


def run_adaptive(
    store: RunStore,
    configs: Sequence[ModelConfig],
    ids: Sequence[str],
    wanted: str,
    bank: Path,
    options: RunOptions,
    display: Silent,
) -> Ending:
    """Ask every model until its ability has the wanted standard error. ``wanted`` is ``se=X``. Raises UserError."""
    from proofgrid.irt import AdaptiveTest, IrtError, load_bank
    from proofgrid.run.runner import execute

    target = parse_target(wanted)
    if batched := [config.label for config in configs if config.batch]:
        raise UserError(f"--adaptive chooses items by the answers so far; ask {batched[0]} without --batch")
    try:
        loaded = load_bank(bank)
        test = AdaptiveTest(loaded, target, batch=max(4, min(16, options.concurrency)))
    except IrtError as error:
        raise UserError(str(error)) from error
    check_hashes(loaded, store.meta())
    available = [item for item in ids if item in set(loaded.items)]
    if not available:
        raise UserError(f"none of these items is in the bank {bank}; give the suite or seed that it was fitted to")
    cells = {config.label: choose(store, test, config.label, available) for config in configs}

    def watch(runner: Any) -> Any:
        for state in runner.states.values():
            state.total = len(available)
        return display.watch(runner)

    outcome = execute(store, configs, cells, options, display.say, watch)
    for config in configs:
        state = test.state(answers_of(store, config.label), available=available)
        place = Placement(config.label, state.ability, state.se, state.asked, len(available))
        display.say(place.sentence(target))
    return outcome


async def choose(store: RunStore, test: AdaptiveTest, label: str, available: Sequence[str]) -> AsyncIterator[Cell]:
    """The model's next cells, as its answers come in; ends when the standard error is reached or items are used up."""
    allowed = frozenset(available)
    given: set[str] = set()
    state: AdaptiveState | None = None
    known = -1
    while True:
        answers = answers_of(store, label)
        if len(answers) != known:
            known = len(answers)
            state = test.state(answers, given - answers.keys(), allowed)
            if state.done:
                return
            for item in state.next_items:
                given.add(item)
                yield Cell(label, item)
        await asyncio.sleep(_POLL)


def answers_of(store: RunStore, label: str) -> dict[str, float | None]:
    """First answers of a model that are scored: 1, 0, or None where there is no usable one."""
    from proofgrid.scoring import scorer_fingerprint

    outcomes = store.outcomes(scorer_fingerprint(), label)
    found: dict[str, float | None] = {}
    for item, attempt, round_, key, failed in store.states(label):
        if attempt == 0 and round_ == 0:
            if failed:
                found[item] = None
            elif key in outcomes:
                found[item] = cell(outcomes[key], 1.0 if outcomes[key] == "correct" else 0.0)
    return found


def parse_target(wanted: str) -> float:
    """The number in ``se=0.3``. Raises UserError."""
    name, _, value = wanted.partition("=")
    try:
        target = float(value)
    except ValueError:
        target = 0.0
    if name.strip() != "se" or not 0 < target < 10:
        raise UserError(f"--adaptive {wanted} says nothing; write the wanted standard error as --adaptive se=0.3")
    return target


def check_hashes(bank: Bank, meta: dict[str, Any]) -> None:
    """Raise UserError where the bank was fitted to another version of a suite than the run's."""
    for source in meta.get("sources", []):
        for task, content in (source.get("hashes") or {}).items():
            if bank.hashes.get(task, content) != content:
                raise UserError(f"the bank was fitted to another version of {task} than this run's items; fit it again")
