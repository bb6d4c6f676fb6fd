"""Refuse every network but this machine's own, in this Python and in those that it starts.

``tests/conftest.py`` puts this folder on PYTHONPATH under PROOFGRID_REFUSE_NETWORK=1, so that children load it as they
start. Each attempt is written down in the file that PROOFGRID_NETWORK_LOG names, and fails as on a machine without a
network. An audit hook sees what goes through Python's ``socket``, but neither uvloop nor programs of other languages.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import Any

NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
ADDRESSES = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def here(host: object) -> bool:
    """Whether a host is this machine: no host at all, localhost, or an address of the loopback (or of no interface)."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if text is None or text in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(text).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook."""
    if event in NAMES:
        host = arguments[0]
    elif event in ADDRESSES and isinstance(arguments[1], tuple):  # a text is a file: a socket of this machine
        host = arguments[1][0]
    else:
        return
    if here(host):
        return
    if log := os.environ.get("PROOFGRID_NETWORK_LOG"):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{event} {host!r} in {' '.join(sys.argv)[:200]}\n")
    if event in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, f"the network is refused: {host!r}")
    raise OSError(errno.ENETUNREACH, f"the network is refused: {host!r}")


sys.addaudithook(refuse)
