"""Bounds on what a run may spend: a request starts only where even its dearest answer still fits.

The price of a request is bounded by its prompt and ``max_tokens``. What is in flight counts at that bound and is
settled at its real cost, or at the bound if the server does not say what it used; so the total never passes the limit
where ``max_tokens`` is set, and near the limit requests run one after another instead of stopping early.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable

from proofgrid.models.base import Message
from proofgrid.models.completion import Completion
from proofgrid.models.config import ModelConfig
from proofgrid.models.failures import RequestFailed
from proofgrid.run.records import Spent

ASSUMED_ANSWER = 16_384
"""Tokens an answer is taken to have at most if the user sets no max_tokens."""


def prompt_tokens(text: str | int) -> int:
    """A generous count of a prompt's tokens: one for every 2 bytes (formulas are poor in long tokens).

    ``text`` may be its length in bytes.
    """
    return math.ceil((text if isinstance(text, int) else len(text.encode("utf-8", "replace"))) / 2)


def bound(config: ModelConfig, messages: Iterable[Message] | str) -> Spent:
    """What one request costs at most; USD is 0 if the price is unknown."""
    if config.api == "builtin":
        return Spent()
    prompt = messages if isinstance(messages, str) else "".join(message.content for message in messages)
    asked = prompt_tokens((config.system or "") + prompt)
    answered = config.max_tokens or ASSUMED_ANSWER
    return Spent(config.cost(asked, answered, dearest=True) or 0.0, asked + answered)


def spent_on(config: ModelConfig, most: Spent, told: Completion | RequestFailed) -> Spent:
    """What a try counts for: what the server says it used, or ``most`` if it does not say and may have charged."""
    if isinstance(told, RequestFailed):
        if not told.billed:
            return Spent()
        usage = told.usage
        if usage is None or usage.prompt is None or usage.completion is None:
            return most
        cost = config.cost(usage.prompt, usage.completion, usage.cached, usage.written)
        return Spent(most.cost if cost is None else cost, usage.prompt + usage.completion)
    known = told.prompt_tokens is not None and told.completion_tokens is not None
    tokens = (told.prompt_tokens or 0) + (told.completion_tokens or 0) if known else most.tokens
    return Spent(most.cost if told.cost is None else told.cost, tokens)


class Budget:
    """Spending of all models of a run together. ``exhausted`` says, in words, which limit was reached."""

    def __init__(self, max_cost: float | None, max_tokens: int | None, spent: Spent = Spent()) -> None:  # noqa: B008
        self.max_cost = max_cost
        self.max_tokens = max_tokens
        self.spent = spent
        self.exhausted: str | None = None
        self._held = Spent()
        self._holders = 0
        self._settled = asyncio.Event()

    async def reserve(self, most: Spent) -> bool:
        """Hold a request's bound; False if it can no longer fit. Waits while what is in flight may make room."""
        while self.exhausted is None:
            over = self._over(most)
            if over is None:
                self.hold(most)
                return True
            if self._holders == 0:
                self.exhausted = over
                break
            self._settled.clear()
            await self._settled.wait()
        self._settled.set()
        return False

    def try_reserve(self, most: Spent) -> bool:
        """Hold a request's bound if it fits now."""
        if self.exhausted is not None or self._over(most) is not None:
            return False
        self.hold(most)
        return True

    def hold(self, most: Spent) -> None:
        """Hold a request's bound unasked: it was sent by an earlier process."""
        self._held += most
        self._holders += 1

    def give_up(self, most: Spent) -> None:
        """Note that nothing in flight can make room for a request."""
        self.exhausted = self.exhausted or self._over(most)

    def settle(self, most: Spent, spent: Spent) -> None:
        """Replace a held bound by what the request really cost."""
        self.spent += spent
        self._holders -= 1
        # Sums of floats drift: with nothing held, exactly nothing is.
        self._held = Spent(self._held.cost - most.cost, self._held.tokens - most.tokens) if self._holders else Spent()
        self._settled.set()

    def _over(self, most: Spent) -> str | None:
        total = self.spent + self._held + most
        if self.max_cost is not None and total.cost > self.max_cost:
            return (
                f"--max-cost {self.max_cost:g} reached (${self.spent.cost:.4f} spent; the next request could pass it)"
            )
        if self.max_tokens is not None and total.tokens > self.max_tokens:
            used = f"{self.spent.tokens} used"
            return f"--max-tokens-total {self.max_tokens} reached ({used}; the next request could pass it)"
        return None
