"""Progress for people: bars on a terminal, plain lines elsewhere, nothing but warnings with ``--quiet``."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

if TYPE_CHECKING:
    from proofgrid.run.runner import Runner
    from proofgrid.run.state import ModelState

PLAIN_SECONDS = 10.0
STILL_SECONDS = 30.0
"""Without an answer for so long, a plain line says what the requests that are out wait for."""


def seconds_text(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def cost_text(cost: float, unknown: int, answers: int) -> str:
    """Dollars; ``unknown`` where no answer has a known cost, ``> $x`` where some have none."""
    if unknown and unknown >= answers:
        return "unknown"
    if 0 < cost < 0.00005:
        text = "< $0.0001" if not unknown else "$0.0000"
    else:
        text = f"${cost:.2f}" if cost == 0 or cost >= 0.1 else f"${cost:.4f}"
    return f"> {text}" if unknown else text


def making_line(what: str, done: int, of: int) -> str:
    """``making pl1_pw items, seed 7: 3 of 60``."""
    return f"making {what}" + (f": {done:,} of {of:,}" if of else "")


def facts(state: ModelState) -> dict[str, Any]:
    """What a bar says, as texts."""
    elapsed = time.monotonic() - state.answering if state.answering is not None else 0.0
    rate = state.arrived / elapsed if elapsed > 0 else 0.0
    tokens = state.tokens_per_second()
    cost = cost_text(state.cost, state.unknown_cost, state.arrived - state.failed)
    left = state.total - state.done
    return {
        "correct": f"{state.correct / state.scored:.0%} correct" if state.scored else "",
        "rate": "" if tokens is None else f"{tokens:,.0f} tok/s" if tokens >= 10 else f"{tokens:.1f} tok/s",
        "cost": cost.replace("unknown", "cost unknown") if state.cost or state.unknown_cost else "",
        "eta": f"ETA {seconds_text(left / rate)}" if rate > 0 and left else "",
        "errors": f"{state.errors} errors" if state.errors else "",
        "wait": state.waiting()
        or state.busy()
        or ("waiting" if state.started is None and state.done < state.total else ""),
    }


def plain_line(state: ModelState) -> str:
    """One line of progress."""
    said = facts(state)
    parts = [f"{state.done}/{state.total}", *(said[n] for n in ("correct", "rate", "cost", "eta", "errors") if said[n])]
    if state.status == "starting":
        parts.append("starting")
    if waiting := state.waiting() or state.busy():
        parts.append(waiting)
    return f"{state.label}: {', '.join(parts)}"


class Silent:
    """``--quiet``: only what a user must know."""

    def say(self, line: str) -> None:
        """Print a line to standard error."""
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def note(self, line: str) -> None:
        """A line that is only for the curious."""

    @contextmanager
    def making(self) -> Iterator[Callable[[str, int, int], None]]:
        """What to tell while items are made: what is made, how many there are, of how many."""
        yield lambda what, done, of: None

    def watch(self, runner: Runner) -> Callable[[], None]:
        """Start showing a runner's states; returns what ends it."""
        return lambda: None


class Plain(Silent):
    """Lines, every ten seconds if something moved or is waited for; every thirty while requests are merely out."""

    def note(self, line: str) -> None:
        """A line that is only for the curious."""
        self.say(line)

    @contextmanager
    def making(self) -> Iterator[Callable[[str, int, int], None]]:
        """A line for each kind of items when it begins, and every ten seconds."""
        said: dict[str, float] = {}

        def tell(what: str, done: int, of: int) -> None:
            now = time.monotonic()
            if what not in said or now - said[what] >= PLAIN_SECONDS:
                said[what] = now
                self.say(making_line(what, done, of))

        yield tell

    def watch(self, runner: Runner) -> Callable[[], None]:
        """Print a line a model from a thread of its own, and a last one at the end."""
        ended = threading.Event()
        shown: dict[str, tuple[int, str]] = {}
        said: dict[str, float] = {}

        def lines() -> Iterable[str]:
            for state in runner.states.values():
                now = (state.done, state.status)
                moved = shown.get(state.label) != now
                still = state.in_flight and time.monotonic() - said.get(state.label, 0.0) >= STILL_SECONDS
                if state.started is not None and (moved or ((state.waits or still) and not ended.is_set())):
                    shown[state.label] = now
                    said[state.label] = time.monotonic()
                    yield plain_line(state)

        def loop() -> None:
            while not ended.wait(PLAIN_SECONDS):
                for line in lines():
                    self.say(line)

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()

        def end() -> None:
            ended.set()
            thread.join()
            for line in lines():
                self.say(line)

        return end


class Bars(Silent):
    """A bar a model, drawn by rich on the terminal."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)

    def say(self, line: str) -> None:
        """Print a line above the bars."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def note(self, line: str) -> None:
        """A line that is only for the curious."""
        self.say(line)

    @contextmanager
    def making(self) -> Iterator[Callable[[str, int, int], None]]:
        """One line that changes in place, and goes when all items are there."""
        with self.console.status("") as status:
            yield lambda what, done, of: status.update(Text(making_line(what, done, of)))

    def watch(self, runner: Runner) -> Callable[[], None]:
        """Draw bars from a thread of its own until the run ends."""
        names = ("correct", "rate", "cost", "eta", "errors", "wait")
        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        ]
        progress = Progress(
            *columns, *(TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in names), console=self.console
        )
        bars = {
            label: progress.add_task(label, total=state.total, completed=state.done, **facts(state))
            for label, state in runner.states.items()
        }
        ended = threading.Event()

        def update() -> None:
            for label, state in runner.states.items():
                progress.update(bars[label], total=state.total, completed=state.done, **facts(state))

        def loop() -> None:
            while not ended.wait(0.25):
                update()

        thread = threading.Thread(target=loop, daemon=True)
        progress.start()
        thread.start()

        def end() -> None:
            ended.set()
            thread.join()
            update()
            progress.stop()

        return end


def make_display(quiet: bool) -> Silent:
    """Bars where standard error is a terminal, plain lines where not."""
    if quiet:
        return Silent()
    return Bars() if sys.stderr.isatty() else Plain()
