"""Agreement with the published verdicts of the benchmark's own checker (skipped where the data is not beside us)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proofgrid.checker import check
from tests.shared_data import PUBLISHED_CHECKING

DATA = PUBLISHED_CHECKING[0]
pytestmark = pytest.mark.shared

STRICT_DISAGREEMENTS = {107}
"""Upstream's host language reserves `split`; docs/checker-disagreements.md."""
MORE_STRICT_DISAGREEMENTS = {49, 85}
"""Upstream takes no doubled parentheses around an argument or a hypothesis; docs/checker-disagreements.md."""
FEWER_SYNTAX_FIXES = {264}
"""Upstream repairs on the way to the same parsing error; docs/checker-disagreements.md."""


@pytest.fixture(scope="module")
def items() -> list[dict[str, Any]]:
    """The published items."""
    return [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


def test_strict_verdicts_agree(items: list[dict[str, Any]]) -> None:
    """Strict acceptance is upstream's on every item but the one that docs/spec.md (section 3.9) names."""
    differ = {
        item["index"]
        for item in items
        if check(item["problem"], item["proof"], mode="strict").correct
        is not item["instrumentedCheckerResult"]["athenaAcceptedNonInstrumentedProof"]
    }
    assert differ == STRICT_DISAGREEMENTS


def test_instrumented_verdicts_agree(items: list[dict[str, Any]]) -> None:
    """Instrumented results, and where upstream says incorrect the step, the kind and the rule, agree on every item."""
    for item in items:
        published = item["instrumentedCheckerResult"]
        verdict = check(item["problem"], item["proof"], profile="paper")
        assert verdict.correct is (published["result"] == "correct"), item["index"]
        if not verdict.correct:
            failure = verdict.failure
            assert failure is not None
            assert failure.kind == published["errorType"], item["index"]
            assert failure.step == published.get("step"), item["index"]
            assert failure.rule == published.get("offendingRule"), item["index"]
            if "missingFormula" in published:
                assert failure.missing == published["missingFormula"]


def test_structural_fixes_are_at_the_same_steps(items: list[dict[str, Any]]) -> None:
    """Every structural fix upstream lists is ours, at its step and of its kind (names on last steps left out)."""
    words = {
        "incorrect application": "incorrect-application",
        "malformed application of equiv": "incorrect-application",
        "mangled application": "mangled-from-false",
        "up to double negation": "double-negation",
        "out-of-scope": "out-of-scope-name",
    }
    for item in items:
        theirs = []
        for where, message in item["instrumentedCheckerResult"]["fixes"]["structuralCorrections"]:
            if "trailing position" in message:
                continue
            kind = next((kind for phrase, kind in words.items() if phrase in message), "commutativity")
            theirs.append((int(where.removeprefix("step-")), kind))
        fixes = [f for f in check(item["problem"], item["proof"], profile="paper").fixes if f.class_ == "structural"]
        ours = [(f.step, "commutativity" if f.kind == "entailed" else f.kind) for f in fixes]
        assert ours == theirs, item["index"]


def test_syntax_fixes_are_as_many(items: list[dict[str, Any]]) -> None:
    """As many syntax fixes as upstream counts, but for the item that neither can read."""
    for item in items:
        theirs = item["instrumentedCheckerResult"]["fixes"]["syntaxCorrections"]
        ours = [f for f in check(item["problem"], item["proof"], profile="paper").fixes if f.class_ == "syntax"]
        assert len(ours) == len(theirs) or item["index"] in FEWER_SYNTAX_FIXES, item["index"]


def test_a_strictly_correct_proof_has_no_fixes(items: list[dict[str, Any]]) -> None:
    """What strict mode accepts, instrumented mode accepts without a fix."""
    for item in items:
        if check(item["problem"], item["proof"], mode="strict").correct:
            verdict = check(item["problem"], item["proof"], profile="paper")
            assert verdict.strict
            assert verdict.fixes == ()


def test_further_published_verdicts_agree() -> None:
    """22 more items: results, strict verdicts, kinds and steps of failures."""
    for line in PUBLISHED_CHECKING[1].read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        published = item["instrumentedCheckerResult"]
        index = item["index"]
        strict = check(item["problem"], item["proof"], mode="strict")
        agree = strict.correct is published["athenaAcceptedNonInstrumentedProof"]
        assert agree is (index not in MORE_STRICT_DISAGREEMENTS), index
        verdict = check(item["problem"], item["proof"], profile="paper")
        assert verdict.correct is (published["result"] == "correct"), index
        if verdict.failure is not None:
            assert (verdict.failure.kind, verdict.failure.step) == (published["errorType"], published.get("step")), (
                index
            )


def test_profile_surface_differs_only_where_it_says_so(items: list[dict[str, Any]]) -> None:
    """What paper accepts and surface does not, the verdict of surface calls paper_only."""
    for item in items:
        surface, paper = check(item["problem"], item["proof"]), check(item["problem"], item["proof"], profile="paper")
        assert paper.correct is (surface.correct or surface.paper_only), item["index"]
