"""``proofgrid view``: the report of a run that may still be going, served on this machine alone and kept up to date.

A thread looks whether the run has changed and builds the page anew, at most a fifth of the time; requests only ever
hand out the last page built, so that looking never waits for a computation. Nothing but the page, its neighbours and
a word on its version is served, to GET and HEAD, to a browser that asks for a loopback name (so that a web site
cannot read the page through a name of its own that points here).

POST /score scores an answer that the reader has edited. Only the page itself can ask: the request carries the key that
the page was written with, JSON as its type and, where the browser names one, the page's own origin; other sites can
neither read the key nor send such a request without being asked first, which is refused.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from proofgrid.errors import ProofGridError
from proofgrid.report.trying import WAITING, Busy, Trial
from proofgrid.tasks import Item

FOLDER = "files"
"""The path under which the files beside a page are served."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
LARGEST = 1_000_000
"""Bytes of a request that brings an edited answer."""
KEY_HEADER = "X-ProofGrid-Key"


@dataclass
class Current:
    """The page and its files as last built, and the version of the run that they show."""

    build: Callable[[str], dict[str, bytes]]
    """From a version to what is served, by path; ``/`` is the page."""
    version_of: Callable[[], str]
    version: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    error: str = ""
    items: Mapping[str, Item] = field(default_factory=dict)
    """Those to which an edited answer can be scored; ``build`` sets them."""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """What a request for a score has to bring; the page is written with it."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> float:
        """Build anew if the run has changed; returns the seconds that took. A failure is kept to be shown."""
        started = time.monotonic()
        try:
            version = self.version_of()
            if version == self.version:
                return 0.0
            pages = self.build(version)
        except (ProofGridError, OSError) as error:
            with self.lock:
                self.error = str(error)
            return time.monotonic() - started
        with self.lock:
            self.pages, self.version, self.error = pages, version, ""
        return time.monotonic() - started

    def get(self, path: str) -> tuple[bytes | None, str, str]:
        """(page, version, error)."""
        with self.lock:
            return self.pages.get(path), self.version, self.error


def run_version(folder: Path) -> str:
    """What changes when a run does: how many answers it holds, how many of them are not scored, and what they cost."""
    from proofgrid.run.store import RunStore
    from proofgrid.scoring import scorer_fingerprint

    with RunStore.read(folder) as store:
        scorer = scorer_fingerprint()
        parts = (len(store.items()), *store.spent(), len(store.outcomes(scorer)), len(store.unscored(scorer)))
    return "-".join(f"{part:g}" for part in parts)


class _Handler(BaseHTTPRequestHandler):
    server_version = "proofgrid"
    timeout = 30
    sys_version = ""
    current: Current
    trial: Trial

    def _loopback(self) -> bool:
        host = self.headers.get("Host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name in LOOPBACK:
            return True
        self._send(HTTPStatus.FORBIDDEN, "text/plain", b"ask for 127.0.0.1 or localhost\n")
        return False

    def do_GET(self) -> None:
        """The page, a file beside it, or the version."""
        if not self._loopback():
            return
        path = urlsplit(self.path).path
        page, version, error = self.current.get(path)
        if path == "/state":
            self._send(HTTPStatus.OK, "application/json", json.dumps({"version": version}).encode())
        elif page is not None:
            kind = "text/html" if path == "/" else "text/javascript"
            self._send(HTTPStatus.OK, f"{kind}; charset=utf-8", page)
        elif path == "/":
            text = error or "The first page is being built."
            self._send(
                HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", f"{text}\n".encode(), ("Refresh", "2")
            )
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"there is no such page\n")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Score an edited answer: ``{"item": id, "text": answer}`` to what the viewer shows of it."""
        if not self._loopback():
            return
        if urlsplit(self.path).path != "/score":
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")
            return
        origin, site = self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site", "same-origin")
        own = origin is None or origin == f"http://{self.headers.get('Host')}"
        key = self.headers.get(KEY_HEADER, "").encode("utf-8", "replace")
        if not own or site != "same-origin" or not hmac.compare_digest(key, self.current.key.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, "only the page itself may ask for a score; load it again")
            return
        if self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 'send JSON: {"item": id, "text": answer}')
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            self._refuse(HTTPStatus.LENGTH_REQUIRED, "say how long the request is")
            return
        if len(length) > 12 or int(length) > LARGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"an edited answer has at most {LARGEST:,} bytes")
            return
        try:
            body = json.loads(self.rfile.read(int(length)))
            item, text = self.current.items[body["item"]], body["text"]
            text.encode("utf-8")
        except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
            self._refuse(HTTPStatus.BAD_REQUEST, "send the id of an item of this page, and a text")
            return
        try:
            found = self.trial.score(item, text)
        except Busy:
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, f"{WAITING} edited answers are being scored; try again")
            return
        if found is None:
            self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "no verdict: checking this takes too long")
            return
        said = json.dumps({"answer": found}, default=str).encode()
        self._send(HTTPStatus.OK, "application/json", said)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        """Say why in one sentence; what was not read of the request goes with the connection."""
        self.close_connection = True
        self._send(status, "application/json", json.dumps({"error": sentence}).encode(), ("Connection", "close"))

    def _send(self, status: HTTPStatus, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        fixed = (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        )
        for name, value in (*fixed, *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the person who reads."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of an answer is no error; anything else is shown as usual."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


@dataclass
class ViewServer:
    """The server with the thread that keeps its pages up to date. Use as a context manager; ``url`` is where it is."""

    current: Current
    port: int = 0
    interval: float = 3.0

    def __enter__(self) -> ViewServer:
        self._trial = Trial()
        handler = type("Handler", (_Handler,), {"current": self.current, "trial": self._trial})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, daemon=True),
            threading.Thread(target=self._keep, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def _keep(self) -> None:
        while not self._stop.is_set():
            took = self.current.refresh()
            self._stop.wait(max(self.interval, 4 * took))

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._trial.close()
        for thread in self._threads:
            thread.join(timeout=30)
