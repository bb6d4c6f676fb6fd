"""``proofgrid view``: an edited answer gets the verdict that a model's would; only the page itself can ask for one."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from proofgrid.commands.view import served
from proofgrid.report.server import KEY_HEADER, LARGEST, Current, ViewServer
from proofgrid.report.trying import WAITING, Busy, Trial, TryJob
from proofgrid.run import load_run
from proofgrid.tasks import TASK_IDS, Item, get_task
from proofgrid.tasks.suites.store import load_suite
from tests.proofgrid.small_items import write_run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ViewServer, Current, Item]]:
    """A small run, served; one of its items."""
    folder = write_run(tmp_path_factory.mktemp("view") / "run", 4)
    current = served(folder, 0.5)
    with ViewServer(current, interval=0.5) as running:
        deadline = time.monotonic() + 60
        while not current.version and time.monotonic() < deadline:
            time.sleep(0.05)
        item = next(i for i in load_run(folder).items.values() if i.task == "pl1_pw")
        yield running, current, item


def post(server: ViewServer, current: Current, body: Any, **changed: str | None) -> tuple[int, dict[str, Any]]:
    """What the server says to a request as the page makes it, with some headers changed or (None) left out."""
    address = urlsplit(server.url)
    headers: dict[str, str | None] = {
        "Content-Type": "application/json",
        KEY_HEADER: current.key,
        "Origin": f"http://{address.netloc}",
        "Sec-Fetch-Site": "same-origin",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=60)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", "/score", data, {k: v for k, v in headers.items() if v is not None})
    answer = connection.getresponse()
    found = (answer.status, json.loads(answer.read()) if "json" in answer.headers["Content-Type"] else {})
    connection.close()
    return found


def test_an_edited_proof_has_its_verdict(server: tuple[ViewServer, Current, Item]) -> None:
    """The reference is right; without its last step it is not, and the verdict says where."""
    running, current, item = server
    task = get_task(item.task)
    right = task.reference_answer(item)
    status, said = post(running, current, {"item": item.id, "text": right})
    assert (status, said["answer"]["o"]) == (200, "correct")
    status, said = post(running, current, {"item": item.id, "text": "dn on (Q & Q)"})
    expected = task.score(item, "dn on (Q & Q)")
    assert (status, said["answer"]["o"]) == (200, expected.outcome)
    assert expected.verdict is not None
    assert said["answer"]["verdict"]["failure"]["message"] == expected.verdict["failure"]["message"]
    assert said["answer"]["verdict"]["failure"]["line"] == 1


@pytest.mark.parametrize("task", TASK_IDS)
def test_the_text_that_is_edited_scores_as_the_answer_did(task: str) -> None:
    """Where the viewer offers the proof alone, it is an answer with the same verdict; else it offers the raw answer."""
    for item in load_suite("v1", [task])[:3]:
        first = TryJob(item, get_task(task).reference_answer(item)).run()
        again = TryJob(item, first["proof"] if first.get("whole") else first["text"]).run()
        assert first["o"] == again["o"] == "correct"
        assert first.get("verdict") == again.get("verdict")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:80"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"X_ProofGrid_Key": None}, 403),
        ({"X_ProofGrid_Key": ""}, 403),
        ({"X_ProofGrid_Key": "guess"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": None}, 415),
        ({"Content_Length": str(LARGEST + 1)}, 413),
        ({"Content_Length": "9" * 40}, 413),
        ({"Content_Length": "-1"}, 411),
        ({"Content_Length": "1e3"}, 411),
        ({"Transfer_Encoding": "chunked"}, 411),
    ],
)
def test_whoever_is_not_the_page_is_refused(
    server: tuple[ViewServer, Current, Item], changed: dict[str, str | None], status: int
) -> None:
    """Other hosts, origins, keys, types and sizes have no verdict, whatever else is right about the request."""
    running, current, item = server
    assert post(running, current, {"item": item.id, "text": "claim on A"}, **changed)[0] == status


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"item": 1, "text": "x"}', b'{"item": "none", "text": "x"}', b"\xff",
     b'{"item": [], "text": "x"}', b"[" * 50_000, b'{"text": "x"}'],
)  # fmt: skip
def test_what_is_no_request_is_one_sentence(server: tuple[ViewServer, Current, Item], body: bytes) -> None:
    """Bodies of any kind are refused, and the server goes on."""
    running, current, item = server
    status, said = post(running, current, body)
    assert status == 400
    assert "error" in said
    assert post(running, current, {"item": item.id, "text": ["claim"]})[0] == 400
    assert post(running, current, {"item": item.id, "text": "\ud800"})[0] == 400
    assert post(running, current, {"item": item.id, "text": "claim on A"})[0] == 200


def test_a_page_brings_its_key_and_a_written_report_has_none(
    server: tuple[ViewServer, Current, Item], tmp_path: Path
) -> None:
    """The served page holds the key that its requests bring; the key is another one in each server."""
    running, current, _ = server
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(running.url).port, timeout=20)
    connection.request("GET", "/")
    page = connection.getresponse().read().decode()
    assert f'"key":"{current.key}"' in page
    assert len(current.key) >= 32
    assert served(tmp_path, 1.0).key != current.key


def test_a_body_that_never_comes_holds_up_nobody(server: tuple[ViewServer, Current, Item]) -> None:
    """While one connection says that a body will come, others are answered."""
    running, current, item = server
    address = urlsplit(running.url)
    with socket.create_connection(("127.0.0.1", address.port or 0), timeout=20) as slow:
        head = f"POST /score HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n"
        slow.sendall(f"{head}{KEY_HEADER}: {current.key}\r\nContent-Length: 1000\r\n\r\n{{".encode())
        assert post(running, current, {"item": item.id, "text": "claim on A"})[0] == 200


def test_more_than_a_few_at_once_are_told_to_come_back(server: tuple[ViewServer, Current, Item]) -> None:
    """A bounded number of edited answers wait for the worker; the next one is refused at once."""
    _, _, item = server
    trial = Trial()
    hold = threading.Event()

    class Pool:
        def map(self, jobs: list[TryJob], _: float) -> list[dict[str, Any]]:
            hold.wait(20)
            return [{} for _ in jobs]

        def close(self) -> None:
            pass

    trial.close()
    trial._pool = Pool()  # type: ignore[assignment]
    threads = [threading.Thread(target=trial.score, args=(item, "x")) for _ in range(WAITING)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while trial._places.acquire(blocking=False) and time.monotonic() < deadline:
        trial._places.release()
        time.sleep(0.01)
    with pytest.raises(Busy):
        trial.score(item, "x")
    hold.set()
    for thread in threads:
        thread.join()
    assert trial.score(item, "x") == {}


def test_nothing_in_the_page_makes_code_from_text() -> None:
    """What is typed, or comes back, is only ever text: no eval, no Function, no markup from strings."""
    folder = Path(__file__).parents[2] / "proofgrid" / "report" / "static"
    scripts = "\n".join(path.read_text("utf-8") for path in folder.glob("*.js"))
    assert not re.findall(r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write\b", scripts)
