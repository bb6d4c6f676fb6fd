"""One mutant in the place of its module: it is made of the mutant's source, nothing is read or kept as bytecode."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class MutantLoader(SourceFileLoader):
    """Loads the mutant's source."""

    source = b""

    def get_data(self, path: str) -> bytes:
        """The mutant, whatever is asked for."""
        return self.source

    def path_stats(self, path: str) -> dict[str, float]:
        """Nothing that bytecode could be compared with."""
        raise OSError("a mutant has no bytecode")

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Keep nothing."""


class MutantFinder(MetaPathFinder):
    """Finds the mutated module before the real one is found."""

    def __init__(self, module: str, source: str) -> None:
        self.path = ROOT / module
        parts = Path(module).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.source = source.encode()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The mutant's module, and no other."""
        if fullname != self.name:
            return None
        loader = MutantLoader(fullname, str(self.path))
        loader.source = self.source
        inside = [str(self.path.parent)] if self.path.stem == "__init__" else None
        return spec_from_file_location(fullname, self.path, loader=loader, submodule_search_locations=inside)
