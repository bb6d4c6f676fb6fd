"""A small process between us and a local server, so that the server never outlives us, however we end.

``python -m proofgrid.models.guard LOG -- COMMAND...`` starts COMMAND in a process group of its own and copies what it
prints to LOG with secrets masked. It ends the whole group when COMMAND ends, when it is told to (SIGTERM), or when its
standard input closes: the other end is held by the process that evaluates, and the kernel closes it even on kill -9.
Runs from the standard library alone and imports nothing else of ours but the masking of secrets.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from proofgrid.models.secrets import Redactor

GRACE = float(os.environ.get("PROOFGRID_STOP_SECONDS", "8"))
"""Seconds between SIGTERM and SIGKILL."""


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit status (128 + signal, as a shell says it)."""
    log_path, dashes, *command = arguments
    if dashes != "--" or not command:
        sys.stderr.write("usage: guard LOG -- COMMAND...\n")
        return 2
    with Path(log_path).open("ab", buffering=0) as log:
        try:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        except OSError as error:
            log.write(f"{command[0]} cannot be started: {error.strerror}\n".encode())
            return 127
        sys.stdout.write(f"{server.pid}\n")
        sys.stdout.flush()
        if server.stdout is None:
            raise RuntimeError("no pipe")  # cannot happen: it was asked for
        pump = threading.Thread(target=_pump, args=(server.stdout, log), daemon=True)
        pump.start()
        done = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: done.set())
        threading.Thread(target=_wait_for_eof, args=(done,), daemon=True).start()
        while not done.wait(0.1) and server.poll() is None:
            pass
        status = _end(server)
        pump.join(2)
        return status


def _wait_for_eof(done: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    done.set()


def _pump(source: IO[bytes], log: IO[bytes]) -> None:
    redact = Redactor()
    for line in source:
        log.write(redact.exact(line.decode("utf-8", "replace")).encode())


def _end(server: subprocess.Popen[bytes]) -> int:
    """End the server's whole group: engine processes outlive a front that died."""
    _signal_group(server.pid, signal.SIGTERM)
    until = time.monotonic() + GRACE
    while time.monotonic() < until and (server.poll() is None or _group_lives(server.pid)):
        time.sleep(0.05)
    _signal_group(server.pid, signal.SIGKILL)
    status = server.wait()
    return status if status >= 0 else 128 - status


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _die_with_parent() -> None:
    """In the server, before its program starts: SIGKILL should the guard itself be killed (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
