"""Refuse to start with a stranger's ``checker``, ``tasks`` or ``irt`` in place of ours.

The three are common words: a ``tasks.py`` in the working directory, or another distribution, can shadow our package,
and what follows would be an AttributeError far from its cause.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

ROOMS = ("checker", "tasks", "irt")


def require_own_rooms() -> None:
    """Raise ImportError naming the file in the way where one of the names is not the package beside this one."""
    home = Path(__file__).resolve().parent.parent
    for name in ROOMS:
        spec = find_spec(name)
        ours = home / name / "__init__.py"
        found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if found != ours:
            places = spec.submodule_search_locations if spec is not None else None
            where = found or (next(iter(places), None) if places else None)
            raise ImportError(
                f"proofgrid needs its own package '{name}' ({ours}), but Python finds "
                + (f"{where} under that name: rename or remove it, or start elsewhere" if where else "none: reinstall")
            )
