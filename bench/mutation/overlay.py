"""One mutant in the place of its module, for one run of the tests.

A pytest plugin: PROOFGRID_MUTANT names a JSON file with ``module`` (a path) and ``source``; the module is then made of
that source, and nothing is read or kept as bytecode.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import Phase, settings

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


if mutant := os.environ.get("PROOFGRID_MUTANT"):
    _row = json.loads(Path(mutant).read_text(encoding="utf-8"))
    sys.meta_path.insert(0, MutantFinder(_row["module"], _row["source"]))


def pytest_configure() -> None:
    """A failure is enough: nothing is made smaller, and every run draws the same examples."""
    settings.register_profile(
        "mutants",
        settings.get_profile("untimed"),
        phases=[Phase.explicit, Phase.generate],
        database=None,
        derandomize=True,
    )
    settings.load_profile("mutants")
