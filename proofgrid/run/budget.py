"""Bounds on what a run may spend: a request starts only where even its dearest answer still fits.

The price of a request is bounded by its prompt and ``max_tokens``. What is in flight counts at that bound and is
settled at its real cost; so the total never passes the limit where ``max_tokens`` is set, and near the limit requests
run one after another instead of stopping early.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proofgrid.models.completion import Completion
    from proofgrid.models.spec import ModelConfig

ASSUMED_ANSWER = 16_384
"""Tokens an answer is taken to have at most where the user sets no max_tokens."""


def prompt_tokens(text: str | int) -> int:
    """A generous count of a prompt's tokens: one for every 2 bytes (formulas are poor in long tokens).

    ``text`` may be its length in bytes.
    """
    return math.ceil((text if isinstance(text, int) else len(text.encode("utf-8", "replace"))) / 2)


def bound(config: ModelConfig, prompt: str) -> tuple[float, int]:
    """(USD, tokens) that one request costs at most; USD is 0 where the price is unknown."""
    asked, answered = prompt_tokens(prompt), config.max_tokens or ASSUMED_ANSWER
    if config.api == "builtin":
        return 0.0, 0
    return config.cost(asked, answered) or 0.0, asked + answered


class Budget:
    """Spending of all models of a run together. ``exhausted`` says, in words, which limit was reached."""

    def __init__(self, max_cost: float | None, max_tokens: int | None, spent: tuple[float, int] = (0.0, 0)) -> None:
        self.max_cost = max_cost
        self.max_tokens = max_tokens
        self.cost, self.tokens = spent
        self.exhausted: str | None = None
        self._held = [0.0, 0]
        self._settled = asyncio.Event()

    async def reserve(self, most: tuple[float, int]) -> bool:
        """Hold a request's bound; False where it can no longer fit. Waits while what is in flight may make room."""
        if self.max_cost is None and self.max_tokens is None:
            return True
        while self.exhausted is None:
            over = self._over(most)
            if over is None:
                self._held[0] += most[0]
                self._held[1] += most[1]
                return True
            if self._held[1] == 0:
                self.exhausted = over
                break
            self._settled.clear()
            await self._settled.wait()
        self._settled.set()
        return False

    def try_reserve(self, most: tuple[float, int]) -> bool:
        """Hold a request's bound if it fits now."""
        if self.max_cost is None and self.max_tokens is None:
            return True
        if self.exhausted is not None or self._over(most) is not None:
            return False
        self._held[0] += most[0]
        self._held[1] += most[1]
        return True

    def hold(self, most: tuple[float, int]) -> None:
        """Hold a request's bound unasked: it was sent by an earlier process."""
        if self.max_cost is not None or self.max_tokens is not None:
            self._held[0] += most[0]
            self._held[1] += most[1]

    def give_up(self, most: tuple[float, int]) -> None:
        """Note that nothing in flight can make room for a request."""
        self.exhausted = self.exhausted or self._over(most)

    def settle(self, most: tuple[float, int], completion: Completion | None) -> None:
        """Replace a held bound by what the request really cost."""
        if completion is not None:
            self.cost += completion.cost or 0.0
            self.tokens += (completion.prompt_tokens or 0) + (completion.completion_tokens or 0)
        if self.max_cost is None and self.max_tokens is None:
            return
        self._held[0] = max(0.0, self._held[0] - most[0])
        self._held[1] -= most[1]
        self._settled.set()

    def _over(self, most: tuple[float, int]) -> str | None:
        if self.max_cost is not None and self.cost + self._held[0] + most[0] > self.max_cost:
            return f"--max-cost {self.max_cost:g} reached (${self.cost:.4f} spent; the next request could pass it)"
        if self.max_tokens is not None and self.tokens + self._held[1] + most[1] > self.max_tokens:
            return f"--max-tokens-total {self.max_tokens} reached ({self.tokens} used; the next request could pass it)"
        return None
