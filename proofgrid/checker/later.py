"""Fields of a frozen dataclass that are worked out when one of them is first read.

A check finds a failure as data; its words, its nearest formulas and its countermodel cost more than the check itself,
and a trainer that asks for a reward reads none of them. Whoever reads one gets all, and nobody can tell the difference:
comparing, printing, copying and pickling read every field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T", bound="Later")


class Later:
    """Base of a frozen dataclass with slots whose instances may be made by :meth:`later`."""

    __slots__ = ("_tell",)

    @classmethod
    def later(cls: type[T], tell: Callable[[], Mapping[str, Any]], **known: Any) -> T:
        """An instance with the fields ``known``; ``tell`` is called once for the others, when one of them is read.

        It must say the same whenever it is called, and must not raise.
        """
        made = object.__new__(cls)
        for name, value in known.items():
            object.__setattr__(made, name, value)
        object.__setattr__(made, "_tell", tell)
        return made

    @property
    def untold(self) -> Callable[[], Mapping[str, Any]] | None:
        """What would work out the other fields; None if all are there."""
        try:
            tell: Callable[[], Mapping[str, Any]] | None = object.__getattribute__(self, "_tell")
        except AttributeError:  # made in the ordinary way
            return None
        return tell

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Called where a slot is empty."""
            if name in type(self).__dataclass_fields__ and (tell := self.untold) is not None:
                for field, value in tell().items():
                    object.__setattr__(self, field, value)
                object.__setattr__(self, "_tell", None)
                return object.__getattribute__(self, name)
            return object.__getattribute__(self, name)  # set meanwhile by another thread, or an AttributeError
