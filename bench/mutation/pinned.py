"""Mutants before the pinned verdicts, cheaply: a copy of one warm process a mutant, texts in the order that finds most.

The process has imported everything but ProofGrid. Each copy imports ProofGrid with the mutant in its module's place,
asks for what is written down of one text after the other, and ends at the first that is said otherwise.
"""

from __future__ import annotations

import ast
import gc
import json
import mmap
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.mutation.overlay import MutantFinder

CHECKER = Path(__file__).resolve().parents[2] / "proofgrid" / "checker"
SECONDS = 2.0
"""Processor seconds of one text, which takes some milliseconds: a mutant that takes longer never ends."""
ASLEEP = 120.0
"""Seconds of one text on the clock, at any load."""
MEMORY = 3 * 2**30
BEFORE = (
    "lark",
    "json",
    "re",
    "dataclasses",
    "typing",
    "itertools",
    "functools",
    "importlib.resources",
    "hashlib",
    "pysat.solvers",
)
"""What a copy need not import."""


def warm() -> None:
    """Import what the copies share."""
    for name in BEFORE:
        import_module(name)
    gc.collect()
    gc.freeze()


def said(row: Mapping[str, Any]) -> str:
    """What is said of a text now, as one line; of CONSTANTS, what they are."""
    if row["language"] == CONSTANTS["language"]:
        from tests.checker.pinned.constants import constants

        return json.dumps(constants(), ensure_ascii=False)
    from tests.checker.pinned.told import stated

    return json.dumps(stated(row["language"], row["problem"], row["proof"], row["options"]), ensure_ascii=False)


def states(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str | Exception, float, dict[str, list[int]]]]:
    """Of each text what is said of it (or why nothing can be), the seconds that took, and the lines it runs through.

    Imports ProofGrid: for a process that is no mutant's ancestor (see ``apart``).
    """
    import coverage

    said(CONSTANTS)  # imports every module: what runs then belongs to no text
    measure = coverage.Coverage(data_file=None, source=[str(CHECKER)], config_file=False)
    out: list[tuple[str | Exception, float]] = []
    measure.start()
    for number, row in enumerate(rows):
        measure.switch_context(str(number))
        begun = time.process_time()
        try:
            what: str | Exception = said(row)
        except Exception as error:
            what = error
        out.append((what, time.process_time() - begun))
    measure.stop()
    lines: list[dict[str, list[int]]] = [{} for _ in rows]
    data = measure.get_data()
    for path in data.measured_files():
        module = Path(path).relative_to(CHECKER.parents[1]).as_posix()
        for line, contexts in data.contexts_by_lineno(path).items():
            for context in filter(None, contexts):
                lines[int(context)].setdefault(module, []).append(line)
    for (what, seconds), seen in zip(out, lines, strict=True):
        yield what, seconds, seen


def apart(work: Callable[[], None]) -> None:
    """Do something in a copy of this process, which stays without what it imports."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("a step of its own process failed")


class Through:
    """Which texts run through which lines, so that a mutant is shown only those that can tell it."""

    def __init__(self, lines: Iterable[Mapping[str, Iterable[int]]]) -> None:
        self.at: dict[tuple[str, int], set[int]] = {}
        self.within: dict[str, set[int]] = {}
        self.count = 0
        for number, seen in enumerate(lines):
            self.count += 1
            for module, rows in seen.items():
                self.within.setdefault(module, set()).add(number)
                for line in rows:
                    self.at.setdefault((module, line), set()).add(number)

    def near(self, module: str) -> set[int]:
        """The texts that run through a module, else through one of its package: no text runs through patterns."""
        package = module.rpartition("/")[0]
        inside = [texts for name, texts in self.within.items() if name.rpartition("/")[0] == package]
        return self.within.get(module) or set().union(*inside)

    def executed(self, mutant: Mapping[str, Any]) -> bool:
        """Whether any text runs through its lines themselves, which it does not where they are a default or a table."""
        lines = next(iter(around(mutant)))
        return any(self.at.get((mutant["module"], line)) for line in lines)

    def __call__(self, mutant: Mapping[str, Any]) -> set[int]:
        """The texts that run through its lines, else its statement, else its function; none where it is a table."""
        for lines in around(mutant):
            if here := {n for line in lines for n in self.at.get((mutant["module"], line), ())}:
                return here
        return set()


def around(mutant: Mapping[str, Any]) -> Iterator[Collection[int]]:
    """The lines of a mutant, of its statement without what is nested in it, and of the function that it is in."""
    mutated = range(mutant["line"], mutant["line"] + max(1, len(mutant["before"].splitlines())))
    yield mutated
    tree = ast.parse((CHECKER.parents[1] / mutant["module"]).read_text(encoding="utf-8"))
    statements = [row for row in ast.walk(tree) if isinstance(row, ast.stmt)]
    inside = [row for row in statements if _first(row) <= mutated[0] <= (row.end_lineno or 0)]
    inside.sort(key=lambda row: (row.end_lineno or 0) - _first(row))
    functions = [row for row in inside if isinstance(row, ast.FunctionDef)]
    if functions and inside[0] is not functions[0]:
        last = min((n.lineno - 1 for n in ast.walk(inside[0]) if isinstance(n, ast.stmt) and n is not inside[0]),
            default=inside[0].end_lineno or 0)  # fmt: skip
        yield range(inside[0].lineno, last + 1)
    if functions:
        yield range(functions[0].body[0].lineno, (functions[0].end_lineno or 0) + 1)


def _first(row: ast.stmt) -> int:
    """The first line of a statement, its decorators among them."""
    return min([row.lineno, *(d.lineno for d in getattr(row, "decorator_list", ()))])


def first_found(mutant: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], order: Iterable[int]) -> int | None:
    """The number of the first text that tells the mutant from the code; -1 where it cannot be imported; None: no text.

    Each row has ``want``: what ``said`` says of it without a mutant.
    """
    with mmap.mmap(-1, 8) as place:  # shared with the copy
        place[:] = _IMPORTING.to_bytes(8, "little", signed=True)
        child = os.fork()
        if not child:
            _child(mutant, rows, order, place)
        os.waitpid(child, 0)
        number = int.from_bytes(place[:], "little", signed=True)
    return None if number == _NONE else number


CONSTANTS = {"language": "constants", "problem": "", "proof": "", "options": {}}
"""Stands in a list of texts for the constants of the checker (tests/checker/test_constants.py)."""
_IMPORTING, _NONE = -1, -2


def _child(
    mutant: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], order: Iterable[int], place: mmap.mmap
) -> None:
    """Note the number of each text before it is looked at: whatever happens then, the last one noted is the one."""
    gc.disable()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGVTALRM, signal.SIGALRM):
        signal.signal(number, lambda *_: os._exit(1))
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        sys.meta_path.insert(0, MutantFinder(mutant["module"], mutant["source"]))
        import_module("tests.checker.pinned.told")
        for number in order:
            place[:] = number.to_bytes(8, "little", signed=True)
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            signal.setitimer(signal.ITIMER_REAL, ASLEEP)  # it may wait for what never comes
            if said(rows[number]) != rows[number]["want"]:
                os._exit(1)
        place[:] = _NONE.to_bytes(8, "little", signed=True)
    finally:
        os._exit(0)
