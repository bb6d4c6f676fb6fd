"""Tables of things of which there is one object each: formulas and terms.

A table owns what it has; what nobody else holds is swept out of it whenever it has doubled. (Weak references do the
same at several times the cost of a new thing.) A key holds the parts of what it stands for, so a thing stands behind
its parts in the table, and a sweep from the back takes a deep one apart level by level.
"""

from __future__ import annotations

from sys import getrefcount
from threading import Lock
from typing import Any, Final, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")
_SMALLEST: Final = 20_000
"""Things at which a table is first swept."""


class InternTable(Generic[_K, _V]):
    """The things by their keys (``made``), and how they are added."""

    __slots__ = ("_lock", "_sweep_at", "made")

    def __init__(self) -> None:
        self.made: dict[_K, _V] = {}
        self._lock = Lock()
        self._sweep_at = _SMALLEST

    def add(self, key: _K, thing: _V) -> _V:
        """``thing``, now in the table; or what was there first, put by another thread."""
        with self._lock:
            if len(self.made) >= self._sweep_at:
                self._sweep()
            return self.made.setdefault(key, thing)

    def sweep(self) -> None:
        """Forget what nothing outside the table holds. It is called now and then; memory is all it changes."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        """Sweep the table; the lock is held.

        Another thread may take a thing from the table until it is out of it, and not afterwards: so it is counted once
        more then, and put back where that has happened. Nobody adds anything meanwhile.
        """
        alone = _alone()
        made = self.made
        keys = list(made)
        while keys:
            key = keys.pop()  # the list must not hold it: a key holds the thing's parts
            if getrefcount(made[key]) == alone:
                taken = [made.pop(key)]
                if getrefcount(taken[0]) > alone:
                    made[key] = taken[0]
                taken.clear()
        self._sweep_at = max(_SMALLEST, 2 * len(made))


class _Thing:
    pass


def _alone() -> int:
    """What getrefcount says of something that one container holds, and nothing else."""
    container: list[Any] = [_Thing()]
    return getrefcount(container[0])
