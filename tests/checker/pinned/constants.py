"""Write down the constants of the checker: limits, kinds, classes, words, tables and defaults, all that is plain data.

    python tests/checker/pinned/constants.py      # write constants.json anew; look at the difference before you commit

Whether a verdict is given, and what a failure is called, hangs on them, and few texts are long enough to touch a limit.
Patterns are not among them: the pinned verdicts judge those by what they match.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import proofgrid.checker

FILE = Path(__file__).parent / "constants.json"
EXPORT = "proofgrid.checker.export"
"""What it writes other systems judge."""


def plain(value: Any) -> bool:
    """Whether a value is data that JSON can hold, the order of sets aside."""
    if isinstance(value, dict):
        return all(isinstance(k, str) and plain(v) for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def written(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, dict):
        return {k: written(v) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(written, value), key=repr)
    return list(map(written, value)) if isinstance(value, list | tuple) else value


def defaults(name: str, function: Any) -> dict[str, Any]:
    """What the arguments of a function are where they are not given."""
    if not isinstance(function, FunctionType):
        return {}
    found = {k: p.default for k, p in inspect.signature(function).parameters.items() if p.default is not p.empty}
    return {f"{name}({k})": written(v) for k, v in found.items() if plain(v)}


def constants() -> dict[str, dict[str, Any]]:
    """Module -> name -> value, where a module has its own constants: those that it imports are another's."""
    found: dict[str, dict[str, Any]] = {}
    for info in pkgutil.walk_packages(proofgrid.checker.__path__, "proofgrid.checker."):
        if info.name.startswith(EXPORT):
            continue
        module = import_module(info.name)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        own = {
            name: written(value)
            for name, value in vars(module).items()
            if name.isupper() and plain(value) and f"\n{name}" in source
        }
        for name, made in vars(module).items():
            if isinstance(made, type) and made.__module__ == module.__name__:
                own |= {f"{name}.{k}": written(v) for k, v in vars(made).items() if k[0] != "_" and plain(v)}
                for k, method in vars(made).items():
                    own |= defaults(f"{name}.{k}", getattr(method, "__func__", method))
            if getattr(made, "__module__", None) == module.__name__:
                own |= defaults(name, made)
        if own:
            found[info.name.removeprefix("proofgrid.checker.")] = dict(sorted(own.items()))
    return dict(sorted(found.items()))


if __name__ == "__main__":
    FILE.write_text(json.dumps(constants(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
