"""The limiter and the budget by themselves: what they promise under any order of events."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofgrid.models.failures import retry_after
from proofgrid.run.budget import Budget, bound, prompt_tokens
from proofgrid.run.limiter import Limiter
from proofgrid.run.records import Spent
from tests.proofgrid.small_items import server_model


def test_the_limit_doubles_then_halves_then_creeps() -> None:
    """Before a refusal each answer adds one; a refusal halves once for all that were out; then one a round trip."""

    async def play() -> None:
        limiter = Limiter(100, start=4)
        for _ in range(4):
            limiter.succeeded()
        assert limiter.limit == 8
        sent = asyncio.get_running_loop().time()
        await asyncio.sleep(0.002)
        for _ in range(5):
            limiter.refused(sent, None)
        assert limiter.limit == 4
        for _ in range(4):
            limiter.succeeded()
        assert 4.9 < limiter.limit < 5.1
        for _ in range(2000):
            limiter.succeeded()
        assert limiter.limit <= 100
        for _ in range(20):
            await asyncio.sleep(0.001)
            limiter.refused(asyncio.get_running_loop().time(), None)
        assert limiter.limit == 1

    asyncio.run(play())


@given(st.integers(0, 10**6))
@settings(max_examples=20, derandomize=True, deadline=None)
def test_never_more_in_flight_than_the_limit_and_nobody_waits_for_ever(seed: int) -> None:
    """Random answers, refusals and cancellations: places are neither exceeded nor lost."""

    async def play() -> None:
        random = Random(seed)
        limiter = Limiter(8, start=2)
        done = 0

        async def one() -> None:
            nonlocal done
            await limiter.acquire()
            assert limiter.in_flight <= 8
            try:
                await asyncio.sleep(random.choice([0, 0, 0.001]))
                if random.random() < 0.3:
                    limiter.refused(asyncio.get_running_loop().time(), random.choice([None, 0.002]))
                else:
                    limiter.succeeded()
                done += 1
            finally:
                limiter.release()

        tasks = [asyncio.create_task(one()) for _ in range(60)]
        await asyncio.sleep(0)
        cancelled = [task for task in tasks if random.random() < 0.2 and task.cancel()]
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
        assert limiter.in_flight == 0
        assert done >= 60 - len(cancelled)

    asyncio.run(play())


@given(st.integers(0, 10**6))
@settings(max_examples=20, derandomize=True, deadline=None)
def test_a_budget_is_never_passed_and_is_used(seed: int) -> None:
    """Whatever requests cost within their bounds, the total stays within the limit and comes near it."""

    async def play() -> None:
        random = Random(seed)
        budget = Budget(10.0, None)

        async def one() -> bool:
            if not await budget.reserve(Spent(1.0, 10)):
                return False
            await asyncio.sleep(random.choice([0, 0.001]))
            budget.settle(Spent(1.0, 10), Spent(random.uniform(0.1, 1.0), 10))
            assert budget.spent.cost <= 10.0
            return True

        results = await asyncio.wait_for(asyncio.gather(*(one() for _ in range(150))), 10)
        assert budget.exhausted
        assert budget.spent.cost > 9.0
        assert 10 <= sum(results) <= 100

    asyncio.run(play())


def test_bounds_are_above_what_a_request_can_cost() -> None:
    """Two bytes a token and max_tokens bound the price; without a limit on answers one is assumed."""
    config = server_model("http://127.0.0.1:1/v1", max_tokens=1000, prices={"input": 1.0, "output": 2.0})
    assert prompt_tokens("ab∧") == 3
    assert bound(config, "x" * 2000) == Spent(pytest.approx((1000 + 2000) / 1e6), 2000)
    assert bound(server_model("http://127.0.0.1:1/v1"), "").tokens > 1000


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds and dates are waits; nonsense is none."""
    assert retry_after(headers) == seconds
