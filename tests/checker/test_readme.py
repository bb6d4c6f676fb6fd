"""The examples of checker/README.md run and give what they show."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from proofgrid.checker.natural.kinds import STRUCTURAL_KINDS, SYNTAX_KINDS
from proofgrid.checker.natural.report import CLASSES

README = Path(__file__).resolve().parents[2] / "proofgrid" / "checker" / "README.md"


def test_the_examples_run() -> None:
    """Every example gives the output that stands below it."""
    text = README.read_text(encoding="utf-8").replace("```", "")
    test = doctest.DocTestParser().get_doctest(text, {}, README.name, str(README), 0)
    assert len(test.examples) > 8
    failed = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test).failed
    assert failed == 0


def test_every_kind_is_documented() -> None:
    """Each kind of fix has its row and each kind of failure its mention; the README names no others as fixes."""
    text = README.read_text(encoding="utf-8")
    rows = {kind for row in re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", text, re.M) for kind in row.split(", ")}
    assert rows == {f"`{kind}`" for kind in (*SYNTAX_KINDS, *STRUCTURAL_KINDS)}
    assert all(f"`{kind}`" in text for kind in CLASSES)
