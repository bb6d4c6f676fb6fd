"""The table that proofs are parsed by is the one that lark makes of the stated grammar."""

from __future__ import annotations

import subprocess
import sys

import pytest

from proofgrid.checker.natural.grammar import TABLE, make_table, written


def test_the_table_is_what_lark_makes_of_the_grammar() -> None:
    """After a change of proof.lark: python -m proofgrid.checker.natural.grammar."""
    assert TABLE.read_text(encoding="utf-8") == written(make_table())


@pytest.mark.parametrize("seed", ["1", "7"])
def test_the_table_depends_on_no_hash_seed(seed: str) -> None:
    """The same bytes in any process."""
    code = "from proofgrid.checker.natural.grammar import *; print(written(make_table()), end='')"
    made = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    )
    assert made.stdout == TABLE.read_text(encoding="utf-8")


def test_checking_needs_no_lark() -> None:
    """A proof is checked in a process that has not imported lark."""
    check_one = "print(check('A # A', 'claim on A').strict, 'lark' in sys.modules)"
    code = f"import sys; from proofgrid.checker import check; {check_one}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"
