"""The report by keyboard alone, at three widths and in both themes: every section, every control, answers and back."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from proofgrid.report import write_report
from proofgrid.report.simulate import simulate_run

HERE = Path(__file__).parent
ARTIFACTS = HERE.parent.parent / "artifacts" / "keyboard"
WIDTHS, THEMES = (1400, 1024, 400), ("light", "dark")
WALKS = [f"{width} {theme}" for width in WIDTHS for theme in THEMES]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each walk through a report of five models on four tasks found."""
    folder = tmp_path_factory.mktemp("keyboard")
    report = folder / "report.html"
    write_report([simulate_run(5, 6, tasks=("pl1_pw", "pl1_pc", "pl3_pw", "eq_gf"))], report)
    options = {
        "chromium": shutil.which("chromium"),
        "report": report.as_uri(),
        "artifacts": str(ARTIFACTS),
        "widths": WIDTHS,
        "themes": THEMES,
        "stops": WIDTHS,
    }
    path = folder / "options.json"
    path.write_text(json.dumps(options))
    done = subprocess.run(
        ["node", str(HERE / "keyboard_browser.mjs"), str(path)],
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["errors"] == []
    return dict(found["walks"])


@pytest.mark.parametrize("walk", WALKS)
def test_the_walk_comes_to_its_end(walks: dict[str, Any], walk: str) -> None:
    """No key leads nowhere, in the theme that was asked for, and the page never scrolls sideways."""
    facts = walks[walk]
    assert "failed" not in facts, facts["failed"]
    assert walk.endswith(facts["theme"])
    assert {facts["theme"], facts["switched"]} == set(THEMES)
    assert facts["first"] == "Skip to the content"
    wide, window = facts["sideways"]
    assert wide <= window


@pytest.mark.parametrize("walk", WALKS)
def test_every_section_is_reached(walks: dict[str, Any], walk: str) -> None:
    """A link of the table of contents brings its section into view, and the keyboard goes on from there."""
    sections = walks[walk]["sections"]
    assert {"leaderboard", "pairs", "failures", "answers", "tasks", "irt", "glossary"} <= set(sections)
    assert all(s["after"] and s["shown"] for s in sections.values()), sections
    assert walks[walk]["tasks"] == [True] * 4


@pytest.mark.parametrize("walk", WALKS)
def test_every_control_does_what_it_says(walks: dict[str, Any], walk: str) -> None:
    """Level, filter, intervals, sorting, the way to an answer, through it and back, lists, exports and folds."""
    facts = walks[walk]
    for name in ("level", "restored", "filtered", "intervals", "failure", "wrapped", "answers"):
        assert facts[name], name
    for name in ("model", "task", "item"):
        assert facts[f"by #v-{name}"]
        assert facts[f"kept #v-{name}"], f"choosing a {name} takes the focus away"
    assert (facts["sorted"], facts["taskSorted"]) == ("descending", "ascending")  # a number, and a model's name
    assert facts["walked"] >= 5
    assert facts["returned"] == "leaderboard"
    assert facts["list"] == 1
    assert facts["csv"].endswith(".csv")
    assert not facts["folded"] or facts["unfolded"]


@pytest.mark.parametrize("walk", WALKS)
def test_every_stop_is_seen_and_named(walks: dict[str, Any], walk: str) -> None:
    """Wherever the Tab key stops, what has the focus is in view with nothing over it, shows it, and has a name."""
    page, answer = walks[walk]["stops"]
    assert page["count"] > 100
    assert answer["count"] > 10
    assert page["wrong"] + answer["wrong"] == []
