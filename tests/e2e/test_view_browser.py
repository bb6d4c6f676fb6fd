"""``proofgrid view`` in a browser: an answer is edited by keyboard, its verdict follows, hostile text stays text."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from proofgrid.commands.view import served
from proofgrid.report.links import answer_link
from proofgrid.report.server import ViewServer
from proofgrid.run import load_run
from proofgrid.statistics import MISSING
from proofgrid.tasks.outcomes import OUTCOMES
from tests.proofgrid.hostile_texts import HOSTILE
from tests.proofgrid.small_items import write_run

HERE = Path(__file__).parent
ARTIFACTS = HERE.parent.parent / "artifacts" / "view"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw of a small run at three widths, in both themes."""
    folder = write_run(tmp_path_factory.mktemp("view") / "run", 4)
    run = load_run(folder)
    rows = run.attempts[run.attempts["task"] == "pl1_pw"]
    current = served(folder, 60.0)
    with ViewServer(current, interval=60.0) as server:
        deadline = time.monotonic() + 60
        while not current.version and time.monotonic() < deadline:
            time.sleep(0.05)
        options = {
            "chromium": shutil.which("chromium"),
            "url": server.url,
            "hash": answer_link(str(rows["model"].iloc[0]), str(rows["item"].iloc[0])),
            "hostile": [text for text in HOSTILE if 0 < len(text) < 20_000 and text.strip()],
            "artifacts": str(ARTIFACTS),
        }
        path = folder.with_suffix(".json")
        path.write_text(json.dumps(options))
        done = subprocess.run(
            ["node", str(HERE / "view_browser.mjs"), str(path)],
            capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_the_verdict_follows_the_typing(found: dict[str, Any]) -> None:
    """At three widths: right, then broken with the place marked, then right again; Escape leaves only the editor."""
    assert [edit["width"] for edit in found["edits"]] == [1400, 1024, 400]
    for edit in found["edits"]:
        assert "✓ correct" in edit["began"]
        assert "✓" not in edit["broken"]
        assert edit["mended"] == edit["began"]
        assert edit["wide"][0] <= edit["wide"][1]
        assert edit["left"] == ["v-edit", True]


def test_hostile_text_stays_text(found: dict[str, Any]) -> None:
    """Whatever is typed gets a verdict; nothing of it runs, becomes an element or is fetched."""
    assert found["ran"] == found["made"] == found["dialogs"] == 0
    assert found["foreign"] == []
    assert found["errors"] == []
    assert len(found["verdicts"]) > 10
    marks = "".join(re.escape(outcome.mark) for outcome in OUTCOMES.values() if outcome.name not in MISSING)
    assert [text for text, said in found["verdicts"].items() if not re.match(f"[{marks}] ", said)] == []


def test_no_serious_accessibility_violation(found: dict[str, Any]) -> None:
    """axe-core finds nothing serious or critical while an answer is edited."""
    assert {str(width) for width in (1400, 1024, 400)} == set(found["axe"])
    assert [v for seen in found["axe"].values() for v in seen if v["impact"] in ("serious", "critical")] == []
