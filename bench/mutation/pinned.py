"""Mutants before the pinned verdicts, cheaply: a copy of one warm process a mutant, texts in the order that finds most.

The process has imported everything but ProofGrid. Each copy imports ProofGrid with the mutant in its module's place,
asks for what is written down of one text after the other, and ends at the first that is said otherwise.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import resource
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from bench.mutation.overlay import MutantFinder

SECONDS = 2.0
"""Processor seconds of one text, which takes some milliseconds: a mutant that takes longer never ends."""
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
    signal.signal(signal.SIGVTALRM, lambda *_: os._exit(1))
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        sys.meta_path.insert(0, MutantFinder(mutant["module"], mutant["source"]))
        import_module("tests.checker.pinned.told")
        for number in order:
            place[:] = number.to_bytes(8, "little", signed=True)
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            if said(rows[number]) != rows[number]["want"]:
                os._exit(1)
        place[:] = _NONE.to_bytes(8, "little", signed=True)
    finally:
        os._exit(0)
