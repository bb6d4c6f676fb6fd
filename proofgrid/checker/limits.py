"""The checker's limits (SPEC 3, checkerLimit): beyond them there is no verdict, never a wrong one."""

from __future__ import annotations

from time import perf_counter

from proofgrid.checker.errors import CheckerError

MAX_BYTES = 20_000_000
MAX_STEPS = 500_000
SECONDS_PER_MB = 10.0


class LimitReached(CheckerError):
    """A check went over one of its limits; caught inside the package, where it becomes a checkerLimit failure."""


class Budget:
    """The time that a text of ``size`` characters may cost: 10 s a MB, 10 s at least.

    Call :meth:`spend` in every loop whose length the text does not bound; it reads the clock only now and then.
    """

    __slots__ = ("_left", "_until")

    def __init__(self, size: int) -> None:
        self._until = perf_counter() + SECONDS_PER_MB * max(1.0, size / 1_000_000)
        self._left = 0

    def spend(self, work: int = 1) -> None:
        """Account for ``work`` units (of about a microsecond); LimitReached once the time is over."""
        self._left -= work
        if self._left < 0:
            self._left = 4096
            self.look()

    def look(self) -> None:
        """Read the clock now; LimitReached once the time is over."""
        if perf_counter() > self._until:
            raise LimitReached("the check took longer than 10 seconds a megabyte")


class Effort(Budget):
    """A budget of SAT conflicts instead of time, so that a search ends at the same point on every machine.

    For what a verdict can do without: a diagnosis. ``looks`` counts the solver's rounds of 20,000 conflicts.
    """

    __slots__ = ("_looks",)

    def __init__(self, looks: int) -> None:
        super().__init__(0)
        self._looks = looks

    def spend(self, work: int = 1) -> None:
        """Nothing: only rounds of the solver count."""

    def look(self) -> None:
        """Account for one round; LimitReached once they are used up."""
        self._looks -= 1
        if self._looks < 0:
            raise LimitReached("the search for a countermodel was given up")


def check_size(text: str) -> None:
    """LimitReached where ``text`` is over 20 MB in UTF-8."""
    if len(text) > MAX_BYTES or (len(text) > MAX_BYTES // 4 and len(text.encode("utf-8", "replace")) > MAX_BYTES):
        raise LimitReached("the text is over 20 MB")
