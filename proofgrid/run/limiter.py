"""How many requests a model has in flight: additive increase, multiplicative decrease (AIMD; Chiu & Jain 1989).

Until the first refusal the limit grows by one an answer (it doubles every round trip); after it, by one a round trip.
A refusal halves it, once for all requests that were in flight together; ``Retry-After`` holds everything back.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Limiter:
    """An adaptive bound on concurrency for one model, in one event loop."""

    def __init__(self, maximum: int, start: int = 16) -> None:
        self.maximum = max(1, maximum)
        self.limit = float(min(start, self.maximum))
        self.in_flight = 0
        self._slow_start = True
        self._decreased_at = float("-inf")
        self._resume_at = float("-inf")
        self._waiters: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Wait for a place, and for the end of a pause; then take it."""
        loop = asyncio.get_running_loop()
        while self.in_flight >= int(self.limit) or loop.time() < self._resume_at:
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                self._wake()
                raise
        self.in_flight += 1

    def release(self) -> None:
        """Give a place back."""
        self.in_flight -= 1
        self._wake()

    def succeeded(self) -> None:
        """An answer came: grow."""
        self.limit = min(self.maximum, self.limit + (1.0 if self._slow_start else 1.0 / self.limit))

    def refused(self, sent_at: float, retry_after: float | None) -> None:
        """The server asked for less. ``sent_at`` is the loop's time when the refused request left.

        Requests that left before the last decrease say nothing new about the limit that holds now.
        """
        loop = asyncio.get_running_loop()
        self._slow_start = False
        if sent_at > self._decreased_at:
            self.limit = max(1.0, self.limit / 2)
            self._decreased_at = loop.time()
        if retry_after:
            self.pause(retry_after)

    def pause(self, seconds: float) -> None:
        """Let nothing start for so long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if until > self._resume_at:
            self._resume_at = until
            loop.call_at(until + 0.001, self._wake)

    def _wake(self) -> None:
        free = int(self.limit) - self.in_flight
        while free > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                free -= 1
