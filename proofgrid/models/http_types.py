"""The HTTP types of the openai SDK: from httpx2 (3.x) or httpx (before), so that both work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx2 import AsyncByteStream, Limits, Response, Timeout
else:
    try:
        from httpx2 import AsyncByteStream, Limits, Response, Timeout
    except ImportError:
        from httpx import AsyncByteStream, Limits, Response, Timeout

__all__ = ["AsyncByteStream", "Limits", "Response", "Timeout", "aiohttp_client"]

MAX_CONNECTIONS = 2048
"""Above every concurrency that a run uses: waiting for a connection must never look like a slow server."""


def aiohttp_client(sdk: Any, timeout: Timeout) -> Any:
    """The SDK's client over aiohttp (twice as fast as its default), or its default one where it has none."""
    limits = Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    try:
        return sdk.DefaultAioHttpClient(limits=limits, timeout=timeout)
    except (AttributeError, RuntimeError):
        return sdk.DefaultAsyncHttpxClient(limits=limits, timeout=timeout)
