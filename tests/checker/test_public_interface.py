"""What `import checker` offers, and that it may be used from several threads and processes at once."""

from __future__ import annotations

import ast
import importlib
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from proofgrid import checker
from proofgrid.checker import Verdict, check

PUBLIC = {
    "RULES",
    "CheckerError",
    "Failure",
    "Fix",
    "Formula",
    "FormulaSyntaxError",
    "Inference",
    "ProblemSyntaxError",
    "ProofSyntaxError",
    "Rewrite",
    "StepTrace",
    "Verdict",
    "check",
    "countermodel",
    "entails",
    "parse_formula",
    "parse_problem",
    "parse_proof",
    "trace_steps",
}


def test_the_surface_is_what_is_documented() -> None:
    """Every public name is there and documented; nothing that is used here goes away unnoticed."""
    assert set(checker.__all__) >= PUBLIC
    assert all(getattr(checker, name).__doc__ for name in checker.__all__)


@pytest.mark.parametrize("package", ["checker", "checker.equational", "checker.hilbert", "checker.export"])
def test_a_package_offers_what_it_brings_together(package: str) -> None:
    """What ``from ... import *`` gives is exactly what the package imports from its modules, each name once."""
    module = importlib.import_module(f"proofgrid.{package}")
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    imported = [a.asname or a.name for node in tree.body if isinstance(node, ast.ImportFrom) for a in node.names]
    assert sorted(module.__all__) == sorted(name for name in imported if name != "annotations")
    assert all(hasattr(module, name) for name in module.__all__)


def test_importing_checker_imports_no_other_room() -> None:
    """The library alone loads neither tasks nor models nor the command line."""
    code = (
        "import proofgrid.checker, sys; "
        "print(sorted(m for m in sys.modules if m.startswith(('proofgrid.tasks', 'proofgrid.irt', 'typer', 'numpy'))))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_every_language_is_reached() -> None:
    """One call serves the four languages."""
    assert check("A # A", "claim on A").language == "ndl"
    assert check("A # (A | B)", "(A | B) from A", language="macro").strict
    assert check(
        "A # (A ==> B) # B", "0. (A ==> B), Premise2;\n1. A, Premise1;\n2. B, mp, 0, 1;", language="hilbert"
    ).correct
    assert check("E1: f(X) = X # f(a) = a", "s = f(a)\n= a by E1", language="equational").correct


def test_threads_get_the_verdicts_that_one_thread_gets() -> None:
    """Checks in eight threads at once, on formulas they share, give the same verdicts."""
    problem = "A # (A ==> B) # (B | C)"
    texts = [f"{{ x{i} := B BY mp on A -> B, A; (B | C{i % 3}) BY left-either on x{i}, C{i % 3} }}" for i in range(60)]

    def verdict(text: str) -> Verdict:
        return check(problem, text, all_failures=True)

    alone = [verdict(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(verdict, texts)) == alone


def test_verdicts_can_be_sent_between_processes() -> None:
    """A verdict pickles, failure, fixes and all."""
    verdict = check("A # C", "C BY mp on A -> C, A", all_failures=True)
    assert verdict.failures
    assert pickle.loads(pickle.dumps(verdict)) == verdict


def test_hash_seeds_change_nothing() -> None:
    """The same check prints the same JSON whatever PYTHONHASHSEED is."""
    code = (
        "import json; from checker import check;"
        "proof = '{ x := (A ==> E); E BY cases on premise-1, x, (B ==> E); D BY claim on F }';"
        "v = check('(A | B) # (C ==> D) # E', proof, all_failures=True, profile='paper');"
        "print(json.dumps(v.to_json()))"
    )
    outputs = {
        subprocess.check_output([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PATH": ""})
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1
