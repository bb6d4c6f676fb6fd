"""The checker's limits (docs/spec.md section 3, checkerLimit): beyond them there is no verdict, never a wrong one.

Work is counted in steps of the algorithms, never in seconds, so the same text has the same verdict on every machine at
every load. :func:`within_limits` is the one place where a check that went over a limit becomes a verdict.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from proofgrid.checker.errors import CheckerError
from proofgrid.checker.places import plain_text
from proofgrid.checker.verdict import Failure, Language, Mode, Verdict, bounded

MAX_BYTES: Final = 20_000_000
MAX_STEPS: Final = 500_000
MAX_DEPTH: Final = 100_000
"""Levels to which blocks and formulas may be nested."""
BASE_WORK: Final = 1_000_000
WORK_PER_CHARACTER: Final = 5
"""Reading and evaluating a text spend under one unit a character; the rest is for searches that a text sets off."""
_LONG: Final = 20_000
"""Characters from which on a text is checked with no garbage collection."""
_CHUNK: Final = 20_000
"""Units (about 20 ms) between two looks at the clock, where a caller gave a timeout."""


class LimitReached(CheckerError):
    """A check went over one of its limits; :func:`within_limits` makes it a checkerLimit failure."""


class TimeoutReached(CheckerError):
    """A check went over its caller's own timeout; :func:`within_limits` makes it a checkerLimit that says so."""


class Work:
    """How much work a check may do. One unit is one small step of an algorithm, about a microsecond.

    The allowance is ``units``, or follows from the text's ``length``: 1,000,000 and 5 a character. ``timeout`` (seconds
    from now) is the caller's guard: the clock is read between the units, without signals or threads.
    Call :meth:`spend` in every loop whose length the text does not bound, and once for each step.
    """

    __slots__ = ("_deadline", "_later", "_left", "_timeout")

    def __init__(self, *, length: int = 0, units: int | None = None, timeout: float | None = None) -> None:
        total = BASE_WORK + WORK_PER_CHARACTER * length if units is None else units
        self._timeout = timeout
        self._deadline = None if timeout is None else monotonic() + timeout
        self._left = total if timeout is None else 0
        self._later = total - self._left

    @property
    def timed(self) -> bool:
        """Whether a caller's timeout runs."""
        return self._deadline is not None

    def spend(self, units: int = 1) -> None:
        """Account for ``units``; LimitReached where there are not so many left, TimeoutReached past the timeout."""
        self._left -= units
        if self._left < 0:
            self._look()

    def _look(self) -> None:
        if self._deadline is not None and monotonic() > self._deadline:
            raise TimeoutReached(f"the caller's timeout of {self._timeout:g} seconds was reached")
        if self._left + self._later < 0:
            raise LimitReached("the check takes more work than a text of this length may cost")
        chunk = min(self._later, _CHUNK - self._left)
        self._later -= chunk
        self._left += chunk

    def aside(self, units: int) -> Work:
        """An allowance of its own, under the same timeout, for what a verdict can do without (a diagnosis)."""
        made = Work(units=units)
        if self._deadline is not None:
            made._timeout, made._deadline = self._timeout, self._deadline
            made._left, made._later = 0, units
        return made


def check_size(text: str) -> None:
    """LimitReached where ``text`` is over 20 MB in UTF-8."""
    if len(text) > MAX_BYTES or (len(text) > MAX_BYTES // 4 and len(text.encode("utf-8", "replace")) > MAX_BYTES):
        raise LimitReached("the text is over 20 MB")


def check_steps(steps: int) -> None:
    """LimitReached where a proof has more than 500,000 steps."""
    if steps > MAX_STEPS:
        raise LimitReached(f"the proof has over {MAX_STEPS:,} steps")


@contextmanager
def without_collections(length: int) -> Iterator[None]:
    """No cyclic garbage is looked for while a long text is checked.

    Its tokens and tree are up to a million objects that all stay until the end, and going over them again and again
    took half of the time. What makes no cycles needs no collector; reference counts free it.
    """
    if length < _LONG or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def within_limits(
    check: Callable[[str, Work], Verdict],
    text: str,
    *,
    mode: Mode,
    language: Language,
    timeout: float | None = None,
) -> Verdict:
    """The verdict of ``check`` on ``text``, or that there is none (checkerLimit) where it went over a limit.

    ``check`` is handed the text without a byte order mark and with ``\\n`` at the lines' ends, and its allowance.
    """
    try:
        check_size(text)
        work = Work(length=len(text), timeout=timeout)
        work.spend()
        with without_collections(len(text)):
            return bounded(check(plain_text(text), work), len(text))
    except (LimitReached, TimeoutReached) as error:
        reason = str(error)
    except MemoryError:
        reason = "the check ran out of memory"
    except RecursionError:
        reason = "the text is nested too deeply"
    failure = Failure(kind="checkerLimit", class_="limit", step=None, line=0, column=0, message=f"no verdict: {reason}")
    return Verdict(
        correct=False,
        strict=False,
        conclusion=None,
        failure=failure,
        failures=(failure,),
        mode=mode,
        language=language,
    )
