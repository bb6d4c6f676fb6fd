"""What the audit of installed packages says of a service's answers; no service is asked here."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

KNOWN = {"name": "one", "version": "1.0", "vulns": []}
SKIPPED = {"name": "two", "version": "2.0", "skip_reason": "Dependency not found"}
VULNERABLE = {
    "name": "three",
    "version": "3.0",
    "vulns": [{"id": "V-1", "aliases": ["W-1"], "fix_versions": ["3.1"], "description": "-"}],
}


@pytest.fixture
def audit() -> ModuleType:
    """The script beside this file, as a module."""
    spec = importlib.util.spec_from_file_location("audit", Path(__file__).with_name("audit.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers(module: ModuleType, monkeypatch: pytest.MonkeyPatch, **of: list[dict[str, Any]] | None) -> None:
    """Let services answer with these distributions; None: no answer."""
    reports = {name: None if rows is None else {"dependencies": rows} for name, rows in of.items()}
    monkeypatch.setattr(module, "ask", reports.__getitem__)


def test_a_vulnerability_fails(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named with what mends it."""
    answers(audit, monkeypatch, osv=[KNOWN, VULNERABLE, SKIPPED], pypi=None)
    assert audit.main() == 1
    said = capsys.readouterr().out
    assert "three 3.0: V-1, W-1; fixed in 3.1" in said
    assert "2 distributions asked about, 1 vulnerabilities" in said


def test_the_second_service_is_asked(audit: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first knows none of the packages."""
    answers(audit, monkeypatch, osv=[SKIPPED], pypi=[VULNERABLE])
    assert audit.main() == 1


@pytest.mark.parametrize("rows", [None, [SKIPPED], []])
def test_no_answer_is_not_called_clean(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    rows: list[dict[str, Any]] | None,
) -> None:
    """A closed network, and a mirror that knows no vulnerabilities, are said in a sentence."""
    answers(audit, monkeypatch, osv=rows, pypi=rows)
    assert audit.main() == 0
    assert "nothing was audited" in capsys.readouterr().out


def test_what_cannot_be_read_is_no_answer(audit: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A traceback of pip-audit, or an end without a word."""
    interpreter = tmp_path / "python"
    interpreter.write_text("#!/bin/sh\necho 'Traceback (most recent call last)'; exit 1\n")
    interpreter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    assert audit.ask("osv") is None
