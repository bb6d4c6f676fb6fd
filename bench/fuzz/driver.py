"""What the fuzzers share: seeds and dictionary on disk for libFuzzer, and --quick for 8,000 inputs."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

if TYPE_CHECKING:
    from proofgrid.checker.verdict import Failure, Fix


def places_lie_inside(text: str, failures: Iterable[Failure | None], fixes: Iterable[Fix] = ()) -> None:
    """Assert that what a verdict points at stands in the text, whose lines end as the checker says they do."""
    from proofgrid.checker.places import plain_text  # a fuzzer imports the checker first, with its counters

    lines = plain_text(text).split("\n")
    for failure in failures:
        if failure is not None and failure.line:
            assert failure.line <= len(lines), "a line outside the text"
            assert 1 <= failure.column <= len(lines[failure.line - 1]) + 1, "a column outside its line"
    assert all(1 <= fix.line <= len(lines) for fix in fixes), "a fix outside the text"


def fuzz(one_input: Callable[[bytes], None], seeds: Iterable[bytes], words: Iterable[str], max_len: int) -> None:
    """Fuzz ``one_input``; libFuzzer's own options are taken from the command line. Does not return."""
    from proofgrid.checker.places import plain_text

    if "__ATHERIS_INSTRUMENTED__" not in plain_text.__code__.co_consts:
        sys.exit("the checker was imported without coverage counters: libFuzzer would be guessing")
    arguments = [a for a in sys.argv if a != "--quick"]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "seeds"
        corpus.mkdir()
        for i, seed in enumerate(seeds):
            (corpus / str(i)).write_bytes(seed)
        dictionary = Path(folder) / "words.dict"
        dictionary.write_text("".join(f'"{word}"\n' for word in words), encoding="utf-8")
        arguments += [f"-dict={dictionary}", f"-max_len={max_len}", str(corpus)]
        if "--quick" in sys.argv:
            arguments.append("-runs=8000")
        atheris.Setup(arguments, one_input)
        atheris.Fuzz()
