"""The documentation's site in a real browser: every page opened, every link followed, the search asked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw."""
    out = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, str(ROOT / "docs" / "site.py"), str(out)], check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out / "site")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {
        "chromium": shutil.which("chromium"),
        "url": f"http://127.0.0.1:{server.server_port}/",
        "artifacts": str(ROOT / "artifacts" / "site"),
        "search": ["from-complements"],
    }
    path = out / "options.json"
    path.write_text(json.dumps(options))
    done = subprocess.run(
        ["node", str(HERE / "site_browser.mjs"), str(path)], capture_output=True, text=True, timeout=600, check=False
    )
    server.shutdown()
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_no_link_is_broken(found: dict[str, Any]) -> None:
    """From the first page every page is reached, and every link, place and picture in it is there."""
    assert found["broken"] == []
    pages = list((ROOT / "docs").rglob("*.md"))
    assert len(found["pages"]) >= len(pages)


def test_no_page_complains_or_asks_elsewhere(found: dict[str, Any]) -> None:
    """No error on any page's console, and no request to another server."""
    assert found["errors"] == []
    assert found["foreign"] == []


def test_the_search_finds_a_rule(found: dict[str, Any]) -> None:
    """Searching for a rule leads to the rule table and to where the language is described."""
    links = [link for link, _ in found["search"]["from-complements"]]
    assert any("reference/rules.html" in link for link in links)
    assert any("spec.html" in link for link in links)


def test_the_table_of_benchmarks_sorts_and_filters(found: dict[str, Any]) -> None:
    """By the keyboard alone a head sorts all 74 rows up and down, and words in the filter leave rows they are in."""
    assert found["table"] == {
        "rows": 74,
        "up": True,
        "down": True,
        "said": "descending",
        "onFilter": True,
        "filtered": 2,
        "count": "2 of 74 rows",
    }
