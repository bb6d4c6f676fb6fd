"""Refuse every network but this machine's own, in this Python and in those that it starts.

``tests/conftest.py`` puts this folder on PYTHONPATH, so that children load it as they start: nothing is imported before
it is needed. Each attempt is written down in the file that PROOFGRID_NETWORK_LOG names, and fails as on a machine
without a network. An audit hook sees what goes through Python's ``socket``, but neither uvloop nor programs of other
languages.
"""

import os
import sys

NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
ADDRESSES = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def here(host: object) -> bool:
    """Whether a host is this machine: no host at all, localhost, or an address of the loopback (or of no interface)."""
    import ipaddress

    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if text is None or text in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(text).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(event: str, arguments: tuple) -> None:
    """The audit hook: called at every event of the interpreter, nearly all of which are others."""
    if not event.startswith("socket."):
        return
    if event in NAMES:
        host = arguments[0]
    elif event in ADDRESSES and isinstance(arguments[1], tuple) and isinstance(arguments[1][0], str | bytes):
        host = arguments[1][0]  # an address of another kind is a file or the kernel: it stays on this machine
    else:
        return
    if here(host):
        return
    import errno
    import socket

    if log := os.environ.get("PROOFGRID_NETWORK_LOG"):
        with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123  pathlib would be one import more
            file.write(f"{event} {host!r} in {' '.join(sys.argv)[:200]}\n")
    if event in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, f"the network is refused: {host!r}")
    raise OSError(errno.ENETUNREACH, f"the network is refused: {host!r}")


sys.addaudithook(refuse)
