"""``proofgrid report`` and ``proofgrid view`` as a user runs them, on a run in a folder."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from proofgrid.cli import command_line
from proofgrid.errors import RunError, UserError
from proofgrid.report.board import make_board
from proofgrid.report.page import Live, build_page
from proofgrid.report.server import Current, ViewServer, run_version
from proofgrid.run import load_run
from proofgrid.run.store import RunStore
from tests.proofgrid.small_items import add, builtin_models, fill, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with all its answers."""
    return write_run(tmp_path / "runs" / "first", 4)


def test_report_writes_one_page(run: Path, tmp_path: Path) -> None:
    """The command writes the file that --out names, folders included, and says how large it is."""
    out = tmp_path / "new" / "page.html"
    result = CliRunner().invoke(command_line(), ["report", str(run), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "MB" in result.output
    text = out.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert "first – ProofGrid" in text


def test_a_link_in_the_pages_place_is_replaced(run: Path, tmp_path: Path) -> None:
    """A run that a stranger sent may hold a link where the page is to go: what it points to stays as it is."""
    ours, out = tmp_path / "ours.txt", tmp_path / "report.html"
    ours.write_text("ours")
    out.symlink_to(ours)
    done = CliRunner().invoke(command_line(), ["report", str(run), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert ours.read_text() == "ours"
    assert out.read_text("utf-8").startswith("<!doctype html>")
    assert not out.is_symlink()


def test_markdown_goes_to_standard_output_or_to_a_file(run: Path, tmp_path: Path) -> None:
    """--format md prints; with --out, or a name that ends in .md, it writes."""
    printed = CliRunner().invoke(command_line(), ["report", str(run), "--format", "md"])
    assert printed.exit_code == 0, printed.output
    assert printed.output.startswith("# first\n")
    assert "50 / 50" in printed.output
    assert CliRunner().invoke(command_line(), ["report", str(run), "--out", str(tmp_path / "r.md")]).exit_code == 0
    assert (tmp_path / "r.md").read_text("utf-8") == printed.output


def test_two_runs_are_compared(run: Path, tmp_path: Path) -> None:
    """Two runs on the command line make one page with what changed between them."""
    other = write_run(tmp_path / "runs" / "second", 3)
    out = tmp_path / "both.html"
    assert CliRunner().invoke(command_line(), ["report", str(run), str(other), "--out", str(out)]).exit_code == 0
    text = out.read_text("utf-8")
    assert 'id="mcnemar"' in text
    assert "builtin/prover [first]" in text
    assert "Not all items are answered yet" in text


@pytest.mark.parametrize("command", ["report", "view"])
def test_a_folder_that_is_no_run_is_one_sentence(command: str, tmp_path: Path) -> None:
    """A wrong path ends with one line on standard error and exit code 2, and writes nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "proofgrid.cli", command, str(tmp_path / "nothing")],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_out_that_is_a_folder_and_a_run_without_answers_are_refused(run: Path, tmp_path: Path) -> None:
    """--out must name a file; a run that has no answers yet says so."""
    result = CliRunner().invoke(command_line(), ["report", str(run), "--out", str(tmp_path)])
    assert isinstance(result.exception, UserError)
    assert "names the file" in str(result.exception)
    empty = write_run(tmp_path / "empty", 0)
    result = CliRunner().invoke(command_line(), ["report", str(empty), "--out", str(tmp_path / "x.html")])
    assert isinstance(result.exception, RunError)
    assert not (tmp_path / "x.html").exists()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, ViewServer, Current]]:
    """A run with two of four answers, served."""
    folder = write_run(tmp_path / "going", 2)

    def build(version: str) -> dict[str, bytes]:
        files: dict[str, bytes] = {"/files/answers-0000.js": b"proofgridAnswers({});"}
        board = make_board([load_run(folder)])
        return {"/": build_page(board, "going", "files", files.__setitem__, live=Live(0.5, version)), **files}

    current = Current(build, lambda: run_version(folder))
    with ViewServer(current, interval=0.1) as server:
        deadline = time.monotonic() + 60
        while not current.version and time.monotonic() < deadline:
            time.sleep(0.05)
        yield folder, server, current


def get(server: ViewServer, path: str, host: str | None = None, method: str = "GET") -> tuple[int, dict[str, str], str]:
    """A request with the Host header of a browser that asked for ``host``."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=20)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    found = (answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
    connection.close()
    return found


def test_view_serves_the_page_on_loopback_and_nothing_else(served: tuple[Path, ViewServer, Current]) -> None:
    """The page and its version are served to loopback names; other hosts, paths and methods are refused."""
    _, server, current = served
    status, headers, text = get(server, "/")
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert headers["cache-control"] == "no-store"
    assert "connect-src &#39;self&#39;" in text
    assert json.loads(get(server, "/state")[2]) == {"version": current.version}
    beside = get(server, "/files/answers-0000.js")
    assert (beside[0], beside[1]["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert get(server, "/", host="evil.example")[0] == 403
    assert get(server, "/", host="localhost:1")[0] == 200
    assert get(server, "/../etc/passwd")[0] == 404
    assert get(server, "/", method="HEAD")[2] == ""
    assert get(server, "/", method="POST")[0] == 404
    assert get(server, "/", method="PUT")[0] == 501
    assert re.match(r"http://127\.0\.0\.1:\d+/$", server.url)


def test_view_follows_a_run_that_is_going(served: tuple[Path, ViewServer, Current]) -> None:
    """When answers arrive the version changes, once, and the page shows them."""
    folder, server, current = served
    before = current.version
    assert "2 answers" in get(server, "/")[2]
    (model,) = builtin_models("builtin/prover")
    with RunStore.open(folder) as store:
        add(store, fill(store, 4), range(2, 4), model.label)
    deadline = time.monotonic() + 60
    while "4 answers" not in get(server, "/")[2] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "4 answers" in get(server, "/")[2]
    assert current.version != before
    seen = []
    for _ in range(6):
        current.refresh()
        seen.append(current.version)
    assert len(set(seen[-3:])) == 1, "looking at a run changes it"


def test_view_keeps_the_last_page_when_the_run_cannot_be_read() -> None:
    """An error while building is kept to be said; the page that was there stays."""

    def build(version: str) -> dict[str, bytes]:
        if version == "2":
            raise RunError("the run is locked; try again")
        return {"/": b"page", "/files/a.js": b"beside"}

    version = "1"
    current = Current(build, lambda: version)
    current.refresh()
    version = "2"
    current.refresh()
    assert current.get("/") == (b"page", "1", "the run is locked; try again")
    assert current.get("/files/a.js")[0] == b"beside"
