"""The HTTP service and its client: the same verdicts as the library, bounded, and nothing lost."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest
import uvicorn
from typer.testing import CliRunner

import proofgrid
from proofgrid import get_task, load_suite
from proofgrid.cli import command_line
from proofgrid.errors import UserError
from proofgrid.service.app import ServiceOptions, make_app
from proofgrid.service.client import Client, ServiceError
from tests.proofgrid.hostile_texts import HOSTILE

PROBLEM, PROOF = "(A & B) # A", "left-and on (A & B)"


@contextmanager
def serving(**options: object) -> Iterator[tuple[str, object]]:
    """A service on a free port of the loopback interface: its address and its application."""
    application = make_app(ServiceOptions(**{"workers": 2, **options}))  # type: ignore[arg-type]
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", application
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """One service for the tests that leave it as it was."""
    with serving() as (address, _):
        yield address


def test_one_check_and_one_score(url: str) -> None:
    """The service says what the library says."""
    item = next(iter(load_suite("v1", ["pl1_pw"])))
    text = get_task("pl1_pw").reference_answer(item)
    with Client(url) as client:
        assert client.check(PROBLEM, PROOF) == proofgrid.check(PROBLEM, PROOF).to_json()
        wrong = client.check([["A"], "B"], "claim on B", mode="strict")
        assert wrong == proofgrid.check((["A"], "B"), "claim on B", mode="strict").to_json()
        assert client.score(item, text)["outcome"] == "correct"
        assert client.score(item, "no")["points"] == 0.0
        assert client.health()["status"] == "ok"


def test_batches_keep_their_order(url: str) -> None:
    """A batch gives a result for each entry, in order; one that cannot be read costs only itself."""
    proofs = [(PROBLEM, PROOF), ("(A &", PROOF), (PROBLEM, "right-and on (A & B)")] * 50
    with Client(url) as client:
        found = list(client.checks(proofs))
    assert [result.get("correct") for result in found] == [True, None, False] * 50
    assert "cannot be read" in found[1]["error"]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/check", {"problem": "(A &", "proof": PROOF}, "cannot be read"),
        ("/check", {"problem": PROBLEM}, "proof"),
        ("/check", {"problem": PROBLEM, "proof": PROOF, "langauge": "ndl"}, "langauge"),
        ("/score", {"item": {"id": 1}, "text": ""}, "lacks"),
        ("/score", {"item": {}, "text": 3}, "text"),
    ],
)
def test_what_cannot_be_read_is_told(url: str, path: str, body: dict[str, object], said: str) -> None:
    """A wrong request is 422 with a sentence, and the client raises it."""
    response = httpx.post(url + path, json=body, trust_env=False)
    assert response.status_code == 422
    assert said in response.text
    with Client(url) as client, pytest.raises(ServiceError, match="422"):
        client._post(path, body)


def test_the_service_describes_itself(url: str) -> None:
    """The OpenAPI description and the page name both calls; the page loads nothing from elsewhere."""
    assert {"/check", "/score", "/health", "/metrics"} <= set(httpx.get(f"{url}/openapi.json").json()["paths"])
    page = httpx.get(f"{url}/docs").text
    assert "POST" in page
    assert "/score" in page
    assert "src=" not in page
    assert "http" not in page.replace("http-", "").split("<pre>")[0]
    assert 'proofgrid_answers_total{kind="check"' in httpx.get(f"{url}/metrics").text


def test_large_and_many_are_refused() -> None:
    """A body over the limit and a batch over the limit are 413; what would wait too long is 429 with Retry-After."""
    with serving(largest_request=2000, batch=3, queue=2) as (url, application):
        assert httpx.post(f"{url}/check", json={"problem": PROBLEM, "proof": "A" * 3000}).status_code == 413

        def chunks() -> Iterator[bytes]:
            yield from [b"[" + b" " * 500] * 10

        assert httpx.post(f"{url}/check", content=chunks()).status_code == 413
        one = {"problem": PROBLEM, "proof": PROOF}
        assert httpx.post(f"{url}/check", json=[one] * 4).status_code == 413
        full = httpx.post(f"{url}/check", json=[one] * 3)
        assert full.status_code == 429
        assert int(full.headers["retry-after"]) >= 1
        assert application.state.service.refused == 3  # type: ignore[attr-defined]


def test_the_client_waits_when_told_to() -> None:
    """Many threads against a short queue: every answer arrives, none is wrong."""
    with serving(queue=8) as (url, _):
        found: list[list[bool]] = []

        def ask() -> None:
            with Client(url) as client:
                found.append([r["correct"] for r in client.checks([(PROBLEM, PROOF)] * 6)])

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert found == [[True] * 6] * 4


def test_a_token_is_wanted() -> None:
    """Without the token nothing but /health answers; with it all does."""
    with serving(token="s3cret") as (url, _):
        assert httpx.post(f"{url}/check", json={"problem": PROBLEM, "proof": PROOF}).status_code == 401
        strange = {"Authorization": b"Bearer \xff"}
        assert httpx.get(f"{url}/metrics", headers=strange).status_code == 401
        assert httpx.get(f"{url}/health").status_code == 200
        with Client(url, token="s3cret") as client:
            assert client.check(PROBLEM, PROOF)["correct"]


def test_other_addresses_need_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command refuses to listen where others can reach it without a token."""
    monkeypatch.delenv("PROOFGRID_SERVE_TOKEN", raising=False)
    result = CliRunner().invoke(command_line(), ["serve", "--host", "0.0.0.0"])
    assert isinstance(result.exception, UserError)
    assert "PROOFGRID_SERVE_TOKEN" in str(result.exception)


def test_killed_workers_cost_nothing() -> None:
    """Workers killed while batches are checked: every verdict arrives and is right."""
    with serving() as (url, application), Client(url) as client:
        proofs = [(PROBLEM, PROOF), (PROBLEM, "right-and on (A & B)")] * 100
        list(client.checks(proofs[:4]))
        for _ in range(3):
            kill = threading.Timer(
                0.02,
                lambda: [psutil.Process(pid).kill() for pid in application.state.service.pool.pids()],  # type: ignore[attr-defined]
            )
            kill.start()
            assert [r["correct"] for r in client.checks(proofs)] == [True, False] * 100
            kill.join()


def test_no_service_is_one_sentence() -> None:
    """Where nothing listens the client says so after its tries."""
    with Client("http://127.0.0.1:9", tries=1) as client, pytest.raises(ServiceError, match="cannot be reached"):
        client.check(PROBLEM, PROOF)


HOSTILE_BODIES: dict[str, bytes] = {
    "deep": b"[" * 100_000,
    "deep and whole": b"[" * 5_000 + b"]" * 5_000,
    "deep in an object": b'{"problem": ' + b'{"a":' * 20_000,
    "deep item": b'{"text": "", "item": ' + b'{"shown":' * 900 + b"1" + b"}" * 900 + b"}",
    "no text": b"\xff\xfe\x00",
    "nothing": b"",
    "not a number": b'{"item": {"level": NaN, "shown": {"a": 1e999}}, "text": ""}',
    "a long number": b'{"item": {"level": ' + b"9" * 6_000 + b'}, "text": ""}',
    "half a character": b'{"problem": "A # A", "proof": "claim on \\ud800"}',
    "half a character, quoted": b'{"problem": "A # \\ud800", "proof": "claim on \\udfff", "language": "\\ud800"}',
    "zero": b'{"problem": "A # A\\u0000", "proof": "\\u0000"}',
    "many": b"[" + b",".join([b"1"] * 5_000) + b"]",
    "a list of lists": b"[[], [[]], {}]",
    "keys": b'{"problem": [["A"], "A", "A"], "proof": "claim on A"}',
}


@pytest.mark.parametrize("path", ["/check", "/score"])
@pytest.mark.parametrize("name", HOSTILE_BODIES)
def test_hostile_bodies_are_told_what_is_wrong(url: str, path: str, name: str) -> None:
    """Whatever a body holds, the answer is JSON and no failure of the server, and the next request is answered."""
    response = httpx.post(url + path, content=HOSTILE_BODIES[name], headers={"Content-Type": "application/json"})
    assert response.status_code < 500, response.text
    assert isinstance(response.json(), dict)
    assert len(response.content) < 50_000
    assert httpx.post(f"{url}/check", json={"problem": PROBLEM, "proof": PROOF}).json()["correct"]


def test_hostile_texts_come_back(url: str) -> None:
    """Texts that no page and no encoding likes are checked and scored as in the library."""
    item = next(iter(load_suite("v1", ["pl1_pw"])))
    texts = [text[:5_000] for text in HOSTILE]
    with Client(url) as client:
        assert list(client.checks((PROBLEM, text) for text in texts)) == [
            proofgrid.check(PROBLEM, text).to_json() for text in texts
        ]
        scores = list(client.scores((item, text) for text in texts))
    assert [score["points"] for score in scores] == [0.0] * len(texts)
