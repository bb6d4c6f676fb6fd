"""The glossary: every code has its plain name, and every example fails as its entry says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from proofgrid.checker import check
from proofgrid.checker import slips as shared
from proofgrid.checker.equational import read as equational
from proofgrid.checker.hilbert import formulas as hilbert_formulas
from proofgrid.checker.hilbert import read as hilbert
from proofgrid.checker.natural.kinds import STRUCTURAL_KINDS, SYNTAX_KINDS
from proofgrid.checker.natural.report import CLASSES
from proofgrid.cli import command_line
from proofgrid.commands.explain import explanation
from proofgrid.errors import UserError
from proofgrid.glossary import ENTRIES, find, near, plain_name
from proofgrid.tasks.outcomes import OUTCOMES

GOLDEN = Path(__file__).parent / "golden"
WITH_EXAMPLE = [entry for entry in ENTRIES.values() if entry.example is not None]


@pytest.mark.parametrize("entry", WITH_EXAMPLE, ids=lambda entry: entry.code)
def test_an_example_fails_as_it_says_and_its_mended_proof_is_right(entry):
    """The checker's verdict of the example has the entry's kind; without the error the proof is strictly right."""
    example = entry.example
    verdict = check(example.problem, example.proof, language=example.language)
    assert verdict.failure is not None
    assert verdict.failure.kind == entry.code
    assert check(example.problem, example.mended, language=example.language).strict


def test_every_kind_of_failure_and_fix_has_an_entry():
    """What the checker can say stands in the glossary, in plain words that are not the code."""
    constants = [
        value
        for module in (shared, equational, hilbert, hilbert_formulas)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.replace("-", "").isalpha() and value.islower()
    ]
    codes = {*CLASSES, *SYNTAX_KINDS, *STRUCTURAL_KINDS, *constants}
    assert len(codes) > 40
    assert sorted(codes - set(ENTRIES)) == []
    for code in CLASSES:
        assert plain_name(code) != code
        assert ENTRIES[code].remedy


def test_words_are_found_whatever_their_case_and_near_ones_are_offered():
    """notinab, missing parentheses and esi* find their entries; a slip of the pen is met with guesses."""
    assert find("NOTINAB") is ENTRIES["notInAB"]
    assert find("missing parentheses") is ENTRIES["missing-parentheses"]
    assert find("esi*") is ENTRIES["ESI*"]
    assert find("nothing like it") is None
    assert "notInAB" in near("notInBA")
    assert plain_name("brandNew") == "brandNew"
    assert {o for o in OUTCOMES if o not in ("correct", "incorrect", "empty", "refused", "scorer_error")} == {
        "truncated", "unparsable", "api_error", "checker_limit",
    }  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("code", ["notInAB", "malformedRuleApp", "wrongTopConclusion", "ESI*", "entailed"])
def test_an_explanation_reads_as_it_did(code, width):
    """What `proofgrid explain` prints is compared with a golden file (PROOFGRID_WRITE_GOLDEN=1 writes it)."""
    text = explanation(code, width=width)
    path = GOLDEN / f"explain_{code.replace('*', '_star')}_{width}.txt"
    if os.environ.get("PROOFGRID_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")
    assert max(len(line) for line in text.splitlines() if not line.startswith("    ")) <= width


def test_the_command_lists_all_and_refuses_strangers():
    """Without a word it lists every code; a word that is none ends with one sentence."""
    listed = CliRunner().invoke(command_line(), ["explain"])
    assert listed.exit_code == 0
    assert all(code in listed.output for code in ENTRIES)
    assert "not shown to hold" in CliRunner().invoke(command_line(), ["explain", "notinab"]).output
    refused = CliRunner().invoke(command_line(), ["explain", "notInBA"])
    assert isinstance(refused.exception, UserError)
    assert "did you mean notInAB" in str(refused.exception)
