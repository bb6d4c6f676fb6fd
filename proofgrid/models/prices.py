"""What tokens cost: the user's ``prices``, or else the published prices that genai-prices packs (no network).

Amounts are USD. Prices of models.yaml are per million tokens and the same at all hours; genai-prices also knows tiers
(long prompts) and hours, so its amounts are asked of it for each answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

TABLE = "genai-prices"
"""The distribution whose packed table is used; a run's header names its version."""
PROVIDERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "anthropic-compat": "anthropic",
    "google": "google",
    "openrouter": "openrouter",
    "deepseek": "deepseek",
    "together": "together",
    "mistral": "mistral",
    "xai": "x-ai",
    "groq": "groq",
    "fireworks": "fireworks",
}
"""Our providers by their names in the table."""


@cache
def table_version() -> str | None:
    """``genai-prices X.Y.Z`` if it is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{TABLE} {version(TABLE)}"
    except PackageNotFoundError:
        return None


@cache
def known(provider: str, model: str) -> bool:
    """Whether the table has a price for prompts and answers of a model."""
    return table_cost(provider, model, 1000, 1000) is not None


def table_cost(
    provider: str,
    model: str,
    prompt: int,
    completion: int,
    cached: int = 0,
    written: int = 0,
    when: datetime | None = None,
) -> float | None:
    """What so many tokens cost at an hour (now); None if the table does not know the model.

    A price of exactly nothing for prompt and answer is taken for unknown: free tiers are not what a bound is for.
    """
    if provider not in PROVIDERS:
        return None
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        return None
    usage = Usage(
        input_tokens=prompt,
        output_tokens=completion,
        cache_read_tokens=min(cached, prompt) or None,
        cache_write_tokens=min(written, max(0, prompt - cached)) or None,
    )
    try:
        found = calc_price(usage, model, provider_id=PROVIDERS[provider], genai_request_timestamp=when)
        total = Decimal(found.total_price)
        rates: Any = found.model_price
    except (LookupError, ValueError, ArithmeticError, TypeError, AttributeError):
        return None
    if rates.input_mtok is None or rates.output_mtok is None:
        return None
    return float(total)


@cache
def dearest_table_cost(provider: str, model: str, prompt: int, completion: int) -> float | None:
    """The most that so many tokens can cost at any hour of the day, nothing cached."""
    now = datetime.now(UTC)
    hours = [table_cost(provider, model, prompt, completion, when=now + timedelta(hours=hour)) for hour in range(24)]
    return None if any(cost is None for cost in hours) else max(cost for cost in hours if cost is not None)


def listed_cost(price: Mapping[str, float], prompt: int, completion: int, cached: int = 0) -> float:
    """What so many tokens cost by ``prices`` of models.yaml."""
    cached = min(cached, prompt)
    cached_price = price.get("cached_input", price["input"])
    return ((prompt - cached) * price["input"] + cached * cached_price + completion * price["output"]) / 1e6
